"""What a sync would do: computed from the books, without a call to any mall."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from adapters.contract import Clock
from bot.answers import Forecast, ForecastLine
from bot.following import MappingInForce
from bot.shopstate import ShopStates, Standing
from bot.sync.desk import Desk
from bot.sync.engine import Engine as SyncEngine
from bot.sync.outlook import Outlook
from bot.sync.plan import before
from bot.sync.values import PlannedLine


class DryRun:
    """Foresees what a sync of a shop would write."""

    def __init__(
        self, sync: SyncEngine, in_force: Callable[[], MappingInForce], states: ShopStates, clock: Clock
    ) -> None:
        self._sync = sync
        self._in_force = in_force
        self._states = states
        self._clock = clock

    def of(self, desk: Desk) -> Forecast:
        """Give the plan of a sync: what waits, and every other code compared with what is there."""
        standing = self._states.standing(desk.shop, self._clock.now())
        linked = self._in_force().mapping.listings(desk.shop.name)
        outlook = self._sync.outlook(desk, standing.paused_codes, also=linked)
        paused = (code for code in sorted(standing.paused_codes) if code in linked)
        lines = [*_lines(outlook), *(ForecastLine(code, waits="paused") for code in paused)]
        dropped = sorted(outlook.dropped.items())
        lines += [ForecastLine(code, waits=why.value) for code, why in dropped if code in linked]
        name, stopped, held = desk.shop.name, _stopped(desk, standing), outlook.reason
        if held is None:
            return Forecast(name, tuple(lines), stopped)
        return Forecast(name, tuple(lines), stopped, held.trip.value, held.changed, held.zero, held.of)


def _lines(outlook: Outlook) -> Iterator[ForecastLine]:
    plan = outlook.plan
    for line in plan.write:
        yield _line(line)
    for line in plan.later:
        blocked = "drift" if line.code in outlook.questioned else "others"
        yield _line(line, blocked if line.code in plan.after_others else "orders")
    for line in outlook.held:
        yield _line(line, "guard")


def _line(line: PlannedLine, waits: str = "") -> ForecastLine:
    return ForecastLine(
        line.code, line.line.mall_code, before(line), line.line.quantity, line.why.value, waits
    )


def _stopped(desk: Desk, standing: Standing) -> str:
    """Give why the shop as a whole is not written now, as a state; "" if it is."""
    writable = desk.abilities.writable
    if writable is not None and not writable.able:
        return "never_written"
    return "" if standing.may_write else standing.state.value
