"""How near the adapters come to the malls' own limits when many numbers change at once.

``python -m benchmarks.push`` writes with each mall's real adapter, the way the engine does, to its
simulator, which refuses every call that comes too early. *Floor* is what nobody can beat:
``(calls - burst) / rate`` and one round trip. *Wall* ends at the last acknowledgement. The last
line is JSON.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Event
from typing import Any

import requests

from adapters import registry
from adapters.clock import SystemClock
from adapters.contract import Adapter, Outcome, Quota, ShopSettings, StockLine
from adapters.errors import RateLimitedError
from adapters.secret import Secret
from benchmarks import cron
from benchmarks.malls import WAYS, Way
from benchmarks.world import Town, running
from bot.sync.plan import batches
from bot.sync.values import PlannedLine, Why

TURNS = 20  # what was refused goes again at the next turn, as the engine's lines do


@dataclass(frozen=True)
class Terms:
    """What is asked of every mall. ``rates`` multiplies every limit, for trials."""

    changed: int
    latency_s: float
    rates: float = 1.0


@dataclass(frozen=True)
class Measured:
    """One mall's figures."""

    codes: int
    floor_s: float
    wall_s: float
    requests: int
    refused: int
    wrong: int
    cron_efficiency: float | None = None

    @property
    def efficiency(self) -> float:
        """Floor as a share of wall."""
        return self.floor_s / self.wall_s

    def row(self) -> dict[str, Any]:
        """Give the figures for the JSON line."""
        return {
            "codes": self.codes,
            "floor_s": round(self.floor_s, 3),
            "wall_s": round(self.wall_s, 3),
            "efficiency": round(self.efficiency, 4),
            "requests": self.requests,
            "refused": self.refused,
            "wrong": self.wrong,
            "cron_efficiency": self.cron_efficiency and round(self.cron_efficiency, 4),
        }


# --------------------------------------------------------------------------- one mall


def measure(name: str, terms: Terms) -> Measured:
    """Push with the adapter."""
    way, codes = WAYS[name], min(terms.changed, WAYS[name].codes_max)
    with running(name, codes, terms.rates) as town, closing(_adapter(way, town, terms)) as adapter:
        _warm(adapter, 1 / _quota(way, terms).per_s)
        lines, before = _lines(town), len(town.driver.call("journal"))
        town.driver.fault("slow", seconds=terms.latency_s)
        started = time.monotonic()
        _push(adapter, lines)
        wall_s = time.monotonic() - started
        statuses = [entry["status"] for entry in town.driver.call("journal")[before:]]
        refused = sum(status in way.refusals for status in statuses)
        floor_s = _floor_s(way, codes, terms)
        return Measured(codes, floor_s, wall_s, len(statuses), refused, _wrong(town, lines))


def _adapter(way: Way, town: Town, terms: Terms) -> Adapter:
    found = town.found
    own = {option: found[name] for option, name in way.options.items()}
    settings = ShopSettings("measured", {**own, "ca_file": town.ca_file, "rates": terms.rates})
    credentials = {kind: Secret(str(found[name])) for kind, name in way.credentials.items()}
    return registry.create(way.mall, settings, credentials, SystemClock(), Event())


def _warm(adapter: Adapter, step_s: float) -> None:
    """Give the adapter what a bot that runs has: a connection, an access token, and a whole quota."""
    for _ in range(TURNS):
        try:
            adapter.check()
            break
        except RateLimitedError:
            time.sleep(step_s)
    time.sleep(step_s)


def _quota(way: Way, terms: Terms) -> Quota:
    declared = registry.abilities(way.mall).quotas[way.quota]
    return replace(declared, per_s=declared.per_s * terms.rates)


def _lines(town: Town) -> list[StockLine]:
    """Give every listing a number that it does not have yet; neighbours differ."""
    return [StockLine(code, address, place % 97 + 1) for place, (code, address) in enumerate(town.goods)]


def _push(adapter: Adapter, lines: Sequence[StockLine]) -> None:
    """Write batch after batch, so that no code is in flight twice."""
    left = list(lines)
    for _ in range(TURNS):
        planned = [PlannedLine(line.mall_code, line, None, Why.STOCK, 0) for line in left]
        size = adapter.abilities.write_batch
        left = [line for batch in batches(planned, size) for line in _unsettled(adapter, batch)]
        if not left:
            return
    raise RuntimeError(f"{adapter.abilities.mall}: {len(left)} lines are not settled after {TURNS} turns")


def _unsettled(adapter: Adapter, batch: Sequence[PlannedLine]) -> list[StockLine]:
    lines = [planned.line for planned in batch]
    try:
        results = adapter.write_stock(lines)
    except RateLimitedError:
        return lines
    return [result.line for result in results if result.outcome is Outcome.UNKNOWN]


def _wrong(town: Town, lines: Sequence[StockLine]) -> int:
    shown = town.driver.call("stock")
    return sum(shown.get(line.mall_code) != line.quantity for line in lines)


def _floor_s(way: Way, codes: int, terms: Terms) -> float:
    quota = _quota(way, terms)
    calls = math.ceil(codes / way.lines_a_call)
    return max(0, calls - quota.burst) / quota.per_s + terms.latency_s


# --------------------------------------------------------------------------- the yardstick


def cron_efficiency(name: str, terms: Terms) -> float:
    """Push the same with the script.

    Raises:
        RuntimeError: it left wrong numbers, so it is no yardstick.
    """
    way, codes = WAYS[name], min(terms.changed, WAYS[name].codes_max)
    rate = _quota(way, terms).per_s
    with running(name, codes, terms.rates) as town, requests.Session() as session:
        session.trust_env, session.verify = False, town.ca_file
        send = cron.SCRIPTS[name](session, town.found)
        time.sleep(1 / rate)
        town.driver.fault("slow", seconds=terms.latency_s)
        lines = _lines(town)
        wall_s = cron.push(send, list(_calls(lines, way.lines_a_call)), rate, way.refusals)
        if wrong := _wrong(town, lines):
            raise RuntimeError(f"{name}: the script left {wrong} wrong numbers")
    return _floor_s(way, codes, terms) / wall_s


def _calls(lines: Sequence[StockLine], size: int) -> Iterator[Sequence[StockLine]]:
    return (lines[start : start + size] for start in range(0, len(lines), size))


def _against_cron(found: Mapping[str, Measured], terms: Terms) -> dict[str, Measured]:
    """Add the script's column. It mostly sleeps, so that all its runs may go side by side."""
    with ThreadPoolExecutor(len(found)) as pool:
        shares = list(pool.map(lambda name: cron_efficiency(name, terms), found))
    return {
        name: replace(row, cron_efficiency=share)
        for (name, row), share in zip(found.items(), shares, strict=True)
    }


# --------------------------------------------------------------------------- what is printed


def table(found: Mapping[str, Measured]) -> str:
    """Give the figures as Markdown."""
    heads = ["mall", "codes", "floor s", "wall s", "efficiency", "requests", "refused", "wrong", "script"]
    rows = [_cells(name, row) for name, row in found.items()]
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cells(name: str, row: Measured) -> list[str]:
    capped = "*" if row.codes == WAYS[name].codes_max else ""
    script = "-" if row.cron_efficiency is None else f"{row.cron_efficiency:.1%}"
    counts = [str(count) for count in (row.requests, row.refused, row.wrong)]
    times = [f"{row.floor_s:.2f}", f"{row.wall_s:.2f}", f"{row.efficiency:.1%}"]
    return [name, f"{row.codes}{capped}", *times, *counts, script]


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.push", description="floor / wall of a push, by mall")
    parser.add_argument("--changed", type=int, default=16_000, help="codes to write on each mall")
    parser.add_argument("--latency", type=float, default=0.3, help="seconds that every answer takes")
    parser.add_argument("--malls", nargs="+", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--versus", choices=["cron"], help="beside it, a plain script")
    parser.add_argument("--rates", type=float, default=1.0, help="multiplies every limit")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, and print the table and the JSON line."""
    chosen = _arguments(argv)
    terms = Terms(chosen.changed, chosen.latency, chosen.rates)
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    print(
        f"{today}: {terms.changed} codes, {terms.latency_s:g} s an answer, limits x {terms.rates:g}",
        flush=True,
    )
    found: dict[str, Measured] = {}
    for name in chosen.malls:
        found[name] = measure(name, terms)
        print(name, found[name].row(), file=sys.stderr, flush=True)
    if chosen.versus:
        found = _against_cron(found, terms)
    print(table(found))
    print("* fewer than asked for: the mall takes so many in about a minute")
    print(json.dumps({"malls": {name: row.row() for name, row in found.items()}}))


if __name__ == "__main__":
    main()
