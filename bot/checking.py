"""A connection check (接続チェック) by hand: one log-in and read, what the mall said, and what that means."""

from __future__ import annotations

import math
import socket
from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import Engine

from adapters.contract import Clock, CredentialKind, KnownError
from adapters.errors import AuthError, MallError, TanabanError
from bot.answers import Checked, CheckedKind, Refused
from bot.credentials.renewal import Renewals
from bot.desks import Desks
from bot.following import MappingInForce
from bot.mapping.model import Shop, ShopStatus
from bot.messages import knows
from bot.readiness import Readiness
from bot.store import credentials as records
from bot.store import shops
from bot.store.database import reading
from bot.store.incidents import Incidents

REST = timedelta(minutes=1)
"""So long a refused credential is left alone, by people too: a mall may lock who tries again at once."""

_NOWHERE = ("192.0.2.1", 9)  # an address for documentation: no packet is sent, it only picks the way out

KnownErrors = Callable[[str], Sequence[KnownError]]
"""(mall) -> its catalogue of errors."""


def no_errors(_mall: str) -> Sequence[KnownError]:
    """Know no error of any mall."""
    return ()


class Checking:
    """Checks shops, and keeps what came of it."""

    def __init__(
        self,
        engine: Engine,
        in_force: Callable[[], MappingInForce],
        desks: Desks,
        renewals: Renewals,
        readiness: Readiness,
        clock: Clock,
        known_errors: KnownErrors,
    ) -> None:
        self._engine = engine
        self._in_force = in_force
        self._desks = desks
        self._renewals = renewals
        self._readiness = readiness
        self._clock = clock
        self._known_errors = known_errors

    def missing(self, name: str) -> list[str]:
        """Give the kinds of credential that a shop needs and was never given."""
        return self._renewals.missing(name, self._desks.abilities(self._in_force().mapping.shop(name)))

    def is_archived(self, name: str) -> bool:
        """Tell whether a shop is left alone."""
        return self._in_force().mapping.shop(name).status is ShopStatus.ARCHIVED

    def check(self, name: str) -> Checked:
        """Check a shop: good news ends a block, bad news begins none but is kept for ``ready``.

        Raises:
            Refused: the mall refused these credentials less than a minute ago.
        """
        shop = self._in_force().mapping.shop(name)
        self._refuse_haste(name)
        started = self._clock.monotonic()
        try:
            with self._desks.apart(shop) as adapter:
                detail = adapter.check().detail
                found = self._renewals.note_status(name, adapter, self._clock.now())
        except TanabanError as error:
            return self._failed(shop, error, self._clock.monotonic() - started)
        took_s, kinds = self._clock.monotonic() - started, self._desks.abilities(shop).credentials
        self._proved(name, kinds)
        labels = {kind.name: kind for kind in kinds}
        rows = [
            CheckedKind(kind.name, kind.label_ja, kind.label_en, item.state, item.note)
            for item in found
            if (kind := labels.get(item.kind))
        ]
        return Checked(name, True, detail, took_s, kinds=tuple(rows))

    def explain(self, mall: str, error: TanabanError) -> str:
        """Give the key of ``bot/messages`` under which an error is explained; "" if it is in no catalogue."""
        if not isinstance(error, MallError):
            return ""
        return next((known.key for known in self._known_errors(mall) if known.fits(error)), "")

    def _failed(self, shop: Shop, error: TanabanError, took_s: float) -> Checked:
        abilities, now = self._desks.abilities(shop), self._clock.now()
        self._readiness.note_check(shop.name, str(error))
        hint = error.hint if isinstance(error, MallError) else ""
        if isinstance(error, AuthError):
            hint = self._renewals.likeliest(shop.name, abilities.credentials, error, now)
            self._renewals.refuse(shop.name, abilities.credentials, str(error), now)
        return Checked(
            shop.name,
            False,
            str(error),
            took_s,
            cause=error.cause,
            key=self.explain(abilities.mall, error),
            hint=hint if knows(f"hint.{hint}") else "",
            address=outgoing_address() if abilities.registers_address else "",
        )

    def _proved(self, shop: str, kinds: Sequence[CredentialKind]) -> None:
        """Keep that the mall let us in; what it had refused before is over."""
        now = self._clock.now()
        self._readiness.note_check(shop, "")
        with reading(self._engine) as connection:
            known = records.records(connection, shop)
            blocked = shops.record(connection, shop).blocked
        needed = [kind.name for kind in kinds if not kind.optional and kind.name in known]
        self._renewals.note_proved(shop, [k for k in needed if known[k].trial is None], now)
        if blocked:
            with self._engine.begin() as connection:
                freed = {"blocked": False, "failing_cause": "", "failing_since": None, "detail": ""}
                shops.change(connection, shop, **freed)
                Incidents(self._engine).recover(shop, "auth", now, connection=connection)

    def _refuse_haste(self, shop: str) -> None:
        now = self._clock.now()
        with reading(self._engine) as connection:
            known = records.records(connection, shop).values()
        refused = [item.checked_at for item in known if item.state == records.FAILED and item.checked_at]
        last = max(refused, default=None)
        if last is not None and timedelta(0) <= now - last < REST:
            left = (REST - (now - last)).total_seconds()
            raise Refused("check_just_refused", shop=shop, seconds=str(math.ceil(left)))


def outgoing_address() -> str:
    """Give the address from which this machine calls out; a router in between may show another one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(_NOWHERE)
        except OSError:
            return ""  # no way out at all: the check has failed for that already
        address: str = way.getsockname()[0]
        return address
