"""What a test or a person lets go wrong at the mall, on demand (spec 5.5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

KINDS: dict[str, tuple[str, ...]] = {
    "slot_stuck": ("slot",),
    "no_result": ("slot",),
    "drop_in_transfer": ("bytes",),
    "login_530": (),
    "cert_expired": (),
    "tls_refused": (),
    "status": ("code", "text"),
    "rate_limit": (),
    "maintenance": (),
    "cut_before": (),
    "cut_after": (),
    "hold": (),
    "slow": ("seconds",),
    "html": ("slot",),
    "omit": ("nth",),
    "refuse": ("code", "error"),
}
"""Fault name -> its own arguments; every fault also takes ``function`` and ``count``."""

FUNCTIONS = ("connect", "auth", "login", "list", "upload", "download", "delete", "rename")
COMMANDS = {
    "CONNECT": "connect",
    "AUTH": "auth",
    "PASS": "login",
    "LIST": "list",
    "NLST": "list",
    "MLSD": "list",
    "STOR": "upload",
    "APPE": "upload",
    "RETR": "download",
    "DELE": "delete",
    "RNTO": "rename",
}
"""FTP command -> function, as faults name it."""

ANY = frozenset({"list", "upload", "download", "delete", "rename"})
"""What a fault without a function befalls: the work on files."""

SLOTS = ("item.csv", "option.csv")


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

    def meets(self, function: str) -> bool:
        """Say whether it befalls this function."""
        return self.function == function or (not self.function and function in ANY)


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
        if function and function not in FUNCTIONS:
            raise ValueError(f"no function {function!r}; known: {', '.join(FUNCTIONS)}")
        if options.get("slot", SLOTS[0]) not in SLOTS:
            raise ValueError(f"slot is one of {', '.join(SLOTS)}")
        if name == "refuse" and "code" not in options:
            raise ValueError("refuse names the code of a listing")
        if name == "drop_in_transfer":
            function = function or "upload"
        self._active.append(ActiveFault(name, function, count, options))

    def clear(self) -> None:
        """Switch every fault off."""
        self._active.clear()

    def rows(self) -> list[dict[str, Any]]:
        """Give every fault that is on."""
        return [fault.row() for fault in self._active]

    def on(self, name: str, slot: str = "") -> bool:
        """Say whether a fault is on, for this slot, without using it up."""
        return any(self._meets_slot(fault, name, slot) for fault in self._active)

    def take(self, name: str) -> ActiveFault | None:
        """Give the oldest fault of this name, whatever its function, and use it up by one."""
        return self._used(next((fault for fault in self._active if fault.name == name), None))

    def take_for(self, names: tuple[str, ...], function: str) -> ActiveFault | None:
        """Give the oldest fault of these names that befalls the function, and use it up by one."""
        meeting = (fault for fault in self._active if fault.name in names and fault.meets(function))
        return self._used(next(meeting, None))

    def take_slot(self, name: str, slot: str) -> ActiveFault | None:
        """Give the oldest fault of this name that befalls the slot, and use it up by one."""
        meeting = (fault for fault in self._active if self._meets_slot(fault, name, slot))
        return self._used(next(meeting, None))

    def take_refusal(self, code: str) -> ActiveFault | None:
        """Give the oldest ``refuse`` of this listing, and use it up by one."""
        meeting = (f for f in self._active if f.name == "refuse" and f.options["code"] == code)
        return self._used(next(meeting, None))

    @staticmethod
    def _meets_slot(fault: ActiveFault, name: str, slot: str) -> bool:
        return fault.name == name and fault.options.get("slot", slot) == slot

    def _used(self, fault: ActiveFault | None) -> ActiveFault | None:
        if fault is not None and fault.left is not None:
            fault.left -= 1
            if fault.left <= 0:
                self._active.remove(fault)
        return fault
