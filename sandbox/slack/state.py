"""The workspace's whole state, shared by the methods, the sockets and the hands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.people import People
from sandbox.slack.rates import Rates
from sandbox.slack.record import Record
from sandbox.slack.room import Room
from sandbox.slack.tickets import Tickets
from sandbox.slack.views import Views
from sandbox.world import World

# The bot's scopes. Source: spec 1.
BOT_SCOPES = ("commands", "chat:write", "users:read", "usergroups:read", "files:read", "files:write")


@dataclass(frozen=True)
class Settings:
    """What a test or a demo may choose.

    Args:
        scopes: what the bot's token may do.
        rates: how much faster than Slack calls may come; 0 switches the rate limits off.
        ack_timeout_s: how long the actor waits for an acknowledgement.
        refresh_grace_s: from a ``disconnect`` frame to the end of that connection.
        dispatch_wait_s: how long a command waits for a socket while none is connected [guess].
        plan: "free" has no user groups.
    """

    command: str = "/zaiko"
    scopes: tuple[str, ...] = BOT_SCOPES
    rates: float = 1.0
    ack_timeout_s: float = 3.0
    trigger_s: float = 3.0
    refresh_grace_s: float = 10.0
    dispatch_wait_s: float = 0.5
    plan: str = "paid"


@dataclass
class Scheduled:
    """A message that Slack will post by itself."""

    id: str
    channel: str
    post_at: int
    content: dict[str, Any]


class State:
    """Everything there is; every change happens under ``world.lock`` and ends with ``world.notify``."""

    def __init__(self, world: World, settings: Settings) -> None:
        self.world = world
        self.settings = settings
        self.people = People()
        self.record = Record(world.clock)
        self.room = Room(world.clock, self.people)
        self.views = Views(self.people)
        self.tickets = Tickets(world.clock, settings.trigger_s)
        self.rates = Rates(world.clock, settings.rates)
        self.faults = Faults()
        self.scheduled: dict[str, Scheduled] = {}
        self.uploads: dict[str, dict[str, Any]] = {}
        self.address = ""


@dataclass
class Fault:
    """One thing that goes wrong, for some methods and some times."""

    name: str
    method: str = ""
    times: int = -1
    arguments: dict[str, Any] = field(default_factory=dict)


class Faults:
    """The faults that are switched on; callers hold the world's lock."""

    KNOWN = ("ratelimited", "down", "slow", "refuse", "cut_before", "cut_after", "free_plan")

    def __init__(self) -> None:
        self._active: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Switch one on; ValueError for an unknown name."""
        if fault.name not in self.KNOWN:
            raise ValueError(f"unknown fault {fault.name!r}; known: {', '.join(self.KNOWN)}")
        self._active.append(fault)

    def clear(self) -> None:
        """Switch all off."""
        self._active.clear()

    def active(self) -> list[Fault]:
        """The faults that are on."""
        return list(self._active)

    def has(self, name: str) -> bool:
        """Tell whether a fault is on."""
        return any(fault.name == name for fault in self._active)

    def take(self, name: str, method: str) -> Fault | None:
        """Use a fault once for a method, if it is on and not used up."""
        for fault in self._active:
            if fault.name == name and fault.method in ("", method) and fault.times:
                fault.times -= 1
                if not fault.times:
                    self._active.remove(fault)
                return fault
        return None
