"""What is asked of several shops at once, against the same asked of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from adapters.contract import LineResult, Outcome, Product, StockLine
from bot.store import products, writes
from bot.store.database import open_database, reading
from bot.sync.values import PlannedLine, Why

NOW = datetime(2026, 4, 1, tzinfo=UTC)
SHOPS = {"a": "tee-red", "b": "TEE_R", "c": "tee-red", "d": "gone"}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path / "state")
    yield engine
    engine.dispose()


def write(engine: Engine, shop: str, code: str, outcome: Outcome) -> None:
    line = StockLine(SHOPS[shop], (SHOPS[shop],), 3)
    planned = [PlannedLine(code, line, None, Why.STOCK, 1)]
    with engine.begin() as work:
        plan_id = writes.begin_plan(work, shop, planned, NOW)
        writes.settle_lines(work, plan_id, {code: LineResult(line, outcome)}, NOW, planned)


def test_on_sale_is_told_of_each_shops_own_listing(engine: Engine) -> None:
    found = {
        "a": [Product("tee-red", ("1",), "T", on_sale=False), Product("tee-red", ("2",), "T", on_sale=True)],
        "b": [Product("TEE_R", ("1",), "T", on_sale=None), Product("tee-red", ("2",), "T", on_sale=True)],
        "c": [Product("tee-red", ("1",), "T", on_sale=True)],
        "d": [Product("tee-red", ("1",), "T", on_sale=True)],
    }
    with engine.begin() as work:
        for shop, rows in found.items():
            products.replace(work, shop, rows, NOW)
    with reading(engine) as work:
        told = products.on_sale_of(work, SHOPS)
        assert told == {shop: products.on_sale(work, shop, SHOPS[shop]) for shop in ("a", "b", "c")}


def test_refused_numbers_are_those_of_the_codes_and_shops_asked_for(engine: Engine) -> None:
    write(engine, "a", "tee", Outcome.REFUSED)
    write(engine, "b", "tee", Outcome.DONE)
    write(engine, "c", "tee", Outcome.REFUSED)
    write(engine, "c", "mug", Outcome.REFUSED)
    with reading(engine) as work:
        assert writes.refused_of(work, ["a", "b"], ["tee", "mug"]) == {("a", "tee")}
        assert writes.refused_of(work, ["c"], ["tee", "mug"]) == {("c", "tee"), ("c", "mug")}
        shown = writes.shown_across(work, SHOPS, "tee")
        assert shown == {shop: writes.shown_of(work, shop, ["tee"])["tee"] for shop in ("a", "b", "c")}


def test_waiting_is_told_of_the_shops_where_the_code_waits(engine: Engine) -> None:
    with engine.begin() as work:
        writes.mark(work, "a", ["tee", "mug"], Why.SALE, NOW)
        writes.mark(work, "d", ["mug"], Why.SALE, NOW)
    with reading(engine) as work:
        assert writes.waiting_across(work, SHOPS, "tee") == {"a"}
        assert writes.waiting_across(work, ["d"], "mug") == {"d"}
