"""The merchant's git forge, as far as cloning and following a branch goes."""
