"""The line to QAPI: pace, key, and an answer either read or classed as an error."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Event
from typing import TypeVar

from adapters import fields
from adapters.contract import Clock, Credentials, Quota, ShopSettings
from adapters.errors import AuthError, MallError, RateLimitedError
from adapters.http import Reply, Request
from adapters.options import https_url, line_of
from adapters.qoo10 import wire
from adapters.secret import Secret

T = TypeVar("T")

KEY = "seller_key"
_PENALTY_S = 1.0  # after a refusal that names no time
log = logging.getLogger(__name__)


class Qapi:
    """One shop's connection.

    Raises:
        ConfigError: ``base_url`` is not https, ``rates`` is not above 0, or the CA file is not there.
    """

    def __init__(
        self,
        settings: ShopSettings,
        credentials: Credentials,
        clock: Clock,
        stop: Event,
        quotas: Mapping[str, Quota],
    ) -> None:
        self._base_url = https_url(settings, "base_url", "https://api.qoo10.jp")
        line = line_of(settings)
        self._credentials = credentials
        self._clock = clock
        self._penalty_s = _PENALTY_S / line.rates
        self._pacer = line.pacer(quotas, clock, stop)
        self._http = line.session(clock)

    def call(self, method: wire.Method, form: Mapping[str, str], read: Callable[[wire.Answer], T]) -> T:
        """Make one call at its pace and give what ``read`` makes of the answer."""
        request = self._request(method, form)
        return self._pacer.call(method.quota, lambda: self._ask(method, request, read))

    def map(
        self,
        method: wire.Method,
        forms: Iterable[Mapping[str, str]],
        read: Callable[[wire.Answer], T],
    ) -> list[T]:
        """Make one call for each form, not waiting for the last answer; results in order."""
        requests = [self._request(method, form) for form in forms]
        calls = [lambda request=request: self._ask(method, request, read) for request in requests]
        return self._pacer.map(method.quota, calls)

    def each(self, quota: str, works: Sequence[Callable[[], T]]) -> list[T]:
        """Do pieces of work that begin with ``ask``, each on a slot of its own."""
        return self._pacer.map(quota, works)

    def ask(self, method: wire.Method, form: Mapping[str, str]) -> wire.Answer:
        """Make one call on a slot that is already taken."""
        return self._ask(method, self._request(method, form), lambda answer: answer)

    def _request(self, method: wire.Method, form: Mapping[str, str]) -> Request:
        key = self._credentials.get(KEY)
        if not key:
            raise AuthError(f"{KEY} is not set", operation=method.name, hint="credential_missing")
        return wire.request(method, self._base_url, key, form)

    def _ask(self, method: wire.Method, request: Request, read: Callable[[wire.Answer], T]) -> T:
        reply = self._http.send(request, lambda: self._pacer.left(method.quota))
        if reply.status != 200:
            raise self._refused_at_the_edge(method, reply)
        try:
            answer = wire.answer_of(reply)
            if answer.code == 0 or answer.code in method.answers:
                self._note_rows(method, answer, reply)
                return read(answer)
        except fields.Malformed as error:
            why = str(error)
        else:
            raise self.failure(method, answer)
        raise wire.not_understood(method, reply, why, self._secrets())

    def _refused_at_the_edge(self, method: wire.Method, reply: Reply) -> MallError:
        error = wire.edge_failure(method, reply, self._clock.now())
        if isinstance(error, RateLimitedError):
            self._pacer.penalise(method.quota, error.retry_after_s or self._penalty_s)
        return error

    def _note_rows(self, method: wire.Method, answer: wire.Answer, reply: Reply) -> None:
        """Keep the rows of a bulk call that failed in part: their form is documented nowhere."""
        if answer.code == wire.ROWS_FAILED:
            log.info("%s: rows failed: %s", method.name, wire.evidence(method, reply, self._secrets()))

    def failure(self, method: wire.Method, answer: wire.Answer) -> MallError:
        """Class an answer that is no success."""
        return wire.failure(method, answer, self._secrets())

    def words(self, answer: wire.Answer) -> str:
        """Give the mall's own words about a refused row."""
        return fields.redacted(answer.message[:200], self._secrets()) or f"refused ({answer.code})"

    def _secrets(self) -> list[Secret]:
        return list(self._credentials.values())

    def close(self) -> None:
        """End the connections, and calls that still wait for an answer."""
        self._http.close()
