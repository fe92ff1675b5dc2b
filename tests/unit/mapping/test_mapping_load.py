"""Hostile YAML: refused or read as the text that stands there, quickly, never by crashing."""

from __future__ import annotations

import random
import tracemalloc

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.mapping import load
from bot.mapping.load import Broken, Items, Node, Table, Text, parse


def keys(content: bytes) -> list[str]:
    return [problem.key for problem in parse("x.yaml", content).problems]


def plain(node: Node) -> object:
    if isinstance(node, Text):
        return node.value
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    if isinstance(node, Table):
        return {name: plain(value) for name, (_key, value) in node.entries.items()}
    return None


LAUGHS = b"a0: &a0 [x, x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)
)
MERGES = b"m0: &m0 {a: 1}\n" + b"".join(
    b"m%d: &m%d {<<: [%s]}\n" % (n, n, b", ".join([b"*m%d" % (n - 1)] * 9)) for n in range(1, 9)
)
HOSTILE: dict[str, tuple[bytes, list[str]]] = {
    "nested brackets": (b"[" * 100_000 + b"]" * 100_000, ["too_deep"]),
    "nested braces": (b"{a: " * 100_000, ["too_deep"]),
    "nested blocks": (b"".join(b" " * n + b"a:\n" for n in range(400)), ["too_deep"]),
    "merge bomb": (MERGES, ["anchor"]),
    "billion laughs": (LAUGHS, ["anchor"]),
    "a million digits": (b"a: " + b"9" * 1_000_000, ["text_too_long"]),
    "key without end": (b"a" * 100_000 + b": 1", ["text_too_long", "syntax"]),
    "python tag": (b"a: !!python/object/apply:os.system [id]", ["tag"]),
    "duplicate key": (b"a: 1\na: 2", ["duplicate_key"]),
    "list as key": (b"? [a]\n: 1", ["key_not_text"]),
    "shift jis": ("a: 在庫".encode("cp932"), ["not_utf8"]),
    "utf-16": ("a: 1".encode("utf-16"), ["not_utf8"]),
    "tab": (b"a:\n\t- 1", ["syntax"]),
    "two documents": (b"a: 1\n---\nb: 2", ["second_document"]),
    "nul": (b"a: \0", ["control_character"]),
    "anchor that holds itself": (b"&a [*a]", ["alias", "anchor"]),
    "unknown anchor": (b"a: *b", ["alias"]),
    "nothing": (b"", ["file_empty"]),
    "only a comment": (b"# nothing", ["file_empty"]),
    "larger than the limit": (b"a" * (load.MAX_BYTES + 1), ["file_too_large"]),
    "half a flow": (b"{a: [1, 2", ["syntax"]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_refused_with_its_cause(name: str) -> None:
    content, expected = HOSTILE[name]
    found = keys(content)
    assert set(expected) <= set(found)
    assert set(found) <= {*expected, "alias", "anchor"}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_costs_little_memory(name: str) -> None:
    tracemalloc.start()
    try:
        parse("x.yaml", HOSTILE[name][0])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000


def test_words_that_yaml_would_convert_stay_text() -> None:
    words = ["0012345", "1_000", "12:30:00", "no", "ON", "2026-11-21", "0x1F", "~", "1.50", "1e3", "on", "01"]
    text = "\n".join(f"- {word}" for word in words)
    assert plain(parse("x.yaml", text.encode()).root) == words


def test_places_count_lines_and_columns_from_one() -> None:
    root = parse("x.yaml", "# 名前\na:\n  - 在庫: b\n".encode()).root
    assert isinstance(root, Table)
    items = root.entries["a"][1]
    assert isinstance(items, Items)
    inner = items.items[0]
    assert isinstance(inner, Table)
    key, value = inner.entries["在庫"]
    assert ((key.line, key.column), (value.line, value.column)) == ((3, 5), (3, 9))


def test_reading_goes_on_after_a_problem() -> None:
    assert keys(b"a: &x 1\nb: *x\nc: !t 2\na: 3\n") == ["anchor", "alias", "tag", "duplicate_key"]


def test_pure_parser_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    small = {name: case for name, case in HOSTILE.items() if len(case[0]) < 2_000}
    compiled = {name: keys(case[0]) for name, case in small.items()}
    monkeypatch.setattr(load, "_LOADER", yaml.SafeLoader)
    assert {name: keys(case[0]) for name, case in small.items()} == compiled


@given(st.binary(max_size=200) | st.text("{}[]:,-?&*!|>'\"#%@ \n\tab0", max_size=200).map(str.encode))
def test_no_input_raises(content: bytes) -> None:
    parsed = parse("x.yaml", content)
    assert parsed.problems or not isinstance(parsed.root, Broken)


def marked(node: Node) -> object:
    """Give all that a node tells, places too."""
    if isinstance(node, Items):
        return ["items", node.line, node.column, *map(marked, node.items)]
    if isinstance(node, Table):
        held = {name: (key, marked(value)) for name, (key, value) in node.entries.items()}
        return ["table", node.line, node.column, held]
    return node


# Short tables at every place, where they are values and where they are something else.
PIECES = (
    "{a: b}",
    "{a: b, c: d}",
    "{a: b, a: c}",
    "{no: 1, x-1: '2'}",
    "{a: {b: c}}",
    "{a: b }",
    "{a:b}",
    "a",
)
BETWEEN = (
    *("\n", "\n  ", "\n    ", "\n- ", "\n  - ", " ", "", ": ", "k: ", "l: ", ", ", "[", "]", "{", "}"),
    *(
        "'",
        '"',
        "# ",
        "|\n  ",
        ">\n  ",
        "&x ",
        "!t ",
        "? ",
        "-",
        "x",
        "---\n",
        "  \n",
        "\ue000",
        "：",
        "\t",
        "\r\n",
        "\r",
        "\u2028",
        "\x85",
        "\ufeff",
        "...\n",
        "%",
    ),
)
DOCUMENT = """\
# a comment
version: 1
shops: {a: {b: c, d: e}, f: {g: h}}
products:
  - {code: mug}
  - code: tee
    axes: [{name: n, values: [a, b]}, {name: m}]
    listings: {a: b, c: d}
    text: "a: b"
    long: |
      a
    other: word
      x
  - - {a: b}
    - [{a: b}, {c: d}]
last: {a: b} # c
"""


@pytest.mark.parametrize("seed", range(8))
def test_tables_that_are_cut_out_are_read_as_the_parser_reads_them(seed: int, tries: int = 250) -> None:
    rng, taken = random.Random(seed), 0
    for _ in range(tries):
        text = DOCUMENT
        for _ in range(rng.randint(0, 3)):
            at = rng.randrange(len(text))
            text = text[:at] + rng.choice((*PIECES, *BETWEEN)) + text[at + rng.choice((0, 0, 1, 7)) :]
        cut, whole = load._read_cut("x.yaml", text), load._read_whole("x.yaml", text)
        if cut is not None:
            taken += 1
            assert (marked(cut.root), cut.problems) == (marked(whole.root), whole.problems), text
    assert taken or tries < 250


def test_table_is_kept_as_text_and_read_again() -> None:
    text = "a: {b: c, d: e}\nb:\n  - x \n  - 'y'\n  - {z: [1, {}]}\nc: {}\nd: {k: v}\n"
    root = parse("x.yaml", text.encode()).root
    assert isinstance(root, Table)
    assert marked(load.load_table(root.dump())) == marked(root)
    for left_out in ("b", "d"):
        kept = load.load_table(root.dump(but=left_out))
        assert list(kept.entries) == list(root.entries)
        assert plain(kept) == {**plain(root), left_out: [] if left_out == "b" else {}}  # type: ignore[dict-item]


def test_same_text_at_another_line_has_the_same_print() -> None:
    row = "  - code: mug\n    listings: {a: b, c: d}\n"
    root = parse("x.yaml", f"products:\n{row}  - code: cup\n{row}{row.replace('b', 'e')}".encode()).root
    assert isinstance(root, Table)
    items = root.entries["products"][1]
    assert isinstance(items, Items)
    prints = [item.print() for item in items.items if isinstance(item, Table)]
    assert [prints.index(each) for each in prints] == [0, 1, 0, 3]
