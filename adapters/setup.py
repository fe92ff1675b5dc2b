"""What a person sets up at a mall before its shop can be linked: a check-list as plain data.

Each mall's own list is ``adapters/<mall>/setup.py``: ``WAYS``, from a way of working to its stages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

USUAL = ""
"""The way that serves where a shop's own has no list."""


@dataclass(frozen=True)
class Step:
    """One thing to do at the mall.

    Args:
        key: names the step for good, within its mall: what was ticked stays ticked when the list changes.
        values: what is typed or chosen there, exactly as the mall's screen has it.
    """

    key: str
    ja: str
    en: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """Steps that belong together: one screen, one chapter of the mall's guide."""

    ja: str
    en: str
    steps: tuple[Step, ...]


Stages = tuple[Stage, ...]
Ways = Mapping[str, Stages]


def of_way(ways: Ways, chosen: Iterable[str]) -> Stages:
    """Give the stages of the first way that has some; the usual way's where none has."""
    return next((ways[way] for way in chosen if way in ways), ways.get(USUAL, ()))
