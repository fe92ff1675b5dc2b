"""The merchant's git forge: cloning, following and pushing branches, and pull requests over REST."""
