"""Targets for inputs that nobody thought of."""
