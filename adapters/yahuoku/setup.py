"""The set-up of ヤフオク!: listings delegated from Yahoo!ショッピング, or auctions by 競りナビ.

Source: EC店長 help, コード合わせのルール; 競りナビ upload form.
"""

from __future__ import annotations

from adapters.setup import USUAL, Stage, Step, Ways

_CODES = Step(
    "codes",
    "管理番号を、ほかのモールのコードと一字一句同じにする",
    "Make the management number the same letter by letter as on the other malls",
    ("管理番号",),
)

WAYS: Ways = {
    USUAL: (
        Stage(
            "併売",
            "Delegated listings",
            (
                Step(
                    "delegate",
                    "ストアクリエイターProで併売を設定する（在庫はYahoo!ショッピングの店舗のもの）",
                    "Switch delegated listing on at the Yahoo!ショッピング store, whose stock it sells",
                    ("ストアクリエイターPro", "併売"),
                ),
                _CODES,
            ),
        ),
    ),
    "auction": (
        Stage(
            "競売",
            "Auctions",
            (
                _CODES,
                Step(
                    "template",
                    "競りナビが受け取るファイルを作り、運用担当者に渡す（template）",
                    "Make a file that 競りナビ takes, for the operator (template)",
                    ("競りナビ", "管理番号", "個数"),
                ),
            ),
        ),
    ),
}
