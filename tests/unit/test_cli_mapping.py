"""The mapping check as a tool: what it prints, its exit status, the product lists beside it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters import registry
from adapters.contract import Product
from bot.app import CodeRules
from bot.mapping.snapshot import ShopSnapshot, snapshot_lines
from tests.unit.shell import MAPPING

NOW = datetime.now(UTC)
TEAM = "version: 1\nroles: {admin: [U0ALICE01]}\nchannels: {ops: C0ZAIKO01}\n"
SHOPS = (
    "version: 1\nshops:\n  yahoo-main: {mall: yahoo, orders: api}\n  qoo10-main: {mall: qoo10, orders: api}\n"
)
TWO = SHOPS + "products:\n  - code: mug\n  - code: cup\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "team.yaml").write_text(TEAM, encoding="utf-8")
    return tmp_path


@pytest.fixture
def check(fresh, folder, monkeypatch):
    monkeypatch.setenv("LANG", "en_US.UTF-8")

    def run(text, *words):
        (folder / "mappings.yaml").write_text(text, encoding="utf-8")
        return fresh("mapping", "check", folder, *words)

    return run


def listed(folder, shops, read_at=NOW):
    """Write the product lists of shops: name -> mall codes."""
    path = folder / "lists.jsonl"
    found = [
        ShopSnapshot(shop, read_at, [Product(code, (code, str(at)), code) for at, code in enumerate(codes)])
        for shop, codes in shops.items()
    ]
    path.write_text("".join(line + "\n" for line in snapshot_lines(found, NOW)), encoding="utf-8")
    return path


# ---------------------------------------------------------------------- exit status


def test_sound_folder_prints_nothing_and_ends_with_0(check):
    assert check(TWO) == (0, "", "")


def test_errors_end_with_1_and_stand_one_a_line(check):
    status, out, _ = check(TWO.replace("mug", "m_1").replace("cup", "c_1"))  # D8
    assert status == 1
    assert [line[:26] for line in out.splitlines()] == [
        "mappings.yaml:6:11: error:",
        "mappings.yaml:7:11: error:",
    ]


def test_warnings_alone_end_with_0(check, folder):
    (folder / "team.yaml").unlink()
    status, out, _ = check(TWO)
    assert (status, out.startswith("team.yaml:1:1: warning:")) == (0, True)


def test_what_cannot_be_checked_ends_with_2(fresh, check, folder):
    check(TWO)
    assert fresh("mapping", "check", folder / "mappings.yaml")[0] == 0
    for path in ("nowhere", "mappings.yaml/x"):
        assert fresh("mapping", "check", folder / path)[0::2] == (
            2,
            f"tanaban: there is no folder {folder / path}\n",
        )
    (folder / "mappings.yaml").unlink()
    status, _, err = fresh("mapping", "check", folder)
    assert (status, f"there is no mappings.yaml in {folder}" in err) == (2, True)


# ---------------------------------------------------------------------- for machines


def test_json_has_one_object_a_line_with_place_and_both_languages(check):
    status, out, _ = check(TWO.replace("mug", "ｍｕｇ"), "--json")
    found = json.loads(out)
    assert status == 1
    assert {key: found[key] for key in ("file", "line", "column", "level", "key")} == {
        "file": "mappings.yaml",
        "line": 6,
        "column": 11,
        "level": "error",
        "key": "code_character",
    }
    assert found["params"]["meant"] == "mug"
    assert "「ｍ」（U+FF4D" in found["message"]["ja"]
    assert found["message"]["en"].endswith("Did you mean mug?")


# ---------------------------------------------------------------------- what the sentences name


def test_a_wrong_character_is_named_with_the_malls_that_would_refuse_it(check):
    _, out, _ = check(TWO.replace("mug", "abc_1"))  # A8
    assert "character 4 '_' (U+005F LOW LINE) is refused" in out
    assert "These malls would refuse it: Yahoo! Shopping." in out  # Qoo10 would take it
    assert "Did you mean abc-1?" in out


def test_a_character_that_one_mall_refuses_is_named_with_the_place_of_the_code(check):
    legacy = "{legacy_code: m_1, reason: old}"
    _, out, _ = check(TWO.replace("code: mug", f"{{code: mug, listings: {{yahoo-main: {legacy}}}}}"))
    assert "yahoo-main (Yahoo! Shopping) does not accept the form of the code m_1." in out
    assert "It is character 2 '_' (U+005F LOW LINE)." in out
    assert "ストアクリエイターPro → 商品管理 → 商品ページ編集" in out


@pytest.mark.parametrize("mall", [mall for mall in registry.MALLS if mall != "memory"])
def test_every_mall_says_where_its_code_is_set_and_its_readme_from_where_that_is_known(mall):
    rule = CodeRules()[mall]  # A13
    assert rule.field
    assert rule.screen
    readme = (Path(registry.__file__).parent / mall / "README.md").read_text("utf-8")
    source = readme.partition("On the screen:")[2].partition("\n\n")[0]
    assert rule.screen in source
    assert "guess" in source or "guide" in source


# ---------------------------------------------------------------------- beside the product lists


def test_one_code_missing_on_one_mall_is_listed_by_code_and_mall_and_ends_with_1(check, folder):
    lists = listed(folder, {"yahoo-main": ["mug", "cup"], "qoo10-main": ["mug"]})
    status, out, _ = check(TWO, "--against", lists)  # A2
    assert status == 1
    assert out.startswith("mappings.yaml:7:11: error: cup is not on qoo10-main (Qoo10 Japan)")
    assert "QSM → 商品管理 → 商品一覧・修正" in out  # A13
    assert out.count("\n") == 1


def test_another_case_on_the_mall_is_named_and_not_told_twice(check, folder):
    lists = listed(folder, {"yahoo-main": ["mug", "CUP"], "qoo10-main": ["mug", "cup"]})
    status, out, _ = check(TWO, "--against", lists)  # A6, B14
    assert status == 1
    assert "CUP on the mall (yahoo-main, Yahoo! Shopping), cup here" in out
    assert out.count("\n") == 1


def test_what_the_mapping_does_not_know_and_old_lists_are_warnings(check, folder):
    lists = listed(
        folder, {"yahoo-main": ["mug", "cup", "cap"], "qoo10-main": ["mug", "cup"]}, NOW - timedelta(days=9)
    )
    status, out, _ = check(TWO, "--against", lists)
    assert status == 0
    assert [line.split(": ")[1] for line in out.splitlines()] == ["warning"] * 3
    assert "cap (cap) on yahoo-main" in out
    assert "the product list of qoo10-main is 9 days old" in out


def test_errors_of_the_file_come_before_the_product_lists(check, folder):
    lists = listed(folder, {"yahoo-main": [], "qoo10-main": []})
    status, out, err = check(TWO.replace("cup", "c_p"), "--against", lists)
    assert (status, out.count("\n")) == (1, 1)
    assert "not compared" in err


def test_codes_in_included_files_are_named_by_their_file(check, folder):
    (folder / "more.yaml").write_text("products:\n  - code: cap\n", encoding="utf-8")
    lists = listed(folder, {"yahoo-main": ["mug", "cup"], "qoo10-main": ["mug", "cup", "cap"]})
    _, out, _ = check(TWO + "include: [more.yaml]\n", "--against", lists)
    assert out.startswith("more.yaml:2:11: error: cap is not on yahoo-main")


SHOP = b'{"shop": "a", "read_at": "2026-11-20T00:00:00+00:00", "count": %d}\n'
BROKEN = {
    "nothing": b"",
    "another form": b'{"form": "x", "version": 1}\n',
    "no json": b"mug,3\n",
    "cut in a shop": SHOP % 2 + b'{"code": "x", "address": []}\n',
    "shop twice": SHOP % 0 * 2,
    "time without a zone": b'{"shop": "a", "read_at": "2026-11-20T00:00:00", "count": 0}\n',
    "nested": b"[" * 15_000 + b"\n",
    "a very long line": b'"' + b"x" * 30_000 + b'"\n',
    "no text": b'{"shop": "\xff"}\n',
    "a list": b"[]\n",
    "a listing without an address": SHOP % 1 + b'{"code": "x"}\n',
}
HEAD = b'{"form": "tanaban products", "version": 1}\n'


@pytest.mark.parametrize("name", BROKEN)
def test_product_lists_that_cannot_be_read_end_with_2_and_say_where(name, check, folder):
    path = folder / "lists.jsonl"
    path.write_bytes(BROKEN[name] if name in ("nothing", "another form", "no json") else HEAD + BROKEN[name])
    status, out, err = check(TWO, "--against", path)
    assert (status, out) == (2, "")
    assert err.startswith(f"tanaban: {path}:")


def test_product_lists_that_are_not_there_end_with_2(check, folder):
    status, _, err = check(TWO, "--against", folder / "nowhere.jsonl")
    assert (status, err) == (
        2,
        f"tanaban: {folder / 'nowhere.jsonl'} cannot be read: No such file or directory\n",
    )


# ---------------------------------------------------------------------- the product lists as text


def test_exported_lists_serve_a_check_elsewhere(shell, folder):
    shell("credentials", "set", "a", "key", typed="memory-key\n")
    assert shell("import", "a")[0] == 0
    path = folder / "lists.jsonl"
    status, out, _ = shell("products", "export", path)
    assert (status, out) == (0, f"3 products of 1 shops: {path}\n")
    (shell.repository / "team.yaml").write_text(TEAM, encoding="utf-8")
    assert shell("mapping", "check", shell.repository, "--against", path)[:2] == (0, "")
    (shell.repository / "mappings.yaml").write_text(MAPPING + "  - code: cap\n", encoding="utf-8")
    status, out, _ = shell("mapping", "check", shell.repository, "--against", path)
    assert (status, "cap" in out) == (1, True)


def test_shop_without_a_list_is_named_by_the_export(shell):
    status, out, err = shell("products", "export")
    assert (status, err.splitlines()[-1]) == (0, "no list yet: a")
    assert json.loads(out)["form"] == "tanaban products"


def test_only_the_export_writes_a_file(shell, folder):
    assert shell("products", "a", folder / "x")[0] == 2
    assert not (folder / "x").exists()
