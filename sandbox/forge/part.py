"""The merchant's forge: the mapping repository over smart HTTP, and pull requests over REST, with TLS.

git speaks for the repository itself; what a forge adds to it follows GitHub's REST interface.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.forge.accounts import Account, Accounts, basic_credentials
from sandbox.forge.api import Api
from sandbox.forge.comments import CommentCalls
from sandbox.forge.desk import Desk
from sandbox.forge.faults import API, Fault, Faults
from sandbox.forge.hands import Hands
from sandbox.forge.places import PlaceCalls
from sandbox.forge.pulls import PullCalls
from sandbox.forge.rates import Rates
from sandbox.forge.reading import brought
from sandbox.forge.repository import BRANCH, ForgeRepository
from sandbox.forge.shapes import Shapes
from sandbox.forge.smart_http import SmartHttp
from sandbox.forge.statuses import StatusCalls
from sandbox.web import WebHost
from sandbox.world import World, call_verb

_NAME = "mappings"
_FOLDER = f"{_NAME}.git"
_KEPT = 20_000  # requests that ``seen`` and ``journal`` look back on
_MAX_BODY = 64 * 1024 * 1024
_OUTAGE = (
    "<!DOCTYPE html><html><head><title>Unicorn!</title></head><body>No server is available.</body></html>"
)

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
HANDS = [
    {"title": "止まる", "verb": "fault", "arguments": {"name": "outage"}},
    {"title": "回数の上限", "verb": "fault", "arguments": {"name": "limit"}},
    {"title": "トークンを断る", "verb": "fault", "arguments": {"name": "bad_credentials"}},
]


class Forge(Hands):
    """A git forge with one repository.

    Args:
        files: what the repository starts with, path -> text.
        token: what a reader must show; None lets everybody read.
        write_token: what one who pushes and opens pull requests must show.
        owner: whose repository it is.
        login: the account behind ``write_token``.
        protected: whether ``main`` changes through pull requests only.
        rate_limit: REST calls in an hour, for each account.
    """

    name = "forge"

    def __init__(
        self,
        world: World,
        web: WebHost,
        *,
        files: dict[str, str] | None = None,
        token: str | None = "forge-sandbox-token",  # noqa: S107
        write_token: str = "forge-sandbox-write-token",  # noqa: S107
        owner: str = "merchant",
        login: str = "tanaban-bot",
        protected: bool = True,
        rate_limit: int = 5000,
    ) -> None:
        self._world = world
        self._web = web
        self._files = DEFAULT_FILES if files is None else files
        self._token, self._write_token = token, write_token
        self._owner, self._login, self._protected = owner, login, protected
        self._root = world.folder / "forge"
        self._repository = ForgeRepository(self._root / _FOLDER)
        self._desk = Desk(self._repository, world.clock, owner, protected=protected)
        self._faults = Faults(world.clock)
        self._rates = Rates(rate_limit, world.clock)
        self._port = 0
        # Not the world's lock: git takes a while, and nobody else touches this repository.
        self._lock = threading.RLock()
        self._received: deque[str] = deque(maxlen=_KEPT)
        self._journal: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self._violations: list[str] = []

    def start(self) -> None:
        """Make the repository and open the port."""
        if not self._repository.folder.exists():
            self._repository.create()
            self._commit(self._files, "最初のマッピング", author="alice")
        self._repository.guard(protected=self._protected)
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_route("*", "/{tail:.*}", self._on_request)
        self._port = self._web.serve(app)
        self._open_desks()

    def _open_desks(self) -> None:
        tokens = {self._write_token: Account(self._login, may_write=True)}
        if self._token is not None:
            tokens[self._token] = Account(f"{self._login}-reader", may_write=False)
        accounts = Accounts(tokens, is_open=self._token is None)
        shapes = Shapes(f"https://127.0.0.1:{self._port}", self._owner, _NAME)
        pages = (
            PlaceCalls(self._desk, shapes, self._world.clock.now()),
            PullCalls(self._desk, shapes),
            CommentCalls(self._desk, shapes),
            StatusCalls(self._desk, shapes),
        )
        routes = [route for page in pages for route in page.routes()]
        notify, clock = self._world.notify, self._world.clock
        self._api = Api(routes, shapes, accounts, self._rates, clock, lock=self._lock, changed=notify)
        names = (_FOLDER, f"{self._owner}/{_FOLDER}", f"{self._owner}/{_NAME}")
        self._git = SmartHttp(
            self._root, _FOLDER, names, accounts, push=self._push, violations=self._violations
        )

    def stop(self) -> None:
        """Let held answers go."""
        self._faults.clear()

    def addresses(self) -> dict[str, Any]:
        """Give the address to clone from, the branch, the tokens, the base of REST and the repository."""
        origin = f"https://127.0.0.1:{self._port}"
        return {
            "url": f"{origin}/{_FOLDER}",
            "branch": BRANCH,
            "token": self._token,
            "clone_url": f"{origin}/{self._owner}/{_FOLDER}",
            "api": f"{origin}{API}",
            "repository": f"{self._owner}/{_NAME}",
            "write_token": self._write_token,
            "login": self._login,
        }

    def control(self, verb: str, arguments: dict[str, Any]) -> Any:
        """Do what the one who keeps the codes would do; see the ``do_`` methods here and in ``Hands``."""
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

    def do_file(self, path: str, branch: str = BRANCH) -> str:
        """Give a file of a branch."""
        return self._repository.text(path, branch)

    def do_log(self, branch: str = BRANCH) -> list[dict[str, Any]]:
        """Give the commits of a branch, newest first."""
        return self._repository.log(branch)

    def do_fault(self, name: str, **details: Any) -> None:
        """Begin a fault; names and their meanings: ``faults.KINDS``, details: ``Faults.switch_on``."""
        self._faults.switch_on(name, **details)

    def do_clear_faults(self) -> None:
        """Be well again; held answers go out."""
        self._faults.clear()

    def do_view(self) -> dict[str, Any]:
        """Give what the page shows."""
        return {
            "title": "マッピングの Git",
            "log": self._repository.log(),
            **self._shown_pulls(),
            "faults": self._faults.names(),
            "hands": HANDS,
        }

    def do_seen(self, text: str) -> bool:
        """Say whether this text was in any request; of a push, in what its commits say and change."""
        return any(text in request for request in list(self._received))

    def do_journal(self) -> list[dict[str, Any]]:
        """Give every request: time, function, outcome."""
        return list(self._journal)

    def do_violations(self) -> list[str]:
        """Give what a reader of the repository must not do and did."""
        return list(self._violations)

    def _commit(self, files: Any, message: str, *, author: str, **details: Any) -> dict[str, str]:
        with self._lock:
            now = self._world.clock.now()
            commit = self._repository.commit(files, message, author=author, at=now, **details)
            self._desk.follow(author)
        self._world.notify()
        return {"commit": commit}

    # ----------------------------------------------------------------- the wire

    async def _on_request(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        credentials = basic_credentials(request.headers.get("Authorization", ""))
        head = f"{request.raw_path}\n{request.path_qs}\n{dict(request.headers)}\n{credentials}"
        self._received.append(f"{head}\n{body!r}\n{_readable(body)}")
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
        fault = self._faults.meet(request.method, request.path)
        kind = fault.name if fault else ""
        while fault and kind == "hang" and self._faults.holds(fault):
            await asyncio.sleep(0.05)
        if kind == "outage":
            return web.Response(status=503, text=_OUTAGE, content_type="text/html")
        answer = web.Response(status=503)
        if kind != "down":
            answer = await asyncio.to_thread(self._ask, request, body, credentials, fault)
        if kind in ("down", "lost") and request.transport is not None:
            request.transport.abort()
        return answer

    def _ask(self, request: web.Request, body: bytes, credentials: str, fault: Fault | None) -> web.Response:
        refuse = fault is not None and fault.name == "bad_credentials"
        if request.path.startswith(API):
            answer = self._api.answer(request, body, fault)
            if answer.status == 401 and "Authorization" in request.headers and not refuse:
                self._violations.append("a call of the REST interface came with a wrong token")
            return answer
        return self._git.answer(request, body, credentials, refuse=refuse)

    def _push(self, account: Account, work: Callable[[], web.Response]) -> web.Response:
        with self._lock:
            before = set(self._repository.branches().values())
            answer = work()
            after = set(self._repository.branches().values())
            self._received.extend(brought(self._repository, commit, before) for commit in after - before)
            self._desk.follow(account.login)
        self._world.notify()
        return answer


def _readable(body: bytes) -> str:
    """Give a JSON body with its escapes undone, so that ``seen`` finds what it says."""
    try:
        found = json.loads(body) if body.lstrip()[:1] in (b"{", b"[") else None
    except ValueError:
        return body.decode("utf-8", "replace")
    return "\n".join(_texts(found))


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for each in pair for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []
