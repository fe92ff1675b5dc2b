"""What a person did at the screens: a journal without contents, and every byte uploaded for ``seen``."""

from __future__ import annotations

from datetime import datetime


class Log:
    """Everything done, oldest first."""

    def __init__(self) -> None:
        self._received: set[str] = set()
        self.entries: list[dict[str, str]] = []
        self.violations: list[dict[str, str]] = []

    def note(self, at: datetime, function: str, summary: str) -> None:
        """Note one use of a screen."""
        self.entries.append({"time": at.isoformat(), "function": function, "summary": summary})

    def receive(self, name: str, content: bytes) -> None:
        """Keep an upload for ``seen``, in both encodings that it may be in."""
        self._received.update([name, content.decode("cp932", "replace"), content.decode("utf-8", "replace")])

    def violate(self, at: datetime, function: str, what: str) -> None:
        """Note that a file was not in the mall's form."""
        self.violations.append({"time": at.isoformat(), "function": function, "what": what})

    def rows(self) -> list[dict[str, object]]:
        """Give the journal."""
        return [dict(line) for line in self.entries]

    def seen(self, text: str) -> bool:
        """Say whether this exact string was ever received."""
        return any(text in received for received in self._received)
