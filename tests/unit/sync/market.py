"""A merchant with shops in memory, real books and a clock that is moved by hand."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from adapters.clock import ManualClock
from adapters.errors import MallError
from adapters.memory import MemoryAdapter, MemoryMall
from adapters.secret import Secret
from bot.mapping.model import Defaults, LastUnits, Mapping, OnCancel, Product, Shop
from bot.store import ledger
from bot.store.books import SqlBooks, SqlTransaction
from bot.store.database import open_database, reading
from bot.sync.desk import Desk, Orders, Report
from bot.sync.engine import Engine
from bot.sync.marks import mark_code
from bot.sync.values import Part, Why

CODES = ("mug", "tee")
START = datetime(2026, 11, 1, tzinfo=UTC)


def mapping_of(shops, sets=()):
    entries = {name: Shop(name, "memory", on_cancel=OnCancel()) for name in shops}
    goods = [Product(code) for code in CODES] + [Product(code, parts=dict(parts)) for code, parts in sets]
    return Mapping(entries, tuple(goods), defaults=Defaults(last_units=LastUnits.OFF))


class Market:
    """Shops ``a`` and ``b`` (and more), each a ``MemoryMall``; ``turn`` runs the engine for one."""

    def __init__(self, folder, shops=("a", "b"), *, quantity=10, sets=(), count=True):
        self.clock = ManualClock()
        self.folder = folder
        self.mapping = mapping_of(shops, sets)
        codes = [*CODES, *(code for code, _ in sets)]
        self.malls = {name: MemoryMall(self.clock, dict.fromkeys(codes, quantity)) for name in shops}
        self.open()
        if count:
            self.count(dict.fromkeys(CODES, quantity))
            self.clock.advance(1)

    def open(self):
        """Start the bot's process: everything it knows is in the books."""
        self.database = open_database(self.folder)
        self.books = SqlBooks(self.database, self.clock)
        stop = threading.Event()
        self.engine = Engine(
            self.books, lambda: self.mapping, self.clock, stop, lambda shops: None, self.parts
        )

    def crash(self):
        """Lose everything but the books, and start again."""
        self.database.dispose()
        self.open()

    def close(self):
        self.database.dispose()

    def desk(self, name):
        adapter = MemoryAdapter(self.malls[name], Secret("memory-key"))
        return Desk(self.mapping.shop(name), adapter, timedelta(seconds=30))

    def parts(self):
        return {
            name: Part(
                desk.shop, desk.abilities, True, frozenset(), poll_s=60, lag_s=desk.lag.total_seconds()
            )
            for name in self.malls
            if (desk := self.desk(name))
        }

    def count(self, quantities):
        now = self.clock.now()
        with self.database.begin() as connection:
            books = SqlTransaction(connection, self.clock)
            for code, quantity in quantities.items():
                ledger.enter_count(connection, code, quantity, now, now, "clerk")
                mark_code(books, self.mapping, code, Why.STOCK, now)

    def turn(self, name, *, write=True):
        """One turn of one shop, as the worker does it."""
        self.clock.advance(1)
        report, desk = Report(name), self.desk(name)
        self.engine.turn(desk, report, tick=True, orders=Orders(write=write))
        return report

    def round(self, times=1):
        """A turn of every shop; what fails fails for that shop alone."""
        for _ in range(times):
            for name in self.malls:
                try:
                    self.turn(name)
                except MallError:
                    continue

    def available(self, code):
        with reading(self.database) as connection:
            return ledger.balance_of(connection, code).available

    def shown(self, code):
        return {name: mall.stock[code] for name, mall in self.malls.items()}

    def everywhere(self, code):
        """The one number that the ledger and all shops have; fails if there are several."""
        numbers = {self.available(code), *self.shown(code).values()}
        assert len(numbers) == 1, f"{code}: ledger {self.available(code)}, shops {self.shown(code)}"
        return numbers.pop()

    def wrong_balances(self):
        with reading(self.database) as connection:
            return ledger.wrong_balances(connection)
