"""A workspace on loopback with the bot's Slack face in it, over real sockets."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from fake_actions import FakeActions
from sqlalchemy import Engine

from adapters.clock import SystemClock
from adapters.secret import Secret
from bot.mapping.model import Role, Team
from bot.slack.app import SlackFace, SlackSettings
from bot.store.database import open_database
from bot.store.incidents import Incidents
from bot.store.outbox import Outbox
from sandbox.slack.part import SlackWorkspace
from sandbox.web import WebHost
from sandbox.world import World
from tests.unit.house import House

RATES = 20.0
"""How much faster than Slack's own everything may go here, at both ends."""


@dataclass
class Stage:
    """The workspace, the face and what stands behind it."""

    workspace: SlackWorkspace
    actions: Any
    engine: Engine
    folder: Path
    settings: SlackSettings
    face: SlackFace

    def control(self, verb: str, **arguments: Any) -> Any:
        return self.workspace.control(verb, arguments)

    def types(self, user: str, text: str) -> list[dict[str, Any]]:
        """Type a command and give every answer to it, in the acknowledgement or after."""
        before = self.control("revision")
        answers = self.control("type", user=user, text=text)["answers"]
        return answers or [self.control("wait", user=user, text="", after=before)]

    def sees(self, user: str, text: str, after: int = 0) -> dict[str, Any]:
        return dict(self.control("wait", user=user, text=text, timeout_s=10, after=after))

    def texts(self, user: str) -> str:
        return "\n".join(m["text"] + m["plain"] for m in self.control("messages", user=user))

    def incidents(self) -> Incidents:
        return Incidents(self.engine)

    def outbox(self) -> Outbox:
        return Outbox(self.engine)

    def now(self) -> datetime:
        return datetime.now(UTC)


def until(condition: Callable[[], Any], within_s: float = 10) -> Any:
    """Wait for a condition and give what it gave."""
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return found


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, SlackWorkspace]]:
    world = World(tmp_path_factory.mktemp("world"))
    host = WebHost(world)
    host.start()
    part = SlackWorkspace(world, host, rates=RATES)
    part.start()
    yield world, part
    part.stop()
    host.stop()


PEOPLE = ("alice", "bob", "carol")


@pytest.fixture(autouse=True)
def no_form_stays_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """People close their forms, so that the next test does not see one of the last."""
    if "workspace" not in request.fixturenames:
        yield
        return
    _, part = request.getfixturevalue("workspace")
    yield
    for person in PEOPLE:
        if part.control("modal", {"user": person}):
            part.control("close_modal", {"user": person, "everything": True})


def slack_settings(world: World, workspace: SlackWorkspace, **changes: Any) -> SlackSettings:
    addresses = workspace.addresses()
    values: dict[str, Any] = {
        "bot_token": Secret(addresses["bot_token"]),
        "app_token": Secret(addresses["app_token"]),
        "api_url": addresses["api_url"],
        "ca_file": world.ca_file,
        "rates": RATES,
    }
    return SlackSettings(**(values | changes))


@pytest.fixture
def stage(tmp_path: Path, workspace: tuple[World, SlackWorkspace]) -> Iterator[Stage]:
    world, part = workspace
    engine = open_database(tmp_path / "state")
    actions = FakeActions(part.addresses()["channel"])
    settings = slack_settings(world, part)
    face = SlackFace(actions, engine, settings, SystemClock(), Event())
    face.start()
    assert face.wait_connected(10)
    part.control("wait_connected", {})
    yield Stage(part, actions, engine, tmp_path / "state", settings, face)
    actions.hold.set()
    face.stop()
    engine.dispose()
    part.control("clear_faults", {})
    assert part.control("violations", {}) == []


@dataclass
class Housed(Stage):
    """The same with the bot's core behind it: two shops on malls in memory, and their state."""

    house: House

    def audits(self) -> list[tuple[str, str, str]]:
        """Give (who, action, result) of everything that was recorded."""
        return [(line.who, line.action, line.result) for line in self.actions.inquiries.audit(1)]


ROLES = {"U0ALICE01": Role.ADMIN, "U0BOB0001": Role.OPERATOR, "U0CAROL01": Role.READER}
ROLES |= dict.fromkeys(("U0GUEST01", "U0SOTO001", "U0GONE001"), Role.ADMIN)  # slips in team.yaml


@contextmanager
def house_on_stage(folder: Path, workspace: tuple[World, SlackWorkspace]) -> Iterator[Housed]:
    """Put a house and a face for it onto the stage; nobody's request may break Slack's rules."""
    world, part = workspace
    house = House(folder)
    channels = {"ops": part.addresses()["channel"]}
    house.team = Team(users=ROLES, channels=channels, default_role=Role.NONE)
    settings = slack_settings(world, part)
    face = SlackFace(house.actions, house.engine, settings, SystemClock(), Event())
    face.start()
    assert face.wait_connected(10)
    part.control("wait_connected", {})
    house.quiet()
    yield Housed(part, house.actions, house.engine, house.folder, settings, face, house)
    for user in ROLES:
        if part.control("modal", {"user": user}):
            part.control("close_modal", {"user": user, "everything": True})
    face.stop()
    house.close()
    part.control("clear_faults", {})
    assert part.control("violations", {}) == []


@pytest.fixture
def housed(tmp_path: Path, workspace: tuple[World, SlackWorkspace]) -> Iterator[Housed]:
    with house_on_stage(tmp_path, workspace) as stage:
        yield stage


@pytest.fixture(scope="module")
def shared_house(
    tmp_path_factory: pytest.TempPathFactory, workspace: tuple[World, SlackWorkspace]
) -> Iterator[Housed]:
    """One for many tests that do not mind what the others did."""
    with house_on_stage(tmp_path_factory.mktemp("house"), workspace) as stage:
        yield stage
