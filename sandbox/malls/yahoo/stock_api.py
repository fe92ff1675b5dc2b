"""setStock and getStock (spec 4.1, 4.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sandbox.malls.yahoo.admission import check_seller
from sandbox.malls.yahoo.faults import Faults
from sandbox.malls.yahoo.goods import CODE, Pair, merchant_code, native_code
from sandbox.malls.yahoo.settings import Settings
from sandbox.malls.yahoo.stock import QUANTITY_MAX, Record
from sandbox.malls.yahoo.wire import (
    PUBLISHING,
    Answer,
    Call,
    Refusal,
    element,
    jst,
    leaf,
    refusal,
    result_set,
    xml,
)

CODES_MOST = 1000
QUANTITY = re.compile(r"[+-]?[0-9]{1,9}")
APPLIED_UNREAD = "ed-10002"


@dataclass(frozen=True)
class Row:
    """One code of a write as it came; ``overdraft`` None where none was sent."""

    code: str
    quantity: str
    overdraft: str | None

    @property
    def pair(self) -> Pair:
        """Give the stock key that the code spells."""
        item, _, sub = self.code.partition(":")
        return item, sub


@dataclass(frozen=True)
class Outcome:
    """What became of one row: the new number, or an error."""

    pair: Pair
    quantity: int | None = None
    error: str = ""
    message: str = ""

    @property
    def applied(self) -> bool:
        """Say whether the stock was changed."""
        return self.error in ("", APPLIED_UNREAD)

    def xml(self) -> str:
        """Give the wire form."""
        end = leaf("ErrorCode", self.error) if self.error else leaf("Quantity", self.quantity)
        return element("Result", leaf("ItemCode", self.pair[0]), leaf("SubCode", self.pair[1]), end)


class StockApi:
    """The stock functions over the store's records."""

    def __init__(self, settings: Settings, faults: Faults, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._faults = faults
        self._now = now

    def set_stock(self, call: Call) -> Answer:
        """Answer ``setStock``: every good row is written, whatever the others are."""
        form = call.form("seller_id", "item_code", "quantity", "allow_overdraft")
        check_seller(call, form)
        self.check_lock(call)
        rows = _rows(call, form)
        refused = self._refused(rows)
        outcomes = [self._write(call, row, refused.get(row.pair, "")) for row in rows]
        bad = [outcome for outcome in outcomes if outcome.error]
        if bad and not any(outcome.applied for outcome in outcomes):
            status = self._settings.single_bad if len(rows) == 1 else self._settings.all_bad
            if status == 400:
                raise refusal(400, bad[0].message, bad[0].error)
        results = [outcome.xml() for outcome in self._ordered(outcomes)]
        return xml(result_set(results, **self._counts(len(rows), len(bad))), 207 if bad else 200)

    def get_stock(self, call: Call) -> Answer:
        """Answer ``getStock``: an unknown code has ``Status`` 0 and no number."""
        form = call.form("seller_id", "item_code")
        check_seller(call, form)
        codes = form.get("item_code", "").split(",")
        _check_codes(call, codes, "st-011")
        if bad := [code for code in codes if not _is_code(code)]:
            raise _bug(call, f"item_code({bad[0]}) is invalid format.", "st-01101")
        found = self._ordered([Outcome(Row(code, "", None).pair) for code in codes])
        results = [self._row(call, outcome.pair) for outcome in found]
        missing = sum("<Status>0" in result for result in results)
        return xml(result_set(results, **self._counts(len(codes), missing)))

    def check_lock(self, call: Call) -> None:
        """Refuse a write while the store is being published or a file is being taken in."""
        busy = self._settings.upload_locks and call.store.transfers.is_busy()
        if busy or self._faults.take(("publishing",), call.route.function):
            raise refusal(400, PUBLISHING, "ed-00006")

    def _write(self, call: Call, row: Row, refused: str) -> Outcome:
        flaw = _form_flaw(row, self._settings)
        if flaw:
            call.violations.append(flaw[1])
            return Outcome(row.pair, None, *flaw)
        if refused and refused != APPLIED_UNREAD:
            return Outcome(row.pair, None, refused, refused)
        quantity = self._quantity(call.store.stock.get(row.pair), row.quantity.strip())
        if quantity is None:
            return Outcome(row.pair, None, "st-02104", f"quantity({row.quantity}) is invalid value")
        overdraft = 0 if self._settings.overdraft_omitted == "reset" else None
        chosen = overdraft if row.overdraft is None else int(row.overdraft)
        call.store.stock.set(row.pair, quantity, self._now(), chosen)
        return Outcome(row.pair, quantity, refused, refused)

    def _quantity(self, record: Record | None, text: str) -> int | None:
        """Give the number after the write; None where there cannot be one."""
        if text[0] not in "+-":
            return int(text)
        if record is not None and record.quantity is None:
            return None
        quantity = (record.quantity or 0 if record else 0) + int(text)
        if quantity < 0 and self._settings.below_zero != "keep":
            return 0 if self._settings.below_zero == "clamp" else None
        return quantity if abs(quantity) <= QUANTITY_MAX else None

    def _refused(self, rows: list[Row]) -> dict[Pair, str]:
        """Give the pairs that a fault refuses, each with its code."""
        names = {name: row.pair for row in rows for name in (merchant_code(row.pair), native_code(row.pair))}
        met = self._faults.take_refusals(lambda code: code in names)
        return {names[fault.options["code"]]: fault.options.get("error", "st-02999") for fault in met}

    def _row(self, call: Call, pair: Pair) -> str:
        record, store = call.store.stock.get(pair), call.store
        known = record is not None and (store.goods.knows(pair) or self._settings.orphan_status == 1)
        key = [leaf("ItemCode", pair[0]), leaf("SubCode", pair[1])]
        if record is None or not known:
            return element("Result", *key, self._leaf("Status", 0))
        item = store.goods.items.get(pair[0])
        fields: dict[str, object] = {
            "Status": 1,
            "Quantity": "" if record.quantity is None else record.quantity,
            "AllowOverdraft": record.overdraft,
            "IsPublished": int(item is not None and item.published),
            "StockClose": record.closed,
            "UpdateTime": jst(record.updated),
        }
        shown = {"IsPublished": self._settings.is_published, "StockClose": self._settings.stock_close}
        return element("Result", *key, *[self._leaf(n, v) for n, v in fields.items() if shown.get(n, True)])

    def _leaf(self, name: str, value: object) -> str:
        return leaf(name, f"\n    {value}\n  " if self._settings.padded else value)

    def _ordered(self, outcomes: list[Outcome]) -> list[Outcome]:
        if self._settings.result_order == "request":
            return outcomes
        return sorted(outcomes, key=lambda outcome: outcome.pair)

    def _counts(self, total: int, bad: int) -> dict[str, int]:
        return {"ok": total - bad, "ng": bad} if self._settings.counters else {}


def _rows(call: Call, form: Mapping[str, str]) -> list[Row]:
    """Split the lists of a write; what is wrong with them as a whole refuses the call."""
    codes, quantities = form.get("item_code", "").split(","), form.get("quantity", "").split(",")
    _check_codes(call, codes, "st-021", len(quantities))
    overdrafts: list[str] | list[None] = [None] * len(codes)
    if "allow_overdraft" in form:
        overdrafts = form["allow_overdraft"].split(",")
    if len(overdrafts) != len(codes):
        raise _bug(call, "number of allow_overdraft is invalid", "st-02107")
    _check_twice(call, codes, "st-021")
    return [Row(*row) for row in zip(codes, quantities, overdrafts, strict=True)]


def _check_codes(call: Call, codes: list[str], family: str, quantities: int | None = None) -> None:
    if codes == [""]:
        raise _bug(call, "item_code() is invalid format.", f"{family}01")
    if len(codes) > CODES_MOST:
        raise _bug(call, f"item_code is over {CODES_MOST}", f"{family}02")
    if quantities is None:
        _check_twice(call, codes, family)
    elif quantities != len(codes):
        raise _bug(call, "number of quantity is invalid", f"{family}05")


def _check_twice(call: Call, codes: list[str], family: str) -> None:
    if len(set(codes)) < len(codes):
        raise _bug(call, "item_code is duplicated", f"{family}03")


def _form_flaw(row: Row, settings: Settings) -> tuple[str, str] | None:
    """Say what is wrong with the form of a row: code and message."""
    if not _is_code(row.code):
        return "st-02101", f"item_code({row.code}) is invalid format."
    quantity = row.quantity.strip() if settings.plus_as_space == "trim" else row.quantity
    if not QUANTITY.fullmatch(quantity):
        return "st-02104", f"quantity({row.quantity}) is invalid value"
    if row.overdraft not in (None, "0", "1"):
        return "st-02106", f"allow_overdraft({row.overdraft}) is invalid value"
    return None


def _is_code(code: str) -> bool:
    return len(parts := code.split(":")) <= 2 and all(CODE.fullmatch(part) for part in parts)


def _bug(call: Call, message: str, code: str) -> Refusal:
    call.violations.append(f"{code} {message}")
    return refusal(400, message, code)
