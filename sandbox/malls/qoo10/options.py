"""Writes of option rows, one or up to 500 at a time; rows are found by name and value (spec 7.3, 7.4)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from sandbox.malls.qoo10.goods import Item, OptionRow, Unit
from sandbox.malls.qoo10.rows import Fields, Outcome, bulk_answer, bulk_rows, quantity_of
from sandbox.malls.qoo10.wire import PROCESSING, Answer, Call, Refusal, done, refusal, require
from sandbox.malls.qoo10.writes import Addressed

TEXT_MOST = 50
ADDRESS = ("ItemCode", "SellerCode", "OptionName", "OptionValue", "OptionCode")
PRICE_TEXT = "Processing Error - Option price"


@dataclass(frozen=True)
class Change:
    """A write of one option row whose form is right; None keeps what is there."""

    item: Item
    row: OptionRow
    code: str
    quantity: int | None
    price: int | None = None


class Tables:
    """The option tables of one call's items by what a write names: rows are renamed between calls alone."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[tuple[str, str], OptionRow]] = {}

    def row(self, item: Item, fields: Fields) -> OptionRow | None:
        """Find the row that a write names; of several alike the first."""
        if id(item) not in self._rows:
            self._rows[id(item)] = {(row.names, row.values): row for row in reversed(item.rows)}
        return self._rows[id(item)].get((fields.get("OptionName", ""), fields.get("OptionValue", "")))


class Options(Addressed):
    """``ItemsOptions`` over the option tables."""

    def one(self, call: Call) -> Answer:
        """Answer ``UpdateInventoryQtyUnit``."""
        self._require(call.fields)
        self._apply(self._change(call, call.fields, Tables()))
        return done()

    def bulk(self, call: Call) -> Answer:
        """Answer ``UpdateInventoryDataBulk``: it sets prices too, and checks them over the item."""
        rows = bulk_rows(call, (*ADDRESS, "Price", "Qty"))
        for row in rows:
            self._require(row)
        tables = Tables()
        prices = self._prices_after(rows, tables)
        work = partial(self._bulk_row, call, prices, tables)
        outcomes = [Outcome.of(call, row, partial(work, row)) for row in rows]
        return bulk_answer(outcomes, self._settings.bulk_shape, self._world.random)

    def _bulk_row(self, call: Call, prices: dict[int, int], tables: Tables, fields: Fields) -> None:
        change = self._change(call, fields, tables, price=self._price(fields))
        if not any(prices.get(id(row), row.price) == 0 for row in change.item.rows):
            raise refusal(PROCESSING, f"{PRICE_TEXT}: one must be 0")
        if change.price is not None and abs(change.price) * 2 > change.item.price:
            raise refusal(PROCESSING, f"{PRICE_TEXT}: -50% to 50%")
        self._apply(change)

    def _prices_after(self, rows: list[dict[str, str]], tables: Tables) -> dict[int, int]:
        """Give the prices that the rows of the call ask for, whatever else is wrong with them."""
        found: dict[int, int] = {}
        for fields in rows:
            item = self._goods.address(fields.get("ItemCode", ""), fields.get("SellerCode", ""))
            row = tables.row(item, fields) if item else None
            with suppress(Refusal):  # that row fails on its own later
                if row and (price := self._price(fields)) is not None:
                    found[id(row)] = price
        return found

    def _require(self, fields: Fields) -> None:
        if not (self._settings.seller_code_alone and fields.get("SellerCode")):
            require(fields, "ItemCode")
        for name in ("OptionName", "OptionValue"):
            require(fields, name)
        if not (self._settings.empty_option_code and "OptionCode" in fields):
            require(fields, "OptionCode")

    def _change(self, call: Call, fields: Fields, tables: Tables, price: int | None = None) -> Change:
        item = self._item(fields)
        row = tables.row(item, fields)
        if row is None:
            raise refusal(self._settings.option_missing_code, "Processing Error - Option not found")
        if any(len(fields[name]) > TEXT_MOST for name in ("OptionName", "OptionValue", "OptionCode")):
            raise refusal(PROCESSING, f"Processing Error - over {TEXT_MOST} characters")
        self._refuse(call.function, Unit(item, row))
        default = 0 if self._settings.missing_quantity == "default" else None
        return Change(item, row, fields["OptionCode"], quantity_of(call, fields, default, words=False), price)

    def _apply(self, change: Change) -> None:
        if change.quantity is not None:
            change.row.level.set(change.quantity, self._world.clock.seconds())
        if change.price is not None:
            change.row.price = change.price
        if change.code and self._settings.option_code == "written":
            change.row.code = change.code
        change.item.changed = self._now

    def _price(self, fields: Fields) -> int | None:
        if "Price" not in fields:
            return 0 if self._settings.missing_option_price == "zero" else None
        try:
            found = float(fields["Price"])
        except ValueError:
            raise refusal(PROCESSING, PRICE_TEXT, f"Price {fields['Price']!r}") from None
        if not found.is_integer():
            raise refusal(PROCESSING, PRICE_TEXT, f"Price {fields['Price']!r}")
        return int(found)
