"""The answer to a bare code: what there is of it, here and on every shop."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import Engine

from adapters.contract import Clock
from bot.answers import Lookup, ShopLevel, ShopName, ShopState
from bot.desks import Desks
from bot.following import MappingInForce
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import Shop, ShopStatus
from bot.shopstate import ShopStates
from bot.store import ledger, products, writes
from bot.store.database import reading
from bot.sync.engine import Engine as SyncEngine
from bot.sync.levels import Levels
from bot.sync.targets import available
from bot.sync.values import Balance, Shown

_MILDER = (ShopState.OFF, ShopState.FAILING, ShopState.OK)  # than a pause, of a shop with a paused code


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
        shops = [self._level(mapping, shop, code, levels) for shop in mapping.shops.values()]
        return Lookup(
            code=code,
            name=mapping.name_of(code),
            available=pieces or 0,
            on_hand=own.on_hand,
            reserved=own.reserved,
            held=own.held,
            changed_at=changed_at if pieces is not None else None,
            shops=tuple(level for level in shops if level is not None),
            not_listed=tuple(self._not_listed(mapping, code)),
        )

    def _not_listed(self, mapping: CodeMapping, code: str) -> Iterator[ShopName]:
        for shop in mapping.shops.values():
            if shop.status is not ShopStatus.ARCHIVED and mapping.listing(shop.name, code) is None:
                abilities = self._desks.abilities(shop)
                yield ShopName(shop.name, abilities.name_ja, abilities.name_en)

    def _level(self, mapping: CodeMapping, shop: Shop, code: str, levels: Levels) -> ShopLevel | None:
        mall_code = mapping.listing(shop.name, code)
        if mall_code is None:
            return None
        abilities = self._desks.abilities(shop)
        standing = self._states.standing(shop, self._clock.now())
        with reading(self._engine) as connection:
            shown = writes.shown_of(connection, shop.name, [code]).get(code, Shown())
            waits = code in writes.waiting_seqs(connection, shop.name, [code])
            listed = abilities.address_is_code or bool(products.addresses(connection, shop.name, [mall_code]))
            sells = products.on_sale(connection, shop.name, mall_code)
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
            note=_note(written=written, listed=listed, sells=sells),
        )


def _note(*, written: bool, listed: bool, sells: bool | None) -> str:
    """Give the key of what a person should know of a listing, "" for nothing."""
    if not written:
        return "never_written"
    if not listed:
        return "unlisted"
    return "not_on_sale" if sells is False else ""
