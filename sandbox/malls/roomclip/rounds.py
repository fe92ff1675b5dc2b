"""Runs what comes round by itself: TEMPOSTAR's and RoomClip's intervals on the sandbox's clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from sandbox.world import World

_LOOK_S = 0.05


class Round:
    """One thing that is done again and again."""

    def __init__(self, world: World, interval_s: float, act: Callable[[], None]) -> None:
        self._clock = world.clock
        self._interval_s = interval_s
        self._act = act
        self._due = world.clock.seconds() + interval_s

    def run_if_due(self) -> None:
        """Run once if the time has come, however far the clock was moved."""
        now = self._clock.seconds()
        if now < self._due:
            return
        self._act()
        on_time = self._due + self._interval_s
        self._due = on_time if on_time > now else now + self._interval_s


class Rounds:
    """A thread that looks at the clock and runs, under the sandbox's lock, what is due.

    It notifies the sandbox after each look, so that who waits for two of them has seen a whole one.
    """

    def __init__(self, world: World, rounds: Sequence[Round]) -> None:
        self._world = world
        self._rounds = rounds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="roomclip-rounds", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End at once."""
        self._stop.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stop.wait(_LOOK_S):
            with self._world.lock:
                for one in self._rounds:
                    one.run_if_due()
            self._world.notify()
