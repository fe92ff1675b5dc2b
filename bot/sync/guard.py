"""The guard: holds a change of so much of a shop that a person must see it first. Pure.

Sales are never held. What is held keeps waiting, and a person approves exactly the numbers that
were asked for: a line that has changed since is judged anew, by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from bot.sync.plan import Want, before
from bot.sync.values import Why

SHORT = 8  # so much of a hash is what people name a plan by
FULL = 40
EXEMPT = (Why.SALE, Why.BALANCE)

Numbers = Mapping[tuple[str, str], int]
"""(code, mall code) -> the number after"""


@dataclass(frozen=True)
class Limits:
    """How much of a shop changes without a question: shares in percent, and codes."""

    changed_percent: float = 10
    changed_codes: int = 20  # no more than so many change
    zero_percent: float = 5
    zero_codes: int = 10  # fewer than so many become zero
    list_percent: float = 80  # a product list that is shorter than the last one by more is not taken in


class Trip(StrEnum):
    """What made the guard hold a plan."""

    CHANGED = "changed"
    ZERO = "zero"
    EMPTY = "empty"  # the mapping lists nothing of this shop any more


@dataclass(frozen=True)
class Reason:
    """Why a plan is held: so many codes of ``of`` would change, so many become zero."""

    trip: Trip
    changed: int
    zero: int
    of: int


@dataclass(frozen=True)
class HeldLine:
    """One number that is held. ``before`` None: nobody knows what is there."""

    code: str
    mall_code: str
    before: int | None
    after: int
    why: Why


class HoldState(StrEnum):
    """What became of a question."""

    ASKED = "asked"
    APPROVED = "approved"  # its lines go out as long as they are those that were approved
    DROPPED = "dropped"
    SUPERSEDED = "superseded"  # another plan is asked for, or nothing is held any more
    DONE = "done"


@dataclass(frozen=True)
class Hold:
    """A plan that a person is asked about. ``caused_by``: the people whose doing it is."""

    shop: str
    plan_hash: str
    lines: tuple[HeldLine, ...]
    reason: Reason
    asked_at: datetime
    caused_by: tuple[str, ...] = ()
    state: HoldState = HoldState.ASKED
    decided_by: str = ""
    decided_at: datetime | None = None

    @property
    def short(self) -> str:
        """The form of the hash that people use."""
        return self.plan_hash[:SHORT]

    def means(self, typed: str) -> bool:
        """Tell whether a person names this plan: by its hash, at least in short form."""
        return len(typed) >= SHORT and self.plan_hash.startswith(typed.lower())

    @property
    def numbers(self) -> Numbers:
        """What it would write."""
        return {(line.code, line.mall_code): line.after for line in self.lines}


@dataclass(frozen=True)
class Verdict:
    """What may go and what may not.

    ``held`` is asked about; ``kept`` waits with it, as a sale came upon a number that is held.
    ``reason``: why something is held that was not asked about yet.
    """

    free: tuple[Want, ...]
    held: tuple[Want, ...] = ()
    kept: tuple[Want, ...] = ()
    reason: Reason | None = None


def judge(
    wants: Sequence[Want],
    *,
    linked: Collection[str],
    filling_since: datetime | None,
    limits: Limits,
    holds: Iterable[Hold] = (),
) -> Verdict:
    """Tell what may be written of one shop now.

    Args:
        linked: the codes that the mapping links there.
        filling_since: when the shop was written to first; None before. What waited by then and was
            never written is the first filling: what an admin switched on for.
        holds: those open at this shop.
    """
    open_ = list(holds)
    asked = _numbers(open_, HoldState.ASKED)
    approved = _numbers(open_, HoldState.APPROVED)
    kept = [want for want in wants if want.waiting.why in EXEMPT and _key(want) in asked and _raises(want)]
    judged = [
        want
        for want in wants
        if want.waiting.why not in EXEMPT
        and before(want.shown) != want.target
        and not _is_first(want, filling_since)
        and approved.get(_key(want)) != want.target
    ]
    fresh = [want for want in judged if asked.get(_key(want)) != want.target]
    reason = _reason(fresh, linked, limits)
    held = judged if reason else [want for want in judged if asked.get(_key(want)) == want.target]
    stays = {want.waiting.code for want in (*held, *kept)}
    free = tuple(want for want in wants if want.waiting.code not in stays)
    return Verdict(free, tuple(held), tuple(kept), reason)


def _reason(wants: Sequence[Want], linked: Collection[str], limits: Limits) -> Reason | None:
    zeros = [want for want in wants if want.target == 0]
    left = sum(want.waiting.code not in linked for want in zeros)  # listed until now: those go to zero
    of = len(linked) + left
    zero, changed = len(zeros), len(wants)
    if left and not len(linked):
        return Reason(Trip.EMPTY, changed, zero, of)
    if zero >= limits.zero_codes and zero * 100 > limits.zero_percent * of:
        return Reason(Trip.ZERO, changed, zero, of)
    if changed > limits.changed_codes and changed * 100 > limits.changed_percent * of:
        return Reason(Trip.CHANGED, changed, zero, of)
    return None


def _is_first(want: Want, filling_since: datetime | None) -> bool:
    never = before(want.shown) is None and not want.shown.outcome
    return never and (filling_since is None or want.waiting.since <= filling_since)


def _raises(want: Want) -> bool:
    there = before(want.shown)
    return there is not None and want.target > there


def _key(want: Want) -> tuple[str, str]:
    return want.waiting.code, want.mall_code


def _numbers(holds: Iterable[Hold], state: HoldState) -> Numbers:
    return {key: after for hold in holds if hold.state is state for key, after in hold.numbers.items()}


# ---------------------------------------------------------------------- asking


def question(shop: str, verdict: Verdict, now: datetime) -> Hold | None:
    """Give what has to be asked anew; None if nothing has."""
    if verdict.reason is None:
        return None
    lines = tuple(
        HeldLine(want.waiting.code, want.mall_code, before(want.shown), want.target, want.waiting.why)
        for want in sorted(verdict.held, key=lambda want: want.waiting.code)
    )
    people = tuple(sorted({want.waiting.who for want in verdict.held} - {""}))
    return Hold(shop, plan_hash(shop, lines), lines, verdict.reason, now, people)


def plan_hash(shop: str, lines: Iterable[HeldLine]) -> str:
    """Give the hash of a plan, whatever the order of its lines."""
    rows = sorted(f"{line.code}\t{line.mall_code}\t{line.before}\t{line.after}" for line in lines)
    return sha256("\n".join((shop, *rows)).encode()).hexdigest()[:FULL]


def over(holds: Iterable[Hold], verdict: Verdict, waiting: Collection[str]) -> list[tuple[Hold, HoldState]]:
    """Give the open holds that are over now, with what became of them.

    Args:
        waiting: the codes that wait, paused ones too.
    """
    found: list[tuple[Hold, HoldState]] = []
    for hold in holds:
        if hold.state is HoldState.ASKED and (verdict.reason or not verdict.held):
            found.append((hold, HoldState.SUPERSEDED))
        elif hold.state is HoldState.APPROVED and not any(line.code in waiting for line in hold.lines):
            found.append((hold, HoldState.DONE))
    return found


# ---------------------------------------------------------------------- answering


def refusal(hold: Hold | None, typed: str, who: str, now: datetime, alone_after: timedelta) -> str:
    """Give why a person may not approve a plan, as a message key; "" if they may.

    A second person names it by its short form. Who caused it has to wait, and to name it in full.

    Args:
        hold: the open one that ``typed`` may mean; None if there is none.
    """
    if hold is None or not hold.means(typed):
        return "guard_other_plan"
    if who not in hold.caused_by:
        return ""
    if now - hold.asked_at < alone_after:
        return "guard_own_wait"
    return "" if typed.lower() == hold.plan_hash else "guard_own_full"
