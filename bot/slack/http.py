"""HTTP mode: Slack posts to the bot, behind the operator's proxy that speaks TLS.

Each request is checked against the signing secret on the bytes as they came, before anything
reads them. Served by waitress: Bolt's own server is single-threaded and binds every interface.

Source: docs.slack.dev, "Verifying requests from Slack" and "Implementing slash commands".
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qs

from slack_bolt import App, BoltRequest
from waitress import create_server, wasyncore

from adapters.contract import Clock
from adapters.errors import ConfigError
from adapters.secret import Secret
from bot.slack.manifest import EVENTS

log = logging.getLogger(__name__)

HEALTH = "/slack/health"
"""Answers a proxy that asks whether the bot listens."""
THREADS = 16
MAX_BODY = 2 * 1024 * 1024
"""A view of 250 kB is the largest thing that Slack sends, written in as much as eight times its length."""
MAX_HEADER = 32 * 1024
FRESH_S = 300
"""A request that is older, or from a clock that is further ahead, is refused."""
IDLE_S = 60
LOOK_S = 0.5  # how soon the end is noticed
DRAIN_S = 4.0  # a request in work at the end is still answered within Slack's 3 s

_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
_PASSED_ON = {
    "CONTENT_TYPE": "content-type",
    "HTTP_X_SLACK_RETRY_NUM": "x-slack-retry-num",
    "HTTP_X_SLACK_RETRY_REASON": "x-slack-retry-reason",
}

Environ = Mapping[str, Any]
Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class HttpAddress:
    """Where to listen, and the secret that Slack signs with. Port 0 takes a free one."""

    host: str
    port: int
    signing_secret: Secret


class Signatures:
    """Tells the requests of Slack from others, and one that comes again from the first."""

    def __init__(self, secret: Secret, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock
        self._seen: dict[str, int] = {}  # signature -> its time
        self._lock = Lock()

    def refusal(self, timestamp: str, signature: str, body: bytes) -> str:
        """Say why a request is refused, "" if it is good; a good one is good once."""
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            return "no timestamp"
        at, now = int(timestamp), self._clock.now().timestamp()
        if abs(now - at) > FRESH_S:
            return "too old or too new"
        if not hmac.compare_digest(self._signed(timestamp, body).encode(), signature.encode("utf-8")):
            return "wrong signature"
        with self._lock:
            self._seen = {one: then for one, then in self._seen.items() if now - then <= FRESH_S}
            if signature in self._seen:
                return "seen before"
            self._seen[signature] = at
        return ""

    def _signed(self, timestamp: str, body: bytes) -> str:
        base = b"v0:" + timestamp.encode() + b":" + body
        return "v0=" + hmac.new(self._secret.reveal().encode(), base, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class _Reply:
    status: int
    body: str = ""
    content_type: str = "text/plain;charset=utf-8"


class Gate:
    """The WSGI application in front of Bolt: what is not from Slack ends here."""

    def __init__(self, app: App, signatures: Signatures) -> None:
        self._app = app
        self._signatures = signatures

    def __call__(self, environ: Environ, start_response: Callable[[str, Headers], object]) -> Iterable[bytes]:
        reply = self._answer(environ)
        content = reply.body.encode()
        headers = [("Content-Type", reply.content_type), ("Content-Length", str(len(content)))]
        start_response(f"{reply.status} {_REASONS.get(reply.status, 'Status')}", headers)
        return [content]

    def _answer(self, environ: Environ) -> _Reply:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        if path == HEALTH and method in ("GET", "HEAD"):
            return _Reply(200, "ok")
        if path != EVENTS:
            return _Reply(404)
        if method == "GET" and _is_ssl_check(environ.get("QUERY_STRING", "")):
            return _Reply(200)
        if method != "POST":
            return _Reply(405)
        return self._posted(environ, environ["wsgi.input"].read())

    def _posted(self, environ: Environ, body: bytes) -> _Reply:
        if len(body) < 1024 and _is_ssl_check(body.decode("utf-8", "replace")):
            return _Reply(200)
        timestamp = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "")
        why_not = self._signatures.refusal(timestamp, environ.get("HTTP_X_SLACK_SIGNATURE", ""), body)
        if why_not:
            log.warning("a request was refused: %s", why_not)
            return _Reply(401)
        return self._dispatch(environ, body)

    def _dispatch(self, environ: Environ, body: bytes) -> _Reply:
        headers = {name: environ[key] for key, name in _PASSED_ON.items() if key in environ}
        try:
            request = BoltRequest(mode="http", body=body.decode("utf-8"), headers=headers)
        except ValueError as error:  # a signed request that is no form and no JSON
            log.warning("a request cannot be read: %s", type(error).__name__)
            return _Reply(400)
        found = self._app.dispatch(request)
        kind = found.first_headers_without_set_cookie().get("content-type", "text/plain;charset=utf-8")
        return _Reply(found.status, found.body or "", kind)


def _is_ssl_check(form: str) -> bool:
    """Tell Slack's look at the certificate, which is not signed and asks for nothing."""
    return "ssl_check" in form and parse_qs(form).get("ssl_check") == ["1"]


class HttpBridge:
    """Listens for Slack's posts until ``stop`` is set; what is in work then is answered still."""

    def __init__(self, app: App, address: HttpAddress, clock: Clock, stop: Event) -> None:
        self._address = address
        self._stop = stop
        self._gate = Gate(app, Signatures(address.signing_secret, clock))
        self._sockets: dict[int, Any] = {}
        self._server: Any = None
        self._thread = Thread(target=self._run, name="slack-http", daemon=True)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.effective_port)

    def start(self) -> None:
        """Listen.

        Raises:
            ConfigError: the address is taken, or is not one of this machine.
        """
        listener = self._bind()
        self._server = create_server(
            self._gate,
            map=self._sockets,
            sockets=[listener],
            threads=THREADS,
            ident=None,
            max_request_body_size=MAX_BODY,
            max_request_header_size=MAX_HEADER,
            inbuf_overflow=2 * MAX_BODY,  # else a long request, maybe with a secret, lies in a file
            channel_timeout=IDLE_S,
        )
        self._thread.start()

    def _bind(self) -> socket.socket:
        host, port = self._address.host, self._address.port
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            return socket.create_server((host, port), family=family)
        except OSError as error:
            reason = f"cannot listen on {host}:{port}: {error.strerror}"
            raise ConfigError(f"slack.listen: {reason}") from error

    def wait_connected(self, timeout_s: float) -> bool:
        """Tell whether it listens; there is nothing to wait for."""
        del timeout_s
        return self._thread.is_alive()

    def join(self, timeout_s: float = 15.0) -> None:
        """Wait for the end, after ``stop`` was set."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._turn(LOOK_S)
            wasyncore.dispatcher.close(self._server)  # takes no more; those in work go on
            self._drain()
        finally:
            wasyncore.close_all(self._sockets, ignore_all=True)
            if not self._stop.is_set():
                log.critical("the listener for Slack has ended; nobody hears commands")

    def _turn(self, wait_s: float) -> None:
        wasyncore.loop(timeout=wait_s, use_poll=True, map=self._sockets, count=1)

    def _drain(self) -> None:
        turns = int(DRAIN_S / 0.05)
        while turns and any(_in_work(channel) for channel in list(self._server.active_channels.values())):
            self._turn(0.05)
            turns -= 1
        self._server.task_dispatcher.shutdown(timeout=1)


def _in_work(channel: Any) -> bool:
    return bool(channel.requests or channel.total_outbufs_len)
