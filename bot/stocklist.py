"""The list of codes: what may be sold of each, and the worst state that a shop has of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection, Engine

from adapters.contract import Clock
from bot.answers import CodeRow, ShopState
from bot.desks import Desks
from bot.following import MappingInForce
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import Shop, ShopStatus
from bot.shopstate import ShopStates, Standing
from bot.store import drifts, ledger, writes
from bot.store.database import reading
from bot.sync.targets import available
from bot.sync.values import Shown

WORST = (
    *("blocked", "not_set", "failing", "refused", "unknown", "drift", "pending", "waiting", "paused"),
    *("off", "ok", "nowhere"),
)
"""States of a listing, the worst first; ``state.<word>`` of ``bot.messages`` says each."""


def worst(states: Iterable[str]) -> str:
    """Give the worst of some states; of none, that it is listed nowhere."""
    return min(states, key=WORST.index, default="nowhere")


class StockList:
    """Gives the rows of the list, all of one look at the books."""

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

    def rows(self, part: str) -> list[CodeRow]:
        """Give the codes whose own text or name has ``part`` in it, in the mapping's order."""
        mapping = self._in_force().mapping
        codes = list(_matching(mapping, part.lower()))
        singles = {single for code in codes for single in mapping.components(code)}
        found: dict[str, list[str]] = {code: [] for code in codes}
        with reading(self._engine) as connection:
            balances = ledger.balances_of(connection, singles)
            for name, standing in self._standings(mapping):
                for code, state in _states(connection, mapping, name, standing, codes):
                    found[code].append(state)
        return [
            CodeRow(code, mapping.name_of(code), available(mapping.components(code), balances), worst(states))
            for code, states in found.items()
        ]

    def _standings(self, mapping: CodeMapping) -> list[tuple[str, Standing]]:
        shops = [shop for shop in mapping.shops.values() if self._is_written(shop)]
        return list(self._states.standings(shops, self._clock.now()).items())

    def _is_written(self, shop: Shop) -> bool:
        writable = self._desks.abilities(shop).writable
        return shop.status is not ShopStatus.ARCHIVED and (writable is None or writable.able)


def _matching(mapping: CodeMapping, part: str) -> Iterator[str]:
    for code in mapping.codes():
        if not part or part in code.lower() or part in mapping.name_of(code).lower():
            yield code


def _states(
    connection: Connection, mapping: CodeMapping, shop: str, standing: Standing, codes: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Give the state of each of the codes that a shop lists."""
    listings = mapping.listings(shop)
    mine = [code for code in codes if code in listings]
    shown = writes.shown_of(connection, shop, mine)
    waiting, asked = writes.waiting_seqs(connection, shop, mine), drifts.asked(connection, shop)
    for code in mine:
        if standing.state is not ShopState.OK:
            yield code, standing.state.value
        elif code in standing.paused_codes:
            yield code, "paused"
        elif code in asked:
            yield code, "drift"
        else:
            yield code, _of_number(code, shown, waiting)


def _of_number(code: str, shown: Mapping[str, Shown], waiting: Mapping[str, int]) -> str:
    outcome = shown.get(code, Shown()).outcome
    if outcome in ("refused", "unknown"):
        return outcome
    return "waiting" if code in waiting or outcome in ("planned", "sent", "") else "ok"
