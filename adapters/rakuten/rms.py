"""The line to RMS: pace, header, and an answer either read or classed as an error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from threading import Event
from typing import Any, TypeVar

from adapters import fields
from adapters.contract import Clock, Credentials, Quota, ShopSettings
from adapters.errors import AuthError, MallError, RateLimitedError
from adapters.http import Reply, Request
from adapters.options import https_url, line_of
from adapters.pacer import REFUSALS
from adapters.rakuten import wire
from adapters.secret import Secret

T = TypeVar("T")

_PENALTY_S = 1.0  # after a refusal that names no time
_FORBIDDEN_MAX = 3 * (REFUSALS + 1)  # three calls, with all that the pacer makes of each


class Rms:
    """One shop's connection.

    Raises:
        ConfigError: ``base_url`` is not https, or the CA file is not there.
    """

    def __init__(
        self,
        settings: ShopSettings,
        credentials: Credentials,
        clock: Clock,
        stop: Event,
        quotas: Mapping[str, Quota],
    ) -> None:
        self._base_url = https_url(settings, "base_url", "https://api.rms.rakuten.co.jp")
        line = line_of(settings)
        self._credentials = credentials
        self._clock = clock
        self._forbidden: Counter[str] = Counter()  # refusals in a row, by function
        self._penalty_s = _PENALTY_S / line.rates
        self._pacer = line.pacer(quotas, clock, stop)
        self._http = line.session(clock)

    def call(
        self,
        function: wire.Function,
        read: Callable[[dict[str, Any]], T],
        *,
        params: Mapping[str, str] | None = None,
        form: object = None,
    ) -> T:
        """Make one call at its pace and give what ``read`` makes of the answer."""
        request = self._request(function, params, form)
        return self._pacer.call(function.quota, lambda: self._ask(function, request, read))

    def map(
        self, function: wire.Function, read: Callable[[dict[str, Any]], T], forms: Sequence[object]
    ) -> list[T]:
        """Make one call for each form, not waiting for the last answer; results in order."""
        requests = [self._request(function, None, form) for form in forms]
        calls = [lambda request=request: self._ask(function, request, read) for request in requests]
        return self._pacer.map(function.quota, calls)

    def send(self, function: wire.Function, form: object) -> Reply:
        """Make one call at its pace and give the bare answer; one that came too early is made again.

        Raises:
            RateLimitedError: it was refused so each time.
        """
        request = self._request(function, None, form)

        def work() -> Reply:
            return self._unless_too_early(function, self._exchange(function, request))

        return self._pacer.call(function.quota, work)

    def _unless_too_early(self, function: wire.Function, reply: Reply) -> Reply:
        """Raise what a call refused as too early came to, so that it takes another slot."""
        if reply.status in (403, 429):
            error = self.failure(function, reply)
            if isinstance(error, RateLimitedError):
                raise error
        return reply

    def _request(self, function: wire.Function, params: Mapping[str, str] | None, form: object) -> Request:
        # Made before its slot is taken, so that a large body does not make the call late.
        return wire.request(function, self._base_url, wire.authorization(*self._pair(function)), params, form)

    def _ask(self, function: wire.Function, request: Request, read: Callable[[dict[str, Any]], T]) -> T:
        reply = self._exchange(function, request)
        try:
            if reply.status not in (200, 400):
                raise self.failure(function, reply)
            body = fields.parsed(reply)
            found = wire.faults(reply)
            # getOrder's errors may each name an order and be about that alone; then the answer stands.
            named = function is wire.GET_ORDER and all(fault.order_number for fault in found)
            if (found and not named) or (reply.status == 400 and not found):
                raise self.failure(function, reply)
            return read(body)
        except fields.Malformed as error:
            why = str(error)
        raise wire.not_understood(function, reply, why, self._secrets())

    def _exchange(self, function: wire.Function, request: Request) -> Reply:
        reply = self._http.send(request, lambda: self._pacer.left(function.quota))
        if reply.status != 403:
            self._forbidden[function.name] = 0
        return reply

    def _pair(self, function: wire.Function) -> tuple[Secret, Secret]:
        try:
            return self._credentials["service_secret"], self._credentials["licence"]
        except KeyError as error:
            missing = str(error.args[0])
        raise AuthError(f"{missing} is not set", operation=function.name, hint="credential_missing")

    def _secrets(self) -> list[Secret]:
        return list(self._credentials.values())

    def failure(self, function: wire.Function, reply: Reply) -> MallError:
        """Class an answer that is no success, and keep the pace that a refusal asks for.

        RMS's older documents use 403 for the request limit, others for a right that lacks: the
        first three calls in a row count as the limit, the next as refused credentials.
        """
        error = wire.failure(function, reply, self._secrets(), self._clock.now())
        if isinstance(error, RateLimitedError):
            self._pacer.penalise(function.quota, error.retry_after_s or self._penalty_s)
        if reply.status == 403:
            self._forbidden[function.name] += 1
            if self._forbidden[function.name] > _FORBIDDEN_MAX:
                return AuthError(str(error), operation=function.name, vendor_code=error.vendor_code)
        return error

    def close(self) -> None:
        """End the connections, and calls that still wait for an answer."""
        self._http.close()
