"""``ItemsLookup``: the list, one item, and its option table (spec 6)."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.malls.qoo10.goods import AXES_MOST, OPEN, STATUSES, Goods, Item, Level, OptionRow
from sandbox.malls.qoo10.settings import Settings
from sandbox.malls.qoo10.wire import (
    EXCEPTION,
    NOT_FOUND,
    NOT_OPEN,
    Answer,
    Call,
    Json,
    done,
    refusal,
    stamp,
)

PAGE = 500


class Lookup:
    """The reading methods over the shop's items."""

    def __init__(self, goods: Goods, settings: Settings, seconds: Callable[[], float]) -> None:
        self._goods = goods
        self._settings = settings
        self._seconds = seconds

    def status(self, item: Item) -> str:
        """Give what a listing reads as: its own status, or that of one that is sold out."""
        sold_out = item.status == "S2" and not any(level.now for level in item.levels())
        return self._settings.sold_out_status if sold_out else item.status

    def list_all(self, call: Call) -> Answer:
        """Answer ``GetAllGoodsInfo``: codes only, 500 a page."""
        call.required("ItemStatus")
        if (status := call.get("ItemStatus")) not in STATUSES:
            text = "Please enter the correct ItemStatus. (S0/S1/S2/S4)"
            raise refusal(NOT_FOUND, text, f"ItemStatus {status}")
        page = _page(call)
        items = [item for item in self._goods.items.values() if self.status(item) == status]
        shown = items[(page - 1) * PAGE : page * PAGE]
        return done(
            {
                "TotalItems": len(items),
                "TotalPages": -(-len(items) // PAGE),
                "PresentPage": page,
                "Items": [self._listed(item) for item in shown],
            }
        )

    def detail(self, call: Call) -> Answer:
        """Answer ``GetItemDetailInfo``: all values text, S1 and S2 only."""
        item = self._item(call)
        form = {
            **self._named(item),
            "SellerCode": item.seller_code,
            "ItemStatus": self.status(item),
            "ItemTitle": item.title,
            "ItemQty": str(sum(self._shown(level) for level in item.levels())),
            "ExpireDate": item.expires.isoformat(),
            "ListedDate": stamp(item.listed, self._settings.zone),
            "ChangedDate": stamp(item.changed, self._settings.zone),
            "ShippingNo": str(item.shipping_no),
            "TaxRate": "S",
            "AdultYN": "N",
            **dict.fromkeys(("PromotionName", "ModelNM", "ItemDetail", "Keyword", "BrandNo"), ""),
        }
        extra = {"OptionShippingNo1": "", "OptionShippingNo2": ""} if call.version == "1.2" else {}
        return done(self._listed_rows([{**form, **extra}]))

    def inventory(self, call: Call) -> Answer:
        """Answer ``GetGoodsInventoryInfo``: one entry per row; none where there is no option table."""
        item = self._item(call, closed=self._settings.closed_inventory == "given")
        return done(self._listed_rows([self._row(row) for row in item.rows]))

    def _item(self, call: Call, *, closed: bool = False) -> Item:
        codes = call.get("ItemCode"), call.get("SellerCode")
        if not any(codes):
            raise refusal(EXCEPTION, violation="neither ItemCode nor SellerCode")
        item = self._goods.address(*codes)
        if item is None:
            raise refusal(NOT_FOUND)
        if not closed and self.status(item) not in OPEN:
            raise refusal(NOT_OPEN)
        return item

    def _listed(self, item: Item) -> Json:
        codes = {"ItemCode": item.item_code, "SellerCode": item.seller_code}
        return {**codes, "ItemStatus": self.status(item)}

    def _named(self, item: Item) -> Json:
        if self._settings.detail_fields == "ItemNo":
            return {"ItemNo": item.item_code, "SellPrice": f"{item.price}.0000"}
        return {"ItemCode": item.item_code, "ItemPrice": f"{item.price}.0000"}

    def _row(self, row: OptionRow) -> Json:
        axes = [*row.choices, *[("", "")] * (AXES_MOST - len(row.choices))]
        form: Json = {}
        for place, (name, value) in enumerate(axes, start=1):
            form |= {f"Name{place}": name, f"Value{place}": value}
        stock = self._shown(row.level)
        return {**form, "Price": float(row.price), "Qty": stock, "ItemTypeCode": row.code}

    def _listed_rows(self, rows: list[Json]) -> list[Json] | Json:
        return rows[0] if len(rows) == 1 and self._settings.single_row == "object" else rows

    def _shown(self, level: Level) -> int:
        return level.seen(self._seconds(), self._settings.api_delay_s)


def _page(call: Call) -> int:
    text = call.get("Page") or "1"
    if not (text.isascii() and text.isdecimal()):
        raise refusal(EXCEPTION, "Input string was not in a correct format.", f"Page {text}")
    return max(1, int(text))
