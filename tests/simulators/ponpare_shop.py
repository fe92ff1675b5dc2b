"""A running ポンパレモール simulator, and an FTPS client of Python's own, for the tests."""

from __future__ import annotations

import base64
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

from sandbox.malls.ponpare.part import PonpareMall
from sandbox.world import World

CONTROL = "コントロールカラム"
ITEM_HEADER = "コントロールカラム,商品管理ID（商品URL）,在庫タイプ,在庫数"
OPTION_HEADER = (
    "コントロールカラム,商品管理ID（商品URL）,選択肢タイプ,購入オプション名,オプション項目名,"
    "SKU横軸項目ID,SKU横軸項目名,SKU縦軸項目ID,SKU縦軸項目名,SKU在庫数"
)


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

    def __init__(self, world: World, mall: PonpareMall) -> None:
        self.world = world
        self.mall = mall

    def call(self, verb: str, **arguments: Any) -> Any:
        return json.loads(json.dumps(self.mall.control(verb, arguments)))

    @contextmanager
    def connected(
        self, kind: type[ftplib.FTP_TLS] = ReusingClient, *, results: bool = False
    ) -> Iterator[ftplib.FTP_TLS]:
        where = self.mall.addresses()
        context = ssl.create_default_context(cafile=str(self.world.ca_file))
        client = kind(context=context, timeout=20)
        try:
            client.connect(where["host"], where["result_port" if results else "port"])
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

    def upload(self, slot: str, *lines: str) -> None:
        with self.client() as client:
            put(client, slot, *lines)

    def put_items(self, *rows: str) -> None:
        self.upload("item.csv", ITEM_HEADER, *rows)

    def put_options(self, *rows: str) -> None:
        self.upload("option.csv", OPTION_HEADER, *rows)

    def results(self, kind: str = "item") -> list[str]:
        """Paths of the results that lie there now."""
        return [name for name in self.call("area") if f"/log/{kind}_" in name]

    def page(self, kind: str = "item") -> bytes:
        """Wait for a result, fetch it, delete it; gives its bytes."""
        name = self.until(lambda: self.results(kind))[0]
        with self.client(results=True) as client:
            content = fetch(client, name)
            client.delete(name)
        return content

    def result(self, kind: str = "item") -> list[list[str]]:
        """The records of a result, as ``page``."""
        return list(csv.reader(io.StringIO(self.page(kind).decode("cp932"), newline="")))

    def answers(self, kind: str = "item") -> list[str]:
        """Wait for a result; gives the mall's text to each row."""
        header, *rows = self.result(kind)
        return [row[header.index(CONTROL)] for row in rows]

    def until(self, rule: Callable[[], Any], within_s: float = 20) -> Any:
        """Wait for the mall to make ``rule`` true; gives its value."""
        with self.world.changed:
            self.world.changed.wait_for(rule, within_s)
            found = rule()
        assert found, "did not happen in time"
        return found

    def violations(self) -> list[str]:
        return [broken["what"] for broken in self.call("violations")]


def put(client: ftplib.FTP_TLS, slot: str, *lines: str) -> None:
    text = "".join(f"{line}\r\n" for line in lines)
    client.storbinary(f"STOR /{slot}", io.BytesIO(text.encode("cp932")))


def fetch(client: ftplib.FTP_TLS, name: str) -> bytes:
    got = io.BytesIO()
    client.retrbinary(f"RETR {name}", got.write)
    return got.getvalue()


def content_of(answer: dict[str, str]) -> bytes:
    return base64.b64decode(answer["base64"])


def records_of(answer: dict[str, str]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content_of(answer).decode("cp932"), newline="")))


@contextmanager
def running(folder: Path, **settings: Any) -> Iterator[Shop]:
    world = World(folder)
    mall = PonpareMall(world, None, **{"tick_s": 0.1, **settings})
    mall.start()
    try:
        yield Shop(world, mall)
    finally:
        mall.stop()
