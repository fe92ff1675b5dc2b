"""Codes found by the products' rules are the codes that writing them all out would give."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product as choose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mapping.model import UNLINKED, Axis, Mapping, Product, Shop

SHOPS = {"joined": Shop("joined", "memory"), "close": Shop("close", "memory", joiner="")}
# Few and alike, so that codes begin one another and values hold the joiner.
WORDS = ("a", "b", "ab", "a-b", "b-", "-a", "a-", "-")


@st.composite
def products(draw: st.DrawFn) -> Product:
    code = draw(st.sampled_from(WORDS))
    chosen = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True)
    axes = tuple(Axis(f"axis {n}", tuple(draw(chosen))) for n in range(draw(st.integers(0, 3))))
    bare = Product(code, axes=axes)
    others = st.none() | st.sampled_from(("x", "a-a", "ab-b", "a-b-a", "bb"))
    exceptions = st.dictionaries(st.sampled_from([one.code for one in bare.variants()]), others, max_size=3)
    listings = st.fixed_dictionaries({}, optional={name: exceptions | st.just(UNLINKED) for name in SHOPS})
    return Product(code, axes=axes, listings=draw(listings))


def written_out(product: Product, shop: Shop) -> Iterator[tuple[str, str]]:
    exceptions = product.listings.get(shop.name, {})
    if exceptions is None:
        return
    for values in choose(*(axis.values for axis in product.axes)):
        code = "-".join((product.code, *values))
        mall_code = exceptions.get(code, shop.joiner.join((product.code, *values)))
        if mall_code is not None:
            yield code, mall_code


def without_doubles(found: list[Product]) -> list[Product]:
    """Leave out what the check refuses: codes, or mall codes of one shop, that two units share."""
    kept: list[Product] = []
    taken: set[tuple[str, str]] = set()
    for product in found:
        own = [("", one.code) for one in product.variants()]
        own += [(shop.name, at) for shop in SHOPS.values() for _, at in written_out(product, shop)]
        named = product.code in {other.code for other in kept}
        if not named and len(set(own)) == len(own) and not taken & set(own):
            taken |= set(own)
            kept.append(product)
    return kept


@settings(max_examples=200, deadline=None)
@given(st.lists(products(), max_size=6))
def test_rules_find_what_writing_all_codes_out_would(found: list[Product]) -> None:
    kept = without_doubles(found)
    mapping = Mapping(SHOPS, tuple(kept))
    codes = {one.code: product for product in kept for one in product.variants()}
    assert list(mapping.codes()) == list(codes)
    assert len(mapping.codes()) == len(codes)
    strange = {"-".join(words) for words in choose(WORDS, repeat=2)} | {"".join(codes)}
    for code in codes.keys() | strange:
        assert (code in mapping.codes(), mapping.product_of(code)) == (code in codes, codes.get(code))
    for shop in SHOPS.values():
        listed = dict(pair for product in kept for pair in written_out(product, shop))
        view, back = mapping.listings(shop.name), {at: code for code, at in listed.items()}
        assert (view, list(view), len(view)) == (listed, list(listed), len(listed))
        assert (list(view.items()), list(view.values())) == (list(listed.items()), list(listed.values()))
        for word in codes.keys() | back.keys() | strange:
            assert mapping.listing(shop.name, word) == listed.get(word)
            assert (view.get(word), word in view) == (listed.get(word), word in listed)
            assert mapping.code_of(shop.name, word) == back.get(word)


def test_value_may_hold_the_joiner_and_a_product_begin_another() -> None:
    sizes = Axis("サイズ", ("s", "s-l", "l"))
    mapping = Mapping(SHOPS, (Product("tee", axes=(Axis("色", ("red", "red-x")), sizes)), Product("tee-red")))
    assert mapping.name_of("tee-red") == "tee-red"
    assert [mapping.product_of(code) for code in ("tee", "tee-red-", "tee-red-s-", "tee-red-x")] == [None] * 4
    for code in ("tee-red-s-l", "tee-red-x-l", "tee-red-x-s-l"):
        found = mapping.product_of(code)  # A11
        assert (found and found.code) == "tee"
        assert mapping.code_of("close", mapping.listings("close")[code]) == code


def test_exception_takes_the_name_by_the_rule_away() -> None:
    mug = Product("mug", listings={"joined": {"mug": "MUG-2020"}, "close": {"mug": None}})
    mapping = Mapping(SHOPS, (mug,))
    assert (mapping.code_of("joined", "MUG-2020"), mapping.code_of("joined", "mug")) == ("mug", None)
    assert (mapping.code_of("close", "mug"), len(mapping.listings("close"))) == (None, 0)
    with pytest.raises(KeyError):
        mapping.listings("close")["mug"]
