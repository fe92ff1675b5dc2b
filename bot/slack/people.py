"""Who may speak to the bot at all: full members of our own workspace."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http.client import HTTPException
from threading import Lock
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from adapters.contract import Clock
from bot.answers import Refused

log = logging.getLogger(__name__)

FRESH_S = 300.0
LAST_GOOD_S = 3600.0
"""While Slack cannot be asked, the last answer about a person serves this long."""

_OUTSIDE = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")


@dataclass(frozen=True)
class _Seen:
    member: bool
    language: str
    at: float


class People:
    """Answers from ``users.info``, kept for five minutes."""

    def __init__(self, client: WebClient, team_id: str, clock: Clock) -> None:
        self._client = client
        self._team_id = team_id
        self._clock = clock
        self._seen: dict[str, _Seen] = {}
        self._lock = Lock()

    def admit(self, user_id: str, team_id: str) -> None:
        """Let a member of our workspace through.

        Raises:
            Refused: a guest, a stranger, a deleted user or a bot, another workspace, or unknown.
        """
        if team_id != self._team_id or not self._is_member(user_id):
            raise Refused("outsider")

    def language_of(self, user_id: str) -> str:
        """Give the language a person has Slack in, as last heard: ``ja``, ``en``, or "" if unknown."""
        with self._lock:
            seen = self._seen.get(user_id)
        return seen.language if seen else ""

    def _is_member(self, user_id: str) -> bool:
        now = self._clock.monotonic()
        with self._lock:
            seen = self._seen.get(user_id)
        if seen and now - seen.at <= FRESH_S:
            return seen.member
        try:
            found = self._ask(user_id, now)
        except (SlackApiError, OSError, HTTPException) as error:
            log.warning("users.info failed: %s", type(error).__name__)
            if seen and now - seen.at <= LAST_GOOD_S:
                return seen.member
            raise Refused("people_unknown") from None
        with self._lock:
            self._seen[user_id] = found
        return found.member

    def _ask(self, user_id: str, now: float) -> _Seen:
        reply = self._client.users_info(user=user_id, include_locale=True)
        user: dict[str, Any] = reply["user"]
        ours = user.get("team_id", self._team_id) == self._team_id
        return _Seen(ours and not any(map(user.get, _OUTSIDE)), _language(str(user.get("locale", ""))), now)


def _language(locale: str) -> str:
    """Give the one of our languages that serves a locale; English where neither is theirs."""
    if not locale:
        return ""
    return "ja" if locale.startswith("ja") else "en"
