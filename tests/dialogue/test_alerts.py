"""Alerts in a workspace: one root per shop and cause, edited in place, recovered once."""

from __future__ import annotations

from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from conftest import Stage, slack_settings, until

from adapters.clock import SystemClock
from adapters.errors import ConfigError
from adapters.secret import Secret
from bot.slack.app import SlackFace


def raise_auth(stage: Stage, severity: str = "critical", **params: Any) -> int:
    found = stage.incidents().raise_("rakuten-main", "auth", params, stage.now(), severity)
    stage.face.wake()
    return found


def roots(stage: Stage) -> list[dict[str, Any]]:
    return [m for m in stage.control("messages", user="carol") if "楽天市場（rakuten-main）" in m["text"]]


def new_roots(stage: Stage, before: int) -> list[dict[str, Any]]:
    return [m for m in roots(stage) if m["revision"] > before and not m.get("thread_ts")]


def test_failure_gives_one_root_that_is_edited_and_recovers_once(stage: Stage) -> None:  # B22
    before = stage.control("revision")
    for _ in range(5):
        raise_auth(stage, detail="401 GA0001")
    root = stage.sees("carol", "認証エラー", after=before)
    for words in ("止まっています", "ほかの店舗", "次にすること", "/zaiko renew rakuten-main", "401 GA0001"):
        assert words in root["text"], words
    until(lambda: "5回" in roots(stage)[-1]["text"])
    assert len(new_roots(stage, before)) == 1
    stage.incidents().recover("rakuten-main", None, stage.now())
    stage.face.wake()
    line = stage.sees("carol", "に復旧しました", after=before)
    assert line["thread_ts"] == root["ts"]
    edited = next(m for m in stage.control("messages", user="carol") if m["ts"] == root["ts"])
    assert "復旧しました" in edited["text"]
    assert "[確認した]" not in edited["plain"]
    until(lambda: not stage.outbox().waiting() and not stage.incidents().untold())
    assert len([m for m in roots(stage) if m["revision"] > before]) == 2


def test_failure_that_comes_back_soon_keeps_its_root(stage: Stage) -> None:
    before = stage.control("revision")
    raise_auth(stage)
    root = stage.sees("carol", "認証エラー", after=before)
    stage.incidents().recover("rakuten-main", "auth", stage.now())
    stage.face.wake()
    line = stage.sees("carol", "に復旧しました", after=root["revision"])
    raise_auth(stage)
    again = stage.sees("carol", "2回目の発生", after=line["revision"])
    assert again["ts"] == root["ts"]


def test_alert_can_be_acknowledged_once_and_the_second_is_told_by_whom(stage: Stage) -> None:
    before = stage.control("revision")
    raise_auth(stage)
    root = stage.sees("bob", "認証エラー", after=before)
    stage.control("click", user="carol", label="確認した", message_ts=root["ts"])
    stage.sees("carol", "「担当者」の権限が必要です", after=before)
    stage.control("click", user="bob", label="確認した", message_ts=root["ts"])
    seen = stage.sees("alice", "確認済み <@U0BOB0001>", after=root["revision"])
    assert seen["ts"] == root["ts"]
    assert "[確認した]" not in seen["plain"]
    stage.control("click", user="alice", message_ts=root["ts"], action_id="alert:ack", stale=True)
    stage.sees("alice", "さんが", after=seen["revision"])


def test_snoozed_alert_only_counts_until_it_gets_worse(stage: Stage) -> None:
    before = stage.control("revision")
    raise_auth(stage, "warning")
    root = stage.sees("bob", "認証エラー", after=before)
    stage.control("click", user="bob", label="1時間知らせない", message_ts=root["ts"])
    snoozed = stage.sees("bob", "まで通知なし", after=root["revision"])
    until(lambda: not stage.incidents().untold())
    raise_auth(stage, "warning")
    assert stage.incidents().untold() == []
    raise_auth(stage, "critical")
    worse = stage.sees("bob", "認証エラー", after=snoozed["revision"])
    assert worse["ts"] != root["ts"]
    stage.sees("bob", "新しいメッセージに移りました", after=snoozed["revision"])


def test_end_of_a_snooze_posts_what_is_still_broken(stage: Stage) -> None:
    before = stage.control("revision")
    found = raise_auth(stage)
    root = stage.sees("bob", "認証エラー", after=before)
    stage.incidents().snooze(found, stage.now() + timedelta(seconds=0.5), "U0BOB0001")
    again = until(lambda: [m for m in new_roots(stage, before) if m["ts"] != root["ts"]])
    assert "認証エラー" in again[0]["text"]


def test_alert_offers_the_renewal(stage: Stage) -> None:
    before = stage.control("revision")
    raise_auth(stage)
    root = stage.sees("alice", "認証エラー", after=before)
    stage.control("click", user="alice", label="更新する", message_ts=root["ts"])
    stage.control("wait_modal", user="alice", text="ライセンスキー")
    stage.control("close_modal", user="alice")


def test_slack_out_of_reach_delays_and_loses_nothing(stage: Stage) -> None:
    before = stage.control("revision")
    stage.control("fault", name="down")
    for _ in range(20):
        raise_auth(stage)
    stage.incidents().raise_("roomclip-main", "temporary", {}, stage.now(), "warning")
    stage.incidents().raise_("roomclip-main", "not_sent", {}, stage.now(), "warning")
    stage.incidents().recover("roomclip-main", "not_sent", stage.now())
    until(lambda: stage.control("journal"))
    stage.control("clear_faults")
    stage.sees("carol", "一時的なエラー", after=before)
    until(lambda: "20回" in roots(stage)[-1]["text"])
    assert len(new_roots(stage, before)) == 1
    assert not [
        m
        for m in stage.control("messages", user="carol")
        if "接続できません：RoomClip" in m["text"] and m["revision"] > before
    ]


def test_too_many_requests_are_waited_out(stage: Stage) -> None:
    before = stage.control("revision")
    stage.control("fault", name="ratelimited")
    raise_auth(stage)
    until(lambda: stage.control("journal"))
    stage.control("clear_faults")
    stage.sees("carol", "認証エラー", after=before)
    assert len(new_roots(stage, before)) == 1


def test_restart_sends_what_was_due_and_nothing_twice(stage: Stage) -> None:
    before = stage.control("revision")
    raise_auth(stage)
    root = stage.sees("carol", "認証エラー", after=before)
    until(lambda: not stage.incidents().untold())
    stage.face.stop()
    raise_auth(stage)
    stage.incidents().raise_("roomclip-main", "maintenance", {}, stage.now(), "warning")
    face = SlackFace(stage.actions, stage.engine, stage.settings, SystemClock(), Event())
    face.start()
    stage.sees("carol", "メンテナンス中", after=before)
    edited = stage.sees("carol", "2回", after=root["revision"])
    assert edited["ts"] == root["ts"]
    face.stop()


@pytest.mark.parametrize("reason", ["refresh_requested", "sudden"])
def test_commands_are_heard_after_a_disconnection(stage: Stage, reason: str) -> None:
    stage.control("disconnect", reason=reason)
    until(lambda: stage.control("type", user="bob", text="/zaiko status").get("answers"), within_s=20)


def test_notice_is_said_in_the_ops_channel(stage: Stage) -> None:
    before = stage.control("revision")
    stage.face.say("pause_over", {"target": "mug", "who": "U0BOB0001"})
    assert "mug" in stage.sees("carol", "時間どおりに終わり", after=before)["text"]
    stage.face.say("renewal_failed", {"shop": "rakuten-main"})
    stage.sees("carol", "楽天市場（rakuten-main）の新しい認証情報は使えませんでした", after=before)


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("bot_token", "xoxb-sandbox-wrong", "SLACK_BOT_TOKEN: Slack does not know the bot token"),
        ("app_token", "xapp-sandbox-wrong", "SLACK_APP_TOKEN: Slack does not know the app token"),
    ],
)
def test_wrong_token_is_told_plainly_and_not_shown(
    stage: Stage, workspace: Any, kind: str, value: str, said: str
) -> None:
    world, part = workspace
    settings = slack_settings(world, part, **{kind: Secret(value)})
    face = SlackFace(stage.actions, stage.engine, settings, SystemClock(), Event())
    with pytest.raises(ConfigError, match=said) as caught:
        face.start()
    assert value not in str(caught.value)
    face.stop()
