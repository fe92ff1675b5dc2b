"""Credentials end announced: each step once, over restarts and clocks that jump."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from adapters import registry
from adapters.contract import CredentialKind, CredentialState, CredentialStatus
from adapters.secret import Secret
from bot.credentials import ledger
from bot.expiry import Warnings, step_at
from bot.messages import JST
from bot.store import credentials as records
from bot.store import shops
from bot.store.database import reading
from tests.unit.credentials.year import Channel, Town
from tests.unit.house import House

END = datetime(2026, 6, 30, 14, 59, 59, tzinfo=UTC)  # the last second of a day in Japan
LONG = timedelta(days=90)


# ---------------------------------------------------------------------- the steps


@pytest.mark.parametrize(
    ("left", "life", "step"),
    [
        (31, 90, None),
        (30, 90, 30),
        (29, 90, 30),
        (15, 90, 30),
        (14, 90, 14),  # C7
        (7, 90, 7),
        (3, 90, 3),
        (2, 90, 3),
        (1, 90, 1),
        (0, 90, 0),
        (-1, 90, -1),
        (-40, 90, -40),
        (28, 28, None),  # a life of 28 days is not warned of 30 days ahead
        (15, 28, None),
        (14, 28, 14),
        (30, 30, None),
        (30, 365, 30),  # C8
        (7, 7, None),
        (3, 7, 3),
        (1, 2, 0),  # a life under 3 days: once, at once
        (0, 2, 0),
        (300, None, None),
        (30, None, 30),
    ],
)
def test_step_by_the_days_left_and_the_life(left, life, step):  # A17
    now = END - timedelta(days=left, hours=3)
    assert step_at(END, timedelta(days=life) if life else None, now) == step


def test_days_are_those_of_japan():
    midnight = datetime(2026, 6, 15, 15, 0, tzinfo=UTC)  # 2026-06-16 00:00 in Japan: 14 days before the 30th
    assert step_at(END, LONG, midnight - timedelta(seconds=1)) == 30
    assert step_at(END, LONG, midnight) == 14


class SetClock:
    """A wall clock that is set to and fro."""

    at = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self):
        return self.at


# ---------------------------------------------------------------------- what people hear


@pytest.fixture
def town(tmp_path):
    town = Town(tmp_path, malls=("rakuten", "yahoo"))
    town.tick()
    yield town
    town.close()


def last_day(town, name, kind, days):
    """Set the last day of a credential, as the mall says it."""
    ends = town.clock.now().astimezone(JST).replace(hour=23, minute=59, second=59) + timedelta(days=days)
    with town.engine.begin() as connection:
        records.change(connection, name, kind, expires_at=ends, end_by=records.BY_MALL)


def days_heard(town, channel, days, every_h=6):
    for _ in range(days * 24 // every_h):
        town.clock.advance(every_h * 3600)
        town.warnings.look()
        channel.listen()
        town.warnings.look()
        channel.listen()
        if random.random() < 0.3:  # noqa: S311 - as the clock would have it
            town.restart()
    return [(shop, kind, left) for _, shop, kind, left in channel.heard]


def test_each_step_is_one_message_whatever_restarts(town):  # A17 C7 D2
    channel = Channel(town)
    last_day(town, "rakuten-main", "licence", 40)
    town.archive_all_but("rakuten-main")
    heard = days_heard(town, channel, 44)
    lefts = [f"あと{days}日" for days in (30, 14, 7, 3, 1, 0)] + [f"{days}日超過" for days in (1, 2, 3)]
    assert [left for _, _, left in heard][:9] == lefts
    days = [at.astimezone(JST).date() for at, *_ in channel.heard]
    assert len(days) == len(set(days))


def test_two_credentials_of_a_shop_warn_each_by_itself(town):  # C8 A23
    channel = Channel(town)
    town.archive_all_but("yahoo-main")
    last_day(town, "yahoo-main", "refresh_token", 14)
    last_day(town, "yahoo-main", "public_key", 30)
    town.warnings.look()
    assert {kind for _, kind, _ in channel.listen()} == {"refresh_token", "public_key"}
    open_causes = {cause for cause in town.open_causes("yahoo-main") if cause.startswith("expiring")}
    assert open_causes == {"expiring:refresh_token", "expiring:public_key"}
    assert {row["kind"] for row in _open_params(town)} == {"refresh_token", "public_key"}


def test_yahoo_has_rows_of_its_own_credentials_and_none_of_another_mall(town):  # A23 C8
    now = town.clock.now()
    rows = ledger.rows(town.engine, town.vault, {"yahoo-main": registry.abilities("yahoo")}, {}, now)
    found = {row.kind: row for row in rows if row.owner == "yahoo-main"}
    key = {"public_key", "public_key_version"}
    assert found.keys() == {"client_id", "client_secret", "refresh_token"} | key
    lives = {kind.name: kind.life_days for kind in registry.abilities("yahoo").credentials if kind.life_days}
    assert lives == {"refresh_token": 28, "public_key": 365}


def _open_params(town):
    return [item.params for item in town.incidents.open() if item.cause.startswith("expiring")]


def test_clock_that_jumps_ahead_and_back_tells_each_step_at_most_once(town):  # A17
    """But for the steps that a clock told which was days ahead: those are told when they are due."""
    channel, begin = Channel(town), town.clock.now()
    town.archive_all_but("rakuten-main")
    last_day(town, "rakuten-main", "licence", 31)
    clock = SetClock()
    warnings = Warnings(town.engine, town.in_force, town.desks, clock, town.hear)
    for left in (11, 26, 16, 15, 31, 15, 14, 14.5, 14, 2, 2.2, 1):
        clock.at = begin + timedelta(days=31 - left)
        warnings.look()
        channel.listen()
    heard = [left for *_, left in channel.heard]
    assert heard == ["あと11日", "あと26日", "あと14日", "あと2日", "あと1日"]


def test_date_in_the_past_stops_nothing_and_its_warning_stands(town):  # A18
    town.archive_all_but("rakuten-main")
    last_day(town, "rakuten-main", "licence", -2)
    town.malls["rakuten-main"].order({"tee": 1})
    town.tick("rakuten-main")
    town.warnings.look()
    assert (town.state("rakuten-main"), town.available()) == ("ok", 9)
    town.tick("rakuten-main")
    town.tick("rakuten-main")
    assert "expiring:licence" in town.open_causes("rakuten-main")


@pytest.mark.parametrize("lead_days", [0, 3])
def test_warnings_come_as_many_days_early_as_the_operator_says(tmp_path, lead_days):  # A18
    town = Town(tmp_path, lead_days=lead_days, malls=("rakuten",))
    town.tick()
    last_day(town, "rakuten-main", "licence", 16)
    town.warnings.look()
    channel = Channel(town)
    channel.listen()
    heard = days_heard(town, channel, 2 - lead_days if lead_days < 2 else 0)
    told = [left for _, _, left in heard]
    assert ("あと14日" in told or "あと16日" in told) is True
    assert told[-1] == ("あと14日" if lead_days == 0 else "あと16日")
    town.close()


def test_date_entered_three_days_early_warns_three_days_early(town):  # A18
    town.archive_all_but("rakuten-main")
    real = town.clock.now().astimezone(JST).date() + timedelta(days=17)
    made = town.issue("rakuten-main", ["licence"], 7)

    values = {"licence": Secret(made["licence"])}
    town.actions.renew("rakuten-main", "licence", values, real - timedelta(days=3), "U0ALICE01")
    town.tick("rakuten-main")
    with town.engine.begin() as connection:  # it was issued long ago: its life is no few days
        issued = town.clock.now() - timedelta(days=70)
        records.change(connection, "rakuten-main", "licence", issued_at=issued)
    town.warnings.look()
    assert [params["left"] for params in _open_params(town)] == ["あと14日"]


def test_renewal_ends_the_warning(town):  # D2
    channel = Channel(town)
    town.archive_all_but("rakuten-main")
    last_day(town, "rakuten-main", "licence", 1)
    town.warnings.look()
    channel.listen()
    town.enter("rakuten-main", ["licence"], 2, expires_on=None)
    town.tick("rakuten-main")
    town.warnings.look()
    assert not _open_params(town)
    assert town.record("rakuten-main", "licence").told_step is None


def test_short_life_is_told_once_at_once(tmp_path):  # A17
    house = House(tmp_path, credentials=(CredentialKind("key", "キー", "key", life_days=2),))

    said = []
    warnings = Warnings(house.engine, house.in_force, house.desks, house.clock, said.append)
    house.archive("b")
    with house.engine.begin() as connection:
        now = house.clock.now()
        records.change(connection, "a", "key", stored_at=now, expires_at=now + timedelta(days=2))
    seen = []
    for _ in range(40):
        warnings.look()
        seen.append([(item.cause, item.count) for item in house.incidents.open()])
        house.clock.advance(3600)
    assert seen[0] == seen[-1] == [("expiring:key", 1)]
    assert said == []
    house.close()


def test_credential_that_nobody_gave_an_end_ends_by_its_usual_life(tmp_path):  # D2
    """One that was set in the shell, before the mapping was there to tell its kind."""
    town = Town(tmp_path, malls=("qoo10",))
    with town.engine.begin() as connection:
        stored_at = town.clock.now() - timedelta(days=340)
        values = {"stored_at": stored_at, "expires_at": None, "trial": None}
        records.change(connection, "qoo10-main", "seller_key", **values)
    town.warnings.look()
    record = town.record("qoo10-main", "seller_key")
    assert (record.expires_at, record.end_by) == (stored_at + timedelta(days=365), "life")
    assert town.open_causes("qoo10-main") == ["expiring:seller_key"]
    town.close()


def test_kind_that_a_working_shop_refuses_is_told_until_it_is_good(town):  # D2
    """A public key that Yahoo! no longer takes stops nothing at once, and shortens every consent."""
    town.archive_all_but("yahoo-main")
    status = [CredentialStatus("public_key", CredentialState.REFUSED, note="not accepted")]

    class Adapter:
        def credential_status(self):
            return status

    town.renewals.note_status("yahoo-main", Adapter(), town.clock.now())
    town.warnings.look()
    town.tick("yahoo-main")
    assert "key_refused:public_key" in town.open_causes("yahoo-main")
    status[:] = [CredentialStatus("public_key", CredentialState.OK)]
    town.renewals.note_status("yahoo-main", Adapter(), town.clock.now())
    town.warnings.look()
    assert "key_refused:public_key" not in town.open_causes("yahoo-main")


# ---------------------------------------------------------------------- a year


def test_a_year_with_eight_malls_has_no_silent_end(tmp_path):  # D2 A17 A25 C7 C8
    """Keys are renewed in time, late, not at all for a while, or with a value that is dead."""
    town, chance = Town(tmp_path), random.Random(4)  # noqa: S311 - a schedule to repeat
    channel, number, dead, lapsed = Channel(town), 1, [], []
    town.tick()
    _warned: dict = {}
    changed_password_on, noticed = 100, None
    for day in range(365):
        town.clock.advance(86_400)
        town.warnings.look()
        for shop, kind, _ in channel.listen():
            _warned.setdefault((shop, kind), []).append(town.clock.now())
        if day == changed_password_on:
            town.mortal["yahoo-main"].kill("refresh_token")
        lapsed += _newly_dead(town, _warned, lapsed)
        for name in town.kinds:
            if day % 60 == 0 or _has_to_turn(town, name):
                town.turns.turn(name, tick=True)
        if day == changed_password_on:
            noticed = [
                item for item in town.incidents.open() if (item.shop, item.cause) == ("yahoo-main", "auth")
            ]
        number = _hold_keys(town, chance, number, dead)
        if chance.random() < 0.1:
            town.restart()
            channel.town = town
    assert [item.params["hint"] for item in noticed] == ["yahoo_consent.early"]
    assert dead and len(lapsed) > 3  # the year had what it is about
    assert [name for name, announced in lapsed if not announced] == []
    live = [params["shop"] for key, params in town.said if key == "renewal_live"]
    failed = [params["shop"] for key, params in town.said if key == "renewal_failed"]
    assert len(live) > 20
    assert failed
    days = [(at.astimezone(JST).date(), shop, kind) for at, shop, kind, _ in channel.heard]
    assert len(days) == len(set(days))
    for name, values in dead:
        assert not set(values) & {value.reveal() for value in town.vault.values(name).values()}
    town.close()


def _has_to_turn(town, name):
    """Tell whether a turn of the shop would change anything here: the other turns only take time."""
    if town.renewals.on_trial(name):
        return True
    with reading(town.engine) as connection:
        blocked = shops.record(connection, name).blocked
    return not blocked and any(_is_gone(town, name, kind) for kind in town.kinds[name])


def _newly_dead(town, warned, before):
    """Give (name of a credential that came to its end unrenewed, whether people had been told)."""
    found, now = [], town.clock.now()
    for name, mall in town.mortal.items():
        for kind, (_, end) in mall.ends.items():
            key = f"{name} {kind} {end}"
            if end is not None and end <= now and key not in {item[0] for item in before}:
                kinds = {item.name: item for item in town.kinds[name]}
                since = end - timedelta(days=kinds[kind].life_days)
                found.append((key, any(since < at <= end for at in warned.get((name, kind), []))))
    return found


def _hold_keys(town, chance, number, dead):
    """Renew some of what is warned of; now and then with a value that the mall never issued."""

    for item in town.incidents.open():
        kind = item.params.get("kind") if item.cause.startswith("expiring:") else None
        if item.cause == "auth":
            gone = [k for k in town.kinds[item.shop] if _is_gone(town, item.shop, k)]
            kind = gone[0].name if gone else None
        if kind is None or chance.random() > 0.12 or town.renewals.on_trial(item.shop):
            continue
        number += 1
        if chance.random() < 0.25:
            values = {kind: Secret(f"dead-{number}")}
            dead.append((item.shop, [f"dead-{number}"]))
            town.actions.renew(item.shop, kind, values, date(2030, 1, 1), "U0ALICE01")
        else:
            town.enter(item.shop, [kind], number, expires_on=None)
    return number


def _is_gone(town, name, kind):
    used = town.vault.values(name).get(kind.name)
    return used is None or not town.mortal[name].accepts(kind.name, used.reveal(), town.clock.now())
