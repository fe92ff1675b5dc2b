"""The script of a rehearsal as the page shows it: what happens, what to try, what was seen."""

from __future__ import annotations

from typing import Any

from sandbox.web import WebHost
from sandbox.world import World, call_verb


class Script:
    """A part of the sandbox without a wire: it holds what a rehearsal shows on the page."""

    name = "script"

    def __init__(self, world: World, _web: WebHost | None = None) -> None:
        self._world = world
        self._shown: dict[str, Any] | None = None

    def start(self) -> None:
        """Open nothing."""

    def stop(self) -> None:
        """Close nothing."""

    def addresses(self) -> dict[str, Any]:
        """Give nothing: no bot comes here."""
        return {}

    def control(self, verb: str, arguments: dict[str, Any]) -> Any:
        """Do a verb under the sandbox's lock."""
        with self._world.lock:
            result = call_verb(self, verb, arguments)
            self._world.notify()
        return result

    def do_show(self, script: dict[str, Any]) -> None:
        """Put a script on the page in the place of the one before; see ``model.shown``."""
        self._shown = script

    def do_view(self) -> dict[str, Any] | None:
        """Give the script on the page, or null."""
        return self._shown
