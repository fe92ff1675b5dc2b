"""The Web API's front door: tokens, scopes, rates, faults, then the method. Source: spec 6 and 9.2."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.slack.errors import SlackError
from sandbox.slack.people import APP_TOKEN, BOT_TOKEN, looks_real
from sandbox.slack.record import Entry
from sandbox.slack.state import State

Json = dict[str, Any]

# Arguments that come as JSON text inside a form.
_NESTED = ("blocks", "attachments", "view", "files", "metadata", "options")


@dataclass(frozen=True)
class Method:
    """One method: what runs it, which scope it needs (or the app token), its tier."""

    run: Callable[[Json], Json]
    scope: str = ""
    tier: int = 0
    takes_app_token: bool = False


class Api:
    """Answers ``POST /api/<method>``."""

    def __init__(self, state: State, methods: dict[str, Method]) -> None:
        self._state = state
        self._methods = methods

    async def on_call(self, request: web.Request) -> web.StreamResponse:
        """Answer one call, in JSON with status 200 save for faults, limits and refused tokens."""
        name = request.match_info["method"]
        arguments = await _arguments(request)
        header = request.headers.get("Authorization", "").removeprefix("Bearer ")
        token = header or str(arguments.pop("token", ""))
        entry = self._state.record.add("call", name, arguments)
        if await self._cut(request, name, "cut_before"):
            return web.Response(status=500)
        response = await self._answer(name, token, arguments, entry)
        if await self._cut(request, name, "cut_after"):
            return web.Response(status=500)
        response.headers["X-OAuth-Scopes"] = ",".join(self._state.settings.scopes)
        return response

    async def _cut(self, request: web.Request, name: str, fault: str) -> bool:
        with self._state.world.lock:
            hit = self._state.faults.take(fault, name)
        if hit and request.transport:
            request.transport.abort()
        return hit is not None

    async def _answer(self, name: str, token: str, arguments: Json, entry: Entry) -> web.Response:
        world = self._state.world
        with world.lock:
            slow = self._state.faults.take("slow", name)
        if slow:
            await asyncio.sleep(float(slow.arguments.get("seconds", 5)))
        try:
            with world.lock:
                result = self._run(name, token, arguments)
                world.notify()
        except SlackError as error:
            entry.outcome = error.code
            return error.response()
        entry.outcome = "ok"
        return web.json_response({"ok": True, **result})

    def _run(self, name: str, token: str, arguments: Json) -> Json:
        faults = self._state.faults
        if faults.take("down", name):
            raise SlackError("service_unavailable", status=503)
        if looks_real(token):
            self._state.record.violation("a token that looks real was sent to the sandbox")
            raise SlackError("invalid_auth", status=401)
        method = self._methods.get(name)
        if method is None:
            self._state.record.violation(f"unknown method {name}")
            raise SlackError("unknown_method", extra={"req_method": name})
        self._check_token(method, token)
        if limited := faults.take("ratelimited", name):
            raise SlackError("ratelimited", retry_after_s=int(limited.arguments.get("retry_after", 1)))
        if wait_s := self._state.rates.wait_for_tier(name, method.tier):
            raise SlackError("ratelimited", retry_after_s=wait_s)
        if refused := faults.take("refuse", name):
            raise SlackError(str(refused.arguments["error"]))
        return method.run(arguments)

    def _check_token(self, method: Method, token: str) -> None:
        if not token:
            raise SlackError("not_authed")
        if token not in (BOT_TOKEN, APP_TOKEN):
            raise SlackError("invalid_auth")
        if (token == APP_TOKEN) != method.takes_app_token:
            raise SlackError("not_allowed_token_type")
        if method.scope and method.scope not in self._state.settings.scopes:
            provided = ",".join(self._state.settings.scopes)
            raise SlackError("missing_scope", extra={"needed": method.scope, "provided": provided})


async def _arguments(request: web.Request) -> Json:
    found: Json = dict(request.query)
    if request.content_type == "application/json":
        text = await request.text()
        # A call without arguments may come as JSON with an empty body.
        content = json.loads(text) if text else {}
        found.update(content if isinstance(content, dict) else {})
    else:
        form = await request.post()
        found.update({key: value for key, value in form.items() if isinstance(value, str)})
    return {key: _decoded(key, value) for key, value in found.items()}


def _decoded(key: str, value: Any) -> Any:
    if key not in _NESTED or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
