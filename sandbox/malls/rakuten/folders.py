"""What one SFTP login sees, and what it may do (spec 5.1)."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import paramiko
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)
from paramiko.sftp import (
    SFTP_FAILURE,
    SFTP_NO_SUCH_FILE,
    SFTP_OK,
    SFTP_OP_UNSUPPORTED,
    SFTP_PERMISSION_DENIED,
)

from sandbox.malls.common.log import Entry, Log
from sandbox.malls.rakuten.faults import Faults
from sandbox.malls.rakuten.passwords import Passwords
from sandbox.malls.rakuten.settings import Settings
from sandbox.malls.rakuten.uploads import Uploads
from sandbox.world import World

USER = "sandboxshop"
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
ANSWERS = {
    SFTP_OK: "ok",
    SFTP_NO_SUCH_FILE: "no such file",
    SFTP_PERMISSION_DENIED: "permission denied",
    SFTP_OP_UNSUPPORTED: "unsupported",
}
CUT_BEFORE = ("READ", "WRITE")
CUT_AFTER = ("READ", "RENAME")

Given = TypeVar("Given")


@dataclass
class Site:
    """What all connections share."""

    world: World
    uploads: Uploads
    passwords: Passwords
    faults: Faults
    log: Log
    settings: Settings
    key: RSAPrivateKey
    logins: dict[str, int] = field(default_factory=lambda: {"good": 0, "bad": 0})


class Door(paramiko.ServerInterface):
    """Lets the shop's user in, for SFTP and nothing else."""

    def __init__(self, site: Site, client: socket.socket) -> None:
        self.site = site
        self._client = client

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        site = self.site
        with site.world.lock:
            entry = site.log.note("sftp", "LOGIN", username)
            site.log.hear(username)
            if not site.passwords.knows(password):
                site.log.hear(password)
            good = username == USER and site.passwords.opens(password, site.world.clock.now())
            entry.status = "ok" if good else "refused"
            site.logins["good" if good else "bad"] += 1
            site.world.notify()
        return AUTH_SUCCESSFUL if good else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def cut(self) -> None:
        """Cut the line."""
        with contextlib.suppress(OSError):
            self._client.shutdown(socket.SHUT_RDWR)


class _File(paramiko.SFTPHandle):
    """An open file; ``cut_at`` is the number of written bytes after which the line is cut."""

    def __init__(self, door: Door, path: Path, flags: int, entry: Entry) -> None:
        super().__init__(flags)
        self._door = door
        self._path = path
        self._entry = entry
        self._heard: list[bytes] = []
        self.readfile = self.writefile = self._open(flags)
        self.cut_at: int | None = None

    def _open(self, flags: int) -> Any:
        if self._path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "a folder")
        mode = "ab" if flags & os.O_APPEND else "r+b" if flags & os.O_RDWR else "wb"
        return os.fdopen(os.open(self._path, flags, 0o600), mode if flags & WRITES else "rb")

    def write(self, offset: int, data: Any) -> int:
        site = self._door.site
        with site.world.lock:
            room = None if self.cut_at is None else self.cut_at - self._entry.size
            if room == 0:
                return SFTP_FAILURE
            kept = bytes(data[:room])
            answer = super().write(offset, kept)
            self._entry.size += len(kept)
            self._heard.append(kept)
            site.uploads.land(self._path)
        if room is not None and len(data) >= room:
            self._door.cut()
        return answer

    def stat(self) -> paramiko.SFTPAttributes | int:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))

    def close(self) -> None:
        with self._door.site.world.lock:
            self._door.site.log.hear(b"".join(self._heard))
        super().close()


class Folders(paramiko.SFTPServerInterface):
    """The folders of one login. Files are written, renamed and removed in the batch folder alone."""

    def __init__(self, server: Door) -> None:
        super().__init__(server)
        self._door = server
        self._site = server.site

    def _do(self, operation: str, path: str, act: Callable[[Path, Entry], Given]) -> Given | int:
        site = self._site
        name = self.canonicalize(path)
        with site.world.lock:
            site.uploads.take_up()
            entry = site.log.note("sftp", operation, name)
            site.log.hear(path)
            result: Given | int = SFTP_FAILURE
            if not self._spoiled(operation):
                try:
                    result = act(site.uploads.root / name.lstrip("/"), entry)
                except OSError as error:
                    result = paramiko.SFTPServer.convert_errno(error.errno or errno.EIO)
            if operation in CUT_AFTER and site.faults.take(("sftp_cut_after",), ""):
                self._door.cut()
            entry.status = ANSWERS.get(result, "failure") if isinstance(result, int) else "ok"
            return result

    def _spoiled(self, operation: str) -> bool:
        """Say whether an operation fails without effect, and cut the line if it does by that."""
        if operation in CUT_BEFORE and self._site.faults.take(("sftp_cut_before",), ""):
            self._door.cut()
            return True
        return self._site.faults.take(("sftp_failure",), "") is not None

    def _own(self, path: Path) -> Path:
        if path.parent != self._site.uploads.batch:
            raise PermissionError(errno.EACCES, "not the shop's to change")
        return path

    def open(
        self,
        path: str,
        flags: int,
        attr: paramiko.SFTPAttributes,  # noqa: ARG002
    ) -> paramiko.SFTPHandle | int:
        def act(real: Path, entry: Entry) -> _File:
            if not flags & WRITES:
                return _File(self._door, real, flags, entry)
            opened = _File(self._door, self._own(real), flags, entry)
            if fault := self._site.faults.take(("cut_after_bytes",), ""):
                opened.cut_at = int(fault.options["bytes"])
            self._site.uploads.land(real)
            return opened

        return self._do("WRITE" if flags & WRITES else "READ", path, act)

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        return self._do("LIST", path, lambda real, _: [_attributes(each) for each in sorted(real.iterdir())])

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        return self._do("STAT", path, lambda real, _: _attributes(real))

    lstat = stat

    def remove(self, path: str) -> int:
        def act(real: Path, _entry: Entry) -> int:
            self._own(real).unlink()
            return SFTP_OK

        return self._do("REMOVE", path, act)

    def rename(self, oldpath: str, newpath: str) -> int:
        return self._rename(oldpath, newpath, replaces=False)

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        return self._rename(oldpath, newpath, replaces=True)

    def _rename(self, oldpath: str, newpath: str, *, replaces: bool) -> int:
        name = self.canonicalize(newpath)

        def act(real: Path, entry: Entry) -> int:
            entry.path += f" {name}"
            self._site.log.hear(newpath)
            if not self._site.settings.sftp_rename:
                raise PermissionError(errno.EACCES, "no renames")
            target = self._own(self._site.uploads.root / name.lstrip("/"))
            if target.exists() and not replaces:
                raise FileExistsError(errno.EEXIST, "there already")
            self._own(real).rename(target)
            self._site.uploads.land(target)
            return SFTP_OK

        return self._do("RENAME", oldpath, act)


def _attributes(path: Path) -> paramiko.SFTPAttributes:
    return paramiko.SFTPAttributes.from_stat(path.stat(), path.name)
