"""Questions that are open about single listings, and how they hold numbers back. Pure.

The mall shows less than it should, and not by our doing: until a person has decided, nothing of
ours raises it. What lowers it goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.sync.plan import NEVER, Want
from bot.sync.values import Drift


def held_by(asked: Mapping[str, Drift], wants: Iterable[Want]) -> list[Want]:
    """Let no number rise where a question is open."""
    return [
        replace(want, after=NEVER) if _rises(asked.get(want.waiting.code), want) else want for want in wants
    ]


def overtaken(asked: Mapping[str, Drift], wants: Iterable[Want]) -> list[str]:
    """Give the codes whose question is over: our number has fallen to what is there."""
    return [code for want in wants if (code := want.waiting.code) in asked and not _rises(asked[code], want)]


def _rises(question: Drift | None, want: Want) -> bool:
    if question is None:
        return False
    predicted = want.shown.predicted
    return want.target > (question.found if predicted is None else predicted)
