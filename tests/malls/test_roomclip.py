"""The RoomClip adapter against the sandbox's TEMPOSTAR and RoomClip, over real FTPS."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.clock import ManualClock, SystemClock
from adapters.contract import (
    CredentialState,
    LineState,
    Order,
    Outcome,
    ShopSettings,
    StockLine,
    Window,
)
from adapters.errors import (
    AuthError,
    ConfigError,
    MallError,
    NotSentError,
    OutcomeUnknownError,
    TemporaryError,
    UnexpectedReplyError,
    UnsupportedError,
)
from adapters.roomclip import wire
from adapters.roomclip.adapter import RoomclipAdapter, create
from adapters.secret import Secret
from sandbox.world import World
from tests.contract import AdapterContract
from tests.malls.roomclip_shop import CuttingProxy, Mall, RoomclipBench, line, today, until

STAMP = datetime(2026, 1, 31, 3, 0, 5, tzinfo=UTC)  # 12:00:05 in Japan


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def mall(world: World) -> Iterator[Mall]:
    made = Mall(world)
    yield made
    made.stop()


@pytest.fixture
def still(world: World) -> Iterator[Mall]:
    """A mall whose TEMPOSTAR never takes a file."""
    made = Mall(world, take_up_s=3600, send_interval_s=3600, poll_s=3600)
    yield made
    made.stop()


# --------------------------------------------------------------------------- the contract


class TestRoomclip(AdapterContract):
    @pytest.fixture
    def mall(self, mall: Mall) -> RoomclipBench:
        return RoomclipBench(mall)


# --------------------------------------------------------------------------- check and credentials


def test_a_check_with_good_credentials_passes_and_writes_nothing(mall: Mall) -> None:
    # A19
    before = mall.ask("area")
    assert "/netstock/12345 is there" in mall.adapter().check().detail
    assert mall.ask("area") == before


def test_a_refused_password_is_tried_once_and_named_as_refused(mall: Mall) -> None:
    # A19
    adapter = mall.adapter(password="made-up-wrong-1")
    with pytest.raises(AuthError) as caught:
        adapter.check()
    assert caught.value.vendor_code == "530"
    until(lambda: mall.ask("logins")["bad"])
    assert mall.ask("logins") == {"good": 0, "bad": 1}
    assert {row.state for row in adapter.credential_status()} == {CredentialState.REFUSED}


def test_a_renewed_password_works_and_the_old_one_does_not(mall: Mall) -> None:
    old = mall.adapter()
    renewed = mall.adapter(password=mall.ask("change_password")["password"])
    with pytest.raises(AuthError):
        old.check()
    assert renewed.check()
    assert {row.state for row in renewed.credential_status()} == {CredentialState.OK}


@pytest.mark.parametrize("kind", ["user", "password", "shop_code"])
def test_a_credential_that_was_never_set_opens_no_connection(mall: Mall, kind: str) -> None:
    # B1
    with pytest.raises(AuthError) as caught:
        mall.adapter(**{kind: ""}).check()
    assert caught.value.hint == "credential_not_set"
    assert mall.ask("logins") == {"good": 0, "bad": 0}


def test_an_unknown_shop_code_is_refused_with_the_folders_that_are_there(mall: Mall) -> None:
    # B19
    with pytest.raises(AuthError) as caught:
        mall.adapter(shop_code="999").check()
    assert caught.value.hint == "shop_code_unknown"
    assert caught.value.codes == ("12345",)


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("shop_code", "12345", ""),
        ("shop_code", "ETC12345", ""),
        ("shop_code", "12345/../1", "renew_wrong_form"),
        ("password", "made-up-2", ""),
        ("password", "made up", "renew_wrong_form"),
        ("user", "全角", "renew_wrong_form"),
    ],
)
def test_a_candidate_credential_is_judged_by_its_form(kind: str, value: str, reason: str) -> None:
    assert RoomclipAdapter.belongs({}, {kind: Secret(value)}) == reason


# --------------------------------------------------------------------------- the way there


def test_without_tls_nothing_secret_leaves(mall: Mall) -> None:
    # B5
    mall.fault("tls_refused")
    with pytest.raises(NotSentError) as caught:
        mall.adapter().write_stock([line("mug", 5)])
    assert caught.value.hint == "no_clear_text"
    assert not mall.ask("seen", text=mall.addresses["password"])


def test_an_expired_certificate_is_refused_before_log_in(mall: Mall) -> None:
    mall.fault("cert_expired")
    mall.addresses = mall.part.addresses()
    with pytest.raises(NotSentError) as caught:
        mall.adapter().check()
    assert caught.value.hint == "tls_untrusted"
    assert not mall.ask("seen", text=mall.addresses["password"])


def test_after_a_530_the_shop_works_again_when_the_server_does(mall: Mall) -> None:
    mall.fault("login_530")
    adapter = mall.adapter()
    with pytest.raises(AuthError):
        adapter.write_stock([line("mug", 5)])
    until(lambda: mall.ask("logins")["bad"])
    assert mall.ask("logins") == {"good": 0, "bad": 1}
    mall.ask("clear_faults")
    assert adapter.check()


# --------------------------------------------------------------------------- writing


def test_the_inbound_file_is_byte_for_byte_as_agreed(still: Mall) -> None:
    adapter = still.adapter(clock=ManualClock(STAMP))
    results = adapter.write_stock([line("tee-red-m", 12), line("mug", 0)])
    assert [result.outcome for result in results] == [Outcome.SENT, Outcome.SENT]
    assert {result.ticket for result in results} == {"stock20260131120005_utf8.csv"}
    assert still.area("/stock") == {
        "stock20260131120005_utf8.csv": '"商品コード","想定在庫数","更新モード","更新対象"\r\n'
        '"tee-red-m","12","1","1"\r\n'
        '"mug","0","1","1"\r\n'
    }


def test_three_changes_reach_the_buyers_page(mall: Mall) -> None:
    # B4
    adapter = mall.adapter()
    wanted = {"mug": 5, "cap-navy": 0, "tee-blue-l": 99}
    sent = adapter.write_stock([line(code, quantity) for code, quantity in wanted.items()])
    until(lambda: wanted.items() <= mall.ask("stock").items())
    assert [result.outcome for result in adapter.confirm(sent)] == [Outcome.DONE] * 3
    assert mall.ask("violations") == []


def test_names_rise_within_a_second_and_over_a_restart(still: Mall) -> None:
    clock = ManualClock(STAMP)
    adapter = still.adapter(clock=clock)
    for _ in range(2):
        adapter.write_stock([line("mug", 5)])
    clock_set_back = ManualClock(STAMP - timedelta(seconds=30))
    still.adapter(clock=clock_set_back).write_stock([line("mug", 6)])
    assert sorted(still.area("/stock")) == [f"stock2026013112000{second}_utf8.csv" for second in (5, 6, 7)]


def test_a_name_far_ahead_does_not_lead_ours() -> None:
    assert wire.next_stock_name(STAMP, ["stock20990101000000_utf8.csv"]) == "stock20260131120005_utf8.csv"


@pytest.mark.parametrize(
    ("code", "quantity"),
    [
        ("", 1),
        ("a b", 1),
        ("ＡＢ", 1),
        ("=1+1", 1),
        ("-a", 1),
        ("a,b", 1),
        ('a"b', 1),
        ("a\r\nb", 1),
        ("a" * 101, 1),
        ("mug", -1),
        ("mug", 100_000),
    ],
)
def test_a_line_that_must_not_go_is_refused_and_the_others_go(still: Mall, code: str, quantity: int) -> None:
    results = still.adapter().write_stock([line(code, quantity), line("cap-navy", 3)])
    assert [result.outcome for result in results] == [Outcome.REFUSED, Outcome.SENT]
    assert results[0].error is not None
    assert results[0].ticket == ""
    (text,) = still.area("/stock").values()
    assert text.count("\r\n") == 2
    assert '"cap-navy","3"' in text


def test_a_code_twice_in_one_call_goes_once(still: Mall) -> None:
    results = still.adapter().write_stock([line("mug", -1), line("mug", 3), line("mug", 4)])
    assert [result.outcome for result in results] == [Outcome.REFUSED, Outcome.SENT, Outcome.REFUSED]


@pytest.mark.parametrize("lines", [[], [line("a b", 1)]])
def test_nothing_to_send_makes_no_call(still: Mall, lines: list[StockLine]) -> None:
    adapter = still.adapter()
    assert len(adapter.write_stock(lines)) == len(lines)
    assert adapter.confirm([]) == []
    assert adapter.read_orders_again([]) == []
    assert still.ask("logins") == {"good": 0, "bad": 0}


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("421 Too many connections, closing control connection.", TemporaryError),
        ("450 Requested file action not taken: file busy.", TemporaryError),
        ("452 Requested action not taken: insufficient storage.", TemporaryError),
        ("500 Syntax error, command unrecognized.", UnexpectedReplyError),
        ("530 Not logged in.", AuthError),
        ("550 Requested action not taken: no access.", UnexpectedReplyError),
        ("553 Requested action not taken: file name not allowed.", UnexpectedReplyError),
    ],
)
def test_an_answer_of_trouble_is_classed_by_its_code(
    still: Mall, reply: str, expected: type[MallError]
) -> None:
    still.fault("refuse", reply=reply)
    adapter = still.adapter()
    for call in (adapter.check, lambda: adapter.read_orders(today())):
        with pytest.raises(expected):
            call()
    with pytest.raises(expected) as caught:
        adapter.write_stock([line("mug", 5)])
    assert caught.value.vendor_code == reply[:3]
    assert still.area("/stock") == {}


def test_a_full_area_leaves_no_part_file(still: Mall) -> None:
    still.fault("quota_full")
    with pytest.raises(TemporaryError) as caught:
        still.adapter().write_stock([line("mug", 5)])
    assert caught.value.hint == "area_full"
    assert still.area("/stock") == {}


def test_a_cut_in_the_upload_had_no_effect(still: Mall) -> None:
    still.fault("cut_after_bytes", bytes=20)
    with pytest.raises((NotSentError, TemporaryError)):
        still.adapter().write_stock([line("mug", 5)])
    still.ask("clear_faults")
    assert not [name for name in still.area("/stock") if name.endswith(".csv")]


def test_a_lost_answer_to_the_rename_leaves_each_line_unknown(still: Mall) -> None:
    still.fault("hold")
    adapter = still.adapter({"timeout_s": 0.5})
    results = adapter.write_stock([line("mug", 5), line("a b", 1)])
    assert [result.outcome for result in results] == [Outcome.UNKNOWN, Outcome.REFUSED]
    assert isinstance(results[0].error, OutcomeUnknownError)
    assert list(still.area("/stock")) == [results[0].ticket]
    still.ask("release")


@pytest.mark.parametrize("lost", [True, False], ids=["command lost", "answer lost"])
def test_a_cut_at_any_point_is_told_truly(still: Mall, lost: bool) -> None:
    # Every chunk that the client sends on the control connection is the last one once.
    seen: set[tuple[str, bool]] = set()
    for chunk in itertools.count(1):
        proxy = CuttingProxy(still.addresses["port"], chunk, lost=lost)
        before = set(still.area("/stock"))
        try:
            (result,) = still.adapter({"port": proxy.port}).write_stock([line("mug", 5)])
            outcome, ticket = result.outcome.value, {result.ticket}
        except (NotSentError, TemporaryError):
            outcome, ticket = "raised", set()
        proxy.stop()
        there = set(still.area("/stock")) - before
        assert not [name for name in there if name.endswith(".tmp")], chunk
        assert there in {"raised": [set()], "sent": [ticket], "unknown": [set(), ticket]}[outcome], chunk
        seen.add((outcome, bool(there)))
        if not proxy.cut:
            break
    assert seen == {("raised", False), ("unknown", not lost), ("sent", True)}


def test_a_companion_lock_file_follows_the_csv(still: Mall) -> None:
    (result,) = still.adapter({"lock_files": "companion"}).write_stock([line("mug", 5)])
    files = still.area("/stock")
    assert set(files) == {result.ticket, f"{result.ticket}.lock"}
    assert files[f"{result.ticket}.lock"] == ""


def test_stock_that_tempostar_owns_is_not_written(still: Mall) -> None:
    adapter = still.adapter({"stock_owner": "tempostar", "other_shops_stopped": False})
    with pytest.raises(UnsupportedError):
        adapter.write_stock([line("mug", 5)])
    assert still.ask("logins") == {"good": 0, "bad": 0}
    assert adapter.check()


# --------------------------------------------------------------------------- confirming


def test_a_file_that_is_not_taken_stays_sent(still: Mall) -> None:
    adapter = still.adapter()
    sent = adapter.write_stock([line("mug", 5)])
    assert adapter.confirm(sent) == sent


def test_a_code_that_tempostar_does_not_know_is_refused_and_the_others_are_done(mall: Mall) -> None:
    adapter = mall.adapter()
    sent = adapter.write_stock([line("mug", 5), line("not-there", 5)])
    until(lambda: not mall.area("/stock"))
    confirmed = adapter.confirm(sent)
    assert [result.outcome for result in confirmed] == [Outcome.DONE, Outcome.REFUSED]
    assert confirmed[1].error is not None
    assert confirmed[1].error.codes == ("not-there",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        (
            '"行","商品コード","エラー内容"\r\n"2","0012","なし"\r\n',
            {"商品コード": "エラー内容", "0012": "なし"},
        ),
        ("0012,unknown\r\n0013\r\n", {"0012": "unknown", "0013": "0013"}),
    ],
)
def test_a_log_names_codes_as_text(text: str, expected: dict[str, str]) -> None:
    assert wire.refused_codes("stock1_utf8.csv.log", text.encode()) == expected


# --------------------------------------------------------------------------- what is put out


def test_the_published_file_is_read_and_left_in_place(world: World) -> None:
    mall = Mall(world, poll_s=3600)
    try:
        adapter = mall.adapter()
        assert adapter.published() == {}
        adapter.write_stock([line("mug", 5)])
        published = until(adapter.published)
        assert published["mug"].quantity == 5
        assert list(mall.area("/netstock/12345")) == ["stock.csv"]
    finally:
        mall.stop()


@pytest.mark.parametrize(
    "text",
    [
        '"商品コード","在庫数","想定在庫数","保留在庫数"\r\n"a-1","3","5","2"\r\n',
        '"想定在庫数","商品コード"\r\n"3","a-1"\r\n',
        '"a-1","3"\r\n',
        '"何か","数"\r\n"a-1","3"\r\n',
    ],
)
def test_published_columns_go_by_name_and_else_by_position(text: str) -> None:
    # B7
    assert wire.published_stock("stock.csv", text.encode("cp932"), STAMP) == {"a-1": wire.Published(3, STAMP)}


# --------------------------------------------------------------------------- orders


def test_an_order_is_read_line_by_line(mall: Mall) -> None:
    lines = [{"code": "mug", "quantity": 2}, {"code": "tee-red-m", "quantity": 1}]
    order_id = mall.ask("order", lines=lines)["order_id"]
    (order,) = until(lambda: mall.adapter().read_orders(today()))
    assert order_id in order.order_id
    assert abs(order.ordered_at - datetime.now(UTC)) < timedelta(minutes=3)
    assert [(one.mall_code, one.quantity, one.state) for one in order.lines] == [
        ("mug", 2, LineState.SOLD),
        ("tee-red-m", 1, LineState.SOLD),
    ]
    assert all(one.revision and one.address == (one.mall_code,) for one in order.lines)


def test_a_cancel_is_found_by_reading_again(mall: Mall) -> None:
    adapter = mall.adapter()
    for _ in range(2):
        order_id = mall.ask("order", lines=[{"code": "mug", "quantity": 1}])["order_id"]
    until(lambda: adapter.read_orders_again([order_id]))
    mall.ask("cancel", order_id=order_id)
    orders: list[Order] = until(lambda: _cancelled(adapter.read_orders_again([order_id, "12345-none"])))
    assert [order.order_id for order in orders] == [order_id]
    states = {order.order_id: order.lines[0].state for order in adapter.read_orders(today())}
    assert sorted(states.values()) == [LineState.CANCELLED, LineState.SOLD]


def _cancelled(orders: list[Order]) -> list[Order]:
    return [order for order in orders if order.lines[0].state is LineState.CANCELLED]


def test_order_files_are_never_deleted(mall: Mall) -> None:
    mall.ask("order", lines=[{"code": "mug", "quantity": 1}])
    before = until(lambda: mall.area("/order/export/acc/new"))
    mall.adapter().read_orders(today())
    assert mall.area("/order/export/acc/new") == before


def test_files_older_than_the_window_are_not_read(mall: Mall) -> None:
    mall.ask("order", lines=[{"code": "mug", "quantity": 1}])
    until(lambda: mall.adapter().read_orders(today()))
    later = datetime.now(UTC) + timedelta(hours=1)
    assert mall.adapter().read_orders(Window(later, later)) == []


def test_a_missing_export_folder_is_an_unexpected_reply(mall: Mall) -> None:
    with pytest.raises(UnexpectedReplyError):
        mall.adapter({"order_export_dir": "/order/export/none"}).read_orders(today())


def test_a_half_written_order_file_is_tried_later(mall: Mall) -> None:
    with mall.files() as files:
        files.put_new("/order/export/acc/new/order1_utf8.csv", ORDER_HEADER.encode() + b'"1-7","2026/0')
    with pytest.raises(TemporaryError):
        mall.adapter().read_orders(today())


def test_a_bot_that_is_ending_opens_no_connection(mall: Mall) -> None:
    stop = threading.Event()
    adapter = mall.adapter(stop=stop)
    stop.set()
    with pytest.raises(NotSentError):
        adapter.write_stock([line("mug", 5)])
    assert mall.ask("journal") == []


ORDER_HEADER = '"ショップ受注番号","受注日時","注文者名","受注進捗コード","商品コード","数量"\r\n'


def parse(*rows: str, header: str = ORDER_HEADER) -> list[Order]:
    return wire.parse_orders("order1.csv", (header + "".join(rows)).encode("cp932"), STAMP, {"900"})


def test_a_code_twice_in_one_order_makes_two_lines() -> None:
    row = '"1-7","2026/01/31 12:00","架空 花子","100","a-1","{}"\r\n'
    (order,) = parse(row.format(1), row.format(2))
    assert [(one.line_id, one.quantity) for one in order.lines] == [("a-1", 1), ("a-1#2", 2)]
    assert order.ordered_at == datetime(2026, 1, 31, 3, 0, 5, tzinfo=UTC)  # by the file's own time


def test_an_order_twice_in_one_file_stands_as_further_down() -> None:
    row = '"1-7","2026/01/31 12:00","架空 花子","{}","{}","1"\r\n'
    (order,) = parse(*(row.format(progress, code) for progress in ("100", "900") for code in ("a", "b")))
    assert [(one.line_id, one.state) for one in order.lines] == [
        ("a", LineState.CANCELLED),
        ("b", LineState.CANCELLED),
    ]


def test_nothing_personal_is_kept() -> None:
    orders = parse('"1-7","2026/01/31 12:00","架空 花子","900","a-1","1"\r\n')
    assert "花子" not in repr(orders)
    assert orders[0].lines[0].state is LineState.CANCELLED


@pytest.mark.parametrize(
    "row",
    [
        '"1-7","2026/01/31 12:00","架空 花子","100","a-1","x"\r\n',
        '"1-7","2026/01/31 12:00","架空 花子","100","a-1","-1"\r\n',
        '"1-7","31.1.2026","架空 花子","100","a-1","1"\r\n',
        '"","2026/01/31 12:00","架空 花子","100","a-1","1"\r\n',
        '"1-7","2026/01/31 12:00","架空 花子"\r\n',
    ],
)
def test_a_row_of_unknown_form_is_refused_without_showing_it(row: str) -> None:
    with pytest.raises(UnexpectedReplyError) as caught:
        parse(row)
    assert "花子" not in f"{caught.value!r}{caught.value.evidence}"


def test_a_missing_order_column_is_named() -> None:
    with pytest.raises(UnexpectedReplyError, match="受注進捗コード"):
        parse(header=ORDER_HEADER.replace("受注進捗コード", "進捗"))


# --------------------------------------------------------------------------- denied, refused, secret


def test_what_the_abilities_deny_is_unsupported(still: Mall) -> None:
    adapter = still.adapter()
    with pytest.raises(UnsupportedError):
        adapter.read_products()
    with pytest.raises(UnsupportedError):
        adapter.read_stock([("mug",)])
    assert still.ask("logins") == {"good": 0, "bad": 0}


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"other_shops_stopped": False}, "other_shops_stopped"),
        ({"mode": "publish"}, "tempostar_reflection_stopped"),
        ({"mode": "publish", "tempostar_reflection_stopped": True}, "publish"),
        ({"mode": "else"}, "mode"),
        ({"stock_owner": "both"}, "stock_owner"),
        ({"lock_files": "yes"}, "lock_files"),
        ({"port": "21"}, "port"),
        ({"tls_verify": "no"}, "tls_verify"),
        ({"order_export_dir": "/order/../x"}, "order_export_dir"),
        ({"netstock_dir": "netstock"}, "netstock_dir"),
    ],
)
def test_a_setting_that_is_wrong_or_could_oversell_is_refused(options: dict[str, Any], named: str) -> None:
    # B3
    settings = ShopSettings("roomclip-main", {"other_shops_stopped": True, **options})
    with pytest.raises(ConfigError, match=named):
        create(settings, {}, SystemClock(), threading.Event())


@pytest.mark.parametrize("fault", ["login_530", "tls_refused", "cert_expired", "quota_full"])
def test_no_secret_is_in_an_error_or_the_log(
    mall: Mall, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mall.fault(fault)
    mall.addresses = mall.part.addresses()
    adapter = mall.adapter()
    with pytest.raises(MallError) as caught:
        adapter.write_stock([line("mug", 5)])
    text = caplog.text + f"{caught.value!r}{vars(caught.value)}{caught.value.__cause__!r}{vars(adapter)!r}"
    assert mall.addresses["password"] not in text
