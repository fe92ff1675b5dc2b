"""Reminds people of what they may have forgotten: pauses without an end, once a day each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine

from adapters.contract import Clock
from bot.following import MappingInForce
from bot.mapping.model import Team
from bot.messages import moment, say
from bot.store import switches
from bot.store.database import reading
from bot.store.notes import Remembered
from bot.store.switches import Pause

EVERY = timedelta(days=1)

_TOLD = "pauses.told"  # id of a group's first pause -> when people were reminded last


class PauseReminder:
    """Tells of pauses without an end.

    Args:
        notify: says a message key with its parameters in the ops channel.
    """

    def __init__(
        self,
        engine: Engine,
        in_force: Callable[[], MappingInForce],
        clock: Clock,
        notify: Callable[[str, Mapping[str, str]], None],
    ) -> None:
        self._engine = engine
        self._in_force = in_force
        self._clock = clock
        self._notify = notify
        self._remembered = Remembered(engine)

    def remind(self) -> None:
        """Tell of each pause that nobody was reminded of for a day; restarts change nothing."""
        now = self._clock.now()
        with reading(self._engine) as connection:
            endless = [p for p in switches.pauses_in_force(connection, now) if p.until is None]
        before: dict[str, str] = json.loads(self._remembered.get(_TOLD) or "{}")
        told: dict[str, str] = {}
        for group in switches.together(endless):
            key = str(group[0].pause_id)
            last = before.get(key, group[0].since.isoformat())
            if now - datetime.fromisoformat(last) >= EVERY:
                self._notify(*_reminder(group, self._in_force().team))
                last = now.isoformat()
            told[key] = last
        if told != before:
            self._remembered.set(_TOLD, json.dumps(told))


def _reminder(group: Sequence[Pause], team: Team) -> tuple[str, dict[str, str]]:
    first, language = group[0], team.language
    words = [say("pause.reason", language, reason=first.reason)] if first.reason else []
    if _has_left(first.who, team):
        words.append(say("pause_owner_left", language))
    params = {"target": first.target, "who": first.who, "since": moment(first.since, language)}
    params["reason"] = " ".join(words)
    if len(group) == 1:
        return "pause_reminder", params
    return "pauses_reminder", params | {"count": f"{len(group):,}"}


def _has_left(who: str, team: Team) -> bool:
    """Tell whether a person is written down nowhere; a group may still hold them."""
    return ":" not in who and not team.groups and who not in team.users
