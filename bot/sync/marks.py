"""Which listings have to be compared after a code has moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.mapping.model import Mapping as CodeMapping
from bot.sync.ports import Transaction
from bot.sync.values import Why


def mark_code(
    books: Transaction,
    mapping: CodeMapping,
    code: str,
    why: Why,
    since: datetime,
    *,
    own: Mapping[str, datetime] | None = None,
    who: str = "",
) -> set[str]:
    """Let a code, and the sets it is part of, wait to be written on every shop that lists them.

    Args:
        own: shop -> the moment up to which its orders are in, where that is known to be enough:
            the shop whose orders caused it has them all up to the moment its query began.
    Returns:
        The shops that have something to write.
    """
    touched = set()
    for each in (code, *mapping.sets_using(code)):
        for shop in mapping.shops:
            if mapping.listing(shop, each) is not None:
                books.mark(shop, each, why, (own or {}).get(shop, since), who)
                touched.add(shop)
    return touched
