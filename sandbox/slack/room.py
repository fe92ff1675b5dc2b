"""The messages: posted, edited, deleted, whispered to one person."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.people import BOT_USER, People
from sandbox.slack.render import plain_blocks, plain_mrkdwn
from sandbox.world import WorldClock

Blocks = list[dict[str, Any]]

_PING = re.compile(r"<(!channel|!here|!everyone|!subteam\^[^>|]+|@[UW][A-Z0-9]+)[>|]")


@dataclass
class Message:
    """One message. ``to`` is set for an ephemeral: the only person who sees it."""

    ts: str
    channel: str
    author: str
    text: str
    blocks: Blocks
    revision: int
    thread_ts: str = ""
    to: str = ""
    attachments: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    history: list[tuple[str, Blocks]] = field(default_factory=list)
    broadcast: bool = False
    is_notice: bool = False

    def all_blocks(self) -> Blocks:
        """The blocks of the message and of its attachments, in the order shown."""
        inside = [block for item in self.attachments for block in item.get("blocks", [])]
        return [*self.blocks, *inside]


@dataclass
class Draft:
    """What a message is made of before it has a time stamp."""

    text: str = ""
    blocks: Blocks = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str = ""
    files: list[dict[str, Any]] = field(default_factory=list)
    broadcast: bool = False


class Room:
    """All channels' messages in the order of posting; callers hold the world's lock."""

    def __init__(self, clock: WorldClock, people: People) -> None:
        self._clock = clock
        self._people = people
        self._last_ts = 0
        self.revision = 0
        self.messages: list[Message] = []

    def post(
        self, channel: str, draft: Draft, *, author: str = BOT_USER, to: str = "", is_notice: bool = False
    ) -> Message:
        """Add a message, for everybody in the channel or for ``to`` alone."""
        message = Message(
            ts=self._new_ts(),
            channel=channel,
            author=author,
            text=draft.text,
            blocks=with_ids(draft.blocks, self._next_revision()),
            revision=self.revision,
            thread_ts=draft.thread_ts,
            to=to,
            attachments=draft.attachments,
            files=draft.files,
            broadcast=draft.broadcast,
            is_notice=is_notice,
        )
        self.messages.append(message)
        return message

    def edit(self, message: Message, text: str, blocks: Blocks) -> None:
        """Replace a message's content and keep what it said before."""
        message.history.append((message.text, message.blocks))
        message.revision = self._next_revision()
        message.text, message.blocks = text, with_ids(blocks, message.revision)

    def delete(self, message: Message) -> None:
        """Take a message away."""
        self._next_revision()
        self.messages.remove(message)

    def find(self, channel: str, ts: str) -> Message | None:
        """Find a message that everybody sees."""
        found = (m for m in self.messages if (m.channel, m.ts, m.to) == (channel, ts, ""))
        return next(found, None)

    def visible(self, user: str = "", channel: str = "") -> list[Message]:
        """Give what a person sees (everybody's view if none is named), oldest first."""
        return [m for m in self.messages if channel in ("", m.channel) and self._sees(user, m)]

    def _sees(self, user: str, message: Message) -> bool:
        reader = message.to or self._people.channels[message.channel].reader
        return not user or reader in ("", user)

    def as_json(self, message: Message) -> dict[str, Any]:
        """Give a message as the drivers and the page read it."""
        return {
            "ts": message.ts,
            "channel": message.channel,
            "thread_ts": message.thread_ts,
            "user": message.author,
            "author": self._people.display_name(message.author),
            "text": message.text,
            "blocks": message.blocks,
            "attachments": message.attachments,
            "files": message.files,
            "plain": self.plain(message),
            "ephemeral": bool(message.to),
            "to": message.to,
            "edited": bool(message.history),
            "history": [self._plain(text, blocks) for text, blocks in message.history],
            "pings": pings(message),
            "notice": message.is_notice,
            "broadcast": message.broadcast,
            "revision": message.revision,
        }

    def plain(self, message: Message) -> str:
        """Give a message as the text that a person reads."""
        lines = [self._plain(message.text, message.all_blocks())]
        lines += [f"[file: {file['name']}]" for file in message.files]
        return "\n".join(line for line in lines if line)

    def _plain(self, text: str, blocks: Blocks) -> str:
        return plain_blocks(blocks, self._people) if blocks else plain_mrkdwn(text, self._people)

    def _new_ts(self) -> str:
        self._last_ts = max(self._last_ts + 1, int(self._clock.now().timestamp() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def _next_revision(self) -> int:
        self.revision += 1
        return self.revision


def with_ids(blocks: Blocks, salt: int) -> Blocks:
    """Give the blocks with ids made up where the bot gave none, as Slack does."""
    done = []
    for number, block in enumerate(blocks):
        named = {"block_id": f"made-{salt}-{number}", **block}
        for key in ("accessory", "element"):
            if "type" in named.get(key, {}) and named[key]["type"] != "image":
                named[key] = {"action_id": f"made-{salt}-{number}-0", **named[key]}
        if named["type"] == "actions":
            pairs = enumerate(named["elements"])
            named["elements"] = [{"action_id": f"made-{salt}-{number}-{i}", **item} for i, item in pairs]
        done.append(named)
    return done


def pings(message: Message) -> list[str]:
    """Give whom a message would call: mentions that are neither escaped nor plain text."""
    texts = [message.text] if not message.all_blocks() else list(_mrkdwn(message.all_blocks()))
    return [found for text in texts for found in _PING.findall(text)]


def _mrkdwn(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in _mrkdwn(item)]
    if not isinstance(value, dict):
        return []
    if value.get("type") in ("mrkdwn", "markdown") and isinstance(value.get("text"), str):
        return [value["text"]]
    return [text for item in value.values() for text in _mrkdwn(item)]
