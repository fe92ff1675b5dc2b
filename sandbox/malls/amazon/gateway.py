"""The front doors of the mall: the API, its token endpoint and its file store (spec 3, 4, 7)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import unquote

from aiohttp import web
from multidict import CIMultiDict

from sandbox.malls.amazon.admission import Admission, status_refusal
from sandbox.malls.amazon.faults import Faults
from sandbox.malls.amazon.limits import Limits
from sandbox.malls.amazon.routes import Route
from sandbox.malls.amazon.settings import Settings
from sandbox.malls.amazon.wire import Answer, Call, Refusal, unknown_path
from sandbox.malls.common.faults import ActiveFault
from sandbox.malls.common.gateway import Counter, Decision
from sandbox.malls.common.log import Entry, Log, texts_of
from sandbox.malls.common.routes import find_route
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
        self.log = Log(world.clock.now)
        self.counter = Counter(world, _write)
        self.before_each: Callable[[], None] = lambda: None

    def app(self, door: Door) -> web.Application:
        """Give the application to serve on one host."""
        return self.counter.app(partial(self._decide, door), 64 * 2**20)

    def _decide(self, door: Door, request: web.Request, body: bytes) -> Decision[Answer]:
        self.before_each()
        raw_path = request.raw_path.partition("?")[0]
        route, path, _path_exists = find_route(door.routes, request.method, raw_path)
        entry = self._enter(door, request, route, body)
        try:
            if route is None:
                raise unknown_path(f"unknown call: {request.method} {entry.path}")
            parts = {name: unquote(part) for name, part in path.items()}
            answer, fault = self._answer(door, route, request, parts, body)
        except Refusal as refused:
            if refused.violation:
                self.log.violate(entry, refused.violation)
            return Decision(entry, self._stamped(door, route, refused.answer))
        return Decision(entry, self._stamped(door, route, answer), fault)

    def _enter(self, door: Door, request: web.Request, route: Route | None, body: bytes) -> Entry:
        """Note a request. The journal's path has no query, and no key of the file store."""
        texts = texts_of(request, body)
        self.log.hear(*texts)
        path = "/documents/***" if door.host == "store" else request.raw_path.partition("?")[0]
        function = route.function if route else "unknown"
        entry = self.log.note(function, request.method, path, len(body), host=door.host)
        for what in self._admission.oddities(door.host, route, request, texts):
            self.log.violate(entry, what)
        return entry

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

    def _stamped(self, door: Door, route: Route | None, answer: Answer) -> Answer:
        stamps = {"x-amzn-RequestId": str(uuid.UUID(int=self._world.random.getrandbits(128), version=4))}
        if door.host == "api" and route is not None and answer.status in RATED:
            rate = answer.rate if answer.rate is not None else route.per_s
            if rate is not None and self._settings.rate_header:
                stamps["x-amzn-RateLimit-Limit"] = self._limits.shown(rate)
        return replace(answer, headers={**stamps, **answer.headers})


def _write(_entry: Entry, answer: Answer) -> web.Response:
    body, kind = answer.raw, answer.kind
    if answer.body is not None:
        body, kind = json.dumps(answer.body, ensure_ascii=False).encode(), "application/json"
    headers = {**answer.headers, **({"Content-Type": kind} if body else {})}
    return web.Response(status=answer.status, body=body, headers=headers)
