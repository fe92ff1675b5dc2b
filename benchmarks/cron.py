"""The script that a merchant's cron would run: the yardstick, honest and short.

One call at a time, ``sleep(1 / rate)`` after each answer, once more where the call was refused.
It knows each mall's form and nothing of the bot.
"""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import requests

from adapters.contract import StockLine

Found = Mapping[str, Any]
Send = Callable[[Sequence[StockLine]], requests.Response]
TIMEOUT_S = 30


def push(send: Send, calls: Sequence[Sequence[StockLine]], rate: float, refusals: Collection[int]) -> float:
    """Write all calls; gives the seconds until the last answer."""
    started = ended = time.monotonic()
    for lines in calls:
        while (answer := send(lines)).status_code in refusals:
            time.sleep(1 / rate)
        answer.raise_for_status()
        ended = time.monotonic()
        time.sleep(1 / rate)
    return ended - started


def _pair(name: str, word: str) -> str:
    return b64encode(f"{name}:{word}".encode()).decode()


def rakuten(session: requests.Session, found: Found) -> Send:
    """Rakuten: inventories.bulk.upsert."""
    session.headers["Authorization"] = "ESA " + _pair(found["service_secret"], found["licence_key"])

    def send(lines: Sequence[StockLine]) -> requests.Response:
        rows = [
            {"manageNumber": item, "variantId": sku, "mode": "ABSOLUTE", "quantity": line.quantity}
            for line in lines
            for item, sku in [line.address]
        ]
        url = f"{found['base_url']}/es/2.0/inventories/bulk-upsert"
        return session.post(url, json={"inventories": rows}, timeout=TIMEOUT_S)

    return send


def yahoo(session: requests.Session, found: Found) -> Send:
    """Yahoo!: setStock."""
    session.headers["Authorization"] = "Basic " + _pair(found["client_id"], found["client_secret"])
    form = {"grant_type": "refresh_token", "refresh_token": found["refresh_token"]}
    answer = session.post(f"{found['auth_url']}/yconnect/v2/token", data=form, timeout=TIMEOUT_S)
    session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def send(lines: Sequence[StockLine]) -> requests.Response:
        codes = ",".join(":".join(part for part in line.address if part) for line in lines)
        quantities = ",".join(str(line.quantity) for line in lines)
        form = {"seller_id": found["seller_id"], "item_code": codes, "quantity": quantities}
        url = f"{found['base_url']}/ShoppingWebService/V1/setStock"
        return session.post(url, data=form, timeout=TIMEOUT_S)

    return send


def futureshop(session: requests.Session, found: Found) -> Send:
    """futureshop: POST inventory."""
    pair = _pair(found["client_id"], found["client_secret"])
    headers = {
        "Authorization": f"Basic {pair}",
        "X-SHOP-KEY": found["shop_key"],
        "Accept": "application/json",
    }
    session.headers.update(headers)
    form = {"grant_type": "client_credentials"}
    answer = session.post(f"{found['base_url']}/oauth/token", data=form, timeout=TIMEOUT_S)
    session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def product(line: StockLine) -> dict[str, Any]:
        number, horizontal, vertical = line.address
        row = {"horizontalNo": horizontal, "verticalNo": vertical, "count": line.quantity}
        return {"productNo": number, "inventoryInfo": {"regular": {"inventoryList": [row]}}}

    def send(lines: Sequence[StockLine]) -> requests.Response:
        form = {"productList": [product(line) for line in lines]}
        return session.post(f"{found['base_url']}/admin-api/v1/inventory", json=form, timeout=TIMEOUT_S)

    return send


def _qoo10(
    session: requests.Session, found: Found, method: str, version: str
) -> Callable[[Mapping[str, str]], requests.Response]:
    headers = {
        "GiosisCertificationKey": found["seller_key"],
        "QAPIVersion": version,
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
    }
    session.headers.update(headers)
    url = f"{found['base_url']}/GMKT.INC.Front.QAPIService/ebayjapan.qapi/{method}"
    return lambda form: session.post(url, data={"returnType": "application/json", **form}, timeout=TIMEOUT_S)


def qoo10(session: requests.Session, found: Found) -> Send:
    """Qoo10: items, in bulk."""
    post = _qoo10(session, found, "ItemsOrder.SetGoodsPriceQtyBulk", "1.1")

    def send(lines: Sequence[StockLine]) -> requests.Response:
        rows = [
            {"ItemCode": item, "SellerCode": line.mall_code, "Qty": str(line.quantity), "ExpireDate": ends}
            for line in lines
            for item, ends in [line.address]
        ]
        return post({"ItemInfoJson": json.dumps(rows)})

    return send


def qoo10_options(session: requests.Session, found: Found) -> Send:
    """Qoo10: option rows, one by one."""
    post = _qoo10(session, found, "ItemsOptions.UpdateInventoryQtyUnit", "1.0")

    def send(lines: Sequence[StockLine]) -> requests.Response:
        [line] = lines
        item, name, value = line.address
        row = {"ItemCode": item, "OptionName": name, "OptionValue": value, "OptionCode": line.mall_code}
        return post({**row, "Qty": str(line.quantity)})

    return send


def amazon(session: requests.Session, found: Found) -> Send:
    """Amazon: patchListingsItem."""
    kinds = ("client_id", "client_secret", "refresh_token")
    form = {"grant_type": "refresh_token", **{kind: found[kind] for kind in kinds}}
    answer = session.post(found["token_url"], data=form, timeout=TIMEOUT_S)
    session.headers["x-amz-access-token"] = answer.json()["access_token"]
    session.headers["User-Agent"] = "stock-script/1.0 (Language=Python)"

    def send(lines: Sequence[StockLine]) -> requests.Response:
        [line] = lines
        sku, channel = line.address
        value = {"fulfillment_channel_code": channel, "quantity": line.quantity}
        patch = {"op": "merge", "path": "/attributes/fulfillment_availability", "value": [value]}
        url = f"{found['api_url']}/listings/2021-08-01/items/{found['seller_id']}/{quote(sku, safe='')}"
        form = {"productType": "PRODUCT", "patches": [patch]}
        params = {"marketplaceIds": found["marketplace_id"]}
        return session.patch(url, params=params, json=form, timeout=TIMEOUT_S)

    return send


SCRIPTS: Mapping[str, Callable[[requests.Session, Found], Send]] = {
    "rakuten": rakuten,
    "yahoo": yahoo,
    "futureshop": futureshop,
    "qoo10": qoo10,
    "qoo10-options": qoo10_options,
    "amazon": amazon,
}
