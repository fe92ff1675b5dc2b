"""A call of the REST interface, and the answers and refusals it may get.

Source: REST pages "Troubleshooting the REST API" and "Using pagination in the REST API", version
2022-11-28; the texts of refusals as clients of the public service have recorded them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.forge.accounts import Account

DOCUMENTATION = "https://docs.github.com/rest"
BODY_MAX = 65_536
_PER_PAGE, _PER_PAGE_MAX = 30, 100


class ApiError(Exception):
    """The call is refused with this status and message."""

    def __init__(
        self,
        status: int,
        message: str,
        *errors: dict[str, str],
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.errors = status, message, list(errors)
        self.headers = headers or {}


def not_found() -> ApiError:
    """Refuse what is not there, or not to be seen."""
    return ApiError(404, "Not Found")


def invalid(resource: str, field_name: str, code: str, message: str = "") -> ApiError:
    """Refuse a value, in the form that tells what it belongs to."""
    named = {"field": field_name} if field_name else {}
    told = {"message": message} if message else {}
    return ApiError(422, "Validation Failed", {"resource": resource, "code": code, **named, **told})


@dataclass(frozen=True)
class Call:
    """One call: who asks, the values in its path and query, the object in its body."""

    account: Account
    values: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    accept: str = ""

    @property
    def number(self) -> int:
        """The number or id in the path."""
        return int(self.values["number"])

    def text(self, name: str, *, needed: bool = False) -> str | None:
        """Give a text of the body; None where it is absent or null.

        Raises:
            ApiError: it is needed and absent, or not a text.
        """
        value = self.body.get(name)
        if value is None and needed:
            raise ApiError(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')
        if value is not None and not isinstance(value, str):
            shown = json.dumps(value, ensure_ascii=False)
            raise ApiError(422, f"Invalid request.\n\nFor 'properties/{name}', {shown} is not a string.")
        return value

    def needed(self, name: str) -> str:
        """Give a text that the body must have."""
        return self.text(name, needed=True) or ""

    @property
    def page(self) -> int:
        """The page asked for, from 1."""
        return max(1, _number(self.query.get("page", ""), 1))

    @property
    def per_page(self) -> int:
        """How many rows a page has; more than a hundred are never given."""
        return min(max(1, _number(self.query.get("per_page", ""), _PER_PAGE)), _PER_PAGE_MAX)


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() else otherwise


@dataclass(frozen=True)
class Answer:
    """What goes back: a JSON value, or nothing (204), or the bytes of a file."""

    value: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None


@dataclass(frozen=True)
class Listed:
    """Rows of which the caller gets one page; only that page is put into its JSON form."""

    rows: Sequence[Any]
    form: Callable[[Any], dict[str, Any]]


Reply = Answer | Listed
Handler = Callable[[Call], Reply]


@dataclass(frozen=True)
class Route:
    """One function of the interface: method, path below the repository, its page in the documents."""

    method: str
    path: str
    page: str
    handler: Handler

    @property
    def documentation(self) -> str:
        """Where the function is described."""
        return f"{DOCUMENTATION}/{self.page}"
