"""Amazon's simulator as the tests of its adapter handle it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from threading import Event
from typing import Any

from adapters.amazon.adapter import AmazonAdapter, create
from adapters.contract import Address, Clock, ShopSettings, StockLine
from adapters.secret import Secret
from sandbox.malls.amazon.part import AmazonMall
from sandbox.world import World
from tests.malls.bench import FAST, FAULTS, Bench, SandboxTime, nowhere, started

LOOSE = 5000.0  # the simulator's pace: at such a one the margin is less than a thread's jitter
KINDS = ("client_id", "client_secret", "refresh_token")


class AmazonBench(Bench):
    native = {name: own for name, own in FAULTS.items() if name != "maintenance"}
    missing_faults = {"maintenance": "SP-API has no form of its own for it: it looks like any 503"}

    def __init__(self, world: World, part: AmazonMall, pace: float) -> None:
        super().__init__(world, part, pace)
        self.found = part.addresses()
        self.values = {kind: self.found[kind] for kind in KINDS}
        self.secrets = [self.values["client_secret"], self.values["refresh_token"], "Atza|"]

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
        return self.adapter(base_url=nowhere(), lwa_url=nowhere())

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

    def order(self, code: str, quantity: int, **how: Any) -> str:
        """Buy, longer ago than a search leaves out."""
        return super().order(code, quantity, **{"ago_s": 150, **how})

    def settle(self) -> None:
        self.world.clock.advance(600)

    def expire(self) -> None:
        self.control("revoke")

    def renew(self) -> None:
        self.values["refresh_token"] = self.control("authorize")["refresh_token"]
        self.secrets.append(self.values["refresh_token"])

    def count(self, function: str) -> int:
        return self.functions().count(function)


@contextlib.contextmanager
def running(tmp_path, pace: float = FAST, **settings: Any) -> Iterator[AmazonBench]:
    with started(tmp_path, AmazonMall, **{"delay_s": 0, "rates": LOOSE, **settings}) as (world, part):
        yield AmazonBench(world, part, pace)
