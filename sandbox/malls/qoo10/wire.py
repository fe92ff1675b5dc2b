"""Requests and answers of QAPI as values, its two envelopes and its texts (spec 3, 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sandbox.malls.common import gateway

JST = timezone(timedelta(hours=9))

Json = dict[str, Any]

SUCCESS = "SUCCESS"
NOTHING_FOUND = "SUCCESS. But No Result"
MAINTENANCE_PAGE = (
    "<html><head><title>Qoo10</title></head><body><h1>ただいまメンテナンス中です</h1></body></html>"
)

BULK_FAILED, BULK_TOO_MANY = -1, -2
EMPTY, EXCEPTION = -10, -999
BAD_KEY, NOT_FOUND, BAD_DATE, LONG_PERIOD = -10000, -10001, -10002, -10003
NOT_OPEN, PROCESSING = -10009, -10101
NO_API, NOT_ALLOWED = -90001, -90002

TEXTS: dict[int, str] = {
    BULK_FAILED: "There's more than one failure",
    BULK_TOO_MANY: "Exceeded the maximum count of items (500)",
    EXCEPTION: "Object reference not set to an instance of an object.",
    BAD_KEY: "Please check the Seller Authorization Key.",
    NOT_FOUND: "Fail to find Item information with 'ItemCode','SellerCode'.",
    BAD_DATE: "Search Date Error",
    LONG_PERIOD: "Searching period exceeds to 90 days.",
    NOT_OPEN: "[Trade Status] S1(Standby), S2(Active) only you can search.",
    PROCESSING: "Processing Error",
    NO_API: "存在しないAPIです。",
    NOT_ALLOWED: "You are not authorized for this.",
    -90003: "You are not authorized for this.",
    -90004: "Seller authorization key is expired. Use a new key.",
    -90005: "Seller authorization key is expired. Use a new key.",
}

# What no right client causes: not weather, and not stale data.
BUGS = frozenset({BULK_TOO_MANY, EMPTY, EXCEPTION, BAD_DATE, LONG_PERIOD})


@dataclass(frozen=True)
class Call:
    """One request that reached a method: its form fields and the key in its header.

    ``notes`` collects what is wrong with a request that the mall answers all the same.
    """

    function: str
    fields: Mapping[str, str]
    key: str = ""
    version: str = ""
    notes: list[str] = field(default_factory=list)

    def get(self, name: str) -> str:
        """Give a field, empty where it was not sent."""
        return self.fields.get(name, "")

    def required(self, *names: str) -> None:
        """Insist on fields.

        Raises:
            Refusal: one is absent or empty.
        """
        for name in names:
            require(self.fields, name)


@dataclass(frozen=True)
class Answer(gateway.Answer):
    """What goes back: JSON (``body``) or text (``text``, ``html``), with status 200 unless the edge spoke."""

    status: int = field(default=200, kw_only=True)
    body: Json | None = None
    text: str = ""
    html: str = ""


class Refusal(gateway.Refusal[Answer]):
    """A request is answered with an error of QAPI, or of the edge before it."""


def done(found: object = None, *, message: str = SUCCESS) -> Answer:
    """Answer a success; without a result object where the method has none."""
    body: Json = {"ResultCode": 0, "ResultMsg": message}
    return Answer(body if found is None else {"ResultObject": found, **body})


def refusal(code: int, text: str = "", violation: str = "") -> Refusal:
    """Refuse in the ``ResultCode`` envelope; some codes are bugs of the client by themselves."""
    message = text or TEXTS.get(code, f"Error {code}")
    bug = violation or (f"{code} {message}" if code in BUGS else "")
    return Refusal(Answer({"ResultCode": code, "ResultMsg": message}), bug)


def gate_refusal(code: int = NO_API, violation: str = "") -> Refusal:
    """Refuse in the ``ErrorCode`` envelope."""
    return Refusal(Answer({"ErrorCode": code, "ErrorMsg": TEXTS.get(code, f"Error {code}")}), violation)


def require(fields: Mapping[str, Any], name: str) -> None:
    """Insist on a field: absent ones meet .NET, empty ones a check of the mall (spec 4).

    Raises:
        Refusal: it is absent or empty.
    """
    if name not in fields:
        raise refusal(EXCEPTION, violation=f"{name} is missing")
    if fields[name] == "":
        raise refusal(EMPTY, f"{name} is empty.", f"{name} is empty")


def stamp(moment: datetime | None, zone: str) -> str:
    """Write a time as the order methods do; empty where there is none."""
    return moment.astimezone(zone_of(zone)).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def zone_of(name: str) -> timezone:
    """Give the time zone of a setting."""
    return JST if name == "JST" else UTC
