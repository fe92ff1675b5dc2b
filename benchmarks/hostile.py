"""What hostile mapping files cost: each is refused with its line, or read as the text that stands there.

``python -m benchmarks.hostile`` checks each file in a child process of its own, forked from one that has
everything imported: milliseconds are the median of three children, megabytes what the process grew by at
its peak (the C parser's memory too). The last line is JSON. The ``volume`` rows are no tricks but as much
of one thing as a file may hold, measured once; they show what the bound on size is worth.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import resource
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bot.app import CodeRules
from bot.mapping.check import MAPPING_FILE, TEAM_FILE, check
from bot.mapping.load import MAX_BYTES, Parsed, parse
from bot.mapping.problem import Problem

TEAM = b"version: 1\nroles: {admin: [U0ALICE01]}\nchannels: {ops: C0ZAIKO01}\n"
HEAD = (
    b"version: 1\nshops:\n  qoo10-main: {mall: qoo10, orders: api}\nproducts:\n"  # products begin in line 5
)
WORDS = (b"0012345", b"12345678901234567890", b"no", b"ON", b"2026-11-21", b"0x1F", b"1e3", b"true", b"01")


def _laughs(join: bytes) -> bytes:
    """Give references to references: what each line names grows ninefold."""
    first = b"m0: &m0 " + (b"{a: 1}" if join else b"[x, x]") + b"\n"
    rest = (b"m%d: &m%d %s" % (n, n, _nine(n - 1, join)) for n in range(1, 12))
    return first + b"\n".join(rest)


def _nine(number: int, join: bytes) -> bytes:
    names = b", ".join([b"*m%d" % number] * 9)
    return b"{%s[%s]}" % (join, names) if join else b"[%s]" % names


HOSTILE: Mapping[str, bytes] = {
    "100,000 nested brackets": b"[" * 100_000 + b"]" * 100_000,
    "100,000 nested braces": b"{a: " * 100_000,
    "400 nested blocks": b"".join(b" " * n + b"a:\n" for n in range(400)),
    "nested merge keys": _laughs(b"<<: "),
    "billion laughs": _laughs(b""),
    "anchor that holds itself": b"products: &a [*a]",
    "alias of nothing": HEAD + b"  - *mug\n",
    "python tag": HEAD + b"  - code: !!python/object/apply:os.system [id]\n",
    "text tag": HEAD + b"  - code: !!str 0012\n",
    "duplicate key": HEAD + b"  - {code: mug, code: cup}\n",
    "list as a key": HEAD + b"  - {[a, b]: 1, code: mug}\n",
    "integer of a million digits": HEAD + b"  - code: " + b"9" * 1_000_000,
    "block text of 400 kB": HEAD + b"  - name: |\n" + b"      text\n" * 36_000,
    "key of a million letters": b"a" * 1_000_000 + b": 1",
    "Shift_JIS bytes": HEAD + "  - {code: mug, name: マグ}".encode("cp932"),
    "tab for indentation": b"version: 1\nshops:\n\ta: {}\n",
    "two documents": HEAD + b"  - code: mug\n---\nversion: 1\n",
    "NUL": HEAD + b"  - code: mug\0\n",
    "zero-width space in a code": HEAD + "  - code: mu\u200bg\n".encode(),
    "full-width code": HEAD + "  - code: ＡＢ－００１\n".encode(),
    "minus sign in a code": HEAD + "  - code: AB−001\n".encode(),
    "six axes of fifty values": HEAD
    + b"  - {code: t, axes: ["
    + b", ".join(
        b"{name: n%d, values: [%s]}" % (n, b", ".join(b"%d" % v for v in range(50))) for n in range(6)
    )
    + b"]}\n",
    "sets within sets": HEAD
    + b"  - code: s0\n  - code: s1\n"
    + b"".join(b"  - {code: s%d, set: {s%d: 9, s%d: 9}}\n" % (n, n - 1, n - 2) for n in range(2, 60)),
}
"""Refused, each with its line."""

PLAIN: Mapping[str, bytes] = {
    "words that YAML converts": HEAD + b"".join(b"  - code: %s\n" % word for word in WORDS),
}
"""Read as the text that stands there."""

VOLUME: Mapping[str, bytes] = {
    "one block text of 4 MiB": HEAD + b"  - name: |\n" + b"      text\n" * (MAX_BYTES // 11 - 10),
    "4 MiB of line ends": b"\n" * MAX_BYTES,
    "4 MiB of one-letter items": b"- a\n" * (MAX_BYTES // 4),
    "4 MiB of empty lists": b"[" + b"[]," * (MAX_BYTES // 3 - 1),
    "more than 4 MiB": b"a" * (MAX_BYTES + 1),
}


class Files:
    """The files of a mapping in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def files(self, folder: str) -> Sequence[str]:
        """Give what is directly in a folder."""
        return sorted(path for path in self._files if path.rpartition("/")[0] == folder)

    def parsed(self, path: str) -> Parsed | None:
        """Read one file."""
        return parse(path, self._files[path]) if path in self._files else None


def found_in(content: bytes) -> tuple[Problem, ...]:
    """Give what the check finds in a ``mappings.yaml``."""
    return check(Files({MAPPING_FILE: content, TEAM_FILE: TEAM}), CodeRules()).problems


@dataclass(frozen=True)
class Figure:
    """What one file cost."""

    ms: float
    mb: float
    found: str


def measured(content: bytes, times: int = 3) -> Figure:
    """Check a file in so many children."""
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        figures = pool.map(_measure, [content] * times, chunksize=1)
    return Figure(median(one.ms for one in figures), median(one.mb for one in figures), figures[0].found)


def _measure(content: bytes) -> Figure:
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    problems = found_in(content)
    ms = (time.perf_counter() - start) * 1000
    mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    first = f"line {problems[0].line}: {problems[0].key}" if problems else "-"
    return Figure(ms, mb, first + (f" (+{len(problems) - 1})" if len(problems) > 1 else ""))


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--no-volume", action="store_true", help="leave out the files that are only large")
    volume = {} if parser.parse_args().no_volume else VOLUME
    found_in(next(iter(PLAIN.values())))  # the malls are imported at first use
    figures = {}
    print("| file | bytes | ms | MB | found |")
    print("| --- | ---: | ---: | ---: | --- |")
    for name, content in {**HOSTILE, **PLAIN, **volume}.items():
        figures[name] = figure = measured(content, 1 if name in volume else 3)
        print(f"| {name} | {len(content):,} | {figure.ms:.1f} | {figure.mb:.1f} | {figure.found} |")
    worst = [figures[name] for name in (*HOSTILE, *PLAIN)]
    told = {
        "inputs": len(worst),
        "refused": sum(figures[name].found != "-" for name in HOSTILE),
        "hostile": len(HOSTILE),
        "worst_ms": round(max(figure.ms for figure in worst), 1),
        "worst_mb": round(max(figure.mb for figure in worst), 1),
        "volume_worst_ms": round(max((figures[name].ms for name in volume), default=0), 1),
        "volume_worst_mb": round(max((figures[name].mb for name in volume), default=0), 1),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
