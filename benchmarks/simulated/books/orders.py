"""Order lines, cursors and product lists in dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.contract import Address, Clock, LineState, Order, Product
from benchmarks.simulated.books.base import Base
from bot.sync.values import CountedLine, LineKey, SeenLine


@dataclass(frozen=True)
class Line:
    """An order line as it is kept."""

    seen: SeenLine
    counted: CountedLine
    first_seen_at: datetime
    read_at: datetime


class OrderBooks(Base):
    """What the shops' orders and lists are kept in; see ``bot.sync.ports`` for what each method means."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.lines: dict[LineKey, Line] = {}
        self._orders: dict[tuple[str, str], tuple[LineKey, ...]] = {}
        self._open: dict[str, dict[str, bool]] = {}
        self._unmapped: dict[str, dict[LineKey, bool]] = {}
        self._cursors: dict[str, datetime] = {}
        self._products: dict[str, dict[Address, Product]] = {}
        self._places: dict[str, dict[str, list[Address]]] = {}

    def counted_line(self, key: LineKey) -> CountedLine | None:
        """Give what a line counts for."""
        line = self.lines.get(key)
        return line.counted if line else None

    def put_order(self, shop: str, order: Order) -> None:
        """Keep nothing: an order's facts move no stock."""

    def put_line(self, seen: SeenLine, counted: CountedLine) -> None:
        """Keep a line."""
        key, order = seen.key, (seen.key.shop, seen.key.order_id)
        known, now = self.lines.get(key), self._clock.now()
        if known is not None and known.seen.ordered_at != seen.ordered_at:  # the first one is kept
            seen = replace(seen, ordered_at=known.seen.ordered_at)
        if known is None:
            keys = sorted((*self._orders.get(order, ()), key), key=lambda each: each.line_id)
            self._undo.put(self._orders, order, tuple(keys))
        self._undo.put(self.lines, key, Line(seen, counted, known.first_seen_at if known else now, now))
        self._file(seen, counted)

    def _file(self, seen: SeenLine, counted: CountedLine) -> None:
        shop = seen.key.shop
        if not seen.closed:
            self._undo.put(self._open.setdefault(shop, {}), seen.key.order_id, True)  # noqa: FBT003
        unmapped = self._unmapped.setdefault(shop, {})
        if counted.code is None and seen.state is not LineState.CANCELLED and seen.quantity > 0:
            self._undo.put(unmapped, seen.key, True)  # noqa: FBT003
        elif seen.key in unmapped:
            self._undo.drop(unmapped, seen.key)

    def lines_of(self, shop: str, order_id: str) -> list[SeenLine]:
        """Give the known lines of an order."""
        return [self.lines[key].seen for key in self._orders.get((shop, order_id), ())]

    def open_order_ids(
        self, shop: str, *, read_before: datetime, ordered_after: datetime, limit: int
    ) -> list[str]:
        """List orders that may still change."""
        found = []
        for order_id in self._open.get(shop, ()):
            lines = [self.lines[key] for key in self._orders[shop, order_id]]
            reads = [
                line.read_at
                for line in lines
                if not line.seen.closed and line.seen.ordered_at > ordered_after
            ]
            if reads and max(reads) <= read_before:
                found.append((max(reads), order_id))
        return [order_id for _, order_id in sorted(found)[:limit]]

    def note_read(self, shop: str, order_ids: Sequence[str]) -> None:
        """Note that orders were asked for."""
        now = self._clock.now()
        for order_id in order_ids:
            for key in self._orders.get((shop, order_id), ()):
                line = self.lines[key]
                self._undo.put(self.lines, key, Line(line.seen, line.counted, line.first_seen_at, now))

    def unmapped_lines(self, shop: str) -> list[SeenLine]:
        """List lines without a mapping."""
        found = [self.lines[key].seen for key in self._unmapped.get(shop, ())]
        return sorted(found, key=lambda seen: (seen.ordered_at, seen.key.order_id, seen.key.line_id))

    def cursor(self, shop: str) -> datetime | None:
        """Read a cursor."""
        return self._cursors.get(shop)

    def set_cursor(self, shop: str, read_up_to: datetime, was: datetime | None) -> None:
        """Move a cursor."""
        if self._cursors.get(shop) == was or shop not in self._cursors:
            self._undo.put(self._cursors, shop, read_up_to)

    def cursors(self) -> dict[str, datetime]:
        """Read all cursors."""
        return dict(self._cursors)

    # ------------------------------------------------------------------ products

    def replace_products(self, shop: str, products: Sequence[Product], now: datetime) -> None:
        """Keep a product snapshot."""
        del now
        self._undo.put(self._products, shop, {product.address: product for product in products})
        places: dict[str, list[Address]] = {}
        for product in sorted(products, key=lambda product: product.address):
            places.setdefault(product.mall_code, []).append(product.address)
        self._undo.put(self._places, shop, places)

    def mall_code_at(self, shop: str, address: Address) -> str | None:
        """Look an address up in the snapshot."""
        found = self._products.get(shop, {}).get(address)
        return found.mall_code if found else None

    def addresses(self, shop: str, mall_codes: Iterable[str]) -> dict[str, list[Address]]:
        """Look mall codes up in the snapshot."""
        places = self._places.get(shop, {})
        return {mall_code: places[mall_code] for mall_code in mall_codes if mall_code in places}

    def misplaced(self, shop: str, listings: Mapping[str, str]) -> set[str]:
        """Look for listings that are not at one address."""
        places = self._places.get(shop, {})
        return {code for code, mall_code in listings.items() if len(places.get(mall_code, ())) != 1}

    def product_count(self, shop: str) -> int:
        """Count a product snapshot."""
        return len(self._products.get(shop, ()))
