"""What reached a mall: a journal without bodies, protocol violations, and every byte for ``seen``."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote_plus

from aiohttp import web


@dataclass
class Entry:
    """One request as the journal shows it; ``status`` 0 means that no answer was given (yet).

    Of what is no HTTP, ``method`` is the operation, and ``status`` may be the answer in words.
    ``answered`` is what an answer says besides, ``more`` what else the mall shows of the request.
    """

    at: datetime
    function: str
    method: str
    path: str
    size: int = 0
    status: int | str = 0
    answered: str = ""
    more: dict[str, object] = field(default_factory=dict)

    def row(self) -> dict[str, object]:
        """Give what a test reads."""
        answer = f"{self.status}{self.answered}" if self.status else "no answer"
        return {
            "time": self.at.isoformat(),
            "function": self.function,
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "summary": f"{self.method} {self.path} ({self.size} bytes) -> {answer}",
            **self.more,
        }


class Log:
    """Everything received, oldest first."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._received: set[str] = set()
        self.entries: list[Entry] = []
        self.violations: list[dict[str, str]] = []

    def receive(self, request: web.Request, function: str, body: bytes, **more: object) -> Entry:
        """Note a request. The journal's path has no query: that may hold keys."""
        self.hear(*texts_of(request, body))
        return self.note(function, request.method, request.path, len(body), **more)

    def note(self, function: str, method: str, path: str, size: int = 0, **more: object) -> Entry:
        """Write a line into the journal."""
        entry = Entry(self._now(), function, method, path, size, more=more)
        self.entries.append(entry)
        return entry

    def hear(self, *contents: str | bytes) -> None:
        """Keep what was received, for ``seen``; bytes in both encodings that a file may be in."""
        for content in contents:
            if isinstance(content, str):
                self._received.add(content)
            else:
                self._received.update(content.decode(name, "replace") for name in ("utf-8", "cp932"))

    def violate(self, entry: Entry, what: str) -> None:
        """Note that a request broke the protocol."""
        found = {"time": entry.at.isoformat(), "function": entry.function, "path": entry.path, "what": what}
        self.violations.append(found)

    def rows(self) -> list[dict[str, object]]:
        """Give the journal."""
        return [entry.row() for entry in self.entries]

    def seen(self, text: str) -> bool:
        """Say whether this exact string was ever received, as it came or decoded."""
        return any(text in received for received in self._received)


def texts_of(request: web.Request, body: bytes) -> list[str]:
    """Give every text of a request: its target, headers and body, as sent and decoded."""
    content = body.decode("utf-8", "replace")
    headers = [f"{name}: {value}" for name, value in request.headers.items()]
    authorization = request.headers.get("Authorization", "")
    pair = decoded(authorization, authorization.partition(" ")[0])
    return [request.raw_path, unquote_plus(request.raw_path), content, unquote_plus(content), pair, *headers]


def decoded(authorization: str, scheme: str) -> str:
    """Give the pair ``a:b`` of a header in the manner of Basic; empty where it is not one."""
    found, _, value = authorization.partition(" ")
    if found != scheme:
        return ""
    try:
        return base64.b64decode(value.encode(), validate=True).decode("utf-8")
    except ValueError:
        return ""
