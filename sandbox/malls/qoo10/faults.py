"""What a test or a person lets go wrong at the mall, on demand (spec 11.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KINDS: dict[str, tuple[str, ...]] = {
    "status": ("code",),
    "rate_limit": (),
    "maintenance": (),
    "result": ("code", "message"),
    "gate": ("code",),
    "not_authorised": (),
    "refuse": ("code", "result"),
    "cut_before": (),
    "cut_after": (),
    "hold": (),
    "slow": ("seconds",),
    "html": (),
}
"""Fault name -> its own arguments; every fault also takes ``function`` and ``count``.

``status``, ``rate_limit``, ``maintenance`` and ``html`` are pages of the edge; ``result`` and ``gate``
are the two envelopes with any code; ``refuse`` lets writes of one listing fail.
"""


@dataclass
class ActiveFault:
    """A fault that is on; ``left`` None lasts until cleared, an empty ``function`` means any."""

    name: str
    function: str = ""
    left: int | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """Give what a person reads."""
        return {"name": self.name, "function": self.function or "any", "left": self.left, **self.options}


class Faults:
    """The faults that are on now."""

    def __init__(self) -> None:
        self._active: list[ActiveFault] = []

    def add(self, name: str, function: str, count: int | None, options: dict[str, Any]) -> None:
        """Switch a fault on.

        Raises:
            ValueError: the fault or one of its arguments is unknown.
        """
        if name not in KINDS:
            raise ValueError(f"no fault {name!r}; known: {', '.join(KINDS)}")
        if stray := set(options) - set(KINDS[name]):
            raise ValueError(f"fault {name} takes no {', '.join(sorted(stray))}")
        if name in ("refuse", "result", "gate") and "code" not in options:
            raise ValueError(f"{name} names a code")
        self._active.append(ActiveFault(name, function, count, options))

    def clear(self) -> None:
        """Switch every fault off."""
        self._active.clear()

    def rows(self) -> list[dict[str, Any]]:
        """Give every fault that is on."""
        return [fault.row() for fault in self._active]

    def take(self, names: tuple[str, ...], function: str) -> ActiveFault | None:
        """Give the oldest fault of these names that meets the function, and use it up by one."""
        for fault in self._active:
            if fault.name in names and fault.function in ("", function):
                self._use(fault)
                return fault
        return None

    def take_refusal(self, function: str, meets: Callable[[str], bool]) -> int:
        """Give the result code that a write of this listing fails with; 0 where it does not."""
        for fault in self._active:
            if fault.name == "refuse" and fault.function in ("", function) and meets(fault.options["code"]):
                self._use(fault)
                return int(fault.options.get("result", -10101))
        return 0

    def _use(self, fault: ActiveFault) -> None:
        if fault.left is None:
            return
        fault.left -= 1
        if fault.left <= 0:
            self._active.remove(fault)
