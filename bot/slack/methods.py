"""Every Slack method that the bot calls, and the scope that its token needs for it.

Source: docs.slack.dev, the page of each method; verified 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping

COMMANDS = "commands"
"""The scope that a slash command needs; no method asks for it."""

FILES = "files:read"
"""The scope that fetching a file needs which a person brought; that is no method either."""

METHODS: Mapping[str, str] = {  # "": any token will do
    "auth.test": "",
    "apps.connections.open": "",  # takes the app token, which a person makes with connections:write
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.scheduleMessage": "chat:write",
    "chat.deleteScheduledMessage": "chat:write",
    "chat.scheduledMessages.list": "",
    "views.open": "",
    "views.publish": "",
    "users.info": "users:read",
    "usergroups.users.list": "usergroups:read",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
}

HELPERS: Mapping[str, tuple[str, ...]] = {
    "files_upload_v2": ("files.getUploadURLExternal", "files.completeUploadExternal"),
}
"""Functions of the client that are not one method, with those that they call."""


def scopes() -> list[str]:
    """Give the scopes of the bot's token, each once."""
    return [COMMANDS, FILES, *dict.fromkeys(scope for scope in METHODS.values() if scope)]
