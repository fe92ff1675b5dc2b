"""What shops should show and which numbers go out, as tables."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.sync.plan import Want, batches, plan_writes, predicted_after_sale
from bot.sync.targets import available, target
from bot.sync.values import Balance, Shown, Waiting, Why

NINE = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("pieces", "product", "shop", "cap", "expected"),
    [
        (10, 0, 0, None, 10),
        (10, 1, 2, None, 7),
        (10, 0, 0, 5, 5),
        (2, 1, 2, None, 0),
        (-3, 0, 0, None, 0),
        (200_000, 0, 0, None, 99_999),
    ],
)
def test_target_keeps_safety_stock_back_and_stays_under_the_cap(pieces, product, shop, cap, expected):  # E1
    assert target(pieces, product_safety=product, shop_safety=shop, cap=cap, quantity_max=99_999) == expected


def test_set_is_the_fewest_that_can_be_built():  # E2
    stock = {"tee": Balance(5, 1, 0, NINE), "mug": Balance(7, 0, 0, NINE)}
    assert available({"tee": 1, "mug": 2}, stock) == 3
    assert available({"tee": 1}, stock) == 4


def test_stock_that_was_never_counted_is_not_zero():
    assert available({"tee": 1}, {}) is None
    assert available({"tee": 1}, {"tee": Balance(-1, 0, 0, None)}) is None


def want(code, number, predicted, since=NINE, why=Why.SALE):
    shown = Shown(written=predicted, predicted=predicted)
    return Want(Waiting(code, 1, since, why), code, (code,), number, shown)


def test_equal_number_is_not_written():
    plan = plan_writes([want("tee", 5, 5)], NINE)
    assert (plan.write, len(plan.settled)) == ((), 1)


def test_lowering_leaves_at_once_and_raising_waits_for_the_shops_orders():
    wants = [want("down", 3, 5), want("up", 7, 5), want("unknown", 5, None)]
    before, after = NINE - SECOND, NINE
    assert [line.code for line in plan_writes(wants, before).write] == ["down"]
    assert {item.code for item in plan_writes(wants, before).later} == {"up", "unknown"}
    assert {line.code for line in plan_writes(wants, after).write} == {"down", "up", "unknown"}
    assert {line.code for line in plan_writes(wants, None).write} == {"down", "up", "unknown"}


def test_sales_go_first_and_of_those_the_lowest():
    wants = [want("c", 1, 9, why=Why.MAPPING), want("b", 5, 9), want("a", 0, 9)]
    assert [line.code for line in plan_writes(wants, NINE).write] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("count", "size", "sizes"), [(5, 2, [2, 2, 1]), (4, 2, [2, 2]), (3, None, [3]), (0, 2, [])]
)
def test_batches_hold_at_most_what_the_mall_takes(count, size, sizes):  # C10
    lines = plan_writes([want(str(n), 1, 2) for n in range(count)], NINE).write
    assert [len(batch) for batch in batches(lines, size)] == sizes


@pytest.mark.parametrize(
    ("ordered_at", "expected"),
    [
        (NINE - 61 * SECOND, 10),  # before the write: the number that was written stands
        (NINE - 59 * SECOND, None),  # in its flight: nobody can tell, it is written again
        (NINE + 5 * SECOND, None),
        (NINE + 12 * SECOND, 8),  # after it: the mall has taken its own sale off
    ],
)
def test_own_sale_moves_the_prediction_by_when_it_fell(ordered_at, expected):
    shown = Shown(written=10, sent_at=NINE, acked_at=NINE + SECOND, predicted=10)
    assert predicted_after_sale(shown, 2, ordered_at, visible_after_s=10) == expected
