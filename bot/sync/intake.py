"""Orders in: what a shop's orders change in the ledger, exactly once. Reads the mall, fills the books."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, zip_longest
from threading import Event

from adapters.contract import Clock, LineState, LowersOwnStock, Order, Window
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import OrderSource
from bot.sync.desk import Desk, Report
from bot.sync.drift import SKEW
from bot.sync.ledger import observe, released_by_sale, since_count, stood_open
from bot.sync.marks import mark_code
from bot.sync.outage import LEAST_BLIND_S, Account, account
from bot.sync.plan import FLIGHT_BEFORE, predicted_after_sale
from bot.sync.ports import Books, Transaction
from bot.sync.values import Cause, Change, CountedLine, Entry, LineKey, Movement, SeenLine, Why

OVERLAP = timedelta(minutes=10)
ORDERS_A_TRANSACTION = 100
AGAIN_A_TURN = 100  # re-reading known orders never holds new ones up for longer than one call


class Intake:
    """Takes orders in; holds no state of its own."""

    def __init__(
        self,
        books: Books,
        mapping: Callable[[], CodeMapping],
        clock: Clock,
        stop: Event,
        on_touched: Callable[[Iterable[str]], None],
    ) -> None:
        self._books = books
        self._mapping = mapping
        self._clock = clock
        self._stop = stop
        self._on_touched = on_touched

    def take_in(self, desk: Desk, report: Report) -> None:
        """Take in new orders."""
        if not desk.has_orders:
            return
        began, name = self._clock.now(), desk.shop.name
        cursor = self._books.cursor(name)
        # A shop read for the first time may have sold since the stock was counted.
        since = cursor or self._books.counted_since() or began
        oldest = began - timedelta(seconds=desk.abilities.look_back_s)
        orders = desk.adapter.read_orders(Window(max(since - OVERLAP - desk.lag, oldest), began))
        outage = self._outage(desk, cursor, began, orders)

        def at_the_end(books: Transaction) -> None:
            books.set_cursor(name, began, was=cursor)
            if outage:
                books.put_outage(outage)

        self._record(desk, orders, began, report, at_the_end)
        if outage:
            report.outages.append(outage)

    def _outage(
        self, desk: Desk, cursor: datetime | None, began: datetime, orders: Sequence[Order]
    ) -> Account | None:
        """Account for the time since the last reading, if it was a long one."""
        if cursor is None or (began - cursor).total_seconds() <= max(LEAST_BLIND_S, 3 * desk.poll_s):
            return None
        look_back = timedelta(seconds=desk.abilities.look_back_s)
        missed = [order for order in orders if order.ordered_at >= cursor]
        stale = self._books.stale_orders(desk.shop.name, began - look_back)
        return account(desk.shop.name, cursor, began, len(missed), look_back, stale)

    def take_in_file(self, desk: Desk, orders: Sequence[Order], report: Report) -> None:
        """Take in the orders of a file; the cursor stays where it is."""
        self._record(desk, orders, self._clock.now(), report, lambda _books: None)

    def take_in_again(self, desk: Desk, report: Report) -> None:
        """Re-read open orders, the longest unread first: young ones often, older ones hourly.

        Those on which it depends what a number read from the mall means come before them all.
        """
        if not desk.has_orders or self._stop.is_set():
            return
        began, name = self._clock.now(), desk.shop.name
        hourly = max(desk.again_interval, timedelta(hours=1))
        look_back = timedelta(seconds=desk.abilities.look_back_s)
        young = self._open_orders(desk, began - desk.again_interval, began - timedelta(days=1))
        old = self._open_orders(desk, began - hourly, began - look_back)
        asked = self._books.doubted_orders(name) if desk.shop.on_cancel.mall_returns_stock else []
        due = list(dict.fromkeys([*asked, *_in_turn(young, old)]))[:AGAIN_A_TURN]
        if due:
            again = desk.adapter.read_orders_again(due)
            self._record(desk, again, began, report, lambda books: books.note_read(name, due))

    def _open_orders(self, desk: Desk, read_before: datetime, ordered_after: datetime) -> list[str]:
        return self._books.open_order_ids(
            desk.shop.name, read_before=read_before, ordered_after=ordered_after, limit=2 * AGAIN_A_TURN
        )

    def _record(
        self,
        desk: Desk,
        orders: Sequence[Order],
        began: datetime,
        report: Report,
        at_the_end: Callable[[Transaction], None],
    ) -> None:
        mapping = self._mapping()
        chunks = [
            orders[start : start + ORDERS_A_TRANSACTION]
            for start in range(0, len(orders), ORDERS_A_TRANSACTION)
        ] or [[]]
        for place, chunk in enumerate(chunks, 1):
            with self._books.transaction() as books:
                touched = self._enter_orders(books, mapping, desk, chunk, began, report)
                if place == len(chunks):
                    at_the_end(books)
            self._tell(touched, report)
        report.orders += len(orders)

    def _enter_orders(
        self,
        books: Transaction,
        mapping: CodeMapping,
        desk: Desk,
        orders: Iterable[Order],
        began: datetime,
        report: Report,
    ) -> set[str]:
        touched: set[str] = set()
        auctions = _shops_via(mapping, desk.shop.name)
        for order in orders:
            lines = list(_seen_lines(desk.shop.name, order, began, auctions))
            known = [
                line for shop in (desk.shop.name, *auctions) for line in books.lines_of(shop, order.order_id)
            ]
            changed = [seen for seen in lines + _gone(known, lines, began) if seen not in known]
            if changed or not known:  # most of what an overlap brings stands as it stood
                books.put_order(desk.shop.name, order)
            for seen in changed:
                touched |= self._enter_line(books, mapping, desk, seen, began, report)
        return touched

    def _enter_line(
        self,
        books: Transaction,
        mapping: CodeMapping,
        desk: Desk,
        seen: SeenLine,
        began: datetime,
        report: Report,
    ) -> set[str]:
        """Enter one line's difference; give the shops that it gives something to write."""
        counted = books.counted_line(seen.key)
        code = _code_of(books, mapping, seen, counted)
        if code is None:
            report.unmapped.append(seen.mall_code)
        found = observe(seen, code, counted, return_stock=desk.shop.on_cancel.return_stock)
        if found is None:
            return set()
        parts = counted.parts if counted and counted.parts else _components(mapping, code)
        books.put_line(seen, replace(found.counted, parts=parts))
        if code is None:
            return set()
        if (counted is None or counted.code is None) and seen.state is LineState.CANCELLED:
            freed = self._stood_open(books, mapping, desk, seen, parts)
            return freed | self._cancelled_unseen(books, desk, seen, code, began)
        moved = False
        if not (seen.key.shop != desk.shop.name and _is_held(books, seen, code, parts)):
            moved = self._follow_own(books, desk, seen, code, counted, found.counted, began)
        if not found.change:
            return self._given_back(books, desk, code, began) if moved else set()
        touched: set[str] = set()
        for component, pieces in parts.items():
            balance = books.balance(component)
            change = since_count(found.change.times(pieces), found.at, balance.counted_at)
            books.enter(Entry(found.at, component, change, found.cause, seen.key, seen.revision))
            report.moved += 1
            if balance.held:
                _release(books, seen, code, component, found.change.times(pieces))
            why = Why.SALE if change.on_hand < 0 or change.reserved > 0 else Why.STOCK
            now = self._clock.now()
            touched |= mark_code(books, mapping, component, why, now, own={desk.shop.name: began})
        return touched

    def _stood_open(
        self, books: Transaction, mapping: CodeMapping, desk: Desk, seen: SeenLine, parts: Mapping[str, int]
    ) -> set[str]:
        """Enter what an order held that was cancelled before it was ever seen: a count left that out."""
        touched: set[str] = set()
        for component, pieces in parts.items() if desk.shop.on_cancel.return_stock else ():
            held = stood_open(seen, pieces, books.balance(component).counted_at)
            for cause, at, change in held:
                books.enter(Entry(at, component, change, cause, seen.key, seen.revision))
            if sum(change.on_hand for _, _, change in held):
                touched |= mark_code(books, mapping, component, Why.STOCK, self._clock.now())
        return touched

    def _cancelled_unseen(
        self, books: Transaction, desk: Desk, seen: SeenLine, code: str, began: datetime
    ) -> set[str]:
        """Compare a number anew where an order took pieces off, and was cancelled before it was seen."""
        if seen.key.shop != desk.shop.name:
            return set()
        pieces, placed, gone = max(1, seen.quantity), seen.ordered_at, seen.revision
        self._predict_own(books, desk, code, _moved(pieces, placed - SKEW, placed))
        self._predict_own(books, desk, code, _moved(-pieces, placed, gone))
        return self._given_back(books, desk, code, began)

    @staticmethod
    def _given_back(books: Transaction, desk: Desk, code: str, began: datetime) -> set[str]:
        """Let the shop's own number be compared: it moved, and the ledger did not."""
        books.mark(desk.shop.name, code, Why.REPAIR, began)
        return {desk.shop.name}

    def _follow_own(
        self,
        books: Transaction,
        desk: Desk,
        seen: SeenLine,
        code: str,
        before: CountedLine | None,
        now: CountedLine,
        began: datetime,
    ) -> bool:
        """Follow what a line does to the shop's own number since it was seen last."""
        paid_only = desk.abilities.lowers_own_stock is LowersOwnStock.AT_PAYMENT
        units = _off(now, paid_only=paid_only) - (_off(before, paid_only=paid_only) if before else 0)
        if units < 0 and before:
            return self._predict_own(books, desk, code, _moved(units, before.revision, seen.revision))
        placed = seen.ordered_at
        if paid_only:
            moved = self._predict_own(books, desk, code, _moved(units, placed - SKEW, began), began)
        else:
            moved = self._predict_own(books, desk, code, _moved(units, placed - SKEW, placed))
        if moved and before is None and _may_have_been_more(desk, seen):
            books.predict(desk.shop.name, code, None)
        return moved

    def _predict_own(
        self,
        books: Transaction,
        desk: Desk,
        code: str,
        move: Movement,
        paid_by: datetime | None = None,
    ) -> bool:
        """Follow what the shop itself does to its own number when it sells or takes back."""
        shop, shown = desk.shop, books.shown(desk.shop.name, code)
        if desk.abilities.lowers_own_stock is LowersOwnStock.NO or shown.outcome == "" or not move.units:
            return False
        if move.units < 0 and not shop.on_cancel.mall_returns_stock:
            return False
        at = move.since + SKEW if paid_by else move.at
        predicted = predicted_after_sale(shown, move.units, at, desk.abilities.visible_after_s, paid_by)
        books.predict(shop.name, code, predicted)
        if predicted == 0 and shown.predicted is not None:  # no mall shows less than nothing
            move = replace(move, units=min(move.units, shown.predicted))
        books.moved(shop.name, code, move)
        return True

    def apply_unmapped(self, desk: Desk, report: Report) -> None:
        """Enter the demand that was kept until the mapping knew its listing."""
        mapping = self._mapping()
        shops = (desk.shop.name, *_shops_via(mapping, desk.shop.name))
        lines = [line for shop in shops for line in self._books.unmapped_lines(shop)]
        if not lines:
            return
        with self._books.transaction() as books:
            touched: set[str] = set()
            # What is still unknown is left alone: to keep it again would pass for a new reading.
            for seen in [line for line in lines if _code_of(books, mapping, line, None) is not None]:
                touched |= self._enter_line(books, mapping, desk, seen, seen.revision, report)
        self._tell(touched, report)

    def _tell(self, touched: set[str], report: Report) -> None:
        report.touched |= touched
        if touched:
            self._on_touched(touched)


def _off(counted: CountedLine, *, paid_only: bool) -> int:
    """Give the pieces that the mall has taken off for a line."""
    return counted.sold if paid_only else counted.sold + counted.reserved


def _may_have_been_more(desk: Desk, seen: SeenLine) -> bool:
    """Tell whether an order may have been reduced before it was seen, and nothing but a write mends that."""
    as_it_was = desk.shop.on_cancel.mall_returns_stock or seen.revision <= seen.ordered_at
    return not (as_it_was or desk.abilities.readable.able)


def _moved(units: int, since: datetime, at: datetime) -> Movement:
    return Movement(since, at, at + FLIGHT_BEFORE, units)


def _in_turn(young: Sequence[str], old: Sequence[str]) -> list[str]:
    """Take from both lists in turn, so that neither keeps the other from being read."""
    mixed = chain.from_iterable(zip_longest(young, old))
    return list(dict.fromkeys(order_id for order_id in mixed if order_id is not None))


def _shops_via(mapping: CodeMapping, shop: str) -> tuple[str, ...]:
    """Give the shop whose orders arrive at this one: where there are several, nobody can tell which."""
    found = [
        other.name
        for other in mapping.shops.values()
        if other.orders is OrderSource.VIA and other.via == shop
    ]
    return tuple(found) if len(found) == 1 else ()


def _seen_lines(shop: str, order: Order, began: datetime, auctions: Sequence[str]) -> Iterable[SeenLine]:
    """Give an order's lines; those sold at auction are booked to the shop whose orders arrive here."""
    for line in order.lines:
        seller = auctions[0] if line.auction_id and auctions else shop
        yield SeenLine(
            key=LineKey(seller, order.order_id, line.line_id),
            mall_code=line.mall_code,
            address=line.address,
            quantity=line.quantity,
            state=line.state,
            ordered_at=order.ordered_at,
            revision=line.revision or began,
            closed=order.closed,
        )


def _code_of(
    books: Transaction, mapping: CodeMapping, seen: SeenLine, counted: CountedLine | None
) -> str | None:
    """Find the merchant's code: what the line was counted under, else by address, else by code."""
    if counted is not None and counted.code is not None:
        return counted.code
    known = books.mall_code_at(seen.key.shop, seen.address)
    return mapping.code_of(seen.key.shop, known or seen.mall_code)


def _is_held(books: Transaction, seen: SeenLine, code: str, parts: Mapping[str, int]) -> bool:
    """Tell whether pieces were set aside for the listing: their sale lowers no number but its own."""
    return any(books.held(seen.key.shop, code, part, seen.ordered_at) for part in parts)


def _release(books: Transaction, seen: SeenLine, listed: str, component: str, change: Change) -> None:
    """Give back what the shop held for a piece that it has now sold."""
    shop, order_id = seen.key.shop, seen.key.order_id
    back = released_by_sale(change, books.held(shop, listed, component, seen.ordered_at))
    if back:
        key = LineKey(shop, order_id, listed)
        books.enter(Entry(seen.ordered_at, component, back, Cause.RELEASED, key, seen.revision))


def _gone(known: Iterable[SeenLine], lines: Iterable[SeenLine], began: datetime) -> list[SeenLine]:
    """Give the lines that an order had and has no longer: an order comes whole, so they were taken out."""
    still = {seen.key for seen in lines}
    return [
        replace(line, quantity=0, state=LineState.CANCELLED, revision=max(line.revision, began))
        for line in known
        if line.key not in still and line.quantity and line.state is not LineState.CANCELLED
    ]


def _components(mapping: CodeMapping, code: str | None) -> Mapping[str, int]:
    """Give what a code is made of; one that has left the mapping stands for itself."""
    if code is None:
        return {}
    return mapping.components(code) if mapping.product_of(code) else {code: 1}
