"""What a test or a person lets go wrong at the mall, on demand (spec 11.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.malls.common import faults
from sandbox.malls.common.faults import require
from sandbox.malls.qoo10.methods import FUNCTIONS

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


class Faults(faults.Faults):
    """The faults that are on now."""

    kinds = KINDS
    functions = FUNCTIONS

    def check(self, name: str, _function: str, options: Mapping[str, Any]) -> None:
        """Refuse a fault that has not the code which it is about."""
        require(name, options, dict.fromkeys(("refuse", "result", "gate"), "code"))

    def take_refusal(self, function: str, meets: Callable[[str], bool]) -> int:
        """Give the result code that a write of this listing fails with; 0 where it does not."""
        fault = self.take_first(
            lambda fault: (
                fault.name == "refuse" and self.befalls(fault, function) and meets(fault.options["code"])
            )
        )
        return int(fault.options.get("result", -10101)) if fault else 0
