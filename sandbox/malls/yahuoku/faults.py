"""What a test or a person lets go wrong at the mall's screens, on demand.

``cut_before`` and ``cut_after``: an upload ends in 「通信エラー」, its rows not taken or taken all the
same (spec 5.2). ``maintenance``, ``logged_out``: the screen says so and does nothing. ``html``: a page
is saved in place of the file. ``truncated``: a download breaks off half-way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.malls.common import faults

UPLOAD, ORDERS, LISTINGS = FUNCTIONS = ("upload", "download_orders", "download_listings")
SCREENS = {
    "cut_before": (UPLOAD,),
    "cut_after": (UPLOAD,),
    "maintenance": FUNCTIONS,
    "logged_out": FUNCTIONS,
    "html": (ORDERS, LISTINGS),
    "truncated": (ORDERS, LISTINGS),
}
"""Fault name -> the screens that it can strike."""


class Faults(faults.Faults):
    """The faults that are on now."""

    kinds = dict.fromkeys(SCREENS, ())
    functions = FUNCTIONS

    def check(self, name: str, function: str, _options: Mapping[str, Any]) -> None:
        """Refuse a fault for a screen that it does not strike."""
        if function not in ("", *SCREENS[name]):
            raise ValueError(f"fault {name} strikes {', '.join(SCREENS[name])}")

    def texts(self) -> list[str]:
        """Give every fault that is on, and the screen that it strikes."""
        return [f"{fault.name} {fault.function or 'any'}" for fault in self._active]

    def strike(self, function: str, *names: str) -> str:
        """Give the oldest fault of these names that strikes the function, used up by one; else ""."""
        fault = self.take(names, function)
        return fault.name if fault else ""
