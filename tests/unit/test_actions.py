"""What people may ask of the bot: names as people say them, and answers that are true."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from adapters.errors import TemporaryError
from adapters.secret import Secret
from bot.answers import Refused
from bot.mapping.model import Axis, Mapping, Product, Role, Shop, Team
from bot.messages import knows
from bot.store.database import reading
from bot.store.schema import audit, pauses
from tests.unit.house import ADMIN, House

BOB = "U0BOB0001"


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    house.close()


def refusal(work):
    with pytest.raises(Refused) as caught:
        work()
    assert knows(caught.value.key)
    return caught.value


# ---------------------------------------------------------------------- names


@pytest.fixture
def malls(house):
    """A merchant on 楽天 and RoomClip, with a product of two axes."""
    shops = {
        "rakuten-main": Shop("rakuten-main", "rakuten"),
        "roomclip-main": Shop("roomclip-main", "roomclip"),
    }
    axes = (Axis("色", ("red", "blue")), Axis("サイズ", ("s", "m")))
    house.mapping = Mapping(shops, (Product("tee", "ロゴTシャツ", axes), Product("mug")))
    return house


TARGETS = {
    "rakuten-main": "rakuten-main",
    "rakuten": "rakuten-main",
    "楽天": "rakuten-main",
    "楽天市場": "rakuten-main",
    "Rakuten": "rakuten-main",
    "RoomClip": "roomclip-main",
    "roomclip": "roomclip-main",
    "RoomClipショッピング": "roomclip-main",
    "all": "all",
    "全部": "all",
    "すべて": "all",
    "tee-red-m": "tee-red-m",
    "mug": "mug",
    "tee": "tee",  # the product: its codes are paused together
    "MUG": None,  # every letter of a code counts
    "楽": None,
    "": None,
    "yahoo": None,
}


def test_target_goes_by_the_names_people_use(malls):  # A6 A10
    assert {text: malls.actions.resolve_target(text) for text in TARGETS} == TARGETS


def test_malls_name_is_no_shop_where_there_are_two(malls):  # A29
    shops = {**malls.mapping.shops, "rakuten-sub": Shop("rakuten-sub", "rakuten")}
    malls.mapping = replace(malls.mapping, shops=shops)
    assert malls.actions.resolve_target("楽天") is None
    assert malls.actions.resolve_target("rakuten-sub") == "rakuten-sub"


def test_near_codes_are_offered_and_no_more_than_asked_for(malls):
    assert malls.actions.nearest_codes("TEE-RED", 2) == ["tee-red-s", "tee-red-m"]
    assert "mug" in malls.actions.nearest_codes("mag")
    assert malls.actions.nearest_codes("zzzzzz") == []
    assert malls.actions.nearest_codes("") == []


def test_role_is_what_the_team_file_says(house):  # E8
    in_force = house.actions._in_force()
    team = Team(users={ADMIN: Role.ADMIN}, channels={"ops": "C0ZAIKO01"}, language="en")
    house.actions._in_force = lambda: replace(in_force, team=team)
    assert (house.actions.role_of(ADMIN), house.actions.role_of("U0GUEST01")) == (Role.ADMIN, Role.READER)
    assert (house.actions.language(), house.actions.ops_channel()) == ("en", "C0ZAIKO01")


# ---------------------------------------------------------------------- switching


def test_nobody_has_switched_on_a_fresh_install(tmp_path):  # A5
    house = House(tmp_path, on=False)
    status = house.actions.status()
    assert (status.on, [shop.on for shop in status.shops]) == (False, [False, False])
    assert {shop.state.value for shop in status.shops} == {"off"}
    house.close()


def test_switch_keeps_who_turned_it_and_when(house):  # A5
    at = house.clock.now()
    assert not house.actions.switch(False, None, BOB).already
    house.clock.advance(60)
    again = house.actions.switch(False, None, ADMIN)
    assert (again.already, again.by, again.at) == (True, BOB, at)


def test_shop_alone_does_not_go_on_while_the_whole_is_off(house):
    house.actions.switch(False, None, ADMIN)
    house.actions.switch(True, "a", ADMIN)
    assert house.state() == "off"
    house.actions.switch(True, None, ADMIN)
    assert house.state() == "ok"


def test_shop_switched_off_stays_off_when_the_whole_goes_on_again(house):
    house.actions.switch(False, "a", ADMIN)
    house.actions.switch(False, None, ADMIN)
    house.actions.switch(True, None, ADMIN)
    assert (house.state("a"), house.state("b")) == ("off", "ok")


def test_switching_on_lets_every_code_be_looked_at_again(house):
    house.tick()
    house.tick()
    house.actions.switch(False, None, ADMIN)
    house.woken.clear()
    house.actions.switch(True, None, ADMIN)
    assert (house.waiting("a"), house.waiting("b")) == (["mug", "tee"], ["mug", "tee"])
    assert set(house.woken) == {"a", "b"}


# ---------------------------------------------------------------------- pausing


def test_pause_has_a_reason_an_owner_and_an_end(house):  # D9
    until = house.clock.now() + timedelta(hours=2)
    house.actions.pause("a", until, "棚卸", BOB)
    (shop, other) = house.actions.status().shops
    (pause,) = shop.pauses
    assert (pause.target, pause.reason, pause.who, pause.until) == ("a", "棚卸", BOB, until)
    assert other.pauses == ()


def test_second_pause_stands_in_the_place_of_the_first_and_names_its_owner(house):
    house.actions.pause("a", None, "", BOB)
    until = house.clock.now() + timedelta(hours=1)
    changed = house.actions.pause("a", until, "", ADMIN)
    assert (changed.already, changed.by, changed.until) == (True, BOB, until)
    assert len(house.actions.status().shops[0].pauses) == 1
    house.clock.advance(3601)
    assert house.state() == "ok"


def test_pause_of_everything_and_of_a_shop_end_each_for_itself(house):  # D9
    house.actions.pause("all", None, "", BOB)
    house.actions.pause("a", None, "", BOB)
    house.actions.resume("all", ADMIN)
    assert (house.state("a"), house.state("b")) == ("paused", "ok")


def test_pause_into_the_past_is_refused(house):
    refused = refusal(lambda: house.actions.pause("a", house.clock.now(), "", BOB))
    assert (refused.key, house.state()) == ("pause_past", "ok")


def test_resuming_what_is_not_paused_is_said(house):
    assert house.actions.resume("a", BOB).already
    house.actions.pause("a", None, "", BOB)
    assert not house.actions.resume("a", BOB).already


def test_end_of_a_pause_keeps_who_ended_it(house):
    house.actions.pause("a", None, "", BOB)
    house.clock.advance(60)
    house.actions.resume("a", ADMIN)
    with reading(house.engine) as connection:
        (row,) = connection.execute(select(pauses))
    assert (row.who, row.ended_by, row.ended_at) == (BOB, ADMIN, house.clock.now())


# ---------------------------------------------------------------------- counting


def test_count_is_entered_and_gives_what_it_changed(house):  # E3
    assert house.actions.count_stock({"tee": 4, "mug": 10}, house.clock.now(), BOB) == {"tee": -6, "mug": 0}
    assert house.available() == 4
    assert {"a", "b"} <= set(house.woken)


def test_order_after_the_count_is_taken_off_and_one_before_is_not(house):  # E3
    house.tick()
    counted_at = house.clock.now()
    house.clock.advance(60)
    house.malls["a"].order({"tee": 1})
    house.tick()
    house.actions.count_stock({"tee": 8}, counted_at, BOB)
    assert house.available() == 7


def test_count_with_an_unknown_code_enters_nothing_and_offers_near_ones(house):
    refused = refusal(lambda: house.actions.count_stock({"mug": 1, "te": 5}, house.clock.now(), BOB))
    assert (refused.key, refused.params) == ("unknown_code", {"code": "te", "near": "tee"})
    assert house.available("mug") == 10


def test_set_is_not_counted(house):  # E2
    gift = Product("gift", parts={"tee": 1, "mug": 2})
    house.mapping = replace(house.mapping, products=(*house.mapping.products, gift))
    assert (
        refusal(lambda: house.actions.count_stock({"gift": 1}, house.clock.now(), BOB)).key == "count_of_set"
    )


def test_count_dated_in_the_future_is_refused(house):
    """It would pass for counted what is sold until then, and sell it twice."""
    later = house.clock.now() + timedelta(days=1)
    assert refusal(lambda: house.actions.count_stock({"tee": 1}, later, BOB)).key == "count_future"
    assert house.available() == 10


# ---------------------------------------------------------------------- answers


def test_lookup_says_what_there_is_and_what_each_shop_shows_and_when(house):  # A7 D10
    house.tick()
    written_at = house.clock.now()
    house.clock.advance(100)
    house.malls["a"].order({"tee": 2})
    house.tick()
    found = house.actions.lookup("tee")
    assert (found.available, found.on_hand, found.reserved) == (8, 8, 0)
    a, b = found.shops
    assert (a.code_field, a.mall_code) == ("コード", "tee")
    assert (a.shown, a.target, a.shown_at, a.last_outcome) == (8, 8, written_at, "done")
    assert (b.shown, b.target, b.last_written) == (8, 8, 8)


def test_lookup_of_a_set_gives_the_fewest_that_can_be_built(house):  # E2
    gift = Product("gift", parts={"tee": 1, "mug": 3})
    house.mapping = replace(house.mapping, products=(*house.mapping.products, gift))
    assert house.actions.lookup("gift").available == 3


def test_lookup_of_an_unknown_code_is_none(house):
    assert house.actions.lookup("cap") is None


def test_lookup_gives_no_target_where_nothing_may_be_written(house):
    house.tick()
    house.actions.pause("a", None, "", BOB)
    house.actions.pause("mug", None, "", BOB)
    tee, mug = house.actions.lookup("tee"), house.actions.lookup("mug")
    assert [level.target for level in tee.shops] == [None, 10]
    assert [level.target for level in mug.shops] == [None, None]


def test_lookup_leaves_out_a_shop_that_does_not_list_the_code(house):
    house.mapping = replace(house.mapping, products=(Product("tee", listings={"a": None}),))
    assert [level.shop for level in house.actions.lookup("tee").shops] == ["b"]


def test_status_says_why_a_shop_fails(house):
    house.tick()
    house.malls["a"].fail("read_orders", TemporaryError("a: closed for a moment"))
    house.tick()
    shop = house.actions.status().shops[0]
    assert (shop.state.value, shop.cause, shop.detail) == ("failing", "temporary", "a: closed for a moment")


def test_status_says_of_each_credential_whether_it_is_set(house):
    house.vault.put("b", {"key": Secret("")})
    views = [shop.credentials[0].state for shop in house.actions.status().shops]
    assert views == ["ok", "not_set"]


def test_status_counts_what_waits(house):
    house.tick()
    house.tick()
    house.actions.pause("a", None, "", BOB)
    house.actions.count_stock({"tee": 3}, house.clock.now(), BOB)
    house.tick()
    assert [shop.waiting for shop in house.actions.status().shops] == [1, 0]


def test_form_of_a_kind_that_the_mall_does_not_have_is_refused_with_those_it_has(house):  # A23
    refused = refusal(lambda: house.actions.renewal_form("a", "ftp"))
    assert (refused.key, refused.params["kinds"]) == ("renew_no_such_kind", "key")


def test_what_people_asked_for_is_kept(house):  # E7
    house.actions.audit(BOB, "pause", {"target": "a"}, "done")
    with reading(house.engine) as connection:
        (row,) = connection.execute(select(audit))
    kept = (row.who, row.action, row.arguments, row.result, row.at)
    assert kept == (BOB, "pause", {"target": "a"}, "done", house.clock.now())
