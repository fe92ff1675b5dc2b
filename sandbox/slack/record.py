"""Everything that the bot ever sent, so that a test can search it, and what it did wrong."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import Any

from sandbox.world import WorldClock


@dataclass
class Entry:
    """One thing received: an API call, an acknowledgement, a post to a response_url, an upload."""

    at: str
    kind: str
    name: str
    content: Any
    outcome: str = ""
    milliseconds: float | None = None


@dataclass
class Record:
    """The workspace's memory of the bot's side of the wire. Tokens never enter it."""

    clock: WorldClock
    entries: list[Entry] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def add(self, kind: str, name: str, content: Any) -> Entry:
        """Keep one received thing and give its entry, to be completed with the outcome."""
        entry = Entry(self.clock.now().isoformat(timespec="milliseconds"), kind, name, content)
        with self._lock:
            self.entries.append(entry)
        return entry

    def violation(self, text: str) -> None:
        """Note that the bot broke the contract; a test fails on any of these."""
        with self._lock:
            self.violations.append(text)

    def remark(self, text: str) -> None:
        """Note what Slack bears but advises against."""
        with self._lock:
            self.remarks.append(text)

    def calls(self) -> list[str]:
        """Give the names of the API methods called, in order."""
        with self._lock:
            return [entry.name for entry in self.entries if entry.kind == "call"]

    def everything(self) -> str:
        """Give all received content as one text."""
        with self._lock:
            contents = [entry.content for entry in self.entries]
        return "\n".join(json.dumps(content, ensure_ascii=False) for content in contents)

    def count(self, text: str) -> int:
        """Count the received things that hold this exact string in a key or a value."""
        with self._lock:
            contents = [entry.content for entry in self.entries]
        return sum(_holds(content, text) for content in contents)


def _holds(content: Any, text: str) -> bool:
    if isinstance(content, dict):
        return any(_holds(key, text) or _holds(value, text) for key, value in content.items())
    if isinstance(content, list):
        return any(_holds(item, text) for item in content)
    if isinstance(content, str):
        # A value such as a button's holds JSON, in which the string may be escaped.
        return text in content or json.dumps(text)[1:-1] in content
    return text == str(content)
