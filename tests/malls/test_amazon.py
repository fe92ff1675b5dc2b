"""Amazon.co.jp against its simulator: the contract, then listings, stock and feeds."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import pytest

from adapters.amazon import listings
from adapters.amazon.adapter import AmazonAdapter
from adapters.clock import ManualClock
from adapters.contract import Adapter, Outcome, StockLine
from adapters.errors import (
    OutcomeUnknownError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
)
from tests.contract import AdapterContract
from tests.malls.amazon_shop import AmazonBench, running


@pytest.fixture
def mall(tmp_path) -> Iterator[AmazonBench]:
    with running(tmp_path) as bench:
        yield bench
        assert bench.control("violations") == [], "the adapter keeps to the mall's forms"
        assert bench.control("incidents") == [], "and does no harm"


@pytest.fixture
def adapter(mall: AmazonBench) -> Iterator[AmazonAdapter]:
    made = mall.adapter()
    yield made
    made.close()


class TestAmazon(AdapterContract):
    @pytest.fixture
    def mall(self, tmp_path) -> Iterator[AmazonBench]:
        with running(tmp_path) as bench:
            yield bench
            assert bench.control("violations") == [], "the adapter keeps to the mall's forms"
            assert bench.control("incidents") == [], "and does no harm"

    def test_late_answers_are_sent_first_and_confirmed_after(
        self, mall: AmazonBench, adapter: Adapter
    ) -> None:
        """A patch is answered at once, a feed late."""
        assert adapter.write_stock([mall.line("mug", 5)])[0].outcome is Outcome.DONE
        by_feed = mall.adapter(feed_above=0)
        (sent,) = by_feed.write_stock([mall.line("mug", 6)])
        assert (sent.outcome, bool(sent.ticket)) == (Outcome.SENT, True)
        assert by_feed.confirm([sent])[0].outcome is Outcome.SENT, "not worked off yet"
        mall.settle()
        assert [result.outcome for result in by_feed.confirm([sent])] == [Outcome.DONE]
        assert mall.stock("mug") == 6
        by_feed.close()

    @pytest.mark.parametrize("retry_after", [None])
    def test_quota_is_told_with_the_time_to_wait(
        self, mall: AmazonBench, adapter: Adapter, retry_after: int | None
    ) -> None:
        """Amazon never says how long to wait: the bucket is kept in the session."""
        super().test_quota_is_told_with_the_time_to_wait(mall, adapter, retry_after)


# --------------------------------------------------------------------------- codes and listings


def test_seller_sku_is_the_code(mall: AmazonBench, adapter: Adapter) -> None:  # A7, A12, A14
    found = {product.mall_code: product for product in adapter.read_products()}
    assert set(mall.control("stock")) <= set(found)
    assert found["tee-red-m"].address == ("tee-red-m", "DEFAULT")
    assert found["mug"].on_sale
    assert adapter.abilities.code_field == "出品者SKU"


def test_listing_without_a_name_can_be_written(mall: AmazonBench, adapter: Adapter) -> None:  # C5
    mall.control("add_product", code="nameless", name="", quantity=1)
    assert "nameless" in {product.mall_code for product in adapter.read_products()}
    assert adapter.write_stock([mall.line("nameless", 4)])[0].outcome is Outcome.DONE
    assert mall.stock("nameless") == 4


def test_every_page_of_the_listings_is_read(mall: AmazonBench, adapter: Adapter) -> None:
    before = len(adapter.read_products())
    mall.control("add_numbered", count=250)
    assert len(adapter.read_products()) == before + 250
    assert "create_report" not in mall.functions()


def test_handful_is_never_taken_for_the_whole_list(mall: AmazonBench) -> None:
    mall.control("add_numbered", count=1100)
    adapter = mall.adapter(import_by="search")
    with pytest.raises((TemporaryError, UnexpectedReplyError)):
        adapter.read_products()
    adapter.close()


@pytest.mark.parametrize(
    "form",
    [
        {"report_form": "cp932", "report_charset": True},
        {"report_form": "cp932", "report_charset": False, "report_gzip": True},
        {"report_form": "utf-8", "report_charset": False},
        {"report_form": "utf-8", "report_charset": True, "report_gzip": True},
    ],
)
def test_more_than_a_search_gives_are_read_from_the_file(tmp_path, form: dict[str, object]) -> None:
    with running(tmp_path, report_s=0, **form) as mall:
        mall.control("add_numbered", count=1100)
        mall.control("add_product", code="by-amazon", name="倉庫の品", quantity=3, channel="AMAZON_JP")
        adapter = mall.adapter()
        products = adapter.read_products()
        found = {product.mall_code: product for product in products}
        assert len(products) == len(mall.control("stock"))
        assert found["mug"].address == ("mug", "DEFAULT")
        assert found["mug"].name == "マグカップ"
        assert "by-amazon" not in found
        assert mall.control("violations") == []
        adapter.close()


def test_file_that_is_not_ready_is_asked_for_again_later(tmp_path) -> None:
    with running(tmp_path, report_s=3600) as mall:
        adapter = mall.adapter(clock=ManualClock(), import_by="report")
        with pytest.raises(TemporaryError, match="not ready"):
            adapter.read_products()
        mall.control("expire_tokens")
        mall.world.clock.advance(3600)
        assert "mug" in {product.mall_code for product in adapter.read_products()}
        assert mall.count("create_report") == 1
        adapter.close()


# --------------------------------------------------------------------------- what must not be written


@pytest.mark.parametrize("shown", [True, False])
def test_stock_of_amazon_is_never_written(mall: AmazonBench, adapter: Adapter, shown: bool) -> None:
    mall.control("setting", fba_quantity_shown=shown)
    mall.control("add_product", code="by-amazon", name="倉庫の品", quantity=3, channel="AMAZON_JP")
    (product,) = [found for found in adapter.read_products() if found.address[0] == "by-amazon"]
    assert (product.mall_code, "by-amazon" in product.note) == ("", True), "it is not offered for mapping"
    before = mall.count("patch_item")
    for address in (product.address, ("by-amazon", "DEFAULT"), ("by-amazon", ""), ("by-amazon",)):
        (result,) = adapter.write_stock([StockLine("by-amazon", address, 5)])
        assert result.outcome is Outcome.REFUSED
    assert mall.count("patch_item") == before
    assert adapter.read_stock([product.address, ("by-amazon", "DEFAULT")]) == {}


def test_listing_handed_to_amazon_after_the_import_is_noticed(mall: AmazonBench, adapter: Adapter) -> None:
    adapter.read_products()
    mall.control("remove_product", code="mug")
    mall.control("add_product", code="mug", name="マグカップ", quantity=3, channel="AMAZON_JP")
    assert adapter.read_stock([mall.address("mug")]) == {}
    (result,) = adapter.write_stock([mall.line("mug", 5)])
    assert result.outcome is Outcome.REFUSED
    assert "fulfilled by Amazon" in str(result.error)
    mall.control("remove_product", code="mug")
    mall.control("add_product", code="mug", name="マグカップ", quantity=3)
    assert adapter.read_stock([mall.address("mug")])[mall.address("mug")].quantity == 3
    assert adapter.write_stock([mall.line("mug", 5)])[0].outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("channels", "channel", "note"),
    [
        (["DEFAULT"], listings.Channel.MERCHANT, ""),
        (["AMAZON_JP"], listings.Channel.AMAZON, listings.AMAZON_STOCK),
        (["AMAZON_NA", "DEFAULT"], listings.Channel.MIXED, listings.MIXED),
        ([], listings.Channel.UNKNOWN, listings.NO_CHANNEL),
        (["SOMETHING"], listings.Channel.UNKNOWN, listings.NO_CHANNEL),
    ],
)
def test_only_a_listing_of_own_stock_alone_has_a_code(
    channels: list[str], channel: listings.Channel, note: str
) -> None:
    entries = [{"fulfillmentChannelCode": code, "quantity": 4} for code in channels]
    listing = listings.listing_of({"sku": "abc", "fulfillmentAvailability": entries})
    product = listing.product()
    assert listing.channel is channel
    assert product.mall_code == ("" if note else "abc")
    assert product.note == (f"{note}: abc" if note else "")


@pytest.mark.parametrize("op", ["patch", "feed"])
def test_write_leaves_the_lead_time_as_it_is(mall: AmazonBench, op: str) -> None:
    mall.control("edit_listing", code="mug", lead_time_to_ship_max_days=9)
    adapter = mall.adapter(feed_above=0 if op == "feed" else 1500)
    results = adapter.write_stock([mall.line("mug", 4)])
    mall.settle()
    assert [result.outcome for result in adapter.confirm(results)] == [Outcome.DONE]
    entry = mall.control("listing", code="mug")["entries"]["DEFAULT"]
    assert (entry["quantity"], entry["lead_time_to_ship_max_days"]) == (4, 9)
    adapter.close()


# --------------------------------------------------------------------------- what was accepted and dropped


@pytest.mark.parametrize("feed_above", [1500, 0])
def test_unknown_sku_is_accepted_and_found_out_by_import_and_read_back(
    mall: AmazonBench, feed_above: int
) -> None:
    adapter = mall.adapter(feed_above=feed_above)
    results = adapter.write_stock([mall.unknown()])
    mall.settle()
    assert [result.outcome for result in adapter.confirm(results)] == [Outcome.DONE]
    assert [row["code"] for row in mall.control("dropped")] == ["nothing"]
    assert adapter.read_stock([mall.unknown().address]) == {}
    assert "nothing" not in {product.mall_code for product in adapter.read_products()}
    adapter.close()


def test_refusal_after_the_answer_is_found_out_by_read_back(mall: AmazonBench, adapter: Adapter) -> None:
    mall.control("fault", name="refuse", code="mug", how="silent")
    before = mall.stock("mug")
    assert adapter.write_stock([mall.line("mug", before + 1)])[0].outcome is Outcome.DONE
    assert adapter.read_stock([mall.address("mug")])[mall.address("mug")].quantity == before


def test_number_is_read_back_once_it_is_taken_up(tmp_path) -> None:
    with running(tmp_path, delay_s=120) as mall:
        adapter, address = mall.adapter(), mall.address("mug")
        before = mall.stock("mug")
        adapter.write_stock([mall.line("mug", before + 5)])
        assert adapter.read_stock([address])[address].quantity == before
        mall.world.clock.advance(121)
        assert adapter.read_stock([address])[address].quantity == before + 5
        assert adapter.abilities.visible_after_s >= 120
        adapter.close()


# --------------------------------------------------------------------------- patches


@pytest.mark.parametrize(
    "sku", ["a/b", "a#b", "a b", "a%2Fb", "a+b", "a?b=c", "a&b", "a,b", "a..b", "赤-1", "~a:b;c@d"]
)
def test_any_letter_of_a_sku_goes_through_the_path(mall: AmazonBench, adapter: Adapter, sku: str) -> None:
    mall.control("add_product", code=sku, name="記号", quantity=1)
    mall.control("add_product", code=sku[0], name="記号の前", quantity=1)
    assert adapter.write_stock([mall.line(sku, 7)])[0].outcome is Outcome.DONE
    assert (mall.stock(sku), mall.stock(sku[0])) == (7, 1)
    levels = adapter.read_stock([mall.address(sku), mall.address("mug")])
    assert levels[mall.address(sku)].quantity == 7
    assert mall.address("mug") in levels


def test_sku_that_the_path_cannot_hold_makes_no_call(mall: AmazonBench, adapter: Adapter) -> None:
    before = mall.calls()
    for sku in (".", "..", " a", "a ", "a\n"):
        assert adapter.write_stock([mall.line(sku, 1)])[0].outcome is Outcome.REFUSED
        assert adapter.read_stock([mall.address(sku)]) == {}
    assert mall.calls() == before


def test_same_sku_twice_is_written_once(mall: AmazonBench, adapter: Adapter) -> None:
    results = adapter.write_stock([mall.line("mug", 4), mall.line("mug", 9)])
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.REFUSED]
    assert mall.stock("mug") == 4


def test_lost_answer_leaves_its_own_line_unknown(mall: AmazonBench, adapter: Adapter) -> None:
    mall.control("fault", name="cut_after", function="patch_item", count=1)
    results = adapter.write_stock([mall.line("mug", 2), mall.line("tee-red-s", 3), mall.line("cap-navy", 1)])
    outcomes = [result.outcome for result in results]
    assert sorted(outcomes) == [Outcome.DONE, Outcome.DONE, Outcome.UNKNOWN]
    assert [mall.stock(code) for code in ("mug", "tee-red-s", "cap-navy")] == [2, 3, 1]


def test_mall_that_fails_again_and_again_is_left_alone(mall: AmazonBench, adapter: Adapter) -> None:
    mall.fault("server_error", function="patch_item")
    results = adapter.write_stock(mall.filler(40))
    assert {result.outcome for result in results} == {Outcome.UNKNOWN}
    assert mall.count("patch_item") < 10


def test_early_call_takes_another_slot(mall: AmazonBench, adapter: Adapter) -> None:
    mall.control("fault", name="rate_limit", function="patch_item", count=2)
    results = adapter.write_stock([mall.line("mug", 2), mall.line("tee-red-s", 3)])
    assert [result.outcome for result in results] == [Outcome.DONE] * 2


def test_refused_bucket_is_closed_for_the_time_of_one_token(mall: AmazonBench) -> None:
    clock = ManualClock()
    adapter = mall.adapter(clock=clock, rates=1.0)
    mall.control("fault", name="rate_limit", function="patch_item", count=1)
    assert adapter.write_stock([mall.line("mug", 2)])[0].outcome is Outcome.DONE
    assert clock.monotonic() >= 0.2
    assert mall.count("patch_item") == 2
    adapter.close()


def test_pace_at_the_published_rates_is_never_refused(tmp_path) -> None:
    with running(tmp_path, pace=1.0, rates=1.0) as mall:
        adapter = mall.adapter(margin=1.0)  # more than a busy test machine is late
        results = adapter.write_stock(mall.filler(9))
        assert {result.outcome for result in results} == {Outcome.DONE}
        assert mall.count("patch_item") == 9
        adapter.close()


def test_buckets_do_not_touch_each_other(mall: AmazonBench) -> None:
    clock = ManualClock()
    adapter = mall.adapter(clock=clock, rates=1.0)
    mall.control("fault", name="rate_limit", function="search_items")
    with pytest.raises(RateLimitedError):
        adapter.read_stock([mall.address("mug")])
    before = clock.monotonic()
    assert adapter.write_stock([mall.line("mug", 2)])[0].outcome is Outcome.DONE
    assert clock.monotonic() == before, "nothing was waited for"
    adapter.close()


def test_closing_ends_a_call_that_waits_for_its_answer(mall: AmazonBench) -> None:
    adapter, results = mall.adapter(timeout_s=60), []
    mall.control("fault", name="hold", function="patch_item")
    work = Thread(target=lambda: results.extend(adapter.write_stock([mall.line("mug", 2)])))
    work.start()
    with mall.world.changed:
        assert mall.world.changed.wait_for(lambda: mall.control("held"), timeout=10)
    adapter.close()
    work.join(10)
    mall.control("release")
    assert [result.outcome for result in results] == [Outcome.UNKNOWN]


# --------------------------------------------------------------------------- feeds


def test_many_changes_go_as_one_feed(mall: AmazonBench, adapter: Adapter) -> None:  # C10
    lines = [*mall.filler(1500), mall.line("mug", 4)]
    results = adapter.write_stock(lines)
    assert {result.outcome for result in results} == {Outcome.SENT}
    assert len({result.ticket for result in results}) == 1
    assert mall.count("patch_item") == 0
    mall.settle()
    assert {result.outcome for result in adapter.confirm(results)} == {Outcome.DONE}
    assert mall.stock("mug") == 4


def test_as_many_as_patches_are_quicker_for_go_as_patches(mall: AmazonBench) -> None:
    adapter = mall.adapter(feed_above=30)
    assert {result.outcome for result in adapter.write_stock(mall.filler(30))} == {Outcome.DONE}
    assert mall.count("create_feed") == 0
    assert {result.outcome for result in adapter.write_stock(mall.filler(31))} == {Outcome.SENT}
    adapter.close()


def test_report_of_a_feed_names_what_was_refused(mall: AmazonBench) -> None:
    mall.control("fault", name="refuse", code="cap-navy", how="invalid")
    adapter = mall.adapter(feed_above=0)
    results = adapter.write_stock([mall.line("mug", 2), mall.line("cap-navy", 1), mall.line("bad\n", 1)])
    assert [result.outcome for result in results] == [Outcome.SENT, Outcome.SENT, Outcome.REFUSED]
    adapter.close()
    mall.settle()
    later = mall.adapter()  # the tickets alone carry over a restart
    confirmed = later.confirm(results)
    assert [result.outcome for result in confirmed] == [Outcome.DONE, Outcome.REFUSED, Outcome.REFUSED]
    assert confirmed[1].error.code == "cap-navy"
    assert mall.stock("mug") == 2
    later.close()


@pytest.mark.parametrize("fatal_report", [True, False])
def test_lines_of_a_failed_feed_are_unknown(tmp_path, fatal_report: bool) -> None:
    with running(tmp_path, fatal_report=fatal_report) as mall:
        mall.control("fault", name="feed_fatal")
        adapter = mall.adapter(feed_above=0)
        results = adapter.write_stock([mall.line("mug", 2)])
        mall.settle()
        assert [result.outcome for result in adapter.confirm(results)] == [Outcome.UNKNOWN]
        adapter.close()


def test_feed_whose_answer_was_lost_leaves_each_line_unknown(mall: AmazonBench) -> None:
    adapter = mall.adapter(feed_above=0)
    mall.control("fault", name="cut_after", function="create_feed", count=1)
    results = adapter.write_stock([mall.line("mug", 2), mall.line("cap-navy", 1)])
    assert {type(result.error) for result in results} == {OutcomeUnknownError}
    assert {result.outcome for result in results} == {Outcome.UNKNOWN}
    adapter.close()


@pytest.mark.parametrize("function", ["create_feed_document", "upload"])
def test_feed_that_was_not_made_is_an_error_of_the_whole_call(mall: AmazonBench, function: str) -> None:
    adapter = mall.adapter(feed_above=0)
    mall.control("fault", name="status", code=500, function=function)
    with pytest.raises(TemporaryError):
        adapter.write_stock([mall.line("mug", 2)])
    assert mall.count("create_feed") == 0
    adapter.close()


def test_sku_in_a_feed_is_patched_downwards_and_written_again_after_it(mall: AmazonBench) -> None:
    adapter = mall.adapter(feed_above=1)
    in_feed = adapter.write_stock([mall.line("mug", 8), mall.line("cap-navy", 7)])
    (lower,) = adapter.write_stock([mall.line("mug", 3)])
    assert (lower.outcome, mall.stock("mug")) == (Outcome.SENT, 3), "buyers see the lower number at once"
    assert adapter.confirm([lower])[0].outcome is Outcome.SENT
    mall.settle()
    assert mall.stock("mug") == 8, "the feed has put its own number over it"
    lower_now, other = adapter.confirm([lower, in_feed[1]])
    assert (lower_now.outcome, other.outcome) == (Outcome.UNKNOWN, Outcome.DONE)
    assert adapter.write_stock([mall.line("mug", 3)])[0].outcome is Outcome.DONE
    assert mall.stock("mug") == 3
    adapter.close()


def test_sku_in_a_feed_is_not_raised_before_the_feed_is_over(mall: AmazonBench) -> None:
    adapter = mall.adapter(feed_above=1)
    adapter.write_stock([mall.line("mug", 3), mall.line("cap-navy", 7)])
    held, free = adapter.write_stock([mall.line("mug", 9), mall.line("tee-red-s", 5)])[0], mall.stock("mug")
    assert (held.outcome, isinstance(held.error, TemporaryError)) == (Outcome.UNKNOWN, True)
    assert free != 9
    mall.settle()
    assert adapter.write_stock([mall.line("mug", 9)])[0].outcome is Outcome.DONE
    assert mall.stock("mug") == 9
    adapter.close()


def test_one_feed_is_under_way_at_a_time(mall: AmazonBench) -> None:
    adapter = mall.adapter(feed_above=400)
    adapter.write_stock(mall.filler(401))
    more = [mall.line("mug", 0), *(mall.line(f"other-{number}", 1) for number in range(400))]
    results = adapter.write_stock(more)
    assert mall.count("create_feed") == 1
    assert mall.stock("mug") == 0, "the first of them, which are the most urgent, go as patches"
    assert [result.outcome for result in results] == [Outcome.DONE] * 300 + [Outcome.UNKNOWN] * 101
    mall.settle()
    assert {result.outcome for result in adapter.write_stock(more)} == {Outcome.SENT}
    adapter.close()


def test_low_numbers_do_not_wait_for_an_overdue_feed(mall: AmazonBench) -> None:
    mall.control("queue_feed", seconds=28_800)
    adapter = mall.adapter(feed_above=1)
    results = adapter.write_stock([mall.line("mug", 0), mall.line("cap-navy", 70)])
    mall.world.clock.advance(16 * 60)
    confirmed = adapter.confirm(results)
    assert [result.outcome for result in confirmed] == [Outcome.UNKNOWN, Outcome.SENT]
    (patched,) = adapter.write_stock([mall.line("mug", 0)])
    assert (patched.outcome, mall.stock("mug")) == (Outcome.SENT, 0)
    adapter.close()


def test_lines_that_were_not_sent_are_handed_back_as_they_are(mall: AmazonBench, adapter: Adapter) -> None:
    results = adapter.write_stock([mall.line("mug", 2), mall.line("bad\n", 1)])
    before = mall.calls()
    assert adapter.confirm(results) == results
    assert mall.calls() == before
