"""Reads ``team.yaml``: roles, channels, language, the calendar."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from bot.mapping import keys
from bot.mapping.fields import Fields, Notes, entries_of, items_of, nearest, table_of, text_of, texts_of
from bot.mapping.load import Node, Table, Text
from bot.mapping.model import CalendarWindow, Role, Team, WindowKind

ROLES = (Role.READER, Role.OPERATOR, Role.ADMIN)
_USER, _GROUP, _CHANNEL = map(re.compile, (keys.USER_FORM, keys.GROUP_FORM, keys.CHANNEL_FORM))


class Language(StrEnum):
    """What the bot speaks."""

    JA = "ja"
    EN = "en"


class DefaultRole(StrEnum):
    """What those may do who are not named."""

    NONE = "none"
    READER = "reader"


def read_team(notes: Notes, root: Table, shops: Collection[str] | None) -> Team:
    """Read the whole file; whatever is wrong is noted and left out.

    Args:
        shops: the shops that there are; None where the mapping cannot tell.
    """
    fields = Fields(notes, root, keys.TEAM)
    users, groups = _read_roles(notes, fields)
    return Team(
        users,
        groups,
        Role(fields.choice("default_role", DefaultRole, DefaultRole.READER)),
        _read_channels(notes, fields),
        str(fields.choice("language", Language, Language.JA)),
        tuple(
            window
            for item in items_of(notes, fields.node("windows"), "windows")
            if (window := _read_window(notes, item, shops))
        ),
    )


def _read_roles(notes: Notes, fields: Fields) -> tuple[dict[str, Role], dict[str, Role]]:
    users: dict[str, Role] = {}
    groups: dict[str, Role] = {}
    table = table_of(notes, fields.node("roles"), "roles")
    if table:
        Fields(notes, table, ROLES)
    for role, node in entries_of(notes, table, "roles"):
        for text, word in texts_of(notes, node, role.value):
            if role.value in ROLES:
                place = users if _USER.fullmatch(word) else groups
                _enter(notes, text, word, Role(role.value), place)
    if Role.ADMIN not in users.values() and Role.ADMIN not in groups.values():
        notes.warning(table or fields.table, "no_admin")
    return users, groups


def _enter(notes: Notes, text: Text, word: str, role: Role, place: dict[str, Role]) -> None:
    if not _USER.fullmatch(word) and not _GROUP.fullmatch(word):
        notes.error(text, "not_person", value=word)
    elif word in place:
        notes.error(text, "person_twice", value=word, other=place[word])
    else:
        place[word] = role


def _read_channels(notes: Notes, fields: Fields) -> dict[str, str]:
    found: dict[str, str] = {}
    table = table_of(notes, fields.node("channels"), "channels")
    if table:
        Fields(notes, table, keys.CHANNELS)
    for key, node in entries_of(notes, table, "channels"):
        word = text_of(notes, node, key.value)
        if word and not _CHANNEL.fullmatch(word):
            notes.error(node, "not_channel", value=word)
        found[key.value] = word
    if not found.get("ops"):
        notes.warning(table or fields.table, "no_ops_channel")
    return found


def _read_window(notes: Notes, item: Node, shops: Collection[str] | None) -> CalendarWindow | None:
    table = table_of(notes, item, "windows")
    if table is None:
        return None
    fields = Fields(notes, table, keys.WINDOW)
    starts_at, ends_at = _read_time(notes, fields, "from"), _read_time(notes, fields, "until")
    if starts_at is None or ends_at is None:
        return None
    if ends_at <= starts_at:
        notes.error(table, "window_backwards")
    kind = fields.choice("kind", WindowKind, WindowKind.MAINTENANCE)
    names = tuple(_read_shops(notes, fields, shops))
    return CalendarWindow(kind, starts_at, ends_at, names, fields.text("reason"))


def _read_shops(notes: Notes, fields: Fields, shops: Collection[str] | None) -> list[str]:
    found = []
    for text, name in texts_of(notes, fields.node("shops"), "shops"):
        if shops is not None and name not in shops:
            notes.error(text, "unknown_shop", name=name, meant=nearest(name, shops))
        found.append(name)
    return found


def _read_time(notes: Notes, fields: Fields, name: str) -> datetime | None:
    node = fields.node(name)
    word = fields.text(name) if fields.require(name) else ""
    if not word or node is None:
        return None
    try:
        found = datetime.fromisoformat(word)
    except ValueError:
        found = None
    # A time without its zone would mean another hour on another machine.
    if found is None or found.tzinfo is None:
        notes.error(node, "not_time", name=name, value=word)
        return None
    return found
