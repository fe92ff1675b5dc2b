"""Requests and answers of RMS as values, and the forms that its errors take (spec 2.5)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from sandbox.malls.common import gateway

JST = timezone(timedelta(hours=9))
MAINTENANCE_PAGE = "<html><head><title>503</title></head><body><h1>メンテナンス中</h1></body></html>"

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One request that reached a function: path parts, query and body."""

    function: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes = b""

    @property
    def version(self) -> str:
        """Version of the inventory API in the path."""
        return self.path.get("version", "")

    def attributes(self) -> Json:
        """Give the JSON object of the body.

        Raises:
            Refusal: there is none, or it is empty.
        """
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            found = None
        if not isinstance(found, dict) or not found:
            raise refusal(400, Flaw("GE0011", "Request body is missing or is empty without any attributes."))
        return found


@dataclass(frozen=True)
class Answer(gateway.Answer):
    """What goes back: JSON (``body``), text (``html``) or nothing but a status."""

    body: Json | None = None
    html: str = ""


@dataclass(frozen=True)
class Flaw:
    """One entry of ``errors``; ``at`` is its property path."""

    code: str
    message: str
    at: str = ""

    def entry(self) -> Json:
        """Give the wire form."""
        entry: Json = {"code": self.code, "message": self.message}
        return {**entry, "metadata": {"propertyPath": self.at}} if self.at else entry


class Refusal(gateway.Refusal[Answer]):
    """A request is answered with an error of RMS."""


# Errors that the spec calls a bug of the client, not weather and not stale data.
BUGS = frozenset({"IE0001", "IE0105", "IE0113", "IE1101", "IE1102", "GE0007", "GE0011"})


def refusal(status: int, *flaws: Flaw) -> Refusal:
    """Refuse in the form of the inventory, item and gateway errors."""
    bugs = [f.message for f in flaws if f.code in BUGS or f.message.startswith("Unrecognized field")]
    return Refusal(Answer(status, {"errors": [f.entry() for f in flaws]}), "; ".join(bugs))


def legacy_refusal(status: int, code: str, message: str, violation: str = "") -> Refusal:
    """Refuse in the older gateway form."""
    return Refusal(Answer(status, {"Results": {"errorCode": code, "message": message}}), violation)


def unauthorised() -> Refusal:
    """Refuse a key that is wrong, expired or not yet live, or a function that is not ticked."""
    return refusal(401, Flaw("GA0001", "Un-Authorised"))


def unknown_fields(
    found: Sequence[str] | Mapping[str, Any], known: Sequence[str], at: str = ""
) -> list[Flaw]:
    """Give one error for each field that the function does not have."""
    return [
        Flaw("IE0002", f"Unrecognized field {name}.", f"{at}{name}") for name in found if name not in known
    ]


def jst(moment: datetime) -> str:
    """Write a time as the inventory and item APIs do: whole seconds, JST, with a colon."""
    return moment.astimezone(JST).isoformat(timespec="seconds")


def order_time(moment: datetime | None) -> str | None:
    """Write a time as the order API does: JST, no colon in the offset."""
    return moment.astimezone(JST).strftime("%Y-%m-%dT%H:%M:%S%z") if moment else None
