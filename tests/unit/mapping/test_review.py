"""What a pull request would do, and how the comment under it tells that."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.mapping.diff import diff
from bot.mapping.model import Axis, Defaults, Mapping, OnUnlink, Product, Shop, ShopStatus
from bot.mapping.problem import Level, Problem
from bot.mapping.review import (
    MOST_ROWS,
    Effects,
    Left,
    Number,
    Place,
    Report,
    ShopList,
    amount,
    left_listings,
    shop_list,
    touched,
)
from bot.mapping.reviewtext import MARKER, comment, content, status

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
A, B = Shop("a", "rakuten"), Shop("b", "amazon", on_unlink=OnUnlink.LEAVE)
SHOPS = {"a": A, "b": B}
HOSTILE = "x` | @everyone <!-- closes #1 --> ](http://evil.example)\n# top\u202e```"


def mapping(*products, shops=SHOPS, **more):
    return Mapping(shops, products, **more)


def weighed(place, shop=A, *, taken=False):
    found = Effects()
    found.add(place, shop, taken=taken)
    return found


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("place", "number"),
    [
        (Place("a", "tee", None, "tee", then=5), Number("a", "tee", "tee", None, 5, "new")),
        (Place("a", "tee", None, "tee", there=5, then=5), None),
        (
            Place("a", "tee", "tee", "tee", shows=9, should=9, then=7),
            Number("a", "tee", "tee", 9, 7, "changed"),
        ),
        (Place("a", "tee", "tee", "tee", shows=7, should=9, then=7), None),
        (Place("a", "tee", "tee", "tee", shows=3, should=9, then=9), None),
        (Place("a", "tee", "tee", "tee", shows=3, should=None, then=None), None),
    ],
)  # fmt: skip
def test_only_what_the_request_itself_changes_is_told(place, number):
    assert weighed(place).numbers == ([number] if number else [])


def test_listing_that_a_code_leaves_goes_to_zero_beside_the_new_one():  # D8
    place = Place("a", "tee", "old", "new", shows=8, written=True, should=8, then=8)
    found = weighed(place)
    assert found.left == [Left("a", "tee", "old", zero=True, after="new")]
    assert found.numbers == [
        Number("a", "tee", "old", 8, 0, "moved"),
        Number("a", "tee", "new", None, 8, "moved"),
    ]


@pytest.mark.parametrize(
    ("shop", "written"),
    [(B, True), (Shop("a", "rakuten", status=ShopStatus.ARCHIVED), True), (None, True), (A, False)],
)
def test_listing_stays_where_the_mapping_says_so_or_nothing_of_ours_is_there(shop, written):
    found = weighed(Place("a", "tee", "tee", None, shows=8, written=written), shop)
    assert found.left == [Left("a", "tee", "tee", zero=False)]
    assert found.numbers == []


def test_listing_that_another_code_takes_over_is_not_left():
    found = weighed(Place("a", "tee", "x", None, shows=8, written=True), taken=True)
    assert (found.left, found.numbers) == ([], [])


def test_link_without_stock_or_without_a_place_is_counted_and_gets_no_number():
    assert weighed(Place("a", "tee", None, "tee")).uncounted == 1
    found = weighed(Place("a", "tee", None, "tee", then=4, held=True))
    assert (found.held, found.numbers) == (1, [])


def test_rows_are_bounded_and_counted():
    found = Effects()
    for number in range(MOST_ROWS + 5):
        found.add(Place("a", f"c{number}", None, f"c{number}", then=1), A, taken=False)
    assert (len(found.numbers), found.number_count) == (MOST_ROWS, MOST_ROWS + 5)


# ---------------------------------------------------------------- which codes


def test_change_of_one_product_touches_it_and_what_shares_its_pieces():
    gift, cap = Product("gift", parts={"mug": 1, "tee": 1}), Product("cap")
    before = mapping(Product("mug"), Product("tee"), gift, cap)
    after = mapping(Product("mug", safety_stock=2), Product("tee"), gift, cap)
    assert list(touched(before, after)) == ["mug", "gift"]


def test_change_of_a_set_touches_its_parts_and_their_other_sets():
    parts, other = Product("gift", parts={"mug": 1}), Product("box", parts={"mug": 2})
    before = mapping(Product("mug"), other)
    assert list(touched(before, mapping(Product("mug"), other, parts))) == ["gift", "mug", "box"]


def test_product_that_goes_is_touched_too():
    tee = Product("tee", axes=(Axis("色", ("red", "blue")),))
    assert list(touched(mapping(tee), mapping(Product("mug")))) == ["mug", "tee-red", "tee-blue"]


@pytest.mark.parametrize(
    "after",
    [
        mapping(Product("mug"), defaults=Defaults(safety_stock=1)),
        mapping(Product("mug"), shops={"a": A}),
    ],
)
def test_change_of_a_shop_or_the_defaults_touches_all(after):
    assert list(touched(mapping(Product("mug")), after)) == ["mug"]


def test_amount_counts_each_change_once():
    before = mapping(Product("mug"), Product("tee"), Product("cap"))
    after = mapping(
        Product("mug", listings={"a": {"mug": "MUG"}, "b": {"mug": None}}, safety_stock=1),
        Product("cap"),
        Product("hat"),
    )
    found = amount(before, after, diff(before, after), team_changed=True)
    assert (found.added, found.removed, found.listings, found.settings) == (1, 1, 2, 2)


def test_left_listings_are_those_that_go_by_no_code():
    before = mapping(
        Product("mug", listings={"a": {"mug": "X"}}), Product("tee", listings={"b": {"tee": "T"}})
    )
    after = mapping(Product("mug"), Product("cup", listings={"a": {"cup": "X"}}), Product("tee"))
    assert list(left_listings(before, after, diff(before, after))) == [("b", "tee", "T")]


# ---------------------------------------------------------------- the comment


def report(*problems, shops=(), effects=None, merged=True):
    return Report("main", "b" * 40, "a" * 40, merged, problems, tuple(shops), effects)


def problem(level=Level.ERROR, key="code_duplicate", line=3, **params):
    told = {"code": "tee", "file": "mappings.yaml", "first_line": 2, **params}
    return Problem("mappings.yaml", line, 5, level, key, told)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_comment_names_each_problem_with_its_place_errors_first(language):  # D8
    said = comment(report(problem(Level.WARNING, line=9), problem()), NOW, language)
    assert said.startswith(MARKER + "\n")
    lines = [line for line in said.splitlines() if line.startswith("- `mappings.yaml:")]
    assert [line.split(":")[1] for line in lines] == ["3", "9"]
    assert "❌" in said


def test_status_says_how_many_errors_and_is_short():
    assert status(report(problem()), "en") == ("failure", "1 errors, 0 warnings")
    assert status(report(problem(Level.WARNING)), "en") == ("success", "no errors, 1 warnings")


def test_shops_are_told_with_what_they_lack_and_the_age_of_their_list():  # A2 A3 B9
    known = mapping(Product("mug"), Product("tee"))
    lacks = problem(key="listing_missing", shop="a", mall_ja="楽天", mall_en="Rakuten", mall_code="tee")
    listed = shop_list(known, "a", NOW - timedelta(days=9, hours=1), [lacks], still=False)
    said = comment(report(shops=[listed, ShopList("b", None, 2, still=True)], effects=Effects()), NOW, "en")
    assert "| `a` | 1 | 1 | 0 | Nov 12 11:00 JST (9 days old) |" in said
    assert "| `b` | — | — | — | no list yet (`tanaban import b`) |" in said
    assert "Missing on `a`: `tee`" in said
    assert "only after they resume (paused, off, ...): `b`" in said


def test_numbers_and_old_listings_are_told():  # D8
    found = weighed(Place("a", "tee", "old", "new", shows=8, written=True, should=8, then=8))
    said = comment(report(effects=found), NOW, "en")
    assert "| `a` | `tee` | `old` | 8 | 0 | another listing |" in said
    assert "| `a` | `tee` | `new` | — | 8 | another listing |" in said
    assert "`old` on `a` (`tee`, from now on `new`): set to 0." in said


def test_request_that_changes_nothing_says_so():
    assert "changes no number" in comment(report(effects=Effects()), NOW, "en")


def test_comment_of_one_content_differs_in_its_last_line_alone():
    found = report(problem(), effects=Effects())
    early, late = (comment(found, at, "ja") for at in (NOW, NOW + timedelta(hours=1)))
    assert early != late
    assert early.splitlines()[:-1] == late.splitlines()[:-1]
    assert content(found, NOW, "ja") == content(found, NOW + timedelta(hours=1), "ja")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_nothing_foreign_stands_outside_a_code_span(language):
    found = weighed(Place(HOSTILE, HOSTILE, HOSTILE, HOSTILE + "2", shows=1, written=True, then=1))
    shops = [ShopList("a", NOW, 3, (HOSTILE,))]
    said = comment(report(problem(code=HOSTILE), shops=shops, effects=found), NOW, language)
    outside = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", said.removeprefix(MARKER))
    for word in ("@everyone", "<!--", "http", "#1", "\u202e"):
        assert word not in outside
    rows = [line for line in said.splitlines() if line.startswith("|") and "everyone" in line]
    assert rows
    assert all(row.count("|") == 7 for row in rows)


def test_longest_comment_fits_the_forge():
    found, long = Effects(), "長" * 300
    for number in range(500):
        name = f"{number}{long}"
        found.add(Place(name, name, name, name + "2", shows=1, written=True, then=2), A, taken=False)
    shops = [
        ShopList(f"{number}{long}", NOW - timedelta(days=1), 900, (long,) * 800, still=True)
        for number in range(99)
    ]
    problems = [problem(code=long * 9, line=number) for number in range(900)]
    for language in ("ja", "en"):
        said = comment(report(*problems, shops=shops, effects=found), NOW, language)
        assert len(said) < 65_536
    assert re.search(r"\n\n… and 8\d\d more", said)
