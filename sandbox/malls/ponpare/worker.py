"""The mall's own work on the files, in a thread that looks at the sandbox's clock (spec 5.2)."""

from __future__ import annotations

import threading

from sandbox.malls.ponpare.area import Area
from sandbox.world import World

_LOOK_S = 0.05


class Worker:
    """Looks into the slots again and again; tells the sandbox when something was done."""

    def __init__(self, world: World, area: Area) -> None:
        self._world = world
        self._area = area
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ponpare-worker", daemon=True)

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
                if self._area.work():
                    self._world.notify()
