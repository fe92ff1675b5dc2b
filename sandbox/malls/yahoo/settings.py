"""The switches of the simulated mall: what the spec leaves open, or what a tour wants faster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sandbox.malls.common.settings import Switches


@dataclass
class Settings(Switches):
    """Defaults are the published behaviour, and the harsher case where nothing is published.

    Args:
        seller_id: store account of the live shop; the shop on the test host is ``snbx-`` and this.
        rates: multiplies the published rate of 1 call/s per application and URL; 0 switches it off.
        daily_cap: calls per application and day in Japan; 0 switches it off.
        early_status: HTTP status of an early call; 403 has the text of the daily cap (spec 10.2).
        early_ban_s: how long an early call shuts its URL; 0 refuses that one call only.
        access_token_s: life of an access token.
        access_tokens: how many of one consent live at once; a new one may end those before it.
        consent_days: life of a refresh token, counted from the consent.
        short_session_s: that life once an order call came without a valid public-key signature.
        short_session_scope: what such a session shuts: order calls, or every call and renewal.
        code_s: life of an authorization code.
        refresh_rotates: a refresh answer carries a new refresh token, and the old one is dead.
        password_kills_access: a change of the login password also kills access tokens at once.
        token_error_status: HTTP status of a malformed token request.
        public_key_days: life of a public key.
        clock_skew_s: how far the time in a signature may be off.
        failed_status: ``X-SWS-Authorize-Status`` of a signature that does not match; empty: no header.
        scope_status: HTTP status of ``insufficient_scope``.
        unknown_api_status: HTTP status of an API that is not there.
        maintenance_status: HTTP status of maintenance.
        error_namespace: ``Error`` stands in ``urn:yahoo:api``.
        single_bad: HTTP status of ``setStock`` with one code, which is bad.
        all_bad: HTTP status of ``setStock`` with several codes, all bad.
        counters: answers about stock have ``ok`` and ``ng``, as in 2017.
        result_order: order of the results of ``setStock`` and ``getStock``.
        below_zero: what a subtraction below zero does.
        overdraft_omitted: what ``setStock`` without ``allow_overdraft`` does to that flag.
        plus_as_space: what an unescaped ``+`` in a quantity, which arrives as a space, does.
        orphan_status: ``Status`` of stock whose item is not registered.
        is_published: ``getStock`` has ``IsPublished``, as in 2017.
        stock_close: ``getStock`` has ``StockClose``, as of late.
        padded: values of ``getStock`` stand between white space.
        order_lag_s: how late new orders become visible to the order API.
        returns_stock_on_cancel: 在庫戻し設定 of the store.
        emptied_line: what becomes of an order line that loses all its pieces.
        unknown_order: what ``orderInfo`` answers to a number that it does not know.
        unasked_groups: ``orderInfo`` gives names and addresses that nobody asked for.
        order_warning: ``orderInfo`` has a ``Warning`` beside the order.
        update_time_search: ``orderList`` knows ``LastUpdateTimeFrom`` and ``LastUpdateTimeTo``.
        result_max: largest page of ``orderList``.
        download_s: how long a CSV takes until ``downloadSubmit`` gives it.
        not_ready: what ``downloadSubmit`` answers until then.
        file_key: ``downloadRequest`` answers with a ``FileKey``.
        upload_s: how long an uploaded stock file takes.
        upload_locks: ``setStock`` is refused while an upload runs.
        item_sub_codes: the item CSV names the variants of an item in ``sub-code``.
        buyer: name in the personal data of new orders, family name first.
    """

    seller_id: str = "sandbox-store"
    rates: float = 1.0
    daily_cap: int = 50_000
    early_status: int = 403
    early_ban_s: float = 0.0
    access_token_s: float = 3600.0
    access_tokens: Literal["many", "one"] = "many"
    consent_days: int = 28
    short_session_s: float = 12 * 3600.0
    short_session_scope: Literal["order", "all"] = "order"
    code_s: float = 600.0
    refresh_rotates: bool = False
    password_kills_access: bool = False
    token_error_status: int = 400
    public_key_days: int = 365
    clock_skew_s: float = 300.0
    failed_status: str = "unauthorized"
    scope_status: Literal[403, 401] = 403
    unknown_api_status: Literal[404, 400] = 404
    maintenance_status: int = 503
    error_namespace: bool = True
    single_bad: Literal[400, 207] = 400
    all_bad: Literal[400, 207] = 400
    counters: bool = False
    result_order: Literal["sorted", "request"] = "sorted"
    below_zero: Literal["keep", "clamp", "refuse"] = "keep"
    overdraft_omitted: Literal["keep", "reset"] = "keep"
    plus_as_space: Literal["refuse", "trim"] = "refuse"
    orphan_status: Literal[1, 0] = 1
    is_published: bool = False
    stock_close: bool = True
    padded: bool = False
    order_lag_s: float = 0.0
    returns_stock_on_cancel: bool = False
    emptied_line: Literal["gone", "zero"] = "gone"
    unknown_order: Literal["refused", "ng"] = "refused"
    unasked_groups: bool = True
    order_warning: bool = False
    update_time_search: bool = False
    result_max: int = 2000
    download_s: float = 10.0
    not_ready: Literal["pm-08003", "202", "403", "500"] = "pm-08003"
    file_key: bool = False
    upload_s: float = 10.0
    upload_locks: bool = True
    item_sub_codes: bool = True
    buyer: str = "山田 花子"
