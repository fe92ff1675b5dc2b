"""The sandbox's Yahoo!オークション store with the person who carries its files, and files made by hand."""

from __future__ import annotations

import base64
import csv
import io
import threading
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from adapters.clock import SystemClock
from adapters.contract import Adapter, Address, ShopSettings, StockLine
from adapters.yahuoku.adapter import AuctionAdapter, create
from adapters.yahuoku.listing import KNOWN_HEADER
from sandbox.malls.yahuoku.part import YahuokuMall
from sandbox.web import WebHost
from sandbox.world import World
from tests.contract import FAULTS

USUAL = {
    "カテゴリ": "2084207680",
    "開始価格": "1000",
    "即決価格": "0",
    "期間": "7",
    "終了時間": "22",
    "商品発送元の都道府県": "東京都",
    "送料負担": "落札者",
    "代金先払い、後払い": "代金先払い",
    "商品の状態": "未使用",
    "最低評価": "-5",
    "悪評割合制限": "いいえ",
    "入札者認証制限": "いいえ",
    "自動延長": "はい",
    "商品の自動再出品": "3",
    "消費税設定": "10",
    "税込みフラグ": "いいえ",
    "配送グループ": "1",
    "発送までの日数": "1",
}


def template_row(code: str, **cells: str) -> dict[str, str]:
    """Give a row of an upload as a merchant writes it."""
    return {"管理番号": code, "タイトル": f"品 {code}", "説明": '<p class="a">良い,品</p>', **USUAL, **cells}


def template(*rows: dict[str, str], header: Sequence[str] = KNOWN_HEADER) -> bytes:
    """Make a merchant's file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, restval="", extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("cp932")


def line(code: str, quantity: int = 1) -> StockLine:
    return StockLine(code, (code,), quantity)


def csv_file(*rows: Sequence[str], encoding: str = "cp932") -> bytes:
    """Make a CSV file of these rows."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def workbook(sheet: str, shared: str = "", properties: str = "", **parts: str) -> bytes:
    """Make a workbook of one sheet from the XML of its rows."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    names = {
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}">{properties}<sheets>'
        '<sheet name="a" sheetId="1" r:id="rId7"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": "<Relationships>"
        '<Relationship Id="rId7" Target="/xl/worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{sheet}</sheetData></worksheet>",
        "xl/sharedStrings.xml": f"<sst {main}>{shared}</sst>",
        **parts,
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in names.items():
            archive.writestr(name, body)
    return content.getvalue()


def sheet_row(number: int, *cells: str) -> str:
    """Give the XML of a row of texts."""
    texts = (f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in cells)
    return f'<row r="{number}">{"".join(texts)}</row>'


class Store:
    """The store as the contract's cases handle it, in auction mode."""

    codes: Sequence[str] = ("mug", "cap-navy", "tee-red-m")
    secrets: Sequence[str] = ()
    personal: Sequence[str] = ("山田", "花子", "架空区", "1-2-3", "hanako@example.invalid", "00000000000")
    faults: frozenset[str] = frozenset()
    # A page, or half a file, in place of one: see the tests of order files.
    missing_faults: Mapping[str, str] = dict.fromkeys(FAULTS, "no call is ever made: people carry the files")

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.world = World(folder)
        self._web = WebHost(self.world)
        self.part = YahuokuMall(self.world, self._web, **settings)
        self._web.start()
        self.part.start()
        self.template_file = folder / "template.csv"
        self.write_template(*(template_row(code) for code in ("mug", "mug-2", "cap-navy")))

    def stop(self) -> None:
        self.part.stop()
        self._web.stop()

    def ask(self, verb: str, **arguments: Any) -> Any:
        return self.part.control(verb, arguments)

    def write_template(self, *rows: dict[str, str]) -> None:
        self.template_file.write_bytes(template(*rows))

    def auction(self, **options: str | int) -> AuctionAdapter:
        chosen = {"mode": "auction", "template": str(self.template_file), **options}
        made = create(ShopSettings("yahuoku-main", chosen), {}, SystemClock(), threading.Event())
        assert isinstance(made, AuctionAdapter)
        return made

    def upload(self, name: str, content: bytes) -> Any:
        return self.ask("upload", name=name, content_base64=base64.b64encode(content).decode())

    def download(self, verb: str = "download_orders") -> tuple[str, bytes]:
        answer = self.ask(verb)
        return answer["name"], base64.b64decode(answer["content_base64"])

    def download_list(self) -> tuple[str, bytes]:
        return self.download("download_listings")

    def running(self, code: str) -> dict[str, Any]:
        (found,) = (item for item in self.listed(code) if item["state"] == "出品中")
        return found

    def listed(self, code: str) -> list[dict[str, Any]]:
        return [item for item in self.ask("listings") if item["code"] == code]

    # ------------------------------------------------------------------- the contract's bench

    def adapter(self) -> Adapter:
        return self.auction()

    def unreachable(self) -> Adapter:
        return self.auction()

    def address(self, code: str) -> Address:
        return (code,)

    def unknown(self) -> StockLine:
        return line("not-there")

    def refused(self) -> StockLine | None:
        return None

    def filler(self, count: int) -> list[StockLine]:
        return [line(f"filler-{number}") for number in range(count)]

    def stock(self, code: str) -> int:
        return int(self.ask("stock")[code])

    def set_stock(self, code: str, quantity: int) -> None:
        self.ask("set_stock", code=code, quantity=quantity)

    def order(self, code: str, quantity: int) -> str:
        return str(self.ask("order", lines=[{"code": code, "quantity": quantity}])["order_id"])

    def cancel(self, order_id: str) -> None:
        self.ask("cancel", order_id=order_id)

    def settle(self) -> None: ...

    def fault(self, name: str, **arguments: Any) -> None:
        self.ask("fault", name=name, **arguments)

    def clear_faults(self) -> None:
        self.ask("clear_faults")

    def expire(self) -> None: ...

    def renew(self) -> None: ...

    def calls(self) -> int:
        return len(self.ask("journal"))

    def now(self) -> datetime:
        return self.world.clock.now()
