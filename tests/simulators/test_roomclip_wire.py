"""The FTPS area of the simulator: what a client may, may not, and meets when it is broken."""

from __future__ import annotations

import ftplib
import io
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from roomclip_shop import HEADER, ReusingClient, Shop, fetch, running, send

TLS_VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with running(tmp_path / "world") as running_shop:
        yield running_shop


# --------------------------------------------------------------------------- the wire


@pytest.mark.parametrize("version", TLS_VERSIONS, ids=lambda version: version.name)
def test_resumed_data_connections_transfer_both_ways(shop: Shop, version: ssl.TLSVersion) -> None:
    with shop.client(version=version) as client:
        assert client.sock.version() == version.name.replace("_", ".")
        send(client, "/stock/stock1_utf8.csv", HEADER)
        assert client.nlst("/stock") == ["log", "stock1_utf8.csv", "update"]
        assert fetch(client, "/stock/stock1_utf8.csv").decode() == HEADER
        client.quit()
    assert shop.call("violations") == []


@pytest.mark.parametrize("version", TLS_VERSIONS, ids=lambda version: version.name)
def test_data_connection_without_reuse_is_refused_with_522(shop: Shop, version: ssl.TLSVersion) -> None:
    with shop.client(kind=ftplib.FTP_TLS, version=version) as client:
        with pytest.raises(ftplib.error_perm, match="^522 "):
            client.storbinary("STOR /stock/x.tmp", io.BytesIO(b"x" * 300_000))
        with pytest.raises(ftplib.error_perm, match="^522 "):
            client.nlst("/stock")
    assert shop.call("area")["/stock/x.tmp"] == ""


def test_session_of_another_control_connection_is_not_reuse(shop: Shop) -> None:
    with shop.client() as other:
        stolen = other.sock.session

    class Thief(ReusingClient):
        def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> Any:
            connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
            return self.context.wrap_socket(connection, server_hostname=self.host, session=stolen), size

    where = shop.mall.addresses()
    with closing(Thief(context=other.context, timeout=5)) as thief:
        thief.connect(where["host"], where["port"])
        thief.login(where["user"], where["password"])
        thief.prot_p()
        with pytest.raises(ftplib.error_perm, match="^522 "):
            thief.nlst("/stock")


def test_reuse_is_not_asked_for_when_switched_off(tmp_path: Path) -> None:
    with running(tmp_path / "w", session_reuse_required=False) as shop:  # noqa: SIM117
        with shop.client(kind=ftplib.FTP_TLS) as client:
            assert client.nlst("/stock") == ["log", "update"]


def test_clear_text_is_refused_on_both_channels(shop: Shop) -> None:
    where = shop.mall.addresses()
    with closing(ftplib.FTP(timeout=5)) as plain:
        plain.connect(where["host"], where["port"])
        with pytest.raises(ftplib.error_perm, match="^550 .*TLS required"):
            plain.sendcmd(f"USER {where['user']}")
    with shop.connected() as client:
        client.login(where["user"], where["password"])
        with pytest.raises(ftplib.error_perm, match="^550 .*TLS required on the data channel"):
            client.nlst("/stock")
    assert [broken["what"] for broken in shop.call("violations")] == ["log-in without TLS"]


def test_tls_older_than_1_2_is_refused(shop: Shop) -> None:
    where = shop.mall.addresses()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context = shop.context(ssl.TLSVersion.TLSv1_1)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with closing(ftplib.FTP_TLS(context=context, timeout=5)) as client:
        client.connect(where["host"], where["port"])
        with pytest.raises((ssl.SSLError, ConnectionError)):
            client.auth()


def test_wrong_password_is_530_and_counted(shop: Shop) -> None:
    with shop.connected() as client, pytest.raises(ftplib.error_perm, match="^530 "):
        client.login("sandbox-merchant", "made-up-and-wrong")
    with shop.client():
        assert shop.call("logins") == {"good": 1, "bad": 1}
    assert shop.call("seen", text="made-up-and-wrong")
    assert not shop.call("seen", text=shop.mall.addresses()["password"])
    assert "made-up-and-wrong" not in str(shop.call("journal"))


def test_changed_password_replaces_the_old_one(shop: Shop) -> None:
    before = shop.mall.addresses()["password"]
    after = shop.call("change_password")["password"]
    with shop.connected() as client, pytest.raises(ftplib.error_perm, match="^530 "):
        client.login("sandbox-merchant", before)
    assert shop.mall.addresses()["password"] == after
    with shop.client() as client:
        assert client.pwd() == "/"


def test_changing_directory_leaves_the_process_where_it_is(shop: Shop) -> None:
    here = Path.cwd()
    with shop.client() as client:
        client.cwd("/netstock/12345")
        assert client.pwd() == "/netstock/12345"
        with pytest.raises(ftplib.error_perm, match="^550 "):
            client.cwd("/netstock/ETC12345")
    assert Path.cwd() == here


def test_what_does_not_fit_is_552(tmp_path: Path) -> None:
    with running(tmp_path / "w", quota_bytes=10_000) as shop, shop.client() as client:
        client.storbinary("STOR /stock/a.tmp", io.BytesIO(b"x" * 9_000))
        with pytest.raises(ftplib.error_perm, match="^552 "):
            client.storbinary("STOR /stock/b.tmp", io.BytesIO(b"x" * 200_000))
        client.delete("/stock/b.tmp")
        client.storbinary("STOR /stock/b.tmp", io.BytesIO(b"x" * 1_000))
        with pytest.raises(ftplib.error_perm, match="^552 "):
            client.storbinary("STOR /stock/c.tmp", io.BytesIO(b"x"))


# --------------------------------------------------------------------------- faults on the wire


def test_login_530_refuses_the_right_password(shop: Shop) -> None:
    shop.call("fault", name="login_530")
    with shop.connected() as client, pytest.raises(ftplib.error_perm, match="^530 "):
        client.login("sandbox-merchant", shop.mall.addresses()["password"])
    shop.call("clear_faults")
    with shop.client():
        assert shop.call("logins") == {"good": 1, "bad": 1}


def test_tls_refused_is_534(shop: Shop) -> None:
    shop.call("fault", name="tls_refused")
    with shop.connected() as client, pytest.raises(ftplib.error_perm, match="^534 "):
        client.auth()


def test_expired_certificate_fails_verification_as_expired(shop: Shop) -> None:
    shop.call("fault", name="cert_expired")
    with shop.connected() as client, pytest.raises(ssl.SSLCertVerificationError, match="has expired"):
        client.auth()
    shop.call("clear_faults")
    with shop.client() as client:
        assert client.pwd() == "/"


def test_listing_shows_the_sandbox_time(shop: Shop) -> None:
    shop.world.clock.advance(86_400)
    with shop.client() as client:
        client.storbinary("STOR /stock/x.tmp", io.BytesIO(b"x"))
        [facts] = [facts for name, facts in client.mlsd("/stock") if name == "x.tmp"]
    age = shop.world.clock.now() - datetime.strptime(facts["modify"] + "Z", "%Y%m%d%H%M%S%z")
    assert abs(age) < timedelta(minutes=1)


def test_quota_full_answers_552_before_a_byte_is_sent(shop: Shop) -> None:
    shop.call("fault", name="quota_full")
    with shop.client() as client, pytest.raises(ftplib.error_perm, match="^552 "):
        client.storbinary("STOR /stock/x.tmp", io.BytesIO(b"x"))
    assert shop.call("area") == {}


def test_cut_leaves_the_part_that_came(shop: Shop) -> None:
    shop.call("fault", name="cut_after_bytes", bytes=40_000)
    with shop.client() as client, pytest.raises((OSError, EOFError)):
        client.storbinary("STOR /stock/stock1_utf8.csv.tmp", io.BytesIO(b"x" * 5_000_000))
    shop.until(lambda: len(shop.call("area")["/stock/stock1_utf8.csv.tmp"]) == 40_000)


def test_download_is_cut_too(shop: Shop) -> None:
    shop.call("order", lines=[{"code": "mug", "quantity": 1}])
    [name] = shop.until(lambda: list(shop.call("area")))
    shop.call("fault", name="cut_after_bytes", bytes=100)
    with shop.client() as client, pytest.raises((OSError, EOFError)):
        fetch(client, name)


def test_held_rename_is_done_while_its_answer_waits(shop: Shop) -> None:
    answers: list[str] = []
    with shop.client() as client:
        client.storbinary("STOR /stock/stock1_utf8.csv.tmp", io.BytesIO(HEADER.encode()))
        shop.call("fault", name="hold")
        rename = threading.Thread(
            target=lambda: answers.append(
                client.rename("/stock/stock1_utf8.csv.tmp", "/stock/stock1_utf8.csv")
            )
        )
        rename.start()
        shop.until(lambda: shop.call("held") == [{"name": "/stock/stock1_utf8.csv"}])
        assert list(shop.call("area")) == ["/stock/stock1_utf8.csv"]
        assert answers == []
        shop.call("release")
        rename.join(5)
        assert answers == ["250 Renaming ok."]
        assert shop.call("held") == []


def test_held_answer_of_a_client_that_left_is_dropped(shop: Shop) -> None:
    with shop.client() as client:
        client.storbinary("STOR /stock/stock1_utf8.csv.tmp", io.BytesIO(HEADER.encode()))
        shop.call("fault", name="hold")
        client.sendcmd("RNFR /stock/stock1_utf8.csv.tmp")
        client.putcmd("RNTO /stock/stock1_utf8.csv")
        shop.until(lambda: shop.call("held"))
    shop.call("clear_faults")
    with shop.client() as client:
        assert "stock1_utf8.csv" in client.nlst("/stock")
