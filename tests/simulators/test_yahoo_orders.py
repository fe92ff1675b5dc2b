"""The simulated Yahoo! store keeps to the spec: orders, first the list, then each one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from yahoo_shop import Shop, code_of, numbers, order_time, tree

from sandbox.world import ControlError


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path)
    yield running
    running.close()


def texts(shop: Shop, number: str, *path: str) -> list[str | None]:
    """Give some fields of an order as ``orderInfo`` has it."""
    order = tree(shop.order_info(number)).find("Result/OrderInfo")
    assert order is not None
    return [order.findtext(each) for each in path]


def test_a_sale_takes_stock_off_at_once_and_is_listed(shop: Shop) -> None:
    number = shop.buy("tee-red-m", 2)
    assert shop.control("stock")["tee-red-m"] == 18
    root = tree(shop.order_list())
    assert (root.tag, root.findtext("Status"), root.findtext("Search/TotalCount")) == ("Result", "OK", "1")
    order = root.find("Search/OrderInfo")
    assert order is not None
    found = {child.tag: child.text for child in order}
    assert (found["Index"], found["OrderId"], found["OrderStatus"]) == ("1", number, "2")
    assert (found["IsSeen"], found["IsYahooAuctionOrder"]) == ("false", "false")
    assert (found["OrderTime"] or "").endswith("+09:00")
    assert "Quantity" not in found


def test_nobody_buys_more_than_is_shown_but_where_the_store_allows_it(shop: Shop) -> None:
    with pytest.raises(ControlError, match="8 of cap-navy on sale"):
        shop.buy("cap-navy", 9)
    shop.control("edit_listing", code="cap-navy", overdraft=1)
    shop.buy("cap-navy", 9)
    assert shop.control("stock")["cap-navy"] == -1
    shop.control("edit_listing", code="mug", closed=1)
    with pytest.raises(ControlError):
        shop.buy("mug")


def test_order_info_has_the_lines_with_both_codes(shop: Shop) -> None:
    lines = [{"code": "tee-red-m", "quantity": 2}, {"code": "mug", "quantity": 1}]
    number = shop.control("order", lines=lines, payment="payment_d1", delivery="postage2")["order_id"]
    reply = shop.order_info(number)
    root = tree(reply)
    assert (root.tag, root.findtext("Result/Status")) == ("ResultSet", "OK")
    found = [{child.tag: child.text for child in item} for item in root.iter("Item")]
    assert [(f["LineId"], f["ItemId"], f["SubCode"], f["Quantity"]) for f in found] == [
        ("1", "tee", "tee-red-m", "2"),
        ("2", "mug", None, "1"),
    ]
    assert "<Title><![CDATA[ロゴTシャツ" in reply.content.decode()
    assert texts(shop, number, "Pay/PayMethod", "Ship/ShipMethod") == ["payment_d1", "postage2"]


def test_only_the_asked_fields_come_but_for_the_buyer(shop: Shop) -> None:
    number = shop.buy("mug")
    order = tree(shop.order_info(number, "OrderId,Quantity")).find("Result/OrderInfo")
    assert order is not None
    assert order.findtext("OrderStatus") is None
    assert [child.tag for child in order.find("Item") or ()] == ["Quantity"]
    assert (order.findtext("Pay/BillLastName"), order.findtext("Ship/ShipFirstName")) == ("山田", "花子")
    shop.control("setting", buyer="鈴木 一郎", unasked_groups=False)
    other = shop.order_info(shop.buy("mug"))
    assert "鈴木" not in other.content.decode()
    shop.control("setting", unasked_groups=True)
    assert "鈴木" in shop.order_info(shop.buy("mug")).content.decode()


@pytest.mark.parametrize(
    "body",
    [
        "<Search><Field>OrderId</Field></Search>",
        "<Search><Condition><IsSeen>false</IsSeen></Condition><Field>OrderId</Field></Search>",
        "<Search><Condition><OrderTimeFrom>2026-11-20</OrderTimeFrom></Condition><Field>OrderId</Field></Search>",
        "<Search><Condition><OrderId>x-1</OrderId></Condition></Search>",
        "<Search><Condition><OrderId>x-1</OrderId></Condition><Field>Quantity</Field></Search>",
        "<Search><Condition><OrderId>x-1</OrderId><IsSeen>no</IsSeen></Condition><Field>OrderId</Field></Search>",
        "<Search><Condition><OrderId>x-1</OrderId></Condition><Sort>order_time</Sort><Field>OrderId</Field></Search>",
        "<Search><Condition><OrderId>x-1</OrderId></Condition><Start>0</Start><Field>OrderId</Field></Search>",
        "",
        "<Search>",
    ],
)
def test_a_wrong_search_is_refused_and_noted(shop: Shop, body: str) -> None:
    reply = shop.xml("orderList", body)
    assert reply.status_code == 400
    assert (code_of(reply) or "").startswith("od")
    assert len(shop.control("violations")) == 1


def test_a_wrong_request_for_one_order_is_refused(shop: Shop) -> None:
    number = shop.buy()
    assert code_of(shop.order_info(number, "OrderId,Item.Quantity")) == "od91002"
    assert shop.xml("orderInfo", f"<Target><OrderId>{number}</OrderId></Target>").status_code == 400
    assert len(shop.control("violations")) == 2
    assert code_of(shop.order_info("sandbox-store-1")) == "od91003"
    assert len(shop.control("violations")) == 2


def test_the_search_goes_by_time_status_and_page(shop: Shop) -> None:
    bought = [shop.buy("tee-red-s", ago_s=600 - 60 * turn) for turn in range(4)]
    shop.control("cancel", order_id=bought[0])
    shop.control("see", order_id=bought[1])
    assert numbers(shop.order_list()) == bought
    assert numbers(shop.order_list(extra="<Sort>-order_time</Sort>")) == bought[::-1]
    assert numbers(shop.order_list("<OrderStatus>4,5</OrderStatus>")) == bought[:1]
    assert numbers(shop.order_list("<OrderStatus>2</OrderStatus><IsSeen>false</IsSeen>")) == bought[2:]
    page = tree(shop.order_list(extra="<Result>2</Result><Start>3</Start>"))
    assert [order.findtext("Index") for order in page.iter("OrderInfo")] == ["3", "4"]
    assert page.findtext("Search/TotalCount") == "4"
    since = order_time(shop.world.clock.now() - timedelta(seconds=500))
    condition = f"<Condition><OrderTimeFrom>{since}</OrderTimeFrom></Condition>"
    later = shop.xml("orderList", f"<Search>{condition}<Field>OrderId</Field></Search>")
    assert numbers(later) == bought[2:]


def test_a_search_that_finds_nothing_has_no_order(shop: Shop) -> None:
    root = tree(shop.order_list())
    assert (root.findtext("Search/TotalCount"), root.find("Search/OrderInfo")) == ("0", None)


def test_ten_orders_come_unless_more_are_asked_for(shop: Shop) -> None:
    for _turn in range(12):
        shop.buy("tee-red-s")
    assert len(numbers(shop.order_list())) == 10
    assert len(numbers(shop.order_list(extra="<Result>2000</Result>"))) == 12


def test_an_order_shows_when_it_is_published(shop: Shop) -> None:
    number = shop.buy("mug", publish_after_s=1800)
    assert shop.control("stock")["mug"] == 11
    assert numbers(shop.order_list()) == []
    assert shop.order_info(number).status_code == 400
    shop.world.clock.advance(1800)
    shop.use_token(shop.access_token(shop.entry["refresh_token"]))
    assert numbers(shop.order_list()) == [number]


@pytest.mark.parametrize(("returns", "shown"), [(False, 10), (True, 12)])
def test_a_cancel_returns_stock_as_the_store_is_set(shop: Shop, returns: bool, shown: int) -> None:
    shop.control("setting", returns_stock_on_cancel=returns)
    number = shop.buy("mug", 2)
    before = texts(shop, number, "LastUpdateTime")
    shop.world.clock.advance(5)
    shop.control("cancel", order_id=number, reason=210)
    assert texts(shop, number, "OrderStatus", "CancelReason", "Item/Quantity") == ["4", "210", "2"]
    assert texts(shop, number, "LastUpdateTime") != before
    assert shop.control("stock")["mug"] == shown
    assert shop.control("reported", order_id=number) == {"times": 3, "cancelled_times": 2}
    with pytest.raises(ControlError, match="Cannot Be Operated"):
        shop.control("progress", order_id=number, status=2)


def test_pieces_can_be_taken_out_and_an_empty_line_is_gone_or_zero(shop: Shop) -> None:
    lines = [{"code": "tee-red-m", "quantity": 3}, {"code": "mug", "quantity": 1}]
    number = shop.control("order", lines=lines)["order_id"]
    shop.control("partial_cancel", order_id=number, line=1, quantity=1)
    shop.control("partial_cancel", order_id=number, line="mug", quantity=1)
    items = list(tree(shop.order_info(number)).iter("Item"))
    assert [(item.findtext("LineId"), item.findtext("Quantity")) for item in items] == [("1", "2")]
    shop.control("setting", emptied_line="zero")
    shop.control("partial_cancel", order_id=number, line=1, quantity=2)
    assert texts(shop, number, "Item/Quantity") == ["0"]


def test_a_warning_may_stand_beside_an_order(shop: Shop) -> None:
    shop.control("setting", order_warning=True)
    root = tree(shop.order_info(shop.buy("mug")))
    assert root.find("Result/Warning") is not None
    assert root.findtext("Result/OrderInfo/Item/ItemId") == "mug"


def test_a_split_sells_the_pieces_once(shop: Shop) -> None:
    lines = [{"code": "tee-red-m", "quantity": 3}, {"code": "mug", "quantity": 1}]
    number = shop.control("order", lines=lines)["order_id"]
    other = shop.control("split", order_id=number, line="mug")["order_id"]
    assert shop.control("stock")["mug"] == 11
    assert numbers(shop.order_list()) == [number, other]
    assert texts(shop, other, "ParentOrderId", "IsSplit", "Item/ItemId") == [number, "true", "mug"]
    assert texts(shop, number, "IsSplit", "Item/ItemId") == ["true", "tee"]


def test_orders_from_auctions_are_marked(shop: Shop) -> None:
    shop.buy("mug")
    fixed = shop.buy("tee-red-s", auction_id="x1000000001")
    with pytest.raises(ControlError):
        shop.buy("only-by-auction")
    alone = shop.buy("only-by-auction", auction_id="x1000000002")
    assert numbers(shop.order_list("<IsYahooAuctionOrder>true</IsYahooAuctionOrder>")) == [fixed, alone]
    fields = ("IsYahooAuctionOrder", "YahooAuctionId", "YahooAuctionMerchantId", "Item/ItemId")
    assert texts(shop, alone, *fields) == ["true", "x1000000002", "only-by-auction", "only-by-auction"]
    assert shop.control("stock")["tee-red-s"] == 19


def test_the_count_has_new_orders_and_reservations(shop: Shop) -> None:
    shop.buy("mug")
    shop.buy("mug", status=1)
    shop.control("see", order_id=shop.buy("mug"))
    root = tree(shop.ask("GET", "orderCount", params={"sellerId": shop.entry["seller_id"]}))
    count = {child.tag: child.text for child in root.find("Result/Count") or ()}
    assert (count["NewOrder"], count["NewReserve"], count["Holding"]) == ("1", "1", "0")
    wrong = shop.ask("GET", "orderCount", params={"seller_id": shop.entry["seller_id"]})
    assert code_of(wrong) == "px-04001"


def test_update_times_are_a_condition_only_where_set(shop: Shop) -> None:
    number = shop.buy("mug", ago_s=3600)
    since = order_time(shop.world.clock.now() - timedelta(seconds=60))
    condition = f"<LastUpdateTimeFrom>{since}</LastUpdateTimeFrom>"
    assert shop.order_list(condition).status_code == 400
    shop.control("setting", update_time_search=True)
    assert numbers(shop.order_list(condition)) == []
    shop.control("cancel", order_id=number)
    assert numbers(shop.order_list(condition)) == [number]
