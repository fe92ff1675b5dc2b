"""What reached the mall: a journal without bodies, protocol violations, and every byte for ``seen``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_plus

from aiohttp import web


@dataclass
class Entry:
    """One request as the journal shows it; ``status`` 0 means that no answer was given (yet)."""

    at: datetime
    host: str
    function: str
    method: str
    path: str
    size: int
    status: int = 0

    def row(self) -> dict[str, object]:
        """Give what a test reads."""
        summary = f"{self.method} {self.path} ({self.size} bytes) -> {self.status or 'no answer'}"
        return {
            "time": self.at.isoformat(),
            "host": self.host,
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

    def receive(self, request: web.Request, host: str, function: str, body: bytes) -> Entry:
        """Note a request. The journal's path has no query, and no key of the file store."""
        texts = texts_of(request, body)
        self._received.update(texts)
        path = request.raw_path.partition("?")[0]
        shown = "/documents/***" if host == "store" else path
        entry = Entry(self._now(), host, function, request.method, shown, len(body))
        self.entries.append(entry)
        return entry

    def violate(self, entry: Entry, what: str) -> None:
        """Note that a request broke the protocol."""
        found = {"time": entry.at.isoformat(), "function": entry.function, "path": entry.path, "what": what}
        self.violations.append(found)

    def seen(self, text: str) -> bool:
        """Say whether this exact string was ever received, decoded where it was percent-encoded."""
        return any(text in received for received in self._received)


def texts_of(request: web.Request, body: bytes) -> list[str]:
    """Give every text of a request: its target, headers and body, as sent and decoded."""
    content = body.decode("utf-8", "replace")
    headers = [f"{name}: {value}" for name, value in request.headers.items()]
    return [request.raw_path, unquote_plus(request.raw_path), content, unquote_plus(content), *headers]
