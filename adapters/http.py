"""The one HTTP session: verified TLS, time-outs, bounded answers, errors classed by effect.

What went wrong is told by host, function and class alone. The text of the library's own
exceptions holds the whole address, and a query string may hold a key.
"""

from __future__ import annotations

import io
import logging
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakSet

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from adapters.contract import Clock
from adapters.errors import ConfigError, MallError, NotSentError, OutcomeUnknownError, TemporaryError

_CHUNK = 65_536


@dataclass(frozen=True)
class Request:
    """One call. ``function`` is the mall's own name for it; ``url`` has no query.

    ``writes`` says that the call may change something, so a lost answer leaves it unknown.
    """

    function: str
    method: str
    url: str
    writes: bool = False
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Reply:
    """One whole answer. Header names are compared without case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class HttpSession:
    """Connections of one shop; threads may share it.

    Args:
        clock: for the limit on the whole answer.
        ca_file: a CA bundle to trust instead of the built-in one.
        connect_s, read_s: time-outs of a connection and of each read.
        total_s: longest time an answer may take to arrive whole.
        max_bytes: longest answer, unpacked.
        env_proxies: use the proxies that the environment names.
    Raises:
        ConfigError: the CA file is not there.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        ca_file: str = "",
        connect_s: float = 10,
        read_s: float = 30,
        total_s: float = 120,
        max_bytes: int = 32 * 2**20,
        env_proxies: bool = False,
    ) -> None:
        if ca_file and not Path(ca_file).is_file():
            raise ConfigError(f"ca_file: {ca_file} is not there")
        self._clock = clock
        self._timeout = (connect_s, read_s)
        self._total_s = total_s
        self._max_bytes = max_bytes
        self._env_proxies = env_proxies
        self._wires = _Wires()
        self._session = _session(ca_file, self._wires)
        logging.getLogger("urllib3.connectionpool").addFilter(_without_query)

    def send(self, request: Request, leaving: Callable[[], None] | None = None) -> Reply:
        """Make the call once and give the answer, whatever its status; redirects are not followed.

        Args:
            leaving: called when there is a connection and the request leaves on it, which may be
                later than its slot.
        Raises:
            NotSentError: no connection, TLS refused, or the body was never asked for.
            OutcomeUnknownError: a write was sent and its answer was lost, cut, late or too long.
            TemporaryError: the same for a read.
        """
        body = _Body(request.body or b"")
        self._wires.here.leaving = leaving
        try:
            with self._open(request, body) as response:
                return Reply(response.status_code, response.headers, self._read(response))
        except (requests.RequestException, HTTPError, OSError) as error:
            failure = _classed(error, request, body)
        # Raised out here so that the library's exception is not even the context of ours.
        raise failure

    def _open(self, request: Request, body: _Body) -> requests.Response:
        proxies = requests.utils.get_environ_proxies(request.url) if self._env_proxies else {}
        return self._session.request(
            request.method,
            request.url,
            params=dict(request.params),
            data=None if request.body is None else body,
            headers=dict(request.headers),
            timeout=self._timeout,
            allow_redirects=False,
            stream=True,
            proxies=proxies,
        )

    def _read(self, response: requests.Response) -> bytes:
        found = bytearray()
        until = self._clock.monotonic() + self._total_s
        for chunk in response.iter_content(_CHUNK):
            found += chunk
            if len(found) > self._max_bytes:
                raise _TooLong
            if self._clock.monotonic() > until:
                raise requests.ReadTimeout
        return bytes(found)

    def close(self) -> None:
        """End every connection. From another thread it also ends calls that wait for an answer."""
        for open_socket in list(self._wires.open):
            with suppress(OSError):  # already closed
                socket.socket.shutdown(open_socket, socket.SHUT_RDWR)
        self._session.close()


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Give the seconds of a Retry-After header in either of its forms; None without one."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", text):
        return float(text)
    with suppress(ValueError, TypeError):  # TypeError: a date without a zone
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    return None


class _TooLong(requests.RequestException):
    """The answer is longer than any right one."""


class _Body(io.BytesIO):
    """A body that knows whether it was ever read: until then the mall cannot have acted."""

    asked_for = False

    def read(self, size: int | None = -1, /) -> bytes:
        self.asked_for = True
        return super().read(size)


class _Wires:
    """The sockets of a session, noted as they are connected, and as requests leave on them."""

    def __init__(self) -> None:
        self.open: WeakSet[socket.socket] = WeakSet()
        self.here = threading.local()  # a call connects and leaves in its own thread

    def leave(self) -> None:
        leaving, self.here.leaving = self.here.leaving, None  # only its first bytes count
        if leaving:
            leaving()


class _Transport(HTTPAdapter):
    """The library's transport over connections that note their sockets."""

    def __init__(self, wires: _Wires) -> None:
        self._wires = wires
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _noting(HTTPConnectionPool, self._wires),
            "https": _noting(HTTPSConnectionPool, self._wires),
        }


def _noting(pool: type[HTTPConnectionPool], wires: _Wires) -> type[HTTPConnectionPool]:
    base: Any = pool.ConnectionCls

    class Connection(base):  # type: ignore[misc]
        def connect(self) -> None:
            super().connect()
            wires.open.add(self.sock)

        def send(self, data: Any) -> None:
            if self.sock is None:
                self.connect()
            wires.leave()
            super().send(data)

    return type(pool.__name__, (pool,), {"ConnectionCls": Connection})


def _session(ca_file: str, wires: _Wires) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # neither proxies nor a .netrc, which would replace our own header
    session.verify = ca_file or True
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    transport = _Transport(wires)
    session.mount("https://", transport)
    session.mount("http://", transport)
    return session


def _classed(error: Exception, request: Request, body: _Body) -> MallError:
    reasons = list(_reasons(error))
    host = urlsplit(request.url).hostname
    what = f"{request.function}: {{}} {host} ({type(error).__name__})"
    if any(isinstance(reason, ssl.SSLCertVerificationError) for reason in reasons):
        return NotSentError(
            what.format("no trust in the certificate of"), operation=request.function, hint="tls_untrusted"
        )
    never_connected = any(isinstance(reason, NewConnectionError | ConnectTimeoutError) for reason in reasons)
    if never_connected or (request.body is not None and not body.asked_for):
        return NotSentError(what.format("no connection to"), operation=request.function)
    if request.writes:
        return OutcomeUnknownError(what.format("no readable answer from"), operation=request.function)
    return TemporaryError(what.format("no readable answer from"), operation=request.function)


def _reasons(error: BaseException) -> Iterator[BaseException]:
    """Walk from a library's exception down to what caused it; its wrappers use several ways."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        reason = waiting.pop()
        if not isinstance(reason, BaseException) or id(reason) in seen:
            continue
        seen.add(id(reason))
        yield reason
        waiting += [*reason.args, getattr(reason, "reason", None), reason.__cause__, reason.__context__]


def _without_query(record: logging.LogRecord) -> bool:
    """Cut query strings out of the library's debug lines."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            value.split("?", 1)[0] if isinstance(value, str) else value for value in record.args
        )
    return True
