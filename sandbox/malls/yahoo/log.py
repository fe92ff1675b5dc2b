"""What reached the mall: a journal without bodies, protocol violations, and every byte for ``seen``."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
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
        shown = {name: getattr(self, name) for name in ("host", "function", "method", "path", "status")}
        return {"time": self.at.isoformat(), **shown, "summary": summary}


class Log:
    """Everything received on every host, oldest first."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._received: set[str] = set()
        self.entries: list[Entry] = []
        self.violations: list[dict[str, str]] = []

    def receive(self, request: web.Request, host: str, function: str, body: bytes) -> Entry:
        """Note a request. The journal's path has no query: that holds authorization codes."""
        headers = [f"{name}: {value}" for name, value in request.headers.items()]
        pair = basic_pair(request.headers.get("Authorization", ""))
        url, text = str(request.rel_url), body.decode("utf-8", "replace")
        self._received.update([url, unquote_plus(url), text, unquote_plus(text), ":".join(pair), *headers])
        entry = Entry(self._now(), host, function, request.method, request.path, len(body))
        self.entries.append(entry)
        return entry

    def violate(self, entry: Entry, found: Iterable[str]) -> None:
        """Note how a request broke the protocol."""
        where = {"time": entry.at.isoformat(), "function": entry.function, "path": entry.path}
        self.violations += [{**where, "what": what} for what in found]

    def seen(self, text: str) -> bool:
        """Say whether this exact string was ever received, decoded forms too."""
        return any(text in received for received in self._received)


def basic_pair(authorization: str) -> tuple[str, str]:
    """Give client id and secret of a Basic header; empty where it is not one."""
    scheme, _, value = authorization.partition(" ")
    if scheme != "Basic":
        return "", ""
    try:
        text = base64.b64decode(value.encode(), validate=True).decode("utf-8")
    except ValueError:
        return "", ""
    client, _, secret = text.partition(":")
    return client, secret
