"""What shoppers ask for, and the orders that come of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Wish:
    """What a shopper puts in the basket."""

    code: str
    quantity: int


def wishes_of(lines: Iterable[Mapping[str, Any]]) -> list[Wish]:
    """Read the lines of the verb ``order``."""
    return [Wish(line["code"], int(line["quantity"])) for line in lines]


def order_of(orders: Mapping[str, T], number: str) -> T:
    """Give an order by its number.

    Raises:
        ValueError: there is none.
    """
    if number not in orders:
        raise ValueError(f"no order {number!r}")
    return orders[number]
