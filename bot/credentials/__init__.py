"""Credentials: the vault that holds the values, and how a new value comes to live."""
