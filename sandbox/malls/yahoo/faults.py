"""What a test or a person lets go wrong at the mall, on demand (spec 3, 10.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.malls.common import faults
from sandbox.malls.common.faults import ActiveFault, refuse_unknown, require
from sandbox.malls.yahoo.routes import AUTH, FUNCTIONS

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
NEEDED = {"refuse": "code", "error": "error", "token_error": "error"}


class Faults(faults.Faults):
    """The faults that are on now. One without a function meets the store API; the token endpoint fails
    only by name.
    """

    kinds = KINDS
    functions = FUNCTIONS

    def check(self, name: str, _function: str, options: Mapping[str, Any]) -> None:
        """Refuse an API, a form or a fault that says too little."""
        refuse_unknown(options, OPTIONS)
        require(name, options, NEEDED)

    def befalls(self, fault: ActiveFault, function: str) -> bool:
        """Say whether a call of this function meets the fault."""
        if fault.name == "token_error":
            return function == "token"
        return fault.function == function or (not fault.function and function not in AUTH)

    def maintenance(self, api: str, function: str) -> ActiveFault | None:
        """Give the maintenance that an API is under."""
        return self.take_first(
            lambda fault: (
                fault.name == "maintenance"
                and fault.options.get("api", "all") in ("all", api)
                and self.befalls(fault, function)
            )
        )
