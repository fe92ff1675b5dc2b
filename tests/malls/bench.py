"""What the benches of the malls share: a simulated shop as the contract's cases handle it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from adapters.clock import SystemClock
from adapters.contract import Address
from sandbox.malls.common.part import MallPart
from sandbox.web import WebHost
from sandbox.world import World

FAST = 100.0  # an adapter's pace here, as a multiple of the published rates
FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "server_error": ("status", {"code": 500}),
    "maintenance": ("maintenance", {}),
    "rate_limit": ("rate_limit", {}),
    "cut_before": ("cut_before", {}),
    "cut_after": ("cut_after", {}),
    "html": ("html", {}),
}
"""A fault of the contract -> the simulator's own and its arguments."""

P = TypeVar("P", bound=MallPart)


class SandboxTime(SystemClock):
    """The machine's time as the simulator's world sees it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        return self._world.clock.now()


class Bench:
    """A shop and its world. Whoever inherits makes the adapter, and says what this mall does otherwise."""

    personal: tuple[str, ...] = ("山田", "花子")
    native: Mapping[str, tuple[str, dict[str, Any]]] = FAULTS
    missing_faults: Mapping[str, str] = {}
    codes: tuple[str, ...] = ("tee-red-s", "mug", "cap-navy", "tee-blue-l")

    def __init__(self, world: World, part: MallPart, pace: float = FAST) -> None:
        self.world = world
        self.part = part
        self.pace = pace
        self.addresses: dict[str, Address] = {}

    @property
    def faults(self) -> frozenset[str]:
        return frozenset(self.native)

    def adapter(self, **options: Any) -> Any:
        raise NotImplementedError

    def take_addresses(self) -> None:
        """Let the adapter say where each code is."""
        adapter = self.adapter()
        self.addresses = {product.mall_code: product.address for product in adapter.read_products()}
        adapter.close()

    def address(self, code: str) -> Address:
        return self.addresses[code]

    def control(self, verb: str, **arguments: Any) -> Any:
        return self.part.control(verb, arguments)

    def stock(self, code: str) -> int:
        return self.control("stock")[code]

    def set_stock(self, code: str, quantity: int) -> None:
        self.control("set_stock", code=code, quantity=quantity)

    def order(self, code: str, quantity: int, **how: Any) -> str:
        order_id = self.control("order", lines=[{"code": code, "quantity": quantity}], **how)["order_id"]
        self.world.clock.advance(1)
        return order_id

    def cancel(self, order_id: str) -> None:
        self.control("cancel", order_id=order_id)

    def settle(self) -> None:
        """Let happen what a write waits for: here nothing."""

    def fault(self, name: str, **arguments: Any) -> None:
        native, own = self.native.get(name, (name, {}))
        self.control("fault", name=native, **{**own, **arguments})

    def clear_faults(self) -> None:
        self.control("clear_faults")

    def functions(self) -> list[str]:
        return [entry["function"] for entry in self.control("journal")]

    def calls(self) -> int:
        return len(self.functions())

    def now(self) -> datetime:
        return self.world.clock.now()


@contextlib.contextmanager
def started(folder: Path, kind: type[P], **settings: Any) -> Iterator[tuple[World, P]]:
    """Run one mall in a world of its own."""
    world = World(folder / "world")
    host = WebHost(world)
    host.start()
    part = kind(world, host, **settings)
    part.start()
    try:
        yield world, part
    finally:
        part.stop()
        host.stop()


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def nowhere() -> str:
    """Give an address where nobody answers."""
    return f"https://127.0.0.1:{free_port()}"
