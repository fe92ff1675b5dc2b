"""One event loop in one thread that serves every HTTP and websocket port of the sandbox."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from aiohttp import web

from sandbox.world import World

T = TypeVar("T")


class WebHost:
    """Serves aiohttp applications on loopback, with or without the sandbox's TLS."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._loop = asyncio.new_event_loop()
        # Verbs that wait each hold a thread; the default pool of a small machine has six.
        self._loop.set_default_executor(ThreadPoolExecutor(64, "sandbox-verb"))
        self._runners: list[web.AppRunner] = []
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox-web", daemon=True)

    def start(self) -> None:
        """Start the loop; ``serve`` may be called from any thread afterwards."""
        self._thread.start()

    def serve(self, app: web.Application, *, tls: bool = True) -> int:
        """Serve an application on a free loopback port and give that port."""
        return self.run(self._serve(app, self._tls_context() if tls else None))

    async def _serve(self, app: web.Application, context: ssl.SSLContext | None) -> int:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        self._runners.append(runner)
        port: int = runner.addresses[0][1]
        return port

    def _tls_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self._world.certificate())
        return context

    def run(self, work: Coroutine[Any, Any, T], timeout_s: float = 30) -> T:
        """Run a coroutine on the loop from another thread and give its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout_s)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop itself, for parts that schedule their own work on it."""
        return self._loop

    def stop(self) -> None:
        """Close every port and end the loop."""
        if not self._thread.is_alive():
            return
        self.run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _close(self) -> None:
        for runner in self._runners:
            open_ones = [link.transport for link in runner.server.connections] if runner.server else []
            await runner.cleanup()
            # A TLS connection that a client keeps in its pool would wait for the client's goodbye.
            for transport in open_ones:
                if transport is not None:
                    with suppress(
                        AttributeError
                    ):  # Python 3.11.2: one that was closed twice has nothing left
                        transport.abort()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0.02)  # sockets close in later turns of the loop
