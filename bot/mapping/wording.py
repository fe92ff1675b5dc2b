"""The text of a proposal: a title, and a body in Markdown as a forge shows it.

What comes from malls and people stands between backquotes, where a forge sees no mention, no link
and no markup; so a product's name can call nobody and close nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.mapping.change import Add
from bot.mapping.propose import AXIS, Draft, Row, Undecided, plain_name
from bot.messages import say

_ROWS = 60
_UNDECIDED = 40
_ABSENT = 60
_TICKS = re.compile("`+")


def title(draft: Draft, language: str) -> str:
    """Give a line that says what is proposed."""
    return say(f"proposal.title.{draft.kind}", language, count=len(draft.rows), **draft.about)


def body(draft: Draft, who: str, language: str) -> str:
    """Give what changes, what could not be decided and why, and who proposes it."""
    parts = [say("proposal.by", language, who=code(who))]
    if draft.read_at:
        parts.append(say("proposal.read_at", language, at=draft.read_at))
    if draft.rows:
        parts += [_heading("changes", language, draft.rows), _table(draft.rows, language)]
    parts += _beside(draft, language)
    if draft.undecided:
        parts.append(_heading("undecided", language, draft.undecided))
        parts.append(_cut([_undecided(one, language) for one in draft.undecided], _UNDECIDED, language))
    if draft.absent:
        parts.append(_heading(f"absent.{draft.kind}", language, draft.absent, shop=draft.about["shop"]))
        parts.append(_cut([f"- {code(one)}" for one in draft.absent], _ABSENT, language))
    return "\n\n".join(parts) + "\n"


def code(text: str) -> str:
    """Give a foreign text as a code span of one line; a ``|`` in it, which would end a cell, is broken."""
    return fenced(plain_name(text))


def fenced(line: str) -> str:
    """Give a line of foreign text as a code span, whatever stands in it; a ``|`` is broken."""
    shown = line.replace("|", "¦") or " "
    fence = "`" * (1 + max((len(found) for found in _TICKS.findall(shown)), default=0))
    edge = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{edge}{shown}{edge}{fence}"


def _heading(key: str, language: str, listed: Sequence[object], **params: str) -> str:
    return "### " + say(f"proposal.{key}", language, count=len(listed), **params)


def _beside(draft: Draft, language: str) -> Iterable[str]:
    if draft.kept:
        yield say("proposal.kept", language, count=draft.kept)
    if any(axis.name == AXIS for one in draft.changes if isinstance(one, Add) for axis in one.product.axes):
        yield say("proposal.axis", language, axis=AXIS)
    if draft.unlisted:
        yield say("proposal.unlisted", language, shops=", ".join(map(code, draft.unlisted)))


def _table(rows: Sequence[Row], language: str) -> str:
    shown = [
        f"| {code(row.code)} | {code(row.place)} | {code(row.before) if row.before else '—'} | "
        f"{code(row.after) if row.after else say('proposal.not_linked', language)} |"
        for row in rows[:_ROWS]
    ]
    lines = [say("proposal.head", language), "| --- | --- | --- | --- |", *shown]
    if len(rows) > _ROWS:
        lines += ["", say("proposal.more", language, count=len(rows) - _ROWS)]
    return "\n".join(lines)


def _cut(lines: Sequence[str], limit: int, language: str) -> str:
    more = [say("proposal.more", language, count=len(lines) - limit)] if len(lines) > limit else []
    return "\n".join([*lines[:limit], *(f"- {line}" for line in more)])


def _undecided(one: Undecided, language: str) -> str:
    why = say(f"proposal.why.{one.why}", language, other=code(one.other) if one.other else "").rstrip(" :")
    name = f" {code(one.name)}" if one.name else ""
    return f"- {code(one.subject)}{name}: {why}"
