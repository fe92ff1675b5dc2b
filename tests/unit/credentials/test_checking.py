"""A check by hand: the mall's words, what they mean, how long it took; and what it changes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.contract import KnownError
from adapters.errors import AuthError, TemporaryError
from adapters.secret import Secret
from bot.answers import Refused
from bot.checking import outgoing_address
from bot.credentials.renewal import set_at_once
from bot.store import credentials as records
from tests.unit.house import House

KNOWN = (
    KnownError("px-04306", "auth", "yahoo_source_ip", "made up"),
    KnownError("~refused", "auth", "qoo10_key", "made up"),
)


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path).quiet()
    house.actions.checking._known_errors = lambda mall: KNOWN if mall == "memory" else ()
    yield house
    house.close()


def test_good_check_says_the_malls_words_and_proves_the_credentials(house):  # A19
    found = house.actions.checking.check("a")
    assert (found.ok, found.detail, [(k.kind, k.state.value) for k in found.kinds]) == (
        True,
        "memory",
        [("key", "ok")],
    )
    assert house.record().proved_at == house.clock.now()
    assert house.calls("write_stock") == 0 or house.calls("check") == 1


def test_failed_check_explains_itself(house):  # A19 C9
    house.malls["a"].key = "another"
    found = house.actions.checking.check("a")
    assert (found.ok, found.key, found.cause) == (False, "qoo10_key", "auth")
    assert "the key was refused" in found.detail


def test_address_is_named_where_the_mall_wants_it_registered(house):  # C17
    house.malls["a"].fail("check", AuthError("403", vendor_code="px-04306"))
    assert house.actions.checking.check("a").address == ""
    house.adapter_class.abilities = replace(house.adapter_class.abilities, registers_address=True)
    house.malls["b"].fail("check", AuthError("HTTP 403", vendor_code="px-04306"))
    found = house.actions.checking.check("b")
    assert (found.key, found.address) == ("yahoo_source_ip", outgoing_address())


def test_outgoing_address_is_one_of_this_machine():
    assert outgoing_address() == "" or outgoing_address().count(".") == 3


def test_refused_credentials_are_left_alone_for_a_minute(house):  # C11
    house.malls["a"].key = "another"
    house.actions.checking.check("a")
    calls = house.calls()
    with pytest.raises(Refused) as caught:
        house.actions.checking.check("a")
    assert (caught.value.key, house.calls()) == ("check_just_refused", calls)
    house.clock.advance(60)
    assert not house.actions.checking.check("a").ok


def test_good_check_ends_a_block(house):
    """What was put right at the mall's own screen needs no new value."""
    key, house.malls["a"].key = house.malls["a"].key, "another"
    house.tick("a")
    assert house.state() == "blocked"
    house.malls["a"].key = key
    house.clock.advance(61)
    assert house.actions.checking.check("a").ok
    assert (house.state(), house.open_causes()) == ("ok", [])


def test_trouble_that_passes_is_no_refusal(house):
    house.malls["a"].fail("check", TemporaryError("HTTP 500"))
    found = house.actions.checking.check("a")
    assert (found.ok, found.cause, house.record().state) == (False, "temporary", "ok")
    assert house.actions.checking.check("a").ok


def test_alert_names_a_death_before_the_date_and_one_on_its_day(tmp_path):  # A25
    for early, hint in ((True, "yahoo_consent.early"), (False, "yahoo_consent.due")):
        (tmp_path / str(early)).mkdir()
        house = House(tmp_path / str(early), shops=("a",), keys=False)
        values = {"key": Secret(house.malls["a"].key)}
        set_at_once(house.vault, house.engine, "a", values, "shell:ops", house.clock.now())
        with house.engine.begin() as connection:
            ends = house.clock.now() + timedelta(days=90)
            records.change(connection, "a", "key", expires_at=ends)
        house.clock.advance(1 if early else 91 * 86_400)
        house.malls["a"].fail("read_orders", AuthError("x", expired=True, hint="yahoo_consent"))
        house.tick()
        assert [item.params["hint"] for item in house.incidents.open() if item.cause == "auth"] == [hint]
        calls = house.calls()
        house.tick()
        assert house.calls() == calls
        house.close()
