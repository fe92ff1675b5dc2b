"""The settings of a Yahoo!ショッピング shop, checked before anything is opened."""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapters.contract import ShopSettings
from adapters.errors import ConfigError

_HOSTS = {
    "live": "https://circus.shopping.yahooapis.jp",
    "sandbox": "https://test.circus.shopping.yahooapis.jp",  # Yahoo!'s own, for its partners
}
_SELLER = re.compile(r"[a-z0-9_-]{1,128}")


@dataclass(frozen=True)
class Options:
    """What the operator chose for one shop; README.md tells what each is for."""

    seller_id: str
    base_url: str
    auth_url: str
    redirect_uri: str
    code_form: str
    order_page: int
    rates: float
    margin: float | None
    ca_file: str
    timeout_s: float
    env_proxies: bool


def read_options(settings: ShopSettings) -> Options:
    """Read a shop's options.

    Raises:
        ConfigError: one is missing or has a wrong value.
    """
    options = settings.options
    environment = _one_of(settings, "environment", tuple(_HOSTS))
    seller_id = str(options.get("seller_id", ""))
    if not _SELLER.fullmatch(seller_id):
        raise _wrong(settings, "seller_id", "must be the store account: small letters, digits, - and _")
    rates = float(options.get("rates", 1.0))
    if rates <= 0:
        raise _wrong(settings, "rates", "must be above 0")
    page = int(options.get("order_page", 2000))
    if page < 1:
        raise _wrong(settings, "order_page", "must be above 0")
    return Options(
        seller_id=seller_id,
        base_url=_url(settings, "base_url", _HOSTS[environment]),
        auth_url=_url(settings, "auth_url", "https://auth.login.yahoo.co.jp"),
        redirect_uri=str(options.get("redirect_uri", "")),
        code_form=_one_of(settings, "code_form", ("sub", "pair")),
        order_page=page,
        rates=rates,
        margin=float(options["margin"]) if "margin" in options else None,
        ca_file=str(options.get("ca_file", "")),
        timeout_s=float(options.get("timeout_s", 30)),
        env_proxies=bool(options.get("env_proxies", False)),
    )


def _one_of(settings: ShopSettings, name: str, choices: tuple[str, ...]) -> str:
    value = str(settings.options.get(name, choices[0]))
    if value not in choices:
        raise _wrong(settings, name, f"must be one of {', '.join(choices)}")
    return value


def _url(settings: ShopSettings, name: str, usual: str) -> str:
    value = str(settings.options.get(name, usual)).rstrip("/")
    if not value.startswith("https://"):
        raise _wrong(settings, name, "must begin with https://")
    return value


def _wrong(settings: ShopSettings, name: str, why: str) -> ConfigError:
    return ConfigError(f"tanaban.toml: shop {settings.name}: {name}: {why}")
