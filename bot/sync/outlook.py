"""What is known of the codes that wait at a shop, and what would become of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.sync.guard import Reason
from bot.sync.plan import Plan, Want
from bot.sync.values import PlannedLine, Waiting


class Dropped(StrEnum):
    """Why a code that waits is not to be written."""

    UNLINKED = "unlinked"  # the mapping does not link it there, and nothing of it is shown
    UNCOUNTED = "uncounted"  # an unknown stock is not a stock of zero
    UNLISTED = "unlisted"  # the shop's product list does not hold it, or at several places


@dataclass
class Gathered:
    """What decides about the codes that wait.

    ``fading``: codes to be compared again later. ``in_the_way``: listings that have to go down first.
    """

    wants: list[Want] = field(default_factory=list)
    dropped: list[tuple[Waiting, Dropped]] = field(default_factory=list)
    fading: set[str] = field(default_factory=set)
    in_the_way: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True)
class Outlook:
    """What a turn would do.

    ``held`` by the guard, for ``reason`` where nobody was asked yet. ``questioned``: codes that
    somebody edited at the mall, and that do not rise before a person has said which number stands.
    """

    plan: Plan
    held: tuple[PlannedLine, ...]
    reason: Reason | None
    dropped: Mapping[str, Dropped]
    questioned: frozenset[str] = frozenset()
