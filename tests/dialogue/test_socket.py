"""The socket to Slack: what is in work outlives a connection, and the end is quick."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import pytest
from conftest import until
from slack_bolt import App
from slack_sdk import WebClient

from adapters.secret import Secret
from bot.slack.socket import SocketAddress, SocketBridge
from sandbox.slack.part import SlackWorkspace
from sandbox.world import World

GRACE_S = 0.6


@dataclass
class Line:
    """A bridge to an app whose one command takes until it is let go."""

    part: SlackWorkspace
    address: SocketAddress
    stop: Event = field(default_factory=Event)
    begun: Event = field(default_factory=Event)
    go: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        client = WebClient(
            self.part.addresses()["bot_token"], base_url=self.address.api_url, ssl=self.address.tls
        )
        app = App(client=client, request_verification_enabled=False, signing_secret="unused")  # noqa: S106
        app.command("/zaiko")(self._answer)
        self.bridge = SocketBridge(app, self.address, self.stop)
        self.hands = ThreadPoolExecutor(4)
        self.lost = self.ask("lost_acks")

    def _answer(self, ack: Any, command: dict[str, Any]) -> None:
        self.begun.set()
        if command["text"] == "slow":
            self.go.wait(2.5)
        ack("here")

    def ask(self, verb: str, **arguments: Any) -> Any:
        return self.part.control(verb, arguments)

    def numbers(self) -> list[int]:
        return [connection["number"] for connection in self.ask("connections")]

    def type(self, text: str = "status") -> str:
        found = self.ask("type", user="bob", text=f"/zaiko {text}")
        return str(found.get("error") or found["answers"][0]["plain"])

    def begin(self) -> Future[str]:
        """Have a command in work."""
        self.begun.clear()
        typed = self.hands.submit(self.type, "slow")
        assert self.begun.wait(5)
        return typed

    def end(self) -> float:
        """Stop; gives the seconds that it took."""
        started = time.monotonic()
        self.stop.set()
        self.bridge.join()
        return time.monotonic() - started


@pytest.fixture
def line(workspace: tuple[World, SlackWorkspace]) -> Iterator[Line]:
    world, part = workspace
    addresses = part.addresses()
    tls = ssl.create_default_context(cafile=str(world.ca_file))
    line = Line(part, SocketAddress(addresses["api_url"], Secret(addresses["app_token"]), tls))
    line.bridge.start()
    part.control("wait_connected", {})
    yield line
    line.go.set()
    line.end()
    line.hands.shutdown()
    until(lambda: not line.numbers())
    part.control("clear_faults", {})
    assert line.ask("lost_acks") == line.lost


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
def test_command_in_work_during_a_refresh_is_acknowledged(line: Line, reason: str) -> None:
    (old,) = line.numbers()
    typed = line.begin()
    line.ask("disconnect", reason=reason, close_in_s=GRACE_S)
    until(lambda: len(line.numbers()) == 2)  # the next is open before the last is closed
    assert old in line.numbers()
    until(lambda: old not in line.numbers())
    line.go.set()
    assert typed.result() == "here"


def test_commands_are_heard_all_the_time_while_connections_are_refreshed(line: Line) -> None:
    for _ in range(4):
        line.ask("disconnect", reason="refresh_requested", close_in_s=GRACE_S)
        assert [line.type() for _ in range(3)] == ["here"] * 3
        until(lambda: len(line.numbers()) > 1)


def test_link_that_breaks_without_a_warning_is_replaced_and_loses_no_acknowledgement(line: Line) -> None:
    (old,) = line.numbers()
    typed = line.begin()
    line.ask("disconnect", reason="sudden")
    until(lambda: line.numbers() not in ([], [old]))
    line.go.set()
    assert typed.result() == "here"
    assert line.type() == "here"


def test_slack_that_ends_every_connection_at_once_is_asked_ever_more_seldom(line: Line) -> None:
    seen: set[int] = set()
    until_s = time.monotonic() + 3
    while time.monotonic() < until_s:
        seen.update(line.numbers())
        line.ask("disconnect", reason="link_disabled")
        time.sleep(0.01)
    assert 2 <= len(seen) <= 5  # at 0, 0.4, 1.2 and 2.8 s


def test_end_is_quick_and_leaves_nothing_behind(line: Line) -> None:
    assert line.type() == "here"
    assert line.end() < 1
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith("slack-")]
    assert left == []


def test_end_acknowledges_what_is_in_work(line: Line) -> None:
    typed = line.begin()
    ending = line.hands.submit(line.end)
    line.go.set()
    assert typed.result() == "here"
    assert ending.result() < 2


def test_end_is_quick_where_slack_cannot_be_reached(line: Line) -> None:
    line.ask("fault", name="down")
    line.ask("disconnect", reason="sudden")
    until(lambda: not line.numbers())
    assert line.end() < 1
