"""The same conversations over a socket and over signed posts: everybody reads the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from conftest import slack_settings, until
from fake_actions import FakeActions
from sqlalchemy import Engine

from adapters.clock import SystemClock
from adapters.secret import Secret
from bot.slack.app import SlackFace
from bot.slack.http import HttpAddress
from bot.slack.manifest import EVENTS
from bot.slack.verbs import VERBS
from bot.store.database import open_database
from bot.store.incidents import Incidents
from bot.store.outbox import Outbox
from sandbox.slack.part import SlackWorkspace
from sandbox.web import WebHost
from sandbox.world import ControlError, World

RATES = 20.0
WAYS = ("socket", "http")
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
FIELD = "ライセンスキー"
MODAL = "a modal"

Step = tuple[str, str, Any, str]  # who, does what, with what, and what they then see ("*": anything)

SCENES: dict[str, list[Step]] = {
    "help": [("carol", "type", "help", "使い方"), ("carol", "type", "help pause", "一時停止")],
    "nothing typed": [("carol", "type", "", "使い方")],
    "a look, shown to all": [
        ("bob", "type", "mug", "販売できる数 17"),
        ("bob", "click", "チャンネルに表示", "<@U0BOB0001> が共有"),
    ],
    "an unknown code": [("carol", "type", "no-such-code-at-all", "*")],
    "a slip, mended by its button": [
        ("bob", "type", "pasue rakuten 2h", "pause rakuten 2h"),
        ("bob", "click", "pause rakuten 2h", "一時停止しました"),
    ],
    "status in two languages": [
        ("carol", "type", "status", "在庫連携の状態"),
        ("erin", "type", "status", "*"),
    ],
    "a role too low": [("carol", "type", "pause 楽天", "「担当者」の権限が必要です")],
    "a guest": [("guest", "type", "status", "ゲスト")],
    "a pause, ended once by its button": [
        ("bob", "type", "pause rakuten 2h 棚卸", "一時停止しました"),
        ("alice", "click", "再開", "再開しました"),
        ("bob", "type", "resume rakuten", "<@U0ALICE01>"),
    ],
    "a pause of a reader's making": [
        ("bob", "type", "pause mug", "再開するまで"),
        ("carol", "click", "再開", "「担当者」の権限が必要です"),
    ],
    "on, twice, and off": [
        ("alice", "type", "on", "自動連携を始めました"),
        ("alice", "type", "on", "すでに"),
        ("alice", "type", "off", "*"),
    ],
    "words left open": [("bob", "type", 'pause 楽天 2h "棚卸', "引用符が閉じていません")],
    "a renewal, wrong and right": [
        ("alice", "type", "renew 楽天", MODAL),
        ("alice", "submit", {FIELD: "other-shop-key"}, ""),
        ("alice", "submit", {FIELD: "right-key", "有効期限": "2027-02-19"}, "確認中です"),
    ],
    "a key in a command": [("alice", "type", "renew 楽天 licence made-up-key-of-some-length", "*")],
    "an error inside": [("bob", "fail", "mug", "エラーのため実行できませんでした")],
    "a slow answer": [("bob", "wait", "mug", "販売できる数")],
    "an alert, acknowledged": [
        ("bob", "break", "rakuten-main", "認証エラー"),
        ("bob", "click", "確認した", "確認済み <@U0BOB0001>"),
    ],
    "home, opened": [("carol", "home", "", "")],
    "home, sync switched on by its button": [
        ("alice", "home", "", ""),
        ("alice", "press", "自動連携を始める", "自動連携を始めました"),
    ],
}
WRITES = {"orders": "orders import rakuten", "map": "map set mug rakuten none", "on": "on", "off": "off"}
for _who, _said in (("carol", "権限が必要です"), ("guest", "ゲスト"), ("stranger", "*")):  # E7, E8
    SCENES[f"every verb that writes, by {_who}"] = [
        (_who, "type", WRITES.get(verb.name, f"{verb.name} rakuten"), _said) for verb in VERBS if verb.writes
    ]


@dataclass
class Wire:
    """One bot that hears in one way. ``url`` is where Slack posts to, "" for a socket."""

    face: SlackFace
    actions: FakeActions
    engine: Engine
    url: str


@dataclass
class Street:
    """The workspace, with a bot at the end of either way."""

    part: SlackWorkspace
    wires: dict[str, Wire]

    def ask(self, verb: str, **arguments: Any) -> Any:
        return self.part.control(verb, arguments)

    def play(self, way: str, steps: list[Step]) -> list[str]:
        """Play a scene and give what was read at each step, by whom."""
        wire = self.wires[way]
        self.ask("request_url", url=wire.url)
        return [line for step in steps for line in self._step(wire, step)]

    def _step(self, wire: Wire, step: Step) -> list[str]:
        who, act, what, sees = step
        before = self.ask("revision")
        told = getattr(self, f"_{act}")(wire, who, what)
        if sees == MODAL:
            self.ask("wait_modal", user=who)
        elif sees:
            self.ask("wait", user=who, text=sees.strip("*"), after=before)
        until(lambda: not Outbox(wire.engine).waiting() and not Incidents(wire.engine).untold())
        read = [
            f"{message['to'] or 'all'} {_still(message['text'])} | {_still(message['plain'])}"
            for message in self.ask("messages")
            if message["revision"] > before and message["user"] != "USLACKBOT"
        ]
        modal = self.ask("modal", user=who)
        shown = _still(modal["plain"]) if modal else ""
        return [f"{who} {act}: {told}", f"modal: {shown}", *sorted(read)]

    def _type(self, _wire: Wire, who: str, text: str) -> str:
        found = self.ask("type", user=who, text=f"/zaiko {text}")
        return str(found.get("error", ""))

    def _click(self, _wire: Wire, who: str, label: str) -> str:
        return str(self.ask("click", user=who, label=label))

    def _home(self, _wire: Wire, who: str, _: str) -> str:
        return _still(str(self.ask("open_home", user=who, within_s=10)["plain"]))

    def _press(self, _wire: Wire, who: str, label: str) -> str:
        return str(self.ask("click", user=who, label=label, home=True))

    def _submit(self, _wire: Wire, who: str, values: dict[str, str]) -> str:
        return str(self.ask("submit", user=who, values=values))

    def _fail(self, wire: Wire, who: str, text: str) -> str:
        wire.actions.fails = True
        return self._type(wire, who, text)

    def _wait(self, wire: Wire, who: str, text: str) -> str:
        wire.actions.hold.clear()
        told = self._type(wire, who, text)
        wire.actions.hold.set()
        return told

    def _break(self, wire: Wire, _who: str, shop: str) -> str:
        Incidents(wire.engine).raise_(shop, "auth", {"detail": "401"}, NOW, "critical")
        wire.face.wake()
        return ""


def _still(text: str) -> str:
    """Take out what is of one message alone: its number, and the second it was made in."""
    return re.sub(r"\d{10}\.\d{6}|<!date\^\d+|\d+:\d\d(:\d\d)?|made-\d+[\d-]*", "…", text)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    world = World(tmp_path_factory.mktemp("world"))
    host = WebHost(world)
    host.start()
    part = SlackWorkspace(world, host, rates=RATES)
    part.start()
    wires = {way: _wire(world, part, way, tmp_path_factory.mktemp(way)) for way in WAYS}
    part.control("wait_connected", {})
    yield Street(part, wires)
    part.control("request_url", {"url": ""})
    for wire in wires.values():
        wire.face.stop()
        wire.engine.dispose()
    part.stop()
    host.stop()


def _wire(world: World, part: SlackWorkspace, way: str, folder: Path) -> Wire:
    settings = slack_settings(world, part)
    if way == "http":
        address = HttpAddress("127.0.0.1", 0, Secret(part.addresses()["signing_secret"]))
        settings = replace(settings, app_token=None, http=address)
    actions = FakeActions(part.addresses()["channel"])
    engine = open_database(folder / "state")
    face = SlackFace(actions, engine, settings, SystemClock(), Event())
    face.start()
    assert face.wait_connected(10)
    return Wire(face, actions, engine, f"http://127.0.0.1:{face.port}{EVENTS}" if way == "http" else "")


@pytest.fixture
def clean(street: Street) -> Iterator[Street]:
    for wire in street.wires.values():
        fresh = FakeActions(street.part.addresses()["channel"])
        fresh.now = lambda: NOW  # type: ignore[method-assign]
        vars(wire.actions).clear()
        vars(wire.actions).update(vars(fresh))
    yield street
    for user in ("alice", "bob", "carol"):
        if street.ask("modal", user=user):
            street.ask("close_modal", user=user)
    assert street.ask("violations") == []


@pytest.mark.parametrize("name", list(SCENES))
def test_scene_reads_the_same_over_a_socket_and_over_posts(clean: Street, name: str) -> None:
    socket, posts = (clean.play(way, SCENES[name]) for way in WAYS)
    assert len(socket) > len(SCENES[name])
    assert posts == socket


def test_nothing_is_changed_by_who_may_not_over_either_way(clean: Street) -> None:  # E7
    for way in WAYS:
        for who in ("carol", "guest", "stranger"):
            clean.play(way, SCENES[f"every verb that writes, by {who}"])
        results = {line[3].split(":")[0] for line in clean.wires[way].actions.audits}
        assert results == {"refused"}
        assert not clean.wires[way].actions.pauses


def test_each_way_carries_its_own_requests(clean: Street) -> None:
    for way, other in (WAYS, WAYS[::-1]):
        clean.play(way, [("bob", "type", "pause rakuten 2h", "一時停止しました")])
        assert [line[1] for line in clean.wires[way].actions.audits] == ["pause", "pause"]
        assert clean.wires[other].actions.audits == [] or other == WAYS[0]


def test_slack_takes_no_request_url_that_does_not_answer_its_challenge(clean: Street) -> None:
    for url in ("http://127.0.0.1:9/slack/events", clean.wires["http"].url.replace("events", "elsewhere")):
        with pytest.raises(ControlError, match="did not answer the challenge"):
            clean.ask("request_url", url=url)
    with pytest.raises(ControlError, match="this machine only"):
        clean.ask("request_url", url="https://example.invalid/slack/events")


def test_secret_typed_into_a_modal_is_found_nowhere_over_posts(
    clean: Street, caplog: pytest.LogCaptureFixture
) -> None:  # A16
    planted = "planted-key-for-the-search-8f2c"
    caplog.set_level("DEBUG")
    clean.play(
        "http", [("alice", "type", "renew 楽天", MODAL), ("alice", "submit", {FIELD: planted}, "確認中です")]
    )
    assert not clean.ask("seen", text=planted)
    assert planted not in caplog.text
    assert clean.wires["http"].actions.vault["rakuten-main"]["licence"].reveal() == planted
