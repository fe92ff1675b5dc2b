"""The simulated futureshop takes stock files from its FTP area, and tells what became of them."""

from __future__ import annotations

import ftplib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from futureshop_shop import Shop, variation_file

from sandbox.malls.futureshop.csvform import PRODUCT_HEADER, VARIATION_HEADER, WRONG_HEADER


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path)
    yield running
    running.close()


def take_up(shop: Shop) -> dict[str, Any]:
    """Let the pick-up time pass; give the result mail."""
    shop.world.clock.advance(60)
    mail: dict[str, Any] = shop.control("mails")[-1]
    return mail


def product_file(*rows: tuple[str, str, str]) -> bytes:
    """A product stock file; rows are (コントロールカラム, 商品URLコード, 調整在庫数)."""
    lines = [f"{control},{url},,,,{count}," for control, url, count in rows]
    return "".join(f"{line}\r\n" for line in [PRODUCT_HEADER, *lines]).encode("cp932")


def test_a_file_lies_until_it_is_taken(shop: Shop) -> None:
    shop.upload(variation_file(("gd3", "s", "gray", "7")))
    assert list(shop.control("area")) == ["/goodsVariationStock.csv"]
    assert shop.stock("gd3sgray") == 5
    mail = take_up(shop)
    assert (mail["file"], mail["applied"], mail["errors"]) == ("goodsVariationStock.csv", 1, [])
    assert (shop.control("area"), shop.stock("gd3sgray")) == ({}, 7)
    assert shop.control("violations") == []


def test_a_part_file_is_never_taken(shop: Shop) -> None:
    with shop.ftp() as client:
        client.storbinary("STOR a.csv.tmp", io.BytesIO(variation_file(("gd3", "s", "gray", "7"))))
    shop.world.clock.advance(3600)
    assert (shop.control("mails"), list(shop.control("area"))) == ([], ["/a.csv.tmp"])


def test_a_number_sets_a_signed_one_adds_and_an_empty_one_leaves(shop: Shop) -> None:
    rows = [("gd3", "s", "gray", "+2"), ("gd3", "l", "gray", "-2"), ("gd3", "s", "red", "")]
    shop.upload(variation_file(*rows))
    assert take_up(shop)["errors"] == []
    assert [shop.stock(code) for code in ("gd3sgray", "gd3lgray", "gd3sred")] == [7, 3, 5]
    shop.control("setting", csv_signs="refused")
    shop.upload(variation_file(*rows))
    assert take_up(shop)["errors"] == ["2行目: 調整在庫数が不正です", "3行目: 調整在庫数が不正です"]


def test_wrong_rows_are_told_and_the_others_stand(shop: Shop) -> None:
    rows = [
        ("none", "", "", "1"),
        ("gd3", "x", "", "1"),
        ("gd3", "s", "gray", "1.5"),
        ("gd3", "l", "red", "0"),
    ]
    shop.upload(variation_file(*rows))
    mail = take_up(shop)
    assert (mail["applied"], shop.stock("gd3lred"), shop.stock("gd3sgray")) == (1, 0, 5)
    assert [text[:3] for text in mail["errors"]] == ["2行目", "3行目", "4行目"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (variation_file(("gd3", "s", "gray", "1"), header=VARIATION_HEADER + ",予備"), WRONG_HEADER),
        (variation_file(("gd3", "s", "gray", "1")).replace(b"\r\n", b"\n"), WRONG_HEADER),
        (variation_file(("gd3", "s", "gray", "1")).decode("cp932").encode("utf-8"), ""),
        (variation_file() + b"gd3,s\r\n", "2行目"),
        (variation_file() + b"gd3,,s,,gray,,1,,,,,\n", "改行"),
        (variation_file(*((f"p{number}", "s", "", "1") for number in range(1001))), "商品数"),
    ],
    ids=["header", "lines", "encoding", "width", "mixed lines", "too many"],
)
def test_a_file_of_another_form_registers_nothing(shop: Shop, content: bytes, told: str) -> None:
    shop.upload(content)
    mail = take_up(shop)
    assert (mail["applied"], shop.stock("gd3sgray")) == (0, 5)
    assert told in str(mail["errors"])
    assert mail["errors"]


def test_the_header_is_the_one_that_the_shop_chose(shop: Shop) -> None:
    header = VARIATION_HEADER + ",予備"
    shop.control("setting", variation_header=header)
    shop.upload(variation_file(("gd3", "s", "gray", "1"), header=header))
    assert take_up(shop)["errors"] == []
    shop.upload(variation_file(("gd3", "s", "gray", "2")))
    assert WRONG_HEADER in str(take_up(shop)["errors"])
    assert shop.stock("gd3sgray") == 1


def test_plain_products_have_a_file_of_their_own(shop: Shop) -> None:
    rows = [("", "gd1", "3"), ("d", "mug", ""), ("x", "cap-navy", "1"), ("", "gd3", "1")]
    shop.upload(product_file(*rows), "goodsStock.csv")
    mail = take_up(shop)
    assert (shop.stock("gd1"), shop.stock("mug"), shop.stock("cap-navy")) == (3, 0, 8)
    assert len(mail["errors"]) == 2


def test_url_codes_may_differ_from_product_numbers(tmp_path: Path) -> None:
    shop = Shop(tmp_path, url_codes="numbered")
    url_code = shop.products(productNo="gd3")[0]["url"]
    assert (len(url_code), url_code.isdecimal()) == (12, True)
    shop.upload(variation_file((url_code, "s", "gray", "7"), ("gd3", "s", "gray", "8")))
    assert (take_up(shop)["applied"], shop.stock("gd3sgray")) == (1, 7)
    shop.close()


def test_a_file_that_is_not_taken_lies_there(shop: Shop) -> None:
    shop.control("fault", name="not_taken")
    shop.upload(variation_file(("gd3", "s", "gray", "7")))
    shop.world.clock.advance(3600)
    assert (shop.control("mails"), len(shop.control("area"))) == ([], 1)
    with shop.ftp() as client:
        assert client.nlst() == ["goodsVariationStock.csv"]
    shop.control("clear_faults")
    with shop.ftp() as client:
        assert client.nlst() == []
    assert shop.stock("gd3sgray") == 7


def test_replacing_a_waiting_file_or_writing_its_final_name_is_a_slip(shop: Shop) -> None:
    shop.upload(variation_file(("gd3", "s", "gray", "7")))
    shop.upload(variation_file(("gd3", "s", "gray", "8")))
    with shop.ftp() as client:
        client.storbinary("STOR other.csv", io.BytesIO(variation_file(("gd3", "l", "gray", "9"))))
    take_up(shop)
    assert (shop.stock("gd3sgray"), shop.stock("gd3lgray")) == (8, 9)
    assert [row["what"] for row in shop.control("violations")] == [
        "replaced a file that was not taken yet",
        "written under its final name",
    ]


def test_a_log_in_without_tls_is_refused_and_noted(shop: Shop) -> None:
    where = shop.mall.addresses()
    client = ftplib.FTP(timeout=10)
    client.connect(where["ftp_host"], where["ftp_port"])
    with pytest.raises(ftplib.error_perm):
        client.login(where["ftp_user"], where["ftp_password"])
    client.close()
    assert shop.control("violations")[0]["what"] == "log-in without TLS"


def test_a_wrong_or_old_ftp_password_is_refused(shop: Shop) -> None:
    old = shop.mall.addresses()["ftp_password"]
    shop.control("change_ftp_password")
    with pytest.raises(ftplib.error_perm, match="530"), shop.ftp(ftp_password=old):
        pass
    with shop.ftp():
        pass
    assert shop.control("logins") == {"good": 1, "bad": 1}


def test_log_in_and_tls_can_be_refused_on_demand(shop: Shop) -> None:
    for name, answer in (("login_530", "530"), ("tls_refused", "534")):
        shop.control("fault", name=name, count=1)
        with pytest.raises(ftplib.error_perm, match=answer), shop.ftp():
            pass


def test_a_command_can_be_refused_or_its_line_be_cut_on_demand(shop: Shop) -> None:
    content = variation_file(("gd3", "s", "gray", "7"))
    for name, more, error, left in (
        ("status", {"code": 451}, ftplib.error_temp, []),
        ("cut_before", {}, (EOFError, OSError), []),
        ("cut_after", {"command": "RNTO"}, (EOFError, OSError), ["/goodsVariationStock.csv"]),
    ):
        shop.control("fault", name=name, function="ftp", count=1, **{"command": "STOR", **more})
        with pytest.raises(error):
            shop.upload(content)
        assert list(shop.control("area")) == left
    assert shop.read().status_code == 200, "the API is not struck"


def test_the_journal_names_commands_and_no_password(shop: Shop) -> None:
    shop.upload(variation_file(("gd3", "s", "gray", "7")))
    functions = {str(row["method"]) for row in shop.control("journal") if row["function"] == "ftp"}
    assert {"PASS", "STOR", "RNTO"} <= functions
    assert shop.address["ftp_password"] not in str(shop.control("journal"))
    assert not shop.control("seen", text=shop.address["ftp_password"])
    assert shop.control("seen", text="調整在庫数")


def test_an_empty_area_lists_as_empty(shop: Shop) -> None:
    with shop.ftp() as client:
        assert (client.nlst(), list(client.mlsd())) == ([], [])
        lines: list[str] = []
        client.retrlines("LIST", lines.append)
        assert lines == []
