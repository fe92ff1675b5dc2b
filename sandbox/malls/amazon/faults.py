"""What a test or a person lets go wrong at the mall, on demand (spec 15, row 10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.malls.amazon.routes import APIS, OUTSIDE

KINDS: dict[str, tuple[str, ...]] = {
    "status": ("code",),
    "status_after": ("code",),
    "rate_limit": ("level",),
    "maintenance": ("api",),
    "missing_role": (),
    "expired_token": (),
    "token_error": ("error", "status", "description"),
    "cut_before": (),
    "cut_after": (),
    "hold": (),
    "slow": ("seconds",),
    "html": (),
    "refuse": ("code", "how"),
    "feed_fatal": (),
    "feed_slow": ("seconds",),
}
"""Fault name -> its own arguments; every fault also takes ``function`` and ``count``."""

OPTIONS = {
    "api": (*APIS, "lwa", "all"),
    "level": ("", "the application", "relationships", "product data"),
    "how": ("later", "silent", "invalid"),
}
BY_NAME = {
    "token_error": ("token",),
    "refuse": ("patch_item", "create_feed"),
    "feed_fatal": ("create_feed",),
    "feed_slow": ("create_feed",),
}
"""Faults that meet certain functions only, whatever ``function`` says."""


@dataclass
class ActiveFault:
    """A fault that is on; ``left`` None lasts until cleared.

    An empty ``function`` means any call of the API; token endpoint and file store fail only by name.
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
        if self.function:
            return self.function == function
        if self.name in BY_NAME:
            return function in BY_NAME[self.name]
        return function not in OUTSIDE


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
        needed = {"refuse": "code", "feed_slow": "seconds"}.get(name)
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

    def take_refusal(self, sku: str, function: str) -> str:
        """Say how a write of this SKU is refused now; empty where it is not."""
        for fault in self._active:
            if fault.name == "refuse" and fault.options["code"] == sku and fault.meets(function):
                self._use(fault)
                return str(fault.options.get("how", "later"))
        return ""

    def maintained(self, api: str) -> bool:
        """Say whether an API is closed; ``all`` is everything but the token endpoint."""
        closed = [f.options.get("api", "all") for f in self._active if f.name == "maintenance"]
        return api in closed or ("all" in closed and api in APIS)

    def _use(self, fault: ActiveFault) -> None:
        if fault.left is None:
            return
        fault.left -= 1
        if fault.left <= 0:
            self._active.remove(fault)
