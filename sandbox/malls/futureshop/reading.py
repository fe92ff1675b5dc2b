"""``GET /admin-api/v1/inventory``: the stock of products, page by page (spec 3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sandbox.malls.futureshop.goods import PREORDER, REGULAR, Goods, Pair, Product, sku_no
from sandbox.malls.futureshop.paging import Pages
from sandbox.malls.futureshop.settings import Settings
from sandbox.malls.futureshop.wire import (
    Answer,
    Call,
    Json,
    between,
    check_names,
    invalid,
    time_of,
    values_of,
    written,
)

TYPES = (REGULAR, PREORDER, "planned")
NOT_MODELLED = ("mainGroupUrl",)
DATES = ("createDateStart", "createDateEnd", "updateDateStart", "updateDateEnd")
PARAMETERS = ("types", "productNo", "janCode", *DATES, "cursor", *NOT_MODELLED)
UPDATE_SPAN = timedelta(days=31)
PRODUCT_BYTES, JAN_BYTES = 32, 30


class Reading:
    """The stock read."""

    def __init__(self, goods: Goods, pages: Pages, settings: Settings) -> None:
        self._goods = goods
        self._pages = pages
        self._settings = settings

    def read(self, call: Call) -> Answer:
        """Answer a page of ``productList``."""
        check_names(call.query, PARAMETERS)
        types = self._types(call.query)
        found = self._found(call.query)
        page, onward = self._pages.cut(call, "inventory", found, self._settings.page)
        return Answer(200, {"productList": [product_form(product, types) for product in page], **onward})

    def _types(self, query: Mapping[str, str]) -> list[str]:
        # The mall knows these; here they are refused rather than answered with a wrong list.
        if stray := [name for name in NOT_MODELLED if name in query]:
            raise invalid(stray[0], "is not modelled here")
        if "types" not in query:
            if self._settings.types_required:
                raise invalid("types", "is missing")
            return [REGULAR]
        types = query["types"].split(",")
        if wrong := [name for name in types if name not in TYPES]:
            raise invalid("types", f"{wrong[0]} is unknown or not modelled here")
        return types

    def _found(self, query: Mapping[str, str]) -> list[Product]:
        numbers = values_of(query, "productNo", PRODUCT_BYTES)
        jan_codes = values_of(query, "janCode", JAN_BYTES)
        created_from, created_to, updated_from, updated_to = (time_of(query, name) for name in DATES)
        if updated_from and updated_to and updated_to - updated_from > UPDATE_SPAN:
            raise invalid("updateDateEnd", f"is more than {UPDATE_SPAN.days} days after updateDateStart")
        return [
            product
            for product in self._goods.products.values()
            if (numbers is None or product.product_no in numbers)
            and (jan_codes is None or set(jan_codes) & set(product.jan_codes.values()))
            and between(product.created, created_from, created_to)
            and between(product.updated, updated_from, updated_to)
        ]


def product_form(product: Product, types: list[str]) -> Json:
    """Give one entry of ``productList``."""
    arrivals = sorted(set(product.shelves) - {REGULAR, PREORDER})
    return {
        "id": product.number,
        "url": product.url_code,
        "productNo": product.product_no,
        "name": product.name,
        "visible": product.visible,
        "unitPrice": product.price,
        "taxEnabled": False,
        "taxRate": 10,
        "coolDeliveryEnabled": False,
        "mailDeliveryEnabled": False,
        "inventoryEnabled": product.managed,
        "variationEnabled": ("", "") not in product.shelves[REGULAR],
        "preorderEnabled": PREORDER in product.shelves,
        "type": "REGULAR",
        "plannedStockEnabled": bool(arrivals),
        "dateCreated": written(product.created),
        "inventoryInfo": _inventory_info(product, types, arrivals),
    }


def _inventory_info(product: Product, types: list[str], arrivals: list[str]) -> Json:
    info: Json = {}
    for name in (REGULAR, PREORDER):
        if name in types and name in product.shelves:
            info[name] = {"inventoryList": _rows(product, product.shelves[name])}
    if "planned" in types and arrivals:
        info["plannedList"] = [
            {"date": date, "inventoryList": _rows(product, product.shelves[date])} for date in arrivals
        ]
    return info


def _rows(product: Product, shelf: Mapping[Pair, int]) -> list[Json]:
    return [
        {
            "skuNo": sku_no(product.key((horizontal, vertical))),
            "verticalNo": vertical,
            "horizontalNo": horizontal,
            "janCode": product.jan_codes.get((horizontal, vertical), ""),
            "count": count,
        }
        for (horizontal, vertical), count in shelf.items()
    ]
