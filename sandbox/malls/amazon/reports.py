"""The Reports API with the one report of all listings (spec 8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.malls.amazon.documents import Documents
from sandbox.malls.amazon.goods import FBA, MERCHANT, Goods, Listing
from sandbox.malls.amazon.settings import Settings
from sandbox.malls.amazon.wire import MARKETPLACE, Answer, Call, Json, invalid, refusal, unauthorized, written

ALL_LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
SPECIFICATION = ("reportType", "marketplaceIds", "reportOptions", "dataStartTime", "dataEndTime")
COLUMNS: tuple[tuple[str, str], ...] = (
    ("商品名", "item-name"),
    ("出品ID", "listing-id"),
    ("出品者SKU", "seller-sku"),
    ("価格", "price"),
    ("数量", "quantity"),
    ("出品日", "open-date"),
    ("ASIN 1", "asin1"),
    ("商品ID", "product-id"),
    ("在庫数", "pending-quantity"),
    ("フルフィルメント・チャンネル", "fulfillment-channel"),
    ("ポイント", "points"),
    ("ステータス", "status"),
)


@dataclass
class Report:
    """One report."""

    report_id: str
    created: datetime
    ends: datetime
    document_id: str = ""


class Reports:
    """The operations on reports."""

    def __init__(
        self, goods: Goods, documents: Documents, settings: Settings, now: Callable[[], datetime]
    ) -> None:
        self._goods = goods
        self._documents = documents
        self._settings = settings
        self._now = now
        self._reports: dict[str, Report] = {}

    def create(self, call: Call) -> Answer:
        """Answer ``createReport``."""
        asked = call.document(SPECIFICATION, strict=self._settings.strict)
        if asked.get("reportType") != ALL_LISTINGS:
            raise invalid(f"Invalid value '{asked.get('reportType')}' for field 'reportType'.")
        if asked.get("marketplaceIds") != [MARKETPLACE]:
            raise unauthorized()
        report_id = f"{60_000_000_000 + len(self._reports) + 1}"
        ends = self._now() + timedelta(seconds=self._settings.report_s)
        self._reports[report_id] = Report(report_id, self._now(), ends)
        return Answer(202, {"reportId": report_id})

    def get(self, call: Call) -> Answer:
        """Answer ``getReport``."""
        report = self._reports.get(call.path["reportId"])
        if report is None:
            raise refusal(404, "NotFound", "The report was not found.")
        form: Json = {
            "reportId": report.report_id,
            "reportType": ALL_LISTINGS,
            "marketplaceIds": [MARKETPLACE],
            "createdTime": written(report.created),
            "processingStatus": "DONE" if report.document_id else "IN_PROGRESS",
        }
        if report.document_id:
            end = {"processingEndTime": written(report.ends), "reportDocumentId": report.document_id}
            form = {**form, "processingStartTime": written(report.created), **end}
        return Answer(200, form)

    def document(self, call: Call) -> Answer:
        """Answer ``getReportDocument``."""
        return self._documents.described(call, "reportDocumentId")

    def settle(self, now: datetime) -> None:
        """Write the reports whose time has come."""
        for report in self._reports.values():
            if not report.document_id and report.ends <= now:
                kept = self._documents.put(self._content(), self._kind(), compress=self._settings.report_gzip)
                report.document_id = kept.document_id

    def _content(self) -> bytes:
        japanese = self._settings.report_form == "cp932"
        header = [names[0 if japanese else 1] for names in COLUMNS]
        rows = [header, *(_cells(listing) for listing in self._goods.listings.values())]
        text = "".join("\t".join(row) + "\r\n" for row in rows)
        return text.encode("cp932" if japanese else "utf-8", "replace")

    def _kind(self) -> str:
        charset = "Windows-31J" if self._settings.report_form == "cp932" else "UTF-8"
        return f"text/plain; charset={charset}" if self._settings.report_charset else "text/plain"


def _cells(listing: Listing) -> list[str]:
    """Give the cells of a row in the order of ``COLUMNS``; Amazon's own stock has no number."""
    own = listing.entries.get(MERCHANT, {}).get("quantity", 0)
    channel = next((code for code in listing.entries if code.startswith("AMAZON")), "")
    return [
        listing.title,
        f"FAKE{listing.asin}",
        listing.sku,
        listing.price,
        "" if channel else str(own),
        listing.created.strftime("%Y/%m/%d %H:%M:%S JST"),
        listing.asin,
        listing.asin,
        "0",
        (FBA if channel else MERCHANT) if listing.entries else "",
        "20",
        "Active" if listing.quantity else "Inactive",
    ]
