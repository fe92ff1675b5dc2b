"""The worked example shows every key that the readers know, and what it shows is sound."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.app import CodeRules
from bot.mapping import keys
from bot.mapping.check import check
from bot.mapping.source import FolderSource
from bot.mapping.team import ROLES
from tests.unit.mapping.test_mapping_schema import refused

ROOT = Path(__file__).parents[3]
FILES = {
    "mappings.yaml": (
        *(*keys.MAPPING, *keys.SHOP, *keys.ON_CANCEL, *keys.DEFAULTS, *keys.PRODUCT, *keys.AXIS),
        *keys.LEGACY,
    ),
    "team.yaml": (*keys.TEAM, *ROLES, *keys.CHANNELS, *keys.WINDOW),
}


def with_examples(text: str) -> str:
    """Give a file with its examples in use; where a key stands in both, the example's is used."""
    return text.replace("windows: []\n", "").replace("#: ", "")


def test_the_example_of_the_project_is_sound() -> None:
    checked = check(FolderSource(ROOT), CodeRules())
    assert checked.problems == ()
    assert checked.mapping is not None
    assert checked.mapping.listing("rakuten-main", "tee-red-m") == "tee_red_m"  # A8, the legacy code
    assert "cap-navy" not in checked.mapping.codes()
    assert checked.team is not None
    assert checked.team.ops_channel == "C0ZAIKO01"


def test_its_examples_in_comments_are_sound_when_they_are_used(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_text(with_examples((ROOT / name).read_text("utf-8")), encoding="utf-8")
        assert refused(name, (tmp_path / name).read_bytes()) == []
    (tmp_path / "products").mkdir()
    (tmp_path / "products" / "more.yaml").write_text("products:\n  - code: cap-navy\n", encoding="utf-8")
    checked = check(FolderSource(tmp_path), CodeRules())
    assert checked.problems == ()
    assert checked.mapping is not None
    assert {"cap-navy", "vase-clear", "vase-0012", "bowl"} <= set(checked.mapping.codes())
    assert checked.mapping.listing("amazon-jp", "vase-0012") is None


@pytest.mark.parametrize("name", FILES)
def test_every_key_that_the_readers_know_stands_in_the_example(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    for key in FILES[name]:
        assert re.search(rf"^[^#\n]*(?:#: .*)?\b{key}:", text, re.M), key


def test_the_example_speaks_both_languages() -> None:
    for name in FILES:
        comments = re.findall(r"# (?!yaml-language-server)(.+)", (ROOT / name).read_text("utf-8"))
        assert any(re.search("[ぁ-ん]", comment) for comment in comments)
        assert any(re.fullmatch(r"[\x20-\x7e]+", comment) for comment in comments)


def test_the_schema_that_its_first_line_names_lies_there() -> None:
    for name in FILES:
        first = (ROOT / name).read_text("utf-8").partition("\n")[0]
        named = first.removeprefix("# yaml-language-server: $schema=")
        assert (ROOT / named).is_file()
