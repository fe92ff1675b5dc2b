"""The switches of the simulated mall: what the spec leaves open, or what a tour wants faster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sandbox.malls.common.settings import Switches


@dataclass
class Settings(Switches):
    """Defaults are the published behaviour, and the harsher case where nothing is published.

    Args:
        shop_number: leads the order numbers and the licence keys.
        rates: multiplies every published rate; 0 switches the rate limits off.
        retry_after: a 429 of the rate limit carries ``Retry-After: 1``.
        activation_s: how long a new licence key stays refused.
        key_valid_days: life of the licence key that the shop starts with.
        expiry_form: how the expiry date is written; a plain JST time is what was measured.
        untick_form: the answer where a function was not ticked in RMS.
        untick_status: HTTP status of that answer in the older form.
        bulk_edit_option: the shop pays for 商品一括編集機能, without which ``items.get`` is refused.
        returns_stock_on_cancel: 在庫戻しフラグ of every listing that does not set its own.
        index_lag_s: how late ``items.search`` sees a created or deleted item.
        search_cap: how many orders one search can reach.
        search_total: whether a search that finds more tells the cap or how many there are.
        unknown_order: how ``getOrder`` speaks of a number that it does not know, if at all.
        sale_lowers_stock: an order takes its pieces off at once.
        orphans_count: cells that no item has count towards the 400 of their manage number.
        orphans_readable: cells that no item has can be read back.
        unknown_pair: what ``bulk-get`` does where it has no cell: leave it out, or refuse the call.
        variant_case: whether the inventory functions keep the case of a SKU number.
        keeps_lead_times: a write of version 2.0 leaves the lead times of version 2.1 alone.
        migrated: the shop was moved to SKUs; False refuses the inventory functions.
        buyer: name in the personal data of new orders, family name first.
        sftp: the CSV route is open; chosen at the start.
        sftp_password_days: life of an SFTP password; the mall's own figure is not known.
        sftp_activation_s: how long a new SFTP password stays refused.
        old_sftp_password_lasts: the old one works until the new one does; not known, so it does not.
        sftp_rename: a file in the batch folder may be renamed; not known.
        pick_up_s: how long a file lies in the batch folder after its last byte.
        process_s: how long a file is worked on after it vanished.
        csv_line_ends: whether lines may end in anything but CRLF.
        csv_needs: whether a stock file may leave 選択肢タイプ out.
        csv_strays: what becomes of a file whose name does not begin with ``normal-item``.
        csv_item_errors: whether the SKU rows of a refused product row are named in the log too.
        csv_log: the form of the log; the mall's own is not known.
    """

    shop_number: str = "900001"
    rates: float = 1.0
    retry_after: bool = False
    activation_s: float = 30 * 60
    key_valid_days: int = 90
    expiry_form: Literal["plain", "fraction", "z", "offset"] = "plain"
    untick_form: Literal["GA0001", "ES04-01"] = "GA0001"
    untick_status: int = 400
    bulk_edit_option: bool = False
    returns_stock_on_cancel: bool = False
    index_lag_s: float = 0.0
    search_cap: int = 15_000
    search_total: Literal["cap", "all"] = "cap"
    unknown_order: Literal["info", "error", "absent"] = "info"
    sale_lowers_stock: bool = True
    orphans_count: bool = True
    orphans_readable: bool = True
    unknown_pair: Literal["absent", "refused"] = "absent"
    variant_case: Literal["kept", "folded"] = "kept"
    keeps_lead_times: bool = True
    migrated: bool = True
    buyer: str = "山田 花子"
    sftp: bool = False
    sftp_password_days: int = 90
    sftp_activation_s: float = 5 * 60
    old_sftp_password_lasts: bool = False
    sftp_rename: bool = True
    pick_up_s: float = 60.0
    process_s: float = 180.0
    csv_line_ends: Literal["crlf", "any"] = "crlf"
    csv_needs: Literal["least", "option_kind"] = "least"
    csv_strays: Literal["left", "removed"] = "left"
    csv_item_errors: Literal["product_row", "every_row"] = "product_row"
    csv_log: Literal["rows", "text"] = "rows"
