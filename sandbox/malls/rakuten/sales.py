"""Orders and what they do to the mall's own stock (spec 4.2, 4.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sandbox.malls.common.orders import Wish, order_of
from sandbox.malls.rakuten.goods import Goods, Pair
from sandbox.malls.rakuten.items import restocks
from sandbox.malls.rakuten.settings import Settings
from sandbox.malls.rakuten.stock import Stock
from sandbox.malls.rakuten.wire import JST

CANCELLED = 900
PROGRESS = {
    100: "注文確認待ち",
    200: "楽天処理中",
    300: "発送待ち",
    400: "変更確定待ち",
    500: "発送済",
    600: "支払手続き中",
    700: "支払手続き済",
    800: "キャンセル確定待ち",
    CANCELLED: "キャンセル確定",
}
PAYMENTS = {1: "クレジットカード", 2: "代金引換", 9: "銀行振込", 14: "ローソン、郵便局ATM等（前払）"}


@dataclass
class OrderLine:
    """One line of an order. ``restore_flag``: 0 as the item is set, 1 returns stock, 2 does not."""

    detail_id: int
    pair: Pair
    code: str
    link_code: str
    item_number: str
    name: str
    choices: str  # ``axis:value`` lines; empty for single SKUs
    price: int
    units: int
    restore_flag: int = 0
    deleted: bool = False

    @property
    def standing(self) -> int:
        """Give the pieces that are still ordered."""
        return 0 if self.deleted else self.units


@dataclass
class Order:
    """One order. ``reached`` keeps when each progress code was reached."""

    number: str
    ordered_at: datetime
    lines: list[OrderLine]
    buyer: str
    payment: int | None = 1
    delivery: str = "宅配便"
    progress: int = 100
    reached: dict[int, datetime] = field(default_factory=dict)
    times_given: int = 0
    times_given_cancelled: int = 0


class Sales:
    """All orders of the shop. A sale takes stock off at once; a cancel returns it by the flags."""

    def __init__(self, goods: Goods, stock: Stock, settings: Settings) -> None:
        self._goods = goods
        self._stock = stock
        self._settings = settings
        self._next_detail = 10_000_001
        self.orders: dict[str, Order] = {}

    def place(self, wishes: list[Wish], ordered_at: datetime, now: datetime) -> Order:
        """Place an order.

        Raises:
            ValueError: a code is unknown, a quantity is not positive, or there is not enough.
        """
        self._check(wishes)
        lines = [self._line(wish) for wish in wishes]
        for line in lines:
            self._move(line, -line.units, now)
        order = Order(self._number(ordered_at), ordered_at, lines, self._settings.buyer)
        order.reached[order.progress] = ordered_at
        self.orders[order.number] = order
        return order

    def get(self, number: str) -> Order:
        """Give an order; a ValueError where there is none."""
        return order_of(self.orders, number)

    def progress(self, order: Order, code: int, now: datetime) -> None:
        """Move an order on; into 900 by ``cancel`` only.

        Raises:
            ValueError: the code is unknown.
        """
        if code not in PROGRESS:
            raise ValueError(f"no progress {code}; known: {', '.join(map(str, PROGRESS))}")
        order.progress = code
        order.reached[code] = now

    def cancel(self, order: Order, restore_type: int, now: datetime) -> None:
        """Cancel what still stands of an order.

        Args:
            restore_type: RMS's ``inventoryRestoreType``: 0 by the flags, 1 return stock, 2 do not.
        """
        if order.progress == CANCELLED:
            raise ValueError(f"order {order.number} is cancelled already")
        for line in order.lines:
            self._give_back(line, line.standing, restore_type, now)
        self.progress(order, CANCELLED, now)

    def reduce(self, line: OrderLine, quantity: int, now: datetime) -> None:
        """Take pieces out of a line; a line that loses all of them keeps its units and is flagged."""
        if not 1 <= quantity <= line.standing:
            raise ValueError(f"the line has {line.standing} pieces, not {quantity}")
        if quantity == line.standing:
            line.deleted = True
        else:
            line.units -= quantity
        self._give_back(line, quantity, 0, now)

    def _check(self, wishes: list[Wish]) -> None:
        wanted: dict[Pair, int] = {}
        for wish in wishes:
            item, variant = self._goods.find(wish.code)
            pair = (item.manage_number, variant.variant_id)
            wanted[pair] = wanted.get(pair, 0) + wish.quantity
            short = wanted[pair] > self._stock.quantity(pair)
            if wish.quantity < 1 or (short and not variant.back_order and not item.unlimited):
                raise ValueError(f"{self._stock.quantity(pair)} of {wish.code} on sale, not {wanted[pair]}")
        if not wishes:
            raise ValueError("an order has lines")

    def _line(self, wish: Wish) -> OrderLine:
        item, variant = self._goods.find(wish.code)
        names = dict(item.axes)
        detail_id = self._next_detail
        self._next_detail += 1
        return OrderLine(
            detail_id,
            (item.manage_number, variant.variant_id),
            code=item.code_of(variant),
            link_code=variant.link_code,
            item_number=item.item_number,
            name=item.title,
            choices="\n".join(f"{names[key]}:{value}" for key, value in variant.choices.items()),
            price=int(variant.price),
            units=wish.quantity,
        )

    def _give_back(self, line: OrderLine, units: int, restore_type: int, now: datetime) -> None:
        item = self._goods.get(line.pair[0])
        variant = item.variants.get(line.pair[1]) if item else None
        chosen = restore_type or line.restore_flag
        if chosen == 1 or (chosen == 0 and variant and restocks(variant, self._settings)):
            self._move(line, units, now)

    def _move(self, line: OrderLine, delta: int, now: datetime) -> None:
        item = self._goods.get(line.pair[0])
        if item and not item.unlimited and self._settings.sale_lowers_stock:
            self._stock.move(line.pair, delta, now)

    def _number(self, ordered_at: datetime) -> str:
        day = ordered_at.astimezone(JST).strftime("%Y%m%d")
        return f"{self._settings.shop_number}-{day}-{len(self.orders) + 1:010d}"
