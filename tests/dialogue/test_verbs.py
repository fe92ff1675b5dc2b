"""What the verbs do over the bot's core: lookups, lists, long work, and what is kept of it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from conftest import Housed, until

from adapters.contract import Product as Listed
from adapters.contract import ProductFile
from adapters.errors import TemporaryError
from bot.lines import forecast_lines, history_line
from bot.mapping.model import OrderSource, Product
from bot.messages import say

# ---------------------------------------------------------------------- lookup and its buttons


def test_lookup_shows_the_age_of_both_numbers_and_who_does_not_list_it(housed: Housed) -> None:  # B10 D10
    housed.house.mapping = with_products(housed, Product("mug", listings={"b": None}), Product("tee"))
    [answer] = housed.types("carol", "/zaiko mug")
    assert "時点" in answer["text"]
    assert "の在庫から" in answer["text"]
    assert "（b）：取扱なし" in answer["text"]
    [alone] = housed.types("carol", "/zaiko mug b")
    assert "取扱なし" in alone["text"]


def test_linked_and_not_on_sale_is_said(housed: Housed) -> None:  # B16
    listed = [Listed("tee", ("tee",), "tee", on_sale=False), Listed("mug", ("mug",), "mug", on_sale=True)]
    desk = housed.house.desks.desk(housed.house.mapping.shop("a"))
    housed.actions.take_products(desk, ProductFile(tuple(listed)))
    [answer] = housed.types("carol", "/zaiko tee a")
    assert "公開されていません" in answer["text"]
    [why] = housed.types("carol", "/zaiko why tee a")
    assert "公開されていません" in why["text"]


def with_products(stage: Housed, *products: Product) -> Any:
    return replace(stage.house.mapping, products=products)


def test_history_button_shows_the_lines_of_the_shell(housed: Housed) -> None:  # E4
    housed.house.malls["a"].order({"tee": 2})
    housed.house.tick()
    before = housed.control("revision")
    housed.types("carol", "/zaiko tee")
    housed.control("click", user="carol", label="履歴")
    seen = housed.sees("carol", "tee の履歴", after=before)
    shell = [
        history_line(line, "tee", lambda key, **params: say(key, "ja", **{"command": "tanaban", **params}))
        for line in housed.actions.stockroom.history("tee", 50)
    ]
    assert len(shell) >= 4
    assert all(line.replace("<", "&lt;").replace(">", "&gt;") in seen["text"] for line in shell)


def test_chart_button_draws_stock_and_sales(housed: Housed) -> None:  # E14
    housed.house.malls["a"].order({"tee": 2})
    housed.house.tick()
    housed.house.clock.advance(timedelta(days=3).total_seconds())
    before = housed.control("revision")
    housed.types("carol", "/zaiko tee")
    housed.control("click", user="carol", label="グラフ")
    seen = housed.sees("carol", "28日間", after=before)
    assert "販売 2個" in seen["text"]
    assert "いま販売できる数 8個" in seen["text"]
    assert "data_visualization" in str(seen)


def test_menu_of_the_lookup_says_why(housed: Housed) -> None:  # C16
    housed.actions.pause("tee", None, "棚卸", "U0BOB0001")
    before = housed.control("revision")
    housed.types("bob", "/zaiko tee")
    housed.control("select", user="bob", option="a", action_id="why:shop:tee")
    seen = housed.sees("bob", "tee と a", after=before)
    assert "✗ 一時停止" in seen["text"]
    housed.control("click", user="bob", label="resume tee を実行")
    housed.sees("carol", "teeを再開しました", after=seen["revision"])
    assert housed.actions.pausing.pauses() == []


# ---------------------------------------------------------------------- lists, audit, plans


def test_long_list_goes_as_a_file_by_direct_message(housed: Housed) -> None:
    products = [Product(f"code-{n:05}", f"=品 {n}") for n in range(1_000)]
    housed.house.mapping = with_products(housed, *products)
    before = housed.control("revision")
    housed.types("carol", "/zaiko list")
    answer = housed.sees("carol", "全1,000行の CSV をダイレクトメッセージで送りました", after=before)
    assert "商品一覧 1,000件" in answer["text"]
    message = housed.sees("carol", "codes.csv", after=before)
    rows = list(csv.reader(io.StringIO(file_of(message).lstrip("\ufeff"))))
    assert len(rows) == 1_001
    assert rows[1] == ["code-00000", "未登録", "反映待ち", "'=品 0"]  # no formula for a spreadsheet
    assert "codes.csv" not in housed.texts("bob")


def file_of(message: dict[str, Any]) -> str:
    return str(message["files"][0]["content"])


def test_file_that_slack_does_not_take_is_said(housed: Housed) -> None:
    housed.control("fault", name="refuse", method="files.completeUploadExternal", error="not_allowed")
    before = housed.control("revision")
    housed.types("carol", "/zaiko list --csv")
    housed.sees("carol", "ファイルを送れませんでした", after=before)


def test_audit_has_a_line_before_and_one_after_each_write(housed: Housed) -> None:  # E7
    housed.types("bob", "/zaiko pause tee 2h")
    housed.types("bob", "/zaiko import a")
    housed.types("bob", "/zaiko orders import a")
    housed.types("bob", "/zaiko sync a")
    housed.house.tick()
    housed.house.tick()
    mine = [(action, result) for who, action, result in housed.audits() if who == "U0BOB0001"]
    for action in ("pause", "import", "orders", "sync"):
        assert [result for name, result in mine if name == action] == ["asked", "done"], action
    before = housed.control("revision")
    housed.types("alice", "/zaiko audit 2")
    assert "pause" in housed.sees("alice", "直近2日の操作", after=before)["text"]
    message = housed.sees("alice", "audit.csv", after=before)
    assert "U0BOB0001,pause" in file_of(message)


def test_dry_run_shows_the_plan_of_the_shell_and_reaches_no_mall(housed: Housed) -> None:  # E5
    housed.house.clock.advance(1)
    housed.actions.count_stock({"tee": 4}, housed.house.clock.now(), "clerk")
    calls = housed.house.calls()
    [answer] = housed.types("bob", "/zaiko sync a --dry-run")
    found = housed.actions.forecast("a")
    shell = forecast_lines(found, lambda key, **params: say(key, "ja", **{"command": "tanaban", **params}))
    assert all(line.replace(">", "&gt;") in answer["text"] for line in shell)
    assert "tee（tee）: 10 → 4" in answer["text"] or "tee (tee): 10" in answer["text"]
    assert housed.house.calls() == calls


# ---------------------------------------------------------------------- long work


def test_import_of_ten_thousand_rows_shows_progress_and_an_end(housed: Housed) -> None:  # E13
    housed.house.malls["a"].stock |= {f"code-{n:05}": 1 for n in range(10_000)}
    before = housed.control("revision")
    [answer] = housed.types("bob", "/zaiko import a")
    assert "スレッドに出ます" in answer["text"]
    root = housed.sees("carol", "商品一覧を読み込んでいます", after=before)
    assert "<@U0BOB0001>" in root["text"]
    housed.house.look("a")
    progress = housed.sees("carol", "10,002", after=before)
    end = housed.sees("carol", "✅ a：10,002件を読み込みました", after=before)
    assert progress["thread_ts"] == end["thread_ts"] == root["ts"]
    assert len(housed.actions.products("a")[0]) == 10_002


def test_failed_errand_is_told_and_the_shop_goes_on(housed: Housed) -> None:
    housed.house.malls["a"].fail("read_products", TemporaryError("503"))
    before = housed.control("revision")
    housed.types("bob", "/zaiko import a")
    housed.house.look("a")
    housed.sees("carol", "❌ a：失敗しました", after=before)
    assert [result for _, action, result in housed.audits() if action == "import"] == ["asked", "failed"]
    housed.house.tick()
    assert housed.house.state() == "ok"


def test_errand_that_still_waits_at_a_stop_is_told_so(housed: Housed) -> None:
    before = housed.control("revision")
    housed.types("bob", "/zaiko import a")
    housed.actions.errands.close()
    housed.sees("carol", "ボットの停止で中断しました", after=before)


def test_sync_is_followed_to_its_end_in_the_thread(housed: Housed) -> None:  # E13
    before = housed.control("revision")
    housed.types("bob", "/zaiko sync full")
    root = housed.sees("carol", "a の2件をモールから読み直しています", after=before)
    for _ in range(4):
        housed.house.tick()
    end = housed.sees("carol", "✅ a：2件の見直しが終わりました", after=before)
    assert end["thread_ts"] == root["ts"]


def test_orders_come_in_by_the_command_and_unmapped_ones_are_named(housed: Housed) -> None:
    housed.house.malls["a"].stock["stray"] = 5
    housed.house.malls["a"].order({"tee": 1, "stray": 1})
    before = housed.control("revision")
    housed.types("bob", "/zaiko orders import a")
    housed.house.look("a")
    seen = housed.sees("carol", "対応表にない商品：stray", after=before)
    assert "注文 1件" in seen["text"]


@pytest.mark.parametrize(
    ("change", "says", "hears"),
    [
        ({"orders": OrderSource.FILE}, "orders import a", "tanaban orders import a"),
        ({"orders": OrderSource.VIA, "via": "b"}, "orders import a", "orders import b"),
    ],
)
def test_work_that_cannot_be_done_here_names_the_way(
    housed: Housed, change: dict[str, Any], says: str, hears: str
) -> None:
    housed.house.change_shop("a", **change)
    [answer] = housed.types("bob", f"/zaiko {says}")
    assert hears in answer["text"]
    assert housed.audits()[-1][2].startswith("refused: ")


def test_check_answers_at_once_and_then_with_what_the_mall_said(housed: Housed) -> None:
    before = housed.control("revision")
    [answer] = housed.types("bob", "/zaiko check")
    assert "a、b の接続を確かめています" in answer["text"]
    seen = housed.sees("bob", "✓ a：接続できました", after=before)
    assert "✓ b：接続できました" in seen["text"]
    housed.house.malls["a"].key = "100001_another"
    housed.types("bob", "/zaiko check a")
    housed.sees("bob", "✗ a：", after=seen["revision"])


def test_twenty_checks_at_work_hold_up_no_acknowledgement(housed: Housed) -> None:
    for _ in range(5):
        housed.types("bob", "/zaiko check")
    assert not housed.control("type", user="bob", text="/zaiko status").get("error")
    assert max(ack["ms"] for ack in housed.control("acks")[-6:]) < 1000
    until(lambda: housed.control("count", text="✓ a：接続できました") >= 5)
