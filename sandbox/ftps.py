"""An FTPS server for a mall's part: explicit TLS on both channels, passive, loopback, one user.

A mall subclasses ``Site``: what it overrides is what it wants to know, and what it lets go wrong.

Session reuse: every control connection gets a TLS context of its own, and its data connections use
the same one. A context's tickets and sessions are worth nothing in another context, so a
resumed data connection proves that it belongs to this control connection. A client offers the
session of its control socket (``session=self.sock.session`` with Python's ssl). With TLS 1.2
that session exists after the handshake; with TLS 1.3 the tickets come after it and a client
has them once it has read any reply, which it has by the time it opens a data connection, so the
same line works for both.

A transfer that is refused (522, 552) is read to its end and thrown away before the answer, so that a
client finds the answer and not a reset connection.

A held answer: the connection keeps it back (``respond`` puts it on the site), and ``release``
hands it over in the server's own thread. The client waits meanwhile; others are served.
"""

from __future__ import annotations

import errno
import logging
import math
import socket
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Literal

from OpenSSL import SSL
from OpenSSL._util import lib as openssl

from sandbox.world import World

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


@dataclass(frozen=True)
class Accident:
    """What befalls one command.

    Args:
        kind: ``refuse`` answers ``reply`` and does nothing; ``cut_before`` closes, nothing done;
            ``drop`` closes when ``after_bytes`` of a transfer have passed; ``cut_after`` does it
            and closes without the answer; ``hold`` and ``slow`` do it, and the answer waits.
    """

    kind: Literal["refuse", "cut_before", "drop", "cut_after", "hold", "slow"]
    reply: str = ""
    after_bytes: int = 0
    seconds: float = 0.0


class Site:
    """What the connections of one server share; hooks but ``room`` run under the sandbox's lock.

    Args:
        root: the folder that the user sees as ``/``.
    """

    session_reuse_required = True
    text_keeps_crlf = False

    def __init__(self, world: World, root: Path, user: str, password: str) -> None:
        self.world = world
        self.root = root
        self.user = user
        self.passwords = [password]
        self.logins = {"good": 0, "bad": 0}
        self.connections = 0
        self.journal: list[dict[str, Any]] = []
        self.held: list[tuple[Connection, str, str]] = []

    # ------------------------------------------------------------------ what goes wrong

    def accident(self, _command: str, _name: str) -> Accident | None:
        """Give what befalls this command; ``CONNECT`` is a client that has just come."""
        return None

    def certificate_expired(self) -> bool:
        """Say whether the server shows an expired certificate."""
        return False

    def login_refused(self) -> bool:
        """Say whether even the right password is refused."""
        return False

    def room(self) -> float:
        """Give the bytes that still fit."""
        return math.inf

    # ------------------------------------------------------------------ what happens

    def received(self, content: bytes) -> None:
        """Hear what a client sent: a command, or a file."""

    def violate(self, what: str, name: str) -> None:
        """Hear that a client did what no right client does."""

    def asked(self, command: str, name: str) -> None:
        """Hear of a command of a logged-in client, before it is done; ``name`` is a path in the tree."""

    def writing(self, path: Path) -> None:
        """Hear that a file is being written."""

    def written(self, path: Path, *, whole: bool) -> None:
        """Hear that the writing of a file ended; ``whole`` as far as the server can tell."""

    def moved(self, source: Path, target: Path) -> None:
        """Hear of a rename."""

    def fetched(self, path: Path) -> None:
        """Hear that a client has read a file to its end."""

    # ------------------------------------------------------------------ for the connections

    def context(self) -> SSL.Context:
        """Make the TLS context of one control connection and its data connections."""
        pem = str(self.world.certificate(expired=self.certificate_expired()))
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        context.use_certificate_chain_file(pem)
        context.use_privatekey_file(pem)
        context.set_session_id(b"tanaban-sandbox")
        return context

    def note(self, command: str, argument: str) -> dict[str, Any]:
        """Write a command into the journal; give the line, for its answer."""
        secret = command == "PASS"
        if not (secret and argument in self.passwords):
            self.received(f"{command} {argument}".encode())
        at = self.world.clock.now().isoformat()
        line = {"at": at, "function": command, "summary": "***" if secret else argument, "reply": ""}
        self.journal.append(line)
        return line


class _OneUser(DummyAuthorizer):  # type: ignore[misc]
    """The merchant's FTP user, who may do everything in the tree."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self._site = site
        self.add_user(site.user, "", str(site.root), perm="elradfmwT")

    def validate_authentication(self, username: str, password: str, _handler: object) -> None:
        right = (self._site.user, self._site.passwords[-1])
        if self._site.login_refused() or (username, password) != right:
            raise AuthenticationFailed("Login incorrect.")


class _Tree(AbstractedFS):  # type: ignore[misc]
    """The tree on disk. Never changes the process's own directory."""

    def chdir(self, path: str) -> None:
        if not Path(path).is_dir():
            raise FileNotFoundError(errno.ENOENT, "No such directory", path)
        self.cwd = self.fs2ftp(path)

    def open(self, filename: str, mode: str) -> Any:
        if mode != "rb":
            self.cmd_channel.site.writing(Path(filename))
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


class DataConnection(TLS_DTPHandler):  # type: ignore[misc]
    """A data connection: refuses, meters and cuts."""

    file_obj: Any
    _refusal = ""
    _room: float | None = None

    @property
    def _site(self) -> Site:
        site: Site = self.cmd_channel.site
        return site

    def handle_ssl_established(self) -> None:
        # pyOpenSSL has no public call for this; its binding does.
        resumed = openssl.SSL_session_reused(self.socket._ssl) == 1
        if self._site.session_reuse_required and not resumed:
            self._refuse("522 SSL connection failed: session reuse required.")

    def _refuse(self, reply: str) -> None:
        self._refusal = reply
        if not self.receive:
            self.close()
        elif self.file_obj is not None:
            self.file_obj.close()
            self.file_obj = _Nowhere(self.file_obj.name)

    def push(self, data: bytes) -> None:
        # Sending nothing before the handshake is done would end the connection: an empty NLST.
        if data:
            super().push(data)
        else:
            self._initialized = True
            self.modify_ioloop_events(self.ioloop.WRITE)
            self._wanted_io_events = self.ioloop.WRITE

    def _posix_ascii_data_wrapper(self, chunk: bytes) -> bytes:
        if self._site.text_keeps_crlf:
            return chunk
        wrapped: bytes = super()._posix_ascii_data_wrapper(chunk)
        return wrapped

    def recv(self, buffer_size: int) -> bytes:
        chunk: bytes = super().recv(buffer_size)
        total = self.tot_bytes_received + len(chunk)
        limit = self.cmd_channel.cut_after_bytes
        if limit is not None and total >= limit:
            self.ioloop.call_later(0, self.cmd_channel.drop)
            return chunk[: max(0, limit - self.tot_bytes_received)]
        if self._room is None:
            self._room = self._site.room()
        if total > self._room and not self._refusal:
            self._refuse("552 Requested file action aborted: quota exceeded.")
        return chunk

    def send(self, chunk: bytes) -> int:
        limit = self.cmd_channel.cut_after_bytes
        if limit is not None and self.tot_bytes_sent >= limit:
            self.ioloop.call_later(0, self.cmd_channel.drop)
            return 0
        sent: int = super().send(chunk if limit is None else chunk[: limit - self.tot_bytes_sent])
        return sent

    def close(self) -> None:
        # The answer leaves before the mall is told of the file, so both under the lock.
        with self._site.world.lock:
            if self._refusal:
                self._resp = (self._refusal, _log.debug)
                self.transfer_finished = False
            super().close()

    def drop(self) -> None:
        """Close without TLS's farewell and without an answer."""
        with self._site.world.lock:
            DTPHandler.close(self)


class Connection(TLS_FTPHandler):  # type: ignore[misc]
    """A control connection."""

    banner = "ready."
    dtp_handler = DataConnection
    abstracted_fs = _Tree
    proto_cmds = {name: how for name, how in TLS_FTPHandler.proto_cmds.items() if name not in _ACTIVE_MODE}
    tls_control_required = True
    tls_data_required = True
    auth_failed_timeout = 0
    use_sendfile = False
    _line: dict[str, Any] | None = None
    _accident: Accident | None = None
    _what = ""

    @property
    def cut_after_bytes(self) -> int | None:
        """The bytes after which the transfer is cut."""
        accident = self._accident
        return accident.after_bytes if accident is not None and accident.kind == "drop" else None

    @property
    def site(self) -> Site:
        """What all connections share."""
        site: Site = self.server.site
        return site

    def __init__(self, conn: socket.socket, server: FTPServer, ioloop: IOLoop | None = None) -> None:
        super().__init__(conn, server, ioloop)
        self.authorizer = _OneUser(server.site)
        self.ssl_context = server.site.context()

    @classmethod
    def get_ssl_context(cls) -> None:
        """There is none for all connections: each has its own."""

    def handle(self) -> None:
        with self.site.world.lock:
            self.site.connections += 1
            accident = self.site.accident("CONNECT", "")
        if accident is not None and accident.kind == "refuse":
            self.respond(accident.reply)
            self.close_when_done()
        elif accident is not None and accident.kind == "cut_before":
            self.ioloop.call_later(0, self.drop)
        else:
            super().handle()

    def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
        # Under the lock, so that the mall never meets a file half way to its place.
        with self.site.world.lock:
            self._line = self.site.note(cmd, arg)
            if cmd in ("USER", "PASS") and not self._ssl_established:
                self.site.violate("log-in without TLS", cmd)
            name = self.fs.ftpnorm(arg) if self.authenticated else ""
            self._what = f"{cmd} {name}".strip()
            self._accident = self.site.accident(cmd, name)
            if self._spoiled():
                return
            if self.authenticated:
                self.site.asked(cmd, name)
            super().pre_process_command(line, cmd, arg)

    def _spoiled(self) -> bool:
        """Answer a refused command, or cut the connection; tell whether that was all."""
        accident = self._accident
        if accident is None or accident.kind not in ("refuse", "cut_before"):
            return False
        self._accident = None
        if accident.kind == "refuse":
            self.respond(accident.reply)
        else:
            self.ioloop.call_later(0, self.drop)
        return True

    def respond(self, resp: str, logfun: Callable[..., None] = _log.debug) -> None:
        if self._line is not None:
            self._line["reply"] = resp[:3]
        accident = None if resp.startswith("1") else self._accident
        if accident is None or accident.kind == "drop":
            super().respond(resp, logfun)
            return
        self._accident = None
        if accident.kind == "cut_after":
            self.ioloop.call_later(0, self.drop)
        elif accident.kind == "slow":
            self.ioloop.call_later(accident.seconds, partial(self.answer, resp))
        else:
            self.site.held.append((self, self._what, resp))

    def answer(self, reply: str) -> None:
        """Send an answer that was kept back, if the client is still there."""
        if not self._closed:
            super().respond(reply, _log.debug)

    def ftp_RNTO(self, path: str) -> None:  # noqa: N802
        done = super().ftp_RNTO(path)
        if done:
            self.site.moved(Path(done[0]), Path(path))

    def on_login(self, _username: str) -> None:
        self.site.logins["good"] += 1

    def on_login_failed(self, _username: str, _password: str) -> None:
        self.site.logins["bad"] += 1

    def on_file_received(self, file: str) -> None:
        self._tell_written(Path(file), whole=True)

    def on_incomplete_file_received(self, file: str) -> None:
        self._tell_written(Path(file), whole=False)

    def _tell_written(self, path: Path, *, whole: bool) -> None:
        with self.site.world.lock:
            self.site.received(path.read_bytes() if path.exists() else b"")
            self.site.written(path, whole=whole)

    def on_file_sent(self, file: str) -> None:
        with self.site.world.lock:
            self.site.fetched(Path(file))

    def drop(self) -> None:
        """Cut both connections as a broken line does."""
        if not self._closed:
            if self.data_channel is not None:
                self.data_channel.drop()
            FTPHandler.close(self)


class FtpsServer:
    """Serves a site on a free loopback port, in a thread of its own."""

    def __init__(self, site: Site, name: str) -> None:
        # pyftpdlib sets up logging to stderr unless it finds a handler.
        _log.addHandler(logging.NullHandler())
        self._ioloop = IOLoop()
        self._server = FTPServer(("127.0.0.1", 0), Connection, ioloop=self._ioloop)
        self._server.site = site
        self._site = site
        self._asked: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
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
        with self._site.world.lock:
            waiting, self._site.held = self._site.held, []
        for connection, _what, reply in waiting:
            connection.answer(reply)

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
