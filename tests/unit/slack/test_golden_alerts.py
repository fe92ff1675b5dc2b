"""Every alert we can show, in both languages and every form: within Slack's limits, its text complete."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from string import Formatter
from typing import Any

import pytest

from bot.answers import DriftView
from bot.messages import CATALOGUES
from bot.slack import alerts, cards, limits
from bot.slack.blocks import Message
from bot.slack.threads import details
from bot.slack.voice import Voice
from bot.store.incidents import Incident, Severity
from bot.sync.guard import HeldLine, Hold, HoldState, Reason, Trip
from bot.sync.values import Why
from sandbox.slack.limits import check_message, check_view

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
WHERE = "楽天市場（rakuten-main）"
KINDS = sorted(
    {
        key.split(".")[1]
        for found in CATALOGUES
        for key in found
        if key.startswith("cause.") and key.endswith(".next")
    }
)
LONG = "🐙" * 400
PARAMS: dict[str, Any] = {
    "detail": f"<!channel> *x* & <b> {LONG}",
    "lines": "\n".join(f"sku-{n}: {LONG}" for n in range(40)),
    "all": [f"sku-{n}" for n in range(40)],
    "timeline": "\n".join(f"10:00:{n % 60:02}  {LONG}" for n in range(60)),
    "since": "11/21 06:00",
    **dict.fromkeys(("count", "before", "changed", "zero", "of", "pieces", "uncertain", "orders"), "1,234"),
    **dict.fromkeys(("hash", "code", "order", "sold_on", "sold_at", "begin", "end"), "0123abcd"),
    **dict.fromkeys(("beyond_begin", "beyond_end", "label", "at", "kind", "days", "left"), "0123abcd"),
}


ASKED = {
    name
    for catalogue in CATALOGUES
    for key, texts in catalogue.items()
    if key.startswith("cause.")
    for _, name, _, _ in Formatter().parse("".join(texts.values()))
    if name
}
GIVEN = {"where", "shop", "command", "since"}
PARAMS = dict.fromkeys(ASKED - GIVEN, "1,234") | PARAMS


def incident(cause: str, **changes: Any) -> Incident:
    made = Incident(
        incident_id=7,
        shop="rakuten-main",
        cause=cause,
        severity=Severity.CRITICAL,
        params=PARAMS,
        opened_at=NOW - timedelta(hours=2),
        last_at=NOW,
        count=12,
        closed_at=None,
        times=3,
        acked_by="U0BOB0001",
        acked_at=NOW,
        snoozed_until=NOW + timedelta(hours=1),
        snoozed_by="U0BOB0001",
        channel="C0ZAIKO01",
        root_ts="1.0",
        version=2,
        told_version=1,
    )
    return replace(made, **changes)


def drift(state: str, number: int = 1, who: str = "") -> DriftView:
    decided = NOW if who else None
    return DriftView("rakuten-main", f"tee-{number}", 7, 5, NOW, state, who, decided, None, number)


def cards_of(kind: str, voice: Voice) -> list[alerts.Card]:
    if kind == "drift":
        views = [drift("asked", n) for n in range(20)] + [drift("repaired", 30)]
        views += [drift(state, 40 + n, "U0BOB0001") for n, state in enumerate(("written", "taken", "left"))]
        return cards.drift_cards(views, NOW - timedelta(days=1), lambda _: 5, voice)
    if kind == "guard":
        lines = (HeldLine("tee", "tee", None, 0, Why.MAPPING),) * 500
        asked = [
            Hold("rakuten-main", "ab" * 20, lines, Reason(trip, 9, 9, 9), NOW, ("U0ALICE01",))
            for trip in Trip
        ]
        done = [replace(asked[0], state=HoldState.DROPPED, decided_by="U0BOB0001", decided_at=NOW)]
        return cards.guard_cards(asked, done, voice)
    return cards.risk_cards("rakuten-main", ["tee"] * 3, voice) if kind == "at_risk" else []


def check(message: Message) -> None:
    body = message.body()
    assert limits.problems(body) == []
    assert check_message(body.get("blocks", []), []) == []
    assert "<!channel>" not in str(body)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_alert_is_within_the_limits_in_every_form(kind: str, lang: str) -> None:  # B22
    voice, found = Voice(lang), incident(f"{kind}:about" if kind in ("oversold", "expiring") else kind)
    asked = cards_of(kind, voice)
    fresh = replace(found, acked_by="", snoozed_until=None)
    for shown in (found, fresh, replace(found, closed_at=NOW)):
        check(alerts.alert(shown, WHERE, voice, asked, "https://sandbox.slack.com/archives/C/p1"))
        check(alerts.page([(shown, WHERE)] * alerts.PAGE, voice))
    check(alerts.moved(found, WHERE, voice, "https://sandbox.slack.com/archives/C/p1"))
    check(alerts.recovery_line(replace(found, closed_at=NOW), WHERE, voice))
    bodies, _ = details(replace(found, kept={"_log": [[NOW.isoformat(), LONG]] * 30}), voice, NOW)
    assert len(bodies) == 3
    for body in bodies:
        assert 0 < len(body["text"]) <= 3000


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if not kind.startswith(("mapping", "state", "lock"))]
)
def test_the_text_alone_says_mall_what_how_many_and_what_to_do(kind: str, lang: str) -> None:
    voice, short = Voice(lang), {**PARAMS, "detail": "503", "lines": "sku-1"}
    text = alerts.alert(incident(kind, params=short), WHERE, voice, cards_of(kind, voice)).text
    for words in (
        WHERE,
        alerts.title(incident(kind, params=short), voice),
        voice("alert.next"),
        voice("alert.works"),
    ):
        assert words in text, words
    assert ("12回" if lang == "ja" else "12 times") in text


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_storm_of_fifty_shops_fits(lang: str) -> None:
    members = [
        (incident(kind, shop=f"shop-{n}", closed_at=NOW if n % 3 else None), f"shop-{n}")
        for n in range(50)
        for kind in KINDS[:8]
    ]
    for closed in (None, NOW):
        message = alerts.storm(incident("storm", shop="", closed_at=closed), members, Voice(lang))
        check(message)
        assert "400" in message.text


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_approval_form_is_within_the_limits(lang: str) -> None:
    hold = Hold("rakuten-main", "ab" * 20, (), Reason(Trip.ZERO, 1, 1, 1), NOW)
    view = cards.approval_modal(hold, Voice(lang))
    assert limits.problems(view) == []
    assert check_view(view, ("modal",)) == []


def test_a_snooze_ends_at_a_time_that_was_named() -> None:
    assert alerts.snooze_until("30m", NOW) == NOW + timedelta(minutes=30)
    assert alerts.snooze_until("2h", NOW) == NOW + timedelta(hours=2)
    assert alerts.snooze_until("nonsense", NOW) == NOW + timedelta(hours=1)
    assert alerts.snooze_until("9am", NOW).isoformat() == "2026-11-22T09:00:00+09:00"
    late = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)  # past midnight in Japan
    assert alerts.snooze_until("9am", late).isoformat() == "2026-11-23T09:00:00+09:00"


def test_a_file_of_lines_holds_no_formula() -> None:
    _, content = alerts.lines_file(incident("line_rejected", params={"all": ["=cmd: -1", "ok — +2"]}))
    assert content.splitlines()[1:] == ["rakuten-main,'=cmd,'-1", "rakuten-main,ok,'+2"]
