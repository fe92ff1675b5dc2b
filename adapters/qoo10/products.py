"""From the item list, the details and the option tables to products and stock levels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.contract import Address, Product
from adapters.fields import Malformed
from adapters.qoo10 import wire
from adapters.qoo10.wire import Answer, number, row_of, text

# Source: page GetAllGoodsInfo (10008), ItemStatus. Details are given of S1 and S2 alone.
READABLE = ("S1", "S2")
ON_SALE = "S2"
UNREADABLE: Mapping[str, str] = {
    "S0": "in inspection",
    "S3": "stopped by Qoo10",
    "S5": "restricted",
    "S8": "refused",
}
PAGE = 500

NO_CODE = "no seller code: fill 販売者商品コード"
NO_OPTION_CODE = "no option code: fill 販売者オプションコード"
AMBIGUOUS = "code on several listings"


@dataclass(frozen=True)
class Page:
    """One page of the item list: items' numbers with the sellers' codes, and how many there are."""

    items: dict[str, str]
    total: int
    pages: int


@dataclass(frozen=True)
class Detail:
    """What the detail of an item says. ``expires``: its end of sale, no later than may be written."""

    item: str
    code: str
    title: str
    quantity: int
    expires: str
    on_sale: bool
    note: str = ""


@dataclass(frozen=True)
class Option:
    """One row of an option table; it is addressed by its names and values. ``price``: a difference."""

    names: str
    values: str
    code: str
    quantity: int
    price: str


def list_form(status: str, page: int) -> dict[str, str]:
    """Ask for one page of the items in a status."""
    return {"ItemStatus": status, "Page": str(page)}


def item_form(item: str) -> dict[str, str]:
    """Ask for one item."""
    return {"ItemCode": item}


def page_of(answer: Answer) -> Page:
    """Read a page of the list; no result means no items."""
    if not answer.rows:
        return Page({}, 0, 0)
    row = row_of(answer.rows[0])
    found = row.get("items") or []
    items = [row_of(item) for item in (found if isinstance(found, list) else [found])]
    codes = {wire.must(item, "itemcode", "itemno"): text(item, "sellercode") for item in items}
    return Page(codes, number(row, "totalitems"), number(row, "totalpages"))


def detail_of(answer: Answer) -> Detail | None:
    """Read an item's detail; None for an item that QAPI does not know, or does not show in its state.

    Source: page GetItemDetailInfo (10007). Its fields have two names, by version.
    """
    if answer.code or not answer.rows:
        return None
    row = row_of(answer.rows[0])
    read = text(row, "expiredate")[:10].replace("/", "-")
    expires = min(read, wire.LAST_DATE) if read else wire.LAST_DATE
    item = wire.must(row, "itemcode", "itemno")
    if not wire.is_address((item, expires)):
        raise Malformed("expiredate is not yyyy-mm-dd")
    return Detail(
        item,
        text(row, "sellercode"),
        text(row, "itemtitle"),
        wire.whole(text(row, "itemqty"), "itemqty"),
        expires,
        text(row, "itemstatus") == ON_SALE,
        f"end of sale {read}: {expires} after a write" if read > wire.LAST_DATE else "",
    )


def options_of(answer: Answer) -> list[Option] | None:
    """Read an option table, empty for an item without one; None for an item that is not shown."""
    return None if answer.code else [_option(row_of(found)) for found in answer.rows]


def _option(row: wire.Row) -> Option:
    axes = [axis for axis in range(1, wire.AXES + 1) if text(row, f"name{axis}")]
    if not axes:
        raise Malformed("name1 is not there")
    return Option(
        wire.JOINER.join(text(row, f"name{axis}") for axis in axes),
        wire.JOINER.join(text(row, f"value{axis}") for axis in axes),
        text(row, "itemtypecode"),
        number(row, "qty"),
        _price(row),
    )


def _price(row: wire.Row) -> str:
    """Give a price difference as it is written back: plain figures, ``0`` where there is none."""
    found = wire.decimal(text(row, "price") or "0", "price")
    return str(int(found)) if found == int(found) else f"{found:f}"


def products_of(items: Iterable[tuple[Detail, Sequence[Option]]]) -> list[Product]:
    """Give the sellable units. A code that cannot be told is "", and the note says why.

    A code on several listings is ambiguous, be it twice in one item: what a spreadsheet leaves
    (``#NAME?``) stands in real option tables.
    """
    found = [product for detail, options in items for product in _units(detail, options)]
    times = Counter(product.mall_code for product in found if product.mall_code)
    return [_unmatched(product) if times[product.mall_code] > 1 else product for product in found]


def _units(detail: Detail, options: Sequence[Option]) -> Iterator[Product]:
    if not options:
        note = _joined(detail.note, "" if detail.code else NO_CODE)
        yield Product(detail.code, (detail.item, detail.expires), detail.title, detail.on_sale, note)
    for option in options:
        name = " ".join([detail.title, *option.values.split(wire.JOINER)])
        address: Address = (detail.item, option.names, option.values)
        yield Product(option.code, address, name, detail.on_sale, "" if option.code else NO_OPTION_CODE)


def _unmatched(product: Product) -> Product:
    return replace(product, mall_code="", note=_joined(product.note, f"{AMBIGUOUS}: {product.mall_code}"))


def unreadable(item: str, code: str, why: str) -> Product:
    """Give an item that is listed but not shown: nobody can tell its options or its stock."""
    return Product("", (item, wire.LAST_DATE), code, False, f"{why}: {code}" if code else why)


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
