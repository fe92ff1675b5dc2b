"""RoomClip's product CSV, as a person downloads it: what it sells, and what is wrong with it. No I/O.

Only the columns that the RoomClip guide for TEMPOSTAR names are read. 親子・単品フラグ: 0 single,
1 parent, 2 child; 種類別の自社管理コード is TEMPOSTAR's SKU code, on singles and children only.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.contract import Finding, Product, ProductFile
from adapters.files import Column, read_table

PARENT = "1"
ON_SALE = "公開"  # 下書き and 非公開 are linked too, and do not sell

_COLUMNS = {
    "flag": Column(("親子・単品フラグ",)),
    "code": Column(("種類別の自社管理コード",)),
    "state": Column(("出品ステータス",)),
    "name": Column(("商品名",), needed=False),
    "quantity": Column(("在庫数",), needed=False),
}


def product_file(name: str, content: bytes) -> ProductFile:
    """Read a product CSV, UTF-8 or CP932.

    Raises:
        UnexpectedReplyError: a needed column is missing, or it is no CSV.
    """
    products: list[Product] = []
    findings: list[Finding] = []
    seen: set[str] = set()
    for number, row in enumerate(read_table(_named(name, content), content, _COLUMNS), 2):
        findings += _findings(number, row, seen)
        if row["flag"] != PARENT and row["code"]:
            seen.add(row["code"])
            products.append(Product(row["code"], (row["code"],), row["name"], row["state"] == ON_SALE))
    return ProductFile(tuple(products), tuple(findings))


def _named(name: str, content: bytes) -> str:
    """Give the name under which ``read_table`` takes the encoding that the bytes have."""
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return name.lower().replace("utf8", "")
    return f"{name} (utf8)"


def _findings(number: int, row: Mapping[str, str], seen: set[str]) -> list[Finding]:
    code = row["code"]
    if row["flag"] == PARENT:
        return [Finding(number, "code_on_parent", code)] if code else []
    if not code:
        return [Finding(number, "code_missing", row["name"])]
    rules = (
        ("code_twice", code in seen),
        ("stock_not_zero", row["quantity"] not in ("", "0")),
        ("not_on_sale", row["state"] != ON_SALE),
    )
    return [Finding(number, key, code) for key, holds in rules if holds]
