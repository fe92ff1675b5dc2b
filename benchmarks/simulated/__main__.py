"""``python -m benchmarks.simulated``: lives by their seeds, as many as asked for, or one with its trace."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor

from benchmarks.simulated.clock import Whirl
from benchmarks.simulated.life import Life
from benchmarks.simulated.watch import Broken

CHUNK = 50


def live(seed: int, trace: list[str] | None = None) -> str:
    """Live one life; give the rule that it broke, "" for none."""
    try:
        Life(seed, trace=trace).run()
    except (Broken, Whirl) as broken:
        return f"{broken}\n    python -m benchmarks.simulated --seed {seed} --trace"
    return ""


def live_all(seeds: Iterable[int]) -> dict[int, str]:
    """Live many; give what went wrong, by seed."""
    return {seed: found for seed in seeds if (found := live(seed))}


def _in_chunks(first: int, count: int) -> list[range]:
    end = first + count
    return [range(start, min(start + CHUNK, end)) for start in range(first, end, CHUNK)]


def live_with_all_hands(first: int, count: int) -> dict[int, str]:
    """Live many on every core, and tell how far it is."""
    found, done, started = dict[int, str](), 0, time.monotonic()
    chunks = _in_chunks(first, count)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for chunk, broken in zip(chunks, pool.map(live_all, chunks), strict=True):
            found |= broken
            done += len(chunk)
            spent = time.monotonic() - started
            print(f"{done} of {count}, {len(found)} broken, {spent:.0f} s", file=sys.stderr, flush=True)
            for seed, said in broken.items():
                print(f"seed {seed}: {said}", flush=True)
    return found


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.simulated", description="seeded lives of a merchant")
    parser.add_argument("--seed", type=int, help="this life alone")
    parser.add_argument("--trace", action="store_true", help="and all that happens in it")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=100, help="so many lives")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Live; 1 if a rule was broken."""
    chosen = _arguments(argv)
    if chosen.seed is None:
        return 1 if live_with_all_hands(chosen.first, chosen.seeds) else 0
    trace: list[str] | None = [] if chosen.trace else None
    said = live(chosen.seed, trace)
    for line in trace or ():
        print(line)
    print(said or "every rule held")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
