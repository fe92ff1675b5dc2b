"""楽天市場's simulator as the tests of its adapter handle it."""

from __future__ import annotations

import base64
import contextlib
import socket
from collections.abc import Iterator, Mapping
from datetime import datetime
from threading import Event
from typing import Any

from adapters.clock import SystemClock
from adapters.contract import Adapter, Address, Outcome, ShopSettings, StockLine
from adapters.rakuten.adapter import create
from adapters.secret import Secret
from sandbox.malls.rakuten.part import RakutenMall
from sandbox.web import WebHost
from sandbox.world import World

FAST = 100.0  # the adapter's pace here, as a multiple of the published rates ...
LOOSE = 2000.0  # ... and the simulator's: at such a pace the margin is less than a thread's jitter
FAULTS = {
    "server_error": ("status", {"code": 500}),
    "maintenance": ("maintenance", {"api": "all"}),
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


class RakutenBench:
    personal = ("山田", "花子")
    faults = frozenset(FAULTS)
    missing_faults: Mapping[str, str] = {}
    codes = ("tee-red-s", "mug", "cap-navy", "tee-blue-l")

    def __init__(self, world: World, part: RakutenMall, pace: float) -> None:
        self.world = world
        self.pace = pace
        self.part = part
        found = part.addresses()
        self.base_url = found["base_url"]
        self.service_secret = found["service_secret"]
        self.licence = found["licence_key"]
        self.secrets = [self.service_secret]
        self._use(self.licence)
        adapter = self.adapter()
        self.addresses = {product.mall_code: product.address for product in adapter.read_products()}
        adapter.close()

    def _use(self, licence: str) -> None:
        self.licence = licence
        pair = f"{self.service_secret}:{licence}".encode()
        self.secrets += [licence, base64.b64encode(pair).decode()]

    def control(self, verb: str, **arguments: Any) -> Any:
        return self.part.control(verb, arguments)

    def adapter(self, **options: Any) -> Adapter:
        chosen = {
            "base_url": self.base_url,
            "ca_file": str(self.world.ca_file),
            "rates": self.pace,
            "timeout_s": 5,
        }
        settings = ShopSettings("rakuten-main", {**chosen, **options})
        credentials = {"service_secret": Secret(self.service_secret), "licence": Secret(self.licence)}
        return create(settings, credentials, SandboxTime(self.world), Event())

    def unreachable(self) -> Adapter:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        return self.adapter(base_url=f"https://127.0.0.1:{port}")

    def address(self, code: str) -> Address:
        return self.addresses[code]

    def unknown(self) -> StockLine:
        return StockLine("nothing", ("nothing", "r-sku99999999"), 1)

    def refused(self) -> StockLine:
        # The 401st cell of one item is refused by the mall alone.
        full = [StockLine(f"full-{n}", ("full", f"v{n}"), 1) for n in range(400)]
        adapter = self.adapter()
        assert {result.outcome for result in adapter.write_stock(full)} == {Outcome.DONE}
        adapter.close()
        return StockLine("full-400", ("full", "v400"), 1)

    def filler(self, count: int) -> list[StockLine]:
        return [StockLine(f"filler-{n}", (f"filler-{n}", "v"), 1) for n in range(count)]

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
        self._use(self.control("issue_key", activation_s=0)["licence_key"])

    def calls(self) -> int:
        return len(self.control("journal"))

    def now(self) -> datetime:
        return self.world.clock.now()


@contextlib.contextmanager
def running(tmp_path, pace: float = FAST, **settings: Any) -> Iterator[RakutenBench]:
    world = World(tmp_path / "world")
    host = WebHost(world)
    host.start()
    part = RakutenMall(world, host, **settings)
    part.start()
    try:
        yield RakutenBench(world, part, pace)
    finally:
        part.stop()
        host.stop()
