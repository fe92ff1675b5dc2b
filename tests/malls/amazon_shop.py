"""Amazon's simulator as the tests of its adapter handle it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from threading import Event
from typing import Any

from adapters.amazon.adapter import AmazonAdapter, create
from adapters.clock import SystemClock
from adapters.contract import Address, Clock, ShopSettings, StockLine
from adapters.secret import Secret
from sandbox.malls.amazon.part import AmazonMall
from sandbox.web import WebHost
from sandbox.world import World

FAST = 100.0  # the adapter's pace here, as a multiple of the published rates ...
LOOSE = 5000.0  # ... and the simulator's: at such a pace the margin is less than a thread's jitter
FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "server_error": ("status", {"code": 500}),
    "rate_limit": ("rate_limit", {}),
    "cut_before": ("cut_before", {}),
    "cut_after": ("cut_after", {}),
    "html": ("html", {}),
}
KINDS = ("client_id", "client_secret", "refresh_token")


class SandboxTime(SystemClock):
    """The machine's time as the simulator's world sees it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self):
        return self._world.clock.now()


class AmazonBench:
    personal = ("山田", "花子")
    faults = frozenset(FAULTS)
    missing_faults = {"maintenance": "SP-API has no form of its own for it: it looks like any 503"}
    codes = ("tee-red-s", "mug", "cap-navy", "tee-blue-l")

    def __init__(self, world: World, part: AmazonMall, pace: float) -> None:
        self.world = world
        self.part = part
        self.pace = pace
        self.found = part.addresses()
        self.values = {kind: self.found[kind] for kind in KINDS}
        self.secrets = [self.values["client_secret"], self.values["refresh_token"], "Atza|"]

    def control(self, verb: str, **arguments: Any) -> Any:
        return self.part.control(verb, arguments)

    def settings(self, **options: Any) -> ShopSettings:
        chosen = {
            "seller_id": self.found["seller_id"],
            "base_url": self.found["api_url"],
            "lwa_url": self.found["lwa_url"],
            "ca_file": str(self.world.ca_file),
            "rates": self.pace,
            "timeout_s": 10,
        }
        return ShopSettings("amazon-jp", {**chosen, **options})

    def adapter(
        self, without: tuple[str, ...] = (), clock: Clock | None = None, **options: Any
    ) -> AmazonAdapter:
        credentials = {kind: Secret(value) for kind, value in self.values.items() if kind not in without}
        return create(self.settings(**options), credentials, clock or SandboxTime(self.world), Event())

    def unreachable(self) -> AmazonAdapter:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            nowhere = f"https://127.0.0.1:{free.getsockname()[1]}"
        return self.adapter(base_url=nowhere, lwa_url=nowhere)

    def address(self, code: str) -> Address:
        return (code, "DEFAULT")

    def line(self, code: str, quantity: int) -> StockLine:
        return StockLine(code, self.address(code), quantity)

    def unknown(self) -> StockLine:
        return self.line("nothing", 1)

    def refused(self) -> StockLine:
        self.control("fault", name="refuse", code="cap-navy", how="invalid")
        return self.line("cap-navy", 1)

    def filler(self, count: int) -> list[StockLine]:
        return [self.line(f"filler-{number}", 1) for number in range(count)]

    def stock(self, code: str) -> int:
        return self.control("stock")[code]

    def set_stock(self, code: str, quantity: int) -> None:
        self.control("set_stock", code=code, quantity=quantity)

    def order(self, code: str, quantity: int, **how: Any) -> str:
        """Buy, longer ago than a search leaves out."""
        lines = [{"code": code, "quantity": quantity}]
        order_id = self.control("order", lines=lines, **{"ago_s": 150, **how})["order_id"]
        self.world.clock.advance(1)
        return order_id

    def cancel(self, order_id: str) -> None:
        self.control("cancel", order_id=order_id)

    def settle(self) -> None:
        self.world.clock.advance(600)

    def fault(self, name: str, **arguments: Any) -> None:
        native, own = FAULTS[name]
        self.control("fault", name=native, **own, **arguments)

    def clear_faults(self) -> None:
        self.control("clear_faults")

    def expire(self) -> None:
        self.control("revoke")

    def renew(self) -> None:
        self.values["refresh_token"] = self.control("authorize")["refresh_token"]
        self.secrets.append(self.values["refresh_token"])

    def calls(self) -> int:
        return len(self.control("journal"))

    def functions(self) -> list[str]:
        return [entry["function"] for entry in self.control("journal")]

    def count(self, function: str) -> int:
        return self.functions().count(function)

    def now(self):
        return self.world.clock.now()


@contextlib.contextmanager
def running(tmp_path, pace: float = FAST, **settings: Any) -> Iterator[AmazonBench]:
    world = World(tmp_path / "world")
    host = WebHost(world)
    host.start()
    part = AmazonMall(world, host, **{"delay_s": 0, "rates": LOOSE, **settings})
    part.start()
    try:
        yield AmazonBench(world, part, pace)
    finally:
        part.stop()
        host.stop()
