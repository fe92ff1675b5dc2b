"""The three screens that take or give a file: 競りナビ's upload, its list, and the order export."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.malls.yahuoku import faults, rows
from sandbox.malls.yahuoku.auctions import JST, Auctions
from sandbox.malls.yahuoku.csvform import FormError
from sandbox.malls.yahuoku.delegated import Delegated
from sandbox.malls.yahuoku.listing_file import listing_file
from sandbox.malls.yahuoku.log import Log
from sandbox.malls.yahuoku.order_file import order_file
from sandbox.malls.yahuoku.sales import Order, Sales
from sandbox.malls.yahuoku.settings import Settings

_TROUBLE = {
    "cut_before": "通信エラー",
    "cut_after": "通信エラー",
    "maintenance": "ただいまメンテナンス中です",
    "logged_out": "Yahoo! JAPAN IDでログインしてください",
}
_PAGE = f"<!DOCTYPE html><html><body>{_TROUBLE['logged_out']}</body></html>".encode()


@dataclass(frozen=True)
class Store:
    """What stands behind the screens."""

    auctions: Auctions
    delegated: Delegated
    sales: Sales
    settings: Settings


class Screens:
    """The screens as a person uses them."""

    def __init__(self, store: Store, active: faults.Faults, log: Log, now: Callable[[], datetime]) -> None:
        self._store = store
        self._faults = active
        self._log = log
        self._now = now

    # ------------------------------------------------------------------ in

    def upload(self, name: str, content: bytes) -> dict[str, Any]:
        """Take an auction CSV in.

        「通信エラー」 tells nothing: the rows may have been taken all the same (spec 5.2).
        """
        self._log.receive(name, content)
        trouble = self._faults.strike(faults.UPLOAD, *_TROUBLE)
        accepted, errors = (0, []) if trouble not in ("", "cut_after") else self._take_in(name, content)
        self._log.note(self._now(), faults.UPLOAD, f"{len(content)} bytes, {accepted} rows {trouble}".strip())
        if trouble:
            return {"accepted": 0, "errors": [_TROUBLE[trouble]], "message": _TROUBLE[trouble]}
        message = f"商品データ{accepted}件を受け付けました" if accepted else "アップロードできませんでした"
        return {"accepted": accepted, "errors": errors, "message": message}

    def _take_in(self, name: str, content: bytes) -> tuple[int, list[str]]:
        if not name.lower().endswith(".csv"):
            return 0, ["CSVファイルを選択してください"]
        try:
            found, wrong = rows.read(content, self._store.settings)
        except FormError as error:
            self._violate(str(error))
            return 0, [str(error)]
        for place, what in wrong.items():
            self._violate(f"{place + 2}行目 {what[0]}")
        self._refuse_delegated(found, wrong)
        errors = [f"{place + 2}行目 {text}" for place in sorted(wrong) for text in wrong[place]]
        if errors and self._store.settings.bad_row == "refuses_file":
            return 0, errors
        good = [row for place, row in enumerate(found) if place not in wrong]
        self._save(good)
        return len(good), errors

    def _refuse_delegated(self, found: list[rows.Row], wrong: dict[int, list[str]]) -> None:
        refusal = "管理番号: Yahoo!ショッピングから出品された定額の商品です"
        for place, row in enumerate(found):
            if row["管理番号"] in self._store.delegated:
                wrong.setdefault(place, []).append(refusal)

    def _save(self, found: list[rows.Row]) -> None:
        chosen, now = self._store.settings, self._now()
        for row in found:
            item = self._store.auctions.save(row, now + timedelta(seconds=chosen.appears_s))
            if chosen.lists_on_upload:
                self._store.auctions.put_up(item, now)

    def _violate(self, what: str) -> None:
        self._log.violate(self._now(), faults.UPLOAD, what)

    # ------------------------------------------------------------------ out

    def download_orders(self) -> dict[str, str]:
        """Give the order export."""
        orders = [order for order in self._store.sales.orders.values() if self._exports(order)]
        content = order_file(orders, self._store.settings)
        given = self._hand_out(faults.ORDERS, f"orders_{{}}.{self._store.settings.order_file}", content)
        for order in orders:
            order.times_given += 1
        return given

    def _exports(self, order: Order) -> bool:
        chosen = self._store.settings
        is_there = chosen.cancelled_in_export or not order.cancelled
        return is_there and (chosen.delegated_in_export or not order.delegated)

    def download_listings(self) -> dict[str, str]:
        """Give the list of items."""
        shown = self._store.auctions.shown(self._now())
        content = listing_file(shown, self._store.delegated, self._store.settings)
        return self._hand_out(faults.LISTINGS, "items_{}.csv", content)

    def _hand_out(self, function: str, form: str, content: bytes) -> dict[str, str]:
        name = form.format(self._now().astimezone(JST).strftime("%Y%m%d"))
        trouble = self._faults.strike(function, *faults.SCREENS)
        self._log.note(self._now(), function, f"{name} {trouble}".strip())
        if trouble in _TROUBLE:
            raise ValueError(f"the screen says {_TROUBLE[trouble]}")
        if trouble:
            content = _PAGE if trouble == "html" else content[: len(content) // 2]
        return {"name": name, "content_base64": base64.b64encode(content).decode()}
