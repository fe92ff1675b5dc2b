"""Echo, wait, take in, drift: a table of readings that a shop clerk could check by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.sync.drift import Verdict, decide, judge
from bot.sync.plan import predicted_after_sale
from bot.sync.values import Doubt, DriftState, Movement, Shown

NINE = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
ECHO, WAIT, TAKE_IN, DRIFT = Verdict


def at(seconds):
    return NINE + timedelta(seconds=seconds)


def sold(seconds, units=1, *, known=True):
    """An order at a moment: the mall takes it off within a minute of its stamp."""
    return Movement(at(seconds - 5), at(seconds), at(seconds + 60), units, known)


def late(seconds, units=1):
    """An order that was taken in after the reading."""
    return sold(seconds, units, known=False)


def reading(quantity, seconds=600, *, predicted=10, base=0, landed=1):
    """We wrote at 9:00, and read ten minutes later."""
    return Doubt("tee", quantity, at(seconds), at(seconds), predicted, at(base), at(landed))


IN = at(660)


@pytest.mark.parametrize(
    ("case", "doubt", "movements", "orders_in", "verdict", "expected", "there"),
    [
        # We wrote 10 at 9:00 and read at 9:10. Orders are in up to 9:11 unless said otherwise.
        ("nobody bought, 7 is there: edited", reading(7), [], IN, DRIFT, 10, 7),
        ("nobody bought, 12 is there: edited", reading(12), [], IN, DRIFT, 10, 12),
        ("the orders are in up to 9:09 only", reading(7), [], at(540), TAKE_IN, 0, 0),
        ("the orders are in up to the reading, the clocks differ", reading(7), [], at(602), TAKE_IN, 0, 0),
        ("a shop without orders waits for none", reading(7), [], None, DRIFT, 10, 7),
        ("2 sold at 9:05 and heard of at 9:11", reading(8), [late(300, 2)], IN, ECHO, 8, 8),
        ("2 sold at 9:05, but 10 is there: edited", reading(10), [late(300, 2)], IN, DRIFT, 8, 10),
        ("2 sold at 9:05, but 7 is there: edited", reading(7), [late(300, 2)], IN, DRIFT, 8, 7),
        # 9 is predicted at 9:10:05, for 1 was sold at 9:10:03, after the reading
        (
            "1 sold after the reading, known when it was compared",
            reading(10, predicted=9),
            [sold(603)],
            IN,
            ECHO,
            10,
            9,
        ),
        ("1 sold after the reading, heard of later", reading(9), [late(605)], IN, ECHO, 10, 8),
        ("edited to 7, then 1 sold after the reading", reading(7), [late(630)], IN, DRIFT, 10, 6),
        # An order that is stamped up to a minute before the reading may be taken off after it
        ("1 stamped at 9:09:30, taken off before", reading(9), [late(570)], IN, ECHO, 9, 9),
        ("1 stamped at 9:09:30, not taken off yet", reading(10), [late(570)], IN, ECHO, 9, 10),
        (
            "1 and 3 stamped then, the later one taken off",
            reading(7),
            [late(550, 1), late(580, 3)],
            IN,
            ECHO,
            6,
            7,
        ),
        ("1 and 3 stamped then, and 8 is there", reading(8), [late(550, 1), late(580, 3)], IN, DRIFT, 6, 8),
        ("1 stamped at 9:08:30 is surely off", reading(10), [late(510)], IN, DRIFT, 9, 10),
        # Orders around the write of 9:00: the write wrote over them, or they came off after it
        ("1 stamped at 8:59:30, taken off after our write", reading(9), [sold(-30)], IN, ECHO, 10, 9),
        ("1 stamped at 8:58, surely written over", reading(9), [sold(-120)], IN, DRIFT, 10, 9),
        # A cancelled order gave pieces back at 9:05, where the mall does so
        ("2 given back at 9:05", reading(12), [late(300, -2)], IN, ECHO, 12, 12),
        (
            "bought and given back between two polls",
            reading(10),
            [late(200), late(300, -1)],
            IN,
            ECHO,
            10,
            10,
        ),
        ("bought at 9:05, given back at 9:10:30", reading(9), [late(300), late(630, -1)], IN, ECHO, 9, 10),
        # The write itself
        ("the write lands at 9:10:20", reading(7, landed=620), [], IN, WAIT, 0, 0),
        ("the write was sent after the reading began", reading(7, base=610, landed=611), [], IN, WAIT, 0, 0),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_reading_is_judged_by_all_that_the_shop_may_have_shown(  # D1
    case, doubt, movements, orders_in, verdict, expected, there
):
    said = judge(doubt, movements, orders_in)
    assert (said.verdict, said.expected, said.there) == (verdict, expected, there), case


def test_reading_amid_orders_is_made_again():  # D1
    assert judge(reading(9), [late(570)], IN).again
    assert judge(reading(7), [late(570)], IN).again
    assert not judge(reading(7), [late(300)], IN).again


def test_echo_of_an_order_that_came_off_after_our_write_is_believed():
    said = judge(reading(9), [sold(-30)], IN)
    assert (said.believed, said.there) == (True, 9)
    assert not judge(reading(10), [late(570)], IN).believed, "the next reading will tell"


def test_order_paid_at_an_unknown_moment_may_be_off_or_not():  # lowers_own_stock: at_payment
    """Ordered at 9:02, seen as paid at 9:11: nobody knows whether it was before 9:10."""
    paid = Movement(at(115), at(660), at(720), 1, known=False)
    assert judge(reading(9), [paid], IN).verdict is ECHO
    assert judge(reading(8), [paid], IN).verdict is DRIFT


@pytest.mark.parametrize(
    ("there", "target", "earlier", "asked_for", "state"),
    [
        (7, 5, 0, False, "repaired"),  # too much is shown: our number goes out at once
        (3, 5, 0, False, "asked"),  # too little: somebody may have had a reason
        (3, 5, 0, True, "written"),  # unless a person asked for all numbers
        (7, 5, 2, True, "repaired"),
        (5, 5, 0, False, "overtaken"),
        (5, None, 0, False, "overtaken"),
        (7, 5, 1, False, "repaired"),
        (7, 5, 2, False, "stopped"),  # the third time in a day
        (3, 5, 2, False, "stopped"),
    ],
)
def test_what_is_done_about_a_drift(there, target, earlier, asked_for, state):  # D1
    assert decide(there, target, earlier=earlier, asked_for=asked_for) is DriftState(state)


@pytest.mark.parametrize(
    ("rebased_at", "paid_by", "ordered_at", "predicted"),
    [
        (None, None, 100, 8),  # after the write: it comes off
        (None, None, -100, 10),  # before the write, which wrote over it
        (None, None, 0, None),  # in its flight
        (None, 300, 100, 8),  # ordered after it, and paid by 9:05
        (None, 300, -100, None),  # ordered before it: paid before or after?
        (200, None, 100, 10),  # before the reading that the prediction rests on
        (200, None, 300, 8),
        (200, 300, 100, 8),  # heard of as paid after the reading
    ],
)
def test_prediction_follows_an_order_from_the_latest_evidence_on(rebased_at, paid_by, ordered_at, predicted):
    shown = Shown(10, at(0), at(1), "done", predicted=10, rebased_at=rebased_at and at(rebased_at))
    paid = paid_by and at(paid_by)
    assert predicted_after_sale(shown, 2, at(ordered_at), 0, paid) == predicted
