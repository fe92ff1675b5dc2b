"""All of it, or one point of it; the result is one line of JSON."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from tests.crash import points, power
from tests.crash.checker import LOST
from tests.crash.points import Found, Point
from tests.crash.recording import Event
from tests.crash.scenarios import SCENARIOS
from tests.crash.tracing import spread

REPLAY = "python -m tests.crash"
MOST_STATES = 1600  # of a scenario; of more, every second or third is judged
SAMPLE = 60  # states of a broken run that are judged: one that is found bad would do
WEAKER = ("OFF", "NORMAL")


@contextmanager
def beginnings() -> Iterator[dict[str, Path | None]]:
    """Give the folder that each scenario begins with."""
    with points.workplace() as base:
        points.make_base(base)
        yield {name: None if name == "first" else base for name in SCENARIOS}


def every_call(bases: dict[str, Path | None], stride: int = 1) -> dict[str, Any]:
    """Kill, fill and fail at every call; give the figures."""
    began, found = time.monotonic(), []
    for scenario, base in bases.items():
        todo = points.points_of(scenario, points.record(scenario, base))[::stride]
        found += [Found(**row) for row in spread(len(todo), _player(todo, base), partial(_warm, base))]
    counted = {kind: Counter(row.words[2] for row in found if row.words[1] == kind) for kind in points.KINDS}
    bad = [row for row in found if row.wrong]
    return {
        "points": {kind: dict(calls.most_common()) for kind, calls in counted.items()},
        "failures_told": dict(Counter(row.failed for row in found if row.failed).most_common()),
        "bad": [_told(row.words, row.wrong) for row in bad],
        "seconds": round(time.monotonic() - began),
    }


def _player(todo: Sequence[Point], base: Path | None) -> Any:
    return lambda index: asdict(points.play_point(todo[index], base))


def _warm(base: Path | None) -> None:
    """Let a worker import and compile once what each of its processes needs."""
    with points.workplace() as work:
        points.prepare(work, base)
        points.play("day", work)


def power_cuts(bases: dict[str, Path | None], stride: int = 1) -> dict[str, Any]:
    """Rebuild what a power cut may leave, and judge it; give the figures."""
    began, bad, counted = time.monotonic(), [], {}
    for scenario, base in bases.items():
        recording = power.record(scenario, base)
        every = list(power.states(recording))
        step = stride * -(-len(every) // MOST_STATES)
        todo = every[::step]
        found = _judged(recording, todo, base)
        counted[scenario] = [len(todo), len(every)]
        bad += [
            _told(["power", scenario, str(at * step)], [todo[at].label, *wrong])
            for at, wrong in enumerate(found)
            if wrong
        ]
    return {"states_judged_of": counted, "bad": bad, "seconds": round(time.monotonic() - began)}


def _judged(recording: power.Recording, todo: Sequence[power.State], base: Path | None) -> list[list[str]]:
    return spread(len(todo), lambda index: power.judge(recording, todo[index]), partial(_warm, base))


def weaker_is_found(bases: dict[str, Path | None]) -> dict[str, Any]:
    """Judge runs that sync too little; give how many of their states were found bad."""
    began, found = time.monotonic(), {}
    for synchronous in WEAKER:
        recording = power.record("day", bases["day"], synchronous)
        todo = _sample(list(power.states(recording)))
        wrong = _judged(recording, todo, bases["day"])
        found[f"synchronous={synchronous}"] = sum(any(LOST in row for row in rows) for rows in wrong)
    whole = power.record("first", None)
    known = {state.key for state in power.states(whole)}
    for name, at in _vault_syncs(whole.events):
        without = replace(whole, events=[*whole.events[:at], *whole.events[at + 1 :]])
        todo = _sample([state for state in power.states(without) if state.key not in known])
        found[f"no sync of {name}"] = sum(map(bool, _judged(without, todo, None)))
    return {"found_bad": found, "of": SAMPLE, "seconds": round(time.monotonic() - began)}


def _sample(states: Sequence[power.State]) -> Sequence[power.State]:
    return states[:: max(1, len(states) // SAMPLE)][:SAMPLE]


def _vault_syncs(events: Sequence[Event]) -> list[tuple[str, int]]:
    """Give the two syncs of the vault's first replacement: of the new file, of the folder."""
    renamed = next(at for at, event in enumerate(events) if event.what == "rename")
    syncs = [at for at, event in enumerate(events) if event.what == "sync"]
    return [
        ("the new vault", max(at for at in syncs if at < renamed)),
        ("its folder", min(at for at in syncs if at > renamed)),
    ]


def replay(words: Sequence[str]) -> list[str]:
    """Play one point alone: ``day kill pwrite64 17`` or ``power day 231``; give what is wrong."""
    with beginnings() as bases:
        if words[0] == "power":
            recording = power.record(words[1], bases[words[1]])
            state = list(power.states(recording))[int(words[2])]
            return power.judge(recording, state)
        scenario, kind, call, number = words
        return points.play_point(Point(scenario, kind, call, int(number)), bases[scenario]).wrong


def _told(words: Sequence[str], wrong: Sequence[str]) -> str:
    told = f"{REPLAY} {' '.join(words)}: {'; '.join(wrong)}"
    sys.stderr.write(told + "\n")
    return told
