"""Lines that the shell and Slack show alike. Pure: whoever shows them brings the voice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from bot.answers import Forecast, ForecastLine, HistoryLine
from bot.messages import JST
from bot.why import Reason

Say = Callable[..., str]
"""(key, **params) -> a sentence"""


# ---------------------------------------------------------------------- a dry run


def forecast_lines(found: Forecast, say: Say) -> Iterator[str]:
    """Give what a sync of a shop would write, line by line, and what waits for what."""
    for line in found.lines:
        yield _forecast_line(line, say)
    if found.trip:
        numbers = {"changed": found.changed, "zero": found.zero, "of": found.of}
        yield say(f"guard.reason.{found.trip}", **numbers).strip()
    if found.stopped:
        yield say("dry.stopped", shop=found.shop, state=_state(found, say))
    yield _counted(found, say)
    yield say("dry_run")


def _forecast_line(line: ForecastLine, say: Say) -> str:
    waits = say(f"dry.waits.{line.waits}") if line.waits else ""
    if line.after is None:
        return say("dry.waiting", code=line.code, waits=waits)
    before = "?" if line.before is None else line.before
    numbers = {"before": before, "after": line.after, "why": say(f"why.{line.why}")}
    text = say("dry.line", code=line.code, mall_code=line.mall_code, **numbers)
    return text + (say("dry.waits", waits=waits) if waits else "")


def _state(found: Forecast, say: Say) -> str:
    return say("note.never_written" if found.stopped == "never_written" else f"state.{found.stopped}")


def _counted(found: Forecast, say: Say) -> str:
    waits = [line.waits for line in found.lines if line.after is not None]
    later = sum(why in ("orders", "others", "drift") for why in waits)
    return say("dry.count", shop=found.shop, now=waits.count(""), later=later, held=waits.count("guard"))


# ---------------------------------------------------------------------- history


def history_line(line: HistoryLine, asked_for: str, say: Say) -> str:
    """Give one line in the history of a code: when, what, where, the numbers, who and why."""
    return "  ".join(part for part in _history_words(line, asked_for, say) if part)


def _history_words(line: HistoryLine, asked_for: str, say: Say) -> Iterator[str]:
    yield f"{line.at.astimezone(JST):%Y-%m-%d %H:%M:%S}"
    yield say("what.write") if line.is_write else say(f"what.{line.what}")
    yield line.code if line.code != asked_for else ""
    yield line.shop
    yield say("history.order", order=line.order_id) if line.order_id else ""
    yield from _numbers(line, say)
    if not line.is_write and line.happened_at and abs(line.at - line.happened_at) >= timedelta(minutes=1):
        yield say("history.happened", at=line.happened_at)
    yield line.who
    yield line.note


def _numbers(line: HistoryLine, say: Say) -> Iterator[str]:
    if line.is_write:
        before = "?" if line.before is None else line.before
        yield say("history.written", before=before, quantity=line.quantity)
        yield say(f"outcome.{line.outcome}")
        return
    if line.on_hand or line.what == "count":
        yield say("history.on_hand", change=f"{line.on_hand:+d}", after=line.on_hand_after)
    if line.reserved:
        yield say("history.reserved", change=f"{line.reserved:+d}")
    if line.held:
        yield say("history.held", change=f"{line.held:+d}")


# ---------------------------------------------------------------------- why


def reason_lines(reason: Reason, say: Say) -> Iterator[str]:
    """Give why a shop does not show what it should: the walk, what is wrong, what to do."""
    yield say("reason.title", code=reason.facts.code, shop=reason.facts.shop)
    if reason.passed:
        steps = say("list.join").join(say(f"step.{step}") for step in reason.passed)
        yield say("reason.passed", steps=steps)
    what = reason_said(reason, say)
    if reason.failed is None:
        yield what
    else:
        yield say("reason.wrong", step=say(f"step.{reason.failed}"), what=what)
    yield say("reason.step", next=reason_said(reason, say, ".next"))


def reason_said(reason: Reason, say: Say, part: str = "") -> str:
    """Give one sentence of what was found."""
    facts, found = reason.facts, reason.found
    params = {"code": facts.code, "shop": facts.shop, "field": facts.code_field, **found.params}
    return say(f"reason.{found.key}{part}", **params)
