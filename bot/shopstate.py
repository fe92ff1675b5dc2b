"""The one word that says how a shop is, from what is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from bot.answers import ShopState
from bot.credentials.renewal import Renewals, lacking
from bot.desks import Desks
from bot.following import MappingInForce
from bot.mapping.model import Shop, ShopStatus
from bot.pausing import Families, windows_now
from bot.store import shops, switches
from bot.store.database import reading
from bot.store.shops import ShopRecord
from bot.store.switches import Pause, Switch
from bot.sync.values import Part


@dataclass(frozen=True)
class Standing:
    """Everything that decides whether a shop is read and written."""

    state: ShopState
    since: datetime | None
    on: bool
    record: ShopRecord
    pauses: tuple[Pause, ...]  # those of the shop itself and of everything, maintenance too
    paused_codes: frozenset[str]  # by themselves, with their product, or on this shop alone
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

    def __init__(
        self, engine: Engine, renewals: Renewals, desks: Desks, in_force: Callable[[], MappingInForce]
    ) -> None:
        self._engine = engine
        self._renewals = renewals
        self._desks = desks
        self._in_force = in_force
        self._families = Families()

    def standing(self, shop: Shop, now: datetime) -> Standing:
        """Give the standing of one shop."""
        return self.standings([shop], now)[shop.name]

    def standings(self, wanted: Iterable[Shop], now: datetime) -> dict[str, Standing]:
        """Give the standing of some shops, by name, for little more than that of one."""
        kinds = self._renewals.kinds()
        with reading(self._engine) as connection:
            records, turned = shops.records(connection), switches.every_switch(connection)
            paused = [*switches.pauses_in_force(connection, now)]
        paused += windows_now(self._in_force().team, now)
        codes = self._codes(paused)
        found = {}
        for shop in wanted:
            name = shop.name
            record, on = records.get(name, ShopRecord()), switches.is_on(turned, name)
            missing = tuple(lacking(self._desks.abilities(shop), kinds.in_use.get(name, ())))
            on_trial = bool(kinds.on_trial.get(name))
            own = tuple(pause for pause in paused if pause.target in (name, switches.ALL))
            state, since = _word(shop, record, own, missing, on=on, on_trial=on_trial)
            since = since or _turned_at(turned, name)
            held_back = codes | _listings(paused, name)
            found[name] = Standing(state, since, on, record, own, held_back, missing, on_trial)
        return found

    def parts(self, now: datetime, shops: Mapping[str, Shop] | None = None) -> dict[str, Part]:
        """Give how every shop that is not archived takes part now.

        Args:
            shops: those of a mapping that is not in force; None for the one that is.
        """
        found = {}
        asked = self._in_force().mapping.shops if shops is None else shops
        taking_part = {name: shop for name, shop in asked.items() if shop.status is not ShopStatus.ARCHIVED}
        standings = self.standings(taking_part.values(), now)
        for name, shop in taking_part.items():
            standing, abilities = standings[shop.name], self._desks.abilities(shop)
            able = abilities.writable is None or abilities.writable.able
            found[name] = Part(
                shop,
                abilities,
                writes=able and standing.may_write,
                held_back=standing.paused_codes,
                poll_s=self._desks.poll_interval_s(shop),
                lag_s=self._desks.order_lag_s(shop),
            )
        return found

    def paused_codes(self, now: datetime) -> frozenset[str]:
        """Give the codes that are paused everywhere, by themselves or with their product."""
        with reading(self._engine) as connection:
            return self._codes(switches.pauses_in_force(connection, now))

    def _codes(self, paused: Sequence[Pause]) -> frozenset[str]:
        mapping, found = self._in_force().mapping, set[str]()
        wide = {pause.target for pause in paused if not switches.listing_of(pause.target)}
        for target in wide - {switches.ALL, *mapping.shops}:
            # A code that has left the mapping stays in: nothing of it is written meanwhile.
            found.update(self._families.codes(mapping, target) or (target,))
        return frozenset(found)


def _listings(paused: Sequence[Pause], shop: str) -> frozenset[str]:
    """Give the codes that are paused on one shop alone."""
    pairs = [pair for pause in paused if (pair := switches.listing_of(pause.target))]
    return frozenset(code for where, code in pairs if where == shop)


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


def _turned_at(found: Mapping[str, Switch], shop: str) -> datetime | None:
    turned = found.get(shop) or found.get(switches.ALL)
    return turned.at if turned else None
