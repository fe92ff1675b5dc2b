"""One thing that is wrong in the mapping repository, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.messages.mapping import MESSAGES


class Level(StrEnum):
    """An error keeps the commit from the malls; a warning and a note are only told."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


# A parameter that stands adds a sentence of its own: what was meant, who would refuse it, where to set it.
_ALSO = {"malls_en": "refused_by", "meant": "meant", "screen": "where_set"}


@dataclass(frozen=True)
class Problem:
    """A finding of the check; ``line`` and ``column`` count from 1.

    Args:
        key: which sentence of ``bot.messages.mapping`` tells it.
        params: what that sentence names; ``meant`` is what was probably meant, ``malls_en`` and
            ``malls_ja`` who would refuse it, ``screen`` where it is set: "" where nothing is to be said.
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
        also = [key for param, key in _ALSO.items() if self.params.get(param)]
        if self.key == "code_refused_by_mall" and "point" in self.params:
            also.insert(0, "at_character")
        return sentence + "".join(MESSAGES[key][language].format(**self.params) for key in also)

    def render(self, language: str = "ja") -> str:
        """Give ``file:line:column: level: message``, as compilers write it."""
        level = MESSAGES[f"level_{self.level}"][language]
        return f"{self.file}:{self.line}:{self.column}: {level}: {self.message(language)}"

    def record(self) -> dict[str, object]:
        """Give it as machines read it."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "level": str(self.level),
            "key": self.key,
            "message": {"ja": self.message("ja"), "en": self.message("en")},
            "params": dict(self.params),
        }


def has_errors(problems: tuple[Problem, ...]) -> bool:
    """Say whether any of the problems keeps the commit from the malls."""
    return any(problem.level is Level.ERROR for problem in problems)
