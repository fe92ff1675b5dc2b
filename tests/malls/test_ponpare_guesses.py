"""ポンパレモール: what no document tells is tried each way: a number is right, or an error says why not.

The other tests drive the simulator as it is set usually; here each switch is set otherwise.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import LineState, Outcome
from adapters.errors import NotSentError, UnexpectedReplyError
from sandbox.malls.ponpare.settings import Settings
from tests.contract import carry_out
from tests.malls import test_ponpare
from tests.malls.ponpare_bench import shop

WRITES: list[dict[str, Any]] = [
    {},
    {"upload_dir": "/in", "result_dir": "/out/"},
    {"names": "any"},
    {"line_ends": "any"},
    {"folds_case": True},
    {"names_required": False},
    {"downloaded_control": "n"},
    {"password_days": 0},
]
ORDERS: list[dict[str, Any]] = [
    {},
    {"new_status": "発送済み"},
    {"personal_columns": False},
    {"lowers_own_stock": False},
    {"returns_stock_on_cancel": True},
    {"order_time_form": "%Y/%m/%d %H:%M"},
    {"order_time_form": "%Y-%m-%d %H:%M:%S"},
    {"order_time_form": "%Y-%m-%dT%H:%M:%S"},
]
HERE = {
    "cancelled_status": "test_own_word_for_a_cancel_is_a_setting_and_another_gives_nothing_back",
    "order_time_form": "test_time_in_another_form_is_named_and_nothing_of_the_file_counts",
    "session_reuse_required": "test_session_is_resumed_where_the_server_asks_for_it",
}
ELSEWHERE = {
    **dict.fromkeys(
        ("results_on", "result_stamp", "result_encoding", "work_s"),
        "test_answers_are_found_where_and_however_the_mall_puts_them",
    ),
    "stock_types": "test_other_values_of_stock_type_are_a_setting",
    "max_rows": "test_file_that_is_refused_whole_refuses_its_lines",
    "order_columns": "test_columns_of_the_order_file_may_have_other_names",
}
NO_GUESS = {"tick_s", "buyer", "user", "password"}


def test_every_switch_is_set_otherwise_in_some_test() -> None:
    known = {**vars(test_ponpare), **globals()}
    assert all(name in known for name in [*HERE.values(), *ELSEWHERE.values()])
    tried = {name for setting in [*WRITES, *ORDERS] for name in setting}
    assert tried | {*HERE, *ELSEWHERE} | NO_GUESS == {field.name for field in fields(Settings)}


def named(setting: dict[str, Any]) -> str:
    return "-".join(f"{name}={value}" for name, value in setting.items()) or "usual"


@pytest.mark.parametrize("setting", WRITES, ids=named)
def test_number_stands_and_is_confirmed_whatever_is_not_known(
    tmp_path: Path, setting: dict[str, Any]
) -> None:
    with shop(tmp_path, **setting) as mall:
        lines = [mall.line("mug", 5), mall.line("tee-red-m", 7), mall.unknown()]
        results = carry_out(mall, mall.adapter(), lines)
        assert [result.outcome for result in results] == [Outcome.DONE, Outcome.DONE, Outcome.REFUSED]
        assert (mall.stock("mug"), mall.stock("tee-red-m")) == (5, 7)


@pytest.mark.parametrize("setting", ORDERS, ids=named)
def test_orders_of_a_file_are_right_whatever_is_not_known(tmp_path: Path, setting: dict[str, Any]) -> None:
    with shop(tmp_path, **setting) as mall:
        adapter, bought = mall.adapter(), [mall.order("mug", 2), mall.order("tee-red-m", 1)]
        mall.cancel(bought[1])
        found = adapter.parse_orders(*mall.order_file())
        assert [order.order_id for order in found] == bought
        assert [(each.mall_code, each.quantity, each.state) for order in found for each in order.lines] == [
            ("mug", 2, LineState.SOLD),
            ("tee-red-m", 1, LineState.CANCELLED),
        ]
        assert all(abs(mall.now() - order.ordered_at) < timedelta(minutes=2) for order in found)


def test_own_word_for_a_cancel_is_a_setting_and_another_gives_nothing_back(tmp_path: Path) -> None:
    with shop(tmp_path, cancelled_status="取消") as mall:
        mall.cancel(mall.order("mug", 2))
        for words, state in (("キャンセル", LineState.SOLD), ("キャンセル, 取消", LineState.CANCELLED)):
            (order,) = mall.adapter(cancelled_statuses=words).parse_orders(*mall.order_file())
            assert [each.state for each in order.lines] == [state]


def test_time_in_another_form_is_named_and_nothing_of_the_file_counts(tmp_path: Path) -> None:
    with shop(tmp_path, order_time_form="%d.%m.%Y %H:%M") as mall:
        mall.order("mug", 2)
        with pytest.raises(UnexpectedReplyError, match="row 2: 注文日時"):
            mall.adapter().parse_orders(*mall.order_file())


@pytest.mark.parametrize("resumes", [True, False])
@pytest.mark.parametrize("session_reuse_required", [True, False])
def test_session_is_resumed_where_the_server_asks_for_it(
    tmp_path: Path, session_reuse_required: bool, resumes: bool
) -> None:
    with shop(tmp_path, tick_s=3600, session_reuse_required=session_reuse_required) as mall:
        adapter = mall.adapter(tls_session_reuse=resumes)
        if session_reuse_required and not resumes:
            with pytest.raises(NotSentError) as caught:
                adapter.write_stock([mall.line("mug", 5)])
            assert caught.value.hint == "tls_session_reuse"
            assert mall.area() == {}
        else:
            assert adapter.write_stock([mall.line("mug", 5)])[0].outcome is Outcome.SENT
