"""Whether each shop is ready to be synced: four conditions, each with what to do when it fails.

Orders first: a shop that is written to while nobody reads its orders oversells.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Engine

from adapters.contract import Abilities, Clock
from bot.answers import Condition, Ready, Refused, ShopReadiness
from bot.desks import Desks
from bot.following import MappingInForce
from bot.mapping.model import OrderSource, Shop, ShopStatus
from bot.mapping.snapshot import OLD_PRODUCTS
from bot.shopstate import ShopStates, Standing
from bot.store import credentials, products, switches
from bot.store.database import reading
from bot.store.notes import Remembered

_FIRST = 20  # so many codes are named
_CHECKED = "checked.{}"  # of a shop: when it was checked by hand last, and what was wrong


class Readiness:
    """Looks at every active shop; calls no mall."""

    def __init__(
        self,
        engine: Engine,
        in_force: Callable[[], MappingInForce],
        desks: Desks,
        states: ShopStates,
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._in_force = in_force
        self._desks = desks
        self._states = states
        self._clock = clock
        self._remembered = Remembered(engine)

    def shops(self) -> list[ShopReadiness]:
        """Give the readiness of each shop that takes part."""
        return [self._shop(shop) for shop in self._active()]

    def _active(self) -> list[Shop]:
        shops = self._in_force().mapping.shops.values()
        return [shop for shop in shops if shop.status is not ShopStatus.ARCHIVED]

    def _shop(self, shop: Shop) -> ShopReadiness:
        abilities = self._desks.abilities(shop)
        standing = self._states.standing(shop, self._clock.now())
        conditions = (
            self._orders(shop, abilities, standing),
            self._mapping(shop, abilities),
            self._products(shop, abilities),
            self._credentials(shop, standing),
        )
        return ShopReadiness(shop.name, abilities.name_ja, abilities.name_en, conditions)

    def refuse_without_orders(self, only: str | None) -> None:
        """Refuse to switch sync on for one shop, or for all, while one has no source of orders.

        A shop that is switched off by itself is left out: it would not be written to.

        Raises:
            Refused: names the shop and the reason.
        """
        for shop in self._active():
            if only not in (None, shop.name) or (only is None and self._is_off(shop.name)):
                continue
            standing = self._states.standing(shop, self._clock.now())
            found = self._orders(shop, self._desks.abilities(shop), standing)
            if found.ready is Ready.BAD:
                raise Refused(f"on_{found.key.removeprefix('ready.')}", **found.params)

    def _is_off(self, shop: str) -> bool:
        with reading(self._engine) as connection:
            own = switches.switch(connection, shop)
        return own is not None and not own.on

    # ------------------------------------------------------------------ 1: orders

    def _orders(self, shop: Shop, abilities: Abilities, standing: Standing) -> Condition:
        def say(ready: Ready, key: str, **params: str) -> Condition:
            return Condition("orders", ready, f"ready.orders_{key}", {"shop": shop.name, **params})

        if shop.orders is OrderSource.NONE:
            if shop.orders_reason:
                return say(Ready.GOOD, "none", reason=shop.orders_reason)
            return say(Ready.BAD, "nowhere")
        if shop.orders is OrderSource.FILE:
            return say(Ready.GOOD, "file")
        if shop.orders is OrderSource.VIA:
            return self._via(shop)
        if not abilities.orders.able:
            return say(Ready.BAD, "unable", reason=abilities.orders.why)
        if standing.missing and not standing.on_trial:
            return say(Ready.BAD, "no_keys", kinds=", ".join(standing.missing))
        if standing.record.orders_read_at is None:
            return say(Ready.WARNING, "unread")
        return say(Ready.GOOD, "api")

    def _via(self, shop: Shop) -> Condition:
        other = self._in_force().mapping.shops.get(shop.via)
        params = {"shop": shop.name, "via": shop.via}
        if other is None or other.status is ShopStatus.ARCHIVED:
            return Condition("orders", Ready.BAD, "ready.orders_via_archived", params)
        return Condition("orders", Ready.GOOD, "ready.orders_via", params)

    # ------------------------------------------------------------------ 2 and 3: listings

    def _mapping(self, shop: Shop, abilities: Abilities) -> Condition:
        """Compare what the mapping links with what the shop lists."""

        def say(ready: Ready, key: str, codes: Iterable[str] = ()) -> Condition:
            named = list(codes)
            more = f" … (+{len(named) - _FIRST})" if len(named) > _FIRST else ""
            params = {
                "shop": shop.name,
                "count": f"{len(named):,}",
                "codes": ", ".join(named[:_FIRST]) + more,
            }
            return Condition("mapping", ready, f"ready.mapping_{key}", params)

        if _never_written(abilities):
            return say(Ready.GOOD, "unwritten")
        listings = self._in_force().mapping.listings(shop.name)
        with reading(self._engine) as connection:
            if products.read_at(connection, shop.name) is None:
                return say(Ready.WARNING, "unknown")
            known = products.addresses(connection, shop.name, listings.values())
        missing = sorted(code for code, mall_code in listings.items() if mall_code not in known)
        double = sorted(code for code, mall_code in listings.items() if len(known.get(mall_code, ())) > 1)
        if missing:
            return say(Ready.BAD, "missing", missing)
        return say(Ready.BAD, "double", double) if double else say(Ready.GOOD, "good", listings)

    def _products(self, shop: Shop, abilities: Abilities) -> Condition:
        with reading(self._engine) as connection:
            read_at = products.read_at(connection, shop.name)
        days = (self._clock.now() - read_at).days if read_at else 0
        params = {"shop": shop.name, "days": str(days)}
        if _never_written(abilities):
            return Condition("products", Ready.GOOD, "ready.products_unneeded", params)
        if read_at is None and abilities.products.able:
            return Condition("products", Ready.BAD, "ready.products_none", params)
        if read_at is None:  # nobody can read it from the mall, and the codes may do without
            ready = Ready.WARNING if abilities.address_is_code else Ready.BAD
            return Condition("products", ready, "ready.products_by_file", params)
        if self._clock.now() - read_at > OLD_PRODUCTS:
            return Condition("products", Ready.WARNING, "ready.products_old", params)
        return Condition("products", Ready.GOOD, f"ready.products_{'good' if days else 'fresh'}", params)

    # ------------------------------------------------------------------ 4: credentials

    def note_check(self, shop: str, problem: str) -> None:
        """Keep what a check by hand found; "" where all was well."""
        found = {"at": self._clock.now().isoformat(), "problem": problem}
        self._remembered.set(_CHECKED.format(shop), json.dumps(found))

    def _credentials(self, shop: Shop, standing: Standing) -> Condition:
        def say(ready: Ready, key: str, **params: str) -> Condition:
            return Condition("credentials", ready, f"ready.keys_{key}", {"shop": shop.name, **params})

        if not self._desks.abilities(shop).credentials:
            return say(Ready.GOOD, "unneeded")
        if standing.missing and not standing.on_trial:
            return say(Ready.BAD, "not_set", kinds=", ".join(standing.missing))
        if standing.on_trial:
            return say(Ready.WARNING, "pending")
        if problem := self._refused(shop.name, standing):
            return say(Ready.BAD, "refused", detail=problem)
        return (
            say(Ready.GOOD, "good")
            if self._proved_at(shop.name, standing)
            else say(Ready.WARNING, "unchecked")
        )

    def _refused(self, shop: str, standing: Standing) -> str:
        """Give why the credentials in use do not serve, "" if the last word on them was good."""
        if standing.record.blocked:
            return standing.record.detail or standing.record.failing_cause or "blocked"
        with reading(self._engine) as connection:
            known = credentials.records(connection, shop).values()
        if failed := next((record for record in known if record.state == credentials.FAILED), None):
            return f"{failed.kind}: {failed.detail or failed.state}"
        at, problem = self._checked(shop)
        proved_at = self._proved_at(shop, standing)
        return "" if at is None or (proved_at is not None and proved_at > at) else problem

    def _checked(self, shop: str) -> tuple[datetime | None, str]:
        text = self._remembered.get(_CHECKED.format(shop))
        if text is None:
            return None, ""
        found = json.loads(text)
        return datetime.fromisoformat(found["at"]), str(found["problem"])

    def _proved_at(self, shop: str, standing: Standing) -> datetime | None:
        """Give when the mall last answered with these credentials; None if never."""
        with reading(self._engine) as connection:
            known = credentials.records(connection, shop).values()
        moments = [record.proved_at for record in known] + [standing.record.orders_read_at]
        at, problem = self._checked(shop)
        moments += [None if problem else at]
        return max((moment for moment in moments if moment is not None), default=None)


def _never_written(abilities: Abilities) -> bool:
    return abilities.writable is not None and not abilities.writable.able
