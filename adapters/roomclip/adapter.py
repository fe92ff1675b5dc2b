"""RoomClipショッピング behind TEMPOSTAR: stock goes in as a CSV file, orders come out as CSV files.

RoomClip has no stock interface of its own for sellers. TEMPOSTAR takes our file from ``/stock``, works
out what each shop gets and puts that out for RoomClip, which polls. So a number is *sent*, then
*taken* by TEMPOSTAR, and *seen* at best in the file that is put out; it cannot be read back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import NoReturn

from adapters.contract import (
    Abilities,
    Ability,
    Adapter,
    Address,
    CheckResult,
    Clock,
    CredentialKind,
    Credentials,
    CredentialState,
    CredentialStatus,
    LineResult,
    LowersOwnStock,
    Order,
    Outcome,
    Product,
    ProductFile,
    Quota,
    ShopSettings,
    StockLevel,
    StockLine,
    Window,
)
from adapters.errors import (
    AuthError,
    LineRejectedError,
    MallError,
    OutcomeUnknownError,
    TemporaryError,
    UnexpectedReplyError,
    UnsupportedError,
)
from adapters.files import Entry, FtpsSession, NotThereError
from adapters.pacer import Pacer, Stopped
from adapters.roomclip import wire
from adapters.roomclip.options import SHOP_CODE, Options, read_options
from adapters.roomclip.products import product_file

LOG_IN = "log_in"
STOCK_DIR = "/stock"
LOG_DIR = "/stock/log"
NETSTOCK_ROOT = "/netstock"
PUBLISHED_NAME = "stock.csv"
FILE_MAX_BYTES = 20_000_000
MINUTE = timedelta(minutes=1)  # an order's time comes without seconds
CLOCK_MARGIN = timedelta(minutes=10)  # the server's clock may be behind ours by this much

_VERIFIED = "2026-11-21"
_GUIDE = "RoomClip guide for TEMPOSTAR (roomclipbusiness.zendesk.com 4615741079951)"

ABILITIES = Abilities(
    mall="roomclip",
    name_ja="RoomClipショッピング",
    name_en="RoomClip Shopping",
    code_field="種類別の自社管理コード",
    code_screen="RoomClipビジネス → 商品管理 → 商品詳細設定 → 2.詳細設定",
    code_pattern=r"[0-9A-Za-z][0-9A-Za-z_-]*",
    code_max_bytes=100,
    quantity_max=99_999,
    readable=Ability(
        able=False,
        why="the file put out for RoomClip holds only what changed since the last sending, and RoomClip may "
        "have taken it away; published() gives it as evidence while it is there",
        source="TEMPOSTAR manual, batch-sync-settings",
        verified=_VERIFIED,
    ),
    products=Ability(
        able=False,
        why="TEMPOSTAR and RoomClip give no product list over files; the product CSV is imported by hand",
        source=_GUIDE,
        verified=_VERIFIED,
    ),
    orders=Ability(
        able=True,
        why="受注情報CSVエクスポート of TEMPOSTAR, where RoomClip delivers its orders",
        source=_GUIDE,
        verified=_VERIFIED,
    ),
    relative_write=Ability(
        able=False,
        why="更新モード 2 adds, but a file whose fate is unknown could not be sent again",
        source="clients of TEMPOSTAR; no public page",
        verified=_VERIFIED,
    ),
    write_batch=None,
    read_batch=None,
    quotas={LOG_IN: Quota(per_s=1, burst=10)},  # our own courtesy: no limit is published
    credentials=(
        CredentialKind("user", "FTPユーザーID", "FTP user", secret=False),
        CredentialKind("password", "FTPパスワード", "FTP password"),
        CredentialKind("shop_code", "ショップコード", "shop code", secret=False),
        # RoomClip shows it once its link is saved; whoever has it can change the stock, so it is kept here.
        CredentialKind("stock_url", "在庫更新用URL", "stock update URL", optional=True),
    ),
    lowers_own_stock=LowersOwnStock.AT_ORDER,  # a guess: neither guide says when RoomClip does
    visible_after_s=600,
    look_back_s=30 * 86_400,
    order_lag_s=300,  # TEMPOSTAR's export comes at intervals of its own; a guess
    late_confirm=True,
    address_is_code=True,
    expected_delay_s=900,
    min_write_interval_s=10,
)


class RoomclipAdapter(Adapter):
    """One shop of RoomClip, through its merchant's TEMPOSTAR account.

    Every method is one log-in to the file area. Nothing under ``/netstock`` or the order export is
    ever deleted or renamed.
    """

    abilities = ABILITIES

    def __init__(self, options: Options, credentials: Credentials, clock: Clock, stop: Event) -> None:
        self._options = options
        self._credentials = credentials
        self._clock = clock
        self._stop = stop
        self._pacer = Pacer(ABILITIES.quotas, clock, stop)
        self._last_name = ""

    def _session(self) -> AbstractContextManager[FtpsSession]:
        area = self._options.area(self._credentials)
        self._pacer.wait(LOG_IN)
        return area.session()

    def check(self) -> CheckResult:
        """Log in and list the folders that matter; writes nothing.

        Raises:
            AuthError: user or password refused; or there is no folder of this shop code, with those
                that look like it in ``codes`` and ``hint`` "shop_code_unknown".
        """
        folder = self._options.netstock(self._credentials)
        with self._session() as files:
            waiting = _list(files, STOCK_DIR)
            try:
                files.list(folder)
            except NotThereError as error:
                raise self._unknown_shop_code(files, folder) from error
        names = [entry.name for entry in waiting if wire.is_stock_file(entry.name)]
        return CheckResult(f"logged in; {STOCK_DIR} has {len(names)} file(s) waiting; {folder} is there")

    def _unknown_shop_code(self, files: FtpsSession, folder: str) -> AuthError:
        digits = re.sub("[^0-9]", "", self._credentials["shop_code"].reveal())
        names = [entry.name for entry in _list(files, NETSTOCK_ROOT) if entry.folder]
        likely = [name for name in names if digits in name] or names
        error = AuthError(
            f"no folder {folder}; {NETSTOCK_ROOT} has: {', '.join(likely[:10]) or 'nothing'}",
            operation="check",
            hint="shop_code_unknown",
        )
        error.codes = tuple(likely[:10])
        return error

    def read_products(self) -> list[Product]:
        """Unsupported: see the abilities."""
        _deny("read_products", self.abilities.products)

    def read_stock(self, addresses: Sequence[Address]) -> dict[Address, StockLevel]:
        """Unsupported: see the abilities, and ``published`` for what evidence there is."""
        del addresses
        _deny("read_stock", self.abilities.readable)

    def published(self) -> dict[str, wire.Published]:
        """Read what TEMPOSTAR has put out for RoomClip and RoomClip has not yet taken away.

        Returns:
            Code -> number and when we saw it; empty if no file is there, which says nothing.
        """
        path = f"{self._options.netstock(self._credentials)}/{PUBLISHED_NAME}"
        with self._session() as files:
            try:
                content = files.get(path, FILE_MAX_BYTES)
            except NotThereError:
                return {}
        return wire.published_stock(PUBLISHED_NAME, content, self._clock.now())

    def write_stock(self, lines: Sequence[StockLine]) -> list[LineResult]:
        """Send one inbound file with all good lines; they are SENT, with the file's name as ticket."""
        if self._options.stock_owner == "tempostar":
            raise UnsupportedError("stock_owner is tempostar: nothing is written", operation="write_stock")
        refused = _refuse(lines)
        good = [line for number, line in enumerate(lines) if number not in refused]
        if not good:
            return [refused[number] for number in range(len(lines))]
        outcome, error = Outcome.SENT, None
        try:
            self._send(good)
        except OutcomeUnknownError as lost:
            outcome, error = Outcome.UNKNOWN, lost
        sent = [LineResult(line, outcome, error, self._last_name) for line in lines]
        return [refused.get(number, result) for number, result in enumerate(sent)]

    def _send(self, lines: Sequence[StockLine]) -> None:
        with self._session() as files:
            listed = [entry.name for entry in _list(files, STOCK_DIR)]
            self._last_name = wire.next_stock_name(self._clock.now(), [*listed, self._last_name])
            self._put(files, self._last_name, wire.stock_file(self._last_name, lines))

    def _put(self, files: FtpsSession, name: str, content: bytes) -> None:
        try:
            files.put_new(f"{STOCK_DIR}/{name}", content)
        except NotThereError as error:
            raise _missing(STOCK_DIR) from error
        if self._options.lock_files == "companion":
            try:
                files.put_new(f"{STOCK_DIR}/{name}.lock", b"")
            except MallError as error:
                raise OutcomeUnknownError(f"{name} is there, its lock file is not") from error

    def confirm(self, lines: Sequence[LineResult]) -> list[LineResult]:
        """Ask what became of files: gone means taken, but for the codes that its log names.

        A file that is still there leaves its lines SENT. How TEMPOSTAR reports bad rows is not
        public; the log's place and form are our reading.
        """
        tickets = {line.ticket for line in lines if line.outcome is Outcome.SENT}
        if not tickets:
            return list(lines)
        with self._session() as files:
            waiting = {entry.name for entry in _list(files, STOCK_DIR)}
            logs = {ticket: _refused_codes(files, ticket) for ticket in tickets - waiting}
        return [_confirmed(line, logs) for line in lines]

    def read_orders(self, window: Window) -> list[Order]:
        """Read the orders that export files brought since the window began, oldest order first.

        The window's beginning is held against the files' times, not the orders': an order that
        TEMPOSTAR brings late must not be missed. So orders placed before the window may be among
        them. Each comes as it stands in the newest file.
        """
        orders = self._orders(window.since - CLOCK_MARGIN)
        return [order for order in orders if order.ordered_at <= window.until + MINUTE]

    def read_orders_again(self, order_ids: Sequence[str]) -> list[Order]:
        """Read known orders as the newest file that holds them has them, ``look_back_days`` back."""
        if not order_ids:
            return []
        since = self._clock.now() - timedelta(days=self._options.look_back_days)
        return self._orders(since, frozenset(order_ids))

    def _orders(self, since: datetime, wanted: frozenset[str] | None = None) -> list[Order]:
        found: dict[str, Order] = {}
        folder = self._options.order_export_dir
        with self._session() as files:
            for entry in _newest_first(_list(files, folder), since):
                for order in self._read_file(files, f"{folder}/{entry.name}", entry):
                    found.setdefault(order.order_id, order)
                if wanted is not None and wanted <= found.keys():
                    break
        chosen = [order for order in found.values() if wanted is None or order.order_id in wanted]
        return sorted(chosen, key=lambda order: (order.ordered_at, order.order_id))

    def _read_file(self, files: FtpsSession, path: str, entry: Entry) -> list[Order]:
        if self._stop.is_set():
            raise Stopped("not read on, the bot is ending", operation="read_orders")
        try:
            content = files.get(path, FILE_MAX_BYTES)
        except NotThereError as error:
            raise TemporaryError(f"{path} was moved away before it was read") from error
        if content and not content.endswith(b"\n"):
            raise TemporaryError(f"{path} is still being written", operation="read_orders")
        return wire.parse_orders(entry.name, content, entry.modified, self._options.cancelled_codes)

    def parse_products(self, name: str, content: bytes) -> ProductFile:
        """Read RoomClip's product CSV; see ``adapters.roomclip.products``."""
        return product_file(name, content)

    def credential_status(self) -> list[CredentialStatus]:
        """Log in and out; the server judges user and password together, and tells no expiry."""
        state, note = CredentialState.OK, ""
        try:
            with self._session():
                pass
        except AuthError as error:
            state, note = CredentialState.REFUSED, str(error)
        return [CredentialStatus(kind, state, note=note) for kind in ("user", "password")]

    def normalise(self, line: StockLine) -> StockLine:
        """Cap the quantity; codes are taken as they come, letter by letter."""
        return replace(line, quantity=min(line.quantity, self.abilities.quantity_max))

    @classmethod
    def belongs(cls, current: Credentials, candidate: Credentials) -> str:
        """Judge the form: plain ASCII, and a shop code that ends in digits."""
        del current
        shop_code = candidate.get("shop_code")
        if shop_code and not SHOP_CODE.fullmatch(shop_code.reveal()):
            return "renew_wrong_form"
        values = [secret.reveal() for secret in candidate.values()]
        good = all(value.isascii() and value.isprintable() and " " not in value for value in values)
        return "" if good else "renew_wrong_form"


def create(settings: ShopSettings, credentials: Credentials, clock: Clock, stop: Event) -> RoomclipAdapter:
    """Make the adapter of one shop; opens nothing.

    Raises:
        ConfigError: an option is wrong, or the set-up could oversell: see ``options.read_options``.
    """
    return RoomclipAdapter(read_options(settings), credentials, clock, stop)


# --------------------------------------------------------------------------- lines and files


def _deny(operation: str, ability: Ability) -> NoReturn:
    raise UnsupportedError(ability.why, operation=operation)


def _refuse(lines: Sequence[StockLine]) -> Mapping[int, LineResult]:
    """Find the lines that must not be sent, by their place."""
    seen: set[str] = set()
    refused = {}
    for number, line in enumerate(lines):
        reason = _fault_of(line) or ("twice in one call" if line.mall_code in seen else "")
        if not reason:
            seen.add(line.mall_code)
        else:
            error = LineRejectedError(line.mall_code, reason, operation="write_stock")
            refused[number] = LineResult(line, Outcome.REFUSED, error)
    return refused


def _fault_of(line: StockLine) -> str:
    code = line.mall_code
    if not re.fullmatch(ABILITIES.code_pattern, code) or len(code.encode()) > ABILITIES.code_max_bytes:
        return "not a code that TEMPOSTAR takes"
    if not 0 <= line.quantity <= ABILITIES.quantity_max:
        return f"quantity {line.quantity} is out of range"
    return ""


def _list(files: FtpsSession, folder: str) -> Sequence[Entry]:
    try:
        return files.list(folder)
    except NotThereError as error:
        raise _missing(folder) from error


def _missing(folder: str) -> UnexpectedReplyError:
    return UnexpectedReplyError(f"the file area has no folder {folder}", operation="list", vendor_code="550")


def _refused_codes(files: FtpsSession, ticket: str) -> dict[str, str]:
    log = f"{ticket}.log"
    try:
        return wire.refused_codes(log, files.get(f"{LOG_DIR}/{log}", FILE_MAX_BYTES))
    except NotThereError:
        return {}


def _confirmed(result: LineResult, logs: Mapping[str, Mapping[str, str]]) -> LineResult:
    if result.outcome is not Outcome.SENT or result.ticket not in logs:
        return result
    code = result.line.mall_code
    if code not in logs[result.ticket]:
        return LineResult(result.line, Outcome.DONE, ticket=result.ticket)
    reason = logs[result.ticket][code] or "named in TEMPOSTAR's log"
    error = LineRejectedError(code, reason, operation="confirm")
    return LineResult(result.line, Outcome.REFUSED, error, result.ticket)


def _newest_first(entries: Collection[Entry], since: datetime) -> list[Entry]:
    # A file without a time is taken as the oldest that still counts.
    oldest = datetime.min.replace(tzinfo=UTC)
    files = [entry for entry in entries if not entry.folder and wire.is_order_file(entry.name)]
    recent = [entry for entry in files if entry.modified is None or entry.modified >= since]
    return sorted(recent, key=lambda entry: (entry.modified or oldest, entry.name), reverse=True)
