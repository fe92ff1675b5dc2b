"""How fast an order is everywhere: measured from what is kept, held against what really happened."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from bot import figures
from bot.figures import Lowered, Sold
from bot.slack import limits
from bot.slack.voice import Voice
from bot.slack.weekly import weekly_message
from bot.store import figures as kept
from bot.store.credentials import change
from bot.store.database import reading
from bot.weekly import TOLD_AFTER, WEEK, WeeklyReport, week_end
from sandbox.slack.limits import check_message
from tests.unit.house import TICK_S, House

T0 = datetime(2026, 11, 16, tzinfo=UTC)
LAG_S = 240


def at(seconds):
    return T0 + timedelta(seconds=seconds)


def test_a_shop_counts_from_the_order_to_the_first_lower_number_after_it():
    sold = [Sold("a", "tee", at(0), at(50)), Sold("b", "tee", at(100), at(110))]
    lowered = [
        Lowered("b", "tee", at(40), at(45)),  # before the order was known
        Lowered("b", "tee", at(60), at(70)),
        Lowered("c", "tee", at(90), at(200)),
        Lowered("a", "tee", at(120), at(130)),
        Lowered("c", "mug", at(51), at(52)),
    ]
    groups = figures.samples(sold, lowered)
    assert [[(s.shown_on, s.seconds) for s in group] for group in groups] == [
        [("b", 70), ("c", 200)],
        [("a", 30)],
    ]
    assert figures.everywhere(groups)["a"].p95_s == 200
    assert figures.shown(groups)["b"].p50_s == 70


def test_a_shop_that_needed_no_new_number_is_left_out():
    late = at(figures.WITHIN.total_seconds() + 60)
    assert figures.samples([Sold("a", "tee", at(0), at(0))], [Lowered("b", "tee", late, late)]) == []


def test_percentiles_are_values_that_were_measured():
    values = list(range(1, 101))
    random.Random(1).shuffle(values)
    assert [figures.percentile(values, p) for p in (1, 50, 95, 100)] == [1, 50, 95, 100]


@pytest.fixture
def slow(tmp_path):
    """Shop a shows its orders four minutes late."""
    house = House(tmp_path, quantity=500, order_lag_s=LAG_S)
    house.malls["a"].order_lag_s = LAG_S
    house.quiet()
    yield house
    house.close()


def sell_and_watch(house, orders):
    """Sell one piece at a time on shop a, and give how long shop b really took to show each."""
    rng, truth = random.Random(7), []
    for _ in range(orders):
        house.clock.advance(rng.uniform(1, TICK_S))
        house.malls["a"].order({"tee": 1})
        ordered, wanted = house.clock.now(), house.shown("tee", "b") - 1
        while house.shown("tee", "b") > wanted:
            house.tick("a")
            house.look("b", seconds=1)
        truth.append((house.clock.now() - ordered).total_seconds())
    return truth


def test_the_measured_p95_of_a_slow_mall_is_within_one_poll_of_the_truth(slow):  # D10
    begin = slow.clock.now()
    truth = sell_and_watch(slow, 30)
    with reading(slow.engine) as connection:
        groups = figures.samples(
            kept.sold(connection, begin, slow.clock.now()), kept.lowered(connection, begin, {})
        )
    found = figures.everywhere(groups)["a"]
    assert found.count == 30
    assert abs(found.p95_s - figures.percentile(truth, 95)) <= TICK_S
    assert abs(found.p50_s - figures.percentile(truth, 50)) <= TICK_S
    assert found.p50_s >= LAG_S


def report(house, told):
    return WeeklyReport(house.engine, house.in_force, house.desks, house.clock, told.append)


def to_monday(house):
    """Move to a minute after the next Monday at nine."""
    ahead = week_end(house.clock.now()) + WEEK + TOLD_AFTER - house.clock.now()
    house.clock.advance(ahead.total_seconds() + 60)


def go_to(house, moment):
    house.clock.advance((moment - house.clock.now()).total_seconds())


def test_the_week_is_told_once_on_monday_restarts_included(tmp_path):  # D10
    house, told = House(tmp_path), []
    house.quiet()
    to_monday(house)
    house.malls["a"].order({"tee": 1})
    house.tick()
    house.tick()
    report(house, told).look()
    report(house, told).look()
    house.restart()
    report(house, told).look()
    assert len(told) == 1
    to_monday(house)
    report(house, told).look()
    [_, week] = told
    assert (week.orders, week.oversells, week.drifts) == (1, 0, 0)
    assert week.everywhere["a"].count == 1
    house.close()


def test_the_week_is_monday_to_sunday_in_japan_and_told_from_nine_on(tmp_path):  # D10
    house, told = House(tmp_path), []
    house.quiet()
    monday, second = week_end(house.clock.now()) + WEEK, timedelta(seconds=1)
    assert monday.astimezone(UTC).strftime("%A %H:%M") == "Sunday 15:00"
    for moment, orders in (
        (monday - second, 1),
        (monday, 2),
        (monday + WEEK - second, 1),
        (monday + WEEK, 4),
    ):
        go_to(house, moment)
        for _ in range(orders):
            house.malls["a"].order({"tee": 1})
        if moment == monday:
            house.tick()
            go_to(house, monday + TOLD_AFTER - second)
            report(house, told).look()
            assert told == []
            go_to(house, monday + TOLD_AFTER)
            report(house, told).look()
    house.tick()
    go_to(house, monday + WEEK + TOLD_AFTER)
    report(house, told).look()
    assert [(week.begin, week.end, week.orders) for week in told] == [
        (monday - WEEK, monday, 1),
        (monday, monday + WEEK, 3),
    ]
    sunday = f"{monday - timedelta(days=1):%Y-%m-%d}"
    assert f"{monday - WEEK:%Y-%m-%d} - {sunday}" in weekly_message(told[0], str, Voice("en")).text
    house.close()


def test_a_bot_that_was_away_on_monday_tells_nothing_stale(tmp_path):
    house, told = House(tmp_path), []
    to_monday(house)
    house.clock.advance(20 * 3600)
    report(house, told).look()
    assert told == []
    house.close()


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_weekly_report_fits_slack_and_its_text_says_it_all(tmp_path, lang):  # E14
    house, told = House(tmp_path), []
    house.quiet()
    to_monday(house)
    house.malls["a"].order({"tee": 1})
    house.tick()
    house.tick()
    with house.engine.begin() as connection:
        change(connection, "a", "key", expires_at=house.clock.now() + timedelta(days=10))
    to_monday(house)
    report(house, told).look()
    message = weekly_message(told[0], lambda shop: f"モール（{shop}）", Voice(lang))
    body = message.body()
    assert limits.problems(body) == []
    assert check_message(body["blocks"], []) == []
    drawn = [block["chart"] for block in body["blocks"] if block["type"] == "data_visualization"]
    assert [chart["axis_config"]["categories"] for chart in drawn] == [["a"], ["b"]]  # sold, and shown
    for words in ("モール（a）", "モール（b）", "95", "key", "renew"):
        assert words in message.text, words
    house.close()
