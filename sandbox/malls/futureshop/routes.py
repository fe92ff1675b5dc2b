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


def routes_of(path: str) -> list[tuple[Route, dict[str, str]]]:
    """Give the functions at a path, one per method, with the parts of the path."""
    met = ((route, route.path.fullmatch(path)) for route in ROUTES)
    return [(route, match.groupdict()) for route, match in met if match]


class Buckets:
    """One token bucket per client, burst 1: a refused call does not lengthen the wait."""

    def __init__(self) -> None:
        self._filled_at: dict[str, float] = {}

    def take(self, client_id: str, per_s: float, now_s: float) -> bool:
        """Take the token if it is there."""
        if now_s < self._filled_at.get(client_id, now_s):
            return False
        self._filled_at[client_id] = now_s + 1 / per_s
        return True
