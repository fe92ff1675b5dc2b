"""The store's credentials as its staff and accidents handle them (spec 1, 2)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from sandbox.malls.common.part import ApiPart
from sandbox.malls.yahoo.routes import YCONNECT
from sandbox.malls.yahoo.sessions import Client, Sessions
from sandbox.malls.yahoo.settings import Settings
from sandbox.malls.yahoo.signature import PublicKeys, foreign_pem
from sandbox.malls.yahoo.store import Store
from sandbox.malls.yahoo.wire import jst
from sandbox.malls.yahoo.yconnect import YConnect
from sandbox.world import World


class Desk(ApiPart):
    """The verbs about tokens and keys; the mall adds those of its shop floor."""

    _settings: Settings

    def __init__(
        self, world: World, settings: Settings, sessions: Sessions, yconnect: YConnect, keys: PublicKeys
    ) -> None:
        self._world = world
        self._settings = settings
        self._sessions = sessions
        self._yconnect = yconnect
        self._keys = keys
        self._auth_url = ""

    def _entrance(self, store: Store, client: Client, base_url: str) -> dict[str, Any]:
        """Consent for a store, issue its first public key, and give all that an operator enters."""
        consent = self._sessions.agree(client, self._now)
        key = store.keys.issue(self._now, self._settings.public_key_days)
        return {
            "base_url": base_url,
            "seller_id": store.seller_id,
            "client_id": client.client_id,
            "client_secret": client.secret,
            "redirect_uri": client.redirect_uri,
            "refresh_token": self._sessions.refresh_token(consent),
            "consented_at": jst(consent.at),
            "public_key": key.pem,
            "public_key_version": str(key.version),
            "public_key_expires_at": jst(key.expires_at),
            "auth_url": self._auth_url,
            "authorization_url": f"{self._auth_url}{YCONNECT}/authorization",
            "token_url": f"{self._auth_url}{YCONNECT}/token",
        }

    # ------------------------------------------------------------------ tokens

    def do_consent(self, url: str = "", *, refuse: bool = False, stranger: bool = False) -> dict[str, str]:
        """Open an authorization URL, log in and press 同意; gives the address the browser ends at.

        Args:
            url: what the bot shows; without one, a plain request of the live application.
            refuse: press 同意しない.
            stranger: log in with an ID that may not act for the store.
        """
        shown = url or self.do_authorization_url()["url"]
        page, _, query = shown.partition("?")
        if page != f"{self._auth_url}{YCONNECT}/authorization":
            raise ValueError("this is not the authorization page")
        asked = dict(parse_qsl(query, keep_blank_values=True))
        target = self._yconnect.answer({**asked, **({"refuse": "1"} if refuse else {})}, stranger=stranger)
        code = parse_qs(urlsplit(target).query).get("code", [""])[0]
        return {"redirected_url": target, "code": code}

    def do_register_callback(self, url: str) -> None:
        """Register another callback URL for the live application, in the place of the one it has."""
        self._yconnect.live_client.redirect_uri = url

    def do_authorization_url(self, state: str = "FAKE-STATE") -> dict[str, str]:
        """Give an authorization URL as a bot would make it."""
        client = self._yconnect.live_client
        ours = {"client_id": client.client_id, "redirect_uri": client.redirect_uri, "state": state}
        query = urlencode({"response_type": "code", "scope": "openid", **ours})
        return {"url": f"{self._auth_url}{YCONNECT}/authorization?{query}"}

    def do_issue_refresh_token(self, *, stranger: bool = False) -> dict[str, str]:
        """Consent and exchange in one step; ``stranger``: by an ID that may not act for the store."""
        consent = self._sessions.agree(self._yconnect.live_client, self._now, stranger=stranger)
        token, dates = self._sessions.refresh_token(consent), (jst(consent.at), jst(consent.expires_at))
        return {"refresh_token": token, "consented_at": dates[0], "expires_at": dates[1]}

    def do_change_password(self) -> None:
        """Change the login password: every refresh token is dead at once."""
        self._sessions.kill(self._now)

    def do_withdraw_consent(self) -> None:
        """Withdraw the consent in the settings of the Yahoo! JAPAN ID: to a client the same."""
        self._sessions.kill(self._now)

    def do_expire_refresh_tokens(self) -> None:
        """Let every refresh token so far reach its end; access tokens live on."""
        self._sessions.expire_refresh(self._now)

    def do_expire_access_tokens(self) -> None:
        """Let every access token so far reach its end."""
        self._sessions.expire_access(self._now)

    def do_sessions(self) -> list[dict[str, Any]]:
        """Give every consent so far, without its tokens."""
        return [
            {
                "host": each.client.host,
                "consented_at": jst(each.at),
                "expires_at": jst(each.expires_at),
                "short_until": jst(end) if (end := self._sessions.short_end(each)) else None,
                "over": self._sessions.is_over(each, self._now),
            }
            for each in self._sessions.consents
        ]

    # ------------------------------------------------------------------ public keys

    def do_issue_public_key(self, valid_days: int | None = None) -> dict[str, str]:
        """公開鍵発行; at most two are enabled at once."""
        days = self._settings.public_key_days if valid_days is None else int(valid_days)
        key = self._keys.issue(self._now, days)
        return {"public_key": key.pem, "version": str(key.version), "expires_at": jst(key.expires_at)}

    def do_foreign_public_key(self) -> dict[str, str]:
        """Give a public key that looks right and belongs to another store."""
        return {"public_key": foreign_pem(), "version": "1"}

    def do_disable_public_key(self, version: int | str) -> None:
        """Switch a public key off."""
        self._keys.disable(int(version))

    def do_expire_public_keys(self) -> None:
        """Let every public key so far reach its end."""
        self._keys.expire(self._now)

    def _credential_notes(self) -> list[str]:
        """Give the dates that a person should know."""
        last = [each for each in self._sessions.consents if each.client is self._yconnect.live_client][-1]
        over = self._sessions.is_over(last, self._now)
        notes = [f"リフレッシュトークン: {'失効' if over else jst(last.expires_at)[:16] + ' まで'}"]
        if end := self._sessions.short_end(last):
            notes.append(f"公開鍵認証なしの注文API: {jst(end)[:16]} まで")
        keys = [key for key in self._keys.issued if key.enabled]
        return notes + [f"公開鍵（バージョン{key.version}）: {jst(key.expires_at)[:10]} まで" for key in keys]
