"""Fixed-price listings that Yahoo!ショッピング shows on Yahoo!オークション too (併売, spec 1.3 and 4).

Their stock is Yahoo!ショッピング's [guess, spec 1.3]. With that mall beside it in the sandbox this part
asks it; alone it keeps the numbers itself.
"""

from __future__ import annotations

from typing import Any

from sandbox.catalogue import Good
from sandbox.world import Part


class Delegated:
    """The delegated listings by 商品コード."""

    def __init__(self, shopping: Part | None) -> None:
        self._shopping = shopping
        self._own: dict[str, int] = {}
        self.names: dict[str, str] = {}
        self.auction_ids: dict[str, str] = {}

    def add(self, good: Good, auction_id: str) -> None:
        """Show a good of Yahoo!ショッピング here."""
        self.names[good.code] = " ".join((good.name, *(value for _axis, value in good.choices)))
        self.auction_ids[good.code] = auction_id
        self._own[good.code] = good.quantity

    def __contains__(self, code: str) -> bool:
        return code in self.names

    def stock(self) -> dict[str, int]:
        """Give what buyers see."""
        if self._shopping is None:
            return dict(self._own)
        there = self._shopping.control("stock", {})
        return {code: int(there.get(code, 0)) for code in self.names}

    def set(self, code: str, quantity: int) -> None:
        """Edit a number by hand: in ストアクリエイターPro."""
        if self._shopping is None:
            self._own[code] = quantity
        else:
            self._shopping.control("set_stock", {"code": code, "quantity": quantity})

    def take(self, code: str, quantity: int) -> None:
        """Take pieces off; at Yahoo!ショッピング the order passed on did it."""
        if self._shopping is None:
            self._own[code] -= quantity

    def pass_on(self, lines: list[dict[str, Any]], auction_id: str, merchant_id: str, ago_s: float) -> str:
        """Enter an order at Yahoo!ショッピング, through whose order API it is read (spec 1.3).

        Returns:
            Its order id there; "" where that mall is not in the sandbox.
        """
        if self._shopping is None:
            return ""
        where = {"auction_id": auction_id, "merchant_id": merchant_id}
        placed = self._shopping.control("order", {"lines": lines, "ago_s": ago_s, **where})
        return str(placed["order_id"])

    def cancel(self, order_id: str) -> None:
        """Cancel an order at Yahoo!ショッピング."""
        if self._shopping is not None:
            self._shopping.control("cancel", {"order_id": order_id})
