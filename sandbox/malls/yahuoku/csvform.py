"""The CSV form of 競りナビ: cp932, CRLF, comma, the header first, 53 columns in one order (spec 5.1)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_IMAGES = tuple(name for place in range(1, 11) for name in (f"画像{place}", f"画像{place}コメント"))
FOLDER = "商品保存先フォルダパス"
COLUMNS = (
    *("管理番号", "カテゴリ", "タイトル", "説明", "ストア内商品検索用キーワード"),
    *("開始価格", "即決価格", "個数", "期間", "終了時間"),
    *("商品発送元の都道府県", "商品発送元の市区町村", "送料負担", "代金先払い、後払い", "商品の状態"),
    *_IMAGES,
    *("最低評価", "悪評割合制限", "入札者認証制限", "自動延長", "商品の自動再出品"),
    *("自動値下げ", "注目のオークション", "重量設定", "消費税設定", "税込みフラグ"),
    *("JANコード・ISBNコード", "ブランドID", "商品スペックサイズ種別", "商品スペックサイズID"),
    *("商品分類ID", FOLDER, "配送グループ", "発送までの日数"),
)


def columns(*, folder_column: bool) -> list[str]:
    """Give the header; one program leaves 商品保存先フォルダパス out."""
    return [name for name in COLUMNS if folder_column or name != FOLDER]


_FIELD = r'(?:"((?:[^"]|"")*)"|([^",\r\n]*))'
_ENDS = {"crlf": re.compile(_FIELD + r"(,|\r\n)"), "any": re.compile(_FIELD + r"(,|\r\n|\n|\r|\Z)")}


class FormError(Exception):
    """A file is not in the form; the text says where."""


def parse(content: bytes, line_ends: str) -> list[list[str]]:
    """Split a file into records of fields.

    Raises:
        FormError: another encoding, a stray quote, or a line end that is not allowed.
    """
    try:
        text = content.decode("cp932")
    except UnicodeDecodeError as error:
        raise FormError(f"文字コードがShift_JISではありません（{error.start}バイト目）") from error
    records: list[list[str]] = [[]]
    position = 0
    while position < len(text):
        match = _ENDS[line_ends].match(text, position)
        if match is None:
            raise FormError(f"{len(records)}行目: 引用符か改行コードが正しくありません")
        records[-1].append(match[2] if match[1] is None else match[1].replace('""', '"'))
        if match[3] != ",":
            records.append([])
        position = match.end()
    if records.pop():
        raise FormError("最後の行が改行で終わっていません")
    return records


def write(records: Iterable[Sequence[str]]) -> bytes:
    """Give the bytes of a file; a character that cp932 lacks becomes ``?``."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(records)
    return text.getvalue().encode("cp932", errors="replace")
