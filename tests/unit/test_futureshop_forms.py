"""The forms of futureshop by themselves: codes, stock, verdicts, batches, orders, tokens. No socket."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.contract import LineState, Outcome, StockLine, Window
from adapters.errors import AuthError, RateLimitedError, UnexpectedReplyError
from adapters.futureshop import csvfiles, orders, stock, wire
from adapters.futureshop.adapter import FutureshopAdapter
from adapters.futureshop.batch import Batch
from adapters.futureshop.stock import Answer
from adapters.futureshop.wire import Call, Fault, Function, Malformed
from adapters.http import Reply
from adapters.secret import Secret

ABILITIES = FutureshopAdapter.abilities
BASE = "https://api.example.jp"


def product(number: str, *skus: tuple[str, str, str], **more: Any) -> dict[str, Any]:
    rows = [{"skuNo": s, "horizontalNo": h, "verticalNo": v, "count": 4} for s, h, v in skus]
    return {"productNo": number, "name": "品", "inventoryInfo": {"regular": {"inventoryList": rows}}, **more}


def matched(*rows: dict[str, Any]) -> list[tuple[str, str]]:
    cells = [cell for row in rows for cell in stock.cells_of(row)]
    return [(found.mall_code, found.note) for found in stock.products_of(cells)]


# --------------------------------------------------------------------------- codes and products


def test_two_products_that_join_to_one_code_are_both_left_out() -> None:
    twice = matched(product("gd3", ("gd3sgray", "s", "gray")), product("gd", ("gd3sgray", "3s", "gray")))
    assert twice == [("", f"{stock.AMBIGUOUS}: gd3sgray")] * 2


def test_product_that_moves_between_two_pages_is_listed_once() -> None:
    one = product("gd1", ("gd1", "", ""))
    assert matched(one, one) == [("gd1", "")]


def test_product_without_ordinary_stock_has_no_cell() -> None:
    assert matched({"productNo": "r", "inventoryInfo": {"preorder": {"inventoryList": []}}}) == []
    assert matched({"productNo": "r", "inventoryInfo": {"regular": {}}}) == []


def test_sku_without_a_code_says_so() -> None:
    assert matched(product("gd1", ("", "", ""))) == [("", stock.NO_CODE)]


@pytest.mark.parametrize("count", ["4", None, True, 4.5])
def test_count_that_is_no_whole_number_is_not_understood(count: object) -> None:
    row = product("gd1", ("gd1", "", ""))
    row["inventoryInfo"]["regular"]["inventoryList"][0]["count"] = count
    with pytest.raises(Malformed, match="count"):
        stock.cells_of(row)


def test_question_names_each_product_once_and_stays_short() -> None:
    # C10
    many = [(f"p{n}", branch, "") for n in range(250) for branch in ("a", "b")]
    asked = [query["productNo"].split(",") for query in stock.queries(many)]
    assert [len(part) for part in asked] == [100, 100, 50]
    kana = stock.queries([(f"{'あ' * 9}{n:03}", "", "") for n in range(100)])
    assert len(kana) > 1
    assert all(len(query["productNo"].encode()) * 3 < 8_000 for query in kana)
    assert stock.queries([]) == []


# --------------------------------------------------------------------------- writing


def test_body_of_a_write_is_the_manuals_own() -> None:
    form = stock.write_form([StockLine("gd101", ("gd1", "", "01"), 0)])
    assert json.dumps(form, sort_keys=True, separators=(",", ":")) == (
        '{"productList":[{"inventoryInfo":{"regular":{"inventoryList":'
        '[{"count":0,"horizontalNo":"","verticalNo":"01"}]}},"productNo":"gd1"}]}'
    )


def said(*rows: tuple[str, str], top: str = "success", **more: Any) -> Answer:
    results = [{"productNo": name, "status": status, **more} for name, status in rows]
    return stock.answer_of({"status": top, "results": results}, ["a", "b"])


def kinds(answer: Answer) -> list[type]:
    return [type(verdict) for verdict in answer.verdicts.values()]


def test_done_is_only_what_has_its_own_success() -> None:
    done, lost = type(None), UnexpectedReplyError
    assert kinds(said(("a", "success"), ("b", "success"))) == [done, done]
    assert kinds(said(("a", "success"))) == [done, lost]
    assert kinds(said(("a", "success"), ("b", "success"), top="failed")) == [lost, lost]
    assert kinds(said(("a", "success"), ("b", "failed"), top="failed")) == [done, lost]
    assert kinds(said(("a", "success"), ("b", "success"), ("a", "failed"))) == [lost, done]
    known = [{"code": "ProductNotFound", "message": "x"}]
    assert kinds(said(("a", "failed"), ("b", "success"), errors=known)) == [Fault, done]
    with pytest.raises(Malformed):
        said(("a", "perhaps"))


def lines_of(count: int, cells: int = 1) -> list[StockLine]:
    places = [(f"p{n}", f"h{cell}", "") for n in range(count) for cell in range(cells)]
    return [StockLine("".join(place), place, 1) for place in places]


def write(lines, send, known=lambda addresses: addresses) -> list[Outcome]:
    results = Batch(lines, ABILITIES, send, known).run()
    assert [result.line for result in results] == lines
    return [result.outcome for result in results]


def products_of(lines) -> list[str]:
    return list(dict.fromkeys(line.address[0] for line in lines))


def test_refusal_that_names_no_product_is_halved_to_single_ones() -> None:
    def send(lines) -> Answer:
        names = products_of(lines)
        bad = {"p3", "p17"} & set(names)
        verdict = Fault("ProductNotFound") if bad else None
        return Answer(dict.fromkeys(names, verdict), whole=bool(bad))

    outcomes = write(lines_of(20), send)
    assert [n for n, outcome in enumerate(outcomes) if outcome is Outcome.REFUSED] == [3, 17]
    assert set(outcomes) == {Outcome.DONE, Outcome.REFUSED}


def test_halving_ends_after_its_calls_and_leaves_the_rest_unknown() -> None:
    def send(lines) -> Answer:
        return Answer(dict.fromkeys(products_of(lines), Fault("ProductNotFound")), whole=True)

    assert set(write(lines_of(100), send)) == {Outcome.UNKNOWN, Outcome.REFUSED}


def test_refused_product_whose_cells_all_exist_is_tried_only_once_more() -> None:
    calls = []

    def send(lines) -> Answer:
        calls.append(lines)
        return Answer(dict.fromkeys(products_of(lines), Fault("StockNotFound")))

    assert write(lines_of(1, cells=3), send) == [Outcome.REFUSED] * 3
    assert len(calls) == 2


def test_cells_stay_unknown_where_their_product_cannot_be_read() -> None:
    def send(lines) -> Answer:
        return Answer(dict.fromkeys(products_of(lines), Fault("StockNotFound")))

    def known(addresses):
        raise RateLimitedError("429")

    assert write(lines_of(1, cells=2), send, known) == [Outcome.UNKNOWN] * 2


def test_cell_that_its_product_lacks_is_never_sent_where_the_bot_looks_first() -> None:
    sent = []

    def send(lines) -> Answer:
        sent.extend(lines)
        return Answer(dict.fromkeys(products_of(lines)))

    plain = StockLine("mug", ("mug", "", ""), 1)  # has no pair that could be made by mistake
    lines = [*lines_of(2, cells=3), plain]
    there = [line.address for line in lines[:5]]
    results = Batch(lines, ABILITIES, send, lambda _asked: there, look_first=True).run()
    assert [result.outcome for result in results] == [*[Outcome.DONE] * 5, Outcome.REFUSED, Outcome.DONE]
    assert sent == [*lines[:5], plain]


def test_nothing_is_sent_where_the_bot_looks_first_and_cannot_see() -> None:
    def send(lines) -> Answer:
        raise AssertionError(lines)

    def known(addresses):
        raise RateLimitedError("429")

    with pytest.raises(RateLimitedError):
        Batch(lines_of(1, cells=2), ABILITIES, send, known, look_first=True).run()


def test_failure_of_a_later_call_does_not_hide_what_was_written() -> None:
    calls = []

    def send(lines) -> Answer:
        calls.append(lines)
        if len(calls) == 2:
            raise RateLimitedError("429")
        return Answer(dict.fromkeys(products_of(lines)))

    assert write(lines_of(150), send) == [Outcome.DONE] * 100 + [Outcome.UNKNOWN] * 50
    del calls[1:]
    with pytest.raises(RateLimitedError):
        write(lines_of(1), send)


# --------------------------------------------------------------------------- token, pages, errors


def test_token_request_has_the_two_values_in_basic_and_the_shop_key_beside() -> None:
    request = wire.token_request(BASE, Secret("shop"), Secret("fs-client.demo"), Secret("demo-secret"))
    assert request.headers["Authorization"] == "Basic ZnMtY2xpZW50LmRlbW86ZGVtby1zZWNyZXQ="
    assert base64.b64decode(request.headers["Authorization"][6:]) == b"fs-client.demo:demo-secret"
    assert (request.headers["X-SHOP-KEY"], request.body) == ("shop", b"grant_type=client_credentials")
    assert "demo" not in repr(request)


@pytest.mark.parametrize(
    "next_url",
    [
        "https://evil.example/admin-api/v1/inventory?cursor=a",
        "http://api.example.jp/admin-api/v1/inventory?cursor=a",
        "https://api.example.jp:444/admin-api/v1/inventory?cursor=a",
        "https://api.example.jp@evil.example/admin-api/v1/inventory?cursor=a",
        "https://api.example.jp/admin-api/v1/shipping?cursor=a",
        "https://api.example.jp/admin-api/v1/inventory?types=regular",
        f"https://api.example.jp/admin-api/v1/inventory?cursor={'a' * 2049}",
    ],
)
def test_next_page_is_at_the_same_place_and_has_a_cursor(next_url: str) -> None:
    call = Call(wire.STOCK)
    with pytest.raises(Malformed, match="nextUrl"):
        wire.page_of({"productList": [], "nextUrl": next_url}, call, BASE, stock.cells_of)
    good = f"{BASE}/admin-api/v1/inventory?types=regular&cursor=a%2Bb"
    page = wire.page_of({"productList": [], "nextUrl": good}, call, BASE, stock.cells_of)
    assert page.following == {"types": "regular", "cursor": "a+b"}


def reply(status: int, body: object) -> Reply:
    return Reply(status, {}, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (reply(401, {"error": "invalid_client", "error_description": "no"}), AuthError),
        (reply(400, {"error": "unsupported_grant_type"}), UnexpectedReplyError),
        (reply(403, {"status": "failed", "errors": [{"code": "AccessDenied", "message": "no"}]}), AuthError),
        (reply(200, {"status": "failed", "errors": [{"code": "TooManyRequests"}]}), RateLimitedError),
        (reply(200, {"status": "failed", "errors": [{"code": "Brandnew"}]}), UnexpectedReplyError),
        (reply(302, {}), UnexpectedReplyError),
    ],
)
def test_errors_are_classed_by_one_table(answer: Reply, expected: type[Exception]) -> None:
    error = wire.failure(wire.STOCK, answer, [], datetime(2026, 1, 1, tzinfo=UTC))
    assert type(error) is expected


@pytest.mark.parametrize("function", [wire.SHIPPING, wire.ORDER, wire.TOKEN])
def test_nothing_of_a_personal_answer_is_kept(function: Function) -> None:
    row = {"code": "X", "message": "山田 made-up-key-1"}
    body = reply(200, {"buyerInfo": "山田", "access_token": "made-up-key-1", "errors": [row]})
    error = wire.failure(function, body, [Secret("made-up-key-1")], datetime(2026, 1, 1, tzinfo=UTC))
    shown = repr(vars(error)) + str(error)
    assert "made-up-key-1" not in shown
    if function.personal:
        assert "山田" not in shown


# --------------------------------------------------------------------------- orders


def test_order_of_the_list_and_of_the_detail_are_the_same() -> None:
    # E12
    sku = {"skuNo": "gd3sgray", "count": 1}
    order = {
        "orderNo": "1",
        "date": "2026-01-31T08:59:59",
        "status": "AWAITING_PAYMENT",
        "paymentType": "COD",
    }
    listed = {
        **order,
        "shipmentList": [
            {"shippingInfo": {"deliveryServiceName": "宅配便"}, "productList": [sku, sku]},
            {"productList": [sku]},
        ],
    }
    detail = {
        **order,
        "dateLastUpdated": "2026-01-31T09:30:00",
        "shipmentList": [
            {"deliveryServiceName": "宅配便", "productList": [{**sku, "productNo": "gd3", "count": 2}]},
            {"productList": [sku]},
        ],
    }
    found = orders.order_of(listed, {"CANCELLED"})
    assert found == orders.order_of(detail, {"CANCELLED"})
    assert [(each.line_id, each.quantity) for each in found.lines] == [("1:gd3sgray", 2), ("2:gd3sgray", 1)]
    assert found.ordered_at == datetime(2026, 1, 30, 23, 59, 59, tzinfo=UTC)
    assert (found.payment, found.delivery, found.closed) == ("COD", "宅配便", False)
    assert {each.state for each in found.lines} == {LineState.SOLD}


def test_window_is_asked_for_in_japans_time_and_whole_seconds() -> None:
    start = datetime(2026, 1, 30, 23, 59, 59, 600_000, tzinfo=UTC)
    assert orders.window_query(Window(start, start + timedelta(hours=1))) == {
        "orderDateStart": "2026-01-31T08:59:59",
        "orderDateEnd": "2026-01-31T10:00:00",
    }


def test_order_numbers_go_a_hundred_to_a_question() -> None:
    # C10
    asked = orders.number_queries([*(str(n) for n in range(201)), "5", "no/number", "1" * 13])
    assert [len(query["orderNo"].split(",")) for query in asked] == [100, 100, 1]


# --------------------------------------------------------------------------- files


def test_upload_is_cp932_with_crlf() -> None:
    address = ("商品", "-赤", "")
    sample = csvfiles.Sample(
        csvfiles.VARIATIONS, csvfiles.VARIATION_HEADER.encode("cp932"), {address: "url"}, {address: "名"}
    )
    content = csvfiles.stock_file(sample, [StockLine("商品-赤", address, 5)])
    assert content == (csvfiles.VARIATION_HEADER + "\r\nurl,,-赤,,,,5,,,,,\r\n").encode("cp932")
