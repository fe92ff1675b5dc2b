"""What the mall does with a file that it took: applies it by header name, row by row (spec 2, 5.3, 5.4)."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.malls.ponpare import columns as col
from sandbox.malls.ponpare import csvform
from sandbox.malls.ponpare.faults import Faults
from sandbox.malls.ponpare.goods import KINDS, QUANTITY_MAX, Cell, Goods, Item, Kind, Sku
from sandbox.malls.ponpare.settings import Settings

_KEYS = {
    "item.csv": (col.CONTROL, col.MANAGE_ID),
    "option.csv": (col.CONTROL, col.MANAGE_ID, col.OPTION_TYPE, col.HORIZONTAL, col.VERTICAL),
}
_KNOWN = {"item.csv": col.ITEM_COLUMNS, "option.csv": col.OPTION_COLUMNS}


class RowError(Exception):
    """A row cannot be applied; the text goes into its コントロールカラム."""


class Intake:
    """Applies item.csv and option.csv; ``violate`` hears what no right client writes."""

    def __init__(
        self, goods: Goods, faults: Faults, settings: Settings, violate: Callable[[str, str], None]
    ) -> None:
        self._goods = goods
        self._faults = faults
        self._settings = settings
        self._tell = violate
        self._judges = True

    def answer(self, slot: str, content: bytes, *, whole: bool = True) -> list[list[str]]:
        """Apply a file; give the records of its result. The slips of a part are not its writer's."""
        self._judges = whole
        try:
            records = csvform.parse(content)
        except csvform.FormError as error:
            self._violate(f"unreadable: {error}", slot)
            return [[col.CONTROL, col.MANAGE_ID], [col.BAD_FILE, ""]]
        header, rows = records[0], records[1:]
        if problem := self._problem(slot, header, len(rows)):
            self._violate(problem, slot)
            full = header if col.CONTROL in header else [col.CONTROL, *header]
            return [full, [col.BAD_FILE if name == col.CONTROL else "" for name in full]]
        self._check_form(slot, header, content)
        return [header, *(self._answer_row(slot, header, row) for row in rows)]

    def _violate(self, what: str, slot: str) -> None:
        if self._judges:
            self._tell(what, slot)

    def _problem(self, slot: str, header: list[str], count: int) -> str:
        if missing := [name for name in _KEYS[slot] if name not in header]:
            return f"no column {', '.join(missing)}"
        if len(set(header)) != len(header):
            return "a column twice"
        if 0 < self._settings.max_rows < count:
            return f"{count} rows, more than {self._settings.max_rows}"
        return ""

    def _check_form(self, slot: str, header: list[str], content: bytes) -> None:
        if unknown := [name for name in header if name not in _KNOWN[slot]]:
            self._violate(f"column not known: {', '.join(unknown)}", slot)
        if self._settings.line_ends == "crlf" and csvform.has_bare_line_ends(content):
            self._violate("a line that does not end with CRLF", slot)

    def _answer_row(self, slot: str, header: list[str], row: list[str]) -> list[str]:
        at = header.index(col.CONTROL)
        try:
            if len(row) != len(header):
                raise RowError(col.BAD_CELLS)
            cells = dict(zip(header, row, strict=True))
            self._check_control(slot, cells[col.CONTROL])
            self._apply(slot, cells)
        except RowError as error:
            return [*row[:at], str(error), *row[at + 1 :]]
        return [*row[:at], col.OK, *row[at + 1 :]]

    def _check_control(self, slot: str, letter: str) -> None:
        if letter not in ("n", "u", "d"):
            raise RowError(col.BAD_CONTROL)
        if letter != "u":
            # The mall does it; a client that keeps stock has no business with it.
            self._violate(f"コントロールカラム {letter}", slot)

    def _apply(self, slot: str, row: dict[str, str]) -> None:
        if slot == "item.csv":
            self._apply_item(row)
        elif row[col.OPTION_TYPE] == "s":
            self._apply_sku(row)
        elif row[col.OPTION_TYPE] != "o":
            raise RowError(col.BAD_OPTION_TYPE)

    # ------------------------------------------------------------------ item.csv

    def _apply_item(self, row: dict[str, str]) -> None:
        manage_id = self._manage_id(row)
        if row[col.CONTROL] == "n":
            self._list_item(manage_id, row)
            return
        item = self._item(manage_id)
        if row[col.CONTROL] == "d":
            del self._goods.items[manage_id]
            return
        self._refuse_planted(Cell(item))
        kind = self._kind(item, row)
        quantity = _amount(row[col.STOCK]) if col.STOCK in row else item.quantity
        item.kind, item.quantity = kind, quantity

    def _kind(self, item: Item, row: dict[str, str]) -> Kind:
        """Give the 在庫タイプ after this row; one that does not fit the product's SKUs is refused."""
        if col.STOCK_TYPE not in row:
            kind = item.kind
        else:
            at = self._settings.stock_types.find(row[col.STOCK_TYPE]) if row[col.STOCK_TYPE] else -1
            if not 0 <= at < len(KINDS):
                raise RowError(col.BAD_STOCK_TYPE)
            kind = KINDS[at]
        if (item.kind == "sku") != (kind == "sku") or (kind == "sku" and col.STOCK in row):
            raise RowError(col.BAD_STOCK_TYPE)
        return kind

    def _list_item(self, manage_id: str, row: dict[str, str]) -> None:
        if manage_id in self._goods.items:
            raise RowError(col.ITEM_EXISTS)
        quantity = _amount(row[col.STOCK]) if col.STOCK in row else 0
        item_id = row.get(col.ITEM_ID) or manage_id
        self._goods.items[manage_id] = Item(manage_id, item_id, row.get(col.ITEM_NAME, ""), quantity=quantity)

    def _manage_id(self, row: dict[str, str]) -> str:
        found = row[col.MANAGE_ID]
        return found.lower() if self._settings.folds_case else found

    def _item(self, manage_id: str) -> Item:
        if manage_id not in self._goods.items:
            raise RowError(col.UNKNOWN_ITEM)
        return self._goods.items[manage_id]

    # ------------------------------------------------------------------ option.csv

    def _apply_sku(self, row: dict[str, str]) -> None:
        item = self._item(self._manage_id(row))
        key = (row[col.HORIZONTAL], row[col.VERTICAL])
        if row[col.CONTROL] == "n":
            self._list_sku(item, key, row)
            return
        if item.kind != "sku" or key not in item.skus:
            raise RowError(col.UNKNOWN_SKU)
        sku = item.skus[key]
        if row[col.CONTROL] == "d":
            del item.skus[key]
            return
        self._refuse_planted(Cell(item, sku))
        names = self._names(sku, row)
        quantity = _amount(row[col.SKU_STOCK]) if col.SKU_STOCK in row else sku.quantity
        (sku.horizontal_name, sku.vertical_name), sku.quantity = names, quantity

    def _names(self, sku: Sku, row: dict[str, str]) -> tuple[str, str]:
        """Give the names of the axes after this row (spec 2.2)."""
        names = (row.get(col.HORIZONTAL_NAME, ""), row.get(col.VERTICAL_NAME, ""))
        now = (sku.horizontal_name, sku.vertical_name)
        if self._settings.names_required and any(
            had and not name for had, name in zip(now, names, strict=True)
        ):
            raise RowError(col.NAME_MISSING)
        after = (names[0] or now[0], names[1] or now[1])
        if after != now:
            self._violate(f"renamed a SKU: {now} to {after}", "option.csv")
        return after

    def _list_sku(self, item: Item, key: tuple[str, str], row: dict[str, str]) -> None:
        if key in item.skus:
            raise RowError(col.SKU_EXISTS)
        quantity = _amount(row[col.SKU_STOCK]) if col.SKU_STOCK in row else 0
        names = (row.get(col.HORIZONTAL_NAME, ""), row.get(col.VERTICAL_NAME, ""))
        item.skus[key] = Sku(key[0], names[0], key[1], names[1], quantity)
        item.kind = "sku"

    def _refuse_planted(self, cell: Cell) -> None:
        fault = self._faults.take_refusal(cell.code)
        if fault is not None:
            raise RowError(str(fault.options.get("error", col.BAD_STOCK)))


def _amount(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= QUANTITY_MAX):
        raise RowError(col.BAD_STOCK)
    return int(text)
