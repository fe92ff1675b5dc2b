"""What a test or a person lets go wrong at the mall, on demand (spec 6.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KINDS: dict[str, tuple[str, ...]] = {
    "status": ("code", "command"),
    "rate_limit": ("retry_after",),
    "maintenance": (),
    "not_granted": ("reason",),
    "unauthorised": (),
    "redirect": (),
    "cut_before": ("command",),
    "cut_after": ("command",),
    "timeout": (),
    "hold": (),
    "slow": ("seconds",),
    "html": (),
    "truncate_json": (),
    "foreign_next_url": ("form",),
    "partial": ("nth", "error"),
    "refuse": ("code", "error"),
    "omit": ("nth",),
    "reject": ("error",),
    "login_530": (),
    "tls_refused": (),
    "not_taken": (),
}
"""Fault name -> its own arguments; every fault also takes ``function`` and ``count``.

``command`` names a command of the FTP area, which is the function ``ftp``: there ``status`` is a reply.
"""

ALIASES: dict[str, tuple[str, dict[str, Any]]] = {
    "http_500": ("status", {"code": 500}),
    "applied_but_timeout": ("hold", {}),
}
"""The spec's own names for what has a common one."""

FOREIGN_FORMS = ("host", "scheme", "path", "no_cursor")


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
        name, given = ALIASES.get(name, (name, {}))
        if name not in KINDS:
            raise ValueError(f"no fault {name!r}; known: {', '.join((*KINDS, *ALIASES))}")
        if stray := set(options) - set(KINDS[name]):
            raise ValueError(f"fault {name} takes no {', '.join(sorted(stray))}")
        if name == "refuse" and "code" not in options:
            raise ValueError("refuse names the code of a listing")
        if name == "foreign_next_url" and options.get("form", "host") not in FOREIGN_FORMS:
            raise ValueError(f"form is one of {', '.join(FOREIGN_FORMS)}")
        self._active.append(ActiveFault(name, function, count, {**options, **given}))

    def clear(self) -> None:
        """Switch every fault off."""
        self._active.clear()

    def rows(self) -> list[dict[str, Any]]:
        """Give every fault that is on."""
        return [fault.row() for fault in self._active]

    def on(self, name: str) -> bool:
        """Say whether a fault is on, without using it up."""
        return any(fault.name == name for fault in self._active)

    def take(self, names: tuple[str, ...], function: str, command: str = "") -> ActiveFault | None:
        """Give the oldest fault of these names that meets the function, and use it up by one."""
        for fault in self._active:
            meets = fault.function in ("", function) and fault.options.get("command", command) == command
            if fault.name in names and meets:
                self._use(fault)
                return fault
        return None

    def take_refusals(self, meets: Callable[[str], bool]) -> list[ActiveFault]:
        """Give the ``refuse`` faults whose listing is met, and use each up by one."""
        found = [fault for fault in self._active if fault.name == "refuse" and meets(fault.options["code"])]
        for fault in found:
            self._use(fault)
        return found

    def _use(self, fault: ActiveFault) -> None:
        if fault.left is None:
            return
        fault.left -= 1
        if fault.left <= 0:
            self._active.remove(fault)
