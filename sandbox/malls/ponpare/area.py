"""The slots, the results and the images on disk, and the worker's rounds over them (spec 1.1, 1.2, 5)."""

from __future__ import annotations

import base64
import math
import os
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.malls.ponpare import columns as col
from sandbox.malls.ponpare import csvform
from sandbox.malls.ponpare.faults import SLOTS, Faults
from sandbox.malls.ponpare.intake import Intake
from sandbox.malls.ponpare.settings import Settings
from sandbox.world import World

JST = ZoneInfo("Asia/Tokyo")
_PAGE = "<html><body>しばらくしてから再度お試しください。</body></html>"


@dataclass
class Upload:
    """A file that the mall took out of a slot; ``result`` is the name of its answer, once there is one."""

    slot: str
    content: bytes
    taken_at: str
    due_s: float
    result: str | None = None
    records: list[list[str]] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """Give what a test reads; ``base64`` holds the very bytes."""
        return {
            "slot": self.slot,
            "text": self.content.decode(csvform.ENCODING, "replace"),
            "base64": base64.b64encode(self.content).decode(),
            "taken_at": self.taken_at,
            "result": self.result,
        }


class Area:
    """The files by their path in the tree; the caller holds the sandbox's lock."""

    def __init__(self, world: World, settings: Settings, faults: Faults, intake: Intake) -> None:
        self._world = world
        self._settings = settings
        self._faults = faults
        self._intake = intake
        folder = world.folder.resolve()  # the FTP server knows files by their real paths
        self.root = folder / "ponpare-area"
        second = settings.results_on == "second"
        self.results_root = folder / "ponpare-results" if second else self.root
        self.slots_folder = self.root / settings.upload_dir.strip("/")
        self.results_folder = self.results_root / settings.result_dir.strip("/")
        self.uploads: list[Upload] = []
        self._written: dict[Path, float] = {}
        self._parts: set[Path] = set()
        self._waiting: list[Upload] = []
        for folder in (self.root / "imageUpload/images", self.slots_folder, self.results_folder):
            folder.mkdir(parents=True, exist_ok=True)

    def slot_of(self, path: Path) -> str:
        """Give the slot that a path is, or nothing."""
        return path.name if path.parent == self.slots_folder and path.name in SLOTS else ""

    def texts(self) -> dict[str, str]:
        """Give every file there is as text, by its path; results of a second address have their own."""
        found = {}
        for root in dict.fromkeys((self.root, self.results_root)):
            for path in sorted(path for path in root.rglob("*") if path.is_file()):
                name = f"/{path.relative_to(root).as_posix()}"
                found[name] = path.read_bytes().decode(csvform.ENCODING, "replace")
        return found

    def is_busy(self) -> bool:
        """Say whether an upload waits or is being worked on (spec 2.3)."""
        return bool(self._waiting) or any((self.slots_folder / slot).exists() for slot in SLOTS)

    # ------------------------------------------------------------------ what clients do

    def writing(self, path: Path) -> None:
        """Note that a client writes this file now; a file is never taken under its writer's hand."""
        self._written[path] = math.inf
        self._parts.add(path)

    def written(self, path: Path, *, whole: bool) -> None:
        """Note that the writing of this file ended now. The mall takes a part like any other file."""
        if whole:
            self._parts.discard(path)
        self._written[path] = self._world.clock.seconds()
        if path.exists():
            self._date(path)

    def moved(self, source: Path, target: Path) -> None:
        """Note a rename."""
        if source in self._parts:
            self._parts.add(target)
        else:
            self._parts.discard(target)
        self._written.pop(source, None)
        self._written[target] = self._world.clock.seconds()

    def count_overwrite(self) -> None:
        """Count an upload into a slot whose last file was not taken (spec 5.6)."""
        (self.results_folder / ".overwrites").write_text(f"{self.overwrites() + 1}\n", encoding="ascii")

    def overwrites(self) -> int:
        """Give how often that was."""
        counted = self.results_folder / ".overwrites"
        return int(counted.read_text(encoding="ascii")) if counted.exists() else 0

    # ------------------------------------------------------------------ what the mall does

    def work(self) -> bool:
        """Take what lies ready, and put out the results that are due; tell whether anything changed."""
        taken = [slot for slot in SLOTS if self._is_ready(slot)]
        for slot in taken:
            self._take(slot)
        due = [upload for upload in self._waiting if upload.due_s <= self._world.clock.seconds()]
        for upload in due:
            self._waiting.remove(upload)
            self._put_result(upload)
        return bool(taken or due)

    def _is_ready(self, slot: str) -> bool:
        path = self.slots_folder / slot
        if not path.exists() or self._faults.on("slot_stuck", slot):
            return False
        since_s = self._world.clock.seconds() - self._written.get(path, -math.inf)
        return since_s >= self._settings.tick_s

    def _take(self, slot: str) -> None:
        path = self.slots_folder / slot
        now = self._world.clock.now()
        upload = Upload(
            slot, path.read_bytes(), now.isoformat(), self._world.clock.seconds() + self._settings.work_s
        )
        path.unlink()
        self._written.pop(path, None)
        upload.records = self._intake.answer(slot, upload.content, whole=path not in self._parts)
        self.uploads.append(upload)
        self._waiting.append(upload)

    def _put_result(self, upload: Upload) -> None:
        if self._faults.take_slot("no_result", upload.slot):
            return
        upload.result = self._free_name(upload.slot)
        path = self.results_folder / upload.result
        part = self.results_root.parent / f"{upload.result}.part"
        part.write_bytes(self._result_bytes(upload))
        self._date(part)
        part.replace(path)

    def _result_bytes(self, upload: Upload) -> bytes:
        if self._faults.take_slot("html", upload.slot):
            return _PAGE.encode()
        records = list(upload.records)
        if fault := self._faults.take_any("omit"):
            del records[int(fault.options.get("nth", 0)) + 1 : int(fault.options.get("nth", 0)) + 2]
        return csvform.write(records, self._settings.result_encoding)

    def _free_name(self, slot: str) -> str:
        """Name a result by the time; two of one second get one second more (spec 1.2)."""
        at, used = self._world.clock.now().astimezone(JST), {upload.result for upload in self.uploads}
        while True:
            name = f"{slot.removesuffix('.csv')}_{at.strftime(self._settings.result_stamp)}.csv"
            if name not in used or "%S" not in self._settings.result_stamp:
                return name
            at += timedelta(seconds=1)

    def _date(self, path: Path) -> None:
        """Give a file the sandbox's time, which listings show."""
        seconds = self._world.clock.now().timestamp()
        os.utime(path, (seconds, seconds))

    # ------------------------------------------------------------------ a rule over both slots

    def shared_items(self) -> set[str]:
        """Give the products that lie in item.csv and in option.csv at once (spec 1.1)."""
        named = [self._named(slot) for slot in SLOTS]
        return named[0] & named[1]

    def _named(self, slot: str) -> set[str]:
        path = self.slots_folder / slot
        try:
            records = csvform.parse(path.read_bytes()) if path.exists() else []
        except csvform.FormError:
            return set()
        if not records or col.MANAGE_ID not in records[0]:
            return set()
        at = records[0].index(col.MANAGE_ID)
        return {row[at] for row in records[1:] if len(row) > at}
