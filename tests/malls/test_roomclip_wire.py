"""RoomClip behind TEMPOSTAR: the acceptance cases, and both readings of what no document tells."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import LineState, Order, Outcome
from adapters.errors import AuthError, ConfigError, NotSentError, TemporaryError
from sandbox.world import World
from tests.malls.roomclip_shop import Mall, line, today, until

DONE, REFUSED = Outcome.DONE, Outcome.REFUSED


@contextlib.contextmanager
def running(tmp_path: Path, **settings: Any) -> Iterator[Mall]:
    mall = Mall(World(tmp_path), **settings)
    try:
        yield mall
        assert mall.ask("violations") == [], "the adapter keeps to the mall's forms"
    finally:
        mall.stop()


def shown(mall: Mall, wanted: dict[str, int]) -> bool:
    return wanted.items() <= mall.ask("stock").items()


def sendings(mall: Mall) -> int:
    (note,) = [note for note in mall.ask("view")["notes"] if note.endswith("回")]
    return int(note.split()[1])


def all_sent(mall: Mall) -> bool:
    waiting = [note for note in mall.ask("view")["notes"] if note.startswith("送信待ち")]
    return not waiting and not mall.area("/netstock/12345")


def first_order(mall: Mall, **options: Any) -> Order:
    order_id = mall.ask("order", lines=[{"code": "mug", "quantity": 2}])["order_id"]
    adapter = mall.adapter(options)
    (order,) = until(lambda: adapter.read_orders_again([order_id]))
    return order


# --------------------------------------------------------------------------- acceptance cases


def test_more_changes_than_one_sending_holds_come_all_and_none_twice(tmp_path: Path) -> None:
    with running(tmp_path, rows_per_sending=20) as mall:
        wanted = {f"bag-{number:02d}": number + 1 for number in range(45)}
        for code in wanted:
            mall.ask("add_product", code=code, name="かばん", quantity=0)
        until(lambda: all_sent(mall))
        before = sendings(mall)
        mall.adapter().write_stock([line(code, quantity) for code, quantity in wanted.items()])
        until(lambda: shown(mall, wanted))
        assert sendings(mall) - before == 3


def test_product_that_is_not_linked_waits_until_it_is(tmp_path: Path) -> None:
    with running(tmp_path) as mall:
        mall.ask("link", code="mug", on=False)
        adapter = mall.adapter()
        adapter.write_stock([line("mug", 5), line("cap-navy", 3)])
        until(lambda: shown(mall, {"cap-navy": 3}))
        assert mall.ask("stock")["mug"] == 12
        mall.ask("link", code="mug", on=True)
        until(lambda: shown(mall, {"mug": 5}))


@pytest.mark.parametrize("on_existing", ["carry", "merge", "overwrite"])
def test_last_number_wins_after_roomclip_was_paused(tmp_path: Path, on_existing: str) -> None:
    """Were a file that was not read overwritten, what it held would wait for 一括同期."""
    with running(tmp_path, on_existing=on_existing) as mall:
        mall.ask("pause", on=True)
        adapter = mall.adapter()
        for code, quantity in (("mug", 5), ("cap-navy", 3), ("mug", 6)):
            adapter.write_stock([line(code, quantity)])
            until(lambda code=code, quantity=quantity: mall.ask("tempostar_stock")[code] == quantity)
            until(lambda: mall.area("/netstock/12345"))
        if on_existing != "carry":
            until(lambda: '"mug","6"' in mall.area("/netstock/12345").get("stock.csv", ""))
        mall.ask("pause", on=False)
        if on_existing == "overwrite":
            until(lambda: shown(mall, {"mug": 6}))
            mall.ask("bulk_sync")
        until(lambda: shown(mall, {"mug": 6, "cap-navy": 3}))


def test_draft_gets_its_number_and_is_not_on_sale(tmp_path: Path) -> None:
    with running(tmp_path) as mall:
        mall.ask("publish_state", code="mug", state="下書き")
        mall.adapter().write_stock([line("mug", 5), line("cap-navy", 3)])
        until(lambda: shown(mall, {"cap-navy": 3}))
        assert "mug" not in mall.ask("stock")
        mall.ask("publish_state", code="mug", state="公開")
        assert mall.ask("stock")["mug"] == 5


def test_half_file_left_by_a_crash_is_never_applied_and_stops_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as mall:
        part = "stock20260131120005_utf8.csv.tmp"  # as a bot that died before the rename leaves it
        with mall.files() as files:
            files.put_in_place(f"/stock/{part}", '"商品コード","想定在庫数"\r\n"mug","1'.encode())
        adapter = mall.adapter()
        sent = adapter.write_stock([line("cap-navy", 3)])
        until(lambda: shown(mall, {"cap-navy": 3}))
        assert [result.outcome for result in adapter.confirm(sent)] == [DONE]
        assert mall.ask("tempostar_stock")["mug"] == 12
        assert list(mall.area("/stock")) == [part]


def test_code_outside_cp932_is_refused_and_the_others_are_sent(tmp_path: Path) -> None:
    with running(tmp_path) as mall:
        results = mall.adapter().write_stock([line("한글", 5), line("mug", 5)])
        assert [result.outcome for result in results] == [REFUSED, Outcome.SENT]
        until(lambda: shown(mall, {"mug": 5}))


def test_publish_mode_is_refused_and_netstock_is_only_looked_at(tmp_path: Path) -> None:
    with running(tmp_path, poll_s=3600) as mall:
        with pytest.raises(ConfigError, match="publish"):
            mall.adapter({"mode": "publish"})
        adapter = mall.adapter()
        adapter.write_stock([line("mug", 5)])
        until(adapter.published)
        adapter.check()
        changing = {"DELE", "RNFR", "RNTO", "STOR", "RMD"}
        touched = [each["summary"] for each in mall.ask("journal") if each["function"] in changing]
        assert touched
        assert not [path for path in touched if path.startswith("/netstock")]


# --------------------------------------------------------------------------- both readings


@pytest.mark.parametrize("held_back", ["kept", "cleared"])
def test_number_held_back_by_hand_only_ever_lowers_what_is_on_sale(tmp_path: Path, held_back: str) -> None:
    with running(tmp_path, held_back=held_back) as mall:
        mall.ask("hold_back", code="mug", quantity=3)
        adapter = mall.adapter()
        sent = adapter.write_stock([line("mug", 8)])
        until(lambda: shown(mall, {"mug": 5 if held_back == "kept" else 8}))
        assert [result.outcome for result in adapter.confirm(sent)] == [DONE]


@pytest.mark.parametrize("row_errors", ["log", "silent"])
def test_code_that_tempostar_does_not_know_holds_back_no_other_told_or_not(
    tmp_path: Path, row_errors: str
) -> None:
    with running(tmp_path, row_errors=row_errors) as mall:
        adapter = mall.adapter()
        sent = adapter.write_stock([line("mug", 5), line("not-there", 5)])
        until(lambda: shown(mall, {"mug": 5}))
        told = REFUSED if row_errors == "log" else DONE  # nobody says that it was dropped
        assert [result.outcome for result in adapter.confirm(sent)] == [DONE, told]
        assert "not-there" not in mall.ask("tempostar_stock")


@pytest.mark.parametrize("outbound", ["full", "two_columns"])
def test_published_number_is_read_from_either_form_of_the_file(tmp_path: Path, outbound: str) -> None:
    with running(tmp_path, outbound=outbound, poll_s=3600) as mall:
        adapter = mall.adapter()
        adapter.write_stock([line("mug", 5)])
        assert until(adapter.published)["mug"].quantity == 5


@pytest.mark.parametrize("shop_code", ["12345", "ETC12345"])
def test_folder_of_the_shop_is_found_with_and_without_letters(tmp_path: Path, shop_code: str) -> None:
    with running(tmp_path, shop_code=shop_code) as mall:
        assert f"/netstock/{shop_code} is there" in mall.adapter().check().detail
        other = {"12345": "ETC12345", "ETC12345": "12345"}[shop_code]
        with pytest.raises(AuthError) as caught:
            mall.adapter(shop_code=other).check()
        assert (caught.value.hint, caught.value.codes) == ("shop_code_unknown", (shop_code,))


@pytest.mark.parametrize("utf8", [True, False])
@pytest.mark.parametrize("progress", ["100", "600"])
def test_order_is_read_in_either_encoding_and_at_any_stage(tmp_path: Path, utf8: bool, progress: str) -> None:
    with running(tmp_path, order_utf8=utf8, new_progress=progress) as mall:
        order = first_order(mall)
        assert [(each.mall_code, each.quantity, each.state) for each in order.lines] == [
            ("mug", 2, LineState.SOLD)
        ]


@pytest.mark.parametrize(
    ("code", "option", "state"),
    [
        ("900", "900", LineState.CANCELLED),
        ("950", "900,950", LineState.CANCELLED),
        ("950", "900", LineState.SOLD),  # not known as a cancel: nothing is given back
    ],
)
def test_cancel_is_told_by_the_codes_that_the_operator_names(
    tmp_path: Path, code: str, option: str, state: LineState
) -> None:
    with running(tmp_path, cancelled_progress=code) as mall:
        order = first_order(mall)
        mall.ask("cancel", order_id=order.order_id)
        until(lambda: "".join(mall.area("/order/export/acc/new").values()).count(order.order_id) == 2)
        (again,) = mall.adapter({"cancelled_codes": option}).read_orders_again([order.order_id])
        assert [(each.quantity, each.state) for each in again.lines] == [(2, state)]


@pytest.mark.parametrize(("lowers", "takes_off"), [(True, True), (False, True), (True, False)])
def test_order_is_one_sale_and_the_next_number_stands_whoever_counted_down(
    tmp_path: Path, lowers: bool, takes_off: bool
) -> None:
    with running(tmp_path, lowers_own_stock=lowers, tempostar_takes_off_orders=takes_off) as mall:
        order = first_order(mall)
        assert [(each.quantity, each.state) for each in order.lines] == [(2, LineState.SOLD)]
        mall.adapter().write_stock([line("mug", 9)])
        until(lambda: shown(mall, {"mug": 9}))
        assert mall.ask("tempostar_stock")["mug"] == 9


@pytest.mark.parametrize("late_s", [0, 0.4])
def test_order_that_is_exported_late_is_read_once_it_is_there(tmp_path: Path, late_s: float) -> None:
    with running(tmp_path, order_export_s=late_s) as mall:
        order = first_order(mall)
        assert [each.order_id for each in mall.adapter().read_orders(today())] == [order.order_id]


@pytest.mark.parametrize("room", [200, 50_000_000])
def test_file_that_does_not_fit_is_told_as_a_full_area_and_leaves_nothing(tmp_path: Path, room: int) -> None:
    with running(tmp_path, quota_bytes=room) as mall:
        adapter, lines = mall.adapter(), [line(f"bag-{number}", 1) for number in range(50)]
        if room > 200:
            assert {result.outcome for result in adapter.write_stock(lines)} == {Outcome.SENT}
            return
        with pytest.raises(TemporaryError) as caught:
            adapter.write_stock(lines)
        assert caught.value.hint == "area_full"
        assert mall.area("/stock") == {}


@pytest.mark.parametrize("asked", [True, False])
def test_server_may_or_may_not_ask_for_session_reuse(tmp_path: Path, asked: bool) -> None:
    with running(tmp_path, session_reuse_required=asked) as mall:
        assert mall.adapter().check().detail
        without = mall.adapter({"tls_session_reuse": False})
        if not asked:
            assert without.check().detail
            return
        with pytest.raises(NotSentError) as caught:
            without.check()
        assert caught.value.hint == "tls_session_reuse"
