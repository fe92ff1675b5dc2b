"""What people decide about numbers at a mall that are not ours, and a shop looked at again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.contract import Ability
from bot.answers import Answer, Refused
from bot.mapping.model import OnCancel, Product
from bot.store import ledger
from bot.store.database import reading
from bot.sync.values import Why
from tests.unit.house import ADMIN, TICK_S, House


@pytest.fixture
def make(tmp_path):
    made = []

    def build(**settings):
        made.append(House(tmp_path, **settings))
        return made[-1].quiet()

    yield build
    for house in made:
        house.close()


@pytest.fixture
def house(make):
    return make()


def edit(house, quantity, code="tee", name="a"):
    """Somebody edits a number at the mall, and it is found."""
    house.malls[name].stock[code] = quantity
    wait(house, minutes=10)


def wait(house, minutes):
    """Let so many minutes go by, in fewer ticks, and some after."""
    for _ in range(minutes // 10):
        house.clock.advance(10 * 60)
        ticks(house, 1)
    ticks(house, 3)


def ticks(house, count):
    for _ in range(count):
        house.tick()


def answer(house, word, **more):
    done = house.actions.drifting.answer("a", "tee", Answer(word), "alice", **more)
    ticks(house, 2)
    return done


def states(house):
    return [view.state for view in house.actions.drifting.drifts()]


def numbers(house, code="tee"):
    return house.available(code), house.shown(code, "a"), house.shown(code, "b")


def test_write_lets_our_number_out(house):  # D1
    edit(house, 7)
    assert numbers(house) == (10, 7, 10)
    answer(house, "write")
    assert numbers(house) == (10, 10, 10)
    assert states(house) == ["written"]


def test_take_makes_the_malls_number_the_stock(house):  # D1
    edit(house, 7)
    done = answer(house, "take")
    assert (done.before, done.after) == (10, 7)
    assert numbers(house) == (7, 7, 7)
    with reading(house.engine) as connection:
        assert ledger.wrong_balances(connection) == []


def test_take_counts_what_was_sold_since_the_reading(house):  # D1
    edit(house, 7)
    house.malls["b"].order({"tee": 1})
    house.malls["a"].order({"tee": 2})
    ticks(house, 2)
    answer(house, "take")
    assert numbers(house) == (4, 4, 4)


def test_take_after_a_repair_puts_the_found_number_back(house):  # D1
    edit(house, 13)
    assert numbers(house) == (10, 10, 10)
    answer(house, "take")
    assert numbers(house) == (13, 13, 13)


def test_take_adds_what_the_shop_keeps_back(make):
    house = make()
    house.change_shop("a", safety_stock=2)
    house.actions.look_again(["a"], Why.MAPPING)
    ticks(house, 2)
    edit(house, 5)
    answer(house, "take")
    assert numbers(house) == (7, 5, 7)


def test_take_of_more_than_the_cap_is_refused(house):
    house.change_shop("a", cap=8)
    house.actions.look_again(["a"], Why.MAPPING)
    ticks(house, 2)
    edit(house, 12)
    with pytest.raises(Refused, match="drift_take_cap"):
        answer(house, "take")


def test_set_cannot_be_taken(house):  # D1
    house.mapping = replace(
        house.mapping, products=(*house.mapping.products, Product("gift", parts={"tee": 1, "mug": 1}))
    )
    for mall in house.malls.values():
        mall.stock["gift"] = 0
    house.actions.look_again(["a", "b"], Why.MAPPING)
    ticks(house, 3)
    edit(house, 6, "gift")
    with pytest.raises(Refused, match="drift_take_set"):
        house.actions.drifting.answer("a", "gift", Answer.TAKE, "alice")


def test_leave_holds_that_listing_alone_until_its_end(house):  # D1
    edit(house, 7)
    answer(house, "leave", until=house.clock.now() + timedelta(hours=1))
    house.malls["b"].order({"tee": 5, "mug": 1})
    ticks(house, 3)
    assert numbers(house) == (5, 7, 5)
    assert numbers(house, "mug") == (9, 9, 9)
    wait(house, minutes=60)
    assert numbers(house) == (5, 5, 5)


def test_leave_without_an_end_lasts_until_a_person_resumes(house):
    edit(house, 7)
    answer(house, "leave")
    wait(house, minutes=30)
    assert numbers(house) == (10, 7, 10)
    assert house.actions.resolve_target("a/tee") == "a/tee"
    house.actions.resume("a/tee", ADMIN)
    ticks(house, 2)
    assert numbers(house) == (10, 10, 10)


def test_target_of_one_listing_must_be_linked(house):
    assert house.actions.resolve_target("a/nothing") is None
    assert house.actions.resolve_target("z/tee") is None


def test_answer_to_what_was_never_found_or_is_answered_is_refused(house):
    with pytest.raises(Refused, match="drift_none"):
        answer(house, "write")
    edit(house, 7)
    answer(house, "take")
    with pytest.raises(Refused, match="drift_answered"):
        answer(house, "write")


def test_question_is_told_until_it_is_answered(house):  # D1
    edit(house, 7)
    open_ = [item for item in house.incidents.open() if item.cause == "drift"]
    assert [item.params["lines"] for item in open_] == ["tee: 7 ≠ 10"]
    answer(house, "write")
    assert house.open_causes() == []


def test_repair_is_told_with_its_numbers(house):  # D1
    edit(house, 13)
    open_ = [item for item in house.incidents.open() if item.cause == "drift"]
    assert [item.params["lines"] for item in open_] == ["tee: 13 → 10"]


def test_listing_that_another_system_writes_is_stopped_and_told_once(house):  # D1
    for _ in range(3):
        edit(house, 13)
    wait(house, minutes=20)
    found = [item for item in house.incidents.open() if item.cause == "drift_stopped"]
    assert [(item.severity.value, item.params["lines"], item.count) for item in found] == [
        ("critical", "tee", 1)
    ]
    house.actions.resume("a/tee", ADMIN)
    ticks(house, 2)
    assert "drift_stopped" not in house.open_causes()
    assert numbers(house) == (10, 10, 10)


def test_full_sync_after_an_outage_makes_all_figures_equal(house):  # C14
    blind = house.malls["a"]
    blind.key = ""  # an hour in which the mall cannot be asked, and people edit there
    blind.stock.update(tee=3, mug=14)
    house.malls["b"].order({"tee": 1})
    house.clock.advance(3600)
    house.tick("b")
    blind.key = "100001_in-use"
    house.health.unblock("a", house.clock.now())
    ticks(house, 1)
    made = house.actions.drifting.resync("a", ADMIN, full=True)
    assert (made.codes, made.reads) == (2, True)
    ticks(house, 3)
    assert numbers(house) == (9, 9, 9)
    assert numbers(house, "mug") == (10, 10, 10)
    assert house.actions.drifting.resync_left("a") == 0


def test_full_sync_writes_differences_only(house):  # C14
    house.malls["a"].stock["mug"] = 4
    house.actions.drifting.resync("a", ADMIN, full=True)
    writes = house.calls("write_stock")
    ticks(house, 4)
    assert house.calls("write_stock") == writes + 1
    assert numbers(house, "mug") == (10, 10, 10)
    assert states(house) == ["written"]


def test_plain_sync_looks_at_our_records_alone(house):  # C14
    writes = house.calls("write_stock")
    made = house.actions.drifting.resync("a", ADMIN, full=False)
    ticks(house, 2)
    assert (made.reads, house.calls("write_stock")) == (False, writes)
    assert house.waiting("a") == []


def test_full_sync_of_a_mall_that_cannot_be_read_writes_every_number(make):  # C14
    house = make(readable=Ability(False, "there is no such call", "here", "2026-11-22"))
    house.malls["a"].stock.update(tee=3, mug=14)
    assert not house.actions.drifting.resync("a", ADMIN, full=True).reads
    ticks(house, 2)
    assert numbers(house) == (10, 10, 10)
    assert numbers(house, "mug") == (10, 10, 10)


def test_resync_goes_on_between_ticks_and_asks_to_be_called_again(make):  # E6
    house = make(read_batch=1)
    house.actions.drifting.resync("a", ADMIN, full=True)
    assert house.look("a") is not None
    assert house.calls("read_stock") == 1
    assert house.look("a") is None
    assert house.calls("read_stock") == 2


def test_restart_keeps_a_question_and_a_stop(house):
    edit(house, 7)
    house.restart()
    wait(house, minutes=10)
    assert numbers(house) == (10, 7, 10)
    assert states(house) == ["asked"]


def test_paused_shop_is_not_read_back(house):
    house.actions.pause("a", None, "", ADMIN)
    before = house.calls("read_stock")
    edit(house, 7)
    assert house.calls("read_stock") == before
    house.actions.resume("a", ADMIN)
    wait(house, minutes=10)
    assert states(house) == ["asked"]


def test_cancel_that_both_put_back_is_no_drift(house):
    house.change_shop("a", on_cancel=OnCancel(return_stock=True, mall_returns_stock=True))
    house.malls["a"].returns_stock_on_cancel = True
    order = house.malls["a"].order({"tee": 2})
    ticks(house, 3)
    house.clock.advance(TICK_S // 2)
    house.malls["a"].cancel(order)
    wait(house, minutes=20)
    assert states(house) == []
    assert numbers(house) == (10, 10, 10)
