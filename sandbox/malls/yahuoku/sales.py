"""Orders: what a winner or a buyer completed the purchase form for (spec 5.3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sandbox.malls.yahuoku.auctions import BID, LISTED, WON, Auction, Auctions
from sandbox.malls.yahuoku.delegated import Delegated
from sandbox.malls.yahuoku.settings import Settings

FIRST_NUMBER = 10_004_866


@dataclass(frozen=True)
class OrderLine:
    """One auction of an order; ``price`` is of one piece."""

    code: str
    quantity: int
    auction_id: str
    price: int


@dataclass
class Order:
    """One order; ``shopping_id`` is its name at Yahoo!ショッピング, "" where that is not there."""

    number: str
    ordered_at: datetime
    lines: list[OrderLine]
    buyer: str
    payment: str
    delivery: str
    delegated: bool
    updated_at: datetime
    shopping_id: str = ""
    cancelled: bool = False
    times_given: int = 0


class Sales:
    """All orders of the store, oldest first."""

    def __init__(self, auctions: Auctions, delegated: Delegated, settings: Settings) -> None:
        self._auctions = auctions
        self._delegated = delegated
        self._settings = settings
        self.orders: dict[str, Order] = {}

    def place(
        self, wishes: dict[str, int], now: datetime, ago_s: float, payment: str, delivery: str
    ) -> Order:
        """Sell pieces by code: of auctions that run or are won, or of delegated listings.

        Raises:
            ValueError: nobody sells that, not so many, or the two kinds are mixed.
        """
        kinds = {code in self._delegated for code in wishes}
        if len(kinds) != 1 or min(wishes.values()) < 1:
            raise ValueError("an order has lines of one kind, auctions or fixed price, of one piece or more")
        is_delegated = kinds.pop()
        lines = self._delegated_lines(wishes) if is_delegated else self._auction_lines(wishes)
        shopping_id = self._pass_on(lines, ago_s, is_delegated=is_delegated)
        for line in lines:
            if is_delegated:
                self._delegated.take(line.code, line.quantity)
            else:
                self._auctions.take(line.auction_id, line.quantity)
        number = shopping_id.rpartition("-")[2] or str(FIRST_NUMBER + len(self.orders))
        at, buyer = now - timedelta(seconds=ago_s), self._settings.buyer
        order = Order(number, at, lines, buyer, payment, delivery, is_delegated, at, shopping_id)
        self.orders[number] = order
        return order

    def get(self, number: str) -> Order:
        """Give an order by its number, or by its name at Yahoo!ショッピング.

        Raises:
            ValueError: there is none.
        """
        if order := self.orders.get(number.rpartition("-")[2]):
            return order
        raise ValueError(f"no order {number!r}")

    def reduce(self, order: Order, code: str, quantity: int, now: datetime) -> None:
        """Take pieces out of an order of auctions; an auction that loses all of them goes away [guess].

        Raises:
            ValueError: it has not so many, nothing would stand, or Yahoo!ショッピング has the order too.
        """
        there = {line.code: line.quantity for line in order.lines}
        if not 1 <= quantity <= there.get(code, 0) or quantity == sum(there.values()) or order.shopping_id:
            raise ValueError(f"{quantity} of {code} cannot be taken out of order {order.number}")
        taken = {code: quantity}
        lines = [replace(each, quantity=each.quantity - taken.get(each.code, 0)) for each in order.lines]
        order.lines, order.updated_at = [each for each in lines if each.quantity], now

    def cancel(self, order: Order, now: datetime) -> None:
        """Cancel an order; its auctions are over all the same, the pieces wait for a relisting."""
        if order.cancelled:
            raise ValueError(f"order {order.number} is cancelled already")
        order.cancelled, order.updated_at = True, now
        self._delegated.cancel(order.shopping_id)

    def _auction_lines(self, wishes: dict[str, int]) -> list[OrderLine]:
        found = {code: self._auctions.find(code, LISTED, BID, WON) for code in wishes}
        _check(wishes, {code: auction.left for code, auction in found.items()})
        return [_line(auction, wishes[code]) for code, auction in found.items()]

    def _delegated_lines(self, wishes: dict[str, int]) -> list[OrderLine]:
        _check(wishes, self._delegated.stock())
        ids = self._delegated.auction_ids
        return [OrderLine(code, wish, ids[code], 1980) for code, wish in wishes.items()]

    def _pass_on(self, lines: list[OrderLine], ago_s: float, *, is_delegated: bool) -> str:
        """At Yahoo!ショッピング an auction's item is not in the catalogue (spec 4 [guess])."""
        items = [
            {"code": line.code if is_delegated else line.auction_id, "quantity": line.quantity}
            for line in lines
        ]
        merchant_ids = "\n".join(line.code for line in lines)
        return self._delegated.pass_on(items, lines[0].auction_id, merchant_ids, ago_s)


def _check(wishes: dict[str, int], there: dict[str, int]) -> None:
    for code, wish in wishes.items():
        if there[code] < wish:
            raise ValueError(f"{there[code]} of {code} on sale, not {wish}")


def _line(auction: Auction, quantity: int) -> OrderLine:
    price = int(auction.row["開始価格"]) + 100 * max(0, auction.bids - 1)
    return OrderLine(auction.code, quantity, auction.auction_id, price)
