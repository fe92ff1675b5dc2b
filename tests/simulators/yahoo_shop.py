"""A running Yahoo!ショッピング simulator and a client that holds its tokens, for the tests of its wire."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import requests
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from mall_ground import MallGround

from sandbox.malls.yahoo.part import YahooMall

JST = timezone(timedelta(hours=9))
V1 = "/ShoppingWebService/V1"
RED_S, RED_M = "tee:tee-red-s", "tee:tee-red-m"
INFO_FIELDS = (
    "OrderId,Version,OrderTime,LastUpdateTime,OrderStatus,CancelReason,IsSeen,IsSplit,ParentOrderId,LineId,"
    "ItemId,SubCode,Quantity,Title,UnitPrice,PayStatus,PayMethod,ShipStatus,ShipMethod,IsYahooAuctionOrder,"
    "YahooAuctionId,YahooAuctionMerchantId"
)
LIST_FIELDS = (
    "OrderId,OrderTime,LastUpdateTime,OrderStatus,IsSeen,IsYahooAuctionOrder,YahooAuctionId,"
    "YahooAuctionMerchantId"
)


class Shop(MallGround):
    """A running mall and a client that holds its tokens; ``entry`` is what an operator enters."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder, YahooMall, **settings)
        self.entry = self.addresses
        self.use_token(self.access_token(self.entry["refresh_token"]))

    # tokens

    def token(self, entry: Mapping[str, Any] | None = None, **fields: Any) -> requests.Response:
        entry = entry or self.entry
        pair = (entry["client_id"], entry["client_secret"])
        return self.session.post(entry["token_url"], data=fields, auth=pair, timeout=10)

    def renew(self, refresh_token: str) -> requests.Response:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)

    def exchange(self, code: str) -> requests.Response:
        redirect_uri = self.entry["redirect_uri"]
        return self.token(grant_type="authorization_code", code=code, redirect_uri=redirect_uri)

    def access_token(self, refresh_token: str) -> str:
        return str(self.renew(refresh_token).json()["access_token"])

    def use_token(self, access_token: str) -> None:
        self.session.headers["Authorization"] = f"Bearer {access_token}"

    # calls

    def ask(self, method: str, api: str, **more: Any) -> requests.Response:
        return self.session.request(method, f"{self.entry['base_url']}{V1}/{api}", timeout=10, **more)

    def form(self, api: str, **fields: Any) -> requests.Response:
        return self.ask("POST", api, data={"seller_id": self.entry["seller_id"], **fields})

    def query(self, api: str, **fields: Any) -> requests.Response:
        return self.ask("GET", api, params={"seller_id": self.entry["seller_id"], **fields})

    def set_stock(self, quantities: Mapping[str, Any], **more: Any) -> requests.Response:
        codes, numbers = ",".join(quantities), ",".join(str(number) for number in quantities.values())
        return self.form("setStock", item_code=codes, quantity=numbers, **more)

    def get_stock(self, *codes: str) -> dict[str, dict[str, str]]:
        reply = self.form("getStock", item_code=",".join(codes))
        assert reply.status_code == 200, reply.text
        return rows(reply)

    def signature(self, **more: Any) -> dict[str, str]:
        chosen = {**self.entry, **more}
        at = chosen.get("at", self.world.clock.now())
        key = load_pem_public_key(chosen["public_key"].encode())
        assert isinstance(key, rsa.RSAPublicKey)
        secret = key.encrypt(f"{chosen['seller_id']}:{int(at.timestamp())}".encode(), padding.PKCS1v15())
        version = chosen["public_key_version"]
        return {
            "X-sws-signature": base64.b64encode(secret).decode(),
            "X-sws-signature-version": str(version),
        }

    def xml(self, api: str, body: str, headers: Mapping[str, str] | None = None) -> requests.Response:
        sent = self.signature() if headers is None else headers
        text = f"<Req>{body}<SellerId>{self.entry['seller_id']}</SellerId></Req>"
        kind = {"Content-Type": "application/xml; charset=utf-8"}
        return self.ask("POST", api, data=text.encode(), headers={**kind, **sent})

    def order_list(
        self, condition: str = "", fields: str = LIST_FIELDS, extra: str = "", **more: Any
    ) -> requests.Response:
        now = self.world.clock.now()
        since, until = order_time(now - timedelta(days=2)), order_time(now + timedelta(minutes=1))
        times = f"<OrderTimeFrom>{since}</OrderTimeFrom><OrderTimeTo>{until}</OrderTimeTo>"
        parts = f"{extra}<Condition>{times}{condition}</Condition><Field>{fields}</Field>"
        return self.xml("orderList", f"<Search>{parts}</Search>", **more)

    def order_info(self, number: str, fields: str = INFO_FIELDS, **more: Any) -> requests.Response:
        target = f"<Target><OrderId>{number}</OrderId><Field>{fields}</Field></Target>"
        return self.xml("orderInfo", target, **more)

    def buy(self, code: str = "tee-red-s", quantity: int = 1, **more: Any) -> str:
        placed = self.control("order", lines=[{"code": code, "quantity": quantity}], **more)
        return str(placed["order_id"])


def order_time(moment: datetime) -> str:
    return moment.astimezone(JST).strftime("%Y%m%d%H%M%S")


def tree(reply: requests.Response) -> ET.Element:
    """Read an answer, with the namespaces off."""
    root = ET.fromstring(reply.content)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def rows(reply: requests.Response) -> dict[str, dict[str, str]]:
    """Give the results about stock, by ``item:sub``."""
    found = [{child.tag: child.text or "" for child in row} for row in tree(reply).findall("Result")]
    return {f"{row['ItemCode']}:{row['SubCode']}".rstrip(":"): row for row in found}


def code_of(reply: requests.Response) -> str | None:
    return tree(reply).findtext("Code")


def numbers(reply: requests.Response) -> list[str | None]:
    """Give the order numbers of an ``orderList``."""
    assert reply.status_code == 200, reply.text
    return [order.findtext("OrderId") for order in tree(reply).iter("OrderInfo")]
