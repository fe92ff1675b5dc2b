"""Whether a mall takes every code that a product's rule makes, told without spelling them out.

A code by rule is made of half-width letters, digits and ``-``. The malls' patterns are nearly all of
one form: a set of letters for the first, a set for the others, some words about letters that are none
of ours. Such a pattern is judged by the letters in use and by the longest code; for any other every
code has to be tried.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from functools import lru_cache

from bot.mapping.codes import CodeRule
from bot.mapping.model import Product

_ALPHABET = string.ascii_letters + string.digits + "-"
_SET = r"\[\^?(?:[^\]\\]|\\.)+\]"
_NOT_OURS = (
    r"\(\?<?!\\?[^A-Za-z0-9\\()|\[\]^$*+?{}-](?:\{1,[0-9]+\})?\$?\)"  # no code of ours has that letter
)
_FORM = re.compile(
    rf"(?:{_NOT_OURS})*(?:(?P<first>{_SET})(?P<more>{_SET})\*|(?P<all>{_SET})(?:\+|\{{1,(?P<most>[0-9]+)\}}))"
    rf"(?:\(\?:[^()]*\)\?)?(?:{_NOT_OURS})*"
)


class _Letters:
    """Of a pattern of the common form: which letters may be first, which later, how many at most."""

    def __init__(self, form: re.Match[str]) -> None:
        self.first = _taken(form["first"] or form["all"])
        self.later = _taken(form["more"] or form["all"])
        self.most = int(form["most"]) if form["most"] else None


def _taken(letters: str) -> frozenset[str]:
    return frozenset(re.findall(letters, _ALPHABET))


@lru_cache(maxsize=64)
def _letters(pattern: str) -> _Letters | None:
    form = _FORM.fullmatch(pattern)
    return _Letters(form) if form else None


def surely_accepts(rule: CodeRule, product: Product, joiner: str) -> bool:
    """Tell whether each code by rule is sure to be taken; False where they have to be tried."""
    if not product.axes:
        return rule.accepts(product.code)
    letters = _letters(rule.pattern)
    longest = longest_code(product, joiner)
    if letters is None or longest > rule.max_bytes or (letters.most or longest) < longest:
        return False
    used = _used(tuple(axis.values for axis in product.axes)) | set(joiner) | set(product.code)
    return product.code[0] in letters.first and used <= letters.later


@lru_cache(maxsize=1024)  # products often share their axes
def _used(axes: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(letter for values in axes for value in values for letter in value)


def longest_code(product: Product, joiner: str) -> int:
    """Give the length of a product's longest code."""
    return len(product.code) + sum(
        len(joiner) + max(map(len, axis.values), default=0) for axis in product.axes
    )
