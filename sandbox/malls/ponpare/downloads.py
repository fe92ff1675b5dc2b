"""The CSV files that the shop's screen makes on request: item.csv and option.csv (spec 2.3)."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.malls.ponpare import columns as col
from sandbox.malls.ponpare import csvform
from sandbox.malls.ponpare.goods import KINDS, Goods, Item
from sandbox.malls.ponpare.settings import Settings

_PRICE = 1980


def item_file(goods: Goods, settings: Settings, columns: Sequence[str] = col.ITEM_COLUMNS) -> bytes:
    """Write every product; cells that the sandbox knows nothing of are empty."""
    rows = [_item_row(item, settings) for item in goods.items.values()]
    return _file(rows, columns, col.ITEM_COLUMNS)


def option_file(goods: Goods, settings: Settings, columns: Sequence[str] = col.OPTION_COLUMNS) -> bytes:
    """Write every SKU."""
    rows = [
        {
            col.CONTROL: settings.downloaded_control,
            col.MANAGE_ID: cell.item.manage_id,
            col.OPTION_TYPE: "s",
            col.HORIZONTAL: cell.sku.horizontal,
            col.HORIZONTAL_NAME: cell.sku.horizontal_name,
            col.VERTICAL: cell.sku.vertical,
            col.VERTICAL_NAME: cell.sku.vertical_name,
            col.SKU_STOCK: str(cell.quantity),
        }
        for cell in goods.cells()
        if cell.sku is not None
    ]
    return _file(rows, columns, col.OPTION_COLUMNS)


def _item_row(item: Item, settings: Settings) -> dict[str, str]:
    return {
        col.CONTROL: settings.downloaded_control,
        col.MANAGE_ID: item.manage_id,
        "販売ステータス": "1",
        col.ITEM_ID: item.item_id,
        col.ITEM_NAME: item.name,
        "販売価格": str(_PRICE),
        col.STOCK_TYPE: settings.stock_types[KINDS.index(item.kind)],
        col.STOCK: str(item.quantity) if item.kind == "plain" else "",
        col.HORIZONTAL_NAME: item.axes[0],
        col.VERTICAL_NAME: item.axes[1],
    }


def _file(rows: Sequence[dict[str, str]], columns: Sequence[str], known: Sequence[str]) -> bytes:
    if stray := [name for name in columns if name not in known]:
        raise ValueError(f"no column {', '.join(stray)}")
    return csvform.write([list(columns), *([row.get(name, "") for name in columns] for row in rows)])
