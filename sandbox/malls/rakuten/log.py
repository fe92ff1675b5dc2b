"""What reached the mall: a journal without bodies, protocol violations, and every byte for ``seen``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_plus

from aiohttp import web

from sandbox.malls.rakuten.keys import decoded


@dataclass
class Entry:
    """One request as the journal shows it; ``status`` 0 means that no answer was given (yet).

    Over SFTP ``method`` is the operation, and ``status`` the answer in words.
    """

    at: datetime
    function: str
    method: str
    path: str
    size: int
    status: int | str = 0

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
        """Note a request. The journal's path has no query: that holds licence keys."""
        headers = [f"{name}: {value}" for name, value in request.headers.items()]
        secrets = decoded(request.headers.get("Authorization", ""))
        url = str(request.rel_url)
        self._received.update([url, unquote_plus(url), secrets, body.decode("utf-8", "replace"), *headers])
        entry = Entry(self._now(), function, request.method, request.path, len(body))
        self.entries.append(entry)
        return entry

    def note(self, function: str, method: str, path: str) -> Entry:
        """Note an operation that came another way than over HTTP."""
        entry = Entry(self._now(), function, method, path, 0)
        self.entries.append(entry)
        return entry

    def hear(self, content: bytes | str) -> None:
        """Keep something that was sent, for ``seen``."""
        if isinstance(content, bytes):
            self._received.update(content.decode(encoding, "replace") for encoding in ("utf-8", "cp932"))
        else:
            self._received.add(content)

    def violate(self, entry: Entry, what: str) -> None:
        """Note that a request broke the protocol."""
        found = {"time": entry.at.isoformat(), "function": entry.function, "path": entry.path, "what": what}
        self.violations.append(found)

    def seen(self, text: str) -> bool:
        """Say whether this exact string was ever received, the ESA header decoded too."""
        return any(text in received for received in self._received)
