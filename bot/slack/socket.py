"""Socket Mode: one websocket in a thread with an event loop of its own, each request in a thread.

Bolt's own handlers are not used: theirs answer a request that is in work during a refresh late
or not at all, or take requests of a synchronous app one after another.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

import aiohttp
from slack_bolt import App, BoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.secret import Secret

log = logging.getLogger(__name__)

PING_S = 5.0
FAREWELL_S = 0.1
"""A TLS connection that is closed still has its farewell to send; the loop must live so long.

Source: docs.aiohttp.org, "Advanced Client Usage", "Graceful Shutdown".
"""
REBUILD_AFTER_S = 20.0
"""The client reconnects by itself, but keeps trying an address that serves once only."""
LONGEST_WAIT_S = 60.0
DISPATCHERS = 32


@dataclass(frozen=True)
class SocketAddress:
    """Where and as whom to connect."""

    api_url: str
    app_token: Secret
    tls: ssl.SSLContext


class SocketBridge:
    """Carries requests from the websocket to the app, and its answers back."""

    def __init__(self, app: App, address: SocketAddress, stop: Event) -> None:
        self._app = app
        self._address = address
        self._stop = stop
        self._connected = Event()
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
        ended = asyncio.create_task(asyncio.to_thread(self._stop.wait))
        wait_s = 1.0
        while not ended.done():
            if await self._one_client(ended):
                wait_s = 1.0
            await asyncio.wait([ended], timeout=wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)
        await asyncio.sleep(FAREWELL_S)

    async def _one_client(self, ended: asyncio.Task[bool]) -> bool:
        """Hold a connection with one client until it is lost for good; False if none came about."""
        web = AsyncWebClient(base_url=self._address.api_url, ssl=self._address.tls, timeout=10)
        client = SocketModeClient(
            app_token=self._address.app_token.reveal(), web_client=web, ping_interval=PING_S
        )
        client.socket_mode_request_listeners.append(self._on_request)
        try:
            if not await self._connect(client, ended):
                return False
            await self._watch(client, ended)
            return True
        finally:
            await _close(client)

    async def _connect(self, client: SocketModeClient, ended: asyncio.Task[bool]) -> bool:
        connecting = asyncio.create_task(client.connect_to_new_endpoint(force=True))
        await asyncio.wait([connecting, ended], timeout=15, return_when=asyncio.FIRST_COMPLETED)
        if not connecting.done():
            connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)
            return False
        try:
            connecting.result()
        except (SlackClientError, OSError, aiohttp.ClientError, TimeoutError) as error:
            log.warning("no connection to Slack: %s", type(error).__name__)
            return False
        self._connected.set()
        return True

    async def _watch(self, client: SocketModeClient, ended: asyncio.Task[bool]) -> None:
        """Return once the client has been without a connection for long, or the bot ends."""
        loop = asyncio.get_running_loop()
        last_seen = loop.time()
        while not ended.done() and loop.time() - last_seen < REBUILD_AFTER_S:
            if await client.is_connected():
                last_seen = loop.time()
            await asyncio.wait([ended], timeout=1)

    async def _on_request(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._pool, self._dispatch, request)
        if answer.status == 200:
            payload = _payload(answer)
            await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload))

    def _dispatch(self, request: SocketModeRequest) -> BoltResponse:
        headers: dict[str, Any] = {}
        if request.retry_attempt is not None:
            headers["x-slack-retry-num"] = str(request.retry_attempt)
        if request.retry_reason is not None:
            headers["x-slack-retry-reason"] = request.retry_reason
        return self._app.dispatch(BoltRequest(mode="socket_mode", body=request.payload, headers=headers))


async def _close(client: SocketModeClient) -> None:
    """Close a client; one that is just reconnecting would leave that connection open behind it."""
    client.default_auto_reconnect_enabled = client.auto_reconnect_enabled = False
    try:
        await asyncio.wait_for(client.connect_operation_lock.acquire(), timeout=2)
    except TimeoutError:
        log.info("a connection to Slack was given up")
    await client.close()  # type: ignore[no-untyped-call]
    tasks = (client.message_receiver, client.current_session_monitor, client.message_processor)
    await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)


def _payload(answer: BoltResponse) -> dict[str, Any] | None:
    """Give what an acknowledgement carries: a JSON body, a text, or nothing."""
    if not answer.body:
        return None
    if answer.first_headers_without_set_cookie().get("content-type", "").startswith("application/json"):
        body: dict[str, Any] = json.loads(answer.body)
        return body
    return {"text": answer.body}
