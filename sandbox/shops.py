"""The shops of the demo's merchant: what an operator writes down for each, and where it is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Value = str | int | float | bool


@dataclass(frozen=True)
class DemoShop:
    """One shop: its part of the sandbox, its settings and its credentials.

    ``settings`` and ``credentials`` map a name to the key of the part's addresses; ``fixed`` are
    settings with a value of their own.
    """

    name: str
    part: str
    settings: Mapping[str, str]
    credentials: Mapping[str, str]
    fixed: Mapping[str, Value] = field(default_factory=dict)

    def lines(self, addresses: Mapping[str, Any], ca_file: str) -> Iterator[str]:
        """Give the shop's section of ``tanaban.toml``."""
        found = addresses[self.part]
        values = {name: found[key] for name, key in self.settings.items()}
        yield f"[shops.{self.name}]"
        for name, value in {**values, "ca_file": ca_file, **self.fixed}.items():
            yield f"{name} = {_toml(value)}"


def _toml(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else f'"{value}"'


SHOPS: tuple[DemoShop, ...] = (
    DemoShop(
        "rakuten-main",
        "rakuten",
        {"base_url": "base_url"},
        {"service_secret": "service_secret", "licence": "licence_key"},
    ),
    DemoShop(
        "yahoo-main",
        "yahoo",
        {"base_url": "base_url", "auth_url": "auth_url", "seller_id": "seller_id"},
        {
            "client_id": "client_id",
            "client_secret": "client_secret",
            "refresh_token": "refresh_token",
            "public_key": "public_key",
            "public_key_version": "public_key_version",
        },
        # Its orders may really appear half an hour late; here they do not.
        {"poll_interval_s": 3, "order_lag_s": 0},
    ),
    DemoShop(
        "amazon-jp",
        "amazon",
        {"base_url": "api_url", "lwa_url": "lwa_url", "seller_id": "seller_id"},
        {"client_id": "client_id", "client_secret": "client_secret", "refresh_token": "refresh_token"},
        # Amazon's real pace is a search of orders in three minutes: too slow to watch.
        {"poll_interval_s": 3, "again_interval_s": 60, "order_lag_s": 0, "rates": 60},
    ),
    DemoShop(
        "futureshop-main",
        "futureshop",
        {"base_url": "base_url"},
        {"shop_key": "shop_key", "client_id": "client_id", "client_secret": "client_secret"},
        {"poll_interval_s": 3, "rates": 5},  # one call a second for everything is slow to watch
    ),
    DemoShop(
        "qoo10-main",
        "qoo10",
        {"base_url": "base_url"},
        {"seller_key": "seller_key"},
        {"poll_interval_s": 3},
    ),
    DemoShop(
        "roomclip-main",
        "roomclip",
        {"host": "host", "port": "port"},
        {"user": "user", "password": "password", "shop_code": "shop_code"},
        {"min_write_interval_s": 1, "order_lag_s": 0, "other_shops_stopped": True},
    ),
)

PARTS: Mapping[str, Mapping[str, Any]] = {
    "amazon": {"rates": 60, "delay_s": 0.2, "upper_bound_age_s": 0},
    "futureshop": {"samples": False, "rates": 6},
}
"""What the demo sets at the malls: the real delays, made short."""
