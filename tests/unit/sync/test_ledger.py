"""Ledger rules as tables that a shop clerk could check by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.contract import LineState
from bot.sync.ledger import count_change, observe, since_count
from bot.sync.values import Cause, Change, CountedLine, LineKey, SeenLine

NINE = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)  # 9:00 in Japan
TEN = NINE + timedelta(hours=1)
SOLD, RESERVED, CANCELLED = LineState.SOLD, LineState.RESERVED, LineState.CANCELLED


def seen(quantity, state, revision=TEN):
    key = LineKey("rakuten-main", "order-1", "1")
    return SeenLine(key, "tee", ("tee", "1"), quantity, state, NINE, revision, False)


@pytest.mark.parametrize(
    ("counts_for", "quantity", "state", "on_hand", "reserved", "cause"),
    [
        (None, 2, SOLD, -2, 0, Cause.SOLD),
        ((0, 2), 2, SOLD, 0, 0, Cause.SOLD),  # the same order again
        ((0, 2), 3, SOLD, -1, 0, Cause.SOLD),  # one more piece
        ((0, 2), 1, SOLD, 1, 0, Cause.REDUCED),  # one cancelled
        ((0, 2), 0, SOLD, 2, 0, Cause.REDUCED),  # the line was taken out
        ((0, 2), 2, CANCELLED, 2, 0, Cause.CANCELLED),
        ((0, 0), 2, CANCELLED, 0, 0, Cause.CANCELLED),  # cancelled again
        (None, 2, CANCELLED, 0, 0, Cause.CANCELLED),  # cancelled before it was seen
        (None, 2, RESERVED, 0, 2, Cause.RESERVED),
        ((2, 0), 2, SOLD, -2, -2, Cause.SOLD),  # paid
        ((2, 0), 2, CANCELLED, 0, -2, Cause.CANCELLED),
        ((2, 0), 1, RESERVED, 0, -1, Cause.REDUCED),
    ],
)
def test_the_difference_is_entered(counts_for, quantity, state, on_hand, reserved, cause):
    counted = CountedLine("tee", *counts_for, NINE) if counts_for else None
    found = observe(seen(quantity, state), "tee", counted, return_stock=True)
    assert found.change == Change(on_hand, reserved)
    assert found.cause == cause


def test_cancelled_pieces_stay_away_where_the_shop_keeps_them_back():  # C1
    found = observe(seen(2, CANCELLED), "tee", CountedLine("tee", 0, 2, NINE), return_stock=False)
    assert not found.change
    assert found.counted.sold == 0


def test_older_observation_is_ignored():
    counted = CountedLine("tee", 0, 2, TEN)
    assert observe(seen(5, SOLD, revision=NINE), "tee", counted, return_stock=True) is None


def test_unmapped_line_counts_for_nothing_until_it_is_mapped():
    unmapped = observe(seen(2, SOLD), None, None, return_stock=True)
    assert not unmapped.change
    mapped = observe(seen(2, SOLD), "tee", unmapped.counted, return_stock=True)
    assert mapped.change == Change(on_hand=-2)


@pytest.mark.parametrize(
    ("sold_at", "counted_at", "on_hand"),
    [
        (TEN, NINE, -2),  # sold after the count: it leaves the counted shelf
        (NINE, TEN, 0),  # sold before, seen after: it was not on the shelf any more
        (NINE, NINE, 0),
        (NINE, None, -2),
    ],
)
def test_late_order_does_not_lower_a_later_count(sold_at, counted_at, on_hand):  # E3
    assert since_count(Change(on_hand=-2), sold_at, counted_at).on_hand == on_hand


@pytest.mark.parametrize(
    ("counted", "on_hand", "moved_since", "after"),
    [(10, 7, 0, 10), (10, 7, -3, 7), (0, 5, 0, 0), (10, -2, -1, 9)],
)
def test_count_replaces_what_was_before_and_keeps_what_came_later(counted, on_hand, moved_since, after):
    assert on_hand + count_change(counted, on_hand, moved_since).on_hand == after
