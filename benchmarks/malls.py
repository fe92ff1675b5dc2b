"""The malls that are measured: a way of writing to a mall is one entry of ``WAYS``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.contract import Address

Row = Mapping[str, str]

OPTION = ("色", "赤")


@dataclass(frozen=True)
class Way:
    """One way of writing to one mall, at the quota that limits it.

    Args:
        mall: name in the adapters' registry, and of the simulator.
        part: the simulator's class in ``sandbox.malls.<mall>.part``.
        quota: name in the adapter's quotas; ``lines_a_call`` go into one call of it.
        options: option of the adapter -> name in the simulator's addresses.
        credentials: the same for the credentials.
        address: from a code, and what the simulator said when it was listed, to the address.
        codes_max: so many take about a minute or less.
        settings: of the simulator: enforce what the adapter declares, show numbers at once.
        listed: further arguments of ``add_product``, from the code.
        refusals: HTTP status of a call that came too early.
    """

    mall: str
    part: str
    quota: str
    lines_a_call: int
    options: Mapping[str, str]
    credentials: Mapping[str, str]
    address: Callable[[str, Row], Address]
    codes_max: int = 60_000
    settings: Mapping[str, Any] = field(default_factory=dict)
    listed: Callable[[str], Mapping[str, Any]] = lambda _code: {}
    refusals: frozenset[int] = frozenset({429})


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


def _qoo10(quota: str, lines_a_call: int, **more: Any) -> Way:
    # The mall publishes no limit: the simulator is given what the adapter keeps to.
    settings = {"calls_per_s": 5.0, "burst": 1, "bulk_per_s": 1.0, "page_delay_s": 0.0}
    options, credentials = _same("base_url"), _same("seller_key")
    return Way("qoo10", "Qoo10Mall", quota, lines_a_call, options, credentials, settings=settings, **more)


WAYS: Mapping[str, Way] = {
    "rakuten": Way(
        "rakuten",
        "RakutenMall",
        "bulk_upsert",
        400,
        _same("base_url"),
        {"service_secret": "service_secret", "licence": "licence_key"},
        lambda _code, row: (row["manage_number"], row["variant_id"]),
    ),
    "yahoo": Way(
        "yahoo",
        "YahooMall",
        "set_stock",
        1000,
        _same("base_url", "auth_url", "seller_id"),
        _same("client_id", "client_secret", "refresh_token", "public_key", "public_key_version"),
        lambda _code, row: (row["item_code"], row["sub_code"]),
        refusals=frozenset({403, 429}),
    ),
    "futureshop": Way(
        "futureshop",
        "FutureshopMall",
        "calls",
        100,
        _same("base_url"),
        _same("shop_key", "client_id", "client_secret"),
        lambda _code, row: (row["product_no"], row["horizontal_no"], row["vertical_no"]),
        codes_max=3000,
    ),
    "qoo10": _qoo10("bulk", 500, address=lambda _code, row: (row["item_code"], "2030-12-31")),
    "qoo10-options": _qoo10(
        "single",
        1,
        address=lambda _code, row: (row["item_code"], *OPTION),
        listed=lambda code: {"parent": f"{code}-item", "choices": dict([OPTION])},
        codes_max=200,
    ),
    "amazon": Way(
        "amazon",
        "AmazonMall",
        "patch",
        1,
        {"seller_id": "seller_id", "base_url": "api_url", "lwa_url": "lwa_url"},
        _same("client_id", "client_secret", "refresh_token"),
        lambda code, _row: (code, "DEFAULT"),
        codes_max=400,
        settings={"delay_s": 0.0},
    ),
}
"""Name in the table -> the way. Qoo10 takes items in bulk and option rows one by one."""
