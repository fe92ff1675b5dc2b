"""What the mapping costs as the catalogue grows: read, checked, opened again, changed in one file.

``python -m benchmarks.mapping`` measures each in a process of its own. *Listed* is a catalogue in
which eight shops' codes are written out for every code, in files of 1,000; *rules* is one of few
products with many variants and an exception for one code in fifty. Memory is the peak of the process
less what it was after the imports. The last line is JSON.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import yaml

from bot.mapping.check import Checked, check
from bot.mapping.codes import CodeRule
from bot.mapping.compiled import CompiledMapping
from bot.mapping.load import Parsed, parse

SHOPS = (
    *("rakuten-main", "yahoo-main", "amazon-jp", "futureshop-main"),
    *("qoo10-main", "yahuoku-main", "ponpare-main", "roomclip-main"),
)
MALL = CodeRule(r"[0-9A-Za-z][0-9A-Za-z_-]*", 64)
MALLS = {"rakuten": MALL, "other": CodeRule(r"[^\x00-\x20\x7f]+", 100)}
CODES_A_FILE = 1_000
VARIANTS = (20, 10, 10)
CODES_A_PRODUCT = 2_000
EXCEPTION_EVERY = 50
PRODUCTS_A_FILE = 50
TOUCHED = "products/x.yaml"
_ROOT = Path(__file__).parent.parent


# --------------------------------------------------------------------------- the catalogues


def head() -> str:
    """Give the first file: eight shops, one of which joins its codes with nothing."""
    rows = [f"  {name}: {{mall: rakuten, orders: api}}" for name in SHOPS]
    rows[3] = f'  {SHOPS[3]}: {{mall: other, orders: api, joiner: ""}}'
    return "\n".join(["version: 1", "shops:", *rows, "include: [products/*.yaml]", ""])


def listed_file(number: int, seed: str = "") -> str:
    """Give a file of 1,000 codes with what eight shops call each; ``seed`` makes another of one line."""
    rows = ["products:"]
    for each in range(number * CODES_A_FILE, (number + 1) * CODES_A_FILE):
        own = ", ".join(f"{shop}: {shop[:3].upper()}{seed}-{each:07d}" for shop in SHOPS)
        seed = ""
        rows.append(f"  - code: item-{each:07d}\n    listings: {{{own}}}")
    return "\n".join(rows) + "\n"


def rules_file(numbers: Iterable[int]) -> str:
    """Give a file of products with 2,000 variants each."""
    rows = ["products:"]
    for each in numbers:
        code, axes = f"rule-{each:05d}", _axes()
        rows += [f"  - code: {code}", f"    name: 商品{each}", "    axes:"]
        rows += [f"      - {{name: 軸{n}, values: [{', '.join(axis)}]}}" for n, axis in enumerate(axes)]
        rows += ["    listings:", f"      {SHOPS[each % len(SHOPS)]}:"]
        variants = [f"{code}-{a}-{b}-{c}" for a in axes[0] for b in axes[1] for c in axes[2]]
        rows += [f"        {one}: OLD-{one[5:]}" for one in variants[::EXCEPTION_EVERY]]
    return "\n".join(rows) + "\n"


def _axes() -> list[list[str]]:
    return [
        [f"{letter}{n}" for n in range(1, size + 1)] for letter, size in zip("abc", VARIANTS, strict=True)
    ]


def rules(codes: int) -> dict[str, str]:
    """Give the files of a catalogue of rules, with two files of codes that are listed."""
    products = range(codes // CODES_A_PRODUCT - 1)
    parts = range(0, len(products), PRODUCTS_A_FILE)
    files = {f"products/r{at:05d}.yaml": rules_file(products[at : at + PRODUCTS_A_FILE]) for at in parts}
    return {"mappings.yaml": head(), **files, TOUCHED: listed_file(0), "products/y.yaml": listed_file(1)}


class Files:
    """A commit's files in memory, their blobs' names known."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = {path: text.encode() for path, text in texts.items()}
        self._marks = {path: hashlib.sha256(text).hexdigest() for path, text in self._texts.items()}

    def files(self, folder: str) -> Sequence[str]:
        """Give what stands in a folder."""
        return sorted(path for path in self._texts if path.rpartition("/")[0] == folder)

    def parsed(self, path: str) -> Parsed | None:
        """Read a file."""
        return parse(path, self._texts[path]) if path in self._texts else None

    def mark(self, path: str) -> str:
        """Give its blob's name."""
        return self._marks.get(path, "")


# --------------------------------------------------------------------------- measuring, each in a child


class Figures(dict[str, float]):
    """What a child measured."""

    def clock(self, name: str, work: Callable[[], object]) -> object:
        """Measure seconds and memory of some work, which is kept until it is measured."""
        gc.collect()
        _forget_peak()
        before, cpu, start = _status_mb("VmRSS"), time.process_time(), time.perf_counter()
        made = work()
        self[f"{name}_s"] = time.perf_counter() - start
        self[f"{name}_cpu_s"] = time.process_time() - cpu
        self[f"{name}_mb"] = _status_mb("VmHWM") - before
        return made


def make_listed(codes: int, folder: Path) -> Figures:
    """Write the files of a listed catalogue."""
    for number in range(codes // CODES_A_FILE):
        (folder / f"{number:05d}.yaml").write_text(listed_file(number), encoding="utf-8")
    return Figures()


def measure_listed(folder: Path, read: Callable[[bytes], object]) -> Figures:
    """Read all files of a listed catalogue and keep what was read."""
    figures = Figures()
    figures.clock("read", lambda: [read(path.read_bytes()) for path in sorted(folder.iterdir())])
    return figures


def measure_rules(codes: int) -> Figures:
    """Check a catalogue of rules, its files known."""
    source, rounds = Files(rules(codes)), [Figures() for _ in range(3)]
    for figures in rounds:
        _good(figures.clock("check", lambda: check(source, MALLS)))
    return sorted(rounds, key=lambda figures: figures["check_s"])[1]


def measure_compiling(codes: int, folder: Path) -> Figures:
    """Compile a catalogue of rules for the first time."""
    source, figures = Files(rules(codes)), Figures()
    form = CompiledMapping(folder / "mapping.sqlite3", MALLS)
    _good(figures.clock("compile", lambda: form.update("first", source)))
    return figures


def measure_open(codes: int, folder: Path) -> Figures:
    """Open what was compiled, and look some codes up."""
    figures = Figures()
    form = CompiledMapping(folder / "mapping.sqlite3", MALLS)
    mapping = _good(figures.clock("open", lambda: form.read("first"))).mapping
    assert mapping is not None
    if len(mapping.codes()) != codes:
        raise RuntimeError(f"{len(mapping.codes())} codes instead of {codes}")
    spread = [
        f"rule-{number % (codes // CODES_A_PRODUCT - 1):05d}-a{number % 20 + 1}-b3-c4"
        for number in range(2_000)
    ]

    def look_up() -> None:
        for code in spread:
            at = mapping.listing(SHOPS[0], code)
            if mapping.code_of(SHOPS[0], at or "") != code or mapping.components(code) != {code: 1}:
                raise RuntimeError(f"{code} is not found")
            mapping.sets_using(code)
            mapping.name_of(code)

    figures.clock("look", look_up)
    figures["look_us"] = figures["look_s"] / len(spread) / 5 * 1e6
    return figures


def measure_touch(codes: int, folder: Path) -> Figures:
    """Change one listed file of 1,000 codes, one line at a time; then all of its lines."""
    texts, figures = rules(codes), Figures()
    form = CompiledMapping(folder / "mapping.sqlite3", MALLS)
    _good(form.read("first"))
    sources = [Files({**texts, TOUCHED: listed_file(0, seed=str(n))}) for n in range(7)]
    times = []
    for number, source in enumerate(sources):
        start = time.perf_counter()
        mapping = _good(form.update(str(number), source)).mapping
        times.append(time.perf_counter() - start)
        assert mapping is not None
        if mapping.code_of(SHOPS[0], f"RAK{number}-0000000") != "item-0000000":
            raise RuntimeError("the change is not in force")
    figures["touch_one_ms"] = median(times) * 1000
    other = Files({**texts, TOUCHED: listed_file(0).replace("RAK-", "RAKU-")})
    figures.clock("touch_all", lambda: _good(form.update("all", other)))
    return figures


def _good(checked: object) -> Checked:
    if not isinstance(checked, Checked) or checked.mapping is None:
        raise RuntimeError(f"the catalogue is not good: {checked}")
    return checked


def _status_mb(name: str) -> float:
    rows = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(row.split()[1]) / 1024 for row in rows if row.startswith(name + ":"))


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", "ascii")


# --------------------------------------------------------------------------- what is printed


def _child(what: str, *arguments: str) -> Figures:
    command = [sys.executable, "-m", "benchmarks.mapping", "--child", what, *arguments]
    done = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"benchmarks.mapping {what} failed; its words stand above")
    return Figures(json.loads(done.stdout.splitlines()[-1]))


def _in_child(chosen: argparse.Namespace) -> Figures:
    work: dict[str, Callable[[], Figures]] = {
        "list": lambda: make_listed(chosen.listed, chosen.folder),
        "parse": lambda: measure_listed(chosen.folder, lambda text: parse("x.yaml", text)),
        "safe": lambda: measure_listed(chosen.folder, lambda text: yaml.load(text, yaml.CSafeLoader)),
        "rules": lambda: measure_rules(chosen.rules),
        "compile": lambda: measure_compiling(chosen.rules, chosen.folder),
        "open": lambda: measure_open(chosen.rules, chosen.folder),
        "touch": lambda: measure_touch(chosen.rules, chosen.folder),
    }
    return work[chosen.child]()


def _rows(chosen: argparse.Namespace) -> Iterator[tuple[str, Figures]]:
    """Measure everything: name and figures."""
    sizes = ["--listed", str(chosen.listed), "--rules", str(chosen.rules)]
    with TemporaryDirectory(prefix="tanaban-listed-") as folder:
        for what in ("list", "parse", "safe"):
            yield what, _child(what, *sizes, "--folder", folder)
    with TemporaryDirectory(prefix="tanaban-mapping-") as folder:
        for what in ("rules", "compile", "open", "touch"):
            yield what, _child(what, *sizes, "--folder", folder)


def _summary(found: Mapping[str, float]) -> dict[str, float]:
    return {
        "listed_100k_s": round(found["parse.read_s"], 2),
        "listed_100k_mb": round(found["parse.read_mb"], 1),
        "versus_csafe": round(found["safe.read_s"] / found["parse.read_s"], 1),
        "rules_1m_s": round(found["rules.check_s"], 2),
        "open_1m_ms": round(found["open.open_s"] * 1000, 2),
        "open_1m_mb": round(found["open.open_mb"], 1),
        "touch_one_ms": round(found["touch.touch_one_ms"], 1),
    }


def main(argv: Sequence[str] | None = None) -> None:
    """Measure each in a process of its own; print a table and a JSON line."""
    parser = argparse.ArgumentParser(prog="benchmarks.mapping", description="cost of the mapping, by size")
    parser.add_argument("--listed", type=int, default=100_000, help="codes that are listed in full")
    parser.add_argument("--rules", type=int, default=1_000_000, help="codes that rules make")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(argv)
    if chosen.child:
        print(json.dumps(_in_child(chosen)))
        return
    found: dict[str, float] = {}
    print("| what | figure | |\n| --- | --- | --: |")
    for what, figures in _rows(chosen):
        for name, figure in figures.items():
            found[f"{what}.{name}"] = figure
            print(f"| {what} | {name} | {figure:,.4f} |", flush=True)
    print(json.dumps(_summary(found)))


if __name__ == "__main__":
    main()
