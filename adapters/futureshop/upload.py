"""futureshop without its API: stock goes in as CSV files over FTPS.

Nothing can be read back. What the shop has is known from the stock files that a person downloads
from the admin screen; they give the header of the uploads too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
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
    Quota,
    StockLevel,
    StockLine,
)
from adapters.errors import (
    AuthError,
    LineRejectedError,
    MallError,
    OutcomeUnknownError,
    RateLimitedError,
    UnexpectedReplyError,
)
from adapters.files import FtpsArea, FtpsSession, NotThereError
from adapters.futureshop import csvfiles, stock, wire
from adapters.futureshop.batch import SCREEN
from adapters.futureshop.csvfiles import Sample, read_sample
from adapters.futureshop.options import UploadOptions
from adapters.pacer import Pacer
from adapters.uploads import WithoutOrders, deny, login_status

ROWS_MAX = 999  # in a file. Source: futureshop manual, goodsVariationStock: up to 1,000 products
LOG_IN = "log_in"
_LOOK_AGAIN_S = 10.0
_READ = "2026-10-01"
_MANUAL = "futureshop manual, goodsVariationStock"

ABILITIES = Abilities(
    mall="futureshop",
    name_ja="futureshop",
    name_en="futureshop",
    code_field="商品番号＋枝番号",
    code_pattern=r"[^\x00-\x20\x7f\u3000,]+",
    code_max_bytes=wire.PRODUCT_NO_BYTES + 2 * wire.BRANCH_NO_BYTES,
    quantity_max=wire.QUANTITY_MAX,
    readable=Ability(False, "a stock file can be downloaded by a person only", _MANUAL, _READ),
    products=Ability(True, "the stock files that a person downloaded", _MANUAL, _READ),
    orders=Ability(False, "orders come over the API or by mail", _MANUAL, _READ),
    relative_write=Ability(
        False,
        "a number with a sign adds, but a file whose fate is unknown could not be repeated",
        _MANUAL,
        _READ,
    ),
    write_batch=ROWS_MAX,
    read_batch=None,
    quotas={LOG_IN: Quota(per_s=1, burst=10)},  # our own courtesy: no limit is published
    credentials=(
        CredentialKind("ftp_user", "FTPユーザー", "FTP user", secret=False),
        CredentialKind("ftp_password", "FTPパスワード", "FTP password"),
    ),
    lowers_own_stock=LowersOwnStock.AT_ORDER,
    visible_after_s=600,
    look_back_s=0,
    late_confirm=True,
    expected_delay_s=1800,
    min_write_interval_s=60,
)


class UploadAdapter(WithoutOrders):
    """One shop of futureshop, by files. Addresses are those of ``FutureshopAdapter``."""

    abilities: ClassVar[Abilities] = ABILITIES

    def __init__(self, options: UploadOptions, credentials: Credentials, clock: Clock, stop: Event) -> None:
        self._options = options
        self._credentials = credentials
        self._clock = clock
        self._pacer = Pacer(ABILITIES.quotas, clock, stop)

    def check(self) -> CheckResult:
        """Read the samples, log in and list the folder; writes nothing."""
        units = sum(len(sample.names) for sample in self._samples())
        with self._session() as files:
            waiting = len(self._waiting(files))
        return CheckResult(f"logged in; {waiting} file(s) waiting; {units} SKUs in the downloaded files")

    def _session(self) -> AbstractContextManager[FtpsSession]:
        user, password = self._credentials.get("ftp_user"), self._credentials.get("ftp_password")
        if not user or not password:
            raise AuthError("ftp_user or ftp_password is not set", hint="credential_missing")
        area = FtpsArea(
            host=self._options.host,
            port=self._options.port,
            user=user.reveal(),
            password=password,
            ca_file=self._options.ca_file,
            timeout_s=self._options.timeout_s,
        )
        self._pacer.wait(LOG_IN)
        return area.session()

    def _samples(self) -> list[Sample]:
        paths = (
            (self._options.variation_file, csvfiles.VARIATIONS),
            (self._options.product_file, csvfiles.PRODUCTS),
        )
        return [read_sample(path, form) for path, form in paths if path]

    def _waiting(self, files: FtpsSession) -> set[str]:
        with self._named():
            return {entry.name for entry in files.list(self._options.folder or "/")}

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Give an error as the core may know it: a name that is not there is the folder's."""
        try:
            yield
        except NotThereError as error:
            text = f"the area has no folder {self._options.folder or '/'}, or takes no file there"
            raise UnexpectedReplyError(
                text, operation=error.operation, vendor_code=error.vendor_code
            ) from error

    def read_products(self) -> list[Product]:
        """Give the SKUs of the downloaded files; their code is joined of the three numbers."""
        cells = [
            stock.Cell(address, "".join(address), 0, name, None, managed=True)
            for sample in self._samples()
            for address, name in sample.names.items()
        ]
        products = stock.products_of(cells)
        self.progress(len(products), len(products))
        return products

    def read_stock(self, addresses: Sequence[Address]) -> dict[Address, StockLevel]:
        """Unsupported: see the abilities."""
        del addresses
        deny("read_stock", self.abilities.readable)

    def write_stock(self, lines: Sequence[StockLine]) -> list[LineResult]:
        """Send a file of variations and one of products without; good lines are SENT, the file is the ticket.

        Raises:
            ValueError: more than ``ROWS_MAX`` lines; no call was made.
            RateLimitedError: a file of ours was not taken yet, and none is put over it; nothing was sent.
        """
        if len(lines) > ROWS_MAX:
            raise ValueError(f"{len(lines)} lines, at most {ROWS_MAX} in one file")
        results = SCREEN.refused_of(lines, self.abilities)
        parts = list(self._parts(lines, results)) if len(results) < len(lines) else []
        if parts:
            self._send(parts, lines, results)
        return [results[place] for place in range(len(lines))]

    def _parts(
        self, lines: Sequence[StockLine], results: dict[int, LineResult]
    ) -> Iterator[tuple[Sample, list[int]]]:
        """Give the files to send, as places of lines; refuse the lines that no sample has."""
        samples = self._samples()
        for sample in samples:
            if places := self._places(lines, results, sample):
                yield sample, places
        listed = {address for sample in samples for address in sample.url_codes}
        for place, line in enumerate(lines):
            if place not in results and line.address not in listed:
                error = LineRejectedError(
                    line.mall_code, "not in the downloaded file", operation="write_stock"
                )
                results[place] = LineResult(line, Outcome.REFUSED, error)

    def _places(
        self, lines: Sequence[StockLine], results: dict[int, LineResult], sample: Sample
    ) -> list[int]:
        return [
            place
            for place, line in enumerate(lines)
            if place not in results and line.address in sample.url_codes
        ]

    def _send(
        self,
        parts: Sequence[tuple[Sample, list[int]]],
        lines: Sequence[StockLine],
        results: dict[int, LineResult],
    ) -> None:
        with self._session() as files:
            held = self._waiting(files) & {sample.form.name for sample, _ in parts}
            if held:
                words = f"{', '.join(sorted(held))} was not taken yet"
                raise RateLimitedError(words, retry_after_s=_LOOK_AGAIN_S, operation="write_stock")
            for number, (sample, places) in enumerate(parts):
                chosen = [lines[place] for place in places]
                outcome, error = self._put(files, sample, chosen, first=number == 0)
                ticket = f"{sample.form.name} {self._clock.now():%Y-%m-%dT%H:%M:%SZ}"
                for place, line in zip(places, chosen, strict=True):
                    results[place] = LineResult(line, outcome, error, ticket)

    def _put(
        self, files: FtpsSession, sample: Sample, lines: Sequence[StockLine], *, first: bool
    ) -> tuple[Outcome, MallError | None]:
        path = f"{self._options.folder}/{sample.form.name}"
        try:
            with self._named():
                files.put_new(path, csvfiles.stock_file(sample, lines))
        except MallError as error:
            if first and not isinstance(error, OutcomeUnknownError):
                raise
            return Outcome.UNKNOWN, error
        return Outcome.SENT, None

    def confirm(self, lines: Sequence[LineResult]) -> list[LineResult]:
        """Ask what became of files: gone means taken. The result mail goes to a person, not to us."""
        if not any(line.outcome is Outcome.SENT for line in lines):
            return list(lines)
        with self._session() as files:
            waiting = self._waiting(files)
        return [
            replace(line, outcome=Outcome.DONE)
            if line.outcome is Outcome.SENT and line.ticket.split(" ")[0] not in waiting
            else line
            for line in lines
        ]

    def credential_status(self) -> list[CredentialStatus]:
        """Log in and out; the server judges user and password together, and tells no end."""
        return login_status(self._session, ("ftp_user", "ftp_password"), "credential_missing")

    def normalise(self, line: StockLine) -> StockLine:
        """Cap the quantity."""
        return replace(line, quantity=min(line.quantity, self.abilities.quantity_max))
