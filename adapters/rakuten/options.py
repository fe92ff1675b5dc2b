"""The settings of a shop that is reached by CSV files, checked before anything is opened."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.contract import Credentials, ShopSettings
from adapters.errors import AuthError
from adapters.options import wrong
from adapters.sftp import SftpArea


@dataclass(frozen=True)
class UploadOptions:
    """What the operator chose for the CSV route; README.md tells what for."""

    host: str
    port: int
    folder: str
    host_key: str
    known_hosts_file: str
    legacy_ssh: bool
    timeout_s: float
    no_log_s: float

    def area(self, credentials: Credentials) -> SftpArea:
        """Give the file area that these settings and credentials lead to.

        Raises:
            AuthError: a credential was never set.
        """
        user, password = credentials.get("sftp_user"), credentials.get("sftp_password")
        if not user or not password:
            raise AuthError("sftp_user or sftp_password is not set", hint="credential_missing")
        return SftpArea(
            host=self.host,
            port=self.port,
            user=user.reveal(),
            password=password,
            host_key=self.host_key,
            known_hosts_file=self.known_hosts_file,
            legacy=self.legacy_ssh,
            timeout_s=self.timeout_s,
        )


def transport_of(settings: ShopSettings) -> str:
    """Give the way to the shop: ``api`` or ``csv``.

    Raises:
        ConfigError: it is neither.
    """
    chosen = str(settings.options.get("transport", "api"))
    if chosen not in ("api", "csv"):
        raise wrong(settings, "transport", "must be api or csv")
    return chosen


def upload_options(settings: ShopSettings) -> UploadOptions:
    """Read the options of the CSV route."""
    options = settings.options
    return UploadOptions(
        host=str(options.get("sftp_host", "upload.rakuten.ne.jp")),
        port=int(options.get("sftp_port", 22)),
        folder=str(options.get("sftp_dir", "/ritem")).rstrip("/"),
        host_key=str(options.get("host_key", "")),
        known_hosts_file=str(options.get("known_hosts_file", "")),
        legacy_ssh=bool(options.get("legacy_ssh", False)),
        timeout_s=float(options.get("timeout_s", 30)),
        no_log_s=float(options.get("no_log_s", 600)),
    )
