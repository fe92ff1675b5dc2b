"""A running Rakuten simulator and a client that holds its key, for the tests of its wire."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import requests
from mall_ground import MallGround

from sandbox.malls.rakuten.part import RakutenMall

JST = timezone(timedelta(hours=9))
INVENTORY = "/es/2.0/inventories"
SEARCH = "/es/2.0/items/search"
EXPIRY = "/es/1.0/license-management/license-key/expiry-date"
ORDER_TYPE = {"Content-Type": "application/json; charset=utf-8"}
RED_S = {"manageNumber": "tee", "variantId": "r-sku00000001"}
RED_M = {"manageNumber": "tee", "variantId": "r-sku00000002"}


class Shop(MallGround):
    """A running mall and a client that holds its key."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder, RakutenMall, **settings)
        self.base_url = self.addresses["base_url"]
        self.use_key(self.mall.addresses()["licence_key"])

    def use_key(self, licence_key: str) -> None:
        pair = f"{self.mall.addresses()['service_secret']}:{licence_key}"
        self.session.headers["Authorization"] = "ESA " + base64.b64encode(pair.encode()).decode()

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.session.request(method, self.base_url + path, timeout=10, **more)

    def upsert(self, *rows: dict[str, Any], version: str = "2.0") -> requests.Response:
        return self.ask("POST", f"/es/{version}/inventories/bulk-upsert", json={"inventories": list(rows)})

    def read(self, *pairs: dict[str, Any], version: str = "2.0") -> list[dict[str, Any]]:
        reply = self.ask("POST", f"/es/{version}/inventories/bulk-get", json={"inventories": list(pairs)})
        assert reply.status_code == 200, reply.text
        found: list[dict[str, Any]] = reply.json()["inventories"]
        return found

    def search(self, **query: Any) -> requests.Response:
        return self.ask("GET", SEARCH, params=query)

    def orders(self, function: str, body: dict[str, Any]) -> requests.Response:
        return self.ask("POST", f"/es/2.0/order/{function}/", json=body, headers=ORDER_TYPE)

    def search_orders(self, **more: Any) -> requests.Response:
        now = self.world.clock.now()
        window = {"startDatetime": order_time(now - timedelta(days=60)), "endDatetime": order_time(now)}
        return self.orders("searchOrder", {"dateType": 1, **window, **more})

    def get_order(self, number: str, version: int = 9) -> dict[str, Any]:
        reply = self.orders("getOrder", {"orderNumberList": [number], "version": version})
        model: dict[str, Any] = reply.json()["OrderModelList"][0]
        return model

    def buy(self, code: str = "tee-red-s", quantity: int = 1, **more: Any) -> str:
        placed = self.control("order", lines=[{"code": code, "quantity": quantity}], **more)
        return str(placed["order_id"])


def order_time(moment: datetime) -> str:
    return moment.astimezone(JST).strftime("%Y-%m-%dT%H:%M:%S%z")


def absolute(quantity: Any, pair: dict[str, str] = RED_S, **more: Any) -> dict[str, Any]:
    return {**pair, "mode": "ABSOLUTE", "quantity": quantity, **more}


def codes(reply: requests.Response) -> list[str]:
    return [error["code"] for error in reply.json()["errors"]]


def paths(reply: requests.Response) -> list[str]:
    return [error["metadata"]["propertyPath"] for error in reply.json()["errors"]]
