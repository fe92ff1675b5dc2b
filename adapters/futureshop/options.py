"""The settings of a futureshop shop, checked before anything is opened."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.contract import ShopSettings
from adapters.options import Line, line_of, wrong

ORDER_STATES_OF_CANCEL = "CANCELLED,CANCELED"


@dataclass(frozen=True)
class ApiOptions:
    """What the operator chose for a shop that is reached through APIv2; README.md tells what for."""

    base_url: str
    line: Line
    cancel_statuses: frozenset[str]
    look_first: bool


@dataclass(frozen=True)
class UploadOptions:
    """What the operator chose for a shop that is reached by CSV files over FTPS."""

    host: str
    port: int
    folder: str
    ca_file: str
    timeout_s: float
    variation_file: str
    product_file: str


def transport_of(settings: ShopSettings) -> str:
    """Give the way to the shop: ``api`` or ``csv``.

    Raises:
        ConfigError: it is neither.
    """
    chosen = str(settings.options.get("transport", "api"))
    if chosen not in ("api", "csv"):
        raise wrong(settings, "transport", "must be api or csv")
    return chosen


def api_options(settings: ShopSettings) -> ApiOptions:
    """Read the options of the API.

    Raises:
        ConfigError: the API domain is not set, or a value makes no sense.
    """
    options = settings.options
    base_url = str(options.get("base_url", "")).rstrip("/")
    if not base_url.startswith("https://"):
        raise wrong(settings, "base_url", "set it to https:// and the API domain that futureshop issued")
    states = str(options.get("cancel_statuses", ORDER_STATES_OF_CANCEL)).split(",")
    return ApiOptions(
        base_url=base_url,
        line=line_of(settings, timeout_s=60),
        cancel_statuses=frozenset(state.strip() for state in states if state.strip()),
        look_first=bool(options.get("look_first", False)),
    )


def upload_options(settings: ShopSettings) -> UploadOptions:
    """Read the options of the CSV route.

    Raises:
        ConfigError: the host or every downloaded file is lacking, or TLS is to be switched off.
    """
    options = settings.options
    if options.get("ftp_tls", "explicit") != "explicit":
        raise wrong(settings, "ftp_tls", "must be explicit: nothing is sent in clear text")
    host = str(options.get("ftp_host", ""))
    if not host:
        raise wrong(settings, "ftp_host", "set it to the FTP host in futureshop's mail")
    variations = str(options.get("variation_file", ""))
    products = str(options.get("product_file", ""))
    if not variations and not products:
        raise wrong(settings, "variation_file", "download it from the admin screen and name it here")
    return UploadOptions(
        host=host,
        port=int(options.get("ftp_port", 21)),
        folder=str(options.get("ftp_dir", "/")).rstrip("/"),
        ca_file=str(options.get("ca_file", "")),
        timeout_s=float(options.get("timeout_s", 60)),
        variation_file=variations,
        product_file=products,
    )
