"""Who may call what: closed APIs, tokens, buckets, faults and the form of a request (spec 4, 15)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from aiohttp import web

from sandbox.malls.amazon.faults import Faults
from sandbox.malls.amazon.keys import ROTATION_SCOPE, AccessToken, Keys
from sandbox.malls.amazon.limits import Limits
from sandbox.malls.amazon.lwa import faulty, token_refusal
from sandbox.malls.amazon.routes import Route
from sandbox.malls.amazon.settings import Settings
from sandbox.malls.amazon.wire import Answer, Call, Refusal, invalid, refusal, unauthorized, unknown_path
from sandbox.malls.common.faults import ActiveFault

INSTEAD = ("status", "rate_limit", "html", "cut_before", "missing_role", "expired_token", "token_error")
BAD_TOKEN = "The access token you provided is revoked, malformed or invalid."  # noqa: S105
USER_AGENT = re.compile(r"\S.*/\S+ \(.*Language=.+\)")
ENCODED = re.compile(r"(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+")
CODES = {
    400: ("InvalidInput", "Request has missing or invalid parameters and cannot be parsed."),
    403: ("Unauthorized", "Access to requested resource is denied."),
    404: ("NotFound", "The specified resource does not exist."),
    413: ("RequestTooLarge", "The request size exceeded the maximum accepted size."),
    415: ("UnsupportedMediaType", "The entity of the request is in an unsupported format."),
    500: ("InternalFailure", "We encountered an internal error. Please try again."),
    503: ("ServiceUnavailable", "Service is temporarily unavailable. Please try again."),
}


class Admission:
    """Refuses what the mall refuses before a function sees it."""

    def __init__(
        self,
        settings: Settings,
        keys: Keys,
        faults: Faults,
        limits: Limits,
        now: Callable[[], datetime],
        seconds: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._faults = faults
        self._limits = limits
        self._now = now
        self._seconds = seconds

    def admit(self, host: str, route: Route, request: web.Request, call: Call) -> Call | Answer:
        """Give the call with whose it is, or the answer that a fault gives in its place.

        Raises:
            Refusal: the call is not let in.
        """
        if self._faults.maintained("lwa" if host == "lwa" else route.api):
            raise token_refusal("temporarily_unavailable") if host == "lwa" else status_refusal(503)
        if host == "api":
            call = replace(call, seller=self._owner(route, request).seller)
            if route.per_s is not None:
                self._limits.take(call.seller, route.function, route.per_s, route.burst, self._seconds())
        if fault := self._faults.take(INSTEAD, route.function):
            return self._broken(fault, host)
        if host == "api":
            self._check_form(route, request)
        return call

    def oddities(
        self, host: str, route: Route | None, request: web.Request, texts: list[str]
    ) -> Iterator[str]:
        """Give what no right client sends and the mall lets pass."""
        if host != "lwa" and any(value in text for value in self._keys.confidential() for text in texts):
            yield "a credential of the token endpoint was sent elsewhere"
        if host == "store" and request.headers.get("x-amz-access-token"):
            yield "an access token was sent to the file store"
        if host == "lwa" and request.query:
            yield "the token endpoint takes a form, not a query"
        agent = request.headers.get("User-Agent", "")
        if host == "api" and self._settings.asks_user_agent and not USER_AGENT.fullmatch(agent):
            yield f"User-Agent: {agent or 'none'}"
        segments = request.raw_path.partition("?")[0].split("/")
        if route and route.function in ("get_item", "patch_item") and not ENCODED.fullmatch(segments[-1]):
            yield "a SKU is not percent-encoded"

    def _owner(self, route: Route, request: web.Request) -> AccessToken:
        value = request.headers.get("x-amz-access-token", "")
        if not value:
            raise unknown_path("no x-amz-access-token")
        if not value.startswith("Atza|"):
            status = self._settings.malformed_status if route.api in ("feeds", "reports") else 403
            answer = unauthorized(BAD_TOKEN).answer
            raise Refusal(replace(answer, status=status), "a malformed access token")
        token = self._keys.access_tokens.get(value)
        if token is None or token.revoked:
            raise unauthorized(BAD_TOKEN)
        if self._now() >= token.expires_at:
            raise unauthorized(self._settings.expired_details)
        if token.scope != (ROTATION_SCOPE if route.api == "applications" else ""):
            raise unauthorized()
        return token

    def _broken(self, fault: ActiveFault, host: str) -> Answer:
        if fault.name == "cut_before":
            return Answer(0, cut=True)
        if fault.name == "html":
            return Answer(200, raw=b"<html><body>Amazon</body></html>")
        if host == "lwa":
            raise faulty(fault)
        if fault.name == "rate_limit":
            raise self._limits.refusal(fault.options.get("level", ""))
        if fault.name == "expired_token":
            raise unauthorized(self._settings.expired_details)
        if fault.name == "missing_role":
            raise unauthorized()
        raise status_refusal(int(fault.options.get("code", 500)))

    def _check_form(self, route: Route, request: web.Request) -> None:
        names = [name for name, _value in request.query.items()]
        if twice := {name for name in names if names.count(name) > 1}:
            raise invalid(f"Parameter '{min(twice)}' is given more than once.")
        if self._settings.strict and (stray := set(names) - route.query):
            raise invalid(f"Unknown parameter '{min(stray)}'.")
        with_body = route.method in ("POST", "PATCH") and route.function != "rotate_secret"
        if with_body and request.content_type != "application/json":
            sent = request.headers.get("Content-Type", "none")
            raise refusal(415, *CODES[415], violation=f"Content-Type: {sent}")


def status_refusal(status: int) -> Refusal:
    """Refuse with the standard body of a status."""
    return refusal(status, *CODES.get(status, ("InternalFailure", "An unexpected error occurred.")))
