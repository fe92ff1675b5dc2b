"""The REST interface: who asks, how often, for what; errors, pages and tags in GitHub's form.

It lies under ``/api/v3`` as on a server of one's own (GitHub Enterprise Server).

Source: REST pages "Authenticating to the REST API", "Getting started with the REST API", "Rate limits
for the REST API", "Using pagination in the REST API" and "Best practices for using the REST API"
(conditional requests), version 2022-11-28.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from sandbox.forge.accounts import ANYBODY, Account, Accounts, bearer_token
from sandbox.forge.answers import DOCUMENTATION, Answer, ApiError, Call, Listed, Reply, Route, not_found
from sandbox.forge.faults import API, Fault
from sandbox.forge.rates import Rates, Window
from sandbox.forge.shapes import REPOSITORY_ID, Shapes
from sandbox.world import WorldClock

_PLACEHOLDERS = {"number": r"\d+", "sha": "[^/]+", "path": ".*", "branch": ".+", "ref": ".+"}
_RATES_PAGE = f"{DOCUMENTATION}/using-the-rest-api/rate-limits-for-the-rest-api"
_HEADERS = {
    "X-GitHub-Media-Type": "github.v3; format=json",
    "X-GitHub-Api-Version-Selected": "2022-11-28",
}


class Api:
    """Answers calls for one repository.

    Args:
        lock: held while a call does its work.
        changed: told after each call that wrote.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        shapes: Shapes,
        accounts: Accounts,
        rates: Rates,
        clock: WorldClock,
        *,
        lock: AbstractContextManager[Any],
        changed: Callable[[], None],
    ) -> None:
        self._routes = [(_pattern(route.path), route) for route in routes]
        self._shapes, self._accounts, self._rates, self._clock = shapes, accounts, rates, clock
        self._lock, self._changed = lock, changed

    def account(self, request: web.Request) -> Account | None:
        """Give who asks; None for a token that is not known."""
        header = request.headers.get("Authorization", "")
        if not header:
            return ANYBODY if self._accounts.is_open else None
        return self._accounts.by_token(bearer_token(header))

    def answer(self, request: web.Request, body: bytes, fault: Fault | None) -> web.Response:
        """Answer a call whose path begins with ``/api/v3``."""
        account = None if fault and fault.name == "bad_credentials" else self.account(request)
        window = self._rates.window(account.login) if account else None
        if fault and fault.until and fault.name == "limit":
            window = self._rates.used_up(fault.until)
        route: list[Route] = []
        try:
            _check_agent(request)
            account = _checked_account(account, request)
            self._check_rates(window, fault)
            response = self._serve(request, body, account, route)
        except ApiError as error:
            response = _refusal(error, route[0].documentation if route else DOCUMENTATION)
        if window and response.status != 304 and window.remaining:
            window.used += 1
        response.headers.update({**_HEADERS, **(window.headers if window else {})})
        response.headers["X-GitHub-Request-Id"] = uuid.uuid4().hex[:16].upper()
        return response

    def _check_rates(self, window: Window | None, fault: Fault | None) -> None:
        if fault and fault.until and fault.name == "secondary_limit":
            text = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
            wait = math.ceil((fault.until - self._clock.now()).total_seconds())
            raise ApiError(fault.status, text, headers={"Retry-After": str(wait)} if fault.says_when else {})
        if window and not window.remaining:
            raise ApiError(403, "API rate limit exceeded for this account.")

    def _serve(self, request: web.Request, body: bytes, account: Account, found: list[Route]) -> web.Response:
        path = request.path.removeprefix(API)
        if (own := self._about_oneself(path, request.method, account)) is not None:
            return _tagged(request, own)
        rest = self._below_repository(path)
        route, values = self._route(request.method, rest)
        found.append(route)
        if route.method != "GET" and not account.may_write:
            raise ApiError(403, "Resource not accessible by personal access token")
        fields = _object(body) if route.method in ("POST", "PATCH", "PUT") else {}
        accept = request.headers.get("Accept", "")
        call = Call(account, values, dict(request.query), fields, accept)
        with self._lock:
            reply = self._paged(route.handler(call), call, rest)
        if route.method != "GET":
            self._changed()
        return _tagged(request, reply)

    def _about_oneself(self, path: str, method: str, account: Account) -> Answer | None:
        if method != "GET":
            return None
        if path == "/user" and account is not ANYBODY:
            return Answer(self._shapes.user(account.login))
        if path == "/rate_limit":
            window = self._rates.window(account.login)
            core = {
                "limit": window.limit,
                "used": window.used,
                "remaining": window.remaining,
                "reset": window.reset,
            }
            return Answer({"resources": {"core": core}, "rate": core})
        return None

    def _below_repository(self, path: str) -> str:
        """Give the rest of the path; the long form by names and the short one by number mean the same."""
        long, short = f"/repos/{self._shapes.owner}/{self._shapes.name}", f"/repositories/{REPOSITORY_ID}"
        for start in (long, short):
            if f"{path}/".lower().startswith(f"{start}/".lower()):
                return path[len(start) :].strip("/")
        raise not_found()

    def _route(self, method: str, rest: str) -> tuple[Route, dict[str, str]]:
        for pattern, route in self._routes:
            if route.method == method and (match := pattern.fullmatch(rest)):
                return route, match.groupdict()
        raise not_found()

    def _paged(self, reply: Reply, call: Call, rest: str) -> Answer:
        if isinstance(reply, Answer):
            return reply
        start = (call.page - 1) * call.per_page
        rows = [reply.form(row) for row in reply.rows[start : start + call.per_page]]
        return Answer(rows, headers=self._link(reply, call, rest))

    def _link(self, reply: Listed, call: Call, rest: str) -> dict[str, str]:
        # The addresses name the repository by its number: a client follows them, it does not build them.
        last = max(1, math.ceil(len(reply.rows) / call.per_page))
        others: dict[str, int] = {}
        if call.page > 1:
            others |= {"prev": call.page - 1, "first": 1}
        if call.page < last:
            others |= {"next": call.page + 1, "last": last}
        url = f"{self._shapes.root}/repositories/{REPOSITORY_ID}/{rest}"
        links = [
            f'<{url}?{urlencode({**call.query, "page": page})}>; rel="{word}"'
            for word, page in others.items()
        ]
        return {"Link": ", ".join(links)} if links else {}


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{(\w+)}", lambda found: f"(?P<{found[1]}>{_PLACEHOLDERS[found[1]]})", path))


def _check_agent(request: web.Request) -> None:
    if not request.headers.get("User-Agent"):
        text = (
            "Request forbidden by administrative rules. Please make sure your request has a User-Agent header"
        )
        raise ApiError(403, text)


def _checked_account(account: Account | None, request: web.Request) -> Account:
    if account is not None:
        return account
    shown = "Authorization" in request.headers
    raise ApiError(401, "Bad credentials" if shown else "Requires authentication")


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError as error:
        raise ApiError(400, "Problems parsing JSON") from error
    if not isinstance(found, dict):
        raise ApiError(400, "Body should be a JSON object")
    return found


def _tagged(request: web.Request, answer: Answer) -> web.Response:
    if answer.status == 204:
        return web.Response(status=204)
    raw = answer.raw
    content = json.dumps(answer.value, ensure_ascii=False).encode() if raw is None else raw
    headers = dict(answer.headers)
    if request.method == "GET":
        tag = f'W/"{hashlib.sha256(content).hexdigest()}"'
        headers |= {"ETag": tag, "Cache-Control": "private, max-age=60, s-maxage=60"}
        if tag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
    if raw is not None:
        return web.Response(body=content, content_type="application/vnd.github.raw", headers=headers)
    return _json(content, answer.status, headers)


def _refusal(error: ApiError, documentation: str) -> web.Response:
    is_limit = "rate limit" in error.message
    errors = {"errors": error.errors} if error.errors else {}
    page = _RATES_PAGE if is_limit else documentation
    value = {
        "message": error.message,
        **errors,
        "documentation_url": page,
        "status": str(error.status),
    }
    return _json(json.dumps(value, ensure_ascii=False).encode(), error.status, error.headers)


def _json(content: bytes, status: int, headers: dict[str, str]) -> web.Response:
    kind = {"content_type": "application/json", "charset": "utf-8"}
    return web.Response(body=content, status=status, headers=headers, **kind)  # type: ignore[arg-type]
