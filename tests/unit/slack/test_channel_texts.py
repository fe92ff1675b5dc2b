"""What the channel hears beside alerts: each text by itself names its subject, how many, and what to do."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.answers import Changed
from bot.messages import CATALOGUES
from bot.slack import limits, views
from bot.slack.voice import Voice

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
WHERE = "楽天市場（rakuten-main）"
SHOP = {"shop": "rakuten-main"}
NOTICES: dict[str, dict[str, Any]] = {
    "renewal_live": SHOP,
    "renewal_failed": SHOP,
    "renewal_unknown": SHOP | {"near": "3-7"},
    "expiring_step": SHOP | {"label": "ライセンスキー", "day": "12/01", "left": "3", "kind": "licence"},
    "outage_over": SHOP | {"begin": "10:00", "end": "11:00", "orders": "1,234"},
    "pause_over": {"target": "mug-9", "who": "U0BOB0001"},
    "pauses_over": {"target": "mug-9", "count": "1,234", "who": "U0BOB0001"},
    "pause_reminder": {"target": "mug-9", "who": "U0BOB0001", "since": NOW, "reason": ""},
    "pauses_reminder": {
        "target": "mug-9",
        "count": "1,234",
        "who": "U0BOB0001",
        "since": NOW,
        "reason": "",
    },
    "mapping_merged": {
        "author": "dave",
        "commit": "c0ffee0123",
        "request": " #7",
        "added": "1,234",
        "removed": "2",
        "listings": "3",
        "settings": "4",
    },
    "mapping_left_zero": {"count": "1,234", "lines": "\n• rakuten-main mug-9"},
    "mapping_left_stays": {"count": "1,234", "lines": "\n• rakuten-main mug-9"},
    "errand.import_done": SHOP | {"count": "1,234", "added": "1", "removed": "2", "changed": "3"},
    "errand.orders_done": SHOP | {"orders": "1,234", "moved": "5"},
    "errand.orders_unmapped": SHOP | {"orders": "1,234", "moved": "5", "codes": "mug-9"},
    "errand.sync_done": SHOP | {"count": "1,234"},
    "errand.failed": SHOP | {"detail": "503"},
    "errand.stopped": SHOP,
    "guard.approved": SHOP | {"count": "1,234"},
    "guard.dropped": SHOP | {"count": "1,234"},
    "outages.cleared": SHOP | {"count": "1,234"},
    "drift.write": SHOP | {"code": "mug-9", "found": "1,234", "until": "-", "before": "2", "after": "3"},
    "drift.take": SHOP | {"code": "mug-9", "found": "1,234", "until": "-", "before": "2", "after": "3"},
    "drift.leave": SHOP | {"code": "mug-9", "found": "1,234", "until": "-", "before": "2", "after": "3"},
    "setup.saved": SHOP | {"who": "U0BOB0001", "done": "3", "count": "1,234"},
    "map.request": {"who": "U0BOB0001", "title": "mug-9", "count": "1,234", "place": "#7"},
}
NEXT = re.compile(
    r"`|操作は要りません|ください|✅|対応表に足す|マージすると|ここで|書き込みます|書き込みません|次に|"
    r"Nothing to do|lease|Put them|Stop them|Add them|when it is merged|They are|"
    r"正しい数とします|is right|のままにします|is left|売れる|again"
)
"""What tells a person what to do, that there is nothing, or what happens by itself."""


def told(key: str, lang: str) -> str:
    return views.notice(key, NOTICES[key], WHERE, Voice(lang)).text


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("key", list(NOTICES))
def test_every_text_to_the_channel_says_what_how_many_and_what_to_do(key: str, lang: str) -> None:
    text, params = told(key, lang), NOTICES[key]
    assert 0 < len(text) <= limits.TEXT
    assert any(name in text for name in ("rakuten-main", "mug-9", "dave")), "what it is about"
    assert "1,234" in text or "1,234" not in params.values(), "how many"
    assert NEXT.search(text), "what to do"


def test_every_notice_of_the_bot_stands_in_the_table() -> None:
    """A notice is a key without a dot that begins with a sign of its own."""
    signs = ("✅", "⚠️", "🔀", "▶️ The pause", "🕯", "🔑 The", "⏸ {targets}の一時停止が", "⏸ {count}")
    found = {
        key
        for catalogue in CATALOGUES
        for key, texts in catalogue.items()
        if "." not in key and any(texts[lang].startswith(signs) for lang in ("ja", "en"))
    }
    assert found <= NOTICES.keys(), found - NOTICES.keys()


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("end", [None, NOW])
def test_a_pause_says_what_how_many_until_when_and_how_it_ends(lang: str, end: datetime | None) -> None:
    changed = Changed(("mug-9",), False, "U0BOB0001", NOW, end, "棚卸")
    text = views.paused_message(changed, "U0BOB0001", Voice(lang), (1_234, 8)).text
    for words in ("mug-9", "1,234", "8", "棚卸", "<@U0BOB0001>", "/zaiko resume mug-9"):
        assert words in text, words
