"""Order lines as the order methods give them, personal data and all: a client has to drop that (spec 8)."""

from __future__ import annotations

from sandbox.malls.qoo10.sales import Cart, OrderLine
from sandbox.malls.qoo10.wire import Json, stamp

SELLER = "sandbox-shop"
KANA = "ヤマダ ハナコ"
TELEPHONE, MOBILE, MAIL = "+81-00-0000-0000", "+81-000-0000-0000", "orderer@example.invalid"
ZIP, CITY, STREET = "100-0000", "東京都見本区", "見本町1-2-3"


def shipping_row(cart: Cart, line: OrderLine, zone: str) -> Json:
    """Give one entry of ``GetShippingInfo_v3``; fields that never hold anything here are empty text."""
    empty = (
        *(
            "EstimatedShippingDate",
            "DesiredDeliveryDate",
            "ShippingMessage",
            "RelatedOrder",
            "DeliveryCompany",
        ),
        *("VoucherCode", "PackingNo", "SellerDeliveryNo", "Gift", "BranchName", "TrackingNo", "Material"),
        *("AvailableShippingDate", "ShippingWay"),
    )
    return {
        "ShippingStatus": str(line.status),
        "SellerID": SELLER,
        "PackNo": cart.pack_no,
        "OrderNo": line.order_no,
        "OrderDate": stamp(line.ordered_at, zone),
        "PaymentDate": stamp(line.paid_at, zone),
        "ShippingDate": stamp(line.shipped_at, zone),
        "DeliveredDate": stamp(line.delivered_at, zone),
        "ItemNo": line.unit.item.item_code,
        "SellerItemCode": line.unit.item.seller_code,
        "ItemTitle": line.title,
        "Option": line.option,
        "OptionCode": line.option_code,
        "OrderQty": line.quantity,
        **_shipping_person(cart),
        **_prices(line),
        "PaymentMethod": "クレジットカード",
        "Currency": "JPY",
        "ShippingRateType": "Free",
        "AvailableSendType": "0",
        **dict.fromkeys(empty, ""),
    }


def claim_row(cart: Cart, line: OrderLine, zone: str) -> Json:
    """Give one entry of ``GetClaimInfo_V3``."""
    empty = (
        *("deliveryCompany", "trackingNo", "deliveryCompanyReturn", "trackingNoReturn", "itemCondition"),
        *("paymentReturnShipping", "CODCancelRelatedOrder", "nrDutyTarget", "nrSolType"),
    )
    return {
        **_claim(line, zone),
        "reason": "",
        "shippingDate": stamp(line.shipped_at, zone),
        **_camel(cart, line, zone),
        "paymentNation": "JP",
        "currency": "JPY",
        "paymentAmount": float(line.price * line.quantity),
        "pickupAddress": f"{CITY}{STREET}",
        "zipCode": ZIP,
        "receiver": cart.buyer,
        "receiverTel": TELEPHONE,
        "receiverMobile": MOBILE,
        "CODCancelPrice": 0.0,
        "CODQrefundPrice": 0.0,
        "nrPartRefundCnt": 0,
        "nrPartRefundBalance": 0.0,
        **dict.fromkeys(empty, ""),
    }


def order_row(cart: Cart, line: OrderLine, zone: str) -> Json:
    """Give the entry of ``GetShippingAndClaimInfoByOrderNo_V2``: shipping and claim side by side."""
    empty = ("hopeDate", "ShippingMsg", "PackingNo", "SellerDeliveryNo", "VoucherCode", "Gift", "OrderType")
    return {
        "shippingStatus": str(line.status),
        "sellerID": SELLER,
        **claim_row(cart, line, zone),
        "buyer_gata": KANA,
        "buyerEmail": MAIL,
        "option": line.option,
        "optionCode": line.option_code,
        "orderPrice": float(line.price),
        "discount": 0.0,
        "total": float(line.price * line.quantity),
        "receiver_gata": KANA,
        "shippingCountry": "JP",
        "shippingAddr": f"{CITY}{STREET}",
        "senderName": cart.buyer,
        "senderTel": TELEPHONE,
        "senderNation": "JP",
        "senderZipCode": ZIP,
        "senderAddr": f"{CITY}{STREET}",
        "PaymentMethod": "クレジットカード",
        "shippingRateType": "Free",
        **dict.fromkeys(empty, ""),
    }


def _claim(line: OrderLine, zone: str) -> Json:
    return {
        "claimStatus": str(line.claim) if line.claim else "",
        "requestDate": stamp(line.claimed_at, zone),
        "cancelRefundDate": stamp(line.closed_at, zone),
    }


def _camel(cart: Cart, line: OrderLine, zone: str) -> Json:
    """Give what both lower-camel forms share."""
    return {
        "orderDate": stamp(line.ordered_at, zone),
        "PaymentDate": stamp(line.paid_at, zone),
        "DeliveredDate": stamp(line.delivered_at, zone),
        "orderNo": line.order_no,
        "packNo": cart.pack_no,
        "itemCode": line.unit.item.item_code,
        "sellerItemCode": line.unit.item.seller_code,
        "itemTitle": line.title,
        "orderQty": line.quantity,
        "buyer": cart.buyer,
        "buyerTel": TELEPHONE,
        "buyerMobile": MOBILE,
    }


def _shipping_person(cart: Cart) -> Json:
    return {
        "Buyer": cart.buyer,
        "BuyerKana": KANA,
        "BuyerTel": TELEPHONE,
        "BuyerMobile": MOBILE,
        "BuyerEmail": MAIL,
        "Receiver": cart.buyer,
        "ReceiverKana": KANA,
        "ReceiverTel": TELEPHONE,
        "ReceiverMobile": MOBILE,
        "ZipCode": ZIP,
        "ShippingAddress": f"{CITY}{STREET}",
        "Address1": CITY,
        "Address2": STREET,
        "SenderName": cart.buyer,
        "SenderTel": TELEPHONE,
        "SenderNation": "JP",
        "SenderZipCode": ZIP,
        "SenderAddress": f"{CITY}{STREET}",
    }


def _prices(line: OrderLine) -> Json:
    none = ("Discount", "SellerDiscount", "ShippingRate", "CartDiscountSeller", "CartDiscountQoo10")
    total = float(line.price * line.quantity)
    return {
        "OrderPrice": float(line.price),
        "Total": total,
        "SettlePrice": round(total * 0.9),
        **dict.fromkeys(none, 0.0),
    }
