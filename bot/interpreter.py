"""How the threads of the bot share one interpreter: none keeps the others waiting for long."""

from __future__ import annotations

import gc
import sys

SWITCH_S = 0.0005
"""How long a thread that computes keeps the others waiting. Eight shops that compute at Python's own
5 ms hold up the steps of an acknowledgement for seconds (``python -m benchmarks.slack``)."""
YOUNG, FULL = 20_000, 1_000
"""Python looks for unreachable cycles among new objects after so many, among all after so many such looks.

A look among all stops every thread: up to 2 s while eight catalogues of 100,000 codes are planned,
and by Python's own measure several times a minute. So it is had by the clock (``sweep``); what is
not in a cycle is freed at once, as ever.
"""
SWEEP_EVERY_MIN = 10


def share() -> None:
    """Set the interpreter up for many threads that answer people and compute."""
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()  # what is here by now stays: no look need go through it
    gc.set_threshold(YOUNG, 10, FULL)


def sweep() -> None:
    """Free what only cycles hold."""
    gc.collect()
