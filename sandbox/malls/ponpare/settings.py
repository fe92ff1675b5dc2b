"""The switches of the simulated mall: what the spec leaves open, or what a tour wants faster."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sandbox.malls.common.settings import Switches
from sandbox.malls.ponpare.columns import ORDER_COLUMNS


@dataclass
class Settings(Switches):
    """Defaults are what the spec says, and the harsher case where it guesses.

    Args:
        tick_s: a slot file that has lain unchanged for so long is taken (spec 5.2).
        work_s: from the taking of a file to its result; 0 is at once.
        results_on: where the results lie: in the tree of the uploads (spec 5.1), or behind a second
            address (spec 1.2). Fixed at the start.
        upload_dir: the folder of the slots; the log-in directory in two clients (spec 1).
        result_dir: the folder of the results [design] (spec 1.2).
        result_stamp: what stands for ``*`` in a result's name, in Japan's time [guess] (spec 1.2).
        result_encoding: [guess] (spec 1.2).
        names: ``fixed`` makes any other name than the slots' own a violation (spec 1); ``any`` lets
            a client upload under a part name and rename.
        line_ends: ``crlf`` makes a file with other line ends a violation, ``any`` does not (spec 2).
        folds_case: 商品管理ID in capitals is found too; the spec only knows it in lower case (spec 2.1).
        stock_types: 在庫タイプ for stock not managed, ordinary stock and SKU stock [guess] (spec 2.1).
        names_required: a SKU row without the names of its axes is refused [guess] (spec 2.2).
        max_rows: a file with more rows is refused whole; 0 is no limit: none is known (spec 7).
        downloaded_control: コントロールカラム in a downloaded file [guess].
        order_columns: own names for columns of the order file, by the name in spec 3.
        order_time_form: 注文日時, in Japan's time [guess].
        new_status: 注文ステータス of an order that stands [guess].
        cancelled_status: 注文ステータス of one that does not [design].
        personal_columns: the order file also tells who bought [guess].
        buyer: name in the personal data of new orders, family name first.
        lowers_own_stock: an order lowers the stock at once [guess].
        returns_stock_on_cancel: a cancelled order puts it back [guess].
        password_days: life of the FTP password [guess] (spec 4); 0 is endless.
        session_reuse_required: data connections resume the TLS session, as common servers ask.
    """

    tick_s: float = 2.0
    work_s: float = 0.0
    results_on: Literal["same", "second"] = "same"
    upload_dir: str = "/"
    result_dir: str = "/log/"
    result_stamp: str = "%Y%m%d%H%M%S"
    result_encoding: Literal["cp932", "utf-8"] = "cp932"
    names: Literal["fixed", "any"] = "fixed"
    line_ends: Literal["crlf", "any"] = "crlf"
    folds_case: bool = False
    stock_types: str = "012"
    names_required: bool = True
    max_rows: int = 0
    downloaded_control: str = ""
    order_columns: dict[str, str] = field(default_factory=dict)
    order_time_form: str = "%Y/%m/%d %H:%M:%S"
    new_status: str = "新規注文"
    cancelled_status: str = "キャンセル"
    personal_columns: bool = True
    buyer: str = "山田 花子"
    lowers_own_stock: bool = True
    returns_stock_on_cancel: bool = False
    password_days: int = 90
    session_reuse_required: bool = True
    user: str = "sandbox-ponpare"
    password: str = "fake-ponpare-password-1"

    def change(self, name: str, value: object) -> None:
        """Set one switch while the mall runs; not one that is read once, at the start."""
        if name in FIXED:
            raise ValueError(f"setting {name!r} is chosen at the start")
        if isinstance(value, dict) and (stray := set(value) - set(ORDER_COLUMNS)):
            raise ValueError(f"no order column {', '.join(sorted(stray))}")
        super().change(name, value)


FIXED = frozenset(
    {"results_on", "upload_dir", "result_dir", "session_reuse_required", "password_days", "user", "password"}
)
"""Switches that are read once, at the start."""
