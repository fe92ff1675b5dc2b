"""The Slack face against workspaces that other people wrote: what only our own simulator accepts shows here.

Where they are known to differ from Slack nothing is asserted: local-slack shows answers to all, gives
every connection every envelope and checks no limit, rate, scope or token; emulate has no commands,
interactions, sockets or user groups.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import requests
import yaml
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from adapters.clock import SystemClock
from adapters.secret import Secret
from bot.slack.app import SlackFace, SlackSettings
from bot.slack.http import HttpAddress
from bot.slack.manifest import EVENTS
from bot.slack.methods import scopes
from bot.store.database import open_database
from bot.store.incidents import Incidents
from tests.dialogue.fake_actions import FakeActions
from tests.interop.fakes import EMULATE, LOCAL_SLACK, free_port, run_alone, running, until

BOT_TOKEN, APP_TOKEN, SIGNING = "xoxb-sandbox-bot", "xapp-sandbox-app", "sandbox-signing-secret"  # noqa: S105
OPS = "C0ZAIKO01"
PEOPLE = {"U0ALICE01": "alice", "U0BOB0001": "bob", "U0CAROL01": "carol"}

pytestmark = pytest.mark.long


def test_face_speaks_with_other_peoples_workspaces() -> None:
    run_alone(__file__)


# --------------------------------------------------------------------------- local-slack


class Stage:
    """A face in a local-slack workspace."""

    def __init__(self, url: str, actions: FakeActions, incidents: Incidents, face: SlackFace) -> None:
        self.url = url
        self.actions = actions
        self.incidents = incidents
        self.face = face

    def types(self, user: str, text: str) -> None:
        body = {"channel": OPS, "user": user, "command": "/zaiko", "text": text}
        assert requests.post(f"{self.url}/_control/command", json=body, timeout=10).json()["ok"]

    def clicks(self, user: str, message: dict[str, Any], label: str) -> None:
        actions = (block for block in message["blocks"] if block["type"] in ("actions", "section"))
        elements = (
            {**element, "block_id": block.get("block_id", "")}
            for block in actions
            for element in [*block.get("elements", []), block.get("accessory", {})]
        )
        wanted = ("type", "action_id", "block_id", "value")
        action = next(
            {key: element[key] for key in wanted if key in element}
            for element in elements
            if element.get("text", {}).get("text") == label
        )
        body = {"channel": OPS, "messageTs": message["ts"], "user": user, "action": action}
        assert requests.post(f"{self.url}/_control/interact", json=body, timeout=10).json()["ok"]

    def messages(self) -> list[dict[str, Any]]:
        found = requests.get(f"{self.url}/_control/messages/{OPS}", timeout=10).json()
        return list(found["messages"] if isinstance(found, dict) else found)

    def sees(self, text: str) -> dict[str, Any]:
        found = until(lambda: [m for m in self.messages() if text in str(m)], f"{text!r}")
        return dict(found[-1])


@pytest.fixture(params=["socket", "events"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    port, own_port = free_port(), free_port()
    app = {
        "appId": "A0SANDBOX",
        "botUserId": "U0BOT0001",
        "botName": "zaiko",
        "botToken": BOT_TOKEN,
        "appToken": APP_TOKEN,
        "signingSecret": SIGNING,
        "mode": request.param,
        "requestUrl": f"http://127.0.0.1:{own_port}{EVENTS}",
    }
    config = {
        "workspace": {"id": "T0SANDBOX", "name": "sandbox"},
        "app": app,
        "users": [{"id": user, "name": name} for user, name in PEOPLE.items()],
        "channels": [{"id": OPS, "name": "zaiko-ops", "members": [*PEOPLE, "U0BOT0001"]}],
    }
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    url = f"http://127.0.0.1:{port}"
    command = [str(LOCAL_SLACK), "--config", "config.yaml", "--port", str(port), "--base-host", "127.0.0.1"]
    http = HttpAddress("127.0.0.1", own_port, Secret(SIGNING)) if request.param == "events" else None
    settings = SlackSettings(Secret(BOT_TOKEN), Secret(APP_TOKEN), http, f"{url}/api/", rates=20)
    engine, actions = open_database(tmp_path / "state"), FakeActions(OPS)
    with running(command, url, tmp_path):
        face = SlackFace(actions, engine, settings, SystemClock(), Event())
        face.start()
        assert face.wait_connected(15)
        yield Stage(url, actions, Incidents(engine), face)
        face.stop()
    engine.dispose()


@pytest.mark.alone
def test_commands_are_answered(stage: Stage) -> None:
    stage.types("U0CAROL01", "status")
    stage.sees("在庫連携の状態")
    stage.types("U0CAROL01", "mug")
    stage.sees("販売できる数 17")
    stage.types("U0CAROL01", "pause 楽天")
    stage.sees("「担当者」の権限が必要です")


@pytest.mark.alone
def test_button_does_what_it_says(stage: Stage) -> None:
    stage.types("U0BOB0001", "pause rakuten 2h")
    message = stage.sees("一時停止しました")
    stage.clicks("U0BOB0001", message, "再開")
    until(lambda: not stage.actions.pauses, "the pause to end")
    stage.sees("再開しました")


@pytest.mark.alone
def test_slow_answer_comes_by_the_response_url(stage: Stage) -> None:
    stage.actions.hold.clear()
    stage.types("U0BOB0001", "mug")
    time.sleep(0.5)  # the acknowledgement goes without it
    stage.actions.hold.set()
    stage.sees("販売できる数 17")


@pytest.mark.alone
def test_alert_is_posted_and_edited_in_place(stage: Stage) -> None:
    now = stage.actions.now()
    stage.incidents.raise_("rakuten-main", "auth", {"detail": "401"}, now, "critical")
    stage.face.wake()
    root = stage.sees("認証エラー")
    stage.incidents.recover("rakuten-main", "auth", stage.actions.now())
    stage.face.wake()
    stage.sees("復旧しました")
    assert [m["ts"] for m in stage.messages() if "認証エラー" in str(m)][:1] == [root["ts"]]


# --------------------------------------------------------------------------- emulate


@pytest.fixture
def client(tmp_path: Path) -> Iterator[WebClient]:
    port = free_port()
    token = {"token": BOT_TOKEN, "user": "U000000001", "scopes": scopes()}
    seed = {"slack": {"strict_scopes": True, "tokens": [token]}}
    (tmp_path / "seed.yaml").write_text(yaml.safe_dump(seed), encoding="utf-8")
    command = [str(EMULATE), "start", "--service", "slack", "--seed", "seed.yaml", "-p", str(port)]
    with running(command, f"http://127.0.0.1:{port}/", tmp_path):
        yield WebClient(BOT_TOKEN, base_url=f"http://127.0.0.1:{port}/api/")


def _said(call: Callable[[], Any]) -> str:
    """Give Slack's word for what was wrong, "" for nothing."""
    try:
        call()
    except SlackApiError as error:
        return str(error.response["error"])
    return ""


@pytest.mark.alone
def test_no_call_of_the_bot_lacks_a_scope(client: WebClient) -> None:
    later = int(time.time()) + 900
    channel = next((c["id"] for c in _channels(client)), OPS)  # emulate has channels of its own
    calls: dict[str, Callable[[], Any]] = {
        "auth.test": client.auth_test,
        "chat.postMessage": lambda: client.chat_postMessage(channel=channel, text="12"),
        "chat.update": lambda: client.chat_update(channel=channel, ts="1.000001", text="12"),
        "chat.postEphemeral": lambda: client.chat_postEphemeral(channel=channel, user="U1", text="12"),
        "chat.scheduleMessage": lambda: client.chat_scheduleMessage(
            channel=channel, text="12", post_at=later
        ),
        "chat.deleteScheduledMessage": lambda: client.chat_deleteScheduledMessage(
            channel=channel, scheduled_message_id="Q1"
        ),
        "chat.scheduledMessages.list": client.chat_scheduledMessages_list,
        "users.info": lambda: client.users_info(user="U000000001", include_locale=True),
        "views.open": lambda: client.views_open(trigger_id="1", view={"type": "modal", "blocks": []}),
        "views.publish": lambda: client.views_publish(user_id="U1", view={"type": "home", "blocks": []}),
        "files.getUploadURLExternal": lambda: client.files_getUploadURLExternal(filename="a.csv", length=3),
    }
    said = {name: _said(call) for name, call in calls.items()}
    assert [name for name, word in said.items() if word == "missing_scope"] == []
    assert said["auth.test"] == ""
    assert said["users.info"] in ("", "user_not_found")


@pytest.mark.alone
def test_a_token_without_its_scope_would_be_noticed(client: WebClient) -> None:
    assert _said(lambda: client.conversations_list()) == "missing_scope"


def _channels(client: WebClient) -> list[dict[str, Any]]:
    try:
        return list(client.conversations_list()["channels"])
    except SlackApiError:
        return []
