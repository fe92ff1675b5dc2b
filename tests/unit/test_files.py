"""FTPS sessions against a small TLS server of pyftpdlib, and CSV in both directions."""

from __future__ import annotations

import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from OpenSSL import SSL

from adapters.errors import (
    AuthError,
    ConfigError,
    MallError,
    NotSentError,
    OutcomeUnknownError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.files import (
    Column,
    FtpsArea,
    NotThereError,
    TlsRefusedError,
    encoding_of,
    read_table,
    write_table,
)
from adapters.secret import Secret

with warnings.catch_warnings():
    # pyftpdlib stands on asyncore, which Python 3.11 marks as going away.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

USER, PASSWORD = "merchant", "made-up-pass-1"


class Server:
    """One pyftpdlib server in its own thread; ``commands`` is every line it was sent."""

    def __init__(self, handler: type[FTPHandler], root: Path) -> None:
        self.root = root
        self.commands: list[str] = []
        authorizer = DummyAuthorizer()
        authorizer.add_user(USER, PASSWORD, str(root), perm="elradfmw")
        notes = {"authorizer": authorizer, "pre_process_command": self._noted(handler)}
        self._server = FTPServer(("127.0.0.1", 0), type("Handler", (handler,), notes), ioloop=IOLoop())
        self.port = self._server.address[1]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _noted(self, handler: type[FTPHandler]) -> Callable[..., None]:
        def pre_process_command(self_: Any, line: str, cmd: str, arg: str) -> None:
            self.commands.append(line)
            handler.pre_process_command(self_, line, cmd, arg)

        return pre_process_command

    def _run(self) -> None:
        while not self._stop.is_set():
            self._server.serve_forever(timeout=0.02, blocking=False)
        self._server.close_all()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(5)


class World:
    """Certificates, and the servers that one test starts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        self.authority.cert_pem.write_to_path(str(self.ca_file))
        self._servers: list[Server] = []

    def pem(self, *names: str, authority: trustme.CA | None = None, days: int = 1) -> str:
        until = datetime.now(UTC) + timedelta(days=days)
        made = (authority or self.authority).issue_cert(
            *names, not_before=until - timedelta(days=9), not_after=until
        )
        path = self.folder / f"server{len(list(self.folder.glob('server*')))}.pem"
        made.private_key_and_cert_chain_pem.write_to_path(str(path))
        return str(path)

    def serve(self, handler: type[FTPHandler] = TLS_FTPHandler, pem: str = "", **notes: Any) -> Server:
        if issubclass(handler, TLS_FTPHandler):
            notes = {
                "certfile": pem or self.pem("127.0.0.1"),
                "ssl_context": None,
                "tls_control_required": True,
                "tls_data_required": True,
                **notes,
            }
        root = self.folder / "area"
        (root / "stock").mkdir(parents=True, exist_ok=True)
        server = Server(type("Made", (handler,), notes), root)
        self._servers.append(server)
        return server

    def area(self, server: Server, **changes: Any) -> FtpsArea:
        chosen = {
            "host": "127.0.0.1",
            "port": server.port,
            "user": USER,
            "password": Secret(PASSWORD),
            "ca_file": str(self.ca_file),
            "timeout_s": 5,
        }
        return FtpsArea(**{**chosen, **changes})

    def stop(self) -> None:
        for server in self._servers:
            server.stop()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.stop()


def tls_context(pem: str, version: int) -> SSL.Context:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(version)
    context.set_max_proto_version(version)
    context.use_certificate_chain_file(pem)
    context.use_privatekey_file(pem)
    context.set_session_id(b"tanaban")
    return context


# --------------------------------------------------------------------------- round trips


@pytest.mark.parametrize("version", [SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION])
@pytest.mark.parametrize("reuse", [True, False])
def test_what_is_put_is_listed_and_read_back(world: World, version: int, reuse: bool) -> None:
    context = tls_context(world.pem("127.0.0.1"), version)
    server = world.serve(ssl_context=context)
    content = bytes(range(256)) * 4000
    with world.area(server, session_reuse=reuse).session() as files:
        files.put_new("/stock/a.csv", content)
        files.put_new("/stock/empty.csv", b"")
        entries = {entry.name: entry for entry in files.list("/stock")}
        assert files.get("/stock/a.csv", 2_000_000) == content
        assert files.exists("/stock/a.csv")
        assert not files.exists("/stock/b.csv")
    assert entries.keys() == {"a.csv", "empty.csv"}
    assert entries["a.csv"].size == len(content)
    modified = entries["a.csv"].modified
    assert modified is not None
    assert abs(modified - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_server_without_mlsd_is_listed_by_name_size_and_time(world: World) -> None:
    known = {name: spec for name, spec in TLS_FTPHandler.proto_cmds.items() if not name.startswith("MLS")}
    server = world.serve(proto_cmds=known)
    (server.root / "stock" / "a.csv").write_bytes(b"abc")
    (server.root / "stock" / "log").mkdir()
    with world.area(server).session() as files:
        entries = {entry.name: entry for entry in files.list("/stock")}
    assert entries["a.csv"].size == 3
    assert entries["a.csv"].modified is not None
    assert entries["log"].folder


def test_a_missing_folder_is_not_there_even_where_the_server_lists_it_as_empty(world: World) -> None:
    def empty(self: Any, path: str) -> None:
        self.push_dtp_data(b"", isproducer=False, cmd="NLST")

    known = {name: dict(spec) for name, spec in TLS_FTPHandler.proto_cmds.items() if name[:3] != "MLS"}
    known["NLST"]["perm"] = None
    server = world.serve(proto_cmds=known, ftp_NLST=empty)
    with world.area(server).session() as files:
        assert files.list("/stock") == []
        with pytest.raises(NotThereError):
            files.list("/none")


def test_a_missing_file_or_folder_is_not_there(world: World) -> None:
    with world.area(world.serve()).session() as files:
        with pytest.raises(NotThereError):
            files.get("/stock/none.csv", 10)
        with pytest.raises(NotThereError):
            files.list("/none")


def test_a_file_over_the_limit_is_refused(world: World) -> None:
    server = world.serve()
    (server.root / "stock" / "big.csv").write_bytes(b"x" * 1001)
    with pytest.raises(UnexpectedReplyError), world.area(server).session() as files:
        files.get("/stock/big.csv", 1000)


# --------------------------------------------------------------------------- TLS


def test_no_password_is_sent_to_a_server_without_tls(world: World) -> None:
    # B5
    server = world.serve(FTPHandler)
    with pytest.raises(TlsRefusedError) as caught, world.area(server).session():
        pass
    assert caught.value.hint == "no_clear_text"
    assert not [line for line in server.commands if line.startswith(("USER", "PASS"))]


@pytest.mark.parametrize("case", ["unknown authority", "expired", "other name"])
def test_a_certificate_that_does_not_hold_is_refused_before_log_in(world: World, case: str) -> None:
    pem = {
        "unknown authority": world.pem("127.0.0.1", authority=trustme.CA()),
        "expired": world.pem("127.0.0.1", days=-1),
        "other name": world.pem("elsewhere.example"),
    }[case]
    server = world.serve(pem=pem)
    with pytest.raises(NotSentError) as caught, world.area(server).session():
        pass
    assert caught.value.hint == "tls_untrusted"
    assert not [line for line in server.commands if line.startswith(("USER", "PASS"))]


def test_an_untrusted_certificate_passes_only_where_verification_is_off(world: World) -> None:
    server = world.serve(pem=world.pem("elsewhere.example", authority=trustme.CA()))
    with world.area(server, tls_verify=False).session() as files:
        files.put_new("/stock/a.csv", b"abc")
    assert (server.root / "stock" / "a.csv").read_bytes() == b"abc"


def test_a_server_that_only_knows_old_tls_is_named_as_such(world: World) -> None:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_cipher_list(b"ALL:@SECLEVEL=0")
    context.set_min_proto_version(SSL.TLS1_1_VERSION)
    context.set_max_proto_version(SSL.TLS1_1_VERSION)
    pem = world.pem("127.0.0.1")
    context.use_certificate_chain_file(pem)
    context.use_privatekey_file(pem)
    with pytest.raises(TlsRefusedError) as caught, world.area(world.serve(ssl_context=context)).session():
        pass
    assert caught.value.hint == "tls_version"


def test_a_ca_file_that_cannot_be_read_is_a_wrong_setting(world: World) -> None:
    area = world.area(world.serve(), ca_file=str(world.folder / "none.pem"))
    with pytest.raises(ConfigError), area.session():
        pass


# --------------------------------------------------------------------------- log-in


def test_a_refused_log_in_is_tried_once(world: World) -> None:
    server = world.serve(auth_failed_timeout=0)
    with pytest.raises(AuthError) as caught, world.area(server, password=Secret("other-pass-2")).session():
        pass
    assert caught.value.vendor_code == "530"
    assert len([line for line in server.commands if line.startswith("PASS")]) == 1


def test_a_password_that_the_server_echoes_is_not_in_the_error(world: World) -> None:
    class Echo(TLS_FTPHandler):
        def ftp_PASS(self, line: str) -> None:
            self.respond(f"530 no user with the password {line}")

    area = world.area(world.serve(Echo, auth_failed_timeout=0))
    with pytest.raises(AuthError) as caught, area.session():
        pass
    assert PASSWORD not in _everything(caught.value)
    assert PASSWORD not in repr(area)


@pytest.mark.parametrize("password", ["", "line\r\nbreak", "全角", "del\x7f"])
def test_a_password_of_no_possible_form_opens_no_connection(world: World, password: str) -> None:
    server = world.serve()
    with pytest.raises(AuthError) as caught, world.area(server, password=Secret(password)).session():
        pass
    assert caught.value.hint == "renew_wrong_form"
    assert server.commands == []


def _everything(error: BaseException | None) -> str:
    text = ""
    while error is not None:
        text += f"{error!r} {error.args} {vars(error)}"
        error = error.__cause__ or error.__context__
    return text


def test_no_listener_means_not_sent(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    area = FtpsArea(host="127.0.0.1", port=port, user=USER, password=Secret(PASSWORD), timeout_s=1)
    with pytest.raises(NotSentError), area.session():
        pass


def test_a_server_that_never_speaks_times_out_as_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        area = FtpsArea(host="127.0.0.1", port=port, user=USER, password=Secret(PASSWORD), timeout_s=0.3)
        with pytest.raises(NotSentError), area.session():
            pass


# --------------------------------------------------------------------------- writing whole files


@pytest.mark.parametrize(
    ("command", "reply", "expected", "hint"),
    [
        ("STOR", "552 quota exceeded", TemporaryError, "area_full"),
        ("STOR", "452 no space", TemporaryError, "area_full"),
        ("STOR", "550 no such folder", NotThereError, ""),
        ("STOR", "425 cannot open", TemporaryError, ""),
        ("STOR", "522 session reuse required", TlsRefusedError, "tls_session_reuse"),
        ("STOR", "599 what", UnexpectedReplyError, ""),
        ("RNTO", "553 name not allowed", UnexpectedReplyError, ""),
        ("RNFR", "450 busy", TemporaryError, ""),
    ],
)
def test_a_refused_write_leaves_nothing_behind(
    world: World, command: str, reply: str, expected: type[MallError], hint: str
) -> None:
    def refuse(self: Any, path: str, *_more: Any) -> None:
        self.respond(reply)

    server = world.serve(**{f"ftp_{command}": refuse})
    with pytest.raises(expected) as caught, world.area(server).session() as files:
        files.put_new("/stock/a.csv", b"abc")
    assert caught.value.hint == hint
    assert list((server.root / "stock").iterdir()) == []


def test_missing_session_reuse_is_named_where_it_is_switched_off(world: World) -> None:
    def refuse(self: Any, path: str, *_more: Any) -> None:
        self.respond("425 Unable to build data connection: Operation not permitted")

    area = world.area(world.serve(ftp_STOR=refuse), session_reuse=False)
    with pytest.raises(TlsRefusedError) as caught, area.session() as files:
        files.put_new("/stock/a.csv", b"abc")
    assert caught.value.hint == "tls_session_reuse"


def test_a_cut_before_the_final_rename_had_no_effect(world: World) -> None:
    class Cut(TLS_FTPHandler):
        def ftp_RNFR(self, path: str) -> None:
            self.close()

    server = world.serve(Cut)
    with pytest.raises(NotSentError), world.area(server).session() as files:
        files.put_new("/stock/a.csv", b"abc")
    assert list((server.root / "stock").iterdir()) == []


def test_a_cut_at_the_final_rename_is_unknown(world: World) -> None:
    class Cut(TLS_FTPHandler):
        def ftp_RNTO(self, path: str) -> None:
            super().ftp_RNTO(path)
            self.close()

        def respond(self, text: str, **more: Any) -> None:
            if not text.startswith("250 Renam"):
                super().respond(text, **more)

    server = world.serve(Cut)
    with pytest.raises(OutcomeUnknownError), world.area(server).session() as files:
        files.put_new("/stock/a.csv", b"abc")
    assert [path.name for path in (server.root / "stock").iterdir()] == ["a.csv"]


def test_a_short_upload_is_noticed_by_its_size(world: World) -> None:
    def ftp_SIZE(self: Any, path: str) -> None:
        self.respond("213 2")

    server = world.serve(ftp_SIZE=ftp_SIZE)
    with pytest.raises(NotSentError), world.area(server).session() as files:
        files.put_new("/stock/a.csv", b"abc")
    assert list((server.root / "stock").iterdir()) == []


def test_a_short_download_is_noticed_by_its_size(world: World) -> None:
    def ftp_SIZE(self: Any, path: str) -> None:
        self.respond("213 4")

    server = world.serve(ftp_SIZE=ftp_SIZE)
    (server.root / "stock" / "a.csv").write_bytes(b"abc")
    with pytest.raises(TemporaryError), world.area(server).session() as files:
        files.get("/stock/a.csv", 100)


@pytest.mark.parametrize("name", ["../up.csv", "/etc/x", "a\\b.csv", "bell\x07.csv", ".."])
def test_a_listed_name_that_leads_out_of_its_folder_is_left_out(world: World, name: str) -> None:
    class Evil(TLS_FTPHandler):
        def ftp_MLSD(self, path: str) -> str:
            lines = f"type=file;size=1;modify=20260101000000; {name}\r\ntype=file;size=2; good.csv\r\n"
            self.push_dtp_data(lines.encode(), cmd="MLSD")
            return path

    with world.area(world.serve(Evil)).session() as files:
        assert [entry.name for entry in files.list("/stock")] == ["good.csv"]


def test_file_put_in_place_has_no_other_name(world: World) -> None:
    server = world.serve()
    with world.area(server).session() as files:
        files.put_in_place("/stock/a.csv", b"abc")
    assert (server.root / "stock" / "a.csv").read_bytes() == b"abc"
    assert not [line for line in server.commands if ".tmp" in line or line.startswith("RN")]


def test_file_put_in_place_may_have_been_taken_before_we_look(world: World) -> None:
    def ftp_SIZE(self: Any, path: str) -> None:
        self.respond("550 No such file")

    with world.area(world.serve(ftp_SIZE=ftp_SIZE)).session() as files:
        files.put_in_place("/stock/a.csv", b"abc")


def test_cut_or_short_file_put_in_place_is_unknown(world: World) -> None:
    def short(self: Any, path: str) -> None:
        self.respond("213 2")

    def cut(self: Any, path: str) -> None:
        self.close()

    for name, wrong in (("ftp_SIZE", short), ("ftp_STOR", cut)):
        area = world.area(world.serve(**{name: wrong}))
        with pytest.raises(OutcomeUnknownError), area.session() as files:
            files.put_in_place("/stock/a.csv", b"abc")


def test_refusal_of_a_file_put_in_place_is_classed(world: World) -> None:
    def full(self: Any, path: str, *_more: Any) -> None:
        self.respond("552 Full")

    with pytest.raises(TemporaryError) as caught, world.area(world.serve(ftp_STOR=full)).session() as files:
        files.put_in_place("/stock/a.csv", b"abc")
    assert caught.value.hint == "area_full"


# --------------------------------------------------------------------------- CSV


CODE, NUMBER = Column(("code", "sku"), 0), Column(("quantity",), 1)
WANTED = {"code": CODE, "number": NUMBER}


@pytest.mark.parametrize(
    ("name", "encoding"), [("stock1_utf8.csv", "utf-8"), ("UTF8.csv", "utf-8"), ("stock.csv", "cp932")]
)
def test_the_name_tells_the_encoding(name: str, encoding: str) -> None:
    assert encoding_of(name) == encoding


def test_a_table_is_written_quoted_with_crlf_and_no_bom() -> None:
    content = write_table("a_utf8.csv", ["見出し", "b"], [['say "x"', "1"]])
    assert content == '"見出し","b"\r\n"say ""x""","1"\r\n'.encode()


def test_bare_table_is_quoted_where_needed_and_may_begin_with_a_hyphen() -> None:
    content = write_table("a.csv", ["見出し", "b"], [["-red", 'say "x"']], bare=True)
    assert content == '見出し,b\r\n-red,"say ""x"""\r\n'.encode("cp932")
    with pytest.raises(ValueError, match="NUL"):
        write_table("a.csv", ["a"], [["x\0"]], bare=True)


@pytest.mark.parametrize("name", ["a_utf8.csv", "a.csv"])
@pytest.mark.parametrize("cell", ["a,b", 'say "x"', "two\r\nlines", "①㈱髙", "", " space "])
def test_a_written_table_reads_back_equal(name: str, cell: str) -> None:
    content = write_table(name, ["code", "quantity"], [["x", cell]])
    assert read_table(name, content, WANTED) == [{"code": "x", "number": cell}]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "a\0b", "\U0001f9e2"])
def test_a_cell_that_could_do_harm_is_not_written(cell: str) -> None:
    with pytest.raises(ValueError, match="formula|encode"):
        write_table("a.csv", ["code"], [[cell]])


@pytest.mark.parametrize(
    "content",
    [
        b'"other","quantity","sku"\r\n"-","3","x"\r\n',
        b"\xef\xbb\xbf" + b'"code","quantity"\r\n"x","3"\r\n',
        b'"x","3"\r\n',
        b"code,quantity\nx,3\n\n",
    ],
)
def test_columns_are_found_by_name_and_else_by_position(content: bytes) -> None:
    # B7
    assert read_table("a.csv", content, WANTED) == [{"code": "x", "number": "3"}]


@pytest.mark.parametrize(
    "content", [b'"code"\r\n"x\0"\r\n', b'"code"\r\n"x', b'"code","quantity"\r\n"x"\r\n', b'"a" b\r\n']
)
def test_a_broken_table_is_refused_without_showing_its_content(content: bytes) -> None:
    with pytest.raises(UnexpectedReplyError) as caught:
        read_table("a.csv", content, WANTED)
    assert str(caught.value).startswith("a.csv: ")


def test_a_missing_column_without_position_is_named() -> None:
    with pytest.raises(UnexpectedReplyError, match="no column 受注番号"):
        read_table("a.csv", b'"code"\r\n"x"\r\n', {"order": Column(("受注番号",))})


def test_column_that_is_not_needed_is_empty_where_it_is_missing() -> None:
    wanted = {"code": Column(("code",)), "note": Column(("note",), needed=False)}
    assert read_table("a.csv", b"code\r\nx\r\n", wanted) == [{"code": "x", "note": ""}]
    assert read_table("a.csv", b"note,code\r\ny,x\r\n", wanted) == [{"code": "x", "note": "y"}]


def test_bytes_outside_the_encoding_spoil_only_wanted_cells() -> None:
    bad = b'"code","quantity","name"\r\n"x","3","\x81\x39"\r\n'
    assert read_table("a.csv", bad, WANTED) == [{"code": "x", "number": "3"}]
    with pytest.raises(UnexpectedReplyError):
        read_table("a.csv", bad, {"name": Column(("name",))})
