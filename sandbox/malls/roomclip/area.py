"""The merchant's folder tree in TEMPOSTAR, as it lies on disk, and what came over the wire."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.malls.roomclip.csvform import encoding_of
from sandbox.world import World


@dataclass
class Area:
    """Files by their path in the area (``/stock/...``); ``root`` is where they really lie."""

    world: World
    root: Path
    quota_bytes: int
    shop_code: str
    journal: list[dict[str, Any]] = field(default_factory=list)
    violations: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._written: dict[Path, float] = {}
        self._received = self.root.parent / f"{self.root.name}-received.bin"
        self._received.touch()
        folders = ("stock/update", "stock/log", "order/update", "order/export/acc/new", "order/import")
        for folder in (*folders, f"netstock/{self.shop_code}"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)

    # ------------------------------------------------------------------ files

    def path(self, name: str) -> Path:
        """Give where ``/stock/x.csv`` lies."""
        return self.root / name.lstrip("/")

    def name(self, path: Path) -> str:
        """Give a file's path in the area."""
        return f"/{path.relative_to(self.root).as_posix()}"

    def files(self) -> list[Path]:
        """List every file, in order of its path; one that goes away meanwhile is left out."""
        return sorted(path for path in self.root.rglob("*") if path.is_file())

    def put(self, name: str, content: bytes) -> None:
        """Write a file so that nobody sees half of it."""
        path = self.path(name)
        part = path.with_name(path.name + ".tmp")
        part.write_bytes(content)
        self._date(part)
        part.replace(path)

    def _date(self, path: Path) -> None:
        """Give a file the sandbox's time, which listings show."""
        seconds = self.world.clock.now().timestamp()
        os.utime(path, (seconds, seconds))

    def texts(self) -> dict[str, str]:
        """Give every file of the area as text, by its path."""
        found: dict[str, str] = {}
        for path in self.files():
            try:
                found[self.name(path)] = path.read_bytes().decode(encoding_of(path.name), errors="replace")
            except FileNotFoundError:
                continue
        return found

    def room(self) -> int:
        """Give the bytes that still fit."""
        used = 0
        for path in self.files():
            try:
                used += path.stat().st_size
            except FileNotFoundError:
                continue
        return self.quota_bytes - used

    # ------------------------------------------------------------------ settling

    def writing(self, path: Path) -> None:
        """Note that a client writes this file now."""
        self._written[path] = math.inf

    def written(self, path: Path) -> None:
        """Note that a client's writing of this file ended now, whole or not."""
        self._written[path] = self.world.clock.seconds()
        if path.exists():
            self._date(path)

    def moved(self, source: Path, target: Path) -> None:
        """Note a rename: the content is as old as it was."""
        self._written[target] = self._written.pop(source, -math.inf)

    def settled(self, path: Path, settle_s: float) -> bool:
        """Tell whether nobody has written this file for ``settle_s``."""
        return self.world.clock.seconds() - self._written.get(path, -math.inf) >= settle_s

    # ------------------------------------------------------------------ what came in

    def received(self, content: bytes) -> None:
        """Keep what a client sent, for ``seen``."""
        with self.world.lock, self._received.open("ab") as kept:
            kept.write(content + b"\n")

    def seen(self, text: str) -> bool:
        """Tell whether a client ever sent this text, in UTF-8 or cp932."""
        kept = self._received.read_bytes()
        forms = {text.encode(), text.encode("cp932", errors="replace")}
        return any(form in kept for form in forms)

    def violate(self, what: str, name: str) -> None:
        """Record that a client broke the contract."""
        with self.world.lock:
            self.violations.append({"at": self.world.clock.now().isoformat(), "what": what, "name": name})
