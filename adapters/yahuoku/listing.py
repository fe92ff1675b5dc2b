"""The upload file of 競りナビ: the merchant's own rows with 個数 filled in, and how long they run.

The merchant keeps a file of the form that 競りナビ takes, a row for each 管理番号 that may go to auction,
made and tried by hand once. The bot copies the rows that are wanted and fills in 管理番号 and 個数; what an
auction is called, costs and promises is none of its business.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapters.contract import Finding, ListingRun, Product, ProductFile, StockLine
from adapters.errors import ConfigError
from adapters.yahuoku.wire import ENCODING, JST, MAX_BYTES, Malformed, Row, csv_rows

CODE, QUANTITY, TITLE = "管理番号", "個数", "タイトル"
_START, _BUY_NOW = "開始価格", "即決価格"
_STATE, _AUCTION = "状態", "オークションID"
_DAYS, _HOUR, _RELISTS, _EXTENDS = "期間", "終了時間", "商品の自動再出品", "自動延長"
RELISTS_MAX = 3  # Source: タテンポガイド, yahooau_auto: Yahoo! relists by itself three times at most

# Source: files that merchants' programs write for 競りナビ. "代金先払い、後払い" is one column.
KNOWN_HEADER = tuple(
    (
        "管理番号,カテゴリ,タイトル,説明,ストア内商品検索用キーワード,開始価格,即決価格,個数,期間,終了時間,"
        "商品発送元の都道府県,商品発送元の市区町村,送料負担,代金先払い、後払い,商品の状態,"
        + "".join(f"画像{n},画像{n}コメント," for n in range(1, 11))
        + "最低評価,悪評割合制限,入札者認証制限,自動延長,商品の自動再出品,自動値下げ,"
        "注目のオークション,重量設定,消費税設定,税込みフラグ,JANコード・ISBNコード,ブランドID,"
        "商品スペックサイズ種別,商品スペックサイズID,商品分類ID,商品保存先フォルダパス,配送グループ,発送までの日数"
    ).split(",")
)


@dataclass(frozen=True)
class Template:
    """The merchant's file: its heading, its rows by 管理番号, and the row for all other codes, if any."""

    header: Sequence[str]
    rows: Mapping[str, Row]
    pattern: Row | None = None

    @property
    def usual(self) -> bool:
        """Whether the heading is the one that is known of 競りナビ."""
        return tuple(self.header) == KNOWN_HEADER

    def row(self, code: str) -> Row | None:
        """Give the row that a code is listed by."""
        return self.rows.get(code, self.pattern)

    def cells(self, line: StockLine) -> dict[str, str]:
        """Give the row of a line with its 管理番号 and 個数 filled in."""
        row = self.row(line.mall_code)
        if row is None:
            raise KeyError(line.mall_code)
        kept = dict(zip(self.header, row.cells, strict=True))
        return {**kept, CODE: line.mall_code, QUANTITY: str(line.quantity)}

    def fault_of(self, line: StockLine) -> str:
        """Say why a line cannot be listed by this file; "" if it can.

        Source: a merchant's program for 競りナビ: line breaks in 説明 are refused, 個数 is 1 at auctions.
        """
        row = self.row(line.mall_code)
        if row is None:
            return "has no row in the template"
        cells = self.cells(line)
        if line.quantity > 1 and cells.get(_START) != cells.get(_BUY_NOW):
            return f"{line.quantity} pieces need 開始価格 and 即決価格 to be the same: an auction has one"
        if _breaks(row):
            return f"row {row.number} of the template has a line break within a cell"
        return ""


# --------------------------------------------------------------------------- reading the template


def read_template(path: str) -> Template:
    """Read the merchant's file.

    Raises:
        ConfigError: it is not there, or is no such file; names what is wrong and the row.
    """
    try:
        return parse_template(Path(path).read_bytes())
    except (OSError, Malformed) as error:
        raise ConfigError(f"{path}: cannot be used as the template of an upload ({error})") from error


def parse_template(content: bytes) -> Template:
    """Read a file of the form that 競りナビ takes.

    Raises:
        Malformed: it is none, or holds a 管理番号 twice.
    """
    header, rows = _table(content)
    by_code: dict[str, Row] = {}
    for row in rows:
        code = row.cell(header.index(CODE))
        if code in by_code:
            raise Malformed(f"row {row.number}: 管理番号 {code or 'that is empty'} is there twice")
        by_code[code] = row
    pattern = by_code.pop("", None)
    return Template(header, by_code, pattern)


def _table(content: bytes) -> tuple[Sequence[str], Sequence[Row]]:
    if content.startswith(codecs.BOM_UTF8):
        raise Malformed("it was saved as UTF-8; 競りナビ takes Shift_JIS")
    if len(content) > MAX_BYTES:
        raise Malformed(f"larger than {MAX_BYTES} bytes")
    try:
        rows = csv_rows(content.decode(ENCODING))
    except UnicodeDecodeError:
        raise Malformed("it is not Shift_JIS") from None
    if not rows:
        raise Malformed("it is empty")
    header = rows[0].cells
    if lacking := [name for name in (CODE, QUANTITY) if header.count(name) != 1]:
        raise Malformed(f"its first row does not have one column {' and one '.join(lacking)}")
    if len(set(header)) < len(header):
        raise Malformed("two columns of its first row are called the same")
    for row in rows[1:]:
        if len(row.cells) != len(header):
            raise Malformed(f"row {row.number} has {len(row.cells)} cells, the first row {len(header)}")
    return header, rows[1:]


# --------------------------------------------------------------------------- making the upload


def upload_name(now: datetime) -> str:
    """Give the name that merchants' programs give such a file: the day in Japan."""
    return f"auctions_{now.astimezone(JST):%Y%m%d}.csv"


def upload_file(template: Template, lines: Sequence[StockLine]) -> bytes:
    """Make the file: the template's heading, then a row a line; cp932, CRLF.

    Cells are the merchant's own, also those that begin like a formula (最低評価 is -5).
    """
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, template.header, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(template.cells(line) for line in lines)
    return text.getvalue().encode(ENCODING)


def run_of(template: Template, line: StockLine) -> ListingRun | None:
    """Tell how long a line's auction runs; None where its row does not say it in numbers."""
    cells = template.cells(line)
    days, hour = _whole(cells.get(_DAYS, "")), _whole(cells.get(_HOUR, ""))
    relists = _whole(cells.get(_RELISTS, "") or "0")
    if days is None or hour is None or relists is None or days > 30 or hour > 23 or relists > RELISTS_MAX:
        return None
    return ListingRun(days, hour, relists, cells.get(_EXTENDS, "") != "いいえ")


def _breaks(row: Row) -> bool:
    return any("\n" in cell or "\r" in cell for cell in row.cells)


def _whole(cell: str) -> int | None:
    return int(cell) if cell.isascii() and cell.isdecimal() and len(cell) < 4 else None


# --------------------------------------------------------------------------- as a list of products


def products_of(content: bytes) -> ProductFile:
    """Read a file of that form as a list of products, and find in it what an upload would stumble over.

    A list of what is listed has the columns オークションID and 状態 besides (a guess: none is documented).
    Then the product is the auction that runs, or else the last one, with its id as the note; rows
    that Yahoo!ショッピング delegates (定額) are not this shop's and are left out.

    Raises:
        Malformed: it is no such file.
    """
    header, rows = _table(content)
    products: dict[str, Product] = {}
    findings = []
    for row in rows:
        cells = dict(zip(header, row.cells, strict=True))
        if cells.get(_STATE, "").startswith("定額"):
            continue
        product, before = _product(cells), products.get(cells[CODE])
        if key := _finding(row, product, before):
            findings.append(Finding(row.number, key, product.mall_code))
        if product.mall_code and not (before and before.on_sale):
            products[product.mall_code] = product
    return ProductFile(tuple(products.values()), tuple(findings))


def _product(cells: Mapping[str, str]) -> Product:
    code, auction = cells[CODE], cells.get(_AUCTION, "")
    on_sale = cells[_STATE] == "出品中" if _STATE in cells else None
    return Product(code, (code,), cells.get(TITLE, ""), on_sale, f"auction {auction}" if auction else "")


def _finding(row: Row, product: Product, before: Product | None) -> str:
    if not product.mall_code:
        return "auction_no_code"
    if before and before.on_sale == product.on_sale and product.on_sale is not False:
        return "auction_code_twice"
    return "auction_line_break" if _breaks(row) else ""
