"""A ポンパレモール shop of the sandbox, and the adapter that is pointed at it."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapters.clock import SystemClock
from adapters.contract import Address, Clock, ShopSettings, StockLine
from adapters.ponpare.adapter import PonpareAdapter, create
from adapters.secret import Secret
from sandbox.malls.ponpare.part import PonpareMall
from sandbox.web import WebHost
from sandbox.world import World

ITEM, OPTION = "item.csv", "option.csv"


class PonpareBench:
    """The mall as the contract's cases handle it, and what only this mall has."""

    codes: Sequence[str] = ("mug", "tee-red-m", "cap-navy")
    personal: Sequence[str] = ("山田", "花子", "架空区", "1-2-3", "00-0000-0000", "hanako@shopper.invalid")
    faults = frozenset({"server_error", "cut_before", "cut_after", "html"})
    missing_faults = {
        "maintenance": "FTP has no answer of its own for it: 421 is any trouble",
        "rate_limit": "FTP has no answer for too many requests, and none tells how long to wait",
    }

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.world = World(folder / "world")
        self._web = WebHost(self.world)
        self.part = PonpareMall(self.world, self._web, **{"tick_s": 0.05, **settings})
        self.folder = folder
        self._web.start()
        self.part.start()
        self.password = str(self.part.addresses()["password"])
        self.secrets: list[str] = [self.password]
        for name in (ITEM, OPTION):
            self.download(name)

    def stop(self) -> None:
        self.part.stop()
        self._web.stop()

    def control(self, verb: str, **arguments: Any) -> Any:
        return self.part.control(verb, arguments)

    # ------------------------------------------------------------------- the adapter

    def adapter(
        self,
        *,
        clock: Clock | None = None,
        stop: threading.Event | None = None,
        password: str | None = None,
        **options: Any,
    ) -> PonpareAdapter:
        """Make an adapter; "" for the password leaves it unset."""
        word = self.password if password is None else password
        credentials = {"user": Secret(self.part.addresses()["user"])} | (
            {"password": Secret(word)} if word else {}
        )
        settings = ShopSettings("ponpare-main", self.options() | options)
        return create(settings, credentials, clock or SystemClock(), stop or threading.Event())

    def options(self) -> dict[str, Any]:
        found = self.part.addresses()
        wanted = ("host", "port", "upload_dir", "result_host", "result_port", "result_dir")
        return {name: found[name] for name in wanted} | {
            "ca_file": str(self.world.ca_file),
            "timeout_s": 5,
            "item_file": str(self.folder / ITEM),
            "option_file": str(self.folder / OPTION),
            "i_know_it_runs": True,
        }

    def unreachable(self) -> PonpareAdapter:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        return self.adapter(port=port, result_port=port)

    def download(self, name: str) -> None:
        """Take a product file from the mall's screen, as a person does."""
        content = base64.b64decode(self.control("download", slot=name)["base64"])
        (self.folder / name).write_bytes(content)

    def order_file(self) -> tuple[str, bytes]:
        """Take the order file from the mall's screen, as a person does."""
        found = self.control("order_file")
        return found["name"], base64.b64decode(found["base64"])

    # ------------------------------------------------------------------- lines

    def address(self, code: str) -> Address:
        for row in self.control("listings"):
            if row["code"] == code:
                axes = (row["horizontal"], row["vertical"])
                return (row["manage_id"], *axes) if any(axes) else (row["manage_id"],)
        return (code,)

    def line(self, code: str, quantity: int) -> StockLine:
        return StockLine(code, self.address(code), quantity)

    def unknown(self) -> StockLine:
        return self.line("not-there", 1)

    def refused(self) -> StockLine:
        return self.line("not-there", 1)

    def filler(self, count: int) -> list[StockLine]:
        return [StockLine(f"filler-{number}", (f"filler-{number}",), 1) for number in range(count)]

    # ------------------------------------------------------------------- the mall

    def stock(self, code: str) -> int:
        return int(self.control("stock")[code])

    def set_stock(self, code: str, quantity: int) -> None:
        self.control("set_stock", code=code, quantity=quantity)

    def order(self, code: str, quantity: int) -> str:
        return str(self.control("order", lines=[{"code": code, "quantity": quantity}])["order_id"])

    def cancel(self, order_id: str) -> None:
        self.control("cancel", order_id=order_id)

    def area(self, folder: str = "/") -> dict[str, str]:
        """Every file directly in a folder: name -> text."""
        start = folder.rstrip("/") + "/"
        inside = {
            path[len(start) :]: text for path, text in self.control("area").items() if path.startswith(start)
        }
        return {name: text for name, text in inside.items() if "/" not in name}

    def settle(self) -> None:
        """Wait until every file was taken and answered."""
        slots = self.part.addresses()["upload_dir"]
        until(lambda: not self.area(slots) and all(each["result"] for each in self.uploads()))

    def uploads(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("uploads")
        return found

    def fault(self, name: str, **arguments: Any) -> None:
        if name == "server_error":
            name, arguments = "status", {"code": 451}
        self.control("fault", name=name, **arguments)

    def clear_faults(self) -> None:
        self.control("clear_faults")

    def expire(self) -> None:
        self.control("expire_password")

    def renew(self) -> None:
        self.password = str(self.control("issue_password")["password"])
        self.secrets.append(self.password)

    def calls(self) -> int:
        return len(self.control("journal"))

    def now(self) -> Any:
        return self.world.clock.now()


@contextmanager
def shop(folder: Path, violations: int = 0, **settings: Any) -> Iterator[PonpareBench]:
    """Open a shop; what a right client never does must not have happened in it."""
    bench = PonpareBench(folder, **settings)
    try:
        yield bench
        assert len(bench.control("violations")) == violations, bench.control("violations")
        assert bench.control("overwrites") == 0
    finally:
        bench.stop()


def until(wanted: Callable[[], Any], within_s: float = 20) -> Any:
    """Ask again until the answer is true; give it."""
    limit = time.monotonic() + within_s
    while not (answer := wanted()):
        assert time.monotonic() < limit, "did not happen in time"
        time.sleep(0.02)
    return answer
