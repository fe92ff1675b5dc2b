"""Which code is which listing on which shop: read from git, checked, followed."""
