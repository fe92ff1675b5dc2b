"""What the sandbox's merchant sells: the same goods on every mall, under each mall's own keys."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Good:
    """One sellable unit.

    Args:
        code: the merchant's code.
        parent: the product page it belongs to; the code itself for a product without axes.
        choices: (axis name, value) pairs, empty without axes.
    """

    code: str
    parent: str
    name: str
    choices: tuple[tuple[str, str], ...] = ()
    quantity: int = 20


def _tees() -> list[Good]:
    return [
        Good(f"tee-{color}-{size}", "tee", "ロゴTシャツ", (("色", color), ("サイズ", size)))
        for color in ("red", "blue")
        for size in ("s", "m", "l")
    ]


GOODS: tuple[Good, ...] = (
    *_tees(),
    Good("mug", "mug", "マグカップ", quantity=12),
    Good("cap-navy", "cap-navy", "キャップ ネイビー", quantity=8),
)
