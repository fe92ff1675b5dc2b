"""What is foreseen of another mapping is what happens when it comes into force."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from bot.foresight import Foresight
from bot.mapping.model import Defaults, LastUnits, OnUnlink, Product, Shop, ShopStatus
from bot.store.books import SqlBooks
from bot.sync.values import Why
from tests.unit.house import ADMIN, House

MUG, TEE = Product("mug", "マグカップ"), Product("tee")
EXTRA = ("cap", "gift", "mug2", "tee2")


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path, ("a", "b", "c"))
    for mall in house.malls.values():
        mall.stock |= dict.fromkeys(EXTRA, 0)
    house.quiet()
    yield house
    house.close()


def with_products(house, *products):
    return replace(house.mapping, products=products)


def with_shop(house, name, **changes):
    shops = {**house.mapping.shops, name: replace(house.mapping.shop(name), **changes)}
    return replace(house.mapping, shops=shops)


def foresee(house, mapping):
    foresight = Foresight(SqlBooks(house.engine, house.clock), house.states, house.clock, threading.Event())
    return foresight.effects(house.mapping, mapping)


def come_into_force(house, mapping):
    house.mapping = mapping
    house.sync.mark_all({name: list(mapping.listings(name)) for name in mapping.shops}, Why.MAPPING)
    for _ in range(4):
        house.tick()


def shown(house):
    return {(name, code): n for name, mall in house.malls.items() for code, n in mall.stock.items()}


CHANGES = {
    "nothing": lambda h: with_products(h, MUG, TEE),
    "safety stock": lambda h: with_products(h, MUG, replace(TEE, safety_stock=4)),
    "safety stock of a shop": lambda h: with_shop(h, "b", safety_stock=2),
    "cap": lambda h: with_shop(h, "c", cap=3),
    "defaults": lambda h: replace(h.mapping, defaults=Defaults(1, LastUnits.OFF)),
    "last units": lambda h: with_products(h, MUG, replace(TEE, last_units=10)),
    "no last units on a shop": lambda h: with_shop(h, "a", last_units=10),
    "not linked": lambda h: with_products(h, MUG, replace(TEE, listings={"a": None})),
    "code gone": lambda h: with_products(h, MUG),
    "code gone and left": lambda h: replace(with_shop(h, "a", on_unlink=OnUnlink.LEAVE), products=(MUG,)),
    "moved": lambda h: with_products(h, MUG, replace(TEE, listings={"a": {"tee": "tee2"}})),
    "swapped": lambda h: with_products(
        h,
        replace(MUG, safety_stock=1, listings={"a": {"mug": "tee"}}),
        replace(TEE, listings={"a": {"tee": "mug"}}),
    ),
    "taken over": lambda h: with_products(h, replace(MUG, listings={"a": {"mug": "tee"}})),
    "new set": lambda h: with_products(h, MUG, TEE, Product("gift", parts={"mug": 2, "tee": 3})),
    "new and never counted": lambda h: with_products(h, MUG, TEE, Product("cap")),
    "archived": lambda h: with_shop(h, "b", status=ShopStatus.ARCHIVED, cap=1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_numbers_foreseen_are_those_that_come(house, change):  # D8
    mapping, before = CHANGES[change](house), shown(house)
    found = foresee(house, mapping)
    assert shown(house) == before
    come_into_force(house, mapping)
    changed = {at: n for at, n in shown(house).items() if n != before[at]}
    foreseen = {(row.shop, row.listing): row.then for row in found.numbers}
    assert {at: n for at, n in foreseen.items() if n != before[at]} == changed
    for row in found.numbers:
        assert row.shows in (None, before[row.shop, row.listing])


def test_shop_that_leaves_the_mapping_leaves_its_numbers(house):  # D8
    shops = {name: shop for name, shop in house.mapping.shops.items() if name != "c"}
    found = foresee(house, replace(house.mapping, shops=shops))
    assert [(left.shop, left.listing, left.zero) for left in found.left] == [
        ("c", "mug", False),
        ("c", "tee", False),
    ]
    assert found.numbers == []


def test_new_shop_gets_its_numbers(house):
    shops = {**house.mapping.shops, "d": Shop("d", "memory")}
    found = foresee(house, replace(house.mapping, shops=shops))
    assert [(row.shop, row.code, row.shows, row.then, row.why) for row in found.numbers] == [
        ("d", "mug", None, 10, "new"),
        ("d", "tee", None, 10, "new"),
    ]


def test_link_of_an_uncounted_code_is_counted_and_gets_no_number(house):
    found = foresee(house, with_products(house, MUG, TEE, Product("cap")))
    assert (found.uncounted, found.numbers) == (3, [])


def test_paused_code_is_foreseen_as_it_will_be(house):
    house.actions.pause("tee", None, "test", ADMIN)
    found = foresee(house, with_products(house, MUG, replace(TEE, safety_stock=4)))
    assert {row.then for row in found.numbers} == {6}
