"""Yahoo!オークション: what no document tells is tried each way: it is right, or an error says why not.

The other tests drive the simulator as it is set usually; here each switch is set otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Outcome
from adapters.yahuoku.listing import KNOWN_HEADER
from bot.mapping.model import Mapping, Product, Shop
from sandbox.malls.yahuoku.settings import Settings
from tests.malls import test_yahuoku, test_yahuoku_orders
from tests.malls.yahuoku_store import Store, line, template, template_row

UPLOADS: list[dict[str, Any]] = [
    {},
    {"line_ends": "any"},
    {"code_form": "any"},
    {"title_width": 0},
    {"rows_per_file": 0},
    {"several": "any"},
    {"bad_row": "left_out"},
    {"lists_on_upload": True},
    {"appears_s": 60.0},
    {"edit_renews_id": False},
]
EXPORTS: list[dict[str, Any]] = [
    {},
    {"order_file": "csv"},
    {"pattern": "narrow"},
    {"pattern": "wide"},
    {"pattern": "wide", "pieces_form": "each"},
    {"pattern": "wide", "status_form": "word"},
    {"hand_notes": False},
    {"edit_renews_id": False},
]
HERE = {
    "folder_column": "test_upload_has_the_columns_that_the_store_takes_or_is_refused_whole",
    "bad_row": "test_no_more_pieces_are_listed_than_were_taken_out_of_the_pool",
    "delegated_in_export": "test_delegated_sale_in_the_export_counts_for_nothing",
    "listings_form": "test_code_is_read_from_a_list_with_or_without_its_state",
}
ELSEWHERE = {
    "time_form": "test_three_orders_have_the_same_lines_in_every_file",
    "cancelled_in_export": "test_cancel_is_not_seen_in_an_export_without_the_state",
}
NO_GUESS = {"folder", "buyer"}


@contextmanager
def running(folder: Path, **settings: Any) -> Iterator[Store]:
    store = Store(folder, **settings)
    try:
        yield store
    finally:
        store.stop()


def test_every_switch_is_set_otherwise_in_some_test() -> None:
    known = {**vars(test_yahuoku), **vars(test_yahuoku_orders), **globals()}
    assert all(name in known for name in [*HERE.values(), *ELSEWHERE.values()])
    tried = {name for setting in [*UPLOADS, *EXPORTS] for name in setting}
    assert tried | {*HERE, *ELSEWHERE} | NO_GUESS == {field.name for field in fields(Settings)}


def named(setting: dict[str, Any]) -> str:
    return "-".join(f"{name}={value}" for name, value in setting.items()) or "usual"


# --------------------------------------------------------------------------- the upload


@pytest.mark.parametrize("setting", UPLOADS, ids=named)
def test_upload_lists_what_was_asked_for_whatever_is_not_known(
    tmp_path: Path, setting: dict[str, Any]
) -> None:
    with running(tmp_path, **setting) as store:
        store.write_template(template_row("vase"), template_row("bowl", 即決価格="1000"))
        upload = store.auction(pieces_max=5).listing_file([line("vase", 2), line("vase"), line("bowl", 3)])
        outcomes = [result.outcome for result in upload.results]
        assert outcomes == [Outcome.REFUSED, Outcome.SENT, Outcome.SENT], "an auction has one piece"
        assert store.upload(upload.name, upload.content)["accepted"] == 2
        store.world.clock.advance(60)
        if not setting.get("lists_on_upload"):
            store.ask("put_up")
        assert (store.stock("vase"), store.stock("bowl")) == (1, 3)
        assert store.ask("violations") == []


@pytest.mark.parametrize("title_width", [65, 0])
@pytest.mark.parametrize("bad_row", ["refuses_file", "left_out"])
def test_no_more_pieces_are_listed_than_were_taken_out_of_the_pool(
    tmp_path: Path, bad_row: str, title_width: int
) -> None:
    with running(tmp_path, bad_row=bad_row, title_width=title_width, lists_on_upload=True) as store:
        store.write_template(template_row("vase"), template_row("bowl", タイトル="花" * 66))
        upload = store.auction().listing_file([line("vase"), line("bowl")])
        assert [result.outcome for result in upload.results] == [Outcome.SENT] * 2, "both leave the pool"
        answer = store.upload(upload.name, upload.content)
        expected = 2 if not title_width else 0 if bad_row == "refuses_file" else 1
        assert answer["accepted"] == expected
        assert bool(answer["errors"]) is bool(title_width), "the person who uploads reads why"
        shown = store.ask("stock")
        assert sum(shown.get(code, 0) for code in ("vase", "bowl")) == expected


@pytest.mark.parametrize("of_store", [True, False])
@pytest.mark.parametrize("of_merchant", [True, False])
def test_upload_has_the_columns_that_the_store_takes_or_is_refused_whole(
    tmp_path: Path, of_store: bool, of_merchant: bool
) -> None:
    with running(tmp_path, folder_column=of_store) as store:
        header = [name for name in KNOWN_HEADER if of_merchant or name != "商品保存先フォルダパス"]
        store.template_file.write_bytes(template(template_row("vase"), header=header))
        upload = store.auction().listing_file([line("vase")])
        answer = store.upload(upload.name, upload.content)
        assert (answer["accepted"], bool(answer["errors"])) == (
            (1, False) if of_store is of_merchant else (0, True)
        )


# --------------------------------------------------------------------------- the files that come back


@pytest.mark.parametrize("setting", EXPORTS, ids=named)
def test_orders_are_counted_by_their_codes_whatever_the_export_looks_like(
    tmp_path: Path, setting: dict[str, Any]
) -> None:
    with running(tmp_path, several="any", **setting) as store:
        store.set_stock("cap-navy", 7)  # an edit, which may give it another auction id
        lines = [{"code": "mug", "quantity": 1}, {"code": "cap-navy", "quantity": 2}]
        both = store.ask("order", lines=lines)["order_id"]
        alone = store.order("cap-navy", 3)
        found = store.auction().parse_orders(*store.download())
        pieces = {
            (order.order_id, code): sum(each.quantity for each in order.lines if each.mall_code == code)
            for order in found
            for code in {each.mall_code for each in order.lines}
        }
        assert pieces == {(both, "mug"): 1, (both, "cap-navy"): 2, (alone, "cap-navy"): 3}


@pytest.mark.parametrize("delegated_in_export", [True, False])
def test_delegated_sale_in_the_export_counts_for_nothing(tmp_path: Path, delegated_in_export: bool) -> None:
    with running(tmp_path, delegated_in_export=delegated_in_export) as store:
        delegated, mine = store.order("tee-red-m", 1), store.order("mug", 1)
        found = store.auction().parse_orders(*store.download())
        expected = [(delegated, "tee-red-m")] * delegated_in_export + [(mine, "mug")]
        assert [(order.order_id, order.lines[0].mall_code) for order in found] == expected
        at_auction = Product("mug"), Product("tee-red-m", listings={"auc": None})
        mapping = Mapping({"auc": Shop("auc", "yahuoku", orders="file")}, at_auction)
        counted = [mapping.code_of("auc", order.lines[0].mall_code) for order in found]
        assert counted == [None] * delegated_in_export + ["mug"]


@pytest.mark.parametrize("listings_form", ["status", "upload"])
def test_code_is_read_from_a_list_with_or_without_its_state(tmp_path: Path, listings_form: str) -> None:
    with running(tmp_path, listings_form=listings_form) as store:
        found = store.auction().parse_products(*store.download_list())
        on_sale = {product.mall_code: product.on_sale for product in found.products}
        with_state = listings_form == "status"
        assert on_sale["mug"] is (True if with_state else None)
        assert ("tee-red-m" in on_sale) is not with_state, "only the state tells what is delegated"
        assert {product.address for product in found.products} == {(code,) for code in on_sale}
        assert found.findings == ()
