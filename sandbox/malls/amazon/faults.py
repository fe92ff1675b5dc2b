"""What a test or a person lets go wrong at the mall, on demand (spec 15, row 10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.malls.amazon.routes import APIS, FUNCTIONS, OUTSIDE
from sandbox.malls.common import faults
from sandbox.malls.common.faults import ActiveFault, refuse_unknown, require

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
NEEDED = {"refuse": "code", "feed_slow": "seconds"}
BY_NAME = {
    "token_error": ("token",),
    "refuse": ("patch_item", "create_feed"),
    "feed_fatal": ("create_feed",),
    "feed_slow": ("create_feed",),
}
"""Faults that meet certain functions only, whatever ``function`` says."""


class Faults(faults.Faults):
    """The faults that are on now. One without a function meets any call of the API; token endpoint and
    file store fail only by name.
    """

    kinds = KINDS
    functions = FUNCTIONS

    def check(self, name: str, _function: str, options: Mapping[str, Any]) -> None:
        """Refuse an option with a value that it cannot have, or a fault that says too little."""
        refuse_unknown(options, OPTIONS)
        require(name, options, NEEDED)

    def befalls(self, fault: ActiveFault, function: str) -> bool:
        """Say whether a call of this function meets the fault."""
        if fault.function:
            return fault.function == function
        if fault.name in BY_NAME:
            return function in BY_NAME[fault.name]
        return function not in OUTSIDE

    def take_refusal(self, sku: str, function: str) -> str:
        """Say how a write of this SKU is refused now; empty where it is not."""
        fault = self.take_first(
            lambda fault: (
                fault.name == "refuse" and fault.options["code"] == sku and self.befalls(fault, function)
            )
        )
        return str(fault.options.get("how", "later")) if fault else ""

    def maintained(self, api: str) -> bool:
        """Say whether an API is closed; ``all`` is everything but the token endpoint."""
        closed = [f.options.get("api", "all") for f in self._active if f.name == "maintenance"]
        return api in closed or ("all" in closed and api in APIS)
