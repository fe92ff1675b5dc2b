"""The line to the store API: pace, token, signature, and an answer read or classed as an error."""

from __future__ import annotations

import threading
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from threading import Event
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from adapters import fields
from adapters.contract import Clock, Credentials, Quota
from adapters.errors import AuthError, MallError, RateLimitedError
from adapters.http import Reply, Request
from adapters.secret import Secret
from adapters.yahoo import wire
from adapters.yahoo.options import Options
from adapters.yahoo.signature import STATUS_HEADER, read_key, signed
from adapters.yahoo.tokens import Tokens

T = TypeVar("T")

_CLOCKS_MAY_DIFFER = timedelta(minutes=5)
_PENALTY_S = 1.0  # after a refusal that names no time; doubled with each that follows it
_PENALTY_MAX_S = 600.0
_ANSWER_MAX = 256 * 2**20  # a whole catalogue comes as one file


@dataclass(frozen=True)
class Call:
    """One call to come: its own query or body; the token and the signature are put in as it leaves."""

    function: wire.Function
    params: Mapping[str, str]
    body: bytes | None


class Store:
    """One shop's connection to the store API and to YConnect."""

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
        self._pacer = options.line.pacer(quotas, clock, stop)
        self._http = options.line.session(clock, max_bytes=_ANSWER_MAX)
        self.tokens = Tokens(self._to_yconnect, options.auth_url, credentials, clock)
        self._refusals: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.key_accepted: bool | None = None  # what the last answer about orders said of the key
        self.clocks_differ = False  # whether its hour is another one than ours: a signature holds the hour

    def call(
        self,
        function: wire.Function,
        read: Callable[[ET.Element], T],
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> T:
        """Make one call at its pace and give what ``read`` makes of the answer."""
        call = Call(function, params or {}, body)
        return self._paced(function, lambda: self._ask(call, read))

    def map(
        self,
        function: wire.Function,
        read: Callable[[ET.Element], T],
        bodies: Sequence[bytes],
    ) -> list[T]:
        """Make one call for each body, not waiting for the last answer; results in order."""
        return self.each(function, [partial(self.ask, function, read, body) for body in bodies])

    def each(self, function: wire.Function, works: Sequence[Callable[[], T]]) -> list[T]:
        """Do works that each make one call, at its pace, not waiting for the last answer."""
        if works:
            self.tokens.bearer()
        return self._pacer.map(function.quota, works)

    def ask(self, function: wire.Function, read: Callable[[ET.Element], T], body: bytes) -> T:
        """Make one call at once: for a work of ``each``, which keeps the pace."""
        return self._ask(Call(function, {}, body), read)

    def send(
        self,
        function: wire.Function,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        """Make one call at its pace and give the bare answer; one that came too early is made again.

        Raises:
            RateLimitedError: it was refused so each time.
        """
        call = Call(function, params or {}, body)
        return self._paced(function, lambda: self._unless_too_early(function, self._exchange(call)))

    def _unless_too_early(self, function: wire.Function, reply: Reply) -> Reply:
        """Raise what a call refused as too early came to, so that it takes another slot."""
        if reply.status in (403, 429):
            error = self.failure(function, reply)
            if isinstance(error, RateLimitedError):
                raise error
        return reply

    def _paced(self, function: wire.Function, work: Callable[[], T]) -> T:
        self.tokens.bearer()  # before the slot is taken: to renew it would make the call late
        return self._pacer.call(function.quota, work)

    def _ask(self, call: Call, read: Callable[[ET.Element], T]) -> T:
        reply = self._exchange(call)
        if reply.status != 200:
            raise self.failure(call.function, reply)
        try:
            root = wire.parsed(reply)
            if wire.refused(root):
                raise self.failure(call.function, reply)
            return read(root)
        except fields.Malformed as error:
            raise self.not_understood(call.function, reply, str(error)) from None

    def _exchange(self, call: Call) -> Reply:
        """Send; once more where the access token's hour was over, as then nothing was done."""
        token = self.tokens.bearer()
        reply = self._send(call, token)
        if wire.token_ended(reply):
            token = self.tokens.renewed(token)
            self._pacer.wait(call.function.quota)
            reply = self._send(call, token)
        if call.function.orders and reply.status == 200:
            self.key_accepted = reply.headers.get(STATUS_HEADER, "").strip().lower() == "authorized"
            self.clocks_differ = _is_off(reply.headers.get("Date", ""), self._clock.now())
        return reply

    def _send(self, call: Call, token: Secret) -> Reply:
        function = call.function
        headers = {"Authorization": f"Bearer {token.reveal()}"}
        if call.body is not None:
            headers["Content-Type"] = function.content_type
        if function.orders:
            headers |= self._signature()
        request = Request(
            function.name,
            function.method,
            self._options.base_url + function.path,
            writes=function.writes,
            headers=headers,
            params=call.params,
            body=call.body,
        )
        reply = self._over(request, function.quota)
        if reply.status not in (403, 429):
            with self._lock:
                self._refusals[function.quota] = 0
        return reply

    def _signature(self) -> dict[str, str]:
        key, version = self._key(), self._credentials.get("public_key_version")
        if key is None or not version:
            return {}
        return signed(key, version.reveal(), self._options.seller_id, self._clock.now())

    def _key(self) -> RSAPublicKey | None:
        pasted = self._credentials.get("public_key")
        if not pasted:
            return None
        try:
            return read_key(pasted.reveal())
        except ValueError as error:
            why = str(error)
        raise AuthError(f"public_key: {why}", operation="signature", hint="renew_wrong_form")

    def _to_yconnect(self, request: Request) -> Reply:
        self._pacer.wait(wire.TOKEN)
        return self._over(request, wire.TOKEN)

    def _over(self, request: Request, quota: str) -> Reply:
        return self._http.send(request, lambda: self._pacer.left(quota))

    def failure(self, function: wire.Function, reply: Reply) -> MallError:
        """Class an answer that is no success, and keep the pace that a refusal asks for.

        One early call and a day's used-up 50,000 are refused in the same words, so each refusal
        in a row closes the quota for twice as long.
        """
        error = wire.failure(function, reply, self._secrets(), self._clock.now())
        if isinstance(error, RateLimitedError):
            with self._lock:
                self._refusals[function.quota] += 1
                times = min(self._refusals[function.quota], 20)
            pause = min(_PENALTY_S * 2 ** (times - 1), _PENALTY_MAX_S) / self._options.line.rates
            self._pacer.penalise(function.quota, error.retry_after_s or pause)
        return error

    def not_understood(self, function: wire.Function, reply: Reply, why: str) -> MallError:
        """Class an answer in a form that is not known."""
        return wire.not_understood(function, reply, why, self._secrets())

    def _secrets(self) -> list[Secret]:
        return [*self._credentials.values(), *self.tokens.secrets()]

    def close(self) -> None:
        """End the connections, and calls that still wait for an answer."""
        self._http.close()


def _is_off(date: str, now: datetime) -> bool:
    """Tell whether an answer's own date is minutes from now; one without a date tells nothing."""
    try:
        return abs(parsedate_to_datetime(date) - now) > _CLOCKS_MAY_DIFFER
    except (TypeError, ValueError):
        return False
