"""The one way to exchange files with a mall: sessions on its file area, and CSV as malls write it.

An area gives ``session()``: one log-in, some work, one log-out. A session can ``list``, ``get``,
``put_new`` or ``put_in_place``, ``discard`` and ask ``exists``; those verbs and the errors they raise
are all that adapters know, so that an area reached in another way than FTPS looks the same to them.
No verb is for overwriting, and ``discard`` is for what was written by us or in answer to us.

FTPS here is explicit TLS 1.2 or newer on both channels, passive and binary. Nothing is ever sent
in clear text but the request for TLS itself.
"""

from __future__ import annotations

import codecs
import csv
import ftplib
import io
import re
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

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
from adapters.secret import Secret

CHUNK_BYTES = 65536
LISTING_MAX_BYTES = 8_000_000
PART_SUFFIX = ".tmp"


class TlsRefusedError(NotSentError):
    """TLS as we want it could not be had, so nothing was sent; clear text is no way out.

    ``hint`` is one of ``no_clear_text`` (the server refuses TLS), ``tls_untrusted`` (its
    certificate), ``tls_version`` (older than 1.2), ``tls_session_reuse`` (it wants the data
    connection to resume the control connection's session).
    """

    retry = Retry.LATER


class NotThereError(MallError):
    """The area has no such file or folder (550). Adapters say what that means; never the core's."""


# --------------------------------------------------------------------------- the area


@dataclass(frozen=True)
class Entry:
    """One name in a folder. ``modified`` is None where the server does not tell it."""

    name: str
    size: int
    modified: datetime | None = None
    folder: bool = False


@dataclass(frozen=True, kw_only=True)
class FtpsArea:
    """A merchant's file area on an FTPS server.

    Args:
        ca_file: a CA file to trust instead of the system's; "" for the system's.
        tls_verify: False accepts any certificate; for servers whose owner will not mend theirs.
        session_reuse: resume the control connection's TLS session on data connections, which
            many servers demand.
    """

    host: str
    port: int
    user: str
    password: Secret
    ca_file: str = ""
    tls_verify: bool = True
    timeout_s: float = 15
    session_reuse: bool = True

    @contextmanager
    def session(self) -> Iterator[FtpsSession]:
        """Log in for some work; always closed at the end. A failed log-in is not tried again.

        Raises:
            AuthError: user or password refused, or of a form that no server takes.
            TlsRefusedError, NotSentError, TemporaryError: see there.
            ConfigError: ``ca_file`` cannot be read.
        """
        client = _Client(self._context(), self.timeout_s, reuse=self.session_reuse)
        polite = False
        try:
            self._connect(client)
            yield FtpsSession(self, client)
            polite = True
        finally:
            _leave(client, politely=polite)

    def discard_part(self, path: str) -> None:
        """Delete the part file of a ``put_new`` that failed, as far as that can be done."""
        with suppress(MallError), self.session() as session:
            session.discard(path + PART_SUFFIX)

    def _context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self.ca_file or None)
        except OSError as error:
            raise ConfigError(f"ca_file: cannot read {self.ca_file!r}") from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if not self.tls_verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _connect(self, client: _Client) -> None:
        self._check_form()
        with _classed("connect", cut=NotSentError):
            client.connect(self.host, self.port)
        _start_tls(client)
        self._log_in(client)
        with _classed("protect", cut=NotSentError, refused=_no_clear_text):
            client.prot_p()
        with _classed("binary", cut=NotSentError):
            client.voidcmd("TYPE I")

    def _check_form(self) -> None:
        # ftplib would quote the whole command in its own error, the password with it.
        for value in (self.user, self.password.reveal()):
            if not value or not value.isascii() or not value.isprintable():
                raise AuthError("user or password is empty or not plain ASCII", hint="renew_wrong_form")

    def _log_in(self, client: _Client) -> None:
        try:
            with _classed("log in", cut=NotSentError):
                client.login(self.user, self.password.reveal())
        except MallError as error:
            # Hostile or chatty servers may echo what was sent.
            text = str(error).replace(self.password.reveal(), "***")
            error.args = (text,)
            error.__cause__ = error.__context__ = None
            raise


class FtpsSession:
    """One log-in on an ``FtpsArea``; see ``FtpsArea.session``. Paths are absolute."""

    def __init__(self, area: FtpsArea, client: _Client) -> None:
        self._area = area
        self._client = client

    def list(self, path: str) -> list[Entry]:
        """List a folder. Names that could lead out of it are left out.

        Raises:
            NotThereError: no such folder.
        """
        try:
            lines = self._lines(f"MLSD {path}")
        except UnexpectedReplyError as error:
            if error.vendor_code == "501":  # "not a folder". Source: RFC 3659 section 7.2.1
                raise NotThereError(str(error), operation="list", vendor_code="501") from error
            if error.vendor_code not in {"500", "502"}:  # the server does not know MLSD
                raise
            return [self._entry(path, name) for name in self._names(path) if is_plain_name(name)]
        entries = map(_mlsd_entry, lines)
        return [entry for entry in entries if entry and is_plain_name(entry.name)]

    def get(self, path: str, max_bytes: int) -> bytes:
        """Read a file whole.

        Raises:
            NotThereError: no such file (any more).
            TemporaryError: it came cut short, or grew meanwhile.
            UnexpectedReplyError: it is larger than ``max_bytes``.
        """
        with self._classed(f"read {path}"):
            size = self._client.size(path)
            content = self._receive(f"RETR {path}", max_bytes)
        if len(content) != size:
            raise TemporaryError(f"{path}: {len(content)} bytes came of {size}", operation="read")
        return content

    def put_new(self, path: str, content: bytes) -> None:
        """Write a file under a name that is not in use, so that readers see it whole or not at all.

        Raises:
            OutcomeUnknownError: the connection was lost while the file took its final name.
            NotThereError: no such folder; some servers say it as UnexpectedReplyError 553.
            MallError: any other; the file surely did not appear, and its part file is taken away.
        """
        part = path + PART_SUFFIX
        try:
            self._store(part, content)
            self._rename(part, path)
        except MallError:
            self._area.discard_part(path)
            raise

    def put_in_place(self, path: str, content: bytes) -> None:
        """Write a file under its final name at once, for an area that takes no other names.

        Readers may see it grow, so look first that the name is free, and afterwards what is there.

        Raises:
            OutcomeUnknownError: the connection was lost, or the file is not as long; a part may be there.
            NotThereError: no such folder.
            MallError: any other; the server refused the file, of which a part may be there.
        """
        with (
            self._classed(f"write {path}", cut=OutcomeUnknownError),
            self._channel(f"STOR {path}") as channel,
        ):
            channel.sendall(content)
        with suppress(NotThereError), self._classed(f"look at {path}", cut=OutcomeUnknownError):
            size = self._client.size(path)  # not there: taken already
            if size != len(content):
                raise OutcomeUnknownError(
                    f"{path}: {size} bytes arrived of {len(content)}", operation="write"
                )

    def exists(self, path: str) -> bool:
        """Say whether a file is there."""
        with suppress(NotThereError), self._classed(f"look for {path}"):
            self._client.size(path)
            return True
        return False

    def discard(self, path: str) -> None:
        """Delete a part file of our own, or an answer of the mall to us that was read and recorded."""
        with self._classed(f"delete {path}"):
            self._client.delete(path)

    def _store(self, path: str, content: bytes) -> None:
        with self._classed(f"write {path}", cut=NotSentError):
            with self._channel(f"STOR {path}") as channel:
                channel.sendall(content)
            size = self._client.size(path)
        if size != len(content):
            raise NotSentError(f"{path}: {size} bytes arrived of {len(content)}", operation="write")

    def _rename(self, part: str, path: str) -> None:
        with self._classed(f"rename {part}", cut=NotSentError):
            self._client.sendcmd(f"RNFR {part}")
        with self._classed(f"rename to {path}", cut=OutcomeUnknownError):
            self._client.voidcmd(f"RNTO {path}")

    def _lines(self, command: str) -> Sequence[str]:
        with self._classed(command):
            return self._receive(command, LISTING_MAX_BYTES).decode(self._client.encoding).splitlines()

    def _names(self, path: str) -> Sequence[str]:
        # Of a folder's path, vsftpd lists a missing or closed one as if it were empty.
        with self._classed(f"enter {path}"):
            self._client.cwd(path)
        return [line.rsplit("/", 1)[-1] for line in self._lines("NLST")]

    def _entry(self, folder: str, name: str) -> Entry:
        path = f"{folder.rstrip('/')}/{name}"
        try:
            with self._classed(f"look at {path}"):
                size = self._client.size(path) or 0
                reply = self._client.sendcmd(f"MDTM {path}")
        except NotThereError:  # SIZE is for files
            return Entry(name, 0, folder=True)
        return Entry(name, size, _utc(reply[4:]))

    def _receive(self, command: str, max_bytes: int) -> bytes:
        content = bytearray()
        with self._channel(command) as channel:
            while chunk := channel.recv(CHUNK_BYTES):
                content += chunk
                if len(content) > max_bytes:
                    raise UnexpectedReplyError(f"{command}: more than {max_bytes} bytes")
        return bytes(content)

    @contextmanager
    def _channel(self, command: str) -> Iterator[socket.socket]:
        """Open a data connection; where it breaks, the control connection may say why."""
        channel = self._client.transfercmd(command)
        try:
            with channel:
                yield channel
                _end_tls(channel)
        except TimeoutError:
            raise
        except OSError:
            self._client.voidresp()
            raise
        reply = self._client.voidresp()
        if "failed to open" in reply:  # of a closed folder, vsftpd says so and calls it success
            raise ftplib.error_perm(f"550 {reply}")

    def _classed(
        self, operation: str, *, cut: type[MallError] = TemporaryError
    ) -> AbstractContextManager[None]:
        refused = None if self._area.session_reuse else _session_reuse_wanted
        return _classed(operation, cut=cut, refused=refused)


# --------------------------------------------------------------------------- the wire


class _Client(ftplib.FTP_TLS):
    """``ftplib`` with TLS on every data connection, resumed from the control connection's."""

    def __init__(self, context: ssl.SSLContext, timeout_s: float, *, reuse: bool) -> None:
        # Replies may come in any encoding; names that a listing gives must go back as they came.
        super().__init__(context=context, timeout=timeout_s, encoding="latin-1")
        self._reuse = reuse

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        """Start a transfer on a TLS data connection."""
        plain, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        session = self.sock.session if self._reuse and isinstance(self.sock, ssl.SSLSocket) else None
        try:
            return self.context.wrap_socket(plain, server_hostname=self.host, session=session), size
        except (ssl.SSLCertVerificationError, TimeoutError):
            raise
        except OSError:
            self.voidresp()  # its error says more than the broken handshake
            raise


def _start_tls(client: _Client) -> None:
    with _classed("AUTH TLS", cut=NotSentError, refused=_no_clear_text):
        try:
            client.auth()
        except ssl.SSLError as error:
            raise _tls_error(error) from error


def _tls_error(error: ssl.SSLError) -> NotSentError:
    if isinstance(error, ssl.SSLCertVerificationError):
        text = f"the server's certificate: {error.verify_message}"
        return TlsRefusedError(text, operation="AUTH TLS", hint="tls_untrusted")
    text = f"TLS handshake failed: {error.reason or type(error).__name__}"
    if re.search("PROTOCOL|VERSION", error.reason or ""):
        return TlsRefusedError(text, operation="AUTH TLS", hint="tls_version")
    return NotSentError(text, operation="AUTH TLS")


def _end_tls(channel: socket.socket) -> None:
    """Say good-bye, which also drains late session tickets that would else reset the connection."""
    if not isinstance(channel, ssl.SSLSocket):
        raise NotSentError("the data connection has no TLS", hint="no_clear_text")
    try:
        channel.unwrap()
    except TimeoutError:
        raise
    except OSError:
        return  # many servers just close; the final reply and the size tell whether all arrived


def _leave(client: _Client, *, politely: bool) -> None:
    with suppress(OSError, EOFError, ftplib.Error):
        if politely:
            client.quit()
    client.close()


Refusal = Callable[[str], MallError | None]


@contextmanager
def _classed(operation: str, *, cut: type[MallError], refused: Refusal | None = None) -> Iterator[None]:
    """Turn what ``ftplib`` raises into our classes.

    Args:
        cut: what a lost connection means at this step.
        refused: looks at a refusal first, where the step gives it a meaning of its own.
    """
    try:
        yield
    except ftplib.Error as error:
        reply = str(error)
        raise (refused and refused(reply)) or _reply_error(reply, operation) from error
    except (OSError, EOFError) as error:
        raise cut(f"{operation}: connection lost ({type(error).__name__})", operation=operation) from error


def _no_clear_text(reply: str) -> MallError | None:
    if reply.startswith("421"):
        return None
    text = f"the server refuses TLS: {_short(reply)}"
    return TlsRefusedError(text, vendor_code=reply[:3], hint="no_clear_text")


def _session_reuse_wanted(reply: str) -> MallError | None:
    if reply[:3] not in {"425", "522"}:
        return None
    text = f"the server refuses a data connection of its own TLS session: {_short(reply)}"
    return TlsRefusedError(text, vendor_code=reply[:3], hint="tls_session_reuse")


def _reply_error(reply: str, operation: str) -> MallError:
    """Class a refusal by its code.

    Source: RFC 959 section 4.2 for the codes, RFC 4217 section 10 for those of TLS; 522 for a missing
    session reuse is vsftpd's. An unknown 4xx is temporary by the RFC's own meaning of the digit.
    """
    code, text = reply[:3], f"{operation}: {_short(reply)}"
    if code in {"430", "530", "532"}:
        return AuthError(text, operation=operation, vendor_code=code)
    if code in {"452", "552"}:
        return TemporaryError(text, operation=operation, vendor_code=code, hint="area_full")
    if code == "522":
        return TlsRefusedError(text, operation=operation, vendor_code=code, hint="tls_session_reuse")
    if code == "550":
        return NotThereError(text, operation=operation, vendor_code=code)
    if code.startswith("4"):
        return TemporaryError(text, operation=operation, vendor_code=code)
    return UnexpectedReplyError(text, operation=operation, vendor_code=code)


def _short(reply: str) -> str:
    return " ".join(reply.split())[:200]


def _mlsd_entry(line: str) -> Entry | None:
    """Read one line of MLSD; the folder itself and its parent are passed over. Source: RFC 3659 section 7."""
    facts, _, name = line.partition(" ")
    fact = dict(_fact(part) for part in facts.split(";") if part)
    kind = fact.get("type", "file").lower()
    if kind in {"cdir", "pdir"} or not name:
        return None
    size = fact.get("size", "")
    return Entry(name, int(size) if size.isdecimal() else 0, _utc(fact.get("modify", "")), kind == "dir")


def _fact(text: str) -> tuple[str, str]:
    key, _, value = text.partition("=")
    return key.lower(), value


def _utc(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp.strip()[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def is_plain_name(name: str) -> bool:
    """Say whether a listed name stays in its folder and can be shown."""
    return name not in {"", ".", ".."} and name.isprintable() and not set(name) & set("/\\")


# --------------------------------------------------------------------------- CSV


@dataclass(frozen=True)
class Column:
    """Where a wanted column is: under the first of ``names`` in the header, else at ``position``.

    One that is not ``needed`` may be missing: its cells are then "".
    """

    names: tuple[str, ...]
    position: int | None = None
    needed: bool = True


def encoding_of(file_name: str) -> str:
    """Give the encoding that a file's name stands for: ``utf8`` in the name, else cp932."""
    return "utf-8" if "utf8" in file_name.lower() else "cp932"


def write_table(
    file_name: str, header: Sequence[str], rows: Iterable[Sequence[str]], *, bare: bool = False
) -> bytes:
    """Make a CSV file: a header, every cell quoted, CRLF, no BOM, encoded as the name says.

    Args:
        bare: quote only where needed and let cells begin as they will: for a mall whose own files
            are so and whose codes may begin with a hyphen.

    Raises:
        ValueError: a cell has NUL, has a character outside the encoding, or would be taken for a
            formula by a spreadsheet.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_MINIMAL if bare else csv.QUOTE_ALL, lineterminator="\r\n")
    harmful = () if bare else ("=", "+", "-", "@", "\t", "\r")
    for row in (header, *rows):
        if any("\0" in cell or cell.startswith(harmful) for cell in row):
            raise ValueError(f"{file_name}: a cell has NUL or begins like a formula")
        writer.writerow(row)
    return text.getvalue().encode(encoding_of(file_name))


def read_table(file_name: str, content: bytes, columns: Mapping[str, Column]) -> list[dict[str, str]]:
    """Read the wanted columns of a CSV file, by key, and nothing else of it.

    A first row without any wanted name is data where every wanted column has a position. A BOM is
    accepted. Bytes outside the encoding spoil a file only where they stand in a wanted cell.

    Raises:
        UnexpectedReplyError: a column is missing, a row is too short, or the form is broken. No
            content of the file is in the message.
    """
    rows = _rows(file_name, content)
    if not rows:
        return []
    places = {key: _place(rows[0], column) for key, column in columns.items()}
    absent = [columns[key] for key, place in places.items() if place is None]
    if missing := [column.names[0] for column in absent if column.needed]:
        raise UnexpectedReplyError(f"{file_name}: no column {', '.join(missing)}")
    named = {name for column in columns.values() for name in column.names}
    first = 1 if named & set(rows[0]) else 0
    wanted = {key: place for key, place in places.items() if place is not None}
    empty = dict.fromkeys(columns.keys() - wanted.keys(), "")
    return [_pick(file_name, number, rows[number], wanted) | empty for number in range(first, len(rows))]


def _rows(file_name: str, content: bytes) -> list[list[str]]:
    encoding = "utf-8-sig" if content.startswith(codecs.BOM_UTF8) else encoding_of(file_name)
    text = content.decode(encoding, errors="replace")
    if "\0" in text:
        raise UnexpectedReplyError(f"{file_name}: has NUL")
    try:
        return [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error as error:
        raise UnexpectedReplyError(f"{file_name}: not CSV ({error})") from None


def _place(header: list[str], column: Column) -> int | None:
    return next((header.index(name) for name in column.names if name in header), column.position)


def _pick(file_name: str, number: int, row: list[str], places: Mapping[str, int]) -> dict[str, str]:
    if len(row) <= max(places.values(), default=-1):
        raise UnexpectedReplyError(f"{file_name}: row {number + 1} has {len(row)} cells")
    cells = {key: row[place] for key, place in places.items()}
    if any("\ufffd" in cell for cell in cells.values()):
        raise UnexpectedReplyError(f"{file_name}: row {number + 1} is not in the file's encoding")
    return cells
