"""Qoo10 Japan: the QAPI (QSM API) of one shop."""
