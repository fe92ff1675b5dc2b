"""What the guard holds, what it lets go, and who may say yes: tables a shop clerk could check by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.sync.guard import Hold, HoldState, Limits, Reason, Trip, judge, over, question, refusal
from bot.sync.plan import Want
from bot.sync.values import Shown, Waiting, Why

NINE = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TEN = 10 * MINUTE
ALICE, BOB = "U0ALICE01", "U0BOB0001"


def want(code, number, there=10, why=Why.STOCK, *, who="", since=NINE, written=None):
    outcome = "" if there is None and written is None else "done"
    known = Shown(written=there if written is None else written, predicted=there, outcome=outcome)
    return Want(Waiting(code, 1, since, why, who), code, (code,), number, known)


def wants(count, number=0, start=0, **more):
    return [want(f"c{place:03}", number, **more) for place in range(start, start + count)]


def judged(found, of=100, holds=(), filling_since=NINE - TEN):
    linked = {f"c{place:03}" for place in range(of)}
    return judge(found, linked=linked, filling_since=filling_since, limits=Limits(), holds=holds)


def asked(found, **more):
    return question("a", judged(found, **more), NINE)


# ---------------------------------------------------------------------- how much is too much


@pytest.mark.parametrize(
    ("of", "changed", "trip"),
    [
        (100, 20, None),  # not more than 20
        (100, 21, Trip.CHANGED),
        (210, 21, None),  # 21 of 210 is not more than 10 %
        (209, 21, Trip.CHANGED),
        (1_000, 100, None),
        (1_000, 101, Trip.CHANGED),
        (20, 20, None),  # a small shop may change as a whole
    ],
)
def test_more_than_ten_percent_and_more_than_twenty_codes_are_held(of, changed, trip):  # D5
    verdict = judged(wants(changed, number=9), of)
    assert (verdict.reason.trip if verdict.reason else None, len(verdict.held)) == (
        trip,
        changed if trip else 0,
    )


@pytest.mark.parametrize(
    ("of", "zero", "trip"),
    [(100, 9, None), (100, 10, Trip.ZERO), (200, 10, None), (199, 10, Trip.ZERO), (9, 9, None)],
)
def test_ten_codes_and_more_than_five_percent_newly_zero_are_held(of, zero, trip):  # D5
    verdict = judged(wants(zero), of)
    assert (verdict.reason.trip if verdict.reason else None) == trip


def test_zero_that_was_zero_is_no_change():
    assert judged(wants(50, there=0)).held == ()


def test_number_that_was_being_written_as_the_bot_died_is_no_change():
    lost = [want(f"c{place:03}", 0, None, written=0) for place in range(50)]
    assert judged(lost).held == ()


def test_listings_that_left_a_mapping_that_is_empty_now_are_held_however_few():
    verdict = judged(wants(3, why=Why.UNLINK), of=0)
    assert verdict.reason == Reason(Trip.EMPTY, changed=3, zero=3, of=3)


def test_codes_that_left_count_among_those_that_were_listed():
    left = wants(50, start=50, why=Why.UNLINK)
    assert judged(left, of=50).reason == Reason(Trip.ZERO, changed=50, zero=50, of=100)


# ---------------------------------------------------------------------- what goes at once


@pytest.mark.parametrize("why", [Why.SALE, Why.BALANCE])
def test_what_sales_change_is_never_held(why):
    assert judged(wants(100, why=why)).held == ()


def test_sales_go_while_the_rest_is_held():
    verdict = judged([*wants(50), want("c090", 3, why=Why.SALE)])
    assert [item.waiting.code for item in verdict.free] == ["c090"]
    assert len(verdict.held) == 50


def test_first_filling_of_a_shop_is_not_held():
    new = wants(100, number=7, there=None)
    assert judged(new, filling_since=None).held == ()
    assert judged(new, filling_since=NINE + MINUTE).held == ()  # interrupted, and gone on with


def test_many_new_codes_in_a_shop_that_was_filled_long_ago_are_held():
    assert len(judged(wants(50, number=7, there=None)).held) == 50


# ---------------------------------------------------------------------- a question that stands


def test_question_stands_while_no_more_is_held_than_was_asked():
    hold = asked(wants(50))
    fewer = judged(wants(12), holds=[hold])
    assert (fewer.reason, len(fewer.held), over([hold], fewer, set())) == (None, 12, [])


def test_what_was_asked_stays_held_though_it_has_become_little():
    hold = asked(wants(50))
    assert len(judged(wants(1), holds=[hold]).held) == 1


def test_small_change_goes_beside_a_question():
    verdict = judged([*wants(50), want("c090", 3)], holds=[asked(wants(50))])
    assert [item.waiting.code for item in verdict.free] == ["c090"]


def test_another_large_change_is_asked_anew_with_all_that_is_held():
    hold = asked(wants(50))
    verdict = judged(wants(80), holds=[hold])
    assert len(question("a", verdict, NINE).lines) == 80
    assert over([hold], verdict, set()) == [(hold, HoldState.SUPERSEDED)]


def test_question_is_over_when_nothing_of_it_is_wanted_any_more():
    hold = asked(wants(50))
    assert over([hold], judged([], holds=[hold]), set()) == [(hold, HoldState.SUPERSEDED)]


def test_sale_does_not_carry_a_held_raise_out():
    raised = wants(50, number=500, there=5)
    hold = asked(raised)
    sold = want("c000", 499, 5, Why.SALE)
    verdict = judged([sold, *raised[1:]], holds=[hold])
    assert (verdict.free, verdict.kept, len(verdict.held)) == ((), (sold,), 49)


def approved(found):
    hold = asked(found)
    return Hold("a", hold.plan_hash, hold.lines, hold.reason, NINE, state=HoldState.APPROVED, decided_by=BOB)


def test_approved_numbers_go_and_others_are_judged_by_themselves():
    hold = approved(wants(50))
    assert len(judged(wants(50), holds=[hold]).free) == 50
    few = [*wants(45), *wants(5, number=3, start=45)]
    assert len(judged(few, holds=[hold]).free) == 50
    many = [*wants(10), *wants(40, number=3, start=10)]
    assert len(judged(many, holds=[hold]).held) == 40


def test_approval_is_done_when_none_of_its_codes_waits():
    hold = approved(wants(50))
    assert over([hold], judged([]), {"c049"}) == []
    assert over([hold], judged([]), {"c050"}) == [(hold, HoldState.DONE)]


# ---------------------------------------------------------------------- who may say yes


def test_hash_is_of_the_lines_whatever_their_order():
    forth, back = wants(50), wants(50)[::-1]
    assert asked(forth).plan_hash == asked(back).plan_hash
    assert asked(wants(50, number=1)).plan_hash != asked(wants(51, number=1)).plan_hash


def test_people_whose_doing_it_is_are_named_in_the_question():
    mixed = [*wants(30, who=ALICE), *wants(30, start=30)]
    assert asked(mixed).caused_by == (ALICE,)


FULL = asked(wants(50, who=ALICE)).plan_hash


@pytest.mark.parametrize(
    ("who", "typed", "after", "key"),
    [
        (BOB, FULL[:8], MINUTE, ""),
        (BOB, FULL[:8].upper(), MINUTE, ""),
        (BOB, FULL[:7], MINUTE, "guard_other_plan"),
        (BOB, "0" * 8, MINUTE, "guard_other_plan"),
        (ALICE, FULL, 9 * MINUTE, "guard_own_wait"),
        (ALICE, FULL[:8], TEN, "guard_own_full"),
        (ALICE, FULL, TEN, ""),
    ],
)
def test_second_person_approves_at_once_and_a_lone_one_later_by_the_full_hash(who, typed, after, key):  # D5
    assert refusal(asked(wants(50, who=ALICE)), typed, who, NINE + after, TEN) == key
