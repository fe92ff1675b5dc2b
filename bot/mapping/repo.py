"""The mapping repository: a bare clone that is read, never checked out, never written to.

The only module that runs git. Nothing of the repository ever becomes a file, a hook, a link or
a submodule here; git sees an environment of our making; the token travels in that environment
and is in no address, file or argument.
"""

from __future__ import annotations

import base64
import logging
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Event, Lock
from typing import Any, NamedTuple

import git

from adapters.errors import ConfigError, MappingError, Retry, StateError
from adapters.secret import Secret
from bot.mapping.check import MAPPING_FILE, TEAM_FILE, Checked, check
from bot.mapping.codes import CodeRule
from bot.mapping.compiled import CompiledMapping
from bot.mapping.load import MAX_BYTES, Parsed, parse
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import Team
from bot.mapping.problem import Problem
from bot.mapping.source import unreadable

log = logging.getLogger(__name__)

_HEAD = "refs/tanaban/head"
_GOOD = "refs/tanaban/good"
_REQUEST = "refs/tanaban/request"
_BRANCH = re.compile(r"(?!.*(?:\.\.|//|/\.|\.lock(?:/|$)|[/.]$))[A-Za-z0-9_][A-Za-z0-9._/-]{0,99}")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_HOST = r"[A-Za-z0-9][A-Za-z0-9.-]*"
_USER = r"[A-Za-z0-9_][A-Za-z0-9._-]*@"
_PATH = r"[A-Za-z0-9_~.][A-Za-z0-9._~%+/-]*"
_ADDRESS = re.compile(
    rf"https://{_HOST}(:[0-9]+)?/{_PATH}|ssh://({_USER})?{_HOST}(:[0-9]+)?/{_PATH}|{_USER}{_HOST}:/?{_PATH}"
)
# What git needs of the environment that the bot runs in; the rest may hold secrets or change what git does.
_KEPT = re.compile(r"PATH|LANG|TZ|TMPDIR|SSH_AUTH_SOCK|SSL_CERT_(FILE|DIR)|(?i:(https?|all|no)_proxy)")
_UNFINISHED = {"objects", "refs", "config", "config.lock", "HEAD.lock"}
_REMOTE = ("fetch", "push", "ls-remote")
_NO_FILES = ("040000", "160000")  # a folder, a submodule
_MAX_NAMES = 20_000
_POLL_S = 0.1
_MOST_FETCHES = 4  # of the largest size, kept in a clone that has a bound


class RemoteFault(StrEnum):
    """Why the repository could not be fetched or pushed to."""

    AUTH = "auth"
    BRANCH = "branch"
    TIMEOUT = "timeout"
    STOPPED = "stopped"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


class RemoteError(MappingError):
    """The repository could not be fetched; what was read before stays good."""

    retry = Retry.LATER

    def __init__(self, fault: RemoteFault, detail: str) -> None:
        super().__init__(f"mapping repository: {fault}: {detail}")
        self.fault = fault
        self.detail = detail


class Access(NamedTuple):
    """How the repository is reached.

    Args:
        ca_file: the authority that signed the forge's certificate, if it is one of your own.
        user: the name that goes with the token: ``x-access-token`` for GitHub, ``oauth2`` for GitLab.
        allow_file: accept a path on this machine as the address.
        max_bytes: no file that a fetch makes here gets larger; 0 for no such bound. The clone of the
            branch that is followed has none: it was reviewed.
    """

    ca_file: Path | None = None
    token: Secret | None = None
    user: str = "x-access-token"
    timeout_s: float = 60
    allow_file: bool = False
    max_bytes: int = 0


@dataclass(frozen=True)
class Refresh:
    """What one look at the branch found.

    Args:
        changed: the head is another than the commit asked about.
        rewritten: that commit is no longer in the branch's history.
        mapping: None where a problem is an error, or nothing changed; ``team`` likewise.
    """

    commit: str
    author: str
    changed: bool
    mapping: CodeMapping | None
    team: Team | None
    problems: tuple[Problem, ...]
    rewritten: bool


class MappingRepository:
    """One branch of one repository, followed in a bare clone under ``folder``.

    Args:
        compiled: where the mapping is kept compiled; None keeps it in memory.
    Raises:
        ConfigError: the address or the branch has a form that is not used.
    """

    def __init__(
        self,
        url: str,
        branch: str,
        folder: Path,
        *,
        access: Access | None = None,
        malls: Mapping[str, CodeRule] | None = None,
        stop: Event | None = None,
        compiled: Path | None = None,
    ) -> None:
        self._access = access or Access()
        self._url = _checked_url(url, self._access.allow_file)
        self._branch = _checked_branch(branch)
        self._folder = folder.absolute()
        self._malls = malls
        self._stop = stop or Event()
        self._runner = git.Git(self._folder)
        self._opened = False
        self._parsed: dict[tuple[str, str], Parsed] = {}
        self._compiled = CompiledMapping(compiled.absolute(), malls) if compiled else None
        self._checked: tuple[str, Checked] | None = None
        self._lock = Lock()

    def refresh(self, since: str | None = None) -> Refresh:
        """Fetch the branch and read its head, unless it is still ``since``.

        Raises:
            RemoteError: the remote is out of reach, refuses, or has no such branch.
            MappingError: the clone on this machine is broken.
        """
        with self._lock:
            self._open()
            self._fetch()
            commit, author = self._head()
            if commit == since:
                return Refresh(commit, author, False, None, None, (), False)
            rewritten = since is not None and not self._descends(commit, since)
            found = self._check(commit)
            return Refresh(commit, author, True, found.mapping, found.team, found.problems, rewritten)

    def read(self, commit: str) -> Checked | None:
        """Read a commit that was fetched before, without the remote; None if it is not here."""
        with self._lock:
            if self._compiled and (kept := self._compiled.read(commit)):
                self._checked = (commit, kept)
                return kept
            if not _COMMIT.fullmatch(commit) or not (self._folder / "HEAD").exists():
                return None
            self._open()
            return self._check(commit) if self._has(commit) else None

    def keep(self, commit: str) -> None:
        """Hold on to a commit, so that it can be read even after the branch was rewritten."""
        with self._lock:
            self._open()
            self._git("update-ref", _GOOD, _checked_commit(commit))

    # ----------------------------------------------------------------- the clone

    def _open(self) -> None:
        if self._opened:
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # A folder with anything else in it is not ours; one whose making was cut short is made again.
        if {path.name for path in self._folder.iterdir()} <= _UNFINISHED:
            self._clear_left_over()
            self._git("init", "--quiet", "--bare", "--template=", ".")
        try:
            self._git("rev-parse", "--git-dir")
        except RemoteError:
            raise
        except MappingError as error:
            raise MappingError(f"{self._folder} is no bare clone; delete it, it is fetched again") from error
        self._clear_left_over()
        self._opened = True

    def _make_room(self) -> None:
        """Throw away a bounded clone that has grown: what strangers pushed is never taken out of it."""
        most = self._access.max_bytes
        packs = self._folder.glob("objects/pack/*")
        if most and sum(path.stat().st_size for path in packs) > _MOST_FETCHES * most:
            shutil.rmtree(self._folder)
            self._opened = False

    def _clear_left_over(self) -> None:
        # The state folder is locked by us, so a lock of git's in here is of a process that is gone.
        for pattern in ("*.lock", "refs/**/*.lock", "objects/pack/tmp_*"):
            for path in self._folder.glob(pattern):
                path.unlink(missing_ok=True)

    def _fetch(self, source: str = "", target: str = _HEAD) -> None:
        arguments = ["fetch", "--quiet", "--force", "--no-tags", "--no-write-fetch-head"]
        arguments += ["--no-recurse-submodules", "--no-auto-maintenance", "--"]
        try:
            self._git(*arguments, self._url, f"+{source or f'refs/heads/{self._branch}'}:{target}")
        except RemoteError:
            self._opened = False  # what it may have left over is cleared before the next use
            raise

    def _has(self, commit: str) -> bool:
        listed = self._git("rev-list", "--no-walk", "--ignore-missing", _checked_commit(commit))
        return bool(listed.strip())

    def _descends(self, commit: str, since: str) -> bool:
        if not self._has(since):
            return False
        behind = self._git("rev-list", "--count", f"{commit}..{_checked_commit(since)}")
        return behind.strip() == b"0"

    def _head(self) -> tuple[str, str]:
        line = self._git("log", "-1", "--no-show-signature", "--format=%H %an", _HEAD).decode(
            "utf-8", "replace"
        )
        commit, _, author = line.strip().partition(" ")
        return commit, "".join(char for char in author if char.isprintable())[:80]

    # ----------------------------------------------------------------- its files

    def _check(self, commit: str) -> Checked:
        if self._checked is None or self._checked[0] != commit:
            self._checked = (commit, self._checked_anew(commit))
        return self._checked[1]

    def _checked_anew(self, commit: str) -> Checked:
        if self._compiled is not None:
            try:
                return self._compiled.update(commit, _CommitSource(self, commit, keep=False))
            except StateError as error:
                log.warning("%s; it is kept in memory", error)
        source = _CommitSource(self, commit, keep=self._compiled is None)
        checked = check(source, self._malls)
        # Only what this commit holds is kept: the memory does not grow with the history.
        self._parsed = source.used
        return checked

    def names(self, commit: str, folder: str) -> dict[str, _Blob]:
        """Give what stands directly in a folder of a commit: path -> blob."""
        place = ("--", f"{folder}/") if folder else ()
        listing = self._git("ls-tree", "-z", "-l", "--full-tree", commit, *place)
        rows = [row for row in listing.decode("utf-8", "replace").split("\0") if row]
        if len(rows) > _MAX_NAMES:
            raise MappingError(f"mapping repository: over {_MAX_NAMES} files in one folder")
        return dict(map(_row, rows))

    def parse_blob(self, path: str, blob: _Blob) -> Parsed:
        """Read one file, once per content; its size is known before it is read."""
        if (path, blob.name) in self._parsed:
            return self._parsed[path, blob.name]
        if blob.mode == "120000":
            return unreadable(path, "symlink")
        if blob.size > MAX_BYTES:
            return unreadable(path, "file_too_large", limit=MAX_BYTES)
        return parse(path, self._git("cat-file", "blob", blob.name))

    # ----------------------------------------------------------------- beside the branch

    @property
    def branch(self) -> str:
        """Give the name of the branch that is followed."""
        return self._branch

    def plumb(self, *arguments: str, environment: Mapping[str, str] | None = None) -> bytes:
        """Run one of git's inner commands in the clone; give what it prints."""
        with self._lock:
            self._open()
            return self._git(*arguments, extra=environment)

    def remote_commit(self, branch: str) -> str:
        """Give the commit that a branch of the remote stands at; "" where there is no such branch."""
        listed = self.plumb("ls-remote", "--", self._url, f"refs/heads/{_checked_branch(branch)}")
        return listed.decode("ascii", "replace").split("\t")[0]

    def fetch_branch(self) -> str:
        """Fetch the branch that is followed, without reading it; give the commit that it stands at.

        Raises:
            RemoteError: as ``refresh``.
        """
        with self._lock:
            self._make_room()
            self._open()
            self._fetch()
            return self._head()[0]

    def fetch_request(self, number: int) -> str:
        """Fetch what a pull request brings, from wherever it comes; give its commit.

        Source: GitHub documentation, "Checking out pull requests locally": ``refs/pull/ID/head``.

        Raises:
            RemoteError: out of reach, gone, or more than ``max_bytes``.
        """
        with self._lock:
            self._open()
            self._fetch(f"refs/pull/{number:d}/head", _REQUEST)
            return self._git("rev-parse", "--verify", f"{_REQUEST}^{{commit}}").decode("ascii").strip()

    def merged(self, base: str, head: str) -> str | None:
        """Give the tree of two commits merged; None where they are in conflict, or share no history."""
        words = ("--write-tree", "--no-messages", _checked_commit(base), _checked_commit(head))
        try:
            # A file of a size that is not read anyway is not merged line by line either.
            found = self.plumb("-c", f"core.bigFileThreshold={MAX_BYTES}", "merge-tree", *words)
        except RemoteError:
            raise
        except MappingError:
            return None
        return found.decode("ascii").split("\n")[0]

    def push_new(self, commit: str, branch: str) -> None:
        """Make a new branch of the remote; the one that is followed is never written to.

        Raises:
            RemoteError: out of reach, or refused: the fault is REFUSED and the remote's words are told.
        """
        if _checked_branch(branch) == self._branch:
            raise MappingError("mapping repository: the branch that is followed is not written to")
        target = f"{_checked_commit(commit)}:refs/heads/{branch}"
        self.plumb("push", "--quiet", "--no-verify", "--", self._url, target)

    # ----------------------------------------------------------------- git itself

    def _git(self, *arguments: str, extra: Mapping[str, str] | None = None) -> bytes:
        environment = self._environment() | dict(extra or {})
        dropped = [name for name in os.environ if name not in environment and not _KEPT.fullmatch(name)]
        # Popen can add to the environment but not take away; ``env -u`` does, and shows names only.
        command = ["env", *(f"--unset={name}" for name in dropped), "git", *arguments]
        if self._access.max_bytes and arguments[0] == "fetch":
            command = [*_bounded(self._access.max_bytes), *command]
        wrapped: Any = self._runner.execute(command, as_process=True, env=environment, start_new_session=True)
        process: subprocess.Popen[bytes] = wrapped.proc
        out, err = self._wait(process)
        if process.returncode != 0:
            detail = _last_line(err)
            if arguments[0] in _REMOTE:
                raise RemoteError(_fault(detail), _words_of_remote(err) or detail)
            raise MappingError(f"mapping repository: git {arguments[0]}: {detail}")
        return out

    def _wait(self, process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
        deadline = time.monotonic() + self._access.timeout_s
        while True:
            try:
                return process.communicate(timeout=_POLL_S)
            except subprocess.TimeoutExpired:
                if self._stop.is_set() or time.monotonic() > deadline:
                    _end(process)
                    self._opened = False  # what it may have left over is cleared before the next use
                    fault = RemoteFault.STOPPED if self._stop.is_set() else RemoteFault.TIMEOUT
                    raise RemoteError(fault, f"after {self._access.timeout_s:g} s at most") from None

    def _environment(self) -> dict[str, str]:
        """Give what git sees beside the few names of ``_KEPT``."""
        access = self._access
        settings = {
            "core.hooksPath": os.devnull,
            "credential.helper": "",
            "http.followRedirects": "false",  # a redirect could carry the token to another host
            "gc.auto": "0",
        }
        if access.max_bytes:
            settings["fetch.unpackLimit"] = "1"  # one file a fetch, so that its size is what is bounded
        if access.token:
            pair = base64.b64encode(f"{access.user}:{access.token.reveal()}".encode()).decode()
            settings[f"http.{self._url}.extraHeader"] = f"Authorization: Basic {pair}"
        environment = {
            "GIT_DIR": str(self._folder),
            "GIT_ALLOW_PROTOCOL": "https:ssh:file" if access.allow_file else "https:ssh",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o StrictHostKeyChecking=yes",
            "GIT_HTTP_LOW_SPEED_LIMIT": "1",
            "GIT_HTTP_LOW_SPEED_TIME": str(max(1, round(access.timeout_s))),
            "HOME": str(self._folder),
            "XDG_CONFIG_HOME": str(self._folder),
            "GIT_CONFIG_COUNT": str(len(settings)),
        }
        if access.ca_file:
            environment["GIT_SSL_CAINFO"] = str(access.ca_file)
        for place, (name, value) in enumerate(settings.items()):
            environment |= {f"GIT_CONFIG_KEY_{place}": name, f"GIT_CONFIG_VALUE_{place}": value}
        return environment


class _Blob(NamedTuple):
    """One entry of a tree; ``size`` is 0 for what is no blob."""

    mode: str
    name: str
    size: int


class _CommitSource:
    """The files of one commit, as the check reads them.

    Args:
        keep: all that was read, for the next commit.
    """

    def __init__(self, repository: MappingRepository, commit: str, *, keep: bool) -> None:
        self._keep = keep
        self.used: dict[tuple[str, str], Parsed] = {}
        self._repository = repository
        self._commit = commit
        self._folders: dict[str, dict[str, _Blob]] = {}

    def files(self, folder: str) -> Sequence[str]:
        """Give what stands directly in a folder."""
        return sorted(self._names(folder))

    def parsed(self, path: str) -> Parsed | None:
        """Read a file of the commit."""
        blob = self._names(path.rpartition("/")[0]).get(path)
        if blob is None or blob.mode in _NO_FILES:
            return None
        key = (path, blob.name)
        if key in self.used:
            return self.used[key]
        parsed = self._repository.parse_blob(path, blob)
        if self._keep or path in (MAPPING_FILE, TEAM_FILE):  # these are asked for again
            self.used[key] = parsed
        return parsed

    def mark(self, path: str) -> str:
        """Give what tells a file's content from any other."""
        blob = self._names(path.rpartition("/")[0]).get(path)
        return f"{blob.mode} {blob.name}" if blob else ""

    def _names(self, folder: str) -> dict[str, _Blob]:
        if folder not in self._folders:
            self._folders[folder] = self._repository.names(self._commit, folder)
        return self._folders[folder]


def _row(row: str) -> tuple[str, _Blob]:
    head, _, name = row.partition("\t")
    mode, _kind, blob, size = head.split()
    return name, _Blob(mode, blob, int(size) if size.isdigit() else 0)


def _bounded(most: int) -> list[str]:
    """Give what runs a command that cannot make a larger file; the shell counts in blocks of 512."""
    return ["sh", "-c", 'ulimit -f "$1" && shift && exec "$@"', "sh", str(most // 512)]


def _end(process: subprocess.Popen[bytes]) -> None:
    # The whole group: git's own helper holds the pipes, and SIGTERM first lets git drop its locks.
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.communicate(timeout=1)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.communicate()


def _last_line(err: bytes) -> str:
    lines = [line for line in err.decode("utf-8", "replace").splitlines() if line.strip()]
    text = lines[-1] if lines else "no reason given"
    return "".join(char for char in text if char.isprintable())[:300]


def _words_of_remote(err: bytes) -> str:
    """Give why a remote refused a push, in its own words; "" where it was none that refused."""
    lines = [line.strip() for line in err.decode("utf-8", "replace").splitlines()]
    if not any(line.startswith("! [") for line in lines):
        return ""
    told = [line.removeprefix("remote:").strip() for line in lines if line.startswith(("remote:", "! ["))]
    return "".join(char for char in " / ".join(filter(None, told)) if char.isprintable())[:300]


def _fault(detail: str) -> RemoteFault:
    words = detail.lower()
    if "remote ref" in words:
        return RemoteFault.BRANCH
    if "failed to push" in words:
        return RemoteFault.REFUSED
    refused = ("authentication failed", "could not read username", "permission denied", "error: 403")
    return RemoteFault.AUTH if any(word in words for word in refused) else RemoteFault.UNREACHABLE


def _checked_commit(commit: str) -> str:
    if not _COMMIT.fullmatch(commit):
        raise MappingError("mapping repository: a commit id has a form that is not used")
    return commit


def _checked_branch(branch: str) -> str:
    if not _BRANCH.fullmatch(branch):
        raise ConfigError("mapping repository: branch has a form that is not used")
    return branch


def _checked_url(url: str, allow_file: bool) -> str:
    """Give the address if it is one that may be used; its text is in no message, it may hold a key."""
    if _ADDRESS.fullmatch(url) or (allow_file and url.startswith("/")):
        return url
    raise ConfigError(
        "mapping repository: the address must be https://, ssh:// or user@host:path, no key in it"
    )
