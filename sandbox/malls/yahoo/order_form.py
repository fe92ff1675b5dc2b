"""An order as ``orderList`` and ``orderInfo`` write it, the buyer and all: a client drops that (spec 5)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sandbox.malls.yahoo.sales import DONE, Order, OrderLine
from sandbox.malls.yahoo.wire import JST, cdata, element, jst, leaf

Fields = dict[str, object]

LINE_FIELDS = ("LineId", "ItemId", "SubCode", "Title", "Quantity", "UnitPrice")
NAMES = ("Title",)


def head_fields(order: Order) -> Fields:
    """Give the fields that both functions have, in the mall's own order."""
    auction = order.auction
    return {
        "OrderId": order.number,
        "Version": 1,
        "ParentOrderId": order.parent,
        "IsSplit": order.split,
        "IsActive": True,
        "IsSeen": order.seen,
        "OrderTime": jst(order.ordered_at),
        "LastUpdateTime": jst(order.updated_at),
        "PublicationTime": jst(order.published_at),
        "OrderStatus": order.status,
        "CancelReason": "" if order.cancel_reason is None else order.cancel_reason,
        "IsYahooAuctionOrder": auction is not None,
        "YahooAuctionId": auction.auction_id if auction else "",
        "YahooAuctionMerchantId": auction.merchant_id if auction else "",
        "IsYahooAuctionDeferred": False,
        "YahooAuctionCategoryType": 0,
        "YahooAuctionBidType": 0,
    }


def list_fields(order: Order) -> Fields:
    """Give every field of ``orderList``; the lines are not among them."""
    head = head_fields(order)
    auction = {
        "ItemYahooAucId": head["YahooAuctionId"],
        "ItemYahooAucMerchantId": head["YahooAuctionMerchantId"],
    }
    return {**head, **_pay(order), **_ship(order), **_total(order), **auction}


def info_fields(order: Order) -> tuple[Fields, dict[str, Fields]]:
    """Give the fields of ``orderInfo``: those of the order, and those of each group."""
    family, _, first = order.buyer.partition(" ")
    bill = {
        "BillFirstName": first,
        "BillLastName": family,
        "BillZipCode": "1000000",
        "BillPrefecture": "東京都",
        "BillAddress1": "見本町1-2-3",
        "BillPhoneNumber": "00000000000",
        "BillMailAddress": "orderer@example.invalid",
    }
    ship = {
        "ShipFirstName": first,
        "ShipLastName": family,
        "ShipPrefecture": "東京都",
        "ShipAddress1": "見本町1-2-3",
        "ShipPhoneNumber": "00000000000",
    }
    groups: dict[str, Fields] = {
        "Pay": {**_pay(order), **bill},
        "Ship": {**_ship(order), **ship},
        "Detail": _total(order),
        "Seller": {"SellerId": order.number.rpartition("-")[0]},
        "Buyer": {"IsLogin": True, "BuyerComments": f"{order.buyer} です。よろしくお願いします。"},
    }
    return head_fields(order), groups


def list_entry(order: Order, asked: Collection[str], index: int) -> str:
    """Write one ``OrderInfo`` of ``orderList``: the asked fields and no more."""
    fields = {name: value for name, value in list_fields(order).items() if name in asked}
    return element("OrderInfo", leaf("Index", index), *_leaves(fields))


def info_entry(order: Order, asked: Collection[str], *, unasked_groups: bool) -> str:
    """Write the ``OrderInfo`` of ``orderInfo``.

    Args:
        unasked_groups: names and addresses come even where nobody asked for them.
    """
    head, groups = info_fields(order)
    parts = _leaves({name: value for name, value in head.items() if name in asked})
    for group in ("Pay", "Ship", "Item", "Detail", "Seller", "Buyer"):
        if group == "Item":
            parts += [_item(line, asked) for line in order.lines]
            continue
        fields = {name: v for name, v in groups[group].items() if name in asked or unasked_groups}
        parts += [element(group, *_leaves(fields))] if fields else []
    return element("OrderInfo", *parts)


def _item(line: OrderLine, asked: Collection[str]) -> str:
    fields: Fields = {
        "LineId": line.line_id,
        "ItemId": line.pair[0],
        "SubCode": line.pair[1],
        "Title": line.name,
        "Quantity": line.quantity,
        "UnitPrice": line.price,
    }
    return element("Item", *_leaves({name: value for name, value in fields.items() if name in asked}))


def _pay(order: Order) -> Fields:
    paid_on = order.ordered_at.astimezone(JST).date().isoformat()
    return {"PayStatus": 1, "PayMethod": order.payment, "PayDate": paid_on}


def _ship(order: Order) -> Fields:
    return {"ShipStatus": 3 if order.status == DONE else 1, "ShipMethod": order.delivery, "ShipDate": ""}


def _total(order: Order) -> Fields:
    return {"TotalPrice": sum(line.price * line.quantity for line in order.lines)}


def _leaves(fields: Fields) -> list[str]:
    return [cdata(name, str(value)) if name in NAMES else leaf(name, value) for name, value in fields.items()]


_MOMENT = datetime(2026, 1, 1, tzinfo=JST)
_SAMPLE = Order("store-1", _MOMENT, _MOMENT, _MOMENT, [], "")
_HEAD, _GROUPS = info_fields(_SAMPLE)
KNOWN_IN_LIST = frozenset(list_fields(_SAMPLE))
"""The names that ``Field`` of ``orderList`` takes."""

KNOWN_IN_INFO = frozenset({*_HEAD, *LINE_FIELDS, *(name for fields in _GROUPS.values() for name in fields)})
"""The names that ``Field`` of ``orderInfo`` takes; all are plain, without the group's name."""
