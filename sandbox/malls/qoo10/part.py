"""One Qoo10 shop on loopback: its API over TLS, and the verbs of its shoppers, staff and accidents."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sandbox.catalogue import GOODS, Good
from sandbox.changes import Changes
from sandbox.malls.common.orders import wishes_of
from sandbox.malls.common.part import ApiPart
from sandbox.malls.qoo10.faults import Faults
from sandbox.malls.qoo10.gateway import CREATE_KEY, Gateway
from sandbox.malls.qoo10.goods import AXES_MOST, STATUSES, Goods, Item, Level, OptionRow, Unit
from sandbox.malls.qoo10.keys import Key, Keys
from sandbox.malls.qoo10.lookup import Lookup
from sandbox.malls.qoo10.options import Options
from sandbox.malls.qoo10.orders import Orders
from sandbox.malls.qoo10.rows import QUANTITY_MAX
from sandbox.malls.qoo10.sales import Cart, OrderLine, Sales
from sandbox.malls.qoo10.settings import Settings
from sandbox.malls.qoo10.wire import JST
from sandbox.malls.qoo10.writes import Writes
from sandbox.web import WebHost
from sandbox.world import World


class Qoo10Mall(ApiPart):
    """A shop on Qoo10. ``settings`` are the fields of ``Settings``.

    In control verbs ``code`` is the merchant's code on this mall: 販売者オプションコード of an option
    row, else 販売者商品コード. A code that several units share means the first of them; by its place
    (``tee#0`` for a row, the item code for a plain item) each can be named. An
    ``order_id`` is the order number of any line, or the cart's number; a verb on it means the cart.
    """

    name = "qoo10"
    title = "Qoo10"
    _settings: Settings
    _faults: Faults

    def __init__(self, world: World, web: WebHost, **settings: Any) -> None:
        self._world = world
        self._web = web
        self._settings = Settings(**settings)
        self._goods = Goods()
        self._sales = Sales(self._goods, self._settings, world.clock.seconds)
        self._keys = Keys(self._settings, world.clock.now)
        self._faults = Faults()
        self._lookup = Lookup(self._goods, self._settings, world.clock.seconds)
        self._gateway = self._make_gateway()
        self._counter, self._log = self._gateway.counter, self._gateway.log
        self._port = 0
        self._opened = (self._now, self._now_s)  # one moment on both clocks
        for good in GOODS:
            self._goods.list_good(good, self._now)
        self._keys.issue(timedelta(days=self._settings.key_valid_days))

    def _make_gateway(self) -> Gateway:
        writes = Writes(self._world, self._goods, self._faults, self._settings)
        options = Options(self._world, self._goods, self._faults, self._settings)
        orders = Orders(self._sales, self._settings)
        functions = {
            CREATE_KEY: self._keys.create,
            "GetAllGoodsInfo": self._lookup.list_all,
            "GetItemDetailInfo": self._lookup.detail,
            "GetGoodsInventoryInfo": self._lookup.inventory,
            "SetGoodsPriceQty": writes.one,
            "SetGoodsPriceQtyBulk": writes.bulk,
            "UpdateInventoryQtyUnit": options.one,
            "UpdateInventoryDataBulk": options.bulk,
            "GetShippingInfo_v3": orders.shipping,
            "GetClaimInfo_V3": orders.claims,
            "GetShippingAndClaimInfoByOrderNo_V2": orders.one,
        }
        return Gateway(self._world, self._settings, self._keys, self._faults, functions)

    @property
    def _now_s(self) -> float:
        return self._world.clock.seconds()

    # ------------------------------------------------------------------ the part

    def start(self) -> None:
        """Open the API on a free port."""
        self._port = self._web.serve(self._gateway.app())

    def addresses(self) -> dict[str, Any]:
        """Give what an operator enters: the address, and the key the shop starts with or its makings."""
        return {
            "base_url": f"https://127.0.0.1:{self._port}",
            **_key_row(self._keys.issued[0]),
            "api_key": self._keys.api_keys[0].value,
            "user_id": self._settings.user_id,
            "password": self._keys.passwords[0],
        }

    # ------------------------------------------------------------------ shoppers and their orders

    def do_order(self, lines: list[dict[str, Any]], ago_s: float = 0, paid: bool = True) -> dict[str, Any]:
        """Place an order, ``ago_s`` seconds ago; every line has an order number of its own."""
        wishes = wishes_of(lines)
        cart = self._sales.place(wishes, self._now - timedelta(seconds=ago_s), paid=paid)
        numbers = [str(line.order_no) for line in cart.lines]
        return {"order_id": cart.order_id, "order_numbers": numbers, "pack_no": str(cart.pack_no)}

    def do_pay(self, order_id: str) -> None:
        """Pay what was ordered without paying."""
        for line in self._sales.cart(order_id).lines:
            self._sales.pay(line, self._now)

    def do_cancel(self, order_id: str) -> None:
        """Cancel what still stands of a cart: claim 3, or 16 where it was never paid."""
        standing = [line for line in self._sales.cart(order_id).lines if line.standing]
        if not standing:
            raise ValueError(f"order {order_id} is cancelled already")
        for line in standing:
            self._sales.cancel(line, self._now)

    def do_partial_cancel(self, order_id: str, line: int | str, quantity: int | None = None) -> None:
        """Cancel one line: its place from 0, its number or its code. Qoo10 cancels whole lines only."""
        found = self._line(order_id, line)
        if quantity not in (None, found.quantity):
            raise ValueError(f"the line has {found.quantity} pieces, and Qoo10 cancels all of them or none")
        self._sales.cancel(found, self._now)

    def do_progress(self, order_id: str, code: int) -> None:
        """Set the shipping status of a cart, 1 to 5."""
        for line in self._sales.cart(order_id).lines:
            self._sales.progress(line, int(code), self._now)

    def do_claim(self, order_id: str, code: int, line: int | str = 0) -> None:
        """Set the claim of one line: 1 asks for a cancel, 3 cancels, 6 is returned ...; 0 takes it back."""
        self._sales.claim(self._line(order_id, line), int(code), self._now)

    def do_orders(self) -> list[dict[str, Any]]:
        """Give all carts, oldest first."""
        return [_order_row(cart) for cart in self._sales.carts]

    def do_reported(self, order_id: str) -> dict[str, int]:
        """Say how often the API gave this order's first line, and how often as cancelled."""
        line = self._sales.cart(order_id).lines[0]
        return {"times": line.times_given, "cancelled_times": line.times_given_cancelled}

    # ------------------------------------------------------------------ the shop's staff

    def do_stock(self) -> dict[str, int]:
        """Give what buyers may buy, by the code on this mall and by the catalogue's where that differs."""
        return {code: unit.level.now for code, unit in self._goods.stocked().items()}

    def do_changes(self, codes: list[str], since: str) -> list[dict[str, Any]]:
        """Give when what buyers see of some codes changed, from a moment on."""
        log, known, (opened, opened_s) = Changes(), self._goods.stocked(), self._opened
        for code in codes:
            for at_s, quantity in known[code].level.changes():
                log.note(code, quantity, opened + timedelta(seconds=at_s - opened_s))
        return log.rows({code: code for code in codes}, codes, since)

    def do_page(self) -> dict[str, int]:
        """Give what the product pages show, which is up to ten minutes old."""
        delay_s = self._settings.page_delay_s
        return {code: unit.level.seen(self._now_s, delay_s) for code, unit in self._goods.stocked().items()}

    def do_listings(self) -> list[dict[str, Any]]:
        """Give every item whole: what a write must leave alone is here to compare."""
        return [self._item_row(item) for item in self._goods.items.values()]

    def do_set_stock(self, code: str, quantity: int) -> None:
        """Edit a number by hand in QSM."""
        if not 0 <= int(quantity) <= QUANTITY_MAX:
            raise ValueError(f"a quantity is 0 to {QUANTITY_MAX}")
        self._goods.find(code).level.set(int(quantity), self._now_s)

    def do_add_product(
        self,
        code: str,
        name: str,
        quantity: int = 0,
        parent: str = "",
        choices: dict[str, str] | None = None,
    ) -> dict[str, str]:
        """List something new: a plain item, or with ``choices`` an option row of the item ``parent``.

        A code that is there already is listed once more, as Qoo10 lets a merchant do.
        """
        pairs = tuple((choices or {}).items())
        if bool(pairs) != bool(parent) or len(pairs) > AXES_MOST:
            raise ValueError(f"an option row has a parent and 1 to {AXES_MOST} choices")
        good = Good(code, parent or code, name, pairs, int(quantity))
        unit = self._goods.list_good(good, self._now)
        return {"item_code": unit.item.item_code, "seller_code": unit.item.seller_code, "place": unit.place}

    def do_give_options(self, code: str, rows: list[dict[str, Any]]) -> None:
        """Give a plain item an option table, after which its own number means nothing.

        Args:
            rows: of each its code, choices and quantity.
        """
        item = self._goods.item_of(code)
        for row in rows:
            level = Level(int(row["quantity"]))
            item.rows.append(OptionRow(list(row["choices"].items()), str(row["code"]), level))
        item.has_options, item.changed = True, self._now

    def do_remove_product(self, code: str) -> None:
        """Delete the item that holds this code."""
        self._goods.remove(self._goods.item_of(code))

    def do_edit_listing(self, code: str, **fields: Any) -> None:
        """Change an item: status (S0 ... S8), seller_code, title, price, expires (yyyy-mm-dd)."""
        item = self._goods.item_of(code)
        for name, value in fields.items():
            if name not in ("status", "seller_code", "title", "price", "expires"):
                raise ValueError(f"no field {name!r}")
            if name == "status" and value not in STATUSES:
                raise ValueError(f"status is one of {', '.join(STATUSES)}")
            setattr(item, name, date.fromisoformat(value) if name == "expires" else value)
        item.changed = self._now

    def do_edit_option(self, code: str, **fields: Any) -> None:
        """Change an option row: new_code (empty and doubled ones too), price, choices {name: value}."""
        row = self._goods.find(code).row
        if row is None:
            raise ValueError(f"{code} is no option row")
        if stray := set(fields) - {"new_code", "price", "choices"}:
            raise ValueError(f"no field {', '.join(sorted(stray))}")
        row.code = fields.get("new_code", row.code)
        row.price = int(fields.get("price", row.price))
        row.choices = list(fields.get("choices", dict(row.choices)).items())

    def do_rename_axis(self, code: str, old: str, new: str) -> None:
        """Rename an option (色 to カラー) in all rows of an item: writes by the old name fail."""
        for row in self._goods.item_of(code).rows:
            row.choices = [(new if name == old else name, value) for name, value in row.choices]

    # ------------------------------------------------------------------ keys

    def do_issue_key(self, valid_days: float = 365) -> dict[str, str]:
        """Make a further seller key, as ``CreateCertificationKey`` does."""
        return _key_row(self._keys.issue(timedelta(days=float(valid_days))))

    def do_issue_api_key(self) -> dict[str, str]:
        """Let Qoo10 issue a further API key."""
        return {"api_key": self._keys.issue_api_key().value}

    def do_expire_keys(self) -> None:
        """Let every seller key made so far end now."""
        self._keys.expire()

    def do_expire_api_keys(self) -> None:
        """Let every API key issued so far end now."""
        self._keys.expire_api_keys()

    def do_change_password(self) -> dict[str, str]:
        """Change the password at QSM, which kills every seller key."""
        return {"password": self._keys.change_password()}

    def do_foreign_key(self) -> dict[str, str]:
        """Give a seller key that looks right and belongs to another shop."""
        return {"seller_key": self._keys.unknown()}

    # ------------------------------------------------------------------ the page

    def _stock_rows(self) -> list[dict[str, Any]]:
        return [self._stock_row(code, unit) for code, unit in self._goods.stocked().items()]

    def _hands(self) -> list[dict[str, Any]]:
        return HANDS

    def _notes(self) -> list[str]:
        keys = [f"販売者認証キー: {_key_row(key)['expires_at'][:10]} まで" for key in self._live_keys()]
        return (keys or ["有効な販売者認証キーなし"]) + super()._notes()

    def _live_keys(self) -> list[Key]:
        return [key for key in self._keys.issued if not key.killed and key.expires_at > self._now]

    def _stock_row(self, code: str, unit: Unit) -> dict[str, Any]:
        state = self._lookup.status(unit.item)
        return {"code": code, "name": unit.name, "quantity": unit.level.now, "state": state}

    def _item_row(self, item: Item) -> dict[str, Any]:
        return {
            "item_code": item.item_code,
            "seller_code": item.seller_code,
            "title": item.title,
            "status": self._lookup.status(item),
            "price": item.price,
            "expires": item.expires.isoformat(),
            "quantity": sum(level.now for level in item.levels()),
            "options": [_option_row(row) for row in item.rows],
        }

    def _line(self, order_id: str, line: int | str) -> OrderLine:
        cart = self._sales.cart(order_id)
        for place, found in enumerate(cart.lines):
            if line in (place, found.order_no, str(found.order_no), found.code):
                return found
        raise ValueError(f"order {order_id} has no line {line!r}; its places start at 0")


HANDS: list[dict[str, Any]] = [
    {"title": "販売者認証キーを失効させる", "verb": "expire_keys"},
    {"title": "QSMのパスワードを変更（キーが無効になる）", "verb": "change_password"},
    {"title": "新しい販売者認証キーを作る", "verb": "issue_key"},
    {
        "title": "オプション名を「色」から「カラー」に変える",
        "verb": "rename_axis",
        "arguments": {"code": "tee", "old": "色", "new": "カラー"},
    },
    {"title": "メンテナンスに入る", "verb": "fault", "arguments": {"name": "maintenance"}},
    {"title": "アクセス制限（429のページ）", "verb": "fault", "arguments": {"name": "rate_limit"}},
    {"title": "書き込みの返事をなくす", "verb": "fault", "arguments": {"name": "cut_after", "count": 1}},
]
"""What the page offers a person to try at this mall."""


def _key_row(key: Key) -> dict[str, str]:
    times = {"issued_at": key.issued_at, "expires_at": key.expires_at}
    written = {name: moment.astimezone(JST).isoformat(timespec="seconds") for name, moment in times.items()}
    return {"seller_key": key.value, **written}


def _option_row(row: OptionRow) -> dict[str, Any]:
    choices = dict(row.choices)
    return {"code": row.code, "choices": choices, "price": row.price, "quantity": row.level.now}


def _order_row(cart: Cart) -> dict[str, Any]:
    lines = [
        {
            "line": place,
            "order_no": str(line.order_no),
            "code": line.code,
            "quantity": line.standing,
            "state": line.state,
        }
        for place, line in enumerate(cart.lines)
    ]
    states = list(dict.fromkeys(line.state for line in cart.lines))
    return {"order_id": cart.order_id, "lines": lines, "state": " / ".join(states)}
