"""JSON Patch on a listing's stock: what is refused, what is invalid, what each operation does (spec 6.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sandbox.malls.amazon.goods import AMAZON, MERCHANT, Goods, Listing
from sandbox.malls.amazon.settings import Settings
from sandbox.malls.amazon.wire import Json, refusal, unparsable

ATTRIBUTE = "fulfillment_availability"
SELECTOR = "fulfillment_channel_code"
OPS = ("add", "replace", "merge", "delete")
FIELDS = {SELECTOR: str, "quantity": int, "lead_time_to_ship_max_days": int, "restock_date": str}
LOST = ("lead_time_to_ship_max_days", "restock_date")


@dataclass(frozen=True)
class Patch:
    """One operation whose form is right."""

    op: str
    attribute: str
    value: list[Json]


@dataclass(frozen=True)
class Issue:
    """What stands against a submission."""

    code: str
    message: str
    attribute: str
    category: str = "INVALID_ATTRIBUTE"

    def row(self) -> Json:
        """Give the form of the Listings Items API."""
        return {
            "code": self.code,
            "message": self.message,
            "severity": "ERROR",
            "attributeNames": [self.attribute],
            "categories": [self.category],
        }


def read_patches(document: Json) -> list[Patch]:
    """Read the patches of a body.

    Raises:
        Refusal: the body has not the form of a patch request.
    """
    patches = document.get("patches")
    if not isinstance(document.get("productType"), str) or not document["productType"]:
        raise unparsable("productType is missing")
    if not isinstance(patches, list) or not patches or not all(isinstance(p, dict) for p in patches):
        raise unparsable("patches is no list of objects")
    return [_read(patch, place) for place, patch in enumerate(patches)]


def issues_of(
    patches: list[Patch], product_type: str, listing: Listing | None, settings: Settings
) -> list[Issue]:
    """Give what is wrong with patches, as far as Amazon tells at once."""
    if listing and product_type not in ("PRODUCT", listing.product_type):
        return [_wrong("product_type")]
    return [issue for patch in patches for issue in _issues(patch, settings)]


def apply(patches: list[Patch], listing: Listing, goods: Goods, settings: Settings, at: datetime) -> None:
    """Make the changes of right patches, and note the harm they do."""
    for patch in patches:
        for value in patch.value:
            code = str(value[SELECTOR])
            if code == MERCHANT and listing.is_fba and patch.op != "delete":
                goods.note_incident("default_on_fba", listing.sku, at)
                if settings.fba_write == "switches":
                    listing.entries = {c: e for c, e in listing.entries.items() if not c.startswith(AMAZON)}
            _change(patch.op, value, listing, goods, settings, at)
    listing.updated = at


def _change(op: str, value: Json, listing: Listing, goods: Goods, settings: Settings, at: datetime) -> None:
    code = str(value[SELECTOR])
    old = listing.entries.get(code)
    if op == "delete":
        listing.entries.pop(code, None)
    elif op == "merge":
        if old is not None or settings.merge_creates:
            listing.entries[code] = {**(old or {}), **value}
    else:
        if any(name in (old or {}) and name not in value for name in LOST):
            goods.note_incident("lead_time_wiped", listing.sku, at)
        listing.entries[code] = dict(value)


def _read(patch: Json, place: int) -> Patch:
    op, path = patch.get("op"), patch.get("path")
    if op not in OPS or not isinstance(path, str) or set(patch) - {"op", "path", "value"}:
        raise unparsable(f"patch {place} has no right op and path")
    head, _, attribute = path.removeprefix("/").partition("/")
    if head != "attributes" or not attribute or "/" in attribute:
        raise unparsable(f"patch {place} does not name a top-level attribute")
    if "value" not in patch:
        text = f"Value is missing for patch at index of {place}."
        raise refusal(400, "InvalidInput", text, violation=text)
    value = patch["value"]
    if not isinstance(value, list) or not value or not all(isinstance(entry, dict) for entry in value):
        raise unparsable(f"the value of patch {place} is no list of objects")
    return Patch(op, attribute, value)


def _issues(patch: Patch, settings: Settings) -> Iterator[Issue]:
    if patch.attribute != ATTRIBUTE:
        yield _wrong(patch.attribute)
        return
    codes = [entry.get(SELECTOR) for entry in patch.value]
    if len(set(map(str, codes))) < len(codes):
        yield _wrong(SELECTOR)
    for entry in patch.value:
        yield from _entry_issues(patch.op, entry, settings)


def _entry_issues(op: str, entry: Json, settings: Settings) -> Iterator[Issue]:
    for name, value in entry.items():
        kind = FIELDS.get(name)
        if kind is None or not isinstance(value, kind) or isinstance(value, bool):
            yield _wrong(name)
    code = entry.get(SELECTOR)
    if not code:
        yield _missing(SELECTOR)
    elif code != MERCHANT and not str(code).startswith(AMAZON):
        yield _wrong(SELECTOR)
    quantity = entry.get("quantity")
    if isinstance(quantity, int) and not 0 <= quantity <= settings.quantity_max:
        yield _wrong("quantity")
    if op == "merge" and code and quantity is None:
        yield _missing("quantity")  # the lead time cannot be merged alone


def _wrong(attribute: str) -> Issue:
    return Issue("90000900", "The attributes are invalid.", attribute)


def _missing(field: str) -> Issue:
    text = (
        f"The field '\"{field}\"' for the attribute '{ATTRIBUTE}' does not have enough values. "
        "The required minimum is '1' value(s)."
    )
    return Issue("99022", text, ATTRIBUTE, "MISSING_ATTRIBUTE")
