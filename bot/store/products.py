"""The product snapshot of each shop: which listing lies at which address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, delete, func, insert, select

from adapters.contract import Address, Product
from bot.store.schema import products

_PART = 500  # codes in one query
_SEPARATOR = "\x1f"  # no mall's key holds a control character


def _key(address: Sequence[str]) -> str:
    return _SEPARATOR.join(address)


def replace(connection: Connection, shop: str, found: Sequence[Product], now: datetime) -> None:
    """Put a new snapshot in the place of the last one."""
    connection.execute(delete(products).where(products.c.shop == shop))
    rows = {
        _key(product.address): {
            "shop": shop,
            "address_key": _key(product.address),
            "address": list(product.address),
            "mall_code": product.mall_code,
            "name": product.name,
            "on_sale": product.on_sale,
            "note": product.note,
            "read_at": now,
        }
        for product in found
    }
    if rows:
        connection.execute(insert(products), list(rows.values()))


def count(connection: Connection, shop: str) -> int:
    """Count the products of a shop's snapshot."""
    query = select(func.count()).select_from(products).where(products.c.shop == shop)
    return int(connection.execute(query).scalar_one())


def mall_code_at(connection: Connection, shop: str, address: Address) -> str | None:
    """Give the mall code at an address; None where the snapshot has none."""
    found = connection.execute(
        select(products.c.mall_code).where(products.c.shop == shop, products.c.address_key == _key(address))
    ).scalar_one_or_none()
    return str(found) if found else None


def addresses(connection: Connection, shop: str, mall_codes: Iterable[str]) -> dict[str, list[Address]]:
    """Give the addresses of mall codes; unknown ones are absent."""
    found: dict[str, list[Address]] = {}
    wanted = list(mall_codes)
    for start in range(0, len(wanted), _PART):
        rows = connection.execute(
            select(products.c.mall_code, products.c.address).where(
                products.c.shop == shop, products.c.mall_code.in_(wanted[start : start + _PART])
            )
        )
        for row in rows:
            found.setdefault(row.mall_code, []).append(tuple(row.address))
    for places in found.values():  # sorted there, it would go through the whole shop
        places.sort()
    return found


def misplaced(connection: Connection, shop: str, listings: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Give the codes of (code, mall code) that the snapshot holds not at all, or at several addresses.

    A part at a time: a large catalogue is never held as a whole.
    """
    pairs = iter(listings)
    while some := list(islice(pairs, _PART)):
        wanted = products.c.mall_code.in_([mall_code for _, mall_code in some])
        rows = connection.execute(
            select(products.c.mall_code, func.count())
            .where(products.c.shop == shop, wanted)
            .group_by(products.c.mall_code)
        )
        places = {mall_code: count for mall_code, count in rows}
        yield from (code for code, mall_code in some if places.get(mall_code) != 1)


def read_at(connection: Connection, shop: str) -> datetime | None:
    """Give when the snapshot was read; None if there is none."""
    found: datetime | None = connection.execute(
        select(products.c.read_at).where(products.c.shop == shop).limit(1)
    ).scalar_one_or_none()
    return found


def all_of(connection: Connection, shop: str) -> list[Product]:
    """Give a shop's snapshot, by address."""
    rows = connection.execute(
        select(products).where(products.c.shop == shop).order_by(products.c.address_key)
    )
    return [Product(row.mall_code, tuple(row.address), row.name, row.on_sale, row.note) for row in rows]


def on_sale_of(connection: Connection, listings: Mapping[str, str]) -> dict[str, bool | None]:
    """Tell of shop -> mall code whether each is on sale, as ``on_sale`` does; absent: not in the snapshot."""
    asked = (products.c.shop.in_(list(listings)), products.c.mall_code.in_(list(listings.values())))
    rows = connection.execute(select(products.c.shop, products.c.mall_code, products.c.on_sale).where(*asked))
    return {shop: sells for shop, mall_code, sells in reversed(rows.all()) if listings[shop] == mall_code}


def on_sale(connection: Connection, shop: str, mall_code: str) -> bool | None:
    """Tell whether a listing is on sale by the snapshot; None where that is not known."""
    query = select(products.c.on_sale).where(products.c.shop == shop, products.c.mall_code == mall_code)
    found: bool | None = connection.execute(query).scalars().first()
    return found
