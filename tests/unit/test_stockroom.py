"""The stock by people's hands: counts that end right, adjustments with their reason, the history."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.answers import Counted, Refused
from bot.countfile import CountRow
from bot.mapping.model import Product
from bot.messages import knows
from bot.store.database import reading
from bot.store.ledger import wrong_balances
from tests.unit.house import House

BOB = "U0BOB0001"
GIFT = Product("gift", parts={"tee": 1, "mug": 2})


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    house.mapping = replace(house.mapping, products=(*house.mapping.products, GIFT))
    for mall in house.malls.values():
        mall.stock["gift"] = 5
    house.room = house.actions.stockroom
    yield house
    house.close()


def refused(work):
    with pytest.raises(Refused) as caught:
        work()
    assert knows(caught.value.key)
    return caught.value.key


# ---------------------------------------------------------------------- counts


def test_count_as_of_nine_with_orders_at_five_past_ends_right(house):  # E3
    house.quiet()
    house.malls["a"].order({"tee": 1})  # 08:55, off the shelf when it is counted
    house.clock.advance(300)
    nine = house.clock.now()
    house.clock.advance(300)
    house.malls["a"].order({"tee": 2})  # 09:05, taken in before the count is entered
    house.tick()
    house.malls["b"].order({"tee": 3})  # taken in after it
    house.clock.advance(300)
    assert house.room.count({"tee": 20}, nine, BOB) == [Counted("tee", 7, 18)]
    house.quiet()
    assert house.available() == 15
    assert (house.shown(), house.shown(name="b")) == (15, 15)


def test_order_before_the_count_that_comes_in_late_is_not_taken_off_again(house):  # E3
    house.quiet()
    house.malls["a"].order({"tee": 2})
    house.clock.advance(60)
    house.room.count({"tee": 8}, house.clock.now(), BOB)
    house.clock.advance(60)
    house.quiet()
    assert house.available() == 8


def test_dry_run_gives_the_numbers_and_changes_nothing(house):  # E3
    house.quiet()
    house.woken.clear()
    assert house.room.count({"tee": 4}, house.clock.now(), BOB, dry_run=True) == [Counted("tee", 10, 4)]
    assert (house.available(), house.waiting(), house.woken) == (10, [], [])
    assert house.room.count({"tee": 4}, house.clock.now(), BOB) == [Counted("tee", 10, 4)]


def test_all_wrong_codes_of_a_count_are_named(house):  # E3
    rows = [CountRow(2, "mug", 1), CountRow(3, "mog", 1), CountRow(4, "gift", 1)]
    found = [(p.line, p.key, p.params.get("near")) for p in house.room.count_problems(rows)]
    assert found == [(3, "unknown_code", "mug"), (4, "count_of_set", None)]


# ---------------------------------------------------------------------- adjustments


def test_adjustment_moves_the_shelf_and_goes_out_to_every_shop(house):  # E3
    house.quiet()
    assert house.room.adjust("tee", -2, "破損", BOB) == Counted("tee", 10, 8)
    house.clock.advance(1)
    house.quiet()
    assert (house.available(), house.shown(), house.shown(name="b")) == (8, 8, 8)


def test_adjustment_after_a_count_counts_on_top_of_it(house):  # E3
    counted_at = house.clock.now()
    house.clock.advance(60)
    house.room.adjust("tee", 3, "入荷", BOB, receipt=True)
    house.room.count({"tee": 5}, counted_at, BOB)
    assert house.available() == 8


@pytest.mark.parametrize(
    ("code", "pieces", "note", "receipt", "key"),
    [
        ("tee", 3, " ", False, "adjust_no_note"),
        ("tee", 0, "x", False, "adjust_pieces"),
        ("tee", -1, "x", True, "adjust_pieces"),
        ("te", 1, "x", False, "unknown_code"),
        ("gift", 1, "x", False, "adjust_of_set"),
        ("cap", 1, "x", False, "adjust_uncounted"),
        ("tee", -11, "x", False, "adjust_too_few"),
    ],
)
def test_adjustment_that_cannot_be_right_is_refused(house, code, pieces, note, receipt, key):  # E3
    house.mapping = replace(house.mapping, products=(*house.mapping.products, Product("cap")))
    assert refused(lambda: house.room.adjust(code, pieces, note, BOB, receipt=receipt)) == key
    assert house.available() == 10


# ---------------------------------------------------------------------- history


def lines(house, code="tee", limit=50):
    found = house.room.history(code, limit)
    return [
        (line.what, line.shop, line.quantity, line.outcome) if line.is_write else (line.what, line.on_hand)
        for line in found
    ]


def test_history_of_a_code_is_every_entry_and_every_write_in_one_line_of_time(house):  # E4
    house.quiet()
    order_id = house.malls["a"].order({"tee": 2})
    house.tick()
    house.tick()
    house.room.adjust("tee", 1, "返品", BOB)
    house.quiet()
    found = lines(house)
    assert found[0] == ("count", 10)
    sold = found.index(("sold", -2))
    assert ("sale", "b", 8, "done") in found[sold:]
    adjusted = found.index(("adjusted", 1))
    assert sold < adjusted
    assert sorted(line[1:] for line in found[adjusted + 1 :]) == [("a", 9, "done"), ("b", 9, "done")]
    history = house.room.history("tee", 50)
    assert [line.at for line in history] == sorted(line.at for line in history)
    by_what = {line.what: line for line in history if not line.is_write}
    assert (by_what["sold"].shop, by_what["sold"].order_id) == ("a", order_id)
    assert (by_what["adjusted"].who, by_what["adjusted"].note) == (BOB, "返品")
    assert [by_what[what].on_hand_after for what in ("count", "sold", "adjusted")] == [10, 8, 9]


def test_history_gives_the_latest_lines_and_no_more(house):  # E4
    house.quiet()
    for n in range(1, 6):
        house.clock.advance(1)
        house.room.adjust("tee", n, "入荷", BOB)
    assert lines(house, limit=3) == [("adjusted", 3), ("adjusted", 4), ("adjusted", 5)]


def test_history_of_a_set_holds_what_moved_its_parts(house):  # E4 E2
    house.quiet()
    house.malls["a"].order({"gift": 1})
    house.quiet()
    found = house.room.history("gift", 50)
    assert {(line.code, line.on_hand) for line in found if line.what == "sold"} == {("tee", -1), ("mug", -2)}
    assert {line.shop for line in found if line.is_write} == {"a", "b"}


def test_code_that_left_the_mapping_keeps_its_history_and_an_unknown_one_is_refused(house):  # E4
    house.mapping = replace(house.mapping, products=(Product("mug"),))
    assert lines(house) == [("count", 10)]
    assert refused(lambda: house.room.history("cap", 50)) == "unknown_code"


def test_ledger_still_sums_up_after_all_of_it(house):
    house.room.adjust("tee", -2, "破損", BOB)
    house.room.count({"tee": 4}, house.clock.now() - timedelta(minutes=5), BOB, dry_run=True)
    house.room.count({"tee": 4}, house.clock.now(), BOB)
    with reading(house.engine) as connection:
        assert wrong_balances(connection) == []
