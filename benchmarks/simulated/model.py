"""What the ledger must hold, worked out the slow way from what the bot was told.

Nothing here is taken from the bot: for each order line the observations are kept that were committed,
and for each code the latest stock count, and the pieces that may be sold are added up anew each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from adapters.contract import LineState, Order, OrderLine

LineId = tuple[str, str, str]
"""(shop, order, line)"""


class Seen(NamedTuple):
    """One observation of a line that was committed: what it sets aside, and what it has sold."""

    state: LineState
    quantity: int
    revision: datetime
    reserved: int
    sold: int


def seen_as(state: LineState, quantity: int, revision: datetime) -> Seen:
    """Give an observation."""
    reserved = quantity if state is LineState.RESERVED else 0
    return Seen(state, quantity, revision, reserved, quantity if state is LineState.SOLD else 0)


@dataclass
class Known:
    """One line: all that was ever seen of it."""

    ordered_at: datetime
    parts: Mapping[str, int]
    seen: list[Seen] = field(default_factory=list)
    counts: bool = False  # the mapping knew its listing when it was looked at

    def freed(self, since: datetime | None, *, returns: bool) -> int:
        """Give the units that it put back on sale (below zero: took) after a stock count."""
        freed, before = 0, seen_as(LineState.RESERVED, 0, self.ordered_at)
        for now in self.seen:
            back = max(0, before.sold - now.sold) if returns else 0
            change = back - max(0, now.sold - before.sold) + before.reserved - now.reserved
            less = now.state is LineState.CANCELLED or now.sold < before.sold
            less = less or (now.state is LineState.RESERVED and now.reserved < before.reserved)
            at = now.revision if less else self.ordered_at
            freed += change if since is None or at > since else 0
            before = now
        return freed + (self._stood_open(since) if returns else 0)

    def _stood_open(self, since: datetime | None) -> int:
        """Give the units that were set aside at the count, so not in it, and back before they were seen."""
        first = self.seen[0]
        was_open = since is not None and self.ordered_at <= since < first.revision
        return first.quantity if first.state is LineState.CANCELLED and was_open else 0


@dataclass
class Model:
    """The naive ledger.

    Args:
        parts: what a listing's unit is made of, single code -> pieces.
        returns: whether a shop's cancelled pieces go back on sale.
    """

    parts: Callable[[str], Mapping[str, int]]
    returns: Mapping[str, bool]
    lines: dict[LineId, Known] = field(default_factory=dict)
    by_code: dict[str, list[LineId]] = field(default_factory=dict)
    counts: dict[str, tuple[int, datetime]] = field(default_factory=dict)

    def observe(self, shop: str, order: Order) -> None:
        """Take note of an order that was committed as it stood."""
        for line in order.lines:
            known = self._known((shop, order.order_id, line.line_id), order, line)
            seen = seen_as(line.state, line.quantity, line.revision or order.ordered_at)
            if not known.seen or seen.revision > known.seen[-1].revision:
                # What was seen before the mapping knew the listing moved nothing.
                known.seen = [*known.seen, seen] if known.counts else [seen]

    def _known(self, key: LineId, order: Order, line: OrderLine) -> Known:
        if key not in self.lines:
            parts = self.parts(line.mall_code)
            self.lines[key] = Known(order.ordered_at, parts)
            for code in parts:
                self.by_code.setdefault(code, []).append(key)
        return self.lines[key]

    def count(self, code: str, quantity: int, as_of: datetime) -> None:
        """Take note of a stock count."""
        self.counts[code] = (quantity, as_of)

    def available(self, code: str) -> int:
        """Give the pieces that may be sold."""
        counted, since = self.counts.get(code, (0, None))
        return counted + sum(
            known.parts[code] * known.freed(since, returns=self.returns[shop])
            for shop, known in self._lines_of(code)
        )

    def reserved(self, code: str) -> int:
        """Give the pieces that are set aside for orders that are not firm."""
        return sum(known.parts[code] * known.seen[-1].reserved for _, known in self._lines_of(code))

    def _lines_of(self, code: str) -> list[tuple[str, Known]]:
        found = [(key[0], self.lines[key]) for key in self.by_code.get(code, ())]
        return [(shop, known) for shop, known in found if known.counts and known.seen]
