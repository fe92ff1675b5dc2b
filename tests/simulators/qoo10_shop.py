"""A running Qoo10 simulator and a client that holds its key, for the tests of its wire."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import requests
from mall_ground import MallGround

from sandbox.malls.qoo10.part import Qoo10Mall

JST = timezone(timedelta(hours=9))
PATH = "/GMKT.INC.Front.QAPIService/ebayjapan.qapi"
LIST, DETAIL, INVENTORY = (
    "ItemsLookup.GetAllGoodsInfo",
    "ItemsLookup.GetItemDetailInfo",
    "ItemsLookup.GetGoodsInventoryInfo",
)
ONE, BULK = "ItemsOrder.SetGoodsPriceQty", "ItemsOrder.SetGoodsPriceQtyBulk"
OPTION, OPTION_BULK = "ItemsOptions.UpdateInventoryQtyUnit", "ItemsOptions.UpdateInventoryDataBulk"
ORDERS, CLAIMS = "ShippingBasic.GetShippingInfo_v3", "ShippingBasic.GetClaimInfo_V3"
BY_NUMBER = "ShippingBasic.GetShippingAndClaimInfoByOrderNo_V2"
CREATE_KEY = "CertificationAPI.CreateCertificationKey"
VERSIONS = {DETAIL: "1.2", ONE: "1.1", BULK: "1.1"}
TEE, MUG, CAP = "1000000001", "1000000002", "1000000003"


class Shop(MallGround):
    """A running mall and a client that holds its key."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder, Qoo10Mall, **settings)
        self.key = self.addresses["seller_key"]

    def post(self, method: str, fields: dict[str, Any], **headers: str) -> requests.Response:
        sent = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "GiosisCertificationKey": self.key,
            "QAPIVersion": VERSIONS.get(method, "1.0"),
            **headers,
        }
        url = f"{self.addresses['base_url']}{PATH}/{method}"
        return self.session.post(url, {"returnType": "application/json", **fields}, headers=sent, timeout=10)

    def ask(self, method: str, **fields: Any) -> dict[str, Any]:
        """Call a method; HTTP says 200 whatever comes back."""
        reply = self.post(method, fields)
        assert reply.status_code == 200
        found: dict[str, Any] = reply.json()
        return found

    def code(self, method: str, **fields: Any) -> int:
        body = self.ask(method, **fields)
        return int(body.get("ResultCode", body.get("ErrorCode")))

    def bulk(self, method: str, *rows: dict[str, Any]) -> dict[str, Any]:
        return self.ask(method, ItemInfoJson=json.dumps(rows, ensure_ascii=False))

    def rows(self, code: str = "tee") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask(INVENTORY, SellerCode=code)["ResultObject"]
        return found

    def listing(self, seller_code: str) -> dict[str, Any]:
        return next(row for row in self.control("listings") if row["seller_code"] == seller_code)

    def stock(self, code: str) -> int:
        return int(self.control("stock")[code])

    def buy(self, code: str = "mug", quantity: int = 1, **more: Any) -> str:
        return str(self.control("order", lines=[{"code": code, "quantity": quantity}], **more)["order_id"])

    def orders(self, status: str = "0", days: int = 3, condition: str = "1") -> list[dict[str, Any]]:
        now = self.world.clock.now()
        window = {"SearchStartDate": day(now - timedelta(days=days)), "SearchEndDate": day(now)}
        asked = {"ShippingStatus": status, "SearchCondition": condition}
        return self.ask(ORDERS, **asked, **window)["ResultObject"] or []

    def claims(self, stat: str = "", condition: str = "2") -> list[dict[str, Any]]:
        now = self.world.clock.now()
        window = {"search_Sdate": day(now - timedelta(days=3)), "search_Edate": day(now)}
        asked = {"ClaimStat": stat, "search_condition": condition}
        return self.ask(CLAIMS, **asked, **window)["ResultObject"] or []

    def whats_wrong(self) -> list[str]:
        return [found["what"] for found in self.control("violations")]


def day(moment: datetime) -> str:
    return moment.astimezone(JST).strftime("%Y%m%d")


def plain(item_code: str, quantity: Any, **more: Any) -> dict[str, Any]:
    return {"ItemCode": item_code, "Qty": str(quantity), "ExpireDate": "2030-12-31", **more}


def option(color: str, size: str, quantity: Any, **more: Any) -> dict[str, Any]:
    address = {"OptionName": "色||*サイズ", "OptionValue": f"{color}||*{size}"}
    own = {"ItemCode": TEE, **address, "OptionCode": f"tee-{color}-{size}", "Qty": str(quantity)}
    return {**own, **more}
