"""One futureshop on loopback: its API over TLS, its FTP area, and the verbs of all who touch it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sandbox.catalogue import GOODS
from sandbox.ftps import FtpsServer
from sandbox.malls.common.part import ApiPart
from sandbox.malls.futureshop.faults import Faults
from sandbox.malls.futureshop.ftps import Desk
from sandbox.malls.futureshop.gateway import Gateway
from sandbox.malls.futureshop.goods import COUNT_MAX, PREORDER, Goods, Key, Product
from sandbox.malls.futureshop.keys import Keys
from sandbox.malls.futureshop.paging import Pages
from sandbox.malls.futureshop.reading import Reading
from sandbox.malls.futureshop.sales import Order, OrderLine, Sales, Wish
from sandbox.malls.futureshop.settings import Settings
from sandbox.malls.futureshop.shipping import Shipping
from sandbox.malls.futureshop.uploads import Uploads
from sandbox.malls.futureshop.wire import written
from sandbox.malls.futureshop.writing import Writing
from sandbox.web import WebHost
from sandbox.world import World


class FutureshopMall(ApiPart):
    """A shop on futureshop. ``settings`` are the fields of ``Settings``.

    In control verbs ``code`` is the skuNo, which is the catalogue's code too: the branch numbers
    of the catalogue's goods begin with their hyphen.
    """

    name = "futureshop"
    title = "futureshop"
    _settings: Settings
    _faults: Faults

    def __init__(self, world: World, web: WebHost, **settings: Any) -> None:
        self._world = world
        self._web = web
        self._settings = Settings(**settings)
        self._goods = Goods()
        self._faults = Faults()
        self._keys = Keys(self._settings, world.clock.now, world.random.getrandbits)
        self._sales = Sales(self._goods, self._settings)
        self._writing = Writing(self._goods, self._faults, self._settings, world.clock.now)
        self._uploads = Uploads(world, self._goods, self._faults, self._settings)
        self._gateway = self._make_gateway()
        self._counter, self._log = self._gateway.counter, self._gateway.log
        self._desk = Desk(world, self._uploads, self._faults, self._gateway.log)
        self._ftps: FtpsServer | None = None
        self._port = 0
        self._first_key = self._keys.issue()
        self._fill_shelves()

    def _make_gateway(self) -> Gateway:
        pages = Pages(self._faults, self._world.random.getrandbits)
        shipping = Shipping(self._sales, pages, self._settings)
        functions = {
            "token": self._keys.grant,
            "read_inventory": Reading(self._goods, pages, self._settings).read,
            "write_inventory": self._writing.write,
            "list_orders": shipping.search,
            "get_order": shipping.get,
        }
        return Gateway(self._world, self._settings, self._keys, self._faults, functions)

    def _fill_shelves(self) -> None:
        for good in GOODS:
            self._goods.list_good(good, self._now, numbered_url=self._numbered_url)
        if not self._settings.samples:
            return
        self.do_add_product("gd1", "アラームクロック", 10)
        for across, size in (("s", "Sサイズ"), ("l", "Lサイズ")):
            for down, color in (("gray", "グレー"), ("red", "レッド")):
                branches = {"horizontal_no": across, "vertical_no": down}
                self.do_add_product(f"gd3{across}{down}", "クッション", 5, "gd3", **branches)
                self._goods.products["gd3"].choices[(across, down)] = (size, color)
        self.do_add_product("gd5", "在庫管理しない商品")
        self.do_edit_product("gd5", managed=False)

    @property
    def _numbered_url(self) -> bool:
        return self._settings.url_codes == "numbered"

    # ------------------------------------------------------------------ the part

    def start(self) -> None:
        """Open the API and the FTP area on free ports."""
        self._port = self._web.serve(self._gateway.app())
        self._ftps = FtpsServer(self._desk, "futureshop-ftps")
        self._ftps.start()

    def stop(self) -> None:
        """Let held answers go and close the area; the API's port closes with its host."""
        super().stop()
        if self._ftps is not None:
            self._ftps.stop()

    def addresses(self) -> dict[str, Any]:
        """Give what an operator enters: the API domain, the four credentials, the FTP account."""
        return {
            "base_url": f"https://127.0.0.1:{self._port}",
            "api_domain": f"127.0.0.1:{self._port}",
            "shop_key": self._settings.shop_key,
            "client_id": self._first_key.client_id,
            "client_secret": self._first_key.client_secret,
            "ftp_host": "127.0.0.1",
            "ftp_port": self._ftps.port if self._ftps else 0,
            "ftp_user": self._desk.user,
            "ftp_password": self._desk.passwords[-1],
            "ftp_dir": "/",
        }

    def _catch_up(self) -> None:
        self._uploads.take_up()

    # ------------------------------------------------------------------ shoppers and their orders

    def do_order(self, lines: list[dict[str, Any]], ago_s: float = 0, **more: Any) -> dict[str, str]:
        """Place an order, ``ago_s`` seconds ago; a line may name its ``shipment``; ``more``:
        payment, delivery, status.
        """
        wishes = [Wish(line["code"], int(line["quantity"]), int(line.get("shipment", 1))) for line in lines]
        if stray := set(more) - {"payment", "delivery", "status"}:
            raise ValueError(f"order takes no {', '.join(sorted(stray))}")
        order = self._sales.place(wishes, self._now - timedelta(seconds=ago_s), self._now)
        for name, value in more.items():
            setattr(order, name, str(value))
        return {"order_id": order.number}

    def do_cancel(self, order_id: str, restock: bool | None = None) -> None:  # noqa: FBT001
        """Cancel an order; ``restock`` None follows the setting."""
        chosen = self._settings.returns_stock_on_cancel if restock is None else restock
        self._sales.cancel(self._sales.get(order_id), self._now, restock=chosen)

    def do_partial_cancel(self, order_id: str, line: int | str, quantity: int) -> None:
        """Take pieces out of a line: its place from 0, or its code."""
        order = self._sales.get(order_id)
        self._sales.reduce(order, _line(order, line), int(quantity), self._now)

    def do_pay(self, order_id: str) -> None:
        """Receive the payment of an order."""
        order = self._sales.get(order_id)
        order.received, order.updated = True, self._now

    def do_ship(self, order_id: str) -> None:
        """Send the goods of an order off."""
        self._sales.ship(self._sales.get(order_id), self._now)

    def do_status(self, order_id: str, status: str) -> None:
        """Set the status text of an order: the mall's list of them is not known."""
        self._sales.set_status(self._sales.get(order_id), status, self._now)

    def do_orders(self) -> list[dict[str, Any]]:
        """Give all orders, oldest first."""
        return [_order_row(order) for order in self._sales.orders.values()]

    def do_reported(self, order_id: str) -> dict[str, int]:
        """Say how often the API gave this order, in the list or alone, and how often as cancelled."""
        order = self._sales.get(order_id)
        return {"times": order.times_given, "cancelled_times": order.times_given_cancelled}

    # ------------------------------------------------------------------ the shop's staff

    def do_stock(self) -> dict[str, int]:
        """Give what buyers see; a second SKU with the same skuNo stands as ``productNo/h/v``."""
        return {code: self._goods.quantity(key) for code, key in self._goods.codes().items()}

    def do_changes(self, codes: list[str], since: str) -> list[dict[str, Any]]:
        """Give when what buyers see of some codes changed, from a moment on."""
        return self._goods.changes.rows(self._goods.codes(), codes, since)

    def do_set_stock(self, code: str, quantity: int) -> None:
        """Edit a number by hand on the admin screen."""
        if not 0 <= int(quantity) <= COUNT_MAX:
            raise ValueError(f"a quantity is 0 to {COUNT_MAX}")
        self._goods.set(self._goods.key(code), int(quantity), self._now)

    def do_add_product(
        self, code: str, name: str, quantity: int = 0, parent: str = "", **branches: str
    ) -> dict[str, str]:
        """List something new; with ``parent`` as a SKU of that product.

        ``horizontal_no`` and ``vertical_no`` may be given; the rest of the code is horizontal
        otherwise. Two SKUs may come to the same code: their parts differ.
        """
        if stray := set(branches) - {"horizontal_no", "vertical_no"}:
            raise ValueError(f"add_product takes no {', '.join(sorted(stray))}")
        number = parent or code
        pair = (branches.get("horizontal_no", ""), branches.get("vertical_no", ""))
        if not branches and code.startswith(number):
            pair = (code.removeprefix(number), "")
        if code != number + "".join(pair):
            raise ValueError(f"a skuNo is its parts joined: {number + ''.join(pair)}")
        product = self._goods.products.get(number) or self._goods.open_page(
            number, name, self._now, numbered_url=self._numbered_url
        )
        self._goods.add_sku(product, pair, int(quantity), pair)
        return {"product_no": number, "horizontal_no": pair[0], "vertical_no": pair[1]}

    def do_add_numbered(self, count: int = 250, quantity: int = 3) -> None:
        """List this many plain products, ``p00001`` and on, for paging."""
        for number in range(1, int(count) + 1):
            self.do_add_product(f"p{number:05d}", f"商品{number}", quantity)

    def do_remove_product(self, code: str) -> None:
        """Delete the product that holds this code."""
        del self._goods.products[self._goods.key(code)[0]]

    def do_edit_product(self, product_no: str, **fields: Any) -> None:
        """Change a product: managed, visible, name, url_code."""
        product = self._product(product_no)
        for name, value in fields.items():
            if name not in ("managed", "visible", "name", "url_code"):
                raise ValueError(f"no field {name!r}")
            setattr(product, name, value)
        product.updated = self._now

    def do_url_codes(self) -> dict[str, str]:
        """Give 商品URLコード of every product, as the downloaded files of the admin screen show it."""
        return {product.product_no: product.url_code for product in self._goods.products.values()}

    def do_set_jan_code(self, code: str, jan_code: str) -> None:
        """Give a SKU a JAN code."""
        product, pair = self._goods.find(code)
        product.jan_codes[pair] = jan_code

    def do_register_reserve(self, code: str, quantity: int, date: str = "") -> None:
        """Register reserve stock of a SKU, or with ``date`` stock that arrives that day."""
        product, pair = self._goods.find(code)
        product.shelves.setdefault(date or PREORDER, {})[pair] = int(quantity)

    def do_reserves(self, product_no: str) -> dict[str, dict[str, int]]:
        """Give the stock of a product by its kind: regular, preorder, dates of arrivals."""
        product = self._product(product_no)
        return {
            name: {"".join(product.key(pair)): count for pair, count in shelf.items()}
            for name, shelf in product.shelves.items()
        }

    def do_issue_key(self) -> dict[str, str]:
        """Issue a further APIキー; older ones keep working."""
        key = self._keys.issue()
        return {"client_id": key.client_id, "client_secret": key.client_secret}

    def do_expire_keys(self) -> None:
        """Let every API key issued so far end, and its tokens with it."""
        self._keys.expire()

    def do_foreign_key(self) -> dict[str, str]:
        """Give a key that looks right and belongs to another shop."""
        key = self._keys.foreign()
        return {"shop_key": "othershop", "client_id": key.client_id, "client_secret": key.client_secret}

    def do_expire_tokens(self) -> None:
        """Let every access token given so far end now."""
        self._keys.expire_tokens()

    def do_tokens(self) -> dict[str, int]:
        """Say how many access tokens were given, and how many of them live."""
        live = sum(token.expires_at > self._now for token in self._keys.tokens.values())
        return {"given": len(self._keys.tokens), "live": live}

    def do_change_ftp_password(self) -> dict[str, str]:
        """Change the FTP password: the one before is worth nothing from now on."""
        self._desk.passwords.append(f"fake-ftp-password-{len(self._desk.passwords) + 1}")
        return {"ftp_password": self._desk.passwords[-1]}

    # ------------------------------------------------------------------ accidents and witnesses

    def do_journal(self) -> list[dict[str, object]]:
        """Give every request and FTP command received, without bodies and queries."""
        return sorted([*super().do_journal(), *self._desk.rows()], key=lambda row: str(row["time"]))

    def do_last_write(self) -> dict[str, Any] | None:
        """Give the document of the last stock write."""
        return self._writing.last

    def do_area(self) -> dict[str, str]:
        """Give every file in the FTP area now."""
        return self._uploads.texts()

    def do_mails(self) -> list[dict[str, object]]:
        """Give the result mails of the files taken up."""
        return self._uploads.mails()

    def do_logins(self) -> dict[str, int]:
        """Say how often somebody logged in to the FTP area, and tried in vain."""
        return dict(self._desk.logins)

    def _stock_rows(self) -> list[dict[str, Any]]:
        return [self._stock_row(code, key) for code, key in self._goods.codes().items()]

    def _hands(self) -> list[dict[str, Any]]:
        return HANDS

    def _stock_row(self, code: str, key: Key) -> dict[str, Any]:
        name = self._goods.products[key[0]].name_of((key[1], key[2]))
        return {"code": code, "name": name, "quantity": self._goods.quantity(key)}

    def _notes(self) -> list[str]:
        live = [token for token in self._keys.tokens.values() if token.expires_at > self._now]
        tokens = [f"アクセストークン: {written(token.expires_at)} まで" for token in live[-1:]]
        mails = self._uploads.results
        wrong = sum(bool(result.errors) for result in mails)
        files = [f"在庫ファイルの結果メール: {len(mails)}通（エラー {wrong}通）"] if mails else []
        return tokens + files + super()._notes()

    def _product(self, product_no: str) -> Product:
        if product_no not in self._goods.products:
            raise ValueError(f"no product {product_no!r}")
        return self._goods.products[product_no]


HANDS: list[dict[str, Any]] = [
    {"title": "APIキーを失効させる", "verb": "expire_keys"},
    {"title": "新しいAPIキーを発行", "verb": "issue_key"},
    {"title": "アクセストークンを失効させる", "verb": "expire_tokens"},
    {"title": "メンテナンスに入る", "verb": "fault", "arguments": {"name": "maintenance"}},
    {"title": "500エラーを返す", "verb": "fault", "arguments": {"name": "status", "code": 500}},
    {
        "title": "書き込みの返事をなくす",
        "verb": "fault",
        "arguments": {"name": "cut_after", "function": "write_inventory", "count": 1},
    },
]
"""What the page offers a person to try at this mall."""


def _line(order: Order, line: int | str) -> OrderLine:
    for place, found in enumerate(order.lines):
        if line in (place, found.code):
            return found
    raise ValueError(f"order {order.number} has no line {line!r}; its places start at 0")


def _order_row(order: Order) -> dict[str, Any]:
    lines = [
        {"line": place, "shipment": line.shipment, "code": line.code, "quantity": line.count}
        for place, line in enumerate(order.lines)
    ]
    return {"order_id": order.number, "lines": lines, "state": order.status}
