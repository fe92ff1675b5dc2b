"""The front door of the API: who may call how often, and what goes wrong on demand (spec 2, 3.4, 6)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from aiohttp import web

from sandbox.malls.common.faults import ActiveFault
from sandbox.malls.common.gateway import Counter, Decision
from sandbox.malls.common.log import Entry, Log
from sandbox.malls.common.routes import Buckets, find_route
from sandbox.malls.futureshop.faults import Faults
from sandbox.malls.futureshop.keys import Keys
from sandbox.malls.futureshop.paging import FOREIGN_HOST
from sandbox.malls.futureshop.routes import PER_S, ROUTES, Route
from sandbox.malls.futureshop.settings import Settings
from sandbox.malls.futureshop.wire import MAINTENANCE_PAGE, Answer, Call, Refusal, error, failed, refusal
from sandbox.world import World

Function = Callable[[Call], Answer]

INSTEAD = ("status", "rate_limit", "maintenance", "not_granted", "unauthorised", "redirect", "html")
UNHEARD = ("cut_before", "timeout")
AFTERWARDS = ("cut_after", "hold", "slow", "truncate_json")
BODY_MOST = 8 * 1024 * 1024
NOT_GRANTED = {
    "api": "The shop has not been granted this API.",
    "ip": "The outbound IP address is not registered.",
}


class Gateway:
    """Takes every request of the shop, in the order: find, admit, limit, break, answer."""

    def __init__(
        self,
        world: World,
        settings: Settings,
        keys: Keys,
        faults: Faults,
        functions: Mapping[str, Function],
    ) -> None:
        self._world = world
        self._settings = settings
        self._keys = keys
        self._faults = faults
        self._functions = functions
        self._buckets = Buckets()
        self.log = Log(world.clock.now)
        self.counter = Counter(world, _write, holding=("hold", "timeout"))

    def app(self) -> web.Application:
        """Give the application to serve."""
        return self.counter.app(self._decide, BODY_MOST)

    def _decide(self, request: web.Request, body: bytes) -> Decision[Answer]:
        route, path, path_exists = find_route(ROUTES, request.method, request.path)
        entry = self.log.receive(request, route.function if route else "unknown", body)
        try:
            self._look_over(request, entry)
            if route is None:
                raise _nowhere(request, path_exists=path_exists)
            client_id = self._admit(request, route)
            if unheard := self._faults.take(UNHEARD, route.function):
                return Decision(entry, Answer(0, cut=True), unheard)
            answer = self._functions[route.function](self._call(request, entry, path, body, client_id))
        except Refusal as refused:
            if refused.violation:
                self.log.violate(entry, refused.violation)
            return Decision(entry, refused.answer)
        fault = self._faults.take(AFTERWARDS, route.function)
        return Decision(entry, _spoilt(answer, fault), fault)

    def _call(
        self, request: web.Request, entry: Entry, path: Mapping[str, str], body: bytes, client_id: str
    ) -> Call:
        def violate(what: str) -> None:
            self.log.violate(entry, what)

        if len(set(request.query)) < len(request.query):
            violate("a query parameter is sent twice")
        return Call(entry.function, path, dict(request.query), body, request.host, client_id, violate)

    def _look_over(self, request: web.Request, entry: Entry) -> None:
        """Note slips that the mall would not answer to."""
        if request.host.partition(":")[0] == FOREIGN_HOST:
            self.log.violate(entry, "followed an address that is not the API domain")
        if "application/json" not in request.headers.get("Accept", ""):
            self.log.violate(entry, "no Accept: application/json")
        if any(secret in str(request.rel_url) for secret in self._keys.secrets()):
            self.log.violate(entry, "a secret in the URL")

    def _admit(self, request: web.Request, route: Route) -> str:
        """Give the client that calls; refuse what the mall refuses before a function sees it."""
        if fault := self._faults.take(("maintenance",), route.function):
            raise Refusal(_broken(fault, request))
        is_token = route.function == "token"
        find = self._keys.client_by_basic if is_token else self._keys.client_by_token
        client_id = find(request.headers)
        per_s = PER_S * self._settings.rates
        if per_s and not self._buckets.take(client_id, 1 / per_s, self._world.clock.seconds()):
            raise Refusal(_too_many("1"))
        if fault := self._faults.take(INSTEAD, route.function):
            raise Refusal(_broken(fault, request))
        wanted = "application/x-www-form-urlencoded" if is_token else "application/json"
        if route.method == "POST" and request.content_type != wanted:
            sent = request.headers.get("Content-Type", "none")
            raise refusal(415, "UnsupportedMediaType", "Content-Type is wrong.", f"Content-Type: {sent}")
        return client_id


def _spoilt(answer: Answer, fault: ActiveFault | None) -> Answer:
    """Spoil an answer after the function did its work."""
    name = fault.name if fault else ""
    if name == "truncate_json":
        return replace(answer, torn=True, given=None)
    return replace(answer, cut=name == "cut_after")


def _write(_entry: Entry, answer: Answer) -> web.Response:
    if answer.html:
        page = {"Content-Type": "text/html; charset=UTF-8"}
        return web.Response(
            status=answer.status, body=answer.html.encode(), headers={**answer.headers, **page}
        )
    body = json.dumps(answer.body, ensure_ascii=False).encode()
    text = {"Content-Type": "application/json;charset=UTF-8", "Cache-Control": "no-store"}
    sent = body[: len(body) // 2] if answer.torn else body
    return web.Response(status=answer.status, body=sent, headers={**text, **answer.headers})


def _nowhere(request: web.Request, *, path_exists: bool) -> Refusal:
    """Refuse an unknown path or method; the bodies for these are a guess."""
    what = f"{request.method} {request.path}"
    if path_exists:
        return refusal(405, "MethodNotAllowed", "Method Not Allowed", f"unknown method: {what}")
    return refusal(404, "NotFound", "Not Found", f"unknown path: {what}")


def _broken(fault: ActiveFault, request: web.Request) -> Answer:
    """Give what a fault answers instead of the function."""
    if fault.name == "rate_limit":
        wait = fault.options.get("retry_after", 1)
        return _too_many("" if wait is None else str(wait))
    if fault.name == "html":
        return Answer(200, html="<html><body>futureshop</body></html>")
    if fault.name == "maintenance":
        return Answer(503, html=MAINTENANCE_PAGE)
    if fault.name == "not_granted":
        return Answer(403, failed(error("AccessDenied", NOT_GRANTED[fault.options.get("reason", "api")])))
    if fault.name == "unauthorised":
        if request.path == "/oauth/token":
            return Answer(401, {"error": "invalid_client", "error_description": "Bad client credentials"})
        return Answer(401, failed(error("Unauthorized", "The access token is invalid.")))
    if fault.name == "redirect":
        elsewhere = f"https://{request.host.replace('127.0.0.1', FOREIGN_HOST)}{request.rel_url}"
        return Answer(302, html="<html></html>", headers={"Location": elsewhere})
    status = int(fault.options.get("code", 500))
    if status == 500:
        return Answer(500, failed(error("InternalServerError", "Internal Server Error")))
    return Answer(status, html=MAINTENANCE_PAGE.replace("503", str(status)))


def _too_many(wait: str) -> Answer:
    headers = {"Retry-After": wait} if wait else {}
    return Answer(429, failed(error("TooManyRequests", "Too Many Requests")), headers=headers)
