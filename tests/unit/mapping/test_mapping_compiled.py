"""The compiled mapping is the mapping that is read, whatever was edited, cut short or damaged."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import random
import sqlite3

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


def written_out(before, after):
    """Compare two mappings code by code."""
    listings = {
        name: [dict(each.listings(name)) if name in each.shops else {} for each in (before, after)]
        for name in {**before.shops, **after.shops}
    }
    shops = {name: compared(old, new) for name, (old, new) in listings.items()}
    added, removed, _ = compared(*(dict.fromkeys(each.codes(), "") for each in (before, after)))
    return added, removed, {name: change for name, change in shops.items() if any(change)}


def compared(old, new):
    changed = {code: (old[code], at) for code, at in new.items() if old.get(code, at) != at}
    return (
        tuple(code for code in new if code not in old),
        tuple(code for code in old if code not in new),
        changed,
    )


def spread(found):
    shops = {name: (each.added, each.removed, each.changed) for name, each in found.shops.items()}
    return found.added, found.removed, shops


@pytest.mark.parametrize("seed", range(8))
def test_what_is_found_after_an_edit_is_what_a_check_of_all_finds(seed, tmp_path, steps=25):
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
        if last:
            assert spread(diff(last[0], found.mapping)) == written_out(last[1], expected.mapping)
            assert diff(last[0], found.mapping) == diff(last[1], expected.mapping)
        if kept := form.read(str(number)):
            assert kept.mapping
            same(kept.mapping, expected.mapping)
            assert (kept.team, kept.problems) == (expected.team, expected.problems)
        last = found.mapping, expected.mapping
        good, good_head = files, head


# ----------------------------------------------------------------- what is read again, and what is not


A = [
    {
        "code": "tee",
        "axes": [{"name": "色", "values": ["red", "blue"]}],
        "listings": {"joined": {"tee-red": "T1"}},
    }
]
B = [{"code": "mug", "name": "マグ"}, {"code": "gift", "set": {"mug": 2, "tee-red": 1}}]
C = [{"code": "cap"}]
TEXTS = {"products/a.yaml": listed(A), "products/b.yaml": listed(B), "products/c.yaml": listed(C)}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "mapping.sqlite3"


@pytest.fixture
def form(path):
    return CompiledMapping(path, RULES)


def updated(form, commit, texts):
    source = Files(texts)
    return form.update(commit, source), source.read


def sound(checked, texts):
    """Assert that the outcome is the one that a check of these files has."""
    expected = check(Files(texts), RULES)
    assert checked.problems == expected.problems
    assert checked.mapping
    assert expected.mapping
    same(checked.mapping, expected.mapping)


def test_only_files_with_another_content_are_parsed_again(form):
    _, first = updated(form, "1", TEXTS)
    assert {"mappings.yaml", *TEXTS} <= set(first)
    changed = {**TEXTS, "products/c.yaml": listed([{"code": "cap"}, {"code": "hat"}])}
    found, again = updated(form, "2", changed)
    assert set(again) == {"products/c.yaml", "team.yaml"}
    sound(found, changed)


def test_settings_may_change_without_parsing_products_again(form):
    updated(form, "1", TEXTS)
    texts = {**TEXTS, "mappings.yaml": HEAD.replace("cap: 9", "cap: 3")}
    found, read = updated(form, "2", texts)
    assert set(read) == {"mappings.yaml", "team.yaml"}
    assert found.mapping.shop("other").cap == 3
    sound(found, texts)


def test_start_opens_the_commit_and_reads_no_file(path, form):
    updated(form, "1", TEXTS)
    again = CompiledMapping(path, RULES)
    sound(again.read("1"), TEXTS)
    assert again.read("2") is None


def test_other_rules_of_a_mall_are_checked_anew(path, form):
    updated(form, "1", TEXTS)
    stricter = CompiledMapping(path, {**RULES, "yahoo": CodeRule(r"[^u]+", 99)})
    assert stricter.read("1") is None
    found, read = updated(stricter, "1", TEXTS)
    assert set(TEXTS) <= set(read)
    assert {problem.key for problem in found.problems} == {"code_refused_by_mall"}


def test_bad_commit_leaves_the_good_one(path, form):
    good, _ = updated(form, "1", TEXTS)
    found, _ = updated(form, "2", {**TEXTS, "products/c.yaml": listed([{"code": "mug"}])})
    assert [problem.key for problem in found.problems] == ["code_duplicate"]
    assert (found.problems[0].file, found.problems[0].params["file"]) == (
        "products/c.yaml",
        "products/b.yaml",
    )
    sound(CompiledMapping(path, RULES).read("1"), TEXTS)
    sound(good, TEXTS)


def test_warning_of_a_file_that_is_as_it_was_is_told_again(path, form):
    texts = {**TEXTS, "products/c.yaml": "products:\n  - {code: cap, listings: {joined: no}}\n"}
    updated(form, "1", texts)
    changed = {**texts, "products/b.yaml": listed(B[:1])}
    found, read = updated(form, "2", changed)
    assert "products/c.yaml" not in read
    assert [problem.key for problem in found.problems] == ["looks_like_false"]
    sound(found, changed)
    sound(CompiledMapping(path, RULES).read("2"), changed)


def test_mapping_in_force_stays_as_it_is_while_others_are_written(form):
    first, _ = updated(form, "1", TEXTS)
    later = [
        updated(form, str(number), {**TEXTS, "products/b.yaml": listed([{"code": f"mug-{number}"}])})[0]
        for number in range(2, 6)
    ]
    sound(first, TEXTS)
    assert [mapping.mapping.product_of("mug") for mapping in later] == [None] * 4
    assert [len(found.mapping.codes()) for found in (first, *later)] == [5, 4, 4, 4, 4]


def test_log_beside_the_file_does_not_grow_with_every_commit(path, form):
    found, _ = updated(form, "0", TEXTS)
    sizes = []
    for number in range(40):
        texts = {**TEXTS, "products/c.yaml": listed([{"code": f"cap-{number}"}])}
        found, _ = updated(form, str(number), texts)
        sizes.append(path.with_name(path.name + "-wal").stat().st_size)
    assert max(sizes[5:]) <= 2 * sizes[4]
    sound(found, texts)


# ----------------------------------------------------------------- crashes and damage


class Cut(Exception):
    """The plug is pulled."""


class Cutting(sqlite3.Connection):
    """A connection that is cut at one of the statements that write."""

    left = 0

    def execute(self, sql, values=()):
        self._count(sql)
        return super().execute(sql, values)

    def executemany(self, sql, rows):
        self._count(sql)
        return super().executemany(sql, rows)

    @classmethod
    def _count(cls, sql):
        if sql.split()[:1] and sql.split()[0] in {
            "INSERT",
            "UPDATE",
            "REPLACE",
            "DELETE",
            "COMMIT",
            "CREATE",
        }:
            if cls.left == 0:
                raise Cut
            cls.left -= 1


@pytest.fixture
def cutting(monkeypatch):
    whole = sqlite3.connect
    monkeypatch.setattr(compiled.sqlite3, "connect", lambda *a, **k: whole(*a, **k, factory=Cutting))
    yield
    Cutting.left = 10**9


@pytest.mark.usefixtures("cutting")
def test_update_that_was_cut_short_leaves_the_old_commit_or_the_new(tmp_path):
    changed = {
        **TEXTS,
        "products/b.yaml": listed([{"code": "cup"}]),
        "products/d.yaml": listed([{"code": "d"}]),
    }
    del changed["products/c.yaml"]
    outcomes = []
    for left in itertools.count():
        path = tmp_path / f"{left}.sqlite3"
        Cutting.left = 10**9
        updated(CompiledMapping(path, RULES), "1", TEXTS)
        Cutting.left = left
        try:
            updated(CompiledMapping(path, RULES), "2", changed)
        except Cut:
            outcomes.append("cut")
        else:
            outcomes.append("done")
        Cutting.left = 10**9
        again = CompiledMapping(path, RULES)
        kept = again.read("1")
        if outcomes[-1] == "cut":
            sound(kept, TEXTS)
        sound(again.update("2", Files(changed)), changed)
        if outcomes[-1] == "done":
            break
    assert outcomes.count("cut") > 10


@pytest.mark.usefixtures("cutting")
def test_first_making_that_was_cut_short_is_made_again(tmp_path):
    for left in range(25):
        path = tmp_path / f"{left}.sqlite3"
        Cutting.left = left
        with contextlib.suppress(Cut):
            updated(CompiledMapping(path, RULES), "1", TEXTS)
        Cutting.left = 10**9
        assert CompiledMapping(path, RULES).read("0") is None
        sound(CompiledMapping(path, RULES).update("1", Files(TEXTS)), TEXTS)


def test_deleted_file_is_made_again(path, form):
    updated(form, "1", TEXTS)
    path.unlink()
    assert form.read("1") is None
    sound(form.update("1", Files(TEXTS)), TEXTS)


def test_file_of_another_form_is_made_again(path, form):
    updated(form, "1", TEXTS)
    change(path, "PRAGMA user_version = 0")
    assert CompiledMapping(path, RULES).read("1") is None
    updated(form, "1", TEXTS)
    change(path, "PRAGMA user_version = 99")
    found, read = updated(CompiledMapping(path, RULES), "1", TEXTS)
    assert set(TEXTS) <= set(read)
    sound(found, TEXTS)


def change(path, statement):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(statement)
    connection.close()


DAMAGES = {
    "no database": lambda data: b"not a database" * 400,
    "empty": lambda data: b"",
    "only its beginning": lambda data: data[:5000],
    "holes": lambda data: data[:4096] + bytes(len(data) - 4096),
    "its head": lambda data: b"x" * 100 + data[100:],
    "another word in a product": lambda data: data.replace("マグ".encode(), "コップ".encode()[:6]),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_file_is_never_trusted(damage, path, form):
    updated(form, "1", TEXTS)
    del form
    change(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    again = CompiledMapping(path, RULES)
    if (kept := again.read("1")) is not None:
        with pytest.raises(StateError, match="made anew at the next start"):
            list(kept.mapping.products)
        assert not path.exists()
    sound(CompiledMapping(path, RULES).update("1", Files(TEXTS)), TEXTS)


def test_wrong_name_or_component_is_not_believed(path, form):
    for statement in (
        "UPDATE names SET code = 'mug'",
        "UPDATE parts SET component = 'cap' WHERE component = 'mug'",
    ):
        updated(form, "1", TEXTS)
        change(path, statement)
        kept = CompiledMapping(path, RULES).read("1")
        with pytest.raises(StateError, match="made anew at the next start"):
            kept.mapping.code_of("joined", "T1")
            kept.mapping.sets_using("cap")
        assert not path.exists()


def test_damage_that_shows_in_an_update_costs_a_full_reading(path, form):
    updated(form, "1", TEXTS)
    change(path, "UPDATE layouts SET rows = '[]'")
    changed = {**TEXTS, "products/b.yaml": listed([{"code": "hat"}])}
    found, read = updated(CompiledMapping(path, RULES), "2", changed)
    assert set(TEXTS) <= set(read)
    sound(found, changed)


def test_file_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(StateError, match="cannot be written"):
        CompiledMapping(tmp_path / "no folder" / "mapping.sqlite3", RULES).update("1", Files(TEXTS))
