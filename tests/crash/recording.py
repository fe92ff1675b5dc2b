"""What one run did to the folder, call by call, read from strace's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from tests.crash.tracing import CHANGING, SAID

OPTIONS = ("-xx", "-y", "-s", "1000000", "-e", f"trace={','.join(CHANGING)}")
"""Every byte of every string, and the path behind every descriptor."""

_CALL = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_DESCRIPTOR = re.compile(r"(\d+)<")
_NO_MATTER = {"chmod", "fchmod", "fchown", "chown", "utimensat"}


@dataclass(frozen=True)
class Event:
    """One thing that happened, in order.

    ``what``: write, size (of a file's bytes) · mkdir, create, rename, unlink (of names) · sync (of a file
    or a folder) · say. ``file`` numbers a file whatever it is called; ``name`` is a path below the top.
    """

    what: str
    file: int = 0
    name: str = ""
    new_name: str = ""
    data: bytes = b""
    offset: int = 0


class Reader:
    """Reads a trace; knows which descriptor is which file, and which file has which name."""

    def __init__(self, top: Path, names: dict[str, int]) -> None:
        self._top = top
        self._names = dict(names)
        self._next = max(names.values(), default=0) + 1
        self._open: dict[int, int] = {}
        self._position: dict[int, int] = {}

    def read(self, trace: str) -> Iterator[Event]:
        """Give the events of a trace; calls that failed did nothing."""
        for row in trace.splitlines():
            found = _CALL.match(row)
            if found and not found[3].startswith("-") and found[1] not in _NO_MATTER:
                yield from getattr(self, f"_{found[1]}")(found[2], int(found[3]))

    def _name(self, path: bytes) -> str:
        return str(PurePath(path.decode()).relative_to(self._top))

    def _openat(self, words: str, descriptor: int) -> Iterator[Event]:
        path = _texts(words)[0]
        if path.endswith(f"/{SAID}".encode()):
            self._open[descriptor] = 0
            return
        name = self._name(path)
        known = name in self._names
        if not known:
            yield from self._made(name, "create")
        self._open[descriptor], self._position[descriptor] = self._names[name], 0
        if known and "O_TRUNC" in words:
            yield Event("size", self._names[name], offset=0)

    def _made(self, name: str, what: str) -> Iterator[Event]:
        self._names[name] = self._next
        self._next += 1
        yield Event(what, self._names[name], name)

    def _mkdir(self, words: str, _result: int) -> Iterator[Event]:
        yield from self._made(self._name(_texts(words)[0]), "mkdir")

    def _write(self, words: str, written: int) -> Iterator[Event]:
        descriptor, data = _descriptor(words), _texts(words)[-1][:written]
        file = self._open.get(descriptor, 0)
        if not file:
            yield Event("say", name=data.decode())
            return
        yield Event("write", file, data=data, offset=self._position[descriptor])
        self._position[descriptor] += written

    def _pwrite64(self, words: str, written: int) -> Iterator[Event]:
        offset = int(words.rsplit(",", 1)[1])
        yield Event("write", self._open[_descriptor(words)], data=_texts(words)[-1][:written], offset=offset)

    def _ftruncate(self, words: str, _result: int) -> Iterator[Event]:
        yield Event("size", self._open[_descriptor(words)], offset=int(words.rsplit(",", 1)[1]))

    def _fsync(self, words: str, _result: int) -> Iterator[Event]:
        yield Event("sync", self._open[_descriptor(words)])

    _fdatasync = _fsync

    def _rename(self, words: str, _result: int) -> Iterator[Event]:
        old, new = (self._name(path) for path in _texts(words))
        self._names[new] = self._names.pop(old)
        yield Event("rename", self._names[new], old, new)

    def _unlink(self, words: str, _result: int) -> Iterator[Event]:
        name = self._name(_texts(words)[0])
        yield Event("unlink", self._names.pop(name), name)


def _texts(words: str) -> list[bytes]:
    return [bytes.fromhex(text.replace("\\x", "")) for text in _TEXT.findall(words)]


def _descriptor(words: str) -> int:
    found = _DESCRIPTOR.match(words)
    assert found, words[:80]
    return int(found[1])
