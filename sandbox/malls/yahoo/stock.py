"""The store's stock: records by pair, which need no item to exist (spec 4.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sandbox.changes import Changes
from sandbox.malls.yahoo.goods import Pair

QUANTITY_MAX = 999_999_999


@dataclass(frozen=True)
class Record:
    """One stock; ``quantity`` None is the old unlimited stock."""

    pair: Pair
    quantity: int | None
    updated: datetime
    overdraft: int = 0
    closed: int = 0


class Stock:
    """All stock of the store. What has no item waits for one to be registered."""

    def __init__(self, knows: Callable[[Pair], bool]) -> None:
        self._knows = knows
        self.changes = Changes()
        self._records: dict[Pair, Record] = {}

    def get(self, pair: Pair) -> Record | None:
        """Give the record of a pair."""
        return self._records.get(pair)

    def quantity(self, pair: Pair) -> int:
        """Give what buyers may buy; no record is 0, unlimited stock the largest number."""
        record = self._records.get(pair)
        if record is None:
            return 0
        return QUANTITY_MAX if record.quantity is None else record.quantity

    def records(self) -> list[Record]:
        """Give every record."""
        return list(self._records.values())

    def orphans(self) -> list[Record]:
        """Give the records that no item has."""
        return [record for record in self._records.values() if not self._knows(record.pair)]

    def set(self, pair: Pair, quantity: int | None, now: datetime, overdraft: int | None = None) -> Record:
        """Set a number; ``overdraft`` None leaves that flag as it is."""
        old = self._records.get(pair, Record(pair, 0, now))
        kept = old.overdraft if overdraft is None else overdraft
        self._records[pair] = replace(old, quantity=quantity, overdraft=kept, updated=now)
        self.changes.note(pair, self.quantity(pair), now)
        return self._records[pair]

    def move(self, pair: Pair, delta: int, now: datetime) -> None:
        """Take a sale off or put a return back; unlimited stock stays so."""
        record = self._records.get(pair)
        if record is None or record.quantity is not None:
            self.set(pair, (record.quantity or 0 if record else 0) + delta, now)

    def allow_overdraft(self, pair: Pair, flag: int) -> None:
        """Let a record sell beyond its stock, or not."""
        self._records[pair] = replace(self._records[pair], overdraft=flag)

    def close(self, pair: Pair, flag: int) -> None:
        """Stop the sale of a record, or open it again."""
        self._records[pair] = replace(self._records[pair], closed=flag)
