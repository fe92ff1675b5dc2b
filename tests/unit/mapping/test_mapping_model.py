"""The views of the mapping that the sync core asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.mapping.check import Checked, check
from bot.mapping.diff import diff
from bot.mapping.model import LastUnits, Mapping, OrderSource, Role, Team
from bot.mapping.source import FolderSource

TEXT = """\
version: 1
shops:
  rakuten-main: {mall: rakuten, orders: api, safety_stock: 2, cap: 9, share: 1.5, on_unlink: leave}
  future-main: {mall: futureshop, orders: none, orders_reason: メールで受けています, joiner: ""}
  yahuoku-main: {mall: yahuoku, orders: via rakuten-main, status: archived}
defaults: {safety_stock: 3, last_units: 5}
products:
  - code: ab-c
    name: シャツ
    axes: [{name: 色, values: [red]}, {name: サイズ, values: [m, l]}]
    listings:
      rakuten-main: {ab-c-red-m: {legacy_code: "ab_c", reason: 移行前}, ab-c-red-l: false}
      yahuoku-main: false
  - {code: mug, safety_stock: 1, listings: {rakuten-main: MUG-2020}}
  - {code: pair, set: {mug: 2}}
  - {code: box, set: {pair: 1, ab-c-red-m: 1, mug: 1}}
  - code: "0012"
  - code: no
payments: {クレジットカード: [Credit, カード]}
"""


def checked(folder: Path, text: str) -> Checked:
    (folder / "mappings.yaml").write_text(text, encoding="utf-8")
    return check(FolderSource(folder))


def read(folder: Path, text: str = TEXT) -> Mapping:
    mapping = checked(folder, text).mapping
    assert mapping is not None
    return mapping


@pytest.fixture
def mapping(tmp_path: Path) -> Mapping:
    return read(tmp_path)


def test_each_choice_has_a_code_and_the_parent_has_none(mapping: Mapping) -> None:
    assert list(mapping.codes()) == ["ab-c-red-m", "ab-c-red-l", "mug", "pair", "box", "0012", "no"]  # A10


def test_joined_code_is_found_back_by_looking_it_up(mapping: Mapping) -> None:
    product = mapping.product_of("ab-c-red-m")  # A11
    assert product is not None
    assert product.code == "ab-c"
    assert mapping.product_of("ab-c") is None


def test_six_axes_join(tmp_path: Path) -> None:
    axes = ", ".join(f"{{name: n{n}, values: [v{n}]}}" for n in range(6))
    text = TEXT.split("products:", maxsplit=1)[0] + f"products: [{{code: t, axes: [{axes}]}}]\n"
    assert list(read(tmp_path, text).codes()) == ["t-v0-v1-v2-v3-v4-v5"]  # A11


def test_listing_is_the_same_code_unless_an_exception_is_written(mapping: Mapping) -> None:
    assert mapping.listings("rakuten-main") == {
        **{code: code for code in ("pair", "box", "0012", "no")},
        "ab-c-red-m": "ab_c",
        "mug": "MUG-2020",
    }
    assert mapping.listing("rakuten-main", "ab-c-red-l") is None
    assert mapping.listing("yahuoku-main", "ab-c-red-m") is None
    assert mapping.listing("rakuten-main", "nix") is None


def test_joiner_of_a_shop_joins_its_own_codes(mapping: Mapping) -> None:
    assert mapping.listing("future-main", "ab-c-red-m") == "ab-credm"


def test_lookup_is_exact(mapping: Mapping) -> None:
    assert mapping.code_of("rakuten-main", "MUG-2020") == "mug"  # A6
    assert mapping.code_of("rakuten-main", "mug-2020") is None
    assert mapping.code_of("rakuten-main", "MUG-2020 ") is None


def test_set_is_made_of_single_codes(mapping: Mapping) -> None:
    assert mapping.components("mug") == {"mug": 1}
    assert mapping.components("box") == {"mug": 3, "ab-c-red-m": 1}
    assert mapping.sets_using("mug") == ("pair", "box")
    assert mapping.sets_using("ab-c-red-m") == ("box",)
    assert mapping.sets_using("0012") == ()


def test_safety_stock_of_a_product_goes_before_the_default(mapping: Mapping) -> None:
    assert (mapping.safety_stock("mug"), mapping.safety_stock("pair")) == (1, 3)
    assert mapping.defaults.last_units == 5


def test_name_has_the_choices(mapping: Mapping) -> None:
    assert mapping.name_of("ab-c-red-m") == "シャツ red/m"
    assert mapping.name_of("mug") == "mug"


def test_shop_keeps_what_was_written(mapping: Mapping) -> None:
    rakuten, future = mapping.shop("rakuten-main"), mapping.shop("future-main")
    assert (rakuten.safety_stock, rakuten.cap, rakuten.share, rakuten.on_unlink) == (2, 9, 1.5, "leave")
    assert (future.orders, future.orders_reason) == (OrderSource.NONE, "メールで受けています")
    assert mapping.shop("yahuoku-main").via == "rakuten-main"
    assert mapping.payments == {"クレジットカード": ("Credit", "カード")}


def test_last_units_may_be_off(tmp_path: Path) -> None:
    assert (
        read(tmp_path, TEXT.replace("last_units: 5", "last_units: off")).defaults.last_units is LastUnits.OFF
    )


def test_diff_names_codes_by_shop(tmp_path: Path, mapping: Mapping) -> None:
    after = read(tmp_path, TEXT.replace("MUG-2020", "MUG-2021").replace('"0012"', '"0013"'))
    change = diff(mapping, after)
    assert (change.added, change.removed) == (("0013",), ("0012",))
    assert change.shops["rakuten-main"].changed == {"mug": ("MUG-2020", "MUG-2021")}
    assert change.shops["future-main"].removed == ("0012",)
    assert not diff(mapping, mapping)


def test_own_role_goes_before_the_highest_of_the_groups() -> None:
    team = Team(
        users={"U1": Role.READER}, groups={"S1": Role.OPERATOR, "S2": Role.ADMIN}, default_role=Role.NONE
    )
    assert team.role_of("U1", ["S2"]) is Role.READER
    assert team.role_of("U2", ["S1", "S2"]) is Role.ADMIN
    assert team.role_of("U2") is Role.NONE


def test_very_wide_sets_cost_no_more_than_their_size(tmp_path: Path) -> None:
    rows = ["  - code: a-0"]
    for level in range(1, 11):
        held = f"a-{level - 1}, b-{level - 1}, c-{level - 1}" if level > 1 else "a-0"
        parts = ", ".join(f"{name}: 1" for name in held.split(", "))
        rows += [f"  - {{code: {name}-{level}, set: {{{parts}}}}}" for name in "abc"]
    text = TEXT.split("products:", maxsplit=1)[0] + "products:\n" + "\n".join(rows) + "\n"
    assert read(tmp_path, text).components("a-10") == {"a-0": 3**9}
    deeper = text + "  - {code: deep, set: {a-10: 1}}\n"
    assert [problem.key for problem in checked(tmp_path, deeper).problems] == ["set_too_deep", "team_missing"]
