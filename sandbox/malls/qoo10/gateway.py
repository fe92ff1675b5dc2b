"""The front door of QAPI: the edge, the keys, and what goes wrong on demand (spec 3, 4, 11.1, 11.11)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl

from aiohttp import web

from sandbox.malls.common.faults import ActiveFault
from sandbox.malls.common.gateway import Counter, Decision
from sandbox.malls.common.log import Entry, Log
from sandbox.malls.qoo10.faults import Faults
from sandbox.malls.qoo10.keys import Keys
from sandbox.malls.qoo10.methods import FORBIDDEN, PATH, SERVICES, Buckets, Method, method_at
from sandbox.malls.qoo10.settings import Settings
from sandbox.malls.qoo10.wire import (
    MAINTENANCE_PAGE,
    NOT_ALLOWED,
    Answer,
    Call,
    Refusal,
    gate_refusal,
    refusal,
)
from sandbox.world import World

Function = Callable[[Call], Answer]

EDGE = ("status", "rate_limit", "html", "cut_before")
INSIDE = ("result", "gate", "not_authorised")
AFTERWARDS = ("cut_after", "hold", "slow")
CREATE_KEY = "CreateCertificationKey"
RETURN_TYPE = "application/json"


class Gateway:
    """Takes every request of the shop, in the order: edge, method, key, form, answer."""

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

    def app(self) -> web.Application:
        """Give the application to serve; bodies may be as long as 500 rows are."""
        return self.counter.app(self._decide, 16 * 2**20)

    def _decide(self, request: web.Request, body: bytes) -> Decision[Answer]:
        method = method_at(request.path)
        entry = self.log.receive(request, method.name if method else "unknown", body, result=None)
        try:
            self._pass_edge(entry, method)
            method = _existing(request, method)
            call = self._call(request, entry, method, body)
            self._admit(call)
            answer = self._answer(entry, call)
        except Refusal as refused:
            if refused.violation:
                self.log.violate(entry, refused.violation)
            return Decision(entry, refused.answer)
        fault = self._faults.take(AFTERWARDS, method.name)
        return Decision(entry, replace(answer, cut=fault is not None and fault.name == "cut_after"), fault)

    def _pass_edge(self, entry: Entry, method: Method | None) -> None:
        """Refuse what the network in front of the API refuses, in pages instead of envelopes."""
        if self._faults.take(("maintenance",), entry.function):
            raise Refusal(Answer(html=MAINTENANCE_PAGE, status=self._settings.maintenance_status))
        self._check_rate(method)
        if fault := self._faults.take(EDGE, entry.function):
            raise Refusal(_at_edge(fault))

    def _check_rate(self, method: Method | None) -> None:
        now_s, rates = self._world.clock.seconds(), self._settings.rates
        limits = [("all", self._settings.calls_per_s * rates, self._settings.burst)]
        if method and method.bulk:
            limits.append(("bulk", self._settings.bulk_per_s * rates, 1))
        for name, per_s, burst in limits:
            if per_s and not self._buckets.take(name, per_s, burst, now_s):
                raise Refusal(_page(429, "Too Many Requests"))

    def _call(self, request: web.Request, entry: Entry, method: Method, body: bytes) -> Call:
        """Read the form; what the mall overlooks is a violation all the same."""
        pairs = _form(request, body)
        notes = _oddities(request, method, pairs)
        for note in notes:
            self.log.violate(entry, note)
        fields = {name: value for name, value in pairs if name != "returnType"}
        key = request.headers.get("GiosisCertificationKey", "")
        return Call(method.name, fields, key, request.headers.get("QAPIVersion", ""))

    def _admit(self, call: Call) -> None:
        if call.function != CREATE_KEY:
            self._keys.check(call.key)
        fault = self._faults.take(INSIDE, call.function)
        if fault is None:
            return
        if fault.name == "gate":
            raise gate_refusal(int(fault.options["code"]))
        code = NOT_ALLOWED if fault.name == "not_authorised" else int(fault.options["code"])
        told = refusal(code, str(fault.options.get("message", "")))
        raise Refusal(told.answer)  # a code on demand is no bug of the client

    def _answer(self, entry: Entry, call: Call) -> Answer:
        try:
            return self._functions[call.function](call)
        finally:
            for note in call.notes:
                self.log.violate(entry, note)

    def _write(self, entry: Entry, answer: Answer) -> web.Response:
        result = _result_of(answer)
        entry.more["result"] = result
        entry.answered = "" if result is None else f" ({result})"
        if answer.html or answer.text:
            kind = "text/html" if answer.html else "text/plain"
            text = answer.html or answer.text
            return web.Response(status=answer.status, text=text, content_type=kind, charset="utf-8")
        charset = f"; charset={self._settings.charset}" if self._settings.charset else ""
        body = json.dumps(answer.body, ensure_ascii=False).encode()
        return web.Response(body=body, headers={"Content-Type": RETURN_TYPE + charset})


def _existing(request: web.Request, method: Method | None) -> Method:
    """Refuse style B and what is not there, before any key is looked at (spec 3, 4)."""
    what = f"{request.method} {request.path}"
    if request.method != "POST":
        raise gate_refusal(violation=f"not style A: {what}")
    if method:
        return method
    service, dot, name = request.path.removeprefix(f"{PATH}/").partition(".")
    if not request.path.startswith(f"{PATH}/") or not dot:
        raise gate_refusal(violation=f"unknown path: {what}")
    if service.lower() not in SERVICES:
        raise Refusal(Answer(text=f"Can't find service Name {service}"), f"unknown class: {what}")
    if name.lower() in FORBIDDEN.get(service.lower(), ()):
        raise refusal(NOT_ALLOWED, violation=f"not to be used for stock: {name}")
    raise Refusal(Answer(text=f"Can't find method Info {name}"), f"unknown method: {what}")


def _form(request: web.Request, body: bytes) -> list[tuple[str, str]]:
    if request.content_type != "application/x-www-form-urlencoded":
        return []
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def _oddities(request: web.Request, method: Method, pairs: list[tuple[str, str]]) -> list[str]:
    """Give what no right client sends and the mall answers all the same."""
    names = [name for name, _value in pairs]
    return_type = dict(pairs).get("returnType", "none")
    version = request.headers.get("QAPIVersion", "none")
    stray = sorted(set(names) - {"returnType", *method.fields})
    found = [
        (request.content_type != "application/x-www-form-urlencoded", f"Content-Type {request.content_type}"),
        ((request.charset or "utf-8").lower() != "utf-8", f"charset {request.charset}"),
        (return_type != RETURN_TYPE, f"returnType {return_type}"),
        (version not in method.versions, f"QAPIVersion {version}"),
        (bool(stray), f"unknown fields: {', '.join(stray)}"),
        (len(names) != len(set(names)), "a field twice"),
        (bool(request.query_string), "a query: fields belong in the body"),
    ]
    return [text for wrong, text in found if wrong]


def _at_edge(fault: ActiveFault) -> Answer:
    if fault.name == "cut_before":
        return Answer(cut=True)
    if fault.name == "rate_limit":
        return _page(429, "Too Many Requests")
    if fault.name == "html":
        return _page(200, "Qoo10")
    return _page(int(fault.options.get("code", 502)), "Error")


def _page(status: int, title: str) -> Answer:
    return Answer(html=f"<html><head><title>{title}</title></head><body>{title}</body></html>", status=status)


def _result_of(answer: Answer) -> int | None:
    body = answer.body or {}
    code = body.get("ResultCode", body.get("ErrorCode"))
    return code if isinstance(code, int) else None
