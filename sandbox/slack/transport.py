"""How envelopes reach the bot. Socket Mode is the one transport here; another one fits beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

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
