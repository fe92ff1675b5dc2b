"""An order as the API gives it; who bought it stands there only where asked for (spec 9.1)."""

from __future__ import annotations

from collections.abc import Collection

from sandbox.malls.amazon.sales import CANCELLED, Line, Order, State
from sandbox.malls.amazon.settings import Settings
from sandbox.malls.amazon.wire import MARKETPLACE, Json, written

DATA_SETS = (
    "BUYER",
    "RECIPIENT",
    "PROCEEDS",
    "EXPENSE",
    "PROMOTION",
    "CANCELLATION",
    "FULFILLMENT",
    "PACKAGES",
    "TAX",
    "PAYMENT",
    "FULFILLMENT_ORDERS",
)
ADDRESS = {
    "addressLine1": "見本町1-2-3",
    "city": "見本区",
    "stateOrRegion": "東京都",
    "postalCode": "100-0000",
    "countryCode": "JP",
    "phone": "000000000000",
    "addressType": "RESIDENTIAL",
}
V0_STATUS = {
    "PENDING_AVAILABILITY": "PendingAvailability",
    "PENDING": "Pending",
    "UNSHIPPED": "Unshipped",
    "PARTIALLY_SHIPPED": "PartiallyShipped",
    "SHIPPED": "Shipped",
    "CANCELLED": "Canceled",
    "UNFULFILLABLE": "Unfulfillable",
}
CHANNELS = {"MERCHANT": "MFN", "AMAZON": "AFN"}


def order_form(order: Order, state: State, included: Collection[str], settings: Settings) -> Json:
    """Give one entry of ``orders``."""
    chosen = {*included, *(("BUYER", "RECIPIENT") if settings.unasked_buyer else ())}
    form: Json = {
        "orderId": order.number,
        "createdTime": written(order.created),
        "lastUpdatedTime": written(state.at),
        "programs": [],
        "salesChannel": {
            "channelName": "AMAZON",
            "marketplaceId": MARKETPLACE,
            "marketplaceName": "Amazon.co.jp",
        },
        "orderItems": [_line(order, state, line, chosen, settings) for line in state.lines],
    }
    if "BUYER" in chosen:
        form["buyer"] = {"buyerName": order.buyer, "buyerEmail": "buyer@example.invalid"}
    if "RECIPIENT" in chosen:
        form["recipient"] = {"deliveryAddress": {"name": order.buyer, **ADDRESS}}
    if "PROCEEDS" in chosen and state.status != "PENDING":
        form["proceeds"] = {"grandTotal": _yen(sum(int(ln.price) * ln.standing for ln in state.lines))}
    if "FULFILLMENT" in chosen:
        form["fulfillment"] = {"fulfillmentStatus": state.status, "fulfilledBy": order.fulfilled_by}
    return form


def v0_order(order: Order, state: State) -> Json:
    """Give one entry of version 0's ``Orders``."""
    return {
        "AmazonOrderId": order.number,
        "PurchaseDate": written(order.created),
        "LastUpdateDate": written(state.at),
        "OrderStatus": V0_STATUS[state.status],
        "FulfillmentChannel": CHANNELS[order.fulfilled_by],
        "SalesChannel": "Amazon.co.jp",
        "MarketplaceId": MARKETPLACE,
        "NumberOfItemsShipped": sum(line.shipped for line in state.lines),
        "NumberOfItemsUnshipped": sum(line.open for line in state.lines),
    }


def v0_item(state: State, line: Line) -> Json:
    """Give one entry of version 0's ``OrderItems``; pending ones have no price."""
    form: Json = {
        "ASIN": line.asin,
        "SellerSKU": line.sku,
        "OrderItemId": line.item_id,
        "Title": line.title,
        "QuantityOrdered": line.standing,
        "QuantityShipped": line.shipped,
    }
    if state.status == "PENDING":
        return form
    return {**form, "ItemPrice": {"CurrencyCode": "JPY", "Amount": line.price}}


def _line(order: Order, state: State, line: Line, chosen: Collection[str], settings: Settings) -> Json:
    lowered = settings.cancelled_pieces == "ordered"
    form: Json = {
        "orderItemId": line.item_id,
        "quantityOrdered": line.standing if lowered else line.ordered,
        "product": {
            "asin": line.asin,
            "title": line.title,
            "sellerSku": line.sku,
            "condition": {"conditionType": "NEW", "conditionSubtype": "NEW"},
            "price": {"unitPrice": _yen(int(line.price))},
        },
    }
    if "FULFILLMENT" in chosen:
        form["fulfillment"] = {
            "quantityFulfilled": line.shipped,
            "quantityUnfulfilled": line.open,
            # Free text of the buyer stands here without anybody asking for the buyer.
            "packing": {"giftOption": {"giftMessage": f"{order.buyer}より", "giftWrapLevel": "Basic"}},
        }
    if "CANCELLATION" in chosen and (cancellation := _cancellation(order, state, line)):
        form["cancellation"] = cancellation
    return form


def _cancellation(order: Order, state: State, line: Line) -> Json:
    found: Json = {}
    if state.cancel_asked:
        reason = f"{order.buyer}の都合"
        found["cancellationRequest"] = {"requester": "BUYER", "cancelReason": reason}
    if state.cancelled_by and (state.status == CANCELLED or not line.standing):
        found["cancellationExecution"] = {
            "cancelledBy": state.cancelled_by,
            "cancelReason": "CustomerCancel",
        }
    return found


def _yen(amount: int) -> Json:
    return {"amount": str(amount), "currencyCode": "JPY"}
