"""Feeds and reports of the simulated Amazon seller: documents, the queue, and what comes of them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from amazon_shop import FEED_TYPE, JAPAN, Shop, error, message, stock

FEEDS = "/feeds/2021-06-30/feeds"
REPORTS = "/reports/2021-06-30"
CALM = {"feed_queue_s": 60.0, "report_s": 300.0}
"""Waits that a busy machine does not overtake."""
DONE_S = 362


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path, **CALM)
    yield running
    running.close()


# ---------------------------------------------------------------- the queue


def test_a_feed_waits_works_and_is_done(shop: Shop) -> None:
    feed_id = shop.feed(message(1, "mug", stock(4)), message(2, "cap-navy", stock(5)))
    states = [shop.feed_state(feed_id)["processingStatus"]]
    for seconds in (61, 300):
        shop.advance(seconds)
        states.append(shop.feed_state(feed_id)["processingStatus"])
    assert states == ["IN_QUEUE", "IN_PROGRESS", "DONE"]
    assert (shop.shown("mug"), shop.shown("cap-navy")) == (4, 5)
    report = shop.feed_report(feed_id)
    assert report["header"]["feedId"] == feed_id
    assert (report["issues"], report["summary"]["messagesAccepted"]) == ([], 2)


def test_a_feeds_writes_show_not_before_it_is_done(shop: Shop) -> None:
    feed_id = shop.feed(message(1, "mug", stock(4)))
    shop.advance(200)
    assert (shop.shown("mug"), "resultFeedDocumentId" in shop.feed_state(feed_id)) == (12, False)


def test_feeds_run_one_after_another(shop: Shop) -> None:
    first, second = shop.feed(message(1, "mug", stock(4))), shop.feed(message(1, "mug", stock(5)))
    shop.advance(DONE_S)
    states = [shop.feed_state(feed)["processingStatus"] for feed in (first, second)]
    assert states == ["DONE", "IN_PROGRESS"]
    assert shop.shown("mug") == 4
    shop.advance(300)
    assert shop.shown("mug") == 5


def test_somebody_elses_work_delays_a_feed(shop: Shop) -> None:
    shop.control("queue_feed", seconds=8 * 3600)
    feed_id = shop.feed(message(1, "mug", stock(4)))
    shop.advance(8 * 3600)
    shop.use_token(shop.token()["access_token"])
    assert shop.feed_state(feed_id)["processingStatus"] == "IN_QUEUE"
    shop.advance(DONE_S)
    assert shop.feed_state(feed_id)["processingStatus"] == "DONE"


def test_only_a_waiting_feed_can_be_cancelled(shop: Shop) -> None:
    running = shop.feed(message(1, "mug", stock(4)))
    waiting = shop.feed(message(1, "mug", stock(5)))
    shop.advance(61)
    assert shop.ask("DELETE", f"{FEEDS}/{running}").status_code == 400
    reply = shop.ask("DELETE", f"{FEEDS}/{waiting}")
    assert (reply.status_code, reply.content) == (200, b"")
    shop.advance(900)
    assert shop.feed_state(waiting)["processingStatus"] == "CANCELLED"
    assert shop.shown("mug") == 4


def test_feeds_can_take_long_or_fail(shop: Shop) -> None:
    shop.control("fault", name="feed_slow", seconds=1800, count=1)
    slow = shop.feed(message(1, "mug", stock(4)))
    shop.control("fault", name="feed_fatal", count=1)
    fatal = shop.feed(message(1, "mug", stock(5)))
    shop.advance(1000)
    assert shop.feed_state(slow)["processingStatus"] == "IN_PROGRESS"
    shop.advance(2000)
    state = shop.feed_state(fatal)
    assert (state["processingStatus"], "resultFeedDocumentId" in state) == ("FATAL", False)
    assert shop.shown("mug") == 4


def test_five_listings_feeds_go_in_five_minutes(tmp_path: Path) -> None:
    shop = Shop(tmp_path, rates=1.0)
    try:
        document_id, _reply = shop.upload(b"{}")
        replies = [shop.create_feed(document_id) for _turn in range(6)]
        assert [reply.status_code for reply in replies] == [202] * 5 + [429]
        assert error(replies[-1])["code"] == "QuotaExceeded"
        shop.advance(301)
        assert shop.create_feed(document_id).status_code == 202
    finally:
        shop.close()


def test_feeds_are_listed_newest_first_by_pages(shop: Shop) -> None:
    made = [shop.feed(message(1, "mug", stock(number))) for number in range(3)]
    query = {"feedTypes": "JSON_LISTINGS_FEED", "pageSize": "2"}
    first = shop.ask("GET", FEEDS, params=query).json()
    second = shop.ask("GET", FEEDS, params={"nextToken": first["nextToken"]}).json()
    assert [row["feedId"] for row in first["feeds"] + second["feeds"]] == made[::-1]
    assert "nextToken" not in second
    assert shop.ask("GET", FEEDS).status_code == 400
    assert shop.ask("GET", FEEDS, params={**query, "nextToken": first["nextToken"]}).status_code == 400


# ---------------------------------------------------------------- documents


def test_an_upload_keeps_its_content_type_and_its_five_minutes(shop: Shop) -> None:
    _id, refused = shop.upload(b"{}", sent_as="application/json")
    assert (refused.status_code, "SignatureDoesNotMatch" in refused.text) == (403, True)
    made = shop.ask("POST", "/feeds/2021-06-30/documents", json={"contentType": FEED_TYPE}).json()
    shop.advance(300)
    headers, verify = {"Content-Type": FEED_TYPE}, str(shop.world.ca_file)
    late = requests.put(made["url"], data=b"{}", headers=headers, verify=verify, timeout=10)
    assert (late.status_code, "Request has expired" in late.text) == (403, True)


def test_an_access_token_sent_to_the_file_store_is_noted(shop: Shop) -> None:
    made = shop.ask("POST", "/feeds/2021-06-30/documents", json={"contentType": FEED_TYPE}).json()
    reply = shop.session.put(made["url"], data=b"{}", headers={"Content-Type": FEED_TYPE}, timeout=10)
    assert reply.status_code == 200
    assert [row["what"] for row in shop.control("violations")] == [
        "an access token was sent to the file store"
    ]


def test_a_result_may_be_plain(shop: Shop) -> None:
    shop.control("setting", feed_gzip=False, report_gzip=True, url_s=60.0)
    feed_id = shop.feed(message(1, "mug", stock(4)))
    shop.advance(DONE_S)
    path = f"/feeds/2021-06-30/documents/{shop.feed_state(feed_id)['resultFeedDocumentId']}"
    described = shop.ask("GET", path).json()
    assert "compressionAlgorithm" not in described
    assert shop.fetch(described["url"]).json()["header"]["feedId"] == feed_id
    assert gzip.decompress(report_of(shop).content).decode("cp932").startswith("商品名\t")
    shop.advance(60)
    assert shop.fetch(described["url"]).status_code == 403


@pytest.mark.parametrize(("asked", "encoding"), [("true", "gzip"), ("false", None)])
def test_a_result_is_compressed_and_may_say_so_in_its_header(
    shop: Shop, asked: str, encoding: str | None
) -> None:
    feed_id = shop.feed(message(1, "mug", stock(4)))
    shop.advance(DONE_S)
    path = f"/feeds/2021-06-30/documents/{shop.feed_state(feed_id)['resultFeedDocumentId']}"
    described = shop.ask("GET", path, params={"enableContentEncodingUrlHeader": asked}).json()
    assert described["compressionAlgorithm"] == "GZIP"
    reply = shop.fetch(described["url"])
    assert reply.headers.get("Content-Encoding") == encoding
    content = reply.content if encoding else gzip.decompress(reply.content)
    assert json.loads(content)["summary"]["messagesProcessed"] == 1
    shop.advance(300)
    assert shop.fetch(described["url"]).status_code == 403


def test_a_document_is_gone_after_two_days(shop: Shop) -> None:
    document_id, _reply = shop.upload(b"{}")
    shop.advance(2 * 24 * 3600)
    shop.use_token(shop.token()["access_token"])
    assert shop.create_feed(document_id).status_code == 400


# ---------------------------------------------------------------- messages


def test_an_unknown_sku_counts_as_accepted(shop: Shop) -> None:
    feed_id = shop.feed(message(1, "no-such", stock(4)))
    shop.advance(DONE_S)
    report = shop.feed_report(feed_id)
    assert (report["summary"]["messagesAccepted"], report["issues"]) == (1, [])
    assert [row["code"] for row in shop.control("dropped")] == ["no-such"]


def test_one_bad_message_does_not_stop_the_others(shop: Shop) -> None:
    no_channel = {**stock(1), "value": [{"quantity": 1}]}
    wrong_name = {**stock(1), "path": "/attributes/fulfillmentAvailability"}
    feed_id = shop.feed(
        message(1, "mug", stock(4)),
        message(2, "cap-navy", no_channel),
        message(3, "cap-navy", wrong_name),
        message(3, "cap-navy", stock(1)),
        message(4, "cap-navy", stock(2)),
        message(4, "cap-navy", stock(3)),
        message(0, "cap-navy", stock(3)),
        message(6, "cap-navy", {"op": "merge"}),
    )
    shop.advance(DONE_S)
    report = shop.feed_report(feed_id)
    assert (shop.shown("mug"), shop.shown("cap-navy")) == (4, 2)
    summary = report["summary"]
    assert (summary["messagesProcessed"], summary["messagesAccepted"], summary["messagesInvalid"]) == (
        8,
        2,
        6,
    )
    second = next(row for row in report["issues"] if row.get("messageId") == 2)
    assert (second["code"], second["message"]) == ("BAD_REQUEST", "Invalid parameters provided.")
    third = next(row for row in report["issues"] if row.get("messageId") == 3)
    assert (third["code"], third["attributeName"]) == ("90000900", "fulfillmentAvailability")


def test_a_partial_update_wipes_the_lead_time(shop: Shop) -> None:
    attributes = {"fulfillment_availability": stock(3)["value"]}
    whole = message(1, "mug", operationType="PARTIAL_UPDATE", attributes=attributes)
    del whole["patches"]
    shop.feed(whole)
    shop.advance(DONE_S)
    assert shop.shown("mug") == 3
    assert [row["what"] for row in shop.control("incidents")] == ["lead_time_wiped"]


@pytest.mark.parametrize("operation", ["UPDATE", "DELETE"])
def test_a_message_that_touches_the_whole_listing_is_an_incident(shop: Shop, operation: str) -> None:
    shop.feed(message(1, "mug", stock(3), operationType=operation))
    shop.advance(DONE_S)
    assert shop.shown("mug") == 12
    assert [row["what"] for row in shop.control("incidents")] == ["whole_listing_touched"]


def test_a_report_may_bring_the_items(shop: Shop) -> None:
    asked = {"includedData": ["fulfillmentAvailability"], "apiVersion": "2021-08-01"}
    feed_id = shop.feed(message(1, "mug", stock(4)), report=asked)
    shop.advance(DONE_S)
    report = shop.feed_report(feed_id)
    assert [row["sku"] for row in report["items"]] == ["mug"]
    assert report["summary"]["itemSummary"]["items"] == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[]",
        json.dumps({"header": {"sellerId": "A2OTHER", "version": "2.0"}, "messages": [1]}).encode(),
        json.dumps({"header": {"sellerId": "A1SANDBOXSELL", "version": "1.0"}, "messages": [1]}).encode(),
        json.dumps({"header": {"sellerId": "A1SANDBOXSELL", "version": "2.0"}, "messages": []}).encode(),
        json.dumps(
            {"header": {"sellerId": "A1SANDBOXSELL", "version": "2.0"}, "messages": [1] * 25_001}
        ).encode(),
    ],
    ids=["nothing", "text", "list", "seller", "version", "empty", "too-many"],
)
def test_a_document_that_is_no_feed_is_fatal(shop: Shop, content: bytes) -> None:
    feed_id = str(shop.create_feed(shop.upload(content)[0]).json()["feedId"])
    shop.advance(DONE_S)
    assert shop.feed_state(feed_id)["processingStatus"] == "FATAL"


def test_a_fatal_feed_may_leave_a_report(shop: Shop) -> None:
    shop.control("setting", fatal_report=True)
    feed_id = str(shop.create_feed(shop.upload(b"not json")[0]).json()["feedId"])
    shop.advance(DONE_S)
    assert shop.feed_report(feed_id)["summary"]["messagesProcessed"] == 0


def test_twenty_five_thousand_messages_are_one_feed(shop: Shop) -> None:
    feed_id = shop.feed(*(message(number, f"s{number}", stock(1)) for number in range(1, 25_001)))
    shop.advance(DONE_S)
    assert shop.feed_report(feed_id)["summary"]["messagesAccepted"] == 25_000


def test_an_old_feed_type_ends_fatal(shop: Shop) -> None:
    document_id, _reply = shop.upload(b"<xml/>", kind="text/xml; charset=UTF-8")
    reply = shop.create_feed(document_id, feedType="POST_INVENTORY_AVAILABILITY_DATA")
    shop.advance(DONE_S)
    assert shop.feed_state(reply.json()["feedId"])["processingStatus"] == "FATAL"


@pytest.mark.parametrize(
    ("changes", "status", "part"),
    [
        ({"marketplaceIds": [JAPAN, "ATVPDKIKX0DER"]}, 400, "Expected a maximum of 1."),
        ({"marketplaceIds": []}, 400, "marketplaceIds"),
        ({"marketplaceIds": ["ATVPDKIKX0DER"]}, 403, "denied"),
        ({"feedType": "OTHER"}, 400, "feedType"),
        ({"inputFeedDocumentId": "no-such"}, 400, "inputFeedDocumentId"),
        ({"colour": "red"}, 400, "cannot be parsed"),
    ],
)
def test_a_wrong_feed_specification_is_refused(
    shop: Shop, changes: dict[str, Any], status: int, part: str
) -> None:
    document_id, _reply = shop.upload(b"{}")
    reply = shop.create_feed(document_id, **changes)
    assert (reply.status_code, part in error(reply)["message"]) == (status, True)


# ---------------------------------------------------------------- the report of all listings


def report_of(shop: Shop) -> requests.Response:
    asked = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": [JAPAN]}
    made = shop.ask("POST", f"{REPORTS}/reports", json=asked)
    assert made.status_code == 202
    path = f"{REPORTS}/reports/{made.json()['reportId']}"
    assert shop.ask("GET", path).json()["processingStatus"] == "IN_PROGRESS"
    shop.advance(301)
    state = shop.ask("GET", path).json()
    described = shop.ask("GET", f"{REPORTS}/documents/{state['reportDocumentId']}").json()
    return shop.fetch(described["url"])


def rows_of(text: str) -> list[dict[str, str]]:
    header, *lines = [line.split("\t") for line in text.splitlines()]
    return [dict(zip(header, line, strict=True)) for line in lines]


def test_the_catalogue_is_cp932_with_japanese_headers(shop: Shop) -> None:
    shop.control("add_product", code="fba-1", name="FBA品", quantity=30, channel="AMAZON_JP")
    reply = report_of(shop)
    assert reply.headers["Content-Type"] == "text/plain; charset=Windows-31J"
    rows = {row["出品者SKU"]: row for row in rows_of(reply.content.decode("cp932"))}
    assert (rows["mug"]["商品名"], rows["mug"]["数量"]) == ("マグカップ", "12")
    channel = "フルフィルメント・チャンネル"
    assert (rows["mug"][channel], rows["fba-1"][channel], rows["fba-1"]["数量"]) == (
        "DEFAULT",
        "AMAZON_JP",
        "",
    )


def test_the_catalogue_may_be_utf8_with_english_headers(shop: Shop) -> None:
    shop.control("setting", report_form="utf-8", report_charset=False)
    reply = report_of(shop)
    assert reply.headers["Content-Type"] == "text/plain"
    rows = {row["seller-sku"]: row for row in rows_of(reply.content.decode("utf-8"))}
    assert (rows["mug"]["item-name"], rows["mug"]["status"]) == ("マグカップ", "Active")


def test_another_report_or_marketplace_is_refused(shop: Shop) -> None:
    path = f"{REPORTS}/reports"
    asked = {"reportType": "GET_SOMETHING_ELSE", "marketplaceIds": [JAPAN]}
    assert shop.ask("POST", path, json=asked).status_code == 400
    asked = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": ["ATVPDKIKX0DER"]}
    assert shop.ask("POST", path, json=asked).status_code == 403
    assert shop.ask("GET", f"{REPORTS}/reports/1").status_code == 404
    assert shop.ask("GET", f"{REPORTS}/documents/1").status_code == 404
