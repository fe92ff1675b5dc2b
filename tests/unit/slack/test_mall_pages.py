"""The mall's own page is opened by a button; what opens it there is never asked for here."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import pytest

from adapters import registry
from adapters.contract import Abilities, CredentialKind
from bot.answers import RenewalField, RenewalForm
from bot.slack.renewal import renewal_modal
from bot.slack.voice import Voice

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
SCREEN = re.compile(
    r"RMS|ストアクリエイター|QSM|セラーセントラル|Seller Central|管理画面|log-?in|ログイン", re.IGNORECASE
)
"""Words of the screens that a person logs in to at a mall."""


def forms() -> list[tuple[Abilities, RenewalForm]]:
    found = []
    for abilities in registry.all_abilities():
        for _, kinds in groupby(abilities.credentials, key=lambda kind: kind.group or kind.name):
            found.append((abilities, form_of(abilities, list(kinds))))
    return found


def form_of(abilities: Abilities, kinds: list[CredentialKind]) -> RenewalForm:
    fields = tuple(RenewalField(kind.name, kind.label_ja, kind.label_en, kind.secret) for kind in kinds)
    names = abilities.name_ja, abilities.name_en
    page = kinds[0].page_url
    return RenewalForm("shop", "mall", *names, kinds[0].name, fields, page, 90, 0, NOW)


def inputs(view: dict[str, Any]) -> list[str]:
    return [block["label"]["text"] for block in view["blocks"] if block["type"] == "input"]


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_no_form_asks_for_what_opens_the_malls_own_screen(lang: str) -> None:  # A30
    for abilities, form in forms():
        for label in inputs(renewal_modal(form, Voice(lang))):
            assert not SCREEN.search(label), (abilities.name_en, label)


def test_a_button_opens_the_malls_own_page_wherever_it_has_one() -> None:  # A30
    opened = 0
    for _, form in forms():
        links = [
            element["url"]
            for block in renewal_modal(form, Voice("ja"))["blocks"]
            for element in block.get("elements", ())
            if element.get("type") == "button" and element.get("url")
        ]
        assert (form.page_url in links) is bool(form.page_url)
        opened += bool(form.page_url)
    assert opened >= 5
