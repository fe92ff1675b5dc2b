"""Reads the document of a listings feed, takes its messages, and writes the report (spec 7)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sandbox.malls.amazon.goods import Goods
from sandbox.malls.amazon.item_form import DATA_SETS, item
from sandbox.malls.amazon.listings import Submissions
from sandbox.malls.amazon.patches import Issue, Patch, read_patches
from sandbox.malls.amazon.settings import Settings
from sandbox.malls.amazon.wire import Json, Refusal

VERSION = "2.0"
MOST = 25_000
ID_MAX = 2**31 - 1
OPERATIONS = ("UPDATE", "PARTIAL_UPDATE", "PATCH", "DELETE")
NOT_HERE = "The sandbox does not simulate this operationType."
TOO_MANY = "The feed messages list is beyond the allowed size."


class FeedReport:
    """Takes the messages of one feed after another."""

    def __init__(self, goods: Goods, submissions: Submissions, settings: Settings) -> None:
        self._goods = goods
        self._submissions = submissions
        self._settings = settings

    def of(self, feed_id: str, content: bytes, at: datetime) -> Json:
        """Take the messages of a document and give the report; without any the feed is fatal."""
        try:
            document = json.loads(content)
        except ValueError:
            document = None
        if flaw := self._flaw(document):
            return self._written(feed_id, [_row(flaw)], 0, 0)
        rows: list[Json] = []
        taken: set[int] = set()
        skus: list[str] = []
        for message in document["messages"]:
            issues = self._take(message, taken, at)
            rows += issues
            if not issues:
                skus.append(message["sku"])
        bad = len(document["messages"]) - len(skus)
        report = self._written(feed_id, rows, len(document["messages"]), bad)
        return self._with_items(report, document["header"].get("report"), skus)

    def _flaw(self, document: Any) -> str:
        """Say why a document as a whole cannot be taken."""
        if not isinstance(document, dict) or not isinstance(document.get("header"), dict):
            return "The feed is not a document of the listings feed."
        header, messages = document["header"], document.get("messages")
        if header.get("sellerId") != self._settings.seller_id:
            return "The sellerId of the header is not the submitting seller."
        if header.get("version") != VERSION:
            return "The version of the header is not supported."
        if not isinstance(messages, list) or not messages:
            return "The feed has no messages."
        return TOO_MANY if len(messages) > MOST else ""

    def _take(self, message: Any, taken: set[int], at: datetime) -> list[Json]:
        """Take a message; gives what stands against it."""
        if flaw := _message_flaw(message, taken):
            return [self._refused(flaw, message if isinstance(message, dict) else {}, at)]
        taken.add(message["messageId"])
        try:
            patches = _patches(message)
        except Refusal:
            return [_row("Invalid parameters provided.", message)]
        issues = self._submissions.issues(message["sku"], message["productType"], patches)
        if not issues and (refused := self._submissions.take(message["sku"], patches, "create_feed", at)):
            issues = [refused]
        return [_issue_row(issue, message) for issue in issues]

    def _refused(self, flaw: str, message: Json, at: datetime) -> Json:
        if flaw == NOT_HERE:
            self._goods.note_incident("whole_listing_touched", str(message.get("sku")), at)
        return _row(flaw, message)

    def _written(self, feed_id: str, issues: list[Json], processed: int, bad: int) -> Json:
        header = {"sellerId": self._settings.seller_id, "version": VERSION, "feedId": feed_id}
        summary = {
            "errors": len(issues),
            "warnings": 0,
            "messagesProcessed": processed,
            "messagesAccepted": processed - bad,
            "messagesInvalid": bad,
        }
        return {"header": header, "issues": issues, "summary": summary}

    def _with_items(self, report: Json, asked: Any, skus: list[str]) -> Json:
        if not isinstance(asked, dict):
            return report
        report["header"]["report"] = asked
        included = [name for name in asked.get("includedData", []) if name in DATA_SETS]
        found = [self._goods.listings[sku] for sku in skus if sku in self._goods.listings]
        report["items"] = [item(listing, included, self._settings) for listing in found]
        errors = sum(len(listing.issues) for listing in found)
        report["summary"]["itemSummary"] = {"items": len(found), "errors": errors, "warnings": 0}
        return report


def _message_flaw(message: Any, taken: set[int]) -> str:
    if not isinstance(message, dict):
        return "A message is not an object."
    number, sku = message.get("messageId"), message.get("sku")
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= ID_MAX:
        return "The messageId is missing or invalid."
    if number in taken:
        return "The messageId is not unique in the feed."
    if not isinstance(sku, str) or not sku:
        return "The sku is missing or invalid."
    operation = message.get("operationType")
    if operation not in OPERATIONS:
        return "The operationType is missing or invalid."
    if operation in ("UPDATE", "DELETE"):
        return NOT_HERE
    return ""


def _patches(message: Json) -> list[Patch]:
    """Read what a message changes; a partial update is a ``replace`` of each attribute."""
    if message["operationType"] == "PATCH":
        return read_patches(message)
    attributes = message.get("attributes")
    given = attributes if isinstance(attributes, dict) else {}
    patches = [
        {"op": "replace", "path": f"/attributes/{name}", "value": value} for name, value in given.items()
    ]
    return read_patches({**message, "patches": patches})


def _issue_row(issue: Issue, message: Json) -> Json:
    """Give an issue as feeds tell it: a missing channel has other words there."""
    if issue.code == "99022":
        return {**_row("Invalid parameters provided.", message), "attributeName": issue.attribute}
    return {**_row(issue.message, message), "code": issue.code, "attributeName": issue.attribute}


def _row(text: str, message: Json | None = None) -> Json:
    form: Json = {"code": "BAD_REQUEST", "severity": "ERROR", "message": text}
    number, sku = (message or {}).get("messageId"), (message or {}).get("sku")
    if isinstance(number, int) and number >= 1:
        form["messageId"] = number
    return {**form, "sku": sku} if isinstance(sku, str) and sku else form
