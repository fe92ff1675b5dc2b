"""What a test or a person lets go wrong at the mall, on demand (spec 8, row 13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KINDS: dict[str, tuple[str, ...]] = {
    "status": ("code",),
    "rate_limit": ("retry_after",),
    "conflict": (),
    "maintenance": ("api",),
    "cut_before": (),
    "cut_after": (),
    "hold": (),
    "slow": ("seconds",),
    "non_atomic": (),
    "refuse": ("code", "error", "named"),
    "html": (),
    "not_ticked": (),
    "order_message": ("code", "order_number"),
    "sftp_refused": (),
    "old_host_key_only": (),
    "sftp_failure": (),
    "sftp_cut_before": (),
    "sftp_cut_after": (),
    "cut_after_bytes": ("bytes",),
    "not_taken": (),
}
"""Fault name -> its own arguments; every fault also takes ``function`` and ``count``.

``order_message`` is an error in ``MessageModelList`` on HTTP 200, of the call or of one order.
"""

SFTP_KINDS = (
    "sftp_refused",
    "old_host_key_only",
    "sftp_failure",
    "sftp_cut_before",
    "sftp_cut_after",
    "cut_after_bytes",
    "not_taken",
)
"""The faults of the CSV route, which have no function: a connection is closed unread, or offers
``ssh-rsa`` signatures only; every operation fails; the line is cut before a file is opened, or once
a file was opened for reading or has got its final name; an upload is cut; files are left lying."""

ORDER_FUNCTIONS = ("search_order", "get_order")
APIS = ("inventory", "item", "order", "license", "all")


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
        if name == "maintenance" and options.get("api", "all") not in APIS:
            raise ValueError(f"api is one of {', '.join(APIS)}")
        if name == "order_message" and (function not in ORDER_FUNCTIONS or "code" not in options):
            raise ValueError("order_message names an order function and a code")
        if name == "not_ticked" and not function:
            raise ValueError("not_ticked names a function")
        if name == "refuse" and "code" not in options:
            raise ValueError("refuse names the code of a listing")
        if name == "cut_after_bytes" and int(options.get("bytes", 0)) < 1:
            raise ValueError("cut_after_bytes names the bytes that still arrive, 1 or more")
        if name in SFTP_KINDS and function:
            raise ValueError(f"{name} takes no function")
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

    def on(self, name: str) -> bool:
        """Say whether a fault is on; it is not used up."""
        return any(fault.name == name for fault in self._active)

    def take_refusals(self, meets: Callable[[str], bool]) -> list[ActiveFault]:
        """Give the ``refuse`` faults whose listing is met, and use each up by one."""
        found = [f for f in self._active if f.name == "refuse" and meets(f.options["code"])]
        for fault in found:
            self._use(fault)
        return found

    def maintained(self, api: str) -> bool:
        """Say whether an API is under maintenance."""
        closed = (f.options.get("api", "all") for f in self._active if f.name == "maintenance")
        return any(name in ("all", api) for name in closed)

    def _use(self, fault: ActiveFault) -> None:
        if fault.left is None:
            return
        fault.left -= 1
        if fault.left <= 0:
            self._active.remove(fault)
