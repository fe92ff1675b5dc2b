"""Slack's tokens: that they serve, and that one is refused, is heard of; Home shows it."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Event

from conftest import Stage, until

from adapters.clock import SystemClock
from bot.answers import CredentialRow, Role, Status
from bot.slack import limits
from bot.slack.app import SlackFace
from bot.slack.home_view import Facts, home_view
from bot.slack.voice import Voice

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


def row(kind: str, state: str, proved_at: datetime | None) -> CredentialRow:
    return CredentialRow("slack", kind, f"{kind} の名", kind, state, "stops.any", proved_at=proved_at)


def test_service_and_refusal_of_both_tokens_are_heard_of(stage: Stage) -> None:  # D2
    heard: list[tuple[str, str]] = []
    stage.face.stop()
    face = SlackFace(
        stage.actions,
        stage.engine,
        stage.settings,
        SystemClock(),
        Event(),
        heard=lambda *told: heard.append(told),
    )
    face.start()
    assert face.wait_connected(10)
    stage.control("wait_connected")
    assert heard[0] == ("bot_token", "")
    stage.types("carol", "/zaiko status")
    assert ("app_token", "") in heard
    stage.control("fault", name="refuse", method="chat.postMessage", error="token_revoked", times=1)
    face.say("renewal_live", {"shop": "rakuten-main"})
    until(lambda: ("bot_token", "token_revoked") in heard)
    face.stop()


def test_home_shows_when_the_bots_own_credentials_served_last() -> None:  # D2
    own = (
        row("bot_token", "ok", NOW),
        row("app_token", "failed", NOW),
        row("signing_secret", "not_set", None),
    )
    status = Status(True, "", False, ())
    shown = "\n".join(
        text
        for block in home_view(Facts(status, Role.READER, NOW, own=own), Voice("ja"))["blocks"]
        for text in limits.texts(block)
    )
    assert "🔑 bot_token の名（確認 " in shown
    assert "🔴 app_token の名（使えません）" in shown
    assert "signing_secret" not in shown
