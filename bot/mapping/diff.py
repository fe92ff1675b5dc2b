"""What a new mapping changes for each shop."""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass, field

from bot.mapping.model import Mapping


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
    """Compare two mappings; without a first one everything is added."""
    old_codes: set[str] = set(before.codes()) if before else set()
    new_codes = set(after.codes())
    names = [*(before.shops if before else ()), *after.shops]
    found = {
        name: _shop_diff(_listings(before, name), _listings(after, name)) for name in dict.fromkeys(names)
    }
    return MappingDiff(
        tuple(code for code in after.codes() if code not in old_codes),
        tuple(code for code in (before.codes() if before else ()) if code not in new_codes),
        {name: change for name, change in found.items() if change},
    )


def _listings(mapping: Mapping | None, shop: str) -> Table[str, str]:
    return mapping.listings(shop) if mapping and shop in mapping.shops else {}


def _shop_diff(before: Table[str, str], after: Table[str, str]) -> ShopDiff:
    return ShopDiff(
        tuple(code for code in after if code not in before),
        tuple(code for code in before if code not in after),
        {code: (before[code], new) for code, new in after.items() if before.get(code, new) != new},
    )
