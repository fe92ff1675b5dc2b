"""The dead man's switch: Slack raises the alarm when the bot dies, and never while it works."""

from __future__ import annotations

import random
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from conftest import until
from slack_sdk import WebClient
from sqlalchemy import Engine

from bot.slack.deadman import DeadMan
from bot.slack.voice import Voice
from bot.slack.wire import Wire
from bot.store.database import open_database
from bot.store.notes import Remembered
from bot.store.outbox import Outbox
from sandbox.slack import part as workspace_module
from sandbox.slack.part import SlackWorkspace
from sandbox.web import WebHost
from sandbox.world import World

CHANNEL = "C0ZAIKO01"
ALARM = "反応がありません（最後の確認"
TURN_S = 60
KILLS = 100


class Killed(BaseException):
    """The process is gone: nothing catches it."""


@dataclass
class WorldTime:
    """The bot's clock is the world's: both ends live in the same time."""

    world: World

    def now(self) -> Any:
        return self.world.clock.now()

    def monotonic(self) -> float:
        return self.world.clock.seconds()

    def wait(self, stop: Any, timeout_s: float) -> bool:
        self.world.clock.advance(timeout_s)
        return bool(stop.is_set())


@dataclass
class Ground:
    """A workspace of its own, whose time is moved by hand, and a state folder."""

    world: World
    part: SlackWorkspace
    engine: Engine
    calls_left: float = float("inf")
    killed_after: bool = field(default=False)

    def client(self) -> WebClient:
        addresses = self.part.addresses()
        client = WebClient(
            token=addresses["bot_token"],
            base_url=addresses["api_url"],
            ssl=ssl.create_default_context(cafile=str(self.world.ca_file)),
            retry_handlers=[],
        )
        client.api_call = self._counted(client.api_call)  # type: ignore[method-assign]
        return client

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.calls_left -= 1
            if self.calls_left < 0 and not self.killed_after:
                raise Killed
            reply = call(*args, **kwargs)
            if self.calls_left < 0:
                raise Killed
            return reply

        return counted

    def bot(self) -> Bot:
        clock, client = WorldTime(self.world), self.client()
        deadman = DeadMan(client, self.engine, clock, lambda: CHANNEL, lambda: Voice("ja"))
        return Bot(self, deadman, Wire(client, clock, 1.0))

    def alarms(self) -> int:
        texts = [m["text"] for m in self.part.control("messages", {"user": "carol"})]
        return sum(ALARM in text for text in texts)

    def forget(self) -> None:
        """Give the next life a fresh state and no scheduled message."""
        Remembered(self.engine).set("slack.deadman", "{}")
        self.calls_left = float("inf")
        with self.world.lock:
            self.part.state.scheduled.clear()
            self.part.state.room.messages.clear()


@dataclass
class Bot:
    """A process: its workers turn, its sender puts the alarm off."""

    ground: Ground
    deadman: DeadMan
    wire: Wire

    def lives(self, minutes: int, *, turning: bool = True) -> None:
        for _ in range(minutes):
            if turning:
                self.deadman.beat()
            self.deadman.turn(self.wire)
            self.ground.world.clock.advance(TURN_S)

    def lives_until_killed(self, rng: random.Random) -> None:
        """End at a random minute, or in the middle of a random call."""
        self.ground.calls_left = rng.choice([rng.randint(0, 12), float("inf")])
        self.ground.killed_after = rng.random() < 0.5
        with suppress(Killed):
            self.lives(rng.randint(1, 12))
        self.ground.calls_left = float("inf")


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    monkeypatch.setattr(workspace_module, "TICK_S", 0.01)
    world = World(tmp_path / "world")
    host = WebHost(world)
    host.start()
    part = SlackWorkspace(world, host)
    part.start()
    engine = open_database(tmp_path / "state")
    yield Ground(world, part, engine)
    engine.dispose()
    part.stop()
    host.stop()
    assert part.control("violations", {}) == []


def test_a_killed_bot_is_always_told_of_and_a_healthy_one_never(ground: Ground) -> None:  # D4
    rng = random.Random(4)
    for kill in range(KILLS):
        ground.forget()
        first = ground.bot()
        first.lives(2)
        first.lives_until_killed(rng)
        if kill % 2:  # it is started again in time, and lives on for longer than any alarm is ahead
            ground.world.clock.advance(rng.randint(0, 180))
            second = ground.bot()
            second.lives(18)
            assert ground.alarms() == 0, f"kill {kill}: an alarm in healthy hours"
        assert ground.alarms() == 0, f"kill {kill}: an alarm before the bot was dead"
        ground.world.clock.advance(16 * 60)
        until(lambda: not ground.part.control("scheduled", {}), within_s=5)
        # two, where it died between scheduling the next and deleting the last
        assert ground.alarms() in (1, 2), f"kill {kill}: no alarm"


def test_workers_that_hang_are_told_of_though_the_sender_goes_on(ground: Ground) -> None:  # D4
    bot = ground.bot()
    bot.lives(12)
    assert ground.alarms() == 0
    bot.lives(18, turning=False)
    until(lambda: ground.alarms() == 1)


def test_one_alarm_stands_at_a_time_and_a_bot_that_never_turned_has_none(ground: Ground) -> None:
    bot = ground.bot()
    bot.lives(3, turning=False)
    assert ground.part.control("scheduled", {}) == []
    for _ in range(20):
        bot.lives(1)
        assert len(ground.part.control("scheduled", {})) == 1


def test_an_orderly_stop_takes_the_alarm_back_and_says_so(ground: Ground) -> None:
    bot = ground.bot()
    bot.lives(7)
    bot.deadman.stop(bot.wire)
    assert ground.part.control("scheduled", {}) == []
    ground.part.control("wait", {"user": "carol", "text": "在庫ボットを停止しました"})
    ground.world.clock.advance(3600)
    again = ground.bot()
    again.lives(2)
    assert "起動しました" in next_text(ground)
    assert ground.alarms() == 0


def test_the_alarm_is_taken_back_in_the_channel_when_the_bot_is_back(ground: Ground) -> None:
    ground.bot().lives(3)
    ground.world.clock.advance(3600)
    until(lambda: ground.alarms() == 1)
    ground.bot().lives(2)
    assert "動き出しました" in next_text(ground)


def test_slack_out_of_reach_puts_it_off_as_soon_as_it_is_back(ground: Ground) -> None:
    bot = ground.bot()
    bot.lives(2)
    ground.part.control("fault", {"name": "down"})
    bot.lives(7)
    ground.part.control("clear_faults", {})
    bot.lives(3)
    assert len(ground.part.control("scheduled", {})) == 1
    bot.lives(12)
    assert ground.alarms() == 0


def test_an_alarm_whose_answer_was_lost_is_found_and_taken_back(ground: Ground) -> None:
    bot = ground.bot()
    bot.lives(4)
    ground.part.control("fault", {"name": "cut_after", "method": "chat.scheduleMessage", "times": 1})
    bot.lives(3)
    assert len(ground.part.control("scheduled", {})) == 1
    bot.lives(17)
    assert ground.alarms() == 0


def next_text(ground: Ground) -> str:
    message = Outbox(ground.engine).next(ground.world.clock.now())
    assert message is not None
    return str(message.body["text"])
