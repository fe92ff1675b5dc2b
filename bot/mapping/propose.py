"""What may be proposed for the mapping, from the mapping and what the shops list.

Codes are never invented: what a product list does not say by itself is told as undecided, with the
reason, and a person decides.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.contract import Product as Listed
from bot.answers import Refused
from bot.mapping.change import SAME, Add, Change, Legacy, Link, Listing, Put
from bot.mapping.codes import probably_meant
from bot.mapping.model import UNLINKED, Axis, LastUnits, Product, Shop, Variant
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.rules import JOINER

AXIS = "種類"
"""The name of a choice where the mall tells the codes and not what is chosen."""

_CODE = re.compile(r"[A-Za-z0-9-]{1,128}")
_ALIKE = str.maketrans("oOlLiI_", "001111-")
_SPACES = re.compile(r"\s+")
_MAX_NAME = 200
_FIELDS = ("name", "safety_stock", "last_units")


@dataclass(frozen=True)
class Snapshot:
    """What a shop listed when its list was read last."""

    products: Sequence[Listed]
    read_at: datetime


@dataclass(frozen=True)
class Row:
    """One change as a table tells it. ``before`` and ``after`` are "" where there is nothing to name."""

    code: str
    place: str
    before: str
    after: str


@dataclass(frozen=True)
class Undecided:
    """What was not proposed: a listing or a code, and a key ``proposal.why.*`` with what it names."""

    subject: str
    name: str
    why: str
    other: str = ""


@dataclass(frozen=True)
class Draft:
    """What is proposed, and what is told beside it.

    Args:
        kind: import, copy or set: the key of its title, with ``about`` for its words.
        absent: mapped codes that the shop does not list; nothing is done about them.
        kept: codes that are right already.
        unlisted: shops that the new products are not linked on, as their lists were never read.
    """

    kind: str
    about: Mapping[str, str]
    changes: tuple[Change, ...] = ()
    rows: tuple[Row, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    absent: tuple[str, ...] = ()
    kept: int = 0
    unlisted: tuple[str, ...] = ()
    read_at: datetime | None = None


# ---------------------------------------------------------------- import


def draft_import(mapping: CodeMapping, shop: str, snapshots: Mapping[str, Snapshot]) -> Draft:
    """Propose what a shop lists and the mapping does not know.

    Raises:
        Refused: no such shop, or its list was never read.
    """
    snapshot = _snapshot(mapping, shop, snapshots)
    sorted_ = _Sorted(mapping, mapping.shop(shop), snapshot.products)
    products = [_on_others(mapping, product, shop, snapshots) for product in sorted_.products()]
    listed = {product.mall_code for product in snapshot.products}
    absent = [code for code, called in mapping.listings(shop).items() if called not in listed]
    return Draft(
        "import",
        {"shop": shop},
        tuple(map(Add, products)),
        tuple(row for product in products for row in _new_rows(mapping, product)),
        tuple(sorted_.undecided),
        tuple(absent),
        kept=len(mapping.listings(shop)) - len(absent),
        unlisted=tuple(name for name in mapping.shops if name not in snapshots) if products else (),
        read_at=snapshot.read_at,
    )


def _new_rows(mapping: CodeMapping, product: Product) -> Iterator[Row]:
    for variant in product.variants():
        shops = [shop.name for shop in mapping.shops.values() if product.mall_code(variant, shop) is not None]
        yield Row(variant.code, ", ".join(shops), "", variant.code)


def _snapshot(mapping: CodeMapping, shop: str, snapshots: Mapping[str, Snapshot]) -> Snapshot:
    if shop not in mapping.shops:
        raise Refused("proposal_no_shop", shop=shop, known=", ".join(mapping.shops))
    if shop not in snapshots:
        raise Refused("proposal_no_list", shop=shop)
    return snapshots[shop]


class _Sorted:
    """The listings of a shop that the mapping does not know, sorted into products and what is undecided."""

    def __init__(self, mapping: CodeMapping, shop: Shop, listed: Iterable[Listed]) -> None:
        self.undecided: list[Undecided] = []
        self._mapping = mapping
        self._shop = shop
        rows = list(listed)
        times = Counter(row.mall_code for row in rows)
        unknown = [row for row in rows if self._is_unknown(row, times[row.mall_code])]
        self._groups = self._grouped(unknown)

    def products(self) -> list[Product]:
        """Give the new products, each with the listing of this shop by the rule."""
        found = list[Product]()
        for parent, rows in self._groups.items():
            if self._mapping.entry(parent) is not None:
                for row in rows:
                    self._leave(row, "parent", parent)
            else:
                found += self._of_group(parent, rows)
        return found

    def _leave(self, row: Listed, why: str, other: str = "") -> None:
        subject = row.mall_code or "/".join(row.address)
        self.undecided.append(Undecided(subject, plain_name(row.name), why, other))

    def _is_unknown(self, row: Listed, times: int) -> bool:
        code, mapping = row.mall_code, self._mapping
        if not code:
            self._leave(row, "no_code", row.note)
        elif mapping.code_of(self._shop.name, code) is not None:
            return False
        elif times > 1:
            self._leave(row, "twice")
        elif not _CODE.fullmatch(code):
            self._leave(row, "form", probably_meant(code))
        elif mapping.product_of(code) is not None:
            called = mapping.listing(self._shop.name, code)
            self._leave(row, "called" if called else "unlinked", called or "")
        else:
            return True
        return False

    def _grouped(self, rows: Sequence[Listed]) -> dict[str, list[Listed]]:
        """Put listings under the parent that their address names; what looks like a known code is left."""
        alike = self._alike({_fold(row.mall_code) for row in rows})
        groups: dict[str, list[Listed]] = {}
        for row in rows:
            if near := alike.get(_fold(row.mall_code)):
                self._leave(row, "alike", near)
            else:
                groups.setdefault(row.address[0], []).append(row)
        return groups

    def _alike(self, folds: set[str]) -> dict[str, str]:
        codes = self._mapping.codes() if folds else ()
        return {fold: code for code in codes if (fold := _fold(code)) in folds}

    def _of_group(self, parent: str, rows: Sequence[Listed]) -> Iterator[Product]:
        lead = parent + JOINER
        joined = len(rows) > 1 and all(len(row.mall_code) > len(lead) for row in rows)
        if joined and self._shop.joiner == JOINER and all(row.mall_code.startswith(lead) for row in rows):
            values = tuple(row.mall_code.removeprefix(lead) for row in rows)
            yield Product(parent, _common_name(rows), (Axis(AXIS, values),))
            return
        for row in rows:
            yield Product(row.mall_code, plain_name(row.name))


def _on_others(
    mapping: CodeMapping, product: Product, shop: str, snapshots: Mapping[str, Snapshot]
) -> Product:
    """Link a new product on the shops that list it too, and on no other."""
    listings: dict[str, Mapping[str, str | None] | None] = {}
    variants = list(product.variants())
    for other in mapping.shops.values():
        if other.name == shop:
            continue
        found = _codes_of(snapshots, other.name)
        called = {variant.code: product.mall_code(variant, other) or "" for variant in variants}
        free = {name for name in found & set(called.values()) if mapping.code_of(other.name, name) is None}
        gone = [code for code, name in called.items() if name not in free]
        if len(gone) == len(variants):
            listings[other.name] = UNLINKED
        elif gone:
            listings[other.name] = dict.fromkeys(gone)
    return replace(product, listings=listings)


def _codes_of(snapshots: Mapping[str, Snapshot], shop: str) -> frozenset[str]:
    if shop not in snapshots:
        return frozenset()
    return frozenset(row.mall_code for row in snapshots[shop].products if row.mall_code)


def _fold(code: str) -> str:
    """Give a code without what eyes pass over: case, width, strokes, and letters like digits."""
    return (probably_meant(code) or unicodedata.normalize("NFKC", code)).translate(_ALIKE).casefold()


def plain_name(name: str) -> str:
    """Give a mall's name as one short line."""
    shown = "".join(char if char.isprintable() else " " for char in name)
    return _SPACES.sub(" ", shown).strip()[:_MAX_NAME]


def _common_name(rows: Sequence[Listed]) -> str:
    names = [plain_name(row.name) for row in rows]
    return os.path.commonprefix(names).strip(" -/:_・（([【") or names[0]


# ---------------------------------------------------------------- copy


def draft_copy(
    mapping: CodeMapping,
    source: str,
    target: str,
    snapshots: Mapping[str, Snapshot],
    *,
    unlink_missing: bool = False,
) -> Draft:
    """Propose that the codes of one shop are linked on another, wherever it lists the same SKU.

    Args:
        unlink_missing: propose that the codes it does not list are not linked there.
    Raises:
        Refused: no such shop, or the list of the target was never read.
    """
    if source not in mapping.shops:
        raise Refused("proposal_no_shop", shop=source, known=", ".join(mapping.shops))
    if source == target:
        raise Refused("proposal_same_shop", shop=source)
    snapshot = _snapshot(mapping, target, snapshots)
    copying = _Copying(mapping, source, mapping.shop(target), _codes_of(snapshots, target))
    for product in mapping.products:
        if product.listed_on(source):
            copying.take(product, unlink_missing=unlink_missing)
    return Draft(
        "copy",
        {"shop": target, "source": source},
        tuple(copying.changes),
        tuple(copying.rows),
        tuple(copying.undecided()),
        tuple(copying.absent),
        kept=copying.kept,
        read_at=snapshot.read_at,
    )


class _Copying:
    """Compares one shop's codes with another's list, product by product."""

    def __init__(self, mapping: CodeMapping, source: str, target: Shop, listed: frozenset[str]) -> None:
        self.changes: list[Change] = []
        self.rows: list[Row] = []
        self.absent: list[str] = []
        self.kept = 0
        self._mapping = mapping
        self._source = source
        self._target = target
        self._listed = listed
        self._taken: set[str] = set()

    def take(self, product: Product, *, unlink_missing: bool) -> None:
        """Compare the codes of a product that the source lists."""
        codes: dict[str, Listing] = {}
        for variant in product.variants():
            called = product.mall_code(variant, self._mapping.shop(self._source))
            if called is not None:
                codes |= self._compare(product, variant, called, unlink_missing=unlink_missing)
        if codes:
            self.changes.append(Link(product.code, self._target.name, codes))

    def _compare(
        self, product: Product, variant: Variant, called: str, *, unlink_missing: bool
    ) -> dict[str, Listing]:
        now, shop, code = product.mall_code(variant, self._target), self._target.name, variant.code
        if now is not None and now in self._listed:
            self.kept += 1
            return {}
        rule = replace(product, listings={}).mall_code(variant, self._target) or code
        same = next((name for name in (rule, called, code) if self._is_free(name, code)), None)
        if same is not None:
            self._taken.add(same)
            self.rows.append(Row(code, shop, now or "", same))
            return {code: SAME if same == rule else _written(same, f"{self._source} と同じ番号")}
        self.absent.append(code)
        if not unlink_missing or now is None:
            return {}
        self.rows.append(Row(code, shop, now, ""))
        return {code: None}

    def _is_free(self, name: str, code: str) -> bool:
        """Tell whether the target lists a name that no other code of the mapping has there."""
        if name not in self._listed or name in self._taken:
            return False
        return self._mapping.code_of(self._target.name, name) in (None, code)

    def undecided(self) -> Iterator[Undecided]:
        """Give the codes that the target lists in a form that only looks the same."""
        folds = {_fold(code): code for code in self.absent}
        for name in sorted(self._listed) if folds else ():
            if code := folds.get(_fold(name)):
                yield Undecided(name, self._mapping.name_of(code), "alike", code)


def _written(mall_code: str, reason: str) -> Listing:
    return mall_code if _CODE.fullmatch(mall_code) else Legacy(mall_code, reason)


# ---------------------------------------------------------------- one code by hand


@dataclass(frozen=True)
class Wanted:
    """What a person wants of one code: a listing on ``shop``, or values of the product itself.

    Args:
        mall_code: what the shop calls it; its own code or the rule's takes an exception away.
        reason: why a mall code is outside the rule for codes; needed for such a one.
        unlink: the shop does not list it.
    """

    shop: str = ""
    mall_code: str = ""
    reason: str = ""
    unlink: bool = False
    name: str | None = None
    safety_stock: int | None = None
    last_units: str | int | None = None


def draft_set(mapping: CodeMapping, code: str, wanted: Wanted) -> Draft:
    """Propose what a person wants of one code; a product's own code stands for all its codes.

    Raises:
        Refused: no such code or shop, a mall code that another code has, or nothing is wanted.
    """
    product = _product(mapping, code)
    changes, rows = list[Change](), list[Row]()
    asked = {name: value for name in _FIELDS if (value := getattr(wanted, name)) is not None}
    for name, value in asked.items():
        before = getattr(product, name)
        if value != before:
            changes.append(Put(product.code, name, value))
            rows.append(Row(product.code, name, "" if before is None else str(before), str(value)))
    if wanted.shop:
        rows += _link_rows(mapping, product, code, wanted, changes)
    elif wanted.mall_code or wanted.unlink or not asked:
        raise Refused("proposal_set_nothing")
    return Draft("set", {"code": code}, tuple(changes), tuple(rows))


def _product(mapping: CodeMapping, code: str) -> Product:
    product = mapping.product_of(code) or mapping.entry(code)
    if product is None:
        raise Refused("unknown_code", code=code, near="-")
    return product


def _link_rows(
    mapping: CodeMapping, product: Product, code: str, wanted: Wanted, changes: list[Change]
) -> list[Row]:
    shop = mapping.shops.get(wanted.shop)
    if shop is None:
        raise Refused("proposal_no_shop", shop=wanted.shop, known=", ".join(mapping.shops))
    if bool(wanted.mall_code) == wanted.unlink:
        raise Refused("proposal_set_one")
    variants = [one for one in product.variants() if code in (one.code, product.code)]
    if wanted.mall_code and (len(variants) != 1 or variants[0].code != code):
        raise Refused("proposal_set_parent", code=code)
    rows, codes = list[Row](), dict[str, Listing]()
    for variant in variants:
        now = product.mall_code(variant, shop)
        if now != (wanted.mall_code or None):
            codes[variant.code] = _called(mapping, product, variant, shop, wanted)
            rows.append(Row(variant.code, shop.name, now or "", wanted.mall_code))
    if codes:
        changes.append(Link(product.code, shop.name, codes))
    return rows


def _called(mapping: CodeMapping, product: Product, variant: Variant, shop: Shop, wanted: Wanted) -> Listing:
    if wanted.unlink:
        return None
    other = mapping.code_of(shop.name, wanted.mall_code)
    if other not in (None, variant.code):
        raise Refused("proposal_taken", mall_code=wanted.mall_code, shop=shop.name, code=other or "")
    if wanted.mall_code == replace(product, listings={}).mall_code(variant, shop):
        return SAME
    if not _CODE.fullmatch(wanted.mall_code) and not wanted.reason.strip():
        raise Refused("proposal_needs_reason", mall_code=wanted.mall_code)
    return _written(wanted.mall_code, wanted.reason)


def last_units_of(text: str) -> LastUnits | int:
    """Read ``auto``, ``off`` or a number.

    Raises:
        ValueError: it is none of these.
    """
    return int(text) if re.fullmatch(r"[0-9]{1,7}", text) else LastUnits(text)
