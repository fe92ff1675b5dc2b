"""What a test or a person lets go wrong at the mall, on demand (spec 8, row 13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.malls.common import faults
from sandbox.malls.common.faults import require
from sandbox.malls.rakuten.routes import FUNCTIONS

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


class Faults(faults.Faults):
    """The faults that are on now."""

    kinds = KINDS
    functions = FUNCTIONS

    def check(self, name: str, function: str, options: Mapping[str, Any]) -> None:
        """Refuse an API, a function or a number that the fault cannot have."""
        require(name, options, {"refuse": "code"})
        if name == "maintenance" and options.get("api", "all") not in APIS:
            raise ValueError(f"api is one of {', '.join(APIS)}")
        if name == "order_message" and (function not in ORDER_FUNCTIONS or "code" not in options):
            raise ValueError("order_message names an order function and a code")
        if name == "not_ticked" and not function:
            raise ValueError("not_ticked names a function")
        if name == "cut_after_bytes" and int(options.get("bytes", 0)) < 1:
            raise ValueError("cut_after_bytes names the bytes that still arrive, 1 or more")
        if name in SFTP_KINDS and function:
            raise ValueError(f"{name} takes no function")

    def maintained(self, api: str) -> bool:
        """Say whether an API is under maintenance."""
        closed = (f.options.get("api", "all") for f in self._active if f.name == "maintenance")
        return any(name in ("all", api) for name in closed)
