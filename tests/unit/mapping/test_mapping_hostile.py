"""Files meant to hurt: each is refused with a line of its own, long before it costs anything."""

from __future__ import annotations

import tracemalloc

import pytest

from benchmarks.hostile import HOSTILE, PLAIN, WORDS, Files, found_in
from bot.app import CodeRules
from bot.mapping import load
from bot.mapping.check import check
from bot.mapping.problem import Level
from tests.fuzz.mapping import assert_placed, run_seeded


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_with_a_place_that_it_has(name: str) -> None:
    problems = found_in(HOSTILE[name])
    assert any(problem.level is Level.ERROR for problem in problems)
    for problem in problems:
        assert_placed(problem, {"mappings.yaml": HOSTILE[name]})


@pytest.mark.parametrize("name", [*HOSTILE, *PLAIN])
def test_hostile_file_costs_little_memory(name: str) -> None:
    content = {**HOSTILE, **PLAIN}[name]
    tracemalloc.start()
    try:
        found_in(content)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_words_that_yaml_would_convert_are_codes_as_they_stand() -> None:
    (content,) = PLAIN.values()
    checked = check(Files({"mappings.yaml": content}), CodeRules())
    assert checked.mapping is not None
    assert list(checked.mapping.codes()) == [word.decode() for word in WORDS]


@pytest.mark.parametrize("depth", [load.MAX_DEPTH, load.MAX_DEPTH + 1])
def test_the_bound_on_depth_is_exact(depth: int) -> None:
    # The outermost list stands at depth 0.
    found = {
        problem.key for problem in load.parse("x.yaml", b"[" * (depth + 1) + b"]" * (depth + 1)).problems
    }
    assert ("too_deep" in found) == (depth > load.MAX_DEPTH)


@pytest.mark.parametrize("length", [load.MAX_TEXT, load.MAX_TEXT + 1])
def test_the_bound_on_a_text_is_exact(length: int) -> None:
    found = {problem.key for problem in load.parse("x.yaml", b"a: " + b"x" * length).problems}
    assert ("text_too_long" in found) == (length > load.MAX_TEXT)


@pytest.mark.parametrize("size", [load.MAX_BYTES, load.MAX_BYTES + 1])
def test_the_bound_on_a_file_is_exact(size: int) -> None:
    content = b"a: 1 #" + b"x" * (size - 6)
    found = {problem.key for problem in load.parse("x.yaml", content).problems}
    assert ("file_too_large" in found) == (size > load.MAX_BYTES)


def test_grown_inputs_never_raise_and_every_finding_has_a_place() -> None:
    assert run_seeded(500, seed=7, watch_memory=True) < 8_000_000


def test_a_finding_without_a_place_would_be_noticed() -> None:
    problem = found_in(HOSTILE["NUL"])[0]
    with pytest.raises(AssertionError):
        assert_placed(problem, {"mappings.yaml": b"a: 1\n"})
