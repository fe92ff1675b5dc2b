"""The listing forms: what is asked for, what is written, and whose stock a listing's number is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from adapters.amazon.wire import LOCALE, MARKETPLACE, amount, word
from adapters.contract import Address, Product, StockLevel
from adapters.fields import get, maybe, text

PAGE = 20
SEARCH_MAX = 1000  # more than this one search does not page through
MERCHANT = "DEFAULT"  # the channel of the merchant's own stock
QUANTITY_MAX = 99_999
CODE_MAX_BYTES = 40
# A dot or two alone would be taken for a step in the path.
CODE_PATTERN = r"(?!\.{1,2}$)(?! )[^\x00-\x1f\x7f\u3000]+(?<! )"

AMAZON_STOCK = "fulfilled by Amazon"
MIXED = "both Amazon's and own stock: decide for one of them"
NO_CHANNEL = "no own stock entered yet"


class Channel(StrEnum):
    """Whose stock a listing sells from."""

    MERCHANT = "DEFAULT"
    AMAZON = "AMAZON"
    MIXED = "MIXED"
    UNKNOWN = ""


_NOTES: Mapping[Channel, str] = {
    Channel.MERCHANT: "",
    Channel.AMAZON: AMAZON_STOCK,
    Channel.MIXED: MIXED,
    Channel.UNKNOWN: NO_CHANNEL,
}


def address_of(sku: str) -> Address:
    """Give the address of a SKU's own stock: one that Amazon fulfils has another channel there."""
    return (sku, MERCHANT)


def is_sku(code: str) -> bool:
    """Tell whether a text can be a SKU that the API can name."""
    return bool(re.fullmatch(CODE_PATTERN, code)) and len(code.encode()) <= CODE_MAX_BYTES


def is_own(address: Address) -> bool:
    """Tell whether an address is the merchant's own stock of a SKU."""
    return len(address) == 2 and address[1] == MERCHANT and is_sku(address[0])


# --------------------------------------------------------------------------- writing


def patch_form(quantity: int) -> dict[str, Any]:
    """Set the merchant's own quantity and leave the lead time and the restock date as they are.

    ``replace`` would wipe both. ``PRODUCT`` is taken for stock whatever the real product type is.

    Source: models listingsItems_2021-08-01 (ListingsItemPatchRequest); devdocs merge-a-listing.
    """
    value = {"fulfillment_channel_code": MERCHANT, "quantity": quantity}
    patch = {"op": "merge", "path": "/attributes/fulfillment_availability", "value": [value]}
    return {"productType": "PRODUCT", "patches": [patch]}


PATCH_PARAMS: Mapping[str, str] = {"marketplaceIds": MARKETPLACE, "issueLocale": LOCALE}


@dataclass(frozen=True)
class Submission:
    """The answer to a patch: taken, or refused with the first error that was named."""

    accepted: bool
    code: str = ""
    message: str = ""


def submission_of(body: Mapping[str, Any]) -> Submission:
    """Read the answer to a patch. ``ACCEPTED`` means queued, and is said of unknown SKUs too.

    Source: models listingsItems_2021-08-01 (ListingsItemSubmissionResponse).
    """
    status = get(body, "status", str)
    if status == "ACCEPTED":
        return Submission(accepted=True)
    issues = [issue for issue in maybe(body, "issues", list) or [] if text(issue, "severity") == "ERROR"]
    first = issues[0] if issues else {}
    return Submission(False, text(first, "code") or status, text(first, "message") or status)


# --------------------------------------------------------------------------- reading


def named_params(skus: Sequence[str]) -> dict[str, str]:
    """Ask for these SKUs, at most ``PAGE``; none with a comma, which parts them here."""
    return _search_params() | {"identifiersType": "SKU", "identifiers": ",".join(skus)}


def page_params(token: str, size: int = PAGE) -> dict[str, str]:
    """Ask for a page of all listings.

    By SKU, because the usual order, by last update, moves while the pages are read.
    """
    params = _search_params(size) | {"sortBy": "sku", "sortOrder": "ASC"}
    return params | ({"pageToken": token} if token else {})


def item_params() -> dict[str, str]:
    """Ask for one listing."""
    return {"marketplaceIds": MARKETPLACE, "includedData": "summaries,fulfillmentAvailability"}


def _search_params(size: int = PAGE) -> dict[str, str]:
    return item_params() | {"pageSize": str(size)}


@dataclass(frozen=True)
class Listing:
    """One listing as stock sees it."""

    sku: str
    channel: Channel
    quantity: int
    name: str = ""
    on_sale: bool | None = None

    def level(self) -> StockLevel:
        """Give what buyers see of the merchant's own stock."""
        return StockLevel(address_of(self.sku), self.quantity)

    def product(self) -> Product:
        """Give the sellable unit; without a code where its stock is not the merchant's to write."""
        if self.channel is Channel.MERCHANT and is_sku(self.sku):
            return Product(self.sku, address_of(self.sku), self.name, self.on_sale)
        note = _NOTES[self.channel] or "the API cannot name this SKU"
        return Product("", (self.sku, self.channel.value), self.name, self.on_sale, f"{note}: {self.sku}")


@dataclass(frozen=True)
class Page:
    """One page of a search: its listings, how many the search has, and the next page's token."""

    listings: list[Listing]
    total: int
    token: str


def page_of(body: Mapping[str, Any]) -> Page:
    """Read a page of a search.

    Source: models listingsItems_2021-08-01 (ItemSearchResults).
    """
    paging = maybe(body, "pagination", dict) or {}
    listings = [listing_of(item) for item in get(body, "items", list)]
    return Page(listings, amount(body, "numberOfResults"), text(paging, "nextToken"))


def listing_of(item: object) -> Listing:
    """Read one listing. A channel of one's own without a quantity sells nothing.

    Source: models listingsItems_2021-08-01 (Item, FulfillmentAvailability).
    """
    entries = maybe(item, "fulfillmentAvailability", list) or []
    numbers = {
        get(entry, "fulfillmentChannelCode", str): maybe(entry, "quantity", int) or 0 for entry in entries
    }
    here = [
        summary
        for summary in maybe(item, "summaries", list) or []
        if text(summary, "marketplaceId") in ("", MARKETPLACE)
    ]
    return Listing(
        word(item, "sku"),
        channel_of(numbers),
        numbers.get(MERCHANT, 0),
        text(here[0], "itemName") if here else "",
        "BUYABLE" in (maybe(here[0], "status", list) or []) if here else None,
    )


def channel_of(channels: Sequence[str] | Mapping[str, object]) -> Channel:
    """Tell whose stock it is by the codes of its channels; Amazon's begin with ``AMAZON``."""
    amazon = any(code.startswith("AMAZON") for code in channels)
    own = MERCHANT in channels
    if amazon:
        return Channel.MIXED if own else Channel.AMAZON
    return Channel.MERCHANT if own else Channel.UNKNOWN
