"""Answers as Slack messages. Pure: what is shown comes in, ``now`` with it.

Foreign values (names, reasons, codes) are escaped here; ``text`` is always complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.answers import (
    Changed,
    CredentialView,
    PauseView,
    Refused,
    Role,
    ShopStatus,
    Status,
)
from bot.messages import span
from bot.slack.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    divider,
    escape,
    header,
    message,
    plain,
    section,
)
from bot.slack.marks import MARKS, MOST_SHOPS
from bot.slack.verbs import VERBS, Verb
from bot.slack.voice import Voice

# --- refusals and help


def refusal(refused: Refused, voice: Voice) -> Message:
    """Say why something was not done."""
    return plain([voice(refused.key, **{k: escape(v) for k, v in refused.params.items()})])


def sentence(key: str, voice: Voice, **params: str) -> Message:
    """Say one sentence; the parameters are ready for mrkdwn."""
    return plain([voice(key, **params)])


def usage(verb: Verb, voice: Voice) -> Message:
    """Show how a verb is typed."""
    return plain([voice("usage", form=_form(verb, voice)), voice(f"help.{verb.name}")])


def _form(verb: Verb, voice: Voice) -> str:
    return escape(voice(f"form.{verb.name}"))


def help_message(role: Role, voice: Voice, only: Verb | None = None) -> Message:
    """List the verbs with their forms, those this person may use first."""
    verbs = [only] if only else sorted(VERBS, key=lambda verb: not role.covers(verb.role))
    lines = [_help_line(verb, role, voice) for verb in verbs]
    words = voice("list.join").join(word for verb in verbs for word in verb.words[:1])
    foot = voice("help.words", words=words) if words else ""
    title = voice("help.title")
    blocks = [header(title), section("\n".join(lines))]
    return message([title, *lines, foot], [*blocks, context(foot)] if foot else blocks)


def _help_line(verb: Verb, role: Role, voice: Voice) -> str:
    needs = "" if role.covers(verb.role) else voice("help.role", role=voice(f"role.{verb.role}"))
    return f"`{voice.command} {_form(verb, voice)}`\n　{voice(f'help.{verb.name}')}{needs}"


def not_understood(text: str, suggestions: Sequence[str], voice: Voice) -> Message:
    """Say that nothing was found, and offer what may have been meant as buttons."""
    lines = [voice("not_understood", text=escape(text))]
    if suggestions:
        lines.append(f"{voice('did_you_mean')} {voice('list.join').join(map(escape, suggestions))}")
    lines.append(voice("see_help"))
    offers = [button(s, f"say:again:{i}", {"say": s}) for i, s in enumerate(suggestions[:5])]
    blocks = [section("\n".join(lines)), *([actions(*offers)] if offers else [])]
    return message(lines, blocks)


# --- status


def status_message(status: Status, now: datetime, voice: Voice, shop: str = "") -> Message:
    """Show the state of every shop, or of one."""
    title = voice("status.title")
    heads = [voice("status.on") if status.on else voice("status.off")]
    if status.mapping_commit:
        heads.append(voice("status.mapping", commit=f"`{escape(status.mapping_commit[:7])}`"))
    warning = voice("status.mapping_problem") if status.mapping_problem else ""
    shops = [_shop_lines(s, now, voice) for s in status.shops if shop in ("", s.shop)]
    shops = shops or [[voice("status.no_shops")]]
    blocks = [header(title), section("　".join(heads) + (f"\n{warning}" if warning else "")), divider()]
    blocks += [section("\n".join(lines)) for lines in shops[:MOST_SHOPS]]
    return message([title, *heads, warning, *(line for lines in shops for line in lines)], blocks)


def _shop_lines(shop: ShopStatus, now: datetime, voice: Voice) -> list[str]:
    mall = voice.label(shop.mall_ja, shop.mall_en)
    name = f"*{voice('lookup.shop', mall=mall, shop=escape(shop.shop))}*"
    since = voice("status.since", at=voice.at(shop.since)) if shop.since else ""
    lines = [f"{MARKS[shop.state]} {name} *{voice(f'state.{shop.state}')}* {since}".rstrip()]
    if shop.cause:
        lines.append(f"⚠️ {_cause_title(shop.cause, voice)} {escape(shop.detail)}".rstrip())
    lines.append("・".join(timing(shop, now, voice)))
    lines += [pause_line(pause, voice) for pause in shop.pauses]
    return lines + [_credential_line(c, now, voice) for c in shop.credentials]


def _cause_title(cause: str, voice: Voice) -> str:
    try:
        return voice(f"cause.{cause}.title")
    except KeyError:
        return voice("cause.unknown.title")


def timing(shop: ShopStatus, now: datetime, voice: Voice) -> Iterable[str]:
    """Say when a shop was read and written last, and what waits."""
    orders, written = shop.orders_read_at, shop.written_at
    yield voice("status.orders", ago=voice.ago(orders, now)) if orders else voice("status.orders_never")
    yield voice("status.written", ago=voice.ago(written, now)) if written else voice("status.written_never")
    if shop.waiting:
        yield voice("status.waiting", n=shop.waiting)
    if shop.expected_delay_s:
        yield voice("status.delay", span=span(timedelta(seconds=shop.expected_delay_s), voice.lang))


def pause_line(pause: PauseView, voice: Voice) -> str:
    """Say what is paused, by whom, since when and until when."""
    until = voice("pause.until", until=pause.until) if pause.until else voice("pause.no_end")
    reason = voice("pause.reason", reason=escape(pause.reason)) if pause.reason else ""
    target, who, since = voice.targets([pause.target]), voice.person(pause.who), voice.at(pause.since)
    line = voice("status.pause", target=target, since=since, until=until, who=who, reason=reason)
    return line.rstrip()


def _credential_line(credential: CredentialView, now: datetime, voice: Voice) -> str:
    label = voice.label(credential.label_ja, credential.label_en)
    state, ends = voice(f"credential.{credential.state}"), credential.expires_at
    if ends is None:
        return f"🔑 {voice('status.credential', label=label, state=state)}"
    day, left = voice.at(ends, "day"), span(ends - now, voice.lang)
    if ends <= now:
        return f"⚠️ {voice('status.expired', label=label, state=state, day=day)}"
    return f"🔑 {voice('status.expires', label=label, state=state, day=day, span=left)}"


# --- pause, resume, on, off


def paused_message(changed: Changed, who: str, voice: Voice, stops: tuple[int, int]) -> Message:
    """Tell that a pause began, or got another end, with the button that ends it.

    Args:
        stops: how many listings, on how many shops, are not written meanwhile.
    """
    until = voice("pause.until", until=changed.until) if changed.until else voice("pause.no_end")
    done = "pause.changed" if changed.already else "pause.done"
    head = f"*{voice(done, targets=voice.targets(changed.targets))}* {until}"
    reason = voice("pause.reason", reason=escape(changed.reason)) if changed.reason else ""
    by = voice("pause.by", who=voice.person(who))
    lines = [head, "　".join(part for part in (reason, by) if part)]
    lines += [pause_reach(stops, voice), voice("pause.intake")]
    lines += [voice("pause.next", target=escape(target)) for target in changed.targets[:1]]
    return message(lines, [section("\n".join(lines)), *_resume_row(changed, voice)])


def pause_reach(stops: tuple[int, int], voice: Voice) -> str:
    """Say how many listings, on how many shops, are not written while a pause lasts."""
    listings, shops = stops
    return voice("pause.reach", listings=f"{listings:,}", shops=f"{shops:,}")


def _resume_row(changed: Changed, voice: Voice) -> list[Block]:
    if len(changed.targets) != 1:
        return []
    value = {"target": changed.targets[0], "until": changed.until.isoformat() if changed.until else ""}
    return [actions(button(voice("button.resume"), "do:resume", value, "primary"))]


def changed_message(verb: str, changed: Changed, who: str, voice: Voice) -> Message:
    """Tell what ``resume``, ``on`` or ``off`` did."""
    head = f"*{voice(f'{verb}.done', targets=voice.targets(changed.targets))}*"
    return plain([head, voice("pause.by", who=voice.person(who)), voice(f"{verb}.next")])


def already_message(verb: str, changed: Changed, who: str, voice: Voice) -> Message:
    """Tell ``who`` that it was so before, and whose doing that was where that is known."""
    targets = voice.targets(changed.targets)
    if verb == "resume" and changed.by in ("", who):
        return plain([voice("resume.not_paused", targets=targets)])
    at, by = voice.at(changed.at), voice.person(changed.by)
    return plain([voice(f"{verb}.already", targets=targets, by=by, at=at)])


# --- notices of the bot's own


def notice(key: str, params: Mapping[str, str | datetime], where: str, voice: Voice) -> Message:
    """Say something in the ops channel that nobody asked for.

    Args:
        params: plain values and times; ``target`` and ``who`` also come as ``{targets}`` and ``{person}``.
        where: the shop as people call it, ready for mrkdwn.
    """
    ready = {name: escape(value) if isinstance(value, str) else value for name, value in params.items()}
    ready["targets"] = voice.targets([str(params["target"])]) if "target" in params else ""
    ready["person"] = voice.person(str(params.get("who", "")))
    return plain([voice(key, **{**ready, "where": where})])
