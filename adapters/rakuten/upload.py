"""楽天市場 without its API: stock goes in as CSV files over SFTP (商品一括編集).

Nothing can be read back, and orders do not come this way. A file vanishes when it is taken up; rows that
failed are named in a log, and that no log comes for some minutes means that all were taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Event
from typing import ClassVar

from adapters.contract import (
    Abilities,
    Ability,
    Address,
    CheckResult,
    Clock,
    CredentialKind,
    Credentials,
    CredentialStatus,
    LineResult,
    LowersOwnStock,
    Outcome,
    Product,
    ProductFile,
    Quota,
    StockLevel,
    StockLine,
)
from adapters.errors import (
    LineRejectedError,
    OutcomeUnknownError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.files import NotThereError
from adapters.pacer import Pacer
from adapters.rakuten import csvfiles, wire
from adapters.rakuten.batch import SCREEN
from adapters.rakuten.options import UploadOptions
from adapters.sftp import SftpSession
from adapters.uploads import WithoutOrders, deny, login_status

WRITE_BATCH = 25_000  # lines: at most 50,000 rows, as clients split files at 60,000
LOG_IN = "log_in"
LOG_MAX_BYTES = 20_000_000
DOWNLOAD_MAX_BYTES = 200_000_000
_LOOK_AGAIN_S = 60.0
_READ = "2026-09-30"  # when the sources were last read
_SCREEN = replace(SCREEN, operation="write_stock")
_CLIENTS = "clients of 商品一括編集; the manual is behind the RMS log-in and was not read"
_PAGE = "https://mainmenu.rms.rakuten.co.jp/"

ABILITIES = Abilities(
    mall="rakuten",
    name_ja="楽天市場",
    name_en="Rakuten Ichiba",
    code_field="システム連携用SKU番号",
    code_pattern=r"[^\x00-\x20\x7f\u3000]+",
    code_max_bytes=96,
    quantity_max=wire.QUANTITY_MAX,
    readable=Ability(False, "a download shows the stock of when a person asked for it", _CLIENTS, _READ),
    products=Ability(True, "the newest dl-normal-item file, which a person asks for in RMS", _CLIENTS, _READ),
    orders=Ability(False, "this route has none; give them to the bot as files", _CLIENTS, _READ),
    relative_write=Ability(False, "在庫数 sets the number", _CLIENTS, _READ),
    write_batch=WRITE_BATCH,
    read_batch=None,
    quotas={LOG_IN: Quota(per_s=1, burst=10)},  # our own courtesy: no limit is published
    credentials=(
        CredentialKind("sftp_user", "FTPユーザー名", "SFTP user", page_url=_PAGE, secret=False),
        CredentialKind(
            "sftp_password", "SFTPパスワード", "SFTP password", life_days=90, activation_s=300, page_url=_PAGE
        ),
    ),
    lowers_own_stock=LowersOwnStock.AT_ORDER,
    visible_after_s=900,
    look_back_s=0,
    late_confirm=True,
    expected_delay_s=900,
    min_write_interval_s=60,
)


@dataclass
class _Upload:
    """A file of ours: what it holds, and when it was first seen to be gone."""

    addresses: set[Address]
    gone_at: float | None = None


class UploadAdapter(WithoutOrders):
    """One shop of 楽天市場, by files. Addresses are those of ``RakutenAdapter``.

    What is remembered of an upload may be lost with the process: it is only seen to be gone later then.
    """

    abilities: ClassVar[Abilities] = ABILITIES

    def __init__(self, options: UploadOptions, credentials: Credentials, clock: Clock, stop: Event) -> None:
        self._options = options
        self._credentials = credentials
        self._clock = clock
        self._pacer = Pacer(ABILITIES.quotas, clock, stop)
        self._uploads: dict[str, _Upload] = {}
        self._last_name = ""

    def _session(self) -> AbstractContextManager[SftpSession]:
        area = self._options.area(self._credentials)
        self._pacer.wait(LOG_IN)
        return area.session()

    def _names(self, files: SftpSession, folder: str) -> list[str]:
        path = f"{self._options.folder}/{folder}"
        try:
            return [entry.name for entry in files.list(path) if not entry.folder]
        except NotThereError as error:
            text = f"the file area has no folder {path}; is 商品一括編集 subscribed to?"
            raise UnexpectedReplyError(text, operation="list", vendor_code=error.vendor_code) from error

    def check(self) -> CheckResult:
        """Log in and list the two folders that matter; writes nothing."""
        with self._session() as files:
            waiting, logs = self._names(files, "batch"), self._names(files, "logs")
        return CheckResult(f"logged in; {len(waiting)} file(s) waiting, {len(logs)} log(s)")

    def read_products(self) -> list[Product]:
        """Read the newest product download that lies in the file area.

        Raises:
            TemporaryError: there is none; a person asks for it in RMS.
        """
        folder = f"{self._options.folder}/download"
        with self._session() as files:
            names = csvfiles.newest(self._names(files, "download"))
            found = {name: files.get(f"{folder}/{name}", DOWNLOAD_MAX_BYTES) for name in names}
        if not found:
            text = f"no dl-normal-item file in {folder}"
            raise TemporaryError(text, operation="read_products", hint="rakuten_no_download")
        products = csvfiles.products_of(found)
        self.progress(len(products), len(products))
        return products

    def parse_products(self, name: str, content: bytes) -> ProductFile:
        """Read a product download that a person fetched from RMS."""
        return ProductFile(tuple(csvfiles.products_of({name: content})))

    def read_stock(self, addresses: Sequence[Address]) -> dict[Address, StockLevel]:
        """Unsupported: see the abilities."""
        del addresses
        deny("read_stock", self.abilities.readable)

    def write_stock(self, lines: Sequence[StockLine]) -> list[LineResult]:
        """Send one file with all good lines; they are SENT, with the file's name as ticket.

        Raises:
            ValueError: more than ``WRITE_BATCH`` lines; no call was made.
            RateLimitedError: a file of ours was not taken yet. In which order files are taken is not
                documented, so two never wait at once; nothing was sent.
        """
        if len(lines) > WRITE_BATCH:
            raise ValueError(f"{len(lines)} lines, at most {WRITE_BATCH} in one file")
        results = _SCREEN.refused_of(lines, self.abilities)
        places = [place for place in range(len(lines)) if place not in results]
        if places:
            sent = self._send([lines[place] for place in places])
            results |= dict(zip(places, sent, strict=True))
        return [results[place] for place in range(len(lines))]

    def _send(self, lines: Sequence[StockLine]) -> list[LineResult]:
        outcome, lost = Outcome.SENT, None
        with self._session() as files:
            name = self._next_name(self._names(files, "batch"))
            try:
                files.put_new(f"{self._options.folder}/batch/{name}", csvfiles.stock_file(lines))
            except OutcomeUnknownError as error:
                outcome, lost = Outcome.UNKNOWN, error
        self._last_name = name
        self._uploads[name] = _Upload({wire.key(line.address) for line in lines})
        return [LineResult(line, outcome, lost, name) for line in lines]

    def _next_name(self, waiting: Sequence[str]) -> str:
        held = [name for name in waiting if csvfiles.is_ours(name)]
        if held:
            words = f"{held[0]} was not taken yet"
            raise RateLimitedError(words, retry_after_s=_LOOK_AGAIN_S, operation="write_stock")
        now = self._clock.now()
        while (name := csvfiles.stock_name(now)) == self._last_name:
            now += timedelta(seconds=1)
        return name

    def confirm(self, lines: Sequence[LineResult]) -> list[LineResult]:
        """Ask what became of files: gone without a log for ``no_log_s`` means that all rows were taken.

        Rows that a log names are refused and the others of its file done.
        """
        sent = [line for line in lines if line.outcome is Outcome.SENT]
        if not sent:
            return list(lines)
        for line in sent:
            upload = self._uploads.setdefault(line.ticket, _Upload(set()))
            upload.addresses.add(wire.key(line.line.address))
        tickets = {line.ticket for line in sent}
        with self._session() as files:
            gone = tickets - set(self._names(files, "batch"))
            logs = self._names(files, "logs") if gone else []
            found = {ticket: self._refusals(files, ticket, logs) for ticket in sorted(gone)}
        self._uploads = {ticket: self._uploads[ticket] for ticket in tickets if found.get(ticket) is None}
        return [_confirmed(line, found.get(line.ticket)) for line in lines]

    def _refusals(self, files: SftpSession, ticket: str, logs: Sequence[str]) -> dict[Address, str] | None:
        """Give the rows of a file that were refused; None while that may still change."""
        upload = self._uploads[ticket]
        now = self._clock.monotonic()
        upload.gone_at = now if upload.gone_at is None else upload.gone_at
        waited = now - upload.gone_at >= self._options.no_log_s
        contents = [
            files.get(f"{self._options.folder}/logs/{name}", LOG_MAX_BYTES)
            for name in logs
            if csvfiles.is_log_of(name, ticket)
        ]
        whole = bool(contents) and all(content.endswith(b"\n") for content in contents)
        if not waited and not whole:
            return None
        return csvfiles.refusals(b"".join(contents), upload.addresses) if contents else {}

    def credential_status(self) -> list[CredentialStatus]:
        """Log in and out; the server judges user and password together, and tells no end."""
        kinds = [kind.name for kind in self.abilities.credentials]
        return login_status(self._session, kinds, "credential_missing")

    def normalise(self, line: StockLine) -> StockLine:
        """Give the line with the manage number in lower case and the quantity within the cap."""
        quantity = min(line.quantity, self.abilities.quantity_max)
        return replace(line, address=wire.key(line.address), quantity=quantity)

    @classmethod
    def belongs(cls, current: Credentials, candidate: Credentials) -> str:
        """Judge the form. Source: CROSS MALL manual, SFTP password: 8 letters, digits or ``/ . @ - =``."""
        del current
        password, user = candidate.get("sftp_password"), candidate.get("sftp_user")
        good = not password or re.fullmatch(r"[0-9A-Za-z/.@=-]{8}", password.reveal())
        return "" if good and (not user or re.fullmatch(r"[!-~]+", user.reveal())) else "renew_wrong_form"


def _confirmed(result: LineResult, refused: dict[Address, str] | None) -> LineResult:
    if result.outcome is not Outcome.SENT or refused is None:
        return result
    reason = refused.get(wire.key(result.line.address))
    if reason is None:
        return replace(result, outcome=Outcome.DONE)
    error = LineRejectedError(result.line.mall_code, reason, operation="confirm")
    return replace(result, outcome=Outcome.REFUSED, error=error)
