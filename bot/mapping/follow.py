"""Follows the branch: keeps the last good commit and tells each change once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Protocol

from bot.mapping.diff import MappingDiff, diff
from bot.mapping.model import Mapping, Team
from bot.mapping.problem import Problem
from bot.mapping.repo import MappingRepository, Refresh

_GOOD = "mapping.good"
_TOLD = "mapping.told"


class Memory(Protocol):
    """Remembers a few words over a restart."""

    def get(self, key: str) -> str | None:
        """Give what was set last; None if nothing was."""

    def set(self, key: str, value: str) -> None:
        """Keep a value; it stands when this returns."""


@dataclass(frozen=True)
class Followed:
    """The mapping and the team in force, and the commit they are of."""

    mapping: Mapping
    team: Team
    commit: str


@dataclass(frozen=True)
class Unchanged:
    """Nothing to tell: the head is in force already, or what is wrong with it was told."""


@dataclass(frozen=True)
class Accepted:
    """A new commit is in force; ``problems`` are warnings."""

    commit: str
    author: str
    before: Mapping | None
    after: Mapping
    team_changed: bool
    problems: tuple[Problem, ...]

    @cached_property
    def diff(self) -> MappingDiff:
        """Give what it changes; found when somebody asks."""
        return diff(self.before, self.after)


@dataclass(frozen=True)
class Rejected:
    """The head has errors; ``good`` stays in force (None: there is none yet)."""

    commit: str
    author: str
    problems: tuple[Problem, ...]
    good: str | None


@dataclass(frozen=True)
class Rewritten:
    """The head's history no longer holds ``good``, which stays in force until a person accepts the head."""

    commit: str
    author: str
    good: str


FollowEvent = Unchanged | Accepted | Rejected | Rewritten


class MappingFollower:
    """The mapping in force.

    ``current`` may be read from any thread; ``poll`` and ``accept_rewritten`` take turns.

    Args:
        memory: where the last good commit and the last one told of are kept over a restart.
    """

    def __init__(self, repository: MappingRepository, memory: Memory) -> None:
        self._repository = repository
        self._memory = memory
        self._lock = Lock()
        self._current: Followed | None = None
        self._refused: Rejected | Rewritten | None = None

    @property
    def current(self) -> Followed | None:
        """Give what is in force; None until a first good commit was read."""
        return self._current

    @property
    def refused(self) -> Rejected | Rewritten | None:
        """Give what is wrong with the branch's head now, told or not; None if it is in force."""
        return self._refused

    def restore(self) -> Followed | None:
        """Read the last good commit again from the clone on this machine, without the remote."""
        good = self._memory.get(_GOOD)
        if self._current is None and good is not None:
            found = self._repository.read(good)
            if found and found.mapping and found.team:
                self._current = Followed(found.mapping, found.team, good)
        return self._current

    def poll(self) -> FollowEvent:
        """Look at the branch once.

        Raises:
            RemoteError: it is out of reach; what is in force stays in force.
        """
        with self._lock:
            return self._look(accept_rewritten=None)

    def accept_rewritten(self, commit: str) -> FollowEvent:
        """Put a head into force that does not descend from the last good commit.

        Args:
            commit: the head that the person saw; if it moved meanwhile, the new one is told instead.
        """
        with self._lock:
            return self._look(accept_rewritten=commit)

    def _look(self, accept_rewritten: str | None) -> FollowEvent:
        self.restore()
        found = self._repository.refresh(since=self._since())
        if self._current is None and self.restore():
            # The clone was deleted; now that it is whole again, the head is judged by the last good commit.
            return self._look(accept_rewritten)
        if not found.changed and self._current is not None:
            self._refused = None
            return Unchanged()
        if found.mapping is None or found.team is None:
            return self._refuse(Rejected(found.commit, found.author, found.problems, self._since()))
        good = self._since()
        if found.rewritten and good is not None and found.commit != accept_rewritten:
            return self._refuse(Rewritten(found.commit, found.author, good))
        return self._accept(found, found.mapping, found.team)

    def _since(self) -> str | None:
        return self._current.commit if self._current else None

    def _refuse(self, event: Rejected | Rewritten) -> FollowEvent:
        self._refused = event
        told = f"{type(event).__name__} {event.commit}"
        if self._memory.get(_TOLD) == told:
            return Unchanged()
        # Kept before it is told: a crash in between costs a message, never a message each start.
        self._memory.set(_TOLD, told)
        return event

    def _accept(self, found: Refresh, mapping: Mapping, team: Team) -> Accepted:
        before = self._current
        self._repository.keep(found.commit)
        self._memory.set(_GOOD, found.commit)
        self._current = Followed(mapping, team, found.commit)
        self._refused = None
        return Accepted(
            found.commit,
            found.author,
            before.mapping if before else None,
            mapping,
            before is None or before.team != team,
            found.problems,
        )
