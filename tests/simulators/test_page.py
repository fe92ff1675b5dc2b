"""The sandbox's page in a real browser: what a newcomer does in the first minutes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait
from slack_sdk.socket_mode.request import SocketModeRequest
from tiny_bot import TinyBot

from sandbox.server import Sandbox
from sandbox.slack.part import SlackWorkspace
from sandbox.web import WebHost
from sandbox.world import World, call_verb
from tests.chrome import MISSING, headless

needs_browser = pytest.mark.skipif(bool(MISSING), reason=MISSING)


class FakeMall:
    """Answers what the page asks of a mall."""

    name = "rakuten"

    def __init__(self) -> None:
        self.stock = {"tee-red-m": 3, "mug": 12, "cap-navy": 0}
        self.orders: list[dict[str, Any]] = []
        self.faults: list[str] = []

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass

    def addresses(self) -> dict[str, Any]:
        return {}

    def control(self, verb: str, arguments: dict[str, Any]) -> Any:
        return call_verb(self, verb, arguments)

    def do_view(self) -> dict[str, Any]:
        rows = [
            {"code": code, "name": f"商品 {code}", "quantity": number} for code, number in self.stock.items()
        ]
        return {
            "title": "楽天市場",
            "stock": rows,
            "orders": self.orders,
            "faults": self.faults,
            "hands": [
                {"title": "メンテナンス", "verb": "fault", "arguments": {"name": "maintenance"}},
                {"title": "新しいキー", "verb": "issue_key"},
            ],
            "notes": ["鍵は 2027-01-31 まで"],
        }

    def do_order(self, lines: list[dict[str, Any]]) -> dict[str, str]:
        self.stock[lines[0]["code"]] -= lines[0]["quantity"]
        self.orders.append({"order_id": f"R-{len(self.orders) + 1}", "lines": lines, "state": "注文確認待ち"})
        return {"order_id": self.orders[-1]["order_id"]}

    def do_cancel(self, order_id: str) -> None:
        order = next(order for order in self.orders if order["order_id"] == order_id)
        order["state"] = "キャンセル"
        self.stock[order["lines"][0]["code"]] += order["lines"][0]["quantity"]

    def do_set_stock(self, code: str, quantity: int) -> None:
        self.stock[code] = quantity

    def do_fault(self, name: str) -> None:
        self.faults.append(name)

    def do_issue_key(self) -> dict[str, str]:
        return {"licence_key": "a-made-up-key"}

    def do_clear_faults(self) -> None:
        self.faults.clear()

    def do_area(self) -> dict[str, str]:
        return {"/order/import/stock.csv": "code,quantity\ntee-red-m,3\n"}


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def button(label: str, action_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(label), "action_id": action_id, **more}


CONFIRM = {
    "title": plain("止めますか"),
    "text": mrkdwn("*全モール*"),
    "confirm": plain("止める"),
    "deny": plain("やめる"),
}
STATUS_BLOCKS = [
    {"type": "header", "text": plain("在庫の状態")},
    {
        "type": "section",
        "fields": [
            mrkdwn("*楽天市場*\n:white_check_mark: 連携中"),
            mrkdwn("*RoomClip*\n:warning: 確認が必要です"),
        ],
    },
    {"type": "context", "elements": [mrkdwn("最終確認 <!date^1795255200^{date_num} {time}|2026-11-21>")]},
    {"type": "divider"},
    {
        "type": "section",
        "text": mrkdwn("`tee-red-m` は *3* 点 &lt;赤&gt;"),
        "accessory": {
            "type": "overflow",
            "action_id": "more",
            "options": [
                {"text": plain("履歴"), "value": "history"},
                {"text": plain("なぜ"), "value": "why"},
            ],
        },
    },
    {
        "type": "table",
        "rows": [
            [{"type": "raw_text", "text": "コード"}, {"type": "raw_text", "text": "在庫"}],
            [{"type": "raw_text", "text": "mug"}, {"type": "raw_text", "text": "12"}],
        ],
    },
    {
        "type": "actions",
        "elements": [
            button("確認した", "seen", style="primary"),
            button("全部止める", "stop", style="danger", confirm=CONFIRM),
            {
                "type": "static_select",
                "action_id": "snooze",
                "placeholder": plain("知らせない時間"),
                "options": [
                    {"text": plain("30分"), "value": "30"},
                    {"text": plain("2時間"), "value": "120"},
                ],
            },
        ],
    },
]
FORM = {
    "type": "modal",
    "title": plain("鍵の更新"),
    "submit": plain("保存"),
    "close": plain("やめる"),
    "blocks": [
        {
            "type": "input",
            "block_id": "key",
            "label": plain("ライセンスキー"),
            "hint": plain("入力は隠れません。"),
            "element": {"type": "plain_text_input", "action_id": "value"},
        },
        {
            "type": "input",
            "block_id": "until",
            "optional": True,
            "label": plain("有効期限"),
            "element": {"type": "datepicker", "action_id": "value"},
        },
    ],
}


class Shopkeeper:
    """The bot of these tests: shows every kind of block, opens a form, answers presses."""

    def __init__(self) -> None:
        self.bot: TinyBot | None = None
        self.pressed: list[str] = []

    def __call__(self, request: SocketModeRequest) -> Any:
        payload = request.payload
        if request.type == "slash_commands":
            return self._command(payload)
        if request.type == "events_api":
            view = {"type": "home", "blocks": [{"type": "header", "text": plain("ダッシュボード")}]}
            self._web().views_publish(user_id=payload["event"]["user"], view=view)
            return None
        if payload["type"] == "view_submission":
            return self._submitted(payload["view"]["state"]["values"])
        action = payload["actions"][0]
        self.pressed.append(action.get("selected_option", action).get("value") or action["action_id"])
        self._web().chat_postMessage(channel="C0ZAIKO01", text=f"押された: {self.pressed[-1]}")
        return None

    def _web(self) -> Any:
        assert self.bot is not None
        return self.bot.web

    def _command(self, payload: dict[str, Any]) -> Any:
        if payload["text"] == "renew":
            self._web().views_open(trigger_id=payload["trigger_id"], view=FORM)
            return None
        if payload["text"] == "thread":
            root = self._web().chat_postMessage(channel="C0ZAIKO01", text="楽天市場で失敗")
            self._web().chat_postMessage(channel="C0ZAIKO01", text="詳しい内容", thread_ts=root["ts"])
            return None
        return {"response_type": "ephemeral", "text": "在庫の状態", "blocks": STATUS_BLOCKS}

    def _submitted(self, values: dict[str, Any]) -> Any:
        if values["key"]["value"]["value"] != "SP-good":
            return {"response_action": "errors", "errors": {"key": "この鍵は別の店舗のものです。"}}
        self._web().chat_postMessage(channel="C0ZAIKO01", text="鍵を預かりました。")
        return None


@pytest.fixture(scope="module")
def keeper() -> Shopkeeper:
    return Shopkeeper()


@pytest.fixture(scope="module")
def mall() -> FakeMall:
    return FakeMall()


@pytest.fixture(scope="module")
def sandbox(
    tmp_path_factory: pytest.TempPathFactory, keeper: Shopkeeper, mall: FakeMall
) -> Iterator[Sandbox]:
    world = World(tmp_path_factory.mktemp("world"))
    host = WebHost(world)
    slack = SlackWorkspace(world, host, rates=0)
    running = Sandbox(world, [slack, mall], host).start()
    with TinyBot(slack.addresses(), str(world.ca_file), keeper) as bot:
        keeper.bot = bot
        running.control("slack", "wait_connected", {})
        yield running
    running.stop()


class Browser:
    """A browser on the page; every look waits for what it looks for."""

    def __init__(self, chrome: webdriver.Chrome) -> None:
        self.chrome = chrome
        missing = [NoSuchElementException, StaleElementReferenceException]
        self._wait = WebDriverWait(chrome, 30, poll_frequency=0.05, ignored_exceptions=missing)

    def find(self, selector: str) -> Any:
        return self._wait.until(lambda chrome: chrome.find_element(By.CSS_SELECTOR, selector))

    def click(self, selector: str, text: str = "") -> None:
        # A refresh may replace the node between finding it and clicking it.
        def press(chrome: Any) -> bool:
            nodes = [n for n in chrome.find_elements(By.CSS_SELECTOR, selector) if text in n.text]
            if nodes:
                nodes[-1].click()
            return bool(nodes)

        self._wait.until(press, f"no {selector} {text}")

    def sees(self, text: str, selector: str = "body") -> None:
        self._wait.until(lambda chrome: text in chrome.find_element(By.CSS_SELECTOR, selector).text, text)

    def gone(self, selector: str) -> None:
        self._wait.until(
            lambda chrome: not any(n.is_displayed() for n in chrome.find_elements(By.CSS_SELECTOR, selector))
        )

    def says(self, text: str) -> None:
        self.find("#command").send_keys(text)
        self.click("#send")


@pytest.fixture(scope="module")
def chrome() -> Iterator[webdriver.Chrome]:
    with headless() as driver:
        yield driver


@pytest.fixture
def browser(chrome: webdriver.Chrome, sandbox: Sandbox) -> Iterator[Browser]:
    chrome.set_window_size(1280, 860)
    chrome.get(sandbox.url)
    page = Browser(chrome)
    page.sees("ボット接続中")
    yield page
    assert [entry for entry in chrome.get_log("browser") if entry["level"] == "SEVERE"] == []
    assert sandbox.control("slack", "violations", {}) == []


def test_page_loads_nothing_from_elsewhere(sandbox: Sandbox) -> None:
    page = requests.get(sandbox.url, timeout=5)
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    for name in ("page.css", "page.js", "slack.js", "malls.js", "blocks.js", "markup.js"):
        text = requests.get(f"{sandbox.url}/page/{name}", timeout=5).text
        assert "@import" not in text
        assert "http://" not in text


def test_page_serves_no_file_but_its_own(sandbox: Sandbox) -> None:
    for name in ("__init__.py", "..%2Fworld.py", "%2e%2e/server.py", "nothing.js"):
        assert requests.get(f"{sandbox.url}/page/{name}", timeout=5).status_code == 404


@needs_browser
def test_a_typed_command_shows_its_answer_to_the_typist_alone(browser: Browser) -> None:
    browser.says("/zaiko status")
    browser.sees("在庫の状態", "#messages")
    browser.sees("あなただけに表示", ".message.ephemeral")
    browser.sees("✔ 連携中", "#messages")
    browser.sees("tee-red-m は 3 点 <赤>", "#messages")
    browser.sees("最終確認 2026-11-21", "#messages")
    Select(browser.find("#act-as")).select_by_visible_text("ボブ")
    browser.gone(".message.ephemeral")


@needs_browser
def test_a_dangerous_button_asks_before_it_is_pressed(browser: Browser, keeper: Shopkeeper) -> None:
    browser.says("/zaiko status")
    browser.click(".actions button.danger", "全部止める")
    browser.sees("全モール", "#confirm")
    browser.click("#confirm-no")
    assert "stop" not in keeper.pressed
    browser.click(".actions button.danger", "全部止める")
    browser.click("#confirm-yes", "止める")
    browser.sees("押された: stop", "#messages")


@needs_browser
def test_menus_send_what_was_chosen(browser: Browser) -> None:
    browser.says("/zaiko status")
    Select(browser.find("[data-action=snooze]")).select_by_visible_text("2時間")
    browser.sees("押された: 120", "#messages")
    Select(browser.find("[data-action=more]")).select_by_visible_text("なぜ")
    browser.sees("押された: why", "#messages")


@needs_browser
def test_a_modal_shows_errors_under_their_field_and_keeps_what_was_typed(browser: Browser) -> None:
    browser.says("/zaiko renew")
    browser.find("#field-key").send_keys("SP-bad")
    browser.click("#modal-submit")
    browser.sees("この鍵は別の店舗のものです。", "#modal .input.wrong")
    field = browser.find("#field-key")
    assert field.get_attribute("value") == "SP-bad"
    field.clear()
    field.send_keys("SP-good")
    browser.click("#modal-submit")
    browser.sees("鍵を預かりました。", "#messages")
    browser.gone("#modal")


@needs_browser
def test_replies_stand_under_their_message(browser: Browser) -> None:
    browser.says("/zaiko thread")
    browser.sees("1 件の返信", ".thread")
    browser.sees("詳しい内容", ".thread")


@needs_browser
def test_home_is_asked_for_when_its_tab_is_opened(browser: Browser) -> None:
    browser.click("#tab-home")
    browser.sees("ダッシュボード", "#home")


@needs_browser
def test_a_purchase_and_its_cancellation_change_the_number_shown(browser: Browser, mall: FakeMall) -> None:
    browser.click("[data-code=mug] .buy")
    browser.sees("11", "[data-code=mug] .quantity")
    browser.sees("mug × 1", ".orders")
    browser.click("[data-order=R-1] .cancel")
    browser.sees("12", "[data-code=mug] .quantity")
    assert browser.find("[data-code=cap-navy] .buy").get_property("disabled")


@needs_browser
def test_faults_are_switched_on_and_off(browser: Browser, mall: FakeMall) -> None:
    browser.click(".faults .fault", "メンテナンス")
    browser.sees("maintenance", ".faults summary")
    browser.click(".faults .clear")
    browser.gone(".faults .clear")
    assert mall.faults == []


@needs_browser
def test_what_a_mall_answers_to_a_hand_can_be_copied(browser: Browser) -> None:
    browser.click(".faults .fault", "新しいキー")
    browser.sees("a-made-up-key", ".told")


@needs_browser
def test_typed_text_and_scroll_position_survive_a_refresh(browser: Browser, sandbox: Sandbox) -> None:
    for number in range(30):
        sandbox.control("slack", "type", {"user": "bob", "text": f"行 {number}"})
    browser.sees("行 29", "#messages")
    browser.chrome.execute_script("document.querySelector('#messages').scrollTop = 40")
    browser.find("#command").send_keys("/zaiko sta")
    sandbox.control("slack", "type", {"user": "bob", "text": "新しい行"})
    browser.sees("新しい行", "#messages")
    assert browser.find("#command").get_attribute("value") == "/zaiko sta"
    assert browser.chrome.execute_script("return document.querySelector('#messages').scrollTop") == 40


@needs_browser
def test_the_page_fits_a_phone(browser: Browser) -> None:
    browser.chrome.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 390, "height": 780, "deviceScaleFactor": 1, "mobile": True},
    )
    browser.says("/zaiko status")
    wide = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not browser.chrome.execute_script(wide)
    browser.click("#sides [data-side=malls]")
    assert browser.find("[data-code=mug] .buy").is_displayed()
    assert not browser.chrome.execute_script(wide)
    browser.chrome.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
