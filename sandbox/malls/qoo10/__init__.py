"""Qoo10 Japan (QAPI) as one shop sees it, on loopback."""
