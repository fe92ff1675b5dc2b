"""One Yahoo!ショッピング store on loopback: its hosts, and the verbs of its shoppers, staff and accidents."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sandbox.catalogue import Good
from sandbox.malls.common.orders import wishes_of
from sandbox.malls.yahoo.admission import Admission
from sandbox.malls.yahoo.desk import Desk
from sandbox.malls.yahoo.faults import Faults
from sandbox.malls.yahoo.gateway import Door, Function, Gateway
from sandbox.malls.yahoo.goods import merchant_code, native_code
from sandbox.malls.yahoo.item_api import ItemApi
from sandbox.malls.yahoo.order_api import OrderApi
from sandbox.malls.yahoo.routes import AUTH_ROUTES, STORE_ROUTES
from sandbox.malls.yahoo.sales import CANCELLED, STATUS, Auction, Order, OrderLine
from sandbox.malls.yahoo.sessions import Client, Sessions
from sandbox.malls.yahoo.settings import Settings
from sandbox.malls.yahoo.stock import QUANTITY_MAX
from sandbox.malls.yahoo.stock_api import StockApi
from sandbox.malls.yahoo.store import Store
from sandbox.malls.yahoo.yconnect import YConnect
from sandbox.web import WebHost
from sandbox.world import World

ORDER_OPTIONS = {"payment", "delivery", "status", "publish_after_s", "auction_id", "merchant_id"}


class YahooMall(Desk):
    """A store on Yahoo!ショッピング. ``settings`` are the fields of ``Settings``.

    In control verbs ``code`` is 個別商品コード, else 商品コード (the catalogue's codes), or
    ``item:sub`` as the stock API writes it.
    """

    name = "yahoo"
    title = "Yahoo!ショッピング"
    _faults: Faults

    def __init__(self, world: World, web: WebHost, **settings: Any) -> None:
        self._web = web
        chosen = Settings(**settings)
        self._store = Store("live", chosen.seller_id, chosen)
        self._test_store = Store("test", f"snbx-{chosen.seller_id}", chosen)
        self._clients = [
            Client("live", "dj00FAKECLIENT-live-", "FAKE-CLIENT-SECRET-live"),
            Client("test", "dj00FAKECLIENT-test-", "FAKE-CLIENT-SECRET-test"),
        ]
        self._faults = Faults()
        sessions = Sessions(chosen)
        yconnect = YConnect(self._clients, sessions, self._faults, world.clock.now)
        super().__init__(world, chosen, sessions, yconnect, self._store.keys)
        self._gateway = Gateway(world, chosen, self._faults, self._functions())
        self._counter, self._log = self._gateway.counter, self._gateway.log
        self._entrances: list[dict[str, Any]] = []

    def _functions(self) -> dict[str, Function]:
        stock = StockApi(self._settings, self._faults, self._world.clock.now)
        items = ItemApi(self._settings, stock, self._world.clock.now)
        orders = OrderApi(self._settings, self._faults, self._world.clock.now)
        return {
            "set_stock": stock.set_stock,
            "get_stock": stock.get_stock,
            "upload_stock": items.upload_stock,
            "order_count": orders.count,
            "order_list": orders.search,
            "order_info": orders.info,
            "my_item_list": items.my_item_list,
            "get_item": items.get_item,
            "download_request": items.download_request,
            "download_submit": items.download_submit,
            "authorization": self._yconnect.authorization,
            "consent": self._yconnect.consent,
            "callback": self._yconnect.callback,
            "token": self._yconnect.token,
        }

    # ------------------------------------------------------------------ the part

    def start(self) -> None:
        """Open the three hosts on free ports; each store begins with goods, a consent and a public key."""
        clock, app = self._world.clock, self._gateway.app
        admission = Admission(self._settings, self._sessions, self._faults, clock.now, clock.seconds)
        auth = Door("auth", self._store, AUTH_ROUTES, admission.admit_auth)
        self._auth_url = f"https://127.0.0.1:{self._web.serve(app(auth))}"
        for store, client in zip((self._store, self._test_store), self._clients, strict=True):
            port = self._web.serve(app(Door(store.host, store, STORE_ROUTES, admission.admit)))
            client.redirect_uri = f"{self._auth_url}/callback"
            with self._world.lock:
                store.fill(self._now)
                self._entrances.append(self._entrance(store, client, f"https://127.0.0.1:{port}"))

    def addresses(self) -> dict[str, Any]:
        """Give what an operator enters for the live store; under ``test`` for the one on the test host."""
        live, test = self._entrances
        return {**live, "test": test}

    def _catch_up(self) -> None:
        self._store.transfers.settle(self._now)

    # ------------------------------------------------------------------ shoppers and their orders

    def do_order(self, lines: list[dict[str, Any]], ago_s: float = 0, **more: Any) -> dict[str, str]:
        """Place an order, ``ago_s`` seconds ago.

        ``more``: payment, delivery, status, ``publish_after_s`` (seconds from the order until the
        API shows it), ``auction_id`` and ``merchant_id`` (管理番号; the first line's 商品コード
        if absent) of an order from Yahoo!オークション, which may hold what the store does not list.
        """
        if stray := set(more) - ORDER_OPTIONS:
            raise ValueError(f"order takes no {', '.join(sorted(stray))}")
        wishes = wishes_of(lines)
        auction = None
        if "auction_id" in more:
            auction = Auction(str(more["auction_id"]), str(more.get("merchant_id", wishes[0].code)))
        order = self._store.sales.place(wishes, self._now - timedelta(seconds=ago_s), self._now, auction)
        order.payment = more.get("payment", order.payment)
        order.delivery = more.get("delivery", order.delivery)
        order.status = int(more.get("status", order.status))
        if "publish_after_s" in more:
            order.published_at = order.ordered_at + timedelta(seconds=float(more["publish_after_s"]))
        return {"order_id": order.number}

    def do_cancel(self, order_id: str, reason: int = 100) -> None:
        """Cancel an order; stock returns only by the store's 在庫戻し設定."""
        self._store.sales.cancel(self._store.sales.get(order_id), int(reason), self._now)

    def do_partial_cancel(self, order_id: str, line: int | str, quantity: int) -> None:
        """Take pieces out of a line: its ``LineId`` from 1, or its code."""
        order = self._store.sales.get(order_id)
        self._store.sales.reduce(order, _line(order, line), int(quantity), self._now)

    def do_split(self, order_id: str, line: int | str) -> dict[str, str]:
        """Split a line off into a new order; its pieces are sold once all the same."""
        order = self._store.sales.get(order_id)
        return {"order_id": self._store.sales.divide(order, _line(order, line), self._now).number}

    def do_progress(self, order_id: str, status: int) -> None:
        """Set ``OrderStatus``; 4 is a cancel."""
        order = self._store.sales.get(order_id)
        if int(status) == CANCELLED:
            self._store.sales.cancel(order, 200, self._now)
        else:
            self._store.sales.progress(order, int(status), self._now)

    def do_see(self, order_id: str) -> None:
        """Open an order in ストアクリエイターPro: ``IsSeen`` turns true."""
        self._store.sales.get(order_id).seen = True

    def do_orders(self) -> list[dict[str, Any]]:
        """Give all orders, oldest first."""
        return [_order_row(order) for order in self._store.sales.orders.values()]

    def do_reported(self, order_id: str) -> dict[str, int]:
        """Say how often ``orderInfo`` gave this order, and how often as cancelled."""
        order = self._store.sales.get(order_id)
        return {"times": order.times_given, "cancelled_times": order.times_given_cancelled}

    # ------------------------------------------------------------------ the store's staff

    def do_stock(self) -> dict[str, int]:
        """Give what buyers see, by the merchant's code and as ``item:sub``."""
        return self._store.codes()

    def do_changes(self, codes: list[str], since: str) -> list[dict[str, Any]]:
        """Give when what buyers see of some codes changed, from a moment on."""
        known = {merchant_code(pair): pair for pair in self._store.goods.pairs()}
        return self._store.stock.changes.rows(known, codes, since)

    def do_set_stock(self, code: str, quantity: int | None) -> None:
        """Edit a number by hand in ストアクリエイターPro; null is unlimited stock."""
        if quantity is not None and abs(int(quantity)) > QUANTITY_MAX:
            raise ValueError(f"a quantity is at most {QUANTITY_MAX}")
        self._store.stock.set(self._store.goods.pair(code), quantity, self._now)

    def do_add_product(
        self, code: str, name: str, quantity: int | None = None, parent: str = ""
    ) -> dict[str, str]:
        """List something new; with ``parent`` as a variant of that item.

        Without a quantity it takes over the stock that was sent for its code before.
        """
        goods, stock = self._store.goods, self._store.stock
        pair = goods.list_good(Good(code, parent or code, name))
        if quantity is not None or stock.get(pair) is None:
            stock.set(pair, int(quantity or 0), self._now)
        return {"item_code": pair[0], "sub_code": pair[1]}

    def do_remove_product(self, code: str) -> None:
        """Delete the item that holds this code; its stock stays behind."""
        goods = self._store.goods
        del goods.items[goods.pair(code)[0]]

    def do_edit_listing(self, code: str, **fields: int) -> None:
        """Change a listing: overdraft, closed (0 or 1); of the item: published, cross_listed."""
        pair = self._store.goods.pair(code)
        for name, value in fields.items():
            if name == "overdraft":
                self._store.stock.allow_overdraft(pair, int(value))
            elif name == "closed":
                self._store.stock.close(pair, int(value))
            elif name in ("published", "cross_listed"):
                setattr(self._store.goods.items[pair[0]], name, bool(value))
            else:
                raise ValueError(f"no field {name!r}")

    def do_orphans(self) -> list[dict[str, Any]]:
        """Give the stock that no item has."""
        found = self._store.stock.orphans()
        return [{"code": native_code(record.pair), "quantity": record.quantity} for record in found]

    def do_uploads(self) -> list[dict[str, Any]]:
        """Give the uploaded stock files with what became of them."""
        uploads = self._store.transfers.uploads
        return [{"done": each.done, "applied": each.applied, "errors": each.errors} for each in uploads]

    # ------------------------------------------------------------------ the page

    def _stock_rows(self) -> list[dict[str, Any]]:
        goods, stock = self._store.goods, self._store.stock
        return [
            {"code": merchant_code(pair), "name": goods.name_of(pair), "quantity": stock.quantity(pair)}
            for pair in goods.pairs()
        ]

    def _hands(self) -> list[dict[str, Any]]:
        return HANDS

    def _notes(self) -> list[str]:
        return self._credential_notes() + super()._notes()


HANDS: list[dict[str, Any]] = [
    {"title": "ログインパスワードを変える（トークンは即失効）", "verb": "change_password"},
    {"title": "リフレッシュトークンの期限が来る", "verb": "expire_refresh_tokens"},
    {"title": "ログインして同意する（コードを見る）", "verb": "consent"},
    {"title": "公開鍵の期限が来る", "verb": "expire_public_keys"},
    {"title": "公開鍵を発行する", "verb": "issue_public_key"},
    {"title": "メンテナンスに入る", "verb": "fault", "arguments": {"name": "maintenance"}},
    {"title": "反映中にする（在庫を更新できない）", "verb": "fault", "arguments": {"name": "publishing"}},
    {"title": "500エラーを返す", "verb": "fault", "arguments": {"name": "status", "code": 500}},
    {
        "title": "書き込みの返事をなくす",
        "verb": "fault",
        "arguments": {"name": "cut_after", "function": "set_stock", "count": 1},
    },
]
"""What the page offers a person to try at this mall."""


def _line(order: Order, line: int | str) -> OrderLine:
    for found in order.lines:
        if line in (found.line_id, str(found.line_id), found.code, native_code(found.pair)):
            return found
    raise ValueError(f"order {order.number} has no line {line!r}; LineId starts at 1")


def _order_row(order: Order) -> dict[str, Any]:
    lines = [{"line": line.line_id, "code": line.code, "quantity": line.quantity} for line in order.lines]
    return {"order_id": order.number, "lines": lines, "state": f"{order.status} {STATUS[order.status]}"}
