"""Reads the ``shops`` and ``defaults`` of a mapping."""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.mapping import keys
from bot.mapping.fields import Fields, Notes, entries_of, nearest, table_of, texts_of
from bot.mapping.load import Table, Text
from bot.mapping.model import Defaults, LastUnits, OnCancel, OnUnlink, OrderSource, Shop, ShopStatus

_NAME = re.compile(keys.SHOP_FORM)
_WORD = re.compile(keys.WORD_FORM)


def read_shops(notes: Notes, fields: Fields, malls: Collection[str] | None) -> dict[str, Shop]:
    """Read every shop.

    Args:
        malls: the malls that there are adapters for; None accepts any name of a fitting form.
    """
    fields.require("shops")
    shops: dict[str, Shop] = {}
    tables: dict[str, Table] = {}
    for name, node in entries_of(notes, fields.node("shops"), "shops"):
        if not _NAME.fullmatch(name.value):
            notes.error(name, "shop_name", name=name.value)
        # A shop that is wrong stays known, so that its listings are not called unknown too.
        shops[name.value] = Shop(name.value, "")
        if table := table_of(notes, node, name.value):
            shops[name.value] = _read_shop(notes, name.value, table, malls)
            tables[name.value] = table
    if isinstance(fields.node("shops"), Table) and not shops:
        notes.error(fields.table, "no_shops")
    _check_via(notes, tables, shops)
    return shops


def _read_shop(notes: Notes, name: str, table: Table, malls: Collection[str] | None) -> Shop:
    fields = Fields(notes, table, keys.SHOP)
    orders, via = _read_orders(notes, fields, name)
    return Shop(
        name=name,
        mall=_read_mall(notes, fields, malls),
        orders=orders,
        via=via,
        orders_reason=fields.text("orders_reason"),
        code_field=_read_word(notes, fields, "code_field"),
        on_cancel=_read_on_cancel(notes, fields),
        safety_stock=fields.whole("safety_stock") or 0,
        cap=fields.whole("cap", low=1),
        share=fields.weight("share"),
        joiner=_read_joiner(notes, fields),
        on_unlink=fields.choice("on_unlink", OnUnlink, OnUnlink.ZERO),
        status=fields.choice("status", ShopStatus, ShopStatus.ACTIVE),
        mode=_read_word(notes, fields, "mode"),
        last_units=read_last_units(fields),
    )


def _read_mall(notes: Notes, fields: Fields, malls: Collection[str] | None) -> str:
    fields.require("mall")
    mall = _read_word(notes, fields, "mall")
    node = fields.node("mall")
    if mall and node and malls is not None and mall not in malls:
        notes.error(
            node,
            "unknown_mall",
            name=mall,
            known=", ".join(sorted(malls)),
            meant=nearest(mall, malls),
        )
    return mall


def _read_word(notes: Notes, fields: Fields, name: str) -> str:
    word, node = fields.text(name), fields.node(name)
    if word and node and not _WORD.fullmatch(word):
        notes.error(node, "not_word", name=name, value=word)
    return word


def _read_orders(notes: Notes, fields: Fields, name: str) -> tuple[OrderSource, str]:
    if "orders" not in fields.table.entries:
        notes.error(fields.table, "no_order_source", shop=name)
        return OrderSource.NONE, ""
    word = fields.text("orders")
    first, _, via = word.partition(" ")
    node = fields.table.entries["orders"][1]
    if first == OrderSource.VIA and via:
        return OrderSource.VIA, via
    if word and word not in (OrderSource.API, OrderSource.FILE, OrderSource.NONE):
        notes.error(node, "orders_form", value=word)
        return OrderSource.NONE, ""
    if word == OrderSource.NONE and not fields.text("orders_reason"):
        notes.error(node, "orders_need_reason", shop=name)
    return OrderSource(word or OrderSource.NONE), ""


def _check_via(notes: Notes, tables: dict[str, Table], shops: dict[str, Shop]) -> None:
    for name, table in tables.items():
        shop = shops[name]
        if shop.orders is not OrderSource.VIA:
            continue
        place, target = table.entries["orders"][1], shops.get(shop.via)
        if target is None:
            notes.error(place, "unknown_shop", name=shop.via, meant=nearest(shop.via, shops))
        elif target.orders not in (OrderSource.API, OrderSource.FILE):
            notes.error(place, "via_leads_nowhere", shop=shop.name, via=shop.via)


def _read_on_cancel(notes: Notes, fields: Fields) -> OnCancel:
    table = table_of(notes, fields.node("on_cancel"), "on_cancel")
    if table is None:
        return OnCancel()
    own = Fields(notes, table, keys.ON_CANCEL)
    return OnCancel(own.flag("return_stock", True), own.flag("mall_returns_stock", False))


def _read_joiner(notes: Notes, fields: Fields) -> str:
    node = fields.node("joiner")
    # An empty joiner is a value of its own, so it is not read as a missing text.
    if isinstance(node, Text) and node.value in keys.JOINERS and not (node.plain and node.value == ""):
        return node.value
    if node is not None:
        notes.error(node, "joiner")
    return "-"


def read_defaults(notes: Notes, fields: Fields) -> Defaults:
    """Read what holds where nothing else is written."""
    table = table_of(notes, fields.node("defaults"), "defaults")
    if table is None:
        return Defaults()
    own = Fields(notes, table, keys.DEFAULTS)
    setting = read_last_units(own)
    return Defaults(own.whole("safety_stock") or 0, LastUnits.AUTO if setting is None else setting)


def read_last_units(fields: Fields) -> LastUnits | int | None:
    """Read ``last_units``: auto, off, or a number of pieces; None where it does not stand."""
    if fields.node("last_units") is None:
        return None
    if fields.text("last_units") in tuple(LastUnits):
        return fields.choice("last_units", LastUnits, LastUnits.AUTO)
    return fields.whole("last_units")


def read_names(notes: Notes, fields: Fields, name: str) -> dict[str, tuple[str, ...]]:
    """Read ``payments`` or ``deliveries``: our name -> the malls' names for it."""
    found: dict[str, tuple[str, ...]] = {}
    first: dict[str, tuple[str, int]] = {}
    for ours, node in entries_of(notes, fields.node(name), name):
        theirs: list[str] = []
        for text, word in texts_of(notes, node, ours.value):
            if word in first:
                other, line = first[word]
                notes.error(text, "name_twice", value=word, other=other, first_line=line)
            else:
                first[word] = (ours.value, text.line)
                theirs.append(word)
        found[ours.value] = tuple(theirs)
    return found
