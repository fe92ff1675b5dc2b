"""A turn of one shop: what may be read, what may be written, and what people hear of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters import registry
from adapters.errors import (
    AuthError,
    MaintenanceError,
    NotSentError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.memory import Lost
from adapters.secret import Secret
from bot.config import ShopConfig, SyncSettings
from bot.mapping.model import Mapping, Product, ShopStatus
from bot.store import switches
from bot.store.database import reading
from tests.unit.house import ADMIN, TICK_S, House

DAY_S = 86_400
STOPS = {
    "off": lambda house: house.actions.switch(False, None, ADMIN),
    "off here": lambda house: house.actions.switch(False, "a", ADMIN),
    "paused": lambda house: house.actions.pause("a", None, "sale", ADMIN),
    "all paused": lambda house: house.actions.pause("all", None, "sale", ADMIN),
}


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    house.close()


# ---------------------------------------------------------------------- what may be written


def test_fresh_install_takes_orders_in_and_writes_nothing(tmp_path):  # A5
    house = House(tmp_path, on=False)
    house.malls["a"].order({"tee": 3})
    house.tick()
    house.look()
    assert house.available() == 7
    assert (house.calls("write_stock", "a"), house.calls("write_stock", "b")) == (0, 0)
    assert house.state() == "off"
    house.actions.switch(True, None, ADMIN)
    house.tick()
    assert house.shown(name="b") == 7
    house.close()


@pytest.mark.parametrize("stop", STOPS.values(), ids=STOPS.keys())
def test_stopped_shop_is_not_written_while_its_orders_are_still_taken_in(house, stop):  # B21 A5
    house.quiet()
    stop(house)
    writes = house.calls("write_stock")
    house.malls["b"].order({"mug": 2})
    house.malls["a"].order({"tee": 3})
    for _ in range(3):
        house.tick()
        house.look()
    assert (house.available("tee"), house.available("mug")) == (7, 8)
    assert house.calls("write_stock") == writes


def test_number_goes_out_once_after_a_pause(house):  # B21
    house.quiet()
    house.actions.pause("a", None, "", ADMIN)
    for _ in range(3):
        house.malls["b"].order({"tee": 1})
        house.tick()
    writes = house.calls("write_stock")
    house.actions.resume("a", ADMIN)
    house.look()
    house.tick()
    assert (house.shown(), house.calls("write_stock")) == (7, writes + 1)


def test_paused_code_waits_and_the_others_go_out(house):  # B13
    house.quiet()
    house.actions.pause("tee", None, "", ADMIN)
    house.malls["b"].order({"tee": 1, "mug": 1})
    house.tick("b")
    house.look("a")
    assert (house.shown("tee"), house.shown("mug")) == (10, 9)


def test_one_paused_shop_leaves_the_others_in_step(house):  # A29
    house.quiet()
    house.actions.pause("a", None, "", ADMIN)
    house.malls["a"].order({"tee": 4})
    house.tick()
    assert house.shown(name="b") == 6


def test_pause_ends_a_long_write_at_the_next_batch(tmp_path):
    house = House(tmp_path, write_batch=1)
    adapter = house.adapter_class
    write = adapter.write_stock

    def write_and_be_paused(self, lines):
        house.actions.pause("a", None, "", ADMIN)
        return write(self, lines)

    adapter.write_stock = write_and_be_paused
    house.tick("a")
    assert house.calls("write_stock") == 1
    assert len(house.waiting()) == 1
    house.close()


def test_pause_that_ran_out_is_recorded_and_told_once(house):  # D9
    house.quiet()
    house.actions.pause("a", house.clock.now().replace(minute=30), "lunch", ADMIN)
    house.malls["b"].order({"tee": 1})
    house.tick()
    assert house.shown() == 10
    house.clock.advance(3600)
    house.tick()
    house.tick()
    house.restart()
    house.tick()
    told = [said for said in house.said if said[0] != "outage_over"]  # an hour went by without a turn
    assert told == [("pause_over", {"target": "a", "who": ADMIN})]
    assert house.shown() == 9


def test_end_of_a_pause_is_told_by_one_worker_only(house):
    """Every shop's worker looks for pauses that ran out; the one that records the end tells it."""
    house.actions.pause("all", house.clock.now() + timedelta(minutes=1), "", ADMIN)
    house.clock.advance(61)
    with reading(house.engine) as connection:
        (pause,) = switches.pauses_run_out(connection, house.clock.now())
    with house.engine.begin() as connection:
        ends = [switches.end_pause(connection, pause.pause_id, house.clock.now()) for _ in range(2)]
    assert ends == [True, False]


def test_writes_keep_their_distance_where_the_mall_wants_it(tmp_path):
    house = House(tmp_path, shop=ShopConfig(min_write_interval_s=10))
    house.quiet()
    house.malls["b"].order({"tee": 1})
    house.tick("b")
    house.look("a")
    writes = house.calls("write_stock")
    house.malls["b"].order({"tee": 1})
    house.tick("b")
    house.turns.turn("a", tick=False)
    assert house.calls("write_stock") == writes + 1  # a tick lay in between
    house.malls["b"].order({"tee": 1})
    house.turns.turn("b", tick=True)
    rest = house.look("a", 4)
    assert (rest, house.calls("write_stock")) == (6, writes + 1)
    house.look("a", rest)
    assert (house.shown(), house.calls("write_stock")) == (7, writes + 2)
    house.close()


# ---------------------------------------------------------------------- what may be called


def test_archived_shop_is_never_called(house):  # A27
    house.archive("a")
    house.tick()
    assert (house.state(), house.calls()) == ("archived", 0)
    assert house.shown(name="b") == 10


def test_nothing_is_said_to_wait_for_an_archived_shop(house):  # A27
    house.tick()
    house.malls["b"].order({"tee": 1})
    house.tick("b")
    assert house.waiting("a") == ["tee"]
    house.archive("a")
    [of_a] = [level for level in house.actions.lookup("tee").shops if level.shop == "a"]
    assert (of_a.waiting, of_a.note, of_a.target) == (False, "", None)
    assert [shop.waiting for shop in house.actions.status().shops if shop.shop == "a"] == [0]


def test_the_number_of_a_request_makes_no_new_line_of_what_went_wrong(house):  # B22
    for detail in ("503 (request 00f1-22aa)", "503 (request 11f1-99bb)", "500 (request 22f1-33cc)"):
        house.incidents.raise_("a", "failing", {"detail": detail}, house.clock.now(), "warning")
    [incident] = [found for found in house.incidents.open() if found.cause == "failing"]
    assert [detail for _, detail in incident.logged] == ["503 (request 00f1-22aa)", "500 (request 22f1-33cc)"]


def test_shop_without_its_credential_is_never_called(tmp_path):  # B1
    house = House(tmp_path, keys=False)
    house.tick()
    house.look()
    assert (house.state(), house.calls(), house.built) == ("not_set", 0, [])
    house.close()


def test_first_credential_on_trial_lets_no_call_out_without_it(tmp_path):
    """While the first key is tried there is no old one: nothing but the trial itself may go out."""
    house = House(tmp_path, keys=False)
    house.malls["a"].key = "not-yet"
    house.actions.renew("a", "key", {"key": Secret("100001_first")}, None, ADMIN)
    house.tick("a")
    house.tick("a")
    assert set(house.malls["a"].calls) == {"check"}
    assert house.open_causes() == []
    house.malls["a"].key = "100001_first"
    house.tick("a")
    assert house.calls("read_orders") == 1
    house.close()


def test_refused_credential_blocks_that_shop_alone(house):  # A25 C11
    house.quiet()
    house.malls["a"].key = "100001_changed-at-the-mall"
    house.tick()
    calls = house.calls()
    house.malls["b"].order({"tee": 2})
    for _ in range(5):
        house.tick()
        house.look()
    assert (house.state(), house.calls()) == ("blocked", calls)
    assert house.open_causes() == ["auth"]
    assert house.told("auth") == [(1, True)]
    assert house.record().state == "failed"
    assert (house.state("b"), house.available()) == ("ok", 8)


def test_block_survives_a_restart(house):  # A21
    house.malls["a"].key = ""
    house.tick("a")
    calls = house.calls()
    house.restart()
    house.tick("a")
    assert (house.state(), house.calls()) == ("blocked", calls)


def test_every_state_of_a_shop_is_reached_and_outlives_a_restart(house):  # A21
    steps = (
        ("ok", lambda: house.tick()),
        ("failing", lambda: (house.malls["a"].fail("read_orders", TemporaryError("no")), house.tick("a"))),
        ("ok", lambda: house.tick("a")),
        ("paused", lambda: house.actions.pause("a", None, "", ADMIN)),
        ("ok", lambda: house.actions.resume("a", ADMIN)),
        ("off", lambda: house.actions.switch(False, "a", ADMIN)),
        ("ok", lambda: house.actions.switch(True, "a", ADMIN)),
        ("blocked", lambda: (setattr(house.malls["a"], "key", "100001_new"), house.tick("a"))),
        ("pending", lambda: house.actions.renew("a", "key", {"key": Secret("100001_new")}, None, ADMIN)),
        ("ok", lambda: house.tick("a")),
        ("archived", lambda: house.archive("a")),
    )
    for wanted, step in steps:
        step()
        assert house.state() == wanted
        house.restart()
        assert house.state() == wanted
    house.change_shop("a", status=ShopStatus.ACTIVE)
    (house.folder / "vault").unlink()
    assert house.state() == "not_set"


# ---------------------------------------------------------------------- failures


@pytest.mark.parametrize("error", [TemporaryError("try later"), NotSentError("no connection")])
def test_failure_that_passes_by_itself_is_told_only_when_it_lasts(house, error):  # B22
    house.quiet()
    for turns in (1, 2):
        house.malls["a"].fail("read_orders", error, times=turns)
        for _ in range(turns):
            house.tick()
        assert house.state() == "failing"
        house.tick()
        assert (house.state(), house.told(error.cause)) == ("ok", [])
    house.malls["a"].fail("read_orders", error, times=5)
    for _ in range(5):
        house.tick()
    assert house.told(error.cause) == [(1, True)]
    house.tick()
    assert house.told(error.cause) == [(1, False)]


@pytest.mark.parametrize("error", [MaintenanceError("closed"), UnexpectedReplyError("not JSON")])
def test_failure_that_does_not_pass_unseen_is_told_at_once_and_once(house, error):  # C11
    house.quiet()
    house.malls["a"].fail("read_orders", error, times=4)
    for _ in range(4):
        house.tick()
    assert house.told(error.cause) == [(1, True)]
    house.tick()
    assert (house.told(error.cause), house.open_causes()) == ([(1, False)], [])


def test_quota_is_waited_out_and_nobody_is_troubled(house):
    house.quiet()
    house.malls["a"].fail("read_orders", RateLimitedError("slow down", retry_after_s=150))
    house.tick("a")
    calls = house.calls()
    house.tick("a")
    house.tick("a")
    assert house.calls() == calls
    house.tick("a")
    assert house.calls() > calls
    assert house.told("rate_limited") == []


def test_quota_that_never_lets_go_is_told(tmp_path):
    house = House(tmp_path, settings=SyncSettings(alert_after=1))
    house.quiet().malls["a"].fail("read_orders", RateLimitedError("slow down"), times=10)
    for _ in range(9):
        house.tick("a")
    assert house.open_causes() == []
    house.tick("a")
    assert house.open_causes() == ["rate_limited"]
    house.close()


def test_failing_turn_is_not_repeated_before_the_next_tick(house):
    house.quiet().malls["a"].fail("write_stock", TemporaryError("busy"))
    house.malls["b"].order({"tee": 1})
    house.tick("b", "a")
    calls = house.calls()
    for _ in range(5):
        house.look()
    assert house.calls() == calls
    house.tick()
    assert house.shown() == 9


def test_since_when_a_shop_fails_is_kept(house):
    house.quiet()
    house.malls["a"].fail("read_orders", MaintenanceError("closed"), times=9)
    house.tick("a")
    since = house.clock.now()
    house.tick("a")
    house.restart()
    house.tick("a")
    (shop, _) = house.actions.status().shops
    assert (shop.since, shop.cause, shop.detail) == (since, "maintenance", "closed")


def test_shop_that_left_the_mapping_is_left_alone(house):
    house.mapping = Mapping({"b": house.mapping.shop("b")}, house.mapping.products)
    house.tick()
    assert house.calls() == 0


# ---------------------------------------------------------------------- lines that stand out


def test_refused_line_is_told_and_recovers_when_it_is_written(house):  # C11 B22
    house.malls["a"].refused.add("tee")
    house.tick()
    house.tick()
    assert house.told("line_rejected") == [(1, True)]
    (incident,) = house.incidents.open()
    assert incident.params["lines"].startswith("tee: ")
    assert house.shown("mug") == 10
    house.malls["a"].refused.clear()
    house.malls["b"].order({"tee": 1})
    house.tick("b", "a")
    assert (house.shown(), house.open_causes()) == (9, [])


def test_refused_line_that_leaves_the_mapping_recovers(house):
    house.malls["a"].refused.add("tee")
    house.tick("a")
    house.mapping = replace(house.mapping, products=(Product("mug"),))
    house.tick("a")
    assert house.open_causes() == []


def test_order_of_an_unmapped_code_is_told_once_and_counted_when_it_is_mapped(house):
    known = house.quiet().mapping
    house.mapping = replace(known, products=(Product("mug"),))
    house.malls["a"].order({"tee": 2})
    house.tick()
    house.tick()
    assert (house.told("unmapped"), house.unmapped()) == ([(1, True)], ["tee"])
    house.mapping = known
    house.tick()
    assert (house.available(), house.told("unmapped"), house.open_causes()) == (8, [(1, False)], [])


def test_missing_listing_is_told_only_after_the_grace_of_a_new_one(tmp_path):  # A2 B12
    house = House(tmp_path, address_is_code=False)
    del house.malls["a"].stock["tee"]
    house.tick("a")
    house.clock.advance(23 * 3600)
    house.restart()
    house.tick("a")
    assert house.open_causes() == []
    house.clock.advance(2 * 3600)
    house.tick("a")
    assert house.told("unlisted") == [(1, True)]
    house.malls["a"].stock["tee"] = 0
    house.clock.advance(3601)
    house.tick("a")
    assert (house.shown(), house.told("unlisted")) == (10, [(1, False)])
    house.close()


def test_missing_listing_is_told_with_the_screen_where_its_code_is_set(tmp_path):  # A13
    yahoo = registry.abilities("yahoo")
    house = House(tmp_path, address_is_code=False, code_field=yahoo.code_field, code_screen=yahoo.code_screen)
    del house.malls["a"].stock["tee"]
    house.tick("a")
    house.clock.advance(25 * 3600)
    house.tick("a")
    told = next(item for item in house.incidents.open() if item.cause == "unlisted")
    assert told.params["lines"].startswith("tee — ")
    assert "個別商品コード" in told.params["lines"]
    assert "ストアクリエイターPro" in told.params["lines"]
    house.close()


def test_listing_made_while_the_bot_was_down_is_written(tmp_path):
    house = House(tmp_path, address_is_code=False)
    del house.malls["a"].stock["tee"]
    house.tick("a")
    house.malls["a"].stock["tee"] = 99
    house.restart()
    house.tick("a")
    assert house.shown() == 10
    house.close()


def test_code_on_two_listings_of_one_shop_is_told_and_not_written(tmp_path):
    house = House(tmp_path, address_is_code=False)
    house.malls["a"].stock |= {f"other-{n}": 0 for n in range(5)}  # one of three less would be asked about
    read_products = house.adapter_class.read_products

    def read_twice(self):
        found = read_products(self)
        return [*found, replace(found[1], address=("tee", "again"))]

    house.adapter_class.read_products = read_twice
    house.malls["a"].stock["tee"] = 99
    house.tick("a")
    house.clock.advance(2 * DAY_S)
    house.tick("a")
    assert (house.shown(), house.open_causes()) == (99, ["unlisted"])
    house.adapter_class.read_products = read_products
    house.clock.advance(3601)
    house.tick("a")
    assert (house.shown(), house.open_causes()) == (10, [])
    house.close()


def test_file_that_the_mall_does_not_take_is_told(tmp_path):
    house = House(tmp_path, late_confirm=True)
    house.malls["a"].take_up_s = 3600
    for _ in range(15):
        house.tick("a")
    assert house.told("overdue") == []
    house.tick("a")
    house.tick("a")
    assert house.told("overdue") == [(1, True)]
    house.clock.advance(3600)
    house.tick("a")
    house.tick("a")
    assert house.told("overdue") == [(1, False)]
    house.close()


def test_orders_are_in_and_numbers_out_though_the_product_list_cannot_be_read(house):
    house.quiet()
    house.clock.advance(DAY_S)
    house.malls["a"].fail("read_products", UnexpectedReplyError("cut in the middle"), times=9)
    house.malls["a"].order({"tee": 1})
    house.malls["b"].order({"mug": 1})
    house.tick("b", "a")
    house.tick("b", "a")
    assert (house.available("tee"), house.shown("mug", "a"), house.shown("tee", "b")) == (9, 9, 9)
    assert (house.state(), house.open_causes()) == ("failing", ["unexpected_reply"])


def test_write_that_gets_no_answer_is_told_only_when_it_lasts(house):
    house.quiet().malls["a"].lose_answer("write_stock", Lost.BEFORE, times=9)
    house.malls["b"].order({"tee": 1})
    house.tick("b", "a")
    house.tick("a")
    assert house.open_causes() == []
    house.tick("a")
    assert house.open_causes() == ["outcome_unknown"]
    house.malls["a"].clear_faults()
    house.tick("a")
    assert (house.shown(), house.open_causes()) == (9, [])


# ---------------------------------------------------------------------- once in a while


def test_product_list_is_read_once_a_day(house):  # A15
    house.quiet()
    assert house.calls("read_products") == 1
    house.clock.advance(DAY_S)
    house.tick()
    house.tick()
    assert house.calls("read_products") == 2


def test_expiry_is_asked_at_the_start_and_when_the_calendar_says_so(house):
    house.quiet()
    assert house.calls("credential_status") == 1
    assert house.record().state == "ok"
    house.turns.ask_for_expiries()
    house.tick()
    house.tick()
    assert house.calls("credential_status") == 2


def test_auth_error_in_a_write_blocks_as_well(house):
    house.quiet().malls["a"].fail("write_stock", AuthError("write: refused"))
    house.malls["b"].order({"tee": 1})
    house.tick("b")
    house.look("a")
    assert (house.state(), house.open_causes()) == ("blocked", ["auth"])


def test_tick_is_what_the_settings_say(house):
    assert house.desks.poll_interval_s(house.mapping.shop("a")) == TICK_S
