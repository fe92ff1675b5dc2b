"""What reached the mall: a journal without bodies, violations, and every byte for ``seen``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any


class Log:
    """Everything received on all of the mall's addresses, oldest first."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._received: set[bytes] = set()
        self.journal: list[dict[str, Any]] = []
        self.violations: list[dict[str, str]] = []

    def hear(self, content: bytes) -> None:
        """Keep what was received, for ``seen``."""
        self._received.add(content)

    def violate(self, what: str, name: str) -> None:
        """Note that a client did what no right client does."""
        self.violations.append({"at": self._now().isoformat(), "what": what, "name": name})

    def rows(self) -> list[dict[str, object]]:
        """Give the journal."""
        return [dict(line) for line in self.journal]

    def seen(self, text: str) -> bool:
        """Say whether this exact string was ever received, in a file or a command, in UTF-8 or cp932.

        The argument of PASS counts too, unless it is a password that this mall gave out.
        """
        forms = {text.encode(), text.encode("cp932", "replace")}
        return any(form in content for content in self._received for form in forms)
