"""Why a shop does not show what it should: each cause in turn is the one that is named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from adapters.contract import Ability
from adapters.errors import TemporaryError
from adapters.memory import Lost
from bot.answers import PauseView, Refused
from bot.lines import reason_lines
from bot.mapping.model import Axis, Product
from bot.messages import LANGUAGES, knows, say
from bot.store import switches
from bot.why import Facts, Step, explain
from tests.unit.house import ADMIN, House

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


def pause(target, who="U0BOB0001", until=None):
    return PauseView(target, "棚卸", who, NOW, until)


# In the order of the walk: each row adds what is wrong to a listing that has all the later troubles too.
CAUSES = [
    ("all_off", {"all_on": False}),
    ("archived", {"archived": True}),
    ("shop_off", {"shop_on": False}),
    ("paused_all", {"pauses": (pause("all"), pause("tee"))}),
    ("paused_shop", {"pauses": (pause("tee-s"), pause("a"))}),
    ("paused_product", {"pauses": (pause("tee-s"), pause("tee"))}),
    ("paused_code", {"pauses": (pause("a/tee-s"), pause("tee-s"))}),
    ("paused_listing", {"pauses": (pause("a/tee-s", "tanaban"),)}),
    ("maintenance", {"pauses": (pause("a", "team.yaml", NOW + timedelta(hours=1)),)}),
    ("not_set", {"missing": ("key",)}),
    ("refused_key", {"blocked": True, "detail": "401"}),
    ("mall_closed", {"failing": "maintenance", "detail": "503"}),
    ("failing", {"failing": "temporary", "detail": "503"}),
    ("unwritable", {"unwritable": "there is no such call"}),
    ("unlinked", {"linked": False}),
    ("uncounted", {"counted": False}),
    ("no_list", {"list_read": False, "places": 0}),
    ("unlisted", {"places": 0}),
    ("double", {"places": 2}),
    ("not_on_sale", {"on_sale": False}),
    ("held", {"hold": "0123abcd"}),
    ("drift", {"drift": (9, 3)}),
    ("unwritten", {"written": None, "outcome": "", "waiting": False}),
    ("refused_line", {"outcome": "refused", "error": "no such item"}),
    ("unknown", {"outcome": "unknown"}),
    ("on_its_way", {"outcome": "sent"}),
    ("at_risk", {"blind": "b"}),
    ("waits_orders", {"waits": "orders"}),
    ("waits_others", {"waits": "others"}),
    ("rests", {"waiting": True, "rest_until": NOW}),
    ("queued", {"waiting": True, "target": 5}),
]
GOOD = Facts("tee-s", "a", "tee", written=3, sent_at=NOW, outcome="done", shown=3, target=3)


@pytest.mark.parametrize("place", range(len(CAUSES)), ids=[key for key, _ in CAUSES])
def test_each_cause_in_turn_is_the_one_named(place):  # C16 D11
    key, wrong = CAUSES[place]
    facts = GOOD
    for _, later in reversed(CAUSES[place:]):
        facts = replace(facts, **later)
    assert explain(replace(GOOD, **wrong)).found.key == key
    if key not in ("unwritten",):  # what was never written has no answer that could be wrong
        assert explain(facts).found.key == key


@pytest.mark.parametrize("key", [key for key, _ in CAUSES] + ["fine", "fine_few", "on_trial"])
def test_every_cause_has_its_sentence_and_its_next_step(key):  # C9
    assert knows(f"reason.{key}")
    assert knows(f"reason.{key}.next")


def test_nothing_wrong_is_said_too():
    found = explain(GOOD)
    assert (found.failed, found.found.key) == (None, "fine")
    assert list(found.passed) == list(Step)
    assert explain(replace(GOOD, few=True)).found.key == "fine_few"


def test_new_credential_that_is_being_tried_is_no_fault_while_the_old_one_serves():
    assert explain(replace(GOOD, on_trial=True)).found.key == "fine"
    assert explain(replace(GOOD, on_trial=True, blocked=True)).found.key == "on_trial"


# ---------------------------------------------------------------------- from the books


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    house.close()


def _said(language, key, **params):
    return say(key, language, **{"command": "/zaiko", **params})


def key_of(house, code="tee", shop="a"):
    """Give what is named, and let every sentence of it be said."""
    reason = house.actions.inquiries.why(code, shop)
    for language in LANGUAGES:
        assert all(reason_lines(reason, partial(_said, language)))
    return reason.found.key


def test_shop_in_order_has_nothing_wrong(house):
    house.quiet()
    assert key_of(house) == "fine"


def test_switches_and_pauses_are_found_in_the_books(house):  # C16
    house.quiet()
    house.actions.pause("tee", None, "棚卸", ADMIN)
    assert key_of(house) == "paused_code"
    house.actions.pause("a", None, "棚卸", ADMIN)
    assert key_of(house) == "paused_shop"
    house.actions.pause("all", None, "棚卸", ADMIN)
    assert key_of(house) == "paused_all"
    house.actions.switch(False, "a", ADMIN)
    assert key_of(house) == "shop_off"
    assert key_of(house, shop="b") == "paused_all"
    house.actions.switch(False, None, ADMIN)
    assert key_of(house) == "all_off"


def test_pause_of_a_product_and_of_one_listing_are_told_apart(house):
    axes = (Axis("size", ("s", "m")),)
    house.mapping = replace(house.mapping, products=(*house.mapping.products, Product("cap", axes=axes)))
    house.actions.pause("cap", None, "", ADMIN)
    assert key_of(house, "cap-s") == "paused_product"
    house.actions.resume("cap", ADMIN)
    house.actions.pause(switches.listing_target("a", "cap-s"), None, "", ADMIN)
    assert key_of(house, "cap-s") == "paused_listing"
    assert key_of(house, "cap-s", "b") != "paused_listing"


def test_refused_credential_and_failing_mall_are_found(house):
    house.quiet()
    house.malls["b"].fail("read_orders", TemporaryError("503"))
    house.tick("b")
    assert key_of(house, shop="b") == "failing"
    house.malls["a"].key = "100001_another"
    house.tick("a")
    assert key_of(house) == "refused_key"


def test_credential_that_was_never_set_is_found(tmp_path):
    house = House(tmp_path, keys=False)
    assert key_of(house) == "not_set"
    house.close()


def test_code_that_is_not_linked_counted_or_written_to_is_found(tmp_path):  # B10
    house = House(tmp_path)
    products = (Product("mug", listings={"a": None}), Product("tee"), Product("hat"))
    house.mapping = replace(house.mapping, products=products)
    assert key_of(house, "mug") == "unlinked"
    assert key_of(house, "hat") == "uncounted"
    with pytest.raises(Refused):
        house.actions.inquiries.why("nothing", "a")
    house.close()
    why = Ability(False, "there is no such call", "here", "2026-11-21")
    (tmp_path / "other").mkdir()
    house = House(tmp_path / "other", writable=why)
    assert key_of(house) == "unwritable"
    house.close()


def test_listing_that_the_mall_does_not_have_is_found(tmp_path):
    house = House(tmp_path, address_is_code=False)
    assert key_of(house) == "no_list"
    house.quiet()
    assert key_of(house) == "fine"
    house.mapping = replace(house.mapping, products=(*house.mapping.products, Product("hat")))
    house.actions.count_stock({"hat": 3}, house.clock.now(), "clerk")
    assert key_of(house, "hat") == "unlisted"
    house.close()


def test_number_that_waits_says_what_for(house):
    house.quiet()
    house.clock.advance(1)
    house.actions.count_stock({"tee": 20}, house.clock.now(), "clerk")
    assert key_of(house) == "waits_orders"
    house.quiet()
    assert key_of(house) == "fine"


def test_refused_and_unanswered_writes_are_found(house):
    house.quiet()
    house.malls["a"].refused.add("tee")
    house.actions.count_stock({"tee": 4}, house.clock.now(), "clerk")
    house.tick()
    assert key_of(house) == "refused_line"
    house.malls["b"].lose_answer("write_stock", Lost.AFTER)
    house.actions.count_stock({"mug": 3}, house.clock.now(), "clerk")
    house.look("b")
    assert key_of(house, "mug", "b") == "unknown"
