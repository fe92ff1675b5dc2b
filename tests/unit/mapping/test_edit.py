"""Edits keep the form of a file and say exactly what was meant."""

from __future__ import annotations

import random

import pytest

from bot.mapping.change import SAME, Add, Legacy, Link, Put
from bot.mapping.check import check
from bot.mapping.edit import EditRefusedError, edit
from bot.mapping.load import parse
from bot.mapping.marks import written_code, written_text
from bot.mapping.model import UNLINKED, Axis, LastUnits, Product

SHOPS = "shops:\n  a: {mall: rakuten, orders: api}\n  b: {mall: yahoo, orders: api}\n"
HEAD = "# 対応表です\t# tab\nversion: 1\n" + SHOPS + "\n"
WORKED = (
    HEAD
    + """\
products:   # 商品
  # 選択肢のある商品
  - code: tee   # ロゴ
    name: ロゴTシャツ
    axes:
      - {name: 色, values: [red, blue]}
    listings:
      # 例外だけ
      a:
        tee-red: OLD-1   # 旧番号\t(tab)
        tee-blue: false

  - code: mug   # no axes

  - {code: cap, name: "帽子, \\"x\\"", listings: {a: CAP-1, b: false}}
  - code: pen
    listings: {a: {legacy_code: "pen_1", reason: 旧}, b: {pen: P-1}}
    safety_stock: 2  # 予備
# おわり
"""
)


class OneFile:
    """The file as the check sees it, beside no team."""

    def __init__(self, content):
        self.content = content

    def files(self, folder):
        return ["mappings.yaml"]

    def parsed(self, path):
        return parse(path, self.content) if path == "mappings.yaml" else None


def model(content):
    found = check(OneFile(content))
    assert found.mapping is not None, [problem.render("en") for problem in found.problems]
    return found.mapping


def edited(text, *changes):
    return edit("mappings.yaml", text.encode(), changes).decode()


def changed_lines(before, after):
    """The lines between what both begin with and what both end with."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    start = next(
        (i for i, (x, y) in enumerate(zip(old, new, strict=False)) if x != y), len(min(old, new, key=len))
    )
    back = 0
    while back < min(len(old), len(new)) - start and old[-1 - back] == new[-1 - back]:
        back += 1
    return old[start : len(old) - back], new[start : len(new) - back]


CASES = {
    "value in a block table": (
        Link("tee", "a", {"tee-red": "NEW-1"}),
        ["        tee-red: OLD-1   # 旧番号\t(tab)\n"],
        ["        tee-red: NEW-1   # 旧番号\t(tab)\n"],
    ),
    "exception taken away from a block table": (
        Link("tee", "a", {"tee-blue": SAME}),
        ["        tee-blue: false\n"],
        [],
    ),
    "shop that is not there yet": (
        Link("tee", "b", {"tee-red": None}),
        [],
        ["      b: {tee-red: false}\n"],
    ),
    "whole product not linked on a new shop": (
        Link("tee", "b", {"tee-red": None, "tee-blue": None}),
        [],
        ["      b: false\n"],
    ),
    "last linked code of a block table": (
        Link("tee", "a", {"tee-red": None}),
        [
            "      a:\n",
            "        tee-red: OLD-1   # 旧番号\t(tab)\n",
            "        tee-blue: false\n",
        ],
        ["      a: false\n"],
    ),
    "listings that are not there yet": (
        Link("mug", "a", {"mug": "MUG-2020"}),
        [],
        ["    listings:\n", "      a: MUG-2020\n"],
    ),
    "legacy code": (
        Link("mug", "b", {"mug": Legacy("mug_1", "移行前: 番号")}),
        [],
        ["    listings:\n", '      b: {legacy_code: "mug_1", reason: "移行前: 番号"}\n'],
    ),
    "value in a flow table": (
        Link("cap", "b", {"cap": "0012"}),
        ['  - {code: cap, name: "帽子, \\"x\\"", listings: {a: CAP-1, b: false}}\n'],
        ['  - {code: cap, name: "帽子, \\"x\\"", listings: {a: CAP-1, b: "0012"}}\n'],
    ),
    "first entry of a flow table": (
        Link("cap", "a", {"cap": SAME}),
        ['  - {code: cap, name: "帽子, \\"x\\"", listings: {a: CAP-1, b: false}}\n'],
        ['  - {code: cap, name: "帽子, \\"x\\"", listings: {b: false}}\n'],
    ),
    "last entry of a flow table": (
        Link("pen", "b", {"pen": SAME}),
        ['    listings: {a: {legacy_code: "pen_1", reason: 旧}, b: {pen: P-1}}\n'],
        ['    listings: {a: {legacy_code: "pen_1", reason: 旧}}\n'],
    ),
    "name in a flow product": (
        Put("cap", "name", "帽子 L"),
        ['  - {code: cap, name: "帽子, \\"x\\"", listings: {a: CAP-1, b: false}}\n'],
        ["  - {code: cap, name: 帽子 L, listings: {a: CAP-1, b: false}}\n"],
    ),
    "safety stock with a comment": (
        Put("pen", "safety_stock", 5),
        ["    safety_stock: 2  # 予備\n"],
        ["    safety_stock: 5  # 予備\n"],
    ),
    "safety stock taken away": (Put("pen", "safety_stock", None), ["    safety_stock: 2  # 予備\n"], []),
    "last units": (Put("mug", "last_units", LastUnits.OFF), [], ["    last_units: off\n"]),
    "new product": (
        Add(
            Product(
                "no", "猫 3", (Axis("サイズ", ("s", "1e3")),), listings={"a": UNLINKED, "b": {"no-s": None}}
            )
        ),
        [],
        [
            '  - code: "no"\n',
            "    name: 猫 3\n",
            "    axes:\n",
            '      - {name: サイズ, values: [s, "1e3"]}\n',
            "    listings:\n",
            "      a: false\n",
            "      b: {no-s: false}\n",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("case", CASES)
def test_only_the_place_of_the_edit_changes(case, ending):
    change, gone, came = CASES[case]
    text = WORKED.replace("\n", ending)
    old, new = changed_lines(text, edited(text, change))
    assert [line.replace(ending, "\n") for line in old] == gone
    assert new == [line.replace("\n", ending) for line in came]


@pytest.mark.parametrize("case", CASES)
def test_file_without_an_end_of_its_last_line_is_edited(case):
    change, _gone, _came = CASES[case]
    text = WORKED.rstrip("\n").rpartition("\n")[0]
    after = edited(text, change)
    assert model(after.encode()) == model(edited(WORKED, change).encode())


def test_byte_order_mark_stays():
    content = b"\xef\xbb\xbf" + WORKED.encode()
    assert edit("mappings.yaml", content, [Put("mug", "name", "杯")]).startswith(b"\xef\xbb\xbf# ")


def test_several_edits_of_one_product_are_made_together():
    after = edited(
        WORKED,
        Put("mug", "name", "マグ"),
        Put("mug", "safety_stock", 1),
        Link("mug", "a", {"mug": "M-1"}),
        Link("mug", "b", {"mug": None}),
        Link("tee", "b", {"tee-red": None}),
    )
    found = model(after.encode())
    assert (found.listing("a", "mug"), found.listing("b", "mug"), found.listing("b", "tee-red")) == (
        "M-1",
        None,
        None,
    )
    assert (found.name_of("mug"), found.safety_stock("mug")) == ("マグ", 1)


def test_product_of_single_code_in_scalar_form_is_edited():
    text = HEAD + "products:\n- code: mug\n  listings:\n    a: false\n    b: M-2\n"
    after = edited(text, Link("mug", "a", {"mug": "no"}), Link("mug", "b", {"mug": SAME}))
    assert after == HEAD + 'products:\n- code: mug\n  listings:\n    a: "no"\n'
    assert model(after.encode()).listing("a", "mug") == "no"


def test_code_of_an_unlinked_product_is_linked_alone():
    text = HEAD + "products:\n- code: t\n  axes: [{name: x, values: [p, q]}]\n  listings: {a: false}\n"
    after = edited(text, Link("t", "a", {"t-p": SAME}))
    assert "listings: {a: {t-q: false}}" in after
    assert dict(model(after.encode()).listings("a")) == {"t-p": "t-p"}


def test_listings_that_hold_nothing_more_leave():
    text = HEAD + "products:\n- code: mug\n  listings:\n    a:\n      mug: M-1\n  name: x\n"
    assert edited(text, Link("mug", "a", {"mug": SAME})) == HEAD + "products:\n- code: mug\n  name: x\n"


def test_first_products_of_a_file_get_their_list():
    root = "version: 1\n" + SHOPS
    wanted = "products:\n  - code: mug\n"
    assert edited(root, Add(Product("mug"))) == root + wanted
    assert edited(root + "products: []\n", Add(Product("mug"))) == root + wanted


def test_new_product_stands_apart_where_the_others_do():
    text = HEAD + "products:\n- code: mug\n\n# カップ\n- code: cup   # x\n# end\n"
    after = edited(text, Add(Product("pen")))
    assert after == text.replace("# x\n", "# x\n\n- code: pen\n")


def test_comment_of_a_flow_table_survives_what_leaves_behind_it():
    text = HEAD + "products:\n- code: mug\n  listings: {\n    a: M-1, # 理由\n    b: false\n    }\n"
    after = edited(text, Link("mug", "b", {"mug": SAME}))
    assert "a: M-1, # 理由\n" in after
    assert model(after.encode()).listing("b", "mug") == "mug"


@pytest.mark.parametrize(
    ("products", "change", "line"),
    [
        ("- listings: {a: M}\n  code: mug\n", Link("mug", "a", {"mug": SAME}), 7),
        ("[{code: mug}]", Add(Product("tee")), 7),
        ("- code: mug\n  name: &x y\n", Put("mug", "name", "z"), 8),
        ("- code: mug\n  code: mug\n", Put("mug", "name", "z"), 8),
    ],
)
def test_edit_that_is_not_safe_is_refused_with_its_line(products, change, line):
    start = "products: " if products.startswith("[") else "products:\n"
    with pytest.raises(EditRefusedError) as caught:
        edited("version: 1\n" + SHOPS + "x: 1\n" + start + products, change)
    assert caught.value.line in (line, line - 1, line + 1)


@pytest.mark.parametrize(
    "code", ["no", "0012", "1e3", "true", "y", "NULL", "0x1f", "2020-01-01", "-a", "a-", "12"]
)
def test_code_that_yaml_reads_otherwise_is_quoted(code):
    assert written_code(code) == f'"{code}"'


@pytest.mark.parametrize(
    "text", ["a: b", "# x", "- x", "", "[", "@x", "x\ny", "\x1b[1m", " x", "x ", "\u2028", "😀:", "`", "100"]
)
def test_name_is_read_back_as_it_was(text):
    written = written_text(text)
    read = parse("x", f"name: {written}\nnext: {{name: {written}}}\n".encode())
    assert not read.problems
    assert read.root.entries["name"][1].value == text
    assert read.root.entries["next"][1].entries["name"][1].value == text


# ---------------------------------------------------------------- any edit of any file

WORDS = ("red", "no", "0012", "x1", "1e3")


class Writer:
    """Writes the same products in one of many forms."""

    def __init__(self, dice):
        self.dice = dice

    def table(self, entries, indent):
        """A table as the value of a key: in a line, in several, or as a block."""
        if not entries or self.dice.random() < 0.4:
            edge = self.dice.choice(["", " "])
            comma = self.dice.choice(["", ","]) if entries else ""
            return " {" + edge + ", ".join(f"{k}: {v}" for k, v in entries) + comma + edge + "}"
        pad = "\n" + " " * (indent + 2)
        return "".join(f"{pad}{k}: {v}{self.comment()}" for k, v in entries)

    def comment(self):
        return self.dice.choice(["", "", "   # 備考", " #\ttab", "\n\n    # 行"])

    def product(self, code, values, shops):
        dice, lines = self.dice, [f"- code: {written_code(code)}{self.comment()}"]
        if dice.random() < 0.5:
            lines.append(
                f"  name: {dice.choice(['マグ', chr(34) + 'a: b' + chr(34), '>-' + chr(10) + '    折り'])}"
            )
        if values:
            lines.append(f"  axes: [{{name: 色, values: [{', '.join(map(written_code, values))}]}}]")
        codes = [f"{code}-{value}" for value in values] or [code]
        listings = []
        for shop in shops:
            some = dice.sample(codes, dice.randint(1, len(codes)))
            said = [
                (written_code(one), dice.choice(["false", f"X{i}-{shop}-{code}"]))
                for i, one in enumerate(some)
            ]
            whole = dice.choice(["false"] if values else ["false", f"Y-{shop}-{code}"])
            listings.append((shop, whole if dice.random() < 0.4 else self.table(said, 6).lstrip(" ")))
        if listings:
            lines.append("  listings:" + self.listings(listings))
        if dice.random() < 0.3:
            lines.append(f"  safety_stock: {dice.randint(0, 9)}{self.comment()}")
        return "\n".join(lines) + "\n"

    def listings(self, listings):
        if all("\n" not in value for _shop, value in listings):
            return self.table(listings, 2)
        return "".join(f"\n    {shop}: {value}".replace(": \n", ":\n") for shop, value in listings)


def any_change(dice, product):
    codes = [variant.code for variant in product.variants()]
    pick = dice.randint(0, 4)
    if pick == 0:
        return Put(product.code, dice.choice(["safety_stock", "last_units"]), dice.choice([None, 0, 7]))
    if pick == 1:
        return Put(product.code, "name", dice.choice(["新しい名前", 'a "b": c', "- x", "y"]))
    called = [SAME, None, "NEW-1", "off", Legacy("old_1", "理由: x")]
    chosen = dice.sample(codes, dice.randint(1, len(codes)))
    values = [dice.choice(called) for _code in chosen]
    new = [value if value in (SAME, None) else f"N{i}-{product.code}" for i, value in enumerate(values[1:])]
    return Link(product.code, dice.choice("ab"), dict(zip(chosen, [*values[:1], *new], strict=True)))


def meant(product, change):
    """The product as it must be after a change."""
    fields = {name: getattr(product, name) for name in ("name", "safety_stock", "last_units")}
    shops = {shop: dict(product.listings.get(shop) or {}) for shop in "ab"}
    for shop in "ab":
        if not product.listed_on(shop):
            shops[shop] = {variant.code: None for variant in product.variants()}
    if isinstance(change, Put):
        fields[change.field] = change.value if change.value is not None or change.field != "name" else ""
    else:
        for code, value in change.codes.items():
            shops[change.shop].pop(code, None)
            if value is not SAME:
                shops[change.shop][code] = value.code if isinstance(value, Legacy) else value
    return fields, shops


def as_it_is(product):
    return meant(product, Put(product.code, "name", product.name))


@pytest.mark.parametrize("seed", range(150))
def test_any_edit_keeps_all_other_lines_and_gives_the_model_that_was_meant(seed):
    dice = random.Random(seed)
    writer = Writer(dice)
    ending = dice.choice(["\n", "\r\n"])
    shops = [sorted(dice.sample("ab", dice.randint(0, 2))) for _ in range(4)]
    parts = [
        writer.product(f"p{i}", dice.sample(WORDS, dice.choice([0, 0, 2, 3])), one)
        for i, one in enumerate(shops)
    ]
    text = (HEAD + "products:\n" + dice.choice(["", "\n"]).join(parts)).replace("\n", ending)
    before = model(text.encode())
    product = dice.choice(before.products)
    change = any_change(dice, product)
    after = edited(text, change)
    found = {one.code: as_it_is(one) for one in model(after.encode()).products}
    wanted = {one.code: as_it_is(one) for one in before.products}
    assert found == wanted | {product.code: meant(product, change)}
    start = text.index(f"- code: {product.code}")
    following = [text.find(f"- code: {one.code}") for one in before.products]
    end = min((at for at in following if at > start), default=len(text))
    assert after.startswith(text[:start])
    assert after.endswith(text[end:])
    assert len(changed_lines(text, after)[1]) <= 2
