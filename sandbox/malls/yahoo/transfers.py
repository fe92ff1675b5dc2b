"""Files that take their time: stock and item CSV to download, stock CSV to upload (spec 4.3, 6)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.malls.yahoo.goods import CODE, Goods, Item
from sandbox.malls.yahoo.settings import Settings
from sandbox.malls.yahoo.stock import QUANTITY_MAX, Stock

ITEMS, STOCKS = "1", "2"
ENCODING = "cp932"
UPLOAD_MOST = 20_000
STOCK_HEAD = ("code", "sub-code", "quantity", "allow-overdraft", "stock-close")
UPLOAD_HEADS = (
    ("code", "sub-code", "quantity", "mode", "allow-overdraft", "stock-close"),
    ("code", "sub-code", "quantity", "allow-overdraft"),
)
ITEM_HEAD = (
    *("path", "name", "code", "sub-code", "original-price", "price", "sale-price", "options", "headline"),
    *("caption", "abstract", "explanation", "jan", "display", "auc-bcid", "auc-category"),
)


@dataclass(frozen=True)
class Download:
    """One file that was asked for; what it holds is from that moment."""

    kind: str
    key: str
    content: bytes
    ready_at: datetime


@dataclass
class Upload:
    """One stock file that was accepted; ``errors`` are known once it is ``done``."""

    content: bytes
    ready_at: datetime
    done: bool = False
    applied: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass
class Transfers:
    """All files of the store."""

    goods: Goods
    stock: Stock
    settings: Settings
    downloads: list[Download] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)

    def ask(self, kind: str, now: datetime) -> Download:
        """Begin to make a file."""
        content = self._items() if kind == ITEMS else self._stocks()
        key = f"FAKEFILE{len(self.downloads) + 1:06d}"
        ready_at = now + timedelta(seconds=self.settings.download_s)
        self.downloads.append(Download(kind, key, content, ready_at))
        return self.downloads[-1]

    def find(self, kind: str, key: str) -> Download | None:
        """Give the youngest file of a kind, or the one of a key."""
        fits = [each for each in self.downloads if each.kind == kind and key in ("", each.key)]
        return fits[-1] if fits else None

    def accept(self, content: bytes, now: datetime) -> None:
        """Take an upload in."""
        self.uploads.append(Upload(content, now + timedelta(seconds=self.settings.upload_s)))

    def is_busy(self) -> bool:
        """Say whether an upload is under way."""
        return any(not upload.done for upload in self.uploads)

    def settle(self, now: datetime) -> None:
        """Apply the uploads whose time has come."""
        for upload in self.uploads:
            if not upload.done and upload.ready_at <= now:
                self._apply(upload, now)

    def _apply(self, upload: Upload, now: datetime) -> None:
        upload.done = True
        for number, row in enumerate(csv.DictReader(io.StringIO(upload.content.decode(ENCODING))), 2):
            code, sub, amount = (row.get(name) or "" for name in ("code", "sub-code", "quantity"))
            good = CODE.fullmatch(code) and (not sub or CODE.fullmatch(sub))
            if not good or not amount.isascii() or not amount.isdigit() or int(amount) > QUANTITY_MAX:
                upload.errors.append(f"line {number}: {code}:{sub} {amount}")
                continue
            self.stock.set((code, sub), int(amount), now)
            upload.applied += 1

    def _stocks(self) -> bytes:
        rows = [
            (
                *record.pair,
                "" if record.quantity is None else record.quantity,
                record.overdraft,
                record.closed,
            )
            for record in self.stock.records()
            if self.goods.knows(record.pair)
        ]
        return _written(STOCK_HEAD, rows)

    def _items(self) -> bytes:
        return _written(ITEM_HEAD, [self._item(item) for item in self.goods.items.values()])

    def _item(self, item: Item) -> tuple[object, ...]:
        known: dict[str, object] = {
            "path": "見本",
            "name": item.name,
            "code": item.code,
            "sub-code": _sub_codes(item) if self.settings.item_sub_codes else "",
            "price": item.price,
            "display": int(item.published),
            "auc-category": "0" if item.cross_listed else "",
        }
        return tuple(known.get(name, "") for name in ITEM_HEAD)


def _sub_codes(item: Item) -> str:
    """Write the variants of an item in one field: ``axis:value#axis:value=sub-code&…``."""
    named = (
        ("#".join(f"{axis}:{value}" for axis, value in choices), sub) for sub, choices in item.choices.items()
    )
    return "&".join(f"{choices}={sub}" for choices, sub in named)


def _written(head: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue().encode(ENCODING)


def upload_flaw(content: bytes) -> str:
    """Say what stands against accepting an upload; empty if nothing."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode(ENCODING))))
    except UnicodeDecodeError:
        return "not cp932"
    if not rows or tuple(rows[0]) not in UPLOAD_HEADS:
        return "unknown field names"
    return f"more than {UPLOAD_MOST} rows" if len(rows) > UPLOAD_MOST + 1 else ""
