"""The switches of the simulated mall: what the spec leaves open, or what a tour wants faster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sandbox.malls.common.settings import Switches


@dataclass
class Settings(Switches):
    """Defaults are what was seen, and the harsher case where nothing was.

    Args:
        folder: 商品保存先フォルダパス of what is there from the start.
        folder_column: the upload file has 商品保存先フォルダパス; one program writes 52 columns (spec 5.1).
        line_ends: ``crlf`` also after the last row; ``any`` takes whatever is there.
        code_form: ``hub`` takes letters, digits and hyphen up to 32 as 管理番号 [guess]; ``any`` all.
        title_width: full-width characters in タイトル, half-width count half; 0 for no limit [guess].
        rows_per_file: how many rows one upload takes; 0 for no limit [guess].
        several: where 個数 may exceed 1: only where 開始価格 is 即決価格, or anywhere (spec 5.1).
        bad_row: a bad row refuses the file, or is left out alone [guess].
        lists_on_upload: rows go on sale at once; else they are saved, and ``put_up`` lists them [guess].
        appears_s: how late uploaded rows show in the list; seconds to a minute were measured (spec 5.2).
        edit_renews_id: a changed 個数 gives a running auction a new auction ID (spec 2 a).
        order_file: form of the order export: ``xlsx`` was seen; ``csv`` is cp932 [guess].
        pattern: columns of the order export: the 21 ``seen``, or a shop's own pattern [guess]: ``narrow``,
            the five that are known, or ``wide``, with OrderStatus, Quantity and LastUpdateTime (spec 5.4).
        pieces_form: where Quantity is in the pattern: 管理番号 stands once a piece and Quantity is their
            number (``total``), or once an auction with its pieces (``each``) [guess].
        status_form: OrderStatus as the order API's ``code``, or as its ``word`` [guess].
        time_form: how OrderTime is written: ``serial``, ``dash``, ``slash``, ``seconds``, or all
            in turn (``mixed``). A CSV never holds serials.
        hand_notes: the shop keeps notes in columns beyond U of the export.
        cancelled_in_export: a cancelled order is in the export like any other, or is gone [guess].
        delegated_in_export: sales of fixed-price listings are in the order export too [guess].
        listings_form: the list's file: the upload's columns, with or without オークションID, 状態
            and 終了日時 after them [guess].
        buyer: name in the personal data of new orders, family name first.
    """

    folder: str = "新着"
    folder_column: bool = True
    line_ends: Literal["crlf", "any"] = "crlf"
    code_form: Literal["hub", "any"] = "hub"
    title_width: int = 65
    rows_per_file: int = 1000
    several: Literal["fixed_price", "any"] = "fixed_price"
    bad_row: Literal["refuses_file", "left_out"] = "refuses_file"
    lists_on_upload: bool = False
    appears_s: float = 0.0
    edit_renews_id: bool = True
    order_file: Literal["xlsx", "csv"] = "xlsx"
    pattern: Literal["seen", "narrow", "wide"] = "seen"
    pieces_form: Literal["total", "each"] = "total"
    status_form: Literal["code", "word"] = "code"
    time_form: Literal["mixed", "serial", "dash", "slash", "seconds"] = "mixed"
    hand_notes: bool = True
    cancelled_in_export: bool = True
    delegated_in_export: bool = False
    listings_form: Literal["status", "upload"] = "status"
    buyer: str = "山田 花子"
