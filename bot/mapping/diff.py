"""What a new mapping changes for each shop."""

from __future__ import annotations

from collections import abc
from collections.abc import Mapping as Table
from dataclasses import dataclass, field

from bot.mapping.compiled_products import CompiledProducts
from bot.mapping.model import Mapping, Product


@dataclass(frozen=True)
class ShopDiff:
    """One shop: codes it lists now and did not, no longer lists, or calls by another name.

    Args:
        changed: code -> (mall code before, mall code now).
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: Table[str, tuple[str, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True)
class MappingDiff:
    """All shops with a change; ``added`` and ``removed`` are codes of the mapping as a whole."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    shops: Table[str, ShopDiff]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.shops)


def diff(before: Mapping | None, after: Mapping) -> MappingDiff:
    """Compare two mappings, by what changed in them; without a first one everything is added."""
    left, come = changed_products(before, after)
    names = [*(before.shops if before else ()), *after.shops]
    found = {name: _shop_diff(name, before, after, left, come) for name in dict.fromkeys(names)}
    old = {variant.code: None for product in left for variant in product.variants()}
    new = {variant.code: None for product in come for variant in product.variants()}
    return MappingDiff(
        tuple(code for code in new if code not in old),
        tuple(code for code in old if code not in new),
        {name: change for name, change in found.items() if change},
    )


def changed_products(
    before: Mapping | None, after: Mapping
) -> tuple[abc.Sequence[Product], abc.Sequence[Product]]:
    """Give the products of ``before`` that are not in ``after`` as they were, and what is there instead.

    Both in the order of their files.
    """
    if before is None:
        return (), tuple(after.products)
    old, new = before.products, after.products
    if isinstance(old, CompiledProducts) and isinstance(new, CompiledProducts):
        old, new = new.changed_since(old)
    had, has = ({product.code: product for product in each} for each in (old, new))
    return (
        [product for product in old if has.get(product.code) != product],
        [product for product in new if had.get(product.code) != product],
    )


def touched_codes(before: Mapping, after: Mapping) -> set[str]:
    """Give the codes whose number on any shop may be another by the products that changed alone.

    A set shares its components with other codes, so these are among them.
    """
    found: set[str] = set()
    for mapping, products in zip((before, after), changed_products(before, after), strict=True):
        own = {variant.code for product in products for variant in product.variants()}
        singles = {single for code in own for single in mapping.components(code)}
        found |= own | singles | {each for single in singles for each in mapping.sets_using(single)}
    return found


def _shop_diff(
    name: str,
    before: Mapping | None,
    after: Mapping,
    left: abc.Iterable[Product],
    come: abc.Iterable[Product],
) -> ShopDiff:
    had = before.shops.get(name) if before else None
    has = after.shops.get(name)
    if before and (had is None or has is None or had.joiner != has.joiner):
        left, come = before.products, after.products
    old = {code: at for product in left for code, at in product.linked(had)} if had else {}
    new = {code: at for product in come for code, at in product.linked(has)} if has else {}
    return ShopDiff(
        tuple(code for code in new if code not in old),
        tuple(code for code in old if code not in new),
        {code: (old[code], at) for code, at in new.items() if old.get(code, at) != at},
    )
