"""The bot's own credentials (Slack's, the mapping repository's, the forge's): whether they serve.

Whoever makes a call with one tells what came of it. That it served is kept once an hour at most; that
it was refused is kept at once, and people hear which one it is and how it is renewed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine

from adapters.contract import Clock
from bot.credentials.ledger import OWN_KINDS, VARIABLES
from bot.store import credentials as records
from bot.store.incidents import Incidents, Severity

REFUSED = "own_refused"
"""Cause; an incident's is followed by ``:``, the owner, ``.`` and the kind."""

AGAIN = timedelta(hours=1)

Heard = Callable[[str, str], None]
"""(kind, why it was refused): "" where it served."""


class OwnCredentials:
    """Keeps what came of the calls with the bot's own credentials. May be told from any thread.

    Args:
        language: gives the language of the team.
    """

    def __init__(
        self, engine: Engine, incidents: Incidents, clock: Clock, language: Callable[[], str]
    ) -> None:
        self._engine = engine
        self._incidents = incidents
        self._clock = clock
        self._language = language
        self._noted: dict[tuple[str, str], datetime] = {}  # when it was kept last that one serves

    def heard(self, owner: str, kind: str, refusal: str) -> None:
        """Take in what came of a call.

        Args:
            refusal: the other end's words where it refused the credential; "" where it served.
        """
        if refusal:
            self._refused(owner, kind, refusal)
        else:
            self._served(owner, kind)

    def _served(self, owner: str, kind: str) -> None:
        now, last = self._clock.now(), self._noted.get((owner, kind))
        if last is not None and timedelta(0) <= now - last < AGAIN:
            return
        self._noted[owner, kind] = now
        proved = {"state": records.OK, "checked_at": now, "proved_at": now, "detail": ""}
        with self._engine.begin() as connection:
            records.change(connection, owner, kind, **proved)
            self._incidents.recover("", _cause(owner, kind), now, connection=connection)

    def _refused(self, owner: str, kind: str, refusal: str) -> None:
        self._noted.pop((owner, kind), None)
        now, refused = self._clock.now(), {"state": records.FAILED, "detail": refusal}
        params = {"label": self._label(owner, kind), "owner": owner, "kind": kind, "detail": refusal}
        params["variable"] = VARIABLES[owner, kind]
        with self._engine.begin() as connection:
            records.change(connection, owner, kind, checked_at=now, **refused)
            self._incidents.raise_(
                "", _cause(owner, kind), params, now, Severity.WARNING, connection=connection
            )

    def _label(self, owner: str, kind: str) -> str:
        found = next(item for item in OWN_KINDS[owner] if item.name == kind)
        return found.label_ja if self._language() == "ja" else found.label_en


def _cause(owner: str, kind: str) -> str:
    return f"{REFUSED}:{owner}.{kind}"
