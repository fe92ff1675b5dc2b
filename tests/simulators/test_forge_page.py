"""The forge's panel on the sandbox's page: what a person reads and presses there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import test_page
from selenium import webdriver

from sandbox.forge.part import Forge
from sandbox.server import Sandbox
from sandbox.web import WebHost
from sandbox.world import World

chrome = test_page.chrome
COMMENT = "## 計画\n| code | 在庫 |\n<b>mug</b> を 3 点"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    world = World(tmp_path / "world")
    host = WebHost(world)
    with Sandbox(world, [Forge(world, host)], host) as running:
        yield running


def do(sandbox: Sandbox, verb: str, **arguments: Any) -> Any:
    return sandbox.control("forge", verb, arguments)


def propose(sandbox: Sandbox) -> int:
    do(sandbox, "push", branch="propose", files={"mug.yaml": "a: 1\n"})
    number = int(do(sandbox, "open_pull", title="mug を足す", head="propose", by="bob")["number"])
    do(sandbox, "comment", number=number, body=COMMENT, by="tanaban-bot")
    return number


def test_the_state_of_the_page_has_the_forge(sandbox: Sandbox) -> None:
    number = propose(sandbox)
    state = requests.get(f"{sandbox.url}/page/state", timeout=5).json()
    assert [pull["number"] for pull in state["forge"]["pulls"]] == [number]
    assert state["malls"] == []


@test_page.needs_browser
def test_pull_requests_are_read_merged_and_reverted_on_the_page(
    chrome: webdriver.Chrome, sandbox: Sandbox
) -> None:
    number = propose(sandbox)
    chrome.get(f"{sandbox.url}/?user=carol")
    page = test_page.Browser(chrome)
    page.sees(f"#{number} mug を足す", ".pull")
    page.sees(COMMENT, ".said .text")
    page.click("[data-verb=merge]")
    page.sees("carol がマージ", ".merged")
    assert do(sandbox, "file", path="mug.yaml") == "a: 1\n"
    page.click("[data-verb=revert]")
    page.sees("main のコミット 4 件", ".log")
    assert do(sandbox, "log")[0]["author"] == "carol"
    do(sandbox, "push", branch="other", files={"b.yaml": "b: 1\n"})
    second = do(sandbox, "open_pull", title="やめる", head="other")["number"]
    page.sees("やめる", ".pull")
    page.click("[data-verb=close]")
    page.sees("開いているプルリクエストはありません。", ".forge")
    assert do(sandbox, "pull", number=second)["state"] == "closed"
    assert [entry for entry in chrome.get_log("browser") if entry["level"] == "SEVERE"] == []


@test_page.needs_browser
def test_a_page_whose_answers_take_longer_than_its_pause_still_shows_them(
    chrome: webdriver.Chrome, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Answers cross here: one is always under way when the next is asked for.
    forge = sandbox.parts["forge"]
    told = forge.control

    def slowly(verb: str, arguments: dict[str, Any]) -> Any:
        time.sleep(1.6 if verb == "view" else 0)
        return told(verb, arguments)

    monkeypatch.setattr(forge, "control", slowly)
    propose(sandbox)
    chrome.get(f"{sandbox.url}/?user=carol")
    test_page.Browser(chrome).sees("mug を足す", ".pull")
