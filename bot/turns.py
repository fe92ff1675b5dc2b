"""One turn of one shop: trial of a new credential, orders in, numbers out, and what is told of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from adapters.contract import Clock
from adapters.errors import AuthError, MallError, RateLimitedError, TanabanError
from bot.config import SyncSettings
from bot.credentials.renewal import Renewals, Trial
from bot.desks import Desks
from bot.guarding import tell_of_hold
from bot.health import Health
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import Shop
from bot.shopstate import ShopStates, Standing
from bot.store import drifts, orders, outages, products, switches, writes
from bot.store.database import reading
from bot.store.notes import Remembered
from bot.store.switches import Pause
from bot.sync.desk import Desk, Orders, Report
from bot.sync.engine import Engine as SyncEngine
from bot.sync.values import DriftState, Why

IMPORT_EVERY = timedelta(hours=24)
IMPORT_MISSING_EVERY = timedelta(hours=1)
DRIFT_TOLD = timedelta(hours=24)  # so long a repair is named, and can be answered from the alert
OUTAGE_TOLD = timedelta(minutes=15)
UNLISTED_GRACE = timedelta(hours=24)  # a new listing may be unseen for a day in a mall's own list

_DRIFT_SIGN = {DriftState.ASKED: "≠", DriftState.REPAIRED: "→"}  # no words: read in any language

_UNLISTED = "unlisted.{}"  # of a shop: code -> since when its list does not hold it

Notify = Callable[[str, Mapping[str, str | datetime]], None]
"""(message key, parameters): says something in the ops channel."""

log = logging.getLogger(__name__)


@dataclass
class Memory:
    """What a shop's worker remembers between turns; lost with the process, and may be."""

    tried_at: float | None = None
    wrote_at: float | None = None
    orders_at: float = 0  # when orders were taken in last
    not_before: float = 0
    shrunk_at: float | None = None  # when a product list was read last that seemed cut short
    imported_for: object = None  # the mapping that the product list was read for
    unlisted: tuple[str, ...] = ()
    unknown: frozenset[str] = frozenset()  # codes to read back, at the next tick, before writing again
    unanswered: int = 0  # ticks in a row at which a write got no answer
    expiry_asked: bool = False
    failed: str = ""  # the last turn's failure: until the next tick the mall is left alone


class Turns:
    """Does turns. Each shop is turned by one thread only."""

    def __init__(
        self,
        engine: Engine,
        sync: SyncEngine,
        mapping: Callable[[], CodeMapping],
        desks: Desks,
        states: ShopStates,
        renewals: Renewals,
        health: Health,
        clock: Clock,
        settings: SyncSettings,
        notify: Notify,
        errands: Callable[[Desk], None] = lambda _desk: None,
        beat: Callable[[str], None] = lambda _shop: None,
    ) -> None:
        self._engine = engine
        self._sync = sync
        self._mapping = mapping
        self._desks = desks
        self._states = states
        self._renewals = renewals
        self._health = health
        self._clock = clock
        self._settings = settings
        self._notify = notify
        self._errands = errands
        self._beat = beat  # told the shop whose work goes on
        self._remembered = Remembered(engine)
        self._memory: dict[str, Memory] = {}

    def turn(self, name: str, *, tick: bool) -> float | None:
        """Do what there is to do for a shop.

        Args:
            tick: whether the poll interval has come round; else only waiting numbers go out.
        Returns:
            Seconds after which it wants to be called again before the next tick; None if not.
        """
        shop = self._mapping().shops.get(name)
        if shop is None:
            return None
        memory = self._memory.setdefault(name, Memory())
        self._try_credentials(shop, memory)
        standing = self._standing(shop)
        if not self._may_turn(memory, standing, tick=tick):
            return self._next_trial(memory) if standing.on_trial else None
        self._end_pauses()
        try:
            return self._work(shop, memory, standing, tick=tick)
        except TanabanError as error:
            self._failed(shop, memory, error)
            return None

    def _standing(self, shop: Shop) -> Standing:
        return self._states.standing(shop, self._clock.now())

    def _may_turn(self, memory: Memory, standing: Standing, *, tick: bool) -> bool:
        if self._clock.monotonic() < memory.not_before or (memory.failed and not tick):
            return False
        return standing.may_call

    def _work(self, shop: Shop, memory: Memory, standing: Standing, *, tick: bool) -> float | None:
        desk, report = self._desks.desk(shop), Report(shop.name)
        self._errands(desk)
        lines: dict[str, list[str]] = {}
        trouble: list[MallError] = []
        rest = self._rest(desk, memory)
        self._sync.turn(
            desk,
            report,
            tick=tick,
            orders=self._orders(desk, memory, standing, report, tick=tick, resting=rest is not None),
            overdue_after=timedelta(seconds=self._settings.overdue_s),
            look_around=lambda: self._look_around(desk, memory, trouble),
        )
        memory.unknown = frozenset(report.unknown) | (frozenset() if tick else memory.unknown)
        if report.written or report.unknown:
            memory.wrote_at = self._clock.monotonic()
        if tick:
            self._tell_outages(report)
            if trouble:
                raise trouble[0]
            lines = self._standing_lines(shop, memory, report)
        lines["line_rejected"] = self._refused_lines(shop)
        memory.failed = ""
        self._health.went_well(report, self._clock.now(), orders_read=tick, standing=lines)
        tell_of_hold(self._engine, self._health.incidents, shop.name, self._clock.now())
        return self._called_again(report, rest)

    def _orders(
        self, desk: Desk, memory: Memory, standing: Standing, report: Report, *, tick: bool, resting: bool
    ) -> Orders:
        """Say what the turn may do."""
        writable = desk.abilities.writable
        if writable is not None and not writable.able:
            self._sync.drop_waiting(desk)
            return Orders(write=False)
        return Orders(
            write=standing.may_write and not resting,
            # a tick has read back what was not known
            held_back=lambda: (
                self._standing(desk.shop).paused_codes | (frozenset() if tick else memory.unknown)
            ),
            go_on=lambda: self._standing(desk.shop).may_write,
            between=lambda: self._orders_between(desk, memory, report),
        )

    def _orders_between(self, desk: Desk, memory: Memory, report: Report) -> None:
        """Take orders in amid a long write, as often as the shop is polled."""
        self._beat(desk.shop.name)
        now = self._clock.monotonic()
        if now >= memory.orders_at + self._desks.poll_interval_s(desk.shop):
            memory.orders_at = now
            self._sync.orders_in(desk, report)

    def _rest(self, desk: Desk, memory: Memory) -> float | None:
        """Give the seconds that the shop must be left alone before the next number; None if none."""
        if memory.wrote_at is None:
            return None
        interval = self._desks.min_write_interval_s(desk.shop)
        left = memory.wrote_at + interval - self._clock.monotonic()
        return left if left > 0 else None

    def _tell_outages(self, report: Report) -> None:
        """Say what an outage was that is over, and name what is held back because of one that lasts."""
        with reading(self._engine) as connection:
            risks = outages.all_risks(connection)
        self._health.risks(risks, self._mapping().shops, self._clock.now())
        for account in report.outages:
            if account.blind_to - account.blind_from < OUTAGE_TOLD and not account.beyond:
                continue  # a restart is no news
            params: dict[str, str | datetime] = {"shop": account.shop, "orders": str(account.orders)}
            params |= _span(account.blind_from, account.blind_to)
            if account.beyond:
                self._health.beyond(account, self._clock.now())
            else:
                self._notify("outage_over", params)

    def _called_again(self, report: Report, rest: float | None) -> float | None:
        found = [] if rest is None else [rest]
        if report.again_at is not None:
            found.append(max(0.1, (report.again_at - self._clock.now()).total_seconds()))
        return min(found, default=None)

    # ------------------------------------------------------------------ product list

    def _look_around(self, desk: Desk, memory: Memory, trouble: list[MallError]) -> None:
        """Read the product list and the credentials' ends; note what failed, for after the writing."""
        memory.orders_at = self._clock.monotonic()
        try:
            self._import(desk, memory)
            self._ask_expiry(desk, memory)
        except AuthError:
            raise  # not one more call with a credential that is refused
        except MallError as error:
            trouble.append(error)

    def _import(self, desk: Desk, memory: Memory) -> None:
        """Read the product list when it is old, or when the mapping names what it does not hold."""
        if not desk.abilities.products.able or not self._import_due(desk, memory):
            return
        listed = self._sync.import_products(desk)
        self._health.shrunk(desk.shop.name, listed, self._clock.now())
        memory.shrunk_at = None if listed.taken else self._clock.monotonic()
        if not listed.taken:
            return
        memory.imported_for = self._mapping()
        memory.unlisted = tuple(self._missing(desk))
        # Compared with what is kept, not with the memory: a listing may be made while the bot is down.
        if found := self._unlisted_since(desk.shop.name).keys() - set(memory.unlisted):
            self._sync.mark_all({desk.shop.name: sorted(found)}, Why.MAPPING)

    def _import_due(self, desk: Desk, memory: Memory) -> bool:
        since, missing_every = memory.shrunk_at, IMPORT_MISSING_EVERY.total_seconds()
        if since is not None and self._clock.monotonic() < since + missing_every:
            return False
        with reading(self._engine) as connection:
            read_at = products.read_at(connection, desk.shop.name)
        if read_at is None:
            return True
        age = self._clock.now() - read_at
        if age > IMPORT_EVERY or (memory.unlisted and age > IMPORT_MISSING_EVERY):
            return True
        # A start with a list of today reads it anew only for what it lacks: a large one takes long.
        changed = memory.imported_for is not self._mapping()
        if changed:
            memory.imported_for = self._mapping()
        return changed and bool(self._missing(desk))

    def _missing(self, desk: Desk) -> list[str]:
        """Give mapped codes that the shop's product list holds not at all, or not at one place alone."""
        listings = self._mapping().listings(desk.shop.name)
        with reading(self._engine) as connection:
            return sorted(products.misplaced(connection, desk.shop.name, listings.items()))

    def _standing_lines(self, shop: Shop, memory: Memory, report: Report) -> dict[str, list[str]]:
        with reading(self._engine) as connection:
            unmapped = [line.mall_code for line in orders.unmapped_lines(connection, shop.name)]
        has = self._desks.abilities(shop)
        place = f" — {has.code_field}: {has.code_screen}" if has.code_screen else ""
        unlisted = [code + place for code in self._after_grace(shop.name, memory.unlisted)]
        lines = {"unmapped": unmapped, "overdue": report.overdue, "unlisted": unlisted}
        lines["unknown_name"] = self._unknown_names(shop)
        lines |= self._drift_lines(shop.name)
        memory.unanswered = memory.unanswered + 1 if report.unknown else 0
        if not report.unknown or memory.unanswered >= self._settings.alert_after:
            lines["outcome_unknown"] = report.unknown
        return lines

    def _drift_lines(self, shop: str) -> dict[str, list[str]]:
        """Give the numbers that somebody else wrote there: asked about, repaired, stopped."""
        now = self._clock.now()
        with reading(self._engine) as connection:
            told = drifts.to_tell(connection, shop, now - DRIFT_TOLD)
            paused = switches.pauses_in_force(connection, now)
        mine = [pause for pause in paused if pause.who == drifts.BOT]
        pairs = [pair for pause in mine if (pair := switches.listing_of(pause.target))]
        found = [f"{d.code}: {d.found} {_DRIFT_SIGN[d.state]} {d.expected}" for d in told]
        return {"drift": found, "drift_stopped": [code for where, code in pairs if where == shop]}

    def _unknown_names(self, shop: Shop) -> list[str]:
        """Give payment and delivery names that the mapping's tables lack; an empty table asks for none."""
        mapping = self._mapping()
        tables = {"payment": (mapping.payments, mapping.payment_name)}
        tables["delivery"] = (mapping.deliveries, mapping.delivery_name)
        with reading(self._engine) as connection:
            names = orders.names_of(connection, shop.name)
        return [name for kind, name in names if tables[kind][0] and tables[kind][1](name) is None]

    def _refused_lines(self, shop: Shop) -> list[str]:
        mapping = self._mapping()
        with reading(self._engine) as connection:
            refused = writes.refused_lines(connection, shop.name)
        return [f"{code}: {reason}" for code, reason in refused if mapping.listing(shop.name, code)]

    def _unlisted_since(self, shop: str) -> dict[str, str]:
        found: dict[str, str] = json.loads(self._remembered.get(_UNLISTED.format(shop)) or "{}")
        return found

    def _after_grace(self, shop: str, codes: tuple[str, ...]) -> list[str]:
        """Give the codes that have been missing for longer than a mall's list may lag."""
        before, now = self._unlisted_since(shop), self._clock.now()
        since = {code: before.get(code, now.isoformat()) for code in codes}
        if since != before:
            self._remembered.set(_UNLISTED.format(shop), json.dumps(since))
        return [code for code, at in since.items() if now - datetime.fromisoformat(at) > UNLISTED_GRACE]

    # ------------------------------------------------------------------ credentials

    def _try_credentials(self, shop: Shop, memory: Memory) -> None:
        """Try a new credential, at most once an interval."""
        if not self._renewals.on_trial(shop.name) or self._next_trial(memory) > 0:
            return
        memory.tried_at = self._clock.monotonic()
        now = self._clock.now()
        result = self._renewals.try_now(shop.name, now)
        log.info("%s: new credential is %s %s", shop.name, result.trial, result.detail)
        if result.trial is Trial.LIVE:
            memory.tried_at, memory.not_before = None, 0
            if result.first:  # a shop that begins: every number of it is compared, whenever a crash comes
                self._sync.mark_all({shop.name: list(self._mapping().listings(shop.name))}, Why.RESUME)
            self._health.unblock(shop.name, now)
            self._renewals.promote(shop.name, result.expiries, now)
            self._notify("renewal_live", {"shop": shop.name})
        elif result.trial is Trial.FAILED:
            memory.tried_at = None
            near = {"near": ", ".join(result.near)} if result.near else {}
            self._notify("renewal_unknown" if near else "renewal_failed", {"shop": shop.name, **near})

    def ask_for_expiries(self) -> None:
        """Let each shop ask its mall, on its next turn, how long the credentials still live."""
        for memory in list(self._memory.values()):
            memory.expiry_asked = False

    def _ask_expiry(self, desk: Desk, memory: Memory) -> None:
        if not memory.expiry_asked:
            memory.expiry_asked = True
            self._renewals.note_status(desk.shop.name, desk.adapter, self._clock.now())

    def _next_trial(self, memory: Memory) -> float:
        if memory.tried_at is None:
            return 0
        return max(0.0, memory.tried_at + self._settings.trial_interval_s - self._clock.monotonic())

    # ------------------------------------------------------------------ pauses and failures

    def _end_pauses(self) -> None:
        """Record the end of pauses that ran out, so that nothing stays paused unseen."""
        now = self._clock.now()
        with reading(self._engine) as connection:
            over = switches.pauses_run_out(connection, now)
        if not over:
            return
        with self._engine.begin() as connection:  # what the worker of another shop ended is its to tell
            ended = [pause for pause in over if switches.end_pause(connection, pause.pause_id, now)]
        for group in switches.together(ended):
            self._notify(*_pause_over(group))

    def _failed(self, shop: Shop, memory: Memory, error: TanabanError) -> None:
        now = self._clock.now()
        said = f"{type(error).__name__}: {error}"
        if said != memory.failed:
            log.warning("%s: %s", shop.name, said)
        memory.failed = said
        if isinstance(error, AuthError):
            kinds = self._desks.abilities(shop).credentials
            error.hint = self._renewals.likeliest(shop.name, kinds, error, now)
            self._renewals.refuse(shop.name, kinds, str(error), now)
        self._health.went_wrong(shop.name, error, now)
        if isinstance(error, RateLimitedError) and error.retry_after_s:
            memory.not_before = self._clock.monotonic() + error.retry_after_s


def _pause_over(group: Sequence[Pause]) -> tuple[str, dict[str, str]]:
    """Give the notice of pauses that were begun as one and ran out."""
    first = group[0]
    if len(group) == 1:
        return "pause_over", {"target": first.target, "who": first.who}
    return "pauses_over", {"target": first.target, "count": f"{len(group):,}", "who": first.who}


def _span(begin: datetime, end: datetime) -> dict[str, datetime]:
    return {"begin": begin, "end": end}
