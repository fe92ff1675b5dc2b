"""What lies between two commits: the commits themselves, the changed files, the text that was brought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.forge.repository import ForgeRepository, GitError

_WORDS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "T": "changed", "C": "copied"}
_PATCH_MAX = 100_000  # a forge leaves the patch of a big change out
_FIELDS = ("%H", "%T", "%P", "%an", "%ae", "%at", "%cn", "%ce", "%ct", "%B")


@dataclass(frozen=True)
class Signed:
    """Who wrote or committed, and when (seconds since 1970)."""

    name: str
    mail: str
    seconds: int


@dataclass(frozen=True)
class Commit:
    """One commit as it is stored."""

    commit: str
    tree: str
    parents: tuple[str, ...]
    author: Signed
    committer: Signed
    message: str


@dataclass(frozen=True)
class Change:
    """One changed file. ``added`` and ``removed`` count lines; 0 for what is not text."""

    path: str
    state: str
    blob: str
    before: str | None
    added: int
    removed: int


@dataclass(frozen=True)
class Entry:
    """One entry of a folder; ``kind`` is git's word: blob, tree or commit."""

    path: str
    mode: str
    kind: str
    blob: str
    size: int


def commits(repository: ForgeRepository, *chosen: str) -> list[Commit]:
    """Give the commits of a selection as ``git log`` takes it, oldest first."""
    form = "--format=" + "%x1f".join(_FIELDS) + "%x1e"
    listed = repository.git("log", "--reverse", "--topo-order", form, *chosen).decode("utf-8", "replace")
    return [_commit(row.lstrip("\n")) for row in listed.split("\x1e") if row.strip()]


def _commit(row: str) -> Commit:
    commit, tree, parents, *people, message = row.split("\x1f")
    author, committer = (Signed(name, mail, int(at)) for name, mail, at in (people[:3], people[3:]))
    return Commit(commit, tree, tuple(parents.split()), author, committer, message.rstrip("\n"))


def one_commit(repository: ForgeRepository, commit: str) -> Commit:
    """Give a commit by its id."""
    return commits(repository, "-n", "1", commit)[0]


def fork_point(repository: ForgeRepository, base: str, head: str) -> str:
    """Give the commit where two histories part; ``base`` where they share none."""
    try:
        return repository.git("merge-base", base, head).decode().strip()
    except GitError:
        return base


def is_within(repository: ForgeRepository, commit: str, other: str) -> bool:
    """Say whether ``commit`` is ``other`` or one of those before it."""
    return repository.git("rev-list", "--count", f"{other}..{commit}").strip() == b"0"


def changes(repository: ForgeRepository, base: str, head: str) -> list[Change]:
    """Give what ``head`` changed since it parted from ``base``, by path."""
    between = ("-r", "-z", "-M", fork_point(repository, base, head), head)
    raw = repository.git("diff-tree", "--raw", "--no-abbrev", *between).decode("utf-8", "replace")
    counted = repository.git("diff-tree", "--numstat", *between).decode("utf-8", "replace")
    counts = _counts(iter(counted.split("\0")[:-1]))
    found = [_change(head_of, paths, counts) for head_of, paths in _raw_rows(iter(raw.split("\0")[:-1]))]
    return sorted(found, key=lambda change: change.path)


def _raw_rows(words: Iterable[str]) -> Iterable[tuple[list[str], list[str]]]:
    pieces = iter(words)
    for word in pieces:
        fields = word.lstrip(":").split(" ")
        yield fields, [next(pieces) for _ in range(2 if fields[4][0] in "RC" else 1)]


def _counts(words: Iterable[str]) -> dict[str, tuple[int, int]]:
    found, pieces = {}, iter(words)
    for word in pieces:
        added, removed, path = word.split("\t")
        if not path:  # a renamed file: the old name, then the new one
            next(pieces)
            path = next(pieces)
        found[path] = (int(added), int(removed)) if added != "-" else (0, 0)
    return found


def _change(fields: list[str], paths: list[str], counts: dict[str, tuple[int, int]]) -> Change:
    _mode, _new_mode, old_blob, new_blob, state = fields
    added, removed = counts.get(paths[-1], (0, 0))
    blob = old_blob if state == "D" else new_blob
    before = paths[0] if len(paths) > 1 else None
    return Change(paths[-1], _WORDS[state[0]], blob, before, added, removed)


def patch(repository: ForgeRepository, base: str, head: str, change: Change) -> str | None:
    """Give a change as a patch without its head; None where it is not text, or too much."""
    paths = [path for path in (change.before, change.path) if path]
    start = fork_point(repository, base, head)
    text = repository.git("diff", "-M", start, head, "--", *paths).decode("utf-8", "replace")
    at = text.find("\n@@ ")
    return text[at + 1 :].rstrip("\n") if at >= 0 and len(text) <= _PATCH_MAX else None


def brought(repository: ForgeRepository, commit: str, known: Iterable[str]) -> str:
    """Give everything that the commits before ``commit`` and not before ``known`` say and change."""
    without = [f"^{each}" for each in known]
    return repository.git("log", "--format=fuller", "-p", "--cc", commit, *without).decode("utf-8", "replace")


def entries(repository: ForgeRepository, commit: str, path: str) -> list[Entry]:
    """Give a file (one entry, its path the one asked for) or what lies in a folder; [] if nothing."""
    asked = [path] if path else []
    listed = _ls_tree(repository, commit, *asked)
    if path and listed and listed[0].kind == "tree":
        return _ls_tree(repository, commit, path + "/")
    return listed


def _ls_tree(repository: ForgeRepository, commit: str, *paths: str) -> list[Entry]:
    listed = repository.git("--literal-pathspecs", "ls-tree", "-z", "-l", commit, "--", *paths)
    found = []
    for row in listed.decode("utf-8", "replace").split("\0")[:-1]:
        about, _, path = row.partition("\t")
        mode, kind, blob, size = about.split()
        found.append(Entry(path, mode, kind, blob, int(size) if size != "-" else 0))
    return found
