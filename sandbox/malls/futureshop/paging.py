"""Pages of a list and the ``nextUrl`` that leads to the next one (spec 3.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from sandbox.malls.futureshop.faults import Faults
from sandbox.malls.futureshop.routes import ADMIN
from sandbox.malls.futureshop.wire import Call, invalid, refusal

T = TypeVar("T")
CURSOR_MOST = 2048
FOREIGN_HOST = "localhost"  # the same port by another name, so that whoever follows it is seen


class Pages:
    """Cuts lists into pages; a cursor is good for the query that it was given out with."""

    def __init__(self, faults: Faults, bits: Callable[[int], int]) -> None:
        self._faults = faults
        self._bits = bits
        self._cursors: dict[str, tuple[Mapping[str, str], int]] = {}

    def cut(self, call: Call, path: str, rows: Sequence[T], size: int) -> tuple[list[T], dict[str, str]]:
        """Give the rows of the asked page, and ``nextUrl`` unless it is the last one."""
        start = self._start(call)
        end = start + size
        next_url = self._next(call, path, end) if end < len(rows) else ""
        if fault := self._faults.take(("foreign_next_url",), call.function):
            next_url = _foreign(next_url or self._next(call, path, end), fault.options.get("form", "host"))
        return list(rows[start:end]), {"nextUrl": next_url} if next_url else {}

    def _start(self, call: Call) -> int:
        if "cursor" not in call.query:
            return 0
        cursor, rest = call.query["cursor"], _rest(call.query)
        if len(cursor) > CURSOR_MOST:
            raise invalid("cursor", f"has more than {CURSOR_MOST} characters")
        if cursor not in self._cursors:
            raise refusal(400, "InvalidCursor", "The cursor is invalid.", "cursor was not given out")
        wanted, start = self._cursors[cursor]
        if wanted != rest:
            raise refusal(400, "InvalidCursor", "The cursor is invalid.", "cursor of another query")
        return start

    def _next(self, call: Call, path: str, start: int) -> str:
        cursor, rest = f"{self._bits(128):032x}", _rest(call.query)
        self._cursors[cursor] = (rest, start)
        return f"https://{call.host}{ADMIN}/{path}?{urlencode({**rest, 'cursor': cursor}, safe=',')}"


def _rest(query: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if name != "cursor"}


def _foreign(url: str, form: str) -> str:
    if form == "host":
        return url.replace("127.0.0.1", FOREIGN_HOST, 1)
    if form == "scheme":
        return url.replace("https:", "http:", 1)
    if form == "path":
        return url.replace(f"{ADMIN}/", f"{ADMIN}/other/", 1)
    return url.partition("cursor=")[0].rstrip("&?")
