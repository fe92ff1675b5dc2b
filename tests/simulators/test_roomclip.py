"""The TEMPOSTAR and RoomClip simulator: from an inbound file to what buyers see, and back as orders."""

from __future__ import annotations

import csv
import io
import re
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from roomclip_shop import HEADER, ReusingClient, Shop, fetch, running, send

from sandbox.world import ControlError


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with running(tmp_path / "world") as running_shop:
        yield running_shop


# --------------------------------------------------------------------------- inbound files


# Case 1 of the acceptance list.
def test_change_reaches_roomclip_within_three_steps(shop: Shop) -> None:
    shop.upload(
        "/stock/stock20260101000000_utf8.csv",
        '"tee-red-m","7","1","1"',
        '"mug","0","1","1"',
        '"cap-navy","99","1","1"',
    )
    for _ in range(3):
        shop.step()
    seen = shop.call("stock")
    assert (seen["tee-red-m"], seen["mug"], seen["cap-navy"]) == (7, 0, 99)
    assert shop.call("tempostar_stock")["cap-navy"] == 99
    assert shop.call("area") == {}
    [taken] = shop.call("area_history")
    assert taken["taken_at"] is not None
    assert taken["text"].startswith(HEADER)
    assert shop.call("violations") == []


def test_outbound_file_has_the_form_of_the_contract(shop: Shop) -> None:
    shop.call("pause", on=True)
    shop.upload("/stock/stock1_utf8.csv", '"tee-red-m","7","1","1"')
    shop.step()
    shop.step()
    with shop.client() as client:
        content = fetch(client, "/netstock/12345/stock.csv")
    header, row, end = content.decode("cp932").split("\r\n")
    assert header.startswith('"商品コード","在庫数","想定在庫数","保留在庫数","親商品コード"')
    assert row.startswith('"tee-red-m","7","7","0","tee","ロゴTシャツ","色:red サイズ:m","","20')
    assert end == ""


def test_files_are_taken_in_the_order_of_their_names(shop: Shop) -> None:
    shop.upload("/stock/stock2_utf8.csv", '"mug","2","1","1"')
    shop.upload("/stock/stock1_utf8.csv", '"mug","1","1","1"')
    shop.step()
    assert shop.call("tempostar_stock")["mug"] == 2
    assert shop.call("violations") == []


def test_name_that_does_not_rise_is_a_violation(shop: Shop) -> None:
    for name in ("stock2_utf8.csv", "stock2_utf8.csv", "stock1_utf8.csv"):
        shop.upload(f"/stock/{name}", '"mug","1","1","1"')
        shop.step()
    assert [broken["what"] for broken in shop.call("violations")] == [
        "a name that was taken before",
        "a name not greater than the last one taken",
    ]


def test_encoding_follows_the_name(shop: Shop) -> None:
    shop.call("add_product", code="マグ", name="マグ", quantity=1)
    with shop.client() as client:
        send(client, "/stock/stock1.csv", f'{HEADER}"マグ","5","1","1"\r\n', encoding="cp932")
        send(client, "/stock/stock2_utf8.csv", f'\ufeff{HEADER}"mug","6","1","1"\r\n')
        send(client, "/stock/stock3.csv", f'{HEADER}"mug","9","1","1"\r\n')
    shop.step()
    assert shop.call("tempostar_stock")["マグ"] == 5
    assert shop.call("tempostar_stock")["mug"] == 6
    [broken] = shop.call("violations")
    assert broken["name"] == "stock3.csv"


@pytest.mark.parametrize(
    "text",
    [
        '商品コード,想定在庫数\r\n"mug","5"\r\n',
        '"商品コード","想定在庫数"\n"mug","5"\n',
        '"商品コード","想定在庫数"\r\n"mug","5"',
        '"商品コード","在庫"\r\n"mug","5"\r\n',
        '"mug","5"\r\n',
        "",
    ],
    ids=["unquoted", "lf", "no end", "unknown column", "no header", "empty"],
)
def test_file_out_of_form_changes_nothing_and_is_logged(shop: Shop, text: str) -> None:
    with shop.client() as client:
        send(client, "/stock/stock1_utf8.csv", text)
    shop.step()
    assert shop.call("tempostar_stock")["mug"] == 12
    assert list(shop.call("area")) == ["/stock/log/stock1_utf8.csv.log"]
    assert shop.call("violations")[0]["what"].startswith("form: ")


def test_bad_rows_are_logged_and_the_others_applied(shop: Shop) -> None:
    shop.upload(
        "/stock/stock1_utf8.csv",
        '"nobody","5","1","1"',
        '"mug","-1","1","1"',
        '"mug","5"',
        '"mug","5","3","1"',
        '"cap-navy","5","1","1"',
    )
    shop.step()
    assert shop.call("tempostar_stock")["cap-navy"] == 5
    assert shop.call("tempostar_stock")["mug"] == 12
    log = shop.call("area")["/stock/log/stock1_utf8.csv.log"]
    rows = list(csv.reader(io.StringIO(log, newline="")))
    assert [(row[0], row[1]) for row in rows[1:]] == [
        ("2", "nobody"),
        ("3", "mug"),
        ("4", "mug"),
        ("5", "mug"),
    ]


def test_mode_2_adds_and_target_3_touches_real_stock_only(shop: Shop) -> None:
    shop.upload("/stock/stock1_utf8.csv", '"mug","-3","2","1"', '"cap-navy","99","1","3"')
    shop.step()
    assert shop.call("tempostar_stock")["mug"] == 9
    assert shop.call("tempostar_stock")["cap-navy"] == 8


def test_held_back_pieces_are_not_given_to_the_mall(shop: Shop) -> None:
    header = '"商品コード","想定在庫数","保留在庫数","更新モード","更新対象"\r\n'
    shop.upload("/stock/stock1_utf8.csv", '"mug","100","20","1","1"', header=header)
    for _ in range(3):
        shop.step()
    assert shop.call("stock")["mug"] == 80


# Case 7 of the acceptance list, seen from the mall.
def test_part_file_is_never_taken(shop: Shop) -> None:
    with shop.client() as client:
        content = f'{HEADER}"mug","1","1","1"\r\n'.encode()
        client.storbinary("STOR /stock/stock1_utf8.csv.tmp", io.BytesIO(content))
    shop.step()
    assert list(shop.call("area")) == ["/stock/stock1_utf8.csv.tmp"]
    assert shop.call("tempostar_stock")["mug"] == 12


def test_file_written_just_now_waits_for_the_next_look(tmp_path: Path) -> None:
    with running(tmp_path / "w", take_up_s=10, settle_s=60) as shop:
        shop.upload("/stock/stock1_utf8.csv", '"mug","1","1","1"')
        shop.step(10)
        assert shop.call("tempostar_stock")["mug"] == 12
        shop.step(60)
        assert shop.call("tempostar_stock")["mug"] == 1


def test_not_taken_leaves_the_file_listed(shop: Shop) -> None:
    shop.call("fault", name="not_taken")
    shop.upload("/stock/stock1_utf8.csv", '"mug","1","1","1"')
    shop.step(3_600)
    assert list(shop.call("area")) == ["/stock/stock1_utf8.csv"]
    [seen] = shop.call("area_history")
    assert seen["taken_at"] is None


# --------------------------------------------------------------------------- sendings and the reader


# Case 2 of the acceptance list.
def test_4500_changes_need_three_sendings_and_none_is_lost_or_sent_twice(shop: Shop) -> None:
    codes = [f"bulk-{number:04d}" for number in range(4_500)]
    for code in codes:
        shop.call("add_product", code=code, name="品", quantity=3)
    sent: list[str] = []
    shop.call("fault", name="reader_dead")
    for size in (2_000, 2_000, 500):
        shop.step()
        rows = shop.published()
        assert len(rows) == size
        sent += [row[0] for row in rows]
        (shop.world.folder / "roomclip-area/netstock/12345/stock.csv").unlink()
    shop.step()
    assert sent == codes
    assert shop.call("area") == {}


# Case 3 of the acceptance list.
def test_stopped_link_never_appears_until_it_is_linked_again(shop: Shop) -> None:
    shop.call("link", code="mug", on=False)
    shop.call("set_tempostar_stock", code="mug", quantity=3)
    shop.call("bulk_sync")
    shop.call("pause", on=True)
    shop.step()
    assert "mug" not in [row[0] for row in shop.published()]
    shop.call("pause", on=False)
    shop.call("link", code="mug", on=True)
    for _ in range(2):
        shop.step()
    assert shop.call("stock")["mug"] == 3


# Case 4 of the acceptance list.
def test_paused_for_an_hour_loses_no_change_and_the_last_number_wins(shop: Shop) -> None:
    shop.call("pause", on=True)
    for number in range(12):
        shop.call("set_tempostar_stock", code="mug", quantity=number)
        shop.call("set_tempostar_stock", code="cap-navy", quantity=50 + number)
        shop.step()
    assert shop.call("stock")["mug"] == 12
    assert [row[1] for row in shop.published()] == ["0", "50"]
    shop.call("pause", on=False)
    for _ in range(2):
        shop.step()
    assert (shop.call("stock")["mug"], shop.call("stock")["cap-navy"]) == (11, 61)


@pytest.mark.parametrize(("mode", "left"), [("overwrite", {"cap-navy"}), ("merge", {"cap-navy", "mug"})])
def test_existing_file_may_be_overwritten_or_merged(tmp_path: Path, mode: str, left: set[str]) -> None:
    with running(tmp_path / "w", on_existing=mode) as shop:
        shop.call("fault", name="reader_dead")
        for code in ("mug", "cap-navy"):
            shop.call("set_tempostar_stock", code=code, quantity=1)
            shop.step()
        assert {row[0] for row in shop.published()} == left


def test_stopped_reflection_sends_nothing_and_starting_it_sends_all(shop: Shop) -> None:
    shop.call("reflection", on=False)
    shop.call("set_tempostar_stock", code="mug", quantity=1)
    shop.step()
    assert shop.call("area") == {}
    shop.call("fault", name="reader_dead")
    shop.call("reflection", on=True)
    shop.step()
    assert len(shop.published()) == 8


# Case 6 of the acceptance list.
@pytest.mark.parametrize("state", ["下書き", "非公開"])
def test_unpublished_item_is_updated_but_neither_shown_nor_sold(shop: Shop, state: str) -> None:
    shop.call("publish_state", code="mug", state=state)
    shop.call("set_tempostar_stock", code="mug", quantity=3)
    shop.step()
    assert "mug" not in shop.call("stock")
    with pytest.raises(ControlError, match="mug"):
        shop.call("order", lines=[{"code": "mug", "quantity": 1}])
    [row] = [row for row in shop.call("view")["stock"] if row["code"] == "mug"]
    assert (row["quantity"], row["expected"], row["state"]) == (3, 3, state)


def test_unreadable_published_file_is_mailed_once_and_left(shop: Shop) -> None:
    shop.call("reflection", on=False)
    with shop.client() as client:
        send(client, "/netstock/12345/stock.csv", '"商品コード","在庫数"\n"mug","5"\n')
    for _ in range(2):
        shop.step()
    assert len(shop.call("mails")) == 1
    assert shop.call("stock")["mug"] == 12


def test_two_column_file_of_another_writer_is_read_by_position(shop: Shop) -> None:
    shop.call("reflection", on=False)
    with shop.client() as client:
        send(client, "/netstock/12345/stock.csv", '"a","b"\r\n"mug","5"\r\n"nobody","1"\r\n')
    shop.step()
    assert shop.call("stock")["mug"] == 5
    assert shop.call("area") == {}
    assert shop.call("violations") == []
    [mail] = shop.call("mails")
    assert mail["text"] == "nobody"


# B7
def test_two_and_nine_column_files_give_the_same_stock(shop: Shop) -> None:
    shop.call("set_tempostar_stock", code="mug", quantity=5)
    shop.step()
    nine = shop.call("stock")["mug"]
    shop.call("reflection", on=False)
    shop.call("set_stock", code="mug", quantity=0)
    with shop.client() as client:
        text = '"商品コード","在庫数"\r\n"mug","5"\r\n'
        send(client, "/netstock/12345/stock.csv", text, encoding="cp932")
    shop.step()
    assert shop.call("stock")["mug"] == nine == 5


# B6
def test_second_file_of_the_same_name_is_applied_too(shop: Shop) -> None:
    for number in (5, 6):
        shop.call("set_tempostar_stock", code="mug", quantity=number)
        shop.step()
        assert shop.call("stock")["mug"] == number


def test_short_settings_need_no_moved_clock(tmp_path: Path) -> None:
    short = {"take_up_s": 0.2, "send_interval_s": 0.2, "poll_s": 0.2, "settle_s": 0.1}
    with running(tmp_path / "w", **short) as shop:
        shop.upload("/stock/stock1_utf8.csv", '"mug","1","1","1"')
        shop.until(lambda: shop.call("stock")["mug"] == 1)


def test_writing_where_tempostar_publishes_is_a_violation(shop: Shop) -> None:
    shop.call("fault", name="reader_dead")
    shop.call("set_tempostar_stock", code="mug", quantity=5)
    shop.step()
    with shop.client() as client:
        fetch(client, "/netstock/12345/stock.csv")
        assert shop.call("violations") == []
        client.delete("/netstock/12345/stock.csv")
    [broken] = shop.call("violations")
    assert broken["what"].startswith("DELE in /netstock")


# --------------------------------------------------------------------------- orders


def order_files(shop: Shop) -> list[list[dict[str, str]]]:
    files = {name: text for name, text in shop.call("area").items() if name.startswith("/order/")}
    return [list(csv.DictReader(io.StringIO(files[name], newline=""))) for name in sorted(files)]


def test_order_lowers_the_shown_stock_and_is_given_out_one_row_an_item(shop: Shop) -> None:
    bought = [{"code": "mug", "quantity": 2}, {"code": "tee-red-m", "quantity": 1}]
    order_id = shop.call("order", lines=bought)["order_id"]
    assert (shop.call("stock")["mug"], shop.call("stock")["tee-red-m"]) == (10, 19)
    [rows] = shop.until(lambda: order_files(shop))
    assert [(row["商品コード"], row["数量"], row["項目選択肢"]) for row in rows] == [
        ("mug", "2", ""),
        ("tee-red-m", "1", "色:red サイズ:m"),
    ]
    assert {row["ショップ受注番号"] for row in rows} == {order_id}
    assert {row["受注進捗コード"] for row in rows} == {"100"}
    assert all(row["注文者名"] for row in rows)
    [name] = shop.call("area")
    assert re.fullmatch(r"/order/export/acc/new/order\d{14}_\d{4}\.12345\.csv", name)


def test_cancelled_order_is_given_out_again_and_its_pieces_come_back(shop: Shop) -> None:
    order_id = shop.call("order", lines=[{"code": "mug", "quantity": 2}])["order_id"]
    shop.until(lambda: order_files(shop))
    shop.call("cancel", order_id=order_id)
    first, second = shop.until(lambda: len(order_files(shop)) == 2 and order_files(shop))
    assert (first[0]["受注進捗コード"], second[0]["受注進捗コード"]) == ("100", "900")
    assert first[0]["ショップ受注番号"] == second[0]["ショップ受注番号"] == order_id
    assert shop.call("stock")["mug"] == shop.call("tempostar_stock")["mug"] == 12
    with pytest.raises(ControlError, match="cancelled already"):
        shop.call("cancel", order_id=order_id)


@pytest.mark.parametrize(("fault", "rows"), [("orders_cut_in_row", 2), ("orders_cut_between_rows", 1)])
def test_order_file_stays_half_written_until_the_fault_is_cleared(shop: Shop, fault: str, rows: int) -> None:
    shop.call("fault", name=fault)
    lines = [{"code": code, "quantity": 1} for code in ("mug", "tee-red-s", "tee-red-m")]
    shop.call("order", lines=lines)
    [half] = shop.until(lambda: order_texts(shop))
    assert len(half.splitlines()) == 1 + rows
    assert half.endswith("\n") is (fault == "orders_cut_between_rows")
    shop.call("clear_faults")
    [whole] = shop.until(lambda: order_texts(shop) != [half] and order_texts(shop))
    assert whole.startswith(half.rstrip("\ufffd"))
    assert len(whole.splitlines()) == 1 + len(lines)


def order_texts(shop: Shop) -> list[str]:
    return [text for name, text in shop.call("area").items() if name.startswith("/order/")]


def test_order_is_taken_off_tempostars_number_as_long_as_its_import_runs(shop: Shop) -> None:
    shop.call("order_import", on=False)
    shop.call("order", lines=[{"code": "mug", "quantity": 2}])
    shop.step()
    assert shop.call("tempostar_stock")["mug"] == 12
    assert order_files(shop) == []
    shop.call("order_import", on=True)
    shop.until(lambda: shop.call("tempostar_stock")["mug"] == 10)
    assert len(order_files(shop)) == 1


def test_nothing_is_sold_that_is_not_shown(shop: Shop) -> None:
    with pytest.raises(ControlError, match="cannot be bought"):
        shop.call("order", lines=[{"code": "mug", "quantity": 13}])
    assert shop.call("stock")["mug"] == 12


# --------------------------------------------------------------------------- the part


def test_everything_received_is_in_the_journal_and_findable(shop: Shop) -> None:
    shop.upload("/stock/stock1_utf8.csv", '"mug","4711","1","1"')
    assert ("RNTO", "/stock/stock1_utf8.csv", "250") in [
        (line["function"], line["summary"], line["reply"]) for line in shop.call("journal")
    ]
    assert "4711" not in str(shop.call("journal"))
    assert shop.call("seen", text='"mug","4711"')
    assert shop.call("seen", text="想定在庫数")
    assert not shop.call("seen", text="0815")


def test_pagehows_both_numbers(shop: Shop) -> None:
    shop.call("set_stock", code="mug", quantity=4)
    shop.call("fault", name="reader_dead")
    view = shop.call("view")
    [row] = [row for row in view["stock"] if row["code"] == "mug"]
    assert (row["quantity"], row["expected"]) == (4, 12)
    assert view["faults"] == ["reader_dead"]


def test_product_csv_has_codes_on_singles_and_children_only(shop: Shop) -> None:
    rows = list(csv.DictReader(io.StringIO(shop.call("product_csv"), newline="")))
    codes: dict[str, list[str]] = {row["親子・単品フラグ"]: [] for row in rows}
    for row in rows:
        codes[row["親子・単品フラグ"]].append(row["種類別の自社管理コード"])
    assert codes["1"] == [""]
    assert set(codes["0"]) == {"mug", "cap-navy"}
    assert len(codes["2"]) == 6


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("fault", {"name": "earthquake"}),
        ("fault", {"name": "cut_after_bytes"}),
        ("fault", {"name": "hold", "bytes": 3}),
        ("publish_state", {"code": "mug", "state": "sold"}),
        ("set_stock", {"code": "nobody", "quantity": 1}),
        ("dance", {}),
    ],
)
def test_unknown_wishes_are_refused(shop: Shop, verb: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ControlError):
        shop.call(verb, **arguments)


def test_stopping_drops_open_connections_and_closes_the_port(tmp_path: Path) -> None:
    with running(tmp_path / "w") as shop:
        where = shop.mall.addresses()
        client = ReusingClient(context=shop.context(), timeout=5)
        client.connect(where["host"], where["port"])
        client.login(where["user"], where["password"])
    with closing(client), pytest.raises((OSError, EOFError)):
        client.pwd()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((where["host"], where["port"]), timeout=5)
