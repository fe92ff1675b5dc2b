"""Who shows which token, and what it may do."""

from __future__ import annotations

import base64
import binascii
import hmac
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

_USER = "x-access-token"


@dataclass(frozen=True)
class Account:
    """One who comes with a token."""

    login: str
    may_write: bool

    @property
    def number(self) -> int:
        """The account's id."""
        return number_of(self.login)


ANYBODY = Account("anonymous", may_write=False)


class Accounts:
    """The tokens that this forge knows. ``is_open``: readers need none."""

    def __init__(self, tokens: Mapping[str, Account], *, is_open: bool) -> None:
        self._tokens = dict(tokens)
        self.is_open = is_open

    def by_token(self, token: str) -> Account | None:
        """Give whose token this is."""
        for known, account in self._tokens.items():
            if hmac.compare_digest(known.encode(), token.encode()):
                return account
        return None

    def by_basic(self, credentials: str) -> Account | None:
        """Give who git speaks for: the user name ``x-access-token`` with a token as password."""
        user, _, token = credentials.partition(":")
        return self.by_token(token) if user == _USER else None


def basic_credentials(header: str) -> str:
    """Unpack ``user:password`` of an Authorization header; "" if it holds none."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def bearer_token(header: str) -> str:
    """Give the token of an Authorization header; "" if it holds none."""
    scheme, _, value = header.partition(" ")
    return value.strip() if scheme.lower() in ("bearer", "token") else ""


def number_of(login: str) -> int:
    """Give the id of an account by its name, the same in every run."""
    return 1 + zlib.crc32(login.encode()) % 10_000_000
