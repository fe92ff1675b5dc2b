"""The file area and the RoomClip adapter against FTP servers that merchants' hosts really run.

``install.sh`` brings the servers; one that is not here is skipped.
"""

from __future__ import annotations

import ftplib
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import trustme

from adapters.clock import SystemClock
from adapters.contract import CredentialState, Outcome, ShopSettings, StockLine, Window
from adapters.errors import AuthError, MallError, UnexpectedReplyError
from adapters.files import FtpsArea, NotThereError, TlsRefusedError
from adapters.roomclip.adapter import RoomclipAdapter, create
from adapters.secret import Secret
from tests.interop.servers import KINDS, PASSWORD, Server

CASES = [
    pytest.param((kind, tls), id=f"{kind.name}-{tls}") for kind in KINDS for tls in ("TLSv1.2", "TLSv1.3")
]
WRONG = "made-up-pass-2"
JST = timezone(timedelta(hours=9))
ORDER_HEADER = ["ショップ受注番号", "受注日時", "受注進捗コード", "商品コード", "数量"]

pytestmark = pytest.mark.long


class Ground:
    """One server, its authority, and the areas and shops that lead to it."""

    def __init__(self, server: Server, ca_file: Path) -> None:
        self.server = server
        self.root = server.root
        self.ca_file = ca_file

    def area(self, **changes: Any) -> FtpsArea:
        chosen = {
            "host": "127.0.0.1",
            "port": self.server.port,
            "user": self.server.kind.user,
            "password": Secret(PASSWORD),
            "ca_file": str(self.ca_file),
        }
        return FtpsArea(**{**chosen, **changes})

    def shop(self, **credentials: str) -> RoomclipAdapter:
        options = {
            "host": "127.0.0.1",
            "port": self.server.port,
            "ca_file": str(self.ca_file),
            "other_shops_stopped": True,
        }
        kinds = {"user": self.server.kind.user, "password": PASSWORD, "shop_code": "12345"} | credentials
        secrets = {kind: Secret(value) for kind, value in kinds.items()}
        return create(ShopSettings("roomclip-main", options), secrets, SystemClock(), threading.Event())

    def names(self, folder: str) -> set[str]:
        return {path.name for path in (self.root / folder).iterdir()}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.RSA)


@pytest.fixture(scope="module")
def pem(authority: trustme.CA) -> bytes:
    issued = authority.issue_cert("127.0.0.1", key_type=trustme.KeyType.RSA)
    return issued.private_key_and_cert_chain_pem.bytes()


@pytest.fixture(params=CASES)
def ground(request: pytest.FixtureRequest, authority: trustme.CA, pem: bytes) -> Iterator[Ground]:
    kind, tls = request.param
    if reason := kind.missing():
        pytest.skip(reason)
    # pytest's own folders are closed to the user that the servers turn into.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "server.pem").write_bytes(pem)
        (folder / "server.pem").chmod(0o600)
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        server = Server(kind, folder, folder / "server.pem", tls)
        try:
            server.await_greeting()
            yield Ground(server, folder / "ca.pem")
        finally:
            server.stop()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[], list[str]]:
    """Tell the commands that the client sent, by ftplib's own trace, which hides the password."""
    monkeypatch.setattr(ftplib.FTP, "debugging", 1)

    def commands() -> list[str]:
        lines = capsys.readouterr().out.splitlines()
        return [line.removeprefix("*cmd* ").strip("'") for line in lines if line.startswith("*cmd* ")]

    return commands


# --------------------------------------------------------------------------- the file area


def test_the_server_speaks_the_tls_version_of_its_case(ground: Ground) -> None:
    context = ssl.create_default_context(cafile=str(ground.ca_file))
    with ftplib.FTP_TLS(context=context, timeout=5) as client:
        client.connect("127.0.0.1", ground.server.port)
        client.auth()
        assert isinstance(client.sock, ssl.SSLSocket)
        assert client.sock.version() == ground.server.tls


def test_several_files_put_in_one_session_are_listed_and_read_back(ground: Ground) -> None:
    # B5
    contents = {f"part{number}.csv": bytes(range(256)) * number * 8000 for number in range(4)}
    with ground.area().session() as files:
        for name, content in contents.items():
            files.put_new(f"/stock/{name}", content)
        entries = {entry.name: entry for entry in files.list("/stock")}
        read = {name: files.get(f"/stock/{name}", 9_000_000) for name in contents}
    assert read == contents
    assert {name for name, entry in entries.items() if entry.folder} == {"log"}
    assert {name: entries[name].size for name in contents} == {
        name: len(content) for name, content in contents.items()
    }
    assert ground.names("stock") == {"log", *contents}


def test_a_listed_time_is_in_utc(ground: Ground) -> None:
    with ground.area().session() as files:
        files.put_new("/stock/a.csv", b"abc")
        (modified,) = (entry.modified for entry in files.list("/stock") if entry.name == "a.csv")
    assert modified is not None
    assert abs(modified - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_new_file_is_written_beside_its_name_and_then_renamed(
    ground: Ground, sent: Callable[[], list[str]]
) -> None:
    with ground.area().session() as files:
        files.put_new("/stock/a.csv", b"abc")
    verbs = [line for line in sent() if line.split()[0] in {"STOR", "SIZE", "RNFR", "RNTO", "DELE"}]
    assert verbs == [
        "STOR /stock/a.csv.tmp",
        "SIZE /stock/a.csv.tmp",
        "RNFR /stock/a.csv.tmp",
        "RNTO /stock/a.csv",
    ]
    assert (ground.root / "stock/a.csv").read_bytes() == b"abc"


def test_a_file_is_put_in_place_found_and_discarded(ground: Ground) -> None:
    with ground.area().session() as files:
        files.put_in_place("/stock/a.csv", b"abc")
        assert files.exists("/stock/a.csv")
        files.discard("/stock/a.csv")
        assert not files.exists("/stock/a.csv")
    assert ground.names("stock") == {"log"}


def test_what_is_missing_is_not_there(ground: Ground) -> None:
    with ground.area().session() as files:
        assert files.list("/order/export/acc/new") == []
        with pytest.raises(NotThereError):
            files.list("/none")
        with pytest.raises(NotThereError):
            files.get("/stock/none.csv", 10)
        with pytest.raises(NotThereError):
            files.discard("/stock/none.csv")
        files.put_new("/stock/a.csv", b"abc")  # the session goes on
    assert ground.names("stock") == {"log", "a.csv"}


def test_a_folder_that_may_not_be_read_is_not_an_empty_one(ground: Ground) -> None:
    (ground.root / "stock").chmod(0o300)
    with pytest.raises(MallError), ground.area().session() as files:
        files.list("/stock")


def test_a_file_for_a_missing_folder_is_refused_and_leaves_nothing(ground: Ground) -> None:
    # pure-ftpd says 553, "name not allowed", and the others 550 or 553.
    with pytest.raises((NotThereError, UnexpectedReplyError)), ground.area().session() as files:
        files.put_new("/none/a.csv", b"abc")
    assert not (ground.root / "none").exists()


def test_session_reuse_is_what_the_server_demands(ground: Ground) -> None:
    area = ground.area(session_reuse=False)
    if not ground.server.kind.wants_reuse:
        with area.session() as files:
            assert [entry.name for entry in files.list("/stock")] == ["log"]
        return
    with pytest.raises(TlsRefusedError) as caught, area.session() as files:
        files.put_new("/stock/a.csv", b"abc")
    assert caught.value.hint == "tls_session_reuse"
    assert "a.csv" not in ground.names("stock")


def test_a_wrong_password_is_tried_once(ground: Ground, sent: Callable[[], list[str]]) -> None:
    with pytest.raises(AuthError) as caught, ground.area(password=Secret(WRONG)).session():
        pass
    assert sent() == ["AUTH TLS", f"USER {ground.server.kind.user}", f"PASS {'*' * len(WRONG)}"]
    assert WRONG not in repr(caught.value)


def test_an_untrusted_authority_is_refused_before_any_user(
    ground: Ground, sent: Callable[[], list[str]]
) -> None:
    # B5
    other = ground.ca_file.with_name("other.pem")
    trustme.CA().cert_pem.write_to_path(str(other))
    with pytest.raises(TlsRefusedError) as caught, ground.area(ca_file=str(other)).session():
        pass
    assert caught.value.hint == "tls_untrusted"
    assert sent() == ["AUTH TLS"]


# --------------------------------------------------------------------------- the RoomClip adapter


def test_the_shop_is_checked(ground: Ground) -> None:
    shop = ground.shop()
    assert "0 file(s) waiting" in shop.check().detail
    assert {status.state for status in shop.credential_status()} == {CredentialState.OK}


def test_an_unknown_shop_code_is_named_with_the_folders_that_are_there(ground: Ground) -> None:
    with pytest.raises(AuthError) as caught:
        ground.shop(shop_code="99999").check()
    assert caught.value.hint == "shop_code_unknown"
    assert caught.value.codes == ("12345",)


def test_numbers_are_sent_in_one_file_and_confirmed_once_it_is_taken(ground: Ground) -> None:
    shop = ground.shop()
    lines = [StockLine(code, (code,), number) for number, code in enumerate(("mug", "cap-navy"))]
    sent = shop.write_stock(lines)
    (name,) = {result.ticket for result in sent}
    assert [result.outcome for result in sent] == [Outcome.SENT, Outcome.SENT]
    assert ground.names("stock") == {"log", name}
    assert '"cap-navy","1","1","1"' in (ground.root / "stock" / name).read_text(encoding="utf-8")
    assert "1 file(s) waiting" in shop.check().detail
    assert shop.confirm(sent) == sent
    (ground.root / "stock" / name).unlink()  # as TEMPOSTAR takes it
    (ground.root / "stock/log" / f"{name}.log").write_text("cap-navy,unknown\n")
    assert [result.outcome for result in shop.confirm(sent)] == [Outcome.DONE, Outcome.REFUSED]


def test_nothing_counts_as_taken_from_a_folder_that_is_gone_or_closed(ground: Ground) -> None:
    shop = ground.shop()
    sent = shop.write_stock([StockLine("mug", ("mug",), 1)])
    stock = ground.root / "stock"
    stock.chmod(0o300)
    with pytest.raises(UnexpectedReplyError):
        shop.confirm(sent)
    stock.rename(ground.root / "moved")
    with pytest.raises(UnexpectedReplyError):
        shop.confirm(sent)


def test_two_writes_of_one_second_are_two_files(ground: Ground) -> None:
    shop = ground.shop()
    tickets = {shop.write_stock([StockLine("mug", ("mug",), number)])[0].ticket for number in (1, 2)}
    assert ground.names("stock") == {"log", *tickets}
    assert len(tickets) == 2


def test_orders_are_read_from_an_export_folder(ground: Ground) -> None:
    now = datetime.now(UTC)
    window, shop = Window(now - timedelta(hours=1), now), ground.shop()
    assert shop.read_orders(window) == []
    placed = f"{now.astimezone(JST):%Y/%m/%d %H:%M}"
    rows = [ORDER_HEADER, ["R-1", placed, "100", "mug", "2"]]
    text = "".join(",".join(row) + "\r\n" for row in rows)
    (ground.root / "order/export/acc/new/order1.csv").write_text(text, encoding="cp932", newline="")
    (order,) = shop.read_orders(window)
    assert [(order.order_id, line.mall_code, line.quantity) for line in order.lines] == [("R-1", "mug", 2)]
    assert order.lines[0].revision is not None


def test_the_numbers_put_out_are_read_where_they_are_there(ground: Ground) -> None:
    shop = ground.shop()
    assert shop.published() == {}
    (ground.root / "netstock/12345/stock.csv").write_text("mug,3\r\n", newline="")
    assert {code: found.quantity for code, found in shop.published().items()} == {"mug": 3}
