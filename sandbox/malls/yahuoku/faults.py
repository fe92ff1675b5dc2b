"""What a test or a person lets go wrong at the mall's screens, on demand.

``cut_before`` and ``cut_after``: an upload ends in 「通信エラー」, its rows not taken or taken all the
same (spec 5.2). ``maintenance``, ``logged_out``: the screen says so and does nothing. ``html``: a page
is saved in place of the file. ``truncated``: a download breaks off half-way.
"""

from __future__ import annotations

from dataclasses import dataclass

UPLOAD, ORDERS, LISTINGS = FUNCTIONS = ("upload", "download_orders", "download_listings")
KINDS = {
    "cut_before": (UPLOAD,),
    "cut_after": (UPLOAD,),
    "maintenance": FUNCTIONS,
    "logged_out": FUNCTIONS,
    "html": (ORDERS, LISTINGS),
    "truncated": (ORDERS, LISTINGS),
}
"""Fault name -> the screens that it can strike."""


@dataclass
class ActiveFault:
    """A fault that is on; ``left`` None lasts until cleared, an empty ``function`` means any."""

    name: str
    function: str
    left: int | None

    def text(self) -> str:
        """Give what a person reads."""
        return f"{self.name} {self.function or 'any'}"


class Faults:
    """The faults that are on now."""

    def __init__(self) -> None:
        self.active: list[ActiveFault] = []

    def add(self, name: str, function: str, count: int | None) -> None:
        """Switch a fault on.

        Raises:
            ValueError: there is no such fault, or it does not strike there.
        """
        if name not in KINDS:
            raise ValueError(f"no fault {name!r}; known: {', '.join(KINDS)}")
        if function not in ("", *KINDS[name]):
            raise ValueError(f"fault {name} strikes {', '.join(KINDS[name])}")
        self.active.append(ActiveFault(name, function, count))

    def take(self, function: str, *names: str) -> str:
        """Give the oldest fault of these names that strikes the function, used up by one; else ""."""
        for fault in self.active:
            if fault.name in names and fault.function in ("", function):
                self._use(fault)
                return fault.name
        return ""

    def _use(self, fault: ActiveFault) -> None:
        if fault.left is None:
            return
        fault.left -= 1
        if fault.left <= 0:
            self.active.remove(fault)
