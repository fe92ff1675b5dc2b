"""YConnect v2: the page where a person consents, and the token endpoint (spec 2.1, 2.2)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import urlencode

from sandbox.malls.common.log import decoded
from sandbox.malls.yahoo.faults import Faults
from sandbox.malls.yahoo.routes import YCONNECT
from sandbox.malls.yahoo.sessions import Client, Consent, Sessions
from sandbox.malls.yahoo.wire import Answer, Call, Refusal, as_json, page

ASKED = (
    *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "bail", "prompt", "display"),
    *("max_age", "code_challenge", "code_challenge_method"),
)
SENT = (
    *("grant_type", "code", "redirect_uri", "refresh_token", "client_id", "client_secret", "code_verifier"),
)
ERROR_CODES = {"invalid_grant": 4102, "invalid_client": 4101, "server_error": 5000}
"""``error_code`` by error; 4102 was met once, the others are invented."""


class YConnect:
    """The authorization host."""

    def __init__(
        self, clients: list[Client], sessions: Sessions, faults: Faults, now: Callable[[], datetime]
    ) -> None:
        self._clients = {client.client_id: client for client in clients}
        self._sessions = sessions
        self._faults = faults
        self._now = now

    @property
    def live_client(self) -> Client:
        """Give the application for the live host."""
        return next(client for client in self._clients.values() if client.host == "live")

    # ------------------------------------------------------------------ the browser

    def authorization(self, call: Call) -> Answer:
        """Show the person what is asked for."""
        asked = call.params(*ASKED)
        try:
            self.client_of(asked)
        except ValueError as wrong:
            call.violations.append(str(wrong))
            return page(f"<html><body><p>{escape(str(wrong))}</p></body></html>", 400)
        yes = f"{YCONNECT}/consent?{urlencode(asked)}"
        no = f"{YCONNECT}/consent?{urlencode({**asked, 'refuse': '1'})}"
        return page(
            "<html><head><meta charset='utf-8'><title>Yahoo! JAPAN ID連携</title></head><body>"
            "<h1>Yahoo! JAPAN</h1><p>ストアの注文・在庫の操作を許可しますか。</p>"
            f"<p><a id='agree' href='{escape(yes)}'>同意する</a> "
            f"<a id='refuse' href='{escape(no)}'>同意しない</a></p></body></html>"
        )

    def consent(self, call: Call) -> Answer:
        """Take the person's answer and send the browser back."""
        try:
            target = self.answer(call.params(*ASKED, "refuse"))
        except ValueError as wrong:
            return page(f"<html><body><p>{escape(str(wrong))}</p></body></html>", 400)
        return Answer(302, headers={"Location": target})

    def callback(self, call: Call) -> Answer:
        """Show the store's own page, to which the browser comes back with the code in its address."""
        refused = "error" in call.query
        what = "同意されませんでした。" if refused else "アドレスバーのURLをコピーしてください。"
        return page(f"<html><head><meta charset='utf-8'></head><body><p>{what}</p></body></html>")

    def client_of(self, asked: Mapping[str, str]) -> Client:
        """Give the application of an authorization request.

        Raises:
            ValueError: the request is not one that Yahoo! would show a consent page for.
        """
        client = self._clients.get(asked.get("client_id", ""))
        if client is None:
            raise ValueError("unknown client_id")
        if asked.get("redirect_uri") != client.redirect_uri:
            raise ValueError("redirect_uri is not a registered callback URL")
        if asked.get("response_type") != "code":
            raise ValueError("response_type is code")
        if "openid" not in asked.get("scope", "").split():
            raise ValueError("scope holds openid")
        return client

    def answer(self, asked: Mapping[str, str], *, stranger: bool = False) -> str:
        """Press 同意, or refuse where ``asked`` says so; gives the address the browser goes to.

        Raises:
            ValueError: the request is wrong.
        """
        client = self.client_of(asked)
        state = {"state": asked["state"]} if "state" in asked else {}
        if "refuse" in asked:
            wrong = {"error": "access_denied", "error_description": "user denied", "error_code": "1000"}
            return f"{client.redirect_uri}?{urlencode({**wrong, **state})}"
        consent = self._sessions.agree(client, self._now(), stranger=stranger)
        code = self._sessions.ticket(consent, asked, self._now())
        return f"{client.redirect_uri}?{urlencode({'code': code, **state})}"

    # ------------------------------------------------------------------ the token endpoint

    def token(self, call: Call) -> Answer:
        """Answer a code or a refresh token with an access token."""
        if fault := self._faults.take(("token_error",), "token"):
            what = str(fault.options["error"])
            usual = {"invalid_client": 401, "server_error": 500}.get(what, 400)
            number = fault.options.get("error_code", ERROR_CODES.get(what, 1))
            raise _refused(what, int(fault.options.get("status", usual)), int(number))
        sent = call.form(*SENT)
        client = self._authenticated(call, sent)
        kind = sent.get("grant_type", "")
        if kind == "authorization_code":
            return self._exchange(call, client, sent)
        if kind == "refresh_token":
            return self._renew(call, client, sent)
        call.violations.append(f"grant_type {kind or 'none'}")
        raise self._malformed("unsupported_grant_type" if kind else "invalid_request")

    def _authenticated(self, call: Call, sent: Mapping[str, str]) -> Client:
        """Take the Basic header, else the fields of the body."""
        if "Authorization" in call.headers:
            client_id, _, secret = decoded(call.headers["Authorization"], "Basic").partition(":")
        else:
            client_id, secret = sent.get("client_id", ""), sent.get("client_secret", "")
        client = self._clients.get(client_id)
        if client is None or client.secret != secret:
            raise _refused("invalid_client", 401)
        return client

    def _exchange(self, call: Call, client: Client, sent: Mapping[str, str]) -> Answer:
        if missing := {"code", "redirect_uri"} - set(sent):
            call.violations.append(f"missing: {', '.join(sorted(missing))}")
            raise self._malformed("invalid_request")
        ticket = self._sessions.tickets.pop(sent["code"], None)
        if ticket is None or self._now() >= ticket.expires_at or ticket.consent.client != client:
            raise _refused("invalid_grant", 400)
        if sent["redirect_uri"] != client.redirect_uri:
            raise self._malformed("invalid_redirect_uri")
        if not _proves(sent.get("code_verifier", ""), ticket.asked):
            raise _refused("invalid_grant", 400)
        tokens = self._tokens(ticket.consent)
        refresh_token = self._sessions.refresh_token(ticket.consent)
        return as_json({**tokens, "refresh_token": refresh_token, "id_token": "FAKE.ID.TOKEN"})

    def _renew(self, call: Call, client: Client, sent: Mapping[str, str]) -> Answer:
        token = sent.get("refresh_token")
        if not token:
            call.violations.append("missing: refresh_token")
            raise self._malformed("invalid_request")
        consent = self._sessions.refresh.get(token)
        if consent is None or consent.client != client or self._sessions.is_over(consent, self._now()):
            raise _refused("invalid_grant", 400)
        tokens = self._tokens(consent)
        if self._sessions.settings.refresh_rotates:
            del self._sessions.refresh[token]
            tokens["refresh_token"] = self._sessions.refresh_token(consent)
        return as_json(tokens)

    def _tokens(self, consent: Consent) -> dict[str, Any]:
        token = self._sessions.access_token(consent, self._now())
        life_s = int(self._sessions.settings.access_token_s)
        return {"access_token": token, "token_type": "Bearer", "expires_in": life_s}

    def _malformed(self, what: str) -> Refusal:
        return _refused(what, self._sessions.settings.token_error_status)


def _refused(what: str, status: int, number: int | None = None) -> Refusal:
    code = ERROR_CODES.get(what, 1) if number is None else number
    description = what.replace("_", " ")
    return Refusal(as_json({"error": what, "error_description": description, "error_code": code}, status))


def _proves(verifier: str, asked: Mapping[str, str]) -> bool:
    """Say whether a PKCE verifier fits; true where none was asked for."""
    challenge = asked.get("code_challenge")
    if challenge is None:
        return True
    if asked.get("code_challenge_method", "plain") == "plain":
        return verifier == challenge
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
