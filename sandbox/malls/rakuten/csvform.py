"""The form of the shop's CSV files: CP932, CRLF, columns by name, product rows before SKU rows (spec 5.3)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MANAGE_NUMBER, OPTION_KIND = "商品管理番号（商品URL）", "選択肢タイプ"
SKU_NUMBER, LINK_CODE, QUANTITY = "SKU管理番号", "システム連携用SKU番号", "在庫数"
PRODUCT_ROW_MISSING = (
    "商品オプションレベル行のみ、またはSKUレベル行のみを更新する場合であっても、"
    "商品レベル行を記載する必要があります。"
)
ENCODING = "cp932"

_AXES = [f"バリエーション項目{part}{number}" for number in range(1, 7) for part in ("キー", "選択肢")]
_DEFINITIONS = [f"バリエーション{number}選択肢定義" for number in range(1, 7)]
PLAYED = frozenset((MANAGE_NUMBER, OPTION_KIND, SKU_NUMBER, QUANTITY))
"""The columns that this mall reads; a value in any other changes nothing and is noted as a violation."""
COLUMNS = PLAYED | {
    *("商品番号", "商品名", "倉庫指定", "バリエーション項目キー定義", "バリエーション項目名定義"),
    *_DEFINITIONS,
    *(LINK_CODE, *_AXES, "販売価格", "通常購入販売価格", "表示価格", "二重価格文言管理番号", "注文受付数"),
    *("再入荷お知らせボタン", "のし対応", "在庫戻しフラグ", "在庫切れ時の注文受付"),
    *("在庫あり時納期管理番号", "在庫切れ時納期管理番号", "在庫あり時出荷リードタイム"),
    *("在庫切れ時出荷リードタイム", "配送リードタイム", "SKU倉庫指定"),
}
"""The columns that spec 5.3 names; any other is refused."""


class FormError(Exception):
    """A file cannot be registered at all; the text is what its log says."""


@dataclass(frozen=True)
class Row:
    """One row by column name; ``number`` counts from 1 with the header, ``whole`` is its width."""

    number: int
    fields: dict[str, str]
    whole: bool = True

    @property
    def manage_number(self) -> str:
        """Give the item it is about."""
        return self.fields.get(MANAGE_NUMBER, "")

    @property
    def sku_number(self) -> str:
        """Give the SKU it is about; empty on product and option rows."""
        return self.fields.get(SKU_NUMBER, "")

    @property
    def is_product(self) -> bool:
        """Say whether this is the product row of an item."""
        return not self.sku_number and not self.fields.get(OPTION_KIND)


def parse(content: bytes, *, any_line_end: bool = False, needs: Sequence[str] = ()) -> list[Row]:
    """Split a file into its rows. The last one may lack its line end: that is how a cut file looks.

    Raises:
        FormError: another encoding, another line end, or a header that is not this file's.
    """
    try:
        text = content.decode(ENCODING)
    except UnicodeDecodeError as error:
        raise FormError(f"文字コードがShift_JISではありません（{error.start}バイト目）") from error
    if not any_line_end and "\n" in text.replace("\r\n", ""):
        raise FormError("改行コードがCRLFではありません")
    try:
        header, *records = list(csv.reader(io.StringIO(text, newline=""), strict=True)) or [[]]
    except csv.Error as error:
        raise FormError("CSVの形式が不正です") from error
    _check_header(header, needs)
    return [
        Row(number, dict(zip(header, record, strict=False)), len(record) == len(header))
        for number, record in enumerate(records, 2)
    ]


def _check_header(header: list[str], needs: Sequence[str]) -> None:
    if MANAGE_NUMBER not in header or len(set(header)) != len(header):
        raise FormError("項目名が不正です")
    if missing := [name for name in needs if name not in header]:
        raise FormError(f"項目が不足しています：{missing[0]}")
    if unknown := [name for name in header if name not in COLUMNS]:
        raise FormError(f"項目名が不正です：{unknown[0]}")


def write(records: Iterable[Sequence[str | int]]) -> bytes:
    """Give the bytes of a file; a letter that its encoding lacks becomes ``?``."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(records)
    return text.getvalue().encode(ENCODING, "replace")
