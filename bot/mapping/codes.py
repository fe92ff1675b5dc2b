"""What a code may look like, and what was probably meant when it does not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from bot.mapping import keys
from bot.mapping.fields import Notes
from bot.mapping.load import Text

MAX_CODE = 128
_CODE = re.compile(keys.CODE_FORM)

# Strokes that a Japanese keyboard or a spreadsheet gives for "-"; NFKC leaves most of them alone.
_STROKES = "‐‑‒–—―−ー－ｰ﹘﹣⁃─━­_＿"
# Cyrillic and Greek letters that look like Latin ones.
_TWINS = str.maketrans("АВЕКМНОРСТХаеорсухіѕјΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTXaeopcyxisjABEZHIKMNOPTYXo")


@dataclass(frozen=True)
class CodeRule:
    """What one mall accepts as a code, and where a person sets it; the adapters' abilities know it.

    Args:
        pattern: a regular expression that the whole code matches.
        field: the mall's own name of the field that holds the code.
        screen: the way to that field on the mall's own screen.
        written: whether numbers are written there at all.
    """

    pattern: str
    max_bytes: int
    name_ja: str = ""
    name_en: str = ""
    field: str = ""
    screen: str = ""
    written: bool = True

    def accepts(self, code: str) -> bool:
        """Tell whether the mall would take the code."""
        return len(code.encode()) <= self.max_bytes and self._form.fullmatch(code) is not None

    @cached_property
    def _form(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    def told(self) -> dict[str, str]:
        """Give what a sentence says of the mall."""
        names = {"mall_ja": self.name_ja, "mall_en": self.name_en}
        return {**names, "field": self.field, "screen": self.screen}


def is_code(text: Text) -> bool:
    """Tell whether a text has the form of a code: what ``check_code`` passes."""
    return not text.spaced and len(text.value) <= MAX_CODE and _CODE.fullmatch(text.value) is not None


def check_code(notes: Notes, text: Text, rules: Iterable[CodeRule] = ()) -> bool:
    """Note what is wrong with a code: half-width letters, digits and ``-`` only, nothing folded.

    Args:
        rules: of the malls where it is to be used; those that would refuse it are named.
    Returns:
        True if the code may be used.
    """
    code = text.value
    if text.spaced or code != code.rstrip():
        notes.error(text, "code_trailing_space", code=code)
    elif len(code) > MAX_CODE:
        notes.error(text, "code_too_long", code=code[:40] + "…", limit=MAX_CODE)
    elif _CODE.fullmatch(code):
        return True
    elif code:
        _name_character(notes, text, code, [rule for rule in rules if not rule.accepts(code)])
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
    code = text.value
    told = {"code": code, "shop": shop, **rule.told()}
    if len(code.encode()) > rule.max_bytes:
        notes.error(text, "code_too_long_for_mall", limit=rule.max_bytes, **told)
    elif not rule.accepts(code):
        # One letter that is fine alone and wrong here stands at a wrong place, which has no name.
        wrong = next((char for char in code if not rule.accepts(f"a{char}")), "")
        notes.error(text, "code_refused_by_mall", **told, **(_described(code, wrong) if wrong else {}))


def _name_character(notes: Notes, text: Text, code: str, refusing: list[CodeRule]) -> None:
    wrong = next(char for char in code if not _CODE.fullmatch(char))
    malls_ja, malls_en = (
        "、".join(rule.name_ja for rule in refusing),
        ", ".join(rule.name_en for rule in refusing),
    )
    told = {**_described(code, wrong), "meant": probably_meant(code)}
    notes.error(text, "code_character", code=code, **told, malls_ja=malls_ja, malls_en=malls_en)


def _described(code: str, char: str) -> dict[str, str | int]:
    shown = char if char.isprintable() and not char.isspace() else ""
    name = unicodedata.name(char, "unnamed")
    return {"position": code.index(char) + 1, "char": shown, "point": f"U+{ord(char):04X}", "char_name": name}


def probably_meant(code: str) -> str:
    """Give the code that was probably meant, or "" where that cannot be said."""
    guess = "".join(_plain(char) for char in code)
    return guess if _CODE.fullmatch(guess) else ""


def folded(code: str) -> str:
    """Give what codes have in common that a person might take for the same one."""
    return "".join(_plain(char) for char in code).casefold()


def _plain(char: str) -> str:
    if char in _STROKES:
        return "-"
    if char.isspace() or unicodedata.category(char) == "Cf":
        return ""
    return unicodedata.normalize("NFKC", char).translate(_TWINS)
