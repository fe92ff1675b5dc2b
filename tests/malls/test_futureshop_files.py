"""futureshop over CSV files against its simulator: the contract, then what is the files' own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.contract import (
    Adapter,
    CredentialState,
    Outcome,
)
from adapters.errors import (
    AuthError,
    ConfigError,
    MallError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.futureshop import csvfiles
from tests.contract import AdapterContract, Bench, carry_out, line
from tests.malls.futureshop_shop import PRODUCT_HEADER, FilesBench, over_files


class TestFutureshopOverFiles(AdapterContract):
    @pytest.fixture
    def mall(self, tmp_path) -> Iterator[FilesBench]:
        with over_files(tmp_path) as bench:
            yield bench

    # The products are in downloaded files, so reading them asks nobody.

    def test_dead_credentials_are_refused_and_new_ones_work(self, mall: Bench, adapter: Adapter) -> None:
        mall.expire()
        with pytest.raises(AuthError):
            adapter.check()
        with pytest.raises(AuthError):
            adapter.write_stock([line(mall, mall.codes[0], 3)])
        assert {status.state for status in adapter.credential_status()} == {CredentialState.REFUSED}
        mall.renew()
        renewed = mall.adapter()
        assert renewed.check().detail
        assert {status.state for status in renewed.credential_status()} == {CredentialState.OK}

    def test_trouble_at_the_mall_is_classed(self, mall: Bench, adapter: Adapter) -> None:
        mall.fault("server_error")
        for call in (adapter.check, lambda: adapter.write_stock([line(mall, mall.codes[0], 1)])):
            with pytest.raises(TemporaryError):
                call()
        mall.clear_faults()
        assert carry_out(mall, adapter, [line(mall, mall.codes[0], 1)])[0].outcome is Outcome.DONE

    @pytest.mark.parametrize("fault", ["cut_before", "cut_after"])
    def test_lost_answer_to_a_read_is_temporary(self, mall: Bench, adapter: Adapter, fault: str) -> None:
        mall.fault(fault, command="MLSD")
        with pytest.raises((TemporaryError, NotSentError)):
            adapter.check()

    def test_no_connection_means_that_nothing_was_sent(self, mall: Bench) -> None:
        adapter = mall.unreachable()
        with pytest.raises(NotSentError):
            adapter.check()
        with pytest.raises(NotSentError):
            adapter.write_stock([line(mall, mall.codes[0], 1)])
        assert adapter.read_products()


DONE = Outcome.DONE


# --------------------------------------------------------------------------- the route over files


@pytest.fixture
def files(tmp_path) -> Iterator[FilesBench]:
    with over_files(tmp_path) as bench:
        yield bench


def test_upload_is_the_header_and_the_four_columns_that_tell_a_number(files: FilesBench) -> None:
    adapter = files.adapter()
    lines = [line(files, "tee-red-s", 3), line(files, "tee-blue-l", 0)]
    sample = csvfiles.read_sample(str(files.variation_file), csvfiles.VARIATIONS)
    expected = csvfiles.VARIATION_HEADER + "\r\ntee,,-red,,-s,,3,,,,,\r\ntee,,-blue,,-l,,0,,,,,\r\n"
    assert csvfiles.stock_file(sample, lines) == expected.encode("cp932")
    adapter.close()


def test_header_of_the_shop_is_copied_byte_for_byte(files: FilesBench) -> None:
    header = csvfiles.VARIATION_HEADER.replace(",商品名,", ',"商品名",') + ",メモ"
    files.write_samples(header, end=",x")
    sample = csvfiles.read_sample(str(files.variation_file), csvfiles.VARIATIONS)
    content = csvfiles.stock_file(sample, [line(files, "tee-red-s", 3)])
    assert content == (header + "\r\ntee,,-red,,-s,,3,,,,,,\r\n").encode("cp932")


def test_product_without_variations_goes_into_a_file_of_its_own(files: FilesBench) -> None:
    files.control("setting", pick_up_s=3600)
    adapter = files.adapter()
    results = adapter.write_stock([line(files, "mug", 4), line(files, "tee-red-s", 3)])
    assert [result.outcome for result in results] == [Outcome.SENT] * 2
    area = files.control("area")
    assert area["/goodsStock.csv"] == PRODUCT_HEADER + "\r\n,mug,,,,4,\r\n"
    assert set(area) == {"/goodsStock.csv", "/goodsVariationStock.csv"}
    assert [result.outcome for result in adapter.confirm(results)] == [Outcome.SENT] * 2


def test_file_that_was_not_taken_is_never_overwritten(files: FilesBench) -> None:
    files.control("fault", name="not_taken")
    adapter = files.adapter()
    first = adapter.write_stock([line(files, "mug", 4)])
    area = files.control("area")
    with pytest.raises(RateLimitedError, match="goodsStock.csv was not taken yet"):
        adapter.write_stock([line(files, "mug", 5)])
    assert files.control("area") == area
    files.clear_faults()
    files.settle()
    assert [result.outcome for result in adapter.confirm(first)] == [DONE]
    assert files.stock("mug") == 4


def test_file_that_is_no_sample_is_named(files: FilesBench) -> None:
    files.variation_file.write_text("a,b\r\n1,2\r\n", "cp932")
    with pytest.raises(ConfigError, match="variations.csv"):
        files.adapter().check()
    with pytest.raises(ConfigError, match="gone.csv"):
        files.adapter(variation_file="gone.csv").read_products()


def test_nothing_is_sent_where_tls_is_refused(files: FilesBench) -> None:
    files.control("fault", name="tls_refused")
    with pytest.raises(NotSentError):
        files.adapter().write_stock([line(files, "mug", 5)])
    assert not files.control("seen", text=files.password)


# --------------------------------------------------------------------------- lost on the way


def test_file_cut_on_its_way_never_appears_and_its_part_is_taken_away(files: FilesBench) -> None:
    files.control("setting", pick_up_s=3600)
    files.control("fault", name="cut_after", function="ftp", command="STOR")
    with pytest.raises(NotSentError):
        files.adapter().write_stock([line(files, "mug", 5)])
    assert files.control("area") == {}


def test_file_whose_final_name_was_not_answered_leaves_its_lines_unknown(files: FilesBench) -> None:
    files.control("setting", pick_up_s=3600)
    files.fault("cut_after", count=1)
    (result,) = files.adapter().write_stock([line(files, "mug", 5)])
    assert result.outcome is Outcome.UNKNOWN
    assert isinstance(result.error, OutcomeUnknownError)
    assert set(files.control("area")) == {"/goodsStock.csv"}, "it arrived, and nothing told so"


def test_second_file_is_not_called_sent_where_the_line_was_lost_at_the_first(files: FilesBench) -> None:
    files.control("setting", pick_up_s=3600)
    files.fault("cut_after", count=1)
    results = files.adapter().write_stock([line(files, "mug", 5), line(files, "tee-red-s", 4)])
    assert [result.outcome for result in results] == [Outcome.UNKNOWN] * 2
    assert set(files.control("area")) == {"/goodsVariationStock.csv"}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (421, TemporaryError),
        (450, TemporaryError),
        (452, TemporaryError),
        (500, UnexpectedReplyError),
        (530, AuthError),
        (550, UnexpectedReplyError),
        (553, UnexpectedReplyError),
    ],
)
def test_answer_of_trouble_is_classed_by_its_code(
    files: FilesBench, code: int, expected: type[MallError]
) -> None:
    files.fault("server_error", code=code)
    adapter = files.adapter()
    for call in (adapter.check, lambda: adapter.write_stock([line(files, "mug", 5)])):
        with pytest.raises(MallError) as caught:
            call()
        assert type(caught.value) is expected
    assert files.control("area") == {}
