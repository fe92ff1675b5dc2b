"""Two malls that outlive the bot's process, and one process of the bot over a state folder.

What the malls know lies outside the state folder, one file a version, each put down whole: what was
bought stays bought, whatever happens to the bot.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.clock import ManualClock
from adapters.memory import MEMORY_ABILITIES, MemoryAdapter, MemoryMall, with_abilities
from adapters.secret import Secret
from bot.credentials.vault import Vault
from bot.mapping.model import Mapping, OnCancel, Product, Shop
from bot.store import ledger
from bot.store.books import SqlBooks, SqlTransaction
from bot.store.database import open_database, reading
from bot.store.lock import StateLock
from bot.sync.values import Why
from tests.crash.turning import Report, engine_of, mark_code, turn

OPENED_AT = datetime(2026, 1, 1, tzinfo=UTC)
COUNTED = {"mug": 900, "tee": 900}  # many: no shop has to share the last ones
GIFT = {"mug": 1, "tee": 2}
CODES = (*COUNTED, "gift")
MAPPING = Mapping(
    {name: Shop(name, "memory", on_cancel=OnCancel()) for name in ("a", "b")},
    (*(Product(code) for code in COUNTED), Product("gift", parts=GIFT)),
)
LATE = with_abilities(replace(MEMORY_ABILITIES, late_confirm=True))  # b answers a write later
ADAPTERS = {"a": MemoryAdapter, "b": LATE}
TAKE_UP_S = 40
KEY = Secret("M" * 43 + "=")
Say = Callable[[str], None]


def say(text: str) -> None:
    """Say one line on standard output, at once."""
    os.write(1, f"{text}\n".encode())


class KeptMall(MemoryMall):
    """A mall in memory that keeps itself after every change."""

    keep: Callable[[], None]

    def order(self, lines):
        """Buy, and keep it."""
        order_id = super().order(lines)
        self.keep()
        return order_id

    def cancel(self, order_id):
        """Cancel, and keep it."""
        super().cancel(order_id)
        self.keep()

    def put(self, lines):
        """Take numbers, and keep them."""
        super().put(lines)
        self.keep()

    def put_later(self, lines):
        """Take a file, and keep it."""
        ticket = super().put_later(lines)
        self.keep()
        return ticket


class Malls:
    """Both malls as they stand in a folder of their own; every change is a new version there."""

    def __init__(self, folder: Path, clock: ManualClock, tell: Say = say) -> None:
        self._folder, self._tell = folder, tell
        folder.mkdir(parents=True, exist_ok=True)
        self.version = max((int(path.name) for path in folder.iterdir() if path.name.isdigit()), default=0)
        kept = pickle.loads(self._path(self.version).read_bytes()) if self.version else {}
        self.shops = {name: self._mall(clock, kept.get(name, {})) for name in ADAPTERS}

    def _path(self, version: int) -> Path:
        return self._folder / f"{version:06d}"

    def _mall(self, clock: ManualClock, kept: dict[str, object]) -> KeptMall:
        mall = KeptMall(clock, {**COUNTED, "gift": 450})
        mall.take_up_s = TAKE_UP_S
        mall.__dict__.update(kept)
        mall.keep = self._keep
        return mall

    def _keep(self) -> None:
        kept = {
            name: {key: value for key, value in vars(mall).items() if key not in ("clock", "keep", "_faults")}
            for name, mall in self.shops.items()
        }
        new = self._folder / "new"
        new.write_bytes(pickle.dumps(kept))
        self.version += 1
        new.replace(self._path(self.version))
        self._tell(f"mall {self.version}")


class House:
    """One process of the bot: the state folder opened, the lock held, the malls at the other end."""

    def __init__(self, state: Path, malls: Path, started: timedelta, tell: Say = say) -> None:
        self.clock = ManualClock(OPENED_AT + started)
        self.database = open_database(state)
        self.lock = StateLock(state)
        self.lock.acquire(self.clock.now())
        self.vault = Vault(state, KEY)
        self.books = SqlBooks(self.database, self.clock)
        self.malls = Malls(malls, self.clock, tell)
        self._tell = tell
        self.engine = engine_of(
            self.books, MAPPING, self.clock, {name: each.abilities for name, each in ADAPTERS.items()}
        )

    def turn(self, name: str) -> Report:
        """One turn of one shop, as its worker does it."""
        mall = self.malls.shops[name]
        adapter = ADAPTERS[name](mall, Secret("memory-key"))
        return turn(self.engine, MAPPING, name, adapter, lambda: self._orders_are_in(name))

    def _orders_are_in(self, name: str) -> None:
        for order in self.malls.shops[name].orders():
            self._tell(f"acknowledged {name} {order.order_id}")

    def round(self) -> list[Report]:
        """A turn of every shop, a minute after the last."""
        self.clock.advance(60)
        return [self.turn(name) for name in ADAPTERS]

    def count(self) -> None:
        """Enter what a clerk counted on the shelf as of the opening."""
        with self.database.begin() as connection:
            books = SqlTransaction(connection, self.clock)
            for code, quantity in COUNTED.items():
                ledger.enter_count(connection, code, quantity, OPENED_AT, self.clock.now(), "clerk")
                mark_code(books, MAPPING, code, Why.STOCK, self.clock.now())
        self._tell("counted")

    def is_counted(self) -> bool:
        """Tell whether the count is in the books."""
        with reading(self.database) as connection:
            return ledger.counted_since(connection) is not None

    def checkpoint(self, how: str) -> None:
        """Let SQLite move what the log holds into the database."""
        connection = self.database.raw_connection()
        try:
            connection.cursor().execute(f"PRAGMA wal_checkpoint({how})").fetchall()
        finally:
            connection.close()

    def close(self) -> None:
        """End as a bot that was told to stop."""
        self.database.dispose()
        self.lock.release()
