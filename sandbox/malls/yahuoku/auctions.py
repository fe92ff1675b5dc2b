"""The store's auctions: saved, listed, bid for, won, ordered; or ended, or withdrawn (spec 7.2).

管理番号 tells an auction apart for the merchant only: an upload of the same number makes a second
item, and each relisting has an auction ID of its own (spec 2 a, 5.2). A win whose purchase form is
still open (pre_order) is a win here: nothing that the store can see tells the two apart (spec 1.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sandbox.malls.yahuoku.rows import Row, is_fixed_price
from sandbox.malls.yahuoku.settings import Settings

JST = timezone(timedelta(hours=9))
SAVED, LISTED, BID, WON = "保存済み", "出品中", "入札あり", "落札（未注文）"
ORDERED, ENDED, WITHDRAWN = "注文済み", "落札者なし", "取り消し"
OPEN = (LISTED, BID)
OVER = (ORDERED, ENDED, WITHDRAWN)


@dataclass
class Auction:
    """One item of the list; ``left`` are the pieces that buyers can have."""

    item_id: int
    row: Row
    appears_at: datetime
    state: str = SAVED
    auction_id: str = ""
    left: int = 0
    bids: int = 0
    ends_at: datetime | None = None
    relisted: int = 0

    @property
    def code(self) -> str:
        """Give 管理番号."""
        return self.row["管理番号"]


class AuctionIds:
    """Hands out auction IDs: a letter and ten digits (spec 5.4)."""

    def __init__(self) -> None:
        self._count = 0

    def next(self) -> str:
        """Give one that nobody had before."""
        self._count += 1
        return f"{'bcdefghjklmnoprstuvwx'[self._count % 21]}{1_243_000_000 + self._count}"


class Auctions:
    """All items of the list, oldest first."""

    def __init__(self, ids: AuctionIds, settings: Settings) -> None:
        self._ids = ids
        self._settings = settings
        self.items: list[Auction] = []

    def save(self, row: Row, appears_at: datetime) -> Auction:
        """Take a row in; it may double another."""
        self.items.append(Auction(700_001 + len(self.items), row, appears_at))
        return self.items[-1]

    def shown(self, now: datetime) -> list[Auction]:
        """Give what the list shows."""
        return [item for item in self.items if item.appears_at <= now]

    def find(self, code: str, *states: str) -> Auction:
        """Give the newest auction of a code that is in one of the states.

        Raises:
            ValueError: there is none.
        """
        for item in reversed(self.items):
            if item.code == code and item.state in states:
                return item
        raise ValueError(f"no auction of {code!r} is {' or '.join(states)}")

    def put_up(self, item: Auction, now: datetime) -> None:
        """出品: give an auction its ID, its pieces and its end."""
        day = now.astimezone(JST) + timedelta(days=int(item.row["期間"]))
        end = day.replace(hour=int(item.row["終了時間"]), minute=0, second=0, microsecond=0)
        item.state, item.auction_id, item.bids = LISTED, self._ids.next(), 0
        item.left, item.ends_at = int(item.row["個数"]), end

    def relist(self, item: Auction, now: datetime) -> Auction:
        """Put an auction up again as a new item; one that runs without bids is withdrawn first.

        Raises:
            ValueError: it has bids, waits for its buyer's order, or was never listed.
        """
        if item.state == LISTED:
            item.state, item.left = WITHDRAWN, 0
        if item.state not in OVER:
            raise ValueError(f"the auction {item.auction_id} is {item.state}")
        new = self.save(dict(item.row), now)
        self.put_up(new, now)
        return new

    def bid(self, item: Auction) -> None:
        """Take a bid; at one price there is no bidding."""
        if is_fixed_price(item.row):
            raise ValueError(f"{item.code} is sold at one price")
        item.state, item.bids = BID, item.bids + 1

    def edit(self, item: Auction, quantity: int, now: datetime) -> None:
        """Change 個数 by hand; 0 withdraws. A running auction loses its bids (spec 2, 競りナビ).

        Raises:
            ValueError: an auction does not have several pieces.
        """
        if quantity > 1 and self._settings.several == "fixed_price" and not is_fixed_price(item.row):
            raise ValueError("個数: オークション形式では1個です")
        if quantity < 1:
            item.state, item.left = WITHDRAWN, 0
            return
        item.row = {**item.row, "個数": str(quantity)}
        if item.state == SAVED:
            return
        old_id, old_end = item.auction_id, item.ends_at
        self.put_up(item, now)
        item.ends_at = old_end
        if not self._settings.edit_renews_id:
            item.auction_id = old_id

    def take(self, auction_id: str, quantity: int) -> None:
        """Sell pieces to a buyer who completed the purchase form."""
        item = next(item for item in self.items if item.auction_id == auction_id)
        item.left -= quantity
        if not item.left:
            item.state = ORDERED

    def newest(self) -> dict[str, Auction]:
        """Give the newest item of each 管理番号."""
        return {item.code: item for item in self.items}

    def settle(self, now: datetime) -> None:
        """Let auctions end that are over: won where there are bids, else ended or relisted by itself."""
        for item in list(self.items):
            while item.state in OPEN and item.ends_at and item.ends_at <= now:
                item = self._close(item, item.ends_at)

    def _close(self, item: Auction, at: datetime) -> Auction:
        if item.state == BID:
            item.state = WON
            return item
        item.state, item.left = ENDED, 0
        if item.relisted >= int(item.row["商品の自動再出品"]):
            return item
        new = self.relist(item, at)
        new.relisted = item.relisted + 1
        return new
