"""The front doors of the mall: two API hosts and the authorization host (spec 0, 2, 7, 10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from aiohttp import web
from multidict import CIMultiDict

from sandbox.malls.common.faults import ActiveFault
from sandbox.malls.common.gateway import Counter, Decision
from sandbox.malls.common.log import Entry, Log
from sandbox.malls.yahoo.admission import plain_status
from sandbox.malls.yahoo.faults import Faults
from sandbox.malls.yahoo.routes import V1, Route
from sandbox.malls.yahoo.settings import Settings
from sandbox.malls.yahoo.store import Store
from sandbox.malls.yahoo.wire import Answer, Call, Refusal, error
from sandbox.world import World

Function = Callable[[Call], Answer]

AFTERWARDS = ("cut_after", "status_after", "truncated", "hold", "slow")
NAMESPACE = b'<Error xmlns="urn:yahoo:api">'


@dataclass(frozen=True)
class Door:
    """One host: its routes, who is let in, and the store behind it."""

    host: str
    store: Store
    routes: tuple[Route, ...]
    admit: Callable[[Call], dict[str, str]]


class Gateway:
    """Takes every request of the mall, in the order: find, admit, answer, break."""

    def __init__(
        self, world: World, settings: Settings, faults: Faults, functions: Mapping[str, Function]
    ) -> None:
        self._world = world
        self._settings = settings
        self._faults = faults
        self._functions = functions
        self.log = Log(world.clock.now)
        self.counter = Counter(world, self._write)

    def app(self, door: Door) -> web.Application:
        """Give the application to serve on one host."""
        return self.counter.app(partial(self._decide, door), 8 * 2**20)

    def _decide(self, door: Door, request: web.Request, body: bytes) -> Decision[Answer]:
        door.store.transfers.settle(self._world.clock.now())
        met = [route for route in door.routes if route.path == request.path]
        route = next((route for route in met if route.method == request.method), None)
        entry = self.log.receive(request, route.function if route else "unknown", body, host=door.host)
        if route is None:
            self.log.violate(entry, f"{request.method} {request.path}")
            return Decision(entry, self._nowhere(request, path_exists=bool(met)))
        headers = CIMultiDict(request.headers)
        call = Call(route, door.store, request.query, headers, body)
        answer, fault = self._answer(door, call)
        for what in call.violations:
            self.log.violate(entry, what)
        return Decision(entry, answer, fault)

    def _answer(self, door: Door, call: Call) -> tuple[Answer, ActiveFault | None]:
        _note_strays(call)
        marks: dict[str, str] = {}
        try:
            marks = door.admit(call)
            answer = self._functions[call.route.function](call)
        except Refusal as refused:
            return _marked(refused.answer, marks), None
        fault = self._faults.take(AFTERWARDS, call.route.function)
        return _spoilt(_marked(answer, marks), fault), fault

    def _nowhere(self, request: web.Request, *, path_exists: bool) -> Answer:
        """Refuse an unknown path or method; only under V1 does the API itself answer (px-04400).

        ``orderChange`` and ``orderStatusChange`` are not there: they move orders on, and no client
        that only keeps stock calls them (spec 5).
        """
        if path_exists:
            return error(405, "Method Not Allowed")
        if request.path.startswith(f"{V1}/"):
            return error(self._settings.unknown_api_status, "API is not found.", "px-04400")
        return plain_status(404)

    def _write(self, _entry: Entry, answer: Answer) -> web.Response:
        body = answer.body.replace(b"<Error>", NAMESPACE) if self._settings.error_namespace else answer.body
        headers = {**answer.headers, **({"Content-Type": answer.kind} if body else {})}
        return web.Response(status=answer.status, body=body, headers=headers)


def _note_strays(call: Call) -> None:
    """Note a query where the fields belong into the body; uploads have their store in the query."""
    if call.route.method == "POST" and call.query and call.route.function != "upload_stock":
        call.violations.append("a query on a POST")


def _marked(answer: Answer, marks: Mapping[str, str]) -> Answer:
    return replace(answer, headers={**answer.headers, **marks})


def _spoilt(answer: Answer, fault: ActiveFault | None) -> Answer:
    """Spoil an answer after the function did its work."""
    name = fault.name if fault else ""
    if name == "cut_after":
        return replace(answer, cut=True)
    if name == "truncated":
        return replace(answer, body=answer.body[: len(answer.body) // 2], given=None)
    if fault and name == "status_after":
        return plain_status(int(fault.options.get("code", 500)))
    return answer
