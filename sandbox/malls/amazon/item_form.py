"""A listing as the read operations give it (spec 6.2)."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sandbox.malls.amazon.goods import AMAZON, Listing
from sandbox.malls.amazon.settings import Settings
from sandbox.malls.amazon.wire import MARKETPLACE, Json, written

DATA_SETS = (
    "summaries",
    "attributes",
    "issues",
    "offers",
    "fulfillmentAvailability",
    "procurement",
    "relationships",
    "productTypes",
)


def item(listing: Listing, included: Collection[str], settings: Settings) -> Json:
    """Give the form of an item; without a choice its summaries only."""
    forms: dict[str, Callable[[], list[Json] | Json]] = {
        "summaries": lambda: [_summary(listing)],
        "attributes": lambda: _attributes(listing),
        "issues": lambda: list(listing.issues),
        "offers": lambda: [_offer(listing)],
        "fulfillmentAvailability": lambda: [_channel(listing, code, settings) for code in listing.entries],
        "relationships": lambda: [{"marketplaceId": MARKETPLACE, "relationships": []}],
        "productTypes": lambda: [{"marketplaceId": MARKETPLACE, "productType": listing.product_type}],
    }
    chosen = [name for name in included or ("summaries",) if name in forms]
    return {"sku": listing.sku, **{name: forms[name]() for name in chosen}}


def status_of(listing: Listing) -> list[str]:
    """Give the statuses: without stock nothing can be bought."""
    return ["BUYABLE", "DISCOVERABLE"] if listing.quantity else ["DISCOVERABLE"]


def _summary(listing: Listing) -> Json:
    return {
        "marketplaceId": MARKETPLACE,
        "asin": listing.asin,
        "productType": listing.product_type,
        "conditionType": "new_new",
        "status": status_of(listing),
        **({"fnSku": f"X00{listing.asin[-4:]}FAKE"} if listing.is_fba else {}),
        "itemName": listing.title,
        "createdDate": written(listing.created),
        "lastUpdatedDate": written(listing.updated),
    }


def _attributes(listing: Listing) -> Json:
    name = {"value": listing.title, "language_tag": "ja_JP", "marketplace_id": MARKETPLACE}
    return {"item_name": [name], "fulfillment_availability": list(listing.entries.values())}


def _channel(listing: Listing, code: str, settings: Settings) -> Json:
    form: Json = {"fulfillmentChannelCode": code}
    if code.startswith(AMAZON):
        return {**form, "quantity": listing.fba_quantity} if settings.fba_quantity_shown else form
    entry = listing.entries[code]
    return {**form, "quantity": entry["quantity"]} if "quantity" in entry else form


def _offer(listing: Listing) -> Json:
    return {
        "marketplaceId": MARKETPLACE,
        "offerType": "B2C",
        "price": {"currencyCode": "JPY", "amount": listing.price},
        "points": {"pointsNumber": 20},
    }
