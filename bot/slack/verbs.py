"""The one registry of verbs: parsing, permissions and help are all read from it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.answers import Role


@dataclass(frozen=True)
class Verb:
    """One verb: ``form.<name>`` and ``help.<name>`` in ``bot.messages`` say how and what for.

    ``words`` are the other words for it, lower case. ``role_for_all`` is needed instead of
    ``role`` where the target is everything.
    """

    name: str
    role: Role
    words: tuple[str, ...] = ()
    role_for_all: Role | None = None

    def role_needed(self, target: str | None) -> Role:
        """Give the least role that may use the verb on this target."""
        return self.role_for_all if target == "all" and self.role_for_all else self.role


LOOKUP = Verb("lookup", Role.READER)  # the verb of a bare code: it has no word of its own
VERBS: tuple[Verb, ...] = (
    LOOKUP,
    Verb("status", Role.READER, ("状態", "ステータス", "状況")),
    Verb("pause", Role.OPERATOR, ("停止", "一時停止"), role_for_all=Role.ADMIN),
    Verb("resume", Role.OPERATOR, ("再開",), role_for_all=Role.ADMIN),
    Verb("on", Role.ADMIN, ("開始", "オン")),
    Verb("off", Role.ADMIN, ("終了", "オフ")),
    Verb("renew", Role.ADMIN, ("更新",)),
    Verb("help", Role.READER, ("ヘルプ", "使い方")),
)

BY_NAME = {verb.name: verb for verb in VERBS}
BY_WORD = {word: verb for verb in VERBS if verb is not LOOKUP for word in (verb.name, *verb.words)}
