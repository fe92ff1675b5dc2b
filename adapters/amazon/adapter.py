"""Amazon.co.jp: stock, listings and orders of one seller through the Selling Partner API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from threading import Event
from typing import ClassVar, TypeVar

from adapters.amazon import listings, orders, wire
from adapters.amazon.catalogue import Catalogue
from adapters.amazon.listings import Channel, Listing
from adapters.amazon.options import FEED_ABOVE, FEED_MAX, Options, read_options
from adapters.amazon.partner import Call, Partner
from adapters.amazon.tokens import ENDED
from adapters.amazon.writer import Writer
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
from adapters.errors import AuthError, UnexpectedReplyError

T = TypeVar("T")

_PAGES_MAX = 1000
_READ = "2026-08-05"  # when the sources were last read
_CONSOLE = "https://sellercentral.amazon.co.jp/sellingpartner/developerconsole"
_KINDS = ("client_id", "client_secret", "refresh_token")
_FORMS: Mapping[str, re.Pattern[str]] = {
    "client_id": re.compile(r"amzn1\.application-oa2-client\.[0-9A-Za-z._-]{1,128}"),
    "client_secret": re.compile(r"amzn1\.oa2-cs\.v1\.[0-9A-Za-z._-]{1,256}"),
    "refresh_token": re.compile(r"Atzr\|[!-~]{1,4096}"),
}

QUOTAS: Mapping[str, Quota] = {
    # Source: the models' own tables; for getListingsItem the lower of two figures of devdocs.
    "participations": Quota(0.016, 15),
    "patch": Quota(5, 5),
    "get_item": Quota(5, 5),
    "search_items": Quota(5, 5),
    "create_feed_document": Quota(0.5, 15),
    # The burst is that of JSON_LISTINGS_FEED: five in five minutes (devdocs, 6 May 2025).
    "create_feed": Quota(0.0083, 5),
    "get_feed": Quota(2, 15),
    "get_feed_document": Quota(0.0222, 10),
    "create_report": Quota(0.0167, 15),
    "get_report": Quota(0.1),  # 2/s are allowed; a file takes minutes to make
    "get_report_document": Quota(0.0167, 15),
    "search_orders": Quota(0.0056, 20),
    "get_order": Quota(0.5, 30),
    # Our own courtesy: no limit is published for these two.
    "transfer": Quota(5, 5),
    wire.TOKEN: Quota(1, 5),
}

_ABILITIES = Abilities(
    mall="amazon",
    name_ja="Amazon",
    name_en="Amazon.co.jp",
    code_field="出品者SKU",
    code_screen="セラーセントラル → カタログ → 全在庫の管理",
    code_pattern=listings.CODE_PATTERN,
    code_max_bytes=listings.CODE_MAX_BYTES,
    quantity_max=listings.QUANTITY_MAX,
    readable=Ability(True, "searchListingsItems", "models listingsItems_2021-08-01", _READ),
    products=Ability(
        True,
        "searchListingsItems, above 1,000 listings GET_MERCHANT_LISTINGS_ALL_DATA",
        "models listingsItems_2021-08-01 and reports_2021-06-30",
        _READ,
    ),
    orders=Ability(True, "searchOrders and getOrder", "models orders_2026-01-01", _READ),
    relative_write=Ability(
        False,
        "there is no such operation: a quantity replaces the one before",
        "models listingsItems_2021-08-01 (ListingsItemPatchRequest)",
        _READ,
    ),
    write_batch=100,  # a batch of patches lasts 20 s: a sale waits no longer
    bulk_above=FEED_ABOVE,
    bulk_batch=FEED_MAX,
    read_batch=listings.PAGE,
    quotas=QUOTAS,
    credentials=(
        CredentialKind(
            "client_id", "クライアントID", "LWA client identifier", page_url=_CONSOLE, secret=False
        ),
        CredentialKind(
            "client_secret",
            "クライアントシークレット",
            "LWA client secret",
            life_days=180,
            page_url=_CONSOLE,
        ),
        CredentialKind(
            "refresh_token", "リフレッシュトークン", "refresh token", life_days=365, page_url=_CONSOLE
        ),
    ),
    lowers_own_stock=LowersOwnStock.AT_ORDER,  # a guess, and so an option
    visible_after_s=180,
    poll_interval_s=180,  # the sustained limit of the orders' search
    quick_poll_interval_s=15,
    quick_polls=15,  # of the search's 20 tokens; the others are for answers of several pages
    again_interval_s=3600,  # changes come with the polls; re-reading is a call an order
    look_back_s=730 * 86_400,  # data goes back to 2016: two years are more than any outage
    order_lag_s=orders.HIDDEN.total_seconds(),
    late_confirm=True,
    expected_delay_s=180,
)


class AmazonAdapter(Adapter):
    """One seller on Amazon.co.jp. An address is (出品者SKU, channel of the stock)."""

    abilities: ClassVar[Abilities] = _ABILITIES

    def __init__(self, options: Options, credentials: Credentials, clock: Clock, stop: Event) -> None:
        self._partner = Partner(options, credentials, clock, stop, QUOTAS)
        self._clock = clock
        self._foreign: set[str] = set()  # SKUs last read as not the merchant's own to write
        self._catalogue = Catalogue(self._partner, options.import_by)
        self._writer = Writer(self._partner, options, self._foreign, clock.now)

    def check(self) -> CheckResult:
        """Ask in which countries the seller takes part, and for one listing of this one.

        The first proves the credentials, the second the merchant token and the role. Orders are
        not asked for: one such call takes what three minutes give.
        """
        here = self._partner.ask(Call(wire.PARTICIPATIONS), wire.participation_of)
        if here is None or not here.participating:
            raise AuthError(
                f"{wire.PARTICIPATIONS.name}: the seller does not take part in {wire.MARKETPLACE}",
                operation=wire.PARTICIPATIONS.name,
                hint=wire.NOT_SELLING,
            )
        page = self._partner.ask(
            Call(wire.SEARCH_ITEMS, params=listings.page_params("", 1)), listings.page_of
        )
        warning = "; some listings are suspended" if here.suspended else ""
        return CheckResult(f"{here.store or wire.MARKETPLACE}: {page.total} listings{warning}")

    def read_products(self) -> list[Product]:
        """Read every listing, by pages of a search up to 1,000, above by the file of all listings.

        One that Amazon fulfils, or whose channel is not known, has no code: it is never written.

        Source: models listingsItems_2021-08-01 (searchListingsItems); report type
        GET_MERCHANT_LISTINGS_ALL_DATA.
        """
        found = self._catalogue.read(self.progress)
        self._note_channels(found)
        return [listing.product() for listing in found]

    def read_stock(self, addresses: Sequence[Address]) -> dict[Address, StockLevel]:
        """Read the quantities shown now, 20 SKUs a call.

        Absent is what does not exist, which is how a number that was accepted and dropped is
        found out, and what sells from Amazon's stock by now.
        """
        skus = list(dict.fromkeys(address[0] for address in addresses if listings.is_own(address)))
        together = list(_parts([sku for sku in skus if "," not in sku], listings.PAGE))
        searches = [partial(self._named, part) for part in together]
        found = [listing for part in self._partner.each(wire.SEARCH_ITEMS, searches) for listing in part]
        singly = [partial(self._single, sku) for sku in skus if "," in sku]
        found += [listing for part in self._partner.each(wire.GET_ITEM, singly) for listing in part]
        self._note_channels(found)
        asked = set(skus)
        return {
            listings.address_of(listing.sku): listing.level()
            for listing in found
            if listing.channel is Channel.MERCHANT and listing.sku in asked
        }

    def _named(self, skus: Sequence[str]) -> list[Listing]:
        call = Call(wire.SEARCH_ITEMS, params=listings.named_params(skus))
        return self._partner.ask_now(call, listings.page_of).listings

    def _single(self, sku: str) -> list[Listing]:
        call = Call(wire.GET_ITEM, {"sku": sku}, listings.item_params())
        try:
            return [self._partner.ask_now(call, listings.listing_of)]
        except wire.NotThere:
            return []

    def _note_channels(self, found: Sequence[Listing]) -> None:
        """Remember whose stock it is: a listing may be handed to Amazon between two imports."""
        for listing in found:
            if listing.channel is Channel.MERCHANT:
                self._foreign.discard(listing.sku)
            else:
                self._foreign.add(listing.sku)

    def write_stock(self, lines: Sequence[StockLine]) -> list[LineResult]:
        """Set quantities: by a patch each, which are DONE, above ``feed_above`` lines by a feed (SENT).

        Amazon accepts a SKU that does not exist, so DONE does not prove that the listing exists.

        Raises:
            ValueError: more than a feed can hold; no call was made.
        Source: models listingsItems_2021-08-01 (patchListingsItem), feeds_2021-06-30.
        """
        if len(lines) > FEED_MAX:
            raise ValueError(f"{len(lines)} lines, at most {FEED_MAX} in one feed")
        return self._writer.write(lines)

    def confirm(self, lines: Sequence[LineResult]) -> list[LineResult]:
        """Ask what became of feeds; UNKNOWN is what must be written again."""
        return self._writer.confirm(lines)

    def read_orders(self, window: Window) -> list[Order]:
        """Read the merchant-fulfilled orders placed or changed since the window began, oldest first.

        The search is by last change, so older orders that changed since are among them. What
        was placed in the last two minutes is not found yet.
        """
        found: dict[str, Order] = {}
        for page in self._order_pages(window):
            found |= {order.order_id: order for order in page.orders}
        placed = [order for order in found.values() if order.ordered_at <= window.until]
        return sorted(placed, key=lambda order: (order.ordered_at, order.order_id))

    def _order_pages(self, window: Window) -> Iterator[orders.Page]:
        began, token = self._clock.now(), ""
        for _ in range(_PAGES_MAX):
            # A page's query must be that of the first but for the token.
            call = Call(wire.SEARCH_ORDERS, params=orders.search_params(window, began, token))
            page = self._partner.ask(call, orders.page_of)
            yield page
            if not page.token:
                return
            token = page.token
        raise UnexpectedReplyError("the list of orders has no end", operation=wire.SEARCH_ORDERS.name)

    def read_orders_again(self, order_ids: Sequence[str]) -> list[Order]:
        """Read known orders one by one; ones that Amazon no longer knows are absent."""
        known = [order_id for order_id in dict.fromkeys(order_ids) if orders.is_order_id(order_id)]
        works = [partial(self._order, order_id) for order_id in known]
        return [order for part in self._partner.each(wire.GET_ORDER, works) for order in part]

    def _order(self, order_id: str) -> list[Order]:
        call = Call(wire.GET_ORDER, {"orderId": order_id}, orders.get_params())
        try:
            return self._partner.ask_now(call, orders.order_of)
        except wire.NotThere:
            return []

    def credential_status(self) -> list[CredentialStatus]:
        """Ask for an access token: its refusal names the secret or the authorization. No end is told."""
        ok, unknown = CredentialState.OK, CredentialState.UNKNOWN
        try:
            self._partner.tokens.ask()
        except AuthError as error:
            if error.hint == "credential_missing":
                return [CredentialStatus(kind, unknown, note="not set") for kind in _KINDS]
            dead, rest = ("refresh_token", ok) if error.vendor_code == ENDED else ("client_secret", unknown)
            refused = CredentialStatus(dead, CredentialState.REFUSED, note=str(error))
            return [refused if kind == dead else CredentialStatus(kind, rest) for kind in _KINDS]
        return [CredentialStatus(kind, ok) for kind in _KINDS]

    def normalise(self, line: StockLine) -> StockLine:
        """Give the line with the quantity within the range; SKUs are reported as they are."""
        return replace(line, quantity=min(line.quantity, self.abilities.quantity_max))

    @classmethod
    def belongs(cls, current: Credentials, candidate: Credentials) -> str:
        """Judge the forms, which are seen and not documented.

        Where the present value has another form, nothing is judged.
        """
        for kind, form in _FORMS.items():
            new, old = candidate.get(kind), current.get(kind)
            odd_already = old and not form.fullmatch(old.reveal())
            if new and not odd_already and not form.fullmatch(new.reveal()):
                return "renew_wrong_form"
        return ""

    def close(self) -> None:
        """End the connections; from another thread it also ends calls under way."""
        self._partner.close()


class AmazonWithoutCountdown(AmazonAdapter):
    """The same for a seller whose listings do not lower their own number when they sell."""

    abilities = replace(_ABILITIES, lowers_own_stock=LowersOwnStock.NO)


def create(settings: ShopSettings, credentials: Credentials, clock: Clock, stop: Event) -> AmazonAdapter:
    """Make the adapter of one shop; see README.md for its options.

    Raises:
        ConfigError: an option is missing or wrong.
    """
    options = read_options(settings)
    kind = AmazonAdapter if options.lowers_own_stock else AmazonWithoutCountdown
    return kind(options, credentials, clock, stop)


def _parts(rows: Sequence[T], size: int) -> Iterator[list[T]]:
    waiting = iter(rows)
    while part := list(islice(waiting, size)):
        yield part
