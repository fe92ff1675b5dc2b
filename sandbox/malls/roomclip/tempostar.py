"""TEMPOSTAR: takes inbound stock files, keeps 想定在庫数, sends stock and orders out as files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sandbox.catalogue import Good
from sandbox.malls.roomclip import csvform
from sandbox.malls.roomclip.area import Area
from sandbox.malls.roomclip.orders import COLUMNS as ORDER_COLUMNS
from sandbox.malls.roomclip.orders import Order, order_rows
from sandbox.malls.roomclip.settings import Faults, Settings

JST = ZoneInfo("Asia/Tokyo")
INBOUND = (
    "商品コード",
    "想定在庫数",
    "保留在庫数",
    "倉庫コード",
    "良品在庫数",
    "不良在庫数",
    "更新モード",
    "更新対象",
)
OUTBOUND = (
    "商品コード",
    "在庫数",
    "想定在庫数",
    "保留在庫数",
    "親商品コード",
    "商品名",
    "項目選択肢",
    "JANコード",
    "更新日時",
)
_EXPECTED_COLUMNS = (("想定在庫数", "expected"), ("保留在庫数", "held_back"))
_REAL_COLUMNS = (("良品在庫数", "good"), ("不良在庫数", "bad"))
# 更新対象: 1 expected only, 2 real and expected, 3 real only (spec 2).
_COLUMNS_OF_TARGET = {
    "1": _EXPECTED_COLUMNS,
    "2": _EXPECTED_COLUMNS + _REAL_COLUMNS,
    "3": _REAL_COLUMNS,
}


class RowError(Exception):
    """A row cannot be applied; the text goes into the log file."""


@dataclass
class Sku:
    """One SKU as TEMPOSTAR keeps it; real stock (good, bad) is apart from what is sold."""

    code: str
    name: str
    parent: str
    choices: str
    expected: int
    updated_at: datetime
    held_back: int = 0
    good: int = 0
    bad: int = 0
    linked: bool = True

    @property
    def for_sale(self) -> int:
        """在庫数: what the malls get (spec 3)."""
        return max(0, self.expected - self.held_back)


@dataclass
class Inbound:
    """A stock file that was seen under its final name; ``text`` as its name says it is encoded."""

    at: str
    name: str
    text: str
    taken_at: str | None = None


@dataclass
class Tempostar:
    """State and rounds of TEMPOSTAR; the caller holds the sandbox's lock.

    A product that exists from the start counts as sent: the shop has been running for a while.
    """

    area: Area
    settings: Settings
    faults: Faults
    skus: dict[str, Sku] = field(default_factory=dict)
    changed: dict[str, None] = field(default_factory=dict)
    history: list[Inbound] = field(default_factory=list)
    import_on: bool = True
    reflection_on: bool = True
    sendings: int = 0
    _last_taken: str = ""
    _taken: set[str] = field(default_factory=set)
    _waiting_orders: list[tuple[float, Order]] = field(default_factory=list)
    _half_written: dict[str, bytes] = field(default_factory=dict)
    _serial: int = 0

    # ------------------------------------------------------------------ goods and switches

    def add(self, good: Good) -> Sku:
        """Register a product, linked with RoomClip."""
        choices = " ".join(f"{axis}:{value}" for axis, value in good.choices)
        sku = Sku(good.code, good.name, good.parent, choices, good.quantity, self._now())
        self.skus[good.code] = sku
        return sku

    def link(self, code: str, on: bool) -> None:
        """Set 在庫連携先 of a product; one that is linked again goes out at the next sending."""
        self.skus[code].linked = on
        if on:
            self.changed[code] = None

    def mark_all(self) -> None:
        """一括同期: send every linked SKU again."""
        self.changed.update(dict.fromkeys(code for code, sku in self.skus.items() if sku.linked))

    def set_expected(self, code: str, quantity: int) -> None:
        """Change 想定在庫数 on TEMPOSTAR's own screen."""
        self._change(self.skus[code], "expected", quantity)

    def hold_back(self, code: str, quantity: int) -> None:
        """Change 保留在庫数 on TEMPOSTAR's own screen."""
        self._change(self.skus[code], "held_back", quantity)

    def _change(self, sku: Sku, attribute: str, value: int) -> None:
        before = sku.for_sale
        setattr(sku, attribute, value)
        sku.updated_at = self._now()
        if sku.for_sale != before:
            self.changed[sku.code] = None

    def _now(self) -> datetime:
        return self.area.world.clock.now().astimezone(JST)

    # ------------------------------------------------------------------ inbound

    def notice(self, path: Path) -> Inbound:
        """Remember an inbound file that lies in ``/stock/`` under its final name."""
        name = self.area.name(path)
        text = path.read_bytes().decode(csvform.encoding_of(path.name), errors="replace")
        for seen in reversed(self.history):
            if seen.name == name and seen.taken_at is None:
                seen.text = text
                return seen
        self.history.append(Inbound(self._stamp(), name, text))
        return self.history[-1]

    def _stamp(self) -> str:
        return self.area.world.clock.now().isoformat()

    def take_up(self) -> None:
        """Take every settled ``/stock/stock*.csv``, in the order of the names."""
        if self.faults.not_taken:
            return
        for path in sorted((self.area.root / "stock").glob("stock*.csv")):
            if self.area.settled(path, self.settings.settle_s):
                self._take(path)

    def _take(self, path: Path) -> None:
        self.notice(path).taken_at = self._stamp()
        self._check_name(path.name)
        problems = self._apply_file(path.name, path.read_bytes())
        path.unlink()
        if problems and self.settings.row_errors == "log":
            log = f"{path.name}.log"
            rows: list[tuple[str | int, ...]] = [("行", "商品コード", "エラー内容"), *problems]
            self.area.put(f"/stock/log/{log}", csvform.write(log, rows))

    def _check_name(self, name: str) -> None:
        if name in self._taken:
            self.area.violate("a name that was taken before", name)
        elif name <= self._last_taken:
            self.area.violate("a name not greater than the last one taken", name)
        self._taken.add(name)
        self._last_taken = max(name, self._last_taken)

    def _apply_file(self, name: str, content: bytes) -> list[tuple[int, str, str]]:
        try:
            records = csvform.parse(csvform.decode(name, content))
            header = _checked_header(records)
        except csvform.FormError as error:
            self.area.violate(f"form: {error}", name)
            return [(0, "", str(error))]
        problems = []
        for number, record in enumerate(records[1:], start=2):
            try:
                self._apply_row(header, record)
            except RowError as error:
                problems.append((number, record[0], str(error)))
        return problems

    def _apply_row(self, header: list[str], record: list[str]) -> None:
        if len(record) != len(header):
            raise RowError(f"項目数が違います: {len(record)}")
        row = dict(zip(header, record, strict=True))
        sku = self.skus.get(row["商品コード"])
        if sku is None:
            raise RowError("商品コードが登録されていません")
        mode, target = row.get("更新モード", "1"), row.get("更新対象", "1")
        if mode not in ("1", "2") or target not in _COLUMNS_OF_TARGET:
            raise RowError(f"更新モード・更新対象が正しくありません: {mode}, {target}")
        wanted = [pair for pair in _COLUMNS_OF_TARGET[target] if pair[0] in row]
        values = {key: _amount(row[column], mode, getattr(sku, key)) for column, key in wanted}
        if self.settings.held_back == "cleared" and "expected" in values:
            values.setdefault("held_back", 0)
        for key, value in values.items():
            self._change(sku, key, value)

    # ------------------------------------------------------------------ outbound

    def send(self) -> None:
        """Write changed linked SKUs to ``/netstock/{shop}/stock.csv`` (spec 3)."""
        name = f"/netstock/{self.settings.shop_code}/stock.csv"
        there = self.area.path(name).exists()
        codes = [code for code in self.changed if self.skus[code].linked][: self.settings.rows_per_sending]
        if not self.reflection_on or not codes or (there and self.settings.on_existing == "carry"):
            return
        rows = {code: self._outbound_row(self.skus[code]) for code in codes}
        if there and self.settings.on_existing == "merge":
            rows = {**self._rows_of(name), **rows}
        columns = len(OUTBOUND) if self.settings.outbound == "full" else 2
        records = [row[:columns] for row in (list(OUTBOUND), *rows.values())]
        self.area.put(name, csvform.write("stock.csv", records))
        self.sendings += 1
        for code in codes:
            del self.changed[code]

    def _rows_of(self, name: str) -> dict[str, list[str]]:
        text = csvform.decode("stock.csv", self.area.path(name).read_bytes())
        return {record[0]: record for record in csvform.parse(text)[1:]}

    def _outbound_row(self, sku: Sku) -> list[str]:
        numbers = (str(number) for number in (sku.for_sale, sku.expected, sku.held_back))
        updated = sku.updated_at.strftime("%Y/%m/%d %H:%M:%S")
        return [sku.code, *numbers, sku.parent, sku.name, sku.choices, "", updated]

    # ------------------------------------------------------------------ orders

    def import_order(self, order: Order) -> None:
        """受注取込 of a new or cancelled order: give it out later; take it off or put it back."""
        due = self.area.world.clock.seconds() + self.settings.order_export_s
        self._waiting_orders.append((due, order))

    def export_orders(self) -> None:
        """Write the orders that are due into one file of ``/order/export/acc/new/`` (spec 5.4)."""
        self._finish_files()
        now = self.area.world.clock.seconds()
        due = [order for at, order in self._waiting_orders if at <= now]
        if not due or not self.import_on:
            return
        self._waiting_orders = [(at, order) for at, order in self._waiting_orders if at > now]
        self._account_for(due)
        self._serial += 1
        stamp = self._now().strftime("%Y%m%d%H%M%S")
        mark = "utf8" if self.settings.order_utf8 else ""
        name = f"order{stamp}_{self._serial:04d}{mark}.{self.settings.shop_code}.csv"
        rows = [row for order in due for row in order_rows(order, self.settings)]
        self._put_orders(f"/order/export/acc/new/{name}", csvform.write(name, [ORDER_COLUMNS, *rows]))

    def _put_orders(self, name: str, content: bytes) -> None:
        lines = content.splitlines(keepends=True)
        whole = 1 + (len(lines) - 1) // 2  # the header and half of the rows
        there = b"".join(lines[:whole])
        if self.faults.orders_cut_in_row:
            there += lines[whole][: len(lines[whole]) // 2]
        elif not self.faults.orders_cut_between_rows:
            there = content
        self.area.put(name, there)
        if there != content:
            self._half_written[name] = content

    def _finish_files(self) -> None:
        """Write the rest of the files that were cut, once nothing cuts them any more."""
        if not (self.faults.orders_cut_in_row or self.faults.orders_cut_between_rows):
            for name, content in self._half_written.items():
                self.area.put(name, content)
            self._half_written.clear()

    def _account_for(self, orders: Iterable[Order]) -> None:
        if not self.settings.tempostar_takes_off_orders:
            return
        for order in orders:
            sign = 1 if order.state == "cancelled" else -1
            for line in order.lines:
                sku = self.skus[line.code]
                self._change(sku, "expected", sku.expected + sign * line.quantity)


def _checked_header(records: list[list[str]]) -> list[str]:
    if not records:
        raise csvform.FormError("no header")
    header = records[0]
    unknown = [column for column in header if column not in INBOUND]
    if unknown or len(set(header)) != len(header) or "商品コード" not in header:
        raise csvform.FormError(f"header not known: {header}")
    return header


def _amount(text: str, mode: str, before: int) -> int:
    digits = text.removeprefix("-") if mode == "2" else text
    if not (digits.isascii() and digits.isdigit()):
        raise RowError(f"数量が正しくありません: {text}")
    return int(text) if mode == "1" else before + int(text)
