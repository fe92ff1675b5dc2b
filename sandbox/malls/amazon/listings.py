"""The Listings Items API: write one, read one (spec 6.1, 6.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sandbox.malls.amazon.faults import Faults
from sandbox.malls.amazon.goods import Goods, delayed
from sandbox.malls.amazon.item_form import DATA_SETS, item
from sandbox.malls.amazon.patches import Issue, Patch, apply, issues_of, read_patches
from sandbox.malls.amazon.settings import Settings
from sandbox.malls.amazon.wire import (
    MARKETPLACE,
    Answer,
    Call,
    Json,
    Refusal,
    invalid,
    refusal,
    unauthorized,
)

LATE_ISSUE = Issue("90220", "The listing is not complete; the update was not applied.", "item_name")


class Submissions:
    """What becomes of patches, however they came: by a call or in a feed."""

    def __init__(self, goods: Goods, faults: Faults, settings: Settings) -> None:
        self._goods = goods
        self._faults = faults
        self._settings = settings

    def issues(self, sku: str, product_type: str, patches: list[Patch]) -> list[Issue]:
        """Give what is told at once; an unknown SKU is none of it."""
        return issues_of(patches, product_type, self._goods.listings.get(sku), self._settings)

    def take(self, sku: str, patches: list[Patch], function: str, now: datetime) -> Issue | None:
        """Accept patches: they show later, or never where nobody sells the SKU.

        Gives the issue where a fault has this SKU refused at once.
        """
        how = self._faults.take_refusal(sku, function)
        if how == "invalid":
            return LATE_ISSUE
        due = delayed(now, self._settings.delay_s)
        if how == "silent" or sku not in self._goods.listings:
            self._goods.dropped.append({"code": sku, "function": function, "time": now.isoformat()})
        elif how == "later":
            self._goods.later(sku, due, lambda _at: self._complain(sku))
        else:
            self._goods.later(sku, due, lambda at: self._apply(sku, patches, at))
        return None

    def _apply(self, sku: str, patches: list[Patch], at: datetime) -> None:
        if listing := self._goods.listings.get(sku):
            apply(patches, listing, self._goods, self._settings, at)

    def _complain(self, sku: str) -> None:
        row = {**LATE_ISSUE.row(), "marketplaceIds": [MARKETPLACE]}
        if (listing := self._goods.listings.get(sku)) and row not in listing.issues:
            listing.issues.append(row)


class Listings:
    """The operations on one listing."""

    def __init__(
        self, goods: Goods, submissions: Submissions, settings: Settings, now: Callable[[], datetime]
    ) -> None:
        self._goods = goods
        self._submissions = submissions
        self._settings = settings
        self._now = now
        self._count = 0

    def patch_item(self, call: Call) -> Answer:
        """Answer ``patchListingsItem``: accepted means queued, not done."""
        check_place(call, self._settings)
        included = call.listed("includedData", ("identifiers", "issues")) or ["issues"]
        preview = _preview(call, included)
        document = call.document(("productType", "patches"), strict=self._settings.strict)
        patches = read_patches(document)
        sku = call.path["sku"]
        issues = self._submissions.issues(sku, document["productType"], patches)
        if (
            not issues
            and not preview
            and (late := self._submissions.take(sku, patches, call.function, self._now()))
        ):
            issues = [late]
        status = "INVALID" if issues else "VALID" if preview else "ACCEPTED"
        return Answer(200, self._submitted(sku, status, issues, included))

    def get_item(self, call: Call) -> Answer:
        """Answer ``getListingsItem``."""
        check_place(call, self._settings)
        included = call.listed("includedData", DATA_SETS)
        listing = self._goods.listings.get(call.path["sku"])
        if listing is None:
            raise self._not_found(call.path["sku"])
        return Answer(200, item(listing, included, self._settings))

    def _not_found(self, sku: str) -> Refusal:
        return refusal(404, "NOT_FOUND", self._settings.not_found_text.replace("{sku}", sku))

    def _submitted(self, sku: str, status: str, issues: list[Issue], included: list[str]) -> Json:
        self._count += 1
        form: Json = {"sku": sku, "status": status, "submissionId": f"fake{self._count:028x}"}
        if "identifiers" in included:
            listing = self._goods.listings.get(sku)
            found = [{"marketplaceId": MARKETPLACE, "asin": listing.asin}] if listing else []
            form["identifiers"] = found
        return {**form, "issues": [issue.row() for issue in issues]} if "issues" in included else form


def check_place(call: Call, settings: Settings) -> None:
    """Check whose listings are asked for, and in which marketplace.

    Raises:
        Refusal: they are another seller's, or another marketplace's.
    """
    if call.path["sellerId"] != call.seller or call.seller != settings.seller_id:
        raise unauthorized()
    if not (places := call.listed("marketplaceIds")):
        raise invalid("Missing required parameter 'marketplaceIds'.")
    if places != [MARKETPLACE]:
        raise unauthorized()


def _preview(call: Call, included: list[str]) -> bool:
    mode = call.query.get("mode")
    if mode not in (None, "VALIDATION_PREVIEW"):
        raise invalid(f"Invalid value '{mode}' for parameter 'mode'.")
    if mode is None and "identifiers" in included:
        raise invalid("'identifiers' may be included with mode VALIDATION_PREVIEW only.")
    return mode is not None
