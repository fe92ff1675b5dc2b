"""An incident as Slack shows it: one root message, edited in place. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.messages import JST, knows, span
from bot.slack.blocks import (
    Block,
    Message,
    actions,
    button,
    confirm,
    context,
    cut,
    escape,
    menu,
    message,
    section,
)
from bot.slack.voice import Voice
from bot.store.incidents import Incident, Severity

MARKS = {Severity.NOTICE: "ℹ️", Severity.WARNING: "⚠️", Severity.CRITICAL: "🔴"}
PAGE = 8
"""Incidents of a storm that one message of its thread shows."""

RENEWABLE = ("auth", "expiring", "renewal_failed")
RETRIED = (
    *("temporary", "not_sent", "mall", "maintenance", "rate_limited", "unexpected_reply", "unknown"),
    *("overdue", "outcome_unknown", "line_rejected", "unlisted", "stuck"),
)
PAUSED = (
    *("temporary", "mall", "unexpected_reply", "unknown", "line_rejected", "outcome_unknown", "overdue"),
    *("drift", "drift_stopped", "unmapped", "unlisted", "not_sent"),
)
CLOSED_BY_HAND = ("beyond", "oversold")
"""Nothing but a person can tell that these are over."""

SNOOZES = {"30m": timedelta(minutes=30), "1h": timedelta(hours=1), "2h": timedelta(hours=2)}
TOMORROW = "9am"
_MORNING = 9

_MOST_LINES, _LINE = 20, 110
_DEFAULTS = {"commit": "", "author": "", "good": "", "count": "?"}  # a sentence may name these
_KEY = re.compile(r"[a-z0-9_.]+")
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True)
class Card:
    """Something in an alert that waits for a decision, or was decided: its text and its buttons."""

    text: str
    buttons: tuple[Block, ...] = ()


def snooze_until(word: str, now: datetime) -> datetime:
    """Give the end of a snooze: after a length of time, or tomorrow at nine."""
    if word != TOMORROW:
        return now + SNOOZES.get(word, SNOOZES["1h"])
    day = now.astimezone(JST) + timedelta(days=1)
    return day.replace(hour=_MORNING, minute=0, second=0, microsecond=0)


# --- one incident


def alert(
    incident: Incident, where: str, voice: Voice, cards: Sequence[Card] = (), before: str = ""
) -> Message:
    """Show an incident as it stands: open with its buttons, or recovered.

    Args:
        where: the shop as people call it, ready for mrkdwn.
        cards: what waits for a decision in it.
        before: the address of the message that stood for it before.
    """
    if incident.closed_at:
        return _recovered(incident, where, voice, cards)
    return _open(incident, where, voice, cards, before)


def title(incident: Incident, voice: Voice) -> str:
    """Name what is wrong, in a few words."""
    return _part(incident, "title", "", voice)


def _part(incident: Incident, part: str, where: str, voice: Voice) -> str:
    kind = incident.kind if knows(f"cause.{incident.kind}.title") else "unknown"
    params = {k: escape(v) if isinstance(v, str) else v for k, v in incident.params.items()}
    return voice(
        f"cause.{kind}.{part}",
        **{**_DEFAULTS, "since": incident.opened_at, **params, "where": where, "shop": escape(incident.shop)},
    )


def _open(incident: Incident, where: str, voice: Voice, cards: Sequence[Card], before: str) -> Message:
    top = _head(incident, where, voice)
    what = _part(incident, "what", where, voice)
    body = [f"*{voice('alert.works')}* {_part(incident, 'works', where, voice)}"]
    body.append(f"*{voice('alert.next')}* {_next_step(incident, where, voice)}")
    # where each line has a card, the cards say more
    detail = [] if cards and incident.kind == "drift" else list(_details(incident, voice))
    small = "　".join([*_foot(incident, voice), *([f"<{before}|{voice('alert.before')}>"] if before else [])])
    blocks = [section("\n".join([f"{MARKS[incident.severity]} *{top}*", what, *detail, *body]))]
    blocks += _card_blocks(cards)
    blocks += [context(small), actions(*_buttons(incident, voice))]
    lines = [f"{MARKS[incident.severity]} {top}", what, *detail, *body, *(card.text for card in cards)]
    return message([*lines, "　".join(_foot(incident, voice))], blocks)


def _head(incident: Incident, where: str, voice: Voice) -> str:
    return voice("alert.new", title=title(incident, voice), where=where)


def _card_blocks(cards: Sequence[Card]) -> Iterator[Block]:
    for card in cards:
        yield section(card.text)
        if card.buttons:
            yield actions(*card.buttons)


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


def _buttons(incident: Incident, voice: Voice) -> Iterator[Block]:
    value = {"incident": incident.incident_id}
    if incident.kind in RENEWABLE:
        yield button(voice("button.renew"), "renew:open", _renewal(incident), "primary")
    if incident.kind in CLOSED_BY_HAND:
        sure = confirm(voice("alert.close"), voice("alert.close_text"), voice("alert.yes"), voice("alert.no"))
        yield {**button(voice("button.close"), "alert:close", value, "primary"), "confirm": sure}
    if not incident.acked_by:
        yield button(voice("button.ack"), "alert:ack", value)
    if incident.shop and incident.kind in PAUSED:
        text = voice("alert.pause_text", shop=incident.shop)
        sure = confirm(voice("button.pause"), text, voice("alert.yes"), voice("alert.no"))
        yield {**button(voice("button.pause"), "alert:pause", value), "confirm": sure}
    if incident.shop and incident.kind in RETRIED:
        yield button(voice("button.retry"), "alert:retry", value)
    yield from _snoozes(incident, voice)
    yield button(voice("button.log"), "alert:log", value)


def _snoozes(incident: Incident, voice: Voice) -> Iterator[Block]:
    value = {"incident": incident.incident_id}
    yield button(voice("button.snooze"), "alert:snooze", value)
    others = [word for word in (*SNOOZES, TOMORROW) if word != "1h"]
    options = {voice(f"button.snooze_{word}"): {**value, "for": word} for word in others}
    yield menu("alert:snooze:menu", options)


def _renewal(incident: Incident) -> dict[str, str]:
    return {"shop": incident.shop, "kind": str(incident.params.get("kind", ""))}


def _recovered(incident: Incident, where: str, voice: Voice, cards: Sequence[Card]) -> Message:
    head = voice("alert.recovered", where=where, title=title(incident, voice))
    lasted = voice("alert.lasted", since=incident.opened_at, span=_span(incident, voice))
    foot = [part for part in _foot(incident, voice) if not part.startswith("🔕")]
    decided = [Card(card.text) for card in cards]
    blocks = [section(f"✅ *{head}*\n{lasted}"), *_card_blocks(decided), context("　".join(foot))]
    return message([f"✅ {head}", lasted, *(card.text for card in decided), "　".join(foot)], blocks)


def _span(incident: Incident, voice: Voice) -> str:
    ended: datetime = incident.closed_at or incident.last_at
    return span(ended - incident.opened_at, voice.lang)


def recovery_line(incident: Incident, where: str, voice: Voice) -> Message:
    """Give the line for the thread of a recovered incident."""
    at = voice.at(incident.closed_at)
    words = {"where": where, "title": title(incident, voice), "span": _span(incident, voice)}
    return Message(voice("alert.recovery_line", at=at, **words))


def moved(incident: Incident, where: str, voice: Voice, to: str = "") -> Message:
    """Give the text for an old root whose alert stands in a newer message.

    Args:
        to: the address of the newer one.
    """
    line = voice("alert.moved", title=title(incident, voice), where=where)
    linked = f"{line} <{to}|{voice('alert.there')}>" if to else line
    return message([line], [context(linked)])


# --- many at once

Named = tuple[Incident, str]
"""An incident and its shop as people call it, ready for mrkdwn."""


def storm(incident: Incident, members: Sequence[Named], voice: Voice) -> Message:
    """Show many incidents that began together: a line for each shop, which are over among them."""
    shops: dict[str, list[str]] = {}
    for member, where in members:
        mark = "✅" if member.closed_at else MARKS[member.severity]
        shops.setdefault(where, []).append(f"{mark} {title(member, voice)}")
    join = voice("list.join")
    lines = [cut(f"• {where}: {join.join(causes)}", 400) for where, causes in shops.items()]
    shown = lines[:_MOST_LINES] + ([f"• … +{len(lines) - _MOST_LINES}"] if len(lines) > _MOST_LINES else [])
    left = sum(member.closed_at is None for member, _ in members)
    values = {"open": left, "count": len(members), "shops": len(shops)}
    over = incident.closed_at is not None
    top = f"{'✅' if over else '🔴'} {voice('storm.over' if over else 'storm.title', **values)}"
    body = [] if over else [voice("storm.what", **values), f"*{voice('alert.next')}* {voice('storm.next')}"]
    foot = "　".join([voice("alert.since", since=incident.opened_at), f"#{incident.incident_id}"])
    blocks = [section("\n".join([f"*{top}*", *body])), section("\n".join(shown) or "-"), context(foot)]
    return message([top, *body, *shown, foot], blocks)


def page(members: Sequence[Named], voice: Voice) -> Message:
    """Show some incidents of a storm in its thread, each with its buttons."""
    lines: list[str] = []
    blocks: list[Block] = []
    for member, where in members:
        text = _short(member, where, voice)
        lines.append(text)
        blocks.append(section(text))
        if member.closed_at is None:
            blocks.append(actions(*_buttons(member, voice)))
    return message(lines, blocks)


def _short(incident: Incident, where: str, voice: Voice) -> str:
    small = "　".join(_foot(incident, voice))
    if incident.closed_at:
        head = voice("alert.recovered", where=where, title=title(incident, voice))
        return f"✅ *{head}*\n{voice('alert.lasted', since=incident.opened_at, span=_span(incident, voice))}"
    top = f"{MARKS[incident.severity]} *{_head(incident, where, voice)}*"
    step = f"*{voice('alert.next')}* {_next_step(incident, where, voice)}"
    detail = [cut(line, _LINE) for line in list(_details(incident, voice))[:3]]
    return cut("\n".join([top, *detail, step, small]), 1000)


# --- what the thread holds


def log_message(entries: Sequence[tuple[datetime, str]], voice: Voice) -> Message:
    """Give what was wrong in detail, a line each with its time."""
    lines = [f"{voice.at(at)}　{cut(escape(detail), 300)}" for at, detail in entries]
    return Message(cut("\n".join(lines), 2900))


def timeline(text: str) -> Message:
    """Give lines of plain text for the thread."""
    return Message(cut(escape(text), 2900))


def lines_file(incident: Incident) -> tuple[str, str]:
    """Give all lines of an incident as a CSV file: its name and content."""
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(("shop", "code", "detail"))
    for line in incident.params.get("all", ()):
        code, *rest = re.split(r": | — ", str(line), maxsplit=1)
        writer.writerow([_harmless(cell) for cell in (incident.shop, code, *(rest or [""]))])
    name = "-".join(part for part in (incident.shop, incident.kind, str(incident.incident_id)) if part)
    return f"{name}.csv", rows.getvalue()


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a foreign text for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
