"""The sandbox's TEMPOSTAR and RoomClip as the tests of their adapter handle them."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.clock import SystemClock
from adapters.contract import Adapter, Address, Clock, ShopSettings, StockLine, Window
from adapters.files import FtpsArea, FtpsSession
from adapters.roomclip.adapter import RoomclipAdapter, create
from adapters.secret import Secret
from sandbox.malls.roomclip.part import RoomclipMall
from sandbox.web import WebHost
from sandbox.world import World

QUICK = {"take_up_s": 0.1, "send_interval_s": 0.1, "poll_s": 0.1, "settle_s": 0}


class Mall:
    """The sandbox's mall and the adapter of its shop."""

    def __init__(self, world: World, **settings: Any) -> None:
        self.world = world
        self._web = WebHost(world)
        self.part = RoomclipMall(world, self._web, **{**QUICK, **settings})
        self._web.start()
        self.part.start()
        self.addresses = self.part.addresses()

    def stop(self) -> None:
        self.part.stop()
        self._web.stop()

    def adapter(
        self,
        options: dict[str, Any] | None = None,
        *,
        clock: Clock | None = None,
        stop: threading.Event | None = None,
        **credentials: str,
    ) -> RoomclipAdapter:
        chosen = {
            "host": self.addresses["host"],
            "port": self.addresses["port"],
            "ca_file": str(self.world.ca_file),
            "timeout_s": 3,
            "other_shops_stopped": True,
            **(options or {}),
        }
        kinds = {kind: self.addresses[kind] for kind in ("user", "password", "shop_code")} | credentials
        secrets = {kind: Secret(value) for kind, value in kinds.items() if value}
        return create(
            ShopSettings("roomclip-main", chosen), secrets, clock or SystemClock(), stop or threading.Event()
        )

    def files(self) -> contextlib.AbstractContextManager[FtpsSession]:
        """Log in as the merchant's FTP user, whoever that is."""
        area = FtpsArea(
            host=self.addresses["host"],
            port=self.addresses["port"],
            user=self.addresses["user"],
            password=Secret(self.addresses["password"]),
            ca_file=str(self.world.ca_file),
        )
        return area.session()

    def ask(self, verb: str, **arguments: Any) -> Any:
        return self.part.control(verb, arguments)

    def fault(self, name: str, **arguments: Any) -> None:
        self.ask("fault", name=name, **arguments)

    def area(self, folder: str) -> dict[str, str]:
        """Every file directly in a folder of the area: name -> text."""
        start = folder.rstrip("/") + "/"
        found = {
            path[len(start) :]: text for path, text in self.ask("area").items() if path.startswith(start)
        }
        return {name: text for name, text in found.items() if "/" not in name}


def line(code: str, quantity: int) -> StockLine:
    return StockLine(code, (code,), quantity)


def until(wanted: Callable[[], Any], within_s: float = 8) -> Any:
    """Ask again until the answer is true; gives it."""
    limit = time.monotonic() + within_s
    while not (answer := wanted()):
        assert time.monotonic() < limit, "did not happen in time"
        time.sleep(0.02)
    return answer


def today() -> Window:
    now = datetime.now(UTC)
    return Window(now - timedelta(hours=1), now)


class RoomclipBench:
    """The mall as the contract's cases handle it."""

    codes: Sequence[str] = ("mug", "cap-navy", "tee-red-m")
    personal: Sequence[str] = ("架空", "カクウ", "shopper.invalid")
    faults = frozenset({"server_error", "cut_before", "cut_after"})
    missing_faults = {
        "maintenance": "FTP has no answer of its own for it: 421 is any trouble",
        "rate_limit": "FTP has no answer for too many requests, and none tells how long to wait",
        "html": "an FTP answer is a code and a line, or a file; there is no page",
    }

    def __init__(self, mall: Mall) -> None:
        self._mall = mall
        self._password = mall.addresses["password"]
        self.secrets: Sequence[str] = (self._password,)

    def adapter(self) -> Adapter:
        return self._mall.adapter(password=self._password)

    def unreachable(self) -> Adapter:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        return self._mall.adapter({"port": port})

    def address(self, code: str) -> Address:
        return (code,)

    def unknown(self) -> StockLine:
        return line("not-there", 1)

    def refused(self) -> StockLine:
        return line("not-there", 1)

    def filler(self, count: int) -> list[StockLine]:
        return [line(f"filler-{number}", 1) for number in range(count)]

    def stock(self, code: str) -> int:
        return int(self._mall.ask("stock")[code])

    def set_stock(self, code: str, quantity: int) -> None:
        self._mall.ask("set_stock", code=code, quantity=quantity)

    def order(self, code: str, quantity: int) -> str:
        answer = self._mall.ask("order", lines=[{"code": code, "quantity": quantity}])
        return self._given_out(str(answer["order_id"]), 1)

    def cancel(self, order_id: str) -> None:
        self._mall.ask("cancel", order_id=order_id)
        self._given_out(order_id, 2)

    def _given_out(self, order_id: str, times: int) -> str:
        until(lambda: "".join(self._mall.area("/order/export/acc/new").values()).count(order_id) == times)
        return order_id

    def settle(self) -> None:
        until(lambda: not self._mall.area("/stock"))
        until(lambda: self._mall.ask("tempostar_stock") == self._mall.ask("stock"))

    def fault(self, name: str, **arguments: Any) -> None:
        if name == "server_error":
            self._mall.fault("refuse", reply="451 Requested action aborted: local error in processing.")
            return
        self.order(self.codes[2], 1)  # without a file there is nothing to be cut at
        self._mall.fault(name)

    def clear_faults(self) -> None:
        self._mall.ask("clear_faults")

    def expire(self) -> None:
        self._renewed = self._mall.ask("change_password")["password"]
        self.secrets = (*self.secrets, self._renewed)

    def renew(self) -> None:
        self._password = self._renewed

    def calls(self) -> int:
        return len(self._mall.ask("journal"))

    def now(self) -> datetime:
        return self._mall.world.clock.now()


class CuttingProxy:
    """Stands before the area's control port and cuts its first connection.

    Args:
        chunk: which chunk of the client's is the last.
        lost: True if the server does not get that chunk, False if it does and its answer is lost.
    """

    def __init__(self, port: int, chunk: int, *, lost: bool) -> None:
        self._upstream = ("127.0.0.1", port)
        self._left = chunk
        self._lost = lost
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.cut = False
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def _start(self, work: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            for number in itertools.count():
                ends = (self._listener.accept()[0], socket.create_connection(self._upstream))
                self._ends += ends
                self._start(self._up, *ends, number == 0)
                self._start(self._down, *ends, number == 0)

    def _up(self, client: socket.socket, server: socket.socket, first: bool) -> None:
        with contextlib.suppress(OSError):
            while chunk := client.recv(65536):
                self._left -= first
                self.cut |= first and self._left == 0
                if self.cut and first and self._lost:
                    break
                server.sendall(chunk)
        _shut(client, server)

    def _down(self, client: socket.socket, server: socket.socket, first: bool) -> None:
        with contextlib.suppress(OSError):
            while (chunk := server.recv(65536)) and not (first and self.cut):
                client.sendall(chunk)
        _shut(client, server)

    def stop(self) -> None:
        _shut(self._listener, *self._ends)
        for thread in self._threads:
            thread.join(5)
        for end in (self._listener, *self._ends):
            end.close()


def _shut(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
