"""One store of Yahoo!ショッピング with its simulator, as the tests handle it."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator
from threading import Event
from typing import Any

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
from sandbox.world import World
from tests.contract import line
from tests.malls.bench import FAST, Bench, SandboxTime, nowhere, started

LOOSE = 2000.0  # the simulator's pace: at such a one the margin is less than a thread's jitter
KINDS = ("client_id", "client_secret", "refresh_token", "public_key", "public_key_version")


class HastyTime(SandboxTime):
    """The world's time, which a wait moves on at once: real paces without real waits."""

    def monotonic(self) -> float:
        return self._world.clock.seconds()

    def wait(self, stop: Event, timeout_s: float) -> bool:
        self._world.clock.advance(max(0.0, timeout_s))
        return stop.is_set()


class YahooBench(Bench):
    def __init__(self, world: World, part: YahooMall, pace: float) -> None:
        super().__init__(world, part, pace)
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
        return self.adapter(base_url=nowhere(), auth_url=nowhere())

    def address(self, code: str) -> Address:
        return ("tee", code) if code.startswith("tee-") else (code, "")

    def unknown(self) -> StockLine:
        return StockLine("nothing", ("nothing", ""), 1)

    def refused(self) -> StockLine:
        self.control("fault", name="refuse", code="cap-navy", error="st-02104")
        return line(self, "cap-navy", 1)

    def filler(self, count: int) -> list[StockLine]:
        return [StockLine(f"filler-{n}", (f"filler-{n}", ""), 1) for n in range(count)]

    def expire(self) -> None:
        self.control("change_password")
        self.control("expire_access_tokens")

    def renew(self) -> None:
        self._use(self.control("issue_refresh_token")["refresh_token"])


@contextlib.contextmanager
def running(tmp_path, pace: float = FAST, **settings: Any) -> Iterator[YahooBench]:
    with started(tmp_path, YahooMall, **{"download_s": 0, **settings}) as (world, part):
        yield YahooBench(world, part, pace)
