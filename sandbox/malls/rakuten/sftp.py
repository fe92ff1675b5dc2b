"""The SFTP server of the CSV route: one user, password only, loopback (spec 5.1)."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading

import paramiko
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1

from sandbox.malls.rakuten.folders import Door, Folders, Site

KEY_BITS = 2048
LOG_CHANNEL = "sandbox.rakuten.sftp"


def new_key() -> RSAPrivateKey:
    """Make a host key; RSA is the only kind that the mall is known to have."""
    return generate_private_key(public_exponent=65537, key_size=KEY_BITS)


class _OldKey(paramiko.RSAKey):
    """A host key that signs in the old way only."""

    def sign_ssh_data(self, data: bytes, algorithm: str | None = None) -> paramiko.Message:
        if self.private_key is None or algorithm != self.name:
            raise ValueError(f"signs as {self.name} only, not {algorithm}")
        message = paramiko.Message()
        message.add_string(self.name)
        message.add_string(self.private_key.sign(data, PKCS1v15(), SHA1()))
        return message


class _OldTransport(paramiko.Transport):
    """A server that offers nothing but ``ssh-rsa``, which clients of today refuse (spec 5.1)."""

    _preferred_keys = ("ssh-rsa",)


class SftpServer:
    """Serves the folders on a free loopback port, a thread for each connection."""

    def __init__(self, site: Site) -> None:
        # Without a handler of its own a broken connection is told on stderr.
        logging.getLogger(LOG_CHANNEL).addHandler(logging.NullHandler())
        self._site = site
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._transports: list[paramiko.Transport] = []
        self._thread = threading.Thread(target=self._run, name="rakuten-sftp", daemon=True)
        self.port: int = self._socket.getsockname()[1]

    def host_key_line(self) -> str:
        """Give the host key as a line of an OpenSSH ``known_hosts`` file."""
        key = paramiko.RSAKey(key=self._site.key)
        return f"[127.0.0.1]:{self.port} {key.get_name()} {key.get_base64()}"

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every connection."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._socket.close()
        for transport in self._transports:
            transport.close()
            transport.join(5)

    def _run(self) -> None:
        while True:
            try:
                client, _address = self._socket.accept()
            except OSError:
                return
            self._meet(client)

    def _meet(self, client: socket.socket) -> None:
        with self._site.world.lock:
            entry = self._site.log.note("sftp", "CONNECT", "/")
            refused = self._site.faults.take(("sftp_refused",), "")
            old = not refused and self._site.faults.take(("old_host_key_only",), "")
            entry.status = "refused" if refused else "ok"
        if refused:
            client.close()
            return
        self._transports = [each for each in self._transports if each.is_alive()]
        self._transports.append(self._talk(client, old=bool(old)))

    def _talk(self, client: socket.socket, *, old: bool) -> paramiko.Transport:
        door = Door(self._site, client)
        transport = (_OldTransport if old else paramiko.Transport)(client)
        transport.set_log_channel(LOG_CHANNEL)
        transport.add_server_key((_OldKey if old else paramiko.RSAKey)(key=self._site.key))
        transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Folders)
        transport.start_server(threading.Event(), door)
        return transport
