"""The comment under a pull request, in Markdown as a forge shows it.

All that comes from files, malls and people stands between backquotes, where a forge sees no
mention, no link and no markup. The whole stays within what a comment may hold: each part has its room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from bot.mapping.problem import Level
from bot.mapping.review import MOST_ROWS, Left, Number, Report, ShopList
from bot.mapping.wording import fenced
from bot.messages import say

MARKER = "<!-- tanaban:mapping -->"
"""The first line of our comment; nobody sees it."""

_PROBLEMS = 60
_SHOPS = 30
_CODES = 20  # named of what a shop lacks
_ORDER = (Level.ERROR, Level.WARNING, Level.NOTE)
_LINE, _WORD = 400, 80
_ROOM = {"problems": 20_000, "lists": 6_000, "lacks": 8_000, "left": 8_000, "numbers": 18_000}  # letters


def comment(report: Report, now: datetime, language: str) -> str:
    """Give the whole comment. Two of one content differ in their last line alone."""
    foot = say("review.foot", language, at=now)
    return f"{content(report, now, language)}\n\n<sub>{foot}</sub>\n"


def content(report: Report, now: datetime, language: str) -> str:
    """Give the comment without the moment that it was computed at."""
    parts = [MARKER, f"### {_verdict(report, language)}", _checked(report, language)]
    parts += _problems(report, language)
    parts += _shops(report.shops, now, language)
    parts += _effects(report, language)
    return "\n\n".join(parts)


def status(report: Report, language: str) -> tuple[str, str]:
    """Give the state of the commit, and the words beside it."""
    state = "success" if report.is_good else "failure"
    return state, say(f"review.status.{state}", language, **_counts(report))


def _counts(report: Report) -> dict[str, int]:
    return {"errors": report.count(Level.ERROR), "warnings": report.count(Level.WARNING)}


def _verdict(report: Report, language: str) -> str:
    return say("review.good" if report.is_good else "review.bad", language, **_counts(report))


def _checked(report: Report, language: str) -> str:
    key = "review.checked" if report.merged else "review.conflict"
    words = {"head": report.head[:10], "base": report.base[:10], "branch": report.branch}
    return say(key, language, **{name: _span(word) for name, word in words.items()})


def _problems(report: Report, language: str) -> Iterator[str]:
    if report.problems:
        yield _heading("problems", language, len(report.problems))
        told = sorted(report.problems, key=lambda problem: _ORDER.index(problem.level))
        lines = (f"- {_span(problem.render(language), _LINE)}" for problem in told[:_PROBLEMS])
        yield _cut(lines, len(told), _ROOM["problems"], language)


# ---------------------------------------------------------------- the malls


def _shops(shops: Sequence[ShopList], now: datetime, language: str) -> Iterator[str]:
    if not shops:
        return
    yield "### " + say("review.lists", language)
    rows = (_shop_row(shop, now, language) for shop in shops[:_SHOPS])
    yield _table("lists", 5, rows, len(shops), language)
    lacking = [shop for shop in shops if shop.missing]
    if lacking:
        lines = (_lacks(shop, language) for shop in lacking[:_SHOPS])
        yield _cut(lines, len(lacking), _ROOM["lacks"], language)


def _shop_row(shop: ShopList, now: datetime, language: str) -> str:
    if shop.read_at is None:
        return _row(_span(shop.shop), "—", "—", "—", say("review.no_list", language, shop=shop.shop))
    days = (now - shop.read_at).days
    age = say("review.read_at" if days else "review.read_today", language, at=shop.read_at, days=days)
    lacks = len(shop.missing)
    return _row(_span(shop.shop), str(shop.linked - lacks), str(lacks), str(shop.unknown), age)


def _lacks(shop: ShopList, language: str) -> str:
    codes = ", ".join(map(_span, shop.missing[:_CODES]))
    if len(shop.missing) > _CODES:
        codes += " " + say("review.more", language, count=len(shop.missing) - _CODES)
    told = say("review.missing", language, shop=_span(shop.shop), codes=codes)
    return f"- {told} {say('review.read_anew', language, shop=shop.shop)}"


# ---------------------------------------------------------------- the numbers


def _effects(report: Report, language: str) -> Iterator[str]:
    found = report.effects
    if found is None:
        yield say("review.not_foreseen", language)
        return
    if found.left:
        yield _heading("left", language, found.left_count)
        lines = (f"- {left_line(left, language)}" for left in found.left)
        yield _cut(lines, found.left_count, _ROOM["left"], language)
    if found.numbers:
        yield _heading("numbers", language, found.number_count)
        rows = (_number_row(number, language) for number in found.numbers[:MOST_ROWS])
        yield _table("numbers", 6, rows, found.number_count, language)
    else:
        yield say("review.no_numbers", language)
    for name, count in (("uncounted", found.uncounted), ("held", found.held)):
        if count:
            yield say(f"review.{name}", language, count=count)
    if still := [shop.shop for shop in report.shops if shop.still]:
        yield say("review.still", language, shops=", ".join(map(_span, still[:_SHOPS])))


def left_line(left: Left, language: str) -> str:
    """Tell what becomes of a listing that leaves the mapping."""
    key = f"review.{'moved' if left.after else 'left'}_{'zero' if left.zero else 'stays'}"
    words = {"shop": left.shop, "code": left.code, "listing": left.listing, "after": left.after}
    return say(key, language, **{name: _span(word) for name, word in words.items()})


def _number_row(number: Number, language: str) -> str:
    shows = "—" if number.shows is None else str(number.shows)
    why = say(f"review.why.{number.why}", language)
    return _row(_span(number.shop), _span(number.code), _span(number.listing), shows, str(number.then), why)


# ---------------------------------------------------------------- form


def _heading(key: str, language: str, count: int) -> str:
    return "### " + say(f"review.{key}", language, count=count)


def _span(text: str, most: int = _WORD) -> str:
    """Give a foreign text as a code span of one line."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return fenced(line if len(line) <= most else line[: most - 1] + "…")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _table(key: str, columns: int, rows: Iterable[str], count: int, language: str) -> str:
    above = [say(f"review.{key}_head", language), _row(*["---"] * columns)]
    return "\n".join([*above, _cut(rows, count, _ROOM[key], language)])


def _cut(lines: Iterable[str], count: int, room: int, language: str) -> str:
    """Give the lines that fit, and how many of all there are more."""
    shown = list[str]()
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        shown.append(line)
    more = count - len(shown)
    told = ["", say("review.more", language, count=more)] if more > 0 else []
    return "\n".join([*shown, *told])
