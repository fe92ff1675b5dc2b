"""From a page of ``items.search`` to products under their match codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from adapters.contract import Product
from adapters.fields import Malformed, get, maybe, text
from adapters.rakuten.wire import key

NO_STOCK_CONTROL = "no stock control"  # 在庫設定なし: nothing to write to
SELLS_AT_ZERO = "sells at 0"  # 在庫切れ時の注文受付
NO_LINK_CODE = "no link code: fill システム連携用SKU番号"
AMBIGUOUS = "code on several SKUs"


@dataclass(frozen=True)
class Page:
    """One page: its items, how many the shop has, and the cursor of the next."""

    items: list[dict[str, Any]]
    total: int
    cursor: str


def page_of(body: dict[str, Any]) -> Page:
    """Read a page of a search by cursor."""
    return Page(items_of(body), get(body, "numFound", int), get(body, "nextCursorMark", str))


def items_of(page: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the items of a page; those that were deleted but still indexed are among them.

    Source: RMS page itemapi2_0/itemssearch.
    """
    items = [get(row, "item", dict) for row in get(page, "results", list)]
    for item in items:
        get(item, "manageNumber", str)
    return items


def products_of(items: Iterable[dict[str, Any]]) -> list[Product]:
    """Give the sellable units. A code that cannot be told is "", and the note says why."""
    found = [product for item in items for product in _units(item)]
    times = Counter(product.mall_code for product in found if product.mall_code)
    return [_unmatched(product) if times[product.mall_code] > 1 else product for product in found]


def _unmatched(product: Product) -> Product:
    return replace(product, mall_code="", note=_joined(product.note, f"{AMBIGUOUS}: {product.mall_code}"))


def _units(item: dict[str, Any]) -> Iterator[Product]:
    # A deleted item stays in the index for up to 24 hours with its manage number only.
    variants = maybe(item, "variants", dict) or {}
    for variant_id, variant in variants.items():
        if not isinstance(variant, dict):
            raise Malformed("variants has an entry that is not dict")
        code, note = _match_code(item, variant, len(variants))
        if maybe(variant, "backOrderFlag", bool):
            note = _joined(note, SELLS_AT_ZERO)
        yield Product(
            code,
            key((get(item, "manageNumber", str), variant_id)),
            _name(item, variant),
            _on_sale(item, variant),
            note,
        )


def _match_code(item: dict[str, Any], variant: dict[str, Any], count: int) -> tuple[str, str]:
    """Give the code that is matched on, or "" with the reason.

    Source: RMS page itemapi2_0/itemssearch (merchantDefinedSkuId is optional). The two codes of
    the item stand in only where they cannot mean another variant.
    """
    code = text(variant, "merchantDefinedSkuId")
    if not code and count == 1:
        code = text(item, "itemNumber") or get(item, "manageNumber", str)
    if maybe(item, "unlimitedInventoryFlag", bool):
        return "", f"{NO_STOCK_CONTROL}: {code}" if code else NO_STOCK_CONTROL
    return code, "" if code else NO_LINK_CODE


def _name(item: dict[str, Any], variant: dict[str, Any]) -> str:
    chosen = maybe(variant, "selectorValues", dict) or {}
    axes = [get(axis, "key", str) for axis in maybe(item, "variantSelectors", list) or []]
    return " ".join([text(item, "title"), *(str(chosen[axis]) for axis in axes if axis in chosen)])


def _on_sale(item: dict[str, Any], variant: dict[str, Any]) -> bool | None:
    hidden = [maybe(item, "hideItem", bool), maybe(variant, "hidden", bool)]
    if True in hidden:
        return False
    return None if None in hidden else True


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
