"""Which request is which function, and at what rate it may be called (spec 2.1, 3, 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from re import Pattern

INVENTORY = r"/es/(?P<version>2\.[01])/inventories"
ITEMS = r"/es/2\.0/items"
ORDER = r"/es/2\.0/order"
LICENSE = r"/es/1\.0/license-management/license-key/expiry-date"
NUMBER = r"/manage-numbers/(?P<manageNumber>[^/]+)"
VARIANT = rf"{INVENTORY}{NUMBER}/variants/(?P<variantId>[^/]+)"


@dataclass(frozen=True)
class Route:
    """One function of the mall; ``per_s`` None where no rate is published."""

    function: str
    api: str
    method: str
    path: Pattern[str]
    per_s: float | None


def _route(function: str, api: str, method: str, path: str, per_s: float | None) -> Route:
    return Route(function, api, method, re.compile(path), per_s)


ROUTES: tuple[Route, ...] = (
    _route("variant_get", "inventory", "GET", VARIANT, 1),
    _route("variant_upsert", "inventory", "PUT", VARIANT, 1),
    _route("variant_delete", "inventory", "DELETE", VARIANT, 1),
    _route("bulk_get", "inventory", "POST", rf"{INVENTORY}/bulk-get", 5),
    _route("bulk_get_range", "inventory", "GET", rf"{INVENTORY}/bulk-get/range", 5),
    _route("bulk_upsert", "inventory", "POST", rf"{INVENTORY}/bulk-upsert", 1),
    _route("variant_list", "inventory", "GET", rf"/es/2\.1/inventories/variant-lists{NUMBER}", 1),
    _route("items_search", "item", "GET", rf"{ITEMS}/search", 5),
    _route("items_get", "item", "GET", rf"{ITEMS}{NUMBER}", 5),
    _route("items_bulk_get", "item", "POST", rf"{ITEMS}/bulk-get", 1),
    _route("items_settings", "item", "GET", rf"{ITEMS}/inventory-related-settings{NUMBER}", 1),
    _route("search_order", "order", "POST", rf"{ORDER}/searchOrder/?", 1),
    _route("get_order", "order", "POST", rf"{ORDER}/getOrder/?", 1),
    _route("expiry_date", "license", "GET", LICENSE, None),
)
FUNCTIONS = tuple(route.function for route in ROUTES)
