"""The stock forms: what is read of a product, what is written, and what the mall says of each product."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from adapters import fields
from adapters.contract import Address, Product, StockLine
from adapters.errors import MallError, UnexpectedReplyError
from adapters.fields import Malformed, get, maybe
from adapters.futureshop import wire
from adapters.futureshop.wire import Fault

NOT_MANAGED = "not managed"  # 在庫管理 is off: there is no number to write
AMBIGUOUS = "code on several SKUs"
NO_CODE = "no SKU code"
PRODUCTS_A_CALL = 100
_QUERY_MAX = 6_000  # bytes of product numbers in one address; servers commonly stop at 8,000
_WORD = re.compile(r"[^\x00-\x20\x7f\u3000,]*")  # a comma would cut the list of a query


@dataclass(frozen=True)
class Cell:
    """One row of a product's stock: a SKU."""

    address: Address
    code: str
    quantity: int
    name: str
    visible: bool | None
    managed: bool


# --------------------------------------------------------------------------- reading


def queries(addresses: Iterable[Address]) -> list[Mapping[str, str]]:
    """Ask for the products of these addresses, each product once, a hundred to a call.

    Source: ``GET inventory`` as two working clients call it: at most 100 product numbers.
    """
    parts: list[list[str]] = [[]]
    size = 0
    for number in dict.fromkeys(address[0] for address in addresses):
        cost = len(quote(number, safe="")) + len("%2C")
        if len(parts[-1]) == PRODUCTS_A_CALL or size + cost > _QUERY_MAX:
            parts.append([])
            size = 0
        parts[-1].append(number)
        size += cost
    return [{"types": "regular", "productNo": ",".join(part)} for part in parts if part]


def cells_of(row: object) -> list[Cell]:
    """Read a product: one cell for each SKU of its ordinary stock, none if it has no such stock."""
    number = get(row, "productNo", str)
    info = maybe(row, "inventoryInfo", dict) or {}
    regular = maybe(info, "regular", dict) or {}
    return [
        Cell(
            (number, fields.text(sku, "horizontalNo"), fields.text(sku, "verticalNo")),
            fields.text(sku, "skuNo"),
            get(sku, "count", int),
            fields.text(row, "name"),
            maybe(row, "visible", bool),
            maybe(row, "inventoryEnabled", bool) is not False,
        )
        for sku in maybe(regular, "inventoryList", list) or []
    ]


def products_of(cells: Iterable[Cell]) -> list[Product]:
    """Give the sellable units under their ``skuNo``; a code that cannot be told is "", with a note.

    The mall joins ``skuNo`` of the three numbers with nothing between, so two products may come to
    the same one: it is looked up, never cut apart.
    """
    rows = list({cell.address: cell for cell in cells}.values())
    times = Counter(cell.code for cell in rows)
    return [_product(cell, times[cell.code]) for cell in rows]


def _product(cell: Cell, times: int) -> Product:
    name = " ".join(part for part in (cell.name, *cell.address[1:]) if part)
    found = Product(cell.code, cell.address, name, cell.visible)
    if not cell.code:
        return replace(found, note=NO_CODE)
    if times > 1:
        return replace(found, mall_code="", note=f"{AMBIGUOUS}: {cell.code}")
    if not cell.managed:
        return replace(found, mall_code="", note=f"{NOT_MANAGED}: {cell.code}")
    return found


# --------------------------------------------------------------------------- writing


def is_address(address: Address) -> bool:
    """Tell whether an address has the form of a stock key: product, horizontal, vertical number.

    Source: futureshop manual, api-inventoryRefresh: 32, 9 and 9 bytes, in UTF-8.
    """
    if len(address) != 3 or not all(_WORD.fullmatch(part) for part in address):
        return False
    product, *branches = (len(part.encode()) for part in address)
    return 0 < product <= wire.PRODUCT_NO_BYTES and max(branches) <= wire.BRANCH_NO_BYTES


def write_form(lines: Sequence[StockLine]) -> dict[str, Any]:
    """Set these quantities, each product named once.

    ``count`` is a JSON number, which sets. A string that begins with a sign would add, and could not
    be repeated after a lost answer.

    Source: futureshop manual, api-inventoryRefresh.
    """
    products: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        product, horizontal, vertical = line.address
        row = {"verticalNo": vertical, "horizontalNo": horizontal, "count": line.quantity}
        products.setdefault(product, []).append(row)
    return {
        "productList": [
            {"productNo": product, "inventoryInfo": {"regular": {"inventoryList": rows}}}
            for product, rows in products.items()
        ]
    }


Verdict = Fault | MallError | None
"""What became of one product: done (None), refused (the fault says why), or not known."""


@dataclass(frozen=True)
class Answer:
    """What one call came to, by product number. ``whole``: refused as one, so one fault stands for all."""

    verdicts: Mapping[str, Verdict]
    whole: bool = False


def all_lost(products: Iterable[str], error: MallError) -> Answer:
    """Say that nothing is known of any product."""
    return Answer(dict.fromkeys(products, error))


def answer_of(body: Mapping[str, Any], products: Sequence[str]) -> Answer:
    """Read what the mall says of each product that was sent.

    Done is only what has its own success, and not under a failed answer in which nothing failed.

    Source: the answer as a working client checks it; that an error may stand in the whole answer
    too is its reading.
    """
    top = _is_success(body)
    rows = maybe(body, "results", list) or []
    if not top and not rows:
        return _refused_whole(wire.faults_of(body), products)
    said = _said(rows)
    if not top and not any(isinstance(verdict, Fault | MallError) for verdict in said.values()):
        return all_lost(products, _not_understood("failed, and no product that did"))
    missing = _not_understood("no result of this product")
    return Answer({product: said.get(product, missing) for product in products})


def _is_success(row: Mapping[str, Any]) -> bool:
    status = get(row, "status", str)
    if status not in ("success", "failed"):
        raise Malformed("status is neither success nor failed")
    return status == "success"


def _refused_whole(found: Sequence[Fault], products: Sequence[str]) -> Answer:
    codes = {fault.code for fault in found}
    if not codes or not codes <= wire.LINE_CODES:
        return all_lost(products, _not_understood("failed for a reason that is not known", found))
    return Answer(dict.fromkeys(products, found[0]), whole=True)


def _said(rows: Iterable[object]) -> dict[str, Verdict]:
    said: dict[str, Verdict] = {}
    for product, verdict in _verdicts(rows):
        twice = product in said and said[product] != verdict
        said[product] = _not_understood("two results of one product") if twice else verdict
    return said


def _verdicts(rows: Iterable[object]) -> Iterator[tuple[str, Verdict]]:
    for row in rows:
        if not isinstance(row, dict):
            raise Malformed("results has an entry that is not dict")
        product = get(row, "productNo", str)
        if _is_success(row):
            yield product, None
            continue
        found = wire.faults_of(row)
        known = bool(found) and found[0].code in wire.LINE_CODES
        why = "refused for a reason that is not known"
        yield product, found[0] if known else _not_understood(why, found)


def _not_understood(why: str, found: Sequence[Fault] = ()) -> UnexpectedReplyError:
    code = found[0].code if found else ""
    words = f"{wire.WRITE.name}: {why} {code}".strip()
    return UnexpectedReplyError(words, operation=wire.WRITE.name, vendor_code=code)
