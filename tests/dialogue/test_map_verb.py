"""The mapping from Slack: where a code stands, and a proposal on a branch of a real repository."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from threading import Event

import pytest
from conftest import Housed

from bot.app import CodeRules
from bot.mapping.branch import CommitFiles
from bot.mapping.locate import locate
from bot.mapping.repo import Access, MappingRepository
from bot.proposing import Proposing

MAPPING = """\
version: 1
shops:
  a: {mall: memory, orders: api}
  b: {mall: memory, orders: api}
products:
  - {code: mug, name: Mug}
  - code: tee
"""


def git(folder: Path, *words: str) -> str:
    environment = os.environ | {"GIT_CONFIG_NOSYSTEM": "1", "HOME": "/nonexistent"}
    command = ["git", "-C", str(folder), "-c", "user.name=dave", "-c", "user.email=dave@example.com", *words]
    return subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout


@pytest.fixture
def proposing(housed: Housed, tmp_path: Path) -> Path:
    """Let the stage propose; gives the merchant's repository."""
    folder, actions = tmp_path / "merchant", housed.actions
    folder.mkdir()
    (folder / "mappings.yaml").write_text(MAPPING, "utf-8")
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "begin"]):
        git(folder, *words)
    repository = MappingRepository(
        str(folder), "main", tmp_path / "repo.git", access=Access(allow_file=True), stop=Event()
    )
    found = repository.refresh()
    assert found.mapping is not None
    housed.house.mapping = found.mapping
    in_force = housed.house.in_force
    actions.proposing = Proposing(
        housed.engine,
        repository,
        in_force,
        housed.house.clock,
        malls=CodeRules(),
        forge=lambda: None,
        email="tanaban@noreply.invalid",
    )
    actions.inquiries.locate = lambda _commit, code: locate(CommitFiles(repository, found.commit), code)
    return folder


def test_code_is_shown_with_its_file_and_line(housed: Housed, proposing: Path) -> None:
    [answer] = housed.types("bob", "/zaiko map tee")
    assert "`mappings.yaml` の 7行目" in answer["text"]
    assert "b：`tee`" in answer["text"]


def test_change_is_proposed_on_a_branch_told_to_all_and_recorded(
    housed: Housed, proposing: Path
) -> None:  # A14
    before = housed.control("revision")
    [answer] = housed.types("bob", "/zaiko map set tee a tee-old")
    assert "変更案を作っています" in answer["text"]
    told = housed.sees("carol", "対応表の変更案を作りました", after=before)
    branches = git(proposing, "branch", "--list", "tanaban/*").split()
    assert len(branches) == 1
    assert branches[0] in told["text"]
    assert "tee-old" in git(proposing, "show", f"{branches[0]}:mappings.yaml")
    assert "tee-old" not in git(proposing, "show", "main:mappings.yaml")
    lines = [result for _, action, result in housed.audits() if action == "map"]
    assert lines == ["asked", "done"]
    housed.types("bob", "/zaiko map set tee a tee-old")
    housed.sees("bob", "同じ変更案がすでにあります", after=told["revision"])
    assert git(proposing, "branch", "--list", "tanaban/*").split() == branches


def test_proposal_that_is_refused_says_why(housed: Housed, proposing: Path) -> None:
    before = housed.control("revision")
    housed.types("bob", "/zaiko map set tee a mug")
    seen = housed.sees("bob", "mug", after=before)
    assert git(proposing, "branch", "--list", "tanaban/*") == ""
    assert "エラーのため" not in seen["text"]


def test_long_names_of_shops_and_listings_are_no_credentials(housed: Housed) -> None:
    housed.house.change_shop("a")
    housed.house.malls["a"].stock["a-listing-with-a-very-long-code"] = 1
    desk = housed.house.desks.desk(housed.house.mapping.shop("a"))
    housed.actions.import_products(desk)
    [answer] = housed.types("bob", "/zaiko map set tee a a-listing-with-a-very-long-code")
    assert "tanaban mapping set" in answer["text"]
    [answer] = housed.types("bob", "/zaiko map set tee a a-listing-that-nobody-ever-saw")
    assert "キーやパスワードのように見える" in answer["text"]
