"""A running TEMPOSTAR and RoomClip simulator, and an FTPS client of Python's own, for the tests."""

from __future__ import annotations

import csv
import ftplib
import io
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.malls.roomclip.part import RoomclipMall
from sandbox.world import World

HEADER = '"商品コード","想定在庫数","更新モード","更新対象"\r\n'
STEP_S = 300


class ReusingClient(ftplib.FTP_TLS):
    """Resumes the control connection's TLS session on each data connection."""

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        if self._prot_p:
            session = self.sock.session
            connection = self.context.wrap_socket(connection, server_hostname=self.host, session=session)
        return connection, size


class Shop:
    """The mall under test and the hands on it."""

    def __init__(self, world: World, mall: RoomclipMall) -> None:
        self.world = world
        self.mall = mall

    def call(self, verb: str, **arguments: Any) -> Any:
        return json.loads(json.dumps(self.mall.control(verb, arguments)))

    def context(self, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.world.ca_file))
        context.minimum_version = context.maximum_version = version
        return context

    @contextmanager
    def connected(
        self,
        kind: type[ftplib.FTP_TLS] = ReusingClient,
        version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    ) -> Iterator[ftplib.FTP_TLS]:
        where = self.mall.addresses()
        client = kind(context=self.context(version), timeout=5)
        try:
            client.connect(where["host"], where["port"])
            yield client
        finally:
            client.close()

    @contextmanager
    def client(self, **how: Any) -> Iterator[ftplib.FTP_TLS]:
        where = self.mall.addresses()
        with self.connected(**how) as client:
            client.login(where["user"], where["password"])
            client.prot_p()
            yield client

    def upload(self, name: str, *rows: str, header: str = HEADER) -> None:
        with self.client() as client:
            send(client, name, "".join([header, *(f"{row}\r\n" for row in rows)]))

    def until(self, rule: Callable[[], Any], within_s: float = 5) -> Any:
        """Wait for the mall to make ``rule`` true; gives its value."""
        with self.world.changed:
            self.world.changed.wait_for(rule, within_s)
            found = rule()
        assert found, "did not happen in time"
        return found

    def step(self, seconds: float = STEP_S) -> None:
        """Move the clock and wait until every round that is due has run.

        The rounds tell after each look: the first look may have begun before the clock moved.
        """
        self.world.clock.advance(seconds)
        with self.world.changed:
            assert self.world.changed.wait(2)
            assert self.world.changed.wait(2)

    def published(self) -> list[list[str]]:
        """The rows of stock.csv that lies there now, without the header."""
        text = self.call("area")["/netstock/12345/stock.csv"]
        return list(csv.reader(io.StringIO(text, newline="")))[1:]


def send(client: ftplib.FTP_TLS, name: str, text: str, encoding: str = "utf-8") -> None:
    """Upload as the contract wants it: under a part name, then renamed."""
    client.storbinary(f"STOR {name}.tmp", io.BytesIO(text.encode(encoding)))
    client.rename(f"{name}.tmp", name)


def fetch(client: ftplib.FTP_TLS, name: str) -> bytes:
    got = io.BytesIO()
    client.retrbinary(f"RETR {name}", got.write)
    return got.getvalue()


@contextmanager
def running(folder: Path, **settings: Any) -> Iterator[Shop]:
    world = World(folder)
    mall = RoomclipMall(world, None, **settings)
    mall.start()
    try:
        yield Shop(world, mall)
    finally:
        mall.stop()
