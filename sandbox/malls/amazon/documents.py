"""The file store behind feeds and reports: signed URLs that live five minutes (spec 7, 8)."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.malls.amazon.settings import Settings
from sandbox.malls.amazon.wire import Answer, Call, Json, Refusal, refusal

LIFE = timedelta(days=2)
XML = "application/xml"


@dataclass
class Document:
    """One file. ``content`` None: nothing was uploaded yet. Compressed ones say so in the answer."""

    document_id: str
    kind: str
    created: datetime
    content: bytes | None = None
    compressed: bool = False


@dataclass(frozen=True)
class Ticket:
    """A signed URL: what it opens, for which method, until when."""

    document: Document
    method: str
    expires_at: datetime
    encoding: str = ""


class Documents:
    """All files of the seller."""

    def __init__(self, settings: Settings, rng: random.Random, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._random = rng
        self._now = now
        self._documents: dict[str, Document] = {}
        self._tickets: dict[str, Ticket] = {}
        self.base_url = ""

    def open(self, kind: str) -> Document:
        """Make room for an upload."""
        return self._add(Document(self._new_id(), kind, self._now()))

    def put(self, content: bytes, kind: str, *, compress: bool) -> Document:
        """Keep a result."""
        kept = gzip.compress(content, mtime=0) if compress else content
        return self._add(Document(self._new_id(), kind, self._now(), kept, compress))

    def get(self, document_id: str) -> Document | None:
        """Give a document that is not over."""
        found = self._documents.get(document_id)
        return found if found and self._now() < found.created + LIFE else None

    def url(self, document: Document, method: str, encoding: str = "") -> str:
        """Give a URL that opens a document for a while."""
        token = f"{self._random.getrandbits(160):040x}"
        end = self._now() + timedelta(seconds=self._settings.url_s)
        self._tickets[token] = Ticket(document, method, end, encoding)
        return f"{self.base_url}/documents/{token}?X-Amz-Expires={int(self._settings.url_s)}"

    def described(self, call: Call, name: str) -> Answer:
        """Answer with the URL of a result; ``name`` is the field of its id."""
        document = self.get(call.path["documentId"])
        if document is None or document.content is None:
            raise refusal(404, "NotFound", "The document was not found.")
        asked = call.query.get("enableContentEncodingUrlHeader", "false") == "true"
        encoding = ("gzip" if asked else "identity") if document.compressed else ""
        body: Json = {name: document.document_id, "url": self.url(document, "GET", encoding)}
        return Answer(200, {**body, "compressionAlgorithm": "GZIP"} if document.compressed else body)

    def upload(self, call: Call) -> Answer:
        """Take a file: its type is part of the signature."""
        document = self._ticket(call, "PUT").document
        if call.headers.get("Content-Type", "") != document.kind:
            text = "The request signature we calculated does not match the signature you provided."
            raise _denied("SignatureDoesNotMatch", text, violation="the upload has another Content-Type")
        document.content = call.body
        return Answer(200)

    def download(self, call: Call) -> Answer:
        """Give a file."""
        ticket = self._ticket(call, "GET")
        headers = {"Content-Encoding": ticket.encoding} if ticket.encoding == "gzip" else {}
        return Answer(200, raw=ticket.document.content or b"", kind=ticket.document.kind, headers=headers)

    def _ticket(self, call: Call, method: str) -> Ticket:
        ticket = self._tickets.get(call.path["token"])
        if ticket is None or ticket.method != method:
            raise _denied("AccessDenied", "Access Denied", violation="an unknown URL of the file store")
        if self._now() >= ticket.expires_at:
            raise _denied("AccessDenied", "Request has expired")
        return ticket

    def _add(self, document: Document) -> Document:
        self._documents[document.document_id] = document
        return document

    def _new_id(self) -> str:
        return f"amzn1.tortuga.4.fe.{self._random.getrandbits(128):032x}.FAKE"


def _denied(code: str, text: str, violation: str = "") -> Refusal:
    page = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{text}</Message></Error>'
    )
    return Refusal(Answer(403, raw=page.encode(), kind=XML), violation)
