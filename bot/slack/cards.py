"""What waits for a person's decision, as it stands in an alert: questions with their buttons."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from bot.answers import DriftView
from bot.drifting import Drifting
from bot.guarding import Guarding
from bot.slack.alerts import TOMORROW, Card
from bot.slack.blocks import Block, button, confirm, escape, menu, modal, section, text_input
from bot.slack.voice import Voice
from bot.store.incidents import Incident
from bot.sync.guard import Hold, HoldState
from bot.sync.outage import Account

MOST = 8
"""Questions of one alert that have buttons; the rest is listed by the shell and in the CSV file."""
LEAVE = ("1h", TOMORROW, "open")
APPROVAL = "approve_plan"
HASH_BLOCK = "plan_hash"

_ANSWERED = ("written", "taken", "left")
_OPEN = ("asked", "repaired")


class Deciding(Protocol):
    """What decides: the same actions that the shell uses."""

    @property
    def drifting(self) -> Drifting:
        """Numbers at a mall that are not ours."""

    @property
    def guarding(self) -> Guarding:
        """Plans that are held."""

    def targets(self, listings: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Give what would be written now for each (shop, code); none where nothing would be."""

    def outages(self) -> tuple[list[Account], set[tuple[str, str]]]:
        """Give the latest outages, and (blind shop, code) of what is held back now."""


def cards_of(incident: Incident, actions: Deciding, voice: Voice) -> list[Card]:
    """Give what waits for a decision in an incident, and what was decided since it began."""
    shop, since = incident.shop, incident.opened_at
    if incident.kind == "drift":
        mine = [view for view in actions.drifting.drifts() if view.shop == shop]
        ours = actions.targets([(shop, code) for code in _asked(mine)])
        return drift_cards(mine, since, lambda code: ours.get((shop, code)), voice)
    if incident.kind == "guard":
        asked = [hold for hold in actions.guarding.asked() if hold.shop == shop]
        return guard_cards(asked, actions.guarding.decided(shop, since), voice)
    if incident.kind == "at_risk":
        return risk_cards(shop, risk_codes(actions, shop), voice)
    return []


def _asked(views: Sequence[DriftView]) -> list[str]:
    """Give the codes that are asked about, as many as have buttons."""
    latest = {view.code: view for view in views}  # the oldest come first
    return [view.code for view in latest.values() if view.state in _OPEN][:MOST]


def _first(found: Iterable[Card], voice: Voice, count: int) -> list[Card]:
    cards = list(found)[:MOST]
    if count > MOST:
        cards.append(Card(voice("decide.more", count=count - MOST)))
    return cards


# --- drifts


def drift_cards(
    views: Sequence[DriftView], since: datetime, ours: Callable[[str], int | None], voice: Voice
) -> list[Card]:
    """Ask about numbers at a shop, and tell what was decided about others.

    Args:
        ours: gives the number that would be written for a code; None for none.
    """
    latest = {view.code: view for view in views}  # the oldest come first
    asked = [view for view in latest.values() if view.state in _OPEN]
    decided = [v for v in views if v.state in _ANSWERED and v.decided_at and v.decided_at >= since]
    cards = _first((_drift_card(v, ours(v.code), voice) for v in asked[:MOST]), voice, len(asked))
    return cards + [Card(_drift_decided(view, voice)) for view in decided[-MOST:]]


def _drift_card(view: DriftView, ours: int | None, voice: Voice) -> Card:
    numbers = {"found": view.found, "ours": "?" if ours is None else ours, "at": view.read_at}
    text = voice(f"decide.drift_{view.state}", code=escape(view.code), **numbers)
    return Card(text, tuple(_drift_buttons(view, ours, voice)))


def _drift_buttons(view: DriftView, ours: int | None, voice: Voice) -> Iterable[Block]:
    value = {"drift": view.drift_id}
    if view.state == "asked":
        name = voice("decide.write_ours") if ours is None else voice("decide.write", n=ours)
        yield button(name, "drift:write", value, "primary")
    yield button(voice("decide.take", n=view.found), "drift:take", value)
    options = {voice(f"decide.leave_{word}"): {**value, "for": word} for word in LEAVE}
    yield menu("drift:leave", options)
    yield button(voice("button.why"), f"why:shop:{view.code}", {"shop": view.shop})


def _drift_decided(view: DriftView, voice: Voice) -> str:
    params = {"found": view.found, "until": drift_end(view.until, voice)}
    said = voice(f"decide.drift_{view.state}", code=escape(view.code), **params)
    return f"✔ {said} {voice('decide.by', who=voice.person(view.who), at=view.decided_at)}"


def drift_end(until: datetime | None, voice: Voice) -> str:
    """Print until when a number is left."""
    return voice("pause.until", until=until) if until else voice("pause.no_end")


# --- plans that are held


def guard_cards(asked: Sequence[Hold], decided: Sequence[Hold], voice: Voice) -> list[Card]:
    """Ask for a second person's word on a plan, and tell who gave it."""
    cards = [_guard_card(hold, voice) for hold in asked]
    return cards + [Card(f"✔ {guard_decided(hold, voice)}") for hold in decided[-MOST:]]


def _guard_card(hold: Hold, voice: Voice) -> Card:
    value, reason = {"plan": hold.plan_hash}, hold.reason
    why = voice(f"guard.reason.{reason.trip}", changed=reason.changed, zero=reason.zero, of=reason.of)
    lines = [voice("decide.plan", hash=hold.short, count=f"{len(hold.lines):,}"), why.strip()]
    if hold.caused_by:
        who = voice("list.join").join(voice.person(who) for who in hold.caused_by)
        lines.append(voice("guard.caused_by", who=who).strip())
    return Card(
        "\n".join(lines),
        (
            _sure("approve", "primary", hold, value, voice),
            _sure("drop", "danger", hold, value, voice),
        ),
    )


def _sure(word: str, style: str, hold: Hold, value: dict[str, str], voice: Voice) -> Block:
    name = voice(f"decide.{word}")
    text = voice(f"decide.{word}_text", shop=hold.shop, count=f"{len(hold.lines):,}")
    question = confirm(name, text, voice("alert.yes"), voice("alert.no"))
    return {**button(name, f"guard:{word}", value, style), "confirm": question}


def guard_decided(hold: Hold, voice: Voice) -> str:
    """Tell who approved or dropped a plan."""
    word = "dropped" if hold.state is HoldState.DROPPED else "approved"
    said = voice(f"decide.plan_{word}", hash=hold.short, count=f"{len(hold.lines):,}")
    return f"{said} {voice('decide.by', who=voice.person(hold.decided_by), at=voice.at(hold.decided_at))}"


def approval_modal(hold: Hold, voice: Voice) -> Block:
    """Build the form in which the person who caused a plan types its hash."""
    what = voice("decide.own_plan", shop=escape(hold.shop), count=f"{len(hold.lines):,}")
    blocks = [section(f"{what}\n`{hold.plan_hash}`"), text_input(HASH_BLOCK, voice("decide.own_hash"))]
    words = voice("decide.own_title"), voice("decide.approve"), voice("renewal.close")
    return {**modal(*words, blocks, {"plan": hold.plan_hash}), "callback_id": APPROVAL}


# --- codes at risk


def risk_codes(actions: Deciding, shop: str) -> list[str]:
    """Give the codes that are held back because a shop is blind."""
    return sorted(code for blind, code in actions.outages()[1] if blind == shop)


def risk_cards(shop: str, codes: Sequence[str], voice: Voice) -> list[Card]:
    """Ask for the word of a person who has looked at the mall's own screen."""
    if not codes:
        return []
    value, count = {"shop": shop, "state": state_of(codes)}, f"{len(codes):,}"
    name = voice("decide.clear")
    question = confirm(name, voice("decide.clear_text", count=count), voice("alert.yes"), voice("alert.no"))
    clear = {**button(name, "risk:clear", value), "confirm": question}
    return [Card(voice("decide.risk", count=count), (clear,))]


def state_of(facts: object) -> str:
    """Give a short mark of what a person saw when they pressed a button."""
    return sha256(json.dumps(facts, default=str).encode()).hexdigest()[:12]
