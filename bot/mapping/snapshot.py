"""What the shops listed when they were last read, as text: taken from the bot, compared anywhere.

A line of JSON each: the head, then a line a shop with how many listings follow it, each on its own line,
so that two of them can be compared by ``diff`` and a file that was cut is noticed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from adapters.contract import Product
from adapters.errors import MappingError

OLD_PRODUCTS = timedelta(days=7)
_HEAD = {"form": "tanaban products", "version": 1}
_MAX_LINE = 20_000


@dataclass(frozen=True)
class ShopSnapshot:
    """All that one shop listed at ``read_at``."""

    shop: str
    read_at: datetime
    products: Sequence[Product]


def snapshot_lines(shops: Iterable[ShopSnapshot], now: datetime) -> Iterator[str]:
    """Give the lines of the text, without their ends."""
    yield _line({**_HEAD, "exported_at": now.isoformat()})
    for shop in shops:
        yield _line({"shop": shop.shop, "read_at": shop.read_at.isoformat(), "count": len(shop.products)})
        for product in shop.products:
            yield _line(
                {
                    "code": product.mall_code,
                    "address": list(product.address),
                    "name": product.name,
                    "on_sale": product.on_sale,
                    "note": product.note,
                }
            )


def read_snapshot(file: str, lines: Iterable[bytes]) -> dict[str, ShopSnapshot]:
    """Read such a text: shop -> what it listed.

    Raises:
        MappingError: it is not one, or a part of it is missing; names the file and the line.
    """
    rows = enumerate(lines, 1)
    found: dict[str, ShopSnapshot] = {}
    try:
        _, head = next(rows, (1, b"{}"))
        if {key: _row(head).get(key) for key in _HEAD} != _HEAD:
            raise ValueError("not an export of 'tanaban products export'")
    except ValueError as error:
        raise MappingError(f"{file}:1: {error}") from error
    number = 1
    for number, line in rows:
        try:
            shop = _shop(_row(line), rows)
        except (ValueError, KeyError, TypeError) as error:
            raise MappingError(f"{file}:{number}: cannot be read: {error}") from error
        if shop.shop in found:
            raise MappingError(f"{file}:{number}: {shop.shop} stands here twice")
        found[shop.shop] = shop
    return found


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False)


def _row(line: bytes) -> dict[str, Any]:
    if len(line) > _MAX_LINE:
        raise ValueError("the line is too long")
    try:
        row = json.loads(line)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(row, dict):
        raise ValueError("a line must be one object")
    return row


def _shop(row: dict[str, Any], rows: Iterator[tuple[int, bytes]]) -> ShopSnapshot:
    name, read_at, count = row["shop"], datetime.fromisoformat(row["read_at"]), row["count"]
    if not isinstance(name, str) or not isinstance(count, int) or read_at.tzinfo is None:
        raise ValueError("a shop has a name, a count, and a time with its zone")
    products = [_product(_row(line)) for _, (_number, line) in zip(range(count), rows, strict=False)]
    if len(products) < count:
        raise ValueError(f"{name} has {count} listings, {len(products)} are here")
    return ShopSnapshot(name, read_at, products)


def _product(row: dict[str, Any]) -> Product:
    code, address, name, on_sale = row["code"], row["address"], row.get("name", ""), row.get("on_sale")
    sound = isinstance(code, str) and isinstance(name, str) and isinstance(address, list)
    if not sound or not (on_sale is None or isinstance(on_sale, bool)):
        raise ValueError(f"not a listing: {row}"[:200])
    return Product(code, tuple(map(str, address)), name, on_sale, str(row.get("note", "")))
