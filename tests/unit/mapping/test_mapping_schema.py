"""The schema that editors use: it passes what is sound and refuses what one file alone can show."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from adapters import registry
from bot.cli import main
from bot.mapping import keys
from bot.mapping.load import Items, Node, Table, Text, parse
from bot.mapping.schema import SCHEMAS
from bot.messages.mapping_keys import KEYS

ROOT = Path(__file__).parents[3]
BANK = Path(__file__).parent / "bank"
FILES = {"mappings.yaml": "mapping", "team.yaml": "team"}
VALIDATORS = {name: Draft202012Validator(give(registry.MALLS)) for name, give in SCHEMAS.items()}

# What one file alone can show, without its other lines.
IN_ONE_PLACE = {
    *("unknown_key", "missing_key", "empty_value", "not_text", "not_table", "not_list", "not_a_choice"),
    *("not_whole", "not_weight", "not_flag", "not_word", "not_time", "version", "no_shops", "shop_name"),
    *("unknown_mall", "no_order_source", "orders_form", "orders_need_reason", "joiner", "include_form"),
    *("code_character", "code_trailing_space", "code_too_long", "legacy_needs_reason", "too_many_axes"),
    *("axis_empty", "value_twice", "set_with_axes", "set_size", "not_person", "not_channel"),
    "text_too_long",
}
# YAML's own readers take blanks off, read 05 as 5, and join codes for nobody.
BEYOND = {
    *("trailing-space-without-quotes", "number-with-a-leading-nought", "joined-code-too-long"),
    *("legacy-code-with-a-blank", "legacy-code-with-an-unseen-letter"),
}


def read_by_an_editor(node: Node) -> Any:
    """Give what YAML 1.2 makes of a file, as editors read it."""
    if isinstance(node, Items):
        return [read_by_an_editor(item) for item in node.items]
    if isinstance(node, Table):
        return {name: read_by_an_editor(value) for name, (_key, value) in node.entries.items()}
    return resolved(node) if isinstance(node, Text) else None


def resolved(text: Text) -> Any:
    word = text.value
    if not text.plain:
        return word
    if word in ("", "~", "null"):
        return None
    if word in ("true", "false"):
        return word == "true"
    if re.fullmatch(r"[-+]?[0-9]+", word):
        return int(word)
    return float(word) if re.fullmatch(r"[-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?", word) else word


def refused(name: str, content: bytes) -> list[str] | None:
    """Give what the schema finds; None for what is no YAML at all."""
    parsed = parse(name, content)
    if any(one.key not in ("text_too_long", "duplicate_key") for one in parsed.problems):
        return None
    validator = VALIDATORS[FILES.get(name, "products")]
    content_read = read_by_an_editor(parsed.root)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(content_read)]


def bank() -> list[tuple[str, str, bytes, set[str]]]:
    """Give each file of the bank with what the check finds in it."""
    found = []
    for expected in sorted(BANK.rglob("*.txt")):
        lines = [line.split(": ") for line in expected.read_text("utf-8").splitlines()]
        single = expected.with_suffix(".yaml")
        paths = [single] if single.exists() else sorted(expected.parent.rglob("*.yaml"))
        for path in paths:
            name = "mappings.yaml" if path == single else path.relative_to(expected.parent).as_posix()
            of_file = {key for place, _level, key in lines if place.startswith(f"{name}:")}
            title = expected.stem if path == single else f"{expected.parent.name}/{name}"
            found.append((title, name, path.read_bytes(), of_file))
    return found


@pytest.mark.parametrize(("title", "name", "content", "found"), bank(), ids=[row[0] for row in bank()])
def test_schema_refuses_what_one_place_shows_and_passes_the_rest(
    title: str, name: str, content: bytes, found: set[str]
) -> None:
    errors = refused(name, content)
    if errors is not None:
        assert bool(errors) == (bool(found & IN_ONE_PLACE) and title not in BEYOND), errors


@pytest.mark.parametrize("name", FILES)
def test_the_example_of_the_project_passes(name: str) -> None:
    assert refused(name, (ROOT / name).read_bytes()) == []


def test_codes_that_yaml_takes_for_numbers_pass() -> None:
    assert refused("products/a.yaml", b"products: [{code: 0012345}, {code: 1e3}, {code: no}]") == []


@pytest.mark.parametrize("which", SCHEMAS)
def test_the_command_prints_a_sound_schema(which: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mapping", "schema", which]) == 0
    printed = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(printed)
    assert printed["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_key_that_the_readers_know_is_explained_in_both_languages() -> None:
    parts = {
        "": keys.MAPPING,
        "shop.": keys.SHOP,
        "on_cancel.": keys.ON_CANCEL,
        "defaults.": keys.DEFAULTS,
        "product.": keys.PRODUCT,
        "axis.": keys.AXIS,
        "legacy.": keys.LEGACY,
        "team.": keys.TEAM,
        "channels.": keys.CHANNELS,
        "window.": keys.WINDOW,
    }
    known = {part + key for part, names in parts.items() for key in names}
    assert known | {"listing", "roles.reader", "roles.operator", "roles.admin"} == KEYS.keys()
    assert all(set(texts) == {"ja", "en"} and all(texts.values()) for texts in KEYS.values())
