"""Puts the parts together: one process, loopback only, one control port for people and tests.

``POST /control/{part}/{verb}`` with a JSON object answers ``{"ok": true, "result": ...}`` or
``{"ok": false, "error": "..."}``. ``GET /`` is the page of the workspace and the malls.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.page import add_page
from sandbox.web import WebHost
from sandbox.world import ControlError, Part, World


class Sandbox:
    """The running world. Use as a context manager, or ``start`` and ``stop``."""

    def __init__(self, world: World, parts: Sequence[Part], web_host: WebHost) -> None:
        self.world = world
        self.parts = {part.name: part for part in parts}
        self._web = web_host
        self.page_port = 0

    def start(self) -> Sandbox:
        """Start all parts and the control port, and write ``sandbox.json`` beside the CA file."""
        self._web.start()
        for part in self.parts.values():
            part.start()
        app = web.Application()
        app.router.add_post("/control/{part}/{verb}", self._on_control)
        add_page(app, self.world, self.parts)
        self.page_port = self._web.serve(app, tls=False)
        text = json.dumps(self.addresses(), indent=1, ensure_ascii=False)
        (self.world.folder / "sandbox.json").write_text(text, encoding="utf-8")
        return self

    def stop(self) -> None:
        """Close every port."""
        for part in reversed(self.parts.values()):
            part.stop()
        self._web.stop()

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Address of the page and of the control port."""
        return f"http://127.0.0.1:{self.page_port}"

    def addresses(self) -> dict[str, Any]:
        """Give everything a bot's operator needs, by part."""
        found = {name: part.addresses() for name, part in self.parts.items()}
        return {"page": self.url, "ca_file": str(self.world.ca_file), **found}

    def control(self, part: str, verb: str, arguments: dict[str, Any]) -> Any:
        """Ask a part for something: what the control port does, without the wire."""
        if part == "world" and verb == "advance":
            self.world.clock.advance(float(arguments["seconds"]))
            return None
        if part == "world" and verb == "batch":
            return [
                self.control(call["part"], call["verb"], call["arguments"]) for call in arguments["calls"]
            ]
        if part not in self.parts:
            raise ControlError(f"unknown part {part!r}; known: world, {', '.join(self.parts)}")
        return self.parts[part].control(verb, arguments)

    async def _on_control(self, request: web.Request) -> web.Response:
        # Verbs may wait (a driver waiting for a message), so they run beside the loop.
        arguments = await request.json() if request.can_read_body else {}
        part, verb = request.match_info["part"], request.match_info["verb"]
        try:
            result = await asyncio.to_thread(self.control, part, verb, arguments)
        except ControlError as error:
            return web.json_response({"ok": False, "error": str(error)}, status=400)
        return web.json_response({"ok": True, "result": result})


def build(folder: Path, settings: dict[str, dict[str, Any]] | None = None) -> Sandbox:
    """Make the standard sandbox (not started): eight malls, a Slack workspace, a git forge, a script.

    Args:
        folder: where it keeps its CA, repository and addresses; made if absent.
        settings: per part, keyword settings that override its defaults (delays, strictness).
    """
    chosen = settings or {}
    world = World(folder)
    host = WebHost(world)
    parts: list[Part] = []
    for name, (module, kind) in PARTS.items():
        make = getattr(import_module(f"sandbox.{module}"), kind)
        parts.append(make(world, host, **chosen.get(name, {})))
    return Sandbox(world, parts, host)


PARTS: dict[str, tuple[str, str]] = {
    "rakuten": ("malls.rakuten.part", "RakutenMall"),
    "yahoo": ("malls.yahoo.part", "YahooMall"),
    "amazon": ("malls.amazon.part", "AmazonMall"),
    "futureshop": ("malls.futureshop.part", "FutureshopMall"),
    "qoo10": ("malls.qoo10.part", "Qoo10Mall"),
    "yahuoku": ("malls.yahuoku.part", "YahuokuMall"),
    "ponpare": ("malls.ponpare.part", "PonpareMall"),
    "roomclip": ("malls.roomclip.part", "RoomclipMall"),
    "slack": ("slack.part", "SlackWorkspace"),
    "forge": ("forge.part", "Forge"),
    "script": ("rehearsals.script", "Script"),
}
"""Part name -> its module and class, in the order of the page; a part is imported when it is made."""
