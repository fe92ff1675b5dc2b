"""When too much waits for Slack: said once, and until it is over counts and progress stay out of the queue.

It is an incident like any other, so a restart goes on where it was, and Home shows it too.
"""

from __future__ import annotations

from datetime import datetime

from bot.store.incidents import Incidents

CROWDED = "crowded"
"""The cause of the incident that says so."""
MOST_WAITING = 100
"""More messages than this in the queue, and only what is news is sent."""
CALM = 20
"""So few wait when it is over."""


def is_crowded(incidents: Incidents) -> bool:
    """Tell whether too much waits."""
    known = incidents.latest("", CROWDED)
    return known is not None and known.closed_at is None


class Crowd:
    """Watches how many messages wait. ``holds`` while they are too many."""

    def __init__(self, incidents: Incidents) -> None:
        self._incidents = incidents
        self.holds = is_crowded(incidents)

    def look(self, waiting: int, now: datetime) -> bool:
        """Say that it has begun, or is over; True where something was said.

        Args:
            waiting: roots, changed roots and other messages; several changes of one message are one.
        """
        if waiting > MOST_WAITING and not self.holds:
            self._incidents.raise_("", CROWDED, {"waiting": f"{waiting:,}"}, now)
        elif waiting <= CALM and self.holds:
            self._incidents.recover("", CROWDED, now)
        else:
            return False
        self.holds = not self.holds
        return True
