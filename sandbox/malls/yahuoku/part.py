"""One Yahoo!オークション store: no port, for it has no API; its verbs are the hands of people at screens.

Verbs beside the common ones: ``upload``, ``download_orders``, ``download_listings``, ``listings``,
``put_up``, ``relist``, ``withdraw`` (the staff at 競りナビ); ``bid``, ``win`` (buyers).
"""

from __future__ import annotations

import base64
from typing import Any

from sandbox.catalogue import GOODS, Good
from sandbox.malls.common.part import MallPart
from sandbox.malls.yahuoku import faults, rows
from sandbox.malls.yahuoku.auctions import BID, OPEN, OVER, SAVED, WON, AuctionIds, Auctions
from sandbox.malls.yahuoku.csvform import FOLDER
from sandbox.malls.yahuoku.delegated import Delegated
from sandbox.malls.yahuoku.listing_file import listing_rows
from sandbox.malls.yahuoku.log import Log
from sandbox.malls.yahuoku.sales import Order, Sales
from sandbox.malls.yahuoku.screens import Screens, Store
from sandbox.malls.yahuoku.settings import Settings
from sandbox.web import WebHost
from sandbox.world import Part, World

AT_AUCTION = {"mug": "競売", "cap-navy": "即決"}
"""What of the catalogue is in 競りナビ from the start; Yahoo!ショッピング delegates the rest."""


class YahuokuMall(MallPart):
    """A store on Yahoo!オークション. ``settings`` are the fields of ``Settings``.

    In control verbs ``code`` is 管理番号; for a delegated listing 商品コード of Yahoo!ショッピング.

    Args:
        shopping: the Yahoo!ショッピング part, whose stock delegated listings show and through whose
            order API all orders are read; None for a store on its own.
    """

    name = "yahuoku"
    title = "Yahoo!オークション（ストア）"
    violation_name = "形式違反のアップロード"
    _settings: Settings

    def __init__(
        self, world: World, _web: WebHost | None = None, *, shopping: Part | None = None, **settings: Any
    ) -> None:
        self._world = world
        self._settings = Settings(**settings)
        self._faults = faults.Faults()
        self._log = Log()
        self._ids = AuctionIds()
        self._delegated = Delegated(shopping)
        self._auctions = Auctions(self._ids, self._settings)
        self._sales = Sales(self._auctions, self._delegated, self._settings)
        store = Store(self._auctions, self._delegated, self._sales, self._settings)
        self._screens = Screens(store, self._faults, self._log, world.clock.now)
        for good in GOODS:
            if good.code in AT_AUCTION:
                self._list(good, is_fixed_price=AT_AUCTION[good.code] == "即決")
            else:
                self._delegated.add(good, self._ids.next())

    # ------------------------------------------------------------------ the part

    def start(self) -> None:
        """Do nothing: there is no port."""

    def stop(self) -> None:
        """Do nothing, as ``start``."""

    def addresses(self) -> dict[str, Any]:
        """Give what an operator must know: no address and no key, the folder that uploads go to."""
        return {"folder": self._settings.folder}

    def _catch_up(self) -> None:
        self._auctions.settle(self._now)

    # ------------------------------------------------------------------ 競りナビ and the order screen

    def do_upload(self, name: str, content_base64: str) -> dict[str, Any]:
        """Upload an auction CSV; gives how many rows the screen says it took, and what it complains of."""
        return self._screens.upload(name, base64.b64decode(content_base64, validate=True))

    def do_download_orders(self) -> dict[str, str]:
        """Download the order export."""
        return self._screens.download_orders()

    def do_download_listings(self) -> dict[str, str]:
        """Download the list of items."""
        return self._screens.download_listings()

    def do_listings(self) -> list[dict[str, Any]]:
        """Give the list of items as the screen shows it."""
        return listing_rows(self._auctions.shown(self._now), self._delegated)

    def do_put_up(self, code: str = "") -> dict[str, str]:
        """出品: list what is saved under a code, or all that is saved; gives auction IDs by code."""
        saved = [item for item in self._auctions.shown(self._now) if item.state == SAVED]
        chosen = [item for item in saved if code in ("", item.code)]
        if not chosen:
            raise ValueError(f"nothing is saved under {code!r}")
        for item in chosen:
            self._auctions.put_up(item, self._now)
        return {item.code: item.auction_id for item in chosen}

    def do_relist(self, code: str = "") -> dict[str, str]:
        """再出品: put an auction up again, or all that are over; gives the new auction ID by code."""
        if code:
            self._refuse_delegated(code)
            chosen = [self._auctions.find(code, *OVER, *OPEN, WON)]
        else:
            chosen = [item for item in self._auctions.newest().values() if item.state in OVER]
        fresh = [self._auctions.relist(item, self._now) for item in chosen]
        return {item.code: item.auction_id for item in fresh}

    def do_withdraw(self, code: str) -> None:
        """取り消し: end an auction, bids or not."""
        self._auctions.edit(self._auctions.find(code, *OPEN), 0, self._now)

    def do_stock(self) -> dict[str, int]:
        """Give what buyers see; doubles of an auction add up."""
        found = self._delegated.stock()
        for item in self._auctions.items:
            found[item.code] = found.get(item.code, 0) + (item.left if item.state in OPEN else 0)
        return found

    def do_set_stock(self, code: str, quantity: int) -> None:
        """Edit a number by hand; 0 withdraws an auction."""
        if int(quantity) < 0:
            raise ValueError("a quantity is 0 or more")
        if code in self._delegated:
            self._delegated.set(code, int(quantity))
        else:
            self._auctions.edit(self._auctions.find(code, SAVED, *OPEN), int(quantity), self._now)

    def do_add_product(
        self, code: str, name: str, quantity: int = 1, *, delegated: bool = False, fixed_price: bool = False
    ) -> dict[str, str]:
        """List something new: an auction, one at a fixed price, or delegated from Yahoo!ショッピング."""
        if code in self.do_stock():
            raise ValueError(f"{code!r} is listed already")
        good = Good(code, code, name, quantity=int(quantity))
        if delegated:
            self._delegated.add(good, self._ids.next())
            return {"auction_id": self._delegated.auction_ids[code]}
        return {"auction_id": self._list(good, is_fixed_price=fixed_price or good.quantity > 1)}

    def _list(self, good: Good, *, is_fixed_price: bool) -> str:
        form = {"即決価格": "1000", "個数": str(good.quantity)} if is_fixed_price else {}
        row = rows.example(good.code, good.name, **form, **{FOLDER: self._settings.folder})
        item = self._auctions.save(row, self._now)
        self._auctions.put_up(item, self._now)
        return item.auction_id

    def _refuse_delegated(self, code: str) -> None:
        if code in self._delegated:
            raise ValueError(f"{code!r} is delegated from Yahoo!ショッピング")

    # ------------------------------------------------------------------ buyers and their orders

    def do_bid(self, code: str) -> None:
        """Bid for an auction."""
        self._auctions.bid(self._auctions.find(code, *OPEN))

    def do_win(self, code: str) -> dict[str, str]:
        """Let the highest bidder win now; the order comes when the purchase form is done."""
        item = self._auctions.find(code, BID)
        item.state = WON
        return {"auction_id": item.auction_id}

    def do_order(self, lines: list[dict[str, Any]], ago_s: float = 0, **more: Any) -> dict[str, str]:
        """Complete the purchase form, ``ago_s`` seconds ago; ``more``: payment, delivery.

        Whatever is not won yet is bid for and won on the way. Several lines are まとめ売り.
        """
        if stray := set(more) - {"payment", "delivery"}:
            raise ValueError(f"order takes no {', '.join(sorted(stray))}")
        wishes: dict[str, int] = {}
        for line in lines:
            wishes[line["code"]] = wishes.get(line["code"], 0) + int(line["quantity"])
        ways = str(more.get("payment", "クレジットカード")), str(more.get("delivery", "宅配便"))
        order = self._sales.place(wishes, self._now, float(ago_s), *ways)
        return {"order_id": order.number, "shopping_order_id": order.shopping_id}

    def do_cancel(self, order_id: str) -> None:
        """Cancel an order; the Shopping order API tells of it (spec 5.3), or a wide order export."""
        self._sales.cancel(self._sales.get(order_id), self._now)

    def do_partial_cancel(self, order_id: str, line: str, quantity: int) -> None:
        """Take pieces of a 管理番号 out of an order of several."""
        self._sales.reduce(self._sales.get(order_id), line, int(quantity), self._now)

    def do_orders(self) -> list[dict[str, Any]]:
        """Give all orders, oldest first."""
        return [_order_row(order) for order in self._sales.orders.values()]

    def do_reported(self, order_id: str) -> dict[str, int]:
        """Say how often an order export gave this order."""
        return {"times": self._sales.get(order_id).times_given}

    # ------------------------------------------------------------------ the page

    def _stock_rows(self) -> list[dict[str, Any]]:
        names = {item.code: item.row["タイトル"] for item in self._auctions.items} | self._delegated.names
        stock = self.do_stock()
        return [{"code": code, "name": names[code], "quantity": stock[code]} for code in stock]

    def _hands(self) -> list[dict[str, Any]]:
        return HANDS

    def _notes(self) -> list[str]:
        waiting = [item for item in self._auctions.shown(self._now) if item.state in (SAVED, WON)]
        return [*(f"{item.code}: {item.state}" for item in waiting), *super()._notes()]


HANDS: list[dict[str, Any]] = [
    {"title": "保存済みの商品を出品する", "verb": "put_up"},
    {"title": "終わったオークションを再出品する", "verb": "relist"},
    {
        "title": "次のアップロードを通信エラーにする（商品は入る）",
        "verb": "fault",
        "arguments": {"name": "cut_after", "count": 1},
    },
    {
        "title": "次のアップロードを通信エラーにする（商品は入らない）",
        "verb": "fault",
        "arguments": {"name": "cut_before", "count": 1},
    },
    {"title": "メンテナンスに入る", "verb": "fault", "arguments": {"name": "maintenance"}},
]
"""What the page offers a person to try at this mall."""


def _order_row(order: Order) -> dict[str, Any]:
    lines = [
        {"code": line.code, "quantity": line.quantity, "auction_id": line.auction_id} for line in order.lines
    ]
    state = "キャンセル" if order.cancelled else "注文済み"
    return {"order_id": order.number, "lines": lines, "state": state}
