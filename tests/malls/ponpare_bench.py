"""A ポンパレモール shop of the sandbox, and the adapter that is pointed at it."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapters.clock import SystemClock
from adapters.contract import Address, Clock, ShopSettings, StockLine
from adapters.ponpare.adapter import PonpareAdapter, create
from adapters.secret import Secret
from sandbox.malls.ponpare.part import PonpareMall
from sandbox.world import World
from tests.malls.bench import FAULTS, Bench, free_port, started

ITEM, OPTION = "item.csv", "option.csv"


class PonpareBench(Bench):
    """The mall as the contract's cases handle it, and what only this mall has."""

    codes = ("mug", "tee-red-m", "cap-navy")
    personal = ("山田", "花子", "架空区", "1-2-3", "00-0000-0000", "hanako@shopper.invalid")
    native = {"server_error": ("status", {"code": 451})} | {
        name: FAULTS[name] for name in ("cut_before", "cut_after", "html")
    }
    missing_faults = {
        "maintenance": "FTP has no answer of its own for it: 421 is any trouble",
        "rate_limit": "FTP has no answer for too many requests, and none tells how long to wait",
    }

    def __init__(self, folder: Path, world: World, part: PonpareMall) -> None:
        super().__init__(world, part)
        self.folder = folder
        self.password = str(self.part.addresses()["password"])
        self.secrets: list[str] = [self.password]
        for name in (ITEM, OPTION):
            self.download(name)

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
        port = free_port()
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

    def order(self, code: str, quantity: int) -> str:
        return str(self.control("order", lines=[{"code": code, "quantity": quantity}])["order_id"])

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

    def expire(self) -> None:
        self.control("expire_password")

    def renew(self) -> None:
        self.password = str(self.control("issue_password")["password"])
        self.secrets.append(self.password)


@contextmanager
def shop(folder: Path, violations: int = 0, **settings: Any) -> Iterator[PonpareBench]:
    """Open a shop; what a right client never does must not have happened in it."""
    with started(folder, PonpareMall, **{"tick_s": 0.05, **settings}) as (world, part):
        bench = PonpareBench(folder, world, part)
        yield bench
        assert len(bench.control("violations")) == violations, bench.control("violations")
        assert bench.control("overwrites") == 0


def until(wanted: Callable[[], Any], within_s: float = 20) -> Any:
    """Ask again until the answer is true; give it."""
    limit = time.monotonic() + within_s
    while not (answer := wanted()):
        assert time.monotonic() < limit, "did not happen in time"
        time.sleep(0.02)
    return answer
