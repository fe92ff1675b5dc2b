"""Reading a mall's JSON field by field, and what of an answer may be kept as evidence."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from adapters.http import Reply
from adapters.secret import Secret

T = TypeVar("T")

_EVIDENCE_MAX = 500


class Malformed(ValueError):
    """The answer lacks a field or has it in another form; the message names the field alone."""


def parsed(reply: Reply) -> dict[str, Any]:
    """Read the JSON object of an answer.

    Raises:
        Malformed: it is something else, such as HTML.
    """
    return object_of(reply.body)


def object_of(content: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        Malformed: it is something else.
    """
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    if not isinstance(found, dict):
        raise Malformed("the body is not a JSON object")
    return found


def get(row: object, name: str, kind: type[T]) -> T:
    """Give a field that must be there in that form."""
    value = row.get(name) if isinstance(row, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
        raise Malformed(f"{name} is not {kind.__name__}")
    return value


def maybe(row: object, name: str, kind: type[T]) -> T | None:
    """Give a field that may be absent or null."""
    if isinstance(row, dict) and row.get(name) is None:
        return None
    return get(row, name, kind)


def text(row: object, name: str) -> str:
    """Give a text that may be absent or null as ""."""
    return maybe(row, name, str) or ""


def iso_time(written: str) -> datetime:
    """Read a time in ISO 8601, with a zone or without."""
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        raise Malformed("a time is not ISO 8601") from None


def beginning(reply: Reply, secrets: Iterable[Secret]) -> str:
    """Give the beginning of an answer for the record, without the credentials in use."""
    return redacted(reply.body[:_EVIDENCE_MAX].decode("utf-8", "replace"), secrets)


def redacted(words: str, secrets: Iterable[Secret]) -> str:
    """Take the credentials in use out of a text that came from outside."""
    for secret in secrets:
        if secret:
            words = words.replace(secret.reveal(), "***")
    return words
