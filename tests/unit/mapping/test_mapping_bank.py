"""A bank of broken mappings: each is refused with its line.

``bank/NAME.yaml`` is a ``mappings.yaml`` beside a sound ``team.yaml``, with what is found in ``NAME.txt``;
``bank/NAME/`` is a whole folder, with what is found in ``expected.txt``. A folder with ``snapshot.jsonl`` is
compared with these product lists too; one with ``no-team`` has no ``team.yaml``.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.app import CodeRules
from bot.mapping.check import check
from bot.mapping.load import MAX_BYTES
from bot.mapping.problem import Level, Problem
from bot.mapping.snapshot import read_snapshot
from bot.mapping.snapshot_check import check_snapshot
from bot.mapping.source import MAX_FILES, FolderSource
from bot.messages.mapping import MESSAGES

BANK = Path(__file__).parent / "bank"
CASES = sorted({path.stem if path.suffix == ".txt" else path.name for path in BANK.iterdir()})
CASES = [name for name in CASES if not name.endswith(".yaml")]
NOW = datetime(2026, 11, 22, tzinfo=UTC)
ADDED = ("meant", "refused_by", "at_character", "where_set")  # sentences that others end with

TEAM = "version: 1\nroles: {admin: [U0ALICE01]}\nchannels: {ops: C0ZAIKO01}\n"
HEAD = """\
version: 1
shops:
  rakuten-main: {mall: rakuten, orders: api}
  roomclip-main: {mall: roomclip, orders: api}
products:
"""  # products begin in line 6


def written(folder: Path, files: Mapping[str, str | bytes]) -> FolderSource:
    for path, text in {"team.yaml": TEAM, **files}.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return FolderSource(folder)


def problems_of(source: FolderSource, snapshot: Path | None = None) -> tuple[Problem, ...]:
    checked = check(source, CodeRules())
    if snapshot is None or not snapshot.exists():
        assert (checked.mapping is None) == any(item.level is Level.ERROR for item in checked.problems)
        return checked.problems
    assert checked.mapping is not None
    with snapshot.open("rb") as lines:
        listed = read_snapshot(snapshot.name, lines)
    return checked.problems + check_snapshot(source, checked.mapping, listed, CodeRules(), NOW)


def case(name: str, folder: Path) -> tuple[tuple[Problem, ...], str]:
    """Give what is found in a case of the bank, and what is expected of it."""
    place = BANK / name
    if not place.is_dir():
        source = written(folder, {"mappings.yaml": place.with_suffix(".yaml").read_bytes()})
        return problems_of(source), place.with_suffix(".txt").read_text("utf-8")
    shutil.copytree(place, folder, dirs_exist_ok=True)
    if not (place / "team.yaml").exists() and not (place / "no-team").exists():
        written(folder, {})
    return problems_of(FolderSource(folder), folder / "snapshot.jsonl"), (place / "expected.txt").read_text()


def told(problems: tuple[Problem, ...]) -> list[str]:
    return [f"{one.file}:{one.line}:{one.column}: {one.level}: {one.key}" for one in problems]


def assert_can_be_told(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        for language in ("ja", "en"):
            line = problem.render(language)
            assert line.startswith(f"{problem.file}:{problem.line}:{problem.column}: ")
            assert "{" not in problem.message(language).replace("{}", "")
        assert problem.record()["message"] == {one: problem.message(one) for one in ("ja", "en")}


# D8, with A2, A6, A8, A9, A10, A11, A13, B14, B16, C4, C12, E2
@pytest.mark.parametrize("name", CASES)
def test_broken_mapping_is_refused_with_its_line_in_both_languages(name: str, tmp_path: Path) -> None:
    problems, expected = case(name, tmp_path)
    assert told(problems) == expected.splitlines()
    assert_can_be_told(problems)


# ------------------------------------------------------------------ too large to be kept, or not a file


def _large_file(folder: Path) -> FolderSource:
    return written(folder, {"mappings.yaml": b"#" * (MAX_BYTES + 1)})


def _many_files(folder: Path) -> FolderSource:
    files = {f"products/{number}.yaml": b"" for number in range(MAX_FILES)}
    return written(folder, {"mappings.yaml": HEAD + "  []\ninclude: [products/*.yaml]\n", **files})


def _many_codes(folder: Path) -> FolderSource:
    values = ", ".join(map(str, range(100)))
    axes = f"axes: [{{name: a, values: [{values}]}}, {{name: b, values: [{values}]}}]"
    products = "".join(f"  - {{code: p{number}, {axes}}}\n" for number in range(101))
    return written(
        folder,
        {"mappings.yaml": "version: 1\nshops:\n  x: {mall: qoo10, orders: api}\nproducts:\n" + products},
    )


def _no_mapping(folder: Path) -> FolderSource:
    return written(folder, {})


def _link(folder: Path) -> FolderSource:
    (folder / "mappings.yaml").symlink_to("/etc/hostname")
    return written(folder, {})


MADE: dict[str, tuple[Callable[[Path], FolderSource], str]] = {
    "file_too_large": (_large_file, "mappings.yaml:1:1: error: file_too_large"),
    "too_many_files": (_many_files, "mappings.yaml:7:11: error: too_many_files"),
    "too_many_codes": (_many_codes, "mappings.yaml:105:5: error: too_many_codes"),
    "file_missing": (_no_mapping, "mappings.yaml:1:1: error: file_missing"),
    "symlink": (_link, "mappings.yaml:1:1: error: symlink"),
}


@pytest.mark.parametrize("key", MADE)
def test_what_cannot_lie_in_the_bank_is_refused_too(key: str, tmp_path: Path) -> None:
    make, expected = MADE[key]
    problems = problems_of(make(tmp_path))
    assert told(problems) == [expected]
    assert_can_be_told(problems)


def test_every_problem_stands_in_the_bank() -> None:
    kept = "".join(path.read_text("utf-8") for path in BANK.rglob("*.txt"))
    there = {line.rpartition(" ")[2] for line in kept.splitlines()} | MADE.keys()
    problems = {key for key in MESSAGES if not key.startswith("level_") and key not in ADDED}
    assert there == problems
    assert len(CASES) >= 60


def test_every_sentence_is_there_in_both_languages() -> None:
    for key, sentence in MESSAGES.items():
        assert set(sentence) == {"ja", "en"}, key
        assert all(sentence.values()), key
