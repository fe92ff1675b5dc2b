"""The front door of RMS: who may call what how often, and what goes wrong on demand (spec 1, 2.5)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from sandbox.malls.common.faults import ActiveFault
from sandbox.malls.common.gateway import Counter, Decision
from sandbox.malls.common.log import Entry, Log, decoded
from sandbox.malls.common.routes import Buckets, find_route
from sandbox.malls.rakuten.faults import Faults
from sandbox.malls.rakuten.keys import SCHEME, Keys
from sandbox.malls.rakuten.routes import ROUTES, Route
from sandbox.malls.rakuten.settings import Settings
from sandbox.malls.rakuten.wire import (
    MAINTENANCE_PAGE,
    Answer,
    Call,
    Flaw,
    Refusal,
    legacy_refusal,
    refusal,
    unauthorised,
)
from sandbox.world import World

Function = Callable[[Call], Answer]

INSTEAD = ("status", "rate_limit", "conflict", "html", "cut_before", "order_message")
AFTERWARDS = ("cut_after", "hold", "slow")


class Gateway:
    """Takes every request of the shop, in the order: find, admit, limit, break, answer."""

    def __init__(
        self, world: World, settings: Settings, keys: Keys, faults: Faults, functions: Mapping[str, Function]
    ) -> None:
        self._world = world
        self._settings = settings
        self._keys = keys
        self._faults = faults
        self._functions = functions
        self._buckets = Buckets()
        self.log = Log(world.clock.now)
        self.counter = Counter(world, self._write)
        self.before_each: Callable[[], None] = lambda: None

    def app(self) -> web.Application:
        """Give the application to serve."""
        return self.counter.app(self._decide)

    def _decide(self, request: web.Request, body: bytes) -> Decision[Answer]:
        self.before_each()
        route, path, path_exists = find_route(ROUTES, request.method, request.path)
        entry = self.log.receive(request, route.function if route else "unknown", body)
        try:
            if route is None:
                raise _nowhere(request, path_exists=path_exists)
            self._admit(request, entry, route)
            answer = self._functions[route.function](Call(route.function, path, request.query, body))
        except Refusal as refused:
            if refused.violation:
                self.log.violate(entry, refused.violation)
            return Decision(entry, refused.answer)
        fault = self._faults.take(AFTERWARDS, route.function)
        cut = fault is not None and fault.name == "cut_after"
        return Decision(entry, replace(answer, cut=cut), fault)

    def _admit(self, request: web.Request, entry: Entry, route: Route) -> None:
        """Refuse what the mall refuses before a function sees it."""
        if self._faults.maintained(route.api):
            raise Refusal(Answer(503, html=MAINTENANCE_PAGE))
        self._check_key(request, entry, route)
        self._check_rate(route)
        if fault := self._faults.take(INSTEAD, route.function):
            raise Refusal(_broken(fault))
        _check_content_type(request, route)

    def _check_key(self, request: web.Request, entry: Entry, route: Route) -> None:
        authorization = request.headers.get("Authorization", "")
        if not decoded(authorization, SCHEME):
            self.log.violate(entry, "no ESA header")
        if not self._keys.open(authorization, self._world.clock.now()):
            raise unauthorised()
        if self._faults.take(("not_ticked",), route.function):
            if self._settings.untick_form == "GA0001":
                raise unauthorised()
            status = self._settings.untick_status
            raise legacy_refusal(status, "ES04-01", "This function is not allowed for the application.")

    def _check_rate(self, route: Route) -> None:
        per_s = (route.per_s or 0) * self._settings.rates
        if per_s and not self._buckets.take(route.function, 1 / per_s, self._world.clock.seconds()):
            raise Refusal(_too_many({"Retry-After": "1"} if self._settings.retry_after else {}))

    def _write(self, _entry: Entry, answer: Answer) -> web.Response:
        headers = {**self._stamps(), **answer.headers}
        if answer.html:
            page = {"Content-Type": "text/html; charset=utf-8"}
            return web.Response(status=answer.status, body=answer.html.encode(), headers={**headers, **page})
        if answer.body is None:
            return web.Response(status=answer.status, headers=headers)
        text = {"Content-Type": "application/json;charset=UTF-8"}
        body = json.dumps(answer.body, ensure_ascii=False).encode()
        return web.Response(status=answer.status, body=body, headers={**headers, **text})

    def _stamps(self) -> dict[str, str]:
        return {
            "RequestId": str(uuid.UUID(int=self._world.random.getrandbits(128), version=4)),
            "Timestamp": self._world.clock.now().strftime("%Y-%m-%dT%H:%M:%S"),
            "Cache-Control": "no-cache,no-store",
            "Server": "openresty",
        }


def _nowhere(request: web.Request, *, path_exists: bool) -> Refusal:
    """Refuse an unknown path or method; the order API's bodies for these are a guess."""
    what = f"unknown {'method' if path_exists else 'path'}: {request.method} {request.path}"
    if path_exists:
        return legacy_refusal(405, "ES04-02", "Method Not Allowed", what)
    if request.path.startswith("/es/2.0/order"):
        return legacy_refusal(404, "ES04-02", "Not Found", what)
    answer = refusal(400, Flaw("GE0007", "Requested path doesn't exist")).answer
    return Refusal(answer, what)


def _check_content_type(request: web.Request, route: Route) -> None:
    if route.method not in ("POST", "PUT"):
        return
    right = request.content_type == "application/json"
    charset = (request.charset or "").lower()
    if route.api == "order":
        right = right and charset == "utf-8"
    if not right or charset not in ("", "utf-8"):
        sent = request.headers.get("Content-Type", "none")
        raise legacy_refusal(415, "ES04-03", "Unsupported Media Type", f"Content-Type: {sent}")


def _broken(fault: ActiveFault) -> Answer:
    """Give what a fault answers instead of the function."""
    if fault.name == "cut_before":
        return Answer(0, cut=True)
    if fault.name == "rate_limit":
        wait = fault.options.get("retry_after")
        return _too_many({} if wait is None else {"Retry-After": str(wait)})
    if fault.name == "html":
        return Answer(200, html="<html><body>Rakuten</body></html>")
    if fault.name == "order_message":
        return _order_message(**fault.options)
    if fault.name == "conflict":
        text = "Your request could not be processed due to a conflict with another process."
        flaw = Flaw("CE0001", f"{text} Please try again after a short while.")
        return refusal(409, flaw).answer
    status = int(fault.options.get("code", 500))
    if status == 500:
        return refusal(500, Flaw("X0000", "An unexpected error has occurred")).answer
    return Answer(status, html=MAINTENANCE_PAGE.replace("503", str(status)))


def _order_message(code: str, order_number: str = "") -> Answer:
    """Give an error of the order API as it may come with HTTP 200 (spec 4)."""
    message = {"messageType": "ERROR", "messageCode": code, "message": "エラーが発生しました。"}
    of_order = {"orderNumber": order_number} if order_number else {}
    rest: dict[str, Any] = {"orderNumberList": [], "OrderModelList": [], "PaginationResponseModel": None}
    return Answer(200, {"MessageModelList": [{**message, **of_order}], **rest})


def _too_many(headers: Mapping[str, str]) -> Answer:
    # Code and text are invented: the mall's own are not known, and nothing may depend on them.
    answer = refusal(429, Flaw("GA0003", "Too Many Requests")).answer
    return replace(answer, headers=headers)
