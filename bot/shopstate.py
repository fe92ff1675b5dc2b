"""The one word that says how a shop is, from what is kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from bot.answers import ShopState
from bot.credentials.renewal import Renewals
from bot.desks import Desks
from bot.mapping.model import Shop, ShopStatus
from bot.store import shops, switches
from bot.store.database import reading
from bot.store.shops import ShopRecord
from bot.store.switches import Pause


@dataclass(frozen=True)
class Standing:
    """Everything that decides whether a shop is read and written."""

    state: ShopState
    since: datetime | None
    on: bool
    record: ShopRecord
    pauses: tuple[Pause, ...]  # those of the shop itself and of everything
    paused_codes: frozenset[str]
    missing: tuple[str, ...]
    on_trial: bool

    @property
    def may_call(self) -> bool:
        """Whether the mall may be called at all with the credentials in use."""
        # Not "NOT_SET": a first credential on trial is PENDING, and there is no other in use yet.
        return self.state is not ShopState.ARCHIVED and not self.missing and not self.record.blocked

    @property
    def may_write(self) -> bool:
        """Whether numbers may go out."""
        return self.may_call and self.on and not self.pauses


class ShopStates:
    """Reads the standing of shops."""

    def __init__(self, engine: Engine, renewals: Renewals, desks: Desks) -> None:
        self._engine = engine
        self._renewals = renewals
        self._desks = desks

    def standing(self, shop: Shop, now: datetime) -> Standing:
        """Give the standing of one shop."""
        missing = tuple(self._renewals.missing(shop.name, self._desks.abilities(shop)))
        on_trial = self._renewals.on_trial(shop.name)
        with reading(self._engine) as connection:
            record = shops.record(connection, shop.name)
            on = switches.is_on(connection, shop.name)
            in_force = switches.pauses_in_force(connection, now)
            turned = _turned_at(connection, shop.name)
        own = tuple(pause for pause in in_force if pause.target in (shop.name, switches.ALL))
        codes = frozenset(pause.target for pause in in_force)
        state, since = _word(shop, record, own, missing, on=on, on_trial=on_trial)
        return Standing(state, since or turned, on, record, own, codes, missing, on_trial)


def _word(
    shop: Shop,
    record: ShopRecord,
    pauses: Sequence[Pause],
    missing: Sequence[str],
    *,
    on: bool,
    on_trial: bool,
) -> tuple[ShopState, datetime | None]:
    found = ShopState.FAILING if record.failing_cause else ShopState.OK
    rows = (
        (shop.status is ShopStatus.ARCHIVED, ShopState.ARCHIVED, None),
        (on_trial, ShopState.PENDING, None),
        (bool(missing), ShopState.NOT_SET, None),
        (record.blocked, ShopState.BLOCKED, record.failing_since),
        (bool(pauses), ShopState.PAUSED, pauses[0].since if pauses else None),
        (not on, ShopState.OFF, None),
    )
    for holds, state, since in rows:
        if holds:
            return state, since
    return found, record.failing_since


def _turned_at(connection: Connection, shop: str) -> datetime | None:
    turned = switches.switch(connection, shop) or switches.switch(connection, switches.ALL)
    return turned.at if turned else None
