"""The form of futureshop's stock files: cp932, CRLF, a header that must be exact (spec 5.1-5.3)."""

from __future__ import annotations

import csv
import io

VARIATION_HEADER = (
    "商品URLコード,バリエーション別選択肢（横軸）,バリエーション別枝番（横軸）,"
    "バリエーション別選択肢（縦軸）,バリエーション別枝番（縦軸）,現在在庫数,調整在庫数,"
    "商品番号,商品管理番号,商品名,JANコード,最終更新日付"
)
PRODUCT_HEADER = "コントロールカラム,商品URLコード,商品番号,商品名,現在在庫数,調整在庫数,在庫切れメール閾値"

CONTROL, URL_CODE, COUNT = "コントロールカラム", "商品URLコード", "調整在庫数"
HORIZONTAL, VERTICAL = "バリエーション別枝番（横軸）", "バリエーション別枝番（縦軸）"
WRONG_HEADER = "ヘッダー項目、もしくは登録ファイルの指定に間違いがあります"


class FormError(Exception):
    """A file cannot be registered at all; the text is what the result mail says."""


def parse(content: bytes, headers: tuple[str, ...]) -> tuple[str, list[dict[str, str]]]:
    """Split a file into its header and its records by column name.

    Raises:
        FormError: another encoding, another line end, a header that is none of ``headers``, or a
            record of another width.
    """
    try:
        text = content.decode("cp932")
    except UnicodeDecodeError as error:
        raise FormError(f"文字コードがShift_JISではありません（{error.start}バイト目）") from error
    header, end, rest = text.partition("\r\n")
    if not end or header not in headers:
        raise FormError(WRONG_HEADER)
    if "\n" in rest.replace("\r\n", "") or (rest and not rest.endswith("\r\n")):
        raise FormError("改行コードがCRLFではありません")
    names = header.split(",")
    records = list(csv.reader(io.StringIO(rest, newline=""), strict=True))
    for number, record in enumerate(records, 2):
        if len(record) != len(names):
            raise FormError(f"{number}行目: 項目数が{len(names)}ではありません")
    return header, [dict(zip(names, record, strict=True)) for record in records]
