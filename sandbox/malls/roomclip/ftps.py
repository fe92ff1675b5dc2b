"""The FTPS server of TEMPOSTAR's area: explicit TLS on both channels, passive, loopback.

Session reuse: every control connection gets a TLS context of its own, and its data connections use
the same one. A context's tickets and sessions are worth nothing in another context, so a
resumed data connection proves that it belongs to this control connection. A client offers the
session of its control socket (``session=self.sock.session`` with Python's ssl). With TLS 1.2
that session exists after the handshake; with TLS 1.3 the tickets come after it and a client
has them once it has read any reply, which it has by the time it opens a data connection, so the
same line works for both.

A transfer that is refused (522, 552) is read to its end and thrown away before the answer, so that a
client finds the answer and not a reset connection.

A held rename: the connection keeps its answer back (``respond`` puts it on the desk), and ``release``
hands it over in the server's own thread. The client waits meanwhile; others are served.
"""

from __future__ import annotations

import errno
import logging
import socket
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from OpenSSL import SSL
from OpenSSL._util import lib as openssl

from sandbox.malls.roomclip.area import Area
from sandbox.malls.roomclip.settings import Faults, Settings

with warnings.catch_warnings():
    # pyftpdlib stands on asyncore, which Python 3.11 marks as going away.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import AuthenticationFailed, DummyAuthorizer
    from pyftpdlib.filesystems import AbstractedFS
    from pyftpdlib.handlers import DTPHandler, FTPHandler, TLS_DTPHandler, TLS_FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

_log = logging.getLogger("pyftpdlib")
_LOOK_S = 0.05
_ACTIVE_MODE = ("PORT", "EPRT")
_CHANGING = frozenset({"STOR", "APPE", "STOU", "DELE", "RNFR", "RNTO", "MKD", "RMD"})


class Desk:
    """What the connections share: the password, the area, the faults, the counts."""

    def __init__(self, area: Area, settings: Settings, faults: Faults) -> None:
        self.area = area
        self.settings = settings
        self.faults = faults
        self.passwords = [settings.password]
        self.logins = {"good": 0, "bad": 0}
        self.held: list[tuple[AreaHandler, str, str]] = []
        self.on_change: Callable[[str, str], None] = lambda _command, _name: None
        self.on_arrival: Callable[[Path], None] = lambda _path: None

    def context(self) -> SSL.Context:
        """Make the TLS context of one control connection and its data connections."""
        pem = str(self.area.world.certificate(expired=self.faults.cert_expired))
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        context.use_certificate_chain_file(pem)
        context.use_privatekey_file(pem)
        context.set_session_id(b"roomclip")
        return context

    def note(self, command: str, argument: str) -> dict[str, Any]:
        """Write a command into the journal; give the line, for its answer."""
        secret = command == "PASS"
        if not (secret and argument in self.passwords):
            self.area.received(f"{command} {argument}".encode())
        at = self.area.world.clock.now().isoformat()
        line = {"at": at, "function": command, "summary": "***" if secret else argument, "reply": ""}
        with self.area.world.lock:
            self.area.journal.append(line)
        return line


class _OneUser(DummyAuthorizer):  # type: ignore[misc]
    """The merchant's FTP user, who may do everything in the area."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        root = str(desk.area.root)
        self.add_user(desk.settings.user, "", root, perm="elradfmwT")

    def validate_authentication(self, username: str, password: str, _handler: object) -> None:
        right = (self._desk.settings.user, self._desk.passwords[-1])
        if self._desk.faults.login_530 or (username, password) != right:
            raise AuthenticationFailed("Login incorrect.")


class _AreaFS(AbstractedFS):  # type: ignore[misc]
    """The tree on disk. Never changes the process's own directory."""

    def chdir(self, path: str) -> None:
        if not Path(path).is_dir():
            raise FileNotFoundError(errno.ENOENT, "No such directory", path)
        self.cwd = self.fs2ftp(path)

    def open(self, filename: str, mode: str) -> Any:
        if mode != "rb":
            self.cmd_channel.desk.area.writing(Path(filename))
        return super().open(filename, mode)


class _Nowhere:
    """Takes the rest of a refused transfer."""

    closed = False

    def __init__(self, name: str) -> None:
        self.name = name

    def write(self, _chunk: bytes) -> None:
        """Throw it away."""

    def close(self) -> None:
        """Nothing is open."""


class AreaData(TLS_DTPHandler):  # type: ignore[misc]
    """A data connection: refuses, meters and cuts."""

    file_obj: Any
    _refusal = ""
    _room: int | None = None

    @property
    def _desk(self) -> Desk:
        desk: Desk = self.cmd_channel.desk
        return desk

    def handle_ssl_established(self) -> None:
        # pyOpenSSL has no public call for this; its binding does.
        resumed = openssl.SSL_session_reused(self.socket._ssl) == 1
        if self._desk.settings.session_reuse_required and not resumed:
            self._refuse("522 SSL connection failed: session reuse required.")

    def _refuse(self, reply: str) -> None:
        self._refusal = reply
        if not self.receive:
            self.close()
        elif self.file_obj is not None:
            self.file_obj.close()
            self.file_obj = _Nowhere(self.file_obj.name)

    def recv(self, buffer_size: int) -> bytes:
        chunk: bytes = super().recv(buffer_size)
        total = self.tot_bytes_received + len(chunk)
        limit = self._desk.faults.cut_after_bytes
        if limit is not None and total >= limit:
            self.ioloop.call_later(0, self.cmd_channel.drop)
            return chunk[: max(0, limit - self.tot_bytes_received)]
        if self._room is None:
            self._room = self._desk.area.room()
        if total > self._room and not self._refusal:
            self._refuse("552 Requested file action aborted: quota exceeded.")
        return chunk

    def send(self, chunk: bytes) -> int:
        limit = self._desk.faults.cut_after_bytes
        if limit is not None and self.tot_bytes_sent >= limit:
            self.ioloop.call_later(0, self.cmd_channel.drop)
            return 0
        sent: int = super().send(chunk if limit is None else chunk[: limit - self.tot_bytes_sent])
        return sent

    def close(self) -> None:
        if self._refusal:
            self._resp = (self._refusal, _log.debug)
            self.transfer_finished = False
        super().close()

    def drop(self) -> None:
        """Close without TLS's farewell and without an answer."""
        DTPHandler.close(self)


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
    _line: dict[str, Any] | None = None
    _withheld = ""

    @property
    def desk(self) -> Desk:
        """What all connections share."""
        desk: Desk = self.server.desk
        return desk

    def __init__(self, conn: socket.socket, server: FTPServer, ioloop: IOLoop | None = None) -> None:
        super().__init__(conn, server, ioloop)
        self.authorizer = _OneUser(server.desk)
        self.ssl_context = server.desk.context()

    @classmethod
    def get_ssl_context(cls) -> None:
        """There is none for all connections: each has its own."""

    def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
        # Under the lock, so that TEMPOSTAR and RoomClip never meet a file half way to its place.
        with self.desk.area.world.lock:
            self._line = self.desk.note(cmd, arg)
            if cmd in ("USER", "PASS") and not self._ssl_established:
                self.desk.area.violate("log-in without TLS", cmd)
            if cmd in _CHANGING and self.authenticated:
                self.desk.on_change(cmd, self.fs.ftpnorm(arg))
            super().pre_process_command(line, cmd, arg)

    def respond(self, resp: str, logfun: Callable[..., None] = _log.debug) -> None:
        if self._line is not None:
            self._line["reply"] = resp[:3]
        if self._withheld:
            self.desk.held.append((self, self._withheld, resp))
            self._withheld = ""
        else:
            super().respond(resp, logfun)

    def ftp_AUTH(self, line: str) -> None:  # noqa: N802
        if self.desk.faults.tls_refused:
            self.respond("534 TLS is not available.")
        else:
            super().ftp_AUTH(line)

    def ftp_STOR(self, file: str, mode: str = "w") -> None:  # noqa: N802
        if self.desk.faults.quota_full or self.desk.area.room() <= 0:
            self.respond("552 Requested file action aborted: quota exceeded.")
        else:
            super().ftp_STOR(file, mode)

    def ftp_RNTO(self, path: str) -> None:  # noqa: N802
        name = self.fs.fs2ftp(path)
        if self.desk.faults.hold and self._rnfr and not name.endswith(".tmp"):
            self.desk.faults.hold = False
            self._withheld = name
        done = super().ftp_RNTO(path)
        if done:
            self.desk.area.moved(Path(done[0]), Path(path))
            self.desk.on_arrival(Path(path))

    def on_login(self, _username: str) -> None:
        self.desk.logins["good"] += 1

    def on_login_failed(self, _username: str, _password: str) -> None:
        self.desk.logins["bad"] += 1

    def on_file_received(self, file: str) -> None:
        with self.desk.area.world.lock:
            self.on_incomplete_file_received(file)
            self.desk.on_arrival(Path(file))

    def on_incomplete_file_received(self, file: str) -> None:
        path = Path(file)
        with self.desk.area.world.lock:
            self.desk.area.received(path.read_bytes() if path.exists() else b"")
            self.desk.area.written(path)

    def drop(self) -> None:
        """Cut both connections as a broken line does."""
        if not self._closed:
            if self.data_channel is not None:
                self.data_channel.drop()
            FTPHandler.close(self)


class FtpsServer:
    """Serves the area on a free loopback port, in a thread of its own."""

    def __init__(self, desk: Desk) -> None:
        # pyftpdlib sets up logging to stderr unless it finds a handler.
        _log.addHandler(logging.NullHandler())
        self._ioloop = IOLoop()
        self._server = FTPServer(("127.0.0.1", 0), AreaHandler, ioloop=self._ioloop)
        self._server.desk = desk
        self._desk = desk
        self._asked: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="roomclip-ftps", daemon=True)
        self.port: int = self._server.address[1]

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Drop every connection and close the port."""
        self._stop.set()
        self._thread.join(5)

    def release(self) -> None:
        """Let the held answers go; they leave from the server's own thread."""
        self._asked.put(self._release)

    def _release(self) -> None:
        waiting, self._desk.held = self._desk.held, []
        for handler, _name, reply in waiting:
            if not handler._closed:
                handler.respond(reply)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._ioloop.loop(timeout=_LOOK_S, blocking=False)
            self._do_asked()
        for channel in list(self._ioloop.socket_map.values()):
            getattr(channel, "drop", channel.close)()
        self._ioloop.close()

    def _do_asked(self) -> None:
        while True:
            try:
                self._asked.get_nowait()()
            except Empty:
                return
