"""The Home tab as blocks: what a shop owner looks at first. Pure.

What does not fit is cut from the end, the list of shops, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from bot.answers import CredentialRow, CredentialView, PauseView, Role, ShopState, ShopStatus, Status
from bot.expiry import days_left
from bot.slack import alerts, limits
from bot.slack.alerts import Card
from bot.slack.blocks import (
    Block,
    actions,
    beside_button,
    button,
    choice_input,
    confirm,
    context,
    cut,
    divider,
    escape,
    header,
    home,
    menu,
    modal,
    section,
    text_input,
)
from bot.slack.marks import MARKS, MOST_SHOPS
from bot.slack.views import pause_line, pause_reach, timing
from bot.slack.voice import Voice
from bot.store.incidents import Incident, Severity

MOST_CARDS, MOST_ALERTS, MOST_KEYS, MOST_PAUSES, MOST_SETUPS = 10, 10, 10, 10, 5
SOON_DAYS = 30
_SIGNS = {Severity.NOTICE: "🔵", Severity.WARNING: "🟠", Severity.CRITICAL: "🔴"}
_BAD = ("failed", "not_set")

PAUSE_CALLBACK = "pause"
UNTIL_BLOCK, REASON_BLOCK = "until", "reason"
LENGTHS: Mapping[str, timedelta | None] = {
    "2h": timedelta(hours=2),
    "30m": timedelta(minutes=30),
    "24h": timedelta(hours=24),
    "tomorrow": None,
    "open": None,
}
"""How long people pause; two have an end of their own, or none."""


@dataclass(frozen=True)
class Facts:
    """What a person's Home shows.

    Args:
        waiting: what waits for a decision, with its shop.
        waiting_more: how many more do.
        where: shop -> its name as people call it, ready for mrkdwn.
        notice: what came of the last press, ready for mrkdwn.
        page: which part of the shops is shown, from 0.
        own: the bot's own credentials.
    """

    status: Status
    role: Role
    now: datetime
    open_alerts: Sequence[Incident] = ()
    waiting: Sequence[tuple[str, Card]] = ()
    waiting_more: int = 0
    setups: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    page: int = 0
    own: Sequence[CredentialRow] = ()


def home_view(facts: Facts, voice: Voice) -> Block:
    """Build a person's Home."""
    blocks = [*_top(facts, voice), *_decisions(facts, voice), *_alerts(facts, voice)]
    blocks += [*_keys(facts, voice), *_own(facts, voice), *_pauses(facts, voice)]
    blocks += [*_setups(facts, voice), *_shops(facts, voice)]
    fitting = list(_fitting(blocks))
    if len(fitting) < len(blocks):
        fitting.append(context(voice("home.cut")))
    return home(fitting)


def refused_home(text: str) -> Block:
    """Build the Home of a person who may not look."""
    return home([section(text)])


def _fitting(blocks: Iterable[Block]) -> Iterator[Block]:
    left = limits.ALL_TEXTS - 300
    for block in islice(blocks, limits.VIEW_BLOCKS - 1):
        left -= sum(map(len, limits.texts(block)))
        if left < 0:
            return
        yield block


def _may(facts: Facts, role: Role) -> bool:
    return facts.role.covers(role)


# --- the head


def _top(facts: Facts, voice: Voice) -> Iterator[Block]:
    status = facts.status
    yield header(voice("home.title"))
    if facts.notice:
        yield section(cut(facts.notice, 2000))
    lines = [voice("status.on") if status.on else voice("status.off")]
    if status.mapping_commit:
        lines.append(voice("status.mapping", commit=f"`{escape(status.mapping_commit[:7])}`"))
    warning = f"\n{voice('status.mapping_problem')}" if status.mapping_problem else ""
    yield section("　".join(lines) + warning)
    yield actions(*_switches(facts, voice))
    yield context(voice("home.at", at=facts.now), voice("see_help"))


def _switches(facts: Facts, voice: Voice) -> Iterator[Block]:
    if _may(facts, Role.ADMIN):
        word, style = ("off", "danger") if facts.status.on else ("on", "primary")
        name = voice(f"home.{word}")
        question = confirm(name, voice(f"home.{word}_text"), voice("alert.yes"), voice("alert.no"))
        yield {**button(name, f"home:{word}", {}, style), "confirm": question}
        yield button(voice("home.pause_all"), "home:pause", {"target": "all"})
    if _may(facts, Role.OPERATOR):
        yield button(voice("upload.open"), "upload:open", {})
    yield button(voice("home.look"), "home:look", {})


# --- what waits, what is wrong


def _decisions(facts: Facts, voice: Voice) -> Iterator[Block]:
    yield divider()
    yield section(f"*{voice('home.decide')}*")
    if not facts.waiting:
        yield context(voice("home.decide_none"))
    for shop, card in facts.waiting[:MOST_CARDS]:
        text = cut(card.text, 400)
        where = facts.where.get(shop, escape(shop))
        yield section(voice("home.decide_shop", shop=where, text=text) if shop else text)
        if card.buttons and _may(facts, Role.OPERATOR):
            yield actions(*card.buttons)
    more = facts.waiting_more + max(0, len(facts.waiting) - MOST_CARDS)
    if more:
        yield context(voice("home.decide_more", count=more))


def _alerts(facts: Facts, voice: Voice) -> Iterator[Block]:
    yield divider()
    found = sorted(facts.open_alerts, key=lambda incident: list(Severity).index(incident.severity))[::-1]
    lines = [_alert_line(incident, facts, voice) for incident in found[:MOST_ALERTS]]
    if len(found) > MOST_ALERTS:
        lines.append(voice("home.more", count=len(found) - MOST_ALERTS))
    head = f"*{voice('home.alerts')}*"
    yield section("\n".join([head, *lines]) if lines else f"{head}\n{voice('home.alerts_none')}")


def _alert_line(incident: Incident, facts: Facts, voice: Voice) -> str:
    where = facts.where.get(incident.shop, escape(incident.shop)) or voice("alert.bot")
    name = cut(alerts.title(incident, voice), 120)
    mark = _SIGNS[incident.severity]
    return voice("home.alert", mark=mark, where=where, title=name, at=incident.opened_at)


# --- credentials, pauses, set-ups


def _keys(facts: Facts, voice: Voice) -> Iterator[Block]:
    rows = [
        (shop, credential)
        for shop in facts.status.shops
        if shop.state is not ShopState.ARCHIVED
        for credential in shop.credentials
        if _is_due(credential, facts.now)
    ]
    if not rows:
        return
    rows.sort(key=lambda row: (row[1].state not in _BAD, row[1].expires_at or facts.now))
    yield section(f"*{voice('home.keys')}*")
    for shop, credential in rows[:MOST_KEYS]:
        value = {"shop": shop.shop, "kind": credential.kind}
        renew = [button(voice("button.renewal"), "renew:open", value)] if _may(facts, Role.ADMIN) else []
        yield beside_button(_key_line(shop, credential, facts, voice), *renew)
    if len(rows) > MOST_KEYS:
        yield context(voice("home.more", count=len(rows) - MOST_KEYS))


def _own(facts: Facts, voice: Voice) -> Iterator[Block]:
    rows = [_own_row(row, voice) for row in facts.own if row.state != "not_set"]
    if rows:
        yield context(voice("home.own", rows=voice("list.join").join(rows)))


def _own_row(row: CredentialRow, voice: Voice) -> str:
    words = {"mark": "🔴" if row.state in _BAD else "🔑", "label": voice.label(row.label_ja, row.label_en)}
    if row.state in _BAD or row.proved_at is None:
        return voice("home.own_row", state=voice(f"kind_state.{row.state}"), **words)
    return voice("home.own_proved", at=row.proved_at, **words)


def _is_due(credential: CredentialView, now: datetime) -> bool:
    ends = credential.expires_at
    return credential.state in _BAD or (ends is not None and days_left(ends, now) <= SOON_DAYS)


def _key_line(shop: ShopStatus, credential: CredentialView, facts: Facts, voice: Voice) -> str:
    words = {
        "shop": facts.where.get(shop.shop, escape(shop.shop)),
        "label": voice.label(credential.label_ja, credential.label_en),
    }
    ends = credential.expires_at
    if credential.state in _BAD:
        return voice("home.key_bad", state=voice(f"credential.{credential.state}"), **words)
    day = voice.at(ends, "day")
    if ends is None or ends <= facts.now:
        return voice("home.key_over", day=day, **words)
    days = days_left(ends, facts.now)
    mark = "🔴" if days <= 1 else "🟠" if days <= 7 else "🟡"
    return voice("home.key_left", mark=mark, days=days, day=day, **words)


def _pauses(facts: Facts, voice: Voice) -> Iterator[Block]:
    found = list(dict.fromkeys(pause for shop in facts.status.shops for pause in shop.pauses))
    if not found and not facts.status.paused_codes:
        return
    yield section(f"*{voice('home.pauses')}*")
    for number, pause in enumerate(found[:MOST_PAUSES]):
        yield beside_button(cut(pause_line(pause, voice), 300), *_resume(number, pause, facts, voice))
    if len(found) > MOST_PAUSES:
        yield context(voice("home.more", count=len(found) - MOST_PAUSES))
    if facts.status.paused_codes:
        yield context(voice("home.paused_codes", count=facts.status.paused_codes))


def _resume(number: int, pause: PauseView, facts: Facts, voice: Voice) -> list[Block]:
    if not _may(facts, Role.ADMIN if pause.target == "all" else Role.OPERATOR):
        return []
    value = {"target": pause.target, "until": pause.until.isoformat() if pause.until else ""}
    return [button(voice("button.resume"), f"do:resume:{number}", value)]


def _setups(facts: Facts, voice: Voice) -> Iterator[Block]:
    for shop, (done, count) in list(facts.setups.items())[:MOST_SETUPS]:
        where = facts.where.get(shop, escape(shop))
        line = voice("home.setup_line", shop=where, done=done, count=count)
        name = voice("home.do_setup")
        open_it = [button(name, "setup:open", {"shop": shop})] if _may(facts, Role.ADMIN) else []
        yield beside_button(line, *open_it)


# --- shops


def _shops(facts: Facts, voice: Voice) -> Iterator[Block]:
    everything = facts.status.shops
    first = facts.page * MOST_SHOPS if facts.page * MOST_SHOPS < len(everything) else 0
    some = everything[first : first + MOST_SHOPS]
    numbers = {"first": first + 1, "last": first + len(some), "count": len(everything)}
    is_all = len(some) == len(everything)
    yield divider()
    yield section(f"*{voice('home.shops') if is_all else voice('home.shops_page', **numbers)}*")
    if not is_all:
        is_last = first + MOST_SHOPS >= len(everything)
        name = voice("home.first") if is_last else voice("home.next")
        page = 0 if is_last else first // MOST_SHOPS + 1
        yield actions(button(name, "home:page", {"page": page}))
    for shop in some:
        yield beside_button(_shop_text(shop, facts, voice), *_shop_menu(shop, facts, voice))


def _shop_text(shop: ShopStatus, facts: Facts, voice: Voice) -> str:
    name = facts.where.get(shop.shop, escape(shop.shop))
    since = voice("status.since", at=shop.since) if shop.since else ""
    head = f"{MARKS[shop.state]} *{name}*　{voice(f'state.{shop.state}')} {since}".rstrip()
    return cut(f"{head}\n{'・'.join(timing(shop, facts.now, voice))}", 300)


def _shop_menu(shop: ShopStatus, facts: Facts, voice: Voice) -> list[Block]:
    words = [word for word, role in _offers(shop) if _may(facts, role)]
    if not words:
        return []
    options = {voice(f"home.do_{word}"): {"do": word, "shop": shop.shop} for word in words}
    return [menu(f"home:shop:{shop.shop}", options)]


def _offers(shop: ShopStatus) -> Iterator[tuple[str, Role]]:
    if shop.state is ShopState.ARCHIVED:
        yield "setup", Role.ADMIN
        return
    yield "pause", Role.OPERATOR
    yield "check", Role.OPERATOR
    yield "off" if shop.on else "on", Role.ADMIN
    if shop.credentials:
        yield "renew", Role.ADMIN
    yield "setup", Role.ADMIN


# --- the form of a pause


def pause_end(word: str, now: datetime) -> datetime | None:
    """Give when a pause of a length ends that is chosen now; None for no end."""
    if word == "tomorrow":
        return alerts.snooze_until(alerts.TOMORROW, now)
    length = LENGTHS[word]
    return now + length if length else None


def pause_modal(target: str, stops: tuple[int, int], now: datetime, voice: Voice) -> Block:
    """Build the form: what a pause does, until when, and why.

    Args:
        stops: how many listings, on how many shops, are not written meanwhile.
        now: the lengths count from here.
    """
    does = voice("pausing.what", targets=voice.targets([target]))
    what = [does, pause_reach(stops, voice), voice("pause.intake"), voice("pausing.risk")]
    lengths = {word: voice(f"pausing.for_{word}", end=pause_end(word, now)) for word in LENGTHS}
    reason = {**text_input(REASON_BLOCK, voice("pausing.reason")), "optional": True}
    blocks = [section("\n".join(what)), choice_input(UNTIL_BLOCK, voice("pausing.until"), lengths), reason]
    words = voice("pausing.title"), voice("pausing.submit"), voice("renewal.close")
    about = {"target": target, "at": now.isoformat()}
    return {**modal(*words, blocks, about), "callback_id": PAUSE_CALLBACK}
