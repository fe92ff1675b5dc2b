"""The one registry of verbs: parsing, permissions, help, usage and the app's manifest are read from it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.answers import Role


@dataclass(frozen=True)
class Verb:
    """One verb: ``form.<name>`` and ``help.<name>`` in ``bot.messages`` say how and what for.

    ``words`` are the other words for it, lower case. ``role_for_all`` is needed instead of
    ``role`` where the target is everything. ``writes``: it changes something, so it is recorded.
    """

    name: str
    role: Role
    words: tuple[str, ...] = ()
    role_for_all: Role | None = None
    writes: bool = False

    def role_needed(self, target: str | None) -> Role:
        """Give the least role that may use the verb on this target."""
        return self.role_for_all if target == "all" and self.role_for_all else self.role


LOOKUP = Verb("lookup", Role.READER)  # the verb of a bare code: it has no word of its own
VERBS: tuple[Verb, ...] = (
    LOOKUP,
    Verb("list", Role.READER, ("一覧", "リスト")),
    Verb("status", Role.READER, ("状態", "ステータス", "状況")),
    Verb("why", Role.READER, ("理由", "なぜ", "原因")),
    Verb("pause", Role.OPERATOR, ("停止", "一時停止"), role_for_all=Role.ADMIN, writes=True),
    Verb("resume", Role.OPERATOR, ("再開", "サイカイ"), role_for_all=Role.ADMIN, writes=True),
    Verb("on", Role.ADMIN, ("開始", "オン"), writes=True),
    Verb("off", Role.ADMIN, ("終了", "オフ"), writes=True),
    Verb("sync", Role.OPERATOR, ("同期", "連携"), writes=True),
    Verb("renew", Role.ADMIN, ("更新",), writes=True),
    Verb("check", Role.OPERATOR, ("確認", "接続", "接続チェック")),
    Verb("ready", Role.READER, ("準備",)),
    Verb("map", Role.OPERATOR, ("対応", "対応表", "紐付け"), writes=True),
    Verb("import", Role.OPERATOR, ("取込", "取り込み"), writes=True),
    Verb("orders", Role.OPERATOR, ("受注", "注文"), writes=True),
    Verb("setup", Role.ADMIN, ("設定", "初期設定"), writes=True),
    Verb("audit", Role.ADMIN, ("履歴", "操作履歴")),
    Verb("help", Role.READER, ("ヘルプ", "使い方")),
)

COUNT = Verb("count", Role.OPERATOR, writes=True)
"""A stock count by a file: it is brought by a form, and has no word."""

BY_NAME = {verb.name: verb for verb in VERBS}
BY_WORD = {word: verb for verb in VERBS if verb is not LOOKUP for word in (verb.name, *verb.words)}
