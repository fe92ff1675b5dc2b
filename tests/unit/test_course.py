"""The course of a code: sales by day in Japan, and what there was at the end of each."""

from datetime import UTC, date, datetime, timedelta

from bot.answers import Day
from bot.course import begins, course, days_of

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)  # already the 22nd in Japan


def test_days_are_those_of_japan():
    assert days_of(NOW, 3) == [date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)]
    assert begins(date(2026, 11, 22)) == datetime(2026, 11, 21, 15, tzinfo=UTC)


def test_course_goes_back_from_what_there_is_now():
    days = days_of(NOW, 3)
    moves = [("tee", NOW - timedelta(days=1), -2), ("tee", NOW - timedelta(hours=1), 5)]
    sales = [(NOW - timedelta(days=1), 2), (NOW - timedelta(days=9), 7)]
    found = course(days, {"tee": 1}, {"tee": 8}, moves, sales, NOW - timedelta(days=2))
    assert found == [Day(days[0], 0, 5), Day(days[1], 2, 3), Day(days[2], 0, 8)]


def test_stock_is_unknown_before_the_first_entry_and_a_set_is_its_scarcest_part():
    days = days_of(NOW, 2)
    parts, left = {"tee": 1, "mug": 2}, {"tee": 9, "mug": 7}
    found = course(days, parts, left, [], [], begins(days[1]))
    assert [day.available for day in found] == [None, 3]
    assert [day.available for day in course(days, parts, left, [], [], None)] == [None, None]
