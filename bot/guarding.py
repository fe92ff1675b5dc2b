"""The guard's questions: told in the channel, answered by people."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from adapters.contract import Clock
from bot.answers import Refused
from bot.messages import JST
from bot.store import holds
from bot.store.database import reading
from bot.store.incidents import Incidents
from bot.store.rehearsal import changing
from bot.sync.guard import HeldLine, Hold, HoldState, refusal

CAUSE = "guard"
ALONE_AFTER = timedelta(minutes=10)
_FIRST = 20  # so many lines are named in an alert
_MOST = 5_000  # and so many are in the file of its thread; the shell gives all


def tell_of_hold(engine: Engine, incidents: Incidents, shop: str, now: datetime) -> None:
    """Keep one incident open for the plan that is asked about, and recover it when nothing is."""
    with reading(engine) as connection:
        asked = holds.asked_hash(connection, shop)
    open_ = [item for item in incidents.open() if (item.shop, item.cause) == (shop, CAUSE)]
    if not asked and open_:
        incidents.recover(shop, CAUSE, now)
    elif asked and not (open_ and asked.startswith(open_[0].params["hash"])):
        with reading(engine) as connection:
            found = next(hold for hold in holds.open_holds(connection, shop) if hold.plan_hash == asked)
        incidents.raise_(shop, CAUSE, _params(found), now, "critical")


def _params(hold: Hold) -> dict[str, Any]:
    lines = [_line(line) for line in hold.lines[:_FIRST]]
    more = [f"… (+{len(hold.lines) - _FIRST:,})"] if len(hold.lines) > _FIRST else []
    reason = hold.reason
    return {
        "hash": hold.short,
        "changed": f"{reason.changed:,}",
        "zero": f"{reason.zero:,}",
        "of": f"{reason.of:,}",
        "lines": "\n".join(lines + more),
    } | ({"all": [_line(line) for line in hold.lines[:_MOST]]} if more else {})


def _line(line: HeldLine) -> str:
    return f"{line.code}: {'?' if line.before is None else line.before} → {line.after}"


class Guarding:
    """Lists, approves and drops what the guard holds.

    Args:
        alone_after: who caused a plan may approve it only so long after it was asked about.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        wake: Callable[[Iterable[str] | None], None],
        alone_after: timedelta = ALONE_AFTER,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._wake = wake
        self._alone_after = alone_after

    def asked(self) -> list[Hold]:
        """Give the plans that wait for a person, the oldest first."""
        with reading(self._engine) as connection:
            found = holds.open_holds(connection)
        return [hold for hold in found if hold.state is HoldState.ASKED]

    def decided(self, shop: str, since: datetime) -> list[Hold]:
        """Give the plans of a shop that people decided about since a moment, the oldest first."""
        with reading(self._engine) as connection:
            return holds.decided_since(connection, shop, since)

    def named(self, plan_hash: str) -> Hold | None:
        """Give the latest plan of a hash, whatever became of it."""
        with reading(self._engine) as connection:
            return holds.named(connection, plan_hash)

    def approve(self, typed: str, who: str, *, dry_run: bool = False) -> Hold:
        """Let a plan go out: its lines, as long as their numbers are those that were asked for.

        Raises:
            Refused: no such plan is asked about now, or this person may not approve it yet.
        """
        hold, now = self._meant(typed), self._clock.now()
        if why := refusal(hold, typed, who, now, self._alone_after):
            at = hold.asked_at.astimezone(JST) + self._alone_after if hold else None
            raise Refused(why, at=f"{at:%H:%M} JST" if at else "")
        return self._decide(hold, HoldState.APPROVED, who, dry_run=dry_run)

    def drop(self, typed: str, who: str, *, dry_run: bool = False) -> Hold:
        """Let a plan be: its codes wait no more, and are written again when they change next.

        One person is enough for it. What was sold meanwhile still goes out.

        Raises:
            Refused: no such plan is asked about now.
        """
        return self._decide(self._meant(typed), HoldState.DROPPED, who, dry_run=dry_run)

    def _meant(self, typed: str) -> Hold | None:
        meant = [hold for hold in self.asked() if hold.means(typed)]
        return meant[0] if len(meant) == 1 else None

    def _decide(self, hold: Hold | None, state: HoldState, who: str, *, dry_run: bool) -> Hold:
        now = self._clock.now()
        with changing(self._engine, dry_run=dry_run) as connection:
            if hold is None or not holds.decide(connection, hold, state, who, now):
                raise Refused("guard_other_plan")
            if state is HoldState.DROPPED:
                holds.drop_waiting(connection, hold.shop, [line.code for line in hold.lines])
        if not dry_run:
            tell_of_hold(self._engine, Incidents(self._engine), hold.shop, now)
            self._wake([hold.shop])
        return hold
