"""Merges and reverts in a bare repository, done by git in a work tree of the moment."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sandbox.forge.repository import ForgeRepository, signature

# A work tree must not do what the files in it ask for.
_CAREFUL = ("-c", "core.symlinks=false", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false")


def merge(
    repository: ForgeRepository, base: str, head: str, message: str, *, author: str, at: datetime
) -> str:
    """Write the merge commit of two commits and give its id; no branch moves.

    Raises:
        GitError: they do not go together.
    """
    with _work_tree(repository, base) as place:
        who = signature(author, at)
        _run(repository, place, "merge", "--quiet", "--no-ff", "--no-edit", "-m", message, head, more=who)
        return _tip(repository, place)


def revert(repository: ForgeRepository, onto: str, commit: str, *, author: str, at: datetime) -> str:
    """Write a commit on ``onto`` that undoes ``commit``, a merge or not, and give its id.

    Raises:
        GitError: later changes are in the way, or nothing is left to undo.
    """
    parents = repository.git("rev-list", "--parents", "-n", "1", commit).decode().split()[1:]
    side = ("-m", "1") if len(parents) > 1 else ()
    with _work_tree(repository, onto) as place:
        who = signature(author, at)
        _run(repository, place, "revert", "--no-edit", *side, commit, more=who)
        return _tip(repository, place)


@contextmanager
def _work_tree(repository: ForgeRepository, commit: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="forge-", dir=repository.folder.parent) as folder:
        place = Path(folder) / "tree"
        repository.git(*_CAREFUL, "worktree", "add", "--quiet", "--detach", str(place), commit)
        try:
            yield place
        finally:
            repository.git("worktree", "remove", "--force", str(place))


def _run(repository: ForgeRepository, place: Path, *words: str, more: Mapping[str, str]) -> None:
    repository.git(*_CAREFUL, *words, inside=place, more=more)


def _tip(repository: ForgeRepository, place: Path) -> str:
    return repository.git("rev-parse", "HEAD", inside=place).decode().strip()
