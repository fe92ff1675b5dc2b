"""Simulators of the malls, each written from its wire contract alone."""
