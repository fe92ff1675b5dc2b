"""One store account with all that it has; the live host and the test host have one each (spec 7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sandbox.catalogue import GOODS
from sandbox.malls.yahoo.goods import Goods, merchant_code
from sandbox.malls.yahoo.sales import Sales
from sandbox.malls.yahoo.settings import Settings
from sandbox.malls.yahoo.signature import PublicKeys
from sandbox.malls.yahoo.stock import Stock
from sandbox.malls.yahoo.transfers import Transfers


@dataclass
class Store:
    """A store on one host: ``live`` or ``test``."""

    host: str
    seller_id: str
    settings: Settings
    goods: Goods = field(default_factory=Goods)

    def __post_init__(self) -> None:
        self.stock = Stock(self.goods.knows)
        self.sales = Sales(self.seller_id, self.goods, self.stock, self.settings)
        self.keys = PublicKeys(self.seller_id)
        self.transfers = Transfers(self.goods, self.stock, self.settings)

    def fill(self, now: datetime) -> None:
        """List the sandbox's catalogue."""
        for good in GOODS:
            self.stock.set(self.goods.list_good(good), good.quantity, now)

    def codes(self) -> dict[str, int]:
        """Give what buyers see, by the merchant's code and as the stock API writes it."""
        found: dict[str, int] = {}
        for pair in self.goods.pairs():
            quantity = self.stock.quantity(pair)
            found |= {merchant_code(pair): quantity, ":".join(pair).rstrip(":"): quantity}
        return found
