"""Feeds: many numbers in one document, taken up later, with a report of what was refused."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.amazon import listings
from adapters.amazon.wire import (
    JSON_TYPE,
    LOCALE,
    MARKETPLACE,
    amount,
    moment,
    word,
)
from adapters.contract import StockLine
from adapters.fields import Malformed, get, maybe, object_of, text

_UNPACKED_MAX = 512 * 2**20
_FINISHED = ("DONE", "CANCELLED", "FATAL")
_WAITING = ("IN_QUEUE", "IN_PROGRESS")

DOCUMENT_FORM: Mapping[str, str] = {"contentType": JSON_TYPE}


def feed_form(seller_id: str, lines: Sequence[StockLine]) -> dict[str, Any]:
    """Set these quantities, each as a patch of its own; messages are numbered from 1.

    Source: models schemas/feeds/listings-feed-schema-v2; at most 25,000 messages.
    """
    messages = [
        {"messageId": number, "sku": line.address[0], "operationType": "PATCH"}
        | listings.patch_form(line.quantity)
        for number, line in enumerate(lines, 1)
    ]
    return {"header": {"sellerId": seller_id, "version": "2.0", "issueLocale": LOCALE}, "messages": messages}


def create_form(document_id: str) -> dict[str, Any]:
    """Hand an uploaded document over; this kind of feed takes one marketplace only."""
    return {
        "feedType": "JSON_LISTINGS_FEED",
        "marketplaceIds": [MARKETPLACE],
        "inputFeedDocumentId": document_id,
    }


@dataclass(frozen=True)
class Document:
    """A document's id and its own address, good for 5 minutes."""

    document_id: str
    url: str
    packed: bool


def document_of(body: Mapping[str, Any]) -> Document:
    """Read where a feed's document goes, or is."""
    return _document(body, word(body, "feedDocumentId"))


def report_document_of(body: Mapping[str, Any]) -> Document:
    """Read where a report's document is."""
    return _document(body, word(body, "reportDocumentId"))


def _document(body: Mapping[str, Any], document_id: str) -> Document:
    algorithm = text(body, "compressionAlgorithm")
    if algorithm not in ("", "GZIP"):
        raise Malformed("compressionAlgorithm is not GZIP")
    return Document(document_id, word(body, "url"), algorithm == "GZIP")


def unpacked(document: Document, content: bytes) -> bytes:
    """Unpack a document; one that came unpacked on its way is left as it is."""
    if not document.packed or not content.startswith(b"\x1f\x8b"):
        return content
    reader = zlib.decompressobj(wbits=31)
    try:
        found = reader.decompress(content, _UNPACKED_MAX)
    except zlib.error:
        raise Malformed("the document is not gzip") from None
    if not reader.eof:
        raise Malformed("the document was cut, or is too long")
    return found


@dataclass(frozen=True)
class Feed:
    """How a feed stands. ``report`` names its report once it is done."""

    created_at: datetime
    status: str
    report: str

    @property
    def finished(self) -> bool:
        """Whether nothing more comes of it."""
        return self.status in _FINISHED

    @property
    def done(self) -> bool:
        """Whether it was worked off and has a report."""
        return self.status == "DONE" and bool(self.report)


def feed_of(body: Mapping[str, Any]) -> Feed:
    """Read how a feed stands.

    Source: models feeds_2021-06-30 (Feed).
    """
    status = get(body, "processingStatus", str)
    if status not in (*_FINISHED, *_WAITING):
        raise Malformed(f"processingStatus {status} is not known")
    return Feed(moment(get(body, "createdTime", str)), status, text(body, "resultFeedDocumentId"))


@dataclass(frozen=True)
class Verdict:
    """What a report says: SKU -> (code, message); ``whole`` where an error names no SKU."""

    refused: Mapping[str, tuple[str, str]]
    whole: str = ""


def verdict_of(content: bytes) -> Verdict:
    """Read a report. A SKU that does not exist counts as accepted there.

    Source: models schemas/feeds/listings-feed-processing-report-schema-v2.
    """
    body = object_of(content)
    summary = get(body, "summary", dict)
    errors = [issue for issue in get(body, "issues", list) if get(issue, "severity", str) == "ERROR"]
    named = {text(issue, "sku"): (text(issue, "code"), get(issue, "message", str)) for issue in errors}
    whole = named.pop("", ("", ""))
    if not whole[1] and amount(summary, "messagesInvalid") > len(named):
        return Verdict(named, "messages were refused that the report does not name")
    return Verdict(named, " ".join(part for part in whole if part))


def id_of(body: Mapping[str, Any]) -> str:
    """Read the id of the feed that was made."""
    return word(body, "feedId")


def report_form() -> dict[str, Any]:
    """Ask for the file of all listings.

    Source: models reports_2021-06-30 (CreateReportSpecification).
    """
    return {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": [MARKETPLACE]}


def report_id_of(body: Mapping[str, Any]) -> str:
    """Read the id of the report that will be made."""
    return word(body, "reportId")


def report_of(body: Mapping[str, Any]) -> tuple[str, str]:
    """Read how a report stands, and its document once it is done."""
    status = get(body, "processingStatus", str)
    if status not in (*_FINISHED, *_WAITING):
        raise Malformed(f"processingStatus {status} is not known")
    return status, maybe(body, "reportDocumentId", str) or ""
