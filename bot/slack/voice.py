"""How the face speaks: a language, the command's name, and the words that views share. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.messages import Style, moment, say, span
from bot.slack.blocks import escape

_PERSON = re.compile(r"[UW][A-Z0-9]{5,}")


@dataclass(frozen=True)
class Voice:
    """Speaks one language. Called with a key it gives the sentence; ``{command}`` is filled in."""

    lang: str
    command: str = "/zaiko"

    def __call__(self, key: str, /, **params: Any) -> str:
        return say(key, self.lang, **{"command": self.command, **params})

    def at(self, at: datetime | None, style: Style = "moment") -> str:
        """Print a time, or that it is not known."""
        return self("unknown") if at is None else moment(at, self.lang, style)

    def ago(self, at: datetime, now: datetime) -> str:
        """Print how long ago ``at`` was."""
        return self("ago", span=span(now - at, self.lang))

    def person(self, who: str) -> str:
        """Name a person: a Slack user by mention, anybody else as written."""
        return f"<@{who}>" if _PERSON.fullmatch(who) else escape(who) or self("unknown")

    def targets(self, names: Iterable[str]) -> str:
        """Join targets as a sentence needs them."""
        words = (self("target.all") if name == "all" else escape(name) for name in names)
        return self("list.join").join(words)

    def label(self, ja: str, en: str) -> str:
        """Choose between a Japanese and an English name, escaped."""
        return escape(ja if self.lang == "ja" else en)
