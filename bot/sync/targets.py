"""What each shop should show. Pure: no clock, no I/O."""

from __future__ import annotations

from collections.abc import Mapping as MappingType

from bot.sync.values import Balance


def available(components: MappingType[str, int], balances: MappingType[str, Balance]) -> int | None:
    """Give how many pieces of a code may be sold: of a set, the fewest that can be built.

    Args:
        components: code -> pieces in one unit; a single code is its own only component.
        balances: what the ledger says of each component.
    Returns:
        None if a component was never counted: an unknown stock is not a stock of zero.
    """
    counts = []
    for code, pieces in components.items():
        balance = balances.get(code)
        if balance is None or balance.counted_at is None:
            return None
        counts.append(balance.available // pieces)
    return min(counts)


def target(
    available_now: int, *, product_safety: int, shop_safety: int, cap: int | None, quantity_max: int
) -> int:
    """Give the number a shop should show.

    >>> target(10, product_safety=1, shop_safety=2, cap=None, quantity_max=99999)
    7
    """
    pool = max(0, available_now - product_safety)
    highest = quantity_max if cap is None else min(cap, quantity_max)
    return min(max(0, pool - shop_safety), highest)


def taken(number: int, product_safety: int, shop_safety: int) -> int:
    """Give the pieces of which a shop shows this number: what ``target`` keeps back is added again.

    >>> taken(7, 1, 2)
    10
    """
    return number + product_safety + shop_safety
