"""A running Amazon simulator and a client that holds its tokens, for the tests of its wire."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
from mall_ground import MallGround

from sandbox.malls.amazon.part import AmazonMall

JAPAN = "A1VC38T7YXB528"
FEED = "JSON_LISTINGS_FEED"
FEED_TYPE = "application/json; charset=UTF-8"


class Shop(MallGround):
    """A running mall and a client that holds its token."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder, AmazonMall, **{"delay_s": 0, **settings})
        self.given = self.addresses
        self.seller = self.given["seller_id"]
        self.traffic: list[tuple[str, int, Any]] = []  # function, status and body of every answer
        self.session.headers["User-Agent"] = "simtest/1.0 (Language=Python/3.11)"
        self.use_token(self.token()["access_token"])

    def advance(self, seconds: float) -> None:
        self.world.clock.advance(seconds)

    # -------------------------------------------------------------- tokens

    def exchange(self, **changes: str) -> requests.Response:
        given = {name: self.given[name] for name in ("client_id", "client_secret", "refresh_token")}
        form = {"grant_type": "refresh_token", **given, **changes}
        url = self.given["token_url"]
        return requests.post(url, data=form, verify=str(self.world.ca_file), timeout=10)

    def token(self, **changes: str) -> dict[str, Any]:
        reply = self.exchange(**changes)
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()
        return found

    def use_token(self, access_token: str) -> None:
        self.session.headers["x-amz-access-token"] = access_token

    # -------------------------------------------------------------- calls

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        reply = self.session.request(method, self.given["api_url"] + path, timeout=10, **more)
        last = self.control("journal")[-1]
        body = reply.json() if reply.headers.get("Content-Type") == "application/json" else None
        self.traffic.append((last["function"], reply.status_code, body))
        return reply

    def item_path(self, sku: str) -> str:
        return f"/listings/2021-08-01/items/{self.seller}/{quote(sku, safe='')}"

    def patch(
        self, sku: str, *patches: Any, product_type: str = "PRODUCT", **query: str
    ) -> requests.Response:
        body = {"productType": product_type, "patches": list(patches)}
        return self.patch_raw(sku, body, **query)

    def patch_raw(self, sku: str, body: Any, **query: str) -> requests.Response:
        return self.ask("PATCH", self.item_path(sku), params={"marketplaceIds": JAPAN, **query}, json=body)

    def item(self, sku: str, included: str = "summaries,fulfillmentAvailability,issues") -> requests.Response:
        query = {"marketplaceIds": JAPAN, "includedData": included}
        return self.ask("GET", self.item_path(sku), params=query)

    def search(self, **query: Any) -> requests.Response:
        path = f"/listings/2021-08-01/items/{self.seller}"
        return self.ask("GET", path, params={"marketplaceIds": JAPAN, **query})

    def shown(self, sku: str) -> int:
        found: int = self.control("stock")[sku]
        return found

    # -------------------------------------------------------------- feeds and reports

    def upload(
        self, content: bytes, kind: str = FEED_TYPE, sent_as: str = ""
    ) -> tuple[str, requests.Response]:
        made = self.ask("POST", "/feeds/2021-06-30/documents", json={"contentType": kind})
        assert made.status_code == 201, made.text
        headers = {"Content-Type": sent_as or kind}
        verify = str(self.world.ca_file)
        reply = requests.put(made.json()["url"], data=content, headers=headers, verify=verify, timeout=10)
        return made.json()["feedDocumentId"], reply

    def create_feed(self, document_id: str, **changes: Any) -> requests.Response:
        asked = {"feedType": FEED, "marketplaceIds": [JAPAN], "inputFeedDocumentId": document_id}
        return self.ask("POST", "/feeds/2021-06-30/feeds", json={**asked, **changes})

    def feed(self, *messages: Any, **header: Any) -> str:
        """Hand over a feed; gives its id."""
        head = {"sellerId": self.seller, "version": "2.0", "issueLocale": "ja_JP", **header}
        content = json.dumps({"header": head, "messages": list(messages)}).encode()
        reply = self.create_feed(self.upload(content)[0])
        assert reply.status_code == 202, reply.text
        return str(reply.json()["feedId"])

    def feed_state(self, feed_id: str) -> dict[str, Any]:
        reply = self.ask("GET", f"/feeds/2021-06-30/feeds/{feed_id}")
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()
        return found

    def feed_report(self, feed_id: str) -> dict[str, Any]:
        """Give the report of a feed that is done, and keep it for the test of its schema."""
        path = f"/feeds/2021-06-30/documents/{self.feed_state(feed_id)['resultFeedDocumentId']}"
        described = self.ask("GET", path, params={"enableContentEncodingUrlHeader": "true"})
        report: dict[str, Any] = self.fetch(described.json()["url"]).json()
        self.traffic.append(("feed_report", 200, report))
        return report

    def fetch(self, url: str) -> requests.Response:
        return requests.get(url, verify=str(self.world.ca_file), timeout=10)

    # -------------------------------------------------------------- orders

    def buy(self, code: str = "tee-red-s", quantity: int = 1, **more: Any) -> str:
        placed = self.control("order", lines=[{"code": code, "quantity": quantity}], **more)
        return str(placed["order_id"])

    def search_orders(self, **query: Any) -> requests.Response:
        after = {"lastUpdatedAfter": stamp(self.world.clock.now() - timedelta(days=30))}
        chosen = {} if {"createdAfter", "lastUpdatedAfter"} & set(query) else after
        return self.ask("GET", "/orders/2026-01-01/orders", params={**chosen, **query})

    def order(self, number: str, included: str = "FULFILLMENT,CANCELLATION") -> dict[str, Any]:
        path = f"/orders/2026-01-01/orders/{number}"
        reply = self.ask("GET", path, params={"includedData": included})
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()["order"]
        return found

    @contextmanager
    def held(self, function: str, work: Any) -> Iterator[list[requests.Response]]:
        """Do ``work`` beside, and go on once its answer is held back; joins at the end."""
        replies: list[requests.Response] = []
        self.control("fault", name="hold", function=function, count=1)
        caller = threading.Thread(target=lambda: replies.append(work()))
        caller.start()
        with self.world.changed:
            assert self.world.changed.wait_for(lambda: self.control("held") == [function], timeout=30)
        yield replies
        caller.join(30)


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def stock(quantity: Any, op: str = "merge", channel: str = "DEFAULT", **more: Any) -> dict[str, Any]:
    value = {"fulfillment_channel_code": channel, "quantity": quantity, **more}
    return {"op": op, "path": "/attributes/fulfillment_availability", "value": [value]}


def message(number: int, sku: str, *patches: Any, **more: Any) -> dict[str, Any]:
    form = {"messageId": number, "sku": sku, "operationType": "PATCH", "productType": "PRODUCT"}
    return {**form, "patches": list(patches), **more}


def error(reply: requests.Response) -> dict[str, Any]:
    found: dict[str, Any] = reply.json()["errors"][0]
    return found


def channels(reply: requests.Response) -> dict[str, Any]:
    rows = reply.json()["fulfillmentAvailability"]
    return {row["fulfillmentChannelCode"]: row.get("quantity") for row in rows}


def skus(reply: requests.Response) -> list[str]:
    return [row["sku"] for row in reply.json()["items"]]


def numbers(reply: requests.Response) -> list[str]:
    return [row["orderId"] for row in reply.json()["orders"]]
