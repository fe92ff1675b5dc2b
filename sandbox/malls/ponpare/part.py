"""One shop on ポンパレモール: its FTPS addresses, and the verbs of shoppers, staff and accidents.

Faults of the mall's work: ``slot_stuck``, ``no_result``, ``html`` (each with ``slot``), ``omit {nth}``,
``refuse {code, error}``. Faults of the wire: ``drop_in_transfer {bytes}``, ``cut_before``, ``cut_after``,
``hold``, ``slow {seconds}``, ``status {code, text}``, ``maintenance``, ``rate_limit``, ``login_530``,
``tls_refused``, ``cert_expired``. Each takes ``count``; from ``drop_in_transfer`` to ``status`` also
``function``, one of ``faults.FUNCTIONS``.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sandbox.catalogue import GOODS, Good
from sandbox.ftps import FtpsServer
from sandbox.malls.common.part import MallPart
from sandbox.malls.ponpare import columns as col
from sandbox.malls.ponpare import csvform, downloads
from sandbox.malls.ponpare.area import JST, Area
from sandbox.malls.ponpare.faults import Faults
from sandbox.malls.ponpare.goods import KINDS, Cell, Goods
from sandbox.malls.ponpare.intake import Intake
from sandbox.malls.ponpare.log import Log
from sandbox.malls.ponpare.sales import Order, Sales
from sandbox.malls.ponpare.settings import Settings
from sandbox.malls.ponpare.site import House, Password, PonpareSite
from sandbox.malls.ponpare.worker import Worker
from sandbox.web import WebHost
from sandbox.world import World


class PonpareMall(MallPart):
    """A shop on ポンパレモール. ``settings`` are the fields of ``Settings``.

    In control verbs ``code`` is 商品ID, or 商品管理ID + SKU横軸項目ID + SKU縦軸項目ID of a SKU.
    """

    name = "ponpare"
    title = "ポンパレモール"
    violation_name = "仕様違反"
    _settings: Settings
    _faults: Faults
    _log: Log

    def __init__(self, world: World, _web: WebHost | None, **settings: Any) -> None:
        self._world = world
        self._settings = Settings(**settings)
        self._goods = Goods()
        self._sales = Sales(self._goods, self._settings)
        self._faults = Faults()
        self._log = Log(world.clock.now)
        intake = Intake(self._goods, self._faults, self._settings, self._log.violate)
        self._area = Area(world, self._settings, self._faults, intake)
        self._password = Password(world, self._settings)
        self._sites = self._make_sites()
        self._servers: list[FtpsServer] = []
        self._worker: Worker | None = None
        for good in GOODS:
            self._goods.list_good(good)

    def _make_sites(self) -> list[PonpareSite]:
        house = House(self._world, self._settings, self._area, self._password, self._faults, self._log)
        roots = dict.fromkeys((self._area.root, self._area.results_root))
        return [PonpareSite(house, root) for root in roots]

    # ------------------------------------------------------------------ the part

    def start(self) -> None:
        """Open the address of the uploads, and that of the results if it is another; begin to work."""
        self._servers = [FtpsServer(site, "ponpare-ftps") for site in self._sites]
        self._worker = Worker(self._world, self._area)
        for server in self._servers:
            server.start()
        self._worker.start()

    def stop(self) -> None:
        """End the work and close the ports."""
        if self._worker is not None:
            self._worker.stop()
        for server in self._servers:
            server.stop()

    def addresses(self) -> dict[str, Any]:
        """Give what the merchant writes into the bot's settings."""
        ports = [server.port for server in self._servers] or [0]
        expires_at = self._password.expires_at
        return {
            "host": "127.0.0.1",
            "port": ports[0],
            "user": self._settings.user,
            "password": self._password.issued[-1],
            "password_expires_on": expires_at.astimezone(JST).date().isoformat() if expires_at else None,
            "upload_dir": self._settings.upload_dir,
            "result_host": "127.0.0.1",
            "result_port": ports[-1],
            "result_dir": self._settings.result_dir,
        }

    # ------------------------------------------------------------------ shoppers and their orders

    def do_order(self, lines: list[dict[str, Any]], ago_s: float = 0) -> dict[str, str]:
        """Place an order, ``ago_s`` seconds ago."""
        wishes = [(str(line["code"]), int(line["quantity"])) for line in lines]
        order = self._sales.place(wishes, self._now - timedelta(seconds=ago_s))
        return {"order_id": order.number}

    def do_cancel(self, order_id: str) -> None:
        """Cancel an order; the next order file says so."""
        self._sales.cancel(order_id)

    def do_partial_cancel(self, order_id: str, line: int, quantity: int) -> None:
        """Take pieces out of a line, by its place from 0."""
        self._sales.reduce(order_id, int(line), int(quantity))

    def do_progress(self, order_id: str, status: str) -> None:
        """Set 注文ステータス of an order that stands."""
        self._sales.get(order_id).status = status

    def do_orders(self) -> list[dict[str, Any]]:
        """Give every order, oldest first."""
        return [_order_row(order) for order in self._sales.orders.values()]

    def do_order_file(self, order_ids: Sequence[str] | None = None) -> dict[str, str]:
        """Give the order file that the merchant downloads and drops into Slack (spec 3)."""
        numbers = list(self._sales.orders) if order_ids is None else order_ids
        return self._file("order", self._sales.file(numbers))

    # ------------------------------------------------------------------ the merchant's screens

    def do_stock(self) -> dict[str, int]:
        """Give what buyers see, by code."""
        return {cell.code: cell.quantity for cell in self._goods.cells()}

    def do_set_stock(self, code: str, quantity: int) -> None:
        """Edit a number on the mall's screen."""
        self._goods.find(code).set(int(quantity))

    def do_add_product(
        self, code: str, name: str, quantity: int = 0, parent: str = "", manage_id: str = ""
    ) -> dict[str, str]:
        """List something new; with ``parent`` as a SKU of it, ``code`` being ``parent-axis-axis``."""
        if self._goods.lists(code):
            raise ValueError(f"{code!r} is listed already")
        choices: tuple[tuple[str, str], ...] = ()
        if parent:
            if not code.startswith(f"{parent}-"):
                raise ValueError(f"{code!r} does not begin with {parent!r} and a hyphen")
            values = code.removeprefix(f"{parent}-").split("-", 1)
            choices = tuple(zip(("色", "サイズ"), values, strict=False))
        cell = self._goods.list_good(Good(code, parent or code, name, choices, int(quantity)), manage_id)
        return _keys(cell)

    def do_remove_product(self, code: str) -> None:
        """Take a listing off: a product, or one SKU."""
        cell = self._goods.find(code)
        if cell.sku is None:
            del self._goods.items[cell.item.manage_id]
        else:
            del cell.item.skus[cell.sku.key]

    def do_edit_listing(self, code: str, **fields: str) -> None:
        """Change a listing: name, item_id, kind; of a SKU: horizontal_name, vertical_name."""
        cell = self._goods.find(code)
        known = ("horizontal_name", "vertical_name") if cell.sku is not None else ("name", "item_id", "kind")
        if stray := set(fields) - set(known):
            raise ValueError(f"no field {', '.join(sorted(stray))}; known: {', '.join(known)}")
        if fields.get("kind", KINDS[0]) not in KINDS[:2]:
            raise ValueError(f"kind is one of {', '.join(KINDS[:2])}")
        for name, value in fields.items():
            setattr(cell.sku or cell.item, name, value)

    def do_listings(self) -> list[dict[str, str]]:
        """Give the keys of every listing."""
        return [_keys(cell) for cell in self._goods.cells()]

    def do_download(self, slot: str, columns: Sequence[str] | None = None) -> dict[str, str]:
        """Make item.csv or option.csv on the screen; refused while an upload is in work (spec 2.3)."""
        if self._area.is_busy():
            raise ValueError("アップロードの処理中です: an upload is being worked on, try again later")
        if slot == "item.csv":
            content = downloads.item_file(self._goods, self._settings, columns or col.ITEM_COLUMNS)
        elif slot == "option.csv":
            content = downloads.option_file(self._goods, self._settings, columns or col.OPTION_COLUMNS)
        else:
            raise ValueError("slot is item.csv or option.csv")
        return self._file(slot.removesuffix(".csv"), content)

    def _file(self, kind: str, content: bytes) -> dict[str, str]:
        stamp = self._now.astimezone(JST).strftime("%Y%m%d%H%M%S")
        text = content.decode(csvform.ENCODING)
        return {"name": f"{kind}_{stamp}.csv", "text": text, "base64": base64.b64encode(content).decode()}

    def do_issue_password(self) -> dict[str, Any]:
        """Issue a new FTP password; the one before is worth nothing from now on."""
        self._password.issue()
        return {name: self.addresses()[name] for name in ("password", "password_expires_on")}

    def do_expire_password(self) -> None:
        """Let the FTP password end now."""
        self._password.expire()

    # ------------------------------------------------------------------ accidents and witnesses

    def do_clear_faults(self) -> None:
        """Switch every fault off and let held answers go."""
        super().do_clear_faults()
        self.do_release()

    def do_held(self) -> list[str]:
        """Give the commands whose answers are held back, with their path."""
        return [what for site in self._sites for _connection, what, _reply in site.held]

    def do_release(self) -> int:
        """Let held answers go; gives their number."""
        waiting = len(self.do_held())
        for server in self._servers:
            server.release()
        return waiting

    def do_connections(self) -> int:
        """Give how often a client connected, to any of the mall's addresses."""
        return sum(site.connections for site in self._sites)

    def do_logins(self) -> dict[str, int]:
        """Give how often somebody logged in, and tried in vain."""
        return {kind: sum(site.logins[kind] for site in self._sites) for kind in ("good", "bad")}

    def do_area(self) -> dict[str, str]:
        """Give every file there is now, by its path."""
        return self._area.texts()

    def do_uploads(self) -> list[dict[str, Any]]:
        """Give every file that the mall took, oldest first, with the name of its result."""
        return [upload.row() for upload in self._area.uploads]

    def do_overwrites(self) -> int:
        """Give how often an upload went into a slot whose file was not taken (spec 5.6)."""
        return self._area.overwrites()

    def _stock_rows(self) -> list[dict[str, Any]]:
        cells = self._goods.cells()
        return [{"code": cell.code, "name": cell.name, "quantity": cell.quantity} for cell in cells]

    def _hands(self) -> list[dict[str, Any]]:
        return HANDS

    def _notes(self) -> list[str]:
        until = self.addresses()["password_expires_on"]
        return [
            f"取り込んだファイル {len(self._area.uploads)} 件",
            *(["アップロードの処理中"] if self._area.is_busy() else []),
            *([f"FTPパスワード: {until} まで"] if until else []),
            *(f"返事を保留中: {what}" for what in self.do_held()),
            *super()._notes(),
        ]


HANDS: list[dict[str, Any]] = [
    {
        "title": "アップロードが取り込まれなくなる",
        "verb": "fault",
        "arguments": {"name": "slot_stuck"},
    },
    {"title": "処理結果のファイルが出なくなる", "verb": "fault", "arguments": {"name": "no_result"}},
    {"title": "FTPパスワードが通らなくなる", "verb": "fault", "arguments": {"name": "login_530"}},
    {"title": "FTPパスワードを再発行する", "verb": "issue_password"},
    {"title": "メンテナンスに入る", "verb": "fault", "arguments": {"name": "maintenance"}},
    {
        "title": "アップロードの返事をなくす",
        "verb": "fault",
        "arguments": {"name": "cut_after", "function": "upload", "count": 1},
    },
    {"title": "注文CSVを見る", "verb": "order_file"},
    {"title": "option.csvをダウンロードする", "verb": "download", "arguments": {"slot": "option.csv"}},
]
"""What the page offers a person to try at this mall."""


def _keys(cell: Cell) -> dict[str, str]:
    horizontal, vertical = cell.sku.key if cell.sku is not None else ("", "")
    return {
        "code": cell.code,
        "manage_id": cell.item.manage_id,
        "item_id": cell.item.item_id,
        "horizontal": horizontal,
        "vertical": vertical,
    }


def _order_row(order: Order) -> dict[str, Any]:
    lines = [
        {"line": at, "code": line.code, "quantity": line.quantity} for at, line in enumerate(order.lines)
    ]
    return {"order_id": order.number, "lines": lines, "state": order.status}
