"""Which request is which function, what its query may hold, and how often it may be called (spec 5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from re import Pattern

PART = r"[^/#]+"
ITEMS = rf"/listings/2021-08-01/items/(?P<sellerId>{PART})"
FEEDS = "/feeds/2021-06-30"
REPORTS = "/reports/2021-06-30"
ORDERS = "/orders/2026-01-01/orders"
V0 = "/orders/v0/orders"
FEED = rf"{FEEDS}/feeds/(?P<feedId>{PART})"

SEARCH_ITEMS = (
    "marketplaceIds issueLocale includedData identifiers identifiersType variationParentSku "
    "packageHierarchySku createdAfter createdBefore lastUpdatedAfter lastUpdatedBefore "
    "withIssueSeverity withStatus withoutStatus sortBy sortOrder pageSize pageToken"
)
SEARCH_ORDERS = (
    "createdAfter createdBefore lastUpdatedAfter lastUpdatedBefore fulfillmentStatuses marketplaceIds "
    "fulfilledBy maxResultsPerPage paginationToken includedData"
)
V0_ORDERS = (
    "CreatedAfter CreatedBefore LastUpdatedAfter LastUpdatedBefore OrderStatuses MarketplaceIds "
    "FulfillmentChannels MaxResultsPerPage NextToken AmazonOrderIds"
)
GET_FEEDS = "feedTypes marketplaceIds pageSize processingStatuses createdSince createdUntil nextToken"
DOCUMENT = "enableContentEncodingUrlHeader"


@dataclass(frozen=True)
class Route:
    """One function. ``per_s`` None: no bucket of its own at the door."""

    function: str
    api: str
    method: str
    path: Pattern[str]
    per_s: float | None
    burst: int
    query: frozenset[str]


def _route(function: str, call: str, per_s: float | None = None, burst: int = 0, query: str = "") -> Route:
    method, path = call.split(" ", 1)
    api = next((word for word in APIS if path.startswith(f"/{word}/")), "")
    return Route(function, api, method, re.compile(path), per_s, burst, frozenset(query.split()))


APIS = ("sellers", "listings", "feeds", "reports", "orders", "applications")

API_ROUTES: tuple[Route, ...] = (
    _route("participations", "GET /sellers/v1/marketplaceParticipations", 0.016, 15),
    _route(
        "patch_item",
        rf"PATCH {ITEMS}/(?P<sku>{PART})",
        5,
        5,
        "marketplaceIds includedData mode issueLocale",
    ),
    _route("get_item", rf"GET {ITEMS}/(?P<sku>{PART})", 5, 5, "marketplaceIds issueLocale includedData"),
    _route("search_items", f"GET {ITEMS}", 5, 5, SEARCH_ITEMS),
    _route("create_feed_document", f"POST {FEEDS}/documents", 0.5, 15),
    _route("create_feed", f"POST {FEEDS}/feeds"),  # its bucket depends on the feed's type
    _route("get_feeds", f"GET {FEEDS}/feeds", 0.0222, 10, GET_FEEDS),
    _route("get_feed", f"GET {FEED}", 2, 15),
    _route("cancel_feed", f"DELETE {FEED}", 2, 15),
    _route("get_feed_document", rf"GET {FEEDS}/documents/(?P<documentId>{PART})", 0.0222, 10, DOCUMENT),
    _route("create_report", f"POST {REPORTS}/reports", 0.0167, 15),
    _route("get_report", rf"GET {REPORTS}/reports/(?P<reportId>{PART})", 2, 15),
    _route("get_report_document", rf"GET {REPORTS}/documents/(?P<documentId>{PART})", 0.0167, 15, DOCUMENT),
    _route("search_orders", f"GET {ORDERS}", 0.0056, 20, SEARCH_ORDERS),
    _route("get_order", rf"GET {ORDERS}/(?P<orderId>{PART})", 0.5, 30, "includedData"),
    _route("v0_orders", f"GET {V0}", 0.0167, 20, V0_ORDERS),
    _route("v0_order", rf"GET {V0}/(?P<orderId>{PART})", 0.5, 30),
    _route("v0_order_items", rf"GET {V0}/(?P<orderId>{PART})/orderItems", 0.5, 30, "NextToken"),
    _route("rotate_secret", "POST /applications/2023-11-30/clientSecret", 0.0167, 1),
)
LWA_ROUTES: tuple[Route, ...] = (_route("token", "POST /auth/o2/token"),)
STORE_ROUTES: tuple[Route, ...] = (
    _route("upload", rf"PUT /documents/(?P<token>{PART})"),
    _route("download", rf"GET /documents/(?P<token>{PART})"),
)
OUTSIDE = ("token", "upload", "download")
FUNCTIONS = tuple(route.function for route in (*API_ROUTES, *LWA_ROUTES, *STORE_ROUTES))
