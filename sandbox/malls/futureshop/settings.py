"""The switches of the simulated futureshop: what the spec leaves open, or what a tour wants faster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sandbox.malls.common.settings import Switches
from sandbox.malls.futureshop.csvform import PRODUCT_HEADER, VARIATION_HEADER


@dataclass
class Settings(Switches):
    """Defaults are the published behaviour, and the harsher case where nothing is published.

    Args:
        shop_key: 店舗KEY.
        samples: gd1, gd3 and the unmanaged gd5 of the spec stand beside the catalogue (spec 6.6).
        rates: multiplies the rate of one call a second; 0 switches the limit off.
        expires_in: life of an access token in seconds.
        token_type: as the token answer writes it (spec 2).
        token_replaces: a new token ends those of its client before it [guess].
        types_required: a stock read without ``types`` is refused [guess].
        page: products on a page of stock.
        order_page: orders on a page.
        newest_first: orders are listed from the newest; the recorded list begins with the oldest.
        business_status: HTTP status of a write that was understood and failed [guess].
        partial_top: ``status`` of the whole answer where only some products failed [guess].
        product_atomic: one wrong row fails its whole product; False applies the others [guess].
        unknown_pair: what a write does to a pair of axis numbers that is not there [guess].
        unmanaged_write: what a write does to a product without stock management [guess].
        url_codes: 商品URLコード is the product number, or a number of its own [guess].
        new_status: ``status`` of a new order.
        cancel_status: ``status`` of a cancelled one [design].
        cancelled_listed: a cancelled order stays in the list [guess].
        returns_stock_on_cancel: a cancel puts the stock back [guess].
        missing_order_status: HTTP status for an order number that is not there [guess].
        pick_up_s: how long an uploaded file lies before it is taken [guess].
        csv_signs: a signed number in a stock file adds, or is refused [guess].
        variation_header: 商品データ一括登録項目設定 of the variation stock file (spec 5.2).
        product_header: the same of the product stock file (spec 5.3).
        buyer: name in the personal data of new orders, family name first.
    """

    shop_key: str = "sandboxshop"
    samples: bool = True
    rates: float = 1.0
    expires_in: int = 3600
    token_type: str = "Bearer"
    token_replaces: bool = False
    types_required: bool = True
    page: int = 100
    order_page: int = 20
    newest_first: bool = False
    business_status: int = 200
    partial_top: Literal["failed", "success"] = "failed"
    product_atomic: bool = True
    unknown_pair: Literal["refused", "created"] = "refused"
    unmanaged_write: Literal["refused", "accepted"] = "refused"
    url_codes: Literal["product_no", "numbered"] = "product_no"
    new_status: str = "AWAITING_PAYMENT"
    cancel_status: str = "CANCELLED"
    cancelled_listed: bool = True
    returns_stock_on_cancel: bool = False
    missing_order_status: int = 404
    pick_up_s: float = 60.0
    csv_signs: Literal["add", "refused"] = "add"
    variation_header: str = VARIATION_HEADER
    product_header: str = PRODUCT_HEADER
    buyer: str = "山田 花子"
