"""Every message we can build, in both languages, within Slack's limits and complete as text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from string import Formatter
from typing import Any

import pytest

from bot.answers import (
    AuditLine,
    Changed,
    Checked,
    CodeRow,
    Condition,
    CredentialView,
    Day,
    Forecast,
    ForecastLine,
    HistoryLine,
    Lookup,
    Mapped,
    PauseView,
    Ready,
    Refused,
    RenewalField,
    RenewalForm,
    Role,
    ShopLevel,
    ShopReadiness,
    ShopState,
    ShopStatus,
    Status,
)
from bot.messages import CATALOGUES, LANGUAGES
from bot.slack import alerts, asked_views, limits, lookup_view, renewal, views
from bot.slack.blocks import Message, escape, plain
from bot.slack.verbs import VERBS
from bot.slack.voice import Voice
from bot.store.incidents import Incident, Severity
from bot.why import Facts, explain

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LONG = "長い名前" * 40
CAUSES = sorted({key.split(".")[1] for c in CATALOGUES for key in c if key.startswith("cause.")})


def level(shop: str, state: ShopState = ShopState.OK, **changes: Any) -> ShopLevel:
    values: dict[str, Any] = {
        "shop": shop,
        "mall_ja": "楽天市場",
        "mall_en": "Rakuten",
        "code_field": "システム連携用SKU番号",
        "mall_code": "tee_red_m",
        "target": 7,
        "shown": 7,
        "shown_at": NOW - HOUR,
        "state": state,
        "last_written": 7,
        "last_written_at": NOW - HOUR,
        "last_outcome": "done",
        "waiting": False,
    }
    return ShopLevel(**(values | changes))


def lookup(levels: tuple[ShopLevel, ...], name: str = "ロゴTシャツ") -> Lookup:
    return Lookup("tee-red-m", name, 17, 20, 3, 0, NOW - HOUR, levels)


def shop_status(shop: str, state: ShopState) -> ShopStatus:
    pause = PauseView(shop, "棚卸 <二階>", "U0BOB0001", NOW - HOUR, NOW + HOUR)
    kinds = [("ok", NOW + 40 * 24 * HOUR), ("failed", NOW - HOUR), ("not_set", None)]
    credentials = tuple(CredentialView("k", "キー", "key", s, at, None) for s, at in kinds)
    return ShopStatus(
        shop,
        "rakuten",
        "楽天市場",
        "Rakuten",
        state,
        NOW,
        True,
        NOW,
        None,
        3,
        900,
        (pause,),
        credentials,
        "auth",
        "401",
    )


def form(kind: str = "licence") -> RenewalForm:
    field = RenewalField(kind, "ライセンスキー", "licence key", True)
    return RenewalForm(
        "rakuten-main", "rakuten", "楽天市場", "Rakuten", kind, (field,), "https://m.example/", 90, 5400, NOW
    )


PLAN = {"of": "90", "changed": "30", "zero": "12", "hash": "0123abcd", "before": "9", "count": "2"}
# What else the sentences of causes ask for; of the alert itself are where, since and the like.
ASKED = {
    name
    for catalogue in CATALOGUES
    for key, texts in catalogue.items()
    if key.startswith("cause.")
    for _, name, _, _ in Formatter().parse(texts["ja"] + texts["en"])
    if name
}
PLAN = dict.fromkeys(ASKED - {"where", "since", "shop", "command", "detail", "hint", "lines"}, "3") | PLAN


def incident(cause: str, **changes: Any) -> Incident:
    values: dict[str, Any] = {
        "incident_id": 12,
        "shop": "rakuten-main",
        "cause": cause,
        "severity": Severity.CRITICAL,
        "params": {"detail": "401 <GA0001>", "lines": "a\nb", "count": "2"} | PLAN,
        "opened_at": NOW - HOUR,
        "last_at": NOW,
        "count": 5,
        "closed_at": None,
        "times": 2,
        "acked_by": "U0BOB0001",
        "acked_at": NOW,
        "snoozed_until": NOW + HOUR,
        "snoozed_by": "U0BOB0001",
        "channel": "C1",
        "root_ts": "1.0",
        "version": 2,
        "told_version": 1,
    }
    return Incident(**(values | changes))


def asked(voice: Voice) -> dict[str, Message]:
    """Give what the asking commands show."""
    rows = [CodeRow(f"code-{n}", LONG[:60], None if n % 3 else n, "waiting") for n in range(90)]
    days = [Day(date(2026, 11, 1) + timedelta(days=n), n, None if n < 3 else n) for n in range(28)]
    audit = [AuditLine(NOW, "U0BOB0001", "pause", {"reason": f"<{LONG}>"}, "done")] * 60
    history = [HistoryLine(NOW, "sale", "tee", "a", quantity=3, note=f"<{LONG}>", outcome="done")] * 60
    conditions = tuple(Condition("orders", how, "ready.orders_file", {"shop": "<a>"}) for how in Ready)
    shops = [ShopReadiness(f"shop-{n}", "楽天市場", "Rakuten", conditions) for n in range(30)]
    lines = tuple(
        ForecastLine(f"code-{n}", f"m-{n}", n, None if n % 7 else 3, "sale", "orders") for n in range(200)
    )
    forecast = Forecast("a", lines, "paused", "zero", 3, 3, 9)
    mapped = Mapped("tee-s", "tee", "items/a_b.yaml", 12, "0123456789", {"mug": 2}, {"a": "t_s", "b": None})
    hint = {"cause": "auth", "key": "temporary", "hint": "auth.early", "address": "127.0.0.1"}
    checks = [Checked("a", True, "ok", 0.1), Checked("a", False, "<401>", 0.1, **hint)]
    found = {
        "list": asked_views.list_message(rows, "", NOW, voice, whole=True),
        "list, filtered": asked_views.list_message(rows, "<tee>", NOW, voice, whole=False),
        "chart": asked_views.chart_message("tee", days, NOW, voice),
        "chart, none": asked_views.chart_message("tee", days[:3], NOW, voice),
        "audit": asked_views.audit_message(audit, 7, voice),
        "audit, none": asked_views.audit_message([], 7, voice),
        "history": asked_views.history_message("tee", history, voice),
        "history, none": asked_views.history_message("tee", [], voice),
        "ready": asked_views.ready_message(shops, voice),
        "mapped": asked_views.mapped_message(mapped, voice),
        "forecast": asked_views.forecast_message([forecast], voice)[0],
        "checked": plain([line for check in checks for line in asked_views.checked_lines(check, voice)]),
    }
    facts = Facts("tee", "a", "tee", written=3, sent_at=NOW, shown=3, target=3)
    pause = PauseView("all", f"<{LONG}>", "U0BOB0001", NOW, None)
    wrong: tuple[dict[str, Any], ...] = ({}, {"pauses": (pause,)}, {"missing": ("key",)}, {"places": 0})
    for changes in wrong:
        found[f"why {changes}"] = asked_views.why_message(explain(replace(facts, **changes)), voice)
    return found


def golden(voice: Voice) -> dict[str, Message]:
    many = tuple(level(f"shop-{n}-{LONG}"[:60], state) for n, state in enumerate(list(ShopState) * 4))
    unknown = level("x", target=None, shown=None, last_outcome="unknown", waiting=True, note="unlisted")
    states = tuple(shop_status(f"shop-{n}", state) for n, state in enumerate(list(ShopState) * 3))
    changed = Changed(("rakuten-main",), False, "U0BOB0001", NOW, NOW + HOUR, "棚卸 " + LONG)
    found = {
        "refusal": views.refusal(Refused("unknown_target", text=LONG, shops="a, b"), voice),
        "not understood": views.not_understood("pasue", ["pause " + LONG, "tee"], voice),
        "lookup": lookup_view.lookup_message(lookup((level("a"), unknown)), NOW, voice),
        "lookup, many": lookup_view.lookup_message(lookup(many, LONG), NOW, voice),
        "lookup, shared": lookup_view.lookup_message(lookup(()), NOW, voice, shared_by="U0BOB0001"),
        "status": views.status_message(Status(True, "0123456789", True, states), NOW, voice),
        "status, none": views.status_message(Status(False, "", False, ()), NOW, voice),
        "paused": views.paused_message(changed, "U0BOB0001", voice, (800_000, 8)),
        "pause changed": views.paused_message(
            Changed(("all",), True, "cli:root", NOW), "U0BOB0001", voice, (4, 2)
        ),
        "pending": renewal.renewal_pending(form(), "ab12cd34", "U0ALICE01", voice),
        "late refusal": renewal.renewal_refused("rakuten-main", "だめ", "U0ALICE01", voice),
        "live": views.notice("renewal_live", {"shop": "rakuten-main"}, "楽天", voice),
        "failed": views.notice("renewal_failed", {"shop": "rakuten-main"}, "楽天", voice),
        "pause over": views.notice("pause_over", {"target": "all", "who": "U0BOB0001"}, "", voice),
    }
    found |= asked(voice)
    found |= {f"help {role}": views.help_message(role, voice) for role in Role}
    found |= {f"usage {verb.name}": views.usage(verb, voice) for verb in VERBS}
    for verb in ("resume", "on", "off"):
        found[f"{verb} done"] = views.changed_message(verb, changed, "U0BOB0001", voice)
        found[f"{verb} already"] = views.already_message(verb, changed, "U0ALICE01", voice)
    lines = "\n".join(f"mappings.yaml:{n}:1: {LONG}" for n in range(40))
    for cause in [*CAUSES, "never heard of"]:
        found[f"alert {cause}"] = alerts.alert(incident(cause), "楽天市場（rakuten-main）", voice)
        closed = incident(cause, closed_at=NOW, params=PLAN | {"lines": lines, "hint": "tls_untrusted"})
        found[f"recovered {cause}"] = alerts.alert(closed, "楽天", voice)
        found[f"line {cause}"] = alerts.recovery_line(closed, "楽天", voice)
        found[f"moved {cause}"] = alerts.moved(closed, "楽天", voice)
        large = incident(cause, params=PLAN | {"lines": lines, "detail": LONG * 9, "hint": "area_full"})
        found[f"large {cause}"] = alerts.alert(large, "楽天", voice)
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_message_is_within_slacks_limits(lang: str) -> None:
    for name, message in golden(Voice(lang)).items():
        assert limits.problems(message.body()) == [], name


@pytest.mark.parametrize("lang", LANGUAGES)
def test_text_alone_says_what_the_blocks_say(lang: str) -> None:
    for name, message in golden(Voice(lang)).items():
        shown = {w for block in message.blocks for w in _words(block)}
        if len(message.text) < limits.TEXT - 1:
            missing = [word for word in shown if word not in message.text]
            assert missing == [], name


def _words(block: dict[str, Any]) -> list[str]:
    if block["type"] not in ("section", "context"):
        return []
    texts = [block["text"]["text"]] if "text" in block else [e["text"] for e in block["elements"]]
    return [w.replace("*", "") for text in texts for w in text.replace("*", " ").split()]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", ["licence", "service_secret", "anything"])
def test_modal_is_within_slacks_limits_and_holds_no_value(lang: str, kind: str) -> None:
    view = renewal.renewal_modal(form(kind), Voice(lang))
    assert limits.problems(view) == []
    assert "initial_value" not in repr(view)


@pytest.mark.parametrize("cause", CAUSES)
def test_alert_states_shop_cause_what_works_and_the_next_step(cause: str) -> None:  # C9
    voice = Voice("ja")
    text = alerts.alert(incident(cause), "楽天市場（rakuten-main）", voice).text
    assert "楽天市場（rakuten-main）" in text
    assert "いま動いているもの" in text
    assert "次にすること" in text
    assert "発生 11月21日 14:00" in text


def test_command_in_a_reason_can_be_copied_and_foreign_words_are_escaped_once() -> None:  # D11
    facts = Facts("tee", "a", "tee", written=3, sent_at=NOW, shown=3, target=3)
    off = asked_views.why_message(explain(replace(facts, all_on=False)), Voice("ja")).text
    assert "`/zaiko on`" in off
    pause = PauseView("all", "<b> & *c*", "U0BOB0001", NOW, None)
    said = asked_views.why_message(explain(replace(facts, pauses=(pause,))), Voice("ja")).text
    assert "&lt;b&gt; &amp; *\u2060c*" in said


def test_hint_replaces_the_general_next_step() -> None:
    text = alerts.alert(incident("not_sent", params={"hint": "tls_untrusted"}), "x", Voice("ja")).text
    assert "サーバー証明書" in text
    assert "自動でやり直します" not in text


def test_number_is_never_shown_without_its_age() -> None:  # D10
    text = lookup_view.lookup_message(lookup((level("a"),)), NOW, Voice("ja")).text
    assert "表示 7（11月21日 14:00 時点、1時間前）" in text
    undated = lookup_view.lookup_message(lookup((level("a", shown_at=None),)), NOW, Voice("ja")).text
    assert "表示 7（時刻不明）" in undated


def test_lookup_names_the_malls_own_field_and_code() -> None:  # A7
    text = lookup_view.lookup_message(lookup((level("a"),)), NOW, Voice("ja")).text
    assert "システム連携用SKU番号: `tee_red_m`" in text


def test_foreign_value_pings_nobody_formats_nothing_and_a_code_can_be_copied() -> None:
    assert escape("<!channel> & <b>") == "&lt;!channel&gt; &amp; &lt;b&gt;"
    assert escape("*x*").startswith("*\u2060x")
    assert escape("tee_red_m") == "tee_red_m"


@pytest.mark.parametrize(
    "body",
    [
        {"text": ""},
        {"text": "x" * 3001},
        {"text": "x", "blocks": [{"type": "divider"}] * 51},
        {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": ""}}]},
        {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]},
        {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2500}}] * 4},
        {"text": "x", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]},
        {"text": "x", "blocks": [{"type": "actions", "elements": []}]},
        {"text": "x", "blocks": [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}]},
        {"text": "x", "blocks": [{"type": "actions", "elements": [{"type": "button", "value": "x" * 2001}]}]},
        {"text": "x", "blocks": [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}]},
        {"type": "modal", "title": {"text": "x" * 25}, "blocks": []},
        {"type": "modal", "title": {"text": "x"}, "blocks": [{"type": "input"}]},
        {"type": "modal", "title": {"text": "x"}, "blocks": [], "private_metadata": "x" * 3001},
    ],
)
def test_checker_finds_what_slack_refuses(body: dict[str, Any]) -> None:
    assert limits.problems(body)
