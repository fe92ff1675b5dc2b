"""The values that the rules, the engine and the store share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from adapters.contract import Address, LineState, StockLine


class Cause(StrEnum):
    """Why an entry stands in the ledger."""

    COUNT = "count"
    RECEIPT = "receipt"
    ADJUSTED = "adjusted"
    RESERVED = "reserved"
    SOLD = "sold"
    CANCELLED = "cancelled"
    REDUCED = "reduced"
    HELD = "held"
    RELEASED = "released"


class Why(StrEnum):
    """Why a number waits to be written, the most urgent first."""

    SALE = "sale"
    REPAIR = "repair"  # an order fell into a write's flight, or an outcome is unknown
    STOCK = "stock"  # a count, an adjustment, a cancellation
    MAPPING = "mapping"
    RESUME = "resume"


@dataclass(frozen=True)
class Change:
    """A movement of one balance, in pieces."""

    on_hand: int = 0
    reserved: int = 0
    held: int = 0

    def __bool__(self) -> bool:
        return bool(self.on_hand or self.reserved or self.held)

    def times(self, count: int) -> Change:
        """Give the same movement for ``count`` pieces of a component in each set."""
        return Change(self.on_hand * count, self.reserved * count, self.held * count)


@dataclass(frozen=True)
class Balance:
    """What the ledger says of one code. ``counted_at`` None: never counted, so nothing is known."""

    on_hand: int = 0
    reserved: int = 0
    held: int = 0
    counted_at: datetime | None = None

    @property
    def available(self) -> int:
        """What may be sold; below zero when more was sold than there was."""
        return self.on_hand - self.reserved - self.held


@dataclass(frozen=True)
class LineKey:
    """The key under which an order line counts once, whatever brings it."""

    shop: str
    order_id: str
    line_id: str


@dataclass(frozen=True)
class SeenLine:
    """An order line as a mall showed it at ``revision``."""

    key: LineKey
    mall_code: str
    address: Address
    quantity: int
    state: LineState
    ordered_at: datetime
    revision: datetime
    closed: bool


@dataclass(frozen=True)
class CountedLine:
    """What a line counts for in the ledger now. ``code`` None: not mapped, counts for nothing yet.

    ``parts``: code -> pieces in one unit, as it was when the line was first counted: a set that is
    made otherwise since gives back what it was made of then.
    """

    code: str | None
    reserved: int
    sold: int
    revision: datetime
    parts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One row of the ledger, before it has its number."""

    at: datetime
    code: str
    change: Change
    cause: Cause
    key: LineKey | None = None
    revision: datetime | None = None
    who: str = ""
    note: str = ""


@dataclass(frozen=True)
class Shown:
    """What we last wrote to a shop for a code, and what it should show by now.

    ``predicted`` None: not known, so the number is written again.
    """

    written: int | None = None
    sent_at: datetime | None = None
    acked_at: datetime | None = None
    outcome: str = ""
    ticket: str = ""
    predicted: int | None = None
    mall_code: str = ""  # the listing it was written to


@dataclass(frozen=True)
class Waiting:
    """A code whose number may have to go out to a shop.

    ``seq`` rises with each new reason, so that one that came during a write is not lost.
    """

    code: str
    seq: int
    since: datetime
    why: Why


@dataclass(frozen=True)
class PlannedLine:
    """One number to write, with what stood before it."""

    code: str
    line: StockLine
    predicted: int | None
    why: Why
    seq: int

    @property
    def lowers(self) -> bool:
        """Whether it surely lowers what the shop shows."""
        return self.predicted is not None and self.line.quantity < self.predicted
