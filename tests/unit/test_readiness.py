"""Whether a shop is ready: each condition says what is wrong and what to do."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.contract import Ability
from adapters.errors import AuthError
from bot.answers import Ready, Refused
from bot.mapping.model import OrderSource, Product
from bot.messages import LANGUAGES, knows, say
from tests.unit.house import ADMIN, House

NO_ORDERS = Ability(False, "the mall's orders come as files", "here", "2026-11-21")


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    house.close()


def conditions(house, name="a"):
    """Give name -> (how it stands, key) of a shop, and let every sentence be said."""
    found = next(shop for shop in house.actions.readiness.shops() if shop.shop == name)
    for condition in found.conditions:
        assert all(say(condition.key, language, **condition.params) for language in LANGUAGES)
    return {c.name: (c.ready, c.key.removeprefix("ready.")) for c in found.conditions}


def refusal(work):
    with pytest.raises(Refused) as caught:
        work()
    assert knows(caught.value.key)
    return caught.value


def test_shop_that_works_is_ready(house):  # A1 A2 A3 A4
    house.quiet()
    assert conditions(house) == {
        "orders": (Ready.GOOD, "orders_api"),
        "mapping": (Ready.GOOD, "mapping_good"),
        "products": (Ready.GOOD, "products_fresh"),
        "credentials": (Ready.GOOD, "keys_good"),
    }
    assert all(shop.ready for shop in house.actions.readiness.shops())


def test_archived_shop_is_not_asked_about(house):
    house.archive("a")
    assert [shop.shop for shop in house.actions.readiness.shops()] == ["b"]


# ---------------------------------------------------------------------- 1: orders


def test_shop_whose_orders_nobody_reads_is_not_switched_on(tmp_path):  # A1 C4
    house = House(tmp_path, on=False, orders=NO_ORDERS)
    assert conditions(house)["orders"] == (Ready.BAD, "orders_unable")
    found = refusal(lambda: house.actions.switch(True, None, ADMIN))
    assert (found.key, found.params["shop"]) == ("on_orders_unable", "a")
    assert found.params["reason"] == NO_ORDERS.why
    assert not house.actions.status().on
    for name in "ab":
        house.change_shop(name, orders=OrderSource.NONE, orders_reason="店頭だけで売る")
    assert conditions(house)["orders"] == (Ready.GOOD, "orders_none")
    assert not house.actions.switch(True, None, ADMIN).already
    house.close()


def test_shop_that_was_switched_off_keeps_no_other_from_going_on(tmp_path):  # A1
    house = House(tmp_path, on=False, orders=NO_ORDERS)
    house.change_shop("b", orders=OrderSource.FILE)
    house.actions.switch(False, "a", ADMIN)
    house.actions.switch(True, None, ADMIN)
    assert (house.state("a"), house.state("b")) == ("off", "ok")
    assert refusal(lambda: house.actions.switch(True, "a", ADMIN)).key == "on_orders_unable"
    house.close()


def test_shop_without_its_key_is_not_switched_on(tmp_path):  # A1 A4 C4
    house = House(tmp_path, on=False, keys=False)
    assert conditions(house)["orders"] == (Ready.BAD, "orders_no_keys")
    assert conditions(house)["credentials"] == (Ready.BAD, "keys_not_set")
    assert refusal(lambda: house.actions.switch(True, None, ADMIN)).key == "on_orders_no_keys"
    house.close()


def test_orders_that_arrive_at_an_archived_shop_arrive_nowhere(house):  # A1
    house.change_shop("a", orders=OrderSource.VIA, via="b")
    assert conditions(house)["orders"] == (Ready.GOOD, "orders_via")
    house.archive("b")
    assert conditions(house)["orders"] == (Ready.BAD, "orders_via_archived")
    assert refusal(lambda: house.actions.switch(True, None, ADMIN)).key == "on_orders_via_archived"


def test_switching_off_is_never_refused(tmp_path):
    house = House(tmp_path, orders=NO_ORDERS, keys=False)
    house.actions.switch(False, None, ADMIN)
    assert not house.actions.status().on
    house.close()


# ---------------------------------------------------------------------- 2 and 3: listings


def test_code_that_one_shop_does_not_list_is_named_with_the_shop(house):  # A2
    house.quiet()
    house.mapping = replace(house.mapping, products=(*house.mapping.products, Product("cap")))
    house.malls["b"].stock["cap"] = 0
    house.clock.advance(4_000)
    house.tick("b")
    shop, other = house.actions.readiness.shops()
    found = next(c for c in shop.conditions if c.name == "mapping")
    assert (found.ready, found.params["codes"], found.params["shop"]) == (Ready.BAD, "cap", "a")
    assert (shop.ready, other.ready) == (False, True)


def test_shop_without_a_product_list_is_not_ready(house):  # A3
    found = conditions(house)
    assert found["products"] == (Ready.BAD, "products_none")
    assert found["mapping"] == (Ready.WARNING, "mapping_unknown")


def test_product_list_of_more_than_seven_days_is_a_warning(house):  # A3
    house.quiet()
    house.clock.advance(timedelta(days=6).total_seconds())
    assert conditions(house)["products"] == (Ready.GOOD, "products_good")
    house.clock.advance(timedelta(days=2).total_seconds())
    assert conditions(house)["products"] == (Ready.WARNING, "products_old")
    assert house.actions.readiness.shops()[0].ready


def test_mall_that_is_never_written_needs_no_product_list(tmp_path):
    nothing = Ability(False, "the items are those of another shop", "here", "2026-11-21")
    house = House(tmp_path, writable=nothing, products=nothing)
    found = conditions(house)
    assert (found["mapping"][1], found["products"][1]) == ("mapping_unwritten", "products_unneeded")
    house.close()


# ---------------------------------------------------------------------- 4: credentials


def test_key_that_the_mall_refused_is_named_with_the_reason(house):  # A4
    house.quiet()
    house.malls["a"].fail("read_orders", AuthError("a: the key was refused"))
    house.tick()
    shop = house.actions.readiness.shops()[0]
    found = next(c for c in shop.conditions if c.name == "credentials")
    assert (found.ready, found.key, "refused" in found.params["detail"]) == (
        Ready.BAD,
        "ready.keys_refused",
        True,
    )


def test_check_by_hand_counts_until_the_mall_has_answered_since(house):  # A4 A19
    assert conditions(house)["credentials"] == (Ready.WARNING, "keys_unchecked")
    house.actions.readiness.note_check("a", "")
    assert conditions(house)["credentials"] == (Ready.GOOD, "keys_good")
    house.clock.advance(1)
    house.actions.readiness.note_check("a", "a: 401")
    assert conditions(house)["credentials"] == (Ready.BAD, "keys_refused")
    house.quiet()
    assert conditions(house)["credentials"] == (Ready.GOOD, "keys_good")
