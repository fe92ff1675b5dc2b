"""Last units in turns: lowered before raised, shared anew as they sell, none left unsold."""

from dataclasses import replace

import pytest

from adapters.memory import MEMORY_ABILITIES, Lost, with_abilities
from adapters.secret import Secret
from bot.mapping.model import Defaults
from bot.sync.desk import Desk
from tests.unit.sync.market import Market

VISIBLE_S = 40


class Busy(Market):
    """Three shops that have sold ``tee`` of late; each write is seen 40 s later."""

    def __init__(self, folder, quantity=10, **sold):
        super().__init__(folder, ("a", "b", "c"), quantity=quantity)
        self.mapping = replace(self.mapping, defaults=Defaults())
        self.round(2)
        for name, pieces in (sold or {"a": 4, "b": 2, "c": 1}).items():
            for _ in range(pieces):
                self.malls[name].order({"tee": 1})
        self.clock.advance(120)
        self.round(3)

    def desk(self, name):
        abilities = replace(MEMORY_ABILITIES, visible_after_s=VISIBLE_S)
        adapter = with_abilities(abilities)(self.malls[name], Secret("memory-key"))
        return Desk(self.mapping.shop(name), adapter)

    def settled(self):
        for _ in range(4):
            self.clock.advance(60)
            self.round()
        return self.shown("tee")


@pytest.fixture
def busy(tmp_path):
    market = Busy(tmp_path)
    yield market
    assert market.wrong_balances() == []
    market.close()


def test_few_pieces_are_shown_once_among_all_shops(busy):  # D6
    assert busy.available("tee") == 3
    busy.malls["a"].order({"tee": 1})
    shown = busy.settled()
    assert sum(shown.values()) == busy.available("tee") == 2
    assert shown == {"a": 1, "b": 1, "c": 0}


def test_every_piece_is_sold_in_the_end(busy):  # D6
    busy.malls["a"].order({"tee": 1})
    for _ in range(2):
        shown = busy.settled()
        seller = next(name for name, pieces in shown.items() if pieces)
        assert busy.malls[seller].order({"tee": 1})
    assert busy.settled() == {"a": 0, "b": 0, "c": 0}
    assert busy.available("tee") == 0


def test_a_shop_rises_only_after_the_others_have_come_down_and_that_is_seen(busy):
    busy.malls["a"].order({"tee": 1})
    busy.settled()
    busy.malls["b"].order({"tee": 1})  # c's share and b's go to a, or a's stays: one piece is left
    busy.settled()
    assert busy.shown("tee") == {"a": 1, "b": 0, "c": 0}
    busy.malls["a"].order({"tee": 1})
    busy.settled()
    busy.count({"tee": 1})
    report = busy.turn("a")
    assert busy.shown("tee") == {"a": 1, "b": 0, "c": 0}
    assert report.written == 1


def test_share_that_may_rise_soon_asks_to_be_called_then(busy):
    busy.malls["a"].order({"tee": 1})
    busy.settled()
    busy.malls["a"].order({"tee": 1})  # one is left, and b has it: it goes to a, who sells most
    busy.clock.advance(120)
    assert busy.turn("a").written == 0
    busy.turn("b")
    assert busy.shown("tee") == {"a": 0, "b": 0, "c": 0}
    report = busy.turn("a")
    assert report.written == 0
    assert 0 < (report.again_at - busy.clock.now()).total_seconds() < VISIBLE_S
    busy.clock.advance(VISIBLE_S)
    busy.turn("a")
    assert busy.shown("tee") == {"a": 1, "b": 0, "c": 0}


def test_never_more_shown_than_there_is_while_they_move(busy):  # D6
    busy.malls["a"].order({"tee": 1})
    busy.settled()
    for seller in ("a", "b"):
        if not busy.malls[seller].order({"tee": 1}):
            continue
        for _ in range(8):
            busy.clock.advance(20)
            busy.round()
            assert sum(busy.shown("tee").values()) <= busy.available("tee") + 1  # the one just sold


def test_a_lost_answer_does_not_stop_the_others_for_ever(busy):
    busy.malls["a"].order({"tee": 1})
    busy.malls["b"].lose_answer("write_stock", Lost.AFTER)
    busy.malls["c"].lose_answer("write_stock", Lost.BEFORE)
    shown = busy.settled()
    assert sum(shown.values()) == busy.available("tee") == 2


def test_shares_are_looked_at_again_an_hour_later_when_demand_has_faded(busy):  # D6
    busy.malls["a"].order({"tee": 1})
    busy.settled()
    assert busy.shown("tee") == {"a": 1, "b": 1, "c": 0}
    busy.clock.advance(25 * 3600)
    busy.round(3)
    busy.settled()
    assert busy.shown("tee") == {"a": 2, "b": 2, "c": 2}
