"""The sandbox in a browser: the workspace on the left, forge and malls on the right. No build step."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.world import ControlError, Part, World

FOLDER = Path(__file__).parent
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
# Nothing but the page's own files is ever loaded.
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:",
    "Cache-Control": "no-store",
}
DEFAULT_USER = "alice"


def add_page(app: web.Application, world: World, parts: Mapping[str, Part]) -> None:
    """Add ``GET /``, its files and ``GET /page/state?user=…`` to the control port's application."""

    async def on_index(_request: web.Request) -> web.StreamResponse:
        return _file("index.html")

    async def on_file(request: web.Request) -> web.StreamResponse:
        return _file(request.match_info["name"])

    async def on_state(request: web.Request) -> web.Response:
        user = request.query.get("user", DEFAULT_USER)
        state = await asyncio.to_thread(page_state, world, parts, user)
        return web.json_response(state, headers=HEADERS)

    app.router.add_get("/", on_index)
    app.router.add_get("/page/state", on_state)
    app.router.add_get("/page/{name}", on_file)


def _file(name: str) -> web.Response:
    path = FOLDER / Path(name).name
    if path.suffix not in KINDS or not path.is_file():
        raise web.HTTPNotFound
    text = path.read_text(encoding="utf-8")
    return web.Response(text=text, content_type=KINDS[path.suffix], charset="utf-8", headers=HEADERS)


def page_state(world: World, parts: Mapping[str, Part], user: str) -> dict[str, Any]:
    """Ask every part what the page shows of it.

    Returns:
        ``slack`` (the workspace as ``user`` sees it, or null), ``malls`` (every other part whose
        view has stock, with ``part``, and ``files`` where it has an area), ``forge`` and ``script`` (or
        null), ``time``.
    """
    views = {
        name: _ask(part, "view", {"user": user} if name == "slack" else {}) for name, part in parts.items()
    }
    malls = [
        {"part": name, **view, "files": _ask(parts[name], "area", {}) or {}}
        for name, view in views.items()
        if view and "stock" in view
    ]
    return {
        "slack": views.get("slack"),
        "malls": malls,
        "forge": views.get("forge"),
        "script": views.get("script"),
        "time": world.clock.now().isoformat(timespec="seconds"),
    }


def _ask(part: Part, verb: str, arguments: dict[str, Any]) -> Any:
    # A part without a page, or without an area of files, says so by refusing.
    try:
        return part.control(verb, arguments)
    except ControlError:
        return None
