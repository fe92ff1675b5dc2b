"""Puts the application together, and runs it. The only place that knows all parts.

``Bot`` opens the state and builds the parts; the shell's commands use it as it is.
``run`` takes the lock and starts the threads.
"""

from __future__ import annotations

import logging
import resource
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from types import TracebackType

from adapters import registry
from adapters.clock import SystemClock
from adapters.contract import Abilities, Adapter, ShopSettings
from adapters.errors import ConfigError
from adapters.secret import Secret
from adapters.table import abilities_table
from bot import interpreter
from bot.actions import Actions
from bot.answers import CredentialRow
from bot.config import Config
from bot.credentials import ledger
from bot.credentials.ledger import VARIABLES
from bot.credentials.opening import open_vault, refuse_lost_vault
from bot.credentials.own import OwnCredentials
from bot.credentials.renewal import Renewals, Trial, TrialResult
from bot.desks import Desks
from bot.expiry import Warnings
from bot.following import Following
from bot.foresight import Foresight
from bot.health import Health
from bot.logs import Redaction, set_up_logging
from bot.mapping.branch import CommitFiles
from bot.mapping.codes import CodeRule
from bot.mapping.compiled import COMPILED
from bot.mapping.follow import MappingFollower
from bot.mapping.forge import Forge
from bot.mapping.locate import locate
from bot.mapping.model import Shop
from bot.mapping.repo import Access, MappingRepository
from bot.merging import Merging
from bot.oversells import Oversells
from bot.polling import Polling
from bot.proposing import Proposing, forge_of
from bot.pulse import Pulse
from bot.reminders import PauseReminder
from bot.reviewing import Reviewing
from bot.scheduler import Calendar, Turn, Watch, Worker
from bot.shopstate import ShopStates
from bot.slack.app import SlackFace, SlackSettings
from bot.slack.http import HttpAddress
from bot.store.books import SqlBooks
from bot.store.database import ChangeWatch, open_database, prepare_folder
from bot.store.incidents import Incidents
from bot.store.lock import StateLock
from bot.store.notes import Remembered
from bot.sync.engine import Engine as SyncEngine
from bot.sync.guard import Limits
from bot.sync.values import Part, Why
from bot.turns import Turns
from bot.weekly import WeeklyReport

STOP_WITHIN_S = 5.0
LINE_BOUNDARY_S = 2.5  # as long as that a call under way may take to end by itself

_SHOP_WORKER = "shop "
_MOST_FETCHED = 256 * 1024 * 1024  # bytes that one pull request may bring
_GOLDEN = 0.618034  # steps of this size spread any number of shops over an interval

log = logging.getLogger(__name__)


class Bot:
    """The parts of one bot over one state folder. Use as a context manager."""

    def __init__(self, config: Config, environment: Mapping[str, str]) -> None:
        self.config = config
        self._environment = environment
        self.clock = SystemClock()
        self.stop = threading.Event()
        self.redaction = Redaction()
        set_up_logging(self.redaction)
        folder = config.state.folder
        if folder.resolve() in config.state.vault_key_file.resolve().parents:
            raise ConfigError("state.vault_key_file must lie outside the state folder")
        self.vault = open_vault(folder, config.state.vault_key_file, environment)
        prepare_folder(folder)
        self.engine = open_database(folder)
        refuse_lost_vault(self.vault, self.engine)
        self._workers: dict[str, Worker] = {}
        self._reviewer: Worker | None = None
        self._forge: Forge | None = None
        self._build()

    def _build(self) -> None:
        remembered = Remembered(self.engine)
        self.incidents = Incidents(self.engine)
        self.repository = self._mapping_repository()
        self.following = Following(
            MappingFollower(self.repository, remembered),
            remembered,
            self.incidents,
            self.clock,
            on_merge=lambda *merge: self.merging.note(*merge),
        )
        mapping = self.following.mapping
        self.own = OwnCredentials(self.engine, self.incidents, self.clock, self._language)
        self.desks = Desks(self.config, self.vault, mapping, self._adapter, self._abilities)
        self.renewals = Renewals(self.vault, self.engine, self.desks.adapter)
        self.polling = Polling(self.engine, mapping, self.desks, self.clock)
        self.states = ShopStates(self.engine, self.renewals, self.desks, self.following.in_force)
        self.health = Health(self.engine, self.incidents, self.config.sync.alert_after)
        self.pulse = Pulse(self.incidents, self.clock)
        self.oversells = Oversells(self.engine, self.incidents, self.following.in_force, self.desks)
        books = SqlBooks(self.engine, self.clock)
        self.sync = SyncEngine(books, mapping, self.clock, self.stop, self.wake, self._parts, self._limits())
        self.merging = Merging(remembered, books, self._wake_reviewer, self.forge)
        self.reviewing = self._reviewing(books)
        self.actions = Actions(
            self.engine,
            self.following.in_force,
            self.desks,
            self.states,
            self.renewals,
            self.sync,
            self.clock,
            self.wake,
            timedelta(seconds=self.config.guard.alone_after_s),
            known_errors=registry.known_errors,
            setup_stages=lambda shop: registry.setup_stages(shop.mall, self._settings(shop)),
            renew_in_slack=self.config.slack.renew_in_slack,
            own_credentials=self._own_rows,
        )
        self.actions.proposing = self._proposing()
        self.actions.inquiries.locate = lambda commit, product: locate(
            CommitFiles(self.repository, commit), product
        )

    def _proposing(self) -> Proposing:
        """Give the room of proposals, with a clone of its own: people ask for them beside the follower."""
        return Proposing(
            self.engine,
            self._mapping_repository("proposals.git"),
            self.following.in_force,
            self.clock,
            malls=CodeRules(),
            forge=self.new_forge,
            email=self.config.forge.email,
        )

    def _limits(self) -> Limits:
        settings = self.config.guard
        return Limits(
            settings.changed_percent,
            settings.changed_codes,
            settings.zero_percent,
            settings.zero_codes,
            settings.list_percent,
        )

    def _reviewing(self, books: SqlBooks) -> Reviewing:
        foresight = Foresight(books, self.states, self.clock, self.stop)
        return Reviewing(
            self.engine,
            self._mapping_repository("reviews.git", _MOST_FETCHED),
            self.following.in_force,
            foresight,
            self.incidents,
            self.clock,
            self.stop,
            malls=CodeRules(),
            forge=self.forge,
        )

    def forge(self) -> Forge | None:
        """Give the forge of the settings; None where none is set. Ended with the bot.

        Raises:
            ConfigError: a half of it is set, or there is no token.
        """
        self._forge = self.new_forge()
        return self._forge

    def new_forge(self) -> Forge | None:
        """Give the forge of the settings, the caller's to end; None where none is set.

        Raises:
            ConfigError: a half of it is set, or there is no token.
        """
        owner = "forge" if self._own("forge", "token") else "mapping"
        forge = forge_of(self.config.forge, self._own(owner, "token"))
        if forge:
            forge.heard = partial(self.own.heard, owner, "token")
        return forge

    def _mapping_repository(self, name: str = "repo.git", max_bytes: int = 0) -> MappingRepository:
        settings = self.config.mapping
        if not settings.url:
            raise ConfigError("mapping.url is not set: the address of the mapping repository")
        access = Access(
            ca_file=settings.ca_file,
            token=self._own("mapping", "token"),
            allow_file=settings.allow_file,
            max_bytes=max_bytes,
        )
        folder = self.config.state.folder / name
        compiled = self.config.state.folder / COMPILED if name == "repo.git" else None
        return MappingRepository(
            settings.url,
            settings.branch,
            folder,
            access=access,
            malls=CodeRules(),
            stop=self.stop,
            compiled=compiled,
        )

    def _adapter(self, shop: Shop, credentials: Mapping[str, Secret]) -> Adapter:
        for value in credentials.values():
            self.redaction.know(value)
        return registry.create(shop.mall, self._settings(shop), credentials, self.clock, self.stop)

    def _abilities(self, shop: Shop) -> Abilities:
        return registry.abilities(shop.mall, self._settings(shop))

    def _settings(self, shop: Shop) -> ShopSettings:
        mode = {"mode": shop.mode} if shop.mode else {}
        return ShopSettings(shop.name, {**mode, **self.config.shop(shop.name).options})

    def secret(self, owner: str, kind: str, variable: str) -> Secret | None:
        """Give a secret of the bot's own: from the environment, else from the vault."""
        value = self._environment.get(variable)
        found = Secret(value) if value else self.vault.values(owner).get(kind)
        if found:
            self.redaction.know(found)
        return found

    def _parts(self) -> dict[str, Part]:
        return self.states.parts(self.clock.now())

    def restore_mapping(self) -> None:
        """Take up the mapping for a command of the shell; fetched only if it never was.

        Raises:
            ConfigError: there is no mapping that is good.
        """
        self.following.restore()
        if not self.following.mapping().shops:
            self.following.look(self.sync.mark_all)
        if not self.following.mapping().shops:
            raise ConfigError("no good mapping yet; see the incident in Slack or 'tanaban mapping check'")

    def try_renewal(self, shop: str) -> TrialResult:
        """Try what is on trial, once, where no bot runs that would.

        Raises:
            LockHeldError: one runs.
        """
        with StateLock(self.config.state.folder) as lock:
            lock.acquire(self.clock.now())
            now = self.clock.now()
            result = self.renewals.try_now(shop, now)
            if result.trial is Trial.LIVE:
                self.sync.mark_all({shop: list(self.following.mapping().listings(shop))}, Why.RESUME)
                self.health.unblock(shop, now)
                self.renewals.promote(shop, result.expiries, now)
            return result

    def wake(self, shops: Iterable[str] | None) -> None:
        """Wake the workers of some shops, or of all; in another process the watch does it."""
        for name in self._workers if shops is None else shops:
            if name in self._workers:
                self._workers[name].wake()

    def __enter__(self) -> Bot:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.desks.close()
        self.engine.dispose()

    # ------------------------------------------------------------------ running

    def run(self) -> None:
        """Run until SIGTERM or SIGINT; a run ends at a line boundary and loses nothing.

        Raises:
            LockHeldError: another bot runs on this state folder.
            ConfigError: Slack refuses the tokens.
        """
        lock = StateLock(self.config.state.folder)
        lock.acquire(self.clock.now())
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump of the memory would hold every credential
        interpreter.share()
        face = self._slack_face()
        watch, orderly = ChangeWatch(self.config.state.folder), False
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: self.stop.set())
            self.following.restore()  # first: who may do what is written there
            face.start()
            self._run_threads(face, watch)
            orderly = True
        finally:
            self.stop.set()
            self.actions.errands.close()
            face.stop(orderly=orderly)
            watch.close()
            lock.release()

    def _run_threads(self, face: SlackFace, watch: ChangeWatch) -> None:
        turns = self._turns(face)
        self._reviewer = self._review_mapping(face)
        threads: list[threading.Thread] = [
            self._follow_mapping(turns),
            self._reviewer,
            Watch(watch.changed, [lambda: self.wake(None), face.wake], self.clock, self.stop),
            self._calendar(turns, face),
        ]
        self.pulse.heard = face.beat
        self._start_workers(turns)
        for thread in threads:
            thread.start()
        log.info("running")
        self.stop.wait()
        log.info("stopping")
        for thread in threads:
            if isinstance(thread, Worker):
                thread.wake()
        self.wake(None)
        everybody = [*self._workers.values(), *threads]
        self._join(everybody, LINE_BOUNDARY_S)
        self.desks.close()  # ends a call that still waits for its answer: it is read back next time
        if self._forge:
            self._forge.close()
        self._join(everybody, STOP_WITHIN_S - LINE_BOUNDARY_S - 1)

    def _join(self, threads: Iterable[threading.Thread], within_s: float) -> None:
        deadline = self.clock.monotonic() + within_s
        for thread in threads:
            thread.join(max(0.0, deadline - self.clock.monotonic()))

    def _turns(self, face: SlackFace) -> Turns:
        return Turns(
            self.engine,
            self.sync,
            self.following.mapping,
            self.desks,
            self.states,
            self.renewals,
            self.health,
            self.clock,
            self.config.sync,
            face.say,
            self.actions.errands.work,
            self.pulse.beat,
        )

    def _start_workers(self, turns: Turns) -> None:
        """Start a worker for each shop of the mapping that has none yet."""
        for name in self.following.mapping().shops:
            if name not in self._workers and not self.stop.is_set():
                phase = 1 - len(self._workers) * _GOLDEN % 1
                self._workers[name] = self._worker(
                    _SHOP_WORKER + name, self._turn_of(turns, name), partial(self._interval_s, name), phase
                )
                self._workers[name].start()

    def _turn_of(self, turns: Turns, name: str) -> Turn:
        def turn(tick: bool) -> float | None:  # noqa: FBT001
            again_s = turns.turn(name, tick=tick)
            if tick:
                self.oversells.look(self.clock.now())
            self.pulse.beat(name)  # not where the turn raised: then nothing was done
            return again_s

        return turn

    def hurry(self, shop: str) -> bool:
        """Have a shop take its turn now; False where none works for it."""
        worker = self._workers.get(shop)
        if worker is not None:
            worker.hurry()
        return worker is not None

    def _least_interval_s(self) -> float:
        return min((self._interval_s(name) for name in list(self._workers)), default=0.0)

    def _interval_s(self, name: str) -> float:
        shop = self.following.mapping().shops.get(name)
        # One that has left the mapping may come back.
        return self.polling.interval_s(shop) if shop else self.config.sync.poll_interval_s

    def _follow_mapping(self, turns: Turns) -> Worker:
        def look(tick: bool) -> None:  # noqa: FBT001
            if tick and self.following.look(self.sync.mark_all):
                self._start_workers(turns)
            if tick and self._own("mapping", "token") and (refusal := self.following.refusal) is not None:
                self.own.heard("mapping", "token", refusal)

        return self._worker("mapping", look, lambda: self.config.mapping.poll_interval_s)

    def _review_mapping(self, face: SlackFace) -> Worker:
        """Give the worker that speaks to the forge: one that hangs keeps nobody else waiting."""

        def look(tick: bool) -> None:  # noqa: FBT001
            self.merging.tell(face.say)
            if tick:
                self.reviewing.look()

        return self._worker("reviews", look, lambda: self.config.mapping.poll_interval_s)

    def _wake_reviewer(self) -> None:
        if self._reviewer:
            self._reviewer.wake()

    def _own(self, owner: str, kind: str) -> Secret | None:
        return self.secret(owner, kind, VARIABLES[owner, kind])

    def credential_rows(self) -> list[CredentialRow]:
        """Give the ledger of credentials."""
        return self._rows(self.malls())

    def _own_rows(self) -> list[CredentialRow]:
        return self._rows({})

    def _rows(self, malls: Mapping[str, Abilities]) -> list[CredentialRow]:
        return ledger.rows(self.engine, self.vault, malls, self._environment, self.clock.now())

    def _language(self) -> str:
        return self.following.in_force().team.language

    def malls(self) -> dict[str, Abilities]:
        """Give what the mall of each shop can do."""
        return {name: self._abilities(shop) for name, shop in self.following.mapping().shops.items()}

    def _worker(self, name: str, turn: Turn, interval_s: Callable[[], float], phase: float = 1.0) -> Worker:
        return Worker(name, turn, interval_s, self.clock, self.stop, self._unforeseen, phase)

    def _calendar(self, turns: Turns, face: SlackFace) -> Calendar:
        calendar = Calendar(self.clock, self.stop)
        calendar.jobs.every().day.do(turns.ask_for_expiries)
        calendar.jobs.every(interpreter.SWEEP_EVERY_MIN).minutes.do(interpreter.sweep)
        in_force = self.following.in_force
        calendar.jobs.every().minute.do(self.pulse.look)
        report = WeeklyReport(self.engine, in_force, self.desks, self.clock, face.tell_week)
        calendar.jobs.every(10).minutes.do(report.look)  # it knows itself when a week is over
        reminder = PauseReminder(self.engine, self.following.in_force, self.clock, face.say)
        calendar.jobs.every(10).minutes.do(reminder.remind)  # it knows itself when a day is over
        lead = timedelta(days=self.config.credentials.lead_days)
        warnings = Warnings(self.engine, in_force, self.desks, self.clock, face.say, lead)
        calendar.jobs.every(10).minutes.do(warnings.look)  # likewise with its steps
        warnings.look()
        return calendar

    def _unforeseen(self, worker: str, error: Exception) -> None:
        """Tell people of an error that is not one of ours: it must not stay in a log alone."""
        params = {"detail": f"{worker}: {type(error).__name__}"}
        shop = worker.removeprefix(_SHOP_WORKER)
        shop = shop if shop in self._workers else ""  # a shop's own is over with its next good turn
        self.incidents.raise_(shop, "unknown", params, self.clock.now(), "critical")

    def _slack_face(self) -> SlackFace:
        slack = self.config.slack
        bot_token = self._slack_secret("bot_token")
        app_token = http = None
        if slack.mode == "http":
            http = HttpAddress(*slack.address, self._slack_secret("signing_secret"))
        else:
            app_token = self._slack_secret("app_token")
        settings = SlackSettings(bot_token, app_token, http, slack.api_url, slack.ca_file, slack.command)
        return SlackFace(
            self.actions,
            self.engine,
            settings,
            self.clock,
            self.stop,
            retry=self.hurry,
            longest_s=self._least_interval_s,
            heard=partial(self.own.heard, "slack"),
        )

    def _slack_secret(self, kind: str) -> Secret:
        found = self._own("slack", kind)
        if found is None:
            raise ConfigError(f"no Slack {kind}; run: tanaban credentials set slack {kind}")
        return found


def mall_table() -> str:
    """Give the table of what each mall can do."""
    return abilities_table(registry.all_abilities())


class CodeRules(Mapping[str, CodeRule]):
    """What each mall accepts as a code; a mall is imported when the mapping names it."""

    def __getitem__(self, mall: str) -> CodeRule:
        if mall not in registry.MALLS:
            raise KeyError(mall)
        can = registry.abilities(mall)
        return CodeRule(
            can.code_pattern,
            can.code_max_bytes,
            can.name_ja,
            can.name_en,
            can.code_field,
            can.code_screen,
            written=can.writable is None or can.writable.able,
        )

    def __contains__(self, mall: object) -> bool:
        return mall in registry.MALLS

    def __iter__(self) -> Iterator[str]:
        return iter(registry.MALLS)

    def __len__(self) -> int:
        return len(registry.MALLS)
