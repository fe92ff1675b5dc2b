"""The simulated Rakuten shop takes stock files over SFTP, and tells only what went wrong."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import paramiko
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from rakuten_shop import RED_M, RED_S, Shop

from sandbox.malls.rakuten.csvform import PRODUCT_ROW_MISSING
from sandbox.world import ControlError

HEADER = "商品管理番号（商品URL）,SKU管理番号,在庫数"
NAME = "normal-item_stock_20260630_192709.csv"
BATCH = "/ritem/batch"
TEE, MUG, CAP = "tee,,", "mug,,", "cap-navy,,"
RED_S_SKU, RED_M_SKU = RED_S["variantId"], RED_M["variantId"]
BROKEN = (paramiko.SSHException, OSError, EOFError)
Make = Callable[..., Shop]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Shop] = []

    def build(**settings: Any) -> Shop:
        made.append(Shop(tmp_path / str(len(made)), sftp=True, **settings))
        return made[-1]

    yield build
    for shop in made:
        shop.close()


@pytest.fixture
def shop(make: Make) -> Shop:
    return make()


def stock_file(*rows: str, header: str = HEADER) -> bytes:
    return "".join(f"{line}\r\n" for line in (header, *rows)).encode("cp932")


@contextmanager
def login(shop: Shop, **changes: Any) -> Iterator[paramiko.SFTPClient]:
    """Log in as an operator would: the host key is known, any other is refused."""
    account = {**shop.mall.addresses(), **changes}
    with paramiko.SSHClient() as client:
        known = paramiko.hostkeys.HostKeyEntry.from_line(account["sftp_host_key"])
        client.get_host_keys().add(known.hostnames[0], known.key.get_name(), known.key)
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        client.connect(
            account["sftp_host"],
            account["sftp_port"],
            account["sftp_user"],
            account["sftp_password"],
            look_for_keys=False,
            allow_agent=False,
            timeout=20,
            banner_timeout=60,
            auth_timeout=60,
        )
        with client.open_sftp() as sftp:
            yield sftp


def upload(shop: Shop, content: bytes, name: str = NAME) -> None:
    with login(shop) as sftp:
        sftp.putfo(io.BytesIO(content), f"{BATCH}/{name}")


def finish(shop: Shop) -> dict[str, Any]:
    """Let the mall take what lies there and work it off; give the last result mail."""
    shop.world.clock.advance(60 + 180)
    mail: dict[str, Any] = shop.control("mails")[-1]
    return mail


def stock(shop: Shop, code: str = "tee-red-s") -> int:
    return int(shop.control("stock")[code])


def one_log(shop: Shop) -> str:
    (text,) = shop.control("logs").values()
    return str(text)


# ---------------------------------------------------------------------- the way of a file


def test_a_file_lies_then_vanishes_then_counts(shop: Shop) -> None:
    upload(shop, stock_file(TEE, f"tee,{RED_S_SKU},7"))
    assert (list(shop.control("batch")), stock(shop)) == ([NAME], 20)
    shop.world.clock.advance(60)
    assert (shop.control("batch"), stock(shop)) == ({}, 20)
    shop.world.clock.advance(180)
    assert stock(shop) == 7
    assert [row["quantity"] for row in shop.read(RED_S)] == [7]  # the API shows the same stock
    assert shop.control("violations") == []


def test_a_file_without_errors_leaves_no_log(shop: Shop) -> None:
    upload(shop, stock_file(TEE, f"tee,{RED_S_SKU},7", f"tee,{RED_M_SKU},0", MUG, "mug,normal-inventory,3"))
    mail = finish(shop)
    assert (mail["file"], mail["failed"], mail["errors"]) == (NAME, 0, [])
    assert shop.control("logs") == {}
    assert [stock(shop, code) for code in ("tee-red-s", "tee-red-m", "mug")] == [7, 0, 3]


def test_wrong_rows_are_in_the_log_and_the_others_stand(shop: Shop) -> None:
    rows = (
        TEE,
        f"tee,{RED_S_SKU},7",
        f"tee,{RED_M_SKU},100000",
        "tee,r-nowhere,1",
        CAP,
        "cap-navy,cap-navy,5",
    )
    upload(shop, stock_file(*rows))
    mail = finish(shop)
    assert (mail["applied"], mail["failed"]) == (4, 2)
    assert [stock(shop, code) for code in ("tee-red-s", "tee-red-m", "cap-navy")] == [7, 20, 5]
    (name,) = shop.control("logs")
    assert re.fullmatch(r"normal-item_stock_20260630_192709\.[0-9]{17}\.csv", name)
    with login(shop) as sftp:
        assert sftp.listdir("/ritem/logs") == [name]
        with sftp.open(f"/ritem/logs/{name}") as file:
            text = file.read().decode("cp932")
    assert RED_M_SKU in text
    assert "r-nowhere" in text
    assert RED_S_SKU not in text
    assert "cap-navy" not in text


def test_the_log_is_named_after_its_own_minute(shop: Shop) -> None:
    upload(shop, stock_file(f"tee,{RED_S_SKU},7"))
    landed = shop.world.clock.now()
    shop.world.clock.advance(7200)
    (name,) = shop.control("logs")
    stamp = datetime.strptime(f"{name.split('.')[1]}000+0900", "%Y%m%d%H%M%S%f%z")
    assert 200 <= (stamp - landed).total_seconds() <= 240


def test_the_log_may_be_prose(make: Make) -> None:
    shop = make(csv_log="text")
    upload(shop, stock_file(TEE, "tee,r-nowhere,1"))
    finish(shop)
    lines = one_log(shop).split("\r\n")
    assert lines[0] == "正常 1件、エラー 1件"
    assert "r-nowhere" in lines[1]


def test_sku_rows_need_their_product_row_before_them(shop: Shop) -> None:
    upload(shop, stock_file(f"tee,{RED_S_SKU},7", TEE, f"tee,{RED_M_SKU},7", "mug,normal-inventory,1"))
    finish(shop)
    assert [stock(shop, code) for code in ("tee-red-s", "tee-red-m", "mug")] == [20, 7, 12]
    failed = one_log(shop).split("\r\n")[1:3]
    assert [PRODUCT_ROW_MISSING in line for line in failed] == [True, True]
    assert [line.split(",")[0] for line in failed] == ["2", "5"]


def test_an_item_that_misses_attributes_fails_whole(make: Make) -> None:
    for form, named in (("product_row", False), ("every_row", True)):
        shop = make(csv_item_errors=form)
        shop.control("edit_listing", code="tee-red-s", lacks_attributes=True)
        upload(shop, stock_file(TEE, f"tee,{RED_S_SKU},7", MUG, "mug,normal-inventory,3"))
        mail = finish(shop)
        assert (mail["applied"], mail["failed"], stock(shop), stock(shop, "mug")) == (2, 2, 20, 3)
        assert "tee" in one_log(shop)
        assert (RED_S_SKU in one_log(shop)) is named


@pytest.mark.parametrize(
    "content",
    [
        stock_file(TEE, f"tee,{RED_S_SKU},7").decode("cp932").encode("utf-8"),
        stock_file(TEE, f"tee,{RED_S_SKU},7").replace(b"\r\n", b"\n"),
        stock_file(TEE, f"tee,{RED_S_SKU},7", header="商品管理番号,SKU管理番号,在庫数"),
        stock_file(TEE, f"tee,{RED_S_SKU},7", header=HEADER.replace("在庫数", "在庫")),
        stock_file(TEE, f'tee,"{RED_S_SKU},7'),
        b"",
    ],
    ids=["utf-8", "lf", "no key column", "unknown column", "open quote", "empty"],
)
def test_a_file_of_another_form_is_refused_whole(shop: Shop, content: bytes) -> None:
    upload(shop, content)
    mail = finish(shop)
    assert (mail["applied"], len(mail["errors"]), len(shop.control("logs"))) == (0, 1, 1)
    assert stock(shop) == 20


def test_columns_go_by_name_and_more_of_them_are_taken(shop: Shop) -> None:
    header = "商品管理番号（商品URL）,在庫数,選択肢タイプ,SKU管理番号,通常購入販売価格"
    rows = ("TEE,,,,", "tee,,s,,", f'TEE,"7",,{RED_S_SKU},')
    upload(shop, stock_file(*rows, header=header))
    assert finish(shop)["errors"] == []
    assert (stock(shop), shop.control("violations")) == (7, [])


def test_a_price_in_a_stock_file_is_noted(shop: Shop) -> None:
    header = f"{HEADER},通常購入販売価格"
    upload(shop, stock_file("tee,,,", f"tee,{RED_S_SKU},7,1", header=header))
    finish(shop)
    assert [each["what"] for each in shop.control("violations")] == [
        "writes more than stock: 通常購入販売価格"
    ]


@pytest.mark.parametrize("quantity", ["", "-1", "+1", "1.5", "１", "100000"])
def test_a_quantity_is_0_to_99999(shop: Shop, quantity: str) -> None:
    upload(shop, stock_file(TEE, f"tee,{RED_S_SKU},{quantity}"))
    assert (len(finish(shop)["errors"]), stock(shop)) == (1, 20)


def test_other_names_are_never_taken(make: Make) -> None:
    content = stock_file(TEE, f"tee,{RED_S_SKU},7")
    names = ["item.csv", "normal-item.csv.tmp", "stock-normal-item.csv"]
    for strays, left in (("left", names), ("removed", [])):
        shop = make(csv_strays=strays)
        for name in names:
            upload(shop, content, name)
        shop.world.clock.advance(3600)
        assert (list(shop.control("batch")), stock(shop), shop.control("mails")) == (left, 20, [])
        paths = sorted(each["path"] for each in shop.control("violations"))
        assert paths == [f"{BATCH}/{name}" for name in names]


def test_a_file_counts_from_its_last_byte_and_under_its_last_name(shop: Shop) -> None:
    with login(shop) as sftp:
        sftp.putfo(io.BytesIO(stock_file(TEE, f"tee,{RED_S_SKU},7")), f"{BATCH}/{NAME}.part")
        shop.world.clock.advance(30)
        sftp.rename(f"{BATCH}/{NAME}.part", f"{BATCH}/{NAME}")
        shop.world.clock.advance(30)
        assert sftp.listdir(BATCH) == [NAME]
        shop.world.clock.advance(30)
        assert sftp.listdir(BATCH) == []
    finish(shop)
    assert (stock(shop), shop.control("violations")) == (7, [])


def test_files_left_lying_stay_until_the_fault_is_cleared(shop: Shop) -> None:
    shop.control("fault", name="not_taken")
    upload(shop, stock_file(TEE, f"tee,{RED_S_SKU},7"))
    shop.world.clock.advance(7200)
    assert list(shop.control("batch")) == [NAME]
    shop.control("clear_faults")
    assert (shop.control("batch"), stock(shop)) == ({}, 7)


def test_a_sale_while_the_file_waits_is_written_over(shop: Shop) -> None:
    upload(shop, stock_file(TEE, f"tee,{RED_S_SKU},7"))
    shop.buy("tee-red-s", 2)
    assert stock(shop) == 18
    finish(shop)
    assert stock(shop) == 7


def test_the_catalogue_can_be_downloaded(shop: Shop) -> None:
    name = shop.control("ask_download")["file"]
    assert re.fullmatch(r"dl-normal-item_[0-9]{14}-1\.csv", name)
    with login(shop) as sftp, sftp.open(f"/ritem/download/{name}") as file:
        lines = file.read().decode("cp932").split("\r\n")
    assert lines[0].startswith("商品管理番号（商品URL）,商品番号,商品名,SKU管理番号")
    assert f"tee,,,{RED_M_SKU},tee_red_m,20" in lines


# ---------------------------------------------------------------------- the account


def test_the_folders_are_the_three_and_only_the_batch_folder_is_written(shop: Shop) -> None:
    with login(shop) as sftp:
        assert (sftp.listdir("/"), sorted(sftp.listdir("ritem"))) == (
            ["ritem"],
            ["batch", "download", "logs"],
        )
        for path in ("/x.csv", "/ritem/logs/x.csv", f"{BATCH}/../../x.csv", f"{BATCH}/deep/x.csv"):
            with pytest.raises(PermissionError):
                sftp.open(path, "w").close()
        with pytest.raises(FileNotFoundError):
            sftp.stat("/../../../etc/passwd")
        with pytest.raises(OSError, match="unsupported"):
            sftp.mkdir(f"{BATCH}/new")
        sftp.putfo(io.BytesIO(b"x"), f"{BATCH}/a.csv")
        assert sftp.stat(f"{BATCH}/a.csv").st_size == 1
        with pytest.raises(OSError, match="Failure"):
            sftp.open(f"{BATCH}/a.csv", "x")
        sftp.remove(f"{BATCH}/a.csv")
        assert sftp.listdir(BATCH) == []


def test_a_rename_takes_no_place_that_is_taken_and_may_be_refused(shop: Shop) -> None:
    with login(shop) as sftp:
        for name in ("a", "b"):
            sftp.putfo(io.BytesIO(name.encode()), f"{BATCH}/{name}")
        with pytest.raises(OSError, match="Failure"):
            sftp.rename(f"{BATCH}/a", f"{BATCH}/b")
        with pytest.raises(PermissionError):
            sftp.rename(f"{BATCH}/a", "/ritem/logs/a")
        sftp.posix_rename(f"{BATCH}/a", f"{BATCH}/b")
        assert shop.control("batch") == {"b": "a"}
        shop.control("setting", sftp_rename=False)
        with pytest.raises(PermissionError):
            sftp.rename(f"{BATCH}/b", f"{BATCH}/c")


def test_only_the_user_with_the_password_is_let_in(shop: Shop) -> None:
    for wrong in ({"sftp_password": "wrong-01"}, {"sftp_user": "somebody"}):
        with pytest.raises(paramiko.AuthenticationException), login(shop, **wrong):
            pass
    assert shop.control("sftp_logins") == {"good": 0, "bad": 2}
    assert (shop.control("seen", text="wrong-01"), shop.control("seen", text="somebody")) == (True, True)


def test_a_new_password_works_after_its_time(make: Make) -> None:
    shop = make()
    old = shop.mall.addresses()["sftp_password"]
    new = shop.control("change_sftp_password")["password"]
    assert new != old
    assert re.fullmatch(r"[A-Za-z0-9/.@=-]{8}", new)
    for password in (old, new):
        with pytest.raises(paramiko.AuthenticationException), login(shop, sftp_password=password):
            pass
    shop.control("setting", old_sftp_password_lasts=True)
    with login(shop, sftp_password=old):
        pass
    shop.world.clock.advance(300)
    with login(shop, sftp_password=new):
        pass
    with pytest.raises(paramiko.AuthenticationException), login(shop, sftp_password=old):
        pass
    soon = shop.control("change_sftp_password", activation_s=0)["password"]
    with login(shop, sftp_password=soon):
        pass


def test_a_password_ends_with_its_days_or_on_demand(shop: Shop) -> None:
    shop.world.clock.advance(89 * 86400)
    with login(shop):
        pass
    shop.world.clock.advance(86400)
    with pytest.raises(paramiko.AuthenticationException), login(shop):
        pass
    shop.control("change_sftp_password", activation_s=0)
    with login(shop):
        pass
    shop.control("expire_sftp_password")
    with pytest.raises(paramiko.AuthenticationException), login(shop):
        pass


def test_a_changed_host_key_is_refused_by_who_knows_the_old_one(shop: Shop) -> None:
    old = shop.mall.addresses()["sftp_host_key"]
    new = shop.control("change_host_key")["sftp_host_key"]
    assert old.split(" ")[:2] == new.split(" ")[:2] == [f"[127.0.0.1]:{_port(shop)}", "ssh-rsa"]
    with pytest.raises(paramiko.BadHostKeyException), login(shop, sftp_host_key=old):
        pass
    with login(shop):
        pass
    assert shop.mall.addresses()["sftp_host_key"] == new


def _port(shop: Shop) -> int:
    return int(shop.mall.addresses()["sftp_port"])


# ---------------------------------------------------------------------- accidents


def test_a_cut_upload_leaves_a_half_file_under_its_name(shop: Shop) -> None:
    whole = stock_file(TEE, f"tee,{RED_S_SKU},17")
    shop.control("fault", name="cut_after_bytes", bytes=len(whole) - 3, count=1)
    with pytest.raises(BROKEN):
        upload(shop, whole)
    assert shop.control("batch") == {NAME: whole[:-3].decode("cp932")}
    finish(shop)
    assert stock(shop) == 1  # half a number is a number
    upload(shop, whole)
    finish(shop)
    assert stock(shop) == 17


def test_an_upload_cut_at_its_end_is_whole_and_unanswered(shop: Shop) -> None:
    whole = stock_file(TEE, *[f"tee,{RED_S_SKU},7"] * 10_000)
    shop.control("fault", name="cut_after_bytes", bytes=len(whole))
    with pytest.raises(BROKEN):
        upload(shop, whole)
    finish(shop)
    assert (stock(shop), shop.control("logs")) == (7, {})


def test_a_refused_connection_closes_before_its_greeting(shop: Shop) -> None:
    shop.control("fault", name="sftp_refused", count=1)
    with pytest.raises(BROKEN), login(shop):
        pass
    with login(shop):
        pass
    assert shop.control("sftp_logins") == {"good": 1, "bad": 0}


class _OldKey(paramiko.RSAKey):
    """Checks a signature as clients of the past do."""

    def verify_ssh_sig(self, data: bytes, msg: paramiko.Message) -> bool:
        assert msg.get_text() == "ssh-rsa"
        self.key.verify(msg.get_binary(), data, PKCS1v15(), SHA1())
        return True


class _OldClient(paramiko.Transport):
    _preferred_keys = ("ssh-rsa",)
    _key_info = {"ssh-rsa": _OldKey}


def test_an_old_host_key_is_refused_today_and_was_taken_once(shop: Shop) -> None:
    shop.control("fault", name="old_host_key_only")
    with pytest.raises(paramiko.SSHException, match="host key"), login(shop):
        pass
    old = _OldClient(("127.0.0.1", _port(shop)))
    try:
        old.start_client(timeout=20)
        assert f"ssh-rsa {old.get_remote_server_key().get_base64()}" in shop.mall.addresses()["sftp_host_key"]
    finally:
        old.close()
    shop.control("clear_faults")
    with login(shop):
        pass


def test_the_routes_faults_are_told_apart_from_the_apis(shop: Shop) -> None:
    with pytest.raises(ControlError, match="takes no function"):
        shop.control("fault", name="sftp_refused", function="bulk_get")
    with pytest.raises(ControlError, match="bytes"):
        shop.control("fault", name="cut_after_bytes")
    shop.control("fault", name="status", code=500)
    with login(shop):
        pass


# ---------------------------------------------------------------------- witnesses


def test_the_journal_holds_operations_and_no_secrets(shop: Shop) -> None:
    upload(shop, stock_file(TEE, f"tee,{RED_S_SKU},7"))
    rows = [row for row in shop.control("journal") if row["function"] == "sftp"]
    assert [row["method"] for row in rows] == ["CONNECT", "LOGIN", "WRITE", "STAT"]
    assert (rows[2]["path"], rows[2]["status"]) == (f"{BATCH}/{NAME}", "ok")
    assert shop.mall.addresses()["sftp_password"] not in str(shop.control("journal"))
    for told in (f"tee,{RED_S_SKU},7", "在庫数", NAME):
        assert shop.control("seen", text=told)
    assert not shop.control("seen", text="never sent")


def test_the_page_tells_of_the_route(shop: Shop) -> None:
    view = shop.control("view")
    assert any("SFTPパスワード" in note for note in view["notes"])
    for hand in view["hands"]:
        shop.control(hand["verb"], **hand.get("arguments", {}))


def test_a_shop_without_the_route_has_nothing_of_it(tmp_path: Path) -> None:
    plain = Shop(tmp_path)
    try:
        assert not any(name.startswith("sftp") for name in plain.mall.addresses())
        assert not (tmp_path / "rakuten-sftp").exists()
        for verb in ("batch", "logs", "mails", "change_sftp_password", "change_host_key"):
            with pytest.raises(ControlError, match="sftp=True"):
                plain.control(verb)
        for verb, arguments in (("fault", {"name": "not_taken"}), ("setting", {"sftp": True})):
            with pytest.raises(ControlError, match="start"):
                plain.control(verb, **arguments)
    finally:
        plain.close()
