"""The line to futureshop: pace, access token, and an answer either read or classed as an error."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from threading import Event
from typing import Any, TypeVar

from adapters import fields
from adapters.contract import Clock, Credentials, Quota
from adapters.errors import AuthError, MallError, RateLimitedError, UnexpectedReplyError
from adapters.futureshop import wire
from adapters.futureshop.options import ApiOptions
from adapters.futureshop.wire import Call, Function, Page, Token
from adapters.http import Reply, Request
from adapters.secret import Secret

T = TypeVar("T")

CALLS = "calls"
# Source: two working clients keep to one call a second; asking for a token counts as a call.
QUOTAS: Mapping[str, Quota] = {CALLS: Quota(1)}
KINDS = ("shop_key", "client_id", "client_secret")
_PENALTY_S = 1.0  # after a refusal that names no time
_SPARE_S = 60.0  # a token with less than this to live is not used any more
_PAGES_MAX = 10_000


class Api:
    """One shop's connection. Threads may share it; they share one access token."""

    def __init__(self, options: ApiOptions, credentials: Credentials, clock: Clock, stop: Event) -> None:
        self._base_url = options.base_url
        self._credentials = credentials
        self._clock = clock
        line = options.line
        self._penalty_s = _PENALTY_S / line.rates
        self._pacer = line.pacer(QUOTAS, clock, stop)
        self._http = line.session(clock, total_s=line.timeout_s)
        self._renewing = threading.Lock()
        self._token: Token | None = None
        self._fresh_until = float("-inf")

    # ------------------------------------------------------------------- calls

    def ask(self, call: Call, read: Callable[[dict[str, Any]], T]) -> T:
        """Make one call at its pace and give what ``read`` makes of the answer."""
        return self._pacer.call(CALLS, lambda: self._answer(call, read))

    def collect(
        self, function: Function, read: Callable[[object], list[T]], queries: Sequence[Mapping[str, str]]
    ) -> list[T]:
        """Read the lists that the queries begin, each to its last page, into one."""
        return [each for page in self.pages(function, read, queries) for each in page]

    def pages(
        self, function: Function, read: Callable[[object], list[T]], queries: Sequence[Mapping[str, str]]
    ) -> Iterator[list[T]]:
        """Read the lists that the queries begin, each to its last page, page by page.

        Raises:
            UnexpectedReplyError: a page leads to another address, or there is no last one.
        """
        first = [partial(self._page, Call(function, query), read) for query in queries]
        for page in self._pacer.map(CALLS, first):
            yield page.found
            yield from self._rest(function, read, page.following)

    def _rest(
        self, function: Function, read: Callable[[object], list[T]], following: Mapping[str, str]
    ) -> Iterator[list[T]]:
        seen: set[str] = set()
        while following:
            if following["cursor"] in seen or len(seen) > _PAGES_MAX:
                raise UnexpectedReplyError(f"{function.name}: no last page", operation=function.name)
            seen.add(following["cursor"])
            page = self._pacer.call(CALLS, partial(self._page, Call(function, following), read))
            yield page.found
            following = page.following

    def _page(self, call: Call, read: Callable[[object], list[T]]) -> Page[T]:
        return self._answer(call, lambda body: wire.page_of(body, call, self._base_url, read))

    def send(self, call: Call) -> Reply:
        """Make one call at its pace and give the bare answer; one that came too early is made again.

        Raises:
            RateLimitedError: it was refused so each time.
        """
        return self._pacer.call(CALLS, lambda: self._unless_too_early(call.function, self._exchange(call)))

    def _unless_too_early(self, function: Function, reply: Reply) -> Reply:
        """Raise what a call refused as too early came to, so that it takes another slot."""
        if reply.status == 429:
            error = self.failure(function, reply)
            if isinstance(error, RateLimitedError):
                raise error
        return reply

    def _answer(self, call: Call, read: Callable[[dict[str, Any]], T]) -> T:
        return self._read(call.function, self._exchange(call), read)

    def _read(self, function: Function, reply: Reply, read: Callable[[dict[str, Any]], T]) -> T:
        try:
            if reply.status != 200 or fields.parsed(reply).get("status") == "failed":
                raise self.failure(function, reply)
            return read(fields.parsed(reply))
        except fields.Malformed as error:
            why = str(error)
        raise self.not_understood(function, reply, why)

    def not_understood(self, function: Function, reply: Reply, why: str) -> UnexpectedReplyError:
        """Class an answer of the right status in a form that is not known."""
        return wire.not_understood(function, reply, why, self._secrets())

    def failure(self, function: Function, reply: Reply) -> MallError:
        """Class an answer that is no success, and keep the pace that a refusal asks for."""
        error = wire.failure(function, reply, self._secrets(), self._clock.now())
        if isinstance(error, RateLimitedError):
            self._pacer.penalise(CALLS, error.retry_after_s or self._penalty_s)
        return error

    # ------------------------------------------------------------------- token

    def _exchange(self, call: Call) -> Reply:
        """Make a call in the slot that was taken.

        A 401 comes before anything is done. It may mean that the token ended early: the call is
        made once more with a new one, and what comes then stands.
        """
        token = self._living_token()
        reply = self._send(call.request(self._base_url, token.value, self._credential("shop_key")))
        if reply.status != 401:
            return reply
        self._drop(token)
        self._pacer.wait(CALLS)
        token = self._living_token()
        return self._send(call.request(self._base_url, token.value, self._credential("shop_key")))

    def _living_token(self) -> Token:
        """Give the token; called in a slot, and leaves in one even if the slot went to a new token."""
        if token := self._fresh():
            return token
        with self._renewing:
            token = self._fresh() or self._new_token()
        self._pacer.wait(CALLS)
        return token

    def _fresh(self) -> Token | None:
        return self._token if self._clock.monotonic() < self._fresh_until else None

    def _drop(self, token: Token) -> None:
        with self._renewing:
            if self._token is token:
                self._token = None

    def _new_token(self) -> Token:
        request = wire.token_request(self._base_url, *(self._credential(kind) for kind in KINDS))
        asked_at = self._clock.monotonic()
        token = self._read(wire.TOKEN, self._send(request), wire.token_of)
        # A life shorter than two minutes is used by half.
        self._fresh_until = asked_at + token.life_s - min(_SPARE_S, token.life_s / 2)
        self._token = token
        return token

    def prove_credentials(self) -> None:
        """Ask for a new access token, which shows whether the credentials are good."""

        def renew() -> None:
            with self._renewing:
                self._new_token()

        self._pacer.call(CALLS, renew)

    def _send(self, request: Request) -> Reply:
        return self._http.send(request, lambda: self._pacer.left(CALLS))

    def _credential(self, kind: str) -> Secret:
        value = self._credentials.get(kind)
        if not value:
            raise AuthError(f"{kind} is not set", hint="credential_missing")
        if not wire.is_header_text(value.reveal()):
            raise AuthError(f"{kind} has not a key's form", hint="renew_wrong_form")
        return value

    def _secrets(self) -> list[Secret]:
        token = self._token
        return [*self._credentials.values(), *([token.value] if token else [])]

    def close(self) -> None:
        """End the connections, and calls that still wait for an answer."""
        self._http.close()
