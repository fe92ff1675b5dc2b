"""The real books, for a life that otherwise keeps them in dictionaries."""

from __future__ import annotations

from contextlib import contextmanager

from sqlalchemy import event, select

from bot.store import drifts, holds, ledger, orders, switches
from bot.store.books import SqlBooks, SqlTransaction
from bot.store.database import open_database, reading
from bot.store.schema import drifts as drift_rows
from bot.store.schema import looks


class SqlKeeperTransaction(SqlTransaction):
    """A transaction in which a person may act too."""

    def enter_count(self, code, quantity, as_of):
        orders.put_cursors_back(self._connection, as_of)
        return ledger.enter_count(self._connection, code, quantity, as_of, self._clock.now(), "clerk")

    def decide_hold(self, hold, state, who, now):
        return holds.decide(self._connection, hold, state, who, now)

    def decide_drift(self, shop, drift, state, who, now):
        drifts.decide(self._connection, drift, state, who, now)

    def resume_listing(self, shop, code):
        target = switches.listing_target(shop, code)
        switches.end_pauses(self._connection, [target], "clerk", self._clock.now())


class SqlKeeper(SqlBooks):
    """What ``benchmarks.simulated.books`` does, over the database."""

    def __init__(self, folder, clock):
        self.database = open_database(folder)
        # What a power cut would leave is not asked here, and asking the disk takes longest.
        self.database.dispose()
        event.listen(self.database, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF"))
        super().__init__(self.database, clock)
        self._stopped = None

    @contextmanager
    def transaction(self):
        self._stopped = None
        with self.database.begin() as connection:
            yield SqlKeeperTransaction(connection, self._clock)

    @property
    def stopped(self):
        if self._stopped is None:
            with reading(self.database) as connection:
                paused = switches.pauses_in_force(connection, self._clock.now())
            found = [switches.listing_of(pause.target) for pause in paused]
            self._stopped = {listing: True for listing in found if listing}
        return self._stopped

    @property
    def drifts(self):
        with reading(self.database) as connection:
            return dict(enumerate(connection.execute(select(drift_rows)).all()))

    def looks(self):
        with reading(self.database) as connection:
            return set(connection.execute(select(looks.c.code)).scalars())

    def wrong_balances(self):
        with reading(self.database) as connection:
            return ledger.wrong_balances(connection)

    def close(self):
        self.database.dispose()
