"""Trouble that staff live through without touching a shop: one module a rehearsal."""
