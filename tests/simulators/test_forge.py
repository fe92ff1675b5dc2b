"""The sandbox's git forge, driven by real git over TLS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from forge_ground import Hand

from sandbox.forge.part import Forge
from sandbox.web import WebHost
from sandbox.world import ControlError, World


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[tuple[World, WebHost]]:
    world = World(tmp_path / "world")
    host = WebHost(world)
    host.start()
    yield world, host
    host.stop()


@pytest.fixture
def forge(ground: tuple[World, WebHost]) -> Iterator[Forge]:
    part = Forge(*ground)
    part.start()
    yield part
    part.stop()


@pytest.fixture
def hand(forge: Forge, ground: tuple[World, WebHost], tmp_path: Path) -> Hand:
    return Hand(forge, ground[0], tmp_path)


def test_reader_with_the_token_clones(forge: Forge, hand: Hand, tmp_path: Path) -> None:
    done = hand.git("clone", "--quiet", "URL", "copy", token="forge-sandbox-token")
    assert done.returncode == 0, done.stderr
    assert "products:" in (tmp_path / "copy" / "mappings.yaml").read_text(encoding="utf-8")
    assert forge.control("violations", {}) == []


def test_reader_without_a_token_is_refused(forge: Forge, hand: Hand) -> None:
    assert hand.git("ls-remote", "URL", token=None).returncode != 0


def test_wrong_token_is_refused_and_noted(forge: Forge, hand: Hand) -> None:
    assert hand.git("ls-remote", "URL", token="wrong").returncode != 0
    assert forge.control("violations", {}) != []
    assert forge.control("seen", {"text": "x-access-token:wrong"})


def test_push_is_refused_and_noted(forge: Forge, hand: Hand) -> None:
    hand.git("clone", "--quiet", "--bare", "URL", "copy.git", token="forge-sandbox-token")
    done = hand.git("-C", "copy.git", "push", "URL", "main:other", token="forge-sandbox-token")
    assert done.returncode != 0
    assert "not for readers" in forge.control("violations", {})[0]


def test_commit_changes_files_and_the_log(forge: Forge) -> None:
    files = {"products/a.yaml": "products: []\n", "team.yaml": None}
    made = forge.control("commit", {"files": files, "message": "変更", "author": "花子"})
    assert forge.control("file", {"path": "products/a.yaml"}) == "products: []\n"
    assert forge.control("log", {})[0]["commit"] == made["commit"]
    assert forge.control("log", {})[0]["author"] == "花子"
    with pytest.raises(ControlError):
        forge.control("file", {"path": "team.yaml"})


def test_force_push_leaves_one_commit_with_the_other_files(forge: Forge) -> None:
    forge.control("commit", {"files": {"a.yaml": "a: 1\n"}})
    forge.control("force_push", {"files": {"b.yaml": "b: 1\n"}, "message": "書き直し"})
    assert len(forge.control("log", {})) == 1
    assert forge.control("file", {"path": "a.yaml"}) == "a: 1\n"


def test_forge_that_is_down_cuts_and_comes_back(forge: Forge, hand: Hand) -> None:
    forge.control("fault", {"name": "down"})
    assert hand.git("ls-remote", "URL", token="forge-sandbox-token").returncode != 0
    forge.control("clear_faults", {})
    assert hand.git("ls-remote", "URL", token="forge-sandbox-token").returncode == 0


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a b", 'a"b', "a\nD mappings.yaml", ".git/config"])
def test_path_outside_the_repository_is_refused(forge: Forge, path: str) -> None:
    with pytest.raises(ControlError):
        forge.control("commit", {"files": {path: "x"}})


def test_unknown_verbs_and_faults_are_refused(forge: Forge) -> None:
    with pytest.raises(ControlError):
        forge.control("fly", {})
    with pytest.raises(ControlError):
        forge.control("fault", {"name": "rain"})


def test_repository_may_be_open_to_all(ground: tuple[World, WebHost], tmp_path: Path) -> None:
    world, host = ground
    part = Forge(world, host, files={"mappings.yaml": "version: 1\n"}, token=None)
    part.start()
    assert Hand(part, world, tmp_path).git("ls-remote", "URL", token=None).returncode == 0
    assert part.control("file", {"path": "mappings.yaml"}) == "version: 1\n"
    part.stop()
