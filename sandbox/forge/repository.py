"""A bare repository that is written by hand: commits, branches, force pushes, links, big files."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

BRANCH = "main"
HEADS = "refs/heads/"
PULLS = "refs/pull/"
_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_SETTINGS = {
    "gc.auto": "0",  # no work in the background of a folder that may go away
    "receive.autogc": "false",
    "receive.hideRefs": PULLS.rstrip("/"),  # the forge's own: fetched by anybody, pushed by nobody
}
_GUARD = f"""\
#!/bin/sh
# Refuses a push to the protected branch in a forge's words.
[ "$1" = {HEADS}{BRANCH} ] || exit 0
echo "error: GH006: Protected branch update failed for $1." >&2
echo >&2
echo "- Changes must be made through a pull request." >&2
exit 1
"""


class GitError(ValueError):
    """git refused; the text is its own."""


class ForgeRepository:
    """One repository on disk with the branch ``main``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self) -> None:
        """Make it, empty."""
        self.folder.mkdir(parents=True)
        self.git("init", "--quiet", "--bare", f"--initial-branch={BRANCH}", "--template=", ".")

    def guard(self, *, protected: bool) -> None:
        """Set what pushes may do; a protected ``main`` changes through pull requests only."""
        for name, value in _SETTINGS.items():
            self.git("config", name, value)
        hook = self.folder / "hooks" / "update"
        hook.unlink(missing_ok=True)
        if protected:
            hook.parent.mkdir(exist_ok=True)
            hook.write_text(_GUARD, encoding="utf-8")
            hook.chmod(0o755)

    def commit(
        self,
        files: Mapping[str, str | bytes | None],
        message: str,
        *,
        author: str,
        at: datetime,
        links: Mapping[str, str] | None = None,
        branch: str = BRANCH,
        onto: str | None = "",
    ) -> str:
        """Write a commit and move a branch to it; gives its id.

        Args:
            files: path -> content; None takes the file away.
            links: path -> target of a symbolic link.
            onto: what it follows; "" for the branch as it is, or ``main`` where the branch is new;
                None for a history of its own.
        """
        stamp = f"{int(at.timestamp())} +0000"
        who = f"{_person(author)} <{_mailbox(author)}> {stamp}"
        ref = HEADS + _checked(branch)
        lines = [f"commit {ref}\nauthor {who}\ncommitter {who}\n".encode(), _payload(message)]
        parent = (onto or self.head(branch) or self.head()) if onto is not None else ""
        if parent:
            lines.append(f"from {parent}\n".encode())
        for path, text in files.items():
            lines.append(_change(path, "100644", text))
        for path, target in (links or {}).items():
            lines.append(_change(path, "120000", target))
        self.git("fast-import", "--quiet", "--force", feed=b"".join(lines))
        return self.head(branch)

    def head(self, branch: str = BRANCH) -> str:
        """Give the id that a branch points to; "" if there is none."""
        return self.branches().get(branch, "")

    def branches(self) -> dict[str, str]:
        """Give every branch and the id it points to."""
        listed = self.git("for-each-ref", "--format=%(refname) %(objectname)", HEADS).decode()
        rows = (line.split(" ") for line in listed.splitlines())
        return {ref.removeprefix(HEADS): commit for ref, commit in rows}

    def commit_id(self, name: str) -> str:
        """Give the id of the commit that a branch or an id of 40 digits names; "" if none."""
        if found := self.head(name):
            return found
        if not re.fullmatch(r"[0-9a-f]{40}", name):
            return ""
        try:
            return self.git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").decode().strip()
        except GitError:
            return ""

    def move(self, ref: str, commit: str | None) -> None:
        """Make a full reference name point to a commit; None takes it away."""
        if commit is None:
            self.git("update-ref", "-d", ref)
        else:
            self.git("update-ref", ref, commit)

    def text(self, path: str, branch: str = BRANCH) -> str:
        """Give a file of a branch."""
        return self.git("cat-file", "blob", f"{HEADS}{_checked(branch)}:{_checked(path)}").decode()

    def paths(self) -> list[str]:
        """Give all paths of ``main``."""
        listed = self.git("ls-tree", "-r", "-z", "--name-only", HEADS + BRANCH).decode()
        return [path for path in listed.split("\0") if path]

    def log(self, branch: str = BRANCH) -> list[dict[str, Any]]:
        """Give the commits of a branch, newest first."""
        rows = self.git("log", "--format=%H%x1f%an%x1f%aI%x1f%s", HEADS + _checked(branch)).decode()
        fields = ("commit", "author", "at", "message")
        return [dict(zip(fields, row.split("\x1f"), strict=True)) for row in rows.splitlines()]

    def git(
        self,
        *arguments: str,
        feed: bytes = b"",
        inside: Path | None = None,
        more: Mapping[str, str] | None = None,
    ) -> bytes:
        """Run git here, or in the work tree ``inside``, and give what it prints.

        Raises:
            GitError: git ended with an error.
        """
        done = subprocess.run(  # noqa: S603
            ["git", *arguments],  # noqa: S607
            cwd=inside or self.folder,
            env={**environment(self.folder), **(more or {})},
            input=feed,
            capture_output=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            raise GitError(done.stderr.decode("utf-8", "replace").strip() or f"git {arguments[0]} failed")
        return done.stdout


def environment(folder: Path) -> dict[str, str]:
    """Give git an environment that nothing on this machine changes."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }


def signature(author: str, at: datetime) -> dict[str, str]:
    """Give the variables that make git write this author and time."""
    stamp = f"{int(at.timestamp())} +0000"
    who = {"NAME": _person(author), "EMAIL": _mailbox(author), "DATE": stamp}
    return {f"GIT_{role}_{field}": value for role in ("AUTHOR", "COMMITTER") for field, value in who.items()}


def _person(author: str) -> str:
    return re.sub(r"[<>\n]", "", author)


def _mailbox(author: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", author.lower()).strip("-") + "@sandbox.invalid"


def _checked(path: str) -> str:
    if not _PATH.fullmatch(path):
        raise ValueError(f"path {path!r}: letters, digits and . _ - only")
    return path


def _payload(content: str | bytes) -> bytes:
    raw = content.encode() if isinstance(content, str) else content
    return b"data %d\n%b\n" % (len(raw), raw)


def _change(path: str, mode: str, content: str | bytes | None) -> bytes:
    if content is None:
        return f"D {_checked(path)}\n".encode()
    return f"M {mode} inline {_checked(path)}\n".encode() + _payload(content)
