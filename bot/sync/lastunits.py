"""Last units: when the pieces of a code are few, they are divided over the shops. Pure.

While there are plenty, every shop shows them all. As few are left as may be sold before the other
shops hear of it, each shop gets its own: what is shown in all is then no more than there is.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from bot.mapping.model import LastUnits
from bot.sync.values import Demand, Part

RISK = 0.01
SLOW_S = 300.0  # a shop that is blind for longer shows none of the last units
PRIOR_PIECES = 5  # so much weighs what a shop sells of everything, beside what it sells of the code
MOST = 200  # more pieces than this are never the last ones: 50 orders a minute, seen after a minute
_HOUR_S, _DAY_S = 3600, 86_400
_CALL_S = 1.0
_MANY = 500


@dataclass(frozen=True)
class Claim:
    """One listing's claim on pieces: its weight, the pieces in one unit, the most units it shows."""

    weight: float
    pieces_each: int = 1
    most: int = 99_999


def least_enough(mean: float, risk: float = RISK) -> int:
    """Give the least n that a Poisson number of this mean exceeds with at most this probability.

    >>> [least_enough(mean) for mean in (0, 0.005, 0.1, 0.33, 2)]
    [0, 0, 1, 2, 6]
    """
    if mean > _MANY:  # a bell by then, and exp(-mean) would vanish
        return math.ceil(NormalDist(mean, math.sqrt(mean)).inv_cdf(1 - risk))
    term = total = math.exp(-mean)
    n = 0
    while 1 - total > risk:
        n += 1
        term *= mean / n
        total += term
    return n


def rate(demand: Demand) -> float:
    """Give pieces a second: the larger of the last hour's and the last day's."""
    return max(0, demand.last_hour / _HOUR_S, demand.last_day / _DAY_S)


def may_be_shared(setting: LastUnits | int, demand: Demand) -> bool:
    """Tell whether a code's last pieces may ever be divided: by a fixed number, or because it sells."""
    return isinstance(setting, int) or (setting is LastUnits.AUTO and rate(demand) > 0)


def seen_s(part: Part, measured: Mapping[str, float]) -> float:
    """Give how long a sale there may stay unseen: as measured, else a poll and what the mall may lag."""
    usual = part.poll_s + min(part.lag_s, part.poll_s) + _CALL_S
    return measured.get(part.shop.name, usual)


def visible_s(part: Part) -> float:
    """Give how long a number written there takes until buyers see it."""
    return max(part.abilities.visible_after_s, part.abilities.expected_delay_s) + _CALL_S


def is_slow(part: Part, measured: Mapping[str, float]) -> bool:
    """Tell whether a shop hears or shows too late to have a share of the last units."""
    return seen_s(part, measured) + visible_s(part) > SLOW_S


def threshold(demand: Demand, parts: Sequence[Part], measured: Mapping[str, float]) -> int:
    """Give n: at or below it the pieces are divided over these shops.

    So many may be sold, one time in a hundred, from an order at the shop that is heard latest until
    the shop that shows latest shows it.
    """
    if not parts or not (pieces_a_s := rate(demand)):  # what nobody buys: nearly all of a catalogue
        return 0
    age_s = max(seen_s(part, measured) for part in parts) + max(visible_s(part) for part in parts)
    return min(MOST, least_enough(pieces_a_s * age_s))


def weights(shops: Sequence[Part], demand: Demand, sales: Mapping[str, int]) -> list[float]:
    """Give each listing's weight, for listings of these shops in their order.

    What a shop sells of the code in 28 days, and five pieces by what it sells of everything; equal
    where nothing was ever sold. A weight that the mapping gives is beside an average of 1.
    """
    total = sum(sales.values())
    listed = Counter(part.shop.name for part in shops)  # a code's sets share its weight at a shop
    found = [
        (max(0, demand.by_shop.get(name, 0)) + PRIOR_PIECES * _part_of(sales, part, total)) / listed[name]
        for part in shops
        if (name := part.shop.name)
    ]
    mean = sum(found) / len(found) if found else 0
    even = [weight / mean if mean else 1.0 for weight in found]
    return [
        part.shop.share if part.shop.share is not None else weight
        for part, weight in zip(shops, even, strict=True)
    ]


def _part_of(sales: Mapping[str, int], part: Part, total: int) -> float:
    return sales.get(part.shop.name, 0) / total if total else 0.0


def divide(pieces: int, claims: Sequence[Claim]) -> list[int]:
    """Divide pieces by weight, largest remainder first; give units by claim.

    No piece that a claim can still take is left over: what one cannot show goes to the next.

    >>> divide(5, [Claim(40), Claim(25), Claim(20), Claim(15)])
    [2, 1, 1, 1]
    """
    total = sum(claim.weight for claim in claims)
    quotas = [pieces * claim.weight / total if total else pieces / len(claims) for claim in claims]
    units = [
        min(int(quota // claim.pieces_each), claim.most) for quota, claim in zip(quotas, claims, strict=True)
    ]
    left = pieces - sum(unit * claim.pieces_each for unit, claim in zip(units, claims, strict=True))
    while True:
        open_ = [
            (quotas[i] - units[i] * claim.pieces_each, claim.weight, -i)
            for i, claim in enumerate(claims)
            if units[i] < claim.most and claim.pieces_each <= left
        ]
        if not open_:
            return units
        place = -max(open_)[2]
        units[place] += 1
        left -= claims[place].pieces_each
