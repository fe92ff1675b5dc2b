"""Which request is which function, and how often a client may call (spec 2, 3, 3.4, 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from re import Pattern

ADMIN = "/admin-api/v1"
PER_S = 1.0  # calls of one client, token calls counted


@dataclass(frozen=True)
class Route:
    """One function of the mall."""

    function: str
    method: str
    path: Pattern[str]


ROUTES: tuple[Route, ...] = (
    Route("token", "POST", re.compile(r"/oauth/token")),
    Route("read_inventory", "GET", re.compile(rf"{ADMIN}/inventory")),
    Route("write_inventory", "POST", re.compile(rf"{ADMIN}/inventory")),
    Route("list_orders", "GET", re.compile(rf"{ADMIN}/shipping")),
    Route("get_order", "GET", re.compile(rf"{ADMIN}/orders/(?P<orderNo>[^/]+)")),
)
FUNCTIONS = (*(route.function for route in ROUTES), "ftp")
