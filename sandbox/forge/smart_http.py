"""git over HTTP: readers clone and fetch, writers push to branches that are not protected.

Source: git's own ``git http-backend`` answers; gitprotocol-http describes the wire.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from sandbox.forge.accounts import ANYBODY, Account, Accounts
from sandbox.forge.repository import environment

_READS = (("GET", "/info/refs"), ("POST", "/git-upload-pack"))
_WRITES = (("GET", "/info/refs"), ("POST", "/git-receive-pack"))
_PUSH = "git-receive-pack"


class SmartHttp:
    """Lets git answer for one repository.

    Args:
        root: the folder that the repository lies in.
        names: the paths below which it is reached.
        push: does the work it is given, for this account, as a push is done.
        violations: what readers must not do and did is written here.
    """

    def __init__(
        self,
        root: Path,
        folder_name: str,
        names: tuple[str, ...],
        accounts: Accounts,
        *,
        push: Callable[[Account, Callable[[], web.Response]], web.Response],
        violations: list[str],
    ) -> None:
        self._root = root
        self._folder_name = folder_name
        self._names = re.compile("/(?:" + "|".join(map(re.escape, names)) + r")(?=/)")
        self._accounts = accounts
        self._push = push
        self._violations = violations
        found = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True)  # noqa: S607
        self._backend = f"{found.stdout.strip()}/git-http-backend"

    def answer(self, request: web.Request, body: bytes, credentials: str, *, refuse: bool) -> web.Response:
        """Answer a request; ``refuse``: no token is good now."""
        account = None if refuse else self._accounts.by_basic(credentials)
        if account is None and self._accounts.is_open and not credentials:
            account = ANYBODY
        if account is None:
            if credentials and not refuse:
                self._violations.append("a reader came with a wrong token")
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="forge"'})
        writes = _PUSH in (request.query.get("service"), request.path.rpartition("/")[2])
        function = self._names.sub("", request.path, count=1)
        if function == request.path or (request.method, function) not in (_WRITES if writes else _READS):
            return self._refused(request)
        if writes and not account.may_write:
            return self._refused(request)
        if request.method == "POST" and writes:
            return self._push(account, lambda: self._ask_git(request, function, body, account))
        return self._ask_git(request, function, body, account)

    def _refused(self, request: web.Request) -> web.Response:
        self._violations.append(f"{request.method} {request.path_qs}: not for readers")
        return web.Response(status=403)

    def _ask_git(self, request: web.Request, function: str, body: bytes, account: Account) -> web.Response:
        variables = {
            **environment(self._root),
            "GIT_PROJECT_ROOT": str(self._root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": request.method,
            "PATH_INFO": f"/{self._folder_name}{function}",
            "QUERY_STRING": request.query_string,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),  # aiohttp has unpacked a gzipped body already
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
            **({"REMOTE_USER": account.login} if account.may_write else {}),  # git lets nobody else push
        }
        done = subprocess.run(  # noqa: S603
            [self._backend], env=variables, input=body, capture_output=True, timeout=60, check=False
        )
        return _http_answer(done.stdout)


def _http_answer(output: bytes) -> web.Response:
    head, _, body = output.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    status = int(headers.pop("Status", "200").split()[0])
    headers.pop("Content-Length", None)
    return web.Response(status=status, headers=headers, body=body)
