"""The values that the rules, the engine and the store share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from adapters.contract import Abilities, Address, LineState, StockLine
from bot.mapping.model import Shop


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
    BALANCE = "balance"  # the last units are divided otherwise
    REPAIR = "repair"  # an order fell into a write's flight, or an outcome is unknown
    STOCK = "stock"  # a count, an adjustment, a cancellation
    UNLINK = "unlink"  # the listing has left the mapping
    MAPPING = "mapping"
    RESUME = "resume"

    @property
    def place(self) -> int:
        """The place in the order of urgency, 0 the most urgent."""
        return list(Why).index(self)


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
    read_quantity: int | None = None  # what the latest read-back found there
    read_at: datetime | None = None
    rebased_at: datetime | None = None  # the reading that the prediction rests on; None: on the write
    resync_by: str = ""  # who asked for it to be read back and written where it differs

    def lands_at(self, visible_after_s: float) -> datetime | None:
        """Give when what was written last is seen by buyers; None while the mall has not answered."""
        if self.acked_at is None or self.outcome not in ("done", "refused"):
            return None
        return self.acked_at + timedelta(seconds=visible_after_s)


@dataclass(frozen=True)
class Movement:
    """What an order took off a shop's own number, or put back (``units`` below zero).

    ``at``: when, by its stamp; surely not before ``since`` and not after ``until``. ``known``: the
    prediction that it is held against has it already.
    """

    since: datetime
    at: datetime
    until: datetime
    units: int
    known: bool = True


@dataclass(frozen=True)
class Doubt:
    """A number read from a mall that is not the predicted one, with all that was known then.

    ``read_from``, ``read_at``: the call's beginning and end. ``base_from``, ``base_until``: the
    flight of the write, or the earlier reading, that the prediction rests on. ``who``: the person
    who asked for it to be written where it differs.
    """

    code: str
    quantity: int
    read_from: datetime
    read_at: datetime
    predicted: int
    base_from: datetime
    base_until: datetime
    sent_at: datetime | None = None
    rebased_at: datetime | None = None
    who: str = ""


class DriftState(StrEnum):
    """What was, or is to be, done about a drift."""

    REPAIRED = "repaired"  # our lower number went out at once
    ASKED = "asked"  # our higher number waits for a person's word
    WRITTEN = "written"  # it went out on a person's word
    TAKEN = "taken"  # the mall's number became ours
    LEFT = "left"  # the mall's number stands for now
    STOPPED = "stopped"  # it came too often: nothing is written there until a person resumes
    OVERTAKEN = "overtaken"  # nothing was left to do


@dataclass(frozen=True)
class Drift:
    """A number at a mall that was not ours, as it was found and what became of it."""

    code: str
    found: int
    expected: int
    read_at: datetime
    found_at: datetime
    state: DriftState
    who: str = ""  # who decided
    decided_at: datetime | None = None
    until: datetime | None = None
    drift_id: int = 0


@dataclass(frozen=True)
class Waiting:
    """A code whose number may have to go out to a shop.

    ``seq`` is another one with each new reason and never comes again, so that a reason that came during
    a write is not lost.
    ``who``: the person whose doing it is, "" for sales and the like.
    """

    code: str
    seq: int
    since: datetime
    why: Why
    who: str = ""


@dataclass(frozen=True)
class PlannedLine:
    """One number to write, with what stood before it.

    ``written``: what we wrote there last, None if nothing ever. ``divided``: a share of the last
    units, which other shops may be waiting for. ``was_refused``: the mall refused what was sent last.
    """

    code: str
    line: StockLine
    predicted: int | None
    why: Why
    seq: int
    written: int | None = None
    divided: bool = False
    was_refused: bool = False
    who: str = ""

    @property
    def lowers(self) -> bool:
        """Whether it surely lowers what the shop shows."""
        return self.predicted is not None and self.line.quantity < self.predicted


@dataclass(frozen=True)
class Demand:
    """How a single code sells. ``by_shop``: pieces in 28 days; the others are pieces over all shops."""

    by_shop: Mapping[str, int] = field(default_factory=dict)
    last_hour: int = 0
    last_day: int = 0


@dataclass(frozen=True)
class Habits:
    """What is usual, measured now and then.

    ``sales``: pieces that each shop sold in 28 days. ``seen_s``: how long after its order a line is
    seen, of 99 in 100, by shop; absent where too few were seen to tell.
    """

    sales: Mapping[str, int] = field(default_factory=dict)
    seen_s: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """How a shop takes part now.

    Args:
        writes: whether its numbers may go out (not off, paused, blocked, archived).
        held_back: codes of which none goes out.
        poll_s: seconds between two readings of its orders.
        lag_s: how late, in seconds, the mall may show an order.
    """

    shop: Shop
    abilities: Abilities
    writes: bool
    held_back: frozenset[str]
    poll_s: float
    lag_s: float
