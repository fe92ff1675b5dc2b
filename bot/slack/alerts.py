"""An incident as Slack shows it: one root message, edited in place. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bot.messages import knows, span
from bot.slack.blocks import Block, Message, actions, button, context, cut, escape, message, section
from bot.slack.voice import Voice
from bot.store.incidents import Incident, Severity

MARKS = {Severity.NOTICE: "ℹ️", Severity.WARNING: "⚠️", Severity.CRITICAL: "🔴"}
_MOST_LINES, _LINE = 20, 110
_DEFAULTS = {"commit": "", "author": "", "good": ""}  # a sentence may name these
_KEY = re.compile(r"[a-z0-9_.]+")


def alert(incident: Incident, where: str, voice: Voice) -> Message:
    """Show an incident as it stands: open with its buttons, or recovered.

    Args:
        where: the shop as people call it, ready for mrkdwn.
    """
    return _recovered(incident, where, voice) if incident.closed_at else _open(incident, where, voice)


def title(incident: Incident, voice: Voice) -> str:
    """Name what is wrong, in a few words."""
    return _part(incident, "title", "", voice)


def _part(incident: Incident, part: str, where: str, voice: Voice) -> str:
    cause = incident.cause if knows(f"cause.{incident.cause}.title") else "unknown"
    params = {k: escape(v) if isinstance(v, str) else v for k, v in incident.params.items()}
    return voice(
        f"cause.{cause}.{part}", **{**_DEFAULTS, **params, "where": where, "shop": escape(incident.shop)}
    )


def _open(incident: Incident, where: str, voice: Voice) -> Message:
    head = voice("alert.new", title=title(incident, voice), where=where)
    what = _part(incident, "what", where, voice)
    body = [f"*{voice('alert.works')}* {_part(incident, 'works', where, voice)}"]
    body.append(f"*{voice('alert.next')}* {_next_step(incident, where, voice)}")
    detail = list(_details(incident, voice))
    foot = list(_foot(incident, voice))
    top = f"{MARKS[incident.severity]} *{head}*"
    blocks = [
        section("\n".join([top, what, *detail, *body])),
        context("　".join(foot)),
        _buttons(incident, voice),
    ]
    return message([f"{MARKS[incident.severity]} {head}", what, *detail, *body, "　".join(foot)], blocks)


def _next_step(incident: Incident, where: str, voice: Voice) -> str:
    hint = str(incident.params.get("hint", ""))
    for key in (f"hint.{hint}", hint):
        if _KEY.fullmatch(key) and knows(key):
            return voice(key, shop=escape(incident.shop), where=where)
    return _part(incident, "next", where, voice)


def _details(incident: Incident, voice: Voice) -> Iterator[str]:
    """Give the incident's own facts: ``detail`` (one line) and ``lines`` (several)."""
    if incident.params.get("detail"):
        yield voice("alert.detail", detail=cut(escape(str(incident.params["detail"])), _LINE))
    given = incident.params.get("lines", "")
    lines: list[Any] = given.splitlines() if isinstance(given, str) else list(given)
    yield from (f"• {cut(escape(str(line)), _LINE)}" for line in lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES:
        yield f"• … +{len(lines) - _MOST_LINES}"


def _foot(incident: Incident, voice: Voice) -> Iterator[str]:
    yield voice("alert.since", since=incident.opened_at)
    if incident.count > 1:
        yield voice("alert.count", count=incident.count)
        yield voice("alert.last", last=incident.last_at)
    if incident.times > 1:
        yield voice("alert.times", times=incident.times)
    if incident.acked_by:
        who = voice.person(incident.acked_by)
        yield f"👀 {voice('alert.acked', who=who, at=voice.at(incident.acked_at))}"
    if incident.snoozed_until:
        who = voice.person(incident.snoozed_by)
        yield f"🔕 {voice('alert.snoozed', until=incident.snoozed_until, who=who)}"
    yield f"#{incident.incident_id}"


def _buttons(incident: Incident, voice: Voice) -> Block:
    value = {"incident": incident.incident_id}
    row = []
    if incident.cause in ("auth", "expiring", "renewal_failed"):
        row.append(button(voice("button.renew"), "renew:open", _renewal(incident), "primary"))
    if not incident.acked_by:
        row.append(button(voice("button.ack"), "alert:ack", value))
    row.append(button(voice("button.snooze"), "alert:snooze", value))
    return actions(*row)


def _renewal(incident: Incident) -> dict[str, str]:
    return {"shop": incident.shop, "kind": str(incident.params.get("kind", ""))}


def _recovered(incident: Incident, where: str, voice: Voice) -> Message:
    head = voice("alert.recovered", where=where, title=title(incident, voice))
    lasted = voice("alert.lasted", since=incident.opened_at, span=_span(incident, voice))
    foot = [part for part in _foot(incident, voice) if not part.startswith("🔕")]
    blocks = [section(f"✅ *{head}*\n{lasted}"), context("　".join(foot))]
    return message([f"✅ {head}", lasted, "　".join(foot)], blocks)


def _span(incident: Incident, voice: Voice) -> str:
    ended: datetime = incident.closed_at or incident.last_at
    return span(ended - incident.opened_at, voice.lang)


def recovery_line(incident: Incident, where: str, voice: Voice) -> Message:
    """Give the line for the thread of a recovered incident."""
    at = voice.at(incident.closed_at)
    return Message(voice("alert.recovery_line", where=where, at=at, span=_span(incident, voice)))


def moved(incident: Incident, where: str, voice: Voice) -> Message:
    """Give the text for an old root whose alert stands in a newer message."""
    line = voice("alert.moved", title=title(incident, voice), where=where)
    return message([line], [context(line)])
