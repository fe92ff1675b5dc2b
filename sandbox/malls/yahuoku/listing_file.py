"""The list of items, as the screen shows it and as a file [guess: the list is a web page, spec 5.2]."""

from __future__ import annotations

from typing import Any

from sandbox.malls.yahuoku import csvform
from sandbox.malls.yahuoku.auctions import JST, Auction
from sandbox.malls.yahuoku.delegated import Delegated
from sandbox.malls.yahuoku.rows import example
from sandbox.malls.yahuoku.settings import Settings

AUCTION, FIXED_PRICE = "競売", "定額"
DELEGATED_STATE = "定額（Yahoo!ショッピングから）"
STATUS = ("オークションID", "状態", "終了日時")


def listing_rows(auctions: list[Auction], delegated: Delegated) -> list[dict[str, Any]]:
    """Give every item that the list shows, auctions first."""
    return [*map(_auction_row, auctions), *_delegated_rows(delegated)]


def _auction_row(item: Auction) -> dict[str, Any]:
    return {
        "code": item.code,
        "name": item.row["タイトル"],
        "kind": AUCTION,
        "state": item.state,
        "auction_id": item.auction_id,
        "item_id": item.item_id,
        "quantity": item.left,
        "bids": item.bids,
        "folder": item.row.get(csvform.FOLDER, ""),
        "ends_at": _end(item),
    }


def _delegated_rows(delegated: Delegated) -> list[dict[str, Any]]:
    stock = delegated.stock()
    empty = {"item_id": None, "bids": 0, "folder": "", "ends_at": ""}
    fixed = {"kind": FIXED_PRICE, "state": DELEGATED_STATE}
    return [
        {
            "code": code,
            "name": name,
            **fixed,
            "auction_id": delegated.auction_ids[code],
            "quantity": stock[code],
            **empty,
        }
        for code, name in delegated.names.items()
    ]


def listing_file(auctions: list[Auction], delegated: Delegated, settings: Settings) -> bytes:
    """Give the list as a CSV in the upload's form; status columns after it as the settings choose."""
    columns = csvform.columns(folder_column=settings.folder_column)
    more = STATUS if settings.listings_form == "status" else ()
    records = [[*columns, *more]]
    for item in auctions:
        status = [item.auction_id, item.state, _end(item)] if more else []
        records.append([*(item.row.get(name, "") for name in columns), *status])
    for row in _delegated_rows(delegated):
        price = {"開始価格": "1980", "即決価格": "1980", "個数": str(row["quantity"])}
        values = example(row["code"], row["name"], **price)
        status = [row["auction_id"], row["state"], ""] if more else []
        records.append([*(values[name] for name in columns), *status])
    return csvform.write(records)


def _end(item: Auction) -> str:
    return item.ends_at.astimezone(JST).strftime("%Y/%m/%d %H:%M") if item.ends_at else ""
