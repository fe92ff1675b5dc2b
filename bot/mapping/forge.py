"""Pull requests, their comments and statuses, by GitHub's REST calls (``X-GitHub-Api-Version`` 2022-11-28).

GitHub Enterprise speaks them under ``https://host/api/v3``, github.com under ``https://api.github.com``.
Every address is built here and none is taken from an answer: the token goes to the one host that is set.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

from adapters.clock import SystemClock
from adapters.contract import Clock
from adapters.errors import AuthError, ConfigError, MallError, RateLimitedError
from adapters.http import HttpSession, Reply, Request, retry_after_s
from adapters.secret import Secret
from bot.mapping.repo import RemoteError, RemoteFault

MAX_BODY = 65_536
MAX_TITLE = 256
MAX_DESCRIPTION = 140
STATES = ("pending", "success", "failure", "error")

_BASE = re.compile(r"https://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_PAGE = 100  # most that GitHub gives at once
_MAX_PAGES = 100
_LIMITED_S = 60.0  # what GitHub asks for where it names no time
_CUT = "…"
_TOKEN_HINT = (
    "give a token that may write contents, pull requests and commit statuses of this repository: "
    "TANABAN_FORGE_TOKEN, or 'tanaban credentials set forge token'"
)


class ForgeError(RemoteError):
    """The forge did not do what was asked; ``status`` is 0 where it did not answer."""

    def __init__(self, detail: str, status: int = 0) -> None:
        super().__init__(RemoteFault.UNREACHABLE, detail)
        self.args = (f"forge: {detail}",)
        self.status = status


@dataclass(frozen=True)
class PullRequest:
    """A pull request. ``state`` is open or closed; ``head_branch`` may be of another's copy."""

    number: int
    title: str
    head_branch: str
    head_commit: str
    base: str
    author: str
    url: str
    state: str
    merged: bool


@dataclass(frozen=True)
class Comment:
    """What somebody wrote under a pull request."""

    id: int
    author: str
    body: str


class Forge:
    """The pull requests of one repository. A call that waits is ended by ``close`` from another thread.

    Every method raises AuthError (a person must act), RateLimitedError (``retry_after_s``; until
    then no call leaves here) or ForgeError, a RemoteError (later).

    Args:
        repository: ``owner/name``.
        ca_file: the authority that signed the forge's certificate, if it is one of your own.
    Attributes:
        heard: told of each call whether the forge knew the token: its words where not, else "".
    Raises:
        ConfigError: the address or the repository's name has a form that is not used.
    Source: GitHub REST API, pages "Pull requests", "Issue comments", "Commit statuses", "Commits",
        "Rate limits for the REST API".
    """

    def __init__(
        self,
        base_url: str,
        repository: str,
        token: Secret,
        *,
        ca_file: Path | None = None,
        timeout_s: float = 30,
        clock: Clock | None = None,
    ) -> None:
        if not _BASE.fullmatch(base_url):
            raise ConfigError("forge.api must be https://, with no key in it, e.g. https://api.github.com")
        if not _REPOSITORY.fullmatch(repository):
            raise ConfigError("forge.repository must be owner/name")
        self._repository = repository
        self._base = base_url.rstrip("/")
        self._token = token
        self._clock: Clock = clock or SystemClock()
        self._closed_until = 0.0
        self.heard: Callable[[str], None] = lambda _refusal: None
        self._session = HttpSession(
            self._clock,
            ca_file=str(ca_file) if ca_file else "",
            connect_s=min(10.0, timeout_s),
            read_s=timeout_s,
            total_s=2 * timeout_s,
            env_proxies=True,
        )

    def close(self) -> None:
        """End every connection, and every call that waits for an answer."""
        self._session.close()

    def me(self) -> str:
        """Give the login that the token belongs to."""
        return _text(self._call("GET", "/user"), "login")

    # ------------------------------------------------------------------ pull requests

    def open_requests(self) -> list[PullRequest]:
        """Give every open pull request, those from copies of the repository too."""
        return list(map(_request, self._listed(self._path("pulls"), {"state": "open"})))

    def request(self, number: int) -> PullRequest:
        """Give one pull request."""
        return _request(self._call("GET", self._path("pulls", number)))

    def find_request(self, branch: str) -> PullRequest | None:
        """Give the open pull request of a branch of this repository; None if there is none."""
        asked = {"state": "open", "head": f"{self._repository.partition('/')[0]}:{branch}"}
        found = map(_request, self._listed(self._path("pulls"), asked))
        # A forge that does not know the filter gives all there are.
        return next((request for request in found if request.head_branch == branch), None)

    def open_request(self, branch: str, base: str, title: str, body: str) -> PullRequest:
        """Open a pull request; where one is open for the branch, that one gets title and body."""
        wanted = {"title": _fit(title, MAX_TITLE), "body": _fit(body, MAX_BODY), "head": branch, "base": base}
        try:
            return _request(self._call("POST", self._path("pulls"), wanted))
        except ForgeError as error:
            found = self.find_request(branch) if error.status == 422 else None
            if found is None:
                raise
            return self.update_request(found.number, title, body)

    def update_request(self, number: int, title: str, body: str) -> PullRequest:
        """Give a pull request another title and body."""
        wanted = {"title": _fit(title, MAX_TITLE), "body": _fit(body, MAX_BODY)}
        return _request(self._call("PATCH", self._path("pulls", number), wanted))

    def request_of_commit(self, sha: str) -> PullRequest | None:
        """Give the pull request whose merge made a commit; None if none of the latest 100 did."""
        asked = {"state": "closed", "sort": "updated", "direction": "desc"}
        wanted, pages = _commit(sha), self._pages(self._path("pulls"), asked)
        rows = (raw for raw in next(pages, []) if raw.get("merge_commit_sha") == wanted)
        return next((request for request in map(_request, rows) if request.merged), None)

    # ------------------------------------------------------------------ what is said of them

    def comments(self, number: int) -> list[Comment]:
        """Give the comments of a pull request, the oldest first."""
        return list(map(_comment, self._listed(self._path("issues", number, "comments"), {})))

    def comment(self, number: int, body: str) -> Comment:
        """Write a comment; one that is too long is cut."""
        path = self._path("issues", number, "comments")
        return _comment(self._call("POST", path, {"body": _fit(body, MAX_BODY)}))

    def edit_comment(self, id: int, body: str) -> Comment:  # noqa: A002
        """Put another text in the place of a comment's."""
        path = self._path("issues", "comments", id)
        return _comment(self._call("PATCH", path, {"body": _fit(body, MAX_BODY)}))

    def set_status(
        self, commit: str, state: str, description: str, context: str, target_url: str = ""
    ) -> None:
        """Set what stands beside a commit under ``context``."""
        if state not in STATES:
            raise ValueError(f"no status {state!r}; known: {', '.join(STATES)}")
        wanted = {"state": state, "description": _fit(description, MAX_DESCRIPTION), "context": context}
        if target_url:
            wanted["target_url"] = target_url
        self._call("POST", self._path("statuses", _commit(commit)), wanted)

    # ------------------------------------------------------------------ the wire

    def _path(self, *parts: str | int) -> str:
        return "/".join((f"/repos/{self._repository}", *(quote(str(part), safe="") for part in parts)))

    def _listed(self, path: str, asked: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        return chain.from_iterable(self._pages(path, asked))

    def _pages(self, path: str, asked: Mapping[str, str]) -> Iterator[list[dict[str, Any]]]:
        for page in range(1, _MAX_PAGES + 1):
            reply = self._send("GET", path, None, {**asked, "per_page": str(_PAGE), "page": str(page)})
            rows = _json(reply)
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise ForgeError(f"GET {path}: the answer is no list of objects", reply.status)
            yield rows
            if 'rel="next"' not in reply.headers.get("Link", ""):
                return

    def _call(self, method: str, path: str, content: Mapping[str, str] | None = None) -> dict[str, Any]:
        reply = self._send(method, path, content, {})
        found = _json(reply)
        if not isinstance(found, dict):
            raise ForgeError(f"{method} {path}: no object", reply.status)
        return found

    def _send(
        self, method: str, path: str, content: Mapping[str, str] | None, params: Mapping[str, str]
    ) -> Reply:
        function = f"{method} {path}"
        self._refuse_early(function)
        headers = {
            "Authorization": f"Bearer {self._token.reveal()}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "tanaban",
        }
        body = None if content is None else json.dumps(content).encode()
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = Request(function, method, self._base + path, method != "GET", headers, params, body)
        try:
            reply = self._session.send(request)
        except MallError as error:  # its text names the host and the function, never the token
            raise ForgeError(str(error)) from error
        if reply.status == 401:
            self.heard(_told(reply))
        if reply.status // 100 != 2:
            raise self._refusal(function, reply)
        self.heard("")
        return reply

    def _refuse_early(self, function: str) -> None:
        left_s = self._closed_until - self._clock.monotonic()
        if left_s > 0:
            raise RateLimitedError("the forge asked to wait", retry_after_s=left_s, operation=function)

    def _refusal(self, function: str, reply: Reply) -> AuthError | RateLimitedError | ForgeError:
        told = f"{function}: {reply.status} {_told(reply)}"
        wait_s = self._wait_s(reply)
        if wait_s is not None:
            self._closed_until = self._clock.monotonic() + wait_s
            return RateLimitedError(told, retry_after_s=wait_s, operation=function)
        if reply.status in (401, 403):
            return AuthError(f"{told}; {_TOKEN_HINT}", operation=function, vendor_code=str(reply.status))
        if reply.status == 404:
            told += f"; if it is there, the token may not see it: {_TOKEN_HINT}"
        elif reply.status // 100 == 3:
            told += "; if the repository was renamed, put its new name into forge.repository"
        return ForgeError(told, reply.status)

    def _wait_s(self, reply: Reply) -> float | None:
        """Give how long the forge asks to be left alone; None where it does not."""
        if reply.status not in (403, 429):
            return None
        named_s = retry_after_s(reply.headers, self._clock.now())
        if named_s is not None:
            return named_s
        reset = reply.headers.get("X-RateLimit-Reset", "")
        if reply.headers.get("X-RateLimit-Remaining") == "0" and re.fullmatch(r"[0-9]{1,12}", reset):
            return max(1.0, int(reset) - self._clock.now().timestamp())
        limited = reply.status == 429 or "rate limit" in _told(reply).lower()
        return _LIMITED_S if limited else None


def _fit(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - len(_CUT)] + _CUT


def _commit(sha: str) -> str:
    if not _COMMIT.fullmatch(sha):
        raise ValueError("a commit id has a form that is not used")
    return sha


def _json(reply: Reply) -> Any:
    try:
        return json.loads(reply.body)
    except ValueError:
        raise ForgeError("the answer is no JSON", reply.status) from None


def _told(reply: Reply) -> str:
    """Give the forge's own words for a refusal, for a log: printable and short."""
    try:
        found = json.loads(reply.body)
    except ValueError:
        return "(no JSON)"
    if not isinstance(found, dict):
        return "(no object)"
    errors = found.get("errors")
    rows = errors if isinstance(errors, list) else []
    details = [error.get("message") for error in rows if isinstance(error, dict)]
    words = " / ".join(str(word) for word in (found.get("message"), *details) if word)
    return "".join(char for char in words if char.isprintable())[:300]


def _text(raw: Mapping[str, Any], *names: str) -> str:
    """Give a text some steps down; the account of a deleted person is null."""
    found: Any = raw
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def _number(raw: Mapping[str, Any], name: str) -> int:
    found = raw.get(name)
    if not isinstance(found, int):
        raise ForgeError(f"an answer of the forge has no {name}")
    return found


def _request(raw: Mapping[str, Any]) -> PullRequest:
    return PullRequest(
        number=_number(raw, "number"),
        title=_text(raw, "title"),
        head_branch=_text(raw, "head", "ref"),
        head_commit=_text(raw, "head", "sha"),
        base=_text(raw, "base", "ref"),
        author=_text(raw, "user", "login"),
        url=_text(raw, "html_url"),
        state=_text(raw, "state"),
        merged=bool(raw.get("merged") or raw.get("merged_at")),  # a list gives the time alone
    )


def _comment(raw: Mapping[str, Any]) -> Comment:
    return Comment(_number(raw, "id"), _text(raw, "user", "login"), _text(raw, "body"))
