"""The forms of 楽天市場 by themselves: products, orders, refused batches, errors. No socket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.contract import Outcome, StockLine, Window
from adapters.errors import AuthError, LineRejectedError, RateLimitedError, UnexpectedReplyError
from adapters.http import Reply
from adapters.rakuten.adapter import RakutenAdapter
from adapters.rakuten.batch import Answer, write_all
from adapters.rakuten.orders import answer_of, halves, pieces
from adapters.rakuten.products import AMBIGUOUS, NO_LINK_CODE, NO_STOCK_CONTROL, SELLS_AT_ZERO, products_of
from adapters.rakuten.wire import GET_ORDER, ITEMS, Fault, Function, Malformed, failure
from adapters.secret import Secret


def item(manage: str, *variants: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "manageNumber": manage,
        "title": "品",
        **more,
        "variants": {f"v{n}": v for n, v in enumerate(variants)},
    }


def matched(*items: dict[str, Any]) -> list[tuple[str, str]]:
    return [(found.mall_code, found.note) for found in products_of(items)]


def test_code_that_cannot_be_told_is_empty_and_says_why() -> None:
    assert matched(item("a", {}, {}, itemNumber="A")) == [("", NO_LINK_CODE)] * 2
    twice = matched(item("a", {"merchantDefinedSkuId": "x"}), item("b", {"merchantDefinedSkuId": "x"}))
    assert twice == [("", f"{AMBIGUOUS}: x")] * 2
    assert matched(item("a", {}, unlimitedInventoryFlag=True)) == [("", f"{NO_STOCK_CONTROL}: a")]


def test_single_sku_is_matched_by_item_number_then_manage_number() -> None:
    assert matched(item("Abc", {}, itemNumber="N-1")) == [("N-1", "")]
    assert matched(item("Abc", {"merchantDefinedSkuId": None}, itemNumber=None)) == [("Abc", "")]


def test_deleted_item_still_in_the_index_is_no_product() -> None:
    assert matched({"manageNumber": "gone"}) == []


def test_item_that_sells_at_zero_is_noted_and_a_hidden_one_is_not_on_sale() -> None:
    (found,) = products_of([item("a", {"backOrderFlag": True, "hidden": False}, hideItem=True)])
    assert (found.note, found.on_sale) == (SELLS_AT_ZERO, False)


# --------------------------------------------------------------------------- a refused batch


LINES = [StockLine(f"c{n}", ("item", f"v{n}"), 1) for n in range(20)]


def refuse(*codes: str):
    """Give a mall that refuses a batch with one of these codes, without naming rows."""

    def send(lines):
        hit = any(each.mall_code in codes for each in lines)
        return Answer(refused=[Fault("IE0121", "full")]) if hit else Answer()

    return send


def outcomes(results) -> dict[str, Outcome]:
    return {result.line.mall_code: result.outcome for result in results}


def test_refusal_without_a_place_is_halved_to_single_rows() -> None:
    results = write_all(LINES, RakutenAdapter.abilities, refuse("c3", "c17"))
    assert [result.line for result in results] == LINES
    refused = [code for code, outcome in outcomes(results).items() if outcome is Outcome.REFUSED]
    assert refused == ["c3", "c17"]
    assert set(outcomes(results).values()) == {Outcome.DONE, Outcome.REFUSED}


def test_halving_ends_after_its_calls_and_leaves_the_rest_unknown() -> None:
    many = [StockLine(f"c{n}", ("item", f"v{n}"), 1) for n in range(400)]
    results = write_all(many, RakutenAdapter.abilities, refuse(*(each.mall_code for each in many)))
    assert {result.outcome for result in results} <= {Outcome.UNKNOWN, Outcome.REFUSED}


def test_failure_after_a_part_was_written_does_not_hide_that_part() -> None:
    calls = []

    def send(lines):
        calls.append(lines)
        if len(calls) == 1:
            return Answer(refused=[Fault("IE0121")])
        if len(calls) == 3:
            raise RateLimitedError("429")
        return Answer()

    results = write_all(LINES, RakutenAdapter.abilities, send)
    assert [result.outcome for result in results] == [Outcome.DONE] * 10 + [Outcome.UNKNOWN] * 10


# --------------------------------------------------------------------------- orders


def test_pieces_of_a_window_touch_and_are_no_longer_than_a_search_allows() -> None:
    now = datetime(2026, 5, 1, 12, 0, 0, 500_000, tzinfo=UTC)
    cut = pieces(Window(now - timedelta(days=200), now), now)
    assert cut[0].since <= now - timedelta(days=200)
    assert cut[-1].until >= now
    assert all(one.until == two.since for one, two in zip(cut, cut[1:], strict=False))
    assert all(piece.until - piece.since <= timedelta(days=63) for piece in cut)
    oldest = pieces(Window(now - timedelta(days=900), now), now)[0]
    assert oldest.since >= now - timedelta(days=730)


def test_window_is_halved_down_to_a_second() -> None:
    start = datetime(2026, 5, 1, tzinfo=UTC)
    first, second = halves(Window(start, start + timedelta(seconds=5)))
    assert (first.since, first.until, second.until) == (start, second.since, start + timedelta(seconds=5))
    assert halves(Window(start, start + timedelta(seconds=1))) == []


def row(**changes: Any) -> dict[str, Any]:
    sku = {"variantId": "r-1", "merchantDefinedSkuId": "tee-1", "skuInfo": "色:赤"}
    unit = {"itemDetailId": 7, "manageNumber": "TEE", "itemNumber": "tee", "units": 2, "SkuModelList": [sku]}
    return {
        "orderNumber": "502763-20260201-0000006701",
        "orderProgress": 300,
        "orderDatetime": "2026-02-01T09:00:00+0900",
        "SettlementModel": {"settlementMethodCode": 14, "settlementMethod": "ローソン、郵便局ATM等（前払）"},
        "DeliveryModel": {"deliveryName": "宅配便"},
        "OrdererModel": {"familyName": "山田"},
        "PackageModelList": [{"ItemModelList": [{**unit, **changes}]}],
    }


def read_line(**changes: Any):
    return answer_of({"OrderModelList": [row(**changes)]}).orders[0].lines[0]


def test_removed_line_has_no_pieces() -> None:
    assert read_line(deleteItemFlag=1).quantity == 0


def test_line_from_before_the_migration_has_no_sku() -> None:
    found = read_line(SkuModelList=[])
    assert (found.address, found.mall_code) == (("tee", ""), "tee")


def test_item_number_stands_in_for_the_link_code_of_a_single_sku_only() -> None:
    single = {"variantId": "r-1", "merchantDefinedSkuId": None, "skuInfo": None}
    assert read_line(SkuModelList=[single]).mall_code == "tee"
    assert read_line(SkuModelList=[{**single, "skuInfo": "色:赤"}]).mall_code == ""


def test_two_skus_on_one_line_are_not_understood() -> None:
    with pytest.raises(Malformed, match="SkuModelList"):
        read_line(SkuModelList=[{"variantId": "a"}, {"variantId": "b"}])


def test_order_has_utc_time_and_payment_by_code() -> None:  # E12
    order = answer_of({"OrderModelList": [row()]}).orders[0]
    assert order.ordered_at == datetime(2026, 2, 1, tzinfo=UTC)
    assert (order.payment, order.delivery) == ("ファミリーマート、ローソン等（前払）", "宅配便")


# --------------------------------------------------------------------------- errors


def failed(status: int, body: bytes, function: Function = ITEMS, **headers: str):
    return failure(function, Reply(status, headers, body), [Secret("SP-planted")], datetime.now(UTC))


def test_three_forms_of_an_error_body_are_read() -> None:
    assert failed(400, b'{"errors":[{"code":"IE0004","message":"m"}]}').vendor_code == "IE0004"
    body = b'{"MessageModelList":[{"messageType":"ERROR","messageCode":"E_009","message":"m"}]}'
    assert failed(200, body).vendor_code == "E_009"
    older = failed(200, b'{"Results":{"errorCode":"ES04-01","message":"m"}}')
    assert isinstance(older, AuthError)
    assert older.hint == "function_not_ticked"


def test_code_that_is_not_known_is_not_called_temporary() -> None:
    error = failed(400, b'{"errors":[{"code":"ZZ9999","message":"m"}]}')
    assert type(error) is UnexpectedReplyError


def test_evidence_holds_no_secret_and_nothing_of_an_order() -> None:
    error = failed(418, b"<p>SP-planted</p>")
    assert "SP-planted" not in str(error) + error.evidence
    personal = failed(418, b'{"OrdererModel":"taro"}', GET_ORDER)
    assert "taro" not in str(personal) + personal.evidence


def test_request_id_of_a_failure_is_kept_for_support() -> None:
    assert "RequestId 12ab-34" in str(failed(500, b"", RequestId="12ab-34"))
    assert "drop" not in str(failed(500, b"", RequestId="x'; drop"))


def test_rejected_line_tells_the_malls_words() -> None:
    answer = Answer(refused=[Fault("IE0121", "the size has reached the limit", "inventories[1].variantId")])
    once = iter([answer])
    results = write_all(LINES[:2], RakutenAdapter.abilities, lambda lines: next(once, Answer()))
    error = results[1].error
    assert isinstance(error, LineRejectedError)
    assert (error.vendor_code, error.reason) == ("IE0121", "the size has reached the limit")
