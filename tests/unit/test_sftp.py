"""SFTP sessions against a small server of paramiko's."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import paramiko
import pytest
from paramiko.hostkeys import HostKeys

from adapters.errors import (
    AuthError,
    ConfigError,
    MallError,
    NotSentError,
    OutcomeUnknownError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.files import NotThereError
from adapters.secret import Secret
from adapters.sftp import SftpArea, SshRefusedError, part_of
from tests.unit.sftp_server import PASSWORD, USER, OldTransport, Server, Session, ecdsa_key, rsa_key

PATH = "/batch/normal-item_a.csv"
CONTENT = bytes(range(256)) * 400


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    with contextlib.ExitStack() as running:

        def start(*keys: paramiko.PKey, **how: Any) -> Server:
            server = Server(tmp_path / "area", *keys, **how)
            running.callback(server.stop)
            return server

        (tmp_path / "area").mkdir()
        yield start


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    return serve()


def put(server: Server, **changes: Any) -> None:
    with server.area(**changes).session() as files:
        files.put_new(PATH, CONTENT)


def everything(error: BaseException | None) -> str:
    text = ""
    while error is not None:
        text += f"{error!r} {error.args} {vars(error)}"
        error = error.__cause__ or error.__context__
    return text


# --------------------------------------------------------------------------- round trips


def test_what_is_put_is_listed_and_read_back(server: Server) -> None:
    with server.area().session() as files:
        files.put_new(PATH, CONTENT)
        files.put_new("/batch/empty.csv", b"")
        (server.root / "batch" / "folder").mkdir()
        entries = {entry.name: entry for entry in files.list("/batch")}
        assert files.get(PATH, len(CONTENT)) == CONTENT
        assert files.get("/batch/empty.csv", 0) == b""
        assert files.exists(PATH)
        assert not files.exists("/batch/none.csv")
    assert entries.keys() == {"normal-item_a.csv", "empty.csv", "folder"}
    assert entries["folder"].folder
    assert entries["normal-item_a.csv"].size == len(CONTENT)
    modified = entries["normal-item_a.csv"].modified
    assert modified is not None
    assert abs(modified - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_large_file_is_sent_without_waiting_for_each_answer(server: Server) -> None:
    content = os.urandom(1_000_000)
    with server.area().session() as files:
        files.put_new(PATH, content)
    assert (server.root / "batch" / "normal-item_a.csv").read_bytes() == content
    assert server.ahead[0]


def test_a_missing_file_or_folder_is_not_there(server: Server) -> None:
    with server.area().session() as files:
        with pytest.raises(NotThereError):
            files.get("/batch/none.csv", 10)
        with pytest.raises(NotThereError):
            files.list("/none")
        with pytest.raises(NotThereError):
            files.put_new("/none/a.csv", b"abc")


def test_a_file_over_the_limit_is_refused(server: Server) -> None:
    (server.root / "batch" / "big.csv").write_bytes(b"x" * 1001)
    with pytest.raises(UnexpectedReplyError), server.area().session() as files:
        files.get("/batch/big.csv", 1000)


@pytest.mark.parametrize("name", ["../up.csv", "/etc/x", "a\\b.csv", "bell\x07.csv"])
def test_a_listed_name_that_leads_out_of_its_folder_is_left_out(server: Server, name: str) -> None:
    def rows(_session: Session, _path: str) -> list[paramiko.SFTPAttributes]:
        found = [paramiko.SFTPAttributes(), paramiko.SFTPAttributes()]
        found[0].filename, found[1].filename = name, "good.csv"
        return found

    server.hooks["list"] = rows
    with server.area().session() as files:
        (entry,) = files.list("/batch")
    assert (entry.name, entry.modified, entry.folder) == ("good.csv", None, False)


# --------------------------------------------------------------------------- the host key


def test_an_unknown_host_key_is_refused_before_log_in_and_named(server: Server) -> None:
    with pytest.raises(SshRefusedError) as caught:
        put(server, host_key="")
    assert caught.value.hint == "host_key_unknown"
    text = str(caught.value)
    assert ecdsa_key().fingerprint in text
    assert all(word in text for word in ("host_key", "known_hosts_file", f"ssh-keyscan -p {server.port}"))
    assert server.passwords == []


def test_a_changed_host_key_is_refused_before_log_in_and_named(server: Server, tmp_path: Path) -> None:
    other = server.line(ecdsa_key(1))
    (tmp_path / "known").write_text(f"{other}\n")
    for setting in ({"host_key": other}, {"host_key": "", "known_hosts_file": str(tmp_path / "known")}):
        with pytest.raises(SshRefusedError) as caught:
            put(server, **setting)
        assert caught.value.hint == "host_key_changed"
        assert "another host key" in str(caught.value)
        assert "ssh-keyscan" in str(caught.value)
    assert server.passwords == []


def test_a_key_may_stand_in_a_line_without_host_or_beside_its_successor(server: Server) -> None:
    bare = server.line().partition(" ")[2]
    for line in (bare, f"{bare}\n", f"{server.line(ecdsa_key(1))}\n{server.line()} a comment\n"):
        with server.area(host_key=line).session() as files:
            assert files.list("/batch") == []


def test_a_known_hosts_file_is_searched_by_host_and_port(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    hashed = HostKeys.hash_host(f"[127.0.0.1]:{server.port}")
    for text, known in (
        (f"# ours\n\nno line\n{server.line(ecdsa_key(1))}\n{server.line()}\n", True),
        (server.line(host=hashed), True),
        (server.line(host="127.0.0.1"), False),
        (f"@revoked {server.line()}", False),
    ):
        file.write_text(text)
        area = server.area(host_key="", known_hosts_file=str(file))
        with contextlib.nullcontext() if known else pytest.raises(SshRefusedError), area.session():
            pass


@pytest.mark.parametrize(
    "setting",
    [
        {"host_key": "nonsense"},
        {"host_key": "h ssh-rsa !!!"},
        {"host_key": "h ssh-rsa AAAA"},
        {"known_hosts_file": "/none"},
    ],
)
def test_a_host_key_setting_that_cannot_be_read_is_named(server: Server, setting: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=next(iter(setting))):
        put(server, **setting)


def test_of_several_keys_the_one_that_is_known_is_asked_for(serve: Callable[..., Server]) -> None:
    server = serve(ecdsa_key(), rsa_key())
    for key in server.keys:
        with server.area(host_key=server.line(key)).session() as files:
            assert files.list("/batch") == []


def test_an_old_rsa_key_is_taken_only_where_that_is_allowed(serve: Callable[..., Server]) -> None:
    server = serve(rsa_key(), make=OldTransport)
    with pytest.raises(SshRefusedError, match="legacy_ssh") as caught:
        put(server)
    assert caught.value.hint == "ssh_too_old"
    assert server.passwords == []
    put(server, legacy=True)
    assert server.names() == ["normal-item_a.csv"]
    with pytest.raises(SshRefusedError) as caught:
        put(server, legacy=True, host_key=server.line(ecdsa_key()))
    assert caught.value.hint == "host_key_changed"


def test_what_is_allowed_for_old_servers_is_not_used_with_new_ones(serve: Callable[..., Server]) -> None:
    seen: list[str] = []
    server = serve(rsa_key())
    server.log_in = lambda session: seen.append(session.transport.host_key_type or "")
    put(server, legacy=True)
    assert seen == ["rsa-sha2-512"]


# --------------------------------------------------------------------------- log-in


@pytest.mark.parametrize("methods", ["password", "password,keyboard-interactive", "keyboard-interactive"])
def test_the_password_is_sent_once_whether_it_is_taken_or_not(server: Server, methods: str) -> None:
    server.methods = methods
    with server.area().session() as files:
        assert files.list("/batch") == []
    assert server.passwords == [PASSWORD]
    with pytest.raises(AuthError) as caught:
        put(server, password=Secret("Other-p2"))
    assert server.passwords == [PASSWORD, "Other-p2"]
    assert "Other-p2" not in everything(caught.value)


def test_a_server_that_hangs_up_on_a_wrong_password_has_refused_it(server: Server) -> None:
    server.log_in = lambda session: threading.Timer(0.05, session.transport.close).start()
    with pytest.raises(AuthError):
        put(server, password=Secret("Other-p2"))
    assert server.passwords == ["Other-p2"]


def test_a_connection_lost_at_log_in_is_no_refusal(server: Server) -> None:
    server.log_in = lambda session: session.transport.close()
    with pytest.raises(NotSentError):
        put(server)


def test_a_server_that_takes_keys_only_is_named_as_such(server: Server) -> None:
    server.methods = "publickey"
    with pytest.raises(AuthError, match="publickey"):
        put(server)
    assert server.passwords == []


@pytest.mark.parametrize("empty", [{"user": ""}, {"password": Secret("")}])
def test_empty_credentials_open_no_connection(server: Server, empty: dict[str, Any]) -> None:
    with pytest.raises(AuthError) as caught:
        put(server, **empty)
    assert caught.value.hint == "renew_wrong_form"


def test_no_secret_is_in_the_area_that_is_shown(server: Server) -> None:
    assert PASSWORD not in repr(server.area())


def test_no_listener_means_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(NotSentError), area_at(port).session():
        pass


def test_a_server_that_never_speaks_or_is_no_ssh_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        with pytest.raises(NotSentError), area_at(mute.getsockname()[1]).session():
            pass
        mute.accept()[0].close()


def area_at(port: int) -> SftpArea:
    return SftpArea(host="127.0.0.1", port=port, user=USER, password=Secret(PASSWORD), timeout_s=0.5)


def test_a_server_without_sftp_is_named_as_such(server: Server) -> None:
    server.channels = paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
    with pytest.raises(UnexpectedReplyError, match="no SFTP"):
        put(server)


# --------------------------------------------------------------------------- writing whole files


def test_a_file_grows_under_a_hidden_name_of_another_beginning(server: Server) -> None:
    put(server)
    opened = [call[1] for call in server.calls if call[0] == "open"]
    assert opened == [part_of(PATH)] == ["/batch/.normal-item_a.csv.tmp"]


def no(_session: Session, *_paths: str) -> int:
    return paramiko.SFTP_PERMISSION_DENIED


def no_part(_session: Session, path: str) -> int | None:
    return paramiko.SFTP_PERMISSION_DENIED if path.endswith(".tmp") else None


@pytest.mark.parametrize("hooks", [{"rename": no}, {"open": no_part}])
def test_where_nothing_may_be_renamed_the_file_is_put_again_and_verified(
    server: Server, hooks: dict[str, Callable[..., Any]]
) -> None:
    server.hooks.update(hooks)
    put(server)
    assert server.names() == ["normal-item_a.csv"]
    assert server.calls[-1] == ("stat", PATH)
    with pytest.raises(UnexpectedReplyError, match="in use"):
        put(server)


def test_a_name_in_use_is_not_overwritten(server: Server) -> None:
    put(server)
    with pytest.raises(UnexpectedReplyError, match="in use"), server.area().session() as files:
        files.put_new(PATH, b"other")
    assert (server.root / "batch" / "normal-item_a.csv").read_bytes() == CONTENT
    assert server.names() == ["normal-item_a.csv"]


def test_a_folder_that_takes_no_file_is_told(server: Server) -> None:
    server.hooks["open"] = no
    with pytest.raises(UnexpectedReplyError) as caught:
        put(server)
    assert caught.value.vendor_code == "3"


def small(session: Session, path: str) -> paramiko.SFTPAttributes:
    found = paramiko.SFTPAttributes()
    found.st_size = 2
    return found


def test_a_short_upload_is_noticed_by_its_size_and_taken_away(server: Server) -> None:
    server.hooks["stat"] = small
    with pytest.raises(NotSentError, match="2 bytes arrived"):
        put(server)
    assert server.names() == []


def test_a_short_file_under_its_final_name_is_unknown(server: Server) -> None:
    server.hooks["rename"] = no

    def stat(session: Session, path: str) -> Any:
        written = path == PATH and (server.root / PATH.lstrip("/")).exists()
        return small(session, path) if written else None

    server.hooks["stat"] = stat
    with pytest.raises(OutcomeUnknownError):
        put(server)


def test_a_file_taken_up_before_its_size_was_seen_is_unknown(server: Server) -> None:
    server.hooks["rename"] = no
    server.hooks["stat"] = lambda _session, path: paramiko.SFTP_NO_SUCH_FILE if path == PATH else None
    with pytest.raises(OutcomeUnknownError):
        put(server)


def cut(session: Session, *_paths: str) -> int:
    session.transport.close()
    return paramiko.SFTP_FAILURE


def test_a_cut_before_the_final_rename_had_no_effect(server: Server) -> None:
    once = iter([cut])
    server.hooks["stat"] = lambda session, path: next(once, lambda *_: None)(session, path)
    with pytest.raises(NotSentError):
        put(server)
    assert server.names() == []


def test_a_cut_at_the_final_rename_is_unknown(server: Server) -> None:
    def rename(session: Session, old: str, new: str) -> int:
        (server.root / old.lstrip("/")).rename(server.root / new.lstrip("/"))
        return cut(session)

    server.hooks["rename"] = rename
    with pytest.raises(OutcomeUnknownError):
        put(server)
    assert server.names() == ["normal-item_a.csv"]


def test_a_cut_while_reading_is_temporary(server: Server) -> None:
    put(server)
    server.hooks["list"] = cut
    with pytest.raises(TemporaryError), server.area().session() as files:
        files.list("/batch")
    server.hooks["open"] = cut
    with pytest.raises(TemporaryError), server.area().session() as files:
        files.get(PATH, 1_000_000)


def test_a_server_that_stops_answering_is_temporary(server: Server) -> None:
    hold = threading.Event()
    server.hooks["list"] = lambda *_: hold.wait(5) and None
    with pytest.raises(TemporaryError), server.area(timeout_s=0.5).session() as files:
        files.list("/batch")
    hold.set()


def test_a_cut_in_the_middle_of_a_file_is_temporary(server: Server) -> None:
    (server.root / "batch" / "big.csv").write_bytes(b"x" * 3_000_000)
    server.hooks["read"] = lambda session, offset: cut(session) if offset > 1_000_000 else None
    with pytest.raises(TemporaryError), server.area().session() as files:
        files.get("/batch/big.csv", 4_000_000)


def test_a_server_that_never_opens_sftp_is_not_sent(server: Server) -> None:
    server.opening.clear()
    with pytest.raises(NotSentError):
        put(server, timeout_s=0.5)
    server.opening.set()


def test_a_short_download_is_noticed_by_its_size(server: Server) -> None:
    put(server)
    server.hooks["stat"] = small
    with pytest.raises(TemporaryError), server.area().session() as files:
        files.get(PATH, 1_000_000)


@pytest.mark.parametrize(
    ("code", "expected"),
    [(paramiko.SFTP_FAILURE, TemporaryError), (paramiko.SFTP_OP_UNSUPPORTED, TemporaryError)],
)
def test_a_refusal_without_a_meaning_of_its_own_may_pass(
    server: Server, code: int, expected: type[MallError]
) -> None:
    server.hooks["list"] = lambda *_: code
    with pytest.raises(expected), server.area().session() as files:
        files.list("/batch")
