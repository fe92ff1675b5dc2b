"""Roles by user group: who is in which, asked of Slack and kept for a while."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from threading import Lock

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from adapters.contract import Clock
from bot.answers import Role

log = logging.getLogger(__name__)

FRESH_S = 300.0
LAST_GOOD_S = 3600.0
"""While Slack cannot be asked, the last list of a group serves this long; never one of admins."""


@dataclass(frozen=True)
class _Seen:
    members: frozenset[str]
    at: float


class Groups:
    """Answers from ``usergroups.users.list``, kept for five minutes."""

    def __init__(self, client: WebClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._seen: dict[str, _Seen] = {}
        self._lock = Lock()

    def of(self, user: str, roles: Mapping[str, Role]) -> list[str]:
        """Give the groups that a person is in.

        Args:
            roles: the groups that give a role, with the role of each.
        """
        return [group for group, role in roles.items() if user in self._members(group, role)]

    def _members(self, group: str, role: Role) -> frozenset[str]:
        now = self._clock.monotonic()
        with self._lock:
            seen = self._seen.get(group)
        if seen and now - seen.at <= FRESH_S:
            return seen.members
        try:
            found = frozenset(self._client.usergroups_users_list(usergroup=group)["users"])
        except (OSError, HTTPException, SlackClientError) as error:
            log.warning("usergroups.users.list failed: %s", type(error).__name__)
            serves = seen is not None and role is not Role.ADMIN and now - seen.at <= LAST_GOOD_S
            return seen.members if seen and serves else frozenset()
        with self._lock:
            self._seen[group] = _Seen(found, now)
        return found
