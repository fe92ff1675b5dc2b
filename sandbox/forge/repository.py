"""A bare repository that is written by hand: commits, force pushes, links, big files."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

BRANCH = "main"
_HEAD = f"refs/heads/{BRANCH}"
_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


class ForgeRepository:
    """One repository on disk with the branch ``main``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self) -> None:
        """Make it, empty."""
        self.folder.mkdir(parents=True)
        self._git("init", "--quiet", "--bare", f"--initial-branch={BRANCH}", "--template=", ".")

    def commit(
        self,
        files: Mapping[str, str | None],
        message: str,
        *,
        author: str,
        at: datetime,
        links: Mapping[str, str] | None = None,
        onto: str | None = _HEAD,
    ) -> str:
        """Write a commit and move ``main`` to it; gives its id.

        Args:
            files: path -> text; None takes the file away.
            links: path -> target of a symbolic link.
            onto: what it follows; None for a history of its own.
        """
        stamp = f"{int(at.timestamp())} +0000"
        name = re.sub(r"[<>\n]", "", author)
        who = f"{name} <{_mailbox(author)}> {stamp}"
        lines = [f"commit {_HEAD}\nauthor {who}\ncommitter {who}\n".encode(), _payload(message)]
        if onto is not None and self.head():
            lines.append(f"from {self._git('rev-parse', onto).decode().strip()}\n".encode())
        for path, text in files.items():
            lines.append(_change(path, "100644", text))
        for path, target in (links or {}).items():
            lines.append(_change(path, "120000", target))
        self._git("fast-import", "--quiet", "--force", feed=b"".join(lines))
        return self.head()

    def head(self) -> str:
        """Give the id that ``main`` points to; "" before the first commit."""
        return self._git("for-each-ref", "--format=%(objectname)", _HEAD).decode().strip()

    def text(self, path: str) -> str:
        """Give a file of ``main``."""
        return self._git("cat-file", "blob", f"{_HEAD}:{_checked(path)}").decode()

    def paths(self) -> list[str]:
        """Give all paths of ``main``."""
        listed = self._git("ls-tree", "-r", "-z", "--name-only", _HEAD).decode()
        return [path for path in listed.split("\0") if path]

    def log(self) -> list[dict[str, Any]]:
        """Give the commits of ``main``, newest first."""
        rows = self._git("log", "--format=%H%x1f%an%x1f%aI%x1f%s", _HEAD).decode().splitlines()
        return [
            dict(zip(("commit", "author", "at", "message"), row.split("\x1f"), strict=True)) for row in rows
        ]

    def _git(self, *arguments: str, feed: bytes = b"") -> bytes:
        done = subprocess.run(  # noqa: S603
            ["git", *arguments],  # noqa: S607
            cwd=self.folder,
            env=environment(self.folder),
            input=feed,
            capture_output=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            raise ValueError(done.stderr.decode("utf-8", "replace").strip() or f"git {arguments[0]} failed")
        return done.stdout


def environment(folder: Path) -> dict[str, str]:
    """Give git an environment that nothing on this machine changes."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }


def _mailbox(author: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", author.lower()).strip("-") + "@sandbox.invalid"


def _checked(path: str) -> str:
    if not _PATH.fullmatch(path):
        raise ValueError(f"path {path!r}: letters, digits and . _ - only")
    return path


def _payload(text: str) -> bytes:
    content = text.encode()
    return b"data %d\n%b\n" % (len(content), content)


def _change(path: str, mode: str, text: str | None) -> bytes:
    if text is None:
        return f"D {_checked(path)}\n".encode()
    return f"M {mode} inline {_checked(path)}\n".encode() + _payload(text)
