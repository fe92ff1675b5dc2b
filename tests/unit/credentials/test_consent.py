"""A credential that comes of a consent: asked for by a link, redeemed once, on trial as any other."""

from datetime import timedelta

import pytest

from adapters.contract import CredentialKind
from adapters.errors import AuthError
from adapters.secret import Secret
from bot.answers import Refused
from bot.credentials.consent import CONSENT
from tests.unit.house import ADMIN, House

KIND = CredentialKind("key", "リフレッシュトークン", "refresh token", life_days=28, consent=True)
NEW = "100001_planted-token-6c02"


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path, shops=("a",), credentials=(KIND,))
    house.tick()
    yield house
    house.close()


def submit(house, pasted, version=None):
    return house.actions.renew("a", "key", {CONSENT: Secret(pasted)}, None, ADMIN, version=version)


def test_form_has_the_link_and_asks_for_what_follows(house):  # A24 A30
    form = house.actions.renewal_form("a", None)
    assert form.consent_url.startswith("https://memory.invalid/consent?state=")
    assert ([field.kind for field in form.fields], form.life_days) == ([CONSENT], None)


def test_consent_becomes_a_credential_that_is_tried_and_replaces_the_old_one(house):  # A24 A25
    back = house.malls["a"].consent(house.actions.renewal_form("a", None).consent_url, NEW)
    assert submit(house, back).refused == {}
    house.tick()
    assert house.vault.values("a") == {"key": Secret(NEW)}
    record, now = house.record(), house.clock.now()
    assert timedelta(days=27) < record.expires_at - now < timedelta(days=28)
    assert house.said == [("renewal_live", {"shop": "a"})]


def test_bare_code_of_the_last_link_is_taken_too(house):
    house.malls["a"].consent(house.actions.renewal_form("a", None).consent_url, NEW)
    assert submit(house, "code-1").refused == {}


@pytest.mark.parametrize("pasted", ["https://merchant.invalid/back?code=code-1&state=of-nobody", "code-9"])
def test_answer_to_a_question_that_was_not_asked_is_refused(house, pasted):
    house.malls["a"].consent(house.actions.renewal_form("a", None).consent_url, NEW)
    assert submit(house, pasted).refused == {CONSENT: "renew_consent_refused"}
    assert house.vault.trial("a") == {}


def test_consent_is_redeemed_once_and_within_the_hour(house):
    form = house.actions.renewal_form("a", None)
    back = house.malls["a"].consent(form.consent_url, NEW)
    assert submit(house, back).refused == {}
    assert submit(house, back).refused == {CONSENT: "renew_consent_refused"}
    late = house.malls["a"].consent(house.actions.renewal_form("a", None).consent_url, NEW)
    house.clock.advance(3601)
    assert submit(house, late).refused == {CONSENT: "renew_consent_refused"}


def test_link_outlives_a_restart(house):
    back = house.malls["a"].consent(house.actions.renewal_form("a", None).consent_url, NEW)
    house.restart()
    assert submit(house, back).refused == {}


def test_value_itself_is_asked_for_where_no_link_can_be_made(house, monkeypatch):
    def nothing_set(_self, _word):
        raise AuthError("client_id is not set")

    monkeypatch.setattr(house.adapter_class, "consent_url", nothing_set)
    form = house.actions.renewal_form("a", None)
    assert ([field.kind for field in form.fields], form.consent_url) == (["key"], "")


# ---------------------------------------------------------------------- two people, other refusals


def test_of_two_people_with_the_form_open_the_second_is_told(tmp_path):
    house = House(tmp_path, shops=("a",))
    mine, theirs = (house.actions.renewal_form("a", "key") for _ in range(2))
    renew = house.actions.renew
    first = renew("a", "key", {"key": Secret("100001_first")}, None, ADMIN, version=mine.version)
    house.clock.advance(1)
    second = renew("a", "key", {"key": Secret("100001_second")}, None, "U0BOB0001", version=theirs.version)
    assert (first.refused, second.refused) == ({}, {"key": "renew_overtaken"})
    assert house.vault.trial("a") == {"key": Secret("100001_first")}
    house.close()


def test_renewal_of_an_archived_shop_explains_the_archive(house):  # A27
    house.archive("a")
    with pytest.raises(Refused) as caught:
        house.actions.renewal_form("a", None)
    assert caught.value.key == "renew_archived"


def test_renewal_may_be_kept_out_of_slack(tmp_path):
    house = House(tmp_path, shops=("a",))
    house.actions._renew_in_slack = False
    with pytest.raises(Refused) as caught:
        house.actions.renewal_form("a", "key")
    assert (caught.value.key, caught.value.params["kind"]) == ("renew_in_the_shell", " key")
    assert house.actions.renewal_form("a", "key", in_shell=True).kind == "key"
    house.close()


def test_name_that_the_mall_does_not_know_fails_at_once_with_those_it_has(house):  # B19
    error = AuthError("no folder /netstock/99; there is: 12345", hint="shop_code_unknown")
    error.codes = ("12345", "r12345")
    house.malls["a"].fail("check", error)
    form = house.actions.renewal_form("a", None)
    submit(house, house.malls["a"].consent(form.consent_url, NEW))
    house.look()
    assert house.said == [("renewal_unknown", {"shop": "a", "near": "12345, r12345"})]
    assert house.vault.trial("a") == {}


def test_first_credential_of_a_shop_lets_all_its_numbers_be_written(tmp_path):  # B20
    house = House(tmp_path, keys=False)
    house.tick()
    house.malls["a"].stock.update(mug=1, tee=1)
    house.actions.renew("a", "key", {"key": Secret(house.malls["a"].key)}, None, ADMIN)
    house.tick()
    house.tick()
    assert (house.calls("check"), house.shown("mug"), house.shown("tee")) == (1, 10, 10)
    house.close()


def test_orders_of_the_gap_are_taken_in_before_anything_is_written(house, tmp_path):  # A25 D3
    house.close()
    (tmp_path / "gap").mkdir()
    two = House(tmp_path / "gap").quiet()
    two.malls["a"].order({"tee": 2})
    two.malls["a"].key = "100001_renewed"
    two.tick()
    two.malls["b"].order({"tee": 3})
    two.tick()
    assert two.state() == "blocked"
    two.actions.renew("a", "key", {"key": Secret("100001_renewed")}, None, ADMIN)
    two.malls["a"].calls.clear()
    two.look()
    two.tick()
    two.tick()
    calls = two.malls["a"].calls
    assert calls.index("read_orders") < calls.index("write_stock")
    assert (two.available(), two.shown("tee"), two.shown("tee", "b")) == (5, 5, 5)
    two.close()
