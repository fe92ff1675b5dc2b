"""The FTP server of the upload area: explicit TLS on both channels, passive, loopback (spec 5.4).

A log-in without TLS is refused, and noted as a violation.
"""

from __future__ import annotations

import errno
import logging
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from OpenSSL import SSL

from sandbox.malls.futureshop.faults import Faults
from sandbox.malls.futureshop.log import Entry, Log
from sandbox.malls.futureshop.uploads import Uploads
from sandbox.world import World

with warnings.catch_warnings():
    # pyftpdlib stands on asyncore, which Python 3.11 marks as going away.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import AuthenticationFailed, DummyAuthorizer
    from pyftpdlib.filesystems import AbstractedFS
    from pyftpdlib.handlers import TLS_DTPHandler, TLS_FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

_log = logging.getLogger("pyftpdlib")
_LOOK_S = 0.05
_ACTIVE_MODE = ("PORT", "EPRT")


class Desk:
    """What the connections share: the area, the password, the faults, the log."""

    def __init__(self, world: World, uploads: Uploads, faults: Faults, log: Log) -> None:
        self.world = world
        self.uploads = uploads
        self.faults = faults
        self.log = log
        self.user = "sandboxshop"
        self.passwords = ["fake-ftp-password-1"]
        self.logins = {"good": 0, "bad": 0}

    def context(self) -> SSL.Context:
        """Make the TLS context of a connection."""
        pem = str(self.world.certificate())
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        context.use_certificate_chain_file(pem)
        context.use_privatekey_file(pem)
        return context

    def note(self, command: str, argument: str) -> Entry:
        """Write a command into the journal; the shop's own password is nobody's secret here."""
        if not (command == "PASS" and argument in self.passwords):
            self.log.hear(f"{command} {argument}")
        return self.log.note("ftp", command, "***" if command == "PASS" else argument)


class _OneUser(DummyAuthorizer):  # type: ignore[misc]
    """The shop's FTP user, who may do everything in the area."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.add_user(desk.user, "", str(desk.uploads.root), perm="elradfmwT")

    def validate_authentication(self, username: str, password: str, _handler: object) -> None:
        wrong = (username, password) != (self._desk.user, self._desk.passwords[-1])
        with self._desk.world.lock:
            planted = self._desk.faults.take(("login_530",), "ftp")
        if planted or wrong:
            raise AuthenticationFailed("Login incorrect.")


class _AreaFS(AbstractedFS):  # type: ignore[misc]
    """The tree on disk. Never changes the process's own directory."""

    def chdir(self, path: str) -> None:
        if not Path(path).is_dir():
            raise FileNotFoundError(errno.ENOENT, "No such directory", path)
        self.cwd = self.fs2ftp(path)


class AreaData(TLS_DTPHandler):  # type: ignore[misc]
    """A data connection. The answer to a transfer leaves before it is noted, so both under the lock."""

    def push(self, data: bytes) -> None:
        # Sending nothing before the handshake is done would end the connection: an empty NLST.
        if data:
            super().push(data)
        else:
            self._initialized = True
            self.modify_ioloop_events(self.ioloop.WRITE)
            self._wanted_io_events = self.ioloop.WRITE

    def close(self) -> None:
        with self.cmd_channel.desk.world.lock:
            self.cmd_channel.note_time()
            super().close()


class AreaHandler(TLS_FTPHandler):  # type: ignore[misc]
    """A control connection."""

    banner = "ready."
    dtp_handler = AreaData
    abstracted_fs = _AreaFS
    proto_cmds = {name: how for name, how in TLS_FTPHandler.proto_cmds.items() if name not in _ACTIVE_MODE}
    tls_control_required = True
    tls_data_required = True
    auth_failed_timeout = 0
    use_sendfile = False
    _entry: Entry | None = None
    _since_s = 0.0

    @property
    def desk(self) -> Desk:
        """What all connections share."""
        desk: Desk = self.server.desk
        return desk

    def __init__(self, conn: Any, server: FTPServer, ioloop: IOLoop | None = None) -> None:
        super().__init__(conn, server, ioloop)
        self.authorizer = _OneUser(server.desk)
        self.ssl_context = server.desk.context()

    @classmethod
    def get_ssl_context(cls) -> None:
        """There is none for all connections: each has its own."""

    def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
        with self.desk.world.lock:
            self.desk.uploads.take_up()
            self._entry = self.desk.note(cmd, arg)
            if cmd in ("USER", "PASS") and not self._ssl_established:
                self.desk.log.violate(self._entry, "log-in without TLS")
            super().pre_process_command(line, cmd, arg)

    def respond(self, resp: str, logfun: Callable[..., None] = _log.debug) -> None:
        if self._entry is not None:
            self._entry.status = int(resp[:3])
        super().respond(resp, logfun)

    def ftp_AUTH(self, line: str) -> None:  # noqa: N802
        if self.desk.faults.take(("tls_refused",), "ftp"):
            self.respond("534 TLS is not available.")
        else:
            super().ftp_AUTH(line)

    def ftp_STOR(self, file: str, mode: str = "w") -> None:  # noqa: N802
        self._check_written(Path(file))
        super().ftp_STOR(file, mode)

    def ftp_RNTO(self, path: str) -> None:  # noqa: N802
        if path.endswith(".csv") and Path(path).exists():
            self._violate("replaced a file that was not taken yet")
        self.note_time()
        if super().ftp_RNTO(path):
            self._land(Path(path))

    def note_time(self) -> None:
        """Remember when a file arrives: a client that has its answer may move the clock."""
        self._since_s = self.desk.world.clock.seconds()

    def _check_written(self, path: Path) -> None:
        if path.suffix == ".csv":
            self._violate("written under its final name")

    def _violate(self, what: str) -> None:
        if self._entry is not None:
            self.desk.log.violate(self._entry, what)

    def _land(self, path: Path) -> None:
        self.desk.uploads.landed(path, self._since_s)
        self.desk.world.notify()

    def on_login(self, _username: str) -> None:
        self.desk.logins["good"] += 1

    def on_login_failed(self, _username: str, _password: str) -> None:
        self.desk.logins["bad"] += 1

    def on_file_received(self, file: str) -> None:
        self.desk.log.hear(Path(file).read_bytes().decode("cp932", "replace"))
        self._land(Path(file))

    def drop(self) -> None:
        """Close both connections."""
        if not self._closed:
            if self.data_channel is not None:
                self.data_channel.close()
            self.close()


class FtpsServer:
    """Serves the area on a free loopback port, in a thread of its own."""

    def __init__(self, desk: Desk) -> None:
        # pyftpdlib sets up logging to stderr unless it finds a handler.
        _log.addHandler(logging.NullHandler())
        self._ioloop = IOLoop()
        self._server = FTPServer(("127.0.0.1", 0), AreaHandler, ioloop=self._ioloop)
        self._server.desk = desk
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="futureshop-ftps", daemon=True)
        self.port: int = self._server.address[1]

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Drop every connection and close the port."""
        self._stop.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._ioloop.loop(timeout=_LOOK_S, blocking=False)
        for channel in list(self._ioloop.socket_map.values()):
            getattr(channel, "drop", channel.close)()
        self._ioloop.close()
