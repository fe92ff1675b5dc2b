"""The RoomClip adapter against the sandbox's TEMPOSTAR and RoomClip, over real FTPS."""

from __future__ import annotations

import contextlib
import itertools
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.clock import ManualClock, SystemClock
from adapters.contract import (
    Adapter,
    Address,
    Clock,
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
from adapters.files import FtpsArea
from adapters.roomclip import wire
from adapters.roomclip.adapter import RoomclipAdapter, create
from adapters.secret import Secret
from sandbox.malls.roomclip.part import RoomclipMall
from sandbox.web import WebHost
from sandbox.world import World
from tests.contract import AdapterContract

QUICK = {"take_up_s": 0.1, "send_interval_s": 0.1, "poll_s": 0.1, "settle_s": 0}
STAMP = datetime(2026, 1, 31, 3, 0, 5, tzinfo=UTC)  # 12:00:05 in Japan


class Mall:
    """The sandbox's mall and the adapter of its shop."""

    def __init__(self, world: World, **settings: Any) -> None:
        self.world = world
        self._web = WebHost(world)
        self.part = RoomclipMall(world, self._web, **{**QUICK, **settings})
        self._web.start()
        self.part.start()
        self.addresses = self.part.addresses()

    def stop(self) -> None:
        self.part.stop()
        self._web.stop()

    def adapter(
        self,
        options: dict[str, Any] | None = None,
        *,
        clock: Clock | None = None,
        stop: threading.Event | None = None,
        **credentials: str,
    ) -> RoomclipAdapter:
        chosen = {
            "host": self.addresses["host"],
            "port": self.addresses["port"],
            "ca_file": str(self.world.ca_file),
            "timeout_s": 3,
            "other_shops_stopped": True,
            **(options or {}),
        }
        kinds = {kind: self.addresses[kind] for kind in ("user", "password", "shop_code")} | credentials
        secrets = {kind: Secret(value) for kind, value in kinds.items() if value}
        return create(
            ShopSettings("roomclip-main", chosen), secrets, clock or SystemClock(), stop or threading.Event()
        )

    def ask(self, verb: str, **arguments: Any) -> Any:
        return self.part.control(verb, arguments)

    def fault(self, name: str, **arguments: Any) -> None:
        self.ask("fault", name=name, **arguments)

    def area(self, folder: str) -> dict[str, str]:
        """Every file directly in a folder of the area: name -> text."""
        start = folder.rstrip("/") + "/"
        found = {
            path[len(start) :]: text for path, text in self.ask("area").items() if path.startswith(start)
        }
        return {name: text for name, text in found.items() if "/" not in name}


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


def line(code: str, quantity: int) -> StockLine:
    return StockLine(code, (code,), quantity)


def until(wanted: Callable[[], Any], within_s: float = 8) -> Any:
    """Ask again until the answer is true; gives it."""
    limit = time.monotonic() + within_s
    while not (answer := wanted()):
        assert time.monotonic() < limit, "did not happen in time"
        time.sleep(0.02)
    return answer


def today() -> Window:
    now = datetime.now(UTC)
    return Window(now - timedelta(hours=1), now)


# --------------------------------------------------------------------------- the contract


class RoomclipBench:
    """The mall as the contract's cases handle it."""

    codes: Sequence[str] = ("mug", "cap-navy", "tee-red-m")
    personal: Sequence[str] = ("架空", "カクウ", "shopper.invalid")
    faults = frozenset({"cut_before"})

    def __init__(self, mall: Mall) -> None:
        self._mall = mall
        self._password = mall.addresses["password"]
        self.secrets: Sequence[str] = (self._password,)

    def adapter(self) -> Adapter:
        return self._mall.adapter(password=self._password)

    def unreachable(self) -> Adapter:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        return self._mall.adapter({"port": port})

    def address(self, code: str) -> Address:
        return (code,)

    def unknown(self) -> StockLine:
        return line("not-there", 1)

    def refused(self) -> StockLine:
        return line("not-there", 1)

    def filler(self, count: int) -> list[StockLine]:
        return [line(f"filler-{number}", 1) for number in range(count)]

    def stock(self, code: str) -> int:
        return int(self._mall.ask("stock")[code])

    def set_stock(self, code: str, quantity: int) -> None:
        self._mall.ask("set_stock", code=code, quantity=quantity)

    def order(self, code: str, quantity: int) -> str:
        answer = self._mall.ask("order", lines=[{"code": code, "quantity": quantity}])
        return self._given_out(str(answer["order_id"]), 1)

    def cancel(self, order_id: str) -> None:
        self._mall.ask("cancel", order_id=order_id)
        self._given_out(order_id, 2)

    def _given_out(self, order_id: str, times: int) -> str:
        until(lambda: "".join(self._mall.area("/order/export/acc/new").values()).count(order_id) == times)
        return order_id

    def settle(self) -> None:
        until(lambda: not self._mall.area("/stock"))
        until(lambda: self._mall.ask("tempostar_stock") == self._mall.ask("stock"))

    def fault(self, name: str, **arguments: Any) -> None:
        assert name == "cut_before"
        self.order(self.codes[2], 1)  # an empty listing has no byte to be cut at
        self._mall.fault("cut_after_bytes", bytes=10)

    def clear_faults(self) -> None:
        self._mall.ask("clear_faults")

    def expire(self) -> None:
        self._renewed = self._mall.ask("change_password")["password"]
        self.secrets = (*self.secrets, self._renewed)

    def renew(self) -> None:
        self._password = self._renewed

    def calls(self) -> int:
        return len(self._mall.ask("journal"))

    def now(self) -> datetime:
        return self._mall.world.clock.now()


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


def test_missing_session_reuse_gives_a_clear_error(mall: Mall) -> None:
    with pytest.raises(NotSentError) as caught:
        mall.adapter({"tls_session_reuse": False}).check()
    assert caught.value.hint == "tls_session_reuse"


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


class CuttingProxy:
    """Stands before the area's control port and cuts its first connection.

    Args:
        chunk: which chunk of the client's is the last.
        lost: True if the server does not get that chunk, False if it does and its answer is lost.
    """

    def __init__(self, port: int, chunk: int, *, lost: bool) -> None:
        self._upstream = ("127.0.0.1", port)
        self._left = chunk
        self._lost = lost
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.cut = False
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def _start(self, work: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            for number in itertools.count():
                ends = (self._listener.accept()[0], socket.create_connection(self._upstream))
                self._ends += ends
                self._start(self._up, *ends, number == 0)
                self._start(self._down, *ends, number == 0)

    def _up(self, client: socket.socket, server: socket.socket, first: bool) -> None:
        with contextlib.suppress(OSError):
            while chunk := client.recv(65536):
                self._left -= first
                self.cut |= first and self._left == 0
                if self.cut and first and self._lost:
                    break
                server.sendall(chunk)
        _shut(client, server)

    def _down(self, client: socket.socket, server: socket.socket, first: bool) -> None:
        with contextlib.suppress(OSError):
            while (chunk := server.recv(65536)) and not (first and self.cut):
                client.sendall(chunk)
        _shut(client, server)

    def stop(self) -> None:
        _shut(self._listener, *self._ends)
        for thread in self._threads:
            thread.join(5)
        for end in (self._listener, *self._ends):
            end.close()


def _shut(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


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
    area = FtpsArea(
        host=mall.addresses["host"],
        port=mall.addresses["port"],
        user=mall.addresses["user"],
        password=Secret(mall.addresses["password"]),
        ca_file=str(mall.world.ca_file),
    )
    with area.session() as files:
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
