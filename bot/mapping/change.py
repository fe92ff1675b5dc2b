"""Changes of a mapping file as values, and what a file says once they are made, without its form."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.mapping.load import Items, Node, Parsed, Table, Text
from bot.mapping.model import Product
from bot.mapping.rules import JOINER


@dataclass(frozen=True)
class Legacy:
    """A mall code outside the rule for codes, with the reason."""

    code: str
    reason: str


@dataclass(frozen=True)
class Same:
    """The shop calls it by the rule: no exception."""


SAME = Same()
Listing = str | Legacy | Same | None
"""What a shop calls a code; None: it does not list it."""


@dataclass(frozen=True)
class Link:
    """What a shop calls some codes of a product."""

    product: str
    shop: str
    codes: Mapping[str, Listing]


@dataclass(frozen=True)
class Put:
    """Another value of a product's own ``name``, ``safety_stock`` or ``last_units``; None takes it away."""

    product: str
    field: str
    value: str | int | None


@dataclass(frozen=True)
class Add:
    """A product at the end of the file's list. Listings that are exceptions to the rule only."""

    product: Product


Change = Link | Put | Add


def content_of(parsed: Parsed) -> dict[str, Any]:
    """Give all that a file says, without form; the listings of a product in one form."""
    found: dict[str, Any] = bare(parsed.root)
    for product in found.get("products") or ():
        if isinstance(product, dict):
            _settle(product, listings_of(product))
    return found


def bare(node: Node) -> Any:
    """Give a node's content: texts as they are, and False for the plain word."""
    if isinstance(node, Table):
        return {key: bare(value) for key, (_mark, value) in node.entries.items()}
    if isinstance(node, Items):
        return [bare(item) for item in node.items]
    if isinstance(node, Text):
        return False if node.plain and node.value == "false" else node.value
    raise TypeError(node)  # Broken comes with a problem


def codes_of(product: Mapping[str, Any]) -> list[str]:
    """Give the codes of a product's content."""
    values = [axis["values"] for axis in product.get("axes", ())]
    return [JOINER.join((product["code"], *chosen)) for chosen in itertools.product(*values)]


def listings_of(product: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Give shop -> code -> what it is called there (False: not linked), exceptions only."""
    found = {}
    for shop, value in (product.get("listings") or {}).items():
        if value is False:
            found[shop] = dict.fromkeys(codes_of(product), False)
        elif isinstance(value, dict) and "legacy_code" not in value:
            found[shop] = dict(value)
        else:
            found[shop] = {product["code"]: value}
    return found


def _settle(product: dict[str, Any], listings: Mapping[str, Mapping[str, Any]]) -> None:
    product.pop("listings", None)
    if kept := {shop: codes for shop, codes in listings.items() if codes}:
        product["listings"] = kept


def apply(content: dict[str, Any], changes: Iterable[Change]) -> None:
    """Change what a file says.

    Raises:
        KeyError: it has no such product.
    """
    products = content.get("products") or []
    by_code = {product.get("code"): product for product in products}
    for change in changes:
        if isinstance(change, Add):
            products.append(_product(change.product))
        elif isinstance(change, Put):
            _put(by_code[change.product], change)
        else:
            _link(by_code[change.product], change)
    if products:
        content["products"] = products


def _put(product: dict[str, Any], change: Put) -> None:
    product.pop(change.field, None)
    if change.value is not None:
        product[change.field] = str(change.value)


def _link(product: dict[str, Any], change: Link) -> None:
    listings = listings_of(product)
    listings[change.shop] = exceptions(listings.get(change.shop, {}), change.codes)
    _settle(product, listings)


def exceptions(before: Mapping[str, Any], codes: Mapping[str, Listing]) -> dict[str, Any]:
    """Give a shop's exceptions with some codes called otherwise."""
    found = dict(before)
    for code, listing in codes.items():
        found.pop(code, None)
        if listing is None:
            found[code] = False
        elif isinstance(listing, Legacy):
            found[code] = {"legacy_code": listing.code, "reason": listing.reason}
        elif isinstance(listing, str):
            found[code] = listing
    return found


def _product(product: Product) -> dict[str, Any]:
    found: dict[str, Any] = {"code": product.code}
    if product.name:
        found["name"] = product.name
    if product.axes:
        found["axes"] = [{"name": axis.name, "values": list(axis.values)} for axis in product.axes]
    shops = product.listings.items()
    _settle(found, {shop: exceptions_of(found, codes) for shop, codes in shops})
    return found


def exceptions_of(product: Mapping[str, Any], codes: Mapping[str, str | None] | None) -> dict[str, Any]:
    """Give a shop's exceptions of a product in the form of ``listings_of``; None: it lists nothing of it."""
    return dict.fromkeys(codes_of(product), False) if codes is None else exceptions({}, codes)
