"""A small SFTP server of paramiko's, whose behaviour a test changes."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha1
from pathlib import Path
from typing import Any

import paramiko
from cryptography.hazmat.primitives.hashes import SHA1
from paramiko.kex_group14 import KexGroup14SHA256

from adapters.secret import Secret
from adapters.sftp import SftpArea

USER, PASSWORD = "merchant", "Made-up1"
CHUNK = 32768  # what a client sends at once


class OldKey(paramiko.RSAKey):
    HASHES = {**paramiko.RSAKey.HASHES, "ssh-rsa": SHA1}


class OldKex(KexGroup14SHA256):
    name = "diffie-hellman-group14-sha1"
    hash_algo = sha1


class OldTransport(paramiko.Transport):
    """A server of another age: RSA keys sign with SHA-1, and so does the key exchange."""

    _preferred_keys = ("ssh-rsa",)
    _key_info = {"ssh-rsa": OldKey}
    _preferred_kex = ("diffie-hellman-group14-sha1",)
    _kex_info = {"diffie-hellman-group14-sha1": OldKex}


@cache
def rsa_key() -> OldKey:
    return OldKey(key=paramiko.RSAKey.generate(2048).key)


@cache
def ecdsa_key(number: int = 0) -> paramiko.ECDSAKey:
    return paramiko.ECDSAKey.generate()


class Handle(paramiko.SFTPHandle):
    """An open file; the first write notes whether the next one was sent without waiting for its answer."""

    session: Session

    def write(self, offset: int, data: bytes) -> int:
        (channel,) = self.session.transport._channels.values()
        deadline = time.monotonic() + (2 if offset == 0 and len(data) >= CHUNK else 0)
        while not channel.recv_ready() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.session.server.ahead.append(channel.recv_ready())
        return super().write(offset, data)

    def read(self, offset: int, length: int) -> Any:
        hook = self.session.server.hooks.get("read")
        given = hook(self.session, offset) if hook else None
        return super().read(offset, length) if given is None else given


class Disk(paramiko.SFTPServerInterface):
    """The files of a server, whose behaviour a test changes through ``server.hooks``."""

    def __init__(self, session: Session, *_more: Any) -> None:
        super().__init__(session)
        self.session = session

    def _real(self, path: str) -> Path:
        return self.session.server.root / path.lstrip("/")

    def _hook(self, name: str, *arguments: Any) -> Any:
        self.session.server.calls.append((name, *arguments))
        hook = self.session.server.hooks.get(name)
        return hook(self.session, *arguments) if hook else None

    def list_folder(self, path: str) -> Any:
        if (given := self._hook("list", path)) is not None:
            return given
        try:
            return [
                paramiko.SFTPAttributes.from_stat(each.stat(), each.name)
                for each in self._real(path).iterdir()
            ]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def stat(self, path: str) -> Any:
        if (given := self._hook("stat", path)) is not None:
            return given
        try:
            return paramiko.SFTPAttributes.from_stat(self._real(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def open(self, path: str, flags: int, attr: Any) -> Any:
        if (given := self._hook("open", path)) is not None:
            return given
        handle = Handle(flags)
        handle.session = self.session
        try:
            opened = os.fdopen(os.open(self._real(path), flags, 0o600), "wb" if flags & os.O_WRONLY else "rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        handle.readfile = handle.writefile = opened
        return handle

    def remove(self, path: str) -> int:
        self._real(path).unlink(missing_ok=True)
        return paramiko.SFTP_OK

    def rename(self, oldpath: str, newpath: str) -> int:
        if (given := self._hook("rename", oldpath, newpath)) is not None:
            return given
        if self._real(newpath).exists():
            return paramiko.SFTP_FAILURE
        self._real(oldpath).rename(self._real(newpath))
        return paramiko.SFTP_OK


class Session(paramiko.ServerInterface):
    """One connection."""

    def __init__(self, server: Server, transport: paramiko.Transport) -> None:
        self.server, self.transport = server, transport

    def get_allowed_auths(self, username: str) -> str:
        return self.server.methods

    def check_auth_password(self, username: str, password: str) -> int:
        return self._judge(username, password)

    def check_auth_interactive(self, username: str, submethods: str) -> Any:
        self.username = username
        return paramiko.InteractiveQuery("", "", *[("Password: ", False)] * 2)

    def check_auth_interactive_response(self, responses: Sequence[str]) -> int:
        return self._judge(self.username, responses[0])

    def _judge(self, username: str, password: str) -> int:
        self.server.passwords.append(password)
        if self.server.log_in:
            self.server.log_in(self)
        good = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return self.server.channels

    def check_channel_subsystem_request(self, channel: paramiko.Channel, name: str) -> bool:
        self.server.opening.wait(5)
        return super().check_channel_subsystem_request(channel, name)


class Server:
    """An SFTP server on loopback; ``passwords`` is every one that it was sent."""

    def __init__(
        self, root: Path, *keys: paramiko.PKey, make: type[paramiko.Transport] = paramiko.Transport
    ) -> None:
        self.root = root
        self.keys = keys or (ecdsa_key(),)
        self.make = make
        self.methods = "password"
        self.channels = paramiko.OPEN_SUCCEEDED
        self.opening = threading.Event()
        self.opening.set()
        self.log_in: Callable[[Session], None] | None = None
        self.hooks: dict[str, Callable[..., Any]] = {}
        self.passwords: list[str] = []
        self.ahead: list[bool] = []
        self.calls: list[tuple[str, ...]] = []
        (root / "batch").mkdir()
        self._transports: list[paramiko.Transport] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            plain, _ = self._listener.accept()
            if self.port == 0:
                plain.close()
                return
            transport = self.make(plain)
            transport.set_log_channel("paramiko.quiet")
            for key in self.keys:
                transport.add_server_key(key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Disk)
            self._transports.append(transport)
            with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
                transport.start_server(event=threading.Event(), server=Session(self, transport))

    def names(self) -> list[str]:
        return sorted(path.name for path in (self.root / "batch").iterdir())

    def line(self, key: paramiko.PKey | None = None, host: str = "") -> str:
        key = key or self.keys[0]
        return f"{host or f'[127.0.0.1]:{self.port}'} {key.get_name()} {key.get_base64()}"

    def area(self, **changes: Any) -> SftpArea:
        chosen = {
            "host": "127.0.0.1",
            "port": self.port,
            "user": USER,
            "password": Secret(PASSWORD),
            "host_key": self.line(),
            "timeout_s": 5,
        }
        return SftpArea(**{**chosen, **changes})

    def stop(self) -> None:
        port, self.port = self.port, 0
        socket.create_connection(("127.0.0.1", port)).close()
        self._thread.join(5)
        self._listener.close()
        for transport in self._transports:
            transport.close()
            transport.sock.close()
            transport.join(5)
