"""Eight shops, none like another, and what they sell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from adapters.contract import Abilities, Ability, LowersOwnStock
from adapters.memory import MEMORY_ABILITIES
from benchmarks.simulated.clock import FastClock
from benchmarks.simulated.listed import Listed
from benchmarks.simulated.malls import SimMall
from bot.mapping.model import Defaults, LastUnits, OnCancel, Product, Shop

SINGLES = tuple(f"code-{number:02d}" for number in range(26))
SETS: Mapping[str, Mapping[str, int]] = {
    "set-a": {"code-00": 1, "code-01": 2},
    "set-b": {"code-01": 1, "code-02": 1},
    "set-c": {"code-03": 3},
    "set-d": {"set-b": 1, "code-04": 1},
}
CODES = (*SINGLES, *SETS)
LATE = ("code-24", "code-25")
"""Codes that the malls list before the mapping knows them."""

_NO = Ability(False, "there is no such call", "benchmarks/simulated", "2026-09-30")


@dataclass(frozen=True)
class Kind:
    """One shop: what its mall can do and does, and what the merchant set for it."""

    abilities: Abilities
    shop: Shop
    returns: bool = False
    order_lag_s: float = 0
    take_up_s: float = 0
    stamped_before_s: float = 0
    share: int = 3
    poll_s: float = 60
    call_s: float = 0.3

    def mall(self, clock: FastClock) -> SimMall:
        """Make its mall, with empty shelves."""
        return SimMall(
            clock,
            dict.fromkeys(CODES, 0),
            returns_stock_on_cancel=self.returns,
            order_lag_s=self.order_lag_s,
            take_up_s=self.take_up_s,
            lowers=self.abilities.lowers_own_stock,
            visible_after_s=self.abilities.visible_after_s,
            stamped_before_s=self.stamped_before_s,
        )


def _kind(
    name: str, *, shop: Mapping[str, object] | None = None, returns: bool = False, **own: object
) -> Kind:
    mall = {key: own[key] for key in own if key in Kind.__dataclass_fields__}
    own = {key: value for key, value in own.items() if key in Abilities.__dataclass_fields__}
    abilities = replace(MEMORY_ABILITIES, mall=name, **own)  # type: ignore[arg-type]
    on_cancel = OnCancel(mall_returns_stock=returns)
    found = Shop(name, name, on_cancel=on_cancel)
    return Kind(abilities, replace(found, **(shop or {})), returns=returns, **mall)  # type: ignore[arg-type]


def kinds(chance: Random) -> dict[str, Kind]:
    """Give the eight shops; small things differ by chance."""
    lag, file = chance.choice((60, 120, 300)), LowersOwnStock.NO
    paid = LowersOwnStock.AT_PAYMENT
    found = (
        _kind("plain", share=40, poll_s=30),
        _kind("onebyone", share=25, write_batch=1, visible_after_s=5, call_s=0.5),
        _kind("late", share=20, order_lag_s=lag, returns=True),
        _kind("payer", lowers_own_stock=paid, returns=chance.random() < 0.5),
        _kind("filer", late_confirm=True, write_batch=None, lowers_own_stock=file, readable=_NO,
              take_up_s=chance.choice((20, 90, 200)), visible_after_s=0, shop={"safety_stock": 2}),
        _kind("blind", readable=_NO, write_batch=20, call_s=1.0, shop={"cap": 6}),
        _kind("cached", visible_after_s=45, returns=True, address_is_code=False),
        _kind("small", write_batch=3, lowers_own_stock=file, address_is_code=False, stamped_before_s=30,
              shop={"on_cancel": OnCancel(return_stock=chance.random() < 0.5)}),
    )  # fmt: skip
    return {kind.shop.name: kind for kind in found}


def mapping_of(
    town: Mapping[str, Kind],
    *,
    late: bool,
    safety: Mapping[str, int],
    caps: Mapping[str, int],
    last_units: LastUnits | int = LastUnits.OFF,
) -> Listed:
    """Make the mapping.

    Args:
        late: whether it knows the codes that come late.
        safety: code -> pieces kept back.
        caps: shop -> cap, instead of its own.
    """
    shops = {
        name: replace(kind.shop, cap=caps[name]) if name in caps else kind.shop for name, kind in town.items()
    }
    known = [code for code in SINGLES if late or code not in LATE]
    goods = [Product(code, safety_stock=safety.get(code)) for code in known]
    sets = [Product(code, parts=dict(parts)) for code, parts in SETS.items()]
    return Listed(shops, (*goods, *sets), defaults=Defaults(last_units=last_units))
