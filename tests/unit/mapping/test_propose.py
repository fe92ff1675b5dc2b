"""What is proposed, what is left to people, and how a pull request tells it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.contract import Product as Listed
from bot.answers import Refused
from bot.mapping.change import SAME, Add, Legacy, Link, Put
from bot.mapping.model import UNLINKED, Axis, Mapping, Product, Shop
from bot.mapping.propose import AXIS, Snapshot, Wanted, draft_copy, draft_import, draft_set
from bot.mapping.wording import body, code, title

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
RAKUTEN, AMAZON = Shop("r", "rakuten"), Shop("a", "amazon")
SHOPS = {"r": RAKUTEN, "a": AMAZON}


def mapping(*products, shops=SHOPS):
    return Mapping(shops, products)


def listed(*codes, parent=None):
    """Listings of these codes; those of one parent lie under its address, as Rakuten's do."""
    return [Listed(one, (parent or one, one), f"商品 {one}") for one in codes]


def lists(**shops):
    return {shop: Snapshot(rows, AT) for shop, rows in shops.items()}


# ---------------------------------------------------------------- import


def test_listing_that_is_new_becomes_a_product_of_its_own_code():
    draft = draft_import(mapping(Product("mug")), "r", lists(r=listed("mug", "cap"), a=listed("cap")))
    assert draft.changes == (Add(Product("cap", "商品 cap")),)
    assert (draft.kept, draft.absent, draft.undecided) == (1, (), ())


def test_listings_of_one_parent_become_its_choices():
    rows = listed("tee-red-s", "tee-blue", parent="tee")
    draft = draft_import(mapping(), "r", lists(r=rows, a=listed("tee-blue")))
    wanted = Product("tee", "商品 tee", (Axis(AXIS, ("red-s", "blue")),), listings={"a": {"tee-red-s": None}})
    assert draft.changes == (Add(wanted),)
    assert [(row.code, row.place) for row in draft.rows] == [("tee-red-s", "r"), ("tee-blue", "r, a")]


def test_codes_that_their_parent_does_not_begin_are_never_cut():  # C6
    draft = draft_import(mapping(), "r", lists(r=listed("x1", "x2", parent="tee")))
    assert [change.product.code for change in draft.changes] == ["x1", "x2"]


def test_new_product_is_linked_on_no_shop_that_does_not_list_it():
    draft = draft_import(mapping(), "r", lists(r=listed("cap")))
    assert draft.changes[0].product.listings == {"a": UNLINKED}
    assert draft.unlisted == ("a",)


@pytest.mark.parametrize(
    ("row", "why", "other"),
    [
        (Listed("", ("tee", "red"), "T", note="no sub-code"), "no_code", "no sub-code"),
        (Listed("MUG", ("MUG", ""), "M"), "alike", "mug"),
        (Listed("0-mug", ("0-mug", ""), "M"), "alike", "O-mug"),
        (Listed("mug_2", ("mug_2", ""), "M"), "form", "mug-2"),
        (Listed("ｍｕｇ", ("x", ""), "M"), "form", "mug"),
        (Listed("off", ("off", ""), "M"), "unlinked", ""),
        (Listed("old", ("old", ""), "M"), "called", "OLD-1"),
        (Listed("big-green", ("big", "green"), "M"), "parent", "big"),
    ],
)
def test_what_the_list_does_not_say_is_left_to_people(row, why, other):  # C6
    known = mapping(
        Product("mug"),
        Product("O-mug"),
        Product("off", listings={"r": UNLINKED}),
        Product("old", listings={"r": {"old": "OLD-1"}}),
        Product("big", axes=(Axis("色", ("red",)),)),
    )
    draft = draft_import(known, "r", lists(r=[row, *listed("mug", "O-mug", "OLD-1", "big-red")]))
    assert draft.changes == ()
    assert [(one.subject, one.why, one.other) for one in draft.undecided] == [
        (row.mall_code or "tee/red", why, other)
    ]


def test_code_on_two_listings_is_left_to_people():
    rows = [Listed("cap", ("c1", ""), "C"), Listed("cap", ("c2", ""), "C")]
    assert {one.why for one in draft_import(mapping(), "r", lists(r=rows)).undecided} == {"twice"}


def test_mapped_code_that_is_not_listed_is_told_and_stays():
    draft = draft_import(mapping(Product("mug"), Product("cap")), "r", lists(r=listed("mug")))
    assert (draft.changes, draft.absent) == ((), ("cap",))


def test_codes_of_a_shop_that_joins_otherwise_are_not_cut():
    shops = {"f": Shop("f", "futureshop", joiner="")}
    draft = draft_import(mapping(shops=shops), "f", lists(f=listed("tee01", "tee02", parent="tee")))
    assert [change.product.code for change in draft.changes] == ["tee01", "tee02"]


@pytest.mark.parametrize(("shop", "key"), [("x", "proposal_no_shop"), ("r", "proposal_no_list")])
def test_shop_without_a_list_is_refused(shop, key):
    with pytest.raises(Refused) as caught:
        draft_import(mapping(), shop, lists(a=[]))
    assert caught.value.key == key


# ---------------------------------------------------------------- copy

TEN = [f"c{number}" for number in range(10)]


def test_copy_links_what_the_other_shop_lists_and_lists_the_rest():  # A14
    known = mapping(*(Product(one, listings={"a": UNLINKED}) for one in TEN))
    draft = draft_copy(known, "r", "a", lists(a=listed(*TEN[:8])))
    assert draft.changes == tuple(Link(one, "a", {one: SAME}) for one in TEN[:8])
    assert (len(draft.rows), draft.absent, draft.kept) == (8, ("c8", "c9"), 0)


def test_copy_keeps_what_is_linked_and_unlinks_what_is_missing_only_when_told():  # A14
    known = mapping(*map(Product, TEN))
    draft = draft_copy(known, "r", "a", lists(a=listed(*TEN[:8])))
    assert (draft.changes, draft.kept, draft.absent) == ((), 8, ("c8", "c9"))
    told = draft_copy(known, "r", "a", lists(a=listed(*TEN[:8])), unlink_missing=True)
    assert told.changes == (Link("c8", "a", {"c8": None}), Link("c9", "a", {"c9": None}))


def test_copy_takes_the_same_sku_where_the_rule_gives_another():
    known = mapping(
        Product("mug", listings={"r": {"mug": "mug_1"}}), Product("cap", listings={"r": {"cap": "K-1"}})
    )
    draft = draft_copy(known, "r", "a", lists(a=listed("mug_1", "K-1")))
    assert draft.changes == (
        Link("mug", "a", {"mug": Legacy("mug_1", "r と同じ番号")}),
        Link("cap", "a", {"cap": "K-1"}),
    )


def test_copy_never_gives_one_listing_to_two_codes():  # C12
    known = mapping(
        Product("mug", listings={"r": {"mug": "X"}}), Product("cup", listings={"a": {"cup": "X"}})
    )
    draft = draft_copy(known, "r", "a", lists(a=listed("X"), r=[]))
    assert draft.changes == ()
    assert draft.absent == ("mug",)


def test_copy_names_a_listing_that_only_looks_the_same():
    draft = draft_copy(mapping(Product("mug")), "r", "a", lists(a=listed("MUG")))
    assert draft.changes == ()
    assert [(one.subject, one.why, one.other) for one in draft.undecided] == [("MUG", "alike", "mug")]


# ---------------------------------------------------------------- one code

TEE = Product("tee", "T", (Axis("色", ("red", "blue")),))


@pytest.mark.parametrize(
    ("code", "wanted", "changes"),
    [
        ("tee-red", Wanted(shop="a", mall_code="OLD"), (Link("tee", "a", {"tee-red": "OLD"}),)),
        ("tee-red", Wanted(shop="a", mall_code="tee-red"), ()),
        (
            "tee-red",
            Wanted(shop="a", mall_code="x_1", reason="旧"),
            (Link("tee", "a", {"tee-red": Legacy("x_1", "旧")}),),
        ),
        ("tee-red", Wanted(shop="a", unlink=True), (Link("tee", "a", {"tee-red": None}),)),
        ("tee", Wanted(shop="a", unlink=True), (Link("tee", "a", {"tee-red": None, "tee-blue": None}),)),
        ("tee", Wanted(name="新", safety_stock=0), (Put("tee", "name", "新"), Put("tee", "safety_stock", 0))),
        ("tee-red", Wanted(name="T"), ()),
    ],
)  # fmt: skip
def test_one_code_is_changed_as_a_person_wants(code, wanted, changes):
    assert draft_set(mapping(TEE), code, wanted).changes == changes


@pytest.mark.parametrize(
    ("code", "wanted", "key"),
    [
        ("cap", Wanted(name="x"), "unknown_code"),
        ("tee", Wanted(), "proposal_set_nothing"),
        ("tee", Wanted(unlink=True), "proposal_set_nothing"),
        ("tee-red", Wanted(shop="a"), "proposal_set_one"),
        ("tee-red", Wanted(shop="a", mall_code="x", unlink=True), "proposal_set_one"),
        ("tee-red", Wanted(shop="x", unlink=True), "proposal_no_shop"),
        ("tee", Wanted(shop="a", mall_code="x"), "proposal_set_parent"),
        ("tee-red", Wanted(shop="a", mall_code="tee-blue"), "proposal_taken"),
        ("tee-red", Wanted(shop="a", mall_code="x_1"), "proposal_needs_reason"),
    ],
)
def test_what_cannot_be_meant_is_refused(code, wanted, key):
    with pytest.raises(Refused) as caught:
        draft_set(mapping(TEE), code, wanted)
    assert caught.value.key == key


# ---------------------------------------------------------------- the text

HOSTILE = "<script>x</script> @everyone | closes #1 `code` ](http://x)\n# top\u202e"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_text_tells_the_changes_what_is_undecided_and_who_asked(language):
    rows = [*listed("cap", "MUG"), Listed("", ("tee", "x"), "子番号なし")]
    draft = draft_import(mapping(Product("mug"), Product("pen")), "r", lists(r=rows))
    said = body(draft, "花子", language)
    assert "`花子`" in said
    assert "| `cap` | `r` | — | `cap` |" in said
    for word in ("`MUG`", "`mug`", "`tee/x`", "`子番号なし`", "- `pen`"):
        assert word in said
    assert "r" in title(draft, language)


def test_long_table_is_cut_with_a_count():
    draft = draft_import(mapping(), "r", lists(r=listed(*(f"c{n}" for n in range(5_000)))))
    said = body(draft, "x", "en")
    assert "and 4940 more" in said
    assert len(said) < 65_536


def test_longest_text_fits_a_pull_request():
    rows = [Listed("x" * 124 + f"{n:04}", ("p" * 200, "q"), "名" * 500) for n in range(3_000)]
    rows += [Listed("_" * 128, (f"{n}" * 100, "q"), "名" * 500) for n in range(100)]
    known = mapping(*(Product("y" * 124 + f"{n:04}") for n in range(100)))
    assert len(body(draft_import(known, "r", lists(r=rows)), "w" * 500, "ja")) < 65_536


def test_foreign_text_stays_inside_its_code_span():
    assert code(HOSTILE) == "``<script>x</script> @everyone ¦ closes #1 `code` ](http://x) # top``"
    assert code("`a") == "`` `a ``"
    assert code("") == "` `"


def test_hostile_name_changes_nothing_but_its_own_cell():
    rows = [Listed("", ("x", HOSTILE), HOSTILE), Listed("cap", ("cap", ""), HOSTILE)]
    said = body(draft_import(mapping(), "r", lists(r=rows)), HOSTILE, "en")
    outside = "".join(part for place, part in enumerate(said.split("``")) if place % 2 == 0)
    for word in ("<script>", "@everyone", "closes #1", "http://"):
        assert word not in outside
