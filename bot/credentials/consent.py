"""Credentials that come of a person's consent on a mall's own page.

The page's address holds a word that comes back with the answer: an answer to a question that the bot
did not ask is refused.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import Engine

from adapters.contract import Adapter, Consents, CredentialKind, Grant
from adapters.errors import AuthError, ConfigError
from adapters.secret import Secret
from bot.credentials.vault import Vault
from bot.store.notes import Remembered

CONSENT = "consent"
"""The field of a form that takes what followed a consent, in the place of the value itself."""

CONSENT_JA, CONSENT_EN = "同意のあとに開いたページのアドレス", "address of the page that followed the consent"

WITHIN = timedelta(hours=1)
"""So long may lie between the opening of a form and its answer."""

MakeAdapter = Callable[[str, Mapping[str, Secret]], Adapter]
"""(shop, credentials) -> an adapter that uses them; makes no connection by itself."""

_ASKED = "consent.{}"  # of a shop: word -> when it was given out


class Consent:
    """Asks for consents and redeems them.

    Args:
        new_word: gives a word that nobody can guess.
    """

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        make_adapter: MakeAdapter,
        new_word: Callable[[], str] = lambda: secrets.token_urlsafe(16),
    ) -> None:
        self._remembered = Remembered(engine)
        self._vault = vault
        self._make_adapter = make_adapter
        self._new_word = new_word

    def page(self, shop: str, kinds: Sequence[CredentialKind], now: datetime | None) -> str:
        """Give the page on which to consent; "" where none of the kinds comes so, or it cannot be made yet.

        Args:
            now: None: the form is only looked at.
        """
        if now is None or not any(kind.consent for kind in kinds):
            return ""
        adapter, word = self._adapter(shop), self._new_word()
        try:
            if not isinstance(adapter, Consents):
                return ""
            url = adapter.consent_url(word)
        except (AuthError, ConfigError):
            return ""  # the value itself is asked for instead
        finally:
            adapter.close()
        self._keep(shop, self._asked(shop, now) | {word: now.isoformat()})
        return url

    def redeem(self, shop: str, pasted: Secret, now: datetime) -> Grant | None:
        """Give what a consent leads to; None if the mall refuses it, or nobody asked for it.

        Raises:
            MallError: the mall cannot be asked now; the code may be used up.
        """
        asked = self._asked(shop, now)
        word = _word_of(pasted.reveal()) or next(reversed(asked), "")
        if word not in asked:
            return None
        adapter = self._adapter(shop)
        try:
            granted = adapter.redeem(pasted.reveal(), word) if isinstance(adapter, Consents) else None
        except AuthError:
            return None
        finally:
            adapter.close()
        self._keep(shop, {})
        return granted

    def _adapter(self, shop: str) -> Adapter:
        return self._make_adapter(shop, self._vault.values(shop) | self._vault.trial(shop))

    def _asked(self, shop: str, now: datetime) -> dict[str, str]:
        kept: dict[str, str] = json.loads(self._remembered.get(_ASKED.format(shop)) or "{}")
        return {word: at for word, at in kept.items() if now - datetime.fromisoformat(at) < WITHIN}

    def _keep(self, shop: str, asked: Mapping[str, str]) -> None:
        self._remembered.set(_ASKED.format(shop), json.dumps(asked))


def _word_of(pasted: str) -> str:
    """Give the word that came back in an address; "" where only the code was pasted."""
    found = parse_qs(urlsplit(pasted.strip()).query).get("state", [""])
    return found[0]
