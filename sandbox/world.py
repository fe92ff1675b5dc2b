"""What all parts of the sandbox share: a folder, a clock, a certificate authority, one lock."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import trustme


class WorldClock:
    """Real time plus an offset that a test or a person may move forward."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        """Give the sandbox's time, aware, UTC."""
        return datetime.now(UTC) + self._offset

    def seconds(self) -> float:
        """Give seconds that never go back, offset included: for quotas and delays."""
        return time.monotonic() + self._offset.total_seconds()

    def advance(self, seconds: float) -> None:
        """Move the sandbox's time forward."""
        if seconds < 0:
            raise ValueError("time goes forward only")
        self._offset += timedelta(seconds=seconds)


class Part(Protocol):
    """One inhabitant of the sandbox: a mall, the Slack workspace, the forge."""

    name: str

    def start(self) -> None:
        """Open the ports (loopback, free ones) and begin."""

    def stop(self) -> None:
        """Close everything that ``start`` opened."""

    def addresses(self) -> dict[str, Any]:
        """Give what an operator must know to point a bot here: URLs, ports, made-up credentials."""

    def control(self, verb: str, arguments: dict[str, Any]) -> Any:
        """Do what a person, a shopper or a test asks; JSON values in and out.

        Raises:
            ControlError: the verb or an argument is unknown.
        """


class ControlError(Exception):
    """The sandbox was asked for something that it does not have."""


@dataclass
class World:
    """The ground that the parts stand on.

    ``lock`` guards the state of all parts: hold it for a change, never while waiting.
    ``changed`` is notified under that lock after every change, so that a driver can wait for one.
    """

    folder: Path
    clock: WorldClock = field(default_factory=WorldClock)
    random: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.changed = threading.Condition(self.lock)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._authority = trustme.CA(organization_name="tanaban sandbox")
        self.ca_file = self.folder / "ca.pem"
        self._authority.cert_pem.write_to_path(str(self.ca_file))

    def certificate(self, *, expired: bool = False) -> Path:
        """Issue a server certificate for the loopback names; give the file with key and chain."""
        pem = self.folder / ("server-expired.pem" if expired else "server.pem")
        if not pem.exists():
            end = datetime.now(UTC) - timedelta(days=1) if expired else None
            start = end - timedelta(days=1) if end else None
            issued = self._authority.issue_cert("127.0.0.1", "localhost", not_before=start, not_after=end)
            issued.private_key_and_cert_chain_pem.write_to_path(str(pem))
            pem.chmod(0o600)
        return pem

    def notify(self) -> None:
        """Wake whoever waits for a change."""
        with self.changed:
            self.changed.notify_all()


def call_verb(part: object, verb: str, arguments: dict[str, Any]) -> Any:
    """Call ``part.do_<verb>(**arguments)``: the common form of ``Part.control``."""
    method = getattr(part, f"do_{verb}", None)
    if method is None:
        known = sorted(name[3:] for name in dir(part) if name.startswith("do_"))
        raise ControlError(f"unknown verb {verb!r}; known: {', '.join(known)}")
    try:
        return method(**arguments)
    except (TypeError, KeyError, ValueError) as error:
        raise ControlError(f"{verb}: {error}") from error
