"""What must hold where a mall, a person or the machine does something unusual, one rule a test."""

from __future__ import annotations

import dataclasses
import threading
from datetime import UTC, datetime, timedelta

import pytest

from adapters.clock import ManualClock
from adapters.contract import Address, Product
from adapters.errors import OutcomeUnknownError, UnexpectedReplyError
from adapters.memory import MEMORY_ABILITIES, with_abilities
from adapters.pacer import Stopped
from adapters.roomclip.wire import parse_orders
from adapters.secret import Secret
from bot.config import SyncSettings
from bot.mapping.model import Mapping
from bot.mapping.model import Product as Goods
from bot.scheduler import Worker
from bot.store import orders as order_store
from bot.store.database import reading
from bot.sync.desk import Desk, Report
from bot.sync.values import Why
from tests.unit.house import House
from tests.unit.sync.market import Market, mapping_of


class UnlikeMarket(Market):
    """A market whose shop ``b`` has other abilities."""

    def __init__(self, folder, **abilities):
        self.unlike = with_abilities(dataclasses.replace(MEMORY_ABILITIES, **abilities))
        super().__init__(folder)

    def desk(self, name):
        if name != "b":
            return super().desk(name)
        adapter = self.unlike(self.malls[name], Secret("memory-key"))
        return Desk(self.mapping.shop(name), adapter, timedelta(seconds=30))


@pytest.fixture
def market(tmp_path):
    market = Market(tmp_path)
    yield market
    assert market.wrong_balances() == []
    market.close()


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    house.tick()
    house.tick()
    yield house
    house.close()


# ---------------------------------------------------------------------- orders that are never counted


def test_sales_between_a_count_of_this_morning_and_the_first_reading_are_taken_in(tmp_path):
    house = House(tmp_path, on=False)
    as_of = house.clock.now()
    house.clock.advance(60)
    house.malls["a"].order({"tee": 3})
    house.clock.advance(3600)
    house.restart()
    with house.engine.begin() as connection:  # as it is before anything was counted
        connection.exec_driver_sql("DELETE FROM balances")
        connection.exec_driver_sql("DELETE FROM entries")
    house.tick()
    house.actions.count_stock({"tee": 10}, as_of, "clerk")
    house.tick()
    assert house.available("tee") == 7
    house.close()


def test_count_entered_while_orders_are_read_is_not_forgotten_by_the_cursor(tmp_path):
    house = House(tmp_path)
    house.tick()
    as_of = house.clock.now() - timedelta(hours=3)
    read, mall = house.malls["a"].orders, house.malls["a"]

    def read_while_somebody_counts():
        mall.orders = read
        house.actions.count_stock({"tee": 10}, as_of, "clerk")
        return read()

    mall.orders = read_while_somebody_counts
    house.tick("a")
    with reading(house.engine) as connection:
        assert order_store.cursor(connection, "a") <= as_of
    house.close()


def test_order_of_the_minute_of_a_count_is_taken_for_later_where_its_time_has_no_seconds():
    cells = "注文,2026/01/01 12:00,100,tee,1".encode()
    header = "ショップ受注番号,受注日時,受注進捗コード,商品コード,数量\r\n".encode()
    counted_at = datetime(2026, 1, 1, 3, 0, 30, tzinfo=UTC)
    written_at = counted_at + timedelta(seconds=10)
    for revision, latest in ((written_at, written_at), (None, counted_at.replace(second=59))):
        (order,) = parse_orders("order_utf8.csv", header + cells + b"\r\n", revision, ["900"])
        assert order.ordered_at == latest


def test_orders_are_still_read_after_the_clock_was_wrong_for_a_while(market):
    market.round()
    market.clock.advance(86_400)
    market.round()
    market.clock._start -= timedelta(days=1)  # noqa: SLF001 - time servers do this to real clocks
    market.clock.advance(1)
    market.malls["a"].order({"tee": 2})
    market.clock.advance(60)
    market.round(2)
    assert market.available("tee") == 8


def test_cancellation_is_seen_although_another_line_of_the_order_is_not_mapped(market):
    market.malls["a"].stock["poster"] = 5
    market.round()
    order = market.malls["a"].order({"tee": 2, "poster": 1})
    market.round()
    market.clock.advance(1200)
    market.round()
    market.malls["a"].cancel(order)
    for _ in range(12):
        market.clock.advance(10)
        market.round()
    assert market.everywhere("tee") == 10


def test_orders_that_the_mall_has_forgotten_do_not_keep_others_from_being_read_again(market, monkeypatch):
    monkeypatch.setattr("bot.sync.intake.AGAIN_A_TURN", 2)
    mall = market.malls["a"]
    gone = [mall.order({"mug": 1}) for _ in range(4)]
    market.clock.advance(2)
    kept = mall.order({"tee": 2})
    market.round()
    for order_id in gone:
        del mall._sales[order_id]  # noqa: SLF001
    market.clock.advance(1200)
    market.turn("a")
    mall.cancel(kept)
    for _ in range(8):
        market.clock.advance(10)
        market.turn("a")
    assert market.available("tee") == 10


def test_many_young_orders_leave_room_for_old_ones(market, monkeypatch):
    monkeypatch.setattr("bot.sync.intake.AGAIN_A_TURN", 2)
    mall = market.malls["a"]
    old = mall.order({"tee": 2})
    market.round()
    market.clock.advance(2 * 86_400)
    for _ in range(4):
        mall.order({"mug": 1})
    market.turn("a")
    market.clock.advance(1200)
    market.turn("a", write=False)
    market.clock.advance(2500)
    mall.cancel(old)
    for _ in range(4):
        market.clock.advance(40)  # every young order is due again
        market.turn("a")
    assert market.available("tee") == 10


# ---------------------------------------------------------------------- numbers that are too high


def test_raise_waits_until_orders_that_a_mall_shows_late_are_in(tmp_path):
    market = UnlikeMarket(tmp_path, order_lag_s=1800)
    market.malls["b"].order_lag_s = 1800
    market.round()
    order = market.malls["a"].order({"tee": 5})
    market.round(2)
    market.clock.advance(3600)
    market.round()
    market.malls["b"].order({"tee": 5})  # sold out there, and not shown to us for half an hour
    market.clock.advance(60)
    market.malls["a"].cancel(order)
    market.clock.advance(60)
    market.round(3)
    assert market.malls["b"].stock["tee"] == 0
    market.clock.advance(1800)
    market.round(2)
    market.clock.advance(1800)
    market.round(2)
    assert market.everywhere("tee") == 5
    market.close()


def test_order_before_a_late_file_is_taken_up_makes_the_number_be_written_again(tmp_path):
    market = UnlikeMarket(tmp_path, late_confirm=True, visible_after_s=600)
    mall = market.malls["b"]
    mall.take_up_s = 1500
    market.round()
    for _ in range(4):
        market.clock.advance(600)
        market.round()
    market.malls["a"].order({"tee": 1})
    market.round()  # 9 is on its way to b
    market.clock.advance(900)
    mall.order({"tee": 2})  # the file will overwrite what this took off
    market.round()
    for _ in range(10):
        market.clock.advance(600)
        market.round()
    assert market.everywhere("tee") == 7
    market.close()


def test_raise_that_is_out_of_date_before_its_batch_is_not_written(tmp_path):
    market = UnlikeMarket(tmp_path, write_batch=1)
    market.round(2)
    market.count({"mug": 20, "tee": 30})
    market.turn("b", write=False)
    written = []
    desk = market.desk("b")
    write = desk.adapter.write_stock

    def sell_elsewhere_meanwhile(lines):
        if not written:
            market.malls["a"].stock["tee"] = 100
            market.malls["a"].order({"tee": 29})
            market.turn("a", write=False)
        written.extend((line.mall_code, line.quantity) for line in lines)
        return write(lines)

    desk.adapter.write_stock = sell_elsewhere_meanwhile
    market.engine.write(desk, Report("b"))
    assert ("tee", 30) not in written
    market.round(2)
    assert market.malls["b"].stock["tee"] == 1
    market.close()


# ---------------------------------------------------------------------- numbers that are never written


class Shelf:
    """A shop whose addresses are found by import; ``places`` says where each code lies."""

    def __init__(self, house):
        self.places: dict[str, tuple[Address, ...]] = {code: ((code, "1"),) for code in ("mug", "tee")}
        self.writes = []
        shelf = self

        class Adapter(house.adapter_class):
            def read_products(self):
                return [Product(code, at, code) for code, found in shelf.places.items() for at in found]

            def write_stock(self, lines):
                shelf.writes += [(line.address, line.quantity) for line in lines]
                plain = [dataclasses.replace(line, address=(line.mall_code,)) for line in lines]
                return super().write_stock(plain)

        house.adapter_class = Adapter


@pytest.fixture
def shelf_house(tmp_path):
    house = House(tmp_path, ("a",), address_is_code=False)
    house.shelf = Shelf(house)
    yield house
    house.close()


def test_code_whose_address_appears_while_the_bot_was_down_is_written(shelf_house):
    house = shelf_house
    del house.shelf.places["tee"]
    house.tick()
    house.restart()
    house.shelf.places["tee"] = (("tee", "1"),)
    house.tick()
    house.tick()
    assert (("tee", "1"), 10) in house.shelf.writes


def test_code_that_moved_to_another_address_is_written_there(shelf_house):
    house = shelf_house
    house.tick()
    house.tick()
    house.shelf.places["tee"] = (("new-page", "1"),)
    house.clock.advance(25 * 3600)
    house.tick()
    house.tick()
    assert (("new-page", "1"), 10) in house.shelf.writes


def test_import_that_finds_nothing_new_writes_nothing(shelf_house):
    house = shelf_house
    house.tick()
    house.tick()
    before = len(house.shelf.writes)
    house.clock.advance(25 * 3600)
    house.tick()
    house.tick()
    assert len(house.shelf.writes) == before


def test_product_list_that_cannot_be_read_keeps_no_order_out_and_no_number_back(shelf_house):
    house = shelf_house
    house.tick()
    house.tick()
    house.clock.advance(25 * 3600)
    house.malls["a"].order({"tee": 3})

    def unreadable(_adapter):
        raise UnexpectedReplyError("a product in a form that is not known")

    house.adapter_class.read_products = unreadable
    house.desks.close()
    house.actions.count_stock({"mug": 4}, house.clock.now(), "clerk")
    house.tick()
    assert house.available("tee") == 7
    assert house.shown("mug") == 4
    assert house.open_causes() == ["unexpected_reply"]


def test_old_order_that_cannot_be_read_again_keeps_no_number_back(house):
    house.malls["a"].order({"tee": 1})
    house.tick()
    house.clock.advance(1200)
    house.malls["a"].fail("read_orders_again", UnexpectedReplyError("a state that is not known"), times=99)
    for _ in range(6):
        house.tick("a")
    assert house.open_causes() == ["unexpected_reply"]
    house.malls["b"].order({"mug": 4})
    house.tick("b", "a")
    assert house.shown("mug", "a") == 6


# ---------------------------------------------------------------------- failures that nobody hears of


def test_write_that_is_never_answered_is_told_and_not_repeated_before_the_next_tick(house):
    house.malls["a"].fail("write_stock", OutcomeUnknownError("HTTP 500"), times=999)
    house.malls["b"].order({"tee": 1})
    house.tick("b", "a")
    writes = house.calls("write_stock")
    for _ in range(5):
        house.look("a")
    assert house.calls("write_stock") == writes
    for _ in range(SyncSettings().alert_after):
        house.tick()
    assert house.open_causes() == ["outcome_unknown"]
    house.malls["a"].clear_faults()
    house.tick()
    house.tick()
    assert house.open_causes() == []
    assert house.shown("tee") == 9


def test_worker_lives_on_when_nobody_can_be_told():
    stop, clock = threading.Event(), ManualClock()
    turns = []

    def turn(tick):
        turns.append(tick)
        if len(turns) == 3:
            stop.set()
        raise ValueError("broken")

    def cannot_tell(_name, _error):
        raise OSError("the disk is full")

    worker = Worker("a", turn, lambda: 0.01, clock, stop, cannot_tell)
    worker.run()
    assert len(turns) == 3


def test_worker_does_not_repeat_an_unforeseen_error_before_the_next_tick():
    stop, clock, turns = threading.Event(), ManualClock(), []

    def told(_name, _error):
        if len(turns) >= 4:
            stop.set()
        worker.wake()  # telling is a commit, and a commit wakes everybody

    def turn(tick):
        turns.append(tick)
        raise ValueError("broken")

    worker = Worker("a", turn, lambda: 60, clock, stop, told)
    worker.run()
    assert turns == [True] * 4


def test_end_of_the_bot_is_no_incident(house):
    house.malls["a"].fail("read_orders", Stopped("not sent, the bot is ending"))
    house.tick("a")
    assert house.open_causes() == []


def test_refusal_of_a_code_that_has_left_the_mapping_is_over(house):
    house.malls["a"].refused.add("tee")
    house.malls["b"].order({"tee": 1})
    house.tick("b", "a")
    assert house.open_causes() == ["line_rejected"]
    house.mapping = Mapping(house.mapping.shops, (Goods("mug"),))
    house.tick()
    assert house.open_causes() == []


def test_shop_whose_first_credential_is_on_trial_is_not_called_without_one(tmp_path):
    house = House(tmp_path, keys=False)
    house.malls["a"].key = "another"  # does not live yet
    house.renewals.submit(
        "a", {"key": Secret("100001_new")}, expires_on=None, who="U0ALICE01", now=house.clock.now()
    )
    house.tick("a")
    assert set(house.malls["a"].calls) == {"check"}
    assert house.open_causes() == []
    house.close()


# ---------------------------------------------------------------------- not so yet


def test_cancelled_set_gives_back_what_it_was_made_of_when_it_was_sold(tmp_path):
    market = Market(tmp_path, sets=[("gift", {"tee": 1, "mug": 2})])
    market.round()
    order = market.malls["a"].order({"gift": 1})
    market.round()
    market.mapping = mapping_of(("a", "b"), sets=[("gift", {"tee": 1, "mug": 3})])
    market.malls["a"].cancel(order)
    market.round(2)
    market.close()
    assert (market.available("tee"), market.available("mug")) == (10, 10)


def test_line_that_is_no_longer_in_its_order_is_given_back(market):
    mall = market.malls["a"]
    order_id = mall.order({"tee": 2, "mug": 1})
    market.round()
    order = mall._sales[order_id].order  # noqa: SLF001
    mall._sales[order_id].order = dataclasses.replace(order, lines=order.lines[1:])  # noqa: SLF001
    market.clock.advance(120)
    market.round(3)
    assert market.available("tee") == 10


def test_listing_that_leaves_the_mapping_shows_zero(market):
    market.round()
    market.mapping = dataclasses.replace(market.mapping, products=(Goods("mug"),))
    market.engine.mark_all({name: list(market.mapping.listings(name)) for name in market.malls}, Why.MAPPING)
    market.round(2)
    assert market.shown("tee") == {"a": 0, "b": 0}


def test_refused_number_is_written_once_the_mall_takes_it(house):
    house.malls["a"].refused.add("tee")
    house.malls["b"].order({"tee": 1})
    house.tick("b", "a")
    house.malls["a"].refused.clear()
    for _ in range(120):
        house.tick()
    assert (house.shown("tee", "a"), house.open_causes()) == (9, [])


def test_cancelled_order_of_an_unmapped_code_is_no_longer_told(house):
    house.malls["a"].stock["poster"] = 5
    order = house.malls["a"].order({"poster": 1})
    house.tick()
    assert house.open_causes() == ["unmapped"]
    house.malls["a"].cancel(order)
    for _ in range(10):
        house.tick()
    assert house.open_causes() == []
