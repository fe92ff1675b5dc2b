"""The inventory side of RMS: stock cells by pair, which need no item to exist (spec 2.2, 2.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sandbox.changes import Changes
from sandbox.malls.rakuten.goods import Pair
from sandbox.malls.rakuten.settings import Settings
from sandbox.malls.rakuten.wire import Flaw, Json, jst

QUANTITY_MAX = 99_999
CELLS_PER_ITEM = 400
ORPHAN_LIFE = timedelta(hours=24)
PURGE_EVERY_S = 3600  # the spec says "some time after 24 hours"
DELIVERY_TIME_IDS: tuple[int, ...] = (1, 2, 3)
SHIP_FROM_IDS: tuple[int, ...] = (1, 2)


@dataclass(frozen=True)
class Cell:
    """One stock cell; the lead-time fields belong to version 2.1."""

    pair: Pair
    quantity: int
    created: datetime
    updated: datetime
    lead_time: Json | None = None
    ship_from: tuple[int, ...] = ()

    def lead_time_fields(self) -> Json:
        """Give the fields of version 2.1, only where they are set."""
        found: Json = {}
        if self.lead_time:
            found["operationLeadTime"] = self.lead_time
        if self.ship_from:
            found["shipFromIds"] = list(self.ship_from)
        return found

    def row(self, version: str) -> Json:
        """Give the wire form."""
        stamps = {"created": jst(self.created), "updated": jst(self.updated)}
        pair = {"manageNumber": self.pair[0], "variantId": self.pair[1]}
        extra = self.lead_time_fields() if version == "2.1" else {}
        return {**pair, "quantity": self.quantity, **extra, **stamps}


@dataclass(frozen=True)
class Write:
    """One row of a write whose form is right; ``row`` is its place in a bulk call."""

    pair: Pair
    mode: str
    quantity: int
    version: str
    lead_time: Json | None = None
    ship_from: tuple[int, ...] = ()
    row: int | None = None


class Stock:
    """All cells of the shop."""

    def __init__(self, knows: Callable[[Pair], bool], settings: Settings) -> None:
        self._knows = knows
        self._settings = settings
        self.changes = Changes()
        self._cells: dict[Pair, Cell] = {}
        self._per_item: dict[str, int] = {}
        self._ticked: datetime | None = None

    def get(self, pair: Pair) -> Cell | None:
        """Give the cell of a pair."""
        return self._cells.get(pair)

    def quantity(self, pair: Pair) -> int:
        """Give what buyers may buy; a missing cell is 0."""
        cell = self._cells.get(pair)
        return cell.quantity if cell else 0

    def cells(self) -> Iterable[Cell]:
        """Give every cell."""
        return self._cells.values()

    def orphans(self) -> list[Cell]:
        """Give the cells that no item has."""
        return [cell for cell in self._cells.values() if not self._knows(cell.pair)]

    def flaw(self, write: Write) -> Flaw | None:
        """Say what stands against a write as the cells are now."""
        found = self._flaw(write)
        return replace(found, at=f"inventories[{write.row}]") if found and write.row is not None else found

    def _flaw(self, write: Write) -> Flaw | None:
        cell = self._cells.get(write.pair)
        if write.mode == "RELATIVE":
            return self._relative_flaw(write, cell)
        if cell is None and self._counted(write.pair[0]) >= CELLS_PER_ITEM:
            return Flaw("IE0121", "Inventory cannot be added because the size has reached the limit.")
        return None

    def _counted(self, manage_number: str) -> int:
        """Give the cells that count towards the limit of an item."""
        if self._settings.orphans_count:
            return self._per_item.get(manage_number, 0)
        return sum(pair[0] == manage_number and self._knows(pair) for pair in self._cells)

    def _relative_flaw(self, write: Write, cell: Cell | None) -> Flaw | None:
        if cell is None:
            what = "which the combination of manageNumber and variantId does not exist."
            return Flaw("IE0500", f"Cannot use relative mode to update inventory {what}")
        if not 0 <= cell.quantity + write.quantity <= QUANTITY_MAX:
            return Flaw("IE0117", f"After update, the quantity must be between 0 and {QUANTITY_MAX}.")
        return None

    def apply(self, write: Write, now: datetime) -> None:
        """Write a cell. Version 2.1 drops the lead-time fields it is not given; 2.0 keeps them, or not."""
        old = self._cells.get(write.pair)
        relative = write.mode == "RELATIVE" and old is not None
        quantity = write.quantity + (old.quantity if relative and old else 0)
        new = Cell(write.pair, quantity, old.created if old else now, now, write.lead_time, write.ship_from)
        if old and write.version != "2.1" and self._settings.keeps_lead_times:
            new = replace(new, lead_time=old.lead_time, ship_from=old.ship_from)
        self._put(new)

    def move(self, pair: Pair, delta: int, now: datetime) -> None:
        """Take a sale off or put a return back, whatever the limits of the API."""
        self.set(pair, max(0, self.quantity(pair) + delta), now)

    def set(self, pair: Pair, quantity: int, now: datetime) -> None:
        """Set a number by hand at the mall."""
        old = self._cells.get(pair)
        self._put(replace(old, quantity=quantity, updated=now) if old else Cell(pair, quantity, now, now))

    def set_lead_time(self, pair: Pair, lead_time: Json) -> None:
        """Set the lead time of a cell that is there by hand at the mall."""
        self._put(replace(self._cells[pair], lead_time=lead_time))

    def readable(self, pair: Pair) -> Cell | None:
        """Give the cell of a pair as a read shows it."""
        shown = self._settings.orphans_readable or self._knows(pair)
        return self._cells.get(pair) if shown else None

    def remove(self, pair: Pair) -> None:
        """Delete a cell that is there."""
        del self._cells[pair]
        self._per_item[pair[0]] -= 1

    def restore(self, before: Iterable[tuple[Pair, Cell | None]]) -> None:
        """Put cells back as they were."""
        for pair, cell in before:
            if cell:
                self._put(cell)
            elif pair in self._cells:
                self.remove(pair)

    def purge(self, now: datetime) -> None:
        """Drop the orphans whose day was over at the last tick."""
        tick = datetime.fromtimestamp(now.timestamp() // PURGE_EVERY_S * PURGE_EVERY_S, UTC)
        if tick == self._ticked:
            return
        self._ticked = tick
        for cell in self.orphans():
            if cell.updated + ORPHAN_LIFE <= tick:
                self.remove(cell.pair)

    def _put(self, cell: Cell) -> None:
        if cell.pair not in self._cells:
            self._per_item[cell.pair[0]] = self._per_item.get(cell.pair[0], 0) + 1
        self._cells[cell.pair] = cell
        self.changes.note(cell.pair, cell.quantity, cell.updated)
