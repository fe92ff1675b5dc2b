"""What the tests of the workspace stand on: a running workspace, block builders, waiting."""

from __future__ import annotations

import ssl
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.request import SocketModeRequest
from tiny_bot import TinyBot

from sandbox.server import Sandbox
from sandbox.slack.part import SlackWorkspace
from sandbox.web import WebHost
from sandbox.world import World

OPS = "C0ZAIKO01"
Handler = Callable[[SocketModeRequest], Any]


class Workspace:
    """A running workspace and the ways in: control verbs, the SDK's client, a bot on a socket."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.world = World(folder)
        host = WebHost(self.world)
        self.part = SlackWorkspace(self.world, host, **settings)
        self.sandbox = Sandbox(self.world, [self.part], host)
        self._context = ssl.create_default_context(cafile=str(self.world.ca_file))

    def client(self, token: str = "xoxb-sandbox-bot") -> WebClient:
        return WebClient(token, base_url=self.part.addresses()["api_url"], ssl=self._context)

    def bot(self, handler: Handler = lambda _request: None) -> TinyBot:
        return TinyBot(self.part.addresses(), str(self.world.ca_file), handler)

    def ask(self, verb: str, **arguments: Any) -> Any:
        return self.sandbox.control("slack", verb, arguments)


def refused(call: Callable[..., Any], **arguments: Any) -> SlackApiError:
    with pytest.raises(SlackApiError) as caught, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the SDK warns of messages without text, which we send on purpose
        call(**arguments)
    return caught.value


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(label: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(label), "action_id": "press", **more}


def field(label: str, block_id: str, **more: Any) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "value", **more}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element}


def modal(*blocks: Any, title: str = "更新", **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain(title), "submit": plain("保存"), "blocks": list(blocks), **more}


def reply(slack: Workspace, url: str, **content: Any) -> int:
    answer = requests.post(url, json=content, verify=str(slack.world.ca_file), timeout=5)
    return answer.status_code


def wait_until(condition: Callable[[], bool], within_s: float = 8) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
