"""One turn of one shop: trial of a new credential, orders in, numbers out, and what is told of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from adapters.contract import Clock
from adapters.errors import AuthError, MallError, RateLimitedError, TanabanError
from bot.config import SyncSettings
from bot.credentials.renewal import Renewals, Trial
from bot.desks import Desks
from bot.health import Health
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import Shop
from bot.shopstate import ShopStates, Standing
from bot.store import orders, products, switches, writes
from bot.store.database import reading
from bot.store.notes import Remembered
from bot.sync.engine import Desk, Report
from bot.sync.engine import Engine as SyncEngine
from bot.sync.values import Why

IMPORT_EVERY = timedelta(hours=24)
IMPORT_MISSING_EVERY = timedelta(hours=1)
UNLISTED_GRACE = timedelta(hours=24)  # a new listing may be unseen for a day in a mall's own list

_UNLISTED = "unlisted.{}"  # of a shop: code -> since when its list does not hold it

Notify = Callable[[str, dict[str, str]], None]
"""(message key, parameters): says something in the ops channel."""

log = logging.getLogger(__name__)


@dataclass
class Memory:
    """What a shop's worker remembers between turns; lost with the process, and may be."""

    tried_at: float | None = None
    wrote_at: float | None = None
    not_before: float = 0
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
        lines: dict[str, list[str]] = {}
        trouble: MallError | None = None
        if tick:
            self._sync.take_in(desk, report)
            trouble = self._look_around(desk, memory)
            self._sync.apply_unmapped(desk, report)
            self._sync.settle(desk, report, timedelta(seconds=self._settings.overdue_s))
            memory.unknown = frozenset()
        pause_s = self._write(desk, memory, standing, report)
        if tick:  # what fails from here on has kept no number back
            self._sync.take_in_again(desk, report)
            if trouble:
                raise trouble
            lines = self._standing_lines(shop, memory, report)
        lines["line_rejected"] = self._refused_lines(shop)
        memory.failed = ""
        self._health.went_well(report, self._clock.now(), orders_read=tick, standing=lines)
        return pause_s

    def _write(self, desk: Desk, memory: Memory, standing: Standing, report: Report) -> float | None:
        writable = desk.abilities.writable
        if writable is not None and not writable.able:
            self._sync.drop_waiting(desk)
            return None
        if not standing.may_write:
            return None
        now, interval = self._clock.monotonic(), self._desks.min_write_interval_s(desk.shop)
        if memory.wrote_at is not None and (rest := memory.wrote_at + interval - now) > 0:
            return rest
        held_back = standing.paused_codes | memory.unknown
        self._sync.write(desk, report, held_back, lambda: self._standing(desk.shop).may_write)
        memory.unknown |= frozenset(report.unknown)
        if report.written or report.unknown:
            memory.wrote_at = self._clock.monotonic()
        return None

    # ------------------------------------------------------------------ product list

    def _look_around(self, desk: Desk, memory: Memory) -> MallError | None:
        """Read the product list and the credentials' ends; give what failed, for after the writing."""
        try:
            self._import(desk, memory)
            self._ask_expiry(desk, memory)
        except AuthError:
            raise  # not one more call with a credential that is refused
        except MallError as error:
            return error
        return None

    def _import(self, desk: Desk, memory: Memory) -> None:
        """Read the product list when it is old, or when the mapping names what it does not hold."""
        if not desk.abilities.products.able or not self._import_due(desk, memory):
            return
        self._sync.import_products(desk)
        memory.imported_for = self._mapping()
        memory.unlisted = tuple(self._missing(desk))
        # Compared with what is kept, not with the memory: a listing may be made while the bot is down.
        if found := self._unlisted_since(desk.shop.name).keys() - set(memory.unlisted):
            self._sync.mark_all({desk.shop.name: sorted(found)}, Why.MAPPING)

    def _import_due(self, desk: Desk, memory: Memory) -> bool:
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
            known = products.addresses(connection, desk.shop.name, listings.values())
        return sorted(code for code, mall_code in listings.items() if len(known.get(mall_code, ())) != 1)

    def _standing_lines(self, shop: Shop, memory: Memory, report: Report) -> dict[str, list[str]]:
        with reading(self._engine) as connection:
            unmapped = [line.mall_code for line in orders.unmapped_lines(connection, shop.name)]
        has = self._desks.abilities(shop)
        place = f" — {has.code_field}: {has.code_screen}" if has.code_screen else ""
        unlisted = [code + place for code in self._after_grace(shop.name, memory.unlisted)]
        lines = {"unmapped": unmapped, "overdue": report.overdue, "unlisted": unlisted}
        lines["unknown_name"] = self._unknown_names(shop)
        memory.unanswered = memory.unanswered + 1 if report.unknown else 0
        if not report.unknown or memory.unanswered >= self._settings.alert_after:
            lines["outcome_unknown"] = report.unknown
        return lines

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
            self._health.unblock(shop.name, now)
            self._renewals.promote(shop.name, result.expiries, now)
            self._notify("renewal_live", {"shop": shop.name})
        elif result.trial is Trial.FAILED:
            memory.tried_at = None
            self._notify("renewal_failed", {"shop": shop.name})

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
        for pause in over:
            with self._engine.begin() as connection:
                ended = switches.end_pause(connection, pause.pause_id, now)
            if ended:  # and not by the worker of another shop
                self._notify("pause_over", {"target": pause.target, "who": pause.who})

    def _failed(self, shop: Shop, memory: Memory, error: TanabanError) -> None:
        now = self._clock.now()
        said = f"{type(error).__name__}: {error}"
        if said != memory.failed:
            log.warning("%s: %s", shop.name, said)
        memory.failed = said
        self._health.went_wrong(shop.name, error, now)
        if isinstance(error, AuthError):
            kinds = self._desks.abilities(shop).credentials
            self._renewals.refuse(shop.name, kinds, str(error), now)
        if isinstance(error, RateLimitedError) and error.retry_after_s:
            memory.not_before = self._clock.monotonic() + error.retry_after_s
