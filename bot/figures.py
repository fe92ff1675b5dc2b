"""How fast an order on one shop is shown by the others, from what is kept of it. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WITHIN = timedelta(hours=24)
"""A number that goes out later than this after a sale is not taken for its doing."""


@dataclass(frozen=True)
class Sold:
    """A piece that an order took: when it was ordered, and when it was in the ledger."""

    shop: str
    code: str
    ordered_at: datetime
    counted_at: datetime


@dataclass(frozen=True)
class Lowered:
    """A number that went out and was lower than the one before; ``shown_at`` to the buyers."""

    shop: str
    code: str
    sent_at: datetime
    shown_at: datetime


@dataclass(frozen=True)
class Sample:
    """One order and one other shop: the seconds from the order until it is shown there."""

    sold_on: str
    shown_on: str
    seconds: float


@dataclass(frozen=True)
class Figure:
    """How long it takes, of half of the orders and of 95 in 100. Seconds."""

    count: int
    p50_s: float
    p95_s: float


def percentile(values: Sequence[float], percent: int) -> float:
    """Give the smallest value that so many in 100 of them do not exceed.

    >>> percentile([1, 2, 3, 4], 50), percentile([1, 2, 3, 4], 95), percentile([7], 50)
    (2, 4, 7)
    """
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * percent // 100) - 1)]


def samples(sold: Iterable[Sold], lowered: Iterable[Lowered]) -> list[list[Sample]]:
    """Give, for each order that other shops had to follow, how long each of them took.

    A shop that needed no new number (its cap hides the sale) has none, and is left out.
    """
    sent: dict[tuple[str, str], list[Lowered]] = {}
    for write in sorted(lowered, key=lambda write: write.sent_at):
        sent.setdefault((write.shop, write.code), []).append(write)
    shops = sorted({shop for shop, _ in sent})
    found = [[made for shop in shops if (made := _sample(sale, shop, sent)) is not None] for sale in sold]
    return [group for group in found if group]


def _sample(sale: Sold, shop: str, sent: Mapping[tuple[str, str], Sequence[Lowered]]) -> Sample | None:
    writes = sent.get((shop, sale.code), ())
    if shop == sale.shop or not writes:
        return None
    place = bisect_left(writes, sale.counted_at, key=lambda write: write.sent_at)
    if place == len(writes) or writes[place].sent_at - sale.counted_at > WITHIN:
        return None
    return Sample(sale.shop, shop, (writes[place].shown_at - sale.ordered_at).total_seconds())


def everywhere(groups: Iterable[Sequence[Sample]]) -> dict[str, Figure]:
    """Give, by the shop that sold, how long it took until the last of the others showed it."""
    found: dict[str, list[float]] = {}
    for group in groups:
        found.setdefault(group[0].sold_on, []).append(max(sample.seconds for sample in group))
    return {shop: _figure(seconds) for shop, seconds in sorted(found.items())}


def shown(groups: Iterable[Sequence[Sample]]) -> dict[str, Figure]:
    """Give, by the shop that shows, how long it took until it showed what others had sold."""
    found: dict[str, list[float]] = {}
    for sample in (sample for group in groups for sample in group):
        found.setdefault(sample.shown_on, []).append(sample.seconds)
    return {shop: _figure(seconds) for shop, seconds in sorted(found.items())}


def _figure(seconds: Sequence[float]) -> Figure:
    return Figure(len(seconds), percentile(seconds, 50), percentile(seconds, 95))
