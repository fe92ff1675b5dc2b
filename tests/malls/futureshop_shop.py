"""The benches of futureshop: one shop over the API, the same shop over CSV files."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator, Sequence
from threading import Event
from typing import Any

from adapters.contract import (
    Adapter,
    Outcome,
    ShopSettings,
    StockLine,
)
from adapters.futureshop import csvfiles
from adapters.futureshop.adapter import create
from adapters.secret import Secret
from sandbox.malls.futureshop.part import FutureshopMall
from sandbox.world import World
from tests.malls.bench import FAST, FAULTS, Bench, SandboxTime, free_port, nowhere, started

LOOSE = 2000.0  # the simulator's pace: at such a one the margin is less than a thread's jitter
PRODUCT_HEADER = "コントロールカラム,商品URLコード,商品番号,商品名,現在在庫数,調整在庫数,在庫切れメール閾値"


class AreaTime(SandboxTime):
    """The world's time also for what is measured: files are taken by it."""

    def monotonic(self) -> float:
        return self._world.clock.seconds()


class FutureshopBench(Bench):
    personal = (
        "山田",
        "花子",
        "ヤマダ",
        "見本区",
        "1-2-3",
        "100-0000",
        "00-0000-0000",
        "orderer@example.invalid",
    )
    native = {**FAULTS, "rate_limit": ("rate_limit", {"retry_after": None})}

    def __init__(self, world: World, part: FutureshopMall, pace: float) -> None:
        super().__init__(world, part, pace)
        self.found = part.addresses()
        self.secrets: list[str] = []
        self._use(self.found["client_id"], self.found["client_secret"])
        self.take_addresses()

    def _use(self, client_id: str, client_secret: str) -> None:
        self.client_id, self.client_secret = client_id, client_secret
        pair = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self.secrets += [client_id, client_secret, pair]

    def adapter(self, **options: Any) -> Adapter:
        chosen = {
            "base_url": self.found["base_url"],
            "ca_file": str(self.world.ca_file),
            "rates": self.pace,
            "timeout_s": 5,
        }
        settings = ShopSettings("futureshop-main", {**chosen, **options})
        return create(settings, self.credentials(), AreaTime(self.world), Event())

    def credentials(self) -> dict[str, Secret]:
        return {
            "shop_key": Secret(self.found["shop_key"]),
            "client_id": Secret(self.client_id),
            "client_secret": Secret(self.client_secret),
        }

    def unreachable(self) -> Adapter:
        return self.adapter(base_url=nowhere())

    def unknown(self) -> StockLine:
        return StockLine("nothing", ("nothing", "", ""), 1)

    def refused(self) -> StockLine:
        product = self.address("tee-red-s")[0]
        return StockLine("tee-green-s", (product, "-green", "-s"), 1)

    def filler(self, count: int) -> list[StockLine]:
        return [StockLine(f"filler-{n}", (f"filler-{n}", "", ""), 1) for n in range(count)]

    def expire(self) -> None:
        self.control("expire_keys")

    def renew(self) -> None:
        issued = self.control("issue_key")
        self._use(issued["client_id"], issued["client_secret"])

    def outcomes(self, adapter: Adapter, lines: Sequence[StockLine]) -> list[Outcome]:
        return [result.outcome for result in adapter.write_stock(lines)]

    def times(self, function: str) -> int:
        return self.functions().count(function)


@contextlib.contextmanager
def running(
    tmp_path, pace: float = FAST, bench: type[FutureshopBench] = FutureshopBench, **settings: Any
) -> Iterator[FutureshopBench]:
    with started(tmp_path, FutureshopMall, **settings) as (world, part):
        made = bench(world, part, pace)
        yield made
        assert made.control("violations") == [], "the adapter keeps to the mall's forms"


class FilesBench(FutureshopBench):
    """The same shop over CSV files, whose samples are as if downloaded today."""

    native = {
        "server_error": ("status", {"code": 451}),
        "cut_before": ("cut_before", {"command": "STOR"}),
        "cut_after": ("cut_after", {"command": "RNTO"}),
    }
    missing_faults = {
        "maintenance": "FTP has no answer of its own for it: 421 is any trouble",
        "rate_limit": "FTP has no answer for too many requests, and none tells how long to wait",
        "html": "an FTP answer is a code and a line, or a file; there is no page",
    }
    codes = ("tee-red-s", "tee-blue-l", "mug", "cap-navy")  # the first two go in one file

    def __init__(self, world: World, part: FutureshopMall, pace: float) -> None:
        self.variation_file = world.folder / "variations.csv"
        self.product_file = world.folder / "products.csv"
        self.write_samples(csvfiles.VARIATION_HEADER)
        self.password = part.addresses()["ftp_password"]
        super().__init__(world, part, pace)
        self.secrets = [self.password]

    def write_samples(self, header: str, end: str = "") -> None:
        tee = [f"tee,,-{c},,-{s},20,,tee,,ロゴTシャツ,,{end}" for c in ("red", "blue") for s in "sml"]
        plain = [",mug,mug,マグカップ,12,,", ",cap-navy,cap-navy,キャップ,8,,"]
        self.variation_file.write_bytes("\r\n".join([header, *tee, ""]).encode("cp932"))
        self.product_file.write_bytes("\r\n".join([PRODUCT_HEADER, *plain, ""]).encode("cp932"))

    def adapter(self, **options: Any) -> Adapter:
        chosen = {
            "transport": "csv",
            "ftp_host": self.found["ftp_host"],
            "ftp_port": self.found["ftp_port"],
            "ca_file": str(self.world.ca_file),
            "variation_file": str(self.variation_file),
            "product_file": str(self.product_file),
        }
        settings = ShopSettings("futureshop-main", {**chosen, **options})
        credentials = {"ftp_user": Secret(self.found["ftp_user"]), "ftp_password": Secret(self.password)}
        return create(settings, credentials, AreaTime(self.world), Event())

    def unreachable(self) -> Adapter:
        return self.adapter(ftp_port=free_port())

    def refused(self) -> StockLine:
        return StockLine("tee-green-s", ("tee", "-green", "-s"), 1)

    def fault(self, name: str, **arguments: Any) -> None:
        super().fault(name, function="ftp", **arguments)

    def settle(self) -> None:
        for _ in range(500):
            if not self.control("area"):
                return
            with self.world.changed:
                self.world.changed.wait(0.02)
        raise AssertionError("the files were not taken")

    def expire(self) -> None:
        self.new_password = self.control("change_ftp_password")["ftp_password"]

    def renew(self) -> None:
        self.password = self.new_password
        self.secrets.append(self.password)

    def calls(self) -> int:
        return sum(self.control("logins").values())


@contextlib.contextmanager
def over_files(tmp_path, **settings: Any) -> Iterator[FilesBench]:
    with running(tmp_path, bench=FilesBench, pick_up_s=0.05, **settings) as bench:
        assert isinstance(bench, FilesBench)
        yield bench
