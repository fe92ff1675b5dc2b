"""The settings of an Amazon shop, checked before anything is opened."""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapters.contract import ShopSettings
from adapters.options import Line, https_url, line_of, wrong

FEED_ABOVE = 1500  # where a healthy feed overtakes patches at five a second
FEED_MAX = 25_000
_SELLER = re.compile(r"[A-Z0-9]{2,32}")


@dataclass(frozen=True)
class Options:
    """What the operator chose for one shop; README.md tells what each is for."""

    seller_id: str
    base_url: str
    lwa_url: str
    feed_above: int
    import_by: str
    lowers_own_stock: bool
    line: Line


def read_options(settings: ShopSettings) -> Options:
    """Read a shop's options.

    Raises:
        ConfigError: one is missing or has a wrong value.
    """
    options = settings.options
    seller_id = str(options.get("seller_id", ""))
    if not _SELLER.fullmatch(seller_id):
        raise wrong(settings, "seller_id", "must be the merchant token: capital letters and digits")
    feed_above = int(options.get("feed_above", FEED_ABOVE))
    if not 0 <= feed_above <= FEED_MAX:
        raise wrong(settings, "feed_above", f"must be within 0..{FEED_MAX}")
    import_by = str(options.get("import_by", "auto"))
    if import_by not in ("auto", "search", "report"):
        raise wrong(settings, "import_by", "must be auto, search or report")
    return Options(
        seller_id=seller_id,
        base_url=https_url(settings, "base_url", "https://sellingpartnerapi-fe.amazon.com"),
        lwa_url=https_url(settings, "lwa_url", "https://api.amazon.com"),
        feed_above=feed_above,
        import_by=import_by,
        lowers_own_stock=bool(options.get("lowers_own_stock", True)),
        line=line_of(settings),
    )
