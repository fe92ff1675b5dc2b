"""The answer to a bare code: what there is of it, here and on every shop."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from adapters.contract import Clock
from bot.answers import Lookup, ShopLevel, ShopName, ShopState
from bot.desks import Desks
from bot.following import MappingInForce
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import Shop, ShopStatus
from bot.shopstate import ShopStates, Standing
from bot.store import ledger, products, writes
from bot.store.database import reading
from bot.sync.engine import Engine as SyncEngine
from bot.sync.levels import Levels
from bot.sync.targets import available
from bot.sync.values import Balance, Shown

_MILDER = (ShopState.OFF, ShopState.FAILING, ShopState.OK)  # than a pause, of a shop with a paused code


@dataclass(frozen=True)
class _Listing:
    shop: Shop
    code: str
    mall_code: str


@dataclass(frozen=True)
class _Found:
    """What the books have of a code, by shop."""

    shown: Mapping[str, Shown]
    waiting: Collection[str]
    on_sale: Mapping[str, bool | None]  # absent: not in the product list


class Looking:
    """Looks a code up in the books; calls no mall."""

    def __init__(
        self,
        engine: Engine,
        in_force: Callable[[], MappingInForce],
        desks: Desks,
        states: ShopStates,
        sync: SyncEngine,
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._in_force = in_force
        self._desks = desks
        self._states = states
        self._sync = sync
        self._clock = clock

    def lookup(self, code: str) -> Lookup | None:
        """Give the stock of a code, here and on every shop."""
        mapping = self._in_force().mapping
        if mapping.product_of(code) is None:
            return None
        parts = mapping.components(code)
        with reading(self._engine) as connection:
            balances = ledger.balances_of(connection, parts)
            changed_at = ledger.changed_at(connection, parts)
        pieces = available(parts, balances)
        own = balances.get(code, Balance())
        levels = self._sync.levels([code])
        standings = self._states.standings(mapping.shops.values(), self._clock.now())
        listed = {name: at for name in mapping.shops if (at := mapping.listing(name, code)) is not None}
        found = self._found(code, listed)
        shops = [
            self._level(_Listing(mapping.shops[name], code, at), standings[name], levels, found)
            for name, at in listed.items()
        ]
        return Lookup(
            code=code,
            name=mapping.name_of(code),
            available=pieces or 0,
            on_hand=own.on_hand,
            reserved=own.reserved,
            held=own.held,
            changed_at=changed_at if pieces is not None else None,
            shops=tuple(shops),
            not_listed=tuple(self._not_listed(mapping, code)),
        )

    def targets(self, listings: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Give what would be written now for each (shop, code); none where nothing would be."""
        mapping, now = self._in_force().mapping, self._clock.now()
        known = [pair for pair in listings if pair[0] in mapping.shops]
        levels = self._sync.levels(list(dict.fromkeys(code for _, code in known)))
        parts = self._states.parts(now, {shop: mapping.shop(shop) for shop, _ in known})
        found = {}
        for shop, code in known:
            part, level = parts.get(shop), levels.of(shop, code)
            if part is not None and part.writes and code not in part.held_back and level is not None:
                found[shop, code] = level.number
        return found

    def _not_listed(self, mapping: CodeMapping, code: str) -> Iterator[ShopName]:
        for shop in mapping.shops.values():
            if shop.status is not ShopStatus.ARCHIVED and mapping.listing(shop.name, code) is None:
                abilities = self._desks.abilities(shop)
                yield ShopName(shop.name, abilities.name_ja, abilities.name_en)

    def _found(self, code: str, listed: Mapping[str, str]) -> _Found:
        with reading(self._engine) as connection:
            return _Found(
                writes.shown_across(connection, listed, code),
                writes.waiting_across(connection, listed, code),
                products.on_sale_of(connection, listed),
            )

    def _level(self, listing: _Listing, standing: Standing, levels: Levels, found: _Found) -> ShopLevel:
        shop, code, mall_code = listing.shop, listing.code, listing.mall_code
        abilities = self._desks.abilities(shop)
        shown = found.shown.get(shop.name, Shown())
        asleep = standing.state is ShopState.ARCHIVED
        waits = not asleep and shop.name in found.waiting
        listed = abilities.address_is_code or shop.name in found.on_sale
        sells = found.on_sale.get(shop.name)
        target, written = None, abilities.writable is None or abilities.writable.able
        paused = code in standing.paused_codes
        if written and standing.may_write and not paused:
            level = levels.of(shop.name, code)
            target = level.number if level else None
        return ShopLevel(
            shop=shop.name,
            mall_ja=abilities.name_ja,
            mall_en=abilities.name_en,
            code_field=abilities.code_field,
            mall_code=mall_code,
            target=target,
            shown=shown.predicted,
            shown_at=shown.acked_at,
            state=ShopState.PAUSED if paused and standing.state in _MILDER else standing.state,
            last_written=shown.written,
            last_written_at=shown.sent_at,
            last_outcome="unknown" if shown.outcome == writes.PLANNED else shown.outcome,
            waiting=waits,
            note="" if asleep else _note(written=written, listed=listed, sells=sells),
        )


def _note(*, written: bool, listed: bool, sells: bool | None) -> str:
    """Give the key of what a person should know of a listing, "" for nothing."""
    if not written:
        return "never_written"
    if not listed:
        return "unlisted"
    return "not_on_sale" if sells is False else ""
