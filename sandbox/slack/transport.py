"""How envelopes reach the bot: over the sockets that it opens, or by posts to where it listens."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.slack.record import Record

Json = dict[str, Any]


@dataclass(frozen=True)
class Parcel:
    """One thing that Slack sends.

    Args:
        kind: ``slash_commands``, ``interactive`` or ``events_api``.
        takes_answer: whether the acknowledgement may carry a payload.
        attempt: 1, 2, 3 for the repeats of an event that nobody acknowledged.
    """

    kind: str
    payload: Json
    takes_answer: bool = False
    attempt: int = 0


@dataclass(frozen=True)
class Outcome:
    """What became of a parcel: acknowledged with a payload, or the error that the actor sees."""

    error: str = ""
    payload: Json = field(default_factory=dict)


class Transport(Protocol):
    """Carries parcels to the bot and their acknowledgements back."""

    def deliver(self, parcel: Parcel) -> Outcome:
        """Send and wait for the acknowledgement; never called on the event loop."""


@dataclass
class Acknowledgements:
    """How long each took, and how many came too late or for nothing."""

    record: Record
    times: list[Json] = field(default_factory=list)
    lost: int = 0

    def take(self, parcel: Parcel, sent: float, payload: Any) -> Json:
        """Take one in time; gives what it carries. ``sent`` is of ``time.monotonic``."""
        self.times.append({"kind": parcel.kind, "ms": round((time.monotonic() - sent) * 1000, 1)})
        content = payload if isinstance(payload, dict) else {"text": payload} if payload else {}
        if content.get("text") == "" and len(content) == 1:
            content = {}
        if content and not parcel.takes_answer:
            kind = parcel.payload.get("type", parcel.kind)
            self.record.violation(f"the acknowledgement of {kind} carries a payload")
        return content
