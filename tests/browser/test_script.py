"""The script of a rehearsal on the page: what to try now, in two languages; ticks as steps are seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from sandbox.rehearsals.model import EQUAL, shown
from sandbox.rehearsals.playing import REHEARSALS
from sandbox.rehearsals.script import Script
from sandbox.server import Sandbox
from sandbox.slack.part import SlackWorkspace
from sandbox.web import WebHost
from sandbox.world import World

REHEARSAL = REHEARSALS["expired-key"]
STEPS = [*REHEARSAL.steps, EQUAL]
SIZES = {"wide": (1400, 900, False), "phone": (390, 780, True)}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    world = World(tmp_path_factory.mktemp("world"))
    host = WebHost(world)
    with Sandbox(world, [SlackWorkspace(world, host), Script(world)], host) as running:
        yield running


@pytest.fixture(params=list(SIZES))
def page(
    request: pytest.FixtureRequest, chrome: webdriver.Chrome, sandbox: Sandbox
) -> Iterator[webdriver.Chrome]:
    width, height, mobile = SIZES[request.param]
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    sandbox.control("script", "show", {"script": shown(REHEARSAL, STEPS, 2)})
    chrome.get_log("browser")  # what was said of an earlier page is no fault of this one
    chrome.get(sandbox.url)
    if mobile:
        chrome.find_element(By.CSS_SELECTOR, "#sides [data-side=malls]").click()
    yield chrome
    chrome.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert [entry for entry in chrome.get_log("browser") if entry["level"] == "SEVERE"] == []
    chrome.get("about:blank")  # a page that asks on after its sandbox has ended would be told of next


def wait(page: webdriver.Chrome, text: str) -> str:
    """Wait for a text in the script; give all of it."""
    place = page.find_element(By.ID, "script")
    WebDriverWait(page, 15, poll_frequency=0.05).until(lambda _: text in place.text, text)
    return place.text


def test_script_shows_the_step_of_now_in_both_languages_with_its_command(  # D12
    page: webdriver.Chrome, artefacts: Path
) -> None:
    text = wait(page, STEPS[2].en)
    assert REHEARSAL.ja in text and REHEARSAL.en in text
    assert all(step.ja in text for step in STEPS)
    assert STEPS[2].says in text
    assert len(page.find_elements(By.CSS_SELECTOR, "#script li.done")) == 2
    width = page.execute_script("return document.body.clientWidth")
    page.save_screenshot(str(artefacts / f"script-{width}.png"))
    assert not page.execute_script(
        "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    page.find_element(By.CSS_SELECTOR, "#script .type").click()
    assert page.find_element(By.ID, "command").get_attribute("value") == STEPS[2].type
    assert page.find_element(By.ID, "command").is_displayed()


def test_steps_tick_and_the_end_is_said(page: webdriver.Chrome, sandbox: Sandbox) -> None:  # D12
    wait(page, STEPS[2].en)
    sandbox.control("script", "show", {"script": shown(REHEARSAL, STEPS, len(STEPS))})
    assert "Everything is equal again" in wait(page, "すべて同じ数に戻りました")
    assert len(page.find_elements(By.CSS_SELECTOR, "#script li.done")) == len(STEPS)
