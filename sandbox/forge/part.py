"""Serves the mapping repository over smart HTTP and TLS, to readers with a token.

Source: git's own ``git http-backend`` answers; gitprotocol-http describes the wire.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import subprocess
import threading
from collections import deque
from typing import Any

from aiohttp import web

from sandbox.forge.repository import BRANCH, ForgeRepository, environment
from sandbox.web import WebHost
from sandbox.world import ControlError, World, call_verb

_NAME = "mappings.git"
_USER = "x-access-token"
_KEPT = 20_000  # requests that ``seen`` and ``journal`` look back on
_MAX_BODY = 64 * 1024 * 1024
_READS = {
    ("GET", f"/{_NAME}/info/refs"),
    ("POST", f"/{_NAME}/git-upload-pack"),
}
_FAULTS = ("down", "hang")

DEFAULT_FILES = {
    "mappings.yaml": """\
version: 1
shops:
  rakuten-main: {mall: rakuten, orders: api}
  roomclip-main: {mall: roomclip, mode: via_tempostar, orders: api}
products:
  - code: mug
    name: マグカップ
""",
    "team.yaml": """\
version: 1
roles: {admin: [U0ALICE01], operator: [U0BOB0001], reader: [U0CAROL01]}
channels: {ops: C0ZAIKO01}
language: ja
""",
}


class Forge:
    """A git forge with one repository.

    Args:
        files: what the repository starts with, path -> text.
        token: what a reader must show; None lets everybody read.
    """

    name = "forge"

    def __init__(
        self,
        world: World,
        web: WebHost,
        *,
        files: dict[str, str] | None = None,
        token: str | None = "forge-sandbox-token",  # noqa: S107
    ) -> None:
        self._world = world
        self._web = web
        self._files = DEFAULT_FILES if files is None else files
        self._token = token
        self._root = world.folder / "forge"
        self._repository = ForgeRepository(self._root / _NAME)
        self._backend = ""
        self._port = 0
        self._fault = ""
        self._lock = threading.Lock()
        self._received: deque[str] = deque(maxlen=_KEPT)
        self._journal: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self._violations: list[str] = []

    def start(self) -> None:
        """Make the repository and open the port."""
        found = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True)  # noqa: S607
        self._backend = f"{found.stdout.strip()}/git-http-backend"
        if not self._repository.folder.exists():
            self._repository.create()
            self._commit(self._files, "最初のマッピング", author="alice")
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_route("*", "/{tail:.*}", self._on_request)
        self._port = self._web.serve(app)

    def stop(self) -> None:
        """Let held answers go."""
        self._fault = ""

    def addresses(self) -> dict[str, Any]:
        """Give the address to clone from, the branch and the token."""
        url = f"https://127.0.0.1:{self._port}/{_NAME}"
        return {"url": url, "branch": BRANCH, "token": self._token}

    def control(self, verb: str, arguments: dict[str, Any]) -> Any:
        """Do what the one who keeps the codes would do; see the ``do_`` methods."""
        return call_verb(self, verb, arguments)

    # ----------------------------------------------------------------- verbs

    def do_commit(
        self,
        files: dict[str, str | None],
        message: str = "マッピングの変更",
        author: str = "alice",
        links: dict[str, str] | None = None,
    ) -> dict[str, str]:
        """Merge a change into ``main``; ``links`` makes symbolic links (path -> target)."""
        return self._commit(files, message, author=author, links=links)

    def do_force_push(
        self, files: dict[str, str | None], message: str = "書き直し", author: str = "alice"
    ) -> dict[str, str]:
        """Replace the whole history by one commit: the present files with these changes."""
        kept: dict[str, str | None] = {path: self._repository.text(path) for path in self._repository.paths()}
        return self._commit(
            {path: text for path, text in {**kept, **files}.items() if text is not None},
            message,
            author=author,
            onto=None,
        )

    def do_file(self, path: str) -> str:
        """Give a file of ``main``."""
        return self._repository.text(path)

    def do_log(self) -> list[dict[str, Any]]:
        """Give the commits of ``main``, newest first."""
        return self._repository.log()

    def do_fault(self, name: str) -> None:
        """Be away: ``down`` cuts each connection, ``hang`` never answers."""
        if name not in _FAULTS:
            raise ControlError(f"unknown fault {name!r}; known: {', '.join(_FAULTS)}")
        self._fault = name

    def do_clear_faults(self) -> None:
        """Be well again; held answers go out."""
        self._fault = ""

    def do_view(self) -> dict[str, Any]:
        """Give what the page shows."""
        return {"title": "マッピングの Git", "log": self._repository.log(), "faults": list(_FAULTS)}

    def do_seen(self, text: str) -> bool:
        """Say whether this text was in any request."""
        return any(text in request for request in self._received)

    def do_journal(self) -> list[dict[str, Any]]:
        """Give every request: time, function, outcome."""
        return list(self._journal)

    def do_violations(self) -> list[str]:
        """Give what a reader of the repository must not do and did."""
        return list(self._violations)

    def _commit(self, files: Any, message: str, **details: Any) -> dict[str, str]:
        # Not the world's lock: git takes a while, and nobody else touches this repository.
        with self._lock:
            commit = self._repository.commit(files, message, at=self._world.clock.now(), **details)
        self._world.notify()
        return {"commit": commit}

    # ----------------------------------------------------------------- the wire

    async def _on_request(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        credentials = _credentials(request)
        self._received.append(f"{request.raw_path}\n{dict(request.headers)}\n{credentials}\n{body!r}")
        answer = await self._answer(request, body, credentials)
        self._journal.append(
            {
                "at": self._world.clock.now().isoformat(),
                "function": f"{request.method} {request.path}",
                "status": answer.status,
            }
        )
        return answer

    async def _answer(self, request: web.Request, body: bytes, credentials: str) -> web.StreamResponse:
        while self._fault == "hang":
            await asyncio.sleep(0.05)
        if self._fault == "down" and request.transport is not None:
            request.transport.abort()
            return web.Response(status=503)
        if self._token is not None and not hmac.compare_digest(credentials, f"{_USER}:{self._token}"):
            if credentials:
                self._violations.append("a reader came with a wrong token")
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="forge"'})
        if (request.method, request.path) not in _READS or request.query.get("service") == "git-receive-pack":
            self._violations.append(f"{request.method} {request.path_qs}: not for readers")
            return web.Response(status=403)
        return await asyncio.to_thread(self._ask_git, request, body)

    def _ask_git(self, request: web.Request, body: bytes) -> web.Response:
        variables = {
            **environment(self._root),
            "GIT_PROJECT_ROOT": str(self._root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": request.method,
            "PATH_INFO": request.path,
            "QUERY_STRING": request.query_string,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),  # aiohttp has unpacked a gzipped body already
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(  # noqa: S603
            [self._backend], env=variables, input=body, capture_output=True, timeout=60, check=False
        )
        return _http_answer(done.stdout)


def _credentials(request: web.Request) -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _http_answer(output: bytes) -> web.Response:
    head, _, body = output.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    status = int(headers.pop("Status", "200").split()[0])
    headers.pop("Content-Length", None)
    return web.Response(status=status, headers=headers, body=body)
