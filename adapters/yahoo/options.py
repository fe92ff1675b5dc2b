"""The settings of a Yahoo!ショッピング shop, checked before anything is opened."""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapters.contract import ShopSettings
from adapters.options import Line, https_url, line_of, wrong

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
    line: Line


def read_options(settings: ShopSettings) -> Options:
    """Read a shop's options.

    Raises:
        ConfigError: one is missing or has a wrong value.
    """
    options = settings.options
    environment = _one_of(settings, "environment", tuple(_HOSTS))
    seller_id = str(options.get("seller_id", ""))
    if not _SELLER.fullmatch(seller_id):
        raise wrong(settings, "seller_id", "must be the store account: small letters, digits, - and _")
    page = int(options.get("order_page", 2000))
    if page < 1:
        raise wrong(settings, "order_page", "must be above 0")
    return Options(
        seller_id=seller_id,
        base_url=https_url(settings, "base_url", _HOSTS[environment]),
        auth_url=https_url(settings, "auth_url", "https://auth.login.yahoo.co.jp"),
        redirect_uri=str(options.get("redirect_uri", "")),
        code_form=_one_of(settings, "code_form", ("sub", "pair")),
        order_page=page,
        line=line_of(settings),
    )


def _one_of(settings: ShopSettings, name: str, choices: tuple[str, ...]) -> str:
    value = str(settings.options.get(name, choices[0]))
    if value not in choices:
        raise wrong(settings, name, f"must be one of {', '.join(choices)}")
    return value
