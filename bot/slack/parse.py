"""What a person typed after the command, read into words, targets and times. No I/O, no clock.

Whatever cannot be read raises ``Refused`` with the message that says why. A text that may hold
a credential is refused without being repeated.
"""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.answers import Refused
from bot.messages import JST, katakana
from bot.slack.verbs import BY_WORD, Verb

MAX_TEXT = 500
MAX_REASON = 200
SECRET_OVER = 20
"""A word of ASCII longer than this that is no code of ours is taken for a credential."""

MIN_PAUSE, MAX_PAUSE = timedelta(minutes=1), timedelta(days=31)

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'"})
_DASHES = str.maketrans(dict.fromkeys((*range(0x2010, 0x2016), 0x2212), "-"))
_TOMORROW = ("明日の", "明日", "あした", "tomorrow")
_DAY, _HOUR, _MINUTE = ("d", "日間", "日"), ("h", "時間"), ("min", "m", "分間", "分")
_UNITS = dict.fromkeys(_DAY, 86400) | dict.fromkeys(_HOUR, 3600) | dict.fromkeys(_MINUTE, 60)
_LENGTH = re.compile(rf"(\d{{1,4}})({'|'.join(_UNITS)})", re.IGNORECASE)
_LENGTHS = re.compile(rf"(?:{_LENGTH.pattern})+", re.IGNORECASE)
_MENTION = re.compile(r"<[@#][^>]*>")
_CLOCK = re.compile(r"(\d{1,2})(?::|時)(\d{2})?分?")


@dataclass(frozen=True)
class Typed:
    """The words of a command. ``verb`` is None where the first word is no verb."""

    verb: Verb | None
    words: tuple[str, ...]  # without the verb


@dataclass(frozen=True)
class PauseWords:
    """The words of ``pause`` after its target."""

    until: datetime | None
    reason: str


def tidy(text: str) -> str:
    """Undo what keyboards and Slack do to a text: full width, curly quotes, dashes, entities."""
    plain = unicodedata.normalize("NFKC", text.translate(_QUOTES)).translate(_DASHES)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        plain = plain.replace(entity, sign)
    return plain.strip()


def split(text: str) -> tuple[str, ...]:
    """Split a tidied text into words as a shell does, without its escapes."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters, lexer.escape = True, "", ""
    lexer.quotes = '"'  # an apostrophe in a reason is a letter
    try:
        return tuple(lexer)
    except ValueError as error:
        raise Refused("quote_open") from error


def parse(text: str, is_known: Callable[[str], bool]) -> Typed:
    """Read a command's text.

    Args:
        is_known: tells whether a word is a code or a shop; asked of long words only.
    Raises:
        Refused: an open quote, a text that is too long, or one that looks like a credential.
    """
    if len(text) > MAX_TEXT:
        raise Refused("looks_secret" if any(_looks_secret(w) for w in text.split()) else "too_long")
    words = split(tidy(text))
    refuse_secrets(words, is_known)
    verb = verb_of(words[0]) if words else BY_WORD["help"]
    return Typed(verb, words[1:] if verb and words else words)


def refuse_secrets(words: Iterable[str], is_known: Callable[[str], bool]) -> None:
    """Refuse words that look like credentials; none of them is repeated in the answer."""
    if any(_looks_secret(word) and not is_known(word) for word in words):
        raise Refused("looks_secret")


def _looks_secret(word: str) -> bool:
    bare = _MENTION.sub("", word)
    return any(len(run) > SECRET_OVER for run in re.findall(r"[!-~]+", bare))


def verb_of(word: str) -> Verb | None:
    """Give the verb that a word names, in any letters."""
    return BY_WORD.get(word.lower()) or BY_WORD.get(katakana(word.lower()))


def nearest_verb(word: str) -> Verb | None:
    """Give the verb that is at most two slips away from ``word``, and nearer than any guess."""
    distances = {name: _distance(word.lower(), name) for name in BY_WORD}
    name = min(distances, key=lambda key: distances[key])
    return BY_WORD[name] if distances[name] <= min(2, max(len(name), len(word)) // 2) else None


def _distance(left: str, right: str) -> int:
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def pause_words(words: Sequence[str], now: datetime) -> PauseWords:
    """Read ``[2h 30m | until 18:00] [reason]``; a clock time that is past means tomorrow's."""
    until, rest = _until(words, now)
    if until is not None and not MIN_PAUSE <= until - now <= MAX_PAUSE:
        raise Refused("bad_length")
    return PauseWords(until, " ".join(rest)[:MAX_REASON])


def _until(words: Sequence[str], now: datetime) -> tuple[datetime | None, Sequence[str]]:
    if not words:
        return None, words
    if words[0].lower() == "until":
        if len(words) < 2:
            raise Refused("bad_time", text="until")
        return _clock_time(words[1], now), words[2:]
    if words[0].endswith("まで"):
        return _clock_time(words[0].removesuffix("まで"), now), words[1:]
    count = next((i for i, word in enumerate(words) if not _LENGTHS.fullmatch(word)), len(words))
    if not count:
        return None, words
    return now + sum((_length(word) for word in words[:count]), timedelta()), words[count:]


def _length(word: str) -> timedelta:
    return timedelta(seconds=sum(int(n) * _UNITS[unit.lower()] for n, unit in _LENGTH.findall(word)))


def _clock_time(word: str, now: datetime) -> datetime:
    """Read a time of day, ``明日`` for tomorrow at nine, or both."""
    clock = word
    for tomorrow in _TOMORROW:
        clock = clock.removeprefix(tomorrow)
    found = _CLOCK.fullmatch(clock or "9:00")
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
    if hour > 23 or minute > 59:
        raise Refused("bad_time", text=word)
    at = now.astimezone(JST).replace(hour=hour, minute=minute, second=0, microsecond=0)
    is_later = clock == word and at > now
    return (at if is_later else at + timedelta(days=1)).astimezone(now.tzinfo)
