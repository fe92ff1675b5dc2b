"""Listings, their channel entries, and the writes that are still on their way (spec 6, 15.4)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.malls.amazon.wire import Json

MERCHANT = "DEFAULT"
AMAZON = "AMAZON"
FBA = "AMAZON_JP"

Entries = dict[str, Json]
"""Channel code -> its entry of ``fulfillment_availability``, as the attribute holds it."""


@dataclass
class Listing:
    """One SKU. ``fba_quantity`` is what lies in Amazon's own store."""

    sku: str
    asin: str
    title: str
    created: datetime
    updated: datetime
    product_type: str = "SHIRT"
    price: str = "1980"
    entries: Entries = field(default_factory=dict)
    fba_quantity: int = 0
    issues: list[Json] = field(default_factory=list)

    @property
    def channels(self) -> list[str]:
        """Give the channel codes."""
        return list(self.entries)

    @property
    def is_fba(self) -> bool:
        """Say whether Amazon sends it."""
        return any(code.startswith(AMAZON) for code in self.entries)

    @property
    def quantity(self) -> int:
        """Give what buyers may buy, from either side's store."""
        own = int(self.entries.get(MERCHANT, {}).get("quantity", 0))
        return own + (self.fba_quantity if self.is_fba else 0)

    def set_quantity(self, quantity: int) -> None:
        """Set the merchant's own stock, or Amazon's where there is no other."""
        if self.is_fba and MERCHANT not in self.entries:
            self.fba_quantity = quantity
        else:
            entry = self.entries.setdefault(MERCHANT, {"fulfillment_channel_code": MERCHANT})
            entry["quantity"] = quantity

    def move(self, delta: int, *, fba: bool) -> None:
        """Take a sale off or put a return back, on the side that sends it."""
        if fba:
            self.fba_quantity = max(0, self.fba_quantity + delta)
        else:
            entry = self.entries.setdefault(MERCHANT, {"fulfillment_channel_code": MERCHANT})
            entry["quantity"] = max(0, int(entry.get("quantity", 0)) + delta)


@dataclass(frozen=True)
class Pending:
    """A change that is accepted and not yet made."""

    due: datetime
    number: int
    sku: str
    make: Callable[[datetime], None]


class Goods:
    """All listings of the shop."""

    def __init__(self) -> None:
        self.listings: dict[str, Listing] = {}
        self.incidents: list[dict[str, str]] = []
        self.dropped: list[dict[str, str]] = []
        self._pending: list[Pending] = []
        self._numbers = itertools.count(1)

    def find(self, sku: str) -> Listing:
        """Give a listing.

        Raises:
            ValueError: there is none.
        """
        if sku not in self.listings:
            raise ValueError(f"no listing has the SKU {sku!r}")
        return self.listings[sku]

    def add(self, sku: str, title: str, channel: str, quantity: int, now: datetime) -> Listing:
        """List something new."""
        listing = Listing(sku, f"B0FAKE{next(self._numbers):04d}", title, now, now)
        listing.entries[channel] = {"fulfillment_channel_code": channel}
        if not listing.is_fba:
            listing.entries[channel]["lead_time_to_ship_max_days"] = 2
        listing.set_quantity(quantity)
        self.listings[sku] = listing
        return listing

    def later(self, sku: str, due: datetime, make: Callable[[datetime], None]) -> None:
        """Make a change when its time has come."""
        self._pending.append(Pending(due, next(self._numbers), sku, make))

    def pending(self) -> list[str]:
        """Give the SKUs with changes on their way, the nearest first."""
        return [change.sku for change in sorted(self._pending, key=_turn)]

    def settle(self, now: datetime) -> None:
        """Make the changes whose time has come, in their turn."""
        for change in sorted((p for p in self._pending if p.due <= now), key=_turn):
            self._pending.remove(change)
            change.make(change.due)

    def note_incident(self, what: str, sku: str, at: datetime) -> None:
        """Note a write that did harm."""
        self.incidents.append({"what": what, "code": sku, "time": at.isoformat()})


def _turn(change: Pending) -> tuple[datetime, int]:
    return change.due, change.number


def delayed(now: datetime, seconds: float) -> datetime:
    """Give the time at which something shows that is done now."""
    return now + timedelta(seconds=seconds)
