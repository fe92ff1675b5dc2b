"""The seller's feeds one after another, and what becomes of their messages (spec 7)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.malls.amazon.documents import Documents
from sandbox.malls.amazon.feed_report import FeedReport
from sandbox.malls.amazon.settings import Settings
from sandbox.malls.amazon.wire import MARKETPLACE, Json, written

REPORT_TYPE = "application/json; charset=UTF-8"


@dataclass
class Feed:
    """One feed. A ``foreign`` one is the work of somebody else in the same queue."""

    feed_id: str
    feed_type: str
    document_id: str
    created: datetime
    seconds: float
    starts: datetime
    ends: datetime
    fatal: bool = False
    foreign: bool = False
    cancelled: bool = False
    done: bool = False
    result_id: str = ""

    def status(self, now: datetime) -> str:
        """Give the processing status."""
        if self.cancelled:
            return "CANCELLED"
        if now < self.starts:
            return "IN_QUEUE"
        if now < self.ends:
            return "IN_PROGRESS"
        return "FATAL" if self.fatal else "DONE"

    def row(self, now: datetime) -> Json:
        """Give the wire form."""
        status = self.status(now)
        form: Json = {
            "feedId": self.feed_id,
            "feedType": self.feed_type,
            "marketplaceIds": [MARKETPLACE],
            "createdTime": written(self.created),
            "processingStatus": status,
        }
        if status in ("IN_PROGRESS", "DONE", "FATAL"):
            form["processingStartTime"] = written(self.starts)
        if status in ("DONE", "FATAL"):
            form["processingEndTime"] = written(self.ends)
        return {**form, "resultFeedDocumentId": self.result_id} if self.result_id else form


class FeedQueue:
    """All feeds of the seller; there is no priority among them."""

    def __init__(
        self, documents: Documents, report: FeedReport, settings: Settings, now: Callable[[], datetime]
    ) -> None:
        self._documents = documents
        self._report = report
        self._settings = settings
        self._now = now
        self.feeds: dict[str, Feed] = {}

    def add(self, feed_type: str, document_id: str, seconds: float, *, fatal: bool = False) -> Feed:
        """Put a feed at the end of the queue."""
        now = self._now()
        feed_id = f"{50_000_000_000 + len(self.feeds) + 1}"
        feed = Feed(feed_id, feed_type, document_id, now, seconds, now, now, fatal)
        self.feeds[feed_id] = feed
        self._plan()
        return feed

    def settle(self, now: datetime) -> None:
        """Do the feeds whose time has come, the first first."""
        self._plan()
        for feed in self.feeds.values():
            if not feed.done and not feed.cancelled and feed.ends <= now:
                feed.done = True
                self._do(feed)

    def _plan(self) -> None:
        free_at: datetime | None = None
        for feed in self.feeds.values():
            if feed.cancelled:
                continue
            if not feed.done:
                ready = feed.created + timedelta(seconds=self._settings.feed_queue_s)
                feed.starts = max(ready, free_at) if free_at else ready
                feed.ends = feed.starts + timedelta(seconds=feed.seconds)
            free_at = feed.ends

    def _do(self, feed: Feed) -> None:
        if feed.foreign:
            return
        report = None if feed.fatal else self._report.of(feed.feed_id, self._content(feed), feed.ends)
        if report is None or not report["summary"]["messagesProcessed"]:
            feed.fatal = True
        if report is None or (feed.fatal and not self._settings.fatal_report):
            return
        content = json.dumps(report, ensure_ascii=False).encode()
        kept = self._documents.put(content, REPORT_TYPE, compress=self._settings.feed_gzip)
        feed.result_id = kept.document_id

    def _content(self, feed: Feed) -> bytes:
        document = self._documents.get(feed.document_id)
        return (document.content if document else None) or b""
