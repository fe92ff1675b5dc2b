"""Outages: how long a shop's orders were not seen, and what may be sold there unseen. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sync.lastunits import least_enough, rate
from bot.sync.values import Demand, Part

LEAST_BLIND_S = 300.0
_MONTH_S = 28 * 86_400


@dataclass(frozen=True)
class Account:
    """What an outage was: its time, what was taken in at its end, and what nobody can know.

    Args:
        orders: orders that were placed during it and are in now.
        beyond: the stretch that the mall no longer tells of, to be checked by hand; None if none.
        uncertain: orders known from before that may have changed unseen, for the same reason.
    """

    shop: str
    blind_from: datetime
    blind_to: datetime
    orders: int
    beyond: tuple[datetime, datetime] | None = None
    uncertain: tuple[str, ...] = ()


def may_be_blind(read_up_to: datetime, now: datetime) -> bool:
    """Tell whether a shop was not heard for so long that it is blind unless it is polled seldom."""
    return (now - read_up_to).total_seconds() > LEAST_BLIND_S


def is_blind(part: Part, read_up_to: datetime | None, now: datetime) -> bool:
    """Tell whether a shop that sells has not been heard for too long.

    One that was never read is not blind: nothing is known that could go out of date.
    """
    if part.shop.orders != "api" or not part.abilities.orders.able or read_up_to is None:
        return False
    return (now - read_up_to).total_seconds() > max(LEAST_BLIND_S, 3 * part.poll_s)


def rate_at(demand: Demand, shop: str) -> float:
    """Give the pieces a second that a shop sells of a code: by the month, or its part of today's."""
    sold, total = max(0, demand.by_shop.get(shop, 0)), sum(max(0, n) for n in demand.by_shop.values())
    return max(sold / _MONTH_S, rate(demand) * sold / total) if total else 0.0


def is_at_risk(available: int, rate_per_s: float, blind: timedelta) -> bool:
    """Tell whether the blind shop may have sold all there is, one time in a hundred or more often.

    >>> is_at_risk(2, 1 / 3600, timedelta(hours=1))
    True
    >>> is_at_risk(9, 1 / 3600, timedelta(hours=1))
    False
    """
    return 0 < available <= least_enough(rate_per_s * blind.total_seconds())


def account(
    shop: str, read_up_to: datetime, began: datetime, orders: int, look_back: timedelta, uncertain: list[str]
) -> Account:
    """Account for the time from the last reading to this one."""
    oldest = began - look_back
    if read_up_to >= oldest:
        return Account(shop, read_up_to, began, orders)
    return Account(shop, read_up_to, began, orders, (read_up_to, oldest), tuple(uncertain))
