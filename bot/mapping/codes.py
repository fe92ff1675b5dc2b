"""What a code may look like, and what was probably meant when it does not."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from bot.mapping.fields import Notes
from bot.mapping.load import Text

MAX_CODE = 128
_CODE = re.compile(r"[A-Za-z0-9-]+")

# Strokes that a Japanese keyboard or a spreadsheet gives for "-"; NFKC leaves most of them alone.
_STROKES = "‐‑‒–—―−ー－ｰ﹘﹣⁃─━­_＿"
# Cyrillic and Greek letters that look like Latin ones.
_TWINS = str.maketrans("АВЕКМНОРСТХаеорсухіѕјΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTXaeopcyxisjABEZHIKMNOPTYXo")


@dataclass(frozen=True)
class CodeRule:
    """What one mall accepts as a code; the adapters' abilities know it.

    Args:
        pattern: a regular expression that the whole code matches.
    """

    pattern: str
    max_bytes: int


def check_code(notes: Notes, text: Text, value: str | None = None) -> bool:
    """Note what is wrong with a code: half-width letters, digits and ``-`` only, nothing folded.

    Returns:
        True if the code may be used.
    """
    code = text.value if value is None else value
    if text.spaced or code != code.rstrip():
        notes.error(text, "code_trailing_space", code=code)
    elif len(code) > MAX_CODE:
        notes.error(text, "code_too_long", code=code[:40] + "…", limit=MAX_CODE)
    elif _CODE.fullmatch(code):
        return True
    elif code:
        _name_character(notes, text, code)
    return False


def check_legacy_code(notes: Notes, text: Text) -> bool:
    """Note what no mall could mean, even by a code outside the rule: blanks around, unseen characters."""
    code = text.value
    if text.spaced or code != code.strip():
        notes.error(text, "code_trailing_space", code=code)
    elif len(code) > MAX_CODE:
        notes.error(text, "code_too_long", code=code[:40] + "…", limit=MAX_CODE)
    elif unseen := [char for char in code if unicodedata.category(char).startswith("C")]:
        notes.error(text, "code_character", code=code, **_described(code, unseen[0]), meant="")
    else:
        return bool(code)
    return False


def check_for_mall(notes: Notes, text: Text, shop: str, rule: CodeRule) -> None:
    """Note a code that the shop's mall would refuse."""
    too_long = len(text.value.encode()) > rule.max_bytes
    if too_long:
        notes.error(text, "code_too_long_for_mall", code=text.value, shop=shop, limit=rule.max_bytes)
    elif not re.fullmatch(rule.pattern, text.value):
        notes.error(text, "code_refused_by_mall", code=text.value, shop=shop)


def _name_character(notes: Notes, text: Text, code: str) -> None:
    wrong = next(char for char in code if not _CODE.fullmatch(char))
    described = _described(code, wrong)
    notes.error(text, "code_character", code=code, **described, meant=probably_meant(code))


def _described(code: str, char: str) -> dict[str, str | int]:
    shown = char if char.isprintable() and not char.isspace() else ""
    name = unicodedata.name(char, "unnamed")
    return {"position": code.index(char) + 1, "char": shown, "point": f"U+{ord(char):04X}", "char_name": name}


def probably_meant(code: str) -> str:
    """Give the code that was probably meant, or "" where that cannot be said."""
    guess = "".join(_plain(char) for char in code)
    return guess if _CODE.fullmatch(guess) else ""


def _plain(char: str) -> str:
    if char in _STROKES:
        return "-"
    if char.isspace() or unicodedata.category(char) == "Cf":
        return ""
    return unicodedata.normalize("NFKC", char).translate(_TWINS)
