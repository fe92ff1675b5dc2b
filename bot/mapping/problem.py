"""One thing that is wrong in the mapping repository, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.messages.mapping import MESSAGES


class Level(StrEnum):
    """An error keeps the commit from the malls; a warning is only told."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """A finding of the check; ``line`` and ``column`` count from 1.

    Args:
        key: which sentence of ``bot.messages.mapping`` tells it.
        params: what that sentence names; ``meant`` is what was probably meant, "" for no guess.
    """

    file: str
    line: int
    column: int
    level: Level
    key: str
    params: Mapping[str, str | int] = field(default_factory=dict)

    def message(self, language: str = "ja") -> str:
        """Give the sentence alone."""
        sentence = MESSAGES[self.key][language].format(**self.params)
        if self.params.get("meant"):
            sentence += MESSAGES["meant"][language].format(**self.params)
        return sentence

    def render(self, language: str = "ja") -> str:
        """Give ``file:line:column: level: message``, as compilers write it."""
        level = MESSAGES[f"level_{self.level}"][language]
        return f"{self.file}:{self.line}:{self.column}: {level}: {self.message(language)}"


def has_errors(problems: tuple[Problem, ...]) -> bool:
    """Say whether any of the problems keeps the commit from the malls."""
    return any(problem.level is Level.ERROR for problem in problems)
