"""Requests and answers of APIv2 as values, and the forms of its errors (spec 2, 3.2, 3.4)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from sandbox.malls.common import gateway

JST = timezone(timedelta(hours=9))
MAINTENANCE_PAGE = "<html><head><title>503</title></head><body><h1>メンテナンス中</h1></body></html>"
TIME_FORM = "%Y-%m-%dT%H:%M:%S"
VALUES_MOST = 100  # of one comma list (spec 3.4)

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One request that reached a function.

    ``host`` is the Host header, ``client_id`` who calls; ``violate`` notes a slip that is answered
    all the same.
    """

    function: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes = b""
    host: str = ""
    client_id: str = ""
    violate: Callable[[str], None] = lambda _what: None

    def document(self) -> Json:
        """Give the JSON object of the body.

        Raises:
            Refusal: it does not parse, or is no object.
        """
        try:
            found = json.loads(self.body.decode("utf-8"))
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise refusal(400, "InvalidJson", "The request body is not a JSON object.", "body is no JSON")
        return found


@dataclass(frozen=True)
class Answer(gateway.Answer):
    """What goes back: JSON (``body``) or text (``html``); ``torn`` sends the first half of the JSON only."""

    body: Json | None = None
    html: str = ""
    torn: bool = False


class Refusal(gateway.Refusal[Answer]):
    """A request is answered with an error of APIv2."""


def error(code: str, message: str) -> Json:
    """Give one entry of ``errors``."""
    return {"code": code, "message": message}


def failed(*errors: Json) -> Json:
    """Give the answer that fails as a whole."""
    return {"status": "failed", "errors": list(errors)}


def refusal(status: int, code: str, message: str, violation: str = "") -> Refusal:
    """Refuse in the form of the admin API."""
    return Refusal(Answer(status, failed(error(code, message))), violation)


def invalid(name: str, what: str) -> Refusal:
    """Refuse a parameter or a field that no right client sends."""
    return refusal(400, "InvalidParameter", f"{name}: {what}", f"{name} {what}")


def token_refusal(status: int, code: str, description: str = "", violation: str = "") -> Refusal:
    """Refuse in the form of the token call (spec 2)."""
    described = {"error_description": description} if description else {}
    return Refusal(Answer(status, {"error": code, **described}), violation)


def check_names(query: Mapping[str, str], known: Iterable[str]) -> None:
    """Refuse query parameters that the function does not have."""
    for name in query:
        if name not in known:
            raise invalid(name, "is no parameter of this call")


def values_of(query: Mapping[str, str], name: str, most_bytes: int) -> list[str] | None:
    """Split a comma list; None where it was not sent."""
    if name not in query:
        return None
    values = query[name].split(",")
    if "" in values:
        raise invalid(name, "has an empty value")
    if len(values) > VALUES_MOST:
        raise invalid(name, f"has more than {VALUES_MOST} values")
    if any(len(value.encode()) > most_bytes for value in values):
        raise invalid(name, f"has a value of more than {most_bytes} bytes")
    return values


def time_of(query: Mapping[str, str], name: str) -> datetime | None:
    """Read a time without zone, which is Japan's; None where it was not sent."""
    if name not in query:
        return None
    try:
        moment = datetime.strptime(query[name], TIME_FORM).replace(tzinfo=JST)
    except ValueError as wrong:
        raise invalid(name, "is not yyyy-mm-ddThh:mm:ss") from wrong
    if written(moment) != query[name]:
        raise invalid(name, "is not yyyy-mm-ddThh:mm:ss")
    return moment


def written(moment: datetime | None) -> str:
    """Write a time as the mall does: Japan's, whole seconds, no zone; empty for none."""
    return moment.astimezone(JST).strftime(TIME_FORM) if moment else ""


def between(moment: datetime, since: datetime | None, until: datetime | None) -> bool:
    """Say whether a moment lies in a window, both ends included, in whole seconds."""
    second = moment.replace(microsecond=0)
    return (since is None or since <= second) and (until is None or second <= until)
