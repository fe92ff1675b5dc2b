"""What must be true when all is quiet again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.contract import LineState
from benchmarks.simulated.town import SINGLES
from benchmarks.simulated.watch import Broken
from bot.mapping.model import LastUnits

if TYPE_CHECKING:
    from benchmarks.simulated.life import Life


def check_end(life: Life) -> None:
    """Check the orders, the ledger and every number that buyers see.

    Raises:
        Broken: a rule does not hold.
    """
    _check_orders(life)
    for code in SINGLES:
        if code in life.model.counts:
            life.watch.check_balance(code)
            _check_truth(life, code)
    if not life.acts.edits and life.inner.drifts:
        raise Broken(f"drift where nobody edited: {list(life.inner.drifts.values())[:3]}")
    for shop in life.town:
        for code in life.mapping.listings(shop):
            _check_number(life, shop, code)


def _check_orders(life: Life) -> None:
    """Every order stands in the model as it stands at the mall, and counts unless it is cancelled."""
    for shop, mall in life.malls.items():
        for order in mall.all_orders():
            for line in order.lines:
                known = life.model.lines.get((shop, order.order_id, line.line_id))
                if known is None or not (known.counts or line.state is LineState.CANCELLED):
                    raise Broken(f"{shop}: {order.order_id} is not counted")
                last = known.seen[-1]
                if (last.state, last.quantity) != (line.state, line.quantity):
                    raise Broken(f"{shop}: {order.order_id} stands at {line}, known is {last}")


def _check_truth(life: Life, code: str) -> None:
    """What may be sold is what lies on the shelf."""
    if code in life.acts.murky or life.acts.is_stamped_early(code):
        return
    if life.model.available(code) != life.acts.on_shelf(code):
        raise Broken(f"{code}: {life.acts.on_shelf(code)} on the shelf, known {life.model.available(code)}")


def _check_number(life: Life, shop: str, code: str) -> None:
    mall, wanted = life.malls[shop], target(life, shop, code)
    shows = mall.shows(code)
    if life.last_units is not LastUnits.OFF:
        wanted = _divided(life, shop, code, wanted)
    if wanted is not None and shows != wanted and not _is_fading(life, code):
        raise Broken(f"{shop}: {code} shows {shows}, should {wanted}")


def target(life: Life, shop: str, code: str) -> int | None:
    """Give what a shop should show of the whole, worked out the slow way."""
    units = []
    for single, pieces in life.whole.components(code).items():
        if single not in life.model.counts:
            return None
        units.append(life.model.available(single) // pieces)
    place = life.mapping.shop(shop)
    number = max(0, max(0, min(units) - life.mapping.safety_stock(code)) - place.safety_stock)
    return number if place.cap is None else min(number, place.cap)


def _divided(life: Life, shop: str, code: str, whole: int | None) -> int | None:
    """Give the bot's own number: a share of the last units."""
    assert life.process
    level = life.process.engine.levels([code]).of(shop, code)
    if (level is None) != (whole is None):
        raise Broken(f"{shop}: {code} should show {level}, of {whole}")
    return level.number if level else None


def _is_fading(life: Life, code: str) -> bool:
    """Tell whether a code is to be compared again, as its demand gets less: its number may be of before."""
    return any(single in life.inner.looks() for single in life.whole.components(code))
