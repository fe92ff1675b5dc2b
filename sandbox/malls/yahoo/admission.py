"""Who may call what how often (spec 0, 1, 2.3, 3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from sandbox.malls.common.faults import ActiveFault
from sandbox.malls.common.routes import Buckets
from sandbox.malls.yahoo.faults import Faults
from sandbox.malls.yahoo.routes import Quota
from sandbox.malls.yahoo.sessions import Consent, Sessions
from sandbox.malls.yahoo.settings import Settings
from sandbox.malls.yahoo.wire import (
    FORBIDDEN,
    JST,
    MAINTENANCE,
    NOTICE_PAGE,
    Answer,
    Call,
    Refusal,
    bearer,
    error,
    page,
    refusal,
)

INSTEAD: tuple[str, ...] = (
    *("status", "error", "rate_limit", "invalid_token", "insufficient_scope", "ip_denied"),
    *("html", "cut_before"),
)
OLD_MAINTENANCE = {"set_stock": "st-02000", "get_stock": "st-01000"}
"""The codes of maintenance before 2023-03-08."""

USUAL_STATUS = {
    "px-04102": 401,
    "px-04303": 403,
    "px-04306": 403,
    "px-04400": 404,
    "px-14303": 403,
    "px-14304": 403,
    "ed-00001": 500,
    "ed-00002": 503,
    "st-02999": 500,
    "st-02000": 503,
    "st-01000": 503,
}
"""HTTP status by code, for the fault ``error``; 400 otherwise."""

SHORT = "AccessToken has been expired. This API session is shorter than another API."
SELLER = re.compile(r"[a-z0-9_-]{1,128}")


class Admission:
    """Refuses what the mall refuses before a function sees it."""

    def __init__(
        self,
        settings: Settings,
        sessions: Sessions,
        faults: Faults,
        now: Callable[[], datetime],
        seconds: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._faults = faults
        self._now = now
        self._seconds = seconds
        self._quota = Quota()
        self._buckets = Buckets()

    def admit(self, call: Call) -> dict[str, str]:
        """Let a call of the store API in; gives the headers that its answer has to bear."""
        self._check_open(call)
        consent = self._consent(call)
        self._check_rate(call, consent)
        if fault := self._instead(call):
            raise Refusal(self._broken(fault))
        if call.route.api != "order":
            if self._settings.short_session_scope == "all":
                self._check_short(consent)
            return {}
        headers = self._signature_headers(call, consent)
        self._check_short(consent)
        return headers

    def admit_auth(self, call: Call) -> dict[str, str]:
        """Let a call of the authorization host in: only faults named for it stand against that."""
        if fault := self._faults.take(INSTEAD, call.route.function):
            raise Refusal(self._broken(fault))
        return {}

    def _check_open(self, call: Call) -> None:
        fault = self._faults.maintenance(call.route.api, call.route.function)
        if fault is None:
            return
        form, status = fault.options.get("form", "ed-00002"), self._settings.maintenance_status
        if form == "html":
            raise Refusal(page(NOTICE_PAGE, status))
        old = OLD_MAINTENANCE.get(call.route.function) if form == "old" else None
        raise refusal(status, MAINTENANCE, old or "ed-00002")

    def _consent(self, call: Call) -> Consent:
        scheme, _, token = call.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            call.violations.append("no Bearer header")
            raise Refusal(bearer("invalid_request", "no token"))
        consent, ends_at = self._sessions.access.get(token, (None, None))
        if consent is None or ends_at is None:
            raise Refusal(bearer("invalid_token", "invalid token"))
        if self._now() >= ends_at:
            raise Refusal(bearer("invalid_token", "expired token"))
        if consent.client.host != call.store.host:
            call.violations.append(f"a token of the {consent.client.host} host")
            raise Refusal(bearer("invalid_token", "invalid token"))
        if consent.stranger:
            raise refusal(403, "This ID is not permitted to use the store.", "px-14304")
        return consent

    def _check_rate(self, call: Call, consent: Consent) -> None:
        settings, client = self._settings, consent.client.client_id
        today = self._now().astimezone(JST).date()
        if settings.daily_cap and self._quota.count(client, today) > settings.daily_cap:
            raise refusal(403, FORBIDDEN)
        if not settings.rates:
            return
        one = (client, call.route.path)
        if not self._buckets.take(one, 1 / settings.rates, self._seconds()):
            if settings.early_ban_s:
                self._buckets.shut(one, self._seconds() + settings.early_ban_s)
            raise Refusal(_too_many(settings.early_status))

    def _instead(self, call: Call) -> ActiveFault | None:
        names = INSTEAD
        if call.route.api != "order":  # only the order API asks for registered addresses
            names = tuple(name for name in INSTEAD if name != "ip_denied")
        return self._faults.take(names, call.route.function)

    def _signature_headers(self, call: Call, consent: Consent) -> dict[str, str]:
        """Read the signature; without a good one the session becomes a short one, and nothing fails."""
        signature = call.headers.get("X-sws-signature", "")
        version = call.headers.get("X-sws-signature-version", "")
        if call.store.keys.match(signature, version, self._now(), self._settings.clock_skew_s):
            return {"X-SWS-Authorize-Status": "authorized"}
        consent.short = True
        failed = self._settings.failed_status
        return {"X-SWS-Authorize-Status": failed} if signature and failed else {}

    def _check_short(self, consent: Consent) -> None:
        if self._sessions.is_short_over(consent, self._now()):
            raise refusal(401, SHORT, "px-04102")

    def _broken(self, fault: ActiveFault) -> Answer:
        """Give what a fault answers instead of the function."""
        options = fault.options
        if fault.name == "cut_before":
            return Answer(0, cut=True)
        if fault.name == "html":
            return page(NOTICE_PAGE, int(options.get("status", 200)))
        if fault.name == "invalid_token":
            return bearer("invalid_token", "expired token")
        if fault.name == "insufficient_scope":
            return bearer("insufficient_scope", "insufficient scope", self._settings.scope_status)
        if fault.name == "ip_denied":
            return error(403, "This IP address is not registered.", "px-04306")
        if fault.name == "rate_limit":
            wait = options.get("retry_after")
            headers = {} if wait is None else {"Retry-After": str(wait)}
            return _too_many(self._settings.early_status, headers)
        if fault.name == "error":
            code = str(options["error"])
            usual = USUAL_STATUS.get(code, 400)
            return error(int(options.get("status", usual)), str(options.get("message", code)), code)
        return plain_status(int(options.get("code", 500)))


def plain_status(status: int) -> Answer:
    """Answer with a bare status: 500 is the system's own error, 403 the gateway's."""
    if status == 500:
        return error(500, "システムエラーが発生しました。", "ed-00001")
    texts = {403: FORBIDDEN, 404: "Not Found", 503: "Service Unavailable"}
    return error(status, texts.get(status, f"Error {status}"))


def _too_many(status: int, headers: Mapping[str, str] | None = None) -> Answer:
    text = FORBIDDEN if status == 403 else "Too Many Requests"
    return error(status, text, headers=headers or {})


def check_seller(call: Call, fields: Mapping[str, str], name: str = "seller_id") -> None:
    """Refuse a call that is not for this token's store; which code is which case is a guess (spec 3)."""
    value = fields.get(name)
    if value == call.store.seller_id:
        return
    call.violations.append(f"{name} {value!r}")
    if value is None:
        raise refusal(400, f'"{name}" is not specified', "px-04001")
    if not value:
        raise refusal(400, "ストアアカウントがありません。", "ed-00003")
    if not SELLER.fullmatch(value):
        raise refusal(400, "ストアアカウントが不正です。", "ed-00005")
    raise refusal(400, "ストアアカウントが存在しません。", "ed-00004")
