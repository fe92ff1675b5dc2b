"""A new credential: judged by its form, on trial while the old one works, promoted or dropped."""

import logging
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from cryptography.fernet import Fernet

from adapters import registry
from adapters.clock import SystemClock
from adapters.contract import CredentialKind, CredentialState, CredentialStatus, ShopSettings
from adapters.errors import NotSentError, TemporaryError
from adapters.secret import Secret
from bot.config import SyncSettings
from bot.credentials.keys import read_key
from bot.credentials.renewal import Renewals, Trial, entry
from bot.credentials.vault import Vault
from bot.logs import Redaction
from bot.messages import JST
from bot.store.database import open_database
from tests.unit.credentials.dying import run_until
from tests.unit.house import ADMIN, KEYS, House, HouseAdapter

OLD, NEW = "100001_in-use", "100001_planted-new-4be1"
DEAD = "100001_planted-dead-77aa"


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    house.tick()
    yield house
    house.close()


def renew(house, value=NEW, name="a", *, expires_on=None, **more):
    return house.actions.renew(name, "key", {"key": Secret(value)}, expires_on, ADMIN, **more)


def vault_text(house):
    sealed = (house.folder / "vault").read_bytes()
    return Fernet(house.key_file.read_bytes()).decrypt(sealed).decode()


# ---------------------------------------------------------------------- by its form


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("200002_of-another-shop", "renew_other_shop"),
        ("", "renew_empty"),
        ("   ", "renew_empty"),
        (f"{NEW} ", "renew_blank"),
        (f"{NEW}\n", "renew_blank"),
        ("100001_with\u3000blank", "renew_blank"),
    ],
)
def test_refused_by_its_form_leaves_everything_as_it_was(house, value, reason):  # A22
    vault, record, calls = vault_text(house), house.record(), house.calls()
    assert renew(house, value).refused == {"key": reason}
    assert (vault_text(house), house.record()) == (vault, record)
    house.tick("a")
    assert (house.state(), house.calls("check")) == ("ok", 0)
    assert house.calls() > calls


def test_licence_key_of_another_shop_is_refused_by_its_shop_number(tmp_path, house):  # A22
    def make(shop, credentials):
        return registry.create("rakuten", ShopSettings(shop), credentials, SystemClock(), None)

    renewals = Renewals(house.vault, house.engine, make)
    now = house.clock.now()
    house.vault.put("r", {"service_secret": Secret("SP111111_madeup"), "licence": Secret("SL111111_madeup")})
    for value, reason in (("SL222222_madeup", "renew_other_shop"), ("madeup", "renew_wrong_form")):
        answer = renewals.submit("r", {"licence": Secret(value)}, expires_on=None, who=ADMIN, now=now)
        assert answer.refused == {"licence": reason}
    assert house.vault.trial("r") == {}
    assert house.vault.values("r")["licence"] == Secret("SL111111_madeup")
    good = renewals.submit("r", {"licence": Secret("SL111111_newone")}, expires_on=None, who=ADMIN, now=now)
    assert good.refused == {}


# ---------------------------------------------------------------------- on trial


def test_old_key_works_on_while_the_new_one_is_on_trial(house):  # A20 A22
    renew(house)
    house.malls["a"].order({"tee": 1})
    for _ in range(5):
        house.tick()
    assert (house.state(), house.available()) == ("pending", 9)
    assert (house.record().state, house.open_causes()) == ("pending", [])
    assert house.vault.values("a")["key"] == Secret(OLD)


def test_new_key_is_in_use_once_the_mall_takes_it(house):  # A20 D2
    renew(house)
    house.tick()
    house.malls["a"].key = NEW
    house.tick()
    assert (house.state(), house.record().state) == ("ok", "ok")
    assert house.record().proved_at == house.clock.now()
    assert house.said == [("renewal_live", {"shop": "a"})]
    assert OLD not in vault_text(house).replace('"b": {"key": "' + OLD, "")
    house.restart()
    house.tick()
    assert (house.state(), house.open_causes(), len(house.said)) == ("ok", [], 1)


def test_trial_is_made_at_most_once_an_interval(house):
    renew(house)
    house.look()
    assert house.calls("check") == 1
    for _ in range(20):
        house.look(seconds=2)
    assert house.calls("check") == 1
    house.look(seconds=20)
    assert house.calls("check") == 2


def test_blocked_shop_asks_to_be_called_again_for_its_trial(house):
    house.malls["a"].key = NEW + "-not-live-yet"
    house.tick("a")
    renew(house)
    assert house.look() == pytest.approx(60)
    assert house.look(seconds=15) == pytest.approx(45)


def test_trial_is_given_up_after_its_window_and_the_old_key_stays(house):  # D2
    renew(house, DEAD)
    for _ in range(19):  # 10 minutes that a new key may take, and as many of grace
        house.tick()
    assert (house.state(), house.said) == ("pending", [])
    house.tick()
    house.tick()
    assert (house.state(), house.said) == ("ok", [("renewal_failed", {"shop": "a"})])
    assert house.vault.values("a")["key"] == Secret(OLD)
    assert DEAD not in vault_text(house)


@pytest.mark.parametrize("error", [NotSentError("no line"), TemporaryError("try later")])
def test_mall_out_of_reach_fails_no_trial(house, error):
    renew(house)
    house.malls["a"].key = NEW
    house.malls["a"].fail("check", error, times=40)
    for _ in range(40):
        house.look(seconds=60)
    assert house.state() == "pending"
    house.look(seconds=60)
    assert house.said == [("renewal_live", {"shop": "a"})]


def test_trial_outlives_a_restart_and_keeps_its_end(house):  # A24
    renew(house, DEAD)
    ends = house.record().pending_until
    house.restart()
    house.tick("a")
    assert (house.state(), house.record().pending_until) == ("pending", ends)
    house.clock.advance(3600)
    house.restart()
    house.tick("a")
    assert "renewal_failed" in [key for key, _ in house.said]


def test_later_value_takes_the_place_of_the_one_on_trial(house):
    renew(house, DEAD)
    house.tick("a")
    renew(house, NEW)
    assert DEAD not in vault_text(house)
    house.malls["a"].key = NEW
    house.tick("a")
    assert house.state() == "ok"


def test_second_kind_joins_the_one_on_trial(tmp_path):
    """A mall that wants two values takes neither alone: the first must still be there."""
    kinds = (CredentialKind("user", "", ""), *KEYS)
    house = House(tmp_path, shops=("a",), keys=False, credentials=kinds)
    renew(house)
    house.tick()
    house.actions.renew("a", "user", {"user": Secret("new")}, None, ADMIN)
    house.malls["a"].key = NEW
    house.tick()
    assert house.vault.values("a") == {"key": Secret(NEW), "user": Secret("new")}
    assert house.state() == "ok"
    house.close()


def test_answer_about_the_old_key_says_nothing_of_the_one_on_trial(house):
    renew(house, expires_on=date(2030, 1, 1))
    pending = house.record()
    house.turns.ask_for_expiries()
    house.tick("a")
    assert (house.calls("credential_status"), house.record().state) == (2, "pending")
    assert house.record().expires_at == pending.expires_at


def test_block_is_lifted_by_the_renewal_with_one_recovery(house):  # A25
    house.malls["a"].key = NEW
    house.malls["b"].order({"tee": 3})
    house.tick()
    assert (house.state(), house.shown()) == ("blocked", 10)
    renew(house)
    house.look()
    assert house.state() == "ok"
    house.tick()
    house.tick()
    assert (house.shown(), house.told("auth")) == (7, [(1, False)])
    assert [key for key, _ in house.said] == ["renewal_live"]


def test_renewal_wakes_the_worker_of_that_shop(house):
    house.woken.clear()
    renew(house)
    assert house.woken == ["a"]
    house.woken.clear()
    renew(house, "")
    assert house.woken == []


def test_no_request_mixes_old_and_new_values(tmp_path):  # C13
    kinds = (CredentialKind("user", "", "", secret=False), *KEYS)
    house = House(tmp_path, shops=("a",), keys=False, credentials=kinds)
    house.vault.put("a", {"user": Secret("old"), "key": Secret(OLD)})
    house.tick()
    values = {"user": Secret("new"), "key": Secret(NEW)}
    house.actions.renew("a", "user", values, None, ADMIN)
    for key in (OLD, OLD, NEW, NEW):
        house.malls["a"].key = key
        house.tick()
    assert house.state() == "ok"
    used = {(made["user"], made["key"]) for made in house.built if made}
    assert used == {("old", OLD), ("new", NEW)}
    house.close()


def test_renewal_in_the_middle_of_a_run_waits_for_its_end(tmp_path, monkeypatch):  # C13
    kinds = (CredentialKind("user", "", "", secret=False), *KEYS)
    house = House(tmp_path, shops=("a",), keys=False, credentials=kinds)
    house.vault.put("a", {"user": Secret("old"), "key": Secret(OLD)})
    house.tick()
    read_orders, made = house.adapter_class.read_orders, []

    def renewed_meanwhile(adapter, *window):
        if not made:
            made.append(len(house.malls["a"].calls))
            values = {"user": Secret("new"), "key": Secret(NEW)}
            assert house.actions.renew("a", "user", values, None, ADMIN).refused == {}
        return read_orders(adapter, *window)

    monkeypatch.setattr(house.adapter_class, "read_orders", renewed_meanwhile)
    house.actions.count_stock({"tee": 3}, house.clock.now(), "clerk")
    house.tick()
    calls = house.malls["a"].calls[made[0] :]
    assert {"read_orders", "write_stock"} <= set(calls)
    # The mall takes the old key alone: the run went on to its end with what it had begun with.
    assert (house.shown(), house.state(), house.open_causes()) == (3, "pending", [])
    house.malls["a"].key = NEW
    house.tick()
    assert (house.state(), house.vault.values("a")["user"]) == ("ok", Secret("new"))
    used = {(made["user"], made["key"]) for made in house.built if made}
    assert used == {("old", OLD), ("new", NEW)}
    house.close()


# ---------------------------------------------------------------------- dates


def test_date_is_advice_and_stops_nothing(house):  # A18
    house.malls["a"].key = NEW
    renew(house, expires_on=date(2020, 1, 1))
    house.malls["b"].order({"tee": 1})
    house.tick("a", "b")
    house.tick("a")
    assert (house.state(), house.shown()) == ("ok", 9)
    assert house.record().expires_at == datetime(2020, 1, 1, 14, 59, 59, tzinfo=UTC)


def test_date_that_the_mall_tells_wins_over_the_one_that_was_typed(house):
    told = house.clock.now() + timedelta(days=90)

    def status(self):
        return [CredentialStatus("key", CredentialState.OK, told)]

    house.adapter_class.credential_status = status
    house.malls["a"].key = NEW
    renew(house, expires_on=date(2030, 1, 1))
    house.tick("a")
    assert house.record().expires_at == told


def test_life_is_counted_from_the_issue_where_nobody_tells_an_end(house):  # A18 D2
    house.malls["a"].key = NEW
    today = house.clock.now().astimezone(JST).date()
    issued = datetime.combine(today - timedelta(days=20), time(), JST)
    renew(house, issued_on=today - timedelta(days=20))
    house.tick("a")
    record = house.record()
    assert (record.state, record.issued_at) == ("ok", issued)
    assert (record.expires_at, record.end_by) == (issued + timedelta(days=90), "life")


@pytest.mark.parametrize(
    ("mall", "kind", "days"),
    [
        ("rakuten", "licence", 90),
        ("yahoo", "public_key", 365),
        ("amazon", "client_secret", 180),
        ("qoo10", "seller_key", 365),
    ],
)
def test_lives_are_those_that_the_malls_give(mall, kind, days):  # D2
    now = datetime(2026, 5, 1, tzinfo=UTC)
    issued = now - timedelta(days=30)
    found = next(item for item in registry.abilities(mall).credentials if item.name == kind)
    assert entry(found, None, ADMIN, now, issued)["expires_at"] == issued + timedelta(days=days)


def test_value_is_taken_to_be_issued_when_it_is_entered(house):
    house.malls["a"].key, now = NEW, house.clock.now()
    renew(house)
    house.tick("a")
    assert (house.record().issued_at, house.record().expires_at) == (now, now + timedelta(days=90))


def test_end_that_was_entered_wins_over_the_life(house):
    house.malls["a"].key = NEW
    renew(house, expires_on=date(2030, 1, 1), issued_on=date(2025, 12, 1))
    house.tick("a")
    record = house.record()
    assert (record.issued_at, record.end_by) == (datetime(2025, 12, 1, tzinfo=JST), "person")
    assert record.expires_at == datetime(2030, 1, 1, 23, 59, 59, tzinfo=JST)


def test_end_that_the_mall_tells_wins_over_the_issue(house):
    told = house.clock.now() + timedelta(days=44)
    house.adapter_class.credential_status = lambda _self: [CredentialStatus("key", CredentialState.OK, told)]
    house.malls["a"].key = NEW
    renew(house, issued_on=date(2025, 12, 1))
    house.tick("a")
    assert (house.record().expires_at, house.record().end_by) == (told, "mall")


def test_issue_that_is_still_to_come_is_refused_and_today_is_not(house):
    today = house.clock.now().astimezone(JST).date()
    assert renew(house, issued_on=today + timedelta(days=1)).refused == {"key": "renew_issued_later"}
    assert house.vault.trial("a") == {}
    assert renew(house, issued_on=today).refused == {}


def test_value_without_a_life_has_no_issue(tmp_path):
    kinds = (CredentialKind("user", "", ""), *KEYS)
    house = House(tmp_path, shops=("a",), keys=False, credentials=kinds)
    values = {"user": Secret("new"), "key": Secret(house.malls["a"].key)}
    house.actions.renew("a", "user", values, None, ADMIN)
    house.tick()
    assert (house.record(kind="user").issued_at, house.record(kind="user").expires_at) == (None, None)
    house.close()


def test_form_asks_for_what_lapses_first(tmp_path):  # A23 A30
    kinds = (CredentialKind("year", "", "", life_days=365), CredentialKind("user", "", ""), *KEYS)
    house = House(tmp_path, credentials=kinds)
    form = house.actions.renewal_form("a", None)
    assert ([field.kind for field in form.fields], form.life_days) == (["key"], 90)
    assert house.actions.renewal_form("a", "user").kind == "user"
    house.close()


def test_form_of_a_mall_without_lives_asks_for_all_together(tmp_path):  # B19
    kinds = (CredentialKind("user", "", "", secret=False), CredentialKind("password", "", ""))
    house = House(tmp_path, credentials=kinds)
    assert [field.kind for field in house.actions.renewal_form("a", None).fields] == ["user", "password"]
    house.close()


# ---------------------------------------------------------------------- crashes


STEPS = ("submit", "promote")


def act(folder, key_file, step):
    """Do one step of a renewal, as a process of its own does it."""
    engine = open_database(folder)
    vault = Vault(folder, read_key(key_file, {}))
    renewals = Renewals(vault, engine, lambda shop, credentials: AnyAdapter())
    now = datetime(2026, 1, 2, tzinfo=UTC)
    if step == "submit":
        return lambda: renewals.submit("a", {"key": Secret(NEW), "user": Secret("new")}, **by(now))
    return lambda: renewals.promote("a", {}, now)


def by(now):
    return {"expires_on": None, "who": ADMIN, "now": now}


class AnyAdapter:
    abilities = replace(HouseAdapter.abilities, credentials=(CredentialKind("user", "", ""), *KEYS))

    def belongs(self, current, candidate):
        return ""


@pytest.mark.parametrize("step", STEPS)
def test_crash_at_any_line_leaves_the_old_or_the_new_and_never_a_mix(tmp_path, step):  # A24
    house = House(tmp_path, shops=("a",), keys=False, credentials=AnyAdapter.abilities.credentials)
    house.close()
    old = {"key": Secret(OLD), "user": Secret("old")}
    new = {"key": Secret(NEW), "user": Secret("new")}
    line, died, seen = 0, True, set()
    while died:
        house.vault.drop_trial("a")
        house.vault.put("a", old)
        if step == "promote":
            house.vault.stage("a", new)
        died = run_until(line, lambda: act(house.folder, house.key_file, step)())
        values, trial = house.vault.values("a"), house.vault.trial("a")
        assert values in (old, new)
        assert trial in ({}, new)
        assert values == new or step == "submit" or trial == new  # what is not promoted is tried again
        seen.add((values == new, trial == new))
        line += 4
    assert line > 30
    assert seen == ({(False, False), (False, True)} if step == "submit" else {(False, True), (True, False)})


def test_after_a_crash_in_the_promotion_the_trial_is_made_again(house):  # A24
    house.malls["a"].key = NEW
    renew(house)
    promote = house.vault.promote

    def pulled_plug(owner):
        raise KeyboardInterrupt

    house.vault.promote = pulled_plug
    with pytest.raises(KeyboardInterrupt):
        house.tick("a")
    house.vault.promote = promote
    house.restart()
    house.tick("a")
    assert (house.state(), house.vault.values("a")["key"]) == ("ok", Secret(NEW))
    assert house.open_causes() == []


def test_nothing_on_trial_is_nothing_to_try(house):
    assert house.renewals.try_now("a", house.clock.now()).trial is Trial.NONE


# ---------------------------------------------------------------------- unseen


def test_secret_is_in_the_vault_only(house, caplog):  # A16
    """Through refusal, trial, failure, block and promotion: in no log, answer, record or file."""
    caplog.set_level(logging.DEBUG)
    said = [
        renew(house, "200002_planted-wrong-shop"),
        renew(house, "100001_planted with blank"),
        renew(house, DEAD),
    ]
    house.tick()
    house.malls["a"].key = NEW
    house.tick()
    for _ in range(20):
        house.look(seconds=60)
    said += [renew(house), house.renewals.try_now("a", house.clock.now())]
    house.tick()
    said += [house.actions.status(), house.actions.lookup("tee"), house.said, house.incidents.untold()]
    said += [house.actions.renewal_form("a", None), house.record(), house.vault.values("a")]
    assert "planted" not in repr(said) + caplog.text
    house.engine.dispose()
    for path in house.folder.rglob("*"):
        assert path.is_dir() or b"planted" not in path.read_bytes(), path
    assert "planted-new" in vault_text(house)
    assert house.vault.values("a")["key"] == Secret(NEW)


def test_known_values_are_taken_out_of_a_malls_own_words():
    redaction = Redaction()
    redaction.know(Secret(NEW))
    assert redaction.clean(f"refused: {NEW}!") == "refused: ***!"


def test_settings_of_the_trial_come_from_the_operator(tmp_path):
    house = House(tmp_path, settings=SyncSettings(trial_interval_s=5))
    renew(house)
    house.look()
    house.look(seconds=5)
    assert house.calls("check") == 2
    house.close()
