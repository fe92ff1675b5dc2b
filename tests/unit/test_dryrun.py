"""A dry run prints what the real run then does, reaches no mall and changes nothing."""  # E5

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from adapters.contract import LineState, Order, OrderLine
from bot.actions import Actions
from bot.mapping.model import Product
from bot.store.database import reading
from tests.unit.house import ADMIN, House
from tests.unit.test_guarding import HALF, Warehouse


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path).quiet()
    yield house
    house.close()


def contents(house):
    """Everything that is kept."""
    with reading(house.engine) as connection:
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars()
        return {name: connection.execute(text(f'SELECT * FROM "{name}"')).all() for name in tables}  # noqa: S608


def foreseen(house, name="a"):
    return house.actions.dry_run.of(house.desks.desk(house.mapping.shop(name)))


def numbers(forecast):
    return {line.code: (line.before, line.after) for line in forecast.lines if line.after is not None}


def listen(house):
    """Hear every line that is written from now on."""
    written, plain = [], house.adapter_class.write_stock

    def write(adapter, lines):
        written.extend((line.mall_code, line.quantity) for line in lines)
        return plain(adapter, lines)

    house.adapter_class.write_stock = write
    return written


def test_dry_run_reaches_no_mall_and_keeps_nothing(house):
    house.actions.count_stock({"mug": 3, "tee": 15}, house.clock.now(), ADMIN)
    before, calls = contents(house), len(house.malls["a"].calls)
    foreseen(house)
    assert (contents(house), len(house.malls["a"].calls)) == (before, calls)


def test_real_run_writes_the_lines_of_the_dry_run(house):
    house.malls["b"].order({"mug": 2})
    house.tick("b")
    house.actions.count_stock({"tee": 15}, house.clock.now(), ADMIN)
    plan, written = foreseen(house), listen(house)
    assert numbers(plan) == {"mug": (10, 8), "tee": (10, 15)}
    house.tick("a")
    assert sorted(written) == sorted((line.mall_code, line.after) for line in plan.lines)


def test_dry_run_says_what_waits_for_what(house):
    house.mapping = replace(house.mapping, products=(*house.mapping.products, Product("cap")))
    house.clock.advance(1)
    house.actions.count_stock({"tee": 15}, house.clock.now(), ADMIN)
    house.actions.pause("mug", None, "", ADMIN)
    waits = {line.code: line.waits for line in foreseen(house).lines}
    assert waits == {"tee": "orders", "mug": "paused", "cap": "uncounted"}
    house.actions.pause("a", None, "", ADMIN)
    assert foreseen(house).stopped == "paused"


def test_dry_run_marks_what_the_guard_would_hold_with_its_reason(tmp_path):
    house = Warehouse(tmp_path)
    house.count(HALF, 0)
    plan = foreseen(house)
    assert (plan.trip, plan.changed, plan.zero, plan.of) == ("zero", 20, 20, 42)
    assert {line.waits for line in plan.lines} == {"guard"}
    before = house.plan()
    house.tick("a")
    assert (before, len(house.plan().lines)) == (None, 20)
    assert {line.waits for line in foreseen(house).lines} == {"guard"}  # now it was asked
    house.close()


def test_dry_run_of_a_code_that_nobody_marked_finds_what_differs(house):
    house.change_shop("a", safety_stock=4)
    assert numbers(foreseen(house)) == {"mug": (10, 6), "tee": (10, 6)}


@pytest.mark.parametrize(
    "act",
    [
        lambda actions, _: actions.stockroom.count({"tee": 3}, actions.now(), ADMIN, dry_run=True),
        lambda actions, _: actions.stockroom.adjust("tee", -2, "lost", ADMIN, dry_run=True),
        lambda actions, _: actions.pausing.pause(["a"], None, "", ADMIN, dry_run=True),
        lambda actions, _: actions.pausing.resume(["b"], ADMIN, dry_run=True),
        lambda actions, desk: actions.import_products(desk, dry_run=True),
        lambda actions, desk: actions.import_orders(desk, [sold(actions)], dry_run=True),
        lambda actions, desk: actions.release_listing(desk, "tee", None, ADMIN, dry_run=True),
    ],
)
def test_dry_run_of_what_people_ask_for_changes_nothing(house, act):
    house.actions.pause("b", None, "", ADMIN)
    before, calls, house.woken[:] = contents(house), house.calls("write_stock"), []
    act(house.actions, house.desks.desk(house.mapping.shop("a")))
    assert (contents(house), house.calls("write_stock"), house.woken) == (before, calls, [])


def sold(actions: Actions) -> Order:
    now = actions.now()
    return Order("F-1", now, (OrderLine("1", "tee", ("tee",), 2, LineState.SOLD, now),))


def test_dry_run_of_an_order_file_counts_what_it_would_enter(house):
    desk = house.desks.desk(house.mapping.shop("a"))
    order = sold(house.actions)
    assert house.actions.import_orders(desk, [order], dry_run=True).moved == 1
    assert house.actions.import_orders(desk, [order]).moved == 1
    assert house.actions.import_orders(desk, [order], dry_run=True).moved == 0
