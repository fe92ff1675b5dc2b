"""Orders of an auction that arrive at the Yahoo! shop are booked to the shop that says ``via``."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.contract import LineState, Order, OrderLine
from bot.mapping.model import OrderSource, Shop
from bot.store import orders
from bot.store.books import SqlTransaction
from bot.store.database import reading
from bot.sync.desk import Report
from bot.sync.values import Cause, Change, Entry, LineKey
from tests.unit.sync.market import Market


@pytest.fixture
def market(tmp_path):
    market = Market(tmp_path, ("y", "b"))
    auction = Shop("auction", "memory", orders=OrderSource.VIA, via="y")
    market.mapping = replace(market.mapping, shops={**market.mapping.shops, "auction": auction})
    market.round(2)
    market.clock.advance(120)
    yield market
    assert market.wrong_balances() == []
    market.close()


def bring(market, auction_id="x123", quantity=1, state=LineState.SOLD, order_id="Y-1"):
    at = market.clock.now()
    line = OrderLine("1", "tee", ("tee",), quantity, state, at, auction_id)
    market.engine.orders_of_file(market.desk("y"), [Order(order_id, at, (line,))], Report("y"))


def hold(market, pieces):
    at = market.clock.now() - timedelta(minutes=1)
    with market.database.begin() as connection:
        key = LineKey("auction", "ticket", "tee")
        SqlTransaction(connection, market.clock).enter(Entry(at, "tee", Change(held=pieces), Cause.HELD, key))


def shown_at(market, shop):
    return market.books.shown_all(shop, ["tee"])["tee"].predicted


def test_line_with_an_auction_id_is_booked_to_the_auction_shop(market):
    bring(market)
    with reading(market.database) as connection:
        assert [line.key.shop for line in orders.lines_of(connection, "auction", "Y-1")] == ["auction"]
        assert orders.lines_of(connection, "y", "Y-1") == []
    assert market.available("tee") == 9


def test_seen_again_or_cancelled_it_counts_once(market):
    bring(market)
    bring(market)
    assert market.available("tee") == 9
    market.clock.advance(60)
    bring(market, state=LineState.CANCELLED)
    assert market.available("tee") == 10


def test_pieces_held_for_the_auction_are_released_by_its_order_and_no_other_number_moves(market):
    hold(market, 1)
    assert market.available("tee") == 9
    before = shown_at(market, "y")
    bring(market)
    assert market.available("tee") == 9, "sold, and no longer held"
    assert shown_at(market, "y") == before, "the piece was never among those that Yahoo! showed"


def test_fixed_price_sale_takes_the_piece_off_the_yahoo_shops_own_number(market):
    before = shown_at(market, "y")
    bring(market)
    assert shown_at(market, "y") in (before - 1, None)


def test_line_without_an_auction_id_stays_with_the_shop_that_brought_it(market):
    bring(market, auction_id="")
    with reading(market.database) as connection:
        assert orders.lines_of(connection, "auction", "Y-1") == []
        assert len(orders.lines_of(connection, "y", "Y-1")) == 1
