"""Items and files: myItemList, getItem, downloads, uploadStockFile (spec 4.3, 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from email import message_from_bytes
from email.message import Message

from sandbox.malls.yahoo.admission import check_seller, plain_status
from sandbox.malls.yahoo.goods import Item
from sandbox.malls.yahoo.settings import Settings
from sandbox.malls.yahoo.stock_api import StockApi
from sandbox.malls.yahoo.store import Store
from sandbox.malls.yahoo.transfers import ITEMS, STOCKS, upload_flaw
from sandbox.malls.yahoo.wire import (
    Answer,
    Call,
    Refusal,
    cdata,
    element,
    leaf,
    refusal,
    result_set,
    xml,
)

PAGE_DEFAULT, PAGE_MOST = 25, 100
TYPES = ("item_code", "name")
ACCEPTED = element("Status", "OK")


class ItemApi:
    """The functions that tell a client what the store lists. Codes of refusals are invented, but it-05002."""

    def __init__(self, settings: Settings, stock_api: StockApi, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._stock_api = stock_api
        self._now = now

    def my_item_list(self, call: Call) -> Answer:
        """Answer ``myItemList``: a page of items that have every word of the query."""
        asked = call.params("seller_id", "type", "query", "start", "results", "stock", "sort", "stcat_key")
        check_seller(call, asked)
        start, amount = _number(asked, "start", 1), _number(asked, "results", PAGE_DEFAULT)
        words, by = asked.get("query", "").split(), asked.get("type", "item_code")
        if not words or by not in TYPES or start < 1 or not 1 <= amount <= PAGE_MOST:
            call.violations.append("myItemList: query, type, start or results")
            raise refusal(400, "parameter is invalid", "it-03001")
        found = [item for item in call.store.goods.items.values() if _has(item, by, words)]
        if "stock" in asked:
            with_stock = asked["stock"] == "true"
            found = [item for item in found if (_total(call.store, item) > 0) == with_stock]
        shown = found[start - 1 : start - 1 + amount]
        results = [_summary(call.store, item) for item in shown]
        return xml(result_set(results, start, len(found)))

    def get_item(self, call: Call) -> Answer:
        """Answer ``getItem``: one item with its variants; their codes are attributes."""
        asked = call.params("seller_id", "item_code", "expand_spec")
        check_seller(call, asked)
        item = call.store.goods.items.get(asked.get("item_code", ""))
        if item is None:
            raise refusal(400, "指定された商品コードは存在しません。", "it-05002")
        return xml(result_set([_detail(call.store, item)]))

    def download_request(self, call: Call) -> Answer:
        """Answer ``downloadRequest``: the file begins to be made."""
        asked = call.form("seller_id", "type")
        check_seller(call, asked)
        self._check_type(call, asked)
        download = call.store.transfers.ask(asked["type"], self._now())
        key = element("Result", leaf("FileKey", download.key)) if self._settings.file_key else ""
        return xml(element("ResultSet", ACCEPTED, key))

    def download_submit(self, call: Call) -> Answer:
        """Answer ``downloadSubmit``: the file once it is there."""
        asked = call.params("seller_id", "type", "file_key")
        check_seller(call, asked)
        self._check_type(call, asked)
        download = call.store.transfers.find(asked["type"], asked.get("file_key", ""))
        if download is None or self._now() < download.ready_at:
            raise self._not_ready()
        return Answer(200, download.content, "text/csv")

    def upload_stock(self, call: Call) -> Answer:
        """Answer ``uploadStockFile``: OK says only that the file was accepted."""
        check_seller(call, call.params("seller_id"))
        self._stock_api.check_lock(call)
        content = _file_of(call)
        flaw = "no part named file" if content is None else upload_flaw(content)
        if flaw:
            call.violations.append(f"uploadStockFile: {flaw}")
            raise refusal(400, flaw, "ed-00101")
        call.store.transfers.accept(content or b"", self._now())
        return xml(element("ResultSet", element("Result", ACCEPTED)))

    def _check_type(self, call: Call, asked: Mapping[str, str]) -> None:
        if asked.get("type") not in (ITEMS, STOCKS):
            call.violations.append(f"type {asked.get('type')!r}")
            raise refusal(400, "type is invalid", "pm-08001")

    def _not_ready(self) -> Refusal:
        form = self._settings.not_ready
        if form == "pm-08003":
            return refusal(400, "ダウンロードファイルの準備ができていません。", form)
        return Refusal(Answer(202) if form == "202" else plain_status(int(form)))


def _number(asked: Mapping[str, str], name: str, default: int) -> int:
    text = asked.get(name, str(default))
    return int(text) if text.isascii() and text.isdigit() else 0


def _has(item: Item, by: str, words: list[str]) -> bool:
    text = item.code if by == "item_code" else item.name
    return all(word in text for word in words)


def _total(store: Store, item: Item) -> int:
    return sum(store.stock.quantity(pair) for pair in item.pairs())


def _summary(store: Store, item: Item) -> str:
    return element(
        "Result",
        leaf("ItemCode", item.code),
        cdata("Name", item.name),
        leaf("Price", item.price),
        leaf("Quantity", _total(store, item)),
        leaf("HasSubCode", int(bool(item.choices))),
        leaf("Display", int(item.published)),
    )


def _detail(store: Store, item: Item) -> str:
    variants = [_variant(store, item, sub) for sub in item.choices]
    return element(
        "Result",
        leaf("ItemCode", item.code),
        cdata("Name", item.name),
        leaf("Price", item.price),
        leaf("Quantity", _total(store, item)),
        leaf("Display", int(item.published)),
        *([element("SubCodes", *variants)] if variants else []),
    )


def _variant(store: Store, item: Item, sub: str) -> str:
    record = store.stock.get((item.code, sub))
    quantity = "" if record and record.quantity is None else store.stock.quantity((item.code, sub))
    options = [element("Option", name=axis, value=value) for axis, value in item.choices[sub]]
    closed = record.closed if record else 0
    return element("SubCode", *options, leaf("Price"), code=sub, quantity=quantity, stockClose=closed)


def _file_of(call: Call) -> bytes | None:
    """Give the part named ``file`` of a multipart body."""
    head = f"Content-Type: {call.headers.get('Content-Type', '')}\r\n\r\n".encode()
    whole: Message = message_from_bytes(head + call.body)
    for part in whole.walk():
        if part.get_param("name", header="content-disposition") == "file":
            content = part.get_payload(decode=True)
            return content if isinstance(content, bytes) else None
    return None
