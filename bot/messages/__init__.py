"""Every sentence a person reads, by key, in Japanese and English.

``say("status.title", "ja")`` gives the text; placeholders are filled from keyword arguments,
times are printed in Japan's time. A catalogue is a plain dict, key -> language -> text, one
module per subject. Where a text goes to Slack, the caller escapes foreign values first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Literal

from bot.messages.alerts import ALERTS
from bot.messages.causes import CAUSES
from bot.messages.commands import COMMANDS
from bot.messages.credentials import CREDENTIALS
from bot.messages.decisions import DECISIONS
from bot.messages.drift import DRIFT
from bot.messages.errors import ERRORS
from bot.messages.guard import GUARD
from bot.messages.home import HOME
from bot.messages.malls import MALLS
from bot.messages.outages import OUTAGES
from bot.messages.oversells import OVERSELLS
from bot.messages.proposals import PROPOSALS
from bot.messages.renewal import RENEWAL
from bot.messages.review import REVIEW
from bot.messages.setup import SETUP
from bot.messages.shell import SHELL
from bot.messages.states import STATES
from bot.messages.verbs import VERBS
from bot.messages.weekly import WEEKLY
from bot.messages.why import WHY

Catalogue = Mapping[str, Mapping[str, str]]
Style = Literal["day", "time", "moment"]

LANGUAGES = ("ja", "en")
CATALOGUES: tuple[Catalogue, ...] = (
    ALERTS,
    CAUSES,
    COMMANDS,
    CREDENTIALS,
    DECISIONS,
    DRIFT,
    ERRORS,
    GUARD,
    HOME,
    MALLS,
    OUTAGES,
    OVERSELLS,
    PROPOSALS,
    RENEWAL,
    REVIEW,
    SETUP,
    SHELL,
    STATES,
    VERBS,
    WEEKLY,
    WHY,
)
JST = timezone(timedelta(hours=9), "JST")

_FORMS: Mapping[str, Mapping[str, str]] = {
    "day": {"ja": "{0.year}年{0.month}月{0.day}日", "en": "{0:%Y-%m-%d}"},
    "time": {"ja": "{0:%H:%M}", "en": "{0:%H:%M} JST"},
    "moment": {"ja": "{0.month}月{0.day}日 {0:%H:%M}", "en": "{0:%b} {0.day} {0:%H:%M} JST"},
}


def knows(key: str) -> bool:
    """Tell whether there is a sentence of this key."""
    return any(key in catalogue for catalogue in CATALOGUES)


def say(key: str, lang: str, /, **params: Any) -> str:
    """Give the sentence ``key`` in ``lang``.

    Raises:
        KeyError: no such key or language, or a placeholder has no value.
    """
    texts = next((catalogue[key] for catalogue in CATALOGUES if key in catalogue), None)
    if texts is None:
        raise KeyError(f"no message {key!r}")
    printed = {k: moment(v, lang) if isinstance(v, datetime) else v for k, v in params.items()}
    return texts[lang].format_map(printed)


def called(mall: str) -> list[str]:
    """Give what people call a mall besides its own names."""
    key = f"called.{mall}"
    return " ".join(say(key, lang) for lang in LANGUAGES).split() if knows(key) else []


def katakana(text: str) -> str:
    """Give a text with katakana for hiragana: a keyboard on a phone leaves either.

    >>> katakana("らくてん")
    'ラクテン'
    """
    return "".join(chr(ord(sign) + 0x60) if "ぁ" <= sign <= "ゖ" else sign for sign in text)


def moment(at: datetime, lang: str, style: Style = "moment") -> str:
    """Print a time in Japan's time, by the minute."""
    return _FORMS[style][lang].format(at.astimezone(JST))


def span(length: timedelta, lang: str) -> str:
    """Print a length of time in its two largest units: ``2日3時間``, ``45分``, ``2 h 5 min``."""
    seconds = max(0, int(length.total_seconds()))
    steps = ((86400, "span.days"), (3600, "span.hours"), (60, "span.minutes"))
    first = next((i for i, (size, _) in enumerate(steps) if seconds >= size), None)
    if first is None:
        return say("span.seconds", lang, n=seconds)
    parts = []
    for size, key in steps[first : first + 2]:
        n, seconds = divmod(seconds, size)
        if n:
            parts.append(say(key, lang, n=n))
    return say("span.join", lang).join(parts)
