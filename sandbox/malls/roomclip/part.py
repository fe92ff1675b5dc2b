"""The mall RoomClip as a part of the sandbox: an FTPS area, TEMPOSTAR behind it, RoomClip behind that.

Verbs beside the common ones: ``tempostar_stock``, ``set_tempostar_stock``, ``hold_back``, ``link``,
``reflection``, ``order_import``, ``bulk_sync``, ``add_product`` (TEMPOSTAR); ``pause``,
``publish_state``, ``mails``, ``product_csv`` (RoomClip); ``area``, ``area_history``, ``logins``,
``change_password``, ``violations``, ``held``, ``release`` (the area).

Faults: ``login_530``, ``tls_refused``, ``cert_expired``, ``quota_full``, ``not_taken``, ``reader_dead``,
``cut_before``, ``cut_after``, ``cut_after_bytes {bytes}``, ``refuse {reply}``, ``hold`` (the next rename
to a final name is done, its answer waits for ``release``), ``orders_cut_in_row`` and
``orders_cut_between_rows`` (an order file stays half written).
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from sandbox.catalogue import GOODS, Good
from sandbox.ftps import FtpsServer
from sandbox.malls.roomclip import csvform
from sandbox.malls.roomclip.area import Area
from sandbox.malls.roomclip.ftps import Desk
from sandbox.malls.roomclip.orders import Order
from sandbox.malls.roomclip.roomclip import PUBLISH_STATES, Item, Roomclip
from sandbox.malls.roomclip.rounds import Round, Rounds
from sandbox.malls.roomclip.settings import Faults, Settings
from sandbox.malls.roomclip.tempostar import Tempostar
from sandbox.web import WebHost
from sandbox.world import ControlError, World, call_verb

_PRODUCT_COLUMNS = ("親子・単品フラグ", "種類別の自社管理コード", "出品ステータス", "商品名", "在庫数")


class RoomclipMall:
    """RoomClip through TEMPOSTAR; ``settings`` are the fields of ``settings.Settings``."""

    name = "roomclip"

    def __init__(self, world: World, _web: WebHost | None, **settings: Any) -> None:
        self._world = world
        self._settings = Settings(**settings)
        self._faults = Faults()
        self._area = Area(
            world, world.folder / "roomclip-area", self._settings.quota_bytes, self._settings.shop_code
        )
        self._tempostar = Tempostar(self._area, self._settings, self._faults)
        self._roomclip = Roomclip(self._area, self._settings, self._faults)
        self._desk = Desk(self._area, self._settings, self._faults)
        self._desk.on_change = self._check_change
        self._desk.on_arrival = self._on_arrival
        for good in GOODS:
            self._tempostar.add(good)
            self._roomclip.items[good.code] = _item(good, good.quantity)
        self._server: FtpsServer | None = None
        self._rounds: Rounds | None = None

    def start(self) -> None:
        """Open the FTPS port and start the rounds."""
        chosen, star, room = self._settings, self._tempostar, self._roomclip
        self._server = FtpsServer(self._desk, "roomclip-ftps")
        self._rounds = Rounds(
            self._world,
            [
                Round(self._world, 0, star.export_orders),
                Round(self._world, chosen.take_up_s, star.take_up),
                Round(self._world, chosen.send_interval_s, star.send),
                Round(self._world, chosen.poll_s, room.poll),
            ],
        )
        self._server.start()
        self._rounds.start()

    def stop(self) -> None:
        """End the rounds and close the port."""
        for running in (self._rounds, self._server):
            if running is not None:
                running.stop()

    def addresses(self) -> dict[str, Any]:
        """Give what the merchant writes into the bot's settings."""
        return {
            "host": "127.0.0.1",
            "port": self._server.port if self._server else 0,
            "user": self._settings.user,
            "password": self._desk.passwords[-1],
            "shop_code": self._settings.shop_code,
        }

    def control(self, verb: str, arguments: dict[str, Any]) -> Any:
        """Do a verb under the sandbox's lock: every verb here is quick."""
        with self._world.lock:
            result = call_verb(self, verb, arguments)
        self._world.notify()
        return result

    # ------------------------------------------------------------------ what the wire tells

    def _on_arrival(self, path: Path) -> None:
        if path.parent == self._area.root / "stock" and path.match("stock*.csv"):
            with self._world.lock:
                self._tempostar.notice(path)
        self._world.notify()

    def _check_change(self, command: str, name: str) -> None:
        if name.startswith("/netstock") and self._tempostar.reflection_on:
            self._area.violate(f"{command} in /netstock while TEMPOSTAR publishes there", name)
        elif name.startswith("/order"):
            self._area.violate(f"{command} among the order files", name)
        elif command == "STOR" and name.startswith("/stock/stock") and name.endswith(".csv"):
            self._area.violate("written under its final name", name)

    # ------------------------------------------------------------------ common verbs

    def do_order(self, lines: list[dict[str, Any]]) -> dict[str, str]:
        """A shopper buys at RoomClip."""
        order = self._roomclip.buy(lines)
        self._tempostar.import_order(order)
        return {"order_id": order.order_id}

    def do_cancel(self, order_id: str) -> None:
        """An order is cancelled at RoomClip; TEMPOSTAR gives it out again in a new file."""
        self._tempostar.import_order(self._roomclip.cancel(order_id))

    def do_stock(self) -> dict[str, int]:
        """What RoomClip's buyers see: 公開 only."""
        return self._roomclip.shown()

    def do_set_stock(self, code: str, quantity: int) -> None:
        """The merchant edits the number on RoomClip's screen."""
        self._roomclip.items[code].quantity = int(quantity)

    def do_fault(self, name: str, **arguments: Any) -> None:
        """Switch a fault on."""
        self._faults.switch_on(name, arguments)

    def do_clear_faults(self) -> None:
        """Switch every fault off and let held answers go."""
        self._faults.clear()
        self.do_release()

    def do_journal(self) -> list[dict[str, Any]]:
        """Every FTP command received, with the code of its answer."""
        return [dict(line) for line in self._area.journal]

    def do_seen(self, text: str) -> bool:
        """Whether this text was ever received, in a file or a command.

        The argument of PASS counts too, unless it is a password that this mall gave out.
        """
        return self._area.seen(text)

    def do_view(self) -> dict[str, Any]:
        """The page of this mall."""
        return {
            "title": "RoomClipショッピング (TEMPOSTAR)",
            "stock": [self._stock_row(item) for item in self._roomclip.items.values()],
            "orders": [_order_row(order) for order in self._roomclip.orders.values()],
            "faults": self._faults.names(),
            "hands": HANDS,
            "notes": self._notes(),
        }

    def _stock_row(self, item: Item) -> dict[str, Any]:
        sku = self._tempostar.skus[item.code]
        return {
            "code": item.code,
            "name": " ".join((item.name, item.choices)).strip(),
            "quantity": item.quantity,
            "expected": sku.expected,
            "linked": sku.linked,
            "state": item.state,
        }

    def _notes(self) -> list[str]:
        star = self._tempostar
        switches = [("受注取込", star.import_on), ("在庫反映", star.reflection_on)]
        stopped = [f"{name} 停止" for name, on in switches if not on]
        paused = ["RoomClip 在庫連携 一時停止"] if self._roomclip.paused else []
        waiting = [f"送信待ち {len(star.changed)} SKU"] if star.changed else []
        return [
            *stopped,
            *paused,
            *waiting,
            f"送信 {star.sendings} 回",
            f"メール {len(self._roomclip.mails)} 通",
        ]

    # ------------------------------------------------------------------ TEMPOSTAR's screen

    def do_tempostar_stock(self) -> dict[str, int]:
        """想定在庫数 by SKU code."""
        return {code: sku.expected for code, sku in self._tempostar.skus.items()}

    def do_set_tempostar_stock(self, code: str, quantity: int) -> None:
        """The merchant edits 想定在庫数 on TEMPOSTAR's screen."""
        self._tempostar.set_expected(code, int(quantity))

    def do_hold_back(self, code: str, quantity: int) -> None:
        """The merchant edits 保留在庫数 on TEMPOSTAR's screen."""
        self._tempostar.hold_back(code, int(quantity))

    def do_link(self, code: str, on: bool) -> None:
        """Set 在庫連動設定 of one product: 連携する or 停止."""
        self._tempostar.link(code, on)

    def do_reflection(self, on: bool) -> None:
        """Set the shop's 在庫反映; switching it on sends all linked SKUs."""
        if on and not self._tempostar.reflection_on:
            self._tempostar.mark_all()
        self._tempostar.reflection_on = on

    def do_order_import(self, on: bool) -> None:
        """Set the shop's 受注取込; orders pile up while it is stopped."""
        self._tempostar.import_on = on

    def do_bulk_sync(self) -> None:
        """一括同期."""
        self._tempostar.mark_all()

    def do_add_product(self, code: str, name: str, quantity: int) -> None:
        """Register a product in TEMPOSTAR, linked, and in RoomClip, 公開 with stock 0."""
        if code in self._tempostar.skus:
            raise ControlError(f"{code} is there already")
        good = Good(code, code, name, quantity=int(quantity))
        self._tempostar.add(good)
        self._tempostar.link(code, on=True)
        self._roomclip.items[code] = _item(good, 0)

    # ------------------------------------------------------------------ RoomClip's screen

    def do_pause(self, on: bool) -> None:
        """一時停止 of 在庫連携設定."""
        self._roomclip.paused = on

    def do_publish_state(self, code: str, state: str) -> None:
        """Set 出品ステータス of one item."""
        if state not in PUBLISH_STATES:
            raise ControlError(f"unknown 出品ステータス {state!r}; known: {', '.join(PUBLISH_STATES)}")
        self._roomclip.items[code].state = state

    def do_mails(self) -> list[dict[str, str]]:
        """The failure mails that RoomClip sent to the merchant."""
        return list(self._roomclip.mails)

    def do_product_csv(self) -> str:
        """RoomClip's product CSV, with the columns of spec 5.3."""
        rows: list[tuple[str | int, ...]] = [_PRODUCT_COLUMNS]
        for item in self._roomclip.items.values():
            if item.flag == 2 and (1, "", "公開", item.parent, "") not in rows:
                rows.append((1, "", "公開", item.parent, ""))
            rows.append((item.flag, item.code, item.state, item.name, item.quantity))
        return csvform.write("utf8", rows).decode()

    # ------------------------------------------------------------------ the FTPS area

    def do_area(self) -> dict[str, str]:
        """Every file in the area now."""
        return self._area.texts()

    def do_area_history(self) -> list[dict[str, Any]]:
        """Every inbound stock file seen, with ``taken_at`` once TEMPOSTAR took it."""
        return [asdict(entry) for entry in self._tempostar.history]

    def do_logins(self) -> dict[str, int]:
        """How often somebody logged in, and tried in vain."""
        return dict(self._desk.logins)

    def do_change_password(self) -> dict[str, str]:
        """FTPパスワードの発行: the one before is worth nothing from now on."""
        self._desk.passwords.append(f"{self._settings.password}-{len(self._desk.passwords) + 1}")
        return {"password": self._desk.passwords[-1]}

    def do_violations(self) -> list[dict[str, str]]:
        """How clients broke the contract: file names, form, and folders that are not theirs."""
        return list(self._area.violations)

    def do_held(self) -> list[dict[str, str]]:
        """The renames whose answer waits."""
        return [{"name": what.removeprefix("RNTO ")} for _connection, what, _reply in self._desk.held]

    def do_release(self) -> None:
        """Let held answers go."""
        if self._server is not None:
            self._server.release()


def _item(good: Good, quantity: int) -> Item:
    choices = " ".join(f"{axis}:{value}" for axis, value in good.choices)
    return Item(good.code, good.name, good.parent, choices, quantity)


HANDS = [
    {"title": "パスワードが通らなくなる", "verb": "fault", "arguments": {"name": "login_530"}},
    {"title": "在庫ファイルが取り込まれなくなる", "verb": "fault", "arguments": {"name": "not_taken"}},
    {"title": "FTPS領域がいっぱいになる", "verb": "fault", "arguments": {"name": "quota_full"}},
    {"title": "受注ファイルが途中で切れる", "verb": "fault", "arguments": {"name": "orders_cut_in_row"}},
]
"""What the page offers a person to try here."""


def _order_row(order: Order) -> dict[str, Any]:
    lines = [{"code": line.code, "quantity": line.quantity} for line in order.lines]
    return {"order_id": order.order_id, "lines": lines, "state": order.state}
