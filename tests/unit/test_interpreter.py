"""How the threads share the interpreter: what only cycles hold is freed by the clock."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator

import pytest

from bot import interpreter


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    threshold, switch_s = gc.get_threshold(), sys.getswitchinterval()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()
    sys.setswitchinterval(switch_s)


class Ring:
    """Holds on to itself."""

    def __init__(self) -> None:
        self.own = self


def test_ring_that_has_grown_old_is_freed_by_the_sweep_alone() -> None:
    interpreter.share()
    ring = Ring()
    gc.collect(1)  # it is among the old ones now
    seen = weakref.ref(ring)
    del ring
    gc.collect(1)
    assert seen() is not None
    interpreter.sweep()
    assert seen() is None


def test_thread_that_computes_gives_way_soon() -> None:
    interpreter.share()
    assert sys.getswitchinterval() == pytest.approx(interpreter.SWITCH_S)
