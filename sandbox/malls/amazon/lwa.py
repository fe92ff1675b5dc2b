"""Login with Amazon: the token endpoint (spec 3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs

from sandbox.malls.amazon.keys import SCOPES, AccessToken, Keys
from sandbox.malls.amazon.wire import Answer, Call, Json, Refusal
from sandbox.malls.common.faults import ActiveFault

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
DESCRIPTIONS = {
    "invalid_client": "Client authentication failed",
    "invalid_grant": "The request has an invalid grant parameter : refresh_token",
    "server_error": "The authorization server encountered an unexpected condition",
    "temporarily_unavailable": "The service is temporarily unavailable",
}
STATUSES = {"invalid_client": 401, "access_denied": 403, "server_error": 500, "temporarily_unavailable": 503}


class TokenEndpoint:
    """Exchanges a refresh token, or an id and a secret alone, for an access token."""

    def __init__(self, keys: Keys, now: Callable[[], datetime]) -> None:
        self._keys = keys
        self._now = now

    def token(self, call: Call) -> Answer:
        """Answer ``POST /auth/o2/token``."""
        form = _form(call)
        if not self._keys.knows_client(form.get("client_id", ""), form.get("client_secret", ""), self._now()):
            raise token_refusal("invalid_client")
        if form.get("grant_type") == "refresh_token":
            return self._refreshed(form)
        if form.get("grant_type") == "client_credentials":
            return self._grantless(form)
        raise token_refusal("invalid_request", "unknown grant_type", violation="grant_type")

    def _refreshed(self, form: dict[str, str]) -> Answer:
        token = self._keys.refresh_token(form.get("refresh_token", ""), self._now())
        if token is None:
            raise token_refusal("invalid_grant")
        access = self._keys.give_access(self._now(), token.seller)
        return self._given(access, {"refresh_token": self._keys.rotate(token).value})

    def _grantless(self, form: dict[str, str]) -> Answer:
        scope = form.get("scope", "")
        if scope not in SCOPES:
            raise token_refusal("invalid_scope", "The requested scope is invalid", violation="scope")
        return self._given(self._keys.give_access(self._now(), "", scope), {})

    def _given(self, access: AccessToken, more: Json) -> Answer:
        life = round((access.expires_at - self._now()).total_seconds())
        body = {"access_token": access.value, "token_type": "bearer", "expires_in": life, **more}
        return Answer(200, body, headers=NO_STORE)


def token_refusal(error: str, description: str = "", status: int = 0, violation: str = "") -> Refusal:
    """Refuse in the token endpoint's own form; the id and secret are no part of it."""
    text = description or DESCRIPTIONS.get(error, error)
    body: Json = {"error": error, "error_description": text}
    return Refusal(Answer(status or STATUSES.get(error, 400), body, headers=NO_STORE), violation)


def faulty(fault: ActiveFault) -> Refusal:
    """Refuse as a fault says: ``token_error``, or ``status`` at this endpoint."""
    status = int(fault.options.get("status", fault.options.get("code", 0)))
    usual = "temporarily_unavailable" if status == 503 else "server_error"
    return token_refusal(fault.options.get("error", usual), fault.options.get("description", ""), status)


def _form(call: Call) -> dict[str, str]:
    if call.headers.get("Content-Type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        raise token_refusal("invalid_request", "The request is malformed", violation="Content-Type")
    fields = parse_qs(call.body.decode("utf-8", "replace"), keep_blank_values=True)
    if twice := [name for name, values in fields.items() if len(values) > 1]:
        raise token_refusal("invalid_request", f"{twice[0]} is repeated", violation=f"{twice[0]} twice")
    needed = ["grant_type", "client_id", "client_secret"]
    needed += ["refresh_token"] if fields.get("grant_type") == ["refresh_token"] else []
    if missing := [name for name in needed if not fields.get(name, [""])[0]]:
        text = f"The request is missing a required parameter : {missing[0]}"
        raise token_refusal("invalid_request", text, violation=f"{missing[0]} is missing")
    return {name: values[0] for name, values in fields.items()}
