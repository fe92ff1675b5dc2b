"""futureshop: stock, products and orders of one shop through APIv2."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import ClassVar

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
    ShopSettings,
    StockLevel,
    StockLine,
    Window,
)
from adapters.errors import AuthError, OutcomeUnknownError, RateLimitedError, UnsupportedError
from adapters.futureshop import api, orders, stock, wire
from adapters.futureshop.api import Api
from adapters.futureshop.batch import Batch
from adapters.futureshop.options import ApiOptions, api_options, transport_of, upload_options
from adapters.futureshop.upload import UploadAdapter
from adapters.http import Reply

WRITE_BATCH = 300  # lines: three calls if each is another product, one if products have several SKUs
_READ = "2026-10-01"  # when the sources were last read
_CLIENTS = "recorded answers of working clients of APIv2; the manual's own page was not read"
_PAGE = "https://manual.future-shop.jp/api/api/"

_ABILITIES = Abilities(
    mall="futureshop",
    name_ja="futureshop",
    name_en="futureshop",
    code_field="商品番号＋枝番号",
    code_screen="futureshop 管理画面 → 商品 → バリエーション設定",
    code_pattern=r"[^\x00-\x20\x7f\u3000,]+",
    code_max_bytes=wire.PRODUCT_NO_BYTES + 2 * wire.BRANCH_NO_BYTES,
    quantity_max=wire.QUANTITY_MAX,
    readable=Ability(True, "GET inventory", _CLIENTS, _READ),
    products=Ability(True, "GET inventory lists every SKU with its skuNo", _CLIENTS, _READ),
    orders=Ability(True, "GET shipping and GET orders", _CLIENTS, _READ),
    relative_write=Ability(
        False,
        "a count with a sign adds, but after a lost answer it could not be repeated",
        "futureshop manual, api-inventoryRefresh",
        _READ,
    ),
    write_batch=WRITE_BATCH,
    read_batch=stock.PRODUCTS_A_CALL,
    quotas=api.QUOTAS,
    credentials=(
        CredentialKind("shop_key", "店舗KEY", "shop key", page_url=_PAGE, secret=False),
        CredentialKind("client_id", "APIキー", "API key (client id)", page_url=_PAGE),
        CredentialKind("client_secret", "APIパスワード", "API password (client secret)", page_url=_PAGE),
    ),
    lowers_own_stock=LowersOwnStock.AT_ORDER,
    visible_after_s=5,
    look_back_s=30 * 86_400,
    expected_delay_s=5,
    registers_address=True,  # seen in one client's message, not documented
)


class FutureshopAdapter(Adapter):
    """One shop of futureshop.

    An address is (商品番号, 横軸枝番号, 縦軸枝番号), with "" for an axis that the product does not have.
    """

    abilities: ClassVar[Abilities] = _ABILITIES

    def __init__(self, options: ApiOptions, credentials: Credentials, clock: Clock, stop: Event) -> None:
        self._api = Api(options, credentials, clock, stop)
        self._clock = clock
        self._cancel_statuses = options.cancel_statuses
        self._look_first = options.look_first

    def check(self) -> CheckResult:
        """Make the smallest read of the two lists: products registered, and orders placed, just now.

        Each API is granted by itself, so one that is refused is named. Nothing personal is kept.
        """
        now = self._clock.now()
        last_minute = Window(now - timedelta(minutes=1), now)
        start, end = wire.stamp(last_minute.since), wire.stamp(last_minute.until)
        query = {"types": "regular", "createDateStart": start, "createDateEnd": end}
        self._api.collect(wire.STOCK, stock.cells_of, [query])
        self.read_orders(last_minute)
        return CheckResult(f"{wire.TOKEN.name}, {wire.STOCK.name}, {wire.SHIPPING.name}")

    def read_products(self) -> list[Product]:
        """Read every SKU of the ordinary stock, hidden ones too; products without such stock are left out."""
        cells: list[stock.Cell] = []
        for page in self._api.pages(wire.STOCK, stock.cells_of, [{"types": "regular"}]):
            cells += page
            self.progress(len(cells), None)
        products = stock.products_of(cells)
        self.progress(len(products), len(products))
        return products

    def read_stock(self, addresses: Sequence[Address]) -> dict[Address, StockLevel]:
        """Read the quantities shown now; the mall is asked by product and answers with all its SKUs."""
        asked = {address for address in addresses if stock.is_address(address)}
        cells = self._api.collect(wire.STOCK, stock.cells_of, stock.queries(sorted(asked)))
        return {
            cell.address: StockLevel(cell.address, max(0, cell.quantity))
            for cell in cells
            if cell.address in asked
        }

    def write_stock(self, lines: Sequence[StockLine]) -> list[LineResult]:
        """Set quantities, at most a hundred products in a call.

        Raises:
            ValueError: more than ``WRITE_BATCH`` lines; no call was made.
        Source: futureshop manual, api-inventoryRefresh.
        """
        if len(lines) > WRITE_BATCH:
            raise ValueError(f"{len(lines)} lines, at most {WRITE_BATCH} in one write")
        look_first = self._look_first
        return Batch(lines, self.abilities, self._post, self._known, look_first=look_first).run()

    def _post(self, lines: Sequence[StockLine]) -> stock.Answer:
        products = list(dict.fromkeys(line.address[0] for line in lines))
        try:
            reply = self._api.send(wire.Call(wire.WRITE, form=stock.write_form(lines)))
        except OutcomeUnknownError as lost:
            return stock.all_lost(products, lost)
        if wire.speaks_of_products(reply):
            return self._answer(reply, products)
        error = self._api.failure(wire.WRITE, reply)
        if reply.status in wire.HARMLESS or isinstance(error, AuthError | RateLimitedError):
            raise error
        return stock.all_lost(products, error)

    def _answer(self, reply: Reply, products: Sequence[str]) -> stock.Answer:
        try:
            return stock.answer_of(wire.parsed(reply), products)
        except wire.Malformed as error:
            why = str(error)
        return stock.all_lost(products, self._api.not_understood(wire.WRITE, reply, why))

    def _known(self, addresses: Sequence[Address]) -> Collection[Address]:
        return self.read_stock(addresses).keys()

    def confirm(self, lines: Sequence[LineResult]) -> list[LineResult]:
        """Refuse: the API answers a write at once."""
        if not lines:
            return []
        raise UnsupportedError("the API answers a write at once", operation="confirm")

    def read_orders(self, window: Window) -> list[Order]:
        """Read the orders placed within the window, oldest first."""
        found = self._list_orders([orders.window_query(window)])
        return _oldest_first(order for order in found.values() if orders.within(order, window))

    def read_orders_again(self, order_ids: Sequence[str]) -> list[Order]:
        """Read known orders as they stand now.

        One that has left the list, as a cancelled order may, is asked for by itself; only what the mall
        does not know then is absent.
        """
        found = self._list_orders(orders.number_queries(order_ids))
        numbers = [number for number in dict.fromkeys(order_ids) if orders.is_number(number)]
        for number in numbers:
            if number not in found:
                found |= {order.order_id: order for order in self._order(number)}
        return [found[number] for number in numbers if number in found]

    def _list_orders(self, queries: Sequence[Mapping[str, str]]) -> dict[str, Order]:
        rows = self._api.collect(wire.SHIPPING, self._orders_of, queries)
        return {order.order_id: order for order in rows}

    def _orders_of(self, row: object) -> list[Order]:
        return [orders.order_of(row, self._cancel_statuses)]

    def _order(self, number: str) -> list[Order]:
        call = wire.Call(wire.ORDER, below=f"/{number}")
        try:
            return self._api.ask(call, self._orders_of)
        except wire.NoSuchOrderError:
            return []

    def credential_status(self) -> list[CredentialStatus]:
        """Ask for a new access token; the mall judges the three values together, and tells no end."""
        state, note = CredentialState.OK, ""
        try:
            self._api.prove_credentials()
        except AuthError as error:
            missing = error.hint == "credential_missing"
            state = CredentialState.UNKNOWN if missing else CredentialState.REFUSED
            note = "not set" if missing else str(error)
        return [CredentialStatus(kind, state, note=note) for kind in api.KINDS]

    def normalise(self, line: StockLine) -> StockLine:
        """Cap the quantity; numbers and codes are taken as they come, letter by letter."""
        return replace(line, quantity=min(line.quantity, self.abilities.quantity_max))

    @classmethod
    def belongs(cls, current: Credentials, candidate: Credentials) -> str:
        """Judge the form: plain ASCII without blanks, and no ``:`` in the API key, which Basic cannot carry.

        Nothing in the values tells the shop, so another shop's are found by ``check`` alone.
        """
        del current
        good = all(wire.is_header_text(value.reveal()) for value in candidate.values())
        client_id = candidate.get("client_id")
        return "" if good and not (client_id and ":" in client_id.reveal()) else "renew_wrong_form"

    def close(self) -> None:
        """End the connections; from another thread it also ends calls under way."""
        self._api.close()


def create(settings: ShopSettings, credentials: Credentials, clock: Clock, stop: Event) -> Adapter:
    """Make the adapter of one shop; see README.md for its options.

    Raises:
        ConfigError: an option is wrong or lacking.
    """
    if transport_of(settings) == "csv":
        return UploadAdapter(upload_options(settings), credentials, clock, stop)
    return FutureshopAdapter(api_options(settings), credentials, clock, stop)


def abilities_for(settings: ShopSettings) -> Abilities:
    """Give the abilities of the way that a shop goes: API or CSV."""
    return UploadAdapter.abilities if transport_of(settings) == "csv" else FutureshopAdapter.abilities


def _oldest_first(found: Iterable[Order]) -> list[Order]:
    return sorted(found, key=lambda order: (order.ordered_at, order.order_id))
