"""The compiled mapping is the mapping that is read, whatever was edited, cut short or damaged."""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
from pathlib import Path

import pytest

from adapters.errors import StateError
from bot.mapping import compiled
from bot.mapping.check import check
from bot.mapping.codes import CodeRule
from bot.mapping.compiled import CompiledMapping
from bot.mapping.diff import diff
from bot.mapping.load import parse
from bot.mapping.model import Mapping

HEAD = """\
version: 1
shops:
  joined: {mall: rakuten, orders: api}
  close: {mall: rakuten, orders: api, joiner: ""}
  other: {mall: yahoo, orders: api, cap: 9}
defaults: {safety_stock: 1}
include: [products/*.yaml]
payments: {カード: [Credit]}
"""
TEAM = "version: 1\nroles: {admin: [U0ALICE01]}\nchannels: {ops: C0ZAIKO01}\n"
RULES = {"rakuten": CodeRule(r"[^ ]+", 99), "yahoo": CodeRule(r"[^ ]+", 99)}


class Files:
    """A commit's files in memory; ``read`` lists those that were parsed."""

    def __init__(self, files: dict[str, str]) -> None:
        self.texts = {"mappings.yaml": HEAD, "team.yaml": TEAM, **files}
        self.read: list[str] = []

    def files(self, folder):
        return sorted(path for path in self.texts if path.rpartition("/")[0] == folder)

    def parsed(self, path):
        if path not in self.texts:
            return None
        self.read.append(path)
        return parse(path, self.texts[path].encode())

    def mark(self, path):
        return hashlib.sha256(self.texts[path].encode()).hexdigest() if path in self.texts else ""


def listed(found):
    return "products:\n" + "".join(f"  - {json.dumps(each, ensure_ascii=False)}\n" for each in found)


def same(one: Mapping, other: Mapping) -> None:
    """Compare all that is asked of a mapping."""
    assert (one.shops, one.payments, one.defaults) == (other.shops, other.payments, other.defaults)
    assert list(one.products) == list(other.products)
    assert list(one.codes()) == list(other.codes())
    assert len(one.codes()) == len(other.codes())
    for code in {*one.codes(), *NAMES}:
        assert one.product_of(code) == other.product_of(code)
        assert one.name_of(code) == other.name_of(code)
        assert one.sets_using(code) == other.sets_using(code)
        if one.product_of(code):
            assert one.components(code) == other.components(code)
    for shop in one.shops:
        assert dict(one.listings(shop)) == dict(other.listings(shop))
        assert len(one.listings(shop)) == len(other.listings(shop))
        for word in {*one.codes(), *one.listings(shop).values(), *NAMES}:
            assert one.code_of(shop, word) == other.code_of(shop, word)
            assert one.listing(shop, word) == other.listing(shop, word)


CODES = ("a", "b", "ab", "a-b", "aa", "a-a", "a-b-a", "b-a", "x", "y", "x-a", "y-b-a")
VALUES = ("a", "b", "ab", "b-a", "a-b", "aa")
NAMES = (*CODES, "ax", "xa", "yab", "Z")


def product(rng):
    """Give a product that may or may not fit to the others."""
    found = {"code": rng.choice(CODES)}
    kind = rng.random()
    if kind < 0.45:
        sizes = range(rng.randint(1, 3))
        axes = [{"name": str(n), "values": rng.sample(VALUES, rng.randint(1, 2))} for n in sizes]
        found["axes"] = axes
    elif kind < 0.6:
        found["set"] = {code: rng.randint(1, 2) for code in rng.sample(CODES, rng.randint(1, 2))}
    elif kind < 0.65:
        found["name"] = "品"
    if rng.random() < 0.4:
        found["listings"] = dict(listing(rng, found) for _ in range(rng.randint(1, 2)))
    if rng.random() < 0.2:
        found["safety_stock"] = rng.randint(0, 3)
    return found


def listing(rng, found):
    shop, name = rng.choice(("joined", "close", "other")), rng.choice((*NAMES, False, "no"))
    if rng.random() < 0.2:
        return shop, False
    if "axes" not in found:
        return shop, name
    return shop, {"-".join([found["code"], *(rng.choice(axis["values"]) for axis in found["axes"])]): name}


def edited(rng, files):
    """Give the files with one edit: a product more, less, another, or moved; now and then a setting."""
    files = {path: list(rows) for path, rows in files.items()}
    path = rng.choice(("products/a.yaml", "products/b.yaml", "products/c.yaml"))
    rows = files.setdefault(path, [])
    place = rng.randint(0, len(rows))
    kind = rng.random()
    if kind < 0.6 or not rows:
        rows.insert(place, product(rng))
    elif kind < 0.75:
        rows[place : place + 1] = [product(rng)]
    elif kind < 0.9:
        taken = rows.pop(min(place, len(rows) - 1))
        if kind > 0.8:
            files.setdefault("products/d.yaml", []).insert(0, taken)
    else:
        del files[path]
    return files


def texts_of(files, head):
    texts = {path: listed(rows) if rows else "products: []\n" for path, rows in files.items()}
    return {"mappings.yaml": head, "products/z.yaml": listed([{"code": "z"}]), **texts}


def heads(rng, head):
    """Give the first file, edited now and then."""
    changes = [("cap: 9", "cap: 8"), ('joiner: ""', 'joiner: "-"'), ("stock: 1", "stock: 2")]
    if rng.random() < 0.1:
        old, new = rng.choice(changes)
        return head.replace(old, new) if old in head else head.replace(new, old)
    return head


@pytest.mark.parametrize("seed", range(12))
def test_what_is_found_after_an_edit_is_what_a_check_of_all_finds(seed, tmp_path, steps=30):
    rng = random.Random(seed)
    form = CompiledMapping(tmp_path / "mapping.sqlite3", RULES)
    good, good_head = {}, HEAD
    last: tuple[Mapping, Mapping] | None = None
    for number in range(steps):
        files, head = edited(rng, good), heads(rng, good_head)
        texts = texts_of(files, head)
        expected = check(Files(texts), RULES)
        found = form.update(str(number), Files(texts))
        assert found.problems == expected.problems
        assert (found.mapping is None) == (expected.mapping is None)
        if not found.mapping or not expected.mapping:
            continue
        same(found.mapping, expected.mapping)
        assert diff(last and last[0], found.mapping) == diff(last and last[1], expected.mapping)
        if kept := form.read(str(number)):
            assert kept.mapping
            same(kept.mapping, expected.mapping)
            assert (kept.team, kept.problems) == (expected.team, expected.problems)
        last = found.mapping, expected.mapping
        good, good_head = files, head
