"""RoomClipショッピング: fetches ``stock.csv``, shows and sells, mails the merchant when it fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sandbox.malls.roomclip import csvform
from sandbox.malls.roomclip.area import Area
from sandbox.malls.roomclip.orders import Order, OrderLine
from sandbox.malls.roomclip.settings import Faults, Settings
from sandbox.malls.roomclip.tempostar import JST
from sandbox.world import ControlError

PUBLISH_STATES = ("公開", "下書き", "非公開")
_CODE_COLUMNS = ("商品コード", "SKUコード")
_STOCK_COLUMNS = ("在庫数", "販売可能在庫数", "想定在庫数")


@dataclass
class Item:
    """A row of RoomClip's product list that is sold: single (flag 0) or child (flag 2)."""

    code: str
    name: str
    parent: str
    choices: str
    quantity: int = 0
    state: str = "公開"

    @property
    def flag(self) -> int:
        """親子・単品フラグ."""
        return 0 if self.parent == self.code else 2


@dataclass
class Roomclip:
    """State and rounds of RoomClip; the caller holds the sandbox's lock."""

    area: Area
    settings: Settings
    faults: Faults
    items: dict[str, Item] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    mails: list[dict[str, str]] = field(default_factory=list)
    paused: bool = False
    _unreadable: bytes = b""

    def shown(self) -> dict[str, int]:
        """Give what buyers see: 公開 only."""
        return {code: item.quantity for code, item in self.items.items() if item.state == "公開"}

    # ------------------------------------------------------------------ stock

    def poll(self) -> None:
        """Fetch ``stock.csv`` if it is there and settled, apply it and delete it."""
        path = self.area.path(f"/netstock/{self.settings.shop_code}/stock.csv")
        if self.paused or self.faults.reader_dead or not path.exists():
            return
        if self.area.settled(path, self.settings.settle_s):
            self._read(path)

    def _read(self, path: Path) -> None:
        content = path.read_bytes()
        try:
            records = csvform.parse(csvform.decode(path.name, content))
        except csvform.FormError as error:
            self._report_unreadable(content, str(error))
            return
        unknown = [record[0] for record in _stock_rows(records) if record[0] not in self.items]
        for code, quantity in _stock_rows(records):
            if code in self.items:
                self.items[code].quantity = quantity
        path.unlink()
        if unknown:
            self._mail("在庫を反映できない商品があります", ", ".join(unknown))

    def _report_unreadable(self, content: bytes, reason: str) -> None:
        # One mail for one bad file, however often it is polled.
        if content != self._unreadable:
            self._unreadable = content
            self._mail("在庫ファイルを読み込めません", reason)

    def _mail(self, subject: str, text: str) -> None:
        at = self.area.world.clock.now().isoformat()
        self.mails.append({"at": at, "subject": f"【RoomClip】{subject}", "text": text})

    # ------------------------------------------------------------------ shoppers

    def buy(self, lines: Sequence[dict[str, Any]]) -> Order:
        """Place an order.

        Raises:
            ControlError: not on sale, or not enough left.
        """
        wanted = [(str(line["code"]), int(line["quantity"])) for line in lines]
        for code, quantity in wanted:
            if quantity < 1 or self.shown().get(code, 0) < quantity:
                raise ControlError(f"{code}: {quantity} cannot be bought")
        number = 100_001 + len(self.orders)
        bought = tuple(self._line(code, quantity) for code, quantity in wanted)
        at = self.area.world.clock.now().astimezone(JST)
        order = Order(f"{self.settings.shop_code}-{number}", number, at, bought)
        self.orders[order.order_id] = order
        self._move(order, -1)
        return order

    def cancel(self, order_id: str) -> Order:
        """Cancel an order and put its pieces back."""
        order = self.orders[order_id]
        if order.state == "cancelled":
            raise ControlError(f"{order_id} is cancelled already")
        self.orders[order_id] = cancelled = replace(order, state="cancelled")
        self._move(order, 1)
        return cancelled

    def _line(self, code: str, quantity: int) -> OrderLine:
        item = self.items[code]
        return OrderLine(code, quantity, item.name, item.choices)

    def _move(self, order: Order, sign: int) -> None:
        if self.settings.lowers_own_stock:
            for line in order.lines:
                self.items[line.code].quantity += sign * line.quantity


def _stock_rows(records: list[list[str]]) -> list[tuple[str, int]]:
    """Give (code, stock) pairs: columns by name, else the first two; no integer, no row (spec 3)."""
    header = records[0] if records else []
    code_at = next((header.index(name) for name in _CODE_COLUMNS if name in header), 0)
    stock_at = next((header.index(name) for name in _STOCK_COLUMNS if name in header), 1)
    last = max(code_at, stock_at)
    return [
        (record[code_at], int(record[stock_at]))
        for record in records
        if len(record) > last and record[stock_at].isascii() and record[stock_at].isdigit()
    ]
