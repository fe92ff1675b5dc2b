"""One shop of the Qoo10 simulator, as the contract's cases handle it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from threading import Event
from typing import Any

from adapters.contract import (
    Adapter,
    ShopSettings,
    StockLine,
)
from adapters.qoo10.adapter import create
from adapters.secret import Secret
from sandbox.malls.qoo10.part import Qoo10Mall
from sandbox.world import World
from tests.malls.bench import FAST, FAULTS, Bench, SandboxTime, nowhere, started


class Qoo10Bench(Bench):
    personal = ("山田", "花子", "ヤマダ", "見本", "1-2-3", "orderer@example.invalid", "100-0000", "+81-00")
    native = {**FAULTS, "server_error": ("status", {"code": 502})}

    def __init__(self, world: World, part: Qoo10Mall, pace: float) -> None:
        super().__init__(world, part, pace)
        found = part.addresses()
        self.base_url = found["base_url"]
        self.key = found["seller_key"]
        self.secrets = [self.key]
        self.take_addresses()

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
        return self.adapter(base_url=nowhere())

    def unknown(self) -> StockLine:
        return StockLine("nothing", ("9999999999", "2030-12-31"), 1)

    def refused(self) -> StockLine:
        return self.unknown()

    def filler(self, count: int) -> list[StockLine]:
        return [StockLine(f"filler-{n}", (str(5_000_000_000 + n), "2030-12-31"), 1) for n in range(count)]

    def expire(self) -> None:
        self.control("expire_keys")

    def renew(self) -> None:
        self.key = self.control("issue_key")["seller_key"]
        self.secrets.append(self.key)

    def calls(self, function: str = "") -> int:
        return sum(function in (called, "") for called in self.functions())

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


@contextlib.contextmanager
def running(tmp_path, pace: float = FAST, **settings: Any) -> Iterator[Qoo10Bench]:
    with started(tmp_path, Qoo10Mall, **settings) as (world, part):
        yield Qoo10Bench(world, part, pace)
