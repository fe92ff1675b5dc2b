"""The mall's FTPS addresses: what they tell the mall, and what is broken on purpose (spec 1, 5.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from sandbox.ftps import Accident, Site
from sandbox.malls.common.faults import ActiveFault
from sandbox.malls.ponpare.area import Area
from sandbox.malls.ponpare.faults import COMMANDS, Faults
from sandbox.malls.ponpare.log import Log
from sandbox.malls.ponpare.settings import Settings
from sandbox.world import World

_SPOILING = ("status", "cut_before", "cut_after", "hold", "slow", "drop_in_transfer")
_AS_NAMED: dict[str, Literal["cut_before", "cut_after", "hold"]] = {
    "cut_before": "cut_before",
    "cut_after": "cut_after",
    "hold": "hold",
}
_CLOSED = {
    "maintenance": "421 Service not available, closing control connection.",
    "rate_limit": "421 Too many connections from this user.",
}


class Password:
    """The FTP password and its life (spec 4); only the last one issued is good."""

    def __init__(self, world: World, settings: Settings) -> None:
        self._world = world
        self._settings = settings
        self.issued = [settings.password]
        self.expires_at: datetime | None = None
        self._live()

    def _live(self) -> None:
        days = self._settings.password_days
        self.expires_at = self._world.clock.now() + timedelta(days=days) if days else None

    def issue(self) -> str:
        """Issue a new one; the one before is worth nothing from now on."""
        self.issued.append(f"fake-ponpare-password-{len(self.issued) + 1}")
        self._live()
        return self.issued[-1]

    def expire(self) -> None:
        """Let the present one end now."""
        self.expires_at = self._world.clock.now()

    def is_expired(self) -> bool:
        """Say whether the present one is past its day."""
        return self.expires_at is not None and self.expires_at <= self._world.clock.now()


@dataclass(frozen=True)
class House:
    """What the addresses of the mall share."""

    world: World
    settings: Settings
    area: Area
    password: Password
    faults: Faults
    log: Log


class PonpareSite(Site):
    """One address. Uploads and results may have one each (spec 1.2)."""

    text_keeps_crlf = True

    def __init__(self, house: House, root: Path) -> None:
        super().__init__(house.world, root, house.settings.user, house.settings.password)
        self._house = house
        self._fetched: set[Path] = set()
        self.passwords = house.password.issued
        self.journal = house.log.journal
        self.session_reuse_required = house.settings.session_reuse_required

    # ------------------------------------------------------------------ what goes wrong

    def accident(self, command: str, _name: str) -> Accident | None:
        """Give what a planted fault does to this command."""
        faults = self._house.faults
        if command == "CONNECT":
            for closed, reply in _CLOSED.items():
                if faults.take_any(closed):
                    return Accident("refuse", reply)
        if command == "AUTH" and faults.take_any("tls_refused"):
            return Accident("refuse", "534 TLS is not available.")
        fault = faults.take(_SPOILING, COMMANDS.get(command, "none"))
        return _accident_of(fault) if fault is not None else None

    def certificate_expired(self) -> bool:
        """Say whether ``cert_expired`` is on."""
        return self._house.faults.on("cert_expired")

    def login_refused(self) -> bool:
        """Say whether ``login_530`` is on, or the password is past its day."""
        return bool(self._house.faults.take_any("login_530")) or self._house.password.is_expired()

    # ------------------------------------------------------------------ what happens

    def received(self, content: bytes) -> None:
        """Keep it for ``seen``."""
        self._house.log.hear(content)

    def violate(self, what: str, name: str) -> None:
        """Keep it for ``violations``."""
        self._house.log.violate(what, name)

    def asked(self, command: str, name: str) -> None:
        """Judge a command that changes the tree."""
        path = self.root / name.lstrip("/")
        if command in ("STOR", "APPE"):
            self._judge_upload(path, name)
        elif command == "RNTO":
            self._judge_overwrite(path, name)
        elif command == "DELE" and path.parent == self._house.area.results_folder:
            if path.exists() and path not in self._fetched:
                self.violate("a result deleted unread", name)
        elif command in ("STOU", "MKD", "RMD"):
            self.violate(f"{command}: the folders and names are the mall's", name)

    def _judge_upload(self, path: Path, name: str) -> None:
        if not self._house.area.slot_of(path) and self._house.settings.names == "fixed":
            self.violate("a file name that the mall does not take", name)
        self._judge_overwrite(path, name)

    def _judge_overwrite(self, path: Path, name: str) -> None:
        if self._house.area.slot_of(path) and path.exists():
            self.violate("overwrote a file that was not taken yet", name)
            self._house.area.count_overwrite()

    def writing(self, path: Path) -> None:
        """Note it in the area."""
        self._house.area.writing(path)

    def written(self, path: Path, *, whole: bool) -> None:
        """Note it in the area."""
        self._house.area.written(path, whole=whole)
        self._arrived(path)

    def moved(self, source: Path, target: Path) -> None:
        """Note it in the area."""
        self._house.area.moved(source, target)
        self._arrived(target)

    def _arrived(self, path: Path) -> None:
        shared = self._house.area.shared_items() if self._house.area.slot_of(path) == "option.csv" else set()
        if shared:
            self.violate(f"{', '.join(sorted(shared))}: still in item.csv", "option.csv")
        self.world.notify()

    def fetched(self, path: Path) -> None:
        """Note that a result was read."""
        self._fetched.add(path)


def _accident_of(fault: ActiveFault) -> Accident:
    given = fault.options
    if fault.name == "status":
        return Accident("refuse", f"{given.get('code', 451)} {given.get('text', 'Action not taken.')}")
    if fault.name == "drop_in_transfer":
        return Accident("drop", after_bytes=int(given.get("bytes", 32)))
    if fault.name == "slow":
        return Accident("slow", seconds=float(given.get("seconds", 1)))
    return Accident(_AS_NAMED[fault.name])
