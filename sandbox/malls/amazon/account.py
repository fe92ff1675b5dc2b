"""The seller's account: the connection check, and the rotation of the client secret (spec 2, 12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sandbox.malls.amazon.keys import ClientSecret, Keys
from sandbox.malls.amazon.settings import Settings
from sandbox.malls.amazon.wire import MARKETPLACE, Answer, Call, Json, refusal, written

PLACE = {
    "id": MARKETPLACE,
    "name": "Amazon.co.jp",
    "countryCode": "JP",
    "defaultCurrencyCode": "JPY",
    "defaultLanguageCode": "ja_JP",
    "domainName": "www.amazon.co.jp",
}


class Account:
    """What belongs to the seller and the application as a whole."""

    def __init__(self, keys: Keys, settings: Settings, now: Callable[[], datetime]) -> None:
        self._keys = keys
        self._settings = settings
        self._now = now
        self.queue: list[Json] = []

    def participations(self, call: Call) -> Answer:
        """Answer ``getMarketplaceParticipations`` for whoever's token came."""
        own = call.seller == self._settings.seller_id
        participation = {
            "isParticipating": self._settings.participating or not own,
            "hasSuspendedListings": self._settings.suspended and own,
        }
        name = self._settings.store_name if own else "別の店"
        entry = {"marketplace": PLACE, "storeName": name, "participation": participation}
        return Answer(200, {"payload": [entry]})

    def rotate_secret(self, _call: Call) -> Answer:
        """Answer ``rotateApplicationClientSecret``: the new secret comes by the queue only."""
        if not self._settings.rotation_queue:
            text = "Application is not enrolled for rotation notification."
            raise refusal(400, "InvalidInput", text)
        self.queue.append(self._notice(self._keys.issue_secret(self._now())))
        return Answer(204)

    def _notice(self, new: ClientSecret) -> Json:
        old = self._keys.secrets[-2].expires_at
        notice = {
            "clientId": self._keys.client_id,
            "newClientSecret": new.value,
            "newClientSecretExpiryTime": written(new.expires_at),
            "oldClientSecretExpiryTime": written(old),
        }
        return {
            "notificationType": "APPLICATION_OAUTH_CLIENT_NEW_SECRET",
            "payload": {"applicationOAuthClientNewSecret": notice},
        }
