"""What reached the mall: a journal without bodies, protocol violations, and every byte for ``seen``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_plus

from aiohttp import web

from sandbox.malls.futureshop.keys import decoded


@dataclass
class Entry:
    """One request or FTP command as the journal shows it; ``status`` 0: no answer was given (yet)."""

    at: datetime
    function: str
    method: str
    path: str
    size: int = 0
    status: int = 0

    def row(self) -> dict[str, object]:
        """Give what a test reads."""
        summary = f"{self.method} {self.path} ({self.size} bytes) -> {self.status or 'no answer'}"
        return {
            "time": self.at.isoformat(),
            "function": self.function,
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "summary": summary,
        }


class Log:
    """Everything received, oldest first."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._received: set[str] = set()
        self.entries: list[Entry] = []
        self.violations: list[dict[str, str]] = []

    def receive(self, request: web.Request, function: str, body: bytes) -> Entry:
        """Note a request. The journal's path has no query."""
        headers = [f"{name}: {value}" for name, value in request.headers.items()]
        url, text = str(request.rel_url), body.decode("utf-8", "replace")
        self.hear(url, unquote_plus(url), decoded(request.headers.get("Authorization", "")), text, *headers)
        return self.note(function, request.method, request.path, len(body))

    def note(self, function: str, method: str, path: str, size: int = 0) -> Entry:
        """Write a line into the journal."""
        entry = Entry(self._now(), function, method, path, size)
        self.entries.append(entry)
        return entry

    def hear(self, *texts: str) -> None:
        """Keep what was received, for ``seen``."""
        self._received.update(texts)

    def violate(self, entry: Entry, what: str) -> None:
        """Note that a request broke the protocol."""
        found = {"time": entry.at.isoformat(), "function": entry.function, "path": entry.path, "what": what}
        self.violations.append(found)

    def seen(self, text: str) -> bool:
        """Say whether this exact string was ever received, the Basic header decoded too."""
        return any(text in received for received in self._received)
