"""Item API 2.0, its reading half (spec 3.1, 3.2)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta

from sandbox.malls.rakuten.goods import Goods, Item, Variant
from sandbox.malls.rakuten.search import check_query, has_conditions, matches
from sandbox.malls.rakuten.settings import Settings
from sandbox.malls.rakuten.stock import Stock
from sandbox.malls.rakuten.wire import Answer, Call, Flaw, Json, jst, refusal, unauthorised, unknown_fields

BULK_MOST = 50
CURSOR_START = "AoE+"  # a client that does not URL-encode its cursor sends a blank here


class Items:
    """The functions of the item API over the shop's product pages."""

    def __init__(self, goods: Goods, stock: Stock, settings: Settings, now: Callable[[], datetime]) -> None:
        self._goods = goods
        self._stock = stock
        self._settings = settings
        self._now = now

    def search(self, call: Call) -> Answer:
        """Answer ``items.search`` by cursor or by offset; the index runs behind."""
        page = check_query(call.query)
        found = self._indexed()
        if has_conditions(call.query):
            found = [item for item in found if matches(item, call.query, self._stock)]
        with_lead_times = call.query.get("isInventoryIncluded") == "true"
        if page.cursor is not None:
            found.sort(key=lambda item: item.manage_number)
            last = _last(page.cursor)
            shown = [item for item in found if item.manage_number > last][: page.hits]
            after = _cursor(shown[-1].manage_number) if shown else page.cursor
            paging: Json = {"offset": 0, "nextCursorMark": after}
        else:
            found.sort(key=page.order, reverse=page.descending)
            shown = found[page.offset : page.offset + page.hits]
            paging = {"offset": page.offset}
        results = [{"item": self._form(item, with_lead_times=with_lead_times)} for item in shown]
        return Answer(200, {"numFound": len(found), **paging, "results": results})

    def get(self, call: Call) -> Answer:
        """Answer ``items.get``: live, without the lag of the index; needs the paid option."""
        self._check_option()
        return Answer(200, self._form(self._item(call, "No item found for inputs")))

    def bulk_get(self, call: Call) -> Answer:
        """Answer ``items.bulk.get``; needs the paid option."""
        self._check_option()
        attributes = call.attributes()
        numbers = attributes.get("manageNumbers")
        flaws = unknown_fields(attributes, ["manageNumbers"])
        if not isinstance(numbers, list) or not numbers:
            flaws.append(Flaw("IE0001", "manageNumbers is mandatory.", "manageNumbers"))
        elif len(numbers) > BULK_MOST:
            flaws.append(Flaw("IE1101", "manageNumbers exceeds the maximum number of entries allowed."))
        if flaws:
            raise refusal(400, *flaws)
        items = [item for number in numbers or [] if (item := self._goods.get(str(number).lower()))]
        return Answer(200, {"results": [self._form(item) for item in items]})

    def related_settings(self, call: Call) -> Answer:
        """Answer ``items.inventory-related-settings.get``."""
        item = self._item(call, "Not found for inputs")
        variants = {name: _flags(variant, self._settings) for name, variant in item.variants.items()}
        body = {"unlimitedInventoryFlag": item.unlimited, "features": {}, "variants": variants}
        return Answer(200, {"manageNumber": item.manage_number, **body})

    def _indexed(self) -> list[Item]:
        seen_until = self._now() - timedelta(seconds=self._settings.index_lag_s)
        return [
            item
            for item in self._goods.items.values()
            if item.created <= seen_until and (item.deleted is None or item.deleted > seen_until)
        ]

    def _item(self, call: Call, message: str) -> Item:
        number = call.path["manageNumber"].lower()
        if item := self._goods.get(number):
            return item
        raise refusal(404, Flaw("GE0014", f"{message}; manageNumber={number}"))

    def _check_option(self) -> None:
        if not self._settings.bulk_edit_option:
            raise unauthorised()

    def _form(self, item: Item, *, with_lead_times: bool = False) -> Json:
        if item.deleted:
            return {"manageNumber": item.manage_number}
        variants = {
            name: self._variant(item, name, with_lead_times=with_lead_times) for name in item.variants
        }
        head = {"manageNumber": item.manage_number, "title": item.title, "itemType": "NORMAL"}
        number = {"itemNumber": item.item_number} if item.item_number else {}
        flags = {"genreId": "201198", "hideItem": item.hidden, "unlimitedInventoryFlag": item.unlimited}
        axes = {"variantSelectors": _selectors(item)} if item.axes else {}
        stamps = {"created": jst(item.created), "updated": jst(item.updated)}
        return {**head, **number, **flags, **axes, "variants": variants, **stamps}

    def _variant(self, item: Item, name: str, *, with_lead_times: bool) -> Json:
        variant, cell = item.variants[name], self._stock.get((item.manage_number, name))
        code = {"merchantDefinedSkuId": variant.link_code} if variant.link_code else {}
        chosen = {"selectorValues": variant.choices} if variant.choices else {}
        lead_times = cell.lead_time_fields() if cell and with_lead_times else {}
        rest = {"hidden": variant.hidden, "standardPrice": variant.price}
        return {**code, **chosen, **_flags(variant, self._settings), **rest, **lead_times}


def _flags(variant: Variant, settings: Settings) -> Json:
    return {"restockOnCancel": restocks(variant, settings), "backOrderFlag": variant.back_order}


def restocks(variant: Variant, settings: Settings) -> bool:
    """Say whether a cancelled unit goes back on sale where the order does not say."""
    own = variant.restock_on_cancel
    return settings.returns_stock_on_cancel if own is None else own


def _selectors(item: Item) -> list[Json]:
    selectors = []
    for key, name in item.axes:
        values = dict.fromkeys(variant.choices[key] for variant in item.variants.values())
        shown = [{"displayValue": value} for value in values]
        selectors.append({"key": key, "displayName": name, "values": shown})
    return selectors


def _cursor(manage_number: str) -> str:
    return CURSOR_START + base64.b64encode(f"?{manage_number}>".encode()).decode()


def _last(cursor: str) -> str:
    if cursor == "*":
        return ""
    try:
        text = base64.b64decode(cursor.removeprefix(CURSOR_START).encode(), validate=True).decode()
        if cursor == _cursor(text[1:-1]):
            return text[1:-1]
    except ValueError:
        pass  # neither Base64 nor text: refused below
    flaw = Flaw("IE0002", f"cursorMark has an invalid value : {cursor}.", "cursorMark")
    raise refusal(400, flaw)
