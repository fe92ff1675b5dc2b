"""What happens to the merchant: shoppers, malls that fail, and people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from adapters.contract import LineState, Order
from adapters.errors import MallError, NotSentError, RateLimitedError, TemporaryError
from adapters.memory import Lost
from benchmarks.simulated.town import CODES, LATE, SINGLES
from bot.sync.guard import HoldState
from bot.sync.marks import mark_code
from bot.sync.values import DriftState, Why

if TYPE_CHECKING:
    from benchmarks.simulated.life import Life

KEY = "memory-key"
ERRORS: Sequence[MallError | Lost] = (
    TemporaryError("HTTP 500"),
    RateLimitedError("too many"),
    NotSentError("no connection"),
    Lost.BEFORE,
    Lost.AFTER,
)
FALLIBLE = ("read_orders", "read_orders_again", "read_stock", "write_stock", "write_stock", "confirm")


@dataclass(frozen=True)
class Troubles:
    """How many of each thing happen in the noisy time."""

    orders: int = 40
    faults: int = 14
    crashes: int = 3
    counts: int = 4
    pauses: int = 3
    deaths: int = 1  # of credentials
    remaps: int = 1
    replays: int = 2
    refusals: int = 1
    edits: int = 2  # by hand, at a mall
    blanks: int = 2  # a mall answers as if it had nothing
    lists: int = 2  # product lists that are read again
    unpaid: float = 0.3  # so many orders in one are reserved first
    unseen: bool = True  # orders change before the bot has seen them too
    strict: bool = True  # a code that is paused is not written by the turn under way either


class Acts:
    """Does them, by the life's own chance."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._orders: list[tuple[str, str]] = []
        self.murky: set[str] = set()  # codes of which no ledger can know the truth
        self.edits = 0
        self._busy = True

    def plan(self, noise_s: float) -> None:
        """Draw up what will happen when."""
        life, many = self._life, self._life.troubles
        acts: Sequence[tuple[int, Callable[[], None]]] = (
            (many.orders, self._buy),
            (many.orders, self._change_order),
            (many.faults, self._fault),
            (many.counts, self._look_at_shelf),
            (many.pauses, self._pause),
            (many.deaths, self._kill_key),
            (many.remaps, self._remap),
            (many.replays, self._replay),
            (many.refusals, self._refuse),
            (many.edits, self._edit),
            (many.blanks, self._blank),
            (many.lists, self._read_list),
        )
        for times, act in acts:
            for _ in range(times):
                life.queue.at(life.chance.uniform(35, noise_s - 20), act)
        life.queue.at(life.chance.uniform(noise_s / 4, noise_s * 3 / 4), self._learn)
        life.queue.after(life.chance.uniform(20, 120), self._answer)

    def end(self) -> None:
        """Let people answer at once from now on."""
        self._busy = False
        self._answer()

    # ------------------------------------------------------------------ shoppers

    def _buy(self) -> None:
        life, chance, names = self._life, self._life.chance, list(self._life.town)
        shop = chance.choices(names, [life.town[name].share for name in names])[0]
        mall = life.malls[shop]
        wanted = chance.sample(CODES, chance.choice((1, 1, 1, 2)))
        lines = {code: chance.randint(1, 3) for code in wanted if mall.shows(code) > 0}
        lines = {code: min(count, mall.shows(code)) for code, count in lines.items()}
        lag = mall.order_lag_s + 200 if chance.random() < 0.05 else None
        if lines and (order := mall.buy(lines, paid=chance.random() >= life.troubles.unpaid, lag_s=lag)):
            self._orders.append((shop, order))
            life.say("order", shop, order, lines)

    def _change_order(self) -> None:
        life, chance = self._life, self._life.chance
        if not self._orders:
            return
        shop, order_id = chance.choice(self._orders)
        mall, seen = life.malls[shop], (shop, order_id, "1") in life.model.lines
        if not life.troubles.unseen and not seen:
            return
        order = mall.order_of(order_id)
        kind = chance.choices(("pay", "cancel", "reduce", "issue_again"), (4, 2, 1, 2))[0]
        life.say(kind, shop, order_id)
        if kind == "reduce":
            line = chance.choice(order.lines)
            mall.reduce(order_id, line.line_id, max(1, line.quantity - 1))
        else:
            getattr(mall, kind)(order_id)
        if kind == "reduce" or not life.town[shop].shop.on_cancel.return_stock:
            self.murky |= {part for line in order.lines for part in life.whole.components(line.mall_code)}

    # ------------------------------------------------------------------ malls

    def _fault(self) -> None:
        life, chance = self._life, self._life.chance
        shop, times = chance.choice(list(life.malls)), chance.choice((1, 1, 2, 4))
        mall, method, fault = life.malls[shop], chance.choice(FALLIBLE), chance.choice(ERRORS)
        life.say("fault", shop, method, repr(fault), times)
        if chance.random() < 0.1:
            mall.halves += 1
        elif isinstance(fault, MallError):
            mall.fail(method, fault, times)
        elif method == "write_stock":
            mall.lose_answer(method, fault, times)
        else:
            mall.fail(method, TemporaryError("timed out"), times)

    def _refuse(self) -> None:
        life = self._life
        shop, code = life.chance.choice(list(life.malls)), life.chance.choice(CODES)
        life.say("refuses", shop, code)
        life.malls[shop].refused.add(code)

    def _kill_key(self) -> None:
        life = self._life
        shop = life.chance.choice(list(life.malls))
        life.say("key dies", shop)
        life.malls[shop].key = "another"
        life.queue.after(life.chance.uniform(30, 300), partial(self.renew, shop))

    def renew(self, shop: str) -> None:
        """Let a person renew the key."""
        self._life.malls[shop].key = KEY
        if shop in self._life.blocked:
            self._life.say("key renewed", shop)
            self._life.blocked.discard(shop)

    def _edit(self) -> None:
        """Let somebody change a number on the mall's own screen, where a reading can find it."""
        life, chance = self._life, self._life.chance
        shops = [name for name, kind in life.town.items() if kind.abilities.readable.able]
        shop, code = chance.choice(shops), chance.choice(CODES)
        mall = life.malls[shop]
        mall.settle()
        mall.stock[code] = max(0, mall.stock[code] + chance.choice((-3, -1, 2, 5)))
        self.edits += 1
        life.say("edited by hand", shop, code, mall.stock[code])

    def _blank(self) -> None:
        """Let a mall answer once as if it had no listing at all: to whatever is asked next."""
        life = self._life
        shop = life.chance.choice(list(life.town))
        life.malls[shop].blanks += 1
        life.say("comes empty", shop)
        if life.chance.random() < 0.5:
            self._read_list_of(shop)

    def _read_list(self) -> None:
        self._read_list_of(self._life.chance.choice(list(self._life.town)))

    def _read_list_of(self, shop: str) -> None:
        """Read a product list again, as every night."""
        life = self._life
        if life.process and shop not in life.blocked:
            life.say("list", shop)
            life.process.read_list(shop)

    # ------------------------------------------------------------------ people

    def _pause(self) -> None:
        life, chance = self._life, self._life.chance
        target = chance.choice(list(life.town)) if chance.random() < 0.6 else chance.choice(SINGLES)
        life.say("pause", target)
        life.pauses[target] = life.clock.monotonic()
        life.queue.after(chance.uniform(20, 300), partial(self._resume, target))

    def _resume(self, target: str) -> None:
        life = self._life
        if life.pauses.pop(target, None) is None:
            return
        life.say("resume", target)
        if life.process:
            life.process.wake(life.town)

    def _answer(self) -> None:
        """Let a person answer what the bot asks, after some time each."""
        life, answered = self._life, set[str]()
        for shop in life.town:
            with life.inner.transaction() as books:
                answered |= {shop for _ in self._answers(books, shop)}
        if life.process:
            life.process.wake(answered)
        life.queue.after(life.chance.uniform(20, 120) if self._busy else 30, self._answer)

    def _answers(self, books: Any, shop: str) -> Iterator[None]:
        """Answer what is asked about one shop, thing by thing."""
        life = self._life
        for hold in life.inner.open_holds(shop):
            if hold.state is HoldState.ASKED:
                life.say("approved", shop, hold.short, hold.reason)
                yield books.decide_hold(hold, HoldState.APPROVED, "second", life.clock.now())
        for code, drift in life.inner.asked(shop).items():
            life.say("answered: write", shop, code)
            books.decide_drift(shop, drift, DriftState.WRITTEN, "clerk", life.clock.now())
            yield books.mark(shop, code, Why.REPAIR, life.clock.now(), "clerk")
        for _, code in sorted(each for each in life.inner.stopped if each[0] == shop):
            life.say("resume", shop, code)
            yield books.resume_listing(shop, code)

    def _look_at_shelf(self) -> None:
        """Count a code: what lies there, without what is set aside; it is entered a while later."""
        life = self._life
        code = life.chance.choice(SINGLES)
        if code in life.mapping.codes():
            counted, as_of = max(0, self.on_shelf(code)), life.clock.now()
            if self.on_shelf(code) < 0:
                self.murky.add(code)
            life.say("counted", code, counted)
            life.queue.after(life.chance.uniform(0, 120), partial(self._count, code, counted, as_of))

    def recount(self, code: str, pieces: int | None = None) -> None:
        """Count a code now; ``pieces`` are what lies on the shelf from now on."""
        if pieces is not None:
            self._life.shelf[code] += pieces - self.on_shelf(code)
        self._count(code, self.on_shelf(code), self._life.clock.now())

    def _count(self, code: str, counted: int, as_of: datetime) -> None:
        life = self._life
        latest = life.model.counts.get(code)
        if latest is not None and latest[1] >= as_of:
            return
        life.say("count", code, counted, as_of)
        with life.inner.transaction() as books:
            books.enter_count(code, counted, as_of)
            touched = mark_code(books, life.mapping, code, Why.STOCK, life.clock.now())
        life.model.count(code, counted, as_of)
        life.watch.check_balance(code)
        if life.process:
            life.process.wake(touched)

    def is_stamped_early(self, code: str) -> bool:
        """Tell whether an order is stamped before the latest count, and took its pieces after it."""
        _, as_of = self._life.model.counts[code]
        return any(
            self.holds(order, code)
            and 0 <= (as_of - order.ordered_at).total_seconds() <= mall.stamped_before_s
            for mall in self._life.malls.values()
            if mall.stamped_before_s
            for order in mall.all_orders()
        )

    def on_shelf(self, code: str) -> int:
        """Give the pieces that are in no order that stands: the truth."""
        life = self._life
        left = life.shelf[code]
        for mall in life.malls.values():
            for order in mall.all_orders():
                for line in order.lines:
                    if line.state is not LineState.CANCELLED:
                        left -= line.quantity * life.whole.components(line.mall_code).get(code, 0)
        return left

    def holds(self, order: Order, code: str) -> bool:
        return any(code in self._life.whole.components(line.mall_code) for line in order.lines)

    def _remap(self) -> None:
        life, chance = self._life, self._life.chance
        if chance.random() < 0.5:
            life.safety[chance.choice(SINGLES)] = chance.randint(0, 4)
        else:
            life.caps[chance.choice(list(life.town))] = chance.choice((4, 10, 50))
        life.apply_mapping()

    def _learn(self) -> None:
        """Let the mapping know the codes that came late, and count them."""
        self._life.knows_late = True
        self._life.apply_mapping()
        for code in LATE:
            self._count(code, max(0, self.on_shelf(code)), self._life.clock.now())
            self.murky.add(code)  # more may have been sold than there was

    def _replay(self) -> None:
        """Bring orders again by a file, as they stood when it was made."""
        life = self._life
        shop = life.chance.choice(list(life.town))
        orders: list[Any] = list(life.malls[shop].orders())
        life.queue.after(life.chance.uniform(0, 200), partial(self._take_file, shop, orders))

    def _take_file(self, shop: str, orders: Sequence[Order]) -> None:
        if self._life.process:
            self._life.say("file", shop, len(orders))
            self._life.process.take_file(shop, orders)
