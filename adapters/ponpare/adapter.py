"""ポンパレモール: stock goes in as CSV files over FTPS, and the mall answers each file with another.

There is no stock API and no list to fetch. A file has a fixed name and the mall takes it away when
it works on it, so there is one file of a name at a time. What is known is what was last sent and
confirmed. Products and orders come from files that a person downloads from the mall's screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Event

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
    Order,
    Outcome,
    Product,
    Quota,
    ShopSettings,
    StockLevel,
    StockLine,
)
from adapters.errors import MallError, OutcomeUnknownError
from adapters.files import Entry, FtpsArea, FtpsSession
from adapters.pacer import Pacer
from adapters.ponpare import orders, upload, wire
from adapters.ponpare.goods import Goods, read_goods
from adapters.ponpare.options import Options, read_options
from adapters.ponpare.upload import Part
from adapters.ponpare.wire import Answer, Form, Mark, Ticket
from adapters.uploads import WithoutOrders, deny, login_status

LOG_IN = "log_in"

_VERIFIED = "2026-11-21"
_CLIENTS = "working clients of the mall (last seen running in October 2022); no public page"
_SOAP = "Assist店長, ponparemall_api_manual; NEXT ENGINE manual 10690"

ABILITIES = Abilities(
    mall="ponpare",
    name_ja="ポンパレモール",
    name_en="Ponpare Mall",
    code_field="商品ID",
    code_screen="ポンパレモールManager → 商品管理",
    code_pattern=r"[0-9A-Za-z][0-9A-Za-z_-]*",
    code_max_bytes=100,
    quantity_max=9_999_999,
    readable=Ability(
        able=False,
        why="there is no stock API; a person can download item.csv and option.csv from the screen",
        source=_CLIENTS,
        verified=_VERIFIED,
    ),
    products=Ability(
        able=True,
        why="item.csv and option.csv as a person downloaded them",
        source=_CLIENTS,
        verified=_VERIFIED,
    ),
    orders=Ability(
        able=False,
        why="the operations of the mall's SOAP order service are not public; orders come as a CSV file "
        "that a person brings (parse_orders)",
        source=_SOAP,
        verified=_VERIFIED,
    ),
    relative_write=Ability(
        able=False,
        why="在庫数 and SKU在庫数 set the number",
        source=_CLIENTS,
        verified=_VERIFIED,
    ),
    write_batch=None,
    read_batch=None,
    quotas={LOG_IN: Quota(per_s=1, burst=10)},  # our own courtesy: no limit is published
    credentials=(
        CredentialKind("user", "FTPユーザー", "FTP user", secret=False),
        CredentialKind("password", "FTPパスワード", "FTP password", life_days=90),  # the life is a guess
    ),
    lowers_own_stock=LowersOwnStock.AT_ORDER,  # a guess
    visible_after_s=600,
    look_back_s=0,
    late_confirm=True,
    expected_delay_s=1800,
    min_write_interval_s=30,
)


class PonpareAdapter(WithoutOrders):
    """One shop of ポンパレモール. An address is ``(商品管理ID,)``, or with the two axis ids for a SKU."""

    abilities = ABILITIES

    def __init__(self, options: Options, credentials: Credentials, clock: Clock, stop: Event) -> None:
        self._options = options
        self._credentials = credentials
        self._clock = clock
        self._pacer = Pacer(ABILITIES.quotas, clock, stop)

    # ------------------------------------------------------------------- sessions

    @contextmanager
    def _uploads(self) -> Iterator[FtpsSession]:
        with self._log_in(self._options.area(self._credentials)) as files:
            yield files

    @contextmanager
    def _results(self, same: FtpsSession | None = None) -> Iterator[FtpsSession]:
        """Give a session where the results lie: ``same`` if it is the uploads' server."""
        if same and not self._options.results_elsewhere:
            yield same
            return
        with self._log_in(self._options.result_area(self._credentials)) as files:
            yield files

    @contextmanager
    def _log_in(self, area: FtpsArea) -> Iterator[FtpsSession]:
        self._pacer.wait(LOG_IN)
        with area.session() as files:
            yield files

    def _result_entries(self, files: FtpsSession) -> Sequence[Entry]:
        return upload.listing(files, self._options.result_dir)

    def _answers(self, files: FtpsSession, entries: Sequence[Entry], form: Form, after: Mark) -> list[Answer]:
        return upload.answers(files, self._options.result_dir, entries, form, after)

    # ------------------------------------------------------------------- what the shop is and has

    def check(self) -> CheckResult:
        """Log in and list the two folders; writes nothing."""
        with self._uploads() as files:
            held = upload.waiting(upload.listing(files, self._options.upload_dir))
            with self._results(files) as results:
                count = len(self._result_entries(results))
        verified = "" if self._options.tls_verify else "; the server's certificate is not verified"
        slots = f"waiting: {', '.join(sorted(held))}" if held else "no file waiting"
        return CheckResult(f"logged in; {slots}; {count} file(s) in {self._options.result_dir}{verified}")

    def _goods(self) -> Goods:
        chosen = self._options
        return read_goods(chosen.item_file, chosen.option_file, chosen.stock_type)

    def read_products(self) -> list[Product]:
        """Give the products and SKUs of the downloaded files; makes no call.

        Raises:
            ConfigError: no such file is named, or one cannot be read.
        """
        products = self._goods().products()
        self.progress(len(products), len(products))
        return products

    def read_stock(self, addresses: Sequence[Address]) -> dict[Address, StockLevel]:
        """Unsupported: see the abilities."""
        del addresses
        deny("read_stock", self.abilities.readable)

    # ------------------------------------------------------------------- writing

    def write_stock(self, lines: Sequence[StockLine]) -> list[LineResult]:
        """Send option.csv for SKUs and item.csv for plain products; good lines are SENT.

        Raises:
            RateLimitedError, TemporaryError: a file of ours was not taken yet; see
                ``upload.need_free_slots``. Nothing was sent.
            ConfigError: a downloaded product file cannot be read.
        """
        if not lines:
            return []
        goods = self._goods()
        results = upload.screened(lines, self.abilities, goods)
        if parts := upload.parts_of(lines, results):
            self._send(parts, lines, goods, results)
        return [results[place] for place in range(len(lines))]

    def _send(
        self, parts: Sequence[Part], lines: Sequence[StockLine], goods: Goods, results: dict[int, LineResult]
    ) -> None:
        with self._uploads() as files:
            held = upload.waiting(upload.listing(files, self._options.upload_dir))
            upload.need_free_slots(held, parts, self._options, self._clock.now())
            with self._results(files) as results_side:
                entries = self._result_entries(results_side)
            for number, part in enumerate(parts):
                ticket = Ticket(part.form, self._clock.now(), upload.newest(part.form, entries))
                chosen = [lines[place] for place in part.places]
                content = upload.content_of(part, lines, goods, self._options)
                outcome, error = self._put(files, ticket, content, chosen, first=number == 0)
                for place, line in zip(part.places, chosen, strict=True):
                    results[place] = LineResult(line, outcome, error, str(ticket))

    def _put(
        self, files: FtpsSession, ticket: Ticket, content: bytes, lines: Sequence[StockLine], *, first: bool
    ) -> tuple[Outcome, MallError | None]:
        put = files.put_new if self._options.part_names else files.put_in_place
        try:
            with upload.named(self._options.upload_dir):
                put(self._slot(ticket.form), content)
        except MallError as error:
            if self._arrived(ticket, content, lines):
                return Outcome.SENT, None
            if first and not isinstance(error, OutcomeUnknownError):
                raise
            return Outcome.UNKNOWN, error
        return Outcome.SENT, None

    def _slot(self, form: Form) -> str:
        return f"{self._options.upload_dir}/{form.name}"

    def _arrived(self, ticket: Ticket, content: bytes, lines: Sequence[StockLine]) -> bool:
        """Look for a file whose upload failed: whole in its slot, or answered already.

        A part of it is taken out of the slot, before the mall reads cut numbers.
        """
        try:
            with self._uploads() as files:
                found = upload.content_at(files, self._slot(ticket.form))
                if found is not None:
                    upload.discard_part(files, self._slot(ticket.form), found, content)
                    return found == content
                with self._results(files) as results:
                    entries = self._result_entries(results)
                    answers = self._answers(results, entries, ticket.form, ticket.after)
        except MallError:
            return False
        return upload.has_row(answers, lines)

    def confirm(self, lines: Sequence[LineResult]) -> list[LineResult]:
        """Read the mall's answers to our files: each row is done, or refused in the mall's own words.

        A line whose answer is not there yet stays SENT. Answers that no line asked about can still
        need are deleted, so those of the last uploads stay until the next ones are confirmed.
        """
        tickets = {
            line.ticket: wire.read_ticket(line.ticket) for line in lines if line.outcome is Outcome.SENT
        }
        sent = [ticket for ticket in tickets.values() if ticket]
        if not sent:
            return list(lines)
        oldest = {
            form.name: min(ticket.after for ticket in sent if ticket.form is form)
            for form in {ticket.form for ticket in sent}
        }
        found = self._answers_since(oldest)
        return [_confirmed(line, tickets.get(line.ticket), found) for line in lines]

    def _answers_since(self, oldest: Mapping[str, Mark]) -> Mapping[str, list[Answer]]:
        found = {}
        with self._results() as files:
            entries = self._result_entries(files)
            for name, after in oldest.items():
                form = wire.FORMS[name]
                found[name] = self._answers(files, entries, form, after)
                if not self._options.keep_results:
                    upload.remove_recorded(files, self._options.result_dir, entries, form, after)
        return found

    # ------------------------------------------------------------------- orders

    def parse_orders(self, name: str, content: bytes) -> list[Order]:
        """Read an order file with the columns of ``orders.COLUMNS``, or as ``order_columns`` calls them."""
        return orders.parse(name, content, self._options.order_columns, self._options.cancelled_statuses)

    # ------------------------------------------------------------------- credentials

    def credential_status(self) -> list[CredentialStatus]:
        """Log in and out; the server judges user and password together, and tells no end."""
        return login_status(self._uploads, ("user", "password"), "credential_not_set")

    def normalise(self, line: StockLine) -> StockLine:
        """Cap the quantity and fold 商品管理ID to lower case."""
        quantity = min(line.quantity, self.abilities.quantity_max)
        return replace(line, address=wire.folded(line.address), quantity=quantity)

    @classmethod
    def belongs(cls, current: Credentials, candidate: Credentials) -> str:
        """Judge the form: plain ASCII without blanks. Nothing in the values tells the shop."""
        del current
        values = [secret.reveal() for secret in candidate.values()]
        good = all(value.isascii() and value.isprintable() and " " not in value for value in values)
        return "" if good else "renew_wrong_form"


def create(settings: ShopSettings, credentials: Credentials, clock: Clock, stop: Event) -> PonpareAdapter:
    """Make the adapter of one shop; opens nothing.

    Raises:
        ConfigError: an option is wrong, or nobody said that the mall runs: see ``options.read_options``.
    """
    return PonpareAdapter(read_options(settings), credentials, clock, stop)


def _confirmed(
    result: LineResult, ticket: Ticket | None, found: Mapping[str, Sequence[Answer]]
) -> LineResult:
    if result.outcome is not Outcome.SENT or ticket is None:
        return result
    return upload.settled(result, ticket, found[ticket.form.name])
