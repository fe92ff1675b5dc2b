"""Who and what is in the workspace: users, a user group, channels, the app and its made-up tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

TEAM = "T0SANDBOX"
DOMAIN = "sandbox"
APP = "A0SANDBOX"
BOT = "B0BOT0001"
BOT_USER = "U0BOT0001"
BOT_NAME = "在庫ボット"
SLACKBOT = "USLACKBOT"
BOT_TOKEN = "xoxb-sandbox-bot"  # noqa: S105
APP_TOKEN = "xapp-sandbox-app"  # noqa: S105
SIGNING_SECRET = "sandbox-signing-secret"  # noqa: S105
OPS_CHANNEL = "C0ZAIKO01"
GROUP = "S0OPS0001"

# Real tokens go on with a number after their prefix; the sandbox's never do.
_REAL_TOKEN = re.compile(r"xox[a-z](\.xox[a-z])?-\d|xapp-\d|xwfp-")


def looks_real(token: str) -> bool:
    """Tell whether a token has the form of one that Slack itself issues."""
    return bool(_REAL_TOKEN.search(token))


@dataclass
class Person:
    """A user of the workspace, as ``users.info`` shows one."""

    id: str
    name: str
    real_name: str
    locale: str = "ja-JP"
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    deleted: bool = False
    is_bot: bool = False
    team: str = TEAM

    @property
    def direct_channel(self) -> str:
        """The id of the channel between this person and the app."""
        return "D" + self.id[1:]


@dataclass
class Channel:
    """A place for messages; ``reader`` is set for the direct channel of one person."""

    id: str
    name: str
    has_bot: bool = True
    is_archived: bool = False
    reader: str = ""


def _standard_people() -> list[Person]:
    return [
        Person("U0ALICE01", "alice", "アリス"),
        Person("U0BOB0001", "bob", "ボブ"),
        Person("U0CAROL01", "carol", "キャロル"),
        Person("U0GUEST01", "guest", "ゲスト", is_restricted=True),
        Person("U0ERIN001", "erin", "Erin", locale="en-US"),
        Person("U0SOTO001", "stranger", "社外の人", is_stranger=True, team="T0OTHER01"),
        Person("U0GONE001", "gone", "退職した人", deleted=True),
        Person(BOT_USER, "zaiko", BOT_NAME, is_bot=True),
        Person(SLACKBOT, "slackbot", "Slackbot", is_bot=True),
    ]


def _standard_channels() -> list[Channel]:
    return [
        Channel(OPS_CHANNEL, "zaiko-ops"),
        Channel("C0OTHER01", "random", has_bot=False),
        Channel("C0OLD0001", "old-ops", is_archived=True),
    ]


class People:
    """The directory: finds people and channels by id or name."""

    def __init__(self) -> None:
        self.users = {person.id: person for person in _standard_people()}
        self.channels = {channel.id: channel for channel in _standard_channels()}
        for person in self.users.values():
            self.channels[person.direct_channel] = Channel(
                person.direct_channel, f"dm-{person.name}", reader=person.id
            )
        self.group_members = ["U0BOB0001"]

    def person(self, name: str) -> Person:
        """Find a person by name or id; ValueError if there is none."""
        for person in self.users.values():
            if name in (person.id, person.name):
                return person
        raise ValueError(f"no user {name!r}")

    def channel(self, name: str) -> Channel:
        """Find a channel by id, name or the id of the person at its other end; ValueError if none."""
        for channel in self.channels.values():
            if name in (channel.id, channel.name, f"#{channel.name}", channel.reader or None):
                return channel
        raise ValueError(f"no channel {name!r}")

    def display_name(self, user: str) -> str:
        """The name that stands over a message of this user."""
        person = self.users.get(user)
        return person.real_name if person else user


def user_object(person: Person, *, with_locale: bool) -> dict[str, Any]:
    """Build what ``users.info`` gives. Source: spec 6."""
    found: dict[str, Any] = {
        "id": person.id,
        "team_id": person.team,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": person.deleted,
        "tz": "Asia/Tokyo",
        "tz_offset": 32400,
        "profile": {"display_name": person.real_name, "real_name": person.real_name},
        "is_admin": False,
        "is_owner": False,
        "is_bot": person.is_bot,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
    }
    if person.is_stranger:
        found["is_stranger"] = True
    if with_locale:
        found["locale"] = person.locale
    return found
