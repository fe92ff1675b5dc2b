"""The order export of a Yahoo!オークション store: the same order is the same in every file that brings it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.clock import ManualClock
from adapters.contract import LineState, Order, Product
from adapters.errors import UnexpectedReplyError
from adapters.yahuoku import wire
from adapters.yahuoku.adapter import AuctionAdapter
from adapters.yahuoku.options import Options
from adapters.yahuoku.orders import orders_of
from tests.malls.planted import found_in, spoilt_files
from tests.malls.yahuoku_store import Store, csv_file, sheet_row, template_row, workbook

NOW = datetime(2026, 9, 20, 3, 0, tzinfo=UTC)
HEADER = ("OrderId", "YahooAuctionMerchantId", "OrderTime", "YahooAuctionId")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path)
    yield made
    found = made.ask("violations")
    made.stop()
    assert found == []


def read(*rows: Sequence[str], header: Sequence[str] = HEADER) -> list[Order]:
    content = csv_file(header, *rows)
    return orders_of("orders.csv", wire.read_table("orders.csv", content), NOW)


def parse(name: str, content: bytes) -> list[Order]:
    return AuctionAdapter(Options("auction", "", 1), ManualClock(NOW)).parse_orders(name, content)


def keys(orders: Sequence[Order]) -> dict[tuple[str, str], tuple[str, int]]:
    """What an order counts for: (order, line) -> (code, pieces)."""
    return {
        (order.order_id, line.line_id): (line.mall_code, line.quantity)
        for order in orders
        for line in order.lines
    }


def sell_three(store: Store) -> list[str]:
    store.ask("setting", several="any")
    sold = [[("mug", 1)], [("mug-2", 1), ("cap-navy", 2)], [("cap-navy", 1)]]
    store.ask("add_product", code="mug-2", name="マグ 2", quantity=1)
    return [
        str(
            store.ask("order", lines=[{"code": code, "quantity": count} for code, count in lines])["order_id"]
        )
        for lines in sold
    ]


# --------------------------------------------------------------------------- counted once


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("time_form", ["mixed", "serial", "dash", "slash", "seconds"])
def test_three_orders_have_the_same_lines_in_every_file(
    store: Store, form: str, time_form: str
) -> None:  # C15
    first, second, third = sell_three(store)
    adapter = store.auction()
    expected = {
        (first, "mug"): ("mug", 1),
        (second, "mug-2"): ("mug-2", 1),
        (second, "cap-navy"): ("cap-navy", 1),
        (second, "cap-navy#2"): ("cap-navy", 1),
        (third, "cap-navy"): ("cap-navy", 1),
    }
    assert keys(adapter.parse_orders(*store.download())) == expected
    store.ask("setting", order_file=form, time_form=time_form)
    again = adapter.parse_orders(*store.download())
    assert keys(again) == expected
    now = store.now()
    assert all(abs((now - order.ordered_at).total_seconds()) < 120 for order in again)


def test_piece_of_a_relisted_auction_is_found_by_its_code(store: Store) -> None:  # A28
    old = store.running("cap-navy")["auction_id"]
    before = store.order("cap-navy", 1)
    store.ask("relist", code="cap-navy")
    new = store.running("cap-navy")["auction_id"]
    after = store.order("cap-navy", 1)
    found = {order.order_id: order.lines[0] for order in store.auction().parse_orders(*store.download())}
    assert [found[each].mall_code for each in (before, after)] == ["cap-navy"] * 2
    assert [found[each].auction_id for each in (before, after)] == [old, new]
    assert old != new


def test_order_of_a_delegated_listing_is_not_in_the_file_of_auctions(store: Store) -> None:
    store.order("tee-red-m", 1)
    mine = store.order("mug", 1)
    assert [order.order_id for order in store.auction().parse_orders(*store.download())] == [mine]


def test_nothing_personal_leaves_the_file(store: Store) -> None:  # E12
    store.order("mug", 1)
    name, content = store.download()
    shown = repr(store.auction().parse_orders(name, content))
    cells = {cell for row in wire.read_table(name, content).rows[1:] for cell in row.cells if cell}
    kept = {cell for cell in cells if cell in shown}
    (order,) = store.auction().parse_orders(name, content)
    assert order.payment in kept
    assert order.delivery in kept
    allowed = {order.order_id, "mug", order.lines[0].auction_id, order.payment, order.delivery}
    assert {cell for cell in kept if len(cell) > 4} <= allowed


# --------------------------------------------------------------------------- rows


def test_times_are_those_of_japan_and_without_seconds_the_latest_they_can_mean() -> None:
    cells = ["2026-9-17 10:02", "2026/09/17 10:02:00", "2026/9/17 10:02:30", "46282.418055555558", "46282.5"]
    found = [order.ordered_at for order in read(*([str(n), "mug", cell, ""] for n, cell in enumerate(cells)))]
    day = datetime(2026, 9, 17, tzinfo=UTC)
    assert found == [
        day.replace(hour=1, minute=2, second=0),
        day.replace(hour=1, minute=2, second=30),
        day.replace(hour=1, minute=2, second=59),
        day.replace(hour=1, minute=2, second=59),
        day.replace(hour=3, second=59),
    ]


def test_order_of_this_minute_is_not_dated_into_the_future() -> None:
    (order,) = read(["1", "mug", "2026-09-20 12:00", ""])
    assert order.ordered_at == NOW


def test_one_id_for_different_codes_is_given_to_none_of_them() -> None:
    both, same, paired = read(
        ["1", "mug\ncap", "2026-9-17 10:00", "b1243949032"],
        ["2", "mug\nmug\n", "2026-9-17 10:01", "b1243949032"],
        ["3", "mug\r\ncap", "2026-9-17 10:02", "b1243949032\nb1243949033"],
    )
    assert [line.auction_id for line in both.lines] == ["", ""]
    assert [line.auction_id for line in same.lines] == ["b1243949032"] * 2
    assert [line.line_id for line in same.lines] == ["mug", "mug#2"]
    assert [line.auction_id for line in paired.lines] == ["b1243949032", "b1243949033"]


def test_pieces_are_read_where_the_export_has_them() -> None:
    header = (*HEADER, "Quantity")
    found = read(
        ["1", "mug", "2026-9-17 10:00", "", "3"],
        ["2", "mug\ncap", "2026-9-17 10:00", "", "2\n1"],
        ["3", "mug\ncap", "2026-9-17 10:00", "", "2"],
        ["4", "mug", "2026-9-17 10:00", "", ""],
        header=header,
    )
    assert [[line.quantity for line in order.lines] for order in found] == [[3], [2, 1], [1, 1], [1]]


def test_state_and_time_of_change_are_read_where_the_export_has_them() -> None:
    header = (*HEADER, "OrderStatus", "LastUpdateTime")
    codes = ["1", "2", "4", "保留", "完了", "キャンセル", ""]
    found = read(
        *([str(n), "mug", "2026-9-17 10:00", "", code, "2026-9-18 9:00:01"] for n, code in enumerate(codes)),
        header=header,
    )
    reserved, sold, cancelled = LineState.RESERVED, LineState.SOLD, LineState.CANCELLED
    assert [order.lines[0].state for order in found] == [
        *(reserved, sold, cancelled),
        *(reserved, sold, cancelled, sold),
    ]
    assert [order.closed for order in found] == [state is cancelled for state in map(_state, found)]
    assert found[0].lines[0].revision == datetime(2026, 9, 18, 0, 0, 1, tzinfo=UTC)
    assert read(["1", "mug", "2026-9-17 10:00", ""])[0].lines[0].revision is None


def _state(order: Order) -> LineState:
    return order.lines[0].state


def test_order_that_comes_twice_in_one_file_counts_as_it_stands_further_down() -> None:
    header = (*HEADER, "OrderStatus")
    row = ["1", "mug", "2026-9-17 10:00", "b1243949032"]
    (order,) = read([*row, "2"], [*row, "4"], header=header)
    assert [(line.line_id, line.quantity, line.state) for line in order.lines] == [
        ("mug", 1, LineState.CANCELLED)
    ]


def test_order_with_a_row_for_each_auction_has_the_pieces_of_all() -> None:
    (order,) = read(
        ["1", "mug", "2026-9-17 10:00", "b1243949032"],
        ["1", "mug", "2026-9-17 10:00", "b1243949033"],
        ["1", "cap", "2026-9-17 10:00", "b1243949034"],
    )
    assert [line.line_id for line in order.lines] == ["mug", "mug#2", "cap"]


def test_orders_of_others_and_hand_notes_are_left_out() -> None:
    found = read(
        ["1", "", "2026-9-17 10:00", ""],
        ["2", "mug", "2026-9-17 10:00", "", *[""] * 17, "発送済"],
        ["", "", "", "", *[""] * 17, "合計"],
    )
    assert [order.order_id for order in found] == ["2"]


def test_code_is_taken_letter_by_letter() -> None:
    (order,) = read(["1", "Mug_1 ", "2026-9-17 10:00", ""])
    assert order.lines[0].mall_code == "Mug_1 "


# --------------------------------------------------------------------------- columns


def test_columns_are_found_by_name_wherever_they_stand() -> None:
    names = ("注文日時", "x", "管理番号", "オークションID", "注文ID")
    (order,) = read(["2026-9-17 10:00", "y", "mug", "b1243949032", "1"], header=names)
    assert keys([order]) == {("1", "mug"): ("mug", 1)}


@pytest.mark.parametrize("header", [("番号", "品", "日", "競"), ("10004865", "cap", "2026-9-16 1:00", "")])
def test_columns_without_known_names_are_found_by_place(header: Sequence[str]) -> None:
    found = read(["10004866", "mug", "2026-9-17 10:00", "b1243949032"], header=header)
    assert found[-1].order_id == "10004866"
    assert len(found) == (2 if header[0].isdecimal() else 1)


def test_missing_column_is_named() -> None:
    with pytest.raises(UnexpectedReplyError, match=r"orders\.csv: no column OrderTime, YahooAuctionId"):
        read(["1", "mug"], header=("OrderId", "YahooAuctionMerchantId"))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["", "mug", "2026-9-17 10:00", ""], "OrderId is empty"),
        (["1", "", "2026-9-17 10:00", "b1243949032"], "YahooAuctionMerchantId is empty"),
        (["1", "1.23457E+10", "2026-9-17 10:00", ""], "shortened by a spreadsheet"),
        (["1", "mug\n1E+15", "2026-9-17 10:00", ""], "shortened by a spreadsheet"),
        (["1", "mug", "17.9.2026", ""], "OrderTime is no time"),
        (["1", "mug", "2026-9-31 10:00", ""], "OrderTime is no time"),
        (["1", "mug", "", ""], "OrderTime is no time"),
        (["1", "mug", "2026-9-17 10:00", "a1\na2"], "1 YahooAuctionMerchantId for 2"),
    ],
)
def test_row_that_cannot_be_read_is_named_and_nothing_of_the_file_counts(
    row: Sequence[str], words: str
) -> None:
    with pytest.raises(UnexpectedReplyError, match=f"row 3: .*{words}") as caught:
        read(["9", "cap", "2026-9-17 10:00", ""], row)
    assert caught.value.operation == "parse_orders"


def test_unknown_state_or_pieces_stop_the_import() -> None:
    for name, cell in (("OrderStatus", "9"), ("Quantity", "-1"), ("Quantity", "1\n2")):
        with pytest.raises(UnexpectedReplyError, match=f"row 2: .*{name}"):
            read(["1", "mug", "2026-9-17 10:00", "", cell], header=(*HEADER, name))


# --------------------------------------------------------------------------- files


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_csv_is_read_in_the_encoding_that_it_has(encoding: str) -> None:
    content = csv_file((*HEADER, "備考"), ["1", "mug", "2026-9-17 10:00", "", "髙橋 ①様"], encoding=encoding)
    assert keys(parse("orders.csv", content)) == {("1", "mug"): ("mug", 1)}


def test_letters_that_cannot_be_read_matter_in_wanted_cells_alone() -> None:
    content = csv_file((*HEADER, "備考"), ["1", "mug", "2026-9-17 10:00", "", "x"])
    assert parse("orders.csv", content.replace(b",x", b",\xfc\xfc"))
    with pytest.raises(UnexpectedReplyError, match="row 2: has letters that cannot be read"):
        parse("orders.csv", content.replace(b"mug", b"mu\xfc\xfc"))


def test_workbook_is_read_cell_by_cell() -> None:
    shared = (
        "<si><t>OrderId</t></si><si><t>YahooAuctionMerchantId</t></si><si><t>OrderTime</t></si>"
        "<si><r><t>Yahoo</t></r><r><t>AuctionId</t></r><rPh><t>ヤフー</t></rPh></si>"
    )
    heading = "".join(f'<c r="{"ABCD"[n]}2" t="s"><v>{n}</v></c>' for n in range(4))
    sheet = (
        f'<row r="2">{heading}</row><row r="5"><c r="A5"><v>1.0004866E7</v></c>'
        '<c r="B5" t="str"><v>mug</v></c><c r="C5"><v>44820.418055555558</v></c>'
        '<c r="XFD5"><v>1</v></c></row>'
    )
    (order,) = parse("orders.xlsx", workbook(sheet, shared, '<workbookPr date1904="1"/>'))
    assert keys([order]) == {("10004866", "mug"): ("mug", 1)}
    assert order.ordered_at.isoformat() == "2026-09-17T01:02:59+00:00"


def test_number_that_a_workbook_could_not_hold_is_refused() -> None:
    sheet = sheet_row(1, *HEADER) + '<row r="2"><c><v>1</v></c><c><v>1.2345678901234568E+17</v></c></row>'
    with pytest.raises(UnexpectedReplyError, match="row 2: .*shortened"):
        parse("orders.xlsx", workbook(sheet))


@pytest.mark.parametrize("fault", ["html", "truncated"])
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_half_a_file_or_a_page_instead_counts_nothing(store: Store, form: str, fault: str) -> None:
    store.order("mug", 1)
    store.ask("setting", order_file=form)
    store.fault(fault)
    name, content = store.download()
    with pytest.raises(UnexpectedReplyError):
        store.auction().parse_orders(name, content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"PK\x03\x04 broken",
        b"a,b\0c",
        b"<html>\n<body>log in, please</body>\n</html>",
        b"a,b,c,d\n",
        workbook("", **{"xl/workbook.xml": "<workbook><sheets/></workbook>"}),
        workbook("", **{"xl/workbook.xml": '<!DOCTYPE a [<!ENTITY b "c">]><workbook/>'}),
        workbook("", **{"xl/workbook.xml": "<workbook"}),
        workbook('<row><c t="s"><v>7</v></c></row>'),
        workbook("", **{"xl/worksheets/sheet1.xml": " " * (wire.MAX_BYTES + 1)}),
        b" " * (wire.MAX_BYTES + 1),
    ],
    ids=[
        "empty",
        "old",
        "cut",
        "nul",
        "page",
        "heading",
        "sheetless",
        "doctype",
        "xml",
        "shared",
        "bomb",
        "large",
    ],
)
def test_what_is_no_order_file_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(UnexpectedReplyError, match="^what: "):
        parse("what", content)


def test_every_pattern_of_the_export_is_read(store: Store) -> None:
    bought = [store.order("mug", 1), store.order("cap-navy", 2)]
    for change in ({"pattern": "narrow"}, {"hand_notes": True}, {"order_file": "csv"}, {"hand_notes": False}):
        store.ask("setting", **change)
        found = store.auction().parse_orders(*store.download())
        assert [order.order_id for order in found] == bought
        assert [sum(each.quantity for each in order.lines) for order in found] == [1, 2]


def test_cancel_is_not_seen_in_an_export_without_the_state(store: Store) -> None:
    order_id = store.order("mug", 1)
    store.cancel(order_id)
    store.ask("setting", cancelled_in_export=True)
    (order,) = store.auction().parse_orders(*store.download())
    assert order.lines[0].state is LineState.SOLD
    assert not order.closed
    store.ask("setting", cancelled_in_export=False)
    assert store.auction().parse_orders(*store.download()) == []


# --------------------------------------------------------------------------- as orders change


@pytest.fixture
def wide(store: Store) -> Store:
    """A store whose export pattern has OrderStatus, Quantity and LastUpdateTime."""
    store.ask("setting", pattern="wide", several="any", hand_notes=False)
    return store


def told(order: Order) -> list[tuple[str, str, int, LineState]]:
    return [(each.line_id, each.mall_code, each.quantity, each.state) for each in order.lines]


def taken(store: Store) -> dict[str, Order]:
    return {order.order_id: order for order in store.auction().parse_orders(*store.download())}


def test_late_order_in_a_later_file_stands_at_the_time_when_it_was_placed(wide: Store) -> None:
    first = wide.order("mug", 1)
    before = taken(wide)
    order = {"lines": [{"code": "cap-navy", "quantity": 1}], "ago_s": 5 * 3600}
    late = wide.ask("order", **order)["order_id"]
    after = taken(wide)
    assert list(after) == [late, first], "oldest first, whatever the file's order"
    assert after[first] == before[first]
    assert abs((wide.now() - after[late].ordered_at).total_seconds() - 5 * 3600) < 120


@pytest.mark.parametrize("pieces_form", ["total", "each"])
def test_order_with_fewer_pieces_in_a_later_file_counts_the_rest(wide: Store, pieces_form: str) -> None:
    wide.ask("setting", pieces_form=pieces_form)
    lines = [{"code": "mug", "quantity": 1}, {"code": "cap-navy", "quantity": 3}]
    order_id = wide.ask("order", lines=lines)["order_id"]
    before = taken(wide)[order_id]
    wide.world.clock.advance(60)
    wide.ask("partial_cancel", order_id=order_id, line="cap-navy", quantity=2)
    wide.ask("partial_cancel", order_id=order_id, line="mug", quantity=1)
    after = taken(wide)[order_id]
    assert told(after) == [("cap-navy", "cap-navy", 1, LineState.SOLD)]
    assert sum(each.quantity for each in before.lines) == 4
    assert {each.line_id for each in after.lines} < {each.line_id for each in before.lines}


@pytest.mark.parametrize("status_form", ["code", "word"])
def test_cancelled_order_keeps_its_lines_and_bears_a_later_time(wide: Store, status_form: str) -> None:  # C1
    wide.ask("setting", status_form=status_form, time_form="seconds")
    order_id = wide.order("mug", 1)
    before = taken(wide)[order_id]
    wide.world.clock.advance(120)
    wide.cancel(order_id)
    after = taken(wide)[order_id]
    assert told(before) == [("mug", "mug", 1, LineState.SOLD)]
    assert told(after) == [("mug", "mug", 1, LineState.CANCELLED)]
    assert after.closed
    revisions = before.lines[0].revision, after.lines[0].revision
    assert revisions[0] is not None
    assert revisions[1] is not None
    assert revisions[0] < revisions[1], "so that the older file may be imported after it"


def test_order_of_a_code_that_nobody_lists_any_more_has_it(wide: Store) -> None:
    order_id = wide.order("mug", 1)
    wide.write_template(template_row("cap-navy"))
    assert "mug" not in {each.mall_code for each in parse_list(wide)}
    assert told(taken(wide)[order_id]) == [("mug", "mug", 1, LineState.SOLD)]


def parse_list(store: Store) -> Sequence[Product]:
    return store.auction().parse_products("items.csv", store.template_file.read_bytes()).products


def test_two_auctions_of_one_code_in_an_order_are_two_lines(wide: Store) -> None:
    order_id = wide.ask("order", lines=[{"code": "cap-navy", "quantity": 2}])["order_id"]
    assert told(taken(wide)[order_id]) == [
        ("cap-navy", "cap-navy", 1, LineState.SOLD),
        ("cap-navy#2", "cap-navy", 1, LineState.SOLD),
    ]


def test_no_buyer_in_any_value_log_or_error_whatever_is_wrong_with_the_file(
    wide: Store, caplog: pytest.LogCaptureFixture
) -> None:
    sold = [wide.order("mug", 1), wide.order("cap-navy", 1)]
    wide.cancel(sold[0])
    wide.ask("setting", order_file="csv")
    name, content = wide.download()
    text = content.decode("cp932")
    assert all(person in text for person in ("山田", "花子", "hanako@example.invalid", "架空区"))
    adapter = wide.auction()
    calls = [lambda bad=bad: adapter.parse_orders(name, bad) for bad in spoilt_files(content)]
    assert len(calls) > 300
    assert found_in(caplog, wide.personal, calls) == set()
