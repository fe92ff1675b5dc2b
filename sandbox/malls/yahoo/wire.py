"""Requests and answers of the store API as values, and the forms that they take (spec 3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape, quoteattr

from sandbox.malls.common import gateway
from sandbox.malls.yahoo.routes import Route
from sandbox.malls.yahoo.store import Store

JST = timezone(timedelta(hours=9))
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
FORM = "application/x-www-form-urlencoded"
NOTICE_PAGE = (
    "<html><head><title>Yahoo! JAPAN</title></head><body><p>ただいまメンテナンス中です。</p></body></html>"
)
MAINTENANCE = "ただいまメンテナンス中です。"
PUBLISHING = "反映またはアップロード中のため更新ができません"
FORBIDDEN = "Your Request was Forbidden"


@dataclass(frozen=True)
class Answer(gateway.Answer):
    """What goes back: a body of one kind, or none."""

    body: bytes = b""
    kind: str = "text/xml"


class Refusal(gateway.Refusal[Answer]):
    """A request is answered with an error."""


@dataclass(frozen=True)
class Call:
    """One request that reached the mall. ``violations`` collects what no right client sends."""

    route: Route
    store: Store
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    violations: list[str] = field(default_factory=list)

    def form(self, *known: str) -> dict[str, str]:
        """Give the fields of a form-encoded body; empty where it is not one (spec 4.1, px-04001)."""
        kind, _, charset = self.headers.get("Content-Type", "").partition(";")
        if kind.strip().lower() != FORM or "utf-8" not in (charset or "utf-8").lower():
            self.violations.append(f"Content-Type: {kind or 'none'}")
            return {}
        pairs = parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return self._checked(pairs, known)

    def params(self, *known: str) -> dict[str, str]:
        """Give the fields of the query."""
        return self._checked(list(self.query.items()), known)

    def _checked(self, pairs: list[tuple[str, str]], known: tuple[str, ...]) -> dict[str, str]:
        found = dict(pairs)
        if len(found) < len(pairs):
            self.violations.append("a field stands twice")
        if stray := sorted(set(found) - set(known)):
            self.violations.append(f"unknown fields: {', '.join(stray)}")
        return found


def element(name: str, /, *parts: str, **attributes: object) -> str:
    """Write an element around parts that are XML already."""
    written = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items())
    return f"<{name}{written}>{''.join(parts)}</{name}>"


def leaf(name: str, value: object = "") -> str:
    """Write an element around a text; booleans are words."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return element(name, escape(text))


def cdata(name: str, text: str) -> str:
    """Write an element around a text in CDATA, as names are."""
    return element(name, f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>")


def xml(text: str, status: int = 200, **more: Any) -> Answer:
    """Answer with a document."""
    return Answer(status, (DECLARATION + text).encode(), **more)


def result_set(results: list[str], first: int = 1, available: int | None = None, **attributes: object) -> str:
    """Write the root that most answers have."""
    counts = {
        "totalResultsAvailable": len(results) if available is None else available,
        "totalResultsReturned": len(results),
        "firstResultPosition": first,
    }
    return element("ResultSet", *results, **counts, **attributes)


def page(text: str, status: int = 200) -> Answer:
    """Answer with HTML."""
    return Answer(status, text.encode(), "text/html; charset=utf-8")


def as_json(content: Mapping[str, Any], status: int = 200) -> Answer:
    """Answer as the token endpoint does."""
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    return Answer(status, json.dumps(content).encode(), "application/json;charset=UTF-8", headers=headers)


def error(status: int, message: str, code: str = "", **more: Any) -> Answer:
    """Answer with the common form of an error; the gateway's own have no code."""
    parts = [leaf("Message", message), *([leaf("Code", code)] if code else [])]
    return xml(element("Error", *parts), status, **more)


def refusal(status: int, message: str, code: str = "") -> Refusal:
    """Refuse with the common form of an error."""
    return Refusal(error(status, message, code))


def bearer(what: str, description: str, status: int = 401) -> Answer:
    """Refuse a token: the same words in the header and in the body (spec 3)."""
    text = f'Bearer realm="yahooapis.jp", error="{what}", error_description="{description}"'
    message = f"Please provide valid credentials. {text}"
    return error(status, message, headers={"WWW-Authenticate": text})


def jst(moment: datetime) -> str:
    """Write a time as answers do: whole seconds, +09:00."""
    return moment.astimezone(JST).isoformat(timespec="seconds")
