"""Every folder that a power cut may leave of a recording, within bounds.

What was written and not synced may be kept, dropped or torn, each piece by itself; a change of a name
is durable only when its folder was synced. After ALICE (Pillai et al., OSDI 2014).
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from tests.crash.points import checked, prepare, workplace
from tests.crash.recording import OPTIONS, Event, Reader
from tests.crash.scenarios import play
from tests.crash.tracing import SAID, traced

SECTOR = 512
PENDING_IN_FULL = 24  # of more than this, some are tried
RANDOM_SUBSETS = 4
_NAMES = ("mkdir", "create", "rename", "unlink")
Content = bytes | bytearray
_VOLATILE = "-shm"  # SQLite makes it anew when it is the first to open


@dataclass(frozen=True)
class Recording:
    """A run: the folder it began with, what it did, and its malls at every version."""

    names: Mapping[str, int]
    files: Mapping[int, bytes]
    events: Sequence[Event]
    malls: Mapping[int, bytes]
    said: str


@dataclass(frozen=True)
class State:
    """A folder after a power cut, and what had been said and bought before it.

    It is kept as what happened to the pending changes, and put together when it is wanted: thousands of
    copies of a database would not fit into memory.

    Args:
        key: tells states apart that a checker could tell apart.
    """

    label: str
    cut: int
    kept: frozenset[int]
    torn: Mapping[int, str]
    said: str = field(repr=False)
    mall: int
    key: bytes = field(repr=False)

    def files(self, recording: Recording) -> dict[str, Content | None]:
        """Give content by name; None for a folder."""
        durable = _durable(recording, self.cut, _pending(recording.events[: self.cut], recording.names))
        return _after(recording, durable, self.kept, self.torn).seen()


def _key(files: Mapping[str, Content | None], said: str, mall: int) -> bytes:
    digest = hashlib.sha256(f"{said}{mall}".encode())
    for name, content in sorted(files.items()):
        if not name.endswith(_VOLATILE):
            digest.update(name.encode() + b"\0" + hashlib.blake2b(content or b"").digest())
    return digest.digest()


def record(scenario: str, base: Path | None, synchronous: str = "") -> Recording:
    """Play a scenario once and keep all that it did."""
    with workplace() as work:
        prepare(work, base)
        top = work / "top"
        found = {str(path.relative_to(top)): path for path in sorted(top.rglob("*"))}
        names = {".": 1} | {name: number for number, name in enumerate(found, 2)}
        files = {names[name]: path.read_bytes() for name, path in found.items() if path.is_file()}
        said = (work / SAID).read_text() if base else ""
        status = traced(work, lambda: play(scenario, work, synchronous), OPTIONS, hear=True)
        assert status == 0, f"{scenario} ended with {status}"
        events = list(Reader(top, names).read((work / "trace").read_text()))
        malls = {int(path.name): path.read_bytes() for path in (work / "malls").iterdir()}
        return Recording(names, files, events, malls, said)


def states(recording: Recording) -> Iterator[State]:
    """Give the states, each once, always in the same order."""
    seen: set[bytes] = set()
    for cut in _cuts(recording.events):
        events = recording.events[:cut]
        said = recording.said + "".join(event.name for event in events if event.what == "say")
        pending = _pending(events, recording.names)
        durable = _durable(recording, cut, pending)
        for label, kept, torn in _fates(events, pending, cut):
            mall = _mall(said)
            key = _key(_after(recording, durable, kept, torn).seen(), said, mall)
            if key not in seen:
                seen.add(key)
                yield State(f"cut {cut} {label}", cut, kept, torn, said, mall, key)


def _after(recording: Recording, durable: _Disk, kept: Iterable[int], torn: Mapping[int, str]) -> _Disk:
    """Give the disk with those of the pending changes that reached it."""
    disk = durable.copy()
    for at in sorted(kept):
        disk.apply(recording.events[at], torn.get(at, ""))
    return disk


def _cuts(events: Sequence[Event]) -> list[int]:
    """Cut before each sync, when most is pending, and after each word, when most is promised."""
    found = [at for at, event in enumerate(events) if event.what == "sync"]
    found += [at + 1 for at, event in enumerate(events) if event.what == "say"]
    return sorted({*found, len(events)})


def _pending(events: Sequence[Event], names: Mapping[str, int]) -> list[int]:
    """Give what no later sync has made durable."""
    folders = dict(names) | {event.name: event.file for event in events if event.what == "mkdir"}
    synced: set[int] = set()
    found = []
    for at in range(len(events) - 1, -1, -1):
        event = events[at]
        if event.what == "sync":
            synced.add(event.file)
        elif event.what != "say":
            needs = folders[str(PurePath(event.name).parent)] if event.what in _NAMES else event.file
            if needs not in synced:
                found.append(at)
    return found[::-1]


Fate = tuple[str, frozenset[int], dict[int, str]]


def _fates(events: Sequence[Event], pending: Sequence[int], seed: int) -> Iterator[Fate]:
    """Give what may become of the pending changes: label, those kept, those torn and how."""
    dice = random.Random(seed)
    everything = frozenset(pending)
    yield "all", everything, {}
    yield "none", frozenset(), {}
    chosen = pending if len(pending) <= PENDING_IN_FULL else sorted(dice.sample(pending, PENDING_IN_FULL))
    for at in chosen:
        up_to = frozenset(other for other in pending if other <= at)
        yield f"up to {at}", up_to, {}
        yield f"without {at}", everything - {at}, {}
        yield f"only {at}", frozenset({at}), {}
        if events[at].what == "write":
            yield f"up to {at} torn", up_to, {at: "head"}
            for how in ("head", "tail", "zero"):
                yield f"all, {at} {how}", everything, {at: how}
    for number in range(RANDOM_SUBSETS if len(pending) > 2 else 0):
        yield f"some {number}", frozenset(at for at in pending if dice.random() < 0.5), {}


class _Disk:
    """Names and files as they lie on the disk; a copy shares what it does not change."""

    def __init__(
        self, names: Mapping[str, int], files: Mapping[int, Content], folders: Iterable[int]
    ) -> None:
        self.names, self.files, self.folders = dict(names), dict(files), set(folders)
        self._own: set[int] = set()

    def copy(self) -> _Disk:
        """Give a disk of the same content."""
        return _Disk(self.names, self.files, self.folders)

    def apply(self, event: Event, torn: str = "") -> None:
        """Let an event reach the disk."""
        if event.what in _NAMES:
            if event.what == "mkdir":
                self.folders.add(event.file)
            _rename(self.names, event)
        elif event.what in ("write", "size"):
            if event.file not in self._own:
                self.files[event.file] = bytearray(self.files.get(event.file, b""))
                self._own.add(event.file)
            _change(self.files[event.file], event, torn)

    def seen(self) -> dict[str, Content | None]:
        """Give what a process finds: content by name, None for a folder."""
        found = {
            name: None if number in self.folders else self.files.get(number, b"")
            for name, number in self.names.items()
        }
        return {name: content for name, content in found.items() if _reachable(name, found)}


def _durable(recording: Recording, cut: int, pending: Sequence[int]) -> _Disk:
    """Give what is surely on the disk. What is pending of a file or a folder came after all of it."""
    folders = {number for number in recording.names.values() if number not in recording.files}
    disk, lost = _Disk(recording.names, recording.files, folders), set(pending)
    for at, event in enumerate(recording.events[:cut]):
        if at not in lost:
            disk.apply(event)
    return disk


def _rename(names: dict[str, int], event: Event) -> None:
    if event.what in ("rename", "unlink"):
        names.pop(event.name, None)
    if event.what != "unlink":
        names[event.new_name or event.name] = event.file


def _change(content: bytearray, event: Event, torn: str) -> None:
    if event.what == "size":
        content[:] = content[: event.offset].ljust(event.offset, b"\0")
        return
    half = len(event.data) // 2 // SECTOR * SECTOR or len(event.data) // 2
    parts = {"head": (0, event.data[:half]), "tail": (half, event.data[half:]),
             "zero": (0, bytes(len(event.data)))}  # fmt: skip
    start, data = parts.get(torn, (0, event.data))
    end = event.offset + len(event.data)
    if torn != "head" and len(content) < end:
        content.extend(bytes(end - len(content)))
    at = event.offset + start
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    content[at : at + len(data)] = data


def _reachable(name: str, found: Mapping[str, Content | None]) -> bool:
    return all(str(parent) in found for parent in PurePath(name).parents)


def _mall(said: str) -> int:
    rows: Iterable[list[str]] = (line.split() for line in said.splitlines())
    return max((int(row[1]) for row in rows if row[0] == "mall"), default=0)


def judge(recording: Recording, state: State) -> list[str]:
    """Put a state down and let a fresh process judge it."""
    with workplace() as work:
        for name, content in state.files(recording).items():
            path = work / "top" / name
            if content is None:
                path.mkdir(parents=True, exist_ok=True)
            else:
                path.write_bytes(content)
        malls = work / "malls"
        malls.mkdir()
        if state.mall:
            (malls / f"{state.mall:06d}").write_bytes(recording.malls[state.mall])
        (work / SAID).write_text(state.said)
        return checked(work)
