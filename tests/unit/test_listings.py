"""Pieces at auction: held from the listing on, given back by the sale or by a person.  # A28"""

from __future__ import annotations

from datetime import timedelta
from threading import Event

import pytest

from adapters.contract import LineState, Order, OrderLine, Outcome, Product, ProductFile, ShopSettings
from adapters.errors import UnsupportedError
from adapters.yahuoku.adapter import create
from bot.answers import Refused
from bot.mapping.model import Mapping, Shop
from bot.mapping.model import Product as Goods
from bot.store import ledger
from bot.store.database import reading
from bot.sync.desk import Desk
from bot.sync.ledger import released_by_sale, still_held
from bot.sync.values import Change
from tests.malls.yahuoku_store import Store, template, template_row
from tests.unit.house import House
from tests.unit.shell import Shell

AUCTION = "auc"


class Auctions(House):
    """The house with a shop at auction beside ``a`` and ``b``, its adapter the real one."""

    def __init__(self, folder):
        super().__init__(folder)
        nowhere = dict.fromkeys(("a", "b", AUCTION), None)
        gift = Goods("gift", parts={"mug": 2, "tee": 1}, listings={"a": None, "b": None})
        goods = (Goods("mug"), Goods("tee"), Goods("cap", listings=nowhere), gift)
        self.mapping = Mapping(
            {**self.mapping.shops, AUCTION: Shop(AUCTION, "yahuoku", orders="file")}, goods
        )
        path = folder / "template.csv"
        path.write_bytes(template(*(template_row(code) for code in ("mug", "tee", "gift"))))
        options = {"mode": "auction", "template": str(path)}
        adapter = create(ShopSettings(AUCTION, options), {}, self.clock, Event())
        self.desk = Desk(self.mapping.shop(AUCTION), adapter)
        self.quiet()

    def list(self, **quantities):
        return self.actions.list_by_file(self.desk, quantities, "clerk")

    def release(self, code, pieces=None):
        return self.actions.release_listing(self.desk, code, pieces, "clerk")

    def sell(self, code, order_id="Y-1", state=LineState.SOLD, auction_id="b1", ago_s=0):
        """An order of the auction, as a file brings it a second later."""
        self.clock.advance(1)
        at = self.clock.now() - timedelta(seconds=ago_s)
        line = OrderLine(code, code, (code,), 1, state, self.clock.now(), auction_id)
        found = [Order(order_id, at, (line,))]
        self.actions.import_orders(self.desk, found)
        return found

    def balance(self, code="mug"):
        with reading(self.engine) as connection:
            found = ledger.balance_of(connection, code)
            assert ledger.wrong_balances(connection) == []
        return found.on_hand, found.held, found.available


@pytest.fixture
def house(tmp_path):
    house = Auctions(tmp_path)
    yield house
    house.close()


# ---------------------------------------------------------------------- the rules


@pytest.mark.parametrize(
    ("change", "held", "back"),
    [
        (Change(on_hand=-1), 1, -1),  # sold
        (Change(on_hand=-3), 1, -1),  # no more than is held
        (Change(on_hand=-1), 0, 0),
        (Change(reserved=1), 1, -1),  # ordered, not paid
        (Change(on_hand=-1, reserved=-1), 1, 0),  # paid: it was given back when it was ordered
        (Change(on_hand=1), 1, 0),  # cancelled
        (Change(reserved=-1), 1, 0),
    ],
)
def test_sale_gives_back_what_was_held_for_it_and_nothing_else_does(change, held, back):
    assert released_by_sale(change, held) == Change(held=back)


@pytest.mark.parametrize(
    ("movements", "left"),
    [
        ([], 0),
        ([("one", 2)], 2),
        ([("one", 2), ("order", -1)], 1),
        ([("one", 1), ("two", 1), ("order", -1)], 0),  # the oldest is given back first
        ([("two", 1), ("one", 1), ("order", -1)], 1),
        ([("one", 1), ("", -1), ("one", 1)], 1),  # listed again
    ],
)
def test_what_a_ticket_still_holds(movements, left):
    assert still_held(movements, "one") == left


# ---------------------------------------------------------------------- making the file


def test_listed_pieces_leave_the_pool_and_the_other_shops_go_down(house):  # A28
    made = house.list(mug=1)
    assert "mug" in made.content.decode("cp932")
    assert house.balance() == (10, 1, 9)
    house.tick("a", "b")
    assert (house.shown("mug", "a"), house.shown("mug", "b")) == (9, 9)


def test_same_file_made_twice_holds_once(house):  # A28
    first, again = house.list(mug=1, tee=1), house.list(mug=1, tee=1)
    assert first == again
    assert house.balance() == (10, 1, 9)


def test_same_file_holds_again_after_its_pieces_were_released(house):  # A28
    house.list(mug=1)
    house.release("mug")
    house.list(mug=1)
    assert house.balance() == (10, 1, 9)


def test_last_piece_can_be_listed_and_its_file_be_made_again(house):
    house.actions.count_stock({"mug": 1}, house.clock.now(), "clerk")
    house.list(mug=1)
    house.list(mug=1)
    assert house.balance() == (1, 1, 0)


def test_line_that_the_file_cannot_hold_is_not_held(house):  # A28
    made = house.list(mug=2, tee=1)
    assert [result.outcome for result in made.results] == [Outcome.REFUSED, Outcome.SENT]
    assert (house.balance("mug"), house.balance("tee")) == ((10, 0, 10), (10, 1, 9))


@pytest.mark.parametrize(("code", "key"), [("cap", "listing_not_mapped"), ("cup", "unknown_code")])
def test_code_that_is_not_linked_there_is_refused_and_nothing_is_held(house, code, key):
    with pytest.raises(Refused) as caught:
        house.list(mug=1, **{code: 1})
    assert caught.value.key == key
    assert house.balance() == (10, 0, 10)


def test_more_than_there_is_is_refused_and_nothing_is_held(house):  # A28
    house.actions.count_stock({"mug": 2, "tee": 1}, house.clock.now(), "clerk")
    with pytest.raises(Refused) as caught:
        house.list(tee=1, gift=1)  # the gift needs a tee too
    assert (caught.value.key, caught.value.params["available"]) == ("listing_too_few", "0")
    assert (house.balance("mug"), house.balance("tee")) == ((2, 0, 2), (1, 0, 1))


def test_shop_whose_mall_takes_no_such_file_says_so(house):
    with pytest.raises(UnsupportedError):
        house.actions.list_by_file(house.desks.desk(house.mapping.shop("a")), {"mug": 1}, "clerk")
    assert house.balance() == (10, 0, 10)


# ---------------------------------------------------------------------- sold, or over


def test_sale_at_auction_does_not_count_twice(house):  # A28
    house.list(mug=1)
    found = house.sell("mug")
    assert house.balance() == (9, 0, 9)
    house.actions.import_orders(house.desk, found)
    assert house.balance() == (9, 0, 9), "the same file again"
    house.sell("mug", "Y-2")
    assert house.balance() == (8, 0, 8), "a sale that nothing was held for"


def test_order_that_is_paid_later_releases_once(house):
    house.actions.count_stock({"mug": 5}, house.clock.now(), "clerk")
    house.list(mug=1)
    house.sell("mug", state=LineState.RESERVED)
    house.clock.advance(86400)
    house.list(mug=1)  # another day, another auction
    house.sell("mug", state=LineState.SOLD, ago_s=86401)
    assert house.balance() == (4, 1, 3)


def test_cancelled_sale_goes_back_on_sale_and_is_not_held(house):
    house.list(mug=1)
    house.sell("mug")
    house.sell("mug", state=LineState.CANCELLED)
    assert house.balance() == (10, 0, 10)


def test_order_placed_before_the_listing_does_not_end_it(house):  # A28
    house.list(mug=1)
    house.sell("mug", ago_s=3600)
    assert house.balance()[1] == 1


def test_sale_that_a_later_count_has_seen_already_still_ends_the_hold(house):
    house.list(mug=1)
    house.clock.advance(60)
    house.actions.count_stock({"mug": 9}, house.clock.now(), "clerk")
    house.sell("mug", ago_s=30)
    assert house.balance() == (9, 0, 9)


def test_sale_on_another_shop_leaves_the_hold_alone(house):
    house.list(mug=1)
    house.malls["a"].order({"mug": 1})
    house.tick("a")
    assert house.balance() == (9, 1, 8)


def test_set_holds_and_releases_its_parts_apart_from_their_own_listings(house):
    house.list(gift=1, mug=1)
    assert (house.balance("mug"), house.balance("tee")) == ((10, 3, 7), (10, 1, 9))
    house.sell("gift")
    assert (house.balance("mug"), house.balance("tee")) == ((8, 1, 7), (9, 0, 9))


def test_release_never_goes_below_zero_and_the_other_shops_go_up(house):  # A28
    house.list(mug=1)
    house.tick("a", "b")
    assert house.release("mug", 5) == {"mug": 1}
    assert house.release("mug") == {}
    house.tick("a", "b")
    assert (house.balance(), house.shown("mug", "a")) == ((10, 0, 10), 10)


# ---------------------------------------------------------------------- stale ids


def test_order_of_an_older_auction_is_found_by_its_code_and_its_id_told_as_stale(house):  # A28
    listed = ProductFile((Product("mug", ("mug",), "", True, "auction b2"), Product("tee", ("tee",), "")))
    house.actions.take_products(house.desk, listed)
    found = [*house.sell("mug", "Y-1", auction_id="b1"), *house.sell("mug", "Y-2", auction_id="b2")]
    found += house.sell("tee", "Y-3", auction_id="b9")
    assert house.balance() == (8, 0, 8), "both counted by 管理番号"
    stale = house.actions.stale_auctions(AUCTION, found)
    assert [(s.order_id, s.mall_code, s.sold_at, s.listed_at) for s in stale] == [("Y-1", "mug", "b1", "b2")]


def test_file_goes_round_by_the_mall_and_its_order_counts_once(house, tmp_path):  # A28
    (tmp_path / "world").mkdir()
    store = Store(tmp_path / "world")
    try:
        house.clock.advance((store.now() - house.clock.now()).total_seconds())
        house.desk = Desk(house.desk.shop, store.auction())
        made = house.list(mug=1)
        assert store.upload(made.name, made.content)["accepted"] == 1
        store.ask("put_up")
        order_id = store.order("mug", 1)
        orders = house.desk.adapter.parse_orders(*store.download())
        assert order_id in [order.order_id for order in orders]
        house.actions.import_orders(house.desk, orders)
        assert house.balance() == (9, 0, 9)
        store.ask("relist", code="mug")
        house.actions.take_products(house.desk, house.desk.adapter.parse_products(*store.download_list()))
        assert [line.order_id for line in house.actions.stale_auctions(AUCTION, orders)] == [order_id]
    finally:
        store.stop()


# ---------------------------------------------------------------------- from the shell

MAPPING = """\
version: 1
shops:
  a: {mall: memory, orders: api}
  auc: {mall: yahuoku, orders: file, mode: auction}
products:
  - {code: mug}
  - {code: tee}
"""
SETTINGS = """
[shops.auc]
template = "{template}"
"""
ORDERS = """\
OrderId,YahooAuctionMerchantId,OrderTime,YahooAuctionId,Quantity,OrderStatus
Y-1,mug,2026-01-05 10:00:00,b1,1,5
"""


@pytest.fixture
def shell(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.chdir(tmp_path)
    shell, path = Shell(tmp_path, capsys, monkeypatch), tmp_path / "template.csv"
    path.write_bytes(template(template_row("mug"), template_row("tee", 終了時間="夜")))
    with shell.config.open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS.format(template=path))
    shell.commit(MAPPING)
    assert shell("init")[0] == 0
    assert shell("stock", "count", shell.file("code,quantity\nmug,3\ntee,5\n"))[0] == 0
    return shell


def test_listing_is_made_and_released_from_the_shell(shell):  # A28
    status, out, _ = shell("listing", "make", "auc", shell.folder, "mug=1", "tee=1")
    assert status == 0
    assert "mug: 1 held; listed now and unsold, release it from " in out
    assert "tee: 1 held; its end is not known" in out
    (written,) = shell.folder.glob("auctions_*.csv")
    assert written.read_bytes().count(b"\r\n") == 3
    assert "available 2" in shell("stock", "show", "mug")[1]
    assert shell("listing", "release", "auc", "mug")[1] == "mug: 1 released\n"
    assert shell("listing", "release", "auc", "mug", "1")[1] == "mug: nothing is held for auc\n"


def test_file_that_cannot_be_written_is_told_and_can_be_made_again(shell):
    nowhere = shell.folder / "nowhere" / "out.csv"
    status, _, err = shell("listing", "make", "auc", nowhere, "mug=1")
    assert (status, "the pieces are held" in err) == (2, True)
    assert shell("listing", "make", "auc", shell.folder / "out.csv", "mug=1")[0] == 0
    assert "available 2" in shell("stock", "show", "mug")[1]


def test_refused_line_ends_with_1_and_no_file_is_made_of_nothing(shell):
    status, out, _ = shell("listing", "make", "auc", shell.folder / "out.csv", "mug=2")
    assert (status, "mug: not in the file" in out) == (1, True)
    assert not (shell.folder / "out.csv").exists()


@pytest.mark.parametrize("words", [["mug"], ["mug=0"], ["=1"], ["mug=1", "mug=1"], ["tee=9x"]])
def test_pieces_that_are_not_understood_hold_nothing(shell, words):
    assert shell("listing", "make", "auc", shell.folder, *words)[0] == 2
    assert "available 3" in shell("stock", "show", "mug")[1]


def test_stale_auction_id_is_told_by_the_order_import(shell):  # A28
    header = "管理番号,個数,タイトル,オークションID,状態"
    listed = shell.file(f"{header}\r\nmug,1,品,b2,出品中\r\ntee,1,品,,\r\n", "cp932")
    assert shell("import", "auc", listed)[0] == 0
    status, out, _ = shell("orders", "import", "auc", shell.file(ORDERS))
    assert (status, "mug: order Y-1: stale auction id b1, the product list has b2" in out) == (0, True)
