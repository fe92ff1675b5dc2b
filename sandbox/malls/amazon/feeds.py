"""The Feeds API: a document, a feed, its queue, its report (spec 7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sandbox.malls.amazon.documents import Documents
from sandbox.malls.amazon.faults import Faults
from sandbox.malls.amazon.feed_queue import Feed, FeedQueue
from sandbox.malls.amazon.limits import JSON_FEED, Limits
from sandbox.malls.amazon.paging import Tokens
from sandbox.malls.amazon.settings import Settings
from sandbox.malls.amazon.wire import MARKETPLACE, Answer, Call, Json, Refusal, invalid, refusal, unauthorized

OLD_TYPES = (
    "POST_INVENTORY_AVAILABILITY_DATA",
    "POST_PRODUCT_DATA",
    "POST_PRODUCT_PRICING_DATA",
    "POST_FLAT_FILE_INVLOADER_DATA",
    "POST_FLAT_FILE_PRICEANDQUANTITYONLY_UPDATE_DATA",
    "POST_FLAT_FILE_LISTINGS_DATA",
)
STATUSES = ("CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE")
KEPT = timedelta(days=90)
SPECIFICATION = ("feedType", "marketplaceIds", "inputFeedDocumentId", "feedOptions")


class Feeds:
    """The operations on feeds."""

    def __init__(
        self,
        queue: FeedQueue,
        documents: Documents,
        faults: Faults,
        limits: Limits,
        tokens: Tokens,
        settings: Settings,
        now: Callable[[], datetime],
        seconds: Callable[[], float],
    ) -> None:
        self._queue = queue
        self._documents = documents
        self._faults = faults
        self._limits = limits
        self._tokens = tokens
        self._settings = settings
        self._now = now
        self._seconds = seconds

    def create_document(self, call: Call) -> Answer:
        """Answer ``createFeedDocument`` with a URL to upload to."""
        kind = call.document(("contentType",), strict=self._settings.strict).get("contentType")
        if not isinstance(kind, str) or not kind:
            raise invalid("Missing required field 'contentType'.")
        document = self._documents.open(kind)
        url = self._documents.url(document, "PUT")
        return Answer(201, {"feedDocumentId": document.document_id, "url": url})

    def create(self, call: Call) -> Answer:
        """Answer ``createFeed``: taken into the queue, whatever is in the document."""
        asked = call.document(SPECIFICATION, strict=self._settings.strict)
        feed_type = asked.get("feedType")
        if feed_type != JSON_FEED and feed_type not in OLD_TYPES:
            raise invalid(f"Invalid value '{feed_type}' for field 'feedType'.")
        document_id = self._checked(asked, feed_type)
        rate = self._limits.take_feed(call.seller, feed_type, self._seconds())
        slow = self._faults.take(("feed_slow",), call.function)
        seconds = float(slow.options["seconds"]) if slow else self._settings.feed_s
        fatal = bool(self._faults.take(("feed_fatal",), call.function)) or feed_type in OLD_TYPES
        feed = self._queue.add(feed_type, document_id, seconds, fatal=fatal)
        return Answer(202, {"feedId": feed.feed_id}, rate=rate)

    def get(self, call: Call) -> Answer:
        """Answer ``getFeed``."""
        return Answer(200, self._row(self._feed(call)))

    def cancel(self, call: Call) -> Answer:
        """Answer ``cancelFeed``: only what waits can be cancelled."""
        feed = self._feed(call)
        if feed.status(self._now()) != "IN_QUEUE":
            raise refusal(400, "InvalidInput", "Only feeds with processing status IN_QUEUE can be cancelled.")
        feed.cancelled = True
        return Answer(200)

    def list_feeds(self, call: Call) -> Answer:
        """Answer ``getFeeds``, the newest first."""
        if "nextToken" in call.query:
            if len(call.query) > 1:
                raise invalid("'nextToken' has to be the only parameter.")
            found = [self._queue.feeds[i] for i in self._tokens.read(call.query["nextToken"], {}).split(",")]
            size = 100
        else:
            found, size = self._found(call), call.number("pageSize", 10, 100)
        body: Json = {"feeds": [self._row(feed) for feed in found[:size]]}
        if rest := ",".join(feed.feed_id for feed in found[size:]):
            body["nextToken"] = self._tokens.give({}, rest)
        return Answer(200, body)

    def document(self, call: Call) -> Answer:
        """Answer ``getFeedDocument``."""
        return self._documents.described(call, "feedDocumentId")

    def _checked(self, asked: Json, feed_type: str) -> str:
        places = asked.get("marketplaceIds")
        if not isinstance(places, list) or not places:
            raise invalid("Missing required field 'marketplaceIds'.")
        most = 1 if feed_type == JSON_FEED else 25
        if len(places) > most:
            text = f"Too many 'marketplaceIds' values provided. Expected a maximum of {most}."
            raise invalid(text)
        if places != [MARKETPLACE]:
            raise unauthorized()
        document = self._documents.get(str(asked.get("inputFeedDocumentId")))
        if document is None:
            raise invalid("Invalid value for field 'inputFeedDocumentId'.")
        return document.document_id

    def _found(self, call: Call) -> list[Feed]:
        types = call.listed("feedTypes", cap=10)
        if not types:
            raise invalid("Either 'feedTypes' or 'nextToken' is required.")
        statuses = call.listed("processingStatuses", STATUSES)
        since = call.time("createdSince") or self._now() - KEPT
        until = call.time("createdUntil") or self._now()
        places = call.listed("marketplaceIds", cap=10)
        return [
            feed
            for feed in reversed(self._queue.feeds.values())
            if feed.feed_type in types
            and max(since, self._now() - KEPT) <= feed.created <= until
            and (not statuses or feed.status(self._now()) in statuses)
            and (not places or MARKETPLACE in places)
        ]

    def _feed(self, call: Call) -> Feed:
        feed = self._queue.feeds.get(call.path["feedId"])
        if feed is None or feed.foreign or self._now() > feed.created + KEPT:
            raise _no_feed(call.path["feedId"])
        return feed

    def _row(self, feed: Feed) -> Json:
        return feed.row(self._now())


def _no_feed(feed_id: str) -> Refusal:
    return refusal(404, "NotFound", f"Feed {feed_id} was not found.")
