"""楽天市場: stock, products and orders of one shop through RMS WEB SERVICE."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from threading import Event
from typing import Any, ClassVar, TypeVar

from adapters import fields
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
    Product,
    Quota,
    ShopSettings,
    StockLevel,
    StockLine,
    Window,
)
from adapters.errors import (
    AuthError,
    OutcomeUnknownError,
    TemporaryError,
    UnexpectedReplyError,
    UnsupportedError,
)
from adapters.rakuten import batch, orders, products, wire
from adapters.rakuten.options import transport_of, upload_options
from adapters.rakuten.rms import Rms
from adapters.rakuten.upload import UploadAdapter

T = TypeVar("T")

WRITE_BATCH = 400
READ_BATCH = 1000
ITEM_PAGE = 100
_PAGES_MAX = 10_000
_READ = "2026-09-30"  # when the sources were last read
_KEY_PAGE = "https://ichiba-bs.rms.rakuten.co.jp/apisson/"

QUOTAS: Mapping[str, Quota] = {
    # Source: RMS index pages of InventoryAPI 2.0 and ItemAPI 2.0; for the orders and the expiry no
    # figure is published, and careful clients keep to one a second.
    "bulk_upsert": Quota(1),
    "bulk_get": Quota(5),
    "bulk_range": Quota(5),
    "items_search": Quota(5),
    "search_order": Quota(1),
    "get_order": Quota(1),
    "expiry_date": Quota(1),
}

_ABILITIES = Abilities(
    mall="rakuten",
    name_ja="楽天市場",
    name_en="Rakuten Ichiba",
    code_field="システム連携用SKU番号",
    code_screen="RMS → 商品一覧 → 商品編集 → SKU設定",
    code_pattern=r"[^\x00-\x20\x7f\u3000]+",
    code_max_bytes=96,
    quantity_max=wire.QUANTITY_MAX,
    readable=Ability(True, "inventories.bulk.get", "RMS page inventoryapi2_1/inventories_bulk_get", _READ),
    products=Ability(True, "items.search", "RMS page itemapi2_0/itemssearch", _READ),
    orders=Ability(True, "searchOrder and getOrder", "RMS page rakutenpayorderapi/searchorder", _READ),
    relative_write=Ability(
        False,
        "RELATIVE exists, but after a lost answer it could not be repeated",
        "RMS page inventoryapi2/upsertbulkinventories",
        _READ,
    ),
    write_batch=WRITE_BATCH,
    read_batch=READ_BATCH,
    quotas=QUOTAS,
    credentials=(
        CredentialKind("service_secret", "サービスシークレット", "service secret", page_url=_KEY_PAGE),
        CredentialKind(
            "licence", "ライセンスキー", "licence key", life_days=90, activation_s=5400, page_url=_KEY_PAGE
        ),
    ),
    lowers_own_stock=LowersOwnStock.AT_ORDER,
    visible_after_s=5,
    look_back_s=orders.SEARCH_SPAN.total_seconds(),
    expected_delay_s=5,
)


class RakutenAdapter(Adapter):
    """One shop of 楽天市場. An address is (商品管理番号 in lower case, SKU管理番号)."""

    abilities: ClassVar[Abilities] = _ABILITIES

    def __init__(self, settings: ShopSettings, credentials: Credentials, clock: Clock, stop: Event) -> None:
        self._rms = Rms(settings, credentials, clock, stop, QUOTAS)
        self._credentials = credentials
        self._clock = clock
        self._version = int(settings.options.get("order_version", 9))
        self._order_page = int(settings.options.get("order_page", orders.SEARCH_PAGE))
        self._order_cap = int(settings.options.get("order_cap", orders.SEARCH_CAP))

    def check(self) -> CheckResult:
        """Make the smallest read of each of the three groups of functions that the bot needs.

        Each is ticked by itself in RMS, so one that is refused after another passed is named.
        No answer holds personal data.
        """
        self._first_item()
        for function, read in ((wire.RANGE, self._small_range), (wire.SEARCH, self._last_minute)):
            try:
                read()
            except AuthError as error:
                failure = _not_ticked(function, error)
            else:
                continue
            raise failure
        return CheckResult(f"{wire.ITEMS.name}, {wire.RANGE.name}, {wire.SEARCH.name}")

    def _first_item(self) -> None:
        self._rms.call(wire.ITEMS, products.items_of, params={"hits": "1"})

    def _small_range(self) -> None:
        most = str(wire.QUANTITY_MAX)  # hardly any cell is full, so the answer is small
        self._rms.call(wire.RANGE, wire.levels, params={"minQuantity": most, "maxQuantity": most})

    def _last_minute(self) -> None:
        now = self._clock.now()
        form = orders.search_form(Window(now - timedelta(minutes=1), now), page=1, amount=1)
        self._rms.call(wire.SEARCH, orders.found_numbers, form=form)

    def read_products(self) -> list[Product]:
        """Read every variant through ``items.search``, hidden ones too.

        Source: RMS page itemapi2_0/itemssearch: the list ends where the cursor stays the same; a
        new item may take 24 hours to appear.
        """
        items: dict[str, dict[str, Any]] = {}
        total = 0
        for page in self._item_pages():
            items |= {fields.get(item, "manageNumber", str): item for item in page.items}
            total = page.total
            self.progress(len(items), total)
        if len(items) < total:
            raise TemporaryError(
                f"{wire.ITEMS.name}: {len(items)} of {total} items came", operation=wire.ITEMS.name
            )
        return products.products_of(items.values())

    def _item_pages(self) -> Iterator[products.Page]:
        cursor, following = "", "*"
        for _ in range(_PAGES_MAX):
            if cursor == following:
                return
            cursor = following
            params = {"cursorMark": cursor, "hits": str(ITEM_PAGE)}
            page = self._rms.call(wire.ITEMS, products.page_of, params=params)
            yield page
            following = page.cursor
        raise UnexpectedReplyError(f"{wire.ITEMS.name}: the list has no end", operation=wire.ITEMS.name)

    def read_stock(self, addresses: Sequence[Address]) -> dict[Address, StockLevel]:
        """Read the quantities shown now; compared by key, as what RMS does not know is left out.

        A row that nobody asked for is one whose SKU number came back in lower case: two pages of RMS
        say different things of that.

        Source: RMS page inventoryapi2_1/inventories_bulk_get.
        """
        asked = {wire.key(address): address for address in addresses if wire.is_address(address)}
        forms = [wire.bulk_get_form(keys) for keys in _batches(asked, READ_BATCH)]
        found: dict[Address, StockLevel] = {}
        for levels in self._rms.map(wire.BULK_GET, wire.levels, forms):
            found |= levels
        folded = {_folded(key): level for key, level in found.items() if key not in asked}
        rows = {address: found.get(key) or folded.get(_folded(key)) for key, address in asked.items()}
        return {address: replace(level, address=address) for address, level in rows.items() if level}

    def write_stock(self, lines: Sequence[StockLine]) -> list[LineResult]:
        """Set quantities in one call, and in more where RMS refuses rows of it.

        RMS answers success for a pair that no item has, so DONE does not prove that the item
        exists. Whether a refused call changed some rows is not documented; to repeat an absolute
        number does no harm.

        Raises:
            ValueError: more than ``WRITE_BATCH`` lines; no call was made.
        Source: RMS page inventoryapi2/upsertbulkinventories.
        """
        if len(lines) > WRITE_BATCH:
            raise ValueError(f"{len(lines)} lines, at most {WRITE_BATCH} in one call")
        return batch.write_all(lines, self.abilities, self._upsert)

    def _upsert(self, lines: Sequence[StockLine]) -> batch.Answer:
        try:
            reply = self._rms.send(wire.UPSERT, wire.upsert_form(lines))
        except OutcomeUnknownError as lost:
            return batch.Answer(lost=lost)
        if reply.status == 204:
            return batch.Answer()
        found = wire.faults(reply)
        if reply.status == 400 and wire.about_rows(found, len(lines)):
            return batch.Answer(refused=found)
        error = self._rms.failure(wire.UPSERT, reply)
        if reply.status in wire.HARMLESS or isinstance(error, AuthError):
            raise error
        if reply.status < 400:
            error = OutcomeUnknownError(str(error), operation=wire.UPSERT.name)
        return batch.Answer(lost=error)

    def confirm(self, lines: Sequence[LineResult]) -> list[LineResult]:
        """Refuse: RMS answers a write at once."""
        if not lines:
            return []
        raise UnsupportedError("RMS answers a write at once", operation="confirm")

    def read_orders(self, window: Window) -> list[Order]:
        """Read the orders placed within the window, oldest first.

        What lies further back than 730 days is left out, as RMS refuses to search there.

        Raises:
            TemporaryError: orders that the search found did not come; none is given, so that
                none is passed over.
        """
        numbers = self._numbers(window)
        found = self._orders(numbers)
        if missing := sorted(set(numbers) - {order.order_id for order in found}):
            raise TemporaryError(
                f"{wire.GET_ORDER.name}: {len(found)} of {len(numbers)} orders came, not {missing[0]}",
                operation=wire.GET_ORDER.name,
            )
        return sorted(found, key=lambda order: (order.ordered_at, order.order_id))

    def read_orders_again(self, order_ids: Sequence[str]) -> list[Order]:
        """Read known orders as they stand now; ones that RMS no longer knows are absent."""
        return self._orders(list(dict.fromkeys(order_ids)))

    def _numbers(self, window: Window) -> list[str]:
        found: dict[str, None] = {}
        waiting = deque(orders.pieces(window, self._clock.now()))
        while waiting:
            piece = waiting.popleft()
            numbers, total = self._search(piece, 1)
            if total >= self._order_cap:
                waiting.extendleft(reversed(self._halves(piece)))
                continue
            for page in range(2, -(-total // self._order_page) + 1):
                numbers += self._search(piece, page)[0]
            if len(set(numbers)) < total:
                raise TemporaryError(
                    f"{wire.SEARCH.name}: {len(set(numbers))} of {total} orders came",
                    operation=wire.SEARCH.name,
                )
            found |= dict.fromkeys(numbers)
        return list(found)

    def _search(self, window: Window, page: int) -> tuple[list[str], int]:
        form = orders.search_form(window, page, self._order_page)
        return self._rms.call(wire.SEARCH, orders.found_numbers, form=form)

    def _halves(self, window: Window) -> list[Window]:
        """Cut a window of which the search cannot give all; 15,000 in one second is no real answer."""
        parts = orders.halves(window)
        if not parts:
            raise UnexpectedReplyError(
                f"{wire.SEARCH.name}: too many orders in one second", operation=wire.SEARCH.name
            )
        return parts

    def _orders(self, numbers: Sequence[str]) -> list[Order]:
        """Read orders by number. An order that RMS names as bad is left out and the rest asked again."""
        found: dict[str, Order] = {}
        missing = list(numbers)
        for _ in range(2):
            forms = [orders.get_form(part, self._version) for part in _batches(missing, orders.GET_BATCH)]
            pages = self._rms.map(wire.GET_ORDER, orders.answer_of, forms)
            found |= {order.order_id: order for page in pages for order in page.orders}
            bad = {number for page in pages for number in page.refused}
            missing = [number for number in missing if number not in found and number not in bad]
            if not bad:
                break
        return [found[number] for number in numbers if number in found]

    def credential_status(self) -> list[CredentialStatus]:
        """Ask for the licence key's end.

        A refusal means a dead key or a function that is not ticked; another function tells which.

        Source: RMS function license.expiryDate.get. The key is in the query, which is never logged.
        """
        secret, ok, unknown = "service_secret", CredentialState.OK, CredentialState.UNKNOWN
        try:
            expires_at = self._expires_at()
        except AuthError as error:
            if error.hint == "credential_missing":
                return [CredentialStatus(kind, unknown, note="not set") for kind in (secret, "licence")]
            return self._without_expiry()
        return [CredentialStatus(secret, ok), CredentialStatus("licence", ok, expires_at)]

    def _expires_at(self) -> datetime:
        licence = self._credentials.get("licence")
        params = {"licenseKey": licence.reveal()} if licence else {}
        return self._rms.call(wire.EXPIRY, wire.expiry_of, params=params)

    def _without_expiry(self) -> list[CredentialStatus]:
        ok, unknown = CredentialState.OK, CredentialState.UNKNOWN
        try:
            self._first_item()
        except AuthError:
            return [
                CredentialStatus("service_secret", unknown),
                CredentialStatus("licence", CredentialState.REFUSED),
            ]
        note = f"{wire.EXPIRY.name} is not ticked"
        return [CredentialStatus("service_secret", ok), CredentialStatus("licence", ok, note=note)]

    def normalise(self, line: StockLine) -> StockLine:
        """Give the line with the manage number in lower case and the quantity within the cap."""
        quantity = min(line.quantity, self.abilities.quantity_max)
        return replace(line, address=wire.key(line.address), quantity=quantity)

    @classmethod
    def belongs(cls, current: Credentials, candidate: Credentials) -> str:
        """Compare the shop number in the licence keys.

        The form (``SL``, six digits, ``_``) is seen, not documented: where the present key has
        another form, nothing is judged.
        """
        if "licence" not in candidate:
            return ""
        new = _shop_number(candidate, "licence")
        old = _shop_number(current, "licence")
        if not new:
            return "renew_wrong_form" if old or "licence" not in current else ""
        return "renew_other_shop" if old and old != new else ""

    def close(self) -> None:
        """End the connections; from another thread it also ends calls under way."""
        self._rms.close()


def create(settings: ShopSettings, credentials: Credentials, clock: Clock, stop: Event) -> Adapter:
    """Make the adapter of one shop; see README.md for its options.

    Raises:
        ConfigError: an option is wrong.
    """
    if transport_of(settings) == "csv":
        return UploadAdapter(upload_options(settings), credentials, clock, stop)
    return RakutenAdapter(settings, credentials, clock, stop)


def abilities_for(settings: ShopSettings) -> Abilities:
    """Give the abilities of the way that a shop goes: API or CSV."""
    return UploadAdapter.abilities if transport_of(settings) == "csv" else RakutenAdapter.abilities


def _shop_number(credentials: Credentials, kind: str) -> str:
    key = credentials.get(kind)
    form = re.fullmatch(r"SL(\d{6})_[0-9A-Za-z]+", key.reveal()) if key else None
    return form[1] if form else ""


def _folded(address: Address) -> Address:
    return tuple(part.lower() for part in address)


def _not_ticked(function: wire.Function, error: AuthError) -> AuthError:
    return AuthError(
        f"{error}; the key is good, so the function is not ticked",
        operation=function.name,
        vendor_code=error.vendor_code,
        hint=wire.NOT_TICKED,
    )


def _batches(rows: Sequence[T] | Mapping[T, object], size: int) -> Iterator[list[T]]:
    waiting = iter(rows)
    while part := list(islice(waiting, size)):
        yield part
