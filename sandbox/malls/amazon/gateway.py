"""The front doors of the mall: the API, its token endpoint and its file store (spec 3, 4, 7)."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

from sandbox.malls.amazon.admission import Admission, status_refusal
from sandbox.malls.amazon.faults import ActiveFault, Faults
from sandbox.malls.amazon.limits import Limits
from sandbox.malls.amazon.log import Entry, Log, texts_of
from sandbox.malls.amazon.routes import Route, routes_of
from sandbox.malls.amazon.settings import Settings
from sandbox.malls.amazon.wire import Answer, Call, Refusal, unknown_path
from sandbox.world import World

Function = Callable[[Call], Answer]

AFTERWARDS = ("cut_after", "status_after", "hold", "slow")
RATED = (200, 201, 202, 204, 400, 404)
"""Statuses whose answers carry the rate header (spec 4)."""


@dataclass(frozen=True)
class Door:
    """One host of the mall and its routes."""

    host: str
    routes: tuple[Route, ...]


class Gateway:
    """Takes every request of the mall, in the order: find, admit, answer, break."""

    def __init__(
        self,
        world: World,
        settings: Settings,
        admission: Admission,
        faults: Faults,
        limits: Limits,
        functions: Mapping[str, Function],
    ) -> None:
        self._world = world
        self._settings = settings
        self._admission = admission
        self._faults = faults
        self._limits = limits
        self._functions = functions
        self._held: list[tuple[str, asyncio.Event]] = []
        self.log = Log(world.clock.now)
        self.before_each: Callable[[], None] = lambda: None

    def app(self, door: Door) -> web.Application:
        """Give the application to serve on one host."""

        async def serve(request: web.Request) -> web.Response:
            return await self._serve(door, request)

        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/{path:.*}", serve)
        return app

    def held(self) -> list[str]:
        """Give the functions whose answers are held back."""
        return [function for function, _event in self._held]

    def release(self, loop: asyncio.AbstractEventLoop) -> int:
        """Let all held answers go; gives their number."""
        let_go, self._held = self._held, []
        for _function, event in let_go:
            loop.call_soon_threadsafe(event.set)
        return len(let_go)

    async def _serve(self, door: Door, request: web.Request) -> web.Response:
        body = await request.read()
        with self._world.lock:
            self.before_each()
            entry, route, answer, fault = self._decide(door, request, body)
            waits = self._wait_of(entry, fault)
            self._world.notify()
        if waits:
            await waits
        return self._give(request, entry, route, answer)

    def _decide(
        self, door: Door, request: web.Request, body: bytes
    ) -> tuple[Entry, Route | None, Answer, ActiveFault | None]:
        met = routes_of(door.routes, request.raw_path.partition("?")[0])
        route, path = next((pair for pair in met if pair[0].method == request.method), (None, {}))
        entry = self.log.receive(request, door.host, route.function if route else "unknown", body)
        for what in self._admission.oddities(door.host, route, request, texts_of(request, body)):
            self.log.violate(entry, what)
        try:
            if route is None:
                raise unknown_path(f"unknown call: {request.method} {entry.path}")
            answer, fault = self._answer(door, route, request, path, body)
        except Refusal as refused:
            if refused.violation:
                self.log.violate(entry, refused.violation)
            return entry, route, refused.answer, None
        return entry, route, answer, fault

    def _answer(
        self, door: Door, route: Route, request: web.Request, path: Mapping[str, str], body: bytes
    ) -> tuple[Answer, ActiveFault | None]:
        headers = CIMultiDict(request.headers)
        call = Call(route.function, path, dict(request.query), headers, body)
        admitted = self._admission.admit(door.host, route, request, call)
        if isinstance(admitted, Answer):
            return admitted, None
        answer = self._functions[route.function](admitted)
        fault = self._faults.take(AFTERWARDS, route.function)
        if fault and fault.name == "status_after":
            answer = status_refusal(int(fault.options.get("code", 500))).answer
        return replace(answer, cut=fault is not None and fault.name == "cut_after"), fault

    def _wait_of(self, entry: Entry, fault: ActiveFault | None) -> Any:
        if fault and fault.name == "slow":
            return asyncio.sleep(float(fault.options.get("seconds", 1)))
        if fault and fault.name == "hold":
            event = asyncio.Event()
            self._held.append((entry.function, event))
            return event.wait()
        return None

    def _give(self, request: web.Request, entry: Entry, route: Route | None, answer: Answer) -> web.Response:
        if answer.cut:
            if request.transport:
                request.transport.abort()
            return web.Response()
        with self._world.lock:
            entry.status = answer.status
            headers = {**self._stamps(entry, route, answer), **answer.headers}
        if answer.body is not None:
            body = json.dumps(answer.body, ensure_ascii=False).encode()
            return web.Response(
                status=answer.status, body=body, headers={**headers, "Content-Type": "application/json"}
            )
        if answer.raw:
            headers["Content-Type"] = answer.kind
        return web.Response(status=answer.status, body=answer.raw, headers=headers)

    def _stamps(self, entry: Entry, route: Route | None, answer: Answer) -> dict[str, str]:
        stamps = {"x-amzn-RequestId": str(uuid.UUID(int=self._world.random.getrandbits(128), version=4))}
        if entry.host != "api" or route is None or answer.status not in RATED:
            return stamps
        rate = answer.rate if answer.rate is not None else route.per_s
        if rate is not None and self._settings.rate_header:
            stamps["x-amzn-RateLimit-Limit"] = self._limits.shown(rate)
        return stamps
