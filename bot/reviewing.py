"""Reviews open pull requests of the mapping: one comment each, edited on each push, and a status.

The forge is polled, so the bot needs no address of its own. What a pull request brings lies in a
clone beside the one that is followed, which may be deleted at any time. Nothing that fails here
disturbs following or syncing.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from threading import Event

from sqlalchemy import Engine

from adapters.contract import Clock
from adapters.errors import ConfigError, MappingError, RateLimitedError, TanabanError
from bot.following import MappingInForce
from bot.foresight import Foresight
from bot.mapping.branch import CommitFiles
from bot.mapping.check import check
from bot.mapping.codes import CodeRule
from bot.mapping.forge import Forge, ForgeError, PullRequest
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import ShopStatus
from bot.mapping.problem import Problem
from bot.mapping.repo import MappingRepository, RemoteError, RemoteFault
from bot.mapping.review import Report, ShopList, shop_list
from bot.mapping.reviewtext import MARKER, comment, content, status
from bot.mapping.snapshot import ShopSnapshot
from bot.mapping.snapshot_check import check_snapshot
from bot.mapping.source import Source
from bot.messages import say
from bot.store import products
from bot.store.database import reading
from bot.store.incidents import Incidents
from bot.store.notes import Remembered

CONTEXT = "tanaban/mapping"
MOST = 20  # pull requests looked into in one round
AGAIN = timedelta(minutes=15)  # the stock moves: so often the numbers are computed anew

_OF_ONE = (404, 409, 410, 422)  # answers of a forge that speak of one pull request
_TOLD_AFTER = 3  # rounds in a row that failed
_RECORDS = "mapping.reviews"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Record:
    """What was said last of a pull request.

    Args:
        basis: all that it rested on but for the stock.
        text: a digest of the comment.
        status: the state and the words beside it.
    """

    head: str
    basis: str
    at: str
    text: str
    status: tuple[str, str]


class Reviewing:
    """Looks at all open pull requests; keeps what it said last, over restarts.

    Args:
        repository: a clone for pull requests alone, with a bound for what is fetched.
        malls: what each mall accepts as a code.
        forge: gives the forge, or None where none is set; asked once a round.
    """

    def __init__(
        self,
        engine: Engine,
        repository: MappingRepository,
        in_force: Callable[[], MappingInForce],
        foresight: Foresight,
        incidents: Incidents,
        clock: Clock,
        stop: Event,
        *,
        malls: Mapping[str, CodeRule],
        forge: Callable[[], Forge | None],
    ) -> None:
        self._engine = engine
        self._repository = repository
        self._in_force = in_force
        self._foresight = foresight
        self._incidents = incidents
        self._clock = clock
        self._stop = stop
        self._malls = malls
        self._forge = forge
        self._remembered = Remembered(engine)
        self._not_before = 0.0
        self._failures = 0
        self._login = ""

    def look(self) -> None:
        """Do one round: look into each pull request that has moved, or whose ground has."""
        if self._clock.monotonic() < self._not_before or not self._in_force().commit:
            return
        try:
            self._with_forge()
        except RateLimitedError as error:
            self._not_before = self._clock.monotonic() + (error.retry_after_s or 60)
            log.info("%s", error)
        except TanabanError as error:
            self._failed(error)
        else:
            self._failures = 0
            self._incidents.recover("", "forge", self._clock.now())

    def _with_forge(self) -> None:
        forge = self._forge()
        if forge is None:
            return
        try:
            self._round(forge)
        finally:
            forge.close()

    def _failed(self, error: TanabanError) -> None:
        self._login = ""  # another token may be another person's
        if self._stop.is_set():
            return
        self._failures += 1
        log.warning("%s", error)
        if self._failures == _TOLD_AFTER:
            self._incidents.raise_("", "forge", {"detail": str(error)}, self._clock.now(), "warning")

    def _round(self, forge: Forge) -> None:
        branch = self._repository.branch
        found = [request for request in forge.open_requests() if request.base == branch]
        records = self._records()
        self._keep({number: record for number, record in records.items() if number in _numbers(found)})
        basis = self._basis()
        due = [each for each in found if self._is_due(records.get(each.number), each, basis)]
        if not due:
            return
        base, refused = self._repository.fetch_branch(), None
        for request in sorted(due, key=lambda each: each.number, reverse=True)[:MOST]:
            if self._stop.is_set():
                return
            try:
                self._review(forge, request, base, basis)
            except ForgeError as error:
                if error.status not in _OF_ONE:
                    raise
                refused = error  # the others are looked into all the same
        if refused:
            raise refused

    def _is_due(self, record: Record | None, request: PullRequest, basis: str) -> bool:
        if record is None or (record.head, record.basis) != (request.head_commit, basis):
            return True
        return self._clock.now() - datetime.fromisoformat(record.at) > AGAIN

    def _basis(self) -> str:
        """Name what every review rests on beside the pull request itself and the stock."""
        now = self._in_force()
        with reading(self._engine) as connection:
            ages = [str(products.read_at(connection, shop)) for shop in now.mapping.shops]
        return _digest("\n".join([now.commit, now.team.language, *ages]))

    # ------------------------------------------------------------------ one of them

    def _review(self, forge: Forge, request: PullRequest, base: str, basis: str) -> None:
        language, last = self._in_force().team.language, self._records().get(request.number)
        if last is None or last.head != request.head_commit:
            self._set_status(forge, request, ("pending", say("review.status.pending", language)))
            last = None
        text = ""
        try:
            report = self._report(request, base)
        except (MappingError, ConfigError) as error:
            _pass_on(error)
            log.warning("pull request #%s: %s", request.number, error)
            told = ("error", say("review.status.error", language, detail=str(error)))
        else:
            if report is None or self._stop.is_set():
                return  # it moved meanwhile, or there is no time to say it
            now, told = self._clock.now(), status(report, language)
            text = _digest(content(report, now, language))
            if last is None or last.text != text:
                self._post(forge, request.number, comment(report, now, language))
        if last is None or last.status != told:
            self._set_status(forge, request, told)
        record = Record(request.head_commit, basis, self._clock.now().isoformat(), text, told)
        self._keep(self._records() | {request.number: record})

    def _set_status(self, forge: Forge, request: PullRequest, told: tuple[str, str]) -> None:
        state, words = told
        forge.set_status(request.head_commit, state, words, CONTEXT)

    def _post(self, forge: Forge, number: int, body: str) -> None:
        """Put the comment into the place of ours; found by its first line and its author, never by memory."""
        self._login = self._login or forge.me()
        own = [
            each
            for each in forge.comments(number)
            if each.author == self._login and each.body.startswith(MARKER)
        ]
        if not own:
            forge.comment(number, body)
        elif own[0].body != body:
            forge.edit_comment(own[0].id, body)

    # ------------------------------------------------------------------ what is said of it

    def _report(self, request: PullRequest, base: str) -> Report | None:
        """Check what a merge would give; None where the pull request moves just now."""
        head = self._repository.fetch_request(request.number)
        if head != request.head_commit:
            return None
        tree = self._repository.merged(base, head)
        source = CommitFiles(self._repository, tree or head)
        found, merged = check(source, self._malls), tree is not None
        if found.mapping is None:
            return Report(self._repository.branch, base, head, merged, found.problems)
        differing, lists = self._compared(source, found.mapping)
        return Report(
            self._repository.branch,
            base,
            head,
            merged,
            (*found.problems, *differing),
            tuple(lists),
            self._foresight.effects(self._in_force().mapping, found.mapping),
        )

    def _compared(
        self, source: Source, mapping: CodeMapping
    ) -> tuple[tuple[Problem, ...], Iterator[ShopList]]:
        """Compare with what the shops listed when their lists were read last."""
        snapshots = self._snapshots(mapping)
        found = check_snapshot(source, mapping, snapshots, self._malls, self._clock.now())
        told = tuple(problem for problem in found if problem.key != "listing_unknown")  # counted by shop
        return told, self._lists(mapping, snapshots, found)

    def _lists(
        self, mapping: CodeMapping, snapshots: Mapping[str, ShopSnapshot], found: tuple[Problem, ...]
    ) -> Iterator[ShopList]:
        parts = self._foresight.parts(mapping)
        for shop in mapping.shops.values():
            if shop.status is ShopStatus.ACTIVE and self._malls[shop.mall].written:
                listed, part = snapshots.get(shop.name), parts.get(shop.name)
                read_at = listed.read_at if listed else None
                still = part is not None and not part.writes
                yield shop_list(mapping, shop.name, read_at, found, still=still)

    def _snapshots(self, mapping: CodeMapping) -> dict[str, ShopSnapshot]:
        found = {}
        with reading(self._engine) as connection:
            for shop in mapping.shops:
                read_at = products.read_at(connection, shop)
                if read_at is not None:
                    found[shop] = ShopSnapshot(shop, read_at, products.all_of(connection, shop))
        return found

    # ------------------------------------------------------------------ records

    def _records(self) -> dict[int, Record]:
        rows = json.loads(self._remembered.get(_RECORDS) or "{}")
        return {
            int(number): Record(**{**row, "status": tuple(row["status"])}) for number, row in rows.items()
        }

    def _keep(self, records: Mapping[int, Record]) -> None:
        if records != self._records():
            rows = {str(number): asdict(record) for number, record in records.items()}
            self._remembered.set(_RECORDS, json.dumps(rows, ensure_ascii=False))


def _numbers(requests: list[PullRequest]) -> set[int]:
    return {request.number for request in requests}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _pass_on(error: TanabanError) -> None:
    """Raise what is no fault of the pull request's: a remote that refuses us, or a stop."""
    if isinstance(error, RemoteError) and error.fault in (RemoteFault.AUTH, RemoteFault.STOPPED):
        raise error
