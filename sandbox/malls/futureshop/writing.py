"""``POST /admin-api/v1/inventory``: set or add, each product with a result of its own (spec 3.2, 6.3).

A number sets, a string without sign sets, a string with a sign adds: 1 and "+1" differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from sandbox.malls.common.faults import ActiveFault
from sandbox.malls.futureshop.faults import Faults
from sandbox.malls.futureshop.goods import COUNT_MAX, PREORDER, REGULAR, Goods, Key, Pair, Product
from sandbox.malls.futureshop.settings import Settings
from sandbox.malls.futureshop.wire import Answer, Call, Json, error, failed, invalid, refusal

PRODUCTS_MOST = 100
PRODUCT_BYTES, AXIS_BYTES = 32, 9
COUNT_FORM = re.compile(r"[+-]?[0-9]{1,9}")


@dataclass(frozen=True)
class Change:
    """One SKU of a write; ``count`` as it was sent."""

    shelf: str
    pair: Pair
    count: Any

    @property
    def well_formed(self) -> bool:
        """Say whether ``count`` is a whole number or a string of up to nine digits.

        A number sets, and nothing can be set below 0: only a string may carry a sign.
        """
        if isinstance(self.count, str):
            return COUNT_FORM.fullmatch(self.count) is not None
        return (
            isinstance(self.count, int) and not isinstance(self.count, bool) and 0 <= self.count <= COUNT_MAX
        )

    def after(self, before: int) -> int:
        """Give the stock that this makes of ``before``."""
        adds = isinstance(self.count, str) and self.count[0] in "+-"
        return before + int(self.count) if adds else int(self.count)


class Writing:
    """The stock write."""

    def __init__(self, goods: Goods, faults: Faults, settings: Settings, now: Callable[[], datetime]) -> None:
        self._goods = goods
        self._faults = faults
        self._settings = settings
        self._now = now
        self._violate: Callable[[str], None] = lambda _what: None
        self.last: Json | None = None

    def write(self, call: Call) -> Answer:
        """Apply what can be applied; answer one result a product."""
        self._violate = call.violate
        self.last = document = call.document()
        entries = _entries(document)
        if fault := self._faults.take(("reject",), call.function):
            return Answer(self._settings.business_status, failed(_planted(fault, "SystemError")))
        self._check_merged(entries)
        planted = self._faults.take(("partial",), call.function)
        omit = self._faults.take(("omit",), call.function)
        results = [self._result(entry, place, planted) for place, entry in enumerate(entries, 1)]
        wrong = [result for result in results if result["status"] == "failed"]
        if omit:
            del results[int(omit.options.get("nth", 1)) - 1]
        top = "success"
        if wrong:
            top = "failed" if len(wrong) == len(entries) else self._settings.partial_top
        status = self._settings.business_status if wrong else 200
        return Answer(status, {"status": top, "results": results})

    def _result(self, entry: Json, place: int, planted: ActiveFault | None) -> Json:
        if planted and int(planted.options.get("nth", 1)) == place:
            errors = [_planted(planted, "ProductNotFound")]
        else:
            errors = self._do(entry)
        outcome: Json = {"status": "failed", "errors": errors} if errors else {"status": "success"}
        return {"productNo": entry["productNo"], **outcome}

    def _do(self, entry: Json) -> list[Json]:
        number, changes = entry["productNo"], list(_changes(entry))
        if len(number.encode()) > PRODUCT_BYTES:
            self._violate(f"productNo of more than {PRODUCT_BYTES} bytes")
            return [error("InvalidFormat", "productNo is too long.")]
        if (product := self._goods.products.get(number)) is None:
            return [error("ProductNotFound", f"Product {number} is not found.")]
        if not product.managed and self._settings.unmanaged_write == "refused":
            return [error("NotManagementSettings", f"Stock of {number} is not managed.")]
        return self._change(product, changes)

    def _change(self, product: Product, changes: list[Change]) -> list[Json]:
        shelves = {name: dict(shelf) for name, shelf in product.shelves.items()}
        codes = self._refused(product, changes)
        errors = []
        for change in changes:
            flaw = codes.get(change.pair) or self._flaw(change, shelves)
            if flaw:
                errors.append(flaw)
            else:
                shelf = shelves[change.shelf]
                shelf[change.pair] = change.after(shelf.get(change.pair, 0))
        if not errors or not self._settings.product_atomic:
            product.shelves = shelves
            product.updated = self._now()
            for key in {product.key(change.pair) for change in changes}:
                self._goods.changes.note(key, self._goods.quantity(key), product.updated)
        return errors

    def _refused(self, product: Product, changes: list[Change]) -> dict[Pair, Json]:
        found = {}
        for change in changes:
            meets = partial(self._is_code_of, product.key(change.pair))
            for fault in self._faults.take_refusals(meets):
                found[change.pair] = _planted(fault, "StockNotFound")
        return found

    def _is_code_of(self, key: Key, code: str) -> bool:
        return self._goods.codes().get(code) == key

    def _flaw(self, change: Change, shelves: dict[str, dict[Pair, int]]) -> Json | None:
        named = f"horizontalNo={change.pair[0]} verticalNo={change.pair[1]}"
        if any(len(number.encode()) > AXIS_BYTES for number in change.pair) or not change.well_formed:
            self._violate(f"wrong form: {named} count={change.count!r}")
            return error("InvalidFormat", f"The format is invalid. {named}")
        if change.shelf not in (REGULAR, PREORDER) and not _is_date(change.shelf):
            return error("InvalidDateFormat", f"date {change.shelf} is not yyyy-mm-dd.")
        shelf = shelves.get(change.shelf)
        created = shelf is not None and self._settings.unknown_pair == "created"
        if shelf is None or (change.pair not in shelf and not created):
            return error("StockNotFound", f"Stock is not found. {named}")
        if change.after(shelf.get(change.pair, 0)) < 0:
            return error("StockShortage", f"Stock would fall below 0. {named}")
        if change.after(shelf.get(change.pair, 0)) > COUNT_MAX:
            return error("InvalidFormat", f"Stock would have more than 9 digits. {named}")
        return None

    def _check_merged(self, entries: list[Json]) -> None:
        """Note where a call names a product or a SKU twice: a client merges them (spec 3.2)."""
        numbers = [entry["productNo"] for entry in entries]
        if len(set(numbers)) < len(numbers):
            self._violate("a product is named twice in one call")
        for entry in entries:
            places = [(change.shelf, change.pair) for change in _changes(entry)]
            if len(set(places)) < len(places):
                self._violate(f"a SKU of {entry['productNo']} is named twice in one call")


def _entries(document: Json) -> list[Json]:
    entries = _object(document, ("productList",), "body").get("productList")
    if not isinstance(entries, list) or not entries:
        raise invalid("productList", "is not a list of products")
    if len(entries) > PRODUCTS_MOST:
        what = f"productList has more than {PRODUCTS_MOST} products"
        raise refusal(400, "TooManyProducts", f"{what}.", what)
    for entry in entries:
        _check_entry(entry)
    return entries


def _check_entry(found: object) -> None:
    entry = _object(found, ("productNo", "inventoryInfo"), "productList")
    if not isinstance(entry.get("productNo"), str) or not entry["productNo"]:
        raise invalid("productNo", "is not a string")
    info = _object(entry.get("inventoryInfo"), (REGULAR, PREORDER, "plannedList"), "inventoryInfo")
    for name in (REGULAR, PREORDER):
        if name in info:
            _check_rows(_object(info[name], ("inventoryList",), name))
    arrivals = info.get("plannedList", [])
    if not isinstance(arrivals, list):
        raise invalid("plannedList", "is not a list")
    for arrival in arrivals:
        _check_rows(_object(arrival, ("date", "inventoryList"), "plannedList"))
        if not isinstance(arrival.get("date"), str):
            raise invalid("date", "is not a string")


def _check_rows(holder: Json) -> None:
    rows = holder.get("inventoryList")
    if not isinstance(rows, list):
        raise invalid("inventoryList", "is not a list")
    for found in rows:
        row = _object(found, ("verticalNo", "horizontalNo", "count"), "inventoryList")
        if "count" not in row:
            raise invalid("count", "is missing")
        if any(not isinstance(row.get(axis, ""), str) for axis in ("verticalNo", "horizontalNo")):
            raise invalid("verticalNo, horizontalNo", "are not strings")


def _object(found: object, known: tuple[str, ...], name: str) -> Json:
    """Give an object whose fields are all known to this call."""
    if not isinstance(found, dict):
        raise invalid(name, "is not an object")
    if stray := [field for field in found if field not in known]:
        raise invalid(f"{name}.{stray[0]}", "is no field of this call")
    return found


def _changes(entry: Json) -> Iterator[Change]:
    info = entry["inventoryInfo"]
    lists = [(name, info[name]["inventoryList"]) for name in (REGULAR, PREORDER) if name in info]
    lists += [(arrival["date"], arrival["inventoryList"]) for arrival in info.get("plannedList", [])]
    for shelf, rows in lists:
        for row in rows:
            yield Change(shelf, (row.get("horizontalNo", ""), row.get("verticalNo", "")), row["count"])


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _planted(fault: ActiveFault, otherwise: str) -> Json:
    return error(str(fault.options.get("error", otherwise)), "Planted by the sandbox.")
