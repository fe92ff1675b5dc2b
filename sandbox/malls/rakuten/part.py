"""One Rakuten shop on loopback: its API over TLS, and the verbs of its shoppers, staff and accidents."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.catalogue import GOODS, Good
from sandbox.malls.common.orders import wishes_of
from sandbox.malls.common.part import ApiPart
from sandbox.malls.rakuten.faults import SFTP_KINDS, Faults
from sandbox.malls.rakuten.gateway import Gateway
from sandbox.malls.rakuten.goods import Goods, Item, Variant
from sandbox.malls.rakuten.inventory import Inventory
from sandbox.malls.rakuten.items import Items
from sandbox.malls.rakuten.keys import FOREIGN_SHOP, Keys
from sandbox.malls.rakuten.orders import Orders
from sandbox.malls.rakuten.sales import CANCELLED, PROGRESS, Order, OrderLine, Sales
from sandbox.malls.rakuten.settings import Settings
from sandbox.malls.rakuten.stock import QUANTITY_MAX, Stock
from sandbox.malls.rakuten.wire import jst
from sandbox.web import WebHost
from sandbox.world import World

if TYPE_CHECKING:
    from sandbox.malls.rakuten.csvroute import CsvRoute


VARIANT_FIELDS = ("link_code", "back_order", "restock_on_cancel")
ITEM_FIELDS = ("hidden", "unlimited", "lacks_attributes")


class RakutenMall(ApiPart):
    """A shop on 楽天市場. ``settings`` are the fields of ``Settings``.

    In control verbs ``code`` is the merchant's code on this mall (link code, else item number), or
    the code of the sandbox's catalogue.
    """

    name = "rakuten"
    title = "楽天市場"
    _settings: Settings
    _faults: Faults

    def __init__(self, world: World, web: WebHost, **settings: Any) -> None:
        self._world = world
        self._web = web
        self._settings = Settings(**settings)
        self._goods = Goods()
        self._stock = Stock(self._goods.knows, self._settings)
        self._sales = Sales(self._goods, self._stock, self._settings)
        self._keys = Keys(self._settings)
        self._faults = Faults()
        self._gateway = self._make_gateway()
        self._gateway.before_each = self._catch_up
        self._counter, self._log = self._gateway.counter, self._gateway.log
        self._csv_route = self._open_csv_route() if self._settings.sftp else None
        self._port = 0
        for good in GOODS:
            self._stock.set(self._goods.list_good(good, self._now), good.quantity, self._now)
        self._first_key = self._keys.issue(self._now, self._settings.key_valid_days, activation_s=0)

    def _make_gateway(self) -> Gateway:
        now = self._world.clock.now
        inventory = Inventory(self._stock, self._goods, self._faults, self._settings, now)
        items = Items(self._goods, self._stock, self._settings, now)
        orders = Orders(self._sales, self._settings, now)
        functions = {
            "variant_get": inventory.variant_get,
            "variant_upsert": inventory.variant_upsert,
            "variant_delete": inventory.variant_delete,
            "bulk_get": inventory.bulk_get,
            "bulk_get_range": inventory.bulk_get_range,
            "bulk_upsert": inventory.bulk_upsert,
            "variant_list": inventory.variant_list,
            "items_search": items.search,
            "items_get": items.get,
            "items_bulk_get": items.bulk_get,
            "items_settings": items.related_settings,
            "search_order": orders.search,
            "get_order": orders.get,
            "expiry_date": self._keys.expiry_date,
        }
        return Gateway(self._world, self._settings, self._keys, self._faults, functions)

    def _open_csv_route(self) -> CsvRoute:
        # A shop without the route need not load what speaks SSH.
        from sandbox.malls.rakuten.csvroute import CsvRoute

        log = self._gateway.log
        return CsvRoute(self._world, self._goods, self._stock, self._faults, self._settings, log)

    def _catch_up(self) -> None:
        self._stock.purge(self._now)
        if self._csv_route is not None:
            self._csv_route.uploads.take_up()

    @property
    def _csv(self) -> CsvRoute:
        if self._csv_route is None:
            raise ValueError("this shop has no CSV route; start it with the setting sftp=True")
        return self._csv_route

    # ------------------------------------------------------------------ the part

    def start(self) -> None:
        """Open the API, and the CSV route where there is one, on free ports."""
        self._port = self._web.serve(self._gateway.app())
        if self._csv_route is not None:
            self._csv_route.start()

    def stop(self) -> None:
        """Let held answers go and close the CSV route; the API's port closes with its host."""
        super().stop()
        if self._csv_route is not None:
            self._csv_route.stop()

    def addresses(self) -> dict[str, Any]:
        """Give what an operator enters: the address and the key pair the shop starts with, and the
        SFTP account as it is now where the CSV route is open.
        """
        return {
            "base_url": f"https://127.0.0.1:{self._port}",
            "service_secret": self._keys.service_secret,
            "licence_key": self._first_key.value,
            "shop_number": self._settings.shop_number,
            **(self._csv_route.addresses() if self._csv_route else {}),
        }

    # ------------------------------------------------------------------ shoppers and their orders

    def do_order(self, lines: list[dict[str, Any]], ago_s: float = 0, **more: Any) -> dict[str, str]:
        """Place an order, ``ago_s`` seconds ago; ``more``: payment, delivery, progress."""
        wishes = wishes_of(lines)
        if stray := set(more) - {"payment", "delivery", "progress"}:
            raise ValueError(f"order takes no {', '.join(sorted(stray))}")
        order = self._sales.place(wishes, self._now - timedelta(seconds=ago_s), self._now)
        order.payment = more.get("payment", order.payment)
        order.delivery = more.get("delivery", order.delivery)
        if "progress" in more:
            self._sales.progress(order, int(more["progress"]), order.ordered_at)
        return {"order_id": order.number}

    def do_cancel(self, order_id: str, restore_type: int = 0) -> None:
        """Cancel an order; ``restore_type`` is RMS's own choice at that step (0, 1, 2)."""
        self._sales.cancel(self._sales.get(order_id), int(restore_type), self._now)

    def do_partial_cancel(self, order_id: str, line: int | str, quantity: int) -> None:
        """Take pieces out of a line: its place from 0, its ``itemDetailId`` or its code."""
        found = self._line(self._sales.get(order_id), line)
        self._sales.reduce(found, int(quantity), self._now)

    def do_progress(self, order_id: str, code: int) -> None:
        """Set the status of an order; 900 is a cancel."""
        order = self._sales.get(order_id)
        if int(code) == CANCELLED:
            self._sales.cancel(order, 0, self._now)
        else:
            self._sales.progress(order, int(code), self._now)

    def do_restore_flag(self, order_id: str, line: int | str, flag: int) -> None:
        """Set ``restoreInventoryFlag`` of a line: 0 as the item, 1 returns stock, 2 does not."""
        self._line(self._sales.get(order_id), line).restore_flag = int(flag)

    def do_orders(self) -> list[dict[str, Any]]:
        """Give all orders, oldest first."""
        return [_order_row(order) for order in self._sales.orders.values()]

    def do_reported(self, order_id: str) -> dict[str, int]:
        """Say how often ``getOrder`` gave this order, and how often as cancelled."""
        order = self._sales.get(order_id)
        return {"times": order.times_given, "cancelled_times": order.times_given_cancelled}

    # ------------------------------------------------------------------ the shop's staff

    def do_stock(self) -> dict[str, int]:
        """Give what buyers see, by the code on this mall and by the catalogue's where that differs."""
        return {code: self._stock.quantity(pair) for code, pair in self._goods.codes().items()}

    def do_changes(self, codes: list[str], since: str) -> list[dict[str, Any]]:
        """Give when what buyers see of some codes changed, from a moment on."""
        return self._stock.changes.rows(self._goods.codes(), codes, since)

    def do_set_stock(self, code: str, quantity: int) -> None:
        """Edit a number by hand in RMS."""
        if not 0 <= int(quantity) <= QUANTITY_MAX:
            raise ValueError(f"a quantity is 0 to {QUANTITY_MAX}")
        self._stock.set(self._goods.pair(code), int(quantity), self._now)

    def do_add_product(self, code: str, name: str, quantity: int = 0, parent: str = "") -> dict[str, str]:
        """List something new; with ``parent`` as a further variant of that item."""
        if self._goods.lists(code):
            raise ValueError(f"{code!r} is listed already")
        pair = self._goods.list_good(Good(code, parent or code, name), self._now)
        self._stock.set(pair, int(quantity), self._now)
        return {"manage_number": pair[0], "variant_id": pair[1]}

    def do_remove_product(self, code: str) -> None:
        """Delete the item that holds this code; its cells stay behind as orphans for a day."""
        self._goods.find(code)[0].deleted = self._now

    def do_rekey(self, code: str, variant_id: str = "") -> dict[str, str]:
        """Give a listing a new SKU number, as a change of the item's form does; the old one is an orphan."""
        quantity = self._stock.quantity(self._goods.pair(code))
        pair = self._goods.rekey(code, variant_id)
        self._stock.set(pair, quantity, self._now)
        return {"manage_number": pair[0], "variant_id": pair[1]}

    def do_edit_listing(self, code: str, **fields: Any) -> None:
        """Change a listing: link_code, back_order, restock_on_cancel; of the item: hidden, unlimited,
        lacks_attributes (its CSV rows are refused).
        """
        item, variant = self._goods.find(code)
        for name, value in fields.items():
            if name not in (*VARIANT_FIELDS, *ITEM_FIELDS):
                raise ValueError(f"no field {name!r}")
            setattr(item if name in ITEM_FIELDS else variant, name, value)
        item.updated = self._now

    def do_lead_time(self, code: str, normal_id: int | None = None) -> dict[str, object]:
        """Set 在庫あり時納期 of a listing's stock by hand, if told one; gives the lead-time fields."""
        pair = self._goods.pair(code)
        if normal_id is not None:
            self._stock.set_lead_time(pair, {"normalDeliveryTimeId": int(normal_id)})
        cell = self._stock.get(pair)
        return cell.lead_time_fields() if cell else {}

    def do_orphans(self) -> list[dict[str, Any]]:
        """Give the stock cells that no item has."""
        return [cell.row("2.0") for cell in self._stock.orphans()]

    def do_issue_key(self, valid_days: int = 90, activation_s: float | None = None) -> dict[str, str]:
        """Issue a further licence key; older ones keep working until their own end."""
        delay_s = self._settings.activation_s if activation_s is None else float(activation_s)
        key = self._keys.issue(self._now, int(valid_days), delay_s)
        return {"licence_key": key.value, "expires_at": jst(key.expires_at)}

    def do_expire_keys(self) -> None:
        """Let every key issued so far end now."""
        self._keys.expire(self._now)

    def do_foreign_key(self, shop_number: str = FOREIGN_SHOP) -> dict[str, str]:
        """Give a key that looks right and belongs to another shop."""
        return {"licence_key": self._keys.foreign(shop_number)}

    # ------------------------------------------------------------------ the CSV route

    def do_change_sftp_password(self, activation_s: float | None = None) -> dict[str, str]:
        """Set a new SFTP password in RMS; it works after ``activation_s``."""
        return self._csv.change_password(activation_s)

    def do_expire_sftp_password(self) -> None:
        """End every SFTP password set so far; connections that stand go on."""
        self._csv.expire_password(self._now)

    def do_change_host_key(self) -> dict[str, str]:
        """Show another host key from the next connection on."""
        return {"sftp_host_key": self._csv.change_host_key()}

    def do_batch(self) -> dict[str, str]:
        """Give the files that wait to be taken, as text by name."""
        return self._csv.uploads.texts(self._csv.uploads.batch)

    def do_logs(self) -> dict[str, str]:
        """Give the error logs, as text by name."""
        return self._csv.uploads.texts(self._csv.uploads.logs)

    def do_mails(self) -> list[dict[str, object]]:
        """Give the mails that told the shop what became of its files, oldest first."""
        return self._csv.uploads.mails()

    def do_ask_download(self) -> dict[str, str]:
        """Ask on the RMS screen for the catalogue as a file; it lies in the download folder."""
        return {"file": self._csv.uploads.ask_download()}

    def do_sftp_logins(self) -> dict[str, int]:
        """Say how often an SFTP login was let in (good) and refused (bad)."""
        return self._csv.logins()

    # ------------------------------------------------------------------ accidents and witnesses

    def do_fault(self, name: str, function: str = "", count: int | None = None, **options: Any) -> None:
        """Switch a fault on, until cleared or for ``count`` calls; see ``faults.KINDS``."""
        if name in SFTP_KINDS and self._csv_route is None:
            raise ValueError(f"{name} is a fault of the CSV route; start with the setting sftp=True")
        super().do_fault(name, function, count, **options)

    def do_setting(self, **changes: Any) -> None:
        """Change switches of ``Settings`` while the mall runs."""
        if "sftp" in changes:
            raise ValueError("sftp is chosen at the start")
        super().do_setting(**changes)

    def _stock_rows(self) -> list[dict[str, Any]]:
        return [self._stock_row(item, variant) for item, variant in self._goods.live()]

    def _hands(self) -> list[dict[str, Any]]:
        return HANDS + (SFTP_HANDS if self._csv_route else [])

    def _notes(self) -> list[str]:
        keys = [f"ライセンスキー: {jst(key.expires_at)[:10]} まで" for key in self._keys.issued]
        route = self._csv_route.notes() if self._csv_route else []
        return keys + route + super()._notes()

    def _stock_row(self, item: Item, variant: Variant) -> dict[str, Any]:
        quantity = self._stock.quantity((item.manage_number, variant.variant_id))
        return {"code": item.code_of(variant), "name": item.name_of(variant), "quantity": quantity}

    def _line(self, order: Order, line: int | str) -> OrderLine:
        for place, found in enumerate(order.lines):
            if line in (place, found.detail_id, str(found.detail_id), found.code):
                return found
        raise ValueError(f"order {order.number} has no line {line!r}; its places start at 0")


HANDS: list[dict[str, Any]] = [
    {"title": "ライセンスキーを失効させる", "verb": "expire_keys"},
    {"title": "新しいキーを発行（10秒後に有効）", "verb": "issue_key", "arguments": {"activation_s": 10}},
    {"title": "別の店舗のキーを見る", "verb": "foreign_key"},
    {"title": "メンテナンスに入る", "verb": "fault", "arguments": {"name": "maintenance"}},
    {"title": "500エラーを返す", "verb": "fault", "arguments": {"name": "status", "code": 500}},
    {"title": "書き込みの返事をなくす", "verb": "fault", "arguments": {"name": "cut_after", "count": 1}},
]
"""What the page offers a person to try at this mall."""

SFTP_HANDS: list[dict[str, Any]] = [
    {
        "title": "SFTPパスワードを変更（10秒後に有効）",
        "verb": "change_sftp_password",
        "arguments": {"activation_s": 10},
    },
    {"title": "SFTPパスワードを失効させる", "verb": "expire_sftp_password"},
    {"title": "SFTPのホスト鍵を替える", "verb": "change_host_key"},
    {
        "title": "CSVのアップロードを途中で切る",
        "verb": "fault",
        "arguments": {"name": "cut_after_bytes", "bytes": 64, "count": 1},
    },
]
"""What it offers besides where the CSV route is open."""


def _order_row(order: Order) -> dict[str, Any]:
    lines = [
        {"line": place, "detail_id": line.detail_id, "code": line.code, "quantity": line.standing}
        for place, line in enumerate(order.lines)
    ]
    return {"order_id": order.number, "lines": lines, "state": f"{order.progress} {PROGRESS[order.progress]}"}
