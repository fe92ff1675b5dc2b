"""The switches of the simulated mall: what the spec leaves open, or what a tour wants faster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args, get_type_hints


@dataclass
class Settings:
    """Defaults are the published behaviour, and the harsher case where nothing is published.

    Args:
        shop_number: leads the order numbers and the licence keys.
        rates: multiplies every published rate; 0 switches the rate limits off.
        retry_after: a 429 of the rate limit carries ``Retry-After: 1``.
        activation_s: how long a new licence key stays refused.
        key_valid_days: life of the licence key that the shop starts with.
        expiry_form: how the expiry date is written; a plain JST time is what was measured.
        untick_form: the answer where a function was not ticked in RMS.
        bulk_edit_option: the shop pays for 商品一括編集機能, without which ``items.get`` is refused.
        returns_stock_on_cancel: 在庫戻しフラグ of every listing that does not set its own.
        index_lag_s: how late ``items.search`` sees a created or deleted item.
        search_cap: how many orders one search can reach.
        migrated: the shop was moved to SKUs; False refuses the inventory functions.
        buyer: name in the personal data of new orders, family name first.
    """

    shop_number: str = "900001"
    rates: float = 1.0
    retry_after: bool = False
    activation_s: float = 30 * 60
    key_valid_days: int = 90
    expiry_form: Literal["plain", "fraction", "z", "offset"] = "plain"
    untick_form: Literal["GA0001", "ES04-01"] = "GA0001"
    bulk_edit_option: bool = False
    returns_stock_on_cancel: bool = False
    index_lag_s: float = 0.0
    search_cap: int = 15_000
    migrated: bool = True
    buyer: str = "山田 花子"

    def change(self, name: str, value: object) -> None:
        """Set one switch while the mall runs.

        Raises:
            ValueError: there is no such switch, or the value is of another kind.
        """
        if name not in self.__dataclass_fields__:
            raise ValueError(f"no setting {name!r}; known: {', '.join(self.__dataclass_fields__)}")
        if (choices := get_args(get_type_hints(Settings)[name])) and value not in choices:
            raise ValueError(f"{name} is one of {', '.join(choices)}")
        kind = type(getattr(self, name))
        if isinstance(value, bool) != (kind is bool) or not isinstance(
            value, (int, float) if kind is float else kind
        ):
            raise ValueError(f"{name} takes {kind.__name__}")
        setattr(self, name, value)
