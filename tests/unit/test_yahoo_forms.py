"""The forms of Yahoo!ショッピング by themselves: stock, orders, files, errors, tokens. No socket."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import pytest

from adapters.contract import LineState, Outcome, StockLine, Window
from adapters.errors import (
    AuthError,
    LineRejectedError,
    MaintenanceError,
    MallError,
    OutcomeUnknownError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.http import Reply
from adapters.secret import Secret
from adapters.yahoo import wire
from adapters.yahoo.adapter import YahooAdapter
from adapters.yahoo.batch import CALLS_MAX, Answer, write_all
from adapters.yahoo.orders import Entry, Recent, list_form, order_of
from adapters.yahoo.products import AMBIGUOUS, NO_STOCK_ROW, SELLS_AT_ZERO, UNLIMITED, products_of, rows_of
from adapters.yahoo.tokens import code_of
from adapters.yahoo.wire import (
    GET_STOCK,
    ORDER_INFO,
    QUANTITY_MAX,
    SET_STOCK,
    Malformed,
    by_address,
    failure,
    form,
    levels,
    write_form,
    write_rows,
)

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def reply(status: int, body: str, **headers: str) -> Reply:
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, body.encode())


def error(code: str, message: str = "x", namespace: str = "") -> str:
    return f"<Error{namespace}><Message>{message}</Message><Code>{code}</Code></Error>"


# --------------------------------------------------------------------------- stock


def test_plus_travels_as_percent_2b() -> None:
    assert form({"quantity": "+1,-2,0"}) == b"quantity=%2B1,-2,0"
    assert form({"refresh_token": "a+b/c="}) == b"refresh_token=a%2Bb%2Fc%3D"


def test_quantities_are_bare_numbers_beside_their_codes() -> None:
    lines = [StockLine("red", ("item-01", "red"), 5), StockLine("item-02", ("item-02", ""), 0)]
    assert write_form("store", lines) == b"seller_id=store&item_code=item-01:red,item-02&quantity=5,0"


ROWS = """<ResultSet xmlns="urn:yahoo:api" totalResultsReturned="2">
<Result><ItemCode>item-02</ItemCode><SubCode></SubCode><ErrorCode>st-02104</ErrorCode></Result>
<Result><ItemCode> item-01 </ItemCode><SubCode><![CDATA[red]]></SubCode><Quantity> 5 </Quantity></Result>
</ResultSet>"""


def test_rows_are_found_by_address_with_namespace_padding_and_any_order() -> None:
    rows = by_address([("item-01", "red"), ("item-02", ""), ("no", "")], write_rows(ET.fromstring(ROWS)))
    assert rows[("item-01", "red")].quantity == 5
    assert rows[("item-02", "")].code == "st-02104"
    assert ("no", "") not in rows


def test_exact_code_is_preferred_to_one_in_another_case() -> None:
    assert by_address([("ABC", ""), ("abc", "")], {("abc", ""): 1}) == {("ABC", ""): 1, ("abc", ""): 1}
    both = {("abc", ""): 1, ("ABC", ""): 2}
    assert by_address([("ABC", "")], both) == {("ABC", ""): 2}


STOCK = """<ResultSet><Result><ItemCode>a</ItemCode><Status>1</Status><Quantity>{}</Quantity></Result>
<Result><ItemCode>b</ItemCode><SubCode></SubCode><Status>0</Status></Result></ResultSet>"""


@pytest.mark.parametrize(("written", "quantity"), [("3", 3), ("", QUANTITY_MAX), ("-2", 0)])
def test_unlimited_is_the_most_and_below_zero_is_nothing(written: str, quantity: int) -> None:
    found = levels(ET.fromstring(STOCK.format(written)))
    assert found[("b", "")] is None
    assert found[("a", "")] is not None
    assert found[("a", "")].quantity == quantity  # type: ignore[union-attr]


LINES = [StockLine(f"c{n}", (f"c{n}", ""), 1) for n in range(20)]


def sent(refuse: set[str], calls: list[int]):
    def send(lines):
        calls.append(len(lines))
        if any(line.mall_code in refuse for line in lines):
            return Answer(refused=wire.Fault("st-02101", "item_code() is invalid format."))
        return Answer(rows={line.address: wire.Row(line.quantity) for line in lines})

    return send


def test_refusal_that_names_no_line_is_cut_up_until_the_good_ones_are_through() -> None:
    calls: list[int] = []
    results = write_all(LINES, YahooAdapter.abilities, sent({"c7"}, calls))
    assert [result.outcome for result in results].count(Outcome.DONE) == 19
    assert results[7].outcome is Outcome.REFUSED
    assert isinstance(results[7].error, LineRejectedError)
    assert len(calls) < 12


def test_cutting_up_ends_and_leaves_the_rest_unknown() -> None:
    calls: list[int] = []
    lines = [StockLine(f"c{n}", (f"c{n}", ""), 1) for n in range(1000)]
    results = write_all(lines, YahooAdapter.abilities, sent({line.mall_code for line in lines}, calls))
    assert len(calls) == CALLS_MAX
    assert {result.outcome for result in results} <= {Outcome.UNKNOWN, Outcome.REFUSED}


def test_same_code_twice_and_a_bad_address_are_refused_before_any_call() -> None:
    calls: list[int] = []
    lines = [LINES[0], LINES[0], StockLine("x", ("商品", ""), 1), StockLine("x", ("x",), 1)]
    results = write_all(lines, YahooAdapter.abilities, sent(set(), calls))
    assert [result.outcome for result in results] == [Outcome.DONE, *[Outcome.REFUSED] * 3]
    assert calls == [1]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (None, UnexpectedReplyError),
        (wire.Row(None), OutcomeUnknownError),
        (wire.Row(4), OutcomeUnknownError),
        (wire.Row(None, "ed-10002"), OutcomeUnknownError),
        (wire.Row(None, "st-02999"), TemporaryError),
        (wire.Row(None, "ed-10001"), UnexpectedReplyError),
    ],
)
def test_row_that_does_not_prove_the_number_is_unknown(row: wire.Row | None, kind: type[MallError]) -> None:
    answer = Answer(rows={LINES[0].address: row} if row else {})
    (result,) = write_all(LINES[:1], YahooAdapter.abilities, lambda lines: answer)
    assert result.outcome is Outcome.UNKNOWN
    assert type(result.error) is kind


# --------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("status", "body", "kind", "hint"),
    [
        (503, error("ed-00002"), MaintenanceError, ""),
        (400, error("st-02000", namespace=' xmlns="urn:yahoo:api"'), MaintenanceError, ""),
        (500, error("st-01000"), MaintenanceError, ""),
        (503, "<html><body>Service Unavailable</body></html>", MaintenanceError, ""),
        (500, "", TemporaryError, ""),
        (500, error("od90166"), TemporaryError, ""),
        (400, error("ed-00006"), TemporaryError, ""),
        (400, error("zz-00001", "反映またはアップロード中のため更新ができません"), TemporaryError, ""),
        (400, error("od90166"), UnexpectedReplyError, ""),
        (400, error("zz-00001"), UnexpectedReplyError, ""),
        (403, error("zz-00001"), UnexpectedReplyError, ""),
        (404, "<html></html>", UnexpectedReplyError, ""),
        (403, "<Error><Message>Your Request was Forbidden</Message></Error>", RateLimitedError, ""),
        (401, error("px-04102"), AuthError, wire.SHORT_SESSION),
        (403, error("px-04306"), AuthError, wire.SOURCE_IP),
        (403, error("px-14303"), AuthError, wire.PRIVILEGE),
        (400, error("ed-00004"), AuthError, wire.STORE_ACCOUNT),
        (403, '<Error><Message>error="insufficient_scope"</Message></Error>', AuthError, wire.SCOPE),
        (401, "<Error><Message>?</Message></Error>", AuthError, ""),
    ],
)
def test_answer_is_classed(status: int, body: str, kind: type[MallError], hint: str) -> None:
    found = failure(GET_STOCK, reply(status, body), [], NOW)
    assert (type(found), found.hint) == (kind, hint)


def test_hour_that_is_over_is_told_by_header_or_body_but_not_by_the_short_session() -> None:
    said = 'Bearer realm="yahooapis.jp", error="invalid_token", error_description="expired token"'
    assert wire.token_ended(reply(401, "", WWW_Authenticate=said))
    assert wire.token_ended(reply(401, f"<Error><Message>{said}</Message></Error>"))
    assert not wire.token_ended(reply(401, error("px-04102"), WWW_Authenticate=said))
    assert not wire.token_ended(reply(403, said))


def test_page_is_never_understood_and_one_about_maintenance_is_that() -> None:
    def classed(body: str) -> type[MallError]:
        page = reply(200, body)
        with pytest.raises(Malformed):
            wire.parsed(page)
        return type(wire.not_understood(SET_STOCK, page, "x", []))

    assert classed("<!DOCTYPE html><html><body>Not available in your region</body></html>") is (
        UnexpectedReplyError
    )
    assert classed("<html><p>ただいまメンテナンス中です</html>") is MaintenanceError


def test_nothing_secret_and_nothing_of_an_order_is_kept_of_an_answer() -> None:
    body = error("zz-1", "token FAKE-ACCESS of 山田")
    stock = failure(GET_STOCK, reply(400, body), [Secret("FAKE-ACCESS")], NOW)
    assert isinstance(stock, UnexpectedReplyError)
    assert "FAKE-ACCESS" not in str(stock) + stock.evidence
    order = failure(ORDER_INFO, reply(400, body), [], NOW)
    assert isinstance(order, UnexpectedReplyError)
    assert "山田" not in str(order) + order.evidence
    assert order.vendor_code == "zz-1"


# --------------------------------------------------------------------------- orders


ORDER = """<ResultSet><Result><Status>OK</Status><OrderInfo><OrderId>s-1</OrderId>
<OrderTime>2026-11-20T12:00:00+09:00</OrderTime><LastUpdateTime>{changed}</LastUpdateTime>
<OrderStatus>{status}</OrderStatus>{auction}<Item><LineId>1</LineId><ItemId>item-01</ItemId>
<SubCode>{sub}</SubCode><Quantity>2</Quantity></Item>{more}</OrderInfo></Result></ResultSet>"""
AUCTION = (
    "<IsYahooAuctionOrder>true</IsYahooAuctionOrder><YahooAuctionId>b1</YahooAuctionId>"
    "<YahooAuctionMerchantId>kanri-1</YahooAuctionMerchantId>"
)


def order(status: str = "2", sub: str = "red", changed: str = "", auction: str = "", more: str = ""):
    body = ORDER.format(status=status, sub=sub, changed=changed, auction=auction, more=more)
    return order_of(ET.fromstring(body), "sub")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        *[(status, LineState.RESERVED) for status in "013"],
        *[(status, LineState.SOLD) for status in "25"],
        *[(status, LineState.CANCELLED) for status in "48"],
    ],
)
def test_status_says_what_a_line_means(status: str, state: LineState) -> None:
    assert order(status).lines[0].state is state


def test_status_that_is_not_known_is_not_guessed() -> None:
    with pytest.raises(Malformed):
        order("6")


@pytest.mark.parametrize("changed", ["2026-11-20T12:30:00+09:00", "20261120123000"])
def test_times_are_read_in_both_forms(changed: str) -> None:
    (line,) = order(changed=changed).lines
    assert line.revision == datetime(2026, 11, 20, 3, 30, tzinfo=UTC)


def test_auction_line_carries_its_auction_and_is_matched_by_its_kanri_number() -> None:
    (line,) = order(sub="", auction=AUCTION).lines
    assert (line.auction_id, line.mall_code) == ("b1", "kanri-1")
    (line,) = order(sub="red", auction=AUCTION).lines
    assert (line.auction_id, line.mall_code) == ("b1", "red")
    second = "<Item><LineId>2</LineId><ItemId>item-02</ItemId><Quantity>1</Quantity></Item>"
    assert [line.mall_code for line in order(sub="", auction=AUCTION, more=second).lines] == [
        "item-01",
        "item-02",
    ]
    plain = AUCTION.replace("true", "false")
    assert order(auction=plain).lines[0].auction_id == ""


def test_search_speaks_of_whole_seconds_of_japan() -> None:
    window = Window(NOW, NOW + timedelta(seconds=1, microseconds=1))
    body = list_form("store", window, 1, 2000).decode()
    assert "<OrderTimeFrom>20261120120000</OrderTimeFrom><OrderTimeTo>20261120120002</OrderTimeTo>" in body
    assert "<Sort>+order_time</Sort>" in body
    assert "OrderStatus</Field>" in body
    assert "<IsSeen>" not in body


def test_order_is_forgotten_when_it_changed_or_others_came() -> None:
    recent, old = Recent(most=2), NOW - timedelta(hours=1)
    entries = [Entry(f"s-{n}", old, old, "2") for n in range(3)]
    for entry in entries[:2]:
        recent.keep(entry, order(), NOW)
    assert recent.get(entries[0])
    assert recent.get(Entry("s-0", old, old, "4")) is None
    recent.keep(entries[2], order(), NOW)
    assert recent.get(entries[0]) is None
    recent.keep(Entry("s-9", old, None, "2"), order(), NOW)
    assert recent.get(Entry("s-9", old, None, "2")) is None, "without a time of change nothing is known"


# --------------------------------------------------------------------------- files


def items(*rows: str, head: str = "name,code,display") -> bytes:
    return "\r\n".join([head, *rows]).encode("cp932")


def stock(*rows: str) -> bytes:
    return "\r\n".join(["code,sub-code,quantity,allow-overdraft", *rows]).encode("cp932")


def matched(items_file: bytes, stock_file: bytes, code_form: str = "sub") -> list[tuple[str, str]]:
    return [(found.mall_code, found.note) for found in products_of(items_file, stock_file, code_form)]


def test_variants_stand_for_their_item_and_orphans_for_nothing() -> None:
    found = products_of(items("シャツ①,tee,1"), stock("tee,,0,0", "tee,tee-red,3,0", "orphan,,5,0"), "sub")
    assert [(each.mall_code, each.address, each.name) for each in found] == [
        ("tee-red", ("tee", "tee-red"), "シャツ①")
    ]
    assert found[0].on_sale is True


def test_what_a_code_needs_to_be_told_is_noted() -> None:
    assert matched(items("x,a,1"), stock("a,,,1")) == [("a", f"{UNLIMITED}; {SELLS_AT_ZERO}")]
    assert matched(items("x,a,1"), stock()) == [("a", NO_STOCK_ROW)]
    two = items("x,a,1", "y,b,0"), stock("a,red,1,0", "b,red,1,0")
    assert matched(*two) == [("", f"{AMBIGUOUS}: red")] * 2
    assert matched(*two, code_form="pair") == [("a:red", ""), ("b:red", "")]


def test_product_without_a_name_is_a_product_all_the_same() -> None:  # C5
    assert matched(items(",a,1"), stock("a,,3,0")) == [("a", "")]


def test_code_that_the_api_cannot_name_is_not_matched() -> None:
    ((code, note),) = matched(items("x,a_b,1"), stock("a_b,,1,0"))
    assert code == ""
    assert "a_b" in note


@pytest.mark.parametrize(
    "content", [b"", b"name,price\r\n", b"code,name\r\na\r\n", b'code,name\r\na,"half', "コード".encode()]
)
def test_file_that_is_cut_or_another_is_not_understood(content: bytes) -> None:
    with pytest.raises(Malformed):
        rows_of(content, "code", "name")


# --------------------------------------------------------------------------- consent


def test_code_is_taken_from_an_address_a_query_or_by_itself() -> None:
    assert code_of("https://shop.example/back?code=abc123&state=s1", "s1") == "abc123"
    assert code_of(" code=abc123&state=s1 ", "s1") == "abc123"
    assert code_of("abc123", "s1") == "abc123"


@pytest.mark.parametrize(
    "pasted",
    [
        "https://shop.example/back?code=abc&state=other",
        "https://shop.example/back?error=access_denied&state=s1",
        "https://shop.example/back?code=a&code=b&state=s1",
    ],
)
def test_refused_consent_and_another_request_give_no_code(pasted: str) -> None:
    with pytest.raises(ValueError, match="no code"):
        code_of(pasted, "s1")
