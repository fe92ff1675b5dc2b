"""Files that people bring: every bad line is named, and two encodings are read."""

import csv

import pytest

from bot.countfile import read_codes, read_counts


def counts(text, encoding="utf-8"):
    found = read_counts(text.encode(encoding))
    assert not found.problems
    return {row.code: row.quantity for row in found.rows}


@pytest.fixture(autouse=True)
def usual_limit():
    """Python's own limit of a cell, which reading a mall's product file raises for the process."""
    before = csv.field_size_limit(131_072)
    yield
    csv.field_size_limit(before)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize(
    "head", ["code,quantity", "コード,数量", "商品コード,在庫数", "SKU,在庫", "Code,Qty", "ｺｰﾄﾞ,数量 "]
)
def test_count_may_come_from_excel_in_either_encoding_and_language(head, encoding):  # E3
    assert counts(f'{head}\r\nmug,4\r\n"tee",5\r\n', encoding) == {"mug": 4, "tee": 5}
    assert counts(f"{head}\n棚,4\n", encoding) == {"棚": 4}


def test_columns_go_by_their_heads_and_others_are_left_alone():
    assert counts("商品名,数量,備考,コード\nマグ,4,,mug\n") == {"mug": 4}


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("", 1, "file.header_code_quantity"),
        ("mug,4\n", 1, "file.header_code_quantity"),
        ("code,SKU,quantity\nmug,mug,4\n", 1, "file.header_code_quantity"),
        ("code,quantity\nmug,4\ntee\n", 3, "file.cells"),
        ("code,quantity\nmug,4,5\n", 2, "file.cells"),
        ("code,quantity\nmug,4\n\ntee,1\n", 3, "file.cells"),
        ("code,quantity\nmug,-4\n", 2, "file.count_line"),
        ("code,quantity\nmug,4.0\n", 2, "file.count_line"),
        ("code,quantity\nmug,４\n", 2, "file.count_line"),
        ("code,quantity\nmug,99999999999999999999\n", 2, "file.count_line"),
        ("code,quantity\n,4\n", 2, "file.count_line"),
        ("code,quantity\nmug,4\ntee,1\nmug,5\n", 4, "file.twice"),
        ("code,quantity\n" + "x" * 200_000 + ",1\n", 2, "file.not_csv"),
    ],
)
def test_wrong_line_is_named(text, line, key):  # E3
    (problem,) = read_counts(text.encode()).problems
    assert (problem.line, problem.key) == (line, key)


def test_all_wrong_lines_are_named_at_once_in_their_order():
    found = read_counts(b"code,quantity\nmug,x\ntee,1\ncap\ntee,2\n")
    assert [problem.line for problem in found.problems] == [2, 4, 5]


def test_bytes_of_no_known_encoding_are_no_file():
    assert [problem.key for problem in read_counts(b"code,quantity\nmug\x81 ,1\n").problems] == [
        "file.encoding"
    ]


def test_list_of_codes_needs_one_column_only():  # B13
    found = read_codes("コード,商品名\nmug,マグ\ntee,\n".encode("cp932"))
    assert ([row.code for row in found.rows], found.problems) == (["mug", "tee"], ())
    assert [p.key for p in read_codes(b"code\nmug\nmug\n").problems] == ["file.twice"]
    assert [p.key for p in read_codes(b"name\nmug\n").problems] == ["file.header_code"]
