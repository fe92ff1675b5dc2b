"""The store's order export: one row per order (spec 5.4).

Known are OrderId, YahooAuctionMerchantId, OrderTime, YahooAuctionId and UnitPrice, and their places; the
names of the others are [guess], after the Shopping order API. The made-up buyer is in them, so that a
reader that keeps people is found out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.malls.yahuoku import csvform
from sandbox.malls.yahuoku.auctions import JST
from sandbox.malls.yahuoku.sales import Order
from sandbox.malls.yahuoku.settings import Settings
from sandbox.malls.yahuoku.sheet import Cell, workbook

SEEN = (
    *("OrderId", "YahooAuctionMerchantId", "OrderTime", "YahooAuctionId"),
    *("BillLastName", "BillFirstName", "BillZipCode", "BillPrefecture", "BillCity", "BillAddress1"),
    *("BillPhoneNumber", "BillMailAddress", "ShipLastName", "ShipFirstName", "ShipPhoneNumber"),
    *("UnitPrice", "TotalPrice", "PayMethodName", "ShipMethodName", "BuyerComments", "SellerComments"),
)
NARROW = ("YahooAuctionId", "OrderId", "OrderTime", "UnitPrice", "YahooAuctionMerchantId")
PATTERNS = {"seen": SEEN, "narrow": NARROW, "wide": (*SEEN, "OrderStatus", "Quantity", "LastUpdateTime")}
_PROCESSING, _CANCELLED = {"code": "2", "word": "処理中"}, {"code": "4", "word": "キャンセル"}
_DAY_ZERO = datetime(1899, 12, 30, tzinfo=JST)
_TEXT_TIMES = ("dash", "slash", "seconds")


def order_file(orders: list[Order], settings: Settings) -> bytes:
    """Give the export of these orders, in the form that the settings choose."""
    columns = PATTERNS[settings.pattern]
    records: list[list[Cell]] = [list(columns)]
    for place, order in enumerate(orders):
        values = _values(order, _time(order.ordered_at, place, settings)) | _changing(order, place, settings)
        notes = ["", "発送済", "棚B"] if settings.hand_notes and place % 2 == 0 else []
        records.append([*(values[column] for column in columns), *notes])
    if settings.order_file == "xlsx":
        return workbook(records)
    return csvform.write([[str(cell) for cell in record] for record in records])


def _values(order: Order, time: Cell) -> dict[str, Cell]:
    """A piece is a 管理番号 of its own in the cell, and the price is the sum of all."""
    family, _, given = order.buyer.partition(" ")
    price = sum(line.price * line.quantity for line in order.lines)
    known: dict[str, Cell] = {
        "OrderId": int(order.number),
        "YahooAuctionMerchantId": "\n".join(
            code for line in order.lines for code in [line.code] * line.quantity
        ),
        "OrderTime": time,
        "YahooAuctionId": order.lines[0].auction_id,
        "UnitPrice": price,
    }
    person = {"BillLastName": family, "BillFirstName": given, "ShipLastName": family, "ShipFirstName": given}
    place = {
        "BillZipCode": "0000000",
        "BillPrefecture": "東京都",
        "BillCity": "架空区",
        "BillAddress1": "1-2-3",
    }
    reach = {"BillPhoneNumber": "00000000000", "ShipPhoneNumber": "00000000000"}
    mail = {"BillMailAddress": "hanako@example.invalid", "BuyerComments": f"{family}です。よろしく"}
    ways = {"PayMethodName": order.payment, "ShipMethodName": order.delivery, "SellerComments": ""}
    return {**known, **person, **place, **reach, **mail, **ways, "TotalPrice": price}


def _changing(order: Order, place: int, settings: Settings) -> dict[str, Cell]:
    """Give the columns that tell how an order stands now; only the wide pattern has them."""
    if settings.pattern != "wide":
        return {}
    words = _CANCELLED if order.cancelled else _PROCESSING
    found: dict[str, Cell] = {
        "OrderStatus": words[settings.status_form],
        "LastUpdateTime": _time(order.updated_at, place, settings),
        "Quantity": str(sum(line.quantity for line in order.lines)),
    }
    if settings.pieces_form == "each":
        found["YahooAuctionMerchantId"] = "\n".join(line.code for line in order.lines)
        found["Quantity"] = "\n".join(str(line.quantity) for line in order.lines)
    return found


def _time(at: datetime, place: int, settings: Settings) -> Cell:
    local = at.astimezone(JST)
    forms = _TEXT_TIMES if settings.order_file == "csv" else ("serial", *_TEXT_TIMES)
    form = settings.time_form if settings.time_form in forms else forms[place % len(forms)]
    if form == "serial":
        return (local - _DAY_ZERO) / timedelta(days=1)
    mark = "/" if form == "slash" else "-"
    day = f"{local.year}{mark}{local.month}{mark}{local.day} {local.hour}:{local.minute:02d}"
    return f"{day}:{local.second:02d}" if form == "seconds" else day
