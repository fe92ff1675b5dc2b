"""Follows the mapping: puts a good commit into force, and tells of a bad one once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from adapters.contract import Clock
from adapters.errors import MappingError
from bot.mapping.diff import touched_codes
from bot.mapping.follow import Accepted, Followed, FollowEvent, MappingFollower, Rejected, Rewritten
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import Team
from bot.mapping.problem import Level, Problem
from bot.mapping.repo import RemoteError, RemoteFault
from bot.store.incidents import Incidents
from bot.store.notes import Remembered
from bot.sync.values import Why

_APPLIED = "mapping.applied"
_ACCEPT = "mapping.accept"
_FIRST = 20
_UNREACHABLE_AFTER = 3  # looks in a row

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MappingInForce:
    """The mapping and the team in force. ``rejected``: the branch's head has errors."""

    mapping: CodeMapping
    team: Team
    commit: str
    rejected: bool


NOTHING = MappingInForce(CodeMapping({}, ()), Team(), "", False)
"""Before the first good commit: no shops, so nothing is read or written."""

MarkAll = Callable[[Mapping[str, Iterable[str]], Why], None]
OnMerge = Callable[[MappingInForce, Accepted, MappingInForce], None]
"""(what was in force, what came, what is in force now)"""


def _untold(_before: MappingInForce, _event: Accepted, _after: MappingInForce) -> None:
    pass


class Following:
    """The mapping in force, for everybody who asks.

    Args:
        language: of the problems' lines in an alert.
        on_merge: told of each commit that takes the place of another, before its codes are compared.
    """

    def __init__(
        self,
        follower: MappingFollower,
        remembered: Remembered,
        incidents: Incidents,
        clock: Clock,
        *,
        language: str = "ja",
        on_merge: OnMerge = _untold,
    ) -> None:
        self._on_merge = on_merge
        self._follower = follower
        self._remembered = remembered
        self._incidents = incidents
        self._clock = clock
        self._language = language
        self._failures = 0
        self._error: MappingError | None = None
        self._applied: Followed | None = None  # as far as this process knows it

    def in_force(self) -> MappingInForce:
        """Give what is in force now."""
        current = self._follower.current
        if current is None:
            return NOTHING
        return MappingInForce(
            current.mapping, current.team, current.commit, self._follower.refused is not None
        )

    def mapping(self) -> CodeMapping:
        """Give the mapping in force."""
        return self.in_force().mapping

    @property
    def refusal(self) -> str | None:
        """What the remote said where it refused us at the last look; "" where it let us in, else None."""
        if self._error is None:
            return ""
        refused = isinstance(self._error, RemoteError) and self._error.fault is RemoteFault.AUTH
        return str(self._error) if refused else None

    def restore(self) -> None:
        """Take up the last good commit from this machine, without the remote."""
        self._follower.restore()

    def look(self, mark: MarkAll) -> bool:
        """Look at the branch once; tells whether another mapping came into force."""
        before = self.in_force()
        try:
            event = self._accept_rewritten(self._follower.poll())
        except MappingError as error:
            self._unreachable(error)
            return False
        self._failures, self._error = 0, None
        self._incidents.recover("", "mapping", self._clock.now())
        self._tell_refused()
        if isinstance(event, Accepted) and before.commit:
            self._on_merge(before, event, self.in_force())
        return self._apply(mark)

    def accept(self, commit: str) -> None:
        """Let a rewritten branch come into force at its next look: a person has seen this head."""
        self._remembered.set(_ACCEPT, commit)

    def _accept_rewritten(self, event: FollowEvent) -> FollowEvent:
        refused, accepted = self._follower.refused, self._remembered.get(_ACCEPT)
        if isinstance(refused, Rewritten) and accepted and refused.commit.startswith(accepted):
            return self._follower.accept_rewritten(refused.commit)
        return event

    def _apply(self, mark: MarkAll) -> bool:
        """Let what may have changed be compared with what is shown; once a commit, restarts included."""
        current = self._follower.current
        if current is None:
            return False
        applied = self._remembered.get(_APPLIED)
        if applied == current.commit:
            self._applied = current
            return False
        before = self._applied if self._applied and self._applied.commit == applied else None
        mark(_to_compare(before.mapping if before else None, current.mapping), Why.MAPPING)
        self._remembered.set(_APPLIED, current.commit)
        self._applied = current
        log.info("mapping %s is in force", current.commit[:10])
        return True

    def _unreachable(self, error: MappingError) -> None:
        self._failures, self._error = self._failures + 1, error
        log.warning("%s", error)
        if self._failures >= _UNREACHABLE_AFTER or self._follower.current is None:
            now = self._clock.now()
            self._incidents.raise_("", "mapping", {"detail": str(error)}, now, "warning")

    def _tell_refused(self) -> None:
        """Keep one incident open for the head that is refused; the commit tells one from the next."""
        refused, now = self._follower.refused, self._clock.now()
        if not isinstance(refused, Rejected):
            self._incidents.recover("", "mapping_rejected", now)
        if not isinstance(refused, Rewritten):
            self._incidents.recover("", "mapping_rewritten", now)
        if refused is None:
            return
        cause = "mapping_rejected" if isinstance(refused, Rejected) else "mapping_rewritten"
        told = [item for item in self._incidents.open() if item.cause == cause]
        if not told or told[0].params.get("commit") != refused.commit[:10]:
            self._incidents.raise_("", cause, self._params(refused), now, "warning")

    def _params(self, refused: Rejected | Rewritten) -> dict[str, str]:
        good = (refused.good or "")[:10]
        params = {"commit": refused.commit[:10], "author": refused.author, "good": good}
        if isinstance(refused, Rejected):
            params |= _lines(refused.problems, self._language)
        return params


def _to_compare(before: CodeMapping | None, after: CodeMapping) -> Mapping[str, Iterable[str]]:
    """Give, by shop, the codes whose number may be another now.

    All of them, where nothing is known of what was applied last, and where a shop's own settings or
    the defaults changed: how the last pieces are divided depends on every shop. Shops without any are
    named too, as what they show may have left the mapping.
    """
    if before is None or (before.shops, before.defaults) != (after.shops, after.defaults):
        return {name: after.listings(name) for name in after.shops}
    codes = sorted(touched_codes(before, after))
    return {name: [code for code in codes if after.listing(name, code) is not None] for name in after.shops}


def _lines(problems: Iterable[Problem], language: str) -> dict[str, str]:
    errors = [problem.render(language) for problem in problems if problem.level is Level.ERROR]
    more = f"\n… (+{len(errors) - _FIRST})" if len(errors) > _FIRST else ""
    return {"lines": "\n".join(errors[:_FIRST]) + more, "count": str(len(errors))}
