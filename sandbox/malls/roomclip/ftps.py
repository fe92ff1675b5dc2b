"""The FTPS server of TEMPOSTAR's area: what it tells the area, and what is broken on purpose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sandbox.ftps import Accident, Site
from sandbox.malls.roomclip.area import Area
from sandbox.malls.roomclip.settings import Faults, Settings

_CHANGING = frozenset({"STOR", "APPE", "STOU", "DELE", "RNFR", "RNTO", "MKD", "RMD"})

_WORK = _CHANGING | {"CWD", "MLSD", "NLST", "LIST", "RETR", "SIZE", "MDTM"}


class Desk(Site):
    """What the connections share: the password, the area, the faults, the counts."""

    def __init__(self, area: Area, settings: Settings, faults: Faults) -> None:
        super().__init__(area.world, area.root, settings.user, settings.password)
        self.area = area
        self.faults = faults
        self.journal = area.journal
        self.session_reuse_required = settings.session_reuse_required
        self.on_change: Callable[[str, str], None] = lambda _command, _name: None
        self.on_arrival: Callable[[Path], None] = lambda _path: None

    # ------------------------------------------------------------------ what goes wrong

    def accident(self, command: str, name: str) -> Accident | None:
        """TLS refused, an area that is full, a refusal, an answer held back, a cut line."""
        if command == "AUTH" and self.faults.tls_refused:
            return Accident("refuse", "534 TLS is not available.")
        if command in ("STOR", "APPE") and (self.faults.quota_full or self.room() <= 0):
            return Accident("refuse", "552 Requested file action aborted: quota exceeded.")
        if self.faults.refuse is not None and self._meets_refusal(command, self.faults.refuse):
            return Accident("refuse", self.faults.refuse)
        final = command == "RNTO" and not name.endswith(".tmp")
        if final and self.faults.hold:
            self.faults.hold = False
            return Accident("hold")
        return self._cut(command, final=final)

    def _meets_refusal(self, command: str, reply: str) -> bool:
        return command == "CONNECT" if reply.startswith("421") else command in _WORK

    def _cut(self, command: str, *, final: bool) -> Accident | None:
        if self.faults.cut_before and command in ("STOR", "RETR"):
            return Accident("cut_before")
        if self.faults.cut_after and (final or command == "RETR"):
            return Accident("cut_after")
        if self.faults.cut_after_bytes is not None:
            return Accident("drop", after_bytes=self.faults.cut_after_bytes)
        return None

    def certificate_expired(self) -> bool:
        return self.faults.cert_expired

    def login_refused(self) -> bool:
        return self.faults.login_530

    def room(self) -> float:
        return self.area.room()

    # ------------------------------------------------------------------ what happens

    def received(self, content: bytes) -> None:
        self.area.received(content)

    def violate(self, what: str, name: str) -> None:
        self.area.violate(what, name)

    def asked(self, command: str, name: str) -> None:
        if command in _CHANGING:
            self.on_change(command, name)

    def writing(self, path: Path) -> None:
        self.area.writing(path)

    def written(self, path: Path, *, whole: bool) -> None:
        self.area.written(path)
        if whole:
            self.on_arrival(path)

    def moved(self, source: Path, target: Path) -> None:
        self.area.moved(source, target)
        self.on_arrival(target)
