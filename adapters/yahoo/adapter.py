"""Yahoo!ショッピング: stock, products and orders of one shop through the store API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import ClassVar, TypeVar

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
    Grant,
    LineResult,
    LowersOwnStock,
    Order,
    Product,
    Quota,
    ShopSettings,
    StockLevel,
    StockLine,
    Window,
)
from adapters.errors import (
    AuthError,
    ConfigError,
    MaintenanceError,
    OutcomeUnknownError,
    TemporaryError,
    UnexpectedReplyError,
    UnsupportedError,
)
from adapters.http import Reply
from adapters.yahoo import batch, orders, products, wire
from adapters.yahoo.intake import Intake
from adapters.yahoo.options import read_options
from adapters.yahoo.signature import read_key
from adapters.yahoo.store import Store
from adapters.yahoo.tokens import LIFE, SHORT_LIFE, authorization_url, code_of

T = TypeVar("T")

WRITE_BATCH = 1000
READ_BATCH = 1000
POLLS_MAX = 30  # for a file that is being made: five minutes
_PROBE = ("tanaban-check", "")  # a code that need not exist: to ask for it is not an error
_READ = "2026-11-21"  # when the sources were last read
_APPS_PAGE = "https://e.developer.yahoo.co.jp/dashboard/"
_STORE_PAGE = "https://pro.store.yahoo.co.jp/"

_CLIENT_KIND, _CONSENT_KIND = "client_secret", "refresh_token"
_CONSENT_KINDS = ("client_id", _CLIENT_KIND, _CONSENT_KIND)
_KEY_KINDS = ("public_key", "public_key_version")
_FORMS: Mapping[str, re.Pattern[str]] = {
    "client_id": re.compile(r"[!-~]+"),
    "client_secret": re.compile(r"[!-~]+"),
    "refresh_token": re.compile(r"(?!https?:|-----)[!-~]{1,4096}"),
    "public_key_version": re.compile(r"[0-9]{1,9}"),
}

QUOTAS: Mapping[str, Quota] = {
    # Source: page stock: one request a second to the same URL.
    "set_stock": Quota(1),
    "get_stock": Quota(1),
    "order_list": Quota(1),
    "order_info": Quota(1),
    "download_request": Quota(1),
    # No figure is published for these two: users ask for a file every 10 s.
    "download_submit": Quota(0.1),
    wire.TOKEN: Quota(1),
}

_ABILITIES = Abilities(
    mall="yahoo",
    name_ja="Yahoo!ショッピング",
    name_en="Yahoo! Shopping",
    code_field="商品コード／個別商品コード",
    code_screen="ストアクリエイターPro → 商品管理 → 商品ページ編集",
    code_pattern=r"[0-9A-Za-z-]{1,99}(?::[0-9A-Za-z-]{1,99})?",
    code_max_bytes=199,
    quantity_max=wire.QUANTITY_MAX,
    readable=Ability(True, "getStock", "page 在庫参照API (getStock)", _READ),
    products=Ability(
        True, "downloadRequest and downloadSubmit", "pages downloadRequest and downloadSubmit", _READ
    ),
    orders=Ability(
        True, "orderList and orderInfo", "pages 注文検索API (orderList) and 注文詳細API (orderInfo)", _READ
    ),
    relative_write=Ability(
        False,
        "a signed quantity exists, but after a lost answer it could not be repeated",
        "page 在庫更新API (setStock)",
        _READ,
    ),
    write_batch=WRITE_BATCH,
    read_batch=READ_BATCH,
    quotas=QUOTAS,
    credentials=(
        CredentialKind("client_id", "Client ID", "client ID", page_url=_APPS_PAGE, secret=False),
        CredentialKind("client_secret", "シークレット", "client secret", page_url=_APPS_PAGE),
        CredentialKind(
            _CONSENT_KIND, "リフレッシュトークン", "refresh token", life_days=LIFE.days, consent=True
        ),
        CredentialKind(
            "public_key",
            "公開鍵",
            "public key",
            life_days=365,
            page_url=_STORE_PAGE,
            group="public_key",
            blanks=True,
            optional=True,
        ),
        CredentialKind(
            "public_key_version",
            "公開鍵のバージョン",
            "version of the public key",
            page_url=_STORE_PAGE,
            secret=False,
            group="public_key",
            optional=True,
        ),
    ),
    lowers_own_stock=LowersOwnStock.AT_ORDER,
    visible_after_s=5,
    look_back_s=timedelta(days=30).total_seconds(),
    order_lag_s=1800,
    expected_delay_s=5,
    registers_address=True,
)


class YahooAdapter(Adapter):
    """One shop of Yahoo!ショッピング. An address is (商品コード, 個別商品コード), "" for no variant."""

    abilities: ClassVar[Abilities] = _ABILITIES

    def __init__(self, settings: ShopSettings, credentials: Credentials, clock: Clock, stop: Event) -> None:
        self._options = read_options(settings)
        self._store = Store(self._options, credentials, clock, stop, QUOTAS)
        self._credentials = credentials
        self._clock = clock
        self._intake = Intake(self._store, self._options)

    def check(self) -> CheckResult:
        """Renew the access token and make the smallest read of stock and of orders.

        The public key is judged by a header alone, as Yahoo! answers 200 to a bad one too.
        """
        self._store.tokens.ask()
        self._probe_stock()
        if self._probe_orders() is False and self._credentials.get("public_key"):
            raise AuthError(
                f"{wire.ORDER_LIST.name}: answered, but the public key was not accepted",
                operation=wire.ORDER_LIST.name,
                hint=wire.CLOCK if self._store.clocks_differ else wire.KEY_REFUSED,
            )
        return CheckResult(f"{wire.GET_STOCK.name}, {wire.ORDER_LIST.name}")

    def _probe_stock(self) -> None:
        self._store.call(wire.GET_STOCK, wire.levels, body=wire.stock_form(self._seller, [_PROBE]))

    def _probe_orders(self) -> bool | None:
        """Ask for one order of the last minute; tell whether the public key was accepted."""
        now = self._clock.now()
        last_minute = Window(now - timedelta(minutes=1), now)
        body = orders.list_form(self._seller, last_minute, start=1, most=1)
        self._store.call(wire.ORDER_LIST, orders.page_of, body=body)
        return self._store.key_accepted

    @property
    def _seller(self) -> str:
        return self._options.seller_id

    def read_products(self) -> list[Product]:
        """Read every sellable unit from the files of items and of stock, hidden ones too.

        Source: pages downloadRequest and downloadSubmit. Yahoo! makes each file first, which may
        take minutes.
        """
        items, stock = (self._download(file) for file in (products.File.ITEMS, products.File.STOCK))
        try:
            found = products.products_of(items, stock, self._options.code_form)
        except wire.Malformed as error:
            why = str(error)
        else:
            self.progress(len(found), len(found))
            return found
        raise UnexpectedReplyError(f"{wire.DOWNLOAD_SUBMIT.name}: {why}", operation=wire.DOWNLOAD_SUBMIT.name)

    def _download(self, file: products.File) -> bytes:
        fields = {"seller_id": self._seller, "type": file.value}
        key = self._store.call(wire.DOWNLOAD_REQUEST, wire.accepted, body=wire.form(fields))
        params = fields | ({"file_key": key} if key else {})
        for _ in range(POLLS_MAX):
            reply = self._store.send(wire.DOWNLOAD_SUBMIT, params=params)
            if products.is_file(reply):
                return reply.body
            if reply.status == 200:
                raise self._store.not_understood(wire.DOWNLOAD_SUBMIT, reply, "the file is not CSV")
            if not products.not_ready(reply):
                raise self._store.failure(wire.DOWNLOAD_SUBMIT, reply)
        raise TemporaryError("the file was not made in time", operation=wire.DOWNLOAD_SUBMIT.name)

    def read_stock(self, addresses: Sequence[Address]) -> dict[Address, StockLevel]:
        """Read the quantities shown now; what has no stock record is left out.

        Source: page getStock.
        """
        asked = [address for address in dict.fromkeys(addresses) if wire.is_address(address)]
        bodies = [wire.stock_form(self._seller, part) for part in _batches(asked, READ_BATCH)]
        pages = self._store.map(wire.GET_STOCK, wire.levels, bodies)
        found = wire.by_address(asked, {key: level for page in pages for key, level in page.items()})
        return {address: replace(level, address=address) for address, level in found.items() if level}

    def write_stock(self, lines: Sequence[StockLine]) -> list[LineResult]:
        """Set quantities in one call, and in more where it is refused for a line's sake.

        Yahoo! takes a number for a code that no item has, so DONE does not prove that the item
        exists.

        Raises:
            ValueError: more than ``WRITE_BATCH`` lines; no call was made.
        Source: page setStock.
        """
        if len(lines) > WRITE_BATCH:
            raise ValueError(f"{len(lines)} lines, at most {WRITE_BATCH} in one call")
        return batch.write_all(lines, self.abilities, self._set)

    def _set(self, lines: Sequence[StockLine]) -> batch.Answer:
        body = wire.write_form(self._seller, lines)
        try:
            reply = self._store.send(wire.SET_STOCK, body=body)
        except OutcomeUnknownError as lost:
            return batch.Answer(lost=lost)
        if reply.status in (200, 207):
            return self._rows(reply, lines)
        fault = wire.fault_of(reply)
        if reply.status == 400 and fault.code in wire.LINE_CODES:
            return batch.Answer(refused=fault)
        error = self._store.failure(wire.SET_STOCK, reply)
        closed = isinstance(error, MaintenanceError) and bool(error.vendor_code)
        if reply.status in wire.HARMLESS or isinstance(error, AuthError) or closed:
            raise error
        return batch.Answer(lost=error)

    def _rows(self, reply: Reply, lines: Sequence[StockLine]) -> batch.Answer:
        """Read an answer to a write; one that cannot be read may have had its effect."""
        try:
            rows = wire.write_rows(wire.parsed(reply))
            return batch.Answer(rows=wire.by_address([line.address for line in lines], rows))
        except wire.Malformed as error:
            failure = self._store.not_understood(wire.SET_STOCK, reply, str(error))
        return batch.Answer(lost=OutcomeUnknownError(str(failure), operation=wire.SET_STOCK.name))

    def confirm(self, lines: Sequence[LineResult]) -> list[LineResult]:
        """Refuse: Yahoo! answers a write at once."""
        if not lines:
            return []
        raise UnsupportedError("Yahoo! answers a write at once", operation="confirm")

    def read_orders(self, window: Window) -> list[Order]:
        """Read the orders placed within the window, oldest first.

        Raises:
            TemporaryError: orders that the search found did not come; none is given, so that
                none is passed over.
        """
        found = self._intake.placed(window, self._clock.now())
        return sorted(found, key=lambda order: (order.ordered_at, order.order_id))

    def read_orders_again(self, order_ids: Sequence[str]) -> list[Order]:
        """Read known orders as they stand now; ones that Yahoo! no longer knows are absent."""
        return self._intake.known(list(dict.fromkeys(order_ids)), self._clock.now())

    def credential_status(self) -> list[CredentialStatus]:
        """Ask how the consent stands, and whether the public key is accepted.

        Yahoo! tells the end of neither: a consent's counts from the day on which it was given, a
        key's stands in ストアクリエイターPro.
        """
        if missing := [kind for kind in _CONSENT_KINDS if not self._credentials.get(kind)]:
            return [CredentialStatus(kind, CredentialState.UNKNOWN, note="not set") for kind in missing]
        try:
            self._store.tokens.ask()
        except AuthError as error:
            return [_refused(_CLIENT_KIND if error.hint == wire.CLIENT else _CONSENT_KIND, str(error))]
        good = {kind: CredentialStatus(kind, CredentialState.OK) for kind in _CONSENT_KINDS}
        return list((good | {status.kind: status for status in self._key_status()}).values())

    def _key_status(self) -> list[CredentialStatus]:
        if not all(self._credentials.get(kind) for kind in _KEY_KINDS):
            note = "not set: a consent ends after 12 hours"
            return [CredentialStatus(kind, CredentialState.UNKNOWN, note=note) for kind in _KEY_KINDS]
        try:
            accepted = self._probe_orders()
        except AuthError as error:
            if error.hint == wire.SHORT_SESSION:
                return [_refused(_CONSENT_KIND, str(error))]
            return [CredentialStatus(_KEY_KINDS[0], CredentialState.UNKNOWN, note=str(error))]
        if not accepted:
            return [_refused(kind, "not accepted: a consent ends after 12 hours") for kind in _KEY_KINDS]
        return [CredentialStatus(kind, CredentialState.OK) for kind in _KEY_KINDS]

    def consent_url(self, state: str) -> str:
        """Give the page on which the person with 注文管理権限 consents; ``state`` comes back with it.

        Raises:
            ConfigError: ``redirect_uri`` is not set.
            AuthError: ``client_id`` is not set.
        """
        client_id = self._credentials.get("client_id")
        if not client_id:
            raise AuthError("client_id is not set", operation=wire.TOKEN, hint="credential_missing")
        options = self._options
        return authorization_url(options.auth_url, client_id.reveal(), self._redirect_uri(), state)

    def redeem(self, pasted: str, state: str) -> Grant:
        """Turn what Yahoo! sent the person back with into a refresh token. It can be done once.

        Args:
            pasted: the whole address of the page that followed, or the code in it.
        Raises:
            AuthError: the consent was refused, is used already, or answers another ``state``.
        """
        try:
            code = code_of(pasted, state)
        except ValueError as error:
            why = str(error)
        else:
            consented_at = self._clock.now()
            token = self._store.tokens.redeem(code, self._redirect_uri())
            has_key = all(self._credentials.get(kind) for kind in _KEY_KINDS)
            return Grant({_CONSENT_KIND: token}, consented_at + (LIFE if has_key else SHORT_LIFE))
        raise AuthError(why, operation=wire.TOKEN, hint=wire.CONSENT)

    def _redirect_uri(self) -> str:
        if not self._options.redirect_uri:
            raise ConfigError("tanaban.toml: redirect_uri: set it to the callback URL of the application")
        return self._options.redirect_uri

    def normalise(self, line: StockLine) -> StockLine:
        """Give the line with the quantity within the cap; codes are reported as they are."""
        return replace(line, quantity=min(line.quantity, self.abilities.quantity_max))

    @classmethod
    def belongs(cls, current: Credentials, candidate: Credentials) -> str:
        """Judge the forms: a public key, its version, and a token that is a token.

        Nothing in them names the store, so that another store's is found out by the check alone.
        """
        del current
        words = {kind: value.reveal() for kind, value in candidate.items()}
        with suppress(ValueError):
            if "public_key" in words:
                read_key(words["public_key"])
            if all(_FORMS[kind].fullmatch(value) for kind, value in words.items() if kind in _FORMS):
                return ""
        return "renew_wrong_form"

    def close(self) -> None:
        """End the connections; from another thread it also ends calls under way."""
        self._store.close()


def create(settings: ShopSettings, credentials: Credentials, clock: Clock, stop: Event) -> Adapter:
    """Make the adapter of one shop; see README.md for its options."""
    return YahooAdapter(settings, credentials, clock, stop)


def _refused(kind: str, note: str) -> CredentialStatus:
    return CredentialStatus(kind, CredentialState.REFUSED, note=note)


def _batches(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))
