"""How many pieces are sold that nobody has, when a code sells out on eight malls at once.

``python -m benchmarks.oversell`` sells a code with 20 pieces out, a thousand times, on a virtual clock:
*blind* writes every changed number at each poll and waits for nothing; *guarded* is the bot with the last
units undivided; *last units* is the bot as it comes. *Formula* is lambda (T/2 + D)(1 - sum p^2), what
sharing everything costs at best: T is the poll interval, D the time from a write to the buyers. The last
line is JSON. A sell-out that oversold is lived again with ``--seed N --trace``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.simulated.sellout import Blind, Figures, Guarded, Terms, past_of
from bot.mapping.model import LastUnits

RATES: Mapping[str, float] = {"10/day": 10 / 86_400, "1/h": 1 / 3_600, "10/h": 10 / 3_600, "1/min": 1 / 60}
POLLS_S, DELAYS_S = (5.0, 15.0, 60.0, 300.0), (0.0, 60.0)
ROW = ("10/h", 60.0, 60.0)
PASTS = 20  # so many different pasts serve all sell-outs of a row


@dataclass(frozen=True)
class Mean:
    """What a way of keeping the numbers came to, per sell-out."""

    oversold: float
    unsold: float
    turned_away: float
    writes: float
    seeds: tuple[int, ...]  # of sell-outs that oversold or left something over

    def cells(self) -> list[str]:
        """Give the figures for the table."""
        return [f"{self.oversold:.3f}", f"{self.unsold:.3f}", f"{self.turned_away:.2f}", f"{self.writes:.1f}"]


def mean(sell_out: Callable[[int], Figures], seeds: Sequence[int]) -> Mean:
    """Live the sell-outs of some seeds."""
    found = {seed: sell_out(seed) for seed in seeds}
    count, figures = len(found), found.values()
    return Mean(
        sum(each.oversold for each in figures) / count,
        sum(each.unsold for each in figures) / count,
        sum(each.turned_away for each in figures) / count,
        sum(each.writes for each in figures) / count,
        tuple(seed for seed, each in found.items() if each.oversold or each.unsold),
    )


def ways(terms: Terms) -> Mapping[str, Callable[[int], Figures]]:
    """Give the three ways to keep the numbers: a sell-out by its seed."""
    pasts = [past_of(terms, seed) for seed in range(PASTS)]

    def guarded(seed: int, last_units: LastUnits) -> Figures:
        return Guarded(terms, seed, pasts[seed % PASTS], last_units).run()

    return {
        "blind": lambda seed: Blind(terms, seed).run(),
        "guarded": lambda seed: guarded(seed, LastUnits.OFF),
        "last units": lambda seed: guarded(seed, LastUnits.AUTO),
    }


def row(terms: Terms, seeds: Sequence[int]) -> dict[str, Mean]:
    """Measure one row of the table."""
    return {name: mean(way, seeds) for name, way in ways(terms).items()}


def as_json(found: Mapping[str, Mean], terms: Terms) -> str:
    """Give the row's figures as the last line."""
    bot, blind = found["last units"], found["blind"]
    figures: dict[str, Any] = {
        "oversold_per_sellout": round(bot.oversold, 4),
        "unsold": round(bot.unsold, 4),
        "turned_away": round(bot.turned_away, 3),
        "writes": round(bot.writes, 1),
        "blind_oversold": round(blind.oversold, 4),
        "blind_writes": round(blind.writes, 1),
        "formula": round(terms.formula, 4),
    }
    return json.dumps(figures)


# --------------------------------------------------------------------------- what is printed

_HEADS = ("rate", "T s", "D s", "formula", "way", "oversold", "unsold", "turned away", "writes")


def table(rows: Iterator[tuple[str, Terms, dict[str, Mean]]]) -> Iterator[str]:
    """Give the lines of the table as they are found."""
    yield "| " + " | ".join(_HEADS) + " |"
    yield "| --- |" + " --: |" * 3 + " --- |" + " --: |" * 4
    for rate, terms, found in rows:
        for name, each in found.items():
            first = [rate, f"{terms.poll_s:g}", f"{terms.delay_s:g}", f"{terms.formula:.3f}", name]
            yield "| " + " | ".join([*first, *each.cells()]) + " |"


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.oversell", description="oversold pieces a sell-out")
    parser.add_argument("--table", action="store_true", help="every rate, poll interval and delay")
    parser.add_argument("--sellouts", type=int, default=1_000, help="sell-outs in a row (of the table: 100)")
    parser.add_argument("--pieces", type=int, default=20)
    parser.add_argument("--seed", type=int, help="this sell-out alone")
    parser.add_argument("--trace", action="store_true", help="and all that happens in it")
    return parser.parse_args(argv)


def _cases(chosen: argparse.Namespace) -> list[tuple[str, Terms]]:
    cases = [ROW]
    if chosen.table:
        cases = [(rate, poll_s, delay_s) for rate in RATES for poll_s in POLLS_S for delay_s in DELAYS_S]
    return [(rate, Terms(RATES[rate], poll_s, delay_s, chosen.pieces)) for rate, poll_s, delay_s in cases]


def _live_again(terms: Terms, seed: int, *, trace: bool) -> None:
    lines: list[str] | None = [] if trace else None
    figures = Guarded(terms, seed, past_of(terms, seed % PASTS), LastUnits.AUTO, lines).run()
    for line in lines or ():
        print(line)
    print(figures)


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, and print the table and the JSON line."""
    chosen = _arguments(argv)
    cases = _cases(chosen)
    if chosen.seed is not None:
        _live_again(cases[0][1], chosen.seed, trace=chosen.trace)
        return
    measured = dict[Terms, dict[str, Mean]]()

    def rows() -> Iterator[tuple[str, Terms, dict[str, Mean]]]:
        for rate, terms in cases:
            started = time.process_time()
            seeds = range(min(chosen.sellouts, 100) if chosen.table else chosen.sellouts)
            measured[terms] = row(terms, seeds)
            spent = time.process_time() - started
            bad = measured[terms]["last units"].seeds[:9]
            print(
                f"{rate} T={terms.poll_s:g} D={terms.delay_s:g}: {spent:.0f} s, not clean {bad}",
                file=sys.stderr,
            )
            yield rate, terms, measured[terms]

    for line in table(rows()):
        print(line, flush=True)
    wanted = next((terms for rate, terms in cases if (rate, terms.poll_s, terms.delay_s) == ROW), cases[0][1])
    print(as_json(measured[wanted], wanted))


if __name__ == "__main__":
    main()
