"""Pauses: nothing is written while one holds, and nothing stays paused unseen."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.answers import Refused, ShopState
from bot.mapping.model import Axis, CalendarWindow, Product, Role, ShopStatus, Team, WindowKind
from bot.messages import knows
from bot.reminders import PauseReminder
from bot.store.database import reading
from bot.store.schema import pauses
from tests.unit.house import ADMIN, House

BOB = "U0BOB0001"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    house.close()


def refused(work):
    with pytest.raises(Refused) as caught:
        work()
    assert knows(caught.value.key)
    return caught.value.key


def stock_caps(house, colours=("red", "blue")):
    """Let both shops sell a product of some colours, ten pieces each."""
    cap = Product("cap", axes=(Axis("色", tuple(colours)),))
    house.mapping = replace(house.mapping, products=(*house.mapping.products, cap))
    codes = [variant.code for variant in cap.variants()]
    for mall in house.malls.values():
        mall.stock.update(dict.fromkeys(codes, 0))
    house.actions.count_stock(dict.fromkeys(codes, 10), house.clock.now(), BOB)
    house.clock.advance(1)
    return codes


def window(house, begins, ends, *shops, kind=WindowKind.MAINTENANCE):
    now = house.clock.now()
    found = CalendarWindow(kind, now + begins, now + ends, shops, "定期メンテナンス")
    house.team = replace(house.team, windows=(*house.team.windows, found))


def reminder(house):
    return PauseReminder(
        house.engine, house.in_force, house.clock, lambda key, params: house.said.append((key, params))
    )


# ---------------------------------------------------------------------- products and codes


def test_product_is_paused_with_all_its_codes_and_the_others_go_out(house):  # B13 D9
    red, blue = stock_caps(house)
    house.quiet()
    house.actions.pause("cap", None, "傷", BOB)
    house.actions.count_stock({red: 3, blue: 4, "mug": 5}, house.clock.now(), BOB)
    house.tick()
    house.tick()
    assert (house.shown(red), house.shown(blue), house.shown("mug")) == (10, 10, 5)
    assert [level.target for level in house.actions.lookup(red).shops] == [None, None]
    assert house.actions.status().paused_codes == 2
    house.actions.resume("cap", ADMIN)
    house.quiet()
    assert (house.shown(red), house.shown(blue)) == (3, 4)


def test_code_that_a_product_gets_later_is_paused_with_it(house):
    stock_caps(house)
    house.actions.pause("cap", None, "", BOB)
    green = stock_caps(house, ("red", "blue", "green"))[-1]
    house.tick()
    house.tick()
    assert house.shown(green) == 0


def test_code_alone_is_not_resumed_out_of_its_product(house):
    red, _ = stock_caps(house)
    house.actions.pause("cap", None, "", BOB)
    assert refused(lambda: house.actions.resume(red, BOB)) == "resume_product"


def test_product_is_resumed_with_the_codes_that_were_paused_by_themselves(house):
    red, _ = stock_caps(house)
    house.actions.pause(red, None, "", BOB)
    assert not house.actions.resume("cap", BOB).already
    assert house.actions.pausing.pauses() == []


def test_shop_is_not_resumed_out_of_a_pause_of_everything(house):
    house.actions.pause("all", None, "", BOB)
    assert refused(lambda: house.actions.resume("a", BOB)) == "resume_all"


def test_code_that_is_stopped_on_one_shop_is_in_no_file_and_no_failure(house):  # B11
    house.quiet()
    house.actions.pause("b/mug", None, "連携停止", BOB)
    house.actions.count_stock({"mug": 3, "tee": 4}, house.clock.now(), BOB)
    house.tick()
    house.tick()
    assert (house.shown("tee", "b"), house.shown("mug", "b")) == (4, 10)  # the others went out
    assert house.shown("mug", "a") == 3
    states = {level.shop: level.state for level in house.actions.lookup("mug").shops}
    assert states == {"a": ShopState.OK, "b": ShopState.PAUSED}
    assert house.open_causes("b") == []
    house.actions.resume("b/mug", BOB)
    house.quiet()
    assert house.shown("mug", "b") == 3


def test_many_codes_are_one_change_of_state(house):  # B13
    cap = Product("cap", axes=(Axis("番号", tuple(f"c{n}" for n in range(1_200))),))
    house.mapping = replace(house.mapping, products=(*house.mapping.products, cap))
    codes = [variant.code for variant in cap.variants()]
    reach = house.actions.pausing.reach(codes)
    assert (reach.codes, reach.shops) == (1_200, 2)
    changed = house.actions.pausing.pause(codes, house.clock.now() + HOUR, "棚卸", BOB)
    assert len(changed.targets) == 1_200
    with reading(house.engine) as connection:
        times = connection.execute(
            select(func.count(pauses.c.pause_id), func.count(pauses.c.since.distinct()))
        )
        assert times.one() == (1_200, 1)
    house.clock.advance(3_601)
    house.tick()
    assert house.said == [("pauses_over", {"target": codes[0], "count": "1,200", "who": BOB})]


def test_reach_counts_codes_once_and_only_shops_that_list_them(house):  # B13
    red, blue = stock_caps(house)
    cap = replace(house.mapping.products[-1], listings={"b": None})
    house.mapping = replace(house.mapping, products=(*house.mapping.products[:-1], cap))
    reach = house.actions.pausing.reach(["cap", red, blue, "a"])
    assert (reach.codes, reach.shops) == (2, 1)


def test_what_a_pause_stops_is_counted_in_listings_and_shops(house):  # D9
    red, _ = stock_caps(house)
    pausing = house.actions.pausing
    of_a_shop, shops = pausing.stops("a")
    assert (pausing.stops(red), shops) == ((2, 2), 1)
    assert pausing.stops("cap") == (2 * pausing.reach(["cap"]).codes, 2)
    assert pausing.stops("all") == (2 * of_a_shop, 2)
    house.change_shop("b", status=ShopStatus.ARCHIVED)
    assert pausing.stops("all") == (of_a_shop, 1)


# ---------------------------------------------------------------------- ends


def test_pause_until_a_time_ends_by_itself_and_the_right_number_goes_out_once(house):  # B21
    house.quiet()
    house.actions.pause("a", house.clock.now() + HOUR, "", BOB)
    house.malls["b"].order({"tee": 3})
    house.tick()
    assert (house.available(), house.shown()) == (7, 10)
    house.clock.advance(3_600)
    writes = house.calls("write_stock")
    house.quiet()
    assert (house.shown(), house.calls("write_stock") - writes) == (7, 1)


def test_pause_that_ended_during_an_outage_is_over_at_the_start_and_told(house):  # D9
    house.quiet()
    house.actions.pause("a", house.clock.now() + HOUR, "", BOB)
    house.actions.count_stock({"tee": 2}, house.clock.now(), BOB)
    house.close()
    house.clock.advance(7_200)
    house.open()
    house.quiet()
    assert (house.state(), house.shown()) == ("ok", 2)
    assert [said for said in house.said if said[0].startswith("pause")] == [
        ("pause_over", {"target": "a", "who": BOB})
    ]


def test_pause_outlives_a_restart(house):  # D9
    house.quiet()
    house.actions.pause("a", None, "棚卸", BOB)
    house.actions.count_stock({"tee": 2}, house.clock.now(), BOB)
    house.restart()
    house.tick()
    house.tick()
    assert (house.state(), house.shown(), house.shown(name="b")) == ("paused", 10, 2)


def test_of_overlapping_pauses_each_holds_to_its_own_end(house):  # D9
    house.quiet()
    now = house.clock.now()
    house.actions.pause("all", now + HOUR, "", BOB)
    house.actions.pause("a", now + 2 * HOUR, "", ADMIN)
    house.actions.pause("tee", now + 3 * HOUR, "", BOB)
    house.actions.count_stock({"tee": 2, "mug": 2}, now, BOB)
    shown = []
    for _ in range(4):
        house.tick()
        house.tick()
        shown.append((house.shown("mug"), house.shown("tee"), house.shown("mug", "b")))
        house.clock.advance(3_600)
    assert shown == [(10, 10, 10), (10, 10, 2), (2, 10, 2), (2, 2, 2)]


# ---------------------------------------------------------------------- maintenance


def test_maintenance_of_the_team_file_stops_writing_and_not_intake(house):  # D9
    house.quiet()
    window(house, timedelta(0), 2 * HOUR, "a")
    house.malls["a"].order({"tee": 1})
    house.malls["b"].order({"tee": 2})
    house.tick()
    house.tick()
    assert (house.state("a"), house.state("b")) == ("paused", "ok")
    assert (house.available(), house.shown(), house.shown(name="b")) == (7, 9, 7)
    (pause,) = house.actions.status().shops[0].pauses
    assert (pause.reason, pause.who, pause.until) == (
        "定期メンテナンス",
        "team.yaml",
        house.team.windows[0].ends_at,
    )
    assert house.actions.pausing.pauses() == [replace(pause, target="a")]
    house.clock.advance(7_200)
    house.quiet()
    assert (house.state("a"), house.shown()) == ("ok", 7)


def test_maintenance_without_shops_is_everybodys_and_sale_days_are_nobodys(house):  # D9
    window(house, timedelta(0), HOUR, kind=WindowKind.SALE)
    assert (house.state("a"), house.state("b")) == ("ok", "ok")
    window(house, HOUR, 2 * HOUR)
    assert (house.state("a"), house.state("b")) == ("ok", "ok")
    house.clock.advance(3_600)
    assert (house.state("a"), house.state("b")) == ("paused", "paused")


def test_maintenance_is_not_ended_by_hand(house):
    window(house, timedelta(0), HOUR, "a")
    assert refused(lambda: house.actions.resume("a", ADMIN)) == "resume_maintenance"
    assert house.actions.resume("b", ADMIN).already


# ---------------------------------------------------------------------- told again


def test_pause_without_an_end_is_told_again_once_a_day_with_its_owner(house):  # D9
    house.team = Team(users={BOB: Role.OPERATOR})
    house.actions.pause("a", None, "棚卸", BOB)
    house.actions.pause("b", house.clock.now() + 9 * DAY, "", BOB)
    for hour in range(49):
        assert len(house.said) == hour // 24
        house.restart()  # what was told is not forgotten
        house.clock.advance(3_600)
        reminder(house).remind()
    key, params = house.said[0]
    assert (key, params["target"], params["who"], params["reason"]) == (
        "pause_reminder",
        "a",
        BOB,
        "理由：棚卸",
    )


def test_many_codes_without_an_end_are_one_reminder(house):  # D9 B13
    house.actions.pausing.pause(["mug", "tee"], None, "", BOB)
    house.clock.advance(DAY.total_seconds())
    reminder(house).remind()
    assert [(key, params["count"]) for key, params in house.said] == [("pauses_reminder", "2")]


def test_owner_who_left_the_team_file_is_named_as_such_and_anybody_may_resume(house):  # D9
    house.team = Team(users={ADMIN: Role.ADMIN})
    house.actions.pause("a", None, "", BOB)
    house.clock.advance(DAY.total_seconds())
    reminder(house).remind()
    assert "team.yaml" in house.said[0][1]["reason"]
    assert not house.actions.resume("a", ADMIN).already
    house.clock.advance(DAY.total_seconds())
    reminder(house).remind()
    assert len(house.said) == 1
