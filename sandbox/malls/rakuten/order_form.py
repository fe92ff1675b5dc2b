"""The order as ``getOrder`` gives it, personal data and all: a client has to drop that (spec 4.2)."""

from __future__ import annotations

from sandbox.malls.rakuten.sales import CANCELLED, PAYMENTS, Order, OrderLine
from sandbox.malls.rakuten.wire import Json, order_time

VERSIONS = range(3, 11)
SKU_VERSION = 7
NO_GOODS_TAX_VERSION = 8
NOT_FIXED = -9999
ADDRESS = {
    "zipCode1": "100",
    "zipCode2": "0000",
    "prefecture": "東京都",
    "city": "見本区",
    "subAddress": "見本町1-2-3",
}
TELEPHONE = {"phoneNumber1": "00", "phoneNumber2": "0000", "phoneNumber3": "0000"}


def order_model(order: Order, version: int) -> Json:
    """Give one entry of ``OrderModelList`` as the asked version has it."""
    goods = sum(line.price * line.standing for line in order.lines)
    tax = {} if version >= NO_GOODS_TAX_VERSION else {"goodsTax": 0}
    return {
        "orderNumber": order.number,
        "orderProgress": order.progress,
        "subStatusId": None,
        "subStatusName": None,
        **_times(order),
        "orderType": 1,
        "rakutenConfirmFlag": 0,
        "modifyFlag": 0,
        **dict.fromkeys(("isolatedIslandFlag", "giftCheckFlag", "severalSenderFlag"), 0),
        "goodsPrice": goods,
        **tax,
        "postagePrice": NOT_FIXED,
        "totalPrice": goods,
        "requestPrice": NOT_FIXED,
        "remarks": None,
        "SettlementModel": _settlement(order),
        "DeliveryModel": {"deliveryName": order.delivery, "deliveryClass": None},
        "OrdererModel": {**_person(order), "emailAddress": "orderer@example.invalid", "birthYear": 1990},
        "PackageModelList": [_package(order, version)],
        "ChangeReasonModelList": _changes(order),
    }


def _times(order: Order) -> Json:
    return {
        "orderDatetime": order_time(order.ordered_at),
        "shopOrderCfmDatetime": order_time(order.reached.get(300)),
        "orderFixDatetime": order_time(order.reached.get(700)),
        "shippingCmplRptDatetime": order_time(order.reached.get(500)),
    }


def _settlement(order: Order) -> Json | None:
    if order.payment is None:
        return None
    name = PAYMENTS.get(order.payment, f"支払方法{order.payment}")
    return {"settlementMethodCode": order.payment, "settlementMethod": name}


def _person(order: Order) -> Json:
    family, _, first = order.buyer.partition(" ")
    kana = {"familyNameKana": "ヤマダ", "firstNameKana": "ハナコ"}
    return {**ADDRESS, "familyName": family, "firstName": first, **kana, **TELEPHONE}


def _package(order: Order, version: int) -> Json:
    return {
        "basketId": order.lines[0].detail_id,
        "SenderModel": _person(order),
        "ItemModelList": [_item(line, version) for line in order.lines],
        "ShippingModelList": [],
        "defaultDeliveryCompanyCode": "1001",
    }


def _item(line: OrderLine, version: int) -> Json:
    form = {
        "itemDetailId": line.detail_id,
        "itemId": line.detail_id - 10_000_000,
        "itemName": line.name,
        "itemNumber": line.item_number or None,
        "manageNumber": line.pair[0],
        "price": line.price,
        "units": line.units,
        "priceTaxIncl": line.price,
        "taxRate": 0.1,
        "selectedChoice": None,
        "inventoryType": 2 if line.choices else 1,
        "restoreInventoryFlag": line.restore_flag,
        "deleteItemFlag": int(line.deleted),
    }
    return {**form, "SkuModelList": [_sku(line)]} if version >= SKU_VERSION else form


def _sku(line: OrderLine) -> Json:
    link_code = line.link_code or None
    return {"variantId": line.pair[1], "merchantDefinedSkuId": link_code, "skuInfo": line.choices or None}


def _changes(order: Order) -> list[Json] | None:
    asked, done = order.reached.get(800), order.reached.get(CANCELLED)
    if not asked and not done:
        return None
    change = {
        "changeId": 1,
        "changeType": 2 if order.progress == CANCELLED else 0,
        "changeReason": 1,
        "changeReasonDetail": 1,
    }
    times = {
        "changeApplyDatetime": order_time(asked or done),
        "changeFixDatetime": order_time(done),
        "changeCmplDatetime": order_time(done),
    }
    return [{**change, **times}]
