"""Socket Mode: websockets in a thread with an event loop of its own, each request in a thread.

Slack's own clients are not used: they close a connection before they open the next, and Bolt's
handlers answer a request that is in work meanwhile late or not at all. Slack ends each connection
after some hours and says so before; the next one is open then before the last is closed.

Source: docs.slack.dev, "Using Socket Mode".
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

import aiohttp
from slack_bolt import App, BoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError
from slack_sdk.proxy_env_variable_loader import load_http_proxy_from_env
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.secret import Secret

log = logging.getLogger(__name__)

PING_S = 10.0
"""How often the other end is asked whether it is there; half as long is waited for its answer."""
CONNECT_S = 15.0
STEADY_S = 1.0
"""After a connection that did not last so long, or did not come about, the next waits twice as long."""
SHORTEST_WAIT_S = 0.2
LONGEST_WAIT_S = 60.0
LEAVE_S = 15.0
"""Slack ends a connection about 10 s after it said so."""
LATE_S = 2.8  # Slack waits 3 s for an acknowledgement
DRAIN_S = 2.0  # what is in work at the end is still acknowledged
GOODBYE_S = 1.0  # for the other end to agree that a connection ends
FAREWELL_S = 0.1
"""A TLS connection that is closed still has its farewell to send; the loop must live so long.

Source: docs.aiohttp.org, "Advanced Client Usage", "Graceful Shutdown".
"""
DISPATCHERS = 32


@dataclass(frozen=True)
class SocketAddress:
    """Where and as whom to connect."""

    api_url: str
    app_token: Secret
    tls: ssl.SSLContext


@dataclass(frozen=True)
class _Link:
    """One connection. ``leaving`` is set once another is to follow; it may still bring requests."""

    socket: aiohttp.ClientWebSocketResponse
    leaving: asyncio.Event = field(default_factory=asyncio.Event)


class SocketBridge:
    """Carries requests from the websocket to the app, and its answers back."""

    def __init__(self, app: App, address: SocketAddress, stop: Event) -> None:
        self._app = app
        self._address = address
        self._stop = stop
        self._connected = Event()
        self._newest: _Link | None = None
        self._in_work: set[asyncio.Task[None]] = set()
        self._pool = ThreadPoolExecutor(DISPATCHERS, thread_name_prefix="slack-dispatch")
        self._thread = Thread(target=self._run, name="slack-socket", daemon=True)

    def start(self) -> None:
        """Connect, and stay connected until ``stop`` is set."""
        self._thread.start()

    def wait_connected(self, timeout_s: float) -> bool:
        """Wait for the first connection."""
        return self._connected.wait(timeout_s)

    def join(self, timeout_s: float = 15.0) -> None:
        """Wait for the end, after ``stop`` was set."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        stopped = asyncio.create_task(asyncio.to_thread(self._stop.wait))
        while True:
            hearing = asyncio.create_task(self._hear())
            await asyncio.wait([hearing, stopped], return_when=asyncio.FIRST_COMPLETED)
            if stopped.done():
                break
            log.error("the connections to Slack failed; begun anew in a minute", exc_info=hearing.exception())
            await asyncio.wait([stopped], timeout=LONGEST_WAIT_S)
        if self._in_work:
            await asyncio.wait(self._in_work, timeout=DRAIN_S)
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
        await asyncio.sleep(FAREWELL_S)

    async def _hear(self) -> None:
        """Open a connection whenever the last one ends or is about to; goes on until cancelled."""
        now, wait_s = asyncio.get_running_loop().time, SHORTEST_WAIT_S
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as links:
            while True:
                link, since = await self._connect(session), now()
                if link:
                    links.create_task(self._listen(link))
                    await link.leaving.wait()
                steady = link is not None and now() - since > STEADY_S
                wait_s = SHORTEST_WAIT_S if steady else min(2 * wait_s, LONGEST_WAIT_S)
                await asyncio.sleep(wait_s)

    async def _connect(self, session: aiohttp.ClientSession) -> _Link | None:
        try:
            async with asyncio.timeout(CONNECT_S):
                self._newest = _Link(await self._open(session))
        except (SlackClientError, aiohttp.ClientError, OSError) as error:
            log.warning("no connection to Slack: %s", type(error).__name__)
            return None
        self._connected.set()
        return self._newest

    async def _open(self, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        address = self._address
        web = AsyncWebClient(base_url=address.api_url, ssl=address.tls, timeout=10)
        opened = await web.apps_connections_open(app_token=address.app_token.reveal())
        return await session.ws_connect(
            str(opened["url"]),
            timeout=aiohttp.ClientWSTimeout(ws_close=GOODBYE_S),
            heartbeat=PING_S,
            proxy=load_http_proxy_from_env(log),
            ssl=address.tls,
        )

    async def _listen(self, link: _Link) -> None:
        """Take what comes until the connection is closed, by Slack or a while after it said so."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(None) as limit:
                async for frame in link.socket:
                    message = _read(frame)
                    if message.get("type") == "disconnect":
                        link.leaving.set()
                        limit.reschedule(loop.time() + LEAVE_S)
                    elif "envelope_id" in message:
                        self._take(link, message)
        except TimeoutError:
            log.info("Slack did not close a connection that it had said it would")
        finally:
            link.leaving.set()
            await link.socket.close()

    def _take(self, link: _Link, message: dict[str, Any]) -> None:
        task = asyncio.create_task(self._answer(link, message))
        self._in_work.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._in_work.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a request of Slack failed", exc_info=error)

    async def _answer(self, link: _Link, message: dict[str, Any]) -> None:
        """Have a request answered, over its own connection or, where that is closed, the newest."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LATE_S
        request = SocketModeRequest.from_dict(message)
        answer = await loop.run_in_executor(self._pool, self._dispatch, request) if request else None
        if request is None or answer is None or answer.status != 200:
            return
        text = json.dumps(SocketModeResponse(request.envelope_id, _payload(answer)).to_dict())
        while not await _sent(link, text):
            if loop.time() > deadline:
                log.warning("a request could not be acknowledged: no connection to Slack")
                return
            await asyncio.sleep(0.02)
            link = self._newest or link

    def _dispatch(self, request: SocketModeRequest) -> BoltResponse:
        headers: dict[str, Any] = {}
        if request.retry_attempt is not None:
            headers["x-slack-retry-num"] = str(request.retry_attempt)
        if request.retry_reason is not None:
            headers["x-slack-retry-reason"] = request.retry_reason
        return self._app.dispatch(BoltRequest(mode="socket_mode", body=request.payload, headers=headers))


def _read(frame: aiohttp.WSMessage) -> dict[str, Any]:
    """Give the message of a frame, {} for a frame that is none."""
    if frame.type is not aiohttp.WSMsgType.TEXT:
        return {}
    try:
        found = json.loads(frame.data)
    except ValueError:
        log.warning("a frame of Slack is no JSON")
        return {}
    return found if isinstance(found, dict) else {}


async def _sent(link: _Link, text: str) -> bool:
    try:
        await link.socket.send_str(text)
    except ConnectionError:  # closed meanwhile
        return False
    return True


def _payload(answer: BoltResponse) -> dict[str, Any] | None:
    """Give what an acknowledgement carries: a JSON body, a text, or nothing."""
    if not answer.body:
        return None
    if answer.first_headers_without_set_cookie().get("content-type", "").startswith("application/json"):
        body: dict[str, Any] = json.loads(answer.body)
        return body
    return {"text": answer.body}
