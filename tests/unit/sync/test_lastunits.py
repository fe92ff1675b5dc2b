"""Last units: cases that a shop clerk can check with pencil and paper."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.memory import MEMORY_ABILITIES
from bot.mapping.model import Defaults, LastUnits, Mapping, Product, Shop
from bot.sync.lastunits import Claim, divide, is_slow, least_enough, rate, threshold, weights
from bot.sync.levels import Levels, Look
from bot.sync.plan import NEVER, is_in_the_way, may_rise_at
from bot.sync.values import Balance, Demand, Habits, Part, Shown
from tests.unit.sync.market import START


def part(name="a", *, poll_s=60, lag_s=0, writes=True, held_back=(), shop=None, **abilities):
    entry = shop or Shop(name, "memory")
    return Part(
        entry,
        replace(MEMORY_ABILITIES, **abilities),
        writes=writes,
        held_back=frozenset(held_back),
        poll_s=poll_s,
        lag_s=lag_s,
    )


# ---------------------------------------------------------------------- how many are the last ones


@pytest.mark.parametrize(
    ("mean", "n"),
    [
        (0, 0),  # nothing is ever sold: one piece may stand everywhere
        (0.01, 0),  # 1 in 100 asks for a piece meanwhile
        (0.02, 1),  # 2 in 100
        (0.14, 1),
        (0.4, 2),
        (1, 4),
        (10, 18),
        (10_000, 10_233),
    ],
)
def test_so_many_may_be_sold_before_the_others_hear_of_it(mean, n):  # D6
    assert least_enough(mean) == n


@pytest.mark.parametrize(
    ("hour", "day", "an_hour"),
    [(0, 0, 0), (1, 1, 1), (0, 24, 1), (10, 10, 10), (2, 240, 10), (-1, -1, 0)],
)
def test_rate_is_the_larger_of_the_last_hour_and_the_last_day(hour, day, an_hour):
    assert rate(Demand({}, hour, day)) * 3600 == pytest.approx(an_hour)


def test_n_follows_from_rate_and_the_worst_delay():
    shops = [part("a", poll_s=15), part("b", poll_s=60, visible_after_s=60)]
    # 61 s until b's order is heard, 61 s until b shows it: 122 s, 10 an hour: 0.34 orders
    assert threshold(Demand({}, 10, 10), shops, {}) == 2
    assert threshold(Demand({}, 0, 0), shops, {}) == 0


def test_a_measured_delay_stands_in_the_place_of_the_usual_one():
    shops = [part("a"), part("b")]
    assert threshold(Demand({}, 60, 60), shops, {"a": 299.0}) > threshold(Demand({}, 60, 60), shops, {})


def test_shop_that_is_blind_for_more_than_five_minutes_is_slow():
    assert not is_slow(part(poll_s=60, visible_after_s=60), {})
    assert is_slow(part(poll_s=60, visible_after_s=600), {})
    assert is_slow(part(poll_s=600), {})
    assert is_slow(part(poll_s=60), {"a": 400.0})


# ---------------------------------------------------------------------- who gets them


@pytest.mark.parametrize(
    ("pieces", "weights_", "units"),
    [
        (1, [40, 25, 20, 15], [1, 0, 0, 0]),
        (2, [40, 25, 20, 15], [1, 1, 0, 0]),
        (5, [40, 25, 20, 15], [2, 1, 1, 1]),
        (3, [1, 1, 1], [1, 1, 1]),
        (2, [0, 0], [1, 1]),  # nobody ever sold any: evenly
        (3, [100, 0], [3, 0]),
        (0, [1, 1], [0, 0]),
    ],
)
def test_pieces_go_by_share_the_largest_remainder_first(pieces, weights_, units):  # D6
    assert divide(pieces, [Claim(weight) for weight in weights_]) == units


def test_what_a_shop_cannot_show_goes_to_the_next():
    assert divide(5, [Claim(90, most=2), Claim(5), Claim(5)]) == [2, 2, 1]
    assert divide(5, [Claim(90, most=1), Claim(10, most=1)]) == [1, 1]


def test_a_set_takes_its_pieces_together():
    assert divide(5, [Claim(1, pieces_each=2), Claim(1)]) == [1, 3]
    assert divide(1, [Claim(9, pieces_each=2), Claim(1)]) == [0, 1]


@given(
    st.integers(0, 60),
    st.lists(
        st.builds(Claim, st.floats(0, 100), st.integers(1, 4), st.integers(0, 30)), min_size=1, max_size=8
    ),
)
def test_never_more_than_there_are_and_none_left_that_anybody_could_show(pieces, claims):  # D6
    units = divide(pieces, claims)
    used = sum(unit * claim.pieces_each for unit, claim in zip(units, claims, strict=True))
    assert 0 <= used <= pieces
    for unit, claim in zip(units, claims, strict=True):
        assert 0 <= unit <= claim.most
        assert unit == claim.most or claim.pieces_each > pieces - used


def test_share_is_what_the_shop_sold_of_the_code_and_a_little_of_what_it_sells_of_all():
    shops = [part("a"), part("b"), part("c")]
    found = weights(shops, Demand({"a": 10, "b": 5}), {"a": 100, "b": 0, "c": 100})
    # a: 10 + 5 x 1/2, b: 5, c: 5 x 1/2
    assert [weight / found[1] for weight in found] == pytest.approx([2.5, 1, 0.5])


def test_without_any_history_all_are_equal():
    assert weights([part("a"), part("b")], Demand(), {}) == [1, 1]


def test_a_share_in_the_mapping_is_the_weight():
    shops = [part("a", shop=Shop("a", "memory", share=4.0)), part("b")]
    assert weights(shops, Demand({"a": 1, "b": 99}), {}) == [4.0, pytest.approx(1.98)]


# ---------------------------------------------------------------------- what each shop shows

MUG = Product("mug")
BUSY = Demand({"a": 60, "b": 30, "c": 10}, last_hour=10, last_day=60)  # n = 2 at a minute's poll


def look(available, *parts, demand=BUSY, products=(MUG,), defaults=Defaults(), reserved=0, out=()):  # noqa: B008
    shops = {each.shop.name: each.shop for each in parts}
    balances = {"mug": Balance(available + reserved, reserved, 0, START)}
    balances["bag"] = Balance(100, 0, 0, START)
    return Levels(
        Look(
            Mapping(shops, tuple(products), defaults=defaults),
            {each.shop.name: each for each in parts},
            balances,
            {"mug": demand},
            Habits(),
            out=frozenset(out),
        )
    )


def shows(levels, code="mug", shops="abc"):
    return [levels.of(name, code).number for name in shops]


ABC = (part("a"), part("b"), part("c"))


@pytest.mark.parametrize(
    ("available", "numbers"),
    [(10, [10, 10, 10]), (3, [3, 3, 3]), (2, [1, 1, 0]), (1, [1, 0, 0]), (0, [0, 0, 0])],
)
def test_plenty_stand_everywhere_and_the_last_ones_once(available, numbers):  # D6 E1
    assert shows(look(available, *ABC)) == numbers


def test_last_units_can_be_switched_off_or_set_for_all_a_product_or_a_shop():  # E1
    assert shows(look(2, *ABC, defaults=Defaults(last_units=LastUnits.OFF))) == [2, 2, 2]
    assert shows(look(2, *ABC, products=[replace(MUG, last_units=LastUnits.OFF)])) == [2, 2, 2]
    assert shows(look(4, *ABC, products=[replace(MUG, last_units=4)])) == [2, 1, 1]
    own = part("c", shop=Shop("c", "memory", last_units=5))
    assert shows(look(5, *ABC[:2], own)) == [5, 5, 0]
    alone = part("c", shop=Shop("c", "memory", last_units=LastUnits.OFF))
    assert shows(look(2, *ABC[:2], alone)) == [1, 1, 2]


def test_a_slow_shop_shows_none_of_the_last_units_by_its_own_delay():
    slow = part("c", visible_after_s=600)  # 11 minutes, 10 an hour: 1.84 orders, n = 6
    assert shows(look(7, *ABC[:2], slow)) == [7, 7, 7]
    assert shows(look(6, *ABC[:2], slow)) == [6, 6, 0]
    assert shows(look(2, *ABC[:2], slow)) == [1, 1, 0]


def test_only_shops_that_can_be_written_share():
    assert shows(look(2, *ABC[:2], part("c", writes=False)), shops="ab") == [1, 1]
    assert shows(look(1, part("a", writes=False), *ABC[1:]), shops="bc") == [1, 0]
    assert shows(look(1, part("a", held_back=["mug"]), *ABC[1:]), shops="bc") == [1, 0]
    assert shows(look(1, *ABC, out=[("a", "mug")]), shops="bc") == [1, 0]


def test_one_shop_alone_shows_what_there_is():
    assert shows(look(1, part("a")), shops="a") == [1]


def test_products_safety_stock_counts_and_the_shops_own_does_not_at_the_end():  # E1
    careful = part("a", shop=Shop("a", "memory", safety_stock=1))
    assert shows(look(10, careful, *ABC[1:])) == [9, 10, 10]
    assert shows(look(2, careful, *ABC[1:])) == [1, 1, 0]
    assert shows(look(3, *ABC, products=[replace(MUG, safety_stock=1)])) == [1, 1, 0]


def test_a_cap_sends_the_rest_to_the_next():  # E1
    capped = part("a", shop=Shop("a", "memory", cap=1))
    assert shows(look(4, capped, *ABC[1:], products=[replace(MUG, last_units=4)])) == [1, 2, 1]


def test_sets_that_draw_on_a_code_share_its_last_pieces():  # E2
    goods = [MUG, Product("bag"), Product("gift", parts={"mug": 1, "bag": 2})]
    levels = look(2, *ABC, products=goods)
    shown = shows(levels) + shows(levels, "gift")
    assert sum(shown) == 2
    assert shows(look(10, *ABC, products=goods), "gift") == [10, 10, 10]


def test_what_is_few_is_looked_at_again_when_demand_may_have_faded():
    assert look(2, *ABC).of("a", "mug").fading == {"mug"}
    assert not look(9, *ABC).of("a", "mug").fading


# ---------------------------------------------------------------------- when a share may rise

SENT_AT = START


def written(number, predicted, outcome="done"):
    return Shown(number, SENT_AT, SENT_AT, outcome, "", predicted, "mug")


@pytest.mark.parametrize(
    ("other", "should", "seconds", "in_the_way"),
    [
        (Shown(), 0, None, False),  # never written: it is in nobody's way
        (written(3, 3), 1, NEVER, True),  # has to come down
        (written(3, None, "unknown"), 1, NEVER, True),  # nobody knows
        (written(1, 1), 1, 40, False),  # came down, seen 40 seconds later
        (written(1, 1, "sent"), 1, NEVER, False),  # a file on its way: nothing to do but wait
    ],
)
def test_share_rises_when_the_others_have_come_down_and_that_is_seen(other, should, seconds, in_the_way):
    bound = may_rise_at(other, should, 40)
    assert bound == (SENT_AT + timedelta(seconds=seconds) if isinstance(seconds, int) else seconds)
    assert is_in_the_way(other, should) == in_the_way
