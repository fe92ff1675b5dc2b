"""What a turn costs as the catalogue grows: it should follow the changes, not the catalogue.

``python -m benchmarks.turn`` gives the bot eight malls in memory, a compiled mapping of rules with 2 %
of exceptions, and books in which every code was counted, listed and written. Orders then move some
codes, and every shop has its turn: orders in, ledger, plans, writes. The last lines are JSON, one a
size. CPU is that of the whole process, malls in memory included; memory is what is resident.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, cast

from adapters.contract import Adapter
from adapters.memory import MemoryAdapter, MemoryMall
from adapters.secret import Secret
from benchmarks.books import COUNTED, fill
from benchmarks.mapping import Files
from bot.app import Bot
from bot.config import Config, GuardSettings, MappingSettings, StateSettings
from bot.credentials.keys import make_key_file
from bot.mapping.check import Checked
from bot.mapping.codes import CodeRule
from bot.mapping.compiled import COMPILED, CompiledMapping
from bot.mapping.model import Axis, Product, Shop, Team
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.repo import MappingRepository
from bot.store.database import ChangeWatch
from bot.turns import Turns

SHOPS = tuple(f"shop-{number}" for number in range(1, 9))
AXES = (Axis("色", ("red", "blue", "white", "black", "green")), Axis("サイズ", ("s", "m", "l", "xl", "2xl")))
CODES_A_PRODUCT = 25
EXCEPTION_EVERY = 50  # 2 % of the listings
LINES_AN_ORDER = 3
POLL_S = 60
LOOKS_A_S = 2  # the watch on the state
COMMIT = "c0ffee" + "0" * 34
PRODUCTS_A_FILE = 1_000
MALLS = {"memory": CodeRule(r"[0-9A-Za-z][0-9A-Za-z_-]*", 64)}
_ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Cost:
    """What one size costs."""

    codes: int
    turn_cpu_ms: float
    rss_mb: float
    idle_cpu_percent: float
    idle_rss_mb: float
    start_cpu_ms: float
    start_rss_mb: float


# --------------------------------------------------------------------------- the catalogue


def catalogue(codes: int) -> CodeMapping:
    """Make a mapping of rules: products with two axes, an old number here and there."""
    products = tuple(map(_product, range(-(-codes // CODES_A_PRODUCT))))
    return CodeMapping({name: Shop(name, "memory") for name in SHOPS}, products)


def _product(number: int) -> Product:
    bare = Product(f"item-{number:06d}", "商品", AXES)
    if number * CODES_A_PRODUCT % EXCEPTION_EVERY:
        return bare
    first = next(iter(bare.variants())).code
    return Product(
        bare.code, bare.name, AXES, listings={name: {first: f"OLD-{number:06d}"} for name in SHOPS}
    )


def files(mapping: CodeMapping) -> Files:
    """Give a catalogue as the files of a commit."""
    shops = [f"  {name}: {{mall: memory, orders: api}}" for name in mapping.shops]
    texts = {"mappings.yaml": "\n".join(["version: 1", "shops:", *shops, "include: [products/*.yaml]", ""])}
    for start in range(0, len(mapping.products), PRODUCTS_A_FILE):
        some = islice(mapping.products, start, start + PRODUCTS_A_FILE)
        rows = ["products:", *(row for product in some for row in _rows(product))]
        texts[f"products/{start:06d}.yaml"] = "\n".join(rows) + "\n"
    return Files(texts)


def _rows(product: Product) -> Iterator[str]:
    yield f"  - code: {product.code}"
    yield f"    name: {product.name}"
    yield "    axes:"
    yield from (f"      - {{name: {axis.name}, values: [{', '.join(axis.values)}]}}" for axis in product.axes)
    if product.listings:
        yield "    listings:"
    for shop, listed in product.listings.items():
        own = ", ".join(f"{code}: {name}" for code, name in (listed or {}).items())
        yield f"      {shop}: {{{own}}}"


def compiled(folder: Path) -> CodeMapping:
    """Open the catalogue of a prepared folder, as a bot that starts does."""
    checked = CompiledMapping(folder / COMPILED, MALLS).read(COMMIT)
    if checked is None or checked.mapping is None:
        raise RuntimeError(f"{folder} holds no catalogue")
    return checked.mapping


# --------------------------------------------------------------------------- the bot


class _Shelf(dict[str, int]):
    """A mall's shelf that keeps only what moved: the mall's memory is none of the bot's."""

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str)

    def __missing__(self, code: str) -> int:
        return COUNTED


class _Clone:
    """A repository whose one commit has been read and checked already."""

    def __init__(self, mapping: CodeMapping, team: Team) -> None:
        self.hold(mapping, team)

    def hold(self, mapping: CodeMapping, team: Team) -> None:
        """Hold this from now on."""
        self._checked = Checked(mapping, team, ())

    def read(self, commit: str) -> Checked | None:
        """Give the mapping."""
        return self._checked if commit == COMMIT else None


class MemoryBot(Bot):
    """The bot with malls in memory and a mapping that needs no git."""

    def __init__(
        self,
        folder: Path,
        mapping: CodeMapping,
        team: Team | None = None,
        guard: GuardSettings | None = None,
    ) -> None:
        self._clone = _Clone(mapping, team or Team())
        self.markets: dict[str, MemoryMall] = {}
        state = StateSettings(folder / "state", folder / "vault.key")
        guarding = guard or GuardSettings()
        super().__init__(Config(state=state, mapping=MappingSettings("unused"), guard=guarding), {})
        self.markets = {name: MemoryMall(self.clock, _Shelf()) for name in SHOPS}
        self.following.restore()
        face = SimpleNamespace(say=lambda *_: None, wake=lambda: None)
        self.turns: Turns = self._turns(cast(Any, face))

    def _mapping_repository(self, *_where: object) -> MappingRepository:
        return cast(MappingRepository, self._clone)

    def _adapter(self, shop: Shop, credentials: Mapping[str, Secret]) -> Adapter:
        return MemoryAdapter(self.markets[shop.name], credentials["key"])

    def remap(self, mapping: CodeMapping, team: Team) -> None:
        """Take up another mapping of the same codes."""
        self._clone.hold(mapping, team)
        self.following.restore()

    def round(self) -> None:
        """Let the poll interval come round for every shop, and then let all look once more."""
        for tick in (True, False):
            for name in SHOPS:
                self.turns.turn(name, tick=tick)


@contextmanager
def running(folder: Path, mapping: CodeMapping) -> Iterator[MemoryBot]:
    bot = MemoryBot(folder, mapping)
    with bot:
        yield bot


@contextmanager
def prepared(codes: int) -> Iterator[Path]:
    """Give the state folder of a bot that has run for long."""
    with TemporaryDirectory(prefix="tanaban-turn-") as name:
        make_key_file(Path(name) / "vault.key")
        _child("--fill", str(codes), "--folder", name)
        yield Path(name)


def _fill(folder: Path, codes: int) -> None:
    checked = CompiledMapping(folder / COMPILED, MALLS).update(COMMIT, files(catalogue(codes)))
    if checked.mapping is None:
        raise RuntimeError(f"the catalogue is not good: {checked.problems[:3]}")
    mapping = compiled(folder)
    with running(folder, mapping) as bot:
        for name in SHOPS:
            bot.vault.put(name, {"key": Secret(bot.markets[name].key)})
        fill(bot.engine, mapping, bot.clock.now(), COMMIT)


# --------------------------------------------------------------------------- measuring


def measure(folder: Path, codes: int, changed: int, rounds: int) -> Cost:
    """Measure a bot over a filled state folder, in this process."""
    mapping = compiled(folder)
    with running(folder, mapping) as bot:
        start_ms = _cpu_ms(bot.round)
        start_rss = _peak_mb()
        idle_ms = median(_cpu_ms(bot.round) for _ in range(3)) + POLL_S * LOOKS_A_S * _look_ms(bot)
        _forget_peak()
        idle_rss = _resident_mb()
        turns = [_turn_ms(bot, mapping, codes, changed, number) for number in range(rounds)]
        return Cost(
            codes=codes,
            turn_cpu_ms=round(median(turns), 1),
            rss_mb=round(_peak_mb(), 1),
            idle_cpu_percent=round(idle_ms / 1000 / POLL_S * 100, 3),
            idle_rss_mb=round(idle_rss, 1),
            start_cpu_ms=round(start_ms, 1),
            start_rss_mb=round(start_rss, 1),
        )


def _turn_ms(bot: MemoryBot, mapping: CodeMapping, codes: int, changed: int, number: int) -> float:
    """Sell one piece of some codes on one shop and let all shops turn.

    Raises:
        RuntimeError: a shop does not show the lower number, so nothing was measured.
    """
    sold = _spread(codes, changed, number)
    for start in range(0, len(sold), LINES_AN_ORDER):
        bot.markets[SHOPS[0]].order(
            {str(mapping.listing(SHOPS[0], code)): 1 for code in sold[start : start + LINES_AN_ORDER]}
        )
    spent = _cpu_ms(bot.round)
    wrong = [
        (name, code)
        for code in sold
        for name in SHOPS
        if bot.markets[name].stock[str(mapping.listing(name, code))] != COUNTED - 1
    ]
    if wrong:
        raise RuntimeError(f"{len(wrong)} numbers are wrong after the turn: {wrong[:3]}")
    return spent


def _spread(codes: int, changed: int, number: int) -> list[str]:
    """Give codes from all over the catalogue; others in each round."""
    step = max(1, codes // changed)
    places = range(number % step, codes, step)
    variants = [variant.code for variant in Product("", axes=AXES).variants()]
    return [f"item-{at // CODES_A_PRODUCT:06d}{variants[at % CODES_A_PRODUCT]}" for at in places][:changed]


def _cpu_ms(work: Any) -> float:
    before = time.process_time()
    work()
    return (time.process_time() - before) * 1000


def _look_ms(bot: MemoryBot) -> float:
    watch = ChangeWatch(bot.config.state.folder)
    try:
        return _cpu_ms(lambda: [watch.changed() for _ in range(100)]) / 100
    finally:
        watch.close()


def _status_mb(name: str) -> float:
    rows = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(row.split()[1]) / 1024 for row in rows if row.startswith(name + ":"))


def _resident_mb() -> float:
    return _status_mb("VmRSS")


def _peak_mb() -> float:
    return _status_mb("VmHWM")


def _forget_peak() -> None:
    """Let the peak be counted from now on: what the start needed is a figure of its own."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")


# --------------------------------------------------------------------------- what is printed


def _child(*arguments: str) -> str:
    command = [sys.executable, "-m", "benchmarks.turn", *arguments]
    done = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"benchmarks.turn {' '.join(arguments)} failed; its words stand above")
    return done.stdout


def table(found: Sequence[Mapping[str, Any]]) -> str:
    """Give the figures as Markdown."""
    heads = {
        "codes": "codes",
        "turn_cpu_ms": "turn CPU ms",
        "rss_mb": "turn peak MB",
        "idle_cpu_percent": "idle CPU %",
        "idle_rss_mb": "idle MB",
        "start_cpu_ms": "first turn CPU ms",
        "start_rss_mb": "first turn peak MB",
    }
    rows = [[f"{row[name]:,}" for name in heads] for row in found]
    lines = [list(heads.values()), ["--:"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.turn", description="cost of a turn, by catalogue")
    parser.add_argument("--codes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--changed", type=int, default=100, help="codes that orders touch in a turn")
    parser.add_argument("--rounds", type=int, default=5, help="turns of which the median is given")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)  # of a child
    parser.add_argument("--fill", type=int, help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Measure each size in a process of its own; print the table and a JSON line for each."""
    chosen = _arguments(argv)
    if chosen.fill:
        _fill(chosen.folder, chosen.fill)
    elif chosen.folder:
        cost = measure(chosen.folder, chosen.codes[0], chosen.changed, chosen.rounds)
        print(json.dumps(vars(cost)))
    else:
        _measure_all(chosen)


def _measure_all(chosen: argparse.Namespace) -> None:
    lines = []
    for codes in chosen.codes:
        with prepared(codes) as folder:
            wanted = ["--codes", str(codes), "--changed", str(chosen.changed), "--rounds", str(chosen.rounds)]
            lines.append(_child(*wanted, "--folder", str(folder)).strip())
        print(lines[-1], file=sys.stderr, flush=True)
    print(table([json.loads(line) for line in lines]))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
