"""What a test or a person lets go wrong at the mall, on demand (spec 3, 10.7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.malls.yahoo.routes import AUTH

KINDS: dict[str, tuple[str, ...]] = {
    "status": ("code",),
    "error": ("error", "status", "message"),
    "rate_limit": ("retry_after",),
    "maintenance": ("api", "form"),
    "publishing": (),
    "invalid_token": (),
    "insufficient_scope": (),
    "ip_denied": (),
    "token_error": ("error", "status", "error_code"),
    "cut_before": (),
    "cut_after": (),
    "status_after": ("code",),
    "truncated": (),
    "ng": (),
    "hold": (),
    "slow": ("seconds",),
    "html": ("status",),
    "refuse": ("code", "error"),
}
"""Fault name -> its own arguments; every fault also takes ``function`` and ``count``."""

APIS = ("stock", "order", "item", "all")
FORMS = ("ed-00002", "old", "html")
OPTIONS = {"api": APIS, "form": FORMS}


@dataclass
class ActiveFault:
    """A fault that is on; ``left`` None lasts until cleared.

    An empty ``function`` means any call of the store API; the token endpoint fails only by name.
    """

    name: str
    function: str = ""
    left: int | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """Give what a person reads."""
        return {"name": self.name, "function": self.function or "any", "left": self.left, **self.options}

    def meets(self, function: str) -> bool:
        """Say whether a call of this function meets the fault."""
        if self.name == "token_error":
            return function == "token"
        return self.function == function or (not self.function and function not in AUTH)


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
        for option, known in OPTIONS.items():
            if options.get(option, known[0]) not in known:
                raise ValueError(f"{option} is one of {', '.join(known)}")
        needed = {"refuse": "code", "error": "error", "token_error": "error"}.get(name)
        if needed and needed not in options:
            raise ValueError(f"fault {name} needs {needed}")
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
            if fault.name in names and fault.meets(function):
                self._use(fault)
                return fault
        return None

    def take_refusals(self, meets: Callable[[str], bool]) -> list[ActiveFault]:
        """Give the ``refuse`` faults whose listing is met, and use each up by one."""
        found = [f for f in self._active if f.name == "refuse" and meets(f.options["code"])]
        for fault in found:
            self._use(fault)
        return found

    def maintenance(self, api: str, function: str) -> ActiveFault | None:
        """Give the maintenance that an API is under."""
        for fault in self._active:
            closed = fault.options.get("api", "all")
            if fault.name == "maintenance" and closed in ("all", api) and fault.meets(function):
                self._use(fault)
                return fault
        return None

    def _use(self, fault: ActiveFault) -> None:
        if fault.left is None:
            return
        fault.left -= 1
        if fault.left <= 0:
            self._active.remove(fault)
