"""``searchListingsItems``: many listings, 20 a page, 1,000 in all (spec 6.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sandbox.malls.amazon.goods import Goods, Listing
from sandbox.malls.amazon.item_form import DATA_SETS, item, status_of
from sandbox.malls.amazon.listings import check_place
from sandbox.malls.amazon.paging import Tokens
from sandbox.malls.amazon.settings import Settings
from sandbox.malls.amazon.wire import Answer, Call, Json, invalid

REACH = 1_000
TYPES = ("SKU", "ASIN", "JAN", "EAN", "GTIN", "FNSKU", "ISBN", "UPC", "MINSAN")
STATUSES = ("BUYABLE", "DISCOVERABLE")
KEYS: dict[str, Callable[[Listing], tuple[object, str]]] = {
    "sku": lambda listing: (listing.sku, ""),
    "createdDate": lambda listing: (listing.created, listing.sku),
    "lastUpdatedDate": lambda listing: (listing.updated, listing.sku),
}


class Search:
    """Finds listings; an unknown SKU is simply absent, or told otherwise."""

    def __init__(self, goods: Goods, tokens: Tokens, settings: Settings) -> None:
        self._goods = goods
        self._tokens = tokens
        self._settings = settings

    def search(self, call: Call) -> Answer:
        """Answer ``searchListingsItems``; nothing comes in the order of the question."""
        check_place(call, self._settings)
        included = call.listed("includedData", DATA_SETS)
        size = call.number("pageSize", 10, 20)
        asked = {name: value for name, value in call.query.items() if name not in ("pageToken", "pageSize")}
        start = int(self._tokens.read(call.query["pageToken"], asked)) if "pageToken" in call.query else 0
        found = self._found(call)
        page = found[start : min(start + size, REACH)]
        bare = self._bare(call, {listing.sku for listing in found})
        body: Json = {
            "numberOfResults": len(found) + len(bare),
            "items": [item(listing, included, self._settings) for listing in page] + bare,
        }
        pagination = {}
        if start + size < min(len(found), REACH):
            pagination["nextToken"] = self._tokens.give(asked, str(start + size))
        if start:
            pagination["previousToken"] = self._tokens.give(asked, str(max(0, start - size)))
        return Answer(200, {**body, "pagination": pagination} if pagination else body)

    def _bare(self, call: Call, known: set[str]) -> list[Json]:
        """Give the SKUs asked for by name that nobody sells, where the mall gives such at all."""
        if self._settings.unknown_item == "absent" or call.query.get("identifiersType") != "SKU":
            return []
        return [{"sku": sku} for sku in call.listed("identifiers", cap=20) if sku not in known]

    def _found(self, call: Call) -> list[Listing]:
        order = call.query.get("sortBy", "lastUpdatedDate")
        direction = call.query.get("sortOrder", "DESC")
        if order not in KEYS or direction not in ("ASC", "DESC"):
            raise invalid("Invalid value for parameter 'sortBy' or 'sortOrder'.")
        named = self._named(call)
        found = [listing for listing in self._goods.listings.values() if named(listing)]
        found = [listing for listing in found if _meets(listing, call)]
        return sorted(found, key=KEYS[order], reverse=direction == "DESC")

    def _named(self, call: Call) -> Callable[[Listing], bool]:
        wanted = call.listed("identifiers", cap=20)
        kind = call.query.get("identifiersType")
        if bool(wanted) != (kind is not None):
            raise invalid("'identifiers' and 'identifiersType' belong together.")
        if kind is not None and kind not in TYPES:
            raise invalid(f"Invalid value '{kind}' for parameter 'identifiersType'.")
        groups = [name for name in ("variationParentSku", "packageHierarchySku") if name in call.query]
        if len(groups) + bool(wanted) > 1:
            raise invalid("'identifiers', 'variationParentSku' and 'packageHierarchySku' exclude each other.")
        if groups:
            return lambda _listing: False
        if not wanted:
            return lambda _listing: True
        return lambda listing: {"SKU": listing.sku, "ASIN": listing.asin}.get(str(kind)) in wanted


def _meets(listing: Listing, call: Call) -> bool:
    spans = (("created", listing.created), ("lastUpdated", listing.updated))
    if not all(_within(moment, call, name) for name, moment in spans):
        return False
    statuses = status_of(listing)
    wanted = call.listed("withStatus", STATUSES)
    unwanted = call.listed("withoutStatus", STATUSES)
    severities = call.listed("withIssueSeverity", ("WARNING", "ERROR"))
    return (
        all(status in statuses for status in wanted)
        and not any(status in statuses for status in unwanted)
        and (not severities or any(issue["severity"] in severities for issue in listing.issues))
    )


def _within(moment: datetime, call: Call, name: str) -> bool:
    after, before = call.time(f"{name}After"), call.time(f"{name}Before")
    return (after is None or moment >= after) and (before is None or moment <= before)
