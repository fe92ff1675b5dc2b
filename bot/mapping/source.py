"""Where the files of a mapping are read from: a folder here, a commit in ``bot.mapping.repo``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from bot.mapping.load import MAX_BYTES, Broken, Parsed, parse
from bot.mapping.problem import Level, Problem

MAX_FILES = 5_000


class Source(Protocol):
    """The files of one state of the mapping repository."""

    def files(self, folder: str) -> Sequence[str]:
        """Give the paths of everything directly in a folder ("" is the top), sorted."""

    def parsed(self, path: str) -> Parsed | None:
        """Give a file, read; None if there is none. What may not be read is a problem in it."""


def unreadable(path: str, key: str, **params: str | int) -> Parsed:
    """Give the reading of a file that may not be read."""
    return Parsed(path, Broken(1, 1), (Problem(path, 1, 1, Level.ERROR, key, params),))


class FolderSource:
    """A folder on this machine: for the check on the command line."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def files(self, folder: str) -> Sequence[str]:
        """Give what is directly in a folder."""
        place = self._folder / folder
        if not place.is_dir() or place.is_symlink():
            return ()
        return sorted(path.relative_to(self._folder).as_posix() for path in place.iterdir())

    def parsed(self, path: str) -> Parsed | None:
        """Read a file; a symbolic link is refused, as in a commit."""
        place = self._folder / path
        if place.is_symlink():
            return unreadable(path, "symlink")
        if not place.is_file():
            return None
        if place.stat().st_size > MAX_BYTES:
            return unreadable(path, "file_too_large", limit=MAX_BYTES)
        return parse(path, place.read_bytes())
