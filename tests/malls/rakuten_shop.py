"""楽天市場's simulator as the tests of its adapter handle it."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator
from threading import Event
from typing import Any

from adapters.contract import Adapter, Outcome, ShopSettings, StockLine
from adapters.rakuten.adapter import create
from adapters.secret import Secret
from sandbox.malls.rakuten.part import RakutenMall
from sandbox.world import World
from tests.malls.bench import FAST, Bench, SandboxTime, nowhere, started

LOOSE = 2000.0  # the simulator's pace: at such a one the margin is less than a thread's jitter


class RakutenBench(Bench):
    def __init__(self, world: World, part: RakutenMall, pace: float) -> None:
        super().__init__(world, part, pace)
        found = part.addresses()
        self.base_url = found["base_url"]
        self.service_secret = found["service_secret"]
        self.licence = found["licence_key"]
        self.secrets = [self.service_secret]
        self._use(self.licence)
        self.take_addresses()

    def _use(self, licence: str) -> None:
        self.licence = licence
        pair = f"{self.service_secret}:{licence}".encode()
        self.secrets += [licence, base64.b64encode(pair).decode()]

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
        return self.adapter(base_url=nowhere())

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

    def expire(self) -> None:
        self.control("expire_keys")

    def renew(self) -> None:
        self._use(self.control("issue_key", activation_s=0)["licence_key"])


@contextlib.contextmanager
def running(tmp_path, pace: float = FAST, **settings: Any) -> Iterator[RakutenBench]:
    with started(tmp_path, RakutenMall, **settings) as (world, part):
        yield RakutenBench(world, part, pace)
