"""What a Home costs: so many statements, whatever the number of codes; never a walk through the mapping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import current_thread, main_thread
from typing import Any

import pytest
from conftest import Housed, until
from sqlalchemy import event, insert

from bot.mapping.model import Product
from bot.store.schema import dirty, drifts

SHOPS = 2
FIXED, EACH_SHOP = 45, 5
"""Statements of one Home: at most so many, and so many for each shop."""


class Walked(tuple[Product, ...]):
    """Products that count how often somebody goes through all of them."""

    times = 0

    def __iter__(self) -> Iterator[Product]:
        Walked.times += 1
        return super().__iter__()


def grow(housed: Housed, codes: int, asked: int) -> None:
    """Give the house many codes, all waiting to be written, and questions about some."""
    house, now = housed.house, housed.house.clock.now()
    names = [f"code-{n:05}" for n in range(codes)]
    house.mapping = replace(house.mapping, products=Walked(Product(name) for name in names))
    same: dict[str, Any] = {"found": 5, "expected": 3, "read_at": now, "found_at": now, "state": "asked"}
    with house.engine.begin() as work:
        for shop in ("a", "b"):
            rows = [
                {"shop": shop, "code": name, "seq": n, "since": now, "cause": "stock"}
                for n, name in enumerate(names, 1)
            ]
            work.execute(insert(dirty), rows)
            if asked:
                work.execute(insert(drifts), [{"shop": shop, "code": name, **same} for name in names[:asked]])
    told = {"pieces": "1", "order": "M-1", "sold_on": "a", "sold_at": now.isoformat()}
    for n in range(asked):
        house.incidents.raise_("a", f"oversold:{n}", told | {"code": str(n)}, now - timedelta(hours=1))


def statements_of_a_home(housed: Housed) -> int:
    """Open a Home twice; give the statements of the second, in which nothing is found for the first time."""
    found: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if current_thread() is main_thread():  # the sender's own are none of a Home's
            found.append(statement)

    homes = housed.face._homes
    assert homes is not None
    housed.control("open_home", user="alice", within_s=20)
    viewer = until(lambda: homes._viewers.get("U0ALICE01"))
    Walked.times = 0
    event.listen(housed.engine, "before_cursor_execute", note)
    view = homes._view(viewer)
    event.remove(housed.engine, "before_cursor_execute", note)
    assert view["blocks"]
    return len(found)


@pytest.mark.parametrize(("codes", "asked"), [(10, 0), (5_000, 0), (5_000, 200)])
def test_home_costs_the_same_statements_whatever_the_number_of_codes(
    housed: Housed, codes: int, asked: int
) -> None:
    grow(housed, codes, asked)
    assert statements_of_a_home(housed) <= FIXED + SHOPS * EACH_SHOP
    assert Walked.times == 0
