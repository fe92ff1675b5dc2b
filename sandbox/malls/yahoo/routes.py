"""Which request is which function (spec 0, 2, 4, 5, 6), and how often an application may ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

V1 = "/ShoppingWebService/V1"
YCONNECT = "/yconnect/v2"


@dataclass(frozen=True)
class Route:
    """One function of the mall."""

    function: str
    api: str
    method: str
    path: str


STORE_ROUTES: tuple[Route, ...] = (
    Route("set_stock", "stock", "POST", f"{V1}/setStock"),
    Route("get_stock", "stock", "POST", f"{V1}/getStock"),
    Route("upload_stock", "stock", "POST", f"{V1}/uploadStockFile"),
    Route("order_count", "order", "GET", f"{V1}/orderCount"),
    Route("order_list", "order", "POST", f"{V1}/orderList"),
    Route("order_info", "order", "POST", f"{V1}/orderInfo"),
    Route("my_item_list", "item", "GET", f"{V1}/myItemList"),
    Route("get_item", "item", "GET", f"{V1}/getItem"),
    Route("download_request", "item", "POST", f"{V1}/downloadRequest"),
    Route("download_submit", "item", "GET", f"{V1}/downloadSubmit"),
)
AUTH_ROUTES: tuple[Route, ...] = (
    Route("authorization", "auth", "GET", f"{YCONNECT}/authorization"),
    Route("consent", "auth", "GET", f"{YCONNECT}/consent"),
    Route("token", "auth", "POST", f"{YCONNECT}/token"),
    Route("callback", "auth", "GET", "/callback"),
)
AUTH = tuple(route.function for route in AUTH_ROUTES)
FUNCTIONS = tuple(route.function for route in STORE_ROUTES) + AUTH


class Quota:
    """What one application has used of its calls a day (spec 0)."""

    def __init__(self) -> None:
        self._days: dict[tuple[str, date], int] = {}

    def count(self, client: str, day: date) -> int:
        """Count one call and give the day's number."""
        self._days[client, day] = self._days.get((client, day), 0) + 1
        return self._days[client, day]
