"""What a test or a person lets go wrong at the mall, on demand (spec 5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.malls.common import faults
from sandbox.malls.common.faults import ActiveFault, refuse_unknown, require

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


class Faults(faults.Faults):
    """The faults that are on now."""

    kinds = KINDS
    functions = FUNCTIONS

    def add(self, name: str, function: str, count: int | None, options: dict[str, Any]) -> None:
        """Switch a fault on; ``drop_in_transfer`` without a function is one of uploads."""
        usual = "upload" if name == "drop_in_transfer" else ""
        super().add(name, function or usual, count, options)

    def check(self, name: str, _function: str, options: Mapping[str, Any]) -> None:
        """Refuse another slot, or a refusal that names no listing."""
        refuse_unknown(options, {"slot": SLOTS})
        require(name, options, {"refuse": "code"})

    def befalls(self, fault: ActiveFault, function: str) -> bool:
        """Say whether a fault meets this function."""
        return fault.function == function or (not fault.function and function in ANY)

    def on(self, name: str, slot: str = "") -> bool:
        """Say whether a fault is on, for this slot, without using it up."""
        return any(_meets_slot(fault, name, slot) for fault in self._active)

    def take_any(self, name: str) -> ActiveFault | None:
        """Give the oldest fault of this name, whatever its function, and use it up by one."""
        return self.take_first(lambda fault: fault.name == name)

    def take_slot(self, name: str, slot: str) -> ActiveFault | None:
        """Give the oldest fault of this name that befalls the slot, and use it up by one."""
        return self.take_first(lambda fault: _meets_slot(fault, name, slot))

    def take_refusal(self, code: str) -> ActiveFault | None:
        """Give the oldest ``refuse`` of this listing, and use it up by one."""
        return self.take_first(lambda fault: fault.name == "refuse" and fault.options["code"] == code)


def _meets_slot(fault: ActiveFault, name: str, slot: str) -> bool:
    return fault.name == name and fault.options.get("slot", slot) == slot
