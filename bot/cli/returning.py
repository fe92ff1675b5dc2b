"""The way back from a consent: where the mall sends the person's browser to this machine, it is heard here.

One answer is taken, on 127.0.0.1 alone, and only while a renewal waits for it. Anything else that calls
there, or answers a question that was not asked, is sent away and does not end the wait.
"""

from __future__ import annotations

import socketserver
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from adapters.contract import Clock
from bot.answers import Refused

HERE = ("127.0.0.1", "localhost")
WAIT_S = 600.0
"""How long an answer is waited for: a code lives for minutes only."""

_SLOW_S = 5.0  # one that connects and says nothing holds nobody up for longer
_LOOK_S = 0.5


class Return(socketserver.TCPServer):
    """Waits for the answer to one question. Use as a context manager.

    Args:
        consent_url: the page on which the person consents.
        page: what the person reads afterwards in the browser.
    Raises:
        Refused: another program has the port.
    """

    allow_reuse_address = True

    def __init__(self, consent_url: str, page: str) -> None:
        asked = parse_qs(urlsplit(consent_url).query)
        self._back, self._word = urlsplit(asked["redirect_uri"][0]), asked.get("state", [""])[0]
        self.page = page
        self.found = ""
        try:
            super().__init__((HERE[0], self._back.port or 80), _Handler)
        except OSError as error:
            raise Refused("renew_port_taken", port=str(self._back.port or 80)) from error

    def wait(self, clock: Clock, timeout_s: float = WAIT_S) -> str:
        """Give the address that the browser was sent to; Ctrl-C ends the wait.

        Raises:
            Refused: nobody answered in time.
        """
        end = clock.monotonic() + timeout_s
        while not self.found:
            left_s = end - clock.monotonic()
            if left_s <= 0:
                raise Refused("renew_consent_late")
            self.timeout = min(left_s, _LOOK_S)
            self.handle_request()
        return self.found

    def take(self, target: str) -> bool:
        """Take what a browser asks for, if it answers the question."""
        url = urlsplit(target)
        asked = parse_qs(url.query)
        is_ours = url.path == (self._back.path or "/") and asked.get("state") == [self._word]
        if not is_ours or not {"code", "error"} & asked.keys():
            return False
        self.found = self._back._replace(query=url.query).geturl()
        return True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let one go that breaks off: what it sent may hold a code, so it is not printed."""


class _Handler(BaseHTTPRequestHandler):
    server: Return
    server_version, sys_version = "tanaban", ""
    timeout = _SLOW_S

    def do_GET(self) -> None:
        """Thank the person, or send a stranger away."""
        taken = self.server.take(self.path)
        body = (self.server.page if taken else "?").encode()
        self.send_response(HTTPStatus.OK if taken else HTTPStatus.NOT_FOUND)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Referrer-Policy", "no-referrer")  # the address holds the code
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Say nothing: the address holds the code."""


def leads_here(consent_url: str) -> bool:
    """Tell whether a consent sends the browser back to this machine, without TLS."""
    back = urlsplit(parse_qs(urlsplit(consent_url).query).get("redirect_uri", [""])[0])
    return back.scheme == "http" and back.hostname in HERE
