"""The workspace as text: what a person types, reads and presses without a browser."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_ground import Workspace, button, field, modal, plain, section
from slack_sdk.socket_mode.request import SocketModeRequest
from tiny_bot import TinyBot

from sandbox.driver import Driver
from sandbox.terminal import Terminal

CONFIRM = {
    "title": plain("止めますか"),
    "text": plain("全モール"),
    "confirm": plain("止める"),
    "deny": plain("やめる"),
}
MENU = {
    "type": "static_select",
    "action_id": "snooze",
    "placeholder": plain("知らせない"),
    "options": [{"text": plain(text), "value": text} for text in ("30分", "2時間")],
}


class Bot:
    """Shows buttons and a menu, opens a form, and says what was pressed."""

    def __init__(self) -> None:
        self.tiny: TinyBot | None = None
        self.pressed: list[str] = []

    def __call__(self, request: SocketModeRequest) -> Any:
        payload, web = request.payload, self.tiny.web if self.tiny else None
        assert web is not None
        if request.type == "slash_commands":
            if payload["text"] == "form":
                web.views_open(trigger_id=payload["trigger_id"], view=modal(field("ライセンスキー", "key")))
                return None
            blocks = [
                section("mug は 12 点"),
                {
                    "type": "actions",
                    "elements": [
                        button("確認した"),
                        {**button("止める"), "action_id": "stop", "confirm": CONFIRM},
                        MENU,
                    ],
                },
            ]
            return {"response_type": "ephemeral", "text": "mug", "blocks": blocks}
        if payload["type"] == "view_submission":
            value = payload["view"]["state"]["values"]["key"]["value"]["value"]
            if value != "good":
                return {"response_action": "errors", "errors": {"key": "別の店舗の鍵です"}}
            web.chat_postMessage(channel="C0ZAIKO01", text="鍵を預かりました")
            return None
        if payload["type"] == "block_actions":
            action = payload["actions"][0]
            self.pressed.append(action["action_id"])
            told = action.get("selected_option", {}).get("value", action["action_id"])
            web.chat_postMessage(channel="C0ZAIKO01", text=f"押された: {told}")
        return None


class Screen:
    """A terminal, its lines, and what is answered to its questions."""

    def __init__(self, url: str) -> None:
        self.lines: list[str] = []
        self.answer = "y"
        self.asked: list[str] = []
        self.terminal = Terminal(Driver(url), self.lines.append, self._ask)

    def _ask(self, question: str) -> str:
        self.asked.append(question)
        return self.answer

    def says(self, line: str) -> str:
        self.lines.clear()
        assert self.terminal.obey(line)
        return "\n".join(self.lines)


@pytest.fixture(scope="module")
def bot() -> Bot:
    return Bot()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, bot: Bot) -> Iterator[Workspace]:
    found = Workspace(Path(tmp_path_factory.mktemp("world")), rates=0)
    found.sandbox.start()
    with found.bot(bot) as tiny:
        bot.tiny = tiny
        found.ask("wait_connected")
        yield found
    found.sandbox.stop()


@pytest.fixture
def screen(workspace: Workspace, bot: Bot) -> Iterator[Screen]:
    bot.pressed.clear()
    yield Screen(workspace.sandbox.url)
    for user in ("alice", "bob"):
        if workspace.ask("modal", user=user):
            workspace.ask("close_modal", user=user)
    assert workspace.ask("violations") == []


def test_answer_is_read_with_its_buttons_numbered(screen: Screen) -> None:
    shown = screen.says("/zaiko mug")
    assert "mug は 12 点" in shown
    assert "(only you see this)" in shown
    for line in ("  (1) 確認した", "  (2) 止める", "  (3) 知らせない: 30分", "  (4) 知らせない: 2時間"):
        assert line in screen.lines


def test_button_is_pressed_by_its_number(screen: Screen) -> None:
    screen.says("/zaiko mug")
    assert "押された: press" in screen.says("1")


def test_entry_of_a_menu_is_chosen_by_its_number(screen: Screen) -> None:
    screen.says("/zaiko mug")
    assert "押された: 2時間" in screen.says("4")


def test_dangerous_button_asks_before_it_is_pressed(screen: Screen, bot: Bot) -> None:
    screen.says("/zaiko mug")
    screen.answer = "n"
    screen.says("2")
    assert bot.pressed == []
    assert "全モール" in screen.asked[0]
    screen.answer = "y"
    assert "押された: stop" in screen.says("2")


def test_form_is_filled_in_and_shows_what_was_wrong(screen: Screen) -> None:
    assert "ライセンスキー" in screen.says("/zaiko form")
    screen.says("ライセンスキー = bad")
    assert "別の店舗の鍵です" in screen.says("submit")
    screen.says("ライセンスキー = good")
    assert "鍵を預かりました" in screen.says("submit")


def test_somebody_else_does_not_see_what_is_for_one_alone(screen: Screen) -> None:
    screen.says("/zaiko mug")
    assert "mug は 12 点" not in screen.says("as bob")
    assert screen.terminal.user == "bob"


def test_what_is_not_there_is_told_and_the_terminal_goes_on(screen: Screen) -> None:
    assert "no user 'nobody'" in screen.says("as nobody")
    assert screen.terminal.user == "alice"
    assert "no button 9" in screen.says("9")
    assert "有効なコマンドではありません" in screen.says("/nothing")
    assert "no modal is open" in screen.says("submit")
    assert "press that button" in screen.says("help")
    assert not screen.terminal.obey("quit")


def test_command_reads_its_lines_from_a_pipe_and_ends_with_them(workspace: Workspace) -> None:
    typed = "/zaiko mug\n1\nas bob\nlook\n"
    command = [
        sys.executable,
        "-m",
        "bot.cli",
        "sandbox",
        "terminal",
        workspace.sandbox.url,
        "--user",
        "alice",
    ]
    done = subprocess.run(command, input=typed, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "  (1) 確認した" in done.stdout
    assert "押された: press" in done.stdout
    assert done.stdout.rstrip().endswith("bob>")
