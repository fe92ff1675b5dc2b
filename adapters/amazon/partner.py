"""The line to the Selling Partner API: pace, token, and an answer either read or classed as an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Any, TypeVar

from adapters import fields
from adapters.amazon import wire
from adapters.amazon.options import Options
from adapters.amazon.tokens import Tokens
from adapters.contract import Clock, Credentials, Quota
from adapters.errors import MallError, RateLimitedError, TemporaryError, UnexpectedReplyError
from adapters.http import Reply, Request
from adapters.secret import Secret

T = TypeVar("T")

_ANSWER_MAX = 256 * 2**20  # a whole catalogue comes as one file


@dataclass(frozen=True)
class Call:
    """One call to come; ``sellerId`` is put into its path, the token as it leaves."""

    function: wire.Function
    places: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    form: object = None


class Partner:
    """One shop's connection to the Selling Partner API and to Login with Amazon.

    A quota is counted for each pair of account and application, and the answer to an early call
    does not say how long to wait: the buckets are kept here.
    """

    def __init__(
        self,
        options: Options,
        credentials: Credentials,
        clock: Clock,
        stop: Event,
        quotas: Mapping[str, Quota],
    ) -> None:
        self._options = options
        self._credentials = credentials
        self._clock = clock
        self._quotas = options.line.quotas(quotas)
        self._pacer = options.line.pacer(quotas, clock, stop)
        self._http = options.line.session(clock, max_bytes=_ANSWER_MAX)
        self.tokens = Tokens(self._to_lwa, options.lwa_url, credentials, clock)

    def ask(self, call: Call, read: Callable[[dict[str, Any]], T]) -> T:
        """Make one call at its pace and give what ``read`` makes of the answer."""
        return self._paced(call, lambda: self.ask_now(call, read))

    def each(self, function: wire.Function, works: Sequence[Callable[[], T]]) -> list[T]:
        """Do works that each make one call, at its pace, not waiting for the last answer."""
        if works:
            self.tokens.access()  # before the slot is taken: to renew it would make the call late
        return self._pacer.map(function.quota, works)

    def ask_now(self, call: Call, read: Callable[[dict[str, Any]], T]) -> T:
        """Make one call at once: for a work of ``each``, which keeps the pace."""
        reply = self.send_now(call)
        if not 200 <= reply.status < 300:
            raise self.failure(call.function, reply)
        try:
            return read(fields.parsed(reply))
        except fields.Malformed as error:
            why = str(error)
        raise self.not_understood(call.function, reply, why)

    def send(self, call: Call) -> Reply:
        """Make one call at its pace and give the bare answer; one that came too early is made again.

        Raises:
            RateLimitedError: it was refused so each time.
        """
        return self._paced(call, lambda: self._unless_too_early(call.function, self.send_now(call)))

    def _unless_too_early(self, function: wire.Function, reply: Reply) -> Reply:
        """Raise what a call refused as too early came to, so that it takes another slot."""
        if reply.status == 429:
            error = self.failure(function, reply)
            if isinstance(error, RateLimitedError):
                raise error
        return reply

    def send_now(self, call: Call) -> Reply:
        """Send; once more with a new token where this one is refused, as then nothing was done."""
        function, places = call.function, {"sellerId": self._options.seller_id, **call.places}
        request = wire.request(function, self._options.base_url, places, call.params, call.form)
        token = self.tokens.access()
        reply = self._with(token, request, function)
        if reply.status in wire.EXPIRED_TOKEN:
            token = self.tokens.renewed(token)
            self._pacer.wait(function.quota)
            reply = self._with(token, request, function)
        return reply

    def transfer(self, function: wire.Function, url: str, body: bytes | None = None) -> Reply:
        """Put a document up or fetch one, at an address that Amazon gave for it.

        Raises:
            TemporaryError: it was refused: the address is good for 5 minutes only.
            UnexpectedReplyError: the address is not https.
        """
        try:
            request = wire.transfer(function, url, body)
        except fields.Malformed as error:
            raise UnexpectedReplyError(f"{function.name}: {error}", operation=function.name) from None
        self._pacer.wait(function.quota)
        reply = self._over(request, function)
        if reply.status != 200:
            raise TemporaryError(f"{function.name}: HTTP {reply.status}", operation=function.name)
        return reply

    def failure(self, function: wire.Function, reply: Reply) -> MallError:
        """Class an answer that is no success, and keep the pace that a refusal asks for."""
        error = wire.failure(function, reply, self._secrets(), self._clock.now())
        if isinstance(error, RateLimitedError):
            self._pacer.penalise(
                function.quota, error.retry_after_s or 1 / self._quotas[function.quota].per_s
            )
        return error

    def not_understood(self, function: wire.Function, reply: Reply, why: str) -> MallError:
        """Class an answer in a form that is not known."""
        return wire.not_understood(function, reply, why, self._secrets())

    def redacted(self, words: str) -> str:
        """Take the credentials in use out of a text that came from outside."""
        return fields.redacted(words, self._secrets())

    def close(self) -> None:
        """End the connections, and calls that still wait for an answer."""
        self._http.close()

    def _paced(self, call: Call, work: Callable[[], T]) -> T:
        self.tokens.access()
        return self._pacer.call(call.function.quota, work)

    def _with(self, token: Secret, request: Request, function: wire.Function) -> Reply:
        headers = {**request.headers, "x-amz-access-token": token.reveal()}
        return self._over(replace(request, headers=headers), function)

    def _to_lwa(self, request: Request) -> Reply:
        self._pacer.wait(wire.TOKEN)
        return self._http.send(request, lambda: self._pacer.left(wire.TOKEN))

    def _over(self, request: Request, function: wire.Function) -> Reply:
        return self._http.send(request, lambda: self._pacer.left(function.quota))

    def _secrets(self) -> list[Secret]:
        return [*self._credentials.values(), *self.tokens.secrets()]
