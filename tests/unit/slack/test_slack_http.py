"""Posts from Slack: only what it signed, once, and fresh, reaches a handler."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from adapters.clock import SystemClock
from adapters.errors import ConfigError
from adapters.secret import Secret
from bot.slack.http import FRESH_S, HEALTH, MAX_BODY, HttpAddress, HttpBridge, Signatures
from bot.slack.listeners import on_error
from bot.slack.manifest import EVENTS

SECRET = "made-up-signing-secret"  # noqa: S105
FORM = "application/x-www-form-urlencoded"


def signed(body: bytes, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    timestamp = str(int(time.time() if at is None else at))
    base = f"v0:{timestamp}:".encode() + body
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def command(text: str = "mug") -> bytes:
    fields = {"command": "/zaiko", "text": text, "user_id": "U1", "team_id": "T1", "channel_id": "C1"}
    return urlencode(fields).encode()


class Ground:
    """A Bolt app behind the gate. ``heard`` holds the texts of commands; ``hold`` keeps one in work."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.hold = threading.Event()
        self.hold.set()
        self.stop = threading.Event()
        app = App(
            client=WebClient("xoxb-made-up"),
            signing_secret="unused",
            request_verification_enabled=False,
            raise_error_for_unhandled_request=True,
            authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-made-up"),
        )
        app.command("/zaiko")(self._on_command)
        app.error(on_error)
        self.bridge = HttpBridge(app, HttpAddress("127.0.0.1", 0, Secret(SECRET)), SystemClock(), self.stop)
        self.bridge.start()

    def _on_command(self, ack: Any, body: dict[str, Any]) -> None:
        self.heard.append(body["text"])
        self.hold.wait(10)
        ack(response_type="ephemeral", text="12")

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        link = http.client.HTTPConnection("127.0.0.1", self.bridge.port, timeout=10)
        try:
            link.request(method, path, body, {"Content-Type": FORM, **(headers or {})})
            answer = link.getresponse()
            return answer.status, answer.read().decode()
        finally:
            link.close()

    def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        return self.ask("POST", EVENTS, body, headers)

    def end(self) -> None:
        self.hold.set()
        self.stop.set()
        self.bridge.join()


@pytest.fixture(scope="module")
def listening() -> Iterator[Ground]:
    found = Ground()
    yield found
    found.end()


@pytest.fixture
def ground(listening: Ground) -> Ground:
    listening.heard.clear()
    return listening


@pytest.fixture
def ending() -> Iterator[Ground]:
    """One for a test that ends it."""
    found = Ground()
    yield found
    found.end()


def test_signed_command_reaches_its_handler_and_is_answered_as_json(ground: Ground) -> None:
    body = command()
    status, answer = ground.post(body, signed(body))
    assert (status, json.loads(answer)) == (200, {"response_type": "ephemeral", "text": "12"})
    assert ground.heard == ["mug"]


def _wrong(body: bytes) -> dict[str, dict[str, str]]:
    now = time.time()
    good = signed(body)
    return {
        "another secret": signed(body, secret="another"),
        "six minutes old": signed(body, now - 360),
        "six minutes ahead": signed(body, now + 360),
        "of another body": signed(command("cap-navy")),
        "no headers": {},
        "no signature": {"X-Slack-Request-Timestamp": good["X-Slack-Request-Timestamp"]},
        "no timestamp": {"X-Slack-Signature": good["X-Slack-Signature"]},
        "timestamp of another form": {**good, "X-Slack-Request-Timestamp": "1e9"},
        "long timestamp": {**good, "X-Slack-Request-Timestamp": "9" * 400},
        "signature of other letters": {**good, "X-Slack-Signature": "v0=\xe9\xff"},
        "signature of another version": {**good, "X-Slack-Signature": good["X-Slack-Signature"][3:]},
    }


@pytest.mark.parametrize("kind", list(_wrong(b"")))
def test_request_that_slack_did_not_sign_is_refused_and_runs_no_handler(ground: Ground, kind: str) -> None:
    body = command()
    assert ground.post(body, _wrong(body)[kind]) == (401, "")
    assert ground.heard == []


def test_signature_is_of_the_bytes_and_not_of_what_they_mean(ground: Ground) -> None:
    body = command("a b")
    assert ground.post(body.replace(b"a+b", b"a%20b"), signed(body))[0] == 401
    assert ground.heard == []


def test_request_that_comes_again_is_refused(ground: Ground) -> None:
    body = command("again")
    headers = signed(body)
    assert [ground.post(body, headers)[0] for _ in range(3)] == [200, 401, 401]
    assert ground.heard == ["again"]
    later = signed(body, time.time() + 2)  # a later one of the same words is another request
    assert ground.post(body, later)[0] == 200


def test_only_requests_that_are_still_fresh_are_remembered() -> None:
    class Clock(SystemClock):
        at = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

        def now(self) -> datetime:
            return self.at

    clock = Clock()
    signatures = Signatures(Secret(SECRET), clock)

    def refusal(body: bytes, at: float) -> str:
        headers = signed(body, at)
        return signatures.refusal(headers["X-Slack-Request-Timestamp"], headers["X-Slack-Signature"], body)

    started = clock.at.timestamp()
    assert refusal(b"1", started) == ""
    clock.at += timedelta(seconds=FRESH_S)
    assert refusal(b"1", started) == "seen before"
    assert refusal(b"2", started + FRESH_S) == ""
    clock.at += timedelta(seconds=1)
    assert refusal(b"1", started) == "too old or too new"
    assert refusal(b"3", clock.at.timestamp()) == ""
    assert len(signatures._seen) == 2


def test_look_at_the_certificate_needs_no_signature_and_runs_no_handler(ground: Ground) -> None:
    assert ground.post(b"token=x&ssl_check=1", {}) == (200, "")
    assert ground.ask("GET", f"{EVENTS}?token=x&ssl_check=1") == (200, "")
    assert ground.heard == []


def test_command_that_speaks_of_a_certificate_is_a_command_like_others(ground: Ground) -> None:
    body = command("ssl_check=1")
    assert ground.post(body, {})[0] == 401
    assert ground.post(body, signed(body))[0] == 200
    assert ground.heard == ["ssl_check=1"]


def test_challenge_of_the_request_url_is_answered(ground: Ground) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "made-up", "token": "x"}).encode()
    status, answer = ground.post(body, {**signed(body), "Content-Type": "application/json"})
    assert (status, json.loads(answer)) == (200, {"challenge": "made-up"})


def test_signed_body_of_no_known_form_is_refused_without_being_shown(
    ground: Ground, caplog: pytest.LogCaptureFixture
) -> None:
    for body in (b"payload=%7Bplanted", b"\xff\xfe planted"):
        assert ground.post(body, signed(body))[0] in (400, 404)
    assert "planted" not in caplog.text


def test_body_above_the_limit_is_refused_before_it_is_read(ground: Ground) -> None:
    with socket.create_connection(("127.0.0.1", ground.bridge.port), timeout=10) as link:
        link.sendall(f"POST {EVENTS} HTTP/1.1\r\nHost: x\r\nContent-Length: {MAX_BODY + 1}\r\n\r\n".encode())
        link.sendall(b"x")
        assert b" 413 " in link.recv(200)
    body = command("x" * (MAX_BODY - 200))
    assert ground.post(body, signed(body))[0] == 200


def test_other_paths_and_methods_lead_nowhere(ground: Ground) -> None:
    body = command()
    assert ground.ask("POST", "/", body, signed(body))[0] == 404
    assert ground.ask("GET", EVENTS)[0] == 405
    assert ground.ask("PUT", EVENTS, body, signed(body))[0] == 405
    assert ground.heard == []


def test_health_is_told_while_it_listens(ending: Ground) -> None:
    assert ending.ask("GET", HEALTH) == (200, "ok")
    assert ending.bridge.wait_connected(0)
    ending.end()
    assert not ending.bridge.wait_connected(0)
    with pytest.raises(ConnectionRefusedError):
        ending.ask("GET", HEALTH)


def test_command_in_work_at_the_end_is_still_answered(ending: Ground) -> None:
    ending.hold.clear()
    answers: list[tuple[int, str]] = []
    body = command()
    asking = threading.Thread(target=lambda: answers.append(ending.post(body, signed(body))))
    asking.start()
    deadline = time.monotonic() + 5
    while not ending.heard:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    ending.stop.set()
    threading.Timer(0.7, ending.hold.set).start()
    ending.bridge.join()
    asking.join()
    assert [status for status, _ in answers] == [200]


def test_idle_connection_does_not_hold_up_the_end(ending: Ground) -> None:
    with socket.create_connection(("127.0.0.1", ending.bridge.port), timeout=10) as link:
        link.sendall(b"POST ")
        started = time.monotonic()
        ending.end()
        assert time.monotonic() - started < 3


def test_taken_port_is_told_plainly(ground: Ground) -> None:
    address = HttpAddress("127.0.0.1", ground.bridge.port, Secret(SECRET))
    with pytest.raises(
        ConfigError, match=r"slack\.listen: cannot listen on 127\.0\.0\.1:\d+: Address already"
    ):
        HttpBridge(
            App(signing_secret="unused", token="xoxb-made-up", token_verification_enabled=False),
            address,
            SystemClock(),
            threading.Event(),
        ).start()
