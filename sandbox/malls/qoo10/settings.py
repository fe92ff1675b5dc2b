"""The switches of the simulated mall: what the spec leaves open, or what a tour wants faster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sandbox.malls.common.settings import Switches

BulkShape = Literal["random", "failed", "all", "pairs", "counted", "none"]


@dataclass
class Settings(Switches):
    """Defaults are the published behaviour, and the harsher case where nothing is published.

    Args:
        user_id: the seller's login at QSM, which the key is made with.
        rates: multiplies every rate; 0 switches the rate limits off.
        calls_per_s: the hidden limit over all calls of the shop (spec 11.11, a guess).
        burst: how many calls the hidden limit lets through at once.
        bulk_per_s: a further limit on bulk calls, burst 1; 0 is none. 1 is what clients declare.
        key_valid_days: life of the seller key that the shop starts with.
        one_key: a new seller key kills the ones before.
        wrong_key: the answer to a key that is wrong or was killed by a password change.
        expired_code: the code for a seller key past its year.
        wrong_login: the envelope of ``CreateCertificationKey`` where id or password is wrong.
        maintenance_status: HTTP status of the maintenance page.
        charset: what answers declare; nothing by default. They are UTF-8 whatever it says.
        detail_fields: which pair of field names ``GetItemDetailInfo`` uses (spec 6.2).
        closed_inventory: the option table of a listing that is neither S1 nor S2 is refused, or given.
        single_row: a list of one row is given as a list or as the row alone (spec 4).
        empty_result: how ``ResultObject`` says that nothing was found (spec 4).
        bulk_shape: how a bulk answer tells of its rows; nothing may depend on it (spec 7.2).
        missing_quantity: an absent ``Qty`` sets 9999 (0 at options), or keeps the stock (spec 11.5).
        missing_expire_date: an absent ``ExpireDate`` sets a year from now, or keeps it (spec 11.5).
        expire_limit: dates after 2030-12-31 are refused.
        empty_price: an empty ``Price`` in a bulk row is refused, or keeps the price (spec 7.2).
        missing_price: an absent ``Price`` in a bulk row keeps the price, or the call is refused (spec 7.2).
        missing_option_price: an absent option ``Price`` sets 0, or keeps it (spec 7.4).
        seller_code_alone: writes take ``SellerCode`` without ``ItemCode`` (spec 7.1, 7.3).
        empty_option_code: option writes take an empty ``OptionCode`` (spec 7.3).
        option_code: a sent ``OptionCode`` is written to the row, or ignored.
        option_missing_code: the code for an option row that is not there (spec 7.3).
        write_on_options: a plain write to an item with options is accepted and lost, or refused.
        closed_write_code: the code for a write to a listing that is neither S1 nor S2 (spec 7.5).
        sold_out_status: what a listing with stock 0 reads as (spec 7.5).
        api_delay_s: how late API reads see a change.
        page_delay_s: how late the product page sees a change.
        takes_stock: when the mall takes its own stock off (spec 8.3).
        returns_stock_on_cancel: the mall puts stock back when an order is cancelled.
        cancelled_in_shipping: whether cancelled lines are still in ``GetShippingInfo_v3``.
        zone: the time zone of dates (spec 8.1).
        buyer: name in the personal data of new orders, family name first.
    """

    user_id: str = "sandbox-seller"
    rates: float = 1.0
    calls_per_s: float = 10.0
    burst: int = 10
    bulk_per_s: float = 0.0
    key_valid_days: int = 365
    one_key: bool = False
    wrong_key: Literal["gate", "result"] = "gate"
    expired_code: Literal[-90004, -90005] = -90004
    wrong_login: Literal["result", "gate"] = "result"
    maintenance_status: Literal[200, 503] = 200
    charset: str = ""
    detail_fields: Literal["ItemCode", "ItemNo"] = "ItemCode"
    closed_inventory: Literal["refused", "given"] = "refused"
    single_row: Literal["list", "object"] = "list"
    empty_result: Literal["null", "absent"] = "null"
    bulk_shape: BulkShape = "random"
    missing_quantity: Literal["default", "keeps"] = "default"
    missing_expire_date: Literal["year", "keeps"] = "year"
    expire_limit: bool = True
    empty_price: Literal["refused", "keeps"] = "refused"
    missing_price: Literal["keeps", "refused"] = "keeps"
    missing_option_price: Literal["zero", "keeps"] = "zero"
    seller_code_alone: bool = False
    empty_option_code: bool = False
    option_code: Literal["written", "ignored"] = "written"
    option_missing_code: Literal[-10101, -10001] = -10101
    write_on_options: Literal["lost", "refused"] = "lost"
    closed_write_code: Literal[-10101, -10009] = -10101
    sold_out_status: Literal["S2", "S1"] = "S2"
    api_delay_s: float = 0.0
    page_delay_s: float = 600.0
    takes_stock: Literal["order", "payment"] = "order"
    returns_stock_on_cancel: bool = False
    cancelled_in_shipping: Literal["gone", "stays"] = "gone"
    zone: Literal["JST", "UTC"] = "JST"
    buyer: str = "山田 花子"

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            self.change(name, getattr(self, name))
