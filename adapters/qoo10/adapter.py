"""Qoo10: stock, products and orders of one shop through QAPI."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta, timezone
from functools import partial
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
    Quota,
    ShopSettings,
    StockLevel,
    StockLine,
    Window,
)
from adapters.errors import AuthError, TemporaryError, UnsupportedError
from adapters.qoo10 import orders, products, wire
from adapters.qoo10.batch import Batch
from adapters.qoo10.qapi import KEY, Qapi

WRITE_BATCH = 500
OPTION_BULK_ABOVE = 50
JAPAN_H = 9.0
_PAGES_MAX = 10_000
_ITEMS_A_STEP = 50  # read between two words of progress: some twenty seconds
_READ = "2026-09-20"  # when the sources were last read

QUOTAS: Mapping[str, Quota] = {
    # No limit is published. Careful clients stay within these.
    "single": Quota(5),
    "bulk": Quota(1),
}

_ABILITIES = Abilities(
    mall="qoo10",
    name_ja="Qoo10",
    name_en="Qoo10 Japan",
    code_field="販売者商品コード／販売者オプションコード",
    code_screen="QSM → 商品管理 → 商品一覧・修正",
    code_pattern=r"[^\x00-\x20\x7f\u3000]+",
    code_max_bytes=100,
    quantity_max=wire.QUANTITY_MAX,
    readable=Ability(
        True,
        "GetItemDetailInfo, GetGoodsInventoryInfo",
        "QAPI pages GetItemDetailInfo (10007), GetGoodsInventoryInfo (10005)",
        _READ,
    ),
    products=Ability(True, "GetAllGoodsInfo", "QAPI page GetAllGoodsInfo (10008)", _READ),
    orders=Ability(
        True,
        "GetShippingInfo_v3, GetClaimInfo_V3",
        "QAPI pages GetShippingInfo_v3 (15766), GetClaimInfo_V3 (15475)",
        _READ,
    ),
    relative_write=Ability(
        False,
        "UpdateInventoryQtyPlusUnit exists for options, but after a lost answer it could not be repeated",
        "QAPI page UpdateInventoryQtyPlusUnit (10023)",
        _READ,
    ),
    write_batch=WRITE_BATCH,
    read_batch=1,
    quotas=QUOTAS,
    credentials=(CredentialKind(KEY, "販売者認証キー", "seller authorization key", life_days=365),),
    lowers_own_stock=LowersOwnStock.AT_ORDER,
    visible_after_s=600,
    look_back_s=orders.LOOK_BACK.total_seconds(),
    expected_delay_s=600,
)


class Qoo10Adapter(Adapter):
    """One shop of Qoo10.

    The address of an item without options is (商品番号, end of sale), as each write must say the end
    of sale again. That of an option row is (商品番号, option names, option values), the axes joined.
    """

    abilities: ClassVar[Abilities] = _ABILITIES

    def __init__(self, settings: ShopSettings, credentials: Credentials, clock: Clock, stop: Event) -> None:
        self._qapi = Qapi(settings, credentials, clock, stop, QUOTAS)
        self._clock = clock
        self._zone = timezone(timedelta(hours=float(settings.options.get("utc_offset_h", JAPAN_H))))
        self._read_orders = partial(orders.orders_of, zone=self._zone)
        self._option_bulk_above = int(settings.options.get("option_bulk_above", OPTION_BULK_ABOVE))

    def check(self) -> CheckResult:
        """Make the smallest read of items and of orders; nothing personal is kept of the latter."""
        self._first_items()
        now = self._clock.now()
        last_minute = orders.pieces(Window(now - timedelta(minutes=1), now))[0]
        form = orders.shipping_form(last_minute, "0", self._zone)
        self._qapi.call(wire.SHIPPING, form, self._read_orders)
        return CheckResult(f"{wire.LIST.name}, {wire.SHIPPING.name}")

    def _first_items(self) -> None:
        # Few items wait, so this answer is shorter than that about those on sale.
        self._qapi.call(wire.LIST, products.list_form("S1", 1), products.page_of)

    def read_products(self) -> list[Product]:
        """Read every item and option row; two calls an item, so a large shop takes long.

        An item in a state that QAPI shows no detail of comes without a code, and says why.

        Source: QAPI pages GetAllGoodsInfo, GetItemDetailInfo, GetGoodsInventoryInfo.
        """
        listed = [item for status in products.READABLE for item in self._listed(wire.LIST, status)]
        shown, items = list(dict.fromkeys(listed)), list[tuple[products.Detail, list[products.Option]]]()
        for start in range(0, len(shown), _ITEMS_A_STEP):
            self.progress(start, len(shown))
            items += self._with_options(shown[start : start + _ITEMS_A_STEP])
        others = list(self._not_shown())
        total = len(shown) + len(others)
        self.progress(total, total)
        return products.products_of(items) + others

    def _with_options(self, shown: Sequence[str]) -> list[tuple[products.Detail, list[products.Option]]]:
        """Read items and their options; what is not shown any more is left out."""
        forms = [products.item_form(item) for item in shown]
        details = [detail for detail in self._qapi.map(wire.DETAIL, forms, products.detail_of) if detail]
        forms = [products.item_form(detail.item) for detail in details]
        tables = self._qapi.map(wire.OPTIONS, forms, products.options_of)
        return [(detail, table) for detail, table in zip(details, tables, strict=True) if table is not None]

    def _not_shown(self) -> Iterator[Product]:
        for status, why in products.UNREADABLE.items():
            for item, code in self._listed(wire.LIST_OTHERS, status).items():
                yield products.unreadable(item, code, f"{why} ({status})")

    def _listed(self, method: wire.Method, status: str) -> dict[str, str]:
        """List the items in a status: their numbers with their codes."""
        found: dict[str, str] = {}
        for number in range(1, _PAGES_MAX):
            page = self._qapi.call(method, products.list_form(status, number), products.page_of)
            found |= page.items
            if number >= page.pages:
                break
        if len(found) < page.total:
            raise TemporaryError(
                f"{wire.LIST.name}: {len(found)} of {page.total} items came", operation=wire.LIST.name
            )
        return found

    def read_stock(self, addresses: Sequence[Address]) -> dict[Address, StockLevel]:
        """Read the quantities shown now, one call an item; a renamed option row is absent.

        Source: QAPI pages GetItemDetailInfo, GetGoodsInventoryInfo.
        """
        known = [address for address in dict.fromkeys(addresses) if wire.is_address(address)]
        plain = [address for address in known if wire.is_plain(address)]
        options = [address for address in known if not wire.is_plain(address)]
        return self._item_levels(plain) | self._option_levels(options)

    def _item_levels(self, addresses: Sequence[Address]) -> dict[Address, StockLevel]:
        forms = [products.item_form(address[0]) for address in addresses]
        details = self._qapi.map(wire.DETAIL, forms, products.detail_of)
        return {
            address: StockLevel(address, detail.quantity)
            for address, detail in zip(addresses, details, strict=True)
            if detail
        }

    def _option_levels(self, addresses: Sequence[Address]) -> dict[Address, StockLevel]:
        items = list(dict.fromkeys(address[0] for address in addresses))
        tables = self._qapi.map(wire.OPTIONS, map(products.item_form, items), products.options_of)
        shown = {
            (item, option.names, option.values): option.quantity
            for item, table in zip(items, tables, strict=True)
            for option in table or ()
        }
        return {address: StockLevel(address, shown[address]) for address in addresses if address in shown}

    def write_stock(self, lines: Sequence[StockLine]) -> list[LineResult]:
        """Set quantities: items without options 500 a call, option rows singly or in bulk.

        Raises:
            ValueError: more than ``WRITE_BATCH`` lines; no call was made.
        Source: QAPI pages SetGoodsPriceQty (10024), SetGoodsPriceQtyBulk (15238),
            UpdateInventoryQtyUnit (10022), UpdateInventoryDataBulk (15237).
        """
        if len(lines) > WRITE_BATCH:
            raise ValueError(f"{len(lines)} lines, at most {WRITE_BATCH} in one call")
        return Batch(lines, self.abilities, self._qapi, self._option_bulk_above).run()

    def confirm(self, lines: Sequence[LineResult]) -> list[LineResult]:
        """Refuse: QAPI answers a write at once."""
        if not lines:
            return []
        raise UnsupportedError("QAPI answers a write at once", operation="confirm")

    def read_orders(self, window: Window) -> list[Order]:
        """Read the orders placed within the window, oldest first; a cart's products are orders each.

        The states of shipping are read upwards, one after another: an order that moves on
        meanwhile is met twice at worst. Cancelled orders are looked up by their claims, as the
        search by shipping is not said to hold them.
        """
        pieces = orders.pieces(window)
        found: dict[str, Order] = {}
        for shipping in orders.SHIPPING_STATES:
            forms = [orders.shipping_form(piece, shipping, self._zone) for piece in pieces]
            for page in self._qapi.map(wire.SHIPPING, forms, self._read_orders):
                found |= {order.order_id: order for order in page}
        ended = self._cancelled(pieces)
        unseen = [order_id for order_id in ended if order_id not in found]
        found |= {order.order_id: order for order in self.read_orders_again(unseen)}
        found |= {order_id: orders.cancelled(found[order_id]) for order_id in ended if order_id in found}
        return sorted(found.values(), key=lambda order: (order.ordered_at, order.order_id))

    def _cancelled(self, pieces: Sequence[Window]) -> list[str]:
        forms = [
            orders.claim_form(piece, claim, self._zone) for claim in orders.CANCELLED for piece in pieces
        ]
        pages = self._qapi.map(wire.CLAIMS, forms, orders.numbers_of)
        return list(dict.fromkeys(order_id for page in pages for order_id in page))

    def read_orders_again(self, order_ids: Sequence[str]) -> list[Order]:
        """Read known orders as they stand now, one call each; ones that are not known are absent.

        Source: QAPI page GetShippingAndClaimInfoByOrderNo_V2 (15477).
        """
        forms = [orders.order_form(order_id) for order_id in dict.fromkeys(order_ids)]
        pages = self._qapi.map(wire.ORDER, forms, self._read_orders)
        return [order for page in pages for order in page]

    def credential_status(self) -> list[CredentialStatus]:
        """Ask whether the key is taken; QAPI tells its end to nobody."""
        try:
            self._first_items()
        except AuthError as error:
            if error.hint == "credential_missing":
                return [CredentialStatus(KEY, CredentialState.UNKNOWN, note="not set")]
            if error.hint == wire.METHOD_NOT_GRANTED:
                return [CredentialStatus(KEY, CredentialState.OK, note=str(error))]
            return [CredentialStatus(KEY, CredentialState.REFUSED, note=str(error))]
        return [CredentialStatus(KEY, CredentialState.OK)]

    def normalise(self, line: StockLine) -> StockLine:
        """Give the line with the quantity within the cap."""
        return replace(line, quantity=min(line.quantity, self.abilities.quantity_max))

    @classmethod
    def belongs(cls, current: Credentials, candidate: Credentials) -> str:
        """Judge the letters of a key alone: it is opaque, and does not tell its shop."""
        del current
        key = candidate.get(KEY)
        return "renew_wrong_form" if key and not re.fullmatch(r"[\x21-\x7e]+", key.reveal()) else ""

    def close(self) -> None:
        """End the connections; from another thread it also ends calls under way."""
        self._qapi.close()


def create(settings: ShopSettings, credentials: Credentials, clock: Clock, stop: Event) -> Adapter:
    """Make the adapter of one shop; see README.md for its options."""
    return Qoo10Adapter(settings, credentials, clock, stop)
