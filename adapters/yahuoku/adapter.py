"""Yahoo!オークション (ヤフオク!): delegated listings, or auctions by files that a person carries."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Event
from typing import ClassVar

from adapters.contract import (
    Abilities,
    Adapter,
    Address,
    CheckResult,
    Clock,
    Credentials,
    CredentialStatus,
    LineResult,
    ListingFile,
    Order,
    Outcome,
    Product,
    ProductFile,
    ShopSettings,
    StockLevel,
    StockLine,
)
from adapters.errors import ConfigError, LineRejectedError, UnexpectedReplyError
from adapters.uploads import WithoutOrders, deny
from adapters.yahuoku import abilities, listing, orders, wire
from adapters.yahuoku.options import AUCTION, Options, read_options


class YahuokuAdapter(WithoutOrders):
    """A shop whose listings are delegated (併売): items of a Yahoo!ショッピング shop, sold at a fixed price.

    Their stock is kept and read there and their orders arrive there. No call is made here and no file
    is taken, so nothing is ever written or counted twice. An address is (管理番号,).
    """

    abilities: ClassVar[Abilities] = abilities.CROSS_LISTED

    def check(self) -> CheckResult:
        """Say that there is nothing to connect: the check that counts is the Yahoo!ショッピング shop's."""
        return CheckResult("nothing of its own to connect; its Yahoo!ショッピング shop is what to check")

    def read_products(self) -> list[Product]:
        """Unsupported: see the abilities."""
        deny("read_products", self.abilities.products)

    def read_stock(self, addresses: Sequence[Address]) -> dict[Address, StockLevel]:
        """Unsupported: see the abilities."""
        del addresses
        deny("read_stock", self.abilities.readable)

    def write_stock(self, lines: Sequence[StockLine]) -> list[LineResult]:
        """Unsupported: see the abilities."""
        if lines:
            deny("write_stock", self.abilities.writable)
        return []

    def confirm(self, lines: Sequence[LineResult]) -> list[LineResult]:
        """Unsupported: nothing is ever sent."""
        if lines:
            deny("confirm", self.abilities.writable)
        return []

    def parse_orders(self, name: str, content: bytes) -> list[Order]:
        """Unsupported: an order that the Yahoo!ショッピング shop brings would count a second time."""
        del name, content
        deny("parse_orders", self.abilities.orders)

    def parse_products(self, name: str, content: bytes) -> ProductFile:
        """Unsupported: see the abilities."""
        del name, content
        deny("parse_products", self.abilities.products)

    def listing_file(self, lines: Sequence[StockLine]) -> ListingFile:
        """Unsupported: it is listed from the Yahoo!ショッピング shop."""
        del lines
        deny("listing_file", self.abilities.writable)

    def credential_status(self) -> list[CredentialStatus]:
        """Give nothing: there are no credentials."""
        return []

    def normalise(self, line: StockLine) -> StockLine:
        """Cap the quantity."""
        return replace(line, quantity=min(line.quantity, self.abilities.quantity_max))


class AuctionAdapter(YahuokuAdapter):
    """A shop that sells at auction (競売): a person uploads what the bot writes, and brings the order export.

    A listing is known by its 管理番号; its auction id changes with every relisting and only goes along.
    A running auction cannot be lowered, so its pieces must be held back from the other shops from the
    listing until it is sold or surely over (``ListingFile.runs``).
    """

    abilities: ClassVar[Abilities] = abilities.AUCTION

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options = options
        self._clock = clock

    def check(self) -> CheckResult:
        """Read the template, where one is set; there is nothing to connect.

        Raises:
            ConfigError: the template cannot be used.
        """
        if not self._options.template:
            return CheckResult("no template is set: orders can be imported, nothing can be listed")
        template = self._template()
        heading = "is the known one" if template.usual else "is not the known one; it is kept as it stands"
        return CheckResult(f"the template has {len(template.rows)} 管理番号; its first row {heading}")

    def _template(self) -> listing.Template:
        if not self._options.template:
            raise ConfigError("template is not set: it is the merchant's own upload file for 競りナビ")
        return listing.read_template(self._options.template)

    def listing_file(self, lines: Sequence[StockLine]) -> ListingFile:
        """Make the file by which a person lists pieces: the template's rows with 個数 filled in.

        Raises:
            ValueError: more lines than one file takes.
            ConfigError: the template is not set or cannot be used.
        """
        most = self.abilities.write_batch or 0
        if len(lines) > most:
            raise ValueError(f"{len(lines)} lines, at most {most} in one file")
        template = self._template()
        refused = self._refused(lines, template)
        good = [line for place, line in enumerate(lines) if place not in refused]
        name = listing.upload_name(self._clock.now())
        content = listing.upload_file(template, good) if good else b""
        ticket = f"{name} {hashlib.sha256(content).hexdigest()[:12]}"
        sent = [LineResult(line, Outcome.SENT, ticket=ticket) for line in lines]
        results = [refused.get(place, result) for place, result in enumerate(sent)]
        runs = {line.mall_code: listing.run_of(template, line) for line in good}
        return ListingFile(name, content, results, {code: run for code, run in runs.items() if run})

    def _refused(self, lines: Sequence[StockLine], template: listing.Template) -> Mapping[int, LineResult]:
        """Find the lines that must not be in the file, by their place."""
        seen: set[str] = set()
        refused = {}
        for place, line in enumerate(lines):
            reason = self._fault_of(line) or template.fault_of(line)
            reason = reason or ("twice in one file" if line.mall_code in seen else "")
            if not reason:
                seen.add(line.mall_code)
            else:
                error = LineRejectedError(line.mall_code, reason, operation="listing_file")
                refused[place] = LineResult(line, Outcome.REFUSED, error)
        return refused

    def _fault_of(self, line: StockLine) -> str:
        if not re.fullmatch(self.abilities.code_pattern, line.mall_code):
            return "not a code that 管理番号 may hold"
        most = min(self._options.pieces_max, self.abilities.quantity_max)
        return "" if 1 <= line.quantity <= most else f"quantity {line.quantity} is outside 1..{most}"

    def parse_orders(self, name: str, content: bytes) -> list[Order]:
        """Read the orders of auctions from the store's order export (.xlsx or CSV)."""
        return orders.orders_of(name, wire.read_table(name, content), self._clock.now())

    def parse_products(self, name: str, content: bytes) -> ProductFile:
        """Read a file of the form that 競りナビ takes as a list of what may be listed."""
        try:
            return listing.products_of(content)
        except wire.Malformed as error:
            raise UnexpectedReplyError(f"{name}: {error}", operation="parse_products") from None


def create(settings: ShopSettings, credentials: Credentials, clock: Clock, stop: Event) -> Adapter:
    """Make the adapter of one shop; see README.md for its options. Opens nothing.

    Raises:
        ConfigError: an option is wrong.
    """
    del credentials, stop
    options = read_options(settings)
    return AuctionAdapter(options, clock) if options.mode == AUCTION else YahuokuAdapter()
