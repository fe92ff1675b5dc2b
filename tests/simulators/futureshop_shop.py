"""A running futureshop simulator and a client that holds its token, for the tests of its wire."""

from __future__ import annotations

import base64
import ftplib
import io
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from mall_ground import MallGround

from sandbox.malls.futureshop.csvform import VARIATION_HEADER
from sandbox.malls.futureshop.part import FutureshopMall

INVENTORY = "/admin-api/v1/inventory"
SHIPPING = "/admin-api/v1/shipping"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Shop(MallGround):
    """A running mall and a client that holds its key."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder, FutureshopMall, **settings)
        self.address = self.addresses
        self.session.headers.update({"Accept": "application/json", "X-SHOP-KEY": self.address["shop_key"]})
        self.use_token(self.ask_token().json().get("access_token", ""))

    def ask_token(self, body: str = "grant_type=client_credentials", **more: Any) -> requests.Response:
        key = {**self.address, **more}
        pair = base64.b64encode(f"{key['client_id']}:{key['client_secret']}".encode()).decode()
        headers = {**FORM, "Authorization": f"Basic {pair}", "X-SHOP-KEY": key["shop_key"]}
        return self.ask("POST", "/oauth/token", data=body, headers=headers)

    def use_token(self, token: str) -> None:
        self.session.headers["Authorization"] = f"Bearer {token}"

    def renew(self) -> None:
        self.use_token(self.ask_token().json()["access_token"])

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        url = path if path.startswith("http") else self.address["base_url"] + path
        return self.session.request(method, url, timeout=20, allow_redirects=False, **more)

    def read(self, **query: Any) -> requests.Response:
        return self.ask("GET", INVENTORY, params={"types": "regular", **query})

    def products(self, **query: Any) -> list[dict[str, Any]]:
        reply = self.read(**query)
        assert reply.status_code == 200, reply.text
        found: list[dict[str, Any]] = reply.json()["productList"]
        return found

    def write(self, *entries: dict[str, Any]) -> requests.Response:
        return self.ask("POST", INVENTORY, json={"productList": list(entries)})

    def orders(self, **query: Any) -> list[dict[str, Any]]:
        reply = self.ask("GET", SHIPPING, params=query)
        assert reply.status_code == 200, reply.text
        found: list[dict[str, Any]] = reply.json()["orderList"]
        return found

    def get_order(self, number: str) -> requests.Response:
        return self.ask("GET", f"/admin-api/v1/orders/{number}")

    def buy(self, code: str = "gd3sgray", quantity: int = 1, **more: Any) -> str:
        placed = self.control("order", lines=[{"code": code, "quantity": quantity}], **more)
        return str(placed["order_id"])

    def stock(self, code: str) -> int:
        return int(self.control("stock")[code])

    @contextmanager
    def ftp(self, **more: Any) -> Iterator[ftplib.FTP_TLS]:
        where = {**self.mall.addresses(), **more}
        client = ftplib.FTP_TLS(
            context=ssl.create_default_context(cafile=str(self.world.ca_file)), timeout=10
        )
        try:
            client.connect(where["ftp_host"], where["ftp_port"])
            client.login(where["ftp_user"], where["ftp_password"])
            client.prot_p()
            yield client
        finally:
            client.close()

    def upload(self, content: bytes, name: str = "goodsVariationStock.csv") -> None:
        with self.ftp() as client:
            client.storbinary(f"STOR {name}.tmp", io.BytesIO(content))
            client.rename(f"{name}.tmp", name)


def entry(product_no: str, *rows: tuple[str, str, Any], **more: Any) -> dict[str, Any]:
    """One product of a write; rows are (horizontalNo, verticalNo, count)."""
    changes = [
        {"verticalNo": vertical, "horizontalNo": horizontal, "count": count}
        for horizontal, vertical, count in rows
    ]
    return {"productNo": product_no, "inventoryInfo": {"regular": {"inventoryList": changes}, **more}}


def results(reply: requests.Response) -> dict[str, Any]:
    """The outcome of each product: ``success``, or the codes of its errors."""
    return {
        row["productNo"]: row["status"]
        if row["status"] == "success"
        else [error["code"] for error in row["errors"]]
        for row in reply.json()["results"]
    }


def code(reply: requests.Response) -> str:
    return str(reply.json()["errors"][0]["code"])


def variation_file(*rows: tuple[str, str, str, str], header: str = VARIATION_HEADER) -> bytes:
    """A variation stock file; rows are (商品URLコード, 横軸, 縦軸, 調整在庫数)."""
    width = header.count(",") + 1
    lines = [[url, "", across, "", down, "", count, *[""] * (width - 7)] for url, across, down, count in rows]
    return "".join(f"{','.join(line)}\r\n" for line in [[header], *lines]).encode("cp932")
