"""Every call that changes the folder, met by a kill, a full disk and a failing disk."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.crash.checker import check
from tests.crash.scenarios import NOT_STARTED, STEP_FAILED, play
from tests.crash.tracing import CHANGING, FILES, HARMLESS, READING, SAID, ended, forked, traced

KINDS = {"kill": "signal=KILL", "full": "error=ENOSPC", "eio": "error=EIO"}
_STATUSES = {"kill": {-9}, "full": {0, NOT_STARTED, STEP_FAILED}, "eio": {0, NOT_STARTED, STEP_FAILED}}
READS_STEP = 4  # a read that fails changes nothing in the folder
_INJECTED = "(INJECTED)"  # strace's word at the call
_SHM = Path("/dev/shm")


@dataclass(frozen=True)
class Point:
    """One call of a scenario and what happens at it."""

    scenario: str
    kind: str
    call: str
    number: int

    @property
    def words(self) -> list[str]:
        """The arguments that play this point alone."""
        return [self.scenario, self.kind, self.call, str(self.number)]


@dataclass(frozen=True)
class Found:
    """What came of a point: what is wrong, if anything."""

    words: list[str]
    wrong: list[str]
    failed: str = ""  # the first failure the process told, by step and class


@contextmanager
def workplace() -> Iterator[Path]:
    """Give a folder for one process and its malls, in memory where the machine has that."""
    with tempfile.TemporaryDirectory(dir=_SHM if _SHM.is_dir() else None, prefix="crash-") as name:
        work = Path(name)
        (work / "top").mkdir()
        yield work


def prepare(work: Path, base: Path | None) -> None:
    """Put a scenario's beginning in place: nothing, or what a killed process left."""
    if base is not None:
        shutil.copytree(base, work, dirs_exist_ok=True)


def make_base(work: Path) -> None:
    """Play the first day and end it as a kill does: its log is left behind, nothing is closed."""
    status = ended(forked(work, lambda: play("first", work, end=False)))
    if status:
        raise AssertionError(f"the first day ended with {status}: {_tail(work)}, {_failed(work)}")


def record(scenario: str, base: Path | None) -> Counter[str]:
    """Play a scenario undisturbed; give how often it makes each call on the folder."""
    with workplace() as work:
        prepare(work, base)
        status = traced(work, lambda: play(scenario, work), ["-e", "trace=all"])
        wrong = checked(work)
        rows = (work / "trace").read_text(encoding="utf-8", errors="replace").splitlines()
        calls = Counter(row.split("(")[0] for row in rows if "(" in row)
        if status or wrong:
            raise AssertionError(f"{scenario} undisturbed: {status} {wrong} {_tail(work)}, {_failed(work)}")
        unwatched = {path.name for path in (work / "top" / "state").iterdir()} - {*FILES}
    assert not unwatched, f"files in the folder that strace does not watch: {unwatched}"
    if unknown := set(calls) - {*CHANGING, *READING, *HARMLESS}:
        raise AssertionError(f"calls on the folder that nobody has classed: {unknown}")
    return calls


def points_of(scenario: str, calls: Counter[str]) -> list[Point]:
    """Give every call that changes the folder, with all kinds; of those that read, some, failing."""
    found = []
    for call, times in sorted(calls.items()):
        kinds = KINDS if call in CHANGING else ("eio",) if call in READING else ()
        step = 1 if call in CHANGING else READS_STEP
        found += [Point(scenario, kind, call, n) for kind in kinds for n in range(1, times + 1, step)]
    return found


def play_point(point: Point, base: Path | None) -> Found:
    """Play a scenario up to the point and over it; then judge what is left."""
    with workplace() as work:
        prepare(work, base)
        already = len((work / SAID).read_text()) if base else 0
        fault = f"inject={point.call}:{KINDS[point.kind]}:when={point.number}"
        status = traced(work, lambda: play(point.scenario, work), ["-e", f"trace={point.call}", "-e", fault])
        failed = _failed(work, already)
        met = (
            status == -9
            if point.kind == "kill"
            else _INJECTED in (work / "trace").read_text(errors="replace")
        )
        wrong = checked(work)
        if not met or status not in _STATUSES[point.kind]:
            how = "ended" if met else "the call was not met, and it ended"
            wrong = [f"{how} with {status}: {_tail(work)}", *wrong]
        return Found(point.words, wrong, failed.partition(":")[0])


def checked(work: Path) -> list[str]:
    """Let a fresh process judge what is left; give what is wrong."""
    verdict = work / "verdict"

    def judge() -> int:
        verdict.write_text(json.dumps(check(work, (work / SAID).read_text())))
        return 0

    (work / SAID).touch()
    status = ended(forked(work, judge))
    return (
        json.loads(verdict.read_text()) if status == 0 else [f"unreadable: {_tail(work)} (status {status})"]
    )


def _failed(work: Path, already: int = 0) -> str:
    """Give the first failure that a process told."""
    said = (work / SAID).read_text()[already:]
    return next((line for line in said.splitlines() if line.startswith("failed")), "")


def _tail(work: Path) -> str:
    """Give the error that a process died of."""
    errors = work / "errors"
    lines = errors.read_text().splitlines() if errors.exists() else []
    return next((line for line in reversed(lines) if line[:1].isalpha()), "nothing said")
