"""Mapping files that nobody wrote: the check never raises, and each finding has a place within its file.

``python -m tests.fuzz.mapping --runs 20000`` grows inputs from the bank of broken mappings and the example
of the project: with atheris (the extra ``fuzz``) guided by what the code does, without it from a seed, so
that a failure can be run again. The seed and the input of a failure are printed.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import random
import re
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FunctionType

from adapters import registry
from bot.app import CodeRules
from bot.mapping.check import MAPPING_FILE, TEAM_FILE, check
from bot.mapping.load import Parsed, parse
from bot.mapping.problem import Problem

ROOT = Path(__file__).parents[2]
BANK = ROOT / "tests" / "unit" / "mapping" / "bank"
_YAML_LINE = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
SPLIT = (
    b"\xff--file--\xff"  # no UTF-8 text holds it: what is before is mappings.yaml, then team.yaml, then more
)
NAMES = (MAPPING_FILE, TEAM_FILE, "products/a.yaml", "products/b.yaml")
MAX_SEED, MAX_INPUT, MEMORY = 4_000, 16_000, 64 * 1024 * 1024
WORDS = (
    *(b"- ", b": ", b"\n", b"  ", b"{", b"}", b"[", b"]", b"&a ", b"*a", b"!!str ", b"---\n", b"? ", b"#"),
    *(b"|\n", b">\n", b"'", b'"', b"<<: ", b"\0", b"\t", "－".encode(), "\u200b".encode(), b"\x83\x65", b"~"),
    *(b"code", b"axes", b"values", b"set", b"listings", b"legacy_code", b"include: ['*.yaml']", b"via "),
    *(b"99999999999", b"-1", b"false", b"rakuten-main", b"products/*.yaml", b"../x.yaml", b"\xef\xbb\xbf"),
)


class Files:
    """The files of one input."""

    def __init__(self, content: bytes) -> None:
        self.contents = dict(zip(NAMES, content.split(SPLIT), strict=False))

    def files(self, folder: str) -> Sequence[str]:
        """Give what is directly in a folder."""
        return sorted(path for path in self.contents if path.rpartition("/")[0] == folder)

    def parsed(self, path: str) -> Parsed | None:
        """Read one file."""
        return parse(path, self.contents[path]) if path in self.contents else None


def run_one(content: bytes) -> None:
    """Check one input.

    Raises:
        AssertionError: a finding has no place in its file, or cannot be told.
    """
    source = Files(content[:MAX_INPUT])
    for problem in check(source, CodeRules()).problems:
        assert_placed(problem, source.contents)
        for language in ("ja", "en"):
            assert problem.render(language).startswith(f"{problem.file}:{problem.line}:{problem.column}: ")


def assert_placed(problem: Problem, contents: Mapping[str, bytes]) -> None:
    """Hold that a finding lies in its file, or at the end of it."""
    text = contents.get(problem.file, b"").decode("utf-8-sig", "replace")
    # What is no YAML at all is counted as editors do; the rest as YAML does, which knows more ends of a line.
    assert any(_within(problem, rows) for rows in (text.split("\n"), _YAML_LINE.split(text))), problem


def _within(problem: Problem, rows: Sequence[str]) -> bool:
    length = len(rows[problem.line - 1]) if problem.line <= len(rows) else 0
    return 1 <= problem.line <= len(rows) + 1 and 1 <= problem.column <= length + 2


# ------------------------------------------------------------------ from a seed


def seeds() -> list[bytes]:
    """Give what inputs grow from: the bank, and the example of the project."""
    found = [path.read_bytes() for path in sorted(BANK.rglob("*.yaml"))]
    found += [SPLIT.join(path.read_bytes() for path in (ROOT / MAPPING_FILE, ROOT / TEAM_FILE))]
    found += [SPLIT.join((found[0], b"version: 1\n", b"products: []\n"))]
    return [content for content in found if len(content) <= MAX_SEED * 2]


def _drop(rng: random.Random, content: bytes, _other: bytes) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + content[at + rng.randrange(1, 40) :]


def _double(rng: random.Random, content: bytes, _other: bytes) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + content[at : at + rng.randrange(1, 80)] * rng.randrange(2, 9) + content[at:]


def _insert(rng: random.Random, content: bytes, _other: bytes) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + rng.choice(WORDS) * rng.choice((1, 1, 1, 2, 30)) + content[at:]


def _flip(rng: random.Random, content: bytes, _other: bytes) -> bytes:
    if not content:
        return content
    at = rng.randrange(len(content))
    return content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :]


def _splice(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return content[: rng.randrange(len(content) + 1)] + other[rng.randrange(len(other) + 1) :]


def _add_file(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return content + SPLIT + other


Change = Callable[[random.Random, bytes, bytes], bytes]
CHANGES: tuple[Change, ...] = (_drop, _double, _insert, _insert, _insert, _flip, _splice, _add_file)


def inputs(rng: random.Random) -> Iterator[bytes]:
    """Give inputs without end, each a few changes away from a seed."""
    grown = seeds()
    while True:
        content = rng.choice(grown)
        for _ in range(rng.randrange(1, 6)):
            content = rng.choice(CHANGES)(rng, content, rng.choice(grown))[:MAX_INPUT]
        yield content


def run_seeded(runs: int, seed: int, *, watch_memory: bool = False) -> int:
    """Check so many inputs; gives the most memory that one took, 0 where it was not watched."""
    worst = 0
    for number, content in enumerate(itertools.islice(inputs(random.Random(seed)), runs)):
        try:
            if watch_memory and number % 100 == 0:
                worst = max(worst, _memory(content))
            else:
                run_one(content)
        except Exception as error:
            error.add_note(f"seed {seed}, input {number}: {content[:300]!r}")
            raise
    return worst


def _memory(content: bytes) -> int:
    tracemalloc.start()
    try:
        run_one(content)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# ------------------------------------------------------------------ guided


def run_guided(runs: int) -> None:
    """Let atheris look for inputs; it ends the process by itself."""
    import atheris

    for function in _functions("bot.mapping"):
        atheris.instrument_func(function)
    with TemporaryDirectory(prefix="tanaban-fuzz-") as corpus:
        for number, content in enumerate(seeds()):
            (Path(corpus) / f"seed-{number}").write_bytes(content)
        atheris.Setup(
            [sys.argv[0], f"-runs={runs}", f"-max_len={MAX_INPUT}", "-rss_limit_mb=512", corpus], run_one
        )
        atheris.Fuzz()


def _functions(package: str) -> Iterator[FunctionType]:
    for name, module in list(sys.modules.items()):
        if name.startswith(f"{package}."):
            for held in list(vars(module).values()):
                inside = list(vars(held).values()) if isinstance(held, type) else [held]
                own = (one for one in inside if isinstance(one, FunctionType))
                yield from (one for one in own if one.__module__ == name)


def main() -> None:
    """Run so many inputs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--seeded", action="store_true", help="from the seed, even where atheris is installed"
    )
    options = parser.parse_args()
    for mall in registry.MALLS:  # imported now, not inside a measured run
        CodeRules()[mall]
    if importlib.util.find_spec("atheris") and not options.seeded:
        run_guided(options.runs)
        return
    if not options.seeded:
        sys.stderr.write("atheris is not installed (pip install '.[fuzz]'): inputs grow from a seed alone\n")
    worst = run_seeded(options.runs, options.seed, watch_memory=True)
    assert worst <= MEMORY, f"{worst} bytes for one input"
    sys.stdout.write(
        f"{options.runs} inputs from seed {options.seed}: none raised, at most {worst:,} bytes\n"
    )


if __name__ == "__main__":
    main()
