"""The HTTP session: what each way of failing is called, and that no address gets out."""

from __future__ import annotations

import logging
import re
import socket
import ssl
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from threading import Event, Thread

import pytest
import trustme

from adapters.clock import ManualClock, SystemClock
from adapters.errors import ConfigError, MallError, NotSentError, OutcomeUnknownError, TemporaryError
from adapters.http import HttpSession, Reply, Request, retry_after_s

SECRET = "planted-in-the-query"  # noqa: S105
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Script = Callable[[socket.socket, bytes], None]


class Server:
    """Takes connections one by one; reads one request each, then does as the script says."""

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._context = context
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def url(self, path: str = "/function") -> str:
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}{path}"

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                try:
                    if not self._one(connection):
                        return
                except OSError:
                    continue

    def _one(self, plain: socket.socket) -> bool:
        connection = plain
        if self._context and plain.recv(4, socket.MSG_PEEK) != b"stop":
            connection = self._context.wrap_socket(plain, server_side=True)
        with connection:
            request = whole_request(connection)
            if request == b"stop":
                return False
            self.requests.append(request)
            self._script(connection, request)
        return True

    def close(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as last:
            last.sendall(b"stop")
            last.shutdown(socket.SHUT_WR)
            self._thread.join(10)
        self._listener.close()


def whole_request(connection: socket.socket) -> bytes:
    found = b""
    while chunk := connection.recv(65_536):
        found += chunk
        head, mark, body = found.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        says_hello = found.startswith(b"\x16")  # TLS to a server that has none
        if says_hello or (mark and len(body) >= int(length[1] if length else 0)):
            break
    return found


def answers(reply: bytes) -> Script:
    return lambda connection, _: connection.sendall(reply)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(script: Script, context: ssl.SSLContext | None = None) -> Server:
        servers.append(Server(script, context))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def make() -> Iterator[Callable[..., HttpSession]]:
    sessions: list[HttpSession] = []

    def new(**settings) -> HttpSession:
        clock = settings.pop("clock", SystemClock())
        sessions.append(HttpSession(clock, **{"connect_s": 5, "read_s": 5, **settings}))
        return sessions[-1]

    yield new
    for session in sessions:
        session.close()


def asking(url: str) -> Request:
    return Request("stock.get", "GET", url, params={"key": SECRET}, headers={"Authorization": SECRET})


def writing(url: str) -> Request:
    return Request("stock.set", "POST", url, writes=True, params={"key": SECRET}, body=b'{"n": 1}')


def shown(error: BaseException) -> str:
    return "".join([*traceback.format_exception(error), repr(error.__context__), repr(vars(error))])


def test_answer_comes_whole_whatever_its_status(serve, make) -> None:
    server = serve(answers(b"HTTP/1.1 409 Conflict\r\nX-Id: 7\r\nContent-Length: 2\r\n\r\nno"))
    reply = make().send(writing(server.url()))
    assert (reply.status, reply.headers["x-id"], reply.body) == (409, "7", b"no")
    assert b'{"n": 1}' in server.requests[0]
    assert b"Content-Length: 8" in server.requests[0]


def test_redirect_is_given_and_not_followed(serve, make) -> None:
    server = serve(answers(b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"))
    assert make().send(asking(server.url())).status == 302
    assert len(server.requests) == 1


def test_cookies_are_not_kept(serve, make) -> None:
    server = serve(
        answers(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    )
    session = make()
    session.send(asking(server.url()))
    session.send(asking(server.url()))
    assert b"Cookie" not in server.requests[1]


def test_environment_changes_neither_way_nor_header(serve, make, monkeypatch, tmp_path) -> None:
    server = serve(answers(OK))
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    make().send(asking(server.url()))
    assert f"Authorization: {SECRET}".encode() in server.requests[0]


def test_environment_proxy_is_used_where_it_is_asked_for(serve, make, monkeypatch) -> None:
    proxy = serve(answers(OK))
    monkeypatch.setenv("http_proxy", proxy.url(""))
    monkeypatch.delenv("no_proxy", raising=False)
    assert make(env_proxies=True).send(asking("http://mall.invalid/function")).status == 200
    assert proxy.requests[0].startswith(b"GET http://mall.invalid/function")


def test_caller_is_told_when_each_request_leaves_on_its_connection(serve, make) -> None:
    told: list[str] = []

    def twice(connection: socket.socket, _: bytes) -> None:
        told.append("heard")
        connection.sendall(OK)
        whole_request(connection)
        told.append("heard")
        connection.sendall(OK)

    server, session = serve(twice), make()
    for _ in range(2):
        assert session.send(writing(server.url()), lambda: told.append("left")).body == b"ok"
    assert told == ["left", "heard"] * 2


# --------------------------------------------------------------------------- never sent


def refusing_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize("form", [asking, writing])
def test_no_connection_is_not_sent(make, form) -> None:
    with pytest.raises(NotSentError) as caught:
        make().send(form(f"http://127.0.0.1:{refusing_port()}/function"))
    assert SECRET not in shown(caught.value)
    assert "127.0.0.1" in str(caught.value)


def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def test_certificate_of_the_given_authority_is_trusted(serve, make, tmp_path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    server = serve(answers(OK), tls(authority))
    assert make(ca_file=str(tmp_path / "ca.pem")).send(writing(server.url())).body == b"ok"


def test_certificate_of_another_authority_is_refused_before_sending(serve, make) -> None:
    server = serve(answers(OK), tls(trustme.CA()))
    with pytest.raises(NotSentError) as caught:
        make().send(writing(server.url()))
    assert caught.value.hint == "tls_untrusted"
    assert SECRET not in shown(caught.value)
    assert server.requests == []


def test_server_without_tls_is_not_sent_to(serve, make) -> None:
    server = serve(answers(b"220 hello\r\n"))
    with pytest.raises(NotSentError):
        make().send(writing(server.url().replace("http:", "https:")))


def test_ca_file_that_is_not_there_is_named(make) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.pem"):
        make(ca_file="/nowhere.pem")


# --------------------------------------------------------------------------- sent, and then

LOST = {
    "no answer": b"",
    "half a header": b"HTTP/1.1 20",
    "half a body": b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf",
    "half a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\nhalf",
    "false gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nhalf",
    "too long": b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000,
}


@pytest.mark.parametrize("reply", LOST.values(), ids=LOST.keys())
@pytest.mark.parametrize(("form", "expected"), [(asking, TemporaryError), (writing, OutcomeUnknownError)])
def test_lost_answer_is_unknown_to_a_write_and_temporary_to_a_read(
    serve, make, reply: bytes, form, expected: type[MallError]
) -> None:
    server = serve(answers(reply))
    with pytest.raises(expected) as caught:
        make(max_bytes=1000).send(form(server.url()))
    assert SECRET not in shown(caught.value)


@pytest.mark.parametrize(("form", "expected"), [(asking, TemporaryError), (writing, OutcomeUnknownError)])
def test_silent_mall_is_waited_for_no_longer_than_the_time_out(
    serve, make, form, expected: type[MallError]
) -> None:
    release = Event()
    server = serve(lambda connection, _: release.wait(10) and None)
    with pytest.raises(expected):
        make(read_s=0.1).send(form(server.url()))
    release.set()


def test_answer_that_drips_has_an_end(serve, make) -> None:
    clock = ManualClock()

    def drip(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n")
        clock.advance(200)
        connection.sendall(b"x" * 50)

    server = serve(drip)
    with pytest.raises(TemporaryError):
        make(clock=clock, total_s=-1).send(asking(server.url()))


def test_close_from_another_thread_ends_a_waiting_call(serve, make) -> None:
    asked, release, errors = Event(), Event(), []

    def hold(connection: socket.socket, _: bytes) -> None:
        asked.set()
        release.wait(10)

    server, session = serve(hold), make(read_s=60)

    def work() -> None:
        try:
            session.send(writing(server.url()))
        except MallError as error:
            errors.append(type(error))

    thread = Thread(target=work)
    thread.start()
    assert asked.wait(5)
    session.close()
    thread.join(5)
    release.set()
    assert errors == [OutcomeUnknownError]


# --------------------------------------------------------------------------- what is seen


def test_no_query_reaches_the_log(serve, make, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "urllib3")  # the bot's own set-up would quieten it
    server = serve(answers(OK))
    make().send(asking(server.url()))
    lines = [record.getMessage() for record in caplog.records]
    assert any("/function" in text for text in lines)
    assert not any(SECRET in text for text in lines)


def test_request_and_reply_show_nothing_of_their_content() -> None:
    assert SECRET not in repr(asking("http://mall/function"))
    assert SECRET not in repr(Reply(200, {"a": SECRET}, SECRET.encode()))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("Thu, 01 Jan 2026 00:00:30 GMT", 30.0),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0.0),
        ("soon", None),
        ("-1", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str, seconds: float | None) -> None:
    assert retry_after_s({"Retry-After": header}, datetime(2026, 1, 1, tzinfo=UTC)) == seconds
