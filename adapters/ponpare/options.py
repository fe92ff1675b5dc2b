"""The settings and credentials of a ポンパレモール shop, checked before anything is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.contract import Credentials, ShopSettings
from adapters.errors import AuthError
from adapters.files import FtpsArea
from adapters.options import Reader
from adapters.ponpare import orders
from adapters.secret import Secret


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the operator chose for one shop; README.md tells what each is for."""

    host: str
    port: int
    result_host: str
    result_port: int
    ca_file: str
    tls_verify: bool
    tls_session_reuse: bool
    timeout_s: float
    upload_dir: str
    result_dir: str
    keep_results: bool
    part_names: bool
    item_file: str
    option_file: str
    send_stock_type: bool
    stock_type: str
    slot_poll_s: float
    slot_wait_s: float
    order_columns: Mapping[str, str]
    cancelled_statuses: frozenset[str]

    @property
    def results_elsewhere(self) -> bool:
        """Say whether the results lie on a server of their own."""
        return (self.result_host, self.result_port) != (self.host, self.port)

    def area(self, credentials: Credentials) -> FtpsArea:
        """Give the file area where uploads go.

        Raises:
            AuthError: a credential was never set.
        """
        return self._area(credentials, self.host, self.port)

    def result_area(self, credentials: Credentials) -> FtpsArea:
        """Give the file area where the mall puts its results; the log-in is the same."""
        return self._area(credentials, self.result_host, self.result_port)

    def _area(self, credentials: Credentials, host: str, port: int) -> FtpsArea:
        return FtpsArea(
            host=host,
            port=port,
            user=_set(credentials, "user").reveal(),
            password=_set(credentials, "password"),
            ca_file=self.ca_file,
            tls_verify=self.tls_verify,
            timeout_s=self.timeout_s,
            session_reuse=self.tls_session_reuse,
        )


def read_options(settings: ShopSettings) -> Options:
    """Read a shop's options.

    Raises:
        ConfigError: one has the wrong type or value, or nobody said that the mall runs.
    """
    reader = Reader(settings)
    if not reader.get("i_know_it_runs", False):
        raise reader.wrong(
            "i_know_it_runs",
            "the mall has probably closed; set it to true only after its screen was seen working, or keep "
            "the shop at status: archived",
        )
    host, port = reader.get("host", "ftps.ponparemall.com"), reader.get("port", 21)
    return Options(
        host=host,
        port=port,
        result_host=reader.get("result_host", "") or host,
        result_port=reader.get("result_port", 0) or port,
        ca_file=reader.get("ca_file", ""),
        tls_verify=reader.get("tls_verify", True),
        tls_session_reuse=reader.get("tls_session_reuse", True),
        timeout_s=reader.get("timeout_s", 15.0),
        upload_dir=reader.folder("upload_dir", "/"),
        result_dir=reader.folder("result_dir", "/log"),
        keep_results=reader.get("keep_results", False),
        part_names=reader.get("part_names", False),
        item_file=reader.get("item_file", ""),
        option_file=reader.get("option_file", ""),
        send_stock_type=reader.get("send_stock_type", True),
        stock_type=reader.get("stock_type", "1"),
        slot_poll_s=reader.get("slot_poll_s", 5.0),
        slot_wait_s=reader.get("slot_wait_s", 1800.0),
        order_columns=_order_columns(reader),
        cancelled_statuses=frozenset(reader.words("cancelled_statuses", "キャンセル")),
    )


def _order_columns(reader: Reader) -> Mapping[str, str]:
    pairs = [part.partition("=") for part in reader.words("order_columns", "")]
    if unknown := [name.strip() for name, _, _ in pairs if name.strip() not in orders.COLUMNS]:
        known = ", ".join(orders.COLUMNS)
        raise reader.wrong("order_columns", f"{', '.join(unknown)} is no column of ours; they are {known}")
    return {name.strip(): own.strip() for name, _, own in pairs}


def _set(credentials: Credentials, kind: str) -> Secret:
    value = credentials.get(kind)
    if not value:
        raise AuthError(f"credential {kind} is not set", hint="credential_not_set")
    return value
