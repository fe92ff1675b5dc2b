"""The FTPS addresses of the ポンパレモール simulator: what a client may, and what it meets when broken."""

from __future__ import annotations

import ftplib
import io
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from ponpare_shop import ITEM_HEADER, Shop, content_of, fetch, put, running

from sandbox.world import ControlError


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with running(tmp_path / "world") as running_shop:
        yield running_shop


@pytest.fixture
def still(tmp_path: Path) -> Iterator[Shop]:
    """A shop that takes no file."""
    with running(tmp_path / "still", tick_s=3600) as running_shop:
        yield running_shop


# --------------------------------------------------------------------------- log-in and TLS


# Case 1 of the acceptance list.
def test_nobody_connected_means_no_connection_counted(shop: Shop) -> None:
    assert shop.call("connections") == 0
    with shop.client():
        assert shop.call("connections") == 1
        assert shop.call("logins") == {"good": 1, "bad": 0}


# Case 7 of the acceptance list.
def test_log_in_without_tls_is_refused_and_a_violation(shop: Shop) -> None:
    where = shop.mall.addresses()
    with closing(ftplib.FTP(timeout=20)) as plain:
        plain.connect(where["host"], where["port"])
        with pytest.raises(ftplib.error_perm, match="^550 .*TLS required"):
            plain.login(where["user"], where["password"])
    assert shop.violations() == ["log-in without TLS"]
    assert shop.call("logins") == {"good": 0, "bad": 0}


def test_tls_refused_is_534(shop: Shop) -> None:
    shop.call("fault", name="tls_refused", count=1)
    with shop.connected() as client, pytest.raises(ftplib.error_perm, match="^534 "):
        client.auth()
    with shop.client():
        assert shop.violations() == []


def test_expired_certificate_fails_verification_as_expired(shop: Shop) -> None:
    shop.call("fault", name="cert_expired")
    with shop.connected() as client, pytest.raises(ssl.SSLCertVerificationError, match="has expired"):
        client.auth()
    shop.call("clear_faults")
    with shop.client() as client:
        assert client.pwd() == "/"


def test_data_connection_resumes_the_session_unless_lenient(still: Shop, tmp_path: Path) -> None:
    with still.client(kind=ftplib.FTP_TLS) as client, pytest.raises(ftplib.error_perm, match="^522 "):
        client.nlst("/")
    with running(tmp_path / "w", session_reuse_required=False) as lenient:  # noqa: SIM117
        with lenient.client(kind=ftplib.FTP_TLS) as client:
            assert client.nlst("/log") == []


def test_data_in_clear_is_refused(shop: Shop) -> None:
    where = shop.mall.addresses()
    with shop.connected() as client:
        client.login(where["user"], where["password"])
        with pytest.raises(ftplib.error_perm, match="^550 .*TLS required on the data channel"):
            client.nlst("/")


# Case 6 of the acceptance list.
def test_login_530_refuses_the_right_password_until_cleared(shop: Shop) -> None:
    shop.call("fault", name="login_530", count=1)
    for good in (False, True):
        with shop.connected() as client:
            if good:
                client.login("sandbox-ponpare", shop.mall.addresses()["password"])
            else:
                with pytest.raises(ftplib.error_perm, match="^530 "):
                    client.login("sandbox-ponpare", shop.mall.addresses()["password"])
    assert shop.call("logins") == {"good": 1, "bad": 1}


def test_password_lives_90_days_and_only_the_last_one_is_good(shop: Shop) -> None:
    first = shop.mall.addresses()["password"]
    shop.world.clock.advance(90 * 86_400 + 60)
    with shop.connected() as client, pytest.raises(ftplib.error_perm, match="^530 "):
        client.login("sandbox-ponpare", first)
    issued = shop.call("issue_password")
    assert issued["password_expires_on"] > shop.world.clock.now().date().isoformat()
    with shop.connected() as client, pytest.raises(ftplib.error_perm, match="^530 "):
        client.login("sandbox-ponpare", first)
    with shop.client() as client:
        assert client.pwd() == "/"
    shop.call("expire_password")
    with shop.connected() as client, pytest.raises(ftplib.error_perm, match="^530 "):
        client.login("sandbox-ponpare", issued["password"])


def test_endless_password_has_no_date(tmp_path: Path) -> None:
    with running(tmp_path / "w", password_days=0) as shop:
        shop.world.clock.advance(400 * 86_400)
        with shop.client():
            assert shop.mall.addresses()["password_expires_on"] is None


# --------------------------------------------------------------------------- the tree


def test_tree_has_the_folders_of_the_mall(shop: Shop) -> None:
    with shop.client() as client:
        assert sorted(client.nlst("/")) == ["imageUpload", "log"]
        assert client.nlst("/imageUpload/images") == []
        client.cwd("/log")
        assert client.pwd() == "/log"


def test_what_was_sent_is_seen_but_not_in_the_journal(shop: Shop) -> None:
    shop.put_items("u,planted-商品,1,5")
    where = shop.mall.addresses()
    with shop.connected() as client, pytest.raises(ftplib.error_perm):
        client.login(where["user"], "made-up-and-wrong")
    assert shop.call("seen", text="planted-商品")
    assert shop.call("seen", text="made-up-and-wrong")
    assert not shop.call("seen", text=where["password"])
    journal = shop.call("journal")
    assert "STOR" in {line["function"] for line in journal}
    assert not {"planted", "made-up-and-wrong", where["password"]} & set(str(journal).split("'"))


# --------------------------------------------------------------------------- faults on the wire


def test_transfer_dropped_leaves_the_part_that_came(still: Shop) -> None:
    still.call("fault", name="drop_in_transfer", bytes=40, count=1)
    with still.client() as client, pytest.raises((OSError, EOFError)):
        put(client, "item.csv", ITEM_HEADER, *["u,mug,1,5"] * 20_000)
    still.until(lambda: len(still.call("area").get("/item.csv", "").encode("cp932")) in (39, 40))
    with still.client() as client:
        client.delete("/item.csv")
        put(client, "item.csv", ITEM_HEADER, "u,mug,1,5")
    assert still.violations() == []


def test_part_of_a_file_is_taken_like_any_other_and_a_cut_number_counts(shop: Shop) -> None:
    kept = f"{ITEM_HEADER}\r\nu,mug,1,5".encode("cp932")
    shop.call("fault", name="drop_in_transfer", bytes=len(kept), count=1)
    with shop.client() as client, pytest.raises((OSError, EOFError)):
        put(client, "item.csv", ITEM_HEADER, "u,mug,1,55", *["u,cap-navy,1,5"] * 20_000)
    assert shop.answers() == ["OK"]
    assert shop.call("stock")["mug"] == 5
    assert shop.violations() == []


# Case 5 of the acceptance list.
def test_upload_whose_answer_is_lost_is_worked_on(shop: Shop) -> None:
    shop.call("fault", name="cut_after", function="upload", count=1)
    with shop.client() as client, pytest.raises((OSError, EOFError)):
        put(client, "item.csv", ITEM_HEADER, "u,mug,1,5")
    assert shop.answers() == ["OK"]
    assert shop.call("stock")["mug"] == 5


def test_upload_cut_before_leaves_nothing(still: Shop) -> None:
    still.call("fault", name="cut_before", function="upload", count=1)
    with still.client() as client, pytest.raises((OSError, EOFError)):
        put(client, "item.csv", ITEM_HEADER, "u,mug,1,5")
    assert still.call("area") == {}


@pytest.mark.parametrize("function", ["connect", "auth", "login", "list", "download", "delete"])
def test_any_step_can_be_cut(shop: Shop, function: str) -> None:
    shop.put_items("u,mug,1,5")
    [name] = shop.until(shop.results)
    shop.call("fault", name="cut_before", function=function, count=1)
    with pytest.raises((OSError, EOFError)), shop.client() as client:
        client.nlst("/log")
        fetch(client, name)
        client.delete(name)
    assert shop.results() == [name]


def test_fault_without_a_function_befalls_the_first_work_on_files(still: Shop) -> None:
    still.call("fault", name="status", code=450, text="File busy.", count=1)
    with still.client() as client:
        with pytest.raises(ftplib.error_temp, match="^450 File busy"):
            client.nlst("/")
        put(client, "item.csv", ITEM_HEADER, "u,mug,1,5")


@pytest.mark.parametrize("name", ["maintenance", "rate_limit"])
def test_closed_mall_says_421_and_hangs_up(shop: Shop, name: str) -> None:
    shop.call("fault", name=name)
    with pytest.raises(ftplib.error_temp, match="^421 "), shop.connected():
        pass
    shop.call("clear_faults")
    with shop.client():
        assert shop.call("connections") == 2


def test_held_answer_waits_while_the_file_lies_there(still: Shop) -> None:
    answers: list[str] = []
    with still.client() as client:
        still.call("fault", name="hold", function="upload", count=1)
        upload = threading.Thread(
            target=lambda: answers.append(client.storbinary("STOR /item.csv", io.BytesIO(b"x")))
        )
        upload.start()
        still.until(lambda: still.call("held") == ["STOR /item.csv"])
        assert list(still.call("area")) == ["/item.csv"]
        assert answers == []
        assert still.call("release") == 1
        upload.join(20)
        assert answers == ["226 Transfer complete."]
        assert still.call("held") == []


def test_held_answer_of_a_client_that_left_is_dropped(still: Shop) -> None:
    with still.client() as client:
        still.call("fault", name="hold", function="delete", count=1)
        client.putcmd("DELE /item.csv")
        still.until(lambda: still.call("held"))
    still.call("clear_faults")
    with still.client() as client:
        assert "log" in client.nlst("/")


def test_slow_answer_comes(still: Shop) -> None:
    still.call("fault", name="slow", function="list", seconds=0.1, count=1)
    with still.client() as client:
        assert "log" in client.nlst("/")


def test_fault_that_is_not_known_is_refused(shop: Shop) -> None:
    for arguments in (
        {"name": "flood"},
        {"name": "slot_stuck", "slot": "category.csv"},
        {"name": "status", "function": "write"},
        {"name": "login_530", "code": 1},
        {"name": "refuse"},
    ):
        with pytest.raises(ControlError):
            shop.call("fault", **arguments)


def test_setting_that_is_not_known_is_refused(shop: Shop) -> None:
    for changes in ({"rates": 1}, {"result_dir": "/"}, {"names": "all"}, {"tick_s": "1"}, {"max_rows": True}):
        with pytest.raises(ControlError):
            shop.call("setting", **changes)
    with pytest.raises(ControlError):
        shop.call("setting", order_columns={"番号": "x"})
    shop.call("setting", tick_s=1)


def test_mall_serves_several_clients_at_once(shop: Shop) -> None:
    with shop.client() as one, shop.client() as two:
        put(one, "item.csv", ITEM_HEADER, "u,mug,1,5")
        assert two.nlst("/imageUpload/images") == []
    shop.until(lambda: shop.call("uploads"))
    assert content_of(shop.call("uploads")[0]).endswith(b"u,mug,1,5\r\n")
