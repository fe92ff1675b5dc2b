"""楽天市場 by CSV over SFTP against its simulator: the contract, then what is this route's own."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from threading import Event
from typing import Any

import pytest

from adapters import registry
from adapters.clock import SystemClock
from adapters.contract import (
    Adapter,
    Address,
    CredentialState,
    LineResult,
    Outcome,
    ShopSettings,
    StockLine,
)
from adapters.errors import (
    AuthError,
    ConfigError,
    LineRejectedError,
    NotSentError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.rakuten import csvfiles
from adapters.rakuten.adapter import abilities_for, create
from adapters.rakuten.upload import ABILITIES, UploadAdapter
from adapters.secret import Secret
from adapters.sftp import SshRefusedError
from sandbox.malls.rakuten.part import RakutenMall
from sandbox.web import WebHost
from sandbox.world import World
from tests.contract import AdapterContract, line

DONE, SENT, REFUSED = Outcome.DONE, Outcome.SENT, Outcome.REFUSED
FAULTS = {"server_error": "sftp_failure", "cut_before": "sftp_cut_before", "cut_after": "sftp_cut_after"}
PICK_UP_S, PROCESS_S = 120.0, 60.0  # of the simulator's clock, which ``settle`` moves
HEADER = "商品管理番号（商品URL）,SKU管理番号,在庫数\r\n"


class SandboxTime(SystemClock):
    """The machine's time as the simulator's world sees it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        return self._world.clock.now()

    def monotonic(self) -> float:
        return self._world.clock.seconds()


class SftpBench:
    personal = ("山田", "花子")
    faults = frozenset(FAULTS)
    missing_faults = {
        "maintenance": "SFTP has no status for it: a closed server refuses the connection, or fails",
        "rate_limit": "SFTP has no status for too many requests",
        "html": "an SFTP answer is a status or a file; there is no page",
    }
    codes = ("tee-red-s", "mug", "cap-navy", "tee-blue-l")

    def __init__(self, world: World, part: RakutenMall, asked: bool) -> None:
        self.world = world
        self.part = part
        self.found = part.addresses()
        self.password = self.found["sftp_password"]
        self.secrets = [self.password]
        if asked:
            self.control("ask_download")
        products = self.adapter().read_products() if asked else []
        self.addresses = {product.mall_code: product.address for product in products}

    def control(self, verb: str, **arguments: Any) -> Any:
        return self.part.control(verb, arguments)

    def adapter(self, **options: Any) -> Adapter:
        chosen = {
            "transport": "csv",
            "sftp_host": self.found["sftp_host"],
            "sftp_port": self.found["sftp_port"],
            "host_key": self.found["sftp_host_key"],
            "no_log_s": 0,
        }
        settings = ShopSettings("rakuten-main", {**chosen, **options})
        credentials = {"sftp_user": Secret(self.found["sftp_user"]), "sftp_password": Secret(self.password)}
        return create(settings, credentials, SandboxTime(self.world), Event())

    def unreachable(self) -> Adapter:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        return self.adapter(sftp_port=port)

    def address(self, code: str) -> Address:
        return self.addresses[code]

    def unknown(self) -> StockLine:
        return StockLine("nothing", ("nothing", "r-sku99999999"), 1)

    def refused(self) -> StockLine:
        return StockLine("tee-green-s", (self.address("tee-red-s")[0], "r-sku99999999"), 1)

    def filler(self, count: int) -> list[StockLine]:
        return [StockLine(f"filler-{n}", (f"filler-{n // 400}", f"v{n % 400}"), 1) for n in range(count)]

    def stock(self, code: str) -> int:
        return self.control("stock")[code]

    def set_stock(self, code: str, quantity: int) -> None:
        self.control("set_stock", code=code, quantity=quantity)

    def order(self, code: str, quantity: int) -> str:
        return self.control("order", lines=[{"code": code, "quantity": quantity}])["order_id"]

    def cancel(self, order_id: str) -> None:
        self.control("cancel", order_id=order_id)

    def settle(self) -> None:
        """Let time pass until every file that was put has been worked through; the mall tells it by mail."""
        self.world.clock.advance(PICK_UP_S + PROCESS_S + 1)
        self.wait(lambda: self.put() <= {mail["file"] for mail in self.control("mails")})

    def wait(self, come_true: Callable[[], bool]) -> None:
        for _ in range(500):
            if come_true():
                return
            with self.world.changed:
                self.world.changed.wait(0.02)
        raise AssertionError("the mall did not come to it")

    def put(self) -> set[str]:
        renamed = [row for row in self.control("journal") if row["method"] == "RENAME"]
        return {row["path"].rpartition("/")[2].removeprefix(".").removesuffix(".tmp") for row in renamed}

    def fault(self, name: str, **arguments: Any) -> None:
        self.control("fault", name=FAULTS.get(name, name), **arguments)

    def clear_faults(self) -> None:
        self.control("clear_faults")

    def expire(self) -> None:
        self.control("expire_sftp_password")

    def renew(self) -> None:
        self.password = self.control("change_sftp_password")["password"]
        self.secrets.append(self.password)

    def calls(self) -> int:
        return sum(self.control("sftp_logins").values())

    def now(self) -> datetime:
        return self.world.clock.now()


@contextlib.contextmanager
def running(tmp_path, *, asked: bool = True, **settings: Any) -> Iterator[SftpBench]:
    chosen = {"pick_up_s": PICK_UP_S, "process_s": PROCESS_S, "sftp_activation_s": 0.0, **settings}
    world = World(tmp_path / "world")
    host = WebHost(world)
    host.start()
    part = RakutenMall(world, host, sftp=True, **chosen)
    part.start()
    try:
        bench = SftpBench(world, part, asked)
        yield bench
        assert bench.control("violations") == [], "the adapter keeps to the mall's forms"
    finally:
        part.stop()
        host.stop()


@pytest.fixture(name="mall")
def a_mall(tmp_path) -> Iterator[SftpBench]:
    with running(tmp_path) as bench:
        yield bench


class TestRakutenOverSftp(AdapterContract):
    @pytest.fixture
    def mall(self, tmp_path) -> Iterator[SftpBench]:
        with running(tmp_path) as bench:
            yield bench


def outcomes(results: Sequence[LineResult]) -> list[Outcome]:
    return [result.outcome for result in results]


# --------------------------------------------------------------------------- the way to the shop


def test_option_transport_chooses_the_way_and_its_abilities() -> None:
    by_csv, by_api = ShopSettings("r", {"transport": "csv"}), ShopSettings("r")
    assert registry.abilities("rakuten", by_csv) is abilities_for(by_csv) is ABILITIES
    assert abilities_for(by_api).readable.able
    assert [kind.name for kind in ABILITIES.credentials] == ["sftp_user", "sftp_password"]
    with pytest.raises(ConfigError, match="transport"):
        abilities_for(ShopSettings("r", {"transport": "ftp"}))


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        ({"sftp_password": "Made-up1"}, ""),
        ({"sftp_password": "a/b.c@=1", "sftp_user": "shop"}, ""),
        ({"sftp_password": "short-1"}, "renew_wrong_form"),
        ({"sftp_password": "too-long-1"}, "renew_wrong_form"),
        ({"sftp_password": "made up1"}, "renew_wrong_form"),
        ({"sftp_password": "made_up1"}, "renew_wrong_form"),
        ({"sftp_user": "全角"}, "renew_wrong_form"),
    ],
)
def test_a_password_is_judged_by_its_form(candidate: dict[str, str], reason: str) -> None:
    given = {kind: Secret(value) for kind, value in candidate.items()}
    assert UploadAdapter.belongs({}, given) == reason


def test_unset_credentials_are_named_without_a_connection(mall: SftpBench) -> None:
    adapter = create(ShopSettings("r", {"transport": "csv"}), {}, SandboxTime(mall.world), Event())
    with pytest.raises(AuthError) as caught:
        adapter.check()
    assert caught.value.hint == "credential_missing"
    assert {status.state for status in adapter.credential_status()} == {CredentialState.UNKNOWN}


def test_refused_password_is_tried_once_a_call(mall: SftpBench) -> None:
    mall.password = "other-02"
    before = mall.control("sftp_logins")["bad"]
    with pytest.raises(AuthError):
        mall.adapter().check()
    assert mall.control("sftp_logins")["bad"] == before + 1


def test_new_password_is_refused_for_its_first_minutes(mall: SftpBench) -> None:  # A20
    mall.control("setting", sftp_activation_s=300.0, old_sftp_password_lasts=False)
    mall.renew()
    adapter = mall.adapter()
    with pytest.raises(AuthError):
        adapter.check()
    activation = {kind.name: kind.activation_s for kind in ABILITIES.credentials}["sftp_password"]
    mall.world.clock.advance(activation)
    assert adapter.check().detail


@pytest.mark.parametrize("lasts", [True, False])
def test_old_password_may_last_until_the_new_one_works_and_never_longer(mall: SftpBench, lasts: bool) -> None:
    mall.control("setting", sftp_activation_s=300.0, old_sftp_password_lasts=lasts)
    old = mall.adapter()
    mall.renew()
    new = mall.adapter()
    with pytest.raises(AuthError):
        new.check()
    if lasts:
        assert old.check().detail
    else:
        with pytest.raises(AuthError):
            old.check()
    mall.world.clock.advance(300)
    assert new.check().detail
    with pytest.raises(AuthError):
        old.check()


@pytest.mark.parametrize("days", [30, 90])
def test_password_that_is_over_is_refused_whenever_the_mall_ends_it(tmp_path, days: int) -> None:
    with running(tmp_path, sftp_password_days=days) as mall:
        adapter = mall.adapter()
        mall.world.clock.advance((days - 0.1) * 86_400)
        assert adapter.check().detail
        mall.world.clock.advance(0.2 * 86_400)
        with pytest.raises(AuthError):
            adapter.write_stock([line(mall, "mug", 3)])
        assert {status.state for status in adapter.credential_status()} == {CredentialState.REFUSED}


@pytest.mark.parametrize("change", [True, False])
def test_host_key_that_is_not_set_or_was_changed_is_refused_before_log_in(
    mall: SftpBench, change: bool
) -> None:
    setting, hint = {"host_key": ""}, "host_key_unknown"
    if change:
        mall.control("change_host_key")
        setting, hint = {}, "host_key_changed"
    before = mall.control("sftp_logins")
    with pytest.raises(SshRefusedError, match="set host_key of the shop") as caught:
        mall.adapter(**setting).write_stock([line(mall, "mug", 3)])
    assert caught.value.hint == hint
    assert mall.control("sftp_logins") == before
    assert mall.control("batch") == {}
    new = mall.part.addresses()["sftp_host_key"]
    assert mall.adapter(host_key=new).check().detail


def test_server_of_an_old_host_key_is_reached_where_that_is_allowed(mall: SftpBench) -> None:
    mall.fault("old_host_key_only")
    with pytest.raises(SshRefusedError, match="legacy_ssh"):
        mall.adapter().check()
    assert mall.adapter(legacy_ssh=True).check().detail


# --------------------------------------------------------------------------- a file and its fate


def test_upload_is_the_least_header_and_a_product_row_before_its_sku_rows(mall: SftpBench) -> None:
    mall.fault("not_taken")
    red, blue = mall.address("tee-red-s"), mall.address("tee-blue-l")
    lines = [
        StockLine("tee-red-s", ("TEE", red[1]), 3),
        line(mall, "mug", 0),
        StockLine("tee-blue-l", blue, 99_999),
    ]
    results = mall.adapter().write_stock(lines)
    assert outcomes(results) == [SENT] * 3
    ((name, text),) = mall.control("batch").items()
    assert {result.ticket for result in results} == {name}
    assert name.startswith("normal-item_")
    rows = ["tee,,", f"tee,{red[1]},3", f"tee,{blue[1]},99999", "mug,,", f"mug,{mall.address('mug')[1]},0"]
    assert text == HEADER + "".join(f"{row}\r\n" for row in rows)
    assert csvfiles.stock_file(lines) == text.encode("cp932")


@pytest.mark.parametrize("strays", ["left", "removed"])
@pytest.mark.parametrize("line_ends", ["crlf", "any"])
def test_name_begins_with_normal_item_and_the_bytes_are_cp932_with_crlf(
    mall: SftpBench, line_ends: str, strays: str
) -> None:
    mall.control("setting", csv_line_ends=line_ends, csv_strays=strays)
    adapter = mall.adapter()
    lines = [line(mall, "mug", 4), line(mall, "tee-red-s", 5)]
    content = csvfiles.stock_file(lines)
    assert content.startswith(HEADER.encode("cp932"))
    assert content.count(b"\n") == content.count(b"\r\n") == 5
    results = adapter.write_stock(lines)
    assert all(result.ticket.startswith("normal-item") for result in results)
    mall.settle()
    assert outcomes(adapter.confirm(results)) == [DONE, DONE]
    assert [mall.stock(code) for code in ("mug", "tee-red-s")] == [4, 5]


@pytest.mark.parametrize("needs", ["least", "option_kind"])
def test_file_with_too_few_columns_for_the_mall_is_refused_in_every_row(mall: SftpBench, needs: str) -> None:
    mall.control("setting", csv_needs=needs)
    adapter = mall.adapter()
    results = adapter.write_stock([line(mall, "mug", 4), line(mall, "tee-red-s", 5)])
    mall.settle()
    taken = needs == "least"
    assert outcomes(adapter.confirm(results)) == [DONE if taken else REFUSED] * 2
    assert [mall.stock(code) for code in ("mug", "tee-red-s")] == ([4, 5] if taken else [12, 20])


def test_lost_answer_to_the_rename_leaves_each_line_unknown_under_its_ticket(mall: SftpBench) -> None:
    mall.fault("cut_after", count=1)
    results = mall.adapter().write_stock([line(mall, "mug", 4), line(mall, "tee-red-s", 5)])
    assert outcomes(results) == [Outcome.UNKNOWN] * 2
    assert {result.ticket for result in results} == set(mall.control("batch"))


def test_file_that_was_not_taken_is_still_sent_and_nothing_is_put_beside_it(mall: SftpBench) -> None:
    mall.fault("not_taken")
    adapter = mall.adapter()
    results = adapter.write_stock([line(mall, "mug", 4)])
    waiting = mall.control("batch")
    assert outcomes(adapter.confirm(results)) == [SENT]
    for other in (adapter, mall.adapter()):
        with pytest.raises(RateLimitedError, match="was not taken yet") as caught:
            other.write_stock([line(mall, "mug", 5)])
        assert caught.value.retry_after_s
    assert mall.control("batch") == waiting
    mall.clear_faults()
    mall.settle()
    assert outcomes(adapter.confirm(results)) == [DONE]
    assert mall.stock("mug") == 4


def test_file_is_done_when_no_log_came_for_ten_minutes(mall: SftpBench) -> None:
    adapter = mall.adapter(no_log_s=600)
    results = adapter.write_stock([line(mall, "mug", 4)])
    mall.settle()
    assert outcomes(adapter.confirm(results)) == [SENT]
    mall.world.clock.advance(580)
    assert outcomes(adapter.confirm(results)) == [SENT]
    mall.world.clock.advance(20)
    assert outcomes(adapter.confirm(results)) == [DONE]


def test_fate_of_a_file_is_found_out_after_a_restart(mall: SftpBench) -> None:
    results = mall.adapter().write_stock([line(mall, "mug", 4), mall.refused()])
    mall.settle()
    assert outcomes(mall.adapter(no_log_s=600).confirm(results)) == [DONE, REFUSED]


@pytest.mark.parametrize("csv_log", ["rows", "text"])
@pytest.mark.parametrize("csv_item_errors", ["product_row", "every_row"])
def test_log_refuses_the_rows_it_names_at_once_and_the_others_are_done(
    mall: SftpBench, csv_log: str, csv_item_errors: str
) -> None:
    mall.control("setting", csv_log=csv_log, csv_item_errors=csv_item_errors)
    adapter = mall.adapter(no_log_s=600)
    lines = [line(mall, "mug", 4), mall.refused(), mall.unknown(), line(mall, "tee-red-s", 5)]
    results = adapter.write_stock(lines)
    mall.settle()
    confirmed = adapter.confirm(results)
    assert outcomes(confirmed) == [DONE, REFUSED, REFUSED, DONE]
    assert [result.line for result in confirmed] == lines
    assert isinstance(confirmed[1].error, LineRejectedError)
    assert "存在しません" in confirmed[1].error.reason
    assert [mall.stock(code) for code in ("mug", "tee-red-s")] == [4, 5]


@pytest.mark.parametrize("csv_log", ["rows", "text"])
@pytest.mark.parametrize("csv_item_errors", ["product_row", "every_row"])
def test_refused_product_row_refuses_all_skus_of_the_item(
    mall: SftpBench, csv_log: str, csv_item_errors: str
) -> None:
    mall.control("setting", csv_log=csv_log, csv_item_errors=csv_item_errors)
    mall.control("edit_listing", code="tee-red-s", lacks_attributes=True)
    adapter = mall.adapter()
    results = adapter.write_stock([line(mall, code, 4) for code in ("tee-red-s", "tee-blue-l", "mug")])
    mall.settle()
    assert outcomes(adapter.confirm(results)) == [REFUSED, REFUSED, DONE]
    assert [mall.stock(code) for code in ("tee-red-s", "tee-blue-l", "mug")] == [20, 20, 4]


def test_line_that_is_not_asked_about_any_more_does_not_change_what_a_log_says(mall: SftpBench) -> None:
    adapter = mall.adapter()
    results = adapter.write_stock([line(mall, "tee-red-s", 5), mall.refused()])
    mall.settle()
    assert outcomes(adapter.confirm(results[:1])) == [DONE]


def test_server_that_renames_nothing_gets_the_file_under_its_own_name(mall: SftpBench) -> None:
    mall.control("setting", sftp_rename=False)
    adapter = mall.adapter()
    results = adapter.write_stock([line(mall, "mug", 4)])
    mall.settle()
    assert outcomes(adapter.confirm(results)) == [DONE]
    assert mall.stock("mug") == 4


@pytest.mark.parametrize("arrived", [1, 20])
def test_cut_upload_never_stands_under_the_final_name(mall: SftpBench, arrived: int) -> None:
    mall.fault("cut_after_bytes", bytes=arrived)
    with pytest.raises(NotSentError):
        mall.adapter().write_stock([line(mall, "mug", 4)])
    assert not [name for name in mall.control("batch") if name.startswith("normal-item")]
    mall.clear_faults()
    adapter = mall.adapter()
    results = adapter.write_stock([line(mall, "mug", 4)])
    mall.settle()
    assert outcomes(adapter.confirm(results)) == [DONE]


def test_server_that_hangs_up_got_nothing(mall: SftpBench) -> None:
    mall.fault("sftp_refused")
    with pytest.raises(NotSentError):
        mall.adapter().write_stock([line(mall, "mug", 4)])


# --------------------------------------------------------------------------- products


def test_products_come_from_the_newest_download(mall: SftpBench) -> None:
    mall.control("edit_listing", code="mug", link_code="mug-2")
    mall.world.clock.advance(5)
    adapter = mall.adapter()
    assert {product.mall_code for product in adapter.read_products()} >= {"mug", "cap-navy"}
    mall.control("ask_download")
    assert {product.mall_code for product in adapter.read_products()} >= {"mug-2", "cap-navy"}


def test_missing_download_is_told_with_the_next_step(tmp_path) -> None:
    with (
        running(tmp_path, asked=False) as mall,
        pytest.raises(TemporaryError, match="dl-normal-item") as caught,
    ):
        mall.adapter().read_products()
    assert caught.value.hint == "rakuten_no_download"


def test_area_without_the_folders_of_the_csv_option_is_named(mall: SftpBench) -> None:
    with pytest.raises(UnexpectedReplyError, match="商品一括編集"):
        mall.adapter(sftp_dir="/none").check()


COLUMNS = (
    "商品管理番号（商品URL）,商品番号,商品名,倉庫指定,選択肢タイプ,SKU管理番号,システム連携用SKU番号,"
    "バリエーション項目選択肢1,バリエーション項目選択肢2,在庫切れ時の注文受付,SKU倉庫指定"
)


def download(*rows: str, header: str = COLUMNS) -> bytes:
    return "".join(f"{row}\r\n" for row in (header, *rows)).encode("cp932")


def test_rows_of_a_download_become_products_as_those_of_the_api_do() -> None:
    found = _no_adapter().parse_products(
        "a.csv",
        download(
            "Tee,t-1,ロゴTシャツ,0,,,,,,,",
            "Tee,,,,s,,,,,,",
            "Tee,,,,,r-1,tee-red-s,赤,S,0,0",
            "Tee,,,,,R-2,,赤,M,1,1",
            'mug,mug-1,"マグ, 大",1,,,,,,,',
            "mug,,,,,normal-inventory,,,,0,0",
            "bag,bag,かばん,0,,,,,,,",
            "bag,,,,,v1,twice,,,,",
            "cap,cap,帽子,0,,,,,,,",
            "cap,,,,,v1,twice,,,,",
        ),
    )
    assert [(each.mall_code, each.address, each.name, each.on_sale) for each in found.products] == [
        ("tee-red-s", ("tee", "r-1"), "ロゴTシャツ 赤 S", True),
        ("", ("tee", "R-2"), "ロゴTシャツ 赤 M", False),
        ("mug-1", ("mug", "normal-inventory"), "マグ, 大", False),
        ("", ("bag", "v1"), "かばん", None),
        ("", ("cap", "v1"), "帽子", None),
    ]
    assert [each.note.partition(":")[0] for each in found.products[1:4]] == [
        "no link code",
        "",
        "code on several SKUs",
    ]
    assert found.products[1].note.endswith("sells at 0")


def _no_adapter() -> UploadAdapter:
    made = create(ShopSettings("r", {"transport": "csv"}), {}, SystemClock(), Event())
    assert isinstance(made, UploadAdapter)
    return made


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (download(header="商品名,在庫数"), UnexpectedReplyError, "SKU管理番号"),
        (b"", TemporaryError, "still being written"),
        (download("tee,t")[:-2], TemporaryError, "still being written"),
        (download("tee,t"), UnexpectedReplyError, "row 2 has 2 of 11 cells"),
    ],
)
def test_what_is_no_whole_download_is_refused(content: bytes, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        _no_adapter().parse_products("a.csv", content)


def test_newest_download_is_all_files_of_its_time() -> None:
    names = [
        "dl-normal-item_20260630192709-2.csv",
        "dl-normal-item_20260630192709-1.csv",
        "dl-normal-item_20260629192709-1.csv",
        "dl-item-cat_20260730192709-1.csv",
    ]
    assert csvfiles.newest(names) == names[1::-1]
    assert csvfiles.newest([]) == []


# --------------------------------------------------------------------------- what a log says


ADDRESSES = (("tee", "r-1"), ("tee", "r-10"), ("mug", "1"), ("mug", "2"))


@pytest.mark.parametrize(
    ("log", "refused"),
    [
        ("商品管理番号（商品URL）,SKU管理番号,エラー\r\nTEE,r-1,だめ\r\n", [("tee", "r-1")]),
        ("tee r-10 だめ\r\n", [("tee", "r-10")]),
        ("正常 1件、エラー 3件\r\n12行目 mug：必須属性\r\n", [("mug", "1"), ("mug", "2")]),
        ("行番号,商品管理番号（商品URL）,SKU管理番号\r\n2,mug,1\r\n", [("mug", "1")]),
        ("行番号,商品管理番号（商品URL）,SKU管理番号\r\n2,mug,\r\n", [("mug", "1"), ("mug", "2")]),
        ("tee,R-1,だめ\r\n", [("tee", "r-1"), ("tee", "r-10")]),  # SKU numbers keep their case
        ("ヘッダーが正しくありません。\r\n", list(ADDRESSES)),
        ("\r\n", list(ADDRESSES)),
    ],
)
def test_log_is_searched_for_whole_words(log: str, refused: list[Address]) -> None:
    assert sorted(csvfiles.refusals(log.encode("cp932"), ADDRESSES)) == sorted(refused)


def test_log_belongs_to_the_upload_whose_stem_it_has() -> None:
    ticket = "normal-item_tanaban_20260630_192709.csv"
    assert csvfiles.is_log_of("normal-item_tanaban_20260630_192709.20260630193118037.csv", ticket)
    assert not csvfiles.is_log_of("normal-item_tanaban_20260630_1927090.20260630193118037.csv", ticket)
    assert not csvfiles.is_log_of(ticket, ticket)
