"""The check that looks codes up finds what one finds that writes them all out."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mapping.codes import MAX_CODE, CodeRule, check_for_mall
from bot.mapping.fields import Notes, nearest
from bot.mapping.load import Text, parse
from bot.mapping.meet import MAX_NESTING, check_codes, check_listings, check_sets
from bot.mapping.model import Shop
from bot.mapping.products import Catalogue
from bot.mapping.stock import Standing, Stock

SHOPS = {
    "joined": Shop("joined", "strict"),
    "close": Shop("close", "short", joiner=""),
    "other": Shop("other", "odd", joiner=""),
}
RULES = {
    "strict": CodeRule(r"[ab][ab-]*", 99),
    "short": CodeRule(r"(?!\.{1,2}$)(?! )[^\x00-\x20]+(?<! )", 5),
    "odd": CodeRule(r"(?:a|b|aa|-)+[ab-]?", 99),
}
# Few and alike, so that codes begin one another, values hold the joiner, and names meet.
WORDS = ("a", "b", "ab", "a-b", "b-", "-a", "aa")
MANY = (*WORDS, "a-a", "a-b-a", "aab", "a-ab-b", "b-a", "ba", "a" * 120)


def products():
    """Give lists of products, as a file has them."""
    values = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True)
    axes = st.lists(values, max_size=3).map(
        lambda found: [{"name": str(number), "values": one} for number, one in enumerate(found)]
    )
    name = st.sampled_from(MANY) | st.just(False)
    listing = st.just(False) | name | st.dictionaries(st.sampled_from(MANY), name, max_size=3)
    parents = st.fixed_dictionaries({"code": st.sampled_from(WORDS), "axes": axes})
    single = st.fixed_dictionaries(
        {"code": st.sampled_from(MANY)},
        optional={"axes": axes, "listings": st.dictionaries(st.sampled_from(tuple(SHOPS)), listing)},
    )
    parts = st.dictionaries(st.sampled_from(MANY), st.integers(1, 3), min_size=1, max_size=2)
    sets = st.fixed_dictionaries({"code": st.sampled_from(MANY), "set": parts})
    return st.lists(parents | single | sets, max_size=6)


def read(files):
    """Give the entries of some files, and a place for problems."""
    problems, catalogue = [], Catalogue(SHOPS, RULES)
    for number, found in enumerate(files):
        # A line for each, so that places tell them apart.
        text = "products:\n" + "".join(f"  - {json.dumps(each)}\n" for each in found)
        root = parse(f"{number}.yaml", text.encode()).root
        catalogue.read(Notes(f"{number}.yaml", problems), root.entries["products"][1])
    problems.clear()
    return catalogue.entries, problems


# ----------------------------------------------------------------- the check that writes all out


def written_out(entries):
    check_sets_written_out(entries, check_codes_written_out(entries))
    check_listings_written_out(entries)


def check_codes_written_out(entries):
    names, sellable = {}, {}
    for entry in entries:
        if first := names.get(entry.product.code):
            note_twice(entry, first, entry.product.code, "code_duplicate")
        else:
            names[entry.product.code] = entry
    for entry in (entry for entry in entries if names[entry.product.code] is entry):
        for variant in entry.product.variants():
            first = sellable.get(variant.code) or names.get(variant.code)
            if variant.values and first:
                note_twice(entry, first, variant.code, "code_ambiguous")
            elif len(variant.code) > MAX_CODE:
                told = {"code": variant.code[:40] + "…", "limit": MAX_CODE}
                entry.notes.error(entry.code, "code_too_long", **told)
            else:
                sellable[variant.code] = entry
    return sellable


def note_twice(entry, first, code, key):
    told = {"file": first.notes.file, "first_line": first.code.line, "other": first.product.code}
    entry.notes.error(entry.code, key, code=code, **told)


def check_listings_written_out(entries):
    seen = {}
    for entry in entries:
        for variant in entry.product.variants():
            for shop in SHOPS.values():
                mall_code = entry.product.mall_code(variant, shop)
                if mall_code is None:
                    continue
                code, first = seen.setdefault((shop.name, mall_code), (variant.code, entry))
                own = entry.marks.get((shop.name, variant.code))
                if code != variant.code:
                    place = first.marks.get((shop.name, code), first.code)
                    told = {"mall_code": mall_code, "shop": shop.name, "code": variant.code, "other": code}
                    told |= {"file": first.notes.file, "first_line": place.line}
                    entry.notes.error(own or entry.code, "mall_code_twice", **told)
                elif own is None:
                    place = Text(entry.code.line, entry.code.column, mall_code)
                    check_for_mall(entry.notes, place, shop.name, RULES[shop.mall])


def check_sets_written_out(entries, sellable):
    check_parts_written_out(entries, sellable)
    check_nesting_written_out(entries, sellable)


def check_parts_written_out(entries, sellable):
    parents = {entry.product.code for entry in entries if entry.product.axes}
    for entry in entries:
        for part, mark in entry.parts.items():
            if part in parents and part not in sellable:
                entry.notes.error(mark, "component_has_axes", code=part)
            elif part not in sellable:
                entry.notes.error(mark, "unknown_component", code=part, meant=nearest(part, sellable))


def check_nesting_written_out(entries, sellable):
    heights = {}

    def visit(code, trail):
        entry = sellable.get(code)
        if code in heights or entry is None or not entry.parts:
            return heights.get(code, 0)
        if code in trail:
            last = sellable[trail[-1]]
            way = " -> ".join((*trail[trail.index(code) :], code))
            last.notes.error(last.parts[code], "set_loop", way=way)
            return 0
        if len(trail) > MAX_NESTING:
            return 1
        heights[code] = 1 + max(visit(part, (*trail, code)) for part in entry.parts)
        if heights[code] > MAX_NESTING:
            entry.notes.error(entry.code, "set_too_deep", code=code, limit=MAX_NESTING)
        return heights[code]

    for entry in entries:
        if entry.parts:
            visit(entry.product.code, ())


def in_order(problems):
    return sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column))


@settings(max_examples=400, deadline=None)
@given(st.lists(products(), min_size=1, max_size=2))
def test_check_without_writing_out_finds_the_same_at_the_same_places(files):
    entries, problems = read(files)
    written_out(entries)
    expected = in_order(problems)
    problems.clear()
    stock = Stock(entries, Standing())
    check_codes(stock)
    check_sets(stock)
    check_listings(stock, SHOPS.values(), RULES)
    assert in_order(problems) == expected
