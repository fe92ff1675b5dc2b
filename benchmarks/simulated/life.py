"""One seeded life of the merchant: fifteen minutes in which everything goes wrong, then quiet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from benchmarks.simulated.acts import Acts, Troubles
from benchmarks.simulated.books import MemoryBooks
from benchmarks.simulated.clock import FastClock, Queue
from benchmarks.simulated.ending import check_end
from benchmarks.simulated.listed import Listed
from benchmarks.simulated.malls import Crash, SimAdapter, SimMall, adapter_class
from benchmarks.simulated.model import Model
from benchmarks.simulated.process import Process
from benchmarks.simulated.town import CODES, LATE, SINGLES, Kind, kinds, mapping_of
from benchmarks.simulated.watch import Broken, Watch, WatchedBooks
from bot.mapping.model import LastUnits
from bot.sync.marks import mark_code
from bot.sync.values import Why

NOISE_S = 900.0
QUIET_S = 900.0  # as long as the slowest shop needs to tell, to be asked about, and to show
READ_BACK_S = 700.0  # every listing may be read back again
REFUSED_S = 3_700.0  # what was refused is tried again

MakeBooks = Callable[[FastClock], Any]
NOTHING = frozenset[str]()


@dataclass
class Life:
    """The world of one seed. It is the ``Ground`` that the bot's process stands on.

    Args:
        trace: where lines are added, if anybody wants to read them.
    """

    seed: int
    troubles: Troubles = Troubles()
    make_books: MakeBooks = MemoryBooks
    trace: list[str] | None = None
    noise_s: float = NOISE_S
    on: bool = True
    blocked: set[str] = field(default_factory=set)
    pauses: dict[str, float] = field(default_factory=dict)  # shop or code -> since

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        self.clock = FastClock()
        self.queue = Queue(self.clock)
        self.town = kinds(self.chance)
        self.malls: dict[str, SimMall] = {name: kind.mall(self.clock) for name, kind in self.town.items()}
        self.last_units = self.chance.choice((LastUnits.OFF, LastUnits.OFF, LastUnits.OFF, LastUnits.AUTO, 6))
        self.safety = {code: self.chance.randint(1, 3) for code in self.chance.sample(SINGLES, 4)}
        self.caps: dict[str, int] = {}
        self.knows_late = False
        self.mapping = self._mapped()
        self.whole = mapping_of(self.town, late=True, safety={}, caps={})
        returns = {name: kind.shop.on_cancel.return_stock for name, kind in self.town.items()}
        self.model = Model(self.whole.components, returns)
        self.watch = Watch(self.model, self.malls, self.say)
        self.watch.may_write, self.watch.held_back = self.may_write, self._is_held_back
        self.inner = self.make_books(self.clock)
        self.books: Any = WatchedBooks(self.inner, self.watch, self._point)
        self._adapters = {name: self._adapter(name, kind) for name, kind in self.town.items()}
        self._points_left: int | None = None
        self._crashes_left = self.troubles.crashes
        self.crashes = 0
        self.process: Process | None = None
        self.shelf: dict[str, int] = {}
        self.acts = Acts(self)

    def say(self, *words: object) -> None:
        """Add a line to the trace."""
        if self.trace is not None:
            self.trace.append(f"{self.clock.monotonic():9.3f}  " + "  ".join(map(str, words)))

    # ------------------------------------------------------------------ ground

    def _mapped(self) -> Listed:
        return mapping_of(
            self.town,
            late=self.knows_late,
            safety=self.safety,
            caps=self.caps,
            last_units=self.last_units,
        )

    def apply_mapping(self) -> None:
        """Let a new commit of the mapping come into force."""
        self.mapping = self._mapped()
        self.say("mapping", self.safety, self.caps, self.knows_late)
        if self.process:
            self.process.mark_all(Why.MAPPING)

    def adapter(self, shop: str) -> SimAdapter:
        """Give a shop's adapter."""
        return self._adapters[shop]

    def _adapter(self, name: str, kind: Kind) -> SimAdapter:
        mall = self.malls[name]
        mall.on_call = partial(self._called, name, kind.call_s)
        adapter = adapter_class(kind.abilities)(mall)
        adapter.wrote = partial(self.watch.wrote, name)
        adapter.landing = lambda: self.chance.random() < 0.5
        return adapter

    def may_write(self, shop: str) -> bool:
        """Tell whether numbers may go out to a shop."""
        return self.on and shop not in self.pauses and shop not in self.blocked

    def held_back(self, shop: str) -> frozenset[str]:
        """Give what is paused, everywhere or there alone."""
        if not self.pauses and not self.inner.stopped:
            return NOTHING
        return frozenset(self.pauses) | {code for name, code in self.inner.stopped if name == shop}

    def standing(self) -> object:
        """Give what changes whenever a shop's standing does."""
        return id(self.mapping), self.on, (*self.pauses, *self.blocked, *self.inner.stopped)

    def _is_held_back(self, shop: str, code: str) -> bool:
        grace, now = 0 if self.troubles.strict else 60, self.clock.monotonic()
        return (shop, code) in self.inner.stopped or self.pauses.get(code, now + 1) + grace <= now

    def has_products(self, shop: str) -> bool:
        """Tell whether a shop's product list was ever read."""
        return bool(self.inner.product_count(shop))

    def poll_s(self, shop: str) -> float:
        """Give the interval of a shop's readings."""
        return self.town[shop].poll_s

    def again_s(self) -> float:
        """Give after how long open orders are read again."""
        return 240

    # ------------------------------------------------------------------ time and crashes

    def _called(self, shop: str, call_s: float, method: str, way: str) -> None:
        self._point(f"{shop} {method} {way}")
        self.queue.wait(call_s * (0.2 + 0.6 * self.chance.random()))
        self._point(f"{shop} {method} {way}, after")

    def _point(self, name: str) -> None:
        """Be a place where the bot's process may end."""
        if self._points_left is None:
            return
        self._points_left -= 1
        if self._points_left < 0:
            self.say("CRASH", name)
            raise Crash(name)

    def _after_crash(self) -> None:
        assert self.process
        self.process.end()
        self.crashes += 1
        self._points_left = None
        self.queue.after(self.chance.uniform(2, 40), self._start)

    def _start(self) -> None:
        self.say("START")
        self.process = Process(self, {name: self.chance.uniform(0, 2) for name in self.town})
        if self._crashes_left:
            self._crashes_left -= 1
            self._points_left = self.chance.randint(1, 900)

    def live(self, seconds: float) -> None:
        """Let the world go on; a crash ends the bot's process and nothing else."""
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            try:
                self.queue.run_until(until)
            except Crash:
                self._after_crash()

    # ------------------------------------------------------------------ the story

    def run(self) -> None:
        """Live the whole life, and check it.

        Raises:
            Broken: a rule does not hold.
        """
        self.begin()
        self.acts.plan(self.noise_s)
        self.live(self.noise_s)
        self.calm_down()
        self.live(QUIET_S)
        check_end(self)
        before = self.writes()
        self.live(150)
        if self.writes() != before:
            raise Broken(f"a second turn writes: {before} -> {self.writes()}")

    def begin(self) -> None:
        """Fill the shelves, count them, and start the bot."""
        self.shelf = {code: self.chance.choice((1, 3, 8, 12, 20, 40)) for code in SINGLES}
        for mall in self.malls.values():
            mall.stock.update(dict.fromkeys(CODES, 3))
        with self.inner.transaction() as books:
            for code in [code for code in SINGLES if code not in LATE]:
                books.enter_count(code, self.shelf[code], self.clock.now())
                self.model.count(code, self.shelf[code], self.clock.now())
                mark_code(books, self.mapping, code, Why.STOCK, self.clock.now())
        self.clock.advance(1)
        self._start()

    def calm_down(self) -> None:
        """End whatever goes wrong."""
        self.say("QUIET")
        self._points_left, self._crashes_left = None, 0
        self.pauses.clear()
        refused = any(mall.refused for mall in self.malls.values())
        for name, mall in self.malls.items():
            mall.clear_faults()
            mall.halves = mall.blanks = 0
            mall.refused.clear()
            self.acts.renew(name)
        self.sleep(REFUSED_S if refused else READ_BACK_S)
        self.acts.end()

    def sleep(self, seconds: float) -> None:
        """Let the bot be off for a while: much of what it does later is due at once then."""
        if self.process:
            self.process.end()
        self.live(seconds)
        self._start()

    def writes(self) -> dict[str, int]:
        """Count the calls that wrote."""
        return {name: mall.calls.count("write_stock") for name, mall in self.malls.items()}
