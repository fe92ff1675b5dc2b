"""The query of ``items.search``: which parameters there are, what they mean, what they find (spec 3.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sandbox.malls.rakuten.goods import Item, Variant
from sandbox.malls.rakuten.stock import Stock
from sandbox.malls.rakuten.wire import JST, Flaw, Refusal, refusal, unknown_fields

ITEM_TEXTS: dict[str, Callable[[Item], str]] = {
    "manageNumber": lambda item: item.manage_number,
    "itemNumber": lambda item: item.item_number,
    "title": lambda item: item.title,
}
VARIANT_TEXTS: dict[str, Callable[[Variant], str]] = {
    "variantId": lambda variant: variant.variant_id,
    "merchantDefinedSkuId": lambda variant: variant.link_code,
}
DATES: dict[str, Callable[[Item], datetime]] = {
    "created": lambda item: item.created,
    "updated": lambda item: item.updated,
}
FLAGS = ("isItemStockout", "isVariantStockout", "isHiddenItem", "isHiddenVariant", "isBackOrder")
INCLUDES = ("isCategoryIncluded", "isReviewIncluded", "isInventoryIncluded")
PAGING = ("sortKey", "sortOrder", "offset", "hits", "cursorMark")
SORT_KEYS: dict[str, Callable[[Item], str]] = {
    "updated": lambda item: item.updated.isoformat(),
    "created": lambda item: item.created.isoformat(),
    "manageNumber": lambda item: item.manage_number,
}
BOUNDS = tuple(f"{name}{end}" for name in DATES for end in ("From", "To"))
MODELLED = (*ITEM_TEXTS, *VARIANT_TEXTS, *BOUNDS, *FLAGS, *INCLUDES, *PAGING)
NOT_MODELLED = (
    *("tagline", "articleNumber", "genreId", "itemType", "isSearchable", "isPostageIncluded", "isYamiichi"),
    *("isSubscription", "isOptimizedPoint", "standardPriceFrom", "standardPriceTo", "basePriceFrom"),
    *("basePriceTo", "pointRate", "maxPointRate", "categoryId", "purchasablePeriodFrom"),
    *("purchasablePeriodTo", "pointApplicablePeriodFrom", "pointApplicablePeriodTo"),
)
OFFSET_MOST, HITS_MOST, HITS_DEFAULT = 10_000, 100, 10


@dataclass(frozen=True)
class Page:
    """The part of the list that is asked for."""

    cursor: str | None
    offset: int
    hits: int
    order: Callable[[Item], str]
    descending: bool


def check_query(query: Mapping[str, str]) -> Page:
    """Check every parameter.

    Raises:
        Refusal: one is unknown or wrong, or cursor and offset paging are mixed.
    """
    flaws = unknown_fields(query, MODELLED + NOT_MODELLED)
    flaws += [_invalid(name, query) for name in FLAGS + INCLUDES if _wrong_flag(query.get(name))]
    flaws += [_invalid(name, query) for name in BOUNDS if _wrong_date(query.get(name))]
    flaws += _number_flaws("offset", query, 0, OFFSET_MOST) + _number_flaws("hits", query, 1, HITS_MOST)
    if query.get("sortKey", "updated") not in SORT_KEYS:
        flaws.append(_invalid("sortKey", query))
    if query.get("sortOrder", "desc") not in ("desc", "asc"):
        flaws.append(_invalid("sortOrder", query))
    if "cursorMark" in query:
        flaws += [_invalid(name, query) for name in ("sortKey", "sortOrder", "offset") if name in query]
    if flaws:
        raise refusal(400, *flaws)
    _refuse_not_modelled(query)
    return Page(
        query.get("cursorMark"),
        int(query.get("offset", 0)),
        int(query.get("hits", HITS_DEFAULT)),
        SORT_KEYS[query.get("sortKey", "updated")],
        query.get("sortOrder", "desc") == "desc",
    )


def has_conditions(query: Mapping[str, str]) -> bool:
    """Say whether the query finds less than everything."""
    return not set(query) <= {*PAGING, *INCLUDES}


def matches(item: Item, query: Mapping[str, str], stock: Stock) -> bool:
    """Say whether an item is found: texts match in part, variant conditions select the whole item."""
    if item.deleted:
        return query.get("manageNumber", "").lower() in item.manage_number
    variants = item.variants.values()
    return (
        all(query[name].lower() in text(item).lower() for name, text in ITEM_TEXTS.items() if name in query)
        and all(
            any(query[name] in text(variant) for variant in variants)
            for name, text in VARIANT_TEXTS.items()
            if name in query
        )
        and all((query[name] == "true") == _flag(name, item, stock) for name in FLAGS if name in query)
        and all(_within(name, moment(item), query) for name, moment in DATES.items())
    )


def _flag(name: str, item: Item, stock: Stock) -> bool:
    variants = item.variants.values()
    empty = [stock.quantity((item.manage_number, variant.variant_id)) == 0 for variant in variants]
    values = {
        "isItemStockout": all(empty),
        "isVariantStockout": any(empty),
        "isHiddenItem": item.hidden,
        "isHiddenVariant": any(variant.hidden for variant in variants),
        "isBackOrder": any(variant.back_order for variant in variants),
    }
    return values[name]


def _within(name: str, moment: datetime, query: Mapping[str, str]) -> bool:
    day = moment.astimezone(JST).date()
    since, until = query.get(f"{name}From"), query.get(f"{name}To")
    return (not since or day >= date.fromisoformat(since)) and (not until or day <= date.fromisoformat(until))


def _wrong_flag(value: str | None) -> bool:
    return value not in (None, "true", "false")


def _wrong_date(value: str | None) -> bool:
    if value is None:
        return False
    try:
        return date.fromisoformat(value).isoformat() != value
    except ValueError:
        return True


def _number_flaws(name: str, query: Mapping[str, str], low: int, high: int) -> list[Flaw]:
    text = query.get(name, str(low))
    if not text.isdecimal():
        return [_invalid(name, query)]
    if low <= int(text) <= high:
        return []
    return [Flaw("IE0003", f"{name} must be between {low} and {high}.", name)]


def _invalid(name: str, query: Mapping[str, str]) -> Flaw:
    return Flaw("IE0002", f"{name} has an invalid value : {query.get(name)}.", name)


def _refuse_not_modelled(query: Mapping[str, str]) -> None:
    # The mall knows these; here they are refused rather than answered with a wrong list.
    if stray := [name for name in NOT_MODELLED if name in query]:
        answer = refusal(400, *(_invalid(name, query) for name in stray)).answer
        raise Refusal(answer, f"not modelled here: {', '.join(stray)}")
