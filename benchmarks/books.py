"""Fills a state folder with the books of a shop that has run for long: all counted, listed, written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, Table, bindparam, func, insert, literal, select, update
from sqlalchemy.sql.elements import ColumnElement

from bot.mapping.model import Mapping
from bot.store import orders, shops, switches
from bot.store.notes import Remembered
from bot.store.schema import balances, entries, products, shown
from bot.sync.values import Cause

COUNTED = 50
_ROWS = 20_000
_BEFORE = timedelta(minutes=5)
Row = dict[str, ColumnElement[Any]]
_IN_FORCE = ("mapping.good", "mapping.applied")


def fill(engine: Engine, mapping: Mapping, now: datetime, commit: str) -> None:
    """Write the books of every code and every listing, as of five minutes ago."""
    at = now - _BEFORE
    for key in _IN_FORCE:
        Remembered(engine).set(key, commit)
    with engine.begin() as connection:
        switches.turn(connection, switches.ALL, True, "benchmark", at)
        _count(connection, mapping, at)
    for shop in mapping.shops:
        with engine.begin() as connection:
            orders.set_cursor(connection, shop, now, None)
            shops.change(connection, shop, orders_read_at=now, written_at=now, products_read_at=now)
            _list(connection, shop, now)
            _show(connection, shop, at)
            _rename(connection, mapping, shop)


def _count(connection: Connection, mapping: Mapping, at: datetime) -> None:
    fixed = {"on_hand": COUNTED, "reserved": 0, "held": 0, "at": at, "taken_in_at": at, "cause": Cause.COUNT}
    codes = iter(mapping.codes())
    while some := list(islice(codes, _ROWS)):
        connection.execute(insert(entries), [{"code": code, **fixed} for code in some])
    sums: Row = {name: entries.c[name] for name in ("code", "on_hand", "reserved", "held", "seq")}
    _copy(connection, balances, entries, {**sums, "changed_at": entries.c.at, "counted_at": entries.c.at})


def _list(connection: Connection, shop: str, at: datetime) -> None:
    code = balances.c.code
    row: Row = {
        "address_key": code,
        "address": func.json_array(code),
        "mall_code": code,
        "name": literal("商品"),
    }
    row |= {"shop": literal(shop), "on_sale": literal(1), "note": literal(""), "read_at": _moment(at)}
    _copy(connection, products, balances, row)


def _show(connection: Connection, shop: str, at: datetime) -> None:
    code, moment = balances.c.code, _moment(at)
    row: Row = {"shop": literal(shop), "code": code, "mall_code": code, "plan_id": literal("first")}
    row |= {"written": literal(COUNTED), "predicted": literal(COUNTED), "sent_at": moment, "acked_at": moment}
    _copy(connection, shown, balances, {**row, "outcome": literal("done"), "ticket": literal("")})


def _copy(connection: Connection, into: Table, source: Table, row: Row) -> None:
    # In the order of the key, so that a large table is written from one end to the other.
    found = select(*row.values()).select_from(source).order_by(source.c.code)
    connection.execute(insert(into).from_select(list(row), found))


def _moment(at: datetime) -> ColumnElement[Any]:
    return literal(at, type_=shown.c.sent_at.type)


def _rename(connection: Connection, mapping: Mapping, shop: str) -> None:
    """Put the names of the exceptions in the place of the codes."""
    renamed = list(_renamed(mapping, shop))
    if not renamed:
        return
    name: ColumnElement[str] = bindparam("at_mall")
    mine = products.c.shop == shop
    moved = {"address_key": name, "mall_code": name, "address": func.json_array(name)}
    connection.execute(
        update(products).where(mine, products.c.address_key == bindparam("own")).values(moved), renamed
    )
    moved_shown = update(shown).where(shown.c.shop == shop, shown.c.code == bindparam("own"))
    connection.execute(moved_shown.values(mall_code=name), renamed)


def _renamed(mapping: Mapping, shop: str) -> Iterator[dict[str, str]]:
    listed = mapping.listings(shop).items()
    return ({"own": code, "at_mall": mall_code} for code, mall_code in listed if code != mall_code)
