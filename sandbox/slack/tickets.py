"""What Slack lends the bot for a while: trigger ids, response URLs, socket tickets."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.slack.room import Message
from sandbox.world import WorldClock

RESPONSE_USES = 5
RESPONSE_LIFE_S = 1800


@dataclass
class Trigger:
    """A permission to open one modal for one person, for a few seconds."""

    user: str
    issued: float
    used: bool = False


@dataclass
class ResponseTicket:
    """A response URL: where it posts, for whom, and which message it may replace."""

    user: str
    channel: str
    issued: float
    origin: Message | None = None
    uses: int = 0


class Tickets:
    """Issues and redeems; callers hold the world's lock."""

    def __init__(self, clock: WorldClock, trigger_life_s: float) -> None:
        self._clock = clock
        self._life_s = trigger_life_s
        self._count = 0
        self._triggers: dict[str, Trigger] = {}
        self._responses: dict[str, ResponseTicket] = {}
        self._sockets: set[str] = set()

    def trigger(self, user: str) -> str:
        """Issue a trigger id."""
        trigger_id = f"{self._next()}.sandbox.trigger"
        self._triggers[trigger_id] = Trigger(user, self._clock.seconds())
        return trigger_id

    def redeem_trigger(self, trigger_id: str) -> tuple[str, str]:
        """Use a trigger once; gives (user, error code), one of them empty. Source: spec 5.1."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            return "", "invalid_trigger_id"
        if trigger.used:
            return "", "exchanged_trigger_id"
        if self._clock.seconds() - trigger.issued > self._life_s:
            return "", "expired_trigger_id"
        trigger.used = True
        return trigger.user, ""

    def response(self, user: str, channel: str, origin: Message | None = None) -> str:
        """Issue the secret part of a response URL."""
        key = f"R{self._next()}"
        self._responses[key] = ResponseTicket(user, channel, self._clock.seconds(), origin)
        return key

    def redeem_response(self, key: str) -> tuple[ResponseTicket | None, str]:
        """Use a response URL; gives (ticket, error), one of them empty. Source: spec 9.2."""
        ticket = self._responses.get(key)
        if ticket is None or self._clock.seconds() - ticket.issued > RESPONSE_LIFE_S:
            return None, "expired_url"
        if ticket.uses >= RESPONSE_USES:
            return None, "used_url"
        ticket.uses += 1
        return ticket, ""

    def socket(self) -> str:
        """Issue a ticket for one websocket connection."""
        ticket = f"S{self._next()}"
        self._sockets.add(ticket)
        return ticket

    def redeem_socket(self, ticket: str) -> bool:
        """Use a websocket ticket once."""
        known = ticket in self._sockets
        self._sockets.discard(ticket)
        return known

    def _next(self) -> int:
        self._count += 1
        return self._count
