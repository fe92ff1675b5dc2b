"""Reading what people type."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.answers import Refused, Role
from bot.messages import LANGUAGES, knows
from bot.slack.parse import nearest_verb, parse, pause_words, tidy
from bot.slack.verbs import BY_NAME, BY_WORD, VERBS

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)  # 15:00 in Japan
LONG_CODE = "outer-garment-long-sleeve-navy-xl"


def is_known(word: str) -> bool:
    return word == LONG_CODE


@pytest.mark.parametrize(
    ("text", "verb", "words"),
    [
        ("", "help", ()),
        ("   ", "help", ()),
        ("help", "help", ()),
        ("STATUS", "status", ()),
        ("tee-red-m", None, ("tee-red-m",)),
        ("ｔｅｅ−ｒｅｄ‐ｍ", None, ("tee-red-m",)),
        (LONG_CODE, None, (LONG_CODE,)),
        ("停止　楽天　２ｈ", "pause", ("楽天", "2h")),
        ("一時停止 楽天", "pause", ("楽天",)),
        ("再開 楽天", "resume", ("楽天",)),
        ("状態", "status", ()),
        ("更新 楽天", "renew", ("楽天",)),
        ("開始", "on", ()),
        ("終了", "off", ()),
        ("オフ 楽天", "off", ("楽天",)),
        ("ｵﾌ", "off", ()),
        ("ヘルプ", "help", ()),
        ("pause 楽天 “棚卸 二階”", "pause", ("楽天", "棚卸 二階")),
        ("pause 楽天 it's late", "pause", ("楽天", "it's", "late")),
        ("pause 楽天 #3 a\\b", "pause", ("楽天", "#3", "a\\b")),
        ("pause 楽天 a &lt;b&gt; &amp;lt;", "pause", ("楽天", "a", "<b>", "&lt;")),
        ("pause 楽天 2h <@U0BOB0001|bob-the-operator-of-osaka>", "pause", None),
    ],
)
def test_text_is_read_into_a_verb_and_words(
    text: str, verb: str | None, words: tuple[str, ...] | None
) -> None:
    typed = parse(text, is_known)
    assert (typed.verb.name if typed.verb else None) == verb
    assert words is None or typed.words == words


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('pause 楽天 "棚卸', "quote_open"),
        ("あ" * 501, "too_long"),
        ("x" * 501, "looks_secret"),
        ("made-up-key-of-21-char", "looks_secret"),
        ("renew 楽天 licence made-up-key-of-21-char", "looks_secret"),
        ('pause 楽天 "a made-up-key-of-21-char"', "looks_secret"),
        ("状態は=made-up-key-of-21-char", "looks_secret"),
    ],
)
def test_unreadable_text_is_refused_without_being_repeated(text: str, key: str) -> None:  # A16
    with pytest.raises(Refused) as caught:
        parse(text, is_known)
    assert caught.value.key == key
    assert caught.value.params == {}


@pytest.mark.parametrize(
    ("words", "until", "reason"),
    [
        ((), None, ""),
        (("棚卸",), None, "棚卸"),
        (("2h",), "2026-11-21 08:00", ""),
        (("2h", "30m", "棚卸", "二階"), "2026-11-21 08:30", "棚卸 二階"),
        (("2時間30分", "棚卸"), "2026-11-21 08:30", "棚卸"),
        (("1日",), "2026-11-22 06:00", ""),
        (("2日間",), "2026-11-23 06:00", ""),
        (("until", "18:00", "棚卸"), "2026-11-21 09:00", "棚卸"),
        (("until", "9:00"), "2026-11-22 00:00", ""),
        (("18時まで",), "2026-11-21 09:00", ""),
        (("明日まで", "棚卸"), "2026-11-22 00:00", "棚卸"),
        (("明日の18時まで",), "2026-11-22 09:00", ""),
        (("until", "tomorrow"), "2026-11-22 00:00", ""),
        (("18時30分まで",), "2026-11-21 09:30", ""),
        (("2h過ぎに", "電話"), None, "2h過ぎに 電話"),
    ],
)
def test_pause_words_give_an_end_and_a_reason(words: tuple[str, ...], until: str | None, reason: str) -> None:
    read = pause_words(words, NOW)
    assert (read.until.strftime("%Y-%m-%d %H:%M") if read.until else None) == until
    assert read.reason == reason


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("until",), "bad_time"),
        (("until", "25:00"), "bad_time"),
        (("until", "夕方"), "bad_time"),
        (("夕方まで",), "bad_time"),
        (("0m",), "bad_length"),
        (("32d",), "bad_length"),
        (("9999d", "9999d"), "bad_length"),
    ],
)
def test_pause_words_that_make_no_time_are_refused(words: tuple[str, ...], key: str) -> None:
    with pytest.raises(Refused) as caught:
        pause_words(words, NOW)
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("word", "verb"),
    [("pasue", "pause"), ("stauts", "status"), ("一時停し", "pause"), ("tee-red-m", None), ("mug", None)],
)
def test_slip_in_a_verb_is_recognised_and_a_code_is_not_taken_for_one(word: str, verb: str | None) -> None:
    found = nearest_verb(word)
    assert (found.name if found else None) == verb


def test_tidy_changes_nothing_in_a_plain_code() -> None:
    assert tidy("tee_red_m-01") == "tee_red_m-01"


def test_every_verb_has_help_a_form_a_role_and_words_of_its_own() -> None:
    assert sum(1 + len(verb.words) for verb in VERBS) - 1 == len(BY_WORD)
    for verb in VERBS:
        assert knows(f"help.{verb.name}")
        assert knows(f"form.{verb.name}")
    assert LANGUAGES == ("ja", "en")


def test_permission_table() -> None:  # E8
    table = {verb.name: (verb.role_needed("rakuten-main"), verb.role_needed("all")) for verb in VERBS}
    reader, operator, admin = Role.READER, Role.OPERATOR, Role.ADMIN
    assert table == {
        "lookup": (reader, reader),
        "list": (reader, reader),
        "why": (reader, reader),
        "ready": (reader, reader),
        "status": (reader, reader),
        "help": (reader, reader),
        "pause": (operator, admin),
        "resume": (operator, admin),
        "on": (admin, admin),
        "off": (admin, admin),
        "renew": (admin, admin),
        "sync": (operator, operator),
        "check": (operator, operator),
        "map": (operator, operator),
        "import": (operator, operator),
        "orders": (operator, operator),
        "setup": (admin, admin),
        "audit": (admin, admin),
    }
    assert BY_NAME["pause"].role_needed(None) is operator
