"""How often a shop is polled: what sells out is looked after more closely, as far as the mall lets us."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.clock import ManualClock
from adapters.memory import MEMORY_ABILITIES
from bot.config import Config, ShopConfig
from bot.desks import Desks as ShopDesks
from bot.mapping.model import Mapping, Product, Shop
from bot.polling import PAYING_BACK, Polling
from bot.store import writes
from bot.store.database import open_database
from tests.unit.house import make_state

A = Shop("a", "memory")
MUG = Product("mug", listings={"b": None})
GIFT = Product("gift", parts={"mug": 1}, listings={"b": {"gift": "G-1"}})


class Desks:
    """The timing of shops: usually 60 s, in a hurry 10 s."""

    def __init__(self, usual=60.0, quick=10.0, **abilities):
        self.usual, self.quick = usual, quick
        self._abilities = replace(MEMORY_ABILITIES, **abilities)

    def poll_interval_s(self, shop):
        return self.usual

    def quick_poll_interval_s(self, shop):
        return self.quick

    def abilities(self, shop):
        return self._abilities


@pytest.fixture
def state(tmp_path):
    make_state(tmp_path / "state")
    engine = open_database(tmp_path / "state")
    yield engine
    engine.dispose()


def polling(state, clock, desks, products=(MUG,)):
    mapping = Mapping({name: Shop(name, "memory") for name in ("a", "b")}, products)
    return Polling(state, lambda: mapping, desks, clock)


def last_pieces_sell(state, clock, code="mug"):
    with state.begin() as connection:
        writes.look_again(connection, code, clock.now() + timedelta(hours=1))


def test_shop_is_polled_oftener_while_the_last_pieces_sell(state):
    clock = ManualClock()
    polls = polling(state, clock, Desks())
    assert polls.interval_s(A) == 60
    last_pieces_sell(state, clock)
    assert polls.interval_s(A) == 10


@pytest.mark.parametrize(
    ("products", "code", "hurry"),
    [((MUG,), "mug", False), ((MUG, GIFT), "mug", True), ((MUG,), "gone", False)],
)
def test_only_shops_that_list_it_or_a_set_of_it_hurry(state, products, code, hurry):
    clock = ManualClock()
    last_pieces_sell(state, clock, code)
    assert polling(state, clock, Desks(), products).interval_s(Shop("b", "memory")) == (10 if hurry else 60)


def test_mall_that_has_so_many_quick_polls_in_store_is_asked_no_oftener(state):
    clock = ManualClock()
    polls = polling(state, clock, Desks(180.0, 15.0, quick_polls=15))
    last_pieces_sell(state, clock)
    intervals = []
    for _ in range(40):
        intervals.append(polls.interval_s(A))
        clock.advance(intervals[-1])
    quick = intervals.index(180)
    assert intervals == [15.0] * quick + [180.0] * (40 - quick)
    # A poll in 15 s uses one of the store and a twelfth of one comes back meanwhile.
    assert quick - quick * 15 / 180 <= 15


def test_polls_made_too_many_are_made_up_for_when_nothing_sells_out(state):
    clock = ManualClock()
    polls = polling(state, clock, Desks(180.0, 15.0, quick_polls=2))
    last_pieces_sell(state, clock)
    while polls.interval_s(A) == 15:
        clock.advance(15)
    with state.begin() as connection:
        writes.looked_again(connection, "mug")
    assert polls.interval_s(A) == 180 * PAYING_BACK
    clock.advance(5 * 2 * 180 * PAYING_BACK)
    assert polls.interval_s(A) == 180


@pytest.mark.parametrize(
    ("own", "of_mall", "quick"),
    [
        (ShopConfig(), None, 10),
        (ShopConfig(), 15, 15),
        (ShopConfig(quick_poll_interval_s=20), 15, 20),
        (ShopConfig(poll_interval_s=5), 15, 5),  # never more seldom than usual
        (ShopConfig(quick_poll_interval_s=60), 15, 60),  # no hurry at all
    ],
)
def test_operator_has_the_last_word_on_quick_polls(own, of_mall, quick):
    abilities = replace(MEMORY_ABILITIES, quick_poll_interval_s=of_mall)
    desks = ShopDesks(Config(shops={"a": own}), None, dict, None, lambda shop: abilities)
    assert desks.quick_poll_interval_s(A) == quick
