"""The sandbox's page as a person sees it, wide and on a phone; what it looked like is kept in artefacts/."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait
from slack_sdk.socket_mode.request import SocketModeRequest

from sandbox.forge.part import Forge
from sandbox.malls.rakuten.part import RakutenMall
from sandbox.server import Sandbox
from sandbox.slack.part import SlackWorkspace
from sandbox.web import WebHost
from sandbox.world import World
from tests.browser import blocks
from tests.simulators.tiny_bot import TinyBot

WIDTHS = {"wide": (1400, 900), "phone": (390, 780)}
BOT = Path(__file__).parents[2] / "bot" / "slack"
SHOWN = {
    "header": "見出しの一行",
    "section": "tee-red-m",
    "context": "最終確認 2026-11-21",
    "overflow": "そのほかの操作",
    "table": "コード",
    "actions": "確認した",
    "data_table": "商品一覧 6件",
    "data_visualization": "在庫の動き",
}
TOO_WIDE = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"


class Answerer:
    """Shows every block, opens the form, publishes a Home, and says what was pressed."""

    bot: TinyBot

    def __call__(self, request: SocketModeRequest) -> Any:
        payload, web = request.payload, self.bot.web
        if request.type == "slash_commands" and payload["text"] == "form":
            web.views_open(trigger_id=payload["trigger_id"], view=blocks.FORM)
            return None
        if request.type == "slash_commands":
            return {"response_type": "ephemeral", "text": "すべて", "blocks": blocks.MESSAGE}
        if request.type == "events_api":
            web.views_publish(user_id=payload["event"]["user"], view=blocks.HOME)
            return None
        return self._interacted(payload, web)

    def _interacted(self, payload: dict[str, Any], web: Any) -> Any:
        if payload["type"] == "view_submission":
            if payload["view"]["state"]["values"]["key"]["value"]["value"] != "good":
                return {"response_action": "errors", "errors": {"key": "別の店舗の鍵です。"}}
            web.chat_postMessage(channel="C0ZAIKO01", text="鍵を預かりました。")
            return None
        web.chat_postMessage(channel="C0ZAIKO01", text=f"押された: {payload['actions'][0]['action_id']}")
        return None


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    world = World(tmp_path_factory.mktemp("world"))
    host = WebHost(world)
    slack = SlackWorkspace(world, host, rates=0)
    answerer = Answerer()
    parts = [RakutenMall(world, host), slack, Forge(world, host)]
    with Sandbox(world, parts, host) as running, _bot(slack, world, answerer) as bot:
        answerer.bot = bot
        slack.control("wait_connected", {})
        for text, more in (("一覧", blocks.DATA_TABLE), ("動き", blocks.CHART)):
            bot.web.chat_postMessage(channel="C0ZAIKO01", text=text, blocks=more)
        yield running


def _bot(slack: SlackWorkspace, world: World, answerer: Answerer) -> TinyBot:
    # Its addresses are known once the sandbox runs.
    return TinyBot(slack.addresses(), str(world.ca_file), answerer)


class Page:
    """The page in a browser of one width; every look waits for what it looks for."""

    def __init__(self, chrome: webdriver.Chrome, width: str, artefacts: Path) -> None:
        self.chrome = chrome
        self.width = width
        self._artefacts = artefacts
        missing = [NoSuchElementException, StaleElementReferenceException]
        self._wait = WebDriverWait(chrome, 15, poll_frequency=0.05, ignored_exceptions=missing)

    def find(self, selector: str) -> Any:
        return self._wait.until(lambda chrome: chrome.find_element(By.CSS_SELECTOR, selector), selector)

    def sees(self, text: str, selector: str = "body") -> None:
        self._wait.until(lambda chrome: text in chrome.find_element(By.CSS_SELECTOR, selector).text, text)

    def gone(self, selector: str) -> None:
        self._wait.until(
            lambda chrome: not any(n.is_displayed() for n in chrome.find_elements(By.CSS_SELECTOR, selector))
        )

    def click(self, selector: str, text: str = "") -> None:
        def press(chrome: Any) -> bool:
            found = [node for node in chrome.find_elements(By.CSS_SELECTOR, selector) if text in node.text]
            if found:
                chrome.execute_script("arguments[0].scrollIntoView({block: 'center'})", found[-1])
                found[-1].click()
            return bool(found)

        self._wait.until(press, f"no {selector} {text}")

    def says(self, text: str) -> None:
        self.find("#command").send_keys(text)
        self.click("#send")

    def side(self, name: str) -> None:
        """Bring a panel to the front; a wide page shows all at once."""
        if self.width == "phone":
            self.click(f"#sides [data-side={name}]")

    def keep(self, name: str) -> None:
        """Keep a picture of it, and see that nothing stands out to the right."""
        self.chrome.save_screenshot(str(self._artefacts / f"{name}-{self.width}.png"))
        assert not self.chrome.execute_script(TOO_WIDE), f"{name} is wider than the window"


@pytest.fixture(params=list(WIDTHS))
def page(
    request: pytest.FixtureRequest, chrome: webdriver.Chrome, sandbox: Sandbox, artefacts: Path
) -> Iterator[Page]:
    width, height = WIDTHS[request.param]
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": request.param == "phone"}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    chrome.get_log("browser")  # what was said of an earlier page is no fault of this one
    chrome.get(sandbox.url)
    found = Page(chrome, request.param, artefacts)
    found.sees("ボット接続中")
    yield found
    chrome.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert [entry for entry in chrome.get_log("browser") if entry["level"] == "SEVERE"] == []
    chrome.get("about:blank")  # a page that asks on after its sandbox has ended would be told of next
    assert sandbox.control("slack", "violations", {}) == []
    if sandbox.control("slack", "modal", {"user": "alice"}):
        sandbox.control("slack", "close_modal", {"user": "alice"})


def _types(value: Any) -> set[str]:
    if isinstance(value, list):
        return {found for item in value for found in _types(item)}
    if not isinstance(value, dict):
        return set()
    return {str(value.get("type"))} | {found for item in value.values() for found in _types(item)}


def test_gallery_holds_every_block_and_element_that_the_bot_sends() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in BOT.glob("*.py"))
    sent = set(re.findall(r'"type": "([a-z_]+)"', source))
    gallery = [blocks.MESSAGE, blocks.DATA_TABLE, blocks.CHART, blocks.FORM, blocks.HOME]
    assert sent - _types(gallery) == set()


def test_every_block_is_shown_by_what_it_says(page: Page) -> None:
    page.says("/zaiko all")
    for text in SHOWN.values():
        page.sees(text, "#messages")
    page.sees("<!channel> <b>字のまま</b>", "#messages")
    page.sees("✔ 連携中", "#messages")
    for number in range(5):  # a page of the table
        page.sees(f"code-{number}", "#messages")
    page.keep("messages")


def test_confirm_dialog_stands_before_a_dangerous_button(page: Page) -> None:
    page.says("/zaiko all")
    page.click(".actions button.danger", "全部止める")
    page.sees("止めますか", "#confirm")
    page.sees("全モールへの反映が止まります", "#confirm")
    page.keep("confirm")
    page.click("#confirm-no")
    page.gone("#confirm")
    page.click(".actions button.danger", "全部止める")
    page.click("#confirm-yes", "止める")
    page.sees("押された: stop", "#messages")


def test_form_shows_its_fields_and_what_was_wrong_under_them(page: Page) -> None:
    page.says("/zaiko form")
    labels = (
        "鍵の更新",
        "ライセンスキー",
        "モールの画面から写します",
        "有効期限",
        "確かめたこと",
        "種類",
        "ファイル",
    )
    for text in labels:
        page.sees(text, "#modal")
    page.find("#field-key").send_keys("bad")
    page.click("#modal-submit")
    page.sees("別の店舗の鍵です。", "#modal .input.wrong")
    page.keep("modal")
    field = page.find("#field-key")
    field.clear()
    field.send_keys("good")
    page.click("#modal-submit")
    page.gone("#modal")
    page.sees("鍵を預かりました。", "#messages")


def test_home_is_shown_in_its_own_tab(page: Page) -> None:
    page.click("#tab-home")
    for text in ("在庫連携のホーム", "楽天市場 連携中", "一時停止", "期限が近い認証情報はありません"):
        page.sees(text, "#home")
    page.keep("home")


def test_acting_as_another_shows_what_that_person_sees(page: Page) -> None:
    page.says("/zaiko all")
    page.sees("見出しの一行", ".message.ephemeral")
    Select(page.find("#act-as")).select_by_visible_text("ボブ")
    page.gone(".message.ephemeral")
    page.sees("商品一覧 6件", "#messages")
    page.keep("as-bob")


def test_mall_panel_shows_stock_and_the_forge_its_pull_requests(page: Page, sandbox: Sandbox) -> None:
    title = f"mug を足す {page.width}"
    branch = {"branch": page.width, "files": {f"{page.width}.yaml": "a: 1\n"}}
    sandbox.control("forge", "push", branch)
    sandbox.control("forge", "open_pull", {"title": title, "head": page.width, "by": "bob"})
    page.side("malls")  # the forge stands among them
    page.sees("楽天", "#shops")
    page.sees("mug", "#shops")
    page.sees(title, "#forge")
    page.keep("malls")
