"""The catalogue: pages of a search where they hold it whole, else the file of all listings."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from adapters import fields
from adapters.amazon import feeds, listings, wire
from adapters.amazon.listings import Listing
from adapters.amazon.partner import Call, Partner
from adapters.contract import Progress
from adapters.errors import TemporaryError, UnexpectedReplyError

POLLS_MAX = 60  # for a file that is being made: ten minutes
_WHOLE = 0.8  # of what the search counts, a file must hold so much to be taken for whole
_FIELD_MAX = 2**24
_PAGES_MAX = listings.SEARCH_MAX // listings.PAGE

# Source: report type GET_MERCHANT_LISTINGS_ALL_DATA; in Japan the names come in Japanese.
_COLUMNS: Mapping[str, str] = {
    "出品者SKU": "sku",
    "seller-sku": "sku",
    "商品名": "name",
    "item-name": "name",
    "数量": "quantity",
    "quantity": "quantity",
    "フルフィルメント・チャンネル": "channel",
    "fulfillment-channel": "channel",
    "ステータス": "status",
    "status": "status",
}
_NEEDED = frozenset({"sku", "name", "channel"})


class Catalogue:
    """Reads the listings of one shop. A file that was not ready in time is asked for again later.

    Args:
        by: ``auto``, ``search`` or ``report``.
    """

    def __init__(self, partner: Partner, by: str) -> None:
        self._partner = partner
        self._by = by
        self._report_id = ""

    def read(self, progress: Progress) -> list[Listing]:
        """Read every listing, and tell how far that has come.

        Raises:
            TemporaryError: the list came cut, or the file is not ready yet.
        """
        first = self._page("")
        total = first.total
        if self._by == "report" or (self._by == "auto" and total >= listings.SEARCH_MAX):
            progress(0, total)  # the file may take minutes to be made
            rows = self._whole(self._file(), total * _WHOLE, total)
            progress(len(rows), len(rows))
            return rows
        found: dict[str, Listing] = {}
        for page in self._pages(first):
            found |= {listing.sku: listing for listing in page.listings}
            progress(len(found), total)
        return self._whole(list(found.values()), total, total)

    @staticmethod
    def _whole(found: list[Listing], least: float, total: int) -> list[Listing]:
        if len(found) < least:
            raise TemporaryError(f"{len(found)} of {total} listings came", operation="read_products")
        return found

    # ------------------------------------------------------------------ by search

    def _page(self, token: str) -> listings.Page:
        call = Call(wire.SEARCH_ITEMS, params=listings.page_params(token))
        return self._partner.ask(call, listings.page_of)

    def _pages(self, first: listings.Page) -> Iterator[listings.Page]:
        page, seen = first, {""}
        for _ in range(_PAGES_MAX):
            yield page
            if not page.token:
                return
            if page.token in seen:
                break
            seen.add(page.token)
            page = self._page(page.token)
        if page.token:
            raise UnexpectedReplyError("the list has no end", operation=wire.SEARCH_ITEMS.name)

    # ------------------------------------------------------------------ by file

    def _file(self) -> list[Listing]:
        document = self._document(self._ready())
        reply = self._partner.transfer(wire.DOWNLOAD, document.url)
        self._report_id = ""
        try:
            content = feeds.unpacked(document, reply.body)
            return listings_of(decoded(content, reply.headers.get("Content-Type", "")))
        except fields.Malformed as error:
            why = str(error)
        raise UnexpectedReplyError(f"file of all listings: {why}", operation=wire.DOWNLOAD.name)

    def _ready(self) -> str:
        """Have the file made, wait, and give the id of its document."""
        if not self._report_id:
            call = Call(wire.CREATE_REPORT, form=feeds.report_form())
            self._report_id = self._partner.ask(call, feeds.report_id_of)
        call = Call(wire.GET_REPORT, {"reportId": self._report_id})
        for _ in range(POLLS_MAX):
            status, document_id = self._partner.ask(call, feeds.report_of)
            if status == "DONE" and document_id:
                return document_id
            if status in ("CANCELLED", "FATAL", "DONE"):
                self._report_id = ""
                raise TemporaryError(f"the file of all listings is {status}", operation=wire.GET_REPORT.name)
        raise TemporaryError("the file of all listings is not ready yet", operation=wire.GET_REPORT.name)

    def _document(self, document_id: str) -> feeds.Document:
        call = Call(wire.GET_REPORT_DOCUMENT, {"reportDocumentId": document_id})
        return self._partner.ask(call, feeds.report_document_of)


def decoded(content: bytes, content_type: str) -> str:
    """Read the file's text: by its charset, else UTF-8 if it is that, else cp932."""
    named = re.search(r"charset=\"?([\w.-]+)", content_type, re.IGNORECASE)
    charset = named[1].lower() if named else ""
    if charset in ("windows-31j", "shift_jis", "shift-jis", "sjis", "cp932", "ms932"):
        return content.decode("cp932", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp932", "replace")


def listings_of(words: str) -> list[Listing]:
    """Read the rows of the file, by the names in its first row, Japanese or English.

    Raises:
        Malformed: it is no such file, or was cut.
    """
    csv.field_size_limit(_FIELD_MAX)
    rows = csv.reader(io.StringIO(words, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    try:
        names = [_COLUMNS.get(name.strip(), "") for name in next(rows, [])]
        if missing := sorted(_NEEDED - set(names)):
            raise fields.Malformed(f"no column for {', '.join(missing)}")
        return list(map(partial(_listing, names), filter(None, rows)))
    except csv.Error:
        raise fields.Malformed("the file is not tab-separated") from None


def _listing(names: Sequence[str], row: Sequence[str]) -> Listing:
    if len(row) != len(names):
        raise fields.Malformed("a row has another length than the first")
    cells = dict(zip(names, row, strict=True))
    quantity, status = cells.get("quantity", "").strip(), cells.get("status", "").strip()
    if not cells["sku"]:
        raise fields.Malformed("a row has no SKU")
    return Listing(
        cells["sku"],
        listings.channel_of([cells["channel"].strip()]),
        int(quantity) if re.fullmatch(r"[0-9]{1,9}", quantity) else 0,
        cells["name"],
        status == "Active" if status else None,
    )
