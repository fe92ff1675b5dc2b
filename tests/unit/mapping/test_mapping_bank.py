"""A bank of broken mappings: each is refused with its line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.mapping.check import Checked, check
from bot.mapping.codes import CodeRule
from bot.mapping.source import FolderSource
from bot.messages.mapping import MESSAGES

TEAM = "version: 1\nroles: {admin: [U0ALICE01]}\nchannels: {ops: C0ZAIKO01}\n"
HEAD = """\
version: 1
shops:
  rakuten-main: {mall: rakuten, orders: api}
  roomclip-main: {mall: roomclip, orders: api}
products:
"""  # products begin in line 6


def check_files(folder: Path, files: Mapping[str, str | bytes], **options: object) -> Checked:
    for path, text in {"team.yaml": TEAM, **files}.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return check(FolderSource(folder), **options)  # type: ignore[arg-type]


def found(checked: Checked) -> list[str]:
    return [f"{item.line}:{item.column} {item.key}" for item in checked.problems]


# D8, with A6, A8, A9, A10, A11, C4, C12, E2: (products from line 6 on, what is found)
PRODUCTS: dict[str, tuple[str, list[str]]] = {
    "underscore": ("  - code: abc_1", ["6:11 code_character"]),
    "full width": ("  - code: ＡＢＣ", ["6:11 code_character"]),
    "space inside": ("  - code: abc 1", ["6:11 code_character"]),
    "trailing space in quotes": ('  - code: "abc-1 "', ["6:11 code_trailing_space"]),
    "trailing space without quotes": ("  - code: abc-1 ", ["6:11 code_trailing_space"]),
    "leading space": ('  - code: " abc-1"', ["6:11 code_character"]),
    "long vowel mark for a hyphen": ("  - code: abcー1", ["6:11 code_character"]),
    "cyrillic look-alike": ("  - code: аbc-1", ["6:11 code_character"]),
    "zero width": ("  - code: ab\u200bc", ["6:11 code_character"]),
    "very long code": (f"  - code: {'a' * 129}", ["6:11 code_too_long"]),
    "same code twice": ("  - code: mug\n  - code: cap\n  - code: mug", ["8:11 code_duplicate"]),
    "no code": ("  - name: マグカップ", ["6:5 missing_key"]),
    "empty code": ("  - code:\n    name: x", ["6:10 empty_value"]),
    "misspelt key": ("  - code: mug\n    nmae: x", ["7:5 unknown_key"]),
    "key twice": ("  - code: mug\n    name: a\n    name: b", ["8:5 duplicate_key"]),
    "joined codes meet": (
        "  - {code: a, axes: [{name: x, values: [b-c, b]}, {name: y, values: [d, c-d]}]}",
        ["6:12 code_ambiguous"],
    ),
    "joined code meets a single": (
        "  - {code: tee, axes: [{name: 色, values: [red]}]}\n  - code: tee-red",
        ["6:12 code_ambiguous"],
    ),
    "axis without values": ("  - {code: tee, axes: [{name: 色, values: []}]}", ["6:42 axis_empty"]),
    "axis value twice": (
        "  - {code: tee, axes: [{name: 色, values: [red, red]}]}",
        ["6:48 value_twice"],
    ),
    "axis value outside the rule": (
        "  - {code: tee, axes: [{name: 色, values: [赤]}]}",
        ["6:43 code_character"],
    ),
    "seven axes": (
        "  - {code: t, axes: [" + ", ".join(f"{{name: n{n}, values: [a]}}" for n in range(7)) + "]}",
        ["6:21 too_many_axes"],
    ),
    "more combinations than can be": (
        "  - {code: t, axes: ["
        + ", ".join(f"{{name: n{n}, values: [{', '.join(map(str, range(50)))}]}}" for n in range(6))
        + "]}",
        ["6:5 too_many_variants"],
    ),
    "unknown shop": ("  - {code: mug, listings: {rakuten-mian: M}}", ["6:28 unknown_shop"]),
    "listing of a parent": (
        "  - {code: tee, axes: [{name: 色, values: [red]}], listings: {rakuten-main: TEE}}",
        ["6:76 listing_needs_codes"],
    ),
    "listing of a code that is not there": (
        "  - {code: tee, axes: [{name: 色, values: [red]}], listings: {rakuten-main: {tee-rad: X}}}",
        ["6:77 listing_unknown_code"],
    ),
    "legacy code without a reason": (
        "  - {code: mug, listings: {rakuten-main: {legacy_code: m_1}}}",
        ["6:42 legacy_needs_reason"],
    ),
    "listing outside the rule": (
        "  - {code: mug, listings: {rakuten-main: m_1}}",
        ["6:42 code_character"],
    ),
    "one listing for two codes": (
        "  - code: mug\n  - {code: cup, listings: {rakuten-main: mug}}",
        ["7:42 mall_code_twice"],
    ),
    "no meant as false": (
        "  - {code: mug, listings: {rakuten-main: no}}",
        ["6:42 looks_like_false"],
    ),
    "set that holds itself": (
        "  - {code: a, set: {b: 1}}\n  - {code: b, set: {a: 1}}",
        ["7:21 set_loop"],
    ),
    "unknown component": ("  - {code: a, set: {nix: 1}}", ["6:21 unknown_component"]),
    "parent as a component": (
        "  - {code: a, set: {tee: 1}}\n  - {code: tee, axes: [{name: 色, values: [red]}]}",
        ["6:21 component_has_axes"],
    ),
    "none of a component": ("  - code: m\n  - {code: a, set: {m: 0}}", ["7:24 not_whole"]),
    "empty set": ("  - {code: a, set: {}}", ["6:20 set_size"]),
    "set with axes": (
        "  - code: m\n  - {code: a, set: {m: 1}, axes: [{name: 色, values: [red]}]}",
        ["7:5 set_with_axes"],
    ),
    "full-width number": ("  - {code: mug, safety_stock: ５}", ["6:31 not_whole"]),
    "negative number": ("  - {code: mug, safety_stock: -1}", ["6:31 not_whole"]),
    "alias": ("  - &a {code: mug}\n  - *a", ["6:5 anchor", "7:5 alias"]),
    "tag": ("  - code: !!str 1", ["6:11 tag"]),
    "two documents": ("  - code: mug\n---\nx: 1", ["7:1 second_document"]),
    "list as a key": ("  - {[a, b]: 1, code: mug}", ["6:6 key_not_text"]),
    "broken yaml": ("  - {code: mug", ["7:1 syntax"]),
    "products as a table": ("  code: mug", ["6:3 not_list"]),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_broken_products_are_refused_with_their_line(name: str, tmp_path: Path) -> None:
    products, expected = PRODUCTS[name]
    checked = check_files(tmp_path, {"mappings.yaml": HEAD + products + "\n"})
    assert found(checked) == expected
    only_told = all(item.level == "warning" for item in checked.problems)
    assert (checked.mapping is not None) == only_told


# (a shop's line, what is found in line 3)
SHOPS: dict[str, tuple[str, list[str]]] = {
    "no order source": ("a: {mall: rakuten}", ["3:6 no_order_source"]),  # C4
    "no orders without a reason": ("a: {mall: rakuten, orders: none}", ["3:30 orders_need_reason"]),
    "orders in no known form": ("a: {mall: rakuten, orders: fax}", ["3:30 orders_form"]),
    "via a shop that is not there": ("a: {mall: yahuoku, orders: via b}", ["3:30 unknown_shop"]),
    "via itself": ("a: {mall: yahuoku, orders: via a}", ["3:30 via_leads_nowhere"]),
    "no mall": ("a: {orders: api}", ["3:6 missing_key"]),
    "mall without an adapter": ("a: {mall: rakutan, orders: api}", ["3:13 unknown_mall"]),
    "shop name in capitals": ("Rakuten: {mall: rakuten, orders: api}", ["3:3 shop_name"]),
    "cap of nothing": ("a: {mall: rakuten, orders: api, cap: 0}", ["3:40 not_whole"]),
    "yes for true": (
        "a: {mall: rakuten, orders: api, on_cancel: {return_stock: yes}}",
        ["3:61 not_flag"],
    ),
    "joiner of another kind": ('a: {mall: rakuten, orders: api, joiner: "_"}', ["3:43 joiner"]),
    "unknown status": ("a: {mall: rakuten, orders: api, status: actve}", ["3:43 not_a_choice"]),
    "weight of nothing": ("a: {mall: rakuten, orders: api, share: 0}", ["3:42 not_weight"]),
    "unknown key": ("a: {mall: rakuten, orders: api, cpa: 9}", ["3:35 unknown_key"]),
}


@pytest.mark.parametrize("name", SHOPS)
def test_broken_shops_are_refused_with_their_line(name: str, tmp_path: Path) -> None:
    line, expected = SHOPS[name]
    malls = {mall: CodeRule(r"[A-Za-z0-9-]+", 32) for mall in ("rakuten", "yahuoku")}
    text = f"version: 1\nshops:\n  {line}\nproducts: []\n"
    checked = check_files(tmp_path, {"mappings.yaml": text}, malls=malls)
    assert found(checked) == expected
    assert checked.mapping is None


# (files, what is found with its file)
FILES: dict[str, tuple[dict[str, str | bytes], list[str]]] = {
    "no mapping": ({}, ["mappings.yaml:1 file_missing"]),
    "empty mapping": ({"mappings.yaml": ""}, ["mappings.yaml:1 file_empty"]),
    "only a word": ({"mappings.yaml": "hello"}, ["mappings.yaml:1 not_table"]),
    "another version": (
        {"mappings.yaml": HEAD.replace("version: 1", "version: 2") + "  []"},
        ["mappings.yaml:1 version"],
    ),
    "shift jis": (
        {"mappings.yaml": (HEAD + "  - {code: mug, name: マグ}").encode("cp932")},
        ["mappings.yaml:6 not_utf8"],
    ),
    "include of nothing": (
        {"mappings.yaml": HEAD + "  []\ninclude: [products/*.yaml]\n"},
        ["mappings.yaml:7 include_nothing"],
    ),
    "include outside the repository": (
        {"mappings.yaml": HEAD + "  []\ninclude: [../*.yaml, /etc/x.yaml]\n"},
        ["mappings.yaml:7 include_form", "mappings.yaml:7 include_form"],
    ),
    "same code in two files": (
        {
            "mappings.yaml": HEAD + "  - code: mug\ninclude: [products/*.yaml]\n",
            "products/a.yaml": "products:\n  - code: cap\n  - code: mug\n",
        },
        ["products/a.yaml:3 code_duplicate"],
    ),
    "shops in an included file": (
        {
            "mappings.yaml": HEAD + "  []\ninclude: [products/*.yaml]\n",
            "products/a.yaml": "shops: {}\nproducts: []\n",
        },
        ["products/a.yaml:1 unknown_key"],
    ),
    "payment name twice": (
        {"mappings.yaml": HEAD + "  []\npayments:\n  カード: [Credit]\n  後払い: [Credit]\n"},
        ["mappings.yaml:9 name_twice"],
    ),
    "person by name": (
        {"mappings.yaml": HEAD + "  []", "team.yaml": TEAM.replace("U0ALICE01", "U0ALICE01, alice")},
        ["team.yaml:2 not_person"],
    ),
    "channel by name": (
        {"mappings.yaml": HEAD + "  []", "team.yaml": TEAM.replace("C0ZAIKO01", "zaiko-ops")},
        ["team.yaml:3 not_channel"],
    ),
    "time without a zone": (
        {
            "mappings.yaml": HEAD + "  []",
            "team.yaml": TEAM + "windows: [{from: 2027-01-01T00:00, until: 2027-01-02T00:00+09:00}]\n",
        },
        ["team.yaml:4 not_time"],
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_broken_files_are_refused_with_their_file_and_line(name: str, tmp_path: Path) -> None:
    files, expected = FILES[name]
    checked = check_files(tmp_path, files)
    assert [f"{item.file}:{item.line} {item.key}" for item in checked.problems] == expected
    assert checked.mapping is None
    assert checked.team is None


def test_all_problems_are_found_in_one_pass(tmp_path: Path) -> None:
    products = "\n".join(PRODUCTS[name][0] for name in ("underscore", "full width", "unknown shop"))
    checked = check_files(tmp_path, {"mappings.yaml": HEAD + products, "team.yaml": "version: 3\n"})
    keys = ["code_character", "code_character", "unknown_shop", "version"]
    assert [item.key for item in checked.problems if item.level == "error"] == keys


def test_mall_that_would_refuse_a_code_is_named(tmp_path: Path) -> None:
    """A code that fits our rule but not the mall's is found, joined ones too; a legacy code is not."""
    malls = {"rakuten": CodeRule(r"[a-z0-9-]+", 32), "roomclip": CodeRule(r".+", 6)}
    products = "  - {code: Mug}\n  - {code: tee, axes: [{name: 色, values: [black]}]}\n"
    checked = check_files(tmp_path, {"mappings.yaml": HEAD + products}, malls=malls)
    assert found(checked) == ["6:12 code_refused_by_mall", "7:12 code_too_long_for_mall"]  # A8


def test_a_wrong_character_is_named_with_what_was_probably_meant(tmp_path: Path) -> None:
    checked = check_files(tmp_path, {"mappings.yaml": HEAD + "  - code: abc－1\n"})
    line = checked.problems[0].render("ja")
    assert line.startswith("mappings.yaml:6:11: エラー: コード「abc－1」の 4 文字目「－」（U+FF0D")
    assert line.endswith("「abc-1」ではありませんか。")
    english = checked.problems[0].render("en")
    assert english.startswith("mappings.yaml:6:11: error: in the code 'abc－1' character 4")
    assert english.endswith("Did you mean abc-1?")


def test_two_entries_with_one_code_name_both_lines(tmp_path: Path) -> None:
    checked = check_files(tmp_path, {"mappings.yaml": HEAD + "  - code: mug\n  - code: mug\n"})  # A9
    assert checked.problems[0].line == 7
    assert "line 6" in checked.problems[0].render("en")
    assert "6 行目" in checked.problems[0].render("ja")


def test_every_sentence_is_there_in_both_languages() -> None:
    for key, sentence in MESSAGES.items():
        assert set(sentence) == {"ja", "en"}, key
        assert all(sentence.values()), key


@pytest.mark.parametrize("name", [*PRODUCTS])
def test_every_finding_can_be_told_in_both_languages(name: str, tmp_path: Path) -> None:
    checked = check_files(tmp_path, {"mappings.yaml": HEAD + PRODUCTS[name][0] + "\n"})
    for problem in checked.problems:
        for language in ("ja", "en"):
            assert problem.render(language).startswith(f"mappings.yaml:{problem.line}:{problem.column}: ")


def test_the_example_of_the_project_is_sound() -> None:
    checked = check(FolderSource(Path(__file__).parents[3]))
    assert checked.problems == ()
    assert checked.mapping is not None
    assert checked.mapping.listing("rakuten-main", "tee-red-m") == "tee_red_m"  # A8, the legacy code
    assert "cap-navy" not in checked.mapping.codes()
    assert checked.team is not None
    assert checked.team.ops_channel == "C0ZAIKO01"
