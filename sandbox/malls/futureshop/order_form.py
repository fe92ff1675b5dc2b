"""Orders as the two calls give them, personal data and all: a client has to drop that (spec 4).

The list and the single order differ: only the latter has ``productNo``, ``preorder``,
``paymentStatus`` and ``dateLastUpdated``.
"""

from __future__ import annotations

from sandbox.malls.futureshop.sales import Order, OrderLine
from sandbox.malls.futureshop.wire import JST, Json, written

ADDRESS = {"prefecture": "TOKYO", "address1": "見本区見本町", "address2": "1-2-3", "address3": ""}
ZIP_CODE, TELEPHONE = "100-0000", "00-0000-0000"
MAIL = "orderer@example.invalid"


def listed(order: Order) -> Json:
    """Give one entry of ``orderList``."""
    return {
        "orderNo": order.number,
        "type": "REGULAR",
        "date": written(order.ordered_at),
        "status": order.status,
        **_sums(order),
        "paymentType": order.payment,
        "receiptDate": "",
        "isMember": True,
        "buyerInfo": _buyer(order),
        "shipmentList": [
            {
                "shipmentNo": number,
                "addressInfo": {**_name(order), "postalCode": ZIP_CODE, **ADDRESS, "phoneNo": TELEPHONE},
                "shippingInfo": {"deliveryServiceName": order.delivery, "shippingDate": _day_shipped(order)},
                "productTotal": _total(lines),
                "productList": [_product(line) for line in lines],
            }
            for number, lines in _shipments(order)
        ],
    }


def single(order: Order) -> Json:
    """Give the answer of ``orders/{orderNo}``."""
    return {
        "orderNo": order.number,
        "date": written(order.ordered_at),
        **_sums(order),
        "paymentType": order.payment,
        "customerContact": "",
        "shopMemo": "",
        "status": order.status,
        "paymentStatus": "RECEIVED" if order.received else "NOTRECEIVED",
        "multipleShipments": len(_shipments(order)) > 1,
        "dateLastUpdated": written(order.updated),
        "type": "REGULAR",
        "buyerInfo": {**_buyer(order), "nickName": "", "gender": "UNSPECIFIED"},
        "shipmentList": [
            {
                "shipmentNo": number,
                "shipped": order.shipped is not None,
                "shippingDate": _day_shipped(order),
                "deliveryServiceName": order.delivery,
                "instructions": "",
                "productTotal": _total(lines),
                "productList": [
                    {"productNo": line.key[0], **_product(line), "preorder": False} for line in lines
                ],
                "addressInfo": {**_name(order), "zipCode": ZIP_CODE, **ADDRESS, "phoneNo": TELEPHONE},
            }
            for number, lines in _shipments(order)
        ],
    }


def _shipments(order: Order) -> list[tuple[int, list[OrderLine]]]:
    numbers = sorted({line.shipment for line in order.lines})
    return [(number, [line for line in order.lines if line.shipment == number]) for number in numbers]


def _product(line: OrderLine) -> Json:
    horizontal, vertical = line.named
    return {
        "skuNo": line.code,
        "name": line.name,
        "verticalVariationName": vertical,
        "horizontalVariationName": horizontal,
        "janCode": "",
        "taxRateCode": "STANDARD",
        "price": line.price,
        "count": line.count,
        "optionList": [],
        "optionPriceList": [],
    }


def _sums(order: Order) -> Json:
    total = _total(order.lines)
    return {"grandTotal": total, "totalCost": total, "productTotal": total, "postage": 0}


def _total(lines: list[OrderLine]) -> int:
    return sum(line.price * line.count for line in lines)


def _day_shipped(order: Order) -> str:
    return order.shipped.astimezone(JST).date().isoformat() if order.shipped else ""


def _name(order: Order) -> Json:
    family, _, first = order.buyer.partition(" ")
    kana = {"lastNameKana": "ヤマダ", "firstNameKana": "ハナコ"}
    return {"lastName": family, "firstName": first, **kana}


def _buyer(order: Order) -> Json:
    reach = {"mail": MAIL, "mobileMail": "", "zipCode": ZIP_CODE, **ADDRESS, "telNoMain": TELEPHONE}
    return {"memberId": "1", **_name(order), **reach, "birthday": "1990-01-01"}
