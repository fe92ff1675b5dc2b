"""Ledger rules as tables that a shop clerk could check by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.contract import LineState
from bot.sync.ledger import count_change, observe, since_count, stood_open
from bot.sync.values import Balance, Cause, Change, CountedLine, LineKey, SeenLine

NINE = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)  # 9:00 in Japan
TEN = NINE + timedelta(hours=1)
ELEVEN = TEN + timedelta(hours=1)
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
    "change",
    [
        Change(on_hand=-2),  # sold
        Change(reserved=2),  # set aside: not among the counted
        Change(on_hand=-2, reserved=-2),  # paid for, after it was set aside
        Change(reserved=-2),  # given up, and counted on the shelf
        Change(on_hand=2),  # came back
    ],
)
def test_whatever_an_order_did_before_the_count_so_many_could_be_sold_then(change):  # E3
    entered = since_count(change, NINE, TEN)
    assert Balance(10 + entered.on_hand, entered.reserved).available == 10


@pytest.mark.parametrize(
    ("ordered_at", "counted_at", "cancelled_at", "back"),
    [(NINE, TEN, ELEVEN, 2), (NINE, ELEVEN, TEN, 0), (TEN, NINE, ELEVEN, 0), (NINE, None, TEN, 0)],
)
def test_piece_set_aside_at_the_count_and_given_up_unseen_comes_back(
    ordered_at, counted_at, cancelled_at, back
):  # E3
    line = replace(seen(2, CANCELLED), ordered_at=ordered_at, revision=cancelled_at)
    held = stood_open(line, 1, counted_at)
    assert sum(change.on_hand for _, _, change in held) == back
    assert sum(change.reserved for _, _, change in held) == 0


@pytest.mark.parametrize(
    ("counted", "set_aside", "on_hand", "moved_since", "after"),
    [(10, 0, 7, 0, 10), (10, 0, 7, -3, 7), (0, 0, 5, 0, 0), (10, 0, -2, -1, 9), (10, 2, 7, -3, 9)],
)
def test_count_replaces_what_was_before_and_keeps_what_came_later(
    counted, set_aside, on_hand, moved_since, after
):  # E3
    assert on_hand + count_change(counted, set_aside, on_hand, moved_since).on_hand == after
