"""The sentences people read: both languages, the same placeholders, Japan's time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from string import Formatter

import pytest

from adapters import errors
from bot.answers import Role, ShopState
from bot.messages import CATALOGUES, LANGUAGES, called, katakana, knows, moment, say, span

ENTRIES = [(key, texts) for catalogue in CATALOGUES for key, texts in catalogue.items()]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize(("key", "texts"), ENTRIES, ids=[key for key, _ in ENTRIES])
def test_both_languages_say_the_same(key: str, texts: dict[str, str]) -> None:
    assert set(texts) == set(LANGUAGES)
    assert placeholders(texts["ja"]) == placeholders(texts["en"])


def test_mall_goes_by_what_people_call_it_in_any_kana() -> None:
    assert "ヤフー" in called("yahoo")
    assert katakana("らくてん") in called("rakuten")
    assert called("no-such-mall") == []


def test_no_key_stands_in_two_catalogues() -> None:
    assert len({key for key, _ in ENTRIES}) == len(ENTRIES)


def test_every_error_class_has_its_sentences() -> None:  # C9
    causes = {
        cls.cause
        for cls in vars(errors).values()
        if isinstance(cls, type) and issubclass(cls, errors.TanabanError)
    }
    for cause in causes:
        for part in ("title", "what", "works", "next"):
            assert knows(f"cause.{cause}.{part}"), cause


def test_every_state_and_role_has_a_word() -> None:  # A21
    for key in [*(f"state.{state}" for state in ShopState), *(f"role.{role}" for role in Role)]:
        assert knows(key)


def test_unknown_key_and_missing_value_are_errors() -> None:
    with pytest.raises(KeyError):
        say("no.such.key", "ja")
    with pytest.raises(KeyError):
        say("ago", "ja")


def test_times_are_printed_in_japans_time() -> None:
    at = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)
    assert moment(at, "ja") == "11月22日 00:30"
    assert moment(at, "en") == "Nov 22 00:30 JST"
    assert moment(at, "ja", "day") == "2026年11月22日"
    assert say("pause.until", "ja", until=at) == "11月22日 00:30 まで"


@pytest.mark.parametrize(
    ("seconds", "ja", "en"),
    [
        (-5, "0秒", "0 s"),
        (0, "0秒", "0 s"),
        (59, "59秒", "59 s"),
        (60, "1分", "1 min"),
        (5400, "1時間30分", "1 h 30 min"),
        (86400, "1日", "1 d"),
        (86400 * 2 + 3600 * 3 + 60, "2日3時間", "2 d 3 h"),
    ],
)
def test_lengths_are_printed_in_their_two_largest_units(seconds: int, ja: str, en: str) -> None:
    assert span(timedelta(seconds=seconds), "ja") == ja
    assert span(timedelta(seconds=seconds), "en") == en
