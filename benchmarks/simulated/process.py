"""The bot as it runs: the real engine, a worker a shop. A crash loses all of it but the books."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Protocol

from adapters.contract import Order
from adapters.errors import AuthError, TanabanError
from benchmarks.simulated.clock import Queue
from benchmarks.simulated.malls import SimAdapter
from bot.mapping.model import Mapping as CodeMapping
from bot.sync.desk import Desk, Orders, Report
from bot.sync.engine import Engine
from bot.sync.ports import Books
from bot.sync.values import Part, Why

OVERDUE = timedelta(minutes=15)


class Ground(Protocol):
    """What lasts beyond the process: the books, the mapping, and what people decided."""

    @property
    def queue(self) -> Queue:
        """What happens, and when."""

    @property
    def books(self) -> Books:
        """The books."""

    @property
    def mapping(self) -> CodeMapping:
        """The mapping in force."""

    @property
    def blocked(self) -> set[str]:
        """Shops whose credential was refused."""

    def adapter(self, shop: str) -> SimAdapter:
        """Make a shop's adapter."""

    def may_write(self, shop: str) -> bool:
        """Tell whether numbers may go out to a shop."""

    def held_back(self, shop: str) -> frozenset[str]:
        """Give the codes that keep waiting there."""

    def standing(self) -> object:
        """Give what changes whenever a shop's standing does."""

    def poll_s(self, shop: str) -> float:
        """Give the interval at which a shop's orders are read."""

    def again_s(self) -> float:
        """Give after how long open orders are read again."""

    def has_products(self, shop: str) -> bool:
        """Tell whether a shop's product list was ever read."""

    def say(self, *words: object) -> None:
        """Add to the trace."""


@dataclass
class Worker:
    """What a shop's worker remembers between turns."""

    desk: Desk
    next_tick: float
    busy: bool = False
    due: bool = False  # a tick has come
    woken: bool = False
    failed: bool = False
    unknown: frozenset[str] = frozenset()


class Process:
    """One life of the bot's process.

    Args:
        starts: shop -> how long after the start its first turn comes.
    """

    def __init__(self, ground: Ground, starts: Mapping[str, float]) -> None:
        self._ground = ground
        self._queue = ground.queue
        self._alive = True
        now = self._queue.clock.monotonic()
        self._workers = {name: Worker(self._desk(name), now + delay) for name, delay in starts.items()}
        self._parts_for: object = None
        self._parts_now: Mapping[str, Part] = {}
        self.engine = self._engine()
        for name, delay in starts.items():
            self._queue.after(delay, partial(self._tick, name))

    def end(self) -> None:
        """Be gone: nothing of this process happens any more."""
        self._alive = False

    def _desk(self, name: str) -> Desk:
        ground = self._ground
        again = timedelta(seconds=ground.again_s())
        return Desk(ground.mapping.shop(name), ground.adapter(name), again, poll_s=ground.poll_s(name))

    def _engine(self) -> Engine:
        ground = self._ground
        return Engine(
            ground.books, lambda: ground.mapping, self._queue.clock, Event(), self.wake, self._parts
        )

    def _parts(self) -> Mapping[str, Part]:
        standing = self._ground.standing()
        if not self._parts_now or self._parts_for != standing:
            self._parts_for = standing
            self._parts_now = {name: self._part(worker.desk) for name, worker in self._workers.items()}
        return self._parts_now

    def _part(self, desk: Desk) -> Part:
        ground, name = self._ground, desk.shop.name
        shop, lag_s = ground.mapping.shop(name), desk.lag.total_seconds()
        return Part(shop, desk.abilities, ground.may_write(name), ground.held_back(name), desk.poll_s, lag_s)

    # ------------------------------------------------------------------ when

    def wake(self, shops: Iterable[str]) -> None:
        """Let the workers of some shops look."""
        for name in sorted(shops):
            worker = self._workers[name]
            if not worker.woken:
                worker.woken = True
                self._queue.after(0, partial(self._go, name))

    def _tick(self, name: str) -> None:
        if not self._alive:
            return
        worker, now, interval = self._workers[name], self._queue.clock.monotonic(), self._ground.poll_s(name)
        worker.due = True
        # The next point of the grid that lies ahead: missed ones are dropped.
        worker.next_tick += interval * (1 + math.floor((now - worker.next_tick) / interval))
        self._queue.at(worker.next_tick, partial(self._tick, name))
        self._go(name)

    def _go(self, name: str) -> None:
        """Turn a shop, unless it is at it: its turns never overlap."""
        worker = self._workers[name]
        if not self._alive or worker.busy:
            return
        worker.busy = True
        tick, worker.due, worker.woken = worker.due, False, False
        recall = self._turn(name, worker, tick=tick)
        worker.busy = False
        if worker.due or worker.woken:
            self._queue.after(0, partial(self._go, name))
        elif recall is not None:
            self._queue.after(max(0.0, recall), partial(self._go, name))

    # ------------------------------------------------------------------ what

    def take_file(self, name: str, orders: Sequence[Order]) -> None:
        """Take in the orders of a file, as a person's command does, whatever the worker is at."""
        self.engine.orders_of_file(self._workers[name].desk, orders, Report(name))

    def read_list(self, name: str) -> None:
        """Read a shop's product list; that it fails keeps no number back."""
        try:
            self.engine.import_products(self._workers[name].desk)
        except AuthError:
            self._ground.blocked.add(name)
        except TanabanError as error:
            self._ground.say("failed", name, "products", error)

    def mark_all(self, why: Why) -> None:
        """Let every code of every shop be compared, as after a commit of the mapping."""
        mapping = self._ground.mapping
        self.engine.mark_all({name: list(mapping.listings(name)) for name in self._workers}, why)

    def _turn(self, name: str, worker: Worker, *, tick: bool) -> float | None:
        """Do one turn as ``bot.turns`` does it; give when it wants to be called again."""
        ground = self._ground
        if name in ground.blocked or (worker.failed and not tick):
            return None
        worker.failed = False
        ground.say("turn", name, "tick" if tick else "woken")
        report = Report(name)
        try:
            self._steps(worker, report, tick=tick)
        except AuthError:
            ground.blocked.add(name)
        except TanabanError as error:
            ground.say("failed", name, type(error).__name__, error)
            worker.failed = True
        if report.again_at is None:
            return None
        return max(0.1, (report.again_at - self._queue.clock.now()).total_seconds())

    def _steps(self, worker: Worker, report: Report, *, tick: bool) -> None:
        ground, name = self._ground, worker.desk.shop.name
        if worker.desk.shop is not ground.mapping.shop(name):
            worker.desk = self._desk(name)
        desk = worker.desk
        orders = Orders(
            write=ground.may_write(name),
            held_back=lambda: ground.held_back(name) | (frozenset() if tick else worker.unknown),
            go_on=lambda: ground.may_write(name),
        )
        self.engine.turn(desk, report, tick=tick, orders=orders, look_around=lambda: self._look_around(desk))
        worker.unknown = frozenset(report.unknown) | (frozenset() if tick else worker.unknown)

    def _look_around(self, desk: Desk) -> None:
        """Read the product list where there is none yet; that it fails keeps no number back."""
        if desk.abilities.address_is_code or self._ground.has_products(desk.shop.name):
            return
        try:
            self.engine.import_products(desk)
        except AuthError:
            raise
        except TanabanError as error:
            self._ground.say("failed", desk.shop.name, "products", error)
            return
        codes = list(self._ground.mapping.listings(desk.shop.name))
        self.engine.mark_all({desk.shop.name: codes}, Why.MAPPING)
