"""One run for one shop: orders in, ledger, plan, guarded write, outcome. The part that does I/O.

``docs/a-run.md`` walks through a run. Everything the engine decides comes from the pure rules
beside it; everything it keeps goes through ``bot.sync.ports``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain, zip_longest
from threading import Event

from adapters.contract import (
    Abilities,
    Adapter,
    Address,
    Clock,
    LineResult,
    LineState,
    LowersOwnStock,
    Order,
    Outcome,
    Product,
    Window,
)
from adapters.errors import LineRejectedError, MallError
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import Shop
from bot.sync.ledger import observe, released_by_sale, since_count
from bot.sync.plan import Want, batches, plan_writes, predicted_after_sale
from bot.sync.ports import Books, Transaction
from bot.sync.targets import available, target
from bot.sync.values import (
    Cause,
    Change,
    CountedLine,
    Entry,
    LineKey,
    PlannedLine,
    SeenLine,
    Shown,
    Waiting,
    Why,
)

OVERLAP = timedelta(minutes=10)
ORDERS_A_TRANSACTION = 100
CODES_A_TURN = 20_000
REFUSED_AGAIN = timedelta(hours=1)
AGAIN_A_TURN = 100  # re-reading known orders never holds new ones up for longer than one call


@dataclass(frozen=True)
class Desk:
    """All that a run needs of one shop: its mapping entry, its adapter and its timing."""

    shop: Shop
    adapter: Adapter
    again_interval: timedelta = timedelta(minutes=5)
    order_lag_s: float | None = None  # None: what the abilities say

    @property
    def abilities(self) -> Abilities:
        """The shop's abilities, as its adapter states them."""
        return self.adapter.abilities

    @property
    def has_orders(self) -> bool:
        """Whether this shop's orders are read from the mall."""
        return self.shop.orders == "api" and self.abilities.orders.able


@dataclass
class Report:
    """What a run did, for people and for the alerts."""

    shop: str
    orders: int = 0
    moved: int = 0  # ledger entries made
    unmapped: list[str] = field(default_factory=list)  # mall codes that the mapping does not know
    written: int = 0
    refused: dict[str, str] = field(default_factory=dict)  # code -> reason
    unknown: list[str] = field(default_factory=list)  # codes whose outcome is not known
    unlisted: list[str] = field(default_factory=list)  # mapped codes that the mall does not list
    touched: set[str] = field(default_factory=set)  # shops with something to write now
    overdue: list[str] = field(default_factory=list)  # files sent and not taken in time


class Engine:
    """Runs turns; holds no state of its own.

    Args:
        mapping: gives the mapping in force; asked once a step, so a step sees one mapping.
        stop: ends a run at the next line boundary.
        on_touched: told the shops that have something to write, right after the commit.
    """

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

    # ------------------------------------------------------------------ orders in

    def take_in(self, desk: Desk, report: Report) -> None:
        """Take in new orders."""
        if not desk.has_orders:
            return
        began, name = self._clock.now(), desk.shop.name
        cursor = self._books.cursor(name)
        # A shop read for the first time may have sold since the stock was counted.
        since = cursor or self._books.counted_since() or began
        orders = desk.adapter.read_orders(Window(since - OVERLAP - _lag(desk), began))
        self._record(desk, orders, began, report, lambda books: books.set_cursor(name, began, was=cursor))

    def take_in_file(self, desk: Desk, orders: Sequence[Order], report: Report) -> None:
        """Take in the orders of a file; the cursor stays where it is."""
        self._record(desk, orders, self._clock.now(), report, lambda _books: None)

    def take_in_again(self, desk: Desk, report: Report) -> None:
        """Re-read open orders, the longest unread first: young ones often, older ones hourly."""
        if not desk.has_orders or self._stop.is_set():
            return
        began, name = self._clock.now(), desk.shop.name
        hourly = max(desk.again_interval, timedelta(hours=1))
        look_back = timedelta(seconds=desk.abilities.look_back_s)
        young = self._open_orders(desk, began - desk.again_interval, began - timedelta(days=1))
        old = self._open_orders(desk, began - hourly, began - look_back)
        due = _in_turn(young, old)[:AGAIN_A_TURN]
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
        for order in orders:
            books.put_order(desk.shop.name, order)
            lines = list(_seen_lines(desk.shop.name, order, began))
            for seen in lines + _gone(books.lines_of(desk.shop.name, order.order_id), lines, began):
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
        if code is None or not found.change:
            return set()
        before = counted.sold if counted else 0
        self._predict_own(books, desk, code, found.counted.sold - before, found.at)
        touched: set[str] = set()
        for component, pieces in parts.items():
            balance = books.balance(component)
            change = since_count(found.change.times(pieces), found.at, balance.counted_at)
            books.enter(Entry(found.at, component, change, found.cause, seen.key, seen.revision))
            report.moved += 1
            if balance.held:
                _release(books, seen, code, component, found.change.times(pieces))
            why = Why.SALE if change.on_hand < 0 or change.reserved > 0 else Why.STOCK
            touched |= _mark(books, mapping, component, why, self._clock.now(), desk.shop.name, began)
        return touched

    def _predict_own(self, books: Transaction, desk: Desk, code: str, sold: int, at: datetime) -> None:
        """Follow what the shop itself does to its own number when it sells or takes back."""
        shown = books.shown(desk.shop.name, code)
        if desk.abilities.lowers_own_stock is LowersOwnStock.NO or shown.outcome == "":
            return
        if sold < 0 and not desk.shop.on_cancel.mall_returns_stock:
            return
        predicted = predicted_after_sale(shown, sold, at, desk.abilities.visible_after_s)
        books.predict(desk.shop.name, code, predicted)

    def apply_unmapped(self, desk: Desk, report: Report) -> None:
        """Enter the demand that was kept until the mapping knew its listing."""
        mapping = self._mapping()
        lines = self._books.unmapped_lines(desk.shop.name)
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

    # ------------------------------------------------------------------ numbers out

    def write(
        self,
        desk: Desk,
        report: Report,
        paused: frozenset[str] = frozenset(),
        go_on: Callable[[], bool] = lambda: True,
    ) -> None:
        """Write every waiting number that differs from what the shop is predicted to show.

        Args:
            paused: codes that keep waiting.
            go_on: asked before each batch, so that a pause ends a long write at once.
        """
        waiting = self._books.waiting(desk.shop.name, CODES_A_TURN)
        waiting = [item for item in waiting if item.code not in paused]
        if not waiting:
            return
        wants = self._wants(desk, waiting, report)
        read_up_to = self._books.cursor(desk.shop.name) if desk.has_orders else None
        plan = plan_writes(wants, read_up_to, _lag(desk))
        self._books.settle_waiting(desk.shop.name, plan.settled)
        if not plan.write:
            return
        plan_id = self._books.begin_plan(desk.shop.name, plan.write, self._clock.now())
        for batch in batches(plan.write, _batch_size(desk.abilities, len(plan.write))):
            if self._stop.is_set() or not go_on():
                return
            if still_right := self._without_stale(desk, batch):
                self._write_batch(desk, plan_id, still_right, report)
        self._books.finish_plan(plan_id, self._clock.now())

    def drop_waiting(self, desk: Desk) -> None:
        """Let nothing wait for a shop that is never written."""
        self._books.settle_waiting(desk.shop.name, self._books.waiting(desk.shop.name, CODES_A_TURN))

    def _wants(self, desk: Desk, waiting: Sequence[Waiting], report: Report) -> list[Want]:
        """Gather what decides about each code; drop those that are not to be written at all."""
        mapping, name = self._mapping(), desk.shop.name
        linked = {item.code: mapping.listing(name, item.code) for item in waiting}
        mall_codes = {code: listing for code, listing in linked.items() if listing is not None}
        addresses = self._addresses(desk, mall_codes.values())
        levels = self._targets(mapping, desk, mall_codes)
        shown = self._books.shown_all(name, mall_codes)
        wants, dropped = [], []
        for item in waiting:
            listing, number = mall_codes.get(item.code), levels.get(item.code)
            address = addresses.get(listing) if listing else None
            if listing and number is not None and address is None:
                report.unlisted.append(item.code)
            elif listing and number is not None and address is not None:
                last = shown.get(item.code, Shown())
                # A code that moved to another listing is not known to show anything there.
                last = last if last.mall_code == listing else Shown()
                wants.append(Want(item, listing, address, number, last))
                continue
            dropped.append(item)
        self._books.settle_waiting(name, dropped)
        return wants

    def _addresses(self, desk: Desk, mall_codes: Iterable[str]) -> Mapping[str, Address]:
        if desk.abilities.address_is_code:
            return {mall_code: (mall_code,) for mall_code in mall_codes}
        found = self._books.addresses(desk.shop.name, mall_codes)
        # A code on two listings of one shop cannot be told apart: neither is written.
        return {mall_code: places[0] for mall_code, places in found.items() if len(places) == 1}

    def _targets(self, mapping: CodeMapping, desk: Desk, codes: Iterable[str]) -> dict[str, int]:
        parts = {code: mapping.components(code) for code in codes}
        balances = self._books.balances({part for found in parts.values() for part in found})
        levels = {}
        for code, components in parts.items():
            pieces = available(components, balances)
            if pieces is not None:
                levels[code] = self.target_of(mapping, desk.shop, desk.abilities, code, pieces)
        return levels

    @staticmethod
    def target_of(mapping: CodeMapping, shop: Shop, abilities: Abilities, code: str, pieces: int) -> int:
        """Give the number that a shop should show of a code of which ``pieces`` may be sold."""
        return target(
            pieces,
            product_safety=mapping.safety_stock(code),
            shop_safety=shop.safety_stock,
            cap=shop.cap,
            quantity_max=abilities.quantity_max,
        )

    def _without_stale(self, desk: Desk, batch: Sequence[PlannedLine]) -> list[PlannedLine]:
        """Leave out raises that have got a newer reason since the plan: they keep waiting."""
        newest = self._books.waiting_seqs(desk.shop.name, [planned.code for planned in batch])
        return [line for line in batch if line.lowers or newest.get(line.code) == line.seq]

    def _write_batch(self, desk: Desk, plan_id: str, batch: Sequence[PlannedLine], report: Report) -> None:
        """Write one batch. A failure that surely had no effect leaves the lines waiting."""
        results = desk.adapter.write_stock([planned.line for planned in batch])
        outcomes = {planned.code: result for planned, result in zip(batch, results, strict=True)}
        now = self._clock.now()
        self._books.settle_lines(plan_id, outcomes, now, batch)
        _count(outcomes, report)
        self._books.settle_waiting(
            desk.shop.name,
            [
                Waiting(planned.code, planned.seq, now, planned.why)
                for planned in batch
                if outcomes[planned.code].outcome is not Outcome.UNKNOWN
            ],
        )

    # ------------------------------------------------------------------ what became of it

    def settle(self, desk: Desk, report: Report, overdue_after: timedelta) -> None:
        """Ask what became of lines that were sent, or whose answer never came."""
        if desk.abilities.late_confirm:
            self._confirm_sent(desk, report, overdue_after)
        if desk.abilities.readable.able:
            self._read_back_unknown(desk)
        self._retry_refused(desk)

    def _confirm_sent(self, desk: Desk, report: Report, overdue_after: timedelta) -> None:
        sent = self._books.sent_lines(desk.shop.name)
        if not sent:
            return
        answers = desk.adapter.confirm([result for _, _, result, _ in sent])
        now = self._clock.now()
        for (plan_id, planned, _, sent_at), answer in zip(sent, answers, strict=True):
            if answer.outcome is Outcome.SENT:
                if now - sent_at > overdue_after:
                    report.overdue.append(answer.ticket)
                continue
            self._books.settle_lines(plan_id, {planned.code: answer}, now, [planned])
            if answer.outcome is Outcome.REFUSED:
                report.refused[planned.code] = _reason(answer)
            elif answer.outcome is Outcome.UNKNOWN:  # nobody can tell what stands there now
                with self._books.transaction() as books:
                    books.mark(desk.shop.name, planned.code, Why.REPAIR, sent_at)

    def _retry_refused(self, desk: Desk) -> None:
        """Let refused numbers be tried again now and then: somebody may have mended the listing."""
        sent_before = self._clock.now() - REFUSED_AGAIN
        codes = self._books.refused_codes(desk.shop.name, sent_before)
        if codes:
            with self._books.transaction() as books:
                for code in codes:
                    books.mark(desk.shop.name, code, Why.REPAIR, sent_before)

    def _read_back_unknown(self, desk: Desk) -> None:
        """Read lines back whose answer never came: done if the number stands, else still waiting."""
        unknown = self._books.unknown_lines(desk.shop.name)
        if not unknown:
            return
        levels = desk.adapter.read_stock([planned.line.address for _, planned in unknown])
        now = self._clock.now()
        for plan_id, planned in unknown:
            level = levels.get(planned.line.address)
            wanted = desk.adapter.normalise(planned.line)
            if level is not None and level.quantity == wanted.quantity:
                done = LineResult(planned.line, Outcome.DONE)
                self._books.settle_lines(plan_id, {planned.code: done}, now, [planned])

    # ------------------------------------------------------------------ products

    def import_products(self, desk: Desk) -> int:
        """Read the shop's product list into the snapshot; give how many there are.

        A code that lies elsewhere than before is not known to show anything there, and waits.
        """
        if not desk.abilities.products.able:
            return 0
        products, name = desk.adapter.read_products(), desk.shop.name
        moved = [] if desk.abilities.address_is_code else self._moved(desk, products)
        since = self._books.cursor(name) or self._clock.now()
        with self._books.transaction() as books:  # first: after a crash the list is read again
            for code in moved:
                books.predict(name, code, None)
                books.mark(name, code, Why.MAPPING, since)
        self._books.replace_products(name, products, self._clock.now())
        return len(products)

    def _moved(self, desk: Desk, products: Iterable[Product]) -> list[str]:
        listings = self._mapping().listings(desk.shop.name)
        before = {
            code: set(at) for code, at in self._books.addresses(desk.shop.name, listings.values()).items()
        }
        found: dict[str, set[Address]] = {}
        for product in products:
            found.setdefault(product.mall_code, set()).add(product.address)
        return [code for code, at in listings.items() if at in found and found[at] != before.get(at)]

    def mark_all(self, codes_by_shop: Mapping[str, Iterable[str]], why: Why) -> None:
        """Let codes wait to be written: after a change of mapping, a pause or a product import."""
        now = self._clock.now()
        with self._books.transaction() as books:
            for shop, codes in codes_by_shop.items():
                for code in codes:
                    books.mark(shop, code, why, now)
        self._on_touched(codes_by_shop)


def mark_code(books: Transaction, mapping: CodeMapping, code: str, why: Why, since: datetime) -> set[str]:
    """Let a code, and the sets it is part of, wait to be written on every shop that lists them."""
    return _mark(books, mapping, code, why, since, "", since)


def _mark(
    books: Transaction,
    mapping: CodeMapping,
    component: str,
    why: Why,
    now: datetime,
    own_shop: str,
    own_since: datetime,
) -> set[str]:
    # The shop whose orders these are has them all up to the moment its query began.
    touched = set()
    for code in (component, *mapping.sets_using(component)):
        for shop in mapping.shops:
            if mapping.listing(shop, code) is not None:
                books.mark(shop, code, why, own_since if shop == own_shop else now)
                touched.add(shop)
    return touched


def _batch_size(abilities: Abilities, lines: int) -> int | None:
    """Give how many lines go at once: few, so that a sale overtakes; many where there is a bulk way."""
    if abilities.bulk_above is not None and lines > abilities.bulk_above:
        return abilities.bulk_batch
    return abilities.write_batch


def _lag(desk: Desk) -> timedelta:
    own = desk.order_lag_s
    return timedelta(seconds=desk.abilities.order_lag_s if own is None else own)


def _in_turn(young: Sequence[str], old: Sequence[str]) -> list[str]:
    """Take from both lists in turn, so that neither keeps the other from being read."""
    mixed = chain.from_iterable(zip_longest(young, old))
    return list(dict.fromkeys(order_id for order_id in mixed if order_id is not None))


def _seen_lines(shop: str, order: Order, began: datetime) -> Iterable[SeenLine]:
    for line in order.lines:
        yield SeenLine(
            key=LineKey(shop, order.order_id, line.line_id),
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


def _count(outcomes: Mapping[str, LineResult], report: Report) -> None:
    for code, result in outcomes.items():
        if result.outcome is Outcome.REFUSED:
            report.refused[code] = _reason(result)
        elif result.outcome is Outcome.UNKNOWN:
            report.unknown.append(code)
        else:
            report.written += 1


def _reason(result: LineResult) -> str:
    error: MallError | None = result.error
    return error.reason if isinstance(error, LineRejectedError) else str(error or "")
