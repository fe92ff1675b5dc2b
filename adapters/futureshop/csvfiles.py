"""The CSV files of futureshop's admin screen: the sample that a person downloaded, and what is uploaded."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.contract import Address, StockLine
from adapters.errors import ConfigError, UnexpectedReplyError
from adapters.files import Column, read_table

ENCODING = "cp932"
URL_CODE = "商品URLコード"
HORIZONTAL = "バリエーション別枝番（横軸）"
VERTICAL = "バリエーション別枝番（縦軸）"
PRODUCT_NO = "商品番号"
NAME = "商品名"
ADJUSTED = "調整在庫数"

# Source: files that programs of a merchant write for 在庫数（バリエーション）一括登録.
VARIATION_HEADER = (
    "商品URLコード,バリエーション別選択肢（横軸）,バリエーション別枝番（横軸）,バリエーション別選択肢（縦軸）,"
    "バリエーション別枝番（縦軸）,現在在庫数,調整在庫数,商品番号,商品管理番号,商品名,JANコード,最終更新日付"
)


@dataclass(frozen=True)
class Form:
    """One kind of stock file: the name that it is uploaded under, and the columns of a SKU's number."""

    name: str
    branches: tuple[str, ...]

    @property
    def columns(self) -> Mapping[str, Column]:
        """Give the columns that the sample must have."""
        return {name: Column((name,)) for name in (URL_CODE, PRODUCT_NO, NAME, ADJUSTED, *self.branches)}


# Both names are a guess after the manual's pages goodsVariationStock and opt-GoodsUpload.
VARIATIONS = Form("goodsVariationStock.csv", (HORIZONTAL, VERTICAL))
PRODUCTS = Form("goodsStock.csv", ())


@dataclass(frozen=True)
class Sample:
    """A stock file as the shop's own admin screen gave it: its header, and the SKUs in it."""

    form: Form
    header: bytes
    url_codes: Mapping[Address, str]
    names: Mapping[Address, str]


def read_sample(path: str, form: Form) -> Sample:
    """Read a downloaded file.

    Raises:
        ConfigError: it is not there, or is no such file.
    """
    try:
        content = Path(path).read_bytes()
        if content.startswith(codecs.BOM_UTF8):
            raise UnexpectedReplyError("it was saved as UTF-8; the mall wants Shift_JIS")
        rows = read_table(form.name, content, form.columns)
    except (OSError, UnexpectedReplyError) as error:
        raise ConfigError(f"{path}: cannot be used as {form.name} ({error})") from error
    found = {_address(row, form): row for row in rows}
    return Sample(
        form,
        content.splitlines()[0] if content else b"",
        {address: row[URL_CODE] for address, row in found.items()},
        {address: row[NAME] for address, row in found.items()},
    )


def _address(row: Mapping[str, str], form: Form) -> Address:
    branches = [row[name] for name in form.branches] or ["", ""]
    return (row[PRODUCT_NO], *branches)


def stock_file(sample: Sample, lines: Sequence[StockLine]) -> bytes:
    """Make an upload: the sample's header byte for byte, then a row for each line; CRLF.

    調整在庫数 without a sign sets the number (a guess after the API; a merchant's program does so). All
    other columns stay empty, which leaves them as they are.

    Source: futureshop manual, goodsVariationStock: the header must equal the items that are chosen on
    the screen, else nothing is registered.
    """
    text = io.StringIO(newline="")
    names = next(csv.reader([sample.header.decode(ENCODING)]))
    writer = csv.DictWriter(text, names, restval="", lineterminator="\r\n")
    writer.writerows(_rows(sample, lines))
    return sample.header + b"\r\n" + text.getvalue().encode(ENCODING)


def _rows(sample: Sample, lines: Sequence[StockLine]) -> Iterable[dict[str, str]]:
    for line in lines:
        branches = dict(zip(sample.form.branches, line.address[1:], strict=False))
        code = sample.url_codes[line.address]
        yield {URL_CODE: code, **branches, ADJUSTED: str(line.quantity)}
