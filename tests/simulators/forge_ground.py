"""A forge with its users: one with git, one with the REST interface."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from sandbox.forge.part import Forge
from sandbox.web import WebHost
from sandbox.world import World

READ, WRITE = "forge-sandbox-token", "forge-sandbox-write-token"


class Hand:
    """Someone with git and, if they have it, the token."""

    def __init__(self, forge: Forge, world: World, folder: Path) -> None:
        self._folder = folder
        self._world = world
        self.url = forge.addresses()["url"]

    def git(self, *arguments: str, token: str | None) -> subprocess.CompletedProcess[str]:
        url = self.url if token is None else self.url.replace("://", f"://x-access-token:{token}@")
        words = [url if word == "URL" else word for word in arguments]
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "GIT_SSL_CAINFO": str(self._world.ca_file),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "bot",
            "GIT_AUTHOR_EMAIL": "bot@sandbox.invalid",
            "GIT_COMMITTER_NAME": "bot",
            "GIT_COMMITTER_EMAIL": "bot@sandbox.invalid",
        }
        return subprocess.run(
            ["git", *words], cwd=self._folder, env=environment, capture_output=True, text=True, timeout=20
        )


class Ground:
    """A running forge, its control verbs, and a REST client that shows a token."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.world = World(folder / "world")
        self._host = WebHost(self.world)
        self._settings = settings
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy and no certificates of the machine
        self.session.verify = str(self.world.ca_file)

    @contextmanager
    def running(self) -> Iterator[Ground]:
        self._host.start()
        self.forge = Forge(self.world, self._host, **self._settings)
        self.forge.start()
        self.repository = f"{self.forge.addresses()['api']}/repos/merchant/mappings"
        self.hand = Hand(self.forge, self.world, self.folder)
        yield self
        self.session.close()
        self.forge.stop()
        self._host.stop()

    def do(self, verb: str, **arguments: Any) -> Any:
        return self.forge.control(verb, arguments)

    def call(
        self, method: str, path: str = "", *, token: str | None = WRITE, **details: Any
    ) -> requests.Response:
        """Call a function of the repository; a ``path`` with a scheme is taken as it is."""
        url = path if "://" in path else f"{self.repository}{'/' if path else ''}{path}"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= details.pop("headers", {})
        return self.session.request(method, url, headers=headers, timeout=10, **details)

    def branch(self, name: str = "propose", **files: str) -> str:
        """Put a branch with a change there; gives its commit."""
        content = {path.replace("_", "/"): text for path, text in files.items()} or {"a.yaml": "a: 1\n"}
        return str(self.do("push", branch=name, files=content, author="bob")["commit"])

    def open(self, head: str = "propose", **fields: Any) -> dict[str, Any]:
        """Open a pull request over REST and give it."""
        reply = self.call("POST", "pulls", json={"title": "提案", "head": head, "base": "main", **fields})
        assert reply.status_code == 201, reply.text
        return dict(reply.json())

    def mergeable(self, number: int) -> bool:
        """Ask as a client must: until the answer is there."""
        self.call("GET", f"pulls/{number}")
        return bool(self.call("GET", f"pulls/{number}").json()["mergeable"])
