"""The FTP address of the upload area: what it tells the mall, and what is broken on purpose (spec 5.4)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sandbox.ftps import Accident, Site
from sandbox.malls.common.faults import ActiveFault
from sandbox.malls.common.log import Entry, Log
from sandbox.malls.futureshop.faults import Faults
from sandbox.malls.futureshop.uploads import Uploads
from sandbox.world import World

FUNCTION = "ftp"
WORK = ("CWD", "MLSD", "NLST", "LIST", "SIZE", "MDTM", "RETR", "STOR", "DELE", "RNFR", "RNTO")
"""What a fault without a ``command`` befalls."""


class Desk(Site):
    """The area, its password, its faults and its log, as the connections know them."""

    session_reuse_required = False  # nothing is known of it

    def __init__(self, world: World, uploads: Uploads, faults: Faults, log: Log) -> None:
        super().__init__(world, uploads.root, "sandboxshop", "fake-ftp-password-1")
        self._uploads = uploads
        self._faults = faults
        self._log = log
        self._since_s = 0.0

    def rows(self) -> list[dict[str, object]]:
        """Give the commands as the mall's journal shows them."""
        return [self._row(line) for line in self.journal]

    @staticmethod
    def _row(line: dict[str, Any]) -> dict[str, object]:
        command, argument, reply = line["function"], line["summary"], line["reply"]
        return {
            "time": line["at"],
            "function": FUNCTION,
            "method": command,
            "path": argument,
            "status": int(reply or 0),
            "summary": f"{command} {argument} -> {reply or 'no answer'}",
        }

    # ------------------------------------------------------------------ what goes wrong

    def accident(self, command: str, _name: str) -> Accident | None:
        """Give what a planted fault does to this command."""
        if command == "AUTH" and self._faults.take(("tls_refused",), FUNCTION):
            return Accident("refuse", "534 TLS is not available.")
        if command not in WORK:
            return None
        fault = self._faults.take(("status", "cut_before", "cut_after"), FUNCTION, command)
        return _accident_of(fault) if fault else None

    def login_refused(self) -> bool:
        """Say whether ``login_530`` is on."""
        return self._faults.take(("login_530",), FUNCTION) is not None

    # ------------------------------------------------------------------ what happens

    def note(self, command: str, argument: str) -> dict[str, Any]:
        """Write a command into the journal; the mall first takes what is due, so that nobody finds it."""
        self._uploads.take_up()
        return super().note(command, argument)

    def received(self, content: bytes) -> None:
        """Keep it for ``seen``."""
        self._log.hear(content)

    def violate(self, what: str, name: str) -> None:
        """Keep it for ``violations``."""
        self._log.violate(Entry(self.world.clock.now(), FUNCTION, "", name), what)

    def asked(self, command: str, name: str) -> None:
        """Judge a command that puts a file in place, and remember when: its answer may move the clock."""
        if command not in ("STOR", "RNTO"):
            return
        self._since_s = self.world.clock.seconds()
        if not name.endswith(".csv"):
            return
        if command == "STOR":
            self.violate("written under its final name", name)
        elif (self.root / name.lstrip("/")).exists():
            self.violate("replaced a file that was not taken yet", name)

    def written(self, path: Path, *, whole: bool) -> None:
        """Let the mall know a file that was written whole."""
        if whole:
            self._land(path)

    def moved(self, _source: Path, target: Path) -> None:
        """Let the mall know a file under its new name."""
        self._land(target)

    def _land(self, path: Path) -> None:
        self._uploads.landed(path, self._since_s)
        self.world.notify()


def _accident_of(fault: ActiveFault) -> Accident:
    if fault.name == "status":
        return Accident("refuse", f"{fault.options.get('code', 451)} Requested action not taken.")
    return Accident("cut_before" if fault.name == "cut_before" else "cut_after")
