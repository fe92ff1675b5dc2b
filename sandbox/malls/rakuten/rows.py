"""Checks the form of inventory rows, field by field, and gives all flaws at once (spec 2.2, 2.5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sandbox.malls.rakuten.goods import Pair
from sandbox.malls.rakuten.stock import DELIVERY_TIME_IDS, QUANTITY_MAX, SHIP_FROM_IDS, Write
from sandbox.malls.rakuten.wire import Flaw, Json, refusal, unknown_fields

PAIR_FIELDS = ("manageNumber", "variantId")
VALUE_FIELDS = ("mode", "quantity")
LEAD_TIME_FIELDS = ("operationLeadTime", "shipFromIds")
KEY_BYTES = 32
KEY_FORM = re.compile(r"[a-zA-Z0-9_-]+")


def inventory_rows(attributes: Json, most: int) -> list[Any]:
    """Give the rows of a bulk call.

    Raises:
        Refusal: there is no such list, it is empty or too long.
    """
    flaws = unknown_fields(attributes, ["inventories"])
    rows = attributes.get("inventories")
    if not rows:
        flaws.append(Flaw("IE0001", "inventories is mandatory.", "inventories"))
    elif not isinstance(rows, list):
        flaws.append(_invalid("inventories", rows, ""))
    elif len(rows) > most:
        flaws.append(
            Flaw("IE1101", "inventories exceeds the maximum number of entries allowed.", "inventories")
        )
    if flaws:
        raise refusal(400, *flaws)
    return list(rows or [])


def pair_flaws(row: Mapping[str, Any], at: str = "") -> list[Flaw]:
    """Check the two key fields."""
    return [flaw for name in PAIR_FIELDS for flaw in _key_flaws(name, row.get(name), at)]


def pair_of(row: Mapping[str, Any]) -> Pair:
    """Give the key of a row whose form is right: the manage number is folded, the other is not."""
    return row["manageNumber"].lower(), row["variantId"]


def value_flaws(row: Mapping[str, Any], version: str, at: str = "") -> list[Flaw]:
    """Check mode, quantity and, on version 2.1, the lead-time fields."""
    flaws = _mode_flaws(row.get("mode"), at) + _quantity_flaws(row, at)
    return flaws + (_lead_time_flaws(row, at) if version == "2.1" else [])


def value_fields(version: str) -> tuple[str, ...]:
    """Give the fields that a write may carry beside its key."""
    return VALUE_FIELDS + LEAD_TIME_FIELDS if version == "2.1" else VALUE_FIELDS


def write_of(pair: Pair, row: Mapping[str, Any], version: str, place: int | None = None) -> Write:
    """Make a write of a row whose form is right."""
    ships = tuple(row.get("shipFromIds") or ())
    return Write(pair, row["mode"], row["quantity"], version, row.get("operationLeadTime"), ships, place)


def duplicates(pairs: list[Pair]) -> list[Flaw]:
    """Give one flaw for each row whose pair stood before."""
    seen: set[Pair] = set()
    flaws = []
    for place, pair in enumerate(pairs):
        if pair in seen:
            what = "There are multiple occurrences of the same manageNumber and variantId"
            flaws.append(Flaw("IE1102", f"{what} : {pair[0]}, {pair[1]}", f"inventories[{place}]"))
        seen.add(pair)
    return flaws


def quantity_query(query: Mapping[str, str]) -> tuple[int, int]:
    """Give the bounds of a range read.

    Raises:
        Refusal: none is given, or one is not a quantity, or they are the wrong way round.
    """
    flaws = unknown_fields(query, ["minQuantity", "maxQuantity"])
    if not {"minQuantity", "maxQuantity"} & set(query):
        what = "One or both of minQuantity and maxQuantity query parameters is/are required."
        flaws.append(Flaw("IE0105", what))
    for name in ("minQuantity", "maxQuantity"):
        text = query.get(name, "0")
        if not text.isdecimal():
            flaws.append(_invalid(name, text, ""))
        elif int(text) > QUANTITY_MAX:
            flaws.append(_out_of_range(name, 0, ""))
    if flaws:
        raise refusal(400, *flaws)
    low, high = int(query.get("minQuantity", 0)), int(query.get("maxQuantity", QUANTITY_MAX))
    if low > high:
        raise refusal(400, Flaw("IE0113", "minQuantity value, must be smaller than maxQuantity."))
    return low, high


def _key_flaws(name: str, value: object, at: str) -> list[Flaw]:
    if value is None or value == "":
        return [Flaw("IE0001", f"{name} is mandatory.", f"{at}{name}")]
    if not isinstance(value, str):
        return [_invalid(name, value, at)]
    if len(value.encode()) > KEY_BYTES:
        return [Flaw("IE0004", f"Max length of {name} must be within {KEY_BYTES} bytes.", f"{at}{name}")]
    return [] if KEY_FORM.fullmatch(value) else [_invalid(name, value, at)]


def _mode_flaws(mode: object, at: str) -> list[Flaw]:
    if mode is None:
        return [Flaw("IE0001", "mode is mandatory.", f"{at}mode")]
    return [] if mode in ("ABSOLUTE", "RELATIVE") else [_invalid("mode", mode, at)]


def _quantity_flaws(row: Mapping[str, Any], at: str) -> list[Flaw]:
    quantity = row.get("quantity")
    if quantity is None:
        return [Flaw("IE0001", "quantity is mandatory.", f"{at}quantity")]
    if isinstance(quantity, bool) or not isinstance(quantity, int):
        return [_invalid("quantity", quantity, at)]
    low = -QUANTITY_MAX if row.get("mode") == "RELATIVE" else 0
    return [] if low <= quantity <= QUANTITY_MAX else [_out_of_range("quantity", low, at)]


def _lead_time_flaws(row: Mapping[str, Any], at: str) -> list[Flaw]:
    times, ships = row.get("operationLeadTime") or {}, row.get("shipFromIds") or []
    if not isinstance(times, dict):
        return [_invalid("operationLeadTime", times, at)]
    if not isinstance(ships, list) or len(ships) > 1:
        return [_invalid("shipFromIds", ships, at)]
    inner = f"{at}operationLeadTime."
    flaws = unknown_fields(times, ["normalDeliveryTimeId", "backOrderDeliveryTimeId"], inner)
    named = [(name, value, DELIVERY_TIME_IDS, f"{inner}{name}") for name, value in times.items()]
    named += [("shipFromIds", value, SHIP_FROM_IDS, f"{at}shipFromIds") for value in ships]
    for name, value, defined, path in named:
        if value not in defined:
            what = f"{value} is invalid because it is not defined in {name} of shop setting."
            flaws.append(Flaw("IE0118", what, path))
    return flaws


def _invalid(name: str, value: object, at: str) -> Flaw:
    return Flaw("IE0002", f"{name} has an invalid value : {value}.", f"{at}{name}")


def _out_of_range(name: str, low: int, at: str) -> Flaw:
    return Flaw("IE0003", f"{name} must be between {low} and {QUANTITY_MAX}.", f"{at}{name}")
