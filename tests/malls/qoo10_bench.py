"""One shop of the Qoo10 simulator, as the contract's cases handle it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Mapping
from datetime import datetime
from threading import Event
from typing import Any

from adapters.clock import SystemClock
from adapters.contract import (
    Adapter,
    Address,
    ShopSettings,
    StockLine,
)
from adapters.qoo10.adapter import create
from adapters.secret import Secret
from sandbox.malls.qoo10.part import Qoo10Mall
from sandbox.web import WebHost
from sandbox.world import World

FAST = 100.0  # the adapter's pace here, as a multiple of its own; the simulator's limit is off
FAULTS = {
    "server_error": ("status", {"code": 502}),
    "maintenance": ("maintenance", {}),
    "rate_limit": ("rate_limit", {}),
    "cut_before": ("cut_before", {}),
    "cut_after": ("cut_after", {}),
    "html": ("html", {}),
}


class SandboxTime(SystemClock):
    """The machine's time as the simulator's world sees it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        return self._world.clock.now()


class Qoo10Bench:
    personal = ("山田", "花子", "ヤマダ", "見本", "1-2-3", "orderer@example.invalid", "100-0000", "+81-00")
    faults = frozenset(FAULTS)
    missing_faults: Mapping[str, str] = {}
    codes = ("tee-red-s", "mug", "cap-navy", "tee-blue-l")

    def __init__(self, world: World, part: Qoo10Mall, pace: float) -> None:
        self.world = world
        self.pace = pace
        self.part = part
        found = part.addresses()
        self.base_url = found["base_url"]
        self.key = found["seller_key"]
        self.secrets = [self.key]
        self.take_addresses()

    def take_addresses(self) -> None:
        adapter = self.adapter()
        self.addresses = {product.mall_code: product.address for product in adapter.read_products()}
        adapter.close()

    def control(self, verb: str, **arguments: Any) -> Any:
        return self.part.control(verb, arguments)

    def adapter(self, **options: Any) -> Adapter:
        chosen = {
            "base_url": self.base_url,
            "ca_file": str(self.world.ca_file),
            "rates": self.pace,
            "timeout_s": 5,
        }
        settings = ShopSettings("qoo10-main", {**chosen, **options})
        return create(settings, {"seller_key": Secret(self.key)}, SandboxTime(self.world), Event())

    def unreachable(self) -> Adapter:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        return self.adapter(base_url=f"https://127.0.0.1:{port}")

    def address(self, code: str) -> Address:
        return self.addresses[code]

    def unknown(self) -> StockLine:
        return StockLine("nothing", ("9999999999", "2030-12-31"), 1)

    def refused(self) -> StockLine:
        return self.unknown()

    def filler(self, count: int) -> list[StockLine]:
        return [StockLine(f"filler-{n}", (str(5_000_000_000 + n), "2030-12-31"), 1) for n in range(count)]

    def stock(self, code: str) -> int:
        return self.control("stock")[code]

    def set_stock(self, code: str, quantity: int) -> None:
        self.control("set_stock", code=code, quantity=quantity)

    def order(self, code: str, quantity: int) -> str:
        order_id = self.control("order", lines=[{"code": code, "quantity": quantity}])["order_id"]
        self.world.clock.advance(1)
        return order_id

    def cancel(self, order_id: str) -> None:
        self.control("cancel", order_id=order_id)

    def settle(self) -> None:
        pass

    def fault(self, name: str, **arguments: Any) -> None:
        native, own = FAULTS[name]
        self.control("fault", name=native, **own, **arguments)

    def clear_faults(self) -> None:
        self.control("clear_faults")

    def expire(self) -> None:
        self.control("expire_keys")

    def renew(self) -> None:
        self.key = self.control("issue_key")["seller_key"]
        self.secrets.append(self.key)

    def calls(self, function: str = "") -> int:
        return sum(function in (row["function"], "") for row in self.control("journal"))

    def listing(self, seller_code: str) -> dict[str, Any]:
        return next(row for row in self.control("listings") if row["seller_code"] == seller_code)

    def extras(self, count: int) -> list[str]:
        """List that many plain items."""
        codes = [f"extra-{n:03d}" for n in range(count)]
        for code in codes:
            self.control("add_product", code=code, name="追加", quantity=1)
        self.take_addresses()
        return codes

    def hoods(self, count: int) -> list[str]:
        """List a product with that many options, of which the first costs no more than the item."""
        codes = [f"hood-{n}" for n in range(count)]
        for n, code in enumerate(codes):
            self.control("add_product", code=code, name="パーカー", parent="hood", choices={"色": f"色{n}"})
            self.control("edit_option", code=code, price=n)
        self.take_addresses()
        return codes

    def now(self) -> datetime:
        return self.world.clock.now()


@contextlib.contextmanager
def running(tmp_path, pace: float = FAST, **settings: Any) -> Iterator[Qoo10Bench]:
    world = World(tmp_path / "world")
    host = WebHost(world)
    host.start()
    part = Qoo10Mall(world, host, **settings)
    part.start()
    try:
        yield Qoo10Bench(world, part, pace)
    finally:
        part.stop()
        host.stop()
