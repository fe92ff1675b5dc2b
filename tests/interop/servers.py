"""Real FTP servers as child processes: each configured in a folder of its own, on a free loopback port.

They are what ``install.sh`` unpacked. Each keeps its own rule about TLS session reuse; OpenSSL's own
configuration file holds all of them to one TLS version.
"""

from __future__ import annotations

import grp
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

UNPACKED = Path(__file__).parent / ".servers"
PASSWORD = "made-up-pass-1"
OWNER = pwd.getpwnam("daemon")  # owns nothing, and vsftpd wants a user whose home exists
AREA = ("stock/log", "netstock/12345", "order/export/acc/new")
START_S = 10


@dataclass(frozen=True)
class Place:
    """Where a server runs: its private folder, the merchant's root, its certificate and key, its port."""

    folder: Path
    root: Path
    pem: Path
    port: int

    def write(self, name: str, lines: Sequence[str]) -> Path:
        """Write a configuration file that only its owner reads."""
        path = self.folder / name
        path.write_text("".join(f"{line}\n" for line in lines))
        path.chmod(0o600)
        return path


@dataclass(frozen=True)
class Kind:
    """A server program. ``command`` writes its configuration and gives its command line."""

    name: str
    user: str
    wants_reuse: bool
    command: Callable[[Place], Sequence[str | Path]]

    def missing(self) -> str:
        """Say why it cannot run here, or ""."""
        if os.geteuid():
            return f"{self.name} is not run: only root may give a server a root folder of its own"
        if not program(self.name, f"usr/sbin/{self.name}").exists():
            return f"{self.name} is not here: tests/interop/install.sh unpacks it"
        return ""


def program(kind: str, path: str) -> Path:
    """Give the path of an unpacked file."""
    return UNPACKED / kind / path


class Server:
    """A server from its start; ``stop`` ends it and every process it started."""

    def __init__(self, kind: Kind, folder: Path, pem: Path, tls: str) -> None:
        self.kind = kind
        self.tls = tls
        self.root = folder / "area"
        _make_area(self.root)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        place = Place(folder, self.root, pem, self.port)
        command = kind.command(place)
        self.output = folder / "output.log"
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                env=_environment(kind, place, tls),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def await_greeting(self) -> None:
        """Wait until the server answers; what it said is in the error if it does not."""
        limit = time.monotonic() + START_S
        while not self._greets():
            assert self._process.poll() is None, f"ended at once: {self.output.read_text()}"
            assert time.monotonic() < limit, f"does not answer: {self.output.read_text()}"
            time.sleep(0.02)

    def _greets(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
            return probe.recv(3) == b"220"
        return False

    def stop(self) -> None:
        """End the server's process group."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(5)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(5)


def _make_area(root: Path) -> None:
    # vsftpd refuses a root folder that its user may write to.
    for path in AREA:
        (root / path).mkdir(parents=True)
    for folder in root.rglob("*"):
        os.chown(folder, OWNER.pw_uid, OWNER.pw_gid)


def _environment(kind: Kind, place: Place, tls: str) -> dict[str, str]:
    limits = (f"MinProtocol = {tls}", f"MaxProtocol = {tls}")
    lines = ("openssl_conf = all", "[all]", "ssl_conf = ssl", "[ssl]", "system_default = limits", "[limits]")
    folders = [program(kind.name, folder) for folder in ("usr/lib", "lib")]
    libraries = {str(found.parent) for folder in folders for found in folder.glob("*/lib*.so*")}
    return {
        "PATH": os.environ["PATH"],
        "LD_LIBRARY_PATH": ":".join(sorted(libraries)),
        "OPENSSL_CONF": str(place.write("openssl.cnf", (*lines, *limits))),
    }


# --------------------------------------------------------------------------- the three programs


def _vsftpd(place: Place) -> Sequence[str | Path]:
    """Serve anonymous logins that must know a password: vsftpd's only users without PAM."""
    empty = place.folder / "empty"
    empty.mkdir()
    passwords = place.write("passwords", [PASSWORD])
    settings = {
        "listen": "YES",
        "listen_address": "127.0.0.1",
        "listen_port": place.port,
        "background": "NO",
        "secure_chroot_dir": empty,
        "anonymous_enable": "YES",
        "local_enable": "NO",
        "secure_email_list_enable": "YES",
        "email_password_file": passwords,
        "ftp_username": OWNER.pw_name,
        "anon_root": place.root,
        "anon_world_readable_only": "NO",
        "write_enable": "YES",
        "anon_upload_enable": "YES",
        "anon_other_write_enable": "YES",
        "ssl_enable": "YES",
        "allow_anon_ssl": "YES",
        "force_anon_logins_ssl": "YES",
        "force_anon_data_ssl": "YES",
        "rsa_cert_file": place.pem,
        "require_ssl_reuse": "YES",
    }
    conf = place.write("vsftpd.conf", [f"{name}={value}" for name, value in settings.items()])
    return [program("vsftpd", "usr/sbin/vsftpd"), conf]


def _proftpd(place: Place) -> Sequence[str | Path]:
    users = place.write("users", [f"{_user_line(place)}:/bin/false"])
    conf = place.write(
        "proftpd.conf",
        [
            f"ModulePath {program('proftpd', 'usr/lib/proftpd')}",
            "LoadModule mod_tls.c",
            "ServerType standalone",
            "DefaultAddress 127.0.0.1",
            "SocketBindTight on",
            f"Port {place.port}",
            "UseIPv6 off",
            "UseReverseDNS off",
            f"User {OWNER.pw_name}",
            f"Group {grp.getgrgid(OWNER.pw_gid).gr_name}",
            f"PidFile {place.folder / 'pid'}",
            f"ScoreboardFile {place.folder / 'scoreboard'}",
            f"DelayTable {place.folder / 'delays'}",
            f"SystemLog {place.folder / 'system.log'}",
            "WtmpLog off",
            "AuthOrder mod_auth_file.c",
            f"AuthUserFile {users}",
            "RequireValidShell off",
            "UseFtpUsers off",
            "DefaultRoot ~",
            "TLSEngine on",
            "TLSRequired on",
            f"TLSRSACertificateFile {place.pem}",
            f"TLSRSACertificateKeyFile {place.pem}",
            "TLSProtocol TLSv1.2 TLSv1.3",
            f"TLSLog {place.folder / 'tls.log'}",
        ],
    )
    return [program("proftpd", "usr/sbin/proftpd"), "-n", "-q", "-c", conf]


def _pure_ftpd(place: Place) -> Sequence[str | Path]:
    users, index = place.write("users", [f"{_user_line(place)}/./{':' * 12}"]), place.folder / "users.pdb"
    _run([program("pure-ftpd", "usr/bin/pure-pw"), "mkdb", index, "-f", users])
    return [
        program("pure-ftpd", "usr/sbin/pure-ftpd"),
        "--bind",
        f"127.0.0.1,{place.port}",
        "--login",
        f"puredb:{index}",
        "--minuid",
        str(OWNER.pw_uid),
        "--noanonymous",
        "--chrooteveryone",
        "--tls",
        "3",  # on both channels
        "--certfile",
        place.pem,
        "--pidfile",
        place.folder / "pid",
    ]


def _user_line(place: Place) -> str:
    """Give the user as a line of /etc/passwd up to the home, with a hash that is quick to check."""
    hashed = _run(["perl", "-e", "print crypt($ARGV[0], q($6$saltsalt$))", PASSWORD])
    return f"merchant:{hashed}:{OWNER.pw_uid}:{OWNER.pw_gid}::{place.root}"


def _run(command: Sequence[str | Path]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=START_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


KINDS = (
    Kind("vsftpd", "anonymous", wants_reuse=True, command=_vsftpd),
    Kind("proftpd", "merchant", wants_reuse=True, command=_proftpd),
    Kind("pure-ftpd", "merchant", wants_reuse=False, command=_pure_ftpd),
)
