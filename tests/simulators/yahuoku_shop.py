"""A Yahoo!オークション store, the files that its staff upload, and readers of those they download."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from sandbox.malls.yahuoku.part import YahuokuMall
from sandbox.world import World

IMAGES = ",".join(f"画像{n},画像{n}コメント" for n in range(1, 11))
HEADER = (
    "管理番号,カテゴリ,タイトル,説明,ストア内商品検索用キーワード,開始価格,即決価格,個数,期間,終了時間,"
    "商品発送元の都道府県,商品発送元の市区町村,送料負担,代金先払い、後払い,商品の状態,"
    f"{IMAGES},最低評価,悪評割合制限,入札者認証制限,自動延長,商品の自動再出品,自動値下げ,"
    "注目のオークション,重量設定,消費税設定,税込みフラグ,JANコード・ISBNコード,ブランドID,"
    "商品スペックサイズ種別,商品スペックサイズID,商品分類ID,商品保存先フォルダパス,配送グループ,発送までの日数"
)
GOOD = {
    "カテゴリ": "2084207680",
    "タイトル": "花瓶",
    "説明": "<p>花瓶</p>",
    "開始価格": "1500",
    "即決価格": "0",
    "個数": "1",
    "期間": "7",
    "終了時間": "22",
    "送料負担": "落札者",
    "代金先払い、後払い": "代金先払い",
    "商品の状態": "未使用",
    "最低評価": "-5",
    "悪評割合制限": "いいえ",
    "入札者認証制限": "いいえ",
    "自動延長": "はい",
    "商品の自動再出品": "0",
    "消費税設定": "10",
    "税込みフラグ": "いいえ",
    "商品保存先フォルダパス": "新着",
    "配送グループ": "1",
    "発送までの日数": "1",
}


class Shop:
    """The store under test and the hands on it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.world = World(folder)
        self.mall = YahuokuMall(self.world, **settings)
        self.mall.start()

    def control(self, verb: str, **arguments: Any) -> Any:
        return json.loads(json.dumps(self.mall.control(verb, arguments)))

    def upload(self, content: bytes, name: str = "auctions_20260101.csv") -> dict[str, Any]:
        encoded = base64.b64encode(content).decode()
        answer: dict[str, Any] = self.control("upload", name=name, content_base64=encoded)
        return answer

    def sell(self, code: str, **more: str) -> None:
        """Upload one right row and list it."""
        assert self.upload(auction_csv(row(code, **more)))["errors"] == []
        self.control("put_up", code=code)

    def buy(self, *codes: str, quantity: int = 1, **more: Any) -> str:
        lines = [{"code": code, "quantity": quantity} for code in codes]
        return str(self.control("order", lines=lines, **more)["order_id"])

    def listed(self, code: str) -> list[dict[str, Any]]:
        return [found for found in self.control("listings") if found["code"] == code]

    def download(self, what: str) -> tuple[str, bytes]:
        given = self.control(f"download_{what}")
        return given["name"], base64.b64decode(given["content_base64"])

    def export(self) -> list[dict[str, Any]]:
        """The order export as records by column letter, the header too."""
        return cells(self.download("orders")[1])


def row(code: str, **more: str) -> dict[str, str]:
    return {**GOOD, "管理番号": code, **more}


def auction_csv(*rows: dict[str, str], header: str = HEADER, end: str = "\r\n") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end)
    writer.writerow(header.split(","))
    writer.writerows([each.get(name, "") for name in header.split(",")] for each in rows)
    return text.getvalue().encode("cp932")


def cells(content: bytes) -> list[dict[str, Any]]:
    """Read a workbook by the rules of its format: shared texts, cells by their place."""
    mark = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        strings = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    texts = ["".join(each.itertext()) for each in strings.findall("m:si", mark)]
    return [
        {
            re.sub(r"\d", "", cell.attrib["r"]): _value(cell, texts, mark)
            for cell in record.findall("m:c", mark)
        }
        for record in sheet.iterfind(".//m:row", mark)
    ]


def _value(cell: ElementTree.Element, texts: list[str], mark: dict[str, str]) -> str | float:
    text = cell.findtext("m:v", "", mark)
    return texts[int(text)] if cell.get("t") == "s" else float(text)
