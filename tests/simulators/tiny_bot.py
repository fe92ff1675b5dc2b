"""The smallest bot that speaks Socket Mode through slack_sdk's own client: for tests of the workspace."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

NO_ACK = object()
Handler = Callable[[SocketModeRequest], Any]


class TinyBot:
    """Runs ``handler`` for each envelope, in a thread; what it returns is the acknowledgement's payload."""

    def __init__(self, addresses: dict[str, Any], ca_file: str, handler: Handler) -> None:
        self._addresses = addresses
        self._context = ssl.create_default_context(cafile=ca_file)
        self._handler = handler
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tiny-bot")
        self.web = WebClient(addresses["bot_token"], base_url=addresses["api_url"], ssl=self._context)
        self.requests: list[SocketModeRequest] = []

    def __enter__(self) -> TinyBot:
        self._thread.start()
        self._run(self._connect())
        return self

    def __exit__(self, *_exc: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _connect(self) -> None:
        api = AsyncWebClient(base_url=self._addresses["api_url"], ssl=self._context)
        self._client = SocketModeClient(self._addresses["app_token"], web_client=api, ping_interval=0.2)
        self._client.socket_mode_request_listeners.append(self._on_request)
        await self._client.connect()

    async def _close(self) -> None:
        await self._client.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        # TLS connections end a moment after their session.
        await asyncio.sleep(0.05)

    async def _on_request(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.requests.append(request)
        answer = await asyncio.to_thread(self._handler, request)
        if answer is not NO_ACK:
            await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, answer))
