"""Why a shop does not show what it should of a code: the first thing that is wrong, and what to do. Pure.

The conditions are walked in one order, from what stops everything to what holds one number back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.answers import PauseView

TEAM = "team.yaml"
"""Who paused, where a maintenance window did: nobody can end it by hand."""


class Step(StrEnum):
    """The conditions, in the order in which they are walked."""

    SWITCH = "switch"
    SHOP = "shop"
    PAUSE = "pause"
    CREDENTIAL = "credential"
    MAPPING = "mapping"
    LISTING = "listing"
    GUARD = "guard"
    DRIFT = "drift"
    WRITE = "write"
    ANSWER = "answer"
    WAITING = "waiting"


@dataclass(frozen=True)
class Facts:
    """All that bears on one listing, as the books have it.

    Args:
        product: the entry of the mapping that the code belongs to.
        pauses: those that hold this listing, of whatever target.
        missing: credentials that were never set.
        unwritable: why this shop is never written to; "" where it is.
        places: at how many places the product list has the listing; None where no list is needed.
        list_read: whether there is a product list at all.
        hold: the short hash of the plan of the guard that holds the number.
        drift: the number found at the mall and ours, where people were asked which one stands.
        waits: why the number does not go out at once: ``orders`` or ``others``.
        blind: the shop whose orders cannot be read, so that this one shows none.
        few: the last pieces are divided among the shops.
    """

    code: str
    shop: str
    product: str
    all_on: bool = True
    shop_on: bool = True
    archived: bool = False
    pauses: tuple[PauseView, ...] = ()
    missing: tuple[str, ...] = ()
    on_trial: bool = False
    blocked: bool = False
    failing: str = ""
    detail: str = ""
    linked: bool = True
    unwritable: str = ""
    counted: bool = True
    list_read: bool = True
    places: int | None = None
    on_sale: bool | None = None
    hold: str = ""
    drift: tuple[int, int] | None = None
    written: int | None = None
    sent_at: datetime | None = None
    outcome: str = ""
    error: str = ""
    shown: int | None = None
    target: int | None = None
    waiting: bool = False
    waits: str = ""
    rest_until: datetime | None = None
    blind: str = ""
    few: bool = False
    code_field: str = ""  # the mall's own name of the field that holds the code


@dataclass(frozen=True)
class Found:
    """What is wrong: ``reason.<key>`` says it, ``reason.<key>.next`` what to do.

    Args:
        step: what is typed after the command to mend it; "" where that is done elsewhere.
        renew: whether the mending is a new credential.
    """

    key: str
    params: Mapping[str, str | int | datetime] = field(default_factory=dict)
    step: str = ""
    renew: bool = False


@dataclass(frozen=True)
class Reason:
    """The answer: the conditions that hold, the first that does not, and what was found there.

    ``failed`` is None where all hold; ``found`` then says how the listing stands.
    """

    facts: Facts
    passed: tuple[Step, ...]
    failed: Step | None
    found: Found


def explain(facts: Facts) -> Reason:
    """Walk the conditions and stop at the first that does not hold."""
    passed: list[Step] = []
    for step, look in _WALK.items():
        found = look(facts)
        if found is not None:
            return Reason(facts, tuple(passed), step, found)
        passed.append(step)
    return Reason(facts, tuple(passed), None, _fine(facts))


def _switch(facts: Facts) -> Found | None:
    return None if facts.all_on else Found("all_off", step="on")


def _shop(facts: Facts) -> Found | None:
    if facts.archived:
        return Found("archived")
    return None if facts.shop_on else Found("shop_off", step=f"on {facts.shop}")


def _pause(facts: Facts) -> Found | None:
    """Name the widest pause: a narrower one that is ended would change nothing yet."""
    targets = {
        "all": "paused_all",
        facts.shop: "paused_shop",
        facts.product: "paused_product",
        facts.code: "paused_code",
        f"{facts.shop}/{facts.code}": "paused_listing",
    }
    for target, key in targets.items():
        for pause in facts.pauses:
            if pause.target == target:
                return _paused(pause, key)
    return None


def _paused(pause: PauseView, key: str) -> Found:
    params: dict[str, str | int | datetime] = {
        "target": pause.target,
        "reason": pause.reason or "-",
        "who": pause.who,
        "since": pause.since,
    }
    if pause.who == TEAM and pause.until is not None:
        return Found("maintenance", params | {"until": pause.until})
    return Found(key, params, step=f"resume {pause.target}")


def _credential(facts: Facts) -> Found | None:
    if facts.missing and not facts.on_trial:
        return Found("not_set", {"kinds": ", ".join(facts.missing)}, renew=True)
    if facts.blocked and not facts.on_trial:
        return Found("refused_key", {"detail": facts.detail or "-"}, renew=True)
    if facts.on_trial and (facts.missing or facts.blocked):
        return Found("on_trial")
    if facts.failing == "maintenance":
        return Found("mall_closed", step=f"check {facts.shop}")
    if facts.failing:
        return Found("failing", {"detail": facts.detail or facts.failing}, step=f"check {facts.shop}")
    return None


def _mapping(facts: Facts) -> Found | None:
    if facts.unwritable:
        return Found("unwritable", {"why": facts.unwritable})
    if not facts.linked:
        return Found("unlinked", step=f"map {facts.code}")
    return None if facts.counted else Found("uncounted")


def _listing(facts: Facts) -> Found | None:
    step = f"import {facts.shop}"
    if facts.places is not None:
        if not facts.list_read:
            return Found("no_list", step=step)
        if not facts.places:
            return Found("unlisted", step=step)
        if facts.places > 1:
            return Found("double", {"count": facts.places})
    return Found("not_on_sale") if facts.on_sale is False else None


def _guard(facts: Facts) -> Found | None:
    return Found("held", {"hash": facts.hold}) if facts.hold else None


def _drift(facts: Facts) -> Found | None:
    if facts.drift is None:
        return None
    found, expected = facts.drift
    return Found("drift", {"found": found, "expected": expected})


def _write(facts: Facts) -> Found | None:
    if facts.written is None and not facts.waiting:
        return Found("unwritten", step=f"sync {facts.shop}")
    return None


def _answer(facts: Facts) -> Found | None:
    if facts.written is None or facts.sent_at is None:
        return None
    params: dict[str, str | int | datetime] = {"n": facts.written, "at": facts.sent_at}
    if facts.outcome == "refused":
        return Found("refused_line", params | {"error": facts.error or "-"}, step=f"map {facts.code}")
    if facts.outcome in ("unknown", "planned"):
        return Found("unknown", params)
    return None


def _waiting(facts: Facts) -> Found | None:
    return next(_held_up(facts), None)


def _held_up(facts: Facts) -> Iterator[Found]:
    if facts.outcome == "sent" and facts.written is not None and facts.sent_at is not None:
        yield Found("on_its_way", {"n": facts.written, "at": facts.sent_at})
    if facts.blind:
        yield Found("at_risk", {"blind": facts.blind}, step=f"status {facts.blind}")
    if facts.waits in ("orders", "others"):
        yield Found(f"waits_{facts.waits}")
    if facts.waiting and facts.rest_until is not None:
        yield Found("rests", {"until": facts.rest_until})
    if facts.waiting and facts.target != facts.shown:
        yield Found("queued")


def _fine(facts: Facts) -> Found:
    params: dict[str, str | int | datetime] = {"n": "?" if facts.shown is None else facts.shown}
    return Found("fine_few" if facts.few else "fine", params)


_WALK: Mapping[Step, Callable[[Facts], Found | None]] = {
    Step.SWITCH: _switch,
    Step.SHOP: _shop,
    Step.PAUSE: _pause,
    Step.CREDENTIAL: _credential,
    Step.MAPPING: _mapping,
    Step.LISTING: _listing,
    Step.GUARD: _guard,
    Step.DRIFT: _drift,
    Step.WRITE: _write,
    Step.ANSWER: _answer,
    Step.WAITING: _waiting,
}
