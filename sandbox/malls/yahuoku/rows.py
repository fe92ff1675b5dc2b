"""What 競りナビ takes as a row of its upload (spec 5.1), and a row as a right program writes it."""

from __future__ import annotations

import re
import unicodedata

from sandbox.malls.yahuoku import csvform
from sandbox.malls.yahuoku.csvform import COLUMNS, FormError, parse
from sandbox.malls.yahuoku.settings import Settings

Row = dict[str, str]

_YES_NO = ("はい", "いいえ")
_CONDITIONS = (
    *("未使用", "未使用に近い", "目立った傷や汚れなし"),
    *("やや傷や汚れあり", "傷や汚れあり", "全体的に状態が悪い"),
)
_CHOICES = {
    "送料負担": ("落札者", "出品者"),
    "代金先払い、後払い": ("代金先払い", "代金後払い"),
    "商品の状態": _CONDITIONS,
    **dict.fromkeys(("悪評割合制限", "入札者認証制限", "自動延長", "税込みフラグ"), _YES_NO),
}
_RANGES: dict[str, tuple[int | None, int | None]] = {
    "カテゴリ": (1, None),
    "開始価格": (1, None),
    "即決価格": (0, None),
    "個数": (1, None),
    "期間": (1, None),
    "終了時間": (0, 23),
    "最低評価": (None, None),
    "商品の自動再出品": (0, 3),
    "消費税設定": (0, None),
    "発送までの日数": (1, None),
}
_EXAMPLE = {
    **dict.fromkeys(COLUMNS, ""),
    "カテゴリ": "2084207680",
    "開始価格": "1000",
    "即決価格": "0",
    "個数": "1",
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
    "商品の自動再出品": "0",
    "消費税設定": "10",
    "税込みフラグ": "いいえ",
    "配送グループ": "1",
    "発送までの日数": "1",
}


def example(code: str, title: str, **more: str) -> Row:
    """Give a right row; ``more`` by column name."""
    return {**_EXAMPLE, "管理番号": code, "タイトル": title, "説明": f"<p>{title}</p>", **more}


def is_fixed_price(row: Row) -> bool:
    """Say whether a row sells at one price: the form that may have several pieces."""
    return row["開始価格"] == row["即決価格"]


def read(content: bytes, settings: Settings) -> tuple[list[Row], dict[int, list[str]]]:
    """Read an upload: its rows, and what is wrong with them by their place from 0.

    Raises:
        FormError: the file as a whole is not in the form.
    """
    records = parse(content, settings.line_ends)
    columns = csvform.columns(folder_column=settings.folder_column)
    if not records or records[0] != columns:
        raise FormError(f"1行目: 見出しが{len(columns)}列の形式と違います")
    if 0 < settings.rows_per_file < len(records) - 1:
        raise FormError(f"一度にアップロードできるのは{settings.rows_per_file}行までです")
    if len(records) == 1:
        raise FormError("商品データがありません")
    for number, record in enumerate(records, 1):
        if len(record) != len(columns):
            raise FormError(f"{number}行目: {len(record)}列あります（{len(columns)}列が必要です）")
    rows = [dict(zip(columns, record, strict=True)) for record in records[1:]]
    wrong = {place: _faults(row, settings) for place, row in enumerate(rows)}
    return rows, {place: found for place, found in wrong.items() if found}


def _faults(row: Row, settings: Settings) -> list[str]:
    found = [f"{name}: 改行は使えません" for name, value in row.items() if "\n" in value or "\r" in value]
    found += [f"{name}: 数値が正しくありません" for name in _RANGES if not _in_range(name, row[name])]
    found += [f"{name}: 選べない値です" for name, values in _CHOICES.items() if row[name] not in values]
    if row["配送グループ"] and not re.fullmatch("[1-9][0-9]*", row["配送グループ"]):
        found.append("配送グループ: 数値が正しくありません")
    return found or _judgements(row, settings)


def _judgements(row: Row, settings: Settings) -> list[str]:
    """Judge what needs several columns or the settings; each value has its form."""
    found = []
    form = "[A-Za-z0-9-]{1,32}" if settings.code_form == "hub" else ".+"
    if not re.fullmatch(form, row["管理番号"]):
        found.append("管理番号: 半角英数字とハイフン32文字までです")
    if not row["タイトル"] or 0 < settings.title_width < _width(row["タイトル"]):
        found.append(f"タイトル: 全角{settings.title_width}文字までで必須です")
    if 0 < int(row["即決価格"]) < int(row["開始価格"]):
        found.append("即決価格: 開始価格より低くできません")
    if int(row["個数"]) > 1 and settings.several == "fixed_price" and not is_fixed_price(row):
        found.append("個数: オークション形式では1個です")
    return found


def _in_range(name: str, text: str) -> bool:
    low, high = _RANGES[name]
    if not re.fullmatch("-?[0-9]+", text):
        return False
    return (low is None or int(text) >= low) and (high is None or int(text) <= high)


def _width(text: str) -> float:
    return sum(1 if unicodedata.east_asian_width(sign) in "FWA" else 0.5 for sign in text)
