"""Socket Mode: connections, envelopes and acknowledgements. Source: spec 2.2 and 9.2."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswer
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.slack.people import APP
from sandbox.slack.state import State
from sandbox.slack.transport import Acknowledgements, Json, Outcome, Parcel
from sandbox.web import WebHost

MAX_CONNECTIONS = 10
REASONS = ("warning", "refresh_requested", "link_disabled", "sudden")


@dataclass(eq=False)
class Connection:
    """One websocket of the bot."""

    number: int
    socket: web.WebSocketResponse
    request: web.Request
    is_leaving: bool = False
    envelopes: int = 0


@dataclass
class Pending:
    """An envelope that waits for its acknowledgement."""

    parcel: Parcel
    sent: float
    answer: Future[Json] = field(default_factory=Future)


class SocketTransport:
    """All connections of the bot; each envelope goes to one of them, whichever."""

    def __init__(self, state: State, host: WebHost, acks: Acknowledgements) -> None:
        self._state = state
        self._acks = acks
        self._world = state.world
        self._host = host
        self._count = 0
        self._connections: list[Connection] = []
        self._pending: dict[str, Pending] = {}

    def url(self) -> str:
        """Give the address for one new connection."""
        ticket = self._state.tickets.socket()
        return f"{self._state.address.replace('https:', 'wss:')}/link?ticket={ticket}&app_id={APP}"

    def connections(self) -> list[dict[str, Any]]:
        """Describe the open connections."""
        return [{"number": c.number, "envelopes": c.envelopes} for c in self._connections]

    async def on_link(self, request: web.Request) -> web.StreamResponse:
        """Take a connection, greet it and listen until it ends."""
        with self._world.lock:
            welcome = self._state.tickets.redeem_socket(request.query.get("ticket", ""))
            full = len(self._connections) >= MAX_CONNECTIONS
            down = self._state.faults.has("down")
        if not welcome or full or down:
            return web.Response(status=503 if down else 403)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await self._serve(Connection(self._next(), socket, request))
        return socket

    async def _serve(self, connection: Connection) -> None:
        # A frame may follow the greeting at once, so the greeting goes out first.
        await connection.socket.send_json(self._hello())
        with self._world.lock:
            self._connections.append(connection)
            self._world.notify()
        try:
            async for frame in connection.socket:
                if frame.type == WSMsgType.TEXT:
                    self._on_frame(str(frame.data))
        finally:
            with self._world.lock:
                self._connections.remove(connection)
                self._world.notify()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._connections) + 1,
            "connection_info": {"app_id": APP},
            "debug_info": {"host": "sandbox", "build_number": 1, "approximate_connection_time": 3600},
        }

    def _on_frame(self, text: str) -> None:
        record = self._state.record
        try:
            frame = json.loads(text)
            envelope_id = frame["envelope_id"]
        except (ValueError, TypeError, KeyError):
            record.add("frame", "?", text)
            record.violation("a websocket frame is not an acknowledgement")
            return
        record.add("ack", str(envelope_id), frame.get("payload"))
        with self._world.lock:
            pending = self._pending.pop(envelope_id, None)
        if pending is None:
            self._acks.lost += 1
            return
        pending.answer.set_result(self._acks.take(pending.parcel, pending.sent, frame.get("payload")))

    def deliver(self, parcel: Parcel) -> Outcome:
        """Send an envelope over one connection and wait for its acknowledgement."""
        connection = self._choose()
        if connection is None:
            return Outcome(error="dispatch_failed")
        envelope_id, pending = self._register(parcel, connection)
        asyncio.run_coroutine_threadsafe(self._send(connection, envelope_id, parcel), self._host.loop)
        try:
            return Outcome(payload=pending.answer.result(self._state.settings.ack_timeout_s))
        except NoAnswer:
            with self._world.lock:
                self._pending.pop(envelope_id, None)
            return Outcome(error="operation_timeout")

    def _register(self, parcel: Parcel, connection: Connection) -> tuple[str, Pending]:
        with self._world.lock:
            envelope_id = f"E{self._next()}-sandbox"
            connection.envelopes += 1
            pending = Pending(parcel, time.monotonic())
            self._pending[envelope_id] = pending
        return envelope_id, pending

    def _choose(self) -> Connection | None:
        deadline = time.monotonic() + self._state.settings.dispatch_wait_s
        with self._world.changed:
            while not self._connections:
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                self._world.changed.wait(left)
            staying = [c for c in self._connections if not c.is_leaving]
            # One that leaves is used only where there is no other, and then the one that stays longest.
            return self._world.random.choice(staying or self._connections[-1:])

    async def _send(self, connection: Connection, envelope_id: str, parcel: Parcel) -> None:
        frame: Json = {
            "envelope_id": envelope_id,
            "type": parcel.kind,
            "payload": parcel.payload,
            "accepts_response_payload": parcel.takes_answer,
        }
        if parcel.kind == "events_api":
            frame["retry_attempt"] = parcel.attempt
            frame["retry_reason"] = "timeout" if parcel.attempt else ""
        # A connection that has just died loses what was sent to it.
        with contextlib.suppress(ConnectionError, RuntimeError):
            await connection.socket.send_json(frame)

    def disconnect(self, reason: str, close_in_s: float, count: int) -> int:
        """End connections for one of the ``REASONS``; gives how many were told."""
        if reason not in REASONS:
            raise ValueError(f"unknown reason {reason!r}; known: {', '.join(REASONS)}")
        with self._world.lock:
            chosen = [c for c in self._connections if not c.is_leaving][: count or None]
            for connection in chosen:
                connection.is_leaving = True
        for connection in chosen:
            self._host.run(self._end(connection, reason, close_in_s))
        return len(chosen)

    async def _end(self, connection: Connection, reason: str, close_in_s: float) -> None:
        if reason == "sudden":
            self._abort(connection)
            return
        frame = {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
        with contextlib.suppress(ConnectionError, RuntimeError):
            await connection.socket.send_json(frame)
        wait_s = 0.0 if reason == "link_disabled" else close_in_s
        self._host.loop.call_later(wait_s, self._close_later, connection)

    def _close_later(self, connection: Connection) -> None:
        task = self._host.loop.create_task(connection.socket.close())
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _abort(self, connection: Connection) -> None:
        if connection.request.transport:
            connection.request.transport.abort()

    async def close_all(self) -> None:
        """End every connection at once."""
        for connection in list(self._connections):
            self._abort(connection)

    def _next(self) -> int:
        self._count += 1
        return self._count
