"""Yahoo!オークション: delegated listings ask and write nothing; auctions go by files."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from adapters import registry
from adapters.clock import SystemClock
from adapters.contract import Adapter, ListingRun, Outcome, Product, ShopSettings, Window
from adapters.errors import ConfigError, LineRejectedError, UnexpectedReplyError, UnsupportedError
from adapters.yahuoku.adapter import AuctionAdapter, YahuokuAdapter
from adapters.yahuoku.listing import KNOWN_HEADER, parse_template, upload_name
from tests.contract import AdapterContract
from tests.malls.yahuoku_store import Store, line, template, template_row

JST = timezone(timedelta(hours=9))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path)
    yield made
    found = made.ask("violations")
    made.stop()
    assert found == []


def delegated(**options: str) -> Adapter:
    settings = ShopSettings("yahuoku-main", options)
    return registry.create("yahuoku", settings, {}, SystemClock(), threading.Event())


class TestAuctions(AdapterContract):
    @pytest.fixture
    def mall(self, store: Store) -> Store:
        return store


class TestDelegated(AdapterContract):
    class Delegated(Store):
        def adapter(self) -> Adapter:
            return delegated()

    @pytest.fixture
    def mall(self, tmp_path: Path) -> Iterator[Store]:
        made = self.Delegated(tmp_path)
        yield made
        assert made.ask("journal") == [], "a delegated listing is asked about nowhere"
        made.stop()


# --------------------------------------------------------------------------- delegated listings


def test_delegated_is_the_usual_mode() -> None:
    assert type(delegated()) is YahuokuAdapter
    assert type(delegated(mode="cross_listed")) is YahuokuAdapter
    assert type(delegated(mode="auction")) is AuctionAdapter
    with pytest.raises(ConfigError, match="mode must be|mode: must be"):
        delegated(mode="both")


def test_delegated_listing_is_never_written_or_counted_a_second_time() -> None:
    adapter = delegated()
    now = datetime.now(UTC)
    calls = {
        "write_stock": lambda: adapter.write_stock([line("mug")]),
        "read_stock": lambda: adapter.read_stock([("mug",)]),
        "read_products": adapter.read_products,
        "read_orders": lambda: adapter.read_orders(Window(now, now)),
        "read_orders_again": lambda: adapter.read_orders_again(["1"]),
        "parse_orders": lambda: adapter.parse_orders("orders.csv", b"OrderId"),
        "parse_products": lambda: adapter.parse_products("items.csv", b""),
        "listing_file": lambda: adapter.listing_file([]),
    }
    for name, call in calls.items():
        with pytest.raises(UnsupportedError, match="Yahoo!ショッピング") as caught:
            call()
        assert caught.value.operation == name
    assert adapter.credential_status() == []


def test_field_of_the_code_is_called_as_on_the_screen() -> None:  # A7 A12
    assert registry.abilities("yahuoku").code_field == "管理番号"
    assert AuctionAdapter.abilities.code_field == "管理番号"


def test_delegated_code_may_be_any_that_its_item_has() -> None:
    pattern = YahuokuAdapter.abilities.code_pattern
    assert re.fullmatch(pattern, "x" * 99)
    assert re.fullmatch(pattern, "tee:tee-red-m")
    assert not re.fullmatch(pattern, "tee red")


# --------------------------------------------------------------------------- the upload


def test_only_the_code_and_the_pieces_are_filled_in(store: Store) -> None:
    store.write_template(template_row("mug"), template_row("cap-navy", 個数="9", メモ="x"))
    upload = store.auction().listing_file([line("cap-navy")])
    assert upload.content == template(template_row("cap-navy", 個数="1"))
    assert upload.content.splitlines()[0] == ",".join(KNOWN_HEADER).encode("cp932")
    assert len(KNOWN_HEADER) == 53


def test_upload_is_taken_by_the_mall_and_listed_with_its_pieces(store: Store) -> None:
    store.ask("set_stock", code="mug", quantity=0)
    before = len(store.listed("mug"))
    upload = store.auction().listing_file([line("mug-2"), line("mug")])
    answer = store.upload(upload.name, upload.content)
    assert answer["accepted"] == 2
    store.ask("put_up")
    assert len(store.listed("mug")) == before + 1
    assert [item["quantity"] for item in store.listed("mug-2")] == [1]


def test_row_without_a_code_serves_for_codes_without_a_row(store: Store) -> None:
    store.write_template(template_row("mug"), template_row("", タイトル="名前を書く"))
    upload = store.auction().listing_file([line("mug"), line("cap-navy")])
    expected = [template_row("mug", 個数="1"), template_row("cap-navy", 個数="1", タイトル="名前を書く")]
    assert upload.content == template(*expected)


def test_lines_that_cannot_be_listed_hold_back_no_other(store: Store) -> None:
    store.write_template(
        template_row("mug"), template_row("cap-navy", 説明="<p>\n</p>"), template_row("tee_red")
    )
    bad = [line("tee-red-s"), line("mug", 0), line("mug", 2), line("cap-navy"), line("tee_red"), line("")]
    upload = store.auction().listing_file([*bad, line("mug"), line("mug")])
    assert [result.outcome for result in upload.results] == [
        *[Outcome.REFUSED] * len(bad),
        Outcome.SENT,
        Outcome.REFUSED,
    ]
    reasons = [str(result.error) for result in upload.results if result.error]
    assert all(isinstance(result.error, LineRejectedError) for result in upload.results if result.error)
    for reason, words in zip(
        reasons,
        [
            "no row",
            "outside 1..1",
            "outside 1..1",
            "row 3 .* line break",
            "not a code",
            "not a code",
            "twice",
        ],
        strict=True,
    ):
        assert re.search(words, reason)
    assert upload.content == template(template_row("mug", 個数="1"))


def test_several_pieces_need_a_fixed_price_row_and_the_operators_word(store: Store) -> None:
    store.write_template(template_row("mug"), template_row("mug-2", 即決価格="1000"))
    adapter = store.auction(pieces_max=5)
    upload = adapter.listing_file([line("mug", 3), line("mug-2", 3)])
    assert [result.outcome for result in upload.results] == [Outcome.REFUSED, Outcome.SENT]
    assert store.upload(upload.name, upload.content)["accepted"] == 1
    with pytest.raises(ConfigError, match="pieces_max"):
        store.auction(pieces_max=0)


def test_no_good_line_makes_no_file(store: Store) -> None:
    assert store.auction().listing_file([line("nothing")]).content == b""
    assert store.auction().listing_file([]).results == []


def test_more_lines_than_a_file_takes_make_none(store: Store) -> None:  # C10
    store.write_template(template_row(""))
    most = AuctionAdapter.abilities.write_batch or 0
    assert len(store.auction().listing_file(store.filler(most)).results) == most
    with pytest.raises(ValueError, match=str(most)):
        store.auction().listing_file(store.filler(most + 1))


def test_same_file_has_the_same_ticket_since_the_mall_would_list_it_twice(store: Store) -> None:
    adapter = store.auction()
    first, again = adapter.listing_file([line("mug-2")]), adapter.listing_file([line("mug-2")])
    other = adapter.listing_file([line("cap-navy")])
    assert first.results[0].ticket == again.results[0].ticket != other.results[0].ticket
    for _ in range(2):
        store.upload(first.name, first.content)
    assert len(store.listed("mug-2")) == 2


def test_heading_of_the_merchant_is_kept_whatever_it_is(store: Store) -> None:
    header = [name for name in KNOWN_HEADER if name != "商品保存先フォルダパス"]
    store.template_file.write_bytes(template(template_row("mug"), header=header))
    upload = store.auction().listing_file([line("mug")])
    assert upload.content == template(template_row("mug", 個数="1"), header=header)
    assert "not the known one" in store.auction().check().detail


def test_code_alone_is_enough(store: Store) -> None:  # C5
    store.template_file.write_bytes("個数,管理番号\r\n,mug\r\n".encode("cp932"))
    assert store.auction().listing_file([line("mug")]).content == "個数,管理番号\r\n1,mug\r\n".encode("cp932")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("管理番号,個数\r\n".encode("utf-8-sig"), "UTF-8"),
        ("管理番号,個数\r\nmug,1\r\nmug,2\r\n".encode("cp932"), "row 3: 管理番号 mug is there twice"),
        ("管理番号,数\r\nmug,1\r\n".encode("cp932"), "個数"),
        ("管理番号,個数,個数\r\n".encode("cp932"), "個数"),
        ("管理番号,個数,a,a\r\n".encode("cp932"), "called the same"),
        ("管理番号,個数\r\nmug\r\n".encode("cp932"), "row 2 has 1 cells"),
        ('管理番号,個数\r\n"mug'.encode("cp932"), "not CSV"),
        (b"\x81", "Shift_JIS"),
        (b"", "empty"),
    ],
)
def test_template_that_is_none_is_refused_with_the_place(store: Store, content: bytes, words: str) -> None:
    store.template_file.write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        store.auction().check()
    with pytest.raises(ConfigError, match=words):
        store.auction().listing_file([line("mug")])


def test_without_a_template_orders_are_taken_and_nothing_is_listed(store: Store) -> None:
    adapter = store.auction(template="")
    store.order("mug", 1)
    assert "nothing can be listed" in adapter.check().detail
    assert len(adapter.parse_orders(*store.download())) == 1
    with pytest.raises(ConfigError, match="template"):
        adapter.listing_file([line("mug")])
    with pytest.raises(ConfigError, match=r"gone\.csv"):
        store.auction(template="gone.csv").check()


def test_name_of_the_upload_is_the_day_in_japan() -> None:
    assert upload_name(datetime(2026, 1, 30, 15, 0, tzinfo=UTC)) == "auctions_20260131.csv"


# --------------------------------------------------------------------------- how long pieces are held


def test_pieces_are_held_until_the_last_automatic_relisting_is_surely_over(store: Store) -> None:
    rows = [
        template_row("once", 商品の自動再出品="0", 自動延長="いいえ"),
        template_row("often", 商品の自動再出品="3"),
        template_row("unclear", 終了時間="夜"),
    ]
    store.write_template(*rows)
    runs = store.auction().listing_file([line("once"), line("often"), line("unclear")]).runs
    listed_at = datetime(2026, 11, 1, 10, 30, tzinfo=JST)
    assert runs["once"].over_by(listed_at) == datetime(2026, 11, 8, 23, 0, tzinfo=JST)
    assert runs["often"].over_by(listed_at) == datetime(2026, 12, 3, 23, 0, tzinfo=JST)
    assert "unclear" not in runs, "a person must say when it ended"


def test_end_is_given_in_the_callers_zone() -> None:
    run = ListingRun(days=1, hour=0, relists=0, extends=False)
    assert run.over_by(datetime(2026, 1, 1, 20, 0, tzinfo=UTC)) == datetime(2026, 1, 2, 16, 0, tzinfo=UTC)


# --------------------------------------------------------------------------- the list of listings


def test_auction_that_runs_is_found_by_its_code_after_a_relisting(store: Store) -> None:  # A28
    adapter, ids = store.auction(), [store.running("mug")["auction_id"]]
    for _ in range(2):
        store.ask("relist", code="mug")
        products = {each.mall_code: each for each in adapter.parse_products(*store.download_list()).products}
        ids.append(store.running("mug")["auction_id"])
        assert products["mug"] == Product("mug", ("mug",), "マグカップ", True, f"auction {ids[-1]}")
    assert len(set(ids)) == 3


def test_delegated_rows_are_no_products_of_the_auction_shop(store: Store) -> None:
    found = store.auction().parse_products(*store.download_list())
    assert {each.mall_code for each in found.products} == {"mug", "cap-navy"}
    assert found.findings == ()


def test_what_an_upload_would_stumble_over_is_found_with_its_row(store: Store) -> None:
    rows = [template_row("mug"), template_row(""), template_row("mug"), template_row("cap", 説明="a\nb")]
    found = store.auction().parse_products("items.csv", template(*rows))
    assert [(each.row, each.key, each.code) for each in found.findings] == [
        (3, "auction_no_code", ""),
        (4, "auction_code_twice", "mug"),
        (5, "auction_line_break", "cap"),
    ]
    assert [each.name for each in found.products] == ["品 mug", "品 cap"]
    assert parse_template(template(*rows[:2])).pattern
    with pytest.raises(UnexpectedReplyError, match=r"^other\.csv: "):
        store.auction().parse_products("other.csv", b"a,b\r\n")
