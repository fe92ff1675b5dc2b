"""Sessions on a mall's file area over SFTP, with the verbs of ``adapters.files``.

The server is known by its host key, which the merchant's settings hold: an unknown or changed key is
refused before user and password are sent. Only the password is used to log in, and it is sent once.
"""

from __future__ import annotations

import errno
import io
import logging
import socket
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1
from pathlib import Path

import paramiko
from cryptography.hazmat.primitives.hashes import SHA1
from paramiko.config import SSH_PORT
from paramiko.hostkeys import HostKeyEntry, HostKeys, InvalidHostKey
from paramiko.kex_group14 import KexGroup14SHA256

from adapters.errors import (
    AuthError,
    ConfigError,
    MallError,
    NotSentError,
    OutcomeUnknownError,
    Retry,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.files import Entry, NotThereError, is_plain_name
from adapters.secret import Secret

PERMISSION_DENIED = "3"  # Source: draft-ietf-secsh-filexfer-02 section 7, the version 3 that servers speak
_NO_SUCH_FILE = "2"
_RSA = "ssh-rsa"  # the name of every RSA key, whatever it signs with
_GROUP14_SHA1 = "diffie-hellman-group14-sha1"
# What goes wrong is raised to us as well, and each broken connection would be a traceback in the log.
_WIRE_LOG = "paramiko.quiet"
logging.getLogger(_WIRE_LOG).setLevel(logging.CRITICAL)


class SshRefusedError(NotSentError):
    """The server is not the one we know, or speaks too old an SSH, so neither user nor password was sent.

    ``hint`` is one of ``host_key_unknown`` (none is set for this server), ``host_key_changed`` (it shows
    another one than is set), ``ssh_too_old`` (no algorithm that both take).
    """

    retry = Retry.LATER


# --------------------------------------------------------------------------- the area


@dataclass(frozen=True, kw_only=True)
class SftpArea:
    """A merchant's file area on an SFTP server.

    Args:
        host_key: the server's keys as lines of a known_hosts file; the host names in them do not count.
        known_hosts_file: a file of such lines, where they do.
        legacy: also take RSA keys that sign with SHA-1 (``ssh-rsa``), and the key exchange of that age.
    """

    host: str
    port: int
    user: str
    password: Secret
    host_key: str = ""
    known_hosts_file: str = ""
    legacy: bool = False
    timeout_s: float = 15

    @contextmanager
    def session(self) -> Iterator[SftpSession]:
        """Log in for some work; always closed at the end. A failed log-in is not tried again.

        Raises:
            AuthError: user or password refused, or empty.
            SshRefusedError, NotSentError: see there.
            ConfigError: ``host_key`` or ``known_hosts_file`` cannot be used.
        """
        if not self.user or not self.password:
            raise AuthError("user or password is empty", hint="renew_wrong_form")
        known = self._known_keys()
        with self._dial() as plain:
            transport = (_LegacyTransport if self.legacy else paramiko.Transport)(plain)
            try:
                self._greet(transport, known)
                self._log_in(transport)
                yield SftpSession(self, self._open(transport))
            finally:
                transport.close()

    def discard(self, path: str) -> None:
        """Delete the part file of a ``put_new`` that failed, as far as that can be done."""
        with suppress(MallError), self.session() as session:
            session.discard(path)

    def redacted(self, words: str) -> str:
        """Give the server's words on one line and cut; hostile or chatty servers may echo what was sent."""
        return " ".join(words.replace(self.password.reveal(), "***").split())[:200]

    def _known_keys(self) -> list[paramiko.PKey]:
        lines = [line for line in self.host_key.splitlines() if line.strip() and not line.startswith("#")]
        entries = [_host_key(line) or _host_key(f"{self.host} {line}") for line in lines]
        keys = [entry.key for entry in entries if entry]
        if len(keys) < len(lines):
            raise ConfigError("host_key: not a line as ssh-keyscan prints it")
        return keys + self._keys_in_file()

    def _keys_in_file(self) -> list[paramiko.PKey]:
        if not self.known_hosts_file:
            return []
        try:
            lines = Path(self.known_hosts_file).read_text("utf-8").splitlines()
        except (OSError, ValueError) as error:
            raise ConfigError(f"known_hosts_file: cannot read {self.known_hosts_file!r}") from error
        name = self.host if self.port == SSH_PORT else f"[{self.host}]:{self.port}"
        entries = [entry for line in lines if (entry := _host_key(line))]
        return [entry.key for entry in entries if _is_for(entry, name)]

    def _dial(self) -> socket.socket:
        try:
            return socket.create_connection((self.host, self.port), self.timeout_s)
        except OSError as error:
            raise NotSentError(f"connect: {type(error).__name__}", operation="connect") from error

    def _greet(self, transport: paramiko.Transport, known: Sequence[paramiko.PKey]) -> None:
        """Agree on the algorithms, and hold the server's key against those that are known."""
        transport.set_log_channel(_WIRE_LOG)
        transport.banner_timeout = transport.auth_timeout = transport.channel_timeout = self.timeout_s
        _prefer(transport, known)
        try:
            transport.start_client(timeout=self.timeout_s)
            shown = transport.get_remote_server_key()
        except paramiko.ssh_exception.IncompatiblePeer as error:
            way_out = "" if self.legacy else "; if it is as old as that, set legacy_ssh = true"
            raise SshRefusedError(f"{error}{way_out}", operation="connect", hint="ssh_too_old") from error
        except (paramiko.SSHException, EOFError, OSError) as error:
            text = f"SSH negotiation failed: {type(error).__name__}"
            raise NotSentError(text, operation="connect") from error
        if shown not in known:
            raise self._not_the_server(shown, changed=bool(known))

    def _not_the_server(self, shown: paramiko.PKey, *, changed: bool) -> SshRefusedError:
        what = "another host key than is set" if changed else "a host key, and none is set for it"
        return SshRefusedError(
            f"{self.host}:{self.port} shows {what}: {shown.get_name()} {shown.fingerprint}. If the mall "
            "confirms that it is theirs, set host_key of the shop to the line that "
            f"`ssh-keyscan -p {self.port} {self.host}` prints, or add it to known_hosts_file",
            operation="connect",
            hint="host_key_changed" if changed else "host_key_unknown",
        )

    def _log_in(self, transport: paramiko.Transport) -> None:
        try:
            further = self._authenticate(transport)
        except (paramiko.SSHException, EOFError, OSError) as error:
            failure = _log_in_error(transport, error)
        else:
            if not further:
                return
            failure = AuthError("the server wants more than a password", operation="log in")
        raise failure

    def _authenticate(self, transport: paramiko.Transport) -> Sequence[str]:
        """Send the password in the one way that the server names first, so that it never goes twice."""
        try:
            return transport.auth_none(self.user)
        except paramiko.BadAuthenticationType as error:
            if not {"password", "keyboard-interactive"} & set(error.allowed_types):
                raise
            by_password = "password" in error.allowed_types
        if by_password:
            return transport.auth_password(self.user, self.password.reveal(), fallback=False)
        answers = iter([self.password.reveal()])  # a second question gets no second try
        return transport.auth_interactive(
            self.user, lambda _title, _text, prompts: [next(answers, "") for _ in prompts]
        )

    def _open(self, transport: paramiko.Transport) -> paramiko.SFTPClient:
        watchdog = threading.Timer(self.timeout_s, transport.close)  # paramiko waits here without an end
        watchdog.start()
        try:
            client = transport.open_sftp_client()
        except paramiko.ChannelException as error:
            raise UnexpectedReplyError(self.redacted(f"no SFTP here: {error}"), operation="open") from error
        except (paramiko.SSHException, paramiko.SFTPError, EOFError, OSError) as error:
            raise NotSentError(f"open SFTP: {type(error).__name__}", operation="open") from error
        finally:
            watchdog.cancel()
        channel = client.get_channel()
        if channel:
            channel.settimeout(self.timeout_s)
        return client


class SftpSession:
    """One log-in on an ``SftpArea``; see ``SftpArea.session``."""

    def __init__(self, area: SftpArea, client: paramiko.SFTPClient) -> None:
        self._area = area
        self._client = client

    def list(self, path: str) -> list[Entry]:
        """List a folder. Names that could lead out of it are left out.

        Raises:
            NotThereError: no such folder.
        """
        with self._classed(f"list {path}"):
            found = self._client.listdir_attr(path)
        return [_entry(row) for row in found if is_plain_name(row.filename)]

    def get(self, path: str, max_bytes: int) -> bytes:
        """Read a file whole.

        Raises:
            NotThereError: no such file (any more).
            TemporaryError: it came cut short, or grew meanwhile.
            UnexpectedReplyError: it is larger than ``max_bytes``.
        """
        content = io.BytesIO()

        def limit(received: int, _size: int) -> None:
            if received > max_bytes:
                raise UnexpectedReplyError(f"{path}: more than {max_bytes} bytes", operation="read")

        with self._classed(f"read {path}"):
            size = self._client.stat(path).st_size or 0
            limit(size, size)
            # Reading ahead is a thread of paramiko's own, which a cut connection leaves behind.
            self._client.getfo(path, content, limit, prefetch=False)
        if content.tell() != size:
            raise TemporaryError(f"{path}: {content.tell()} bytes came of {size}", operation="read")
        return content.getvalue()

    def put_new(self, path: str, content: bytes) -> None:
        """Write a file under a name that is not in use, so that readers see it whole or not at all.

        A server that lets nothing be renamed gets it under its own name at once.

        Raises:
            OutcomeUnknownError: the connection was lost while the file took its final name, or the file
                may stand there cut short.
            NotThereError: no such folder.
            MallError: any other; the file surely did not appear, and its part file is taken away.
        """
        part = part_of(path)
        try:
            renamed = self._store(part, content) and self._renamed(part, path)
        except MallError:
            self._area.discard(part)
            raise
        if not renamed:
            with suppress(MallError):
                self.discard(part)
            self._put_plainly(path, content)

    def exists(self, path: str) -> bool:
        """Say whether a file is there."""
        with suppress(NotThereError), self._classed(f"look for {path}"):
            self._client.stat(path)
            return True
        return False

    def discard(self, path: str) -> None:
        """Delete a part file of our own."""
        with self._classed(f"delete {path}"):
            self._client.remove(path)

    def _store(self, part: str, content: bytes) -> bool:
        """Write the part file; False where the server allows no such name, or took the file away."""
        try:
            with self._classed(f"write {part}", cut=NotSentError):
                # putfo sends without waiting for each answer, which is many times as fast as write().
                self._client.putfo(io.BytesIO(content), part, confirm=False)
        except UnexpectedReplyError as error:
            if error.vendor_code == PERMISSION_DENIED:
                return False
            raise
        with suppress(NotThereError):
            self._check_size(part, content, NotSentError)
            return True
        return False

    def _renamed(self, part: str, path: str) -> bool:
        try:
            with self._classed(f"rename to {path}", cut=OutcomeUnknownError):
                self._client.rename(part, path)
        except OutcomeUnknownError:
            raise
        except MallError:
            return False
        return True

    def _put_plainly(self, path: str, content: bytes) -> None:
        if self.exists(path):
            raise UnexpectedReplyError(f"{path}: the name is in use", operation="write")
        try:
            with self._classed(f"write {path}"):
                self._client.putfo(io.BytesIO(content), path, confirm=False)
            self._check_size(path, content, OutcomeUnknownError)
        except MallError as error:
            if error.vendor_code == PERMISSION_DENIED:
                raise
            raise OutcomeUnknownError(f"{error}; it may stand there cut short", operation="write") from error

    def _check_size(self, path: str, content: bytes, cut: type[MallError]) -> None:
        with self._classed(f"look at {path}", cut=cut):
            size = self._client.stat(path).st_size
        if size != len(content):
            raise cut(f"{path}: {size} bytes arrived of {len(content)}", operation="write")

    @contextmanager
    def _classed(self, operation: str, *, cut: type[MallError] = TemporaryError) -> Iterator[None]:
        """Turn what ``paramiko`` raises into our classes.

        Args:
            cut: what a lost connection means at this step.
        """
        try:
            yield
        except (paramiko.SSHException, EOFError, TimeoutError) as error:
            raise _lost(operation, error, cut) from error
        except (paramiko.SFTPError, UnicodeDecodeError) as error:
            raise UnexpectedReplyError(f"{operation}: not understood", operation=operation) from error
        except OSError as error:
            channel = self._client.get_channel()
            if channel is None or channel.closed:
                raise _lost(operation, error, cut) from error
            raise _status_error(error, operation, self._area.redacted(f"{operation}: {error}")) from error


def part_of(path: str) -> str:
    """Name the part file of a file: hidden and with another beginning, as servers take files up by that."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/.{name}.tmp"


# --------------------------------------------------------------------------- the wire


class _LegacyRsaKey(paramiko.RSAKey):
    HASHES = {**paramiko.RSAKey.HASHES, _RSA: SHA1}  # type: ignore[misc]


class _LegacyKex(KexGroup14SHA256):
    name = _GROUP14_SHA1
    hash_algo = sha1


class _LegacyTransport(paramiko.Transport):
    """A transport that knows, last in its lists, what ``paramiko`` has dropped and old servers have."""

    _preferred_keys = (*paramiko.Transport._preferred_keys, _RSA)  # type: ignore[attr-defined]
    _key_info = {**paramiko.Transport._key_info, _RSA: _LegacyRsaKey}  # type: ignore[attr-defined]
    _preferred_kex = (*paramiko.Transport._preferred_kex, _GROUP14_SHA1)  # type: ignore[attr-defined]
    _kex_info = {**paramiko.Transport._kex_info, _GROUP14_SHA1: _LegacyKex}  # type: ignore[attr-defined]


def _host_key(line: str) -> HostKeyEntry | None:
    """Read a line of a known_hosts file; None for a comment, or what is no such line."""
    try:
        return HostKeyEntry.from_line(line.strip())
    except (InvalidHostKey, paramiko.SSHException, ValueError, IndexError):
        return None


def _is_for(entry: HostKeyEntry, name: str) -> bool:
    hashed = [host for host in entry.hostnames if host.startswith("|1|")]
    return name in entry.hostnames or any(HostKeys.hash_host(name, host) == host for host in hashed)


def _prefer(transport: paramiko.Transport, known: Sequence[paramiko.PKey]) -> None:
    """Ask for a key of a kind that is known, as a server may have several."""
    kinds = {key.get_name() for key in known}
    options = transport.get_security_options()
    options.key_types = sorted(
        options.key_types, key=lambda kind: (_RSA if "rsa" in kind else kind) not in kinds
    )


def _log_in_error(transport: paramiko.Transport, error: Exception) -> MallError:
    """Tell a refusal from a connection that was lost: only a refusal clears the name that was offered.

    Anything else that the server does at this step, such as asking for a new password, is a refusal too:
    the password must not go again.
    """
    handler = transport.auth_handler
    pending = handler is None or handler.get_username() is not None
    cut = not isinstance(error, paramiko.SSHException) or isinstance(error, paramiko.AuthenticationException)
    if pending and cut:
        return NotSentError("log in: connection lost", operation="log in")
    return AuthError(f"log in: {_refusal(error)}", operation="log in")


def _refusal(error: Exception) -> str:
    if isinstance(error, paramiko.BadAuthenticationType):
        return f"the server takes no password, but {', '.join(error.allowed_types)[:100]}"
    return "user or password refused" if isinstance(error, paramiko.AuthenticationException) else "refused"


def _lost(operation: str, error: Exception, cut: type[MallError]) -> MallError:
    return cut(f"{operation}: connection lost ({type(error).__name__})", operation=operation)


def _status_error(error: OSError, operation: str, words: str) -> MallError:
    """Class a refusal. ``paramiko`` tells two codes apart; all others may be a full or busy server."""
    if error.errno == errno.ENOENT:
        return NotThereError(words, operation=operation, vendor_code=_NO_SUCH_FILE)
    if error.errno == errno.EACCES:
        return UnexpectedReplyError(words, operation=operation, vendor_code=PERMISSION_DENIED)
    return TemporaryError(words, operation=operation)


def _entry(row: paramiko.SFTPAttributes) -> Entry:
    modified = None if row.st_mtime is None else datetime.fromtimestamp(row.st_mtime, UTC)
    return Entry(row.filename, row.st_size or 0, modified, stat.S_ISDIR(row.st_mode or 0))
