"""Puts edited files of the mapping on a branch of their own, without a work tree.

Blobs, a temporary index, a tree, a commit, a push: the clone has no files to check out, and the
branch that is followed is never written to.
"""

from __future__ import annotations

import fnmatch
import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from bot.mapping.check import MAPPING_FILE, TEAM_FILE
from bot.mapping.load import Items, Parsed, Table, Text, parse
from bot.mapping.repo import MappingRepository, RemoteError, RemoteFault
from bot.mapping.source import Source

_HEXES = 10
_COMMITTER = "tanaban"
_MAY_PUSH = "the token or key of the mapping repository must be allowed to push branches named tanaban/*"


class Person(NamedTuple):
    """Who proposes; the e-mail address is one that nobody reads where none is set."""

    name: str
    email: str


class Pushed(NamedTuple):
    """A branch of the remote. ``already``: the same files were proposed before, nothing was pushed."""

    branch: str
    already: bool


class CommitFiles:
    """The files of a commit as the check reads them, with some of them edited.

    Args:
        edited: path -> content that stands in the place of the commit's.
    """

    def __init__(
        self, repository: MappingRepository, commit: str, edited: Mapping[str, bytes] | None = None
    ) -> None:
        self._repository = repository
        self._commit = commit
        self._edited = {path: parse(path, content) for path, content in (edited or {}).items()}
        self._folders: dict[str, dict[str, Any]] = {}

    def _names(self, folder: str) -> dict[str, Any]:
        if folder not in self._folders:
            self._folders[folder] = dict(self._repository.names(self._commit, folder))
        return self._folders[folder]

    def files(self, folder: str) -> Sequence[str]:
        """Give what stands directly in a folder."""
        return sorted(self._names(folder))

    def parsed(self, path: str) -> Parsed | None:
        """Read a file, once per content."""
        if path in self._edited:
            return self._edited[path]
        blob = self._names(path.rpartition("/")[0]).get(path)
        return self._repository.parse_blob(path, blob) if blob and blob.mode.startswith("10") else None

    def content(self, path: str) -> bytes:
        """Give a file's bytes."""
        return self._repository.plumb("cat-file", "blob", f"{self._commit}:{path}")


def product_files(source: Source) -> dict[str, list[str]]:
    """Give the files that may hold products, in the order they are read, with their products' codes."""
    main = source.parsed(MAPPING_FILE)
    found = {MAPPING_FILE: _codes(main)}
    for pattern in _texts(main, "include"):
        for path in source.files(pattern.rpartition("/")[0]):
            if fnmatch.fnmatchcase(path, pattern) and path not in found and path != TEAM_FILE:
                found[path] = _codes(source.parsed(path))
    return found


def _listed(parsed: Parsed | None, name: str) -> Items | None:
    entry = parsed.root.entries.get(name) if parsed and isinstance(parsed.root, Table) else None
    return entry[1] if entry and isinstance(entry[1], Items) else None


def _texts(parsed: Parsed | None, name: str) -> list[str]:
    listed = _listed(parsed, name)
    return [item.value for item in listed.items if isinstance(item, Text)] if listed else []


def _codes(parsed: Parsed | None) -> list[str]:
    listed = _listed(parsed, "products")
    items = [item for item in listed.items if isinstance(item, Table)] if listed else []
    codes = [item.entries["code"][1] for item in items if "code" in item.entries]
    return [code.value for code in codes if isinstance(code, Text)]


def branch_name(slug: str, files: Mapping[str, bytes]) -> str:
    """Give the branch of these contents: the same ones give the same name."""
    digest = hashlib.sha256()
    for path in sorted(files):
        for part in (path.encode(), files[path]):
            digest.update(len(part).to_bytes(8, "big") + part)
    plain = re.sub(r"[^a-z0-9]+", "-", slug.lower()).strip("-")[:40].strip("-")
    return f"tanaban/{plain or 'mapping'}-{digest.hexdigest()[:_HEXES]}"


def push_files(
    repository: MappingRepository,
    base: str,
    files: Mapping[str, bytes],
    *,
    slug: str,
    message: str,
    author: Person,
    now: datetime,
) -> Pushed:
    """Put files on a new branch that begins at ``base``; where the branch is there, nothing is done.

    Raises:
        RemoteError: the remote is out of reach, or refuses the branch.
    """
    branch = branch_name(slug, files)
    if repository.remote_commit(branch):
        return Pushed(branch, already=True)
    commit = _commit(repository, base, files, _Signed(message, author, now))
    try:
        repository.push_new(commit, branch)
    except RemoteError as error:
        if error.fault not in (RemoteFault.AUTH, RemoteFault.REFUSED):
            raise
        raise RemoteError(error.fault, f"{error.detail}; {_MAY_PUSH}") from error
    return Pushed(branch, already=False)


class _Signed(NamedTuple):
    message: str
    author: Person
    now: datetime

    def environment(self) -> dict[str, str]:
        date = f"{int(self.now.timestamp())} +0000"
        return {
            "GIT_AUTHOR_NAME": _name(self.author.name),
            "GIT_AUTHOR_EMAIL": _name(self.author.email),
            "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_NAME": _COMMITTER,
            "GIT_COMMITTER_EMAIL": _name(self.author.email),
            "GIT_COMMITTER_DATE": date,
        }


def _commit(repository: MappingRepository, base: str, files: Mapping[str, bytes], signed: _Signed) -> str:
    with TemporaryDirectory(prefix="tanaban-") as folder:
        place = Path(folder)
        index = {"GIT_INDEX_FILE": str(place / "index")}
        repository.plumb("read-tree", base, environment=index)
        for path, content in files.items():
            blob = _written(repository, place / "content", content)
            entry = f"{_mode(repository, base, path)},{blob},{path}"
            repository.plumb("update-index", "--cacheinfo", entry, environment=index)
        tree = repository.plumb("write-tree", environment=index).decode("ascii").strip()
        message = place / "message"
        message.write_text(signed.message, encoding="utf-8")
        words = ("commit-tree", tree, "-p", base, "-F", str(message))
        return repository.plumb(*words, environment=signed.environment()).decode("ascii").strip()


def _written(repository: MappingRepository, place: Path, content: bytes) -> str:
    place.write_bytes(content)
    return repository.plumb("hash-object", "-w", "--no-filters", "--", str(place)).decode("ascii").strip()


def _mode(repository: MappingRepository, base: str, path: str) -> str:
    row = repository.plumb("ls-tree", "--full-tree", base, "--", path).decode("utf-8", "replace")
    return row.split(" ")[0]


def _name(text: str) -> str:
    """Give a name as git takes one: no brackets, no line ends, never nothing."""
    plain = "".join(char for char in text if char.isprintable() and char not in "<>").strip(" .,:;\"'\\")
    return plain[:80] or _COMMITTER
