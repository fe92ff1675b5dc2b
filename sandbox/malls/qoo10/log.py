"""What reached the mall: a journal without bodies, protocol violations, and every byte for ``seen``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_plus

from aiohttp import web


@dataclass
class Entry:
    """One request as the journal shows it; ``status`` 0 means that no answer was given (yet).

    ``result`` is the code in the answer's envelope, None where the answer has none.
    """

    at: datetime
    function: str
    method: str
    path: str
    size: int
    status: int = 0
    result: int | None = None

    def row(self) -> dict[str, object]:
        """Give what a test reads."""
        told = "" if self.result is None else f" ({self.result})"
        answered = f"{self.status}{told}" if self.status else "no answer"
        return {
            "time": self.at.isoformat(),
            "function": self.function,
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "result": self.result,
            "summary": f"{self.method} {self.path} ({self.size} bytes) -> {answered}",
        }


class Log:
    """Everything received, oldest first."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._received: set[str] = set()
        self.entries: list[Entry] = []
        self.violations: list[dict[str, str]] = []

    def receive(self, request: web.Request, function: str, body: bytes) -> Entry:
        """Note a request. The journal's path has no query: in style B that holds the key."""
        headers = [f"{name}: {value}" for name, value in request.headers.items()]
        url, text = str(request.rel_url), body.decode("utf-8", "replace")
        self._received.update([url, unquote_plus(url), text, unquote_plus(text), *headers])
        entry = Entry(self._now(), function, request.method, request.path, len(body))
        self.entries.append(entry)
        return entry

    def violate(self, entry: Entry, what: str) -> None:
        """Note that a request broke the protocol."""
        found = {"time": entry.at.isoformat(), "function": entry.function, "path": entry.path, "what": what}
        self.violations.append(found)

    def seen(self, text: str) -> bool:
        """Say whether this exact string was ever received, form fields decoded too."""
        return any(text in received for received in self._received)
