"""HTTP mode: signed posts to the app's request URL. Source: spec 2.1 and 9.2."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp

from sandbox.slack.people import SIGNING_SECRET
from sandbox.slack.state import State
from sandbox.slack.transport import Acknowledgements, Json, Outcome, Parcel
from sandbox.web import WebHost

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


class PostTransport:
    """Posts each parcel in a connection of its own and reads the acknowledgement from the answer."""

    def __init__(self, state: State, host: WebHost, acks: Acknowledgements) -> None:
        self._state = state
        self._host = host
        self._acks = acks
        self.url = ""

    def point(self, url: str) -> None:
        """Set the request URL; "" goes back to sockets. Slack asks it for a challenge first.

        Raises:
            ValueError: it is not on this machine, or does not answer the challenge.
        """
        if url and urlsplit(url).hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError(f"the sandbox posts to this machine only, not to {url!r}")
        if url and not self._verifies(url):
            raise ValueError(f"{url} did not answer the challenge")
        self.url = url

    def _verifies(self, url: str) -> bool:
        challenge = secrets.token_hex(8)
        body = {"type": "url_verification", "challenge": challenge, "token": "sandbox-deprecated"}
        try:
            status, answer = self._host.run(self._post(url, JSON, json.dumps(body).encode(), {}))
        except (aiohttp.ClientError, TimeoutError):
            return False
        return status == 200 and (answer == challenge or answer == {"challenge": challenge})

    def deliver(self, parcel: Parcel) -> Outcome:
        """Post and read the answer; anything but 200 within the time is an error."""
        kind, body = _written(parcel)
        sent = time.monotonic()
        try:
            status, answer = self._host.run(self._post(self.url, kind, body, _retry(parcel)))
        except TimeoutError:
            self._acks.lost += 1
            return Outcome(error="operation_timeout")
        except aiohttp.ClientError:
            return Outcome(error="dispatch_failed")
        self._state.record.add("ack", parcel.kind, answer)
        if status != 200:
            if parcel.kind == "slash_commands":
                self._state.record.violation(f"a command was answered with status {status}")
            return Outcome(error="dispatch_failed")
        return Outcome(payload=self._acks.take(parcel, sent, answer))

    async def _post(self, url: str, kind: str, body: bytes, more: dict[str, str]) -> tuple[int, Any]:
        limit = aiohttp.ClientTimeout(total=self._state.settings.ack_timeout_s)
        headers = {"Content-Type": kind, **signed(body), **more}
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.post(url, data=body, headers=headers) as response,
        ):
            text = await response.text()
            is_json = response.content_type == JSON and response.status == 200
            return response.status, json.loads(text) if is_json and text else text


def signed(body: bytes, at: float | None = None, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """Give the headers that prove a body to be Slack's, by real time: a signature is of the wire."""
    timestamp = str(int(time.time() if at is None else at))
    base = b"v0:" + timestamp.encode() + b":" + body
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def _written(parcel: Parcel) -> tuple[str, bytes]:
    if parcel.kind == "events_api":
        return JSON, json.dumps(parcel.payload).encode()
    fields: Json = parcel.payload
    if parcel.kind == "interactive":
        fields = {"payload": json.dumps(parcel.payload)}
    return FORM, urlencode(fields).encode()


def _retry(parcel: Parcel) -> dict[str, str]:
    if not parcel.attempt:
        return {}
    return {"X-Slack-Retry-Num": str(parcel.attempt), "X-Slack-Retry-Reason": "http_timeout"}
