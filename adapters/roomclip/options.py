"""The settings and credentials of a RoomClip shop, checked before anything is opened."""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapters.contract import Credentials, ShopSettings
from adapters.errors import AuthError
from adapters.files import FtpsArea
from adapters.options import Reader
from adapters.secret import Secret

SHOP_CODE = re.compile(r"[A-Za-z]*[0-9]+")


@dataclass(frozen=True)
class Options:
    """What the operator chose for one shop; README.md tells what each is for."""

    host: str
    port: int
    ca_file: str
    tls_verify: bool
    timeout_s: float
    tls_session_reuse: bool
    netstock_dir: str
    order_export_dir: str
    lock_files: str
    stock_owner: str
    cancelled_codes: frozenset[str]
    look_back_days: int

    def area(self, credentials: Credentials) -> FtpsArea:
        """Give the file area that these settings and credentials lead to.

        Raises:
            AuthError: a credential was never set.
        """
        return FtpsArea(
            host=self.host,
            port=self.port,
            user=_set(credentials, "user").reveal(),
            password=_set(credentials, "password"),
            ca_file=self.ca_file,
            tls_verify=self.tls_verify,
            timeout_s=self.timeout_s,
            session_reuse=self.tls_session_reuse,
        )

    def netstock(self, credentials: Credentials) -> str:
        """Give the folder in which TEMPOSTAR puts out this shop's stock."""
        code = _set(credentials, "shop_code").reveal()
        if not SHOP_CODE.fullmatch(code):
            raise AuthError("shop_code is not digits (letters before them allowed)", hint="renew_wrong_form")
        return self.netstock_dir.replace("{shop_code}", code).rstrip("/")


def read_options(settings: ShopSettings) -> Options:
    """Read a shop's options.

    Raises:
        ConfigError: one has the wrong type or value, or the set-up could oversell.
    """
    reader = Reader(settings)
    owner = reader.one_of("stock_owner", ("bot", "tempostar"))
    _check_mode(reader, owner)
    return Options(
        host=reader.get("host", "ftp.tempostar.net"),
        port=reader.get("port", 21),
        ca_file=reader.get("ca_file", ""),
        tls_verify=reader.get("tls_verify", True),
        timeout_s=reader.get("timeout_s", 15.0),
        tls_session_reuse=reader.get("tls_session_reuse", True),
        netstock_dir=reader.folder("netstock_dir", "/netstock/{shop_code}"),
        order_export_dir=reader.folder("order_export_dir", "/order/export/acc/new"),
        lock_files=reader.one_of("lock_files", ("none", "companion")),
        stock_owner=owner,
        cancelled_codes=frozenset(part.strip() for part in reader.get("cancelled_codes", "900").split(",")),
        look_back_days=reader.get("look_back_days", 30),
    )


def _check_mode(reader: Reader, owner: str) -> None:
    mode = reader.one_of("mode", ("via_tempostar", "publish"))
    if mode == "publish":
        if not reader.get("tempostar_reflection_stopped", False):
            raise reader.wrong(
                "mode", "publish needs tempostar_reflection_stopped = true: else two writers fight"
            )
        raise reader.wrong("mode", "publish is not supported yet; use via_tempostar")
    if owner == "bot" and not reader.get("other_shops_stopped", False):
        raise reader.wrong(
            "other_shops_stopped",
            "set it to true once 在庫反映 and 受注取込 are 停止 in TEMPOSTAR for every shop but RoomClip "
            "(想定在庫数 belongs to the whole TEMPOSTAR account), or set stock_owner = tempostar",
        )


def _set(credentials: Credentials, kind: str) -> Secret:
    value = credentials.get(kind)
    if not value:
        raise AuthError(f"credential {kind} is not set", hint="credential_not_set")
    return value
