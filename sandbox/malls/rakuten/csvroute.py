"""The shop's way in by CSV file over SFTP: account, host key, folders and queue together (spec 5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sandbox.malls.common.log import Log
from sandbox.malls.rakuten.faults import Faults
from sandbox.malls.rakuten.folders import USER, Site
from sandbox.malls.rakuten.goods import Goods
from sandbox.malls.rakuten.passwords import Passwords
from sandbox.malls.rakuten.settings import Settings
from sandbox.malls.rakuten.sftp import SftpServer, new_key
from sandbox.malls.rakuten.stock import Stock
from sandbox.malls.rakuten.uploads import Uploads
from sandbox.malls.rakuten.wire import jst
from sandbox.world import World


class CsvRoute:
    """What a shop with 商品一括編集機能 has besides its API."""

    def __init__(
        self, world: World, goods: Goods, stock: Stock, faults: Faults, settings: Settings, log: Log
    ) -> None:
        self._world = world
        self._settings = settings
        self._passwords = Passwords(settings)
        self._passwords.change(world.clock.now(), activation_s=0)
        self.uploads = Uploads(world, goods, stock, faults, settings, log)
        self._site = Site(world, self.uploads, self._passwords, faults, log, settings, new_key())
        self._server: SftpServer | None = None

    def start(self) -> None:
        """Open the port."""
        self._server = SftpServer(self._site)
        self._server.start()

    def stop(self) -> None:
        """Close the port."""
        if self._server is not None:
            self._server.stop()

    def addresses(self) -> dict[str, Any]:
        """Give what an operator enters: the account as it is now, and the host key to trust."""
        return {
            "sftp_host": "127.0.0.1",
            "sftp_port": self._server.port if self._server else 0,
            "sftp_user": USER,
            "sftp_password": self._passwords.newest.value,
            "sftp_host_key": self.host_key_line(),
        }

    def host_key_line(self) -> str:
        """Give the host key as a line of ``known_hosts``; empty before the start."""
        return self._server.host_key_line() if self._server else ""

    def change_host_key(self) -> str:
        """Show another host key from the next connection on."""
        self._site.key = new_key()
        return self.host_key_line()

    def change_password(self, activation_s: float | None) -> dict[str, str]:
        """Set a new password at the RMS screen."""
        wait = self._settings.sftp_activation_s if activation_s is None else float(activation_s)
        password = self._passwords.change(self._world.clock.now(), wait)
        return {
            "password": password.value,
            "live_at": password.live_at.isoformat(),
            "expires_at": password.expires_at.isoformat(),
        }

    def expire_password(self, now: datetime) -> None:
        """Let every password set so far end now."""
        self._passwords.expire(now)

    def logins(self) -> dict[str, int]:
        """Say how often a login was let in and refused."""
        return dict(self._site.logins)

    def notes(self) -> list[str]:
        """Give what the sandbox's page tells of the route."""
        waiting = len(list(self.uploads.batch.iterdir()))
        logs = len(list(self.uploads.logs.iterdir()))
        end = jst(self._passwords.newest.expires_at)[:10]
        return [
            f"SFTPパスワード: {end} まで",
            f"CSV: 取込待ち {waiting}件、処理中 {self.uploads.working()}件、エラーログ {logs}件",
        ]
