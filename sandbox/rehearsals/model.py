"""What a rehearsal is: steps, each with what happens, what to try and how it is seen to be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.rehearsals.stage import Stage

Act = Callable[[Stage], object]


def nothing(_stage: Stage) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Step:
    """One step of a rehearsal.

    Args:
        ja: what happens and what to do, for a person; ``en``: the same in English.
        seen: tells whether the step is done, whoever did it and however.
        happens: what the world does when the step begins.
        played: what the person does, where nobody is there to do it.
        type: the very command that the person types, if it is one.
        says: what the bot then says, in its own words; ``says_en``: what that means.
    """

    ja: str
    en: str
    seen: Callable[[Stage], bool]
    happens: Act = nothing
    played: Act = nothing
    type: str = ""
    says: str = ""
    says_en: str = ""


@dataclass(frozen=True)
class Rehearsal:
    """A trouble to live through.

    Args:
        settings: sections of ``tanaban.toml`` beside the demo's.
    """

    name: str
    ja: str
    en: str
    steps: Sequence[Step]
    settings: str = ""


EQUAL = Step(
    "最後に、在庫台帳と、6つのモールで買い手に見える数を、1つずつ突き合わせます。",
    "Last, the ledger and what buyers see on six malls are compared, number by number.",
    lambda stage: stage.is_equal(),
)
"""The end of every rehearsal."""


def shown(rehearsal: Rehearsal, steps: Sequence[Step], done: int) -> dict[str, Any]:
    """Give the script as the page shows it, with ``done`` steps ticked."""
    states = ["done" if place < done else "now" if place == done else "next" for place in range(len(steps))]
    words = ("ja", "en", "type", "says", "says_en")
    return {
        "name": rehearsal.name,
        "ja": rehearsal.ja,
        "en": rehearsal.en,
        "over": done >= len(steps),
        "steps": [
            {**{word: getattr(step, word) for word in words}, "state": state}
            for step, state in zip(steps, states, strict=True)
        ],
    }
