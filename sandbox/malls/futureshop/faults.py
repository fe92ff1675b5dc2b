"""What a test or a person lets go wrong at the mall, on demand (spec 6.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.malls.common import faults
from sandbox.malls.common.faults import ActiveFault, refuse_unknown, require
from sandbox.malls.futureshop.routes import FUNCTIONS

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

OPTIONS = {"form": ("host", "scheme", "path", "no_cursor")}


class Faults(faults.Faults):
    """The faults that are on now."""

    kinds = KINDS
    functions = FUNCTIONS

    def add(self, name: str, function: str, count: int | None, options: dict[str, Any]) -> None:
        """Switch a fault on, by either of its names."""
        name, given = ALIASES.get(name, (name, {}))
        super().add(name, function, count, {**options, **given})

    def check(self, name: str, _function: str, options: Mapping[str, Any]) -> None:
        """Refuse a fault without the listing that it is about, or of another form."""
        require(name, options, {"refuse": "code"})
        refuse_unknown(options, OPTIONS)

    def take(self, names: tuple[str, ...], function: str, command: str = "") -> ActiveFault | None:
        """Give the oldest fault of these names that meets the function, and use it up by one."""
        return self.take_first(
            lambda fault: (
                fault.name in names
                and self.befalls(fault, function)
                and fault.options.get("command", command) == command
            )
        )
