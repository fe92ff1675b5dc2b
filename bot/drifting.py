"""What people decide about numbers at a mall that are not ours, and the full look at a shop.

"Write" lets our number go out. "Take" makes the merchant's stock what the mall showed. "Leave" pauses
that one listing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from adapters.contract import Clock
from bot.answers import Answer, Answered, DriftView, Refused, Resync
from bot.desks import Desks
from bot.following import MappingInForce
from bot.mapping.model import Mapping as CodeMapping
from bot.store import drifts, ledger, readback, switches, writes
from bot.store.books import SqlTransaction
from bot.store.database import reading
from bot.sync.drift import is_answered
from bot.sync.marks import mark_code
from bot.sync.readback import can_read_back
from bot.sync.targets import taken
from bot.sync.values import Cause, Change, Drift, DriftState, Entry, Why

LISTED_FOR = timedelta(days=7)


class Drifting:
    """Lists drifts, takes answers, and has shops looked at again."""

    def __init__(
        self,
        engine: Engine,
        in_force: Callable[[], MappingInForce],
        desks: Desks,
        clock: Clock,
        wake: Callable[[Iterable[str] | None], None],
    ) -> None:
        self._engine = engine
        self._in_force = in_force
        self._desks = desks
        self._clock = clock
        self._wake = wake

    @property
    def _mapping(self) -> CodeMapping:
        return self._in_force().mapping

    # ------------------------------------------------------------------ drifts

    def drifts(self) -> list[DriftView]:
        """Give what was found in the last week, and every question that is open, the oldest first."""
        with reading(self._engine) as connection:
            found = drifts.since(connection, self._clock.now() - LISTED_FOR)
        return [_view(shop, drift) for shop, drift in found]

    def answer(
        self,
        shop: str,
        code: str,
        answer: Answer,
        who: str,
        until: datetime | None = None,
        *,
        drift_id: int | None = None,
    ) -> Answered:
        """Decide about the latest drift of a listing.

        Args:
            until: the end of "leave"; None for as long as nobody resumes it.
            drift_id: the one that the person was shown; refused if there is a newer one.
        Raises:
            Refused: there is none, or somebody has decided already; a set cannot be taken; the shop
                would show another number than the one that is to be taken.
        """
        now = self._clock.now()
        if until is not None and until <= now:
            raise Refused("pause_past", target=switches.listing_target(shop, code))
        with self._engine.begin() as connection:
            drift = drifts.latest(connection, shop, code)
            if drift is None:
                raise Refused("drift_none", shop=shop, code=code)
            if drift_id not in (None, drift.drift_id):
                raise Refused("changed_meanwhile")
            if is_answered(drift.state) and not (answer is Answer.LEAVE and drift.state is DriftState.LEFT):
                raise Refused("drift_answered", shop=shop, code=code, who=drift.who)
            done = self._answer(connection, shop, drift, answer, who, until)
        self._wake(None)
        return done

    def _answer(
        self,
        connection: Connection,
        shop: str,
        drift: Drift,
        answer: Answer,
        who: str,
        until: datetime | None,
    ) -> Answered:
        now, target = self._clock.now(), switches.listing_target(shop, drift.code)
        state = _BECOMES[answer]
        before = after = 0
        if answer is Answer.TAKE:
            before, after = self._take(connection, shop, drift, who)
        switches.end_pauses(connection, [target], who, now)  # the last word holds
        if answer is Answer.LEAVE:
            switches.begin_pauses(connection, [target], "drift", who, now, until)
            readback.read_again(connection, shop, [drift.code])  # first, when the pause is over
        writes.mark(connection, shop, [drift.code], Why.REPAIR, now, who)
        drifts.decide(connection, drift, state, who, now, until)
        return Answered(shop, drift.code, answer, drift.found, before, after, until)

    def _take(self, connection: Connection, shop: str, drift: Drift, who: str) -> tuple[int, int]:
        """Put the stock to what the mall showed, with all that moved since; give pieces before and after."""
        mapping, code, now = self._mapping, drift.code, self._clock.now()
        product = mapping.product_of(code)
        if product is None:
            raise Refused("unknown_code", code=code, near="-")
        if product.parts:
            raise Refused("drift_take_set", code=code)
        own = mapping.shop(shop)
        if own.cap is not None and drift.found > own.cap:
            raise Refused("drift_take_cap", code=code, found=str(drift.found), cap=str(own.cap))
        balance = ledger.balance_of(connection, code)
        if balance.counted_at is None:
            raise Refused("adjust_uncounted", code=code)
        since = ledger.moved_since(connection, code, drift.read_at)
        wanted = taken(drift.found, mapping.safety_stock(code), own.safety_stock) + since
        change = Change(on_hand=wanted - balance.available)
        note = f"{shop}: {drift.found}"
        ledger.enter(connection, Entry(now, code, change, Cause.ADJUSTED, who=who, note=note), now)
        mark_code(SqlTransaction(connection, self._clock), mapping, code, Why.STOCK, now, who=who)
        return balance.on_hand, balance.on_hand + change.on_hand

    # ------------------------------------------------------------------ looking again

    def resync(self, shop: str, who: str, *, full: bool) -> Resync:
        """Look at every code of a shop again; only differences are written.

        Args:
            full: believe no record of ours: read every number back, and write those that differ. A
                mall that cannot be read gets each number anew.
        """
        mapping, now = self._mapping, self._clock.now()
        codes = list(mapping.listings(shop))
        reads = can_read_back(self._desks.desk(mapping.shop(shop)))
        with self._engine.begin() as connection:
            known = writes.shown_of(connection, shop, codes) if full and reads else {}
            if full and reads:
                readback.mark_resync(connection, shop, who)
            elif full:
                readback.forget_predictions(connection, shop)
            never_written = [code for code in codes if code not in known]  # nothing to read back
            writes.mark(connection, shop, never_written, Why.RESUME, now, who)
        self._wake([shop])
        return Resync(shop, len(codes), full and reads)

    def resync_left(self, shop: str) -> int:
        """Give how many codes have still to be read back or to be looked at."""
        with reading(self._engine) as connection:
            waiting = writes.waiting_count(connection, shop)
            return readback.resync_left(connection, shop) + readback.doubt_count(connection, shop) + waiting


def _view(shop: str, drift: Drift) -> DriftView:
    return DriftView(
        shop,
        drift.code,
        drift.found,
        drift.expected,
        drift.read_at,
        drift.state.value,
        drift.who,
        drift.decided_at,
        drift.until,
        drift.drift_id,
    )


_BECOMES = {
    Answer.WRITE: DriftState.WRITTEN,
    Answer.TAKE: DriftState.TAKEN,
    Answer.LEAVE: DriftState.LEFT,
}
