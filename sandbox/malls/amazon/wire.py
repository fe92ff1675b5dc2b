"""Requests and answers of the Selling Partner API as values, and the forms of its errors (spec 4)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.malls.common import gateway

MARKETPLACE = "A1VC38T7YXB528"

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One request that reached a function.

    ``path`` is decoded; ``query`` holds one value per name; ``seller`` is whose access token came.
    """

    function: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    seller: str = ""

    def listed(self, name: str, known: Collection[str] = (), cap: int = 0) -> list[str]:
        """Give an array parameter: one value, split at its commas; empty where it is not given.

        Raises:
            Refusal: an entry is not among the known ones, or there are more than ``cap``.
        """
        found = [part for part in self.query.get(name, "").split(",") if part]
        if known and (stray := [part for part in found if part not in known]):
            raise invalid(f"Invalid value '{stray[0]}' for parameter '{name}'.")
        if cap and len(found) > cap:
            raise invalid(f"Too many '{name}' values provided. Expected a maximum of {cap}.")
        return found

    def time(self, name: str) -> datetime | None:
        """Give a time of the query."""
        text = self.query.get(name)
        return read_time(text, name) if text is not None else None

    def number(self, name: str, default: int, most: int) -> int:
        """Give a whole number from 1 on."""
        text = self.query.get(name, str(default))
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
            raise invalid(f"Invalid value '{text}' for parameter '{name}': 1 to {most}.")
        return int(text)

    def document(self, known: Sequence[str], *, strict: bool) -> Json:
        """Give the JSON object of the body.

        Raises:
            Refusal: there is none, or, when strict, it has a field that nobody knows.
        """
        try:
            found = json.loads(self.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise unparsable("the body is not a JSON object")
        if strict and (stray := set(found) - set(known)):
            raise unparsable(f"unknown fields: {', '.join(sorted(stray))}")
        return found


@dataclass(frozen=True)
class Answer(gateway.Answer):
    """What goes back: JSON (``body``) or bytes of some type (``raw``).

    ``rate`` replaces the rate that the operation's header shows.
    """

    body: Json | None = None
    raw: bytes = b""
    kind: str = "text/html; charset=utf-8"
    rate: float | None = None


class Refusal(gateway.Refusal[Answer]):
    """A request is answered with an error of the Selling Partner API."""


def refusal(status: int, code: str, message: str, details: str = "", violation: str = "") -> Refusal:
    """Refuse with the error list that all operations share."""
    entry = {"code": code, "message": message, "details": details}
    return Refusal(Answer(status, {"errors": [entry]}), violation)


def invalid(message: str) -> Refusal:
    """Refuse a parameter; the client has to be corrected."""
    return refusal(400, "InvalidInput", message, violation=message)


def unparsable(what: str) -> Refusal:
    """Refuse a body that cannot be read as the operation's own (spec 6.1)."""
    text = "Request has missing or invalid parameters and cannot be parsed."
    return refusal(400, "InvalidInput", text, violation=what)


def unauthorized(details: str = "") -> Refusal:
    """Refuse a token, or what the token has no right to; then the details are often empty."""
    return refusal(403, "Unauthorized", "Access to requested resource is denied.", details)


def unknown_path(violation: str = "") -> Refusal:
    """Refuse a path that is none, or a call without the token header."""
    return refusal(403, "MissingAuthenticationToken", "Missing Authentication Token", violation=violation)


def quota_exceeded(text: str) -> Refusal:
    """Refuse what comes too fast; without a rate header and without a time to wait."""
    return refusal(429, "QuotaExceeded", text)


def written(moment: datetime) -> str:
    """Write a time as the mall does."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_time(text: str, name: str) -> datetime:
    """Read an ISO 8601 time with its zone.

    Raises:
        Refusal: it is none.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise invalid(f"Invalid value '{text}' for parameter '{name}': not an ISO 8601 time.")
    return found.astimezone(UTC)
