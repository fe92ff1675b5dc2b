"""One sell-out: a code with some pieces on eight malls, until none is left; under the bot, or blindly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from adapters.contract import LowersOwnStock, StockLine
from adapters.memory import MEMORY_ABILITIES
from benchmarks.simulated.books import MemoryBooks, Past
from benchmarks.simulated.clock import FastClock, Queue
from benchmarks.simulated.listed import Listed
from benchmarks.simulated.malls import SimAdapter, SimMall, adapter_class
from benchmarks.simulated.process import Process
from bot.mapping.model import Defaults, LastUnits, Product, Shop
from bot.sync.marks import mark_code
from bot.sync.values import Why

CODE = "mug"
SHARES: Mapping[str, int] = {
    "first": 40,
    "second": 25,
    "third": 20,
    **{name: 3 for name in ("fourth", "fifth", "sixth", "seventh", "eighth")},
}
CALL_S = 0.3
PATIENCE = 20  # times the expected time of a sell-out: what is left then is unsold


@dataclass(frozen=True)
class Terms:
    """What a sell-out is like: sales a second over all malls, the poll interval, the way of a number."""

    per_s: float
    poll_s: float
    delay_s: float
    pieces: int = 20

    @property
    def expected_s(self) -> float:
        """How long it takes to sell the pieces."""
        return self.pieces / self.per_s

    @property
    def formula(self) -> float:
        """Oversold pieces if each sale is told to all others after half a poll and the way there."""
        total = sum(SHARES.values())
        return (
            self.per_s
            * (self.poll_s / 2 + self.delay_s)
            * (1 - sum((s / total) ** 2 for s in SHARES.values()))
        )


@dataclass(frozen=True)
class Figures:
    """What came of one sell-out."""

    oversold: int
    unsold: int
    turned_away: int
    writes: int


def past_of(terms: Terms, seed: int) -> Past:
    """Make up 28 days of sales before the beginning."""
    chance, start, at = Random(seed), FastClock().now(), -28 * 86_400.0
    names, weights = list(SHARES), list(SHARES.values())
    moments = []
    while (at := at + chance.expovariate(terms.per_s)) < 0:
        moments.append(start + timedelta(seconds=at))
    return Past(list(zip(moments, chance.choices(names, weights, k=len(moments)), strict=True)))


class SellOut:
    """The world of one sell-out: shelves, malls and shoppers."""

    def __init__(self, terms: Terms, seed: int) -> None:
        self.terms = terms
        self.chance = Random(seed)
        self.clock = FastClock()
        self.queue = Queue(self.clock)
        self.sold = self.turned_away = 0
        self.malls = {
            name: SimMall(self.clock, {CODE: terms.pieces}, visible_after_s=terms.delay_s) for name in SHARES
        }

    def run(self) -> Figures:
        """Sell until nothing can be sold any more, or until nobody waits any longer."""
        self.get_ready()
        before = sum(mall.writes for mall in self.malls.values())
        self._next_shopper()
        end = self.clock.monotonic() + PATIENCE * self.terms.expected_s
        while self.clock.monotonic() < end and not self._is_over():
            self.queue.wait(self.terms.poll_s)
        writes = sum(mall.writes for mall in self.malls.values()) - before
        left = self.terms.pieces - self.sold
        return Figures(max(0, -left), max(0, left), self.turned_away, writes)

    def get_ready(self) -> None:
        """Begin whatever keeps the numbers."""

    def _is_over(self) -> bool:
        return self.sold >= self.terms.pieces and not any(mall.shows(CODE) for mall in self.malls.values())

    def _next_shopper(self) -> None:
        self.queue.after(self.chance.expovariate(self.terms.per_s), self._shop)

    def _shop(self) -> None:
        name = self.chance.choices(list(SHARES), list(SHARES.values()))[0]
        if self.malls[name].shows(CODE) > 0:
            self.malls[name].buy({CODE: 1})
            self.sold += 1
            self.bought(name)
        elif self.sold < self.terms.pieces:
            self.turned_away += 1
        self._next_shopper()

    def bought(self, shop: str) -> None:
        """Be told of a sale."""


class Blind(SellOut):
    """Share everything, blindly: each poll reads all orders and writes every number that changed."""

    def get_ready(self) -> None:
        """Begin to poll."""
        self._written = dict.fromkeys(SHARES, self.terms.pieces)
        self.queue.after(self.chance.uniform(0, self.terms.poll_s), self._poll)

    def _poll(self) -> None:
        available = max(0, self.terms.pieces - self.sold)
        for name, written in self._written.items():
            if written != available:
                self.malls[name].put([StockLine(CODE, (CODE,), available)])
                self._written[name] = available
        self.queue.after(self.terms.poll_s, self._poll)


class Guarded(SellOut):
    """The bot itself. It is the ``Ground`` that its process stands on."""

    def __init__(
        self,
        terms: Terms,
        seed: int,
        past: Past,
        last_units: LastUnits,
        trace: list[str] | None = None,
    ) -> None:
        super().__init__(terms, seed)
        self.trace = trace
        self.books = MemoryBooks(self.clock, {CODE: past})
        shops = {name: Shop(name, name) for name in SHARES}
        self.mapping = Listed(shops, (Product(CODE),), defaults=Defaults(last_units=last_units))
        self.blocked: set[str] = set()
        abilities = replace(
            MEMORY_ABILITIES, visible_after_s=terms.delay_s, lowers_own_stock=LowersOwnStock.AT_ORDER
        )
        self._adapters = {name: adapter_class(abilities)(mall) for name, mall in self.malls.items()}
        self._news = set(SHARES)  # shops that have sold since they were read
        for name, mall in self.malls.items():
            mall.on_call = partial(self._called, name)
            self._adapters[name].wrote = partial(self.say, "write", name)

    def _called(self, shop: str, method: str, way: str) -> None:
        if method == "read_orders" and way == "to":
            self.queue.wait(CALL_S / 2)
            self._news.discard(shop)
        else:
            self.queue.wait(CALL_S / 2)

    def get_ready(self) -> None:
        """Count, start the bot, and let the first numbers land."""
        now = self.clock.now()
        with self.books.transaction() as books:
            books.enter_count(CODE, self.terms.pieces, now)
            mark_code(books, self.mapping, CODE, Why.STOCK, now)
        self.clock.advance(1)
        starts = {name: self.chance.uniform(0, self.terms.poll_s) for name in SHARES}
        self.process = Eager(self, starts)
        self.queue.wait(3 * self.terms.poll_s + 2 * self.terms.delay_s + 10)

    def bought(self, shop: str) -> None:
        """Have the shop's orders read at its next tick."""
        self._news.add(shop)
        self.say("sold", shop, self.terms.pieces - self.sold, "left", dict(self._numbers()))

    def _numbers(self) -> Iterator[tuple[str, int]]:
        return ((name, mall.shows(CODE)) for name, mall in self.malls.items())

    def has_news(self, shop: str) -> bool:
        """Tell whether a tick of the shop would find anything to do."""
        return shop in self._news or bool(self.books.waiting(shop, 1))

    # ------------------------------------------------------------------ ground

    def adapter(self, shop: str) -> SimAdapter:
        """Give a shop's adapter."""
        return self._adapters[shop]

    def may_write(self, shop: str) -> bool:
        """Nothing is ever paused."""
        return shop in self.malls

    def held_back(self, shop: str) -> frozenset[str]:
        """Nothing is ever paused."""
        del shop
        return frozenset()

    def standing(self) -> object:
        """Nothing ever changes."""
        return None

    def poll_s(self, shop: str) -> float:
        """Give the interval of the readings, the same everywhere."""
        del shop
        return self.terms.poll_s

    def again_s(self) -> float:
        """Orders never change here."""
        return 86_400

    def has_products(self, shop: str) -> bool:
        """No product list is needed."""
        return shop in self.malls

    def say(self, *words: object) -> None:
        """Add a line to the trace."""
        if self.trace is not None:
            self.trace.append(f"{self.clock.monotonic():9.3f}  " + "  ".join(map(str, words)))


class Eager(Process):
    """A process that leaves out what would change nothing: a tick with no news moves the cursor alone."""

    def __init__(self, ground: Guarded, starts: Mapping[str, float]) -> None:
        self._sellout = ground
        super().__init__(ground, starts)

    def _turn(self, name: str, worker: Any, *, tick: bool) -> float | None:
        sellout = self._sellout
        due = sellout.books.due_looks(sellout.clock.now())
        if tick and not sellout.has_news(name) and not due:
            with sellout.books.transaction() as books:
                books.set_cursor(name, sellout.clock.now(), books.cursor(name))
            return None
        return super()._turn(name, worker, tick=tick)
