"""The ポンパレモール adapter against the sandbox's mall, over real FTPS."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters import registry
from adapters.clock import ManualClock, SystemClock
from adapters.contract import Adapter, CredentialState, LineResult, Outcome, ShopSettings, StockLine
from adapters.errors import (
    AuthError,
    ConfigError,
    LineRejectedError,
    MallError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
    UnsupportedError,
)
from adapters.ponpare.adapter import PonpareAdapter, create
from adapters.secret import Secret
from tests.contract import AdapterContract, Bench, carry_out, line
from tests.malls.ponpare_bench import ITEM, OPTION, PonpareBench, shop, until

ITEM_HEADER = "コントロールカラム,商品管理ID（商品URL）,在庫タイプ,在庫数\r\n"
OPTION_HEADER = (
    "コントロールカラム,商品管理ID（商品URL）,選択肢タイプ,購入オプション名,オプション項目名,"
    "SKU横軸項目ID,SKU横軸項目名,SKU縦軸項目ID,SKU縦軸項目名,SKU在庫数\r\n"
)


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[PonpareBench]:
    with shop(tmp_path) as bench:
        yield bench


@pytest.fixture
def still(tmp_path: Path) -> Iterator[PonpareBench]:
    """A mall that never takes a file."""
    with shop(tmp_path, tick_s=3600) as bench:
        yield bench


def outcomes(results: list[LineResult]) -> list[Outcome]:
    return [result.outcome for result in results]


def reason(result: LineResult) -> str:
    assert isinstance(result.error, LineRejectedError)
    return result.error.reason


class TestPonpare(AdapterContract):
    @pytest.fixture
    def mall(self, mall: PonpareBench) -> PonpareBench:
        return mall

    # The products are in downloaded files, so reading them asks nobody.

    def test_dead_credentials_are_refused_and_new_ones_work(self, mall: Bench, adapter: Adapter) -> None:
        # A19
        mall.expire()
        with pytest.raises(AuthError):
            adapter.check()
        with pytest.raises(AuthError):
            adapter.write_stock([line(mall, mall.codes[0], 3)])
        assert {status.state for status in adapter.credential_status()} == {CredentialState.REFUSED}
        mall.renew()
        renewed = mall.adapter()
        assert renewed.check().detail
        assert {status.state for status in renewed.credential_status()} == {CredentialState.OK}

    @pytest.mark.parametrize("code", [421, 450, 451])
    def test_trouble_at_the_mall_is_classed(self, mall: Bench, adapter: Adapter, code: int) -> None:
        mall.fault("status", code=code)
        for call in (adapter.check, lambda: adapter.write_stock([line(mall, mall.codes[0], 1)])):
            with pytest.raises(TemporaryError):
                call()
        mall.clear_faults()
        assert carry_out(mall, adapter, [line(mall, mall.codes[0], 1)])[0].outcome is Outcome.DONE

    @pytest.mark.parametrize("fault", ["cut_before", "cut_after"])
    def test_lost_answer_to_a_read_is_temporary(self, mall: Bench, adapter: Adapter, fault: str) -> None:
        mall.fault(fault)
        with pytest.raises((TemporaryError, NotSentError)):
            adapter.check()

    # A page can stand in place of the mall's answer to a file, which blocks no later one.

    def test_html_instead_of_data_is_not_understood(self, mall: Bench, adapter: Adapter) -> None:
        mall.fault("html")
        (lost,) = carry_out(mall, adapter, [line(mall, mall.codes[0], 5)])
        assert lost.outcome is Outcome.UNKNOWN
        assert isinstance(lost.error, OutcomeUnknownError)
        mall.clear_faults()
        assert outcomes(carry_out(mall, adapter, [line(mall, mall.codes[0], 5)])) == [Outcome.DONE]

    def test_no_connection_means_that_nothing_was_sent(self, mall: Bench) -> None:
        adapter = mall.unreachable()
        for call in (adapter.check, lambda: adapter.write_stock([line(mall, mall.codes[0], 1)])):
            with pytest.raises(NotSentError):
                call()
        assert adapter.read_products()


# --------------------------------------------------------------------------- archived by default


def test_shop_is_refused_until_somebody_says_that_the_mall_runs(mall: PonpareBench) -> None:
    # A27
    for said in ({}, {"i_know_it_runs": False}):
        with pytest.raises(ConfigError, match="i_know_it_runs.*archived"):
            create(ShopSettings("ponpare-main", said), {}, SystemClock(), threading.Event())
    assert registry.create(
        "ponpare", ShopSettings("ponpare-main", mall.options()), {}, SystemClock(), threading.Event()
    )
    assert mall.control("connections") == 0
    assert mall.calls() == 0


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"port": "21"}, "port"),
        ({"tls_verify": "no"}, "tls_verify"),
        ({"result_dir": "log"}, "result_dir"),
        ({"upload_dir": "/../x"}, "upload_dir"),
        ({"order_columns": "注文No=番号"}, "注文No"),
        ({"slot_wait_s": "x"}, "slot_wait_s"),
    ],
)
def test_setting_that_is_wrong_is_named(options: dict[str, Any], named: str) -> None:
    settings = ShopSettings("ponpare-main", {"i_know_it_runs": True, **options})
    with pytest.raises(ConfigError, match=named):
        create(settings, {}, SystemClock(), threading.Event())


# --------------------------------------------------------------------------- the two files


def test_two_files_are_byte_for_byte_as_agreed(still: PonpareBench) -> None:
    # A12
    still.control("add_product", code="pot", name="ポット", quantity=3)
    lines = [still.line(code, n) for code, n in [("mug", 12), ("tee-red-m", 5), ("cap-navy", 0)]]
    lines += [still.line("pot", 7), still.line("tee-blue-s", 20)]
    results = still.adapter().write_stock(lines)
    assert outcomes(results) == [Outcome.SENT] * 5
    option_rows = "u,tee,s,,,-red,赤,-m,M,5\r\nu,tee,s,,,-blue,青,-s,S,20\r\n"
    root = still.world.folder
    sent = {path.name: path.read_bytes() for path in root.rglob("*.csv")}
    assert sent == {
        ITEM: (ITEM_HEADER + "u,mug,1,12\r\nu,cap-navy,1,0\r\nu,pot,1,7\r\n").encode("cp932"),
        OPTION: (OPTION_HEADER + option_rows).encode("cp932"),
    }


def test_results_are_read_back_and_make_lines_done(mall: PonpareBench) -> None:
    # C5: the code is enough
    adapter = mall.adapter()
    sent = adapter.write_stock([mall.line("mug", 5), mall.line("tee-red-m", 7)])
    assert outcomes(sent) == [Outcome.SENT] * 2
    mall.settle()
    confirmed = adapter.confirm(sent)
    assert outcomes(confirmed) == [Outcome.DONE] * 2
    assert [result.ticket for result in confirmed] == [result.ticket for result in sent]
    assert (mall.stock("mug"), mall.stock("tee-red-m")) == (5, 7)


def test_stock_type_may_be_left_out_or_be_called_otherwise(still: PonpareBench) -> None:
    still.adapter(send_stock_type=False).write_stock([still.line("mug", 4)])
    assert still.area()[ITEM] == ITEM_HEADER.replace("在庫タイプ,", "") + "u,mug,4\r\n"


def test_other_values_of_stock_type_are_a_setting(tmp_path: Path) -> None:
    with shop(tmp_path, tick_s=3600, stock_types="678") as mall:
        (refused,) = mall.adapter().write_stock([mall.line("mug", 4)])
        assert "在庫タイプ 7" in reason(refused)
        mall.adapter(stock_type="7").write_stock([mall.line("mug", 4)])
        assert mall.area()[ITEM] == ITEM_HEADER + "u,mug,7,4\r\n"


def test_plain_row_is_never_sent_for_what_has_skus_or_no_managed_stock(still: PonpareBench) -> None:
    text = (still.folder / ITEM).read_text("cp932")
    lines = [StockLine("tee", ("tee",), 1), still.line("cap-navy", 1)]
    assert outcomes(still.adapter(option_file="").write_stock(lines)) == [Outcome.REFUSED, Outcome.SENT]
    (still.folder / ITEM).write_text(text.replace(",1,8,", ",0,,"), "cp932", newline="")
    assert outcomes(still.adapter(item_file="").write_stock(lines[:1])) == [Outcome.REFUSED]
    assert outcomes(still.adapter().write_stock(lines)) == [Outcome.REFUSED] * 2
    assert still.area()[ITEM] == ITEM_HEADER + "u,cap-navy,1,1\r\n"


def test_sku_that_was_never_downloaded_is_refused_before_any_call(still: PonpareBench) -> None:
    (refused,) = still.adapter().write_stock([StockLine("tee-pink-m", ("tee", "-pink", "-m"), 1)])
    assert "option.csv" in reason(refused)
    assert still.calls() == 0


def test_manage_id_goes_out_in_lower_case_and_once(still: PonpareBench) -> None:
    adapter = still.adapter()
    lines = [StockLine("MUG", ("MUG",), 3), still.line("mug", 4)]
    assert outcomes(adapter.write_stock(lines)) == [Outcome.SENT, Outcome.REFUSED]
    assert still.area()[ITEM] == ITEM_HEADER + "u,mug,1,3\r\n"
    assert adapter.normalise(lines[0]).address == ("mug",)


# --------------------------------------------------------------------------- one file a name at a time


def test_file_that_was_not_taken_is_never_overwritten(mall: PonpareBench) -> None:
    mall.fault("slot_stuck", slot=ITEM)
    adapter = mall.adapter(slot_poll_s=7)
    first = adapter.write_stock([mall.line("mug", 4)])
    before = mall.area()
    with pytest.raises(RateLimitedError, match=r"slot busy: item\.csv") as caught:
        adapter.write_stock([mall.line("mug", 5)])
    assert caught.value.retry_after_s == 7
    assert mall.area() == before
    assert outcomes(adapter.confirm(first)) == [Outcome.SENT]
    mall.clear_faults()
    mall.settle()
    assert outcomes(adapter.confirm(first)) == [Outcome.DONE]


def test_item_file_that_waits_holds_back_option_file_but_not_the_other_way(still: PonpareBench) -> None:
    adapter = still.adapter()
    adapter.write_stock([still.line("tee-red-m", 4)])
    assert outcomes(adapter.write_stock([still.line("mug", 4)])) == [Outcome.SENT]
    for path in still.world.folder.rglob(OPTION):
        path.unlink()
    with pytest.raises(RateLimitedError, match=r"item\.csv"):
        adapter.write_stock([still.line("tee-red-m", 5)])
    assert set(still.area()) == {ITEM}


def test_slot_that_stays_busy_is_told_after_the_wait(still: PonpareBench) -> None:
    still.adapter().write_stock([still.line("mug", 4)])
    late = ManualClock(datetime.now(UTC) + timedelta(minutes=31))
    with pytest.raises(TemporaryError, match="slot busy") as caught:
        still.adapter(clock=late).write_stock([still.line("mug", 5)])
    assert caught.value.hint == "slot_busy"
    with pytest.raises(RateLimitedError):
        still.adapter(clock=late, slot_wait_s=3600).write_stock([still.line("mug", 5)])


# --------------------------------------------------------------------------- the answers


def test_one_bad_sku_among_five_is_refused_in_the_malls_own_words(mall: PonpareBench) -> None:
    # C10
    mall.control("remove_product", code="tee-blue-s")
    adapter = mall.adapter()
    codes = ["tee-red-s", "tee-red-m", "tee-red-l", "tee-blue-m"]
    lines = [mall.line(code, 3) for code in codes] + [StockLine("tee-blue-s", ("tee", "-blue", "-s"), 3)]
    results = carry_out(mall, adapter, lines)
    assert outcomes(results) == [Outcome.DONE] * 4 + [Outcome.REFUSED]
    assert reason(results[4]) == "SKU横軸項目ID・SKU縦軸項目IDの組み合わせが存在しません。"


def test_file_that_is_refused_whole_refuses_its_lines(tmp_path: Path) -> None:
    with shop(tmp_path, violations=1, max_rows=1) as mall:  # no limit of rows is known
        results = carry_out(mall, mall.adapter(), [mall.line("mug", 5), mall.line("cap-navy", 5)])
        assert outcomes(results) == [Outcome.REFUSED] * 2
        assert "the whole file" in reason(results[0])
        assert results[0].error is not None
        assert results[0].error.hint == "file_refused"


def test_lines_stay_sent_while_no_answer_is_there(mall: PonpareBench) -> None:
    mall.fault("no_result")
    adapter = mall.adapter()
    sent = adapter.write_stock([mall.line("mug", 5)])
    until(lambda: mall.stock("mug") == 5)
    assert adapter.confirm(sent) == sent
    mall.clear_faults()
    # The next upload's answer has another number, so it is no answer to the first.
    again = adapter.write_stock([mall.line("mug", 6)])
    until(lambda: mall.area("/log"))
    assert outcomes(adapter.confirm([*sent, *again])) == [Outcome.SENT, Outcome.DONE]


def test_row_that_the_answer_leaves_out_stays_sent(mall: PonpareBench) -> None:
    mall.fault("omit", nth=1)
    results = carry_out(mall, mall.adapter(), [mall.line("mug", 5), mall.line("cap-navy", 5)])
    assert outcomes(results) == [Outcome.DONE, Outcome.SENT]


def test_answers_are_kept_until_their_rows_are_recorded(mall: PonpareBench) -> None:
    adapter = mall.adapter()
    first = adapter.write_stock([mall.line("mug", 5)])
    mall.settle()
    for _ in range(2):  # the first answer may have been lost on its way to the state
        assert outcomes(adapter.confirm(first)) == [Outcome.DONE]
    (old,) = mall.area("/log")
    until(lambda: f"item_{mall.now() + timedelta(hours=9):%Y%m%d%H%M%S}.csv" > old)  # named by the second
    second = adapter.write_stock([mall.line("mug", 6)])
    mall.settle()
    assert outcomes(mall.adapter(keep_results=True).confirm(second)) == [Outcome.DONE]
    assert old in mall.area("/log")
    assert outcomes(adapter.confirm(second)) == [Outcome.DONE]
    assert old not in mall.area("/log")
    assert len(mall.area("/log")) == 1


def test_answer_is_found_after_a_restart(mall: PonpareBench) -> None:
    sent = mall.adapter().write_stock([mall.line("mug", 5)])
    mall.settle()
    assert outcomes(mall.adapter().confirm(sent)) == [Outcome.DONE]


@pytest.mark.parametrize(
    "settings",
    [{"result_encoding": "utf-8"}, {"result_stamp": "%H%M%S"}, {"results_on": "second"}, {"work_s": 0.2}],
    ids=lambda settings: "".join(settings),
)
def test_answers_are_found_where_and_however_the_mall_puts_them(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    with shop(tmp_path, **settings) as mall:
        adapter = mall.adapter()
        assert "0 file(s)" in adapter.check().detail
        lines = [mall.line("mug", 5), mall.line("tee-red-m", 7), mall.unknown()]
        results = carry_out(mall, adapter, lines)
        assert outcomes(results) == [Outcome.DONE, Outcome.DONE, Outcome.REFUSED]
        assert reason(results[2]) == "商品管理IDが存在しません。"


def test_missing_folder_is_named(mall: PonpareBench) -> None:
    with pytest.raises(UnexpectedReplyError, match="/results"):
        mall.adapter(result_dir="/results").check()


# --------------------------------------------------------------------------- lost on the way


@pytest.mark.parametrize("taken", [True, False])
def test_upload_whose_answer_was_lost_is_found_and_not_sent_again(tmp_path: Path, taken: bool) -> None:
    with shop(tmp_path, tick_s=0.05 if taken else 3600) as mall:
        mall.fault("cut_after", function="upload", count=1)
        adapter = mall.adapter()
        sent = adapter.write_stock([mall.line("mug", 5)])
        assert outcomes(sent) in ([[Outcome.SENT], [Outcome.UNKNOWN]] if taken else [[Outcome.SENT]])
        if taken and sent[0].outcome is Outcome.SENT:
            mall.settle()
            assert outcomes(adapter.confirm(sent)) == [Outcome.DONE]
            assert len(mall.uploads()) == 1


def test_part_of_a_file_is_taken_out_of_its_slot(still: PonpareBench) -> None:
    still.fault("drop_in_transfer", bytes=60, count=1)
    (result,) = still.adapter().write_stock([still.line("mug", 12)])
    assert result.outcome is Outcome.UNKNOWN
    assert isinstance(result.error, OutcomeUnknownError)
    assert still.area() == {}
    assert outcomes(still.adapter().write_stock([still.line("mug", 12)])) == [Outcome.SENT]


def test_failure_of_the_second_file_leaves_the_first_sent(still: PonpareBench) -> None:
    still.fault("drop_in_transfer", bytes=1000)  # the file of one SKU is shorter
    lines = [*still.filler(100), still.line("tee-red-m", 6)]
    results = still.adapter().write_stock(lines)
    assert outcomes(results) == [Outcome.UNKNOWN] * 100 + [Outcome.SENT]
    assert set(still.area()) == {OPTION}


def test_part_names_are_a_setting(tmp_path: Path) -> None:
    with shop(tmp_path, names="any") as mall:
        adapter = mall.adapter(part_names=True)
        assert outcomes(carry_out(mall, adapter, [mall.line("mug", 5)])) == [Outcome.DONE]
        assert "/item.csv.tmp" in {row["summary"] for row in mall.control("journal")}


@pytest.mark.parametrize("function", ["list", "upload"])
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (421, TemporaryError),
        (452, TemporaryError),
        (500, UnexpectedReplyError),
        (530, AuthError),
        (550, UnexpectedReplyError),
        (553, UnexpectedReplyError),
    ],
)
def test_answer_of_trouble_is_classed_by_its_code(
    still: PonpareBench, code: int, expected: type[MallError], function: str
) -> None:
    still.fault("status", code=code, function=function)
    with pytest.raises(MallError) as caught:
        still.adapter().write_stock([still.line("mug", 5)])
    assert type(caught.value) is expected
    assert caught.value.vendor_code == str(code)
    assert still.area() == {}


@pytest.mark.parametrize("closed", ["maintenance", "rate_limit"])
def test_server_that_lets_nobody_in_is_temporary_whatever_its_words(mall: PonpareBench, closed: str) -> None:
    mall.fault(closed)
    for call in (mall.adapter().check, lambda: mall.adapter().write_stock([mall.line("mug", 5)])):
        with pytest.raises(TemporaryError, match="421"):
            call()
    mall.clear_faults()
    assert mall.adapter().check().detail


# --------------------------------------------------------------------------- the way there


def test_refused_log_in_is_tried_once(mall: PonpareBench) -> None:
    mall.fault("login_530")
    with pytest.raises(AuthError) as caught:
        mall.adapter().write_stock([mall.line("mug", 5)])
    assert caught.value.vendor_code == "530"
    until(lambda: mall.control("logins")["bad"])
    assert mall.control("logins") == {"good": 0, "bad": 1}


def test_clear_text_log_in_is_never_tried(mall: PonpareBench) -> None:
    mall.fault("tls_refused")
    with pytest.raises(NotSentError) as caught:
        mall.adapter().write_stock([mall.line("mug", 5)])
    assert caught.value.hint == "no_clear_text"
    assert not mall.control("seen", text=mall.password)


def test_expired_certificate_is_refused_unless_verifying_is_off_which_is_told(mall: PonpareBench) -> None:
    mall.fault("cert_expired")
    with pytest.raises(NotSentError) as caught:
        mall.adapter().check()
    assert caught.value.hint == "tls_untrusted"
    assert "not verified" in mall.adapter(tls_verify=False).check().detail


def test_credential_that_was_never_set_opens_no_connection(mall: PonpareBench) -> None:
    adapter = mall.adapter(password="")
    with pytest.raises(AuthError) as caught:
        adapter.check()
    assert caught.value.hint == "credential_not_set"
    assert {status.state for status in adapter.credential_status()} == {CredentialState.UNKNOWN}
    assert mall.calls() == 0


def test_bot_that_is_ending_opens_no_connection(mall: PonpareBench) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(NotSentError):
        mall.adapter(stop=stop).write_stock([mall.line("mug", 5)])
    assert mall.calls() == 0


@pytest.mark.parametrize(
    ("value", "answer"), [("made-up-2", ""), ("made up", "renew_wrong_form"), ("全角", "renew_wrong_form")]
)
def test_candidate_credential_is_judged_by_its_form(value: str, answer: str) -> None:
    assert PonpareAdapter.belongs({}, {"password": Secret(value)}) == answer


# --------------------------------------------------------------------------- denied, and orders


def test_stock_and_orders_cannot_be_read_from_the_mall(mall: PonpareBench) -> None:
    adapter = mall.adapter()
    window: Any = None
    for call in (
        lambda: adapter.read_stock([("mug",)]),
        lambda: adapter.read_orders(window),
        lambda: adapter.read_orders_again(["x"]),
    ):
        with pytest.raises(UnsupportedError):
            call()
    assert mall.calls() == 0


def test_order_file_of_the_mall_is_read_without_a_call(mall: PonpareBench) -> None:
    # C1
    adapter = mall.adapter()
    kept, gone = mall.order("mug", 2), mall.order("tee-red-m", 1)
    before = adapter.parse_orders(*mall.order_file())
    mall.cancel(gone)
    after = adapter.parse_orders(*mall.order_file())
    assert [order.order_id for order in after] == [kept, gone]
    assert [
        (each.mall_code, each.address, each.quantity, each.state.value) for o in after for each in o.lines
    ] == [
        ("mug", ("mug",), 2, "sold"),
        ("tee-red-m", ("tee", "-red", "-m"), 1, "cancelled"),
    ]
    assert [each.line_id for o in after for each in o.lines] == [
        each.line_id for o in before for each in o.lines
    ]
    assert adapter.parse_orders(*mall.order_file()) == after
    assert not [name for name in mall.personal if name in repr(after)]
    assert mall.calls() == 0


def test_orders_meet_the_products_by_address(mall: PonpareBench) -> None:
    adapter = mall.adapter()
    mall.order("tee-blue-l", 1)
    ((bought,),) = [order.lines for order in adapter.parse_orders(*mall.order_file())]
    assert {product.address: product.mall_code for product in adapter.read_products()}[
        bought.address
    ] == "tee-blue-l"


def test_columns_of_the_order_file_may_have_other_names(tmp_path: Path) -> None:
    with shop(
        tmp_path, order_columns={"注文番号": "受注番号", "個数": "数量"}, order_time_form="%Y-%m-%d %H:%M"
    ) as mall:
        order_id = mall.order("mug", 2)
        with pytest.raises(UnexpectedReplyError, match="注文番号, 個数"):
            mall.adapter().parse_orders(*mall.order_file())
        adapter = mall.adapter(order_columns="注文番号=受注番号, 個数=数量")
        (order,) = adapter.parse_orders(*mall.order_file())
        assert (order.order_id, order.lines[0].quantity) == (order_id, 2)
        assert abs(order.ordered_at - mall.now()) < timedelta(minutes=3)
