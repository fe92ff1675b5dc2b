"""One store of Yahoo!ショッピング with its simulator, as the tests handle it."""

from __future__ import annotations

import base64
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
    Clock,
    ShopSettings,
    StockLine,
)
from adapters.secret import Secret
from adapters.yahoo.adapter import YahooAdapter, create
from sandbox.malls.yahoo.part import YahooMall
from sandbox.web import WebHost
from sandbox.world import World
from tests.contract import line

FAST = 100.0  # the adapter's pace here, as a multiple of the published rates ...
LOOSE = 2000.0  # ... and the simulator's: at such a pace the margin is less than a thread's jitter
FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "server_error": ("status", {"code": 500}),
    "maintenance": ("maintenance", {}),
    "rate_limit": ("rate_limit", {}),
    "cut_before": ("cut_before", {}),
    "cut_after": ("cut_after", {}),
    "html": ("html", {}),
}
KINDS = ("client_id", "client_secret", "refresh_token", "public_key", "public_key_version")


class SandboxTime(SystemClock):
    """The machine's time as the simulator's world sees it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        return self._world.clock.now()


class HastyTime(SandboxTime):
    """The world's time, which a wait moves on at once: real paces without real waits."""

    def monotonic(self) -> float:
        return self._world.clock.seconds()

    def wait(self, stop: Event, timeout_s: float) -> bool:
        self._world.clock.advance(max(0.0, timeout_s))
        return stop.is_set()


class YahooBench:
    personal = ("山田", "花子")
    faults = frozenset(FAULTS)
    missing_faults: Mapping[str, str] = {}
    codes = ("tee-red-s", "mug", "cap-navy", "tee-blue-l")

    def __init__(self, world: World, part: YahooMall, pace: float) -> None:
        self.world = world
        self.part = part
        self.pace = pace
        self.found = part.addresses()
        self.values = {kind: self.found[kind] for kind in KINDS}
        self.secrets: list[str] = []
        self._use(self.found["refresh_token"])

    def _use(self, refresh_token: str) -> None:
        self.values["refresh_token"] = refresh_token
        pair = f"{self.values['client_id']}:{self.values['client_secret']}".encode()
        self.secrets += [
            self.values["client_secret"],
            refresh_token,
            base64.b64encode(pair).decode(),
            self.values["public_key"].splitlines()[1],
        ]

    def control(self, verb: str, **arguments: Any) -> Any:
        return self.part.control(verb, arguments)

    def settings(self, **options: Any) -> ShopSettings:
        chosen = {
            "base_url": self.found["base_url"],
            "auth_url": self.found["auth_url"],
            "seller_id": self.found["seller_id"],
            "redirect_uri": self.found["redirect_uri"],
            "ca_file": str(self.world.ca_file),
            "rates": self.pace,
            "timeout_s": 5,
        }
        return ShopSettings("yahoo-main", {**chosen, **options})

    def adapter(
        self, without: tuple[str, ...] = (), clock: Clock | None = None, **options: Any
    ) -> YahooAdapter:
        credentials = {kind: Secret(value) for kind, value in self.values.items() if kind not in without}
        made = create(self.settings(**options), credentials, clock or SandboxTime(self.world), Event())
        assert isinstance(made, YahooAdapter)
        return made

    def hasty(self) -> YahooAdapter:
        """Make an adapter at the published rates; its margin is more than a busy machine is late."""
        return self.adapter(clock=HastyTime(self.world), rates=1.0, margin=0.5)

    def unreachable(self) -> Adapter:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            nowhere = f"https://127.0.0.1:{free.getsockname()[1]}"
        return self.adapter(base_url=nowhere, auth_url=nowhere)

    def address(self, code: str) -> Address:
        return ("tee", code) if code.startswith("tee-") else (code, "")

    def unknown(self) -> StockLine:
        return StockLine("nothing", ("nothing", ""), 1)

    def refused(self) -> StockLine:
        self.control("fault", name="refuse", code="cap-navy", error="st-02104")
        return line(self, "cap-navy", 1)

    def filler(self, count: int) -> list[StockLine]:
        return [StockLine(f"filler-{n}", (f"filler-{n}", ""), 1) for n in range(count)]

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
        self.control("change_password")
        self.control("expire_access_tokens")

    def renew(self) -> None:
        self._use(self.control("issue_refresh_token")["refresh_token"])

    def calls(self) -> int:
        return len(self.control("journal"))

    def functions(self) -> list[str]:
        return [entry["function"] for entry in self.control("journal")]

    def now(self) -> datetime:
        return self.world.clock.now()


@contextlib.contextmanager
def running(tmp_path, pace: float = FAST, **settings: Any) -> Iterator[YahooBench]:
    world = World(tmp_path / "world")
    host = WebHost(world)
    host.start()
    part = YahooMall(world, host, **{"download_s": 0, **settings})
    part.start()
    try:
        yield YahooBench(world, part, pace)
    finally:
        part.stop()
        host.stop()
