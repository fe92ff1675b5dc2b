"""Files by a form: checked before use, the plan shown, and done only when it is confirmed."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import Housed, until
from slack_sdk import WebClient

from adapters.contract import LineState, Order, OrderLine, Product, ProductFile
from adapters.errors import UnexpectedReplyError
from bot.answers import FileProblem, Refused
from bot.filing import Brought, Filed, FileKind
from bot.messages import LANGUAGES
from bot.slack import limits, uploads
from bot.slack.files import Files
from bot.slack.uploads import done_message, plan_message, upload_modal
from bot.slack.voice import Voice
from bot.store.database import reading
from bot.store.ledger import balance_of

COUNT = "コード,数量\ntee,7\nmug,10\n"


def on_hand(stage: Housed, code: str) -> int:
    with reading(stage.engine) as connection:
        return balance_of(connection, code).on_hand


def brings(stage: Housed, user: str, content: bytes | str, name: str = "count.csv", **values: Any) -> Any:
    """Open the form from Home and send a file; gives what became of the form."""
    stage.control("open_home", user=user, within_s=10)
    stage.control("click", user=user, home=True, action_id="upload:open")
    stage.control("wait_modal", user=user, text="内容を確かめる")
    data = content.encode() if isinstance(content, str) else content
    file = {"name": name, "base64": b64encode(data).decode()}
    return stage.control("submit", user=user, values={**values, "file": [file]})


def error(answer: Any) -> str:
    return str(answer["blocks"]["file"])


@pytest.fixture
def with_files(housed: Housed) -> Housed:
    """The same with a mall that has files: three orders, or two products."""
    now = housed.house.clock.now()

    def parse_orders(_self: Any, name: str, content: bytes) -> list[Order]:
        if not content.startswith(b"orders"):
            raise UnexpectedReplyError(f"{name}: the column 受注番号 is missing")
        line = OrderLine("1", "tee", ("tee",), 1, LineState.SOLD)
        return [Order(f"F-{n}", now + timedelta(seconds=n), (line,)) for n in range(3)]

    def parse_products(_self: Any, _name: str, _content: bytes) -> ProductFile:
        return ProductFile((Product("tee", ("tee",), "Tシャツ"), Product("new", ("new",), "新商品")))

    housed.house.adapter_class.parse_orders = parse_orders
    housed.house.adapter_class.parse_products = parse_products
    housed.house.clock.advance(60)
    return housed


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_count_is_shown_first_and_entered_when_it_is_confirmed(housed: Housed, encoding: str) -> None:  # E3
    before = housed.control("revision")
    assert brings(housed, "bob", COUNT.encode(encoding))["closed"]
    plan = housed.sees("bob", "2件のうち 1件が変わります", after=before)
    assert "tee: 10 → 7" in plan["plain"]
    assert on_hand(housed, "tee") == 10
    housed.control("click", user="bob", message_ts=plan["ts"], label="取り込む")
    told = housed.sees("carol", "取り込みました：2件のうち 1件を変更", after=before)
    assert "count.csv" in told["plain"]
    assert on_hand(housed, "tee") == 7
    audits = [line for line in housed.audits() if line[1] == "count"]
    assert audits == [("U0BOB0001", "count", "asked"), ("U0BOB0001", "count", "done")]


def test_count_with_bad_rows_names_each_and_nothing_is_shown_to_confirm(housed: Housed) -> None:  # E3
    answer = brings(housed, "bob", "code,quantity\ntee,x\nposter,1\n")
    assert "2行目" in error(answer)
    assert "3行目" in error(answer)
    assert "poster" in error(answer)
    assert on_hand(housed, "tee") == 10


def test_file_of_another_type_or_size_is_refused_before_it_is_fetched(
    housed: Housed, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "csv, xlsx" in error(brings(housed, "bob", COUNT, name="count.exe"))
    housed.control("close_modal", user="bob")
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    assert "10MB" in error(brings(housed, "bob", COUNT))


def test_count_of_a_time_to_come_is_refused_under_its_field(housed: Housed) -> None:
    answer = brings(housed, "bob", COUNT, as_of="25:00")
    assert "25:00" in answer["blocks"]["as_of"]


def test_reader_brings_no_file(housed: Housed) -> None:
    housed.control("open_home", user="carol", within_s=10)
    assert "ファイルを取り込む" not in housed.control("home", user="carol")["plain"]


def test_plan_that_is_not_wanted_is_dropped(housed: Housed) -> None:
    before = housed.control("revision")
    brings(housed, "bob", COUNT)
    plan = housed.sees("bob", "が変わります", after=before)
    housed.control("click", user="bob", message_ts=plan["ts"], label="やめる")
    housed.sees("bob", "取り込みませんでした", after=plan["revision"])
    assert on_hand(housed, "tee") == 10


def test_orders_of_a_file_count_once_however_often_it_is_brought(with_files: Housed) -> None:  # C15
    for moved in ("3", "0"):
        before = with_files.control("revision")
        answer = brings(with_files, "bob", "orders", name="orders.csv", kind="orders", shop="a")
        assert answer["closed"]
        plan = with_files.sees("bob", f"注文 3件、在庫の動き {moved}件", after=before)
        with_files.control("click", user="bob", message_ts=plan["ts"], label="取り込む")
        with_files.sees("carol", "を取り込みました", after=plan["revision"])
        until(lambda: on_hand(with_files, "tee") == 7)


def test_file_of_another_form_says_what_is_missing(with_files: Housed) -> None:
    answer = brings(with_files, "bob", "x", name="orders.csv", kind="orders", shop="a")
    assert "受注番号" in error(answer)


def test_products_of_a_file_are_kept_and_what_is_odd_is_told(with_files: Housed) -> None:  # A15
    def codes() -> set[str]:
        return {product.mall_code for product in with_files.actions.products("a")[0]}

    before = with_files.control("revision")
    brings(with_files, "bob", "products", name="items.csv", kind="products", shop="a")
    plan = with_files.sees("bob", "商品 items.csv：2件", after=before)
    assert "new" in plan["plain"]
    assert codes() == {"mug", "tee"}
    with_files.control("click", user="bob", message_ts=plan["ts"], label="取り込む")
    until(lambda: codes() == {"new", "tee"})


def test_file_that_the_token_may_not_read_is_refused_with_the_scope(housed: Housed) -> None:
    state = housed.workspace.state
    settings = state.settings
    state.settings = replace(settings, scopes=tuple(s for s in settings.scopes if s != "files:read"))
    try:
        assert "files:read" in error(brings(housed, "bob", COUNT))
    finally:
        state.settings = settings


@pytest.mark.parametrize("url", ["https://elsewhere.example/f", "http://files.slack.com/f", "file:///etc/x"])
def test_token_goes_to_slacks_own_hosts_alone(url: str) -> None:
    files = Files(WebClient(token="xoxb-made-up"))
    with pytest.raises(Refused, match="upload_not_fetched"):
        files.fetch(url, 10)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_form_and_plan_fits_into_slack(lang: str) -> None:
    voice, numbers = Voice(lang), dict.fromkeys(("count", "changed", "before", "after", "moved"), "9,999")
    findings = [FileProblem(n, "upload.unmapped", {"code": "<!channel>" * 9}) for n in range(99)]
    lines = [("count.line", {"code": f"code-{n}" * 9, "before": "1", "after": "2"}) for n in range(99)]
    filed = Filed(numbers, findings=findings, lines=lines)
    assert limits.problems(upload_modal([f"shop-{n}" for n in range(200)], voice)) == []
    for kind in FileKind:
        file = Brought(kind, "表 <b>.csv", b"", datetime.now(UTC), "a")
        for shown in (
            plan_message(file, filed, "0" * 16, voice),
            done_message(file, filed, "U0BOB0001", voice),
        ):
            assert limits.problems(shown.body()) == []
            assert "<!channel>" not in shown.text
