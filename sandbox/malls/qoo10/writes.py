"""Writes of plain items, one or up to 500 at a time (spec 7.1, 7.2)."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from sandbox.malls.qoo10.faults import Faults
from sandbox.malls.qoo10.goods import LAST_DAY, OPEN, Goods, Item, Unit
from sandbox.malls.qoo10.rows import Fields, Outcome, bulk_answer, bulk_rows, quantity_of
from sandbox.malls.qoo10.settings import Settings
from sandbox.malls.qoo10.wire import (
    EXCEPTION,
    JST,
    NOT_FOUND,
    PROCESSING,
    Answer,
    Call,
    Refusal,
    done,
    refusal,
    require,
)
from sandbox.world import World

QUANTITY_DEFAULT = 9999
FIELDS = ("ItemCode", "SellerCode", "Price", "TaxRate", "Qty", "ExpireDate", "StartDate")
TAX_RATES = ("", "S", "10", "8", "0")


class Addressed:
    """What writes of items and of option rows share: finding the item, and who refuses it."""

    def __init__(self, world: World, goods: Goods, faults: Faults, settings: Settings) -> None:
        self._world = world
        self._goods = goods
        self._faults = faults
        self._settings = settings

    @property
    def _now(self) -> datetime:
        return self._world.clock.now()

    def _item(self, fields: Fields) -> Item:
        if not (self._settings.seller_code_alone and fields.get("SellerCode")):
            require(fields, "ItemCode")
        item = self._goods.address(fields.get("ItemCode", ""), fields.get("SellerCode", ""))
        if item is None:
            raise refusal(NOT_FOUND)
        if item.status not in OPEN:
            raise refusal(self._settings.closed_write_code, "Processing Error - 販売中止の商品です。")
        return item

    def _refuse(self, function: str, unit: Unit) -> None:
        names = (unit.code, unit.place)
        if code := self._faults.take_refusal(function, lambda asked: asked in names):
            raise Refusal(refusal(code).answer)  # a code on demand is no bug of the client


class Writes(Addressed):
    """``ItemsOrder`` over the shop's items."""

    def one(self, call: Call) -> Answer:
        """Answer ``SetGoodsPriceQty``."""
        self._write(call, call.fields)
        return done()

    def bulk(self, call: Call) -> Answer:
        """Answer ``SetGoodsPriceQtyBulk``: good rows are applied whatever the others do."""
        rows = bulk_rows(call, FIELDS)
        for row in rows:
            self._require_item_code(row)
            if self._settings.missing_price == "refused" and "Price" not in row:
                raise Refusal(refusal(EXCEPTION).answer)  # no bug of the client: nothing is documented
        outcomes = [Outcome.of(call, row, partial(self._write, call, row)) for row in rows]
        return bulk_answer(outcomes, self._settings.bulk_shape, self._world.random)

    def _require_item_code(self, row: Fields) -> None:
        # A missing field stops the whole call before any row is looked at; whether it does is a guess.
        if not (self._settings.seller_code_alone and row.get("SellerCode")):
            require(row, "ItemCode")

    def _write(self, call: Call, fields: Fields) -> None:
        """Check a write whole, then apply it."""
        item = self._item(fields)
        self._refuse(call.function, Unit(item, None))
        price, expires = self._price(item, fields), self._expires(call, item, fields)
        quantity = quantity_of(call, fields, self._default(), words=True)
        if fields.get("TaxRate", "") not in TAX_RATES:
            raise refusal(PROCESSING, "Processing Error - TaxRate", "TaxRate")
        if item.has_options and quantity is not None:
            self._refuse_on_options(call)
        item.price, item.expires, item.changed = price, expires, self._now
        if quantity is not None and not item.has_options:
            item.level.set(quantity, self._world.clock.seconds())

    def _refuse_on_options(self, call: Call) -> None:
        call.notes.append("a quantity for an item whose option rows hold the stock")
        if self._settings.write_on_options == "refused":
            raise refusal(PROCESSING, "Processing Error - the item has an option table")

    def _default(self) -> int | None:
        return QUANTITY_DEFAULT if self._settings.missing_quantity == "default" else None

    def _price(self, item: Item, fields: Fields) -> int:
        text = fields.get("Price")
        if text is None or (text == "" and self._settings.empty_price == "keeps"):
            return item.price
        if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 999_999_999):
            raise refusal(PROCESSING, "Processing Error - Price", f"Price {text!r}")
        return int(text)

    def _expires(self, call: Call, item: Item, fields: Fields) -> date:
        text = fields.get("ExpireDate", "")
        if text in ("", "Null", "null"):
            call.notes.append("ExpireDate is missing")
            kept = self._settings.missing_expire_date == "keeps"
            return item.expires if kept else _in_a_year(self._now.astimezone(JST).date())
        try:
            found = date.fromisoformat(text)
        except ValueError:
            found = None
        if found is None or found.isoformat() != text:
            raise refusal(PROCESSING, "Processing Error - ExpireDate", f"ExpireDate {text!r}")
        if self._settings.expire_limit and found > LAST_DAY:
            raise refusal(PROCESSING, "Processing Error - ExpireDate is too late")
        return found


def _in_a_year(today: date) -> date:
    leap_day = (today.month, today.day) == (2, 29)
    return today.replace(year=today.year + 1, day=28 if leap_day else today.day)
