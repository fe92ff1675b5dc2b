"""What the asking commands show: why, histories, charts, lists, the audit, readiness, checks. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from bot.answers import (
    AuditLine,
    Checked,
    CheckedKind,
    CodeRow,
    Day,
    Forecast,
    HistoryLine,
    Mapped,
    Ready,
    ShopReadiness,
)
from bot.lines import forecast_lines, history_line, reason_lines
from bot.messages import JST
from bot.slack.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    escape,
    header,
    message,
    plain,
    section,
)
from bot.slack.charts import chart
from bot.slack.tables import data_table
from bot.slack.voice import Voice
from bot.why import Reason

MOST_TEXT = 2800
"""Characters of lines that one message shows."""
LISTED = 20  # lines of a list whose whole goes as a file
BUCKET = 2  # days of one point in a chart: it has 20 at most, and people ask for four weeks
_READY = {Ready.GOOD: "✓", Ready.WARNING: "!", Ready.BAD: "✗"}


def why_message(reason: Reason, voice: Voice) -> Message:
    """Say why a shop does not show what it should, with the next step as a button."""
    head, *rest = reason_lines(reason, _Escaped(voice))
    found = reason.found
    step: list[Block] = []
    if found.renew:
        step = [button(voice("button.renewal"), "renew:open", {"shop": reason.facts.shop}, "primary")]
    elif found.step:
        words = voice("button.step", step=found.step)
        step = [button(words, "say:again:0", {"say": found.step}, "primary")]
    blocks = [section("\n".join([f"*{head}*", *rest])), *([actions(*step)] if step else [])]
    return message([head, *rest], blocks)


class _Sentence(str):
    """A sentence of ours within another: its foreign values are escaped already."""

    __slots__ = ()


class _Escaped:
    """A voice for lines that are made for the shell too: foreign values in them are escaped."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    def __call__(self, key: str, /, **params: object) -> str:
        ready = {
            name: self._voice.person(value) if name == "who" and isinstance(value, str) else _ready(value)
            for name, value in params.items()
        }
        return _Sentence(self._voice(key, **ready))


def _ready(value: object) -> object:
    return escape(value) if isinstance(value, str) and not isinstance(value, _Sentence) else value


def fitting(lines: Sequence[str], most: int = MOST_TEXT) -> tuple[list[str], int]:
    """Give the last lines that fit into a message, and how many were left out."""
    found: list[str] = []
    for line in reversed(lines):
        most -= len(line) + 1
        if most < 0:
            break
        found.insert(0, line)
    return found, len(lines) - len(found)


# --- one code


def history_message(code: str, found: Sequence[HistoryLine], voice: Voice) -> Message:
    """Show the latest lines of a code's history: those of the shell."""
    if not found:
        return plain([voice("history.none", code=escape(code))])
    lines, left_out = fitting([escape(history_line(line, code, voice)) for line in found])
    title = voice("history.title", code=code)
    older = voice("history.older", code=escape(code)) if left_out else ""
    blocks = [header(title), section("\n".join(lines)), *([context(older)] if older else [])]
    return message([escape(title), *lines, older], blocks)


def chart_message(code: str, days: Sequence[Day], now: datetime, voice: Voice) -> Message:
    """Draw stock and sales of a code; the text says the same in numbers."""
    known = [day for day in days if day.available is not None]
    if not known:
        return plain([voice("chart.none", code=escape(code))])
    title = voice("chart.title", code=code)
    numbers = {"sold": sum(day.sold for day in days), "left": known[-1].available}
    total = voice("chart.total", at=voice.at(now), **numbers)
    buckets = [known[start : start + BUCKET] for start in range(0, len(known), BUCKET)]
    names = [f"{bucket[0].day:%m/%d}" for bucket in buckets]
    left = [bucket[-1].available or 0 for bucket in buckets]
    sold = [sum(day.sold for day in bucket) for bucket in buckets]
    series = {voice("chart.stock"): left, voice("chart.sold"): sold}
    lines = [
        voice("chart.day", day=name, left=some, sold=count)
        for name, some, count in zip(names, left, sold, strict=True)
    ]
    drawn = chart("line", title, names, series, voice("chart.pieces"))
    return message([escape(title), total, *lines], [section(total), drawn])


def mapped_message(found: Mapped, voice: Voice) -> Message:
    """Show where a code stands in the mapping, and what each shop calls it."""
    title = escape(found.code)
    commit, file = escape(found.commit[:7]), escape(found.file)
    place = voice("map.place", file=f"`{file}`", line=found.line, commit=commit)
    lines = [place if found.file else voice("map.no_place", commit=commit)]
    if found.product != found.code:
        lines.append(voice("map.product", product=escape(found.product)))
    if found.parts:
        parts = voice("list.join").join(f"{escape(code)} × {count}" for code, count in found.parts.items())
        lines.append(voice("map.set", parts=parts))
    for shop, mall_code in found.listings.items():
        name = escape(shop)
        known = mall_code is not None
        listing = voice("map.listing", shop=name, mall_code=f"`{escape(mall_code or '')}`")
        lines.append(listing if known else voice("map.unlinked", shop=name))
    return message([title, *lines], [header(found.code), section("\n".join(lines))])


# --- many


def list_message(rows: Sequence[CodeRow], part: str, now: datetime, voice: Voice, *, whole: bool) -> Message:
    """Show codes: all of them in a table, or the first few in text where a file has the whole."""
    title = list_title(rows, part, voice)
    at = voice("list.at", at=voice.at(now))
    lines = [voice("list.line", **{k: escape(v) for k, v in _cells(row, voice).items()}) for row in rows]
    shown = fitting(list(reversed(lines[: None if whole else LISTED])))[0][::-1]
    if not whole:
        return plain([f"*{escape(title)}*", at, *shown])
    table = data_table(title, list_head(voice), [tuple(_cells(row, voice).values()) for row in rows])
    return message([escape(title), at, *shown], [section(f"*{escape(title)}*\n{at}"), table])


def list_title(rows: Sequence[CodeRow], part: str, voice: Voice) -> str:
    """Give the headline of a list."""
    count = f"{len(rows):,}"
    return voice("list.filtered", text=part, count=count) if part else voice("list.title", count=count)


def list_head(voice: Voice) -> list[str]:
    """Give the columns of a list."""
    return [voice(f"list.{name}") for name in ("code", "available", "state", "name")]


def list_rows(rows: Iterable[CodeRow], voice: Voice) -> Iterator[tuple[str, ...]]:
    """Give the cells of a list, row by row."""
    return (tuple(_cells(row, voice).values()) for row in rows)


def _cells(row: CodeRow, voice: Voice) -> dict[str, str]:
    left = voice("list.uncounted") if row.available is None else str(row.available)
    return {"code": row.code, "available": left, "state": voice(f"state.{row.state}"), "name": row.name}


def audit_message(lines: Sequence[AuditLine], days: int, voice: Voice) -> Message:
    """Show the latest lines of the audit; a file has them all."""
    if not lines:
        return plain([voice("audit.none", days=days)])
    title = voice("audit.title", days=days, count=f"{len(lines):,}")
    shown, _ = fitting([_audit_line(line, voice) for line in lines[-LISTED:]])
    more = voice("audit.more", shown=len(shown)) if len(shown) < len(lines) else ""
    return message([title, *shown, more], [section("\n".join([f"*{title}*", *shown])), *_foot(more)])


def _foot(text: str) -> list[Block]:
    return [context(text)] if text else []


def _audit_line(line: AuditLine, voice: Voice) -> str:
    given = {name: value for name, value in line.arguments.items() if value not in ("", None)}
    arguments = " ".join(f"{name}={_moment_of(value, voice)}" for name, value in given.items())
    return voice(
        "audit.line",
        at=voice.at(line.at),
        who=voice.person(line.who),
        action=escape(line.action),
        arguments=escape(arguments),
        result=escape(line.result),
    )


def _moment_of(value: object, voice: Voice) -> object:
    """Print a time among the arguments as people read it; the file has it as it was kept."""
    if not isinstance(value, str) or "T" not in value:
        return value
    try:
        return voice.at(datetime.fromisoformat(value))
    except ValueError:
        return value


AUDIT_HEAD = ("at", "who", "action", "arguments", "result")


def audit_rows(lines: Iterable[AuditLine]) -> Iterator[tuple[str, ...]]:
    """Give the cells of the audit, row by row; the arguments as JSON."""
    for line in lines:
        arguments = json.dumps(dict(line.arguments), ensure_ascii=False, default=str)
        at = line.at.astimezone(JST).isoformat(timespec="seconds")
        yield at, line.who, line.action, arguments, line.result


# --- shops


def ready_message(shops: Sequence[ShopReadiness], voice: Voice) -> Message:
    """Show what each shop still lacks."""
    texts: list[list[str]] = []
    for shop in shops:
        mall = voice.label(shop.mall_ja, shop.mall_en)
        lines = [f"*{voice('ready.title', shop=escape(shop.shop), mall=mall)}*"]
        for condition in shop.conditions:
            params = {name: escape(value) for name, value in condition.params.items()}
            lines.append(f"{_READY[condition.ready]} {voice(condition.key, **params)}")
        texts.append(lines)
    bad = sum(condition.ready is Ready.BAD for shop in shops for condition in shop.conditions)
    foot = voice("ready.not", count=bad) if bad else voice("ready.all")
    blocks = [section("\n".join(lines)) for lines in texts]
    return message([*(line for lines in texts for line in lines), foot], [*blocks[:40], section(foot)])


def checked_lines(found: Checked, voice: Voice) -> list[str]:
    """Say what a connection check found, what that means, and what to do."""
    shop, detail = escape(found.shop), escape(found.detail)
    if found.ok:
        return [
            voice("checked.good", shop=shop, detail=detail),
            *(_kind(kind, voice) for kind in found.kinds),
        ]
    lines = [voice("checked.bad", shop=shop, detail=detail)]
    if found.key:
        lines.append(voice("check.cause", text=voice(f"error.{found.key}.cause", shop=shop)))
        lines.append(voice("check.cure", text=voice(f"error.{found.key}.cure", shop=shop)))
    if found.hint:
        lines.append(voice("check.cure", text=voice(f"hint.{found.hint}", shop=shop)))
    if found.address:
        lines.append(voice("check.address", address=escape(found.address)))
    return [*lines, *([voice("checked.renew", shop=shop)] if found.cause == "auth" else [])]


def _kind(kind: CheckedKind, voice: Voice) -> str:
    label, state = voice.label(kind.label_ja, kind.label_en), voice(f"kind_state.{kind.state.value}")
    return voice("check.kind", label=label, state=state, note=escape(kind.note)).rstrip()


def forecast_message(found: Sequence[Forecast], voice: Voice) -> tuple[Message, list[str]]:
    """Show what syncs would write, the same lines as in the shell; give all lines beside, for a file."""
    lines = [line for forecast in found for line in forecast_lines(forecast, voice)]
    shown, left_out = fitting([escape(line) for line in lines])
    return plain(shown), lines if left_out else []
