"""Inventory API 2.0 and 2.1 (spec 2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.malls.common.faults import ActiveFault
from sandbox.malls.rakuten import rows
from sandbox.malls.rakuten.faults import Faults
from sandbox.malls.rakuten.goods import Goods, Pair
from sandbox.malls.rakuten.settings import Settings
from sandbox.malls.rakuten.stock import Cell, Stock, Write
from sandbox.malls.rakuten.wire import Answer, Call, Flaw, Json, Refusal, jst, refusal, unknown_fields

WRITE_MOST = 400
READ_MOST = 1000


class Inventory:
    """The functions of the inventory API over the shop's stock cells."""

    def __init__(
        self, stock: Stock, goods: Goods, faults: Faults, settings: Settings, now: Callable[[], datetime]
    ) -> None:
        self._stock = stock
        self._goods = goods
        self._faults = faults
        self._settings = settings
        self._now = now

    def variant_get(self, call: Call) -> Answer:
        """Answer ``inventories.variants.get``."""
        return Answer(200, self._cell(call).row(call.version))

    def variant_upsert(self, call: Call) -> Answer:
        """Answer ``inventories.variants.upsert``."""
        self._check_path(call)
        row = call.attributes()
        flaws = unknown_fields(row, rows.value_fields(call.version)) + rows.value_flaws(row, call.version)
        if flaws:
            raise refusal(400, *flaws)
        write = rows.write_of(rows.pair_of(call.path), row, call.version)
        if flaw := self._stock.flaw(write):
            raise refusal(400, flaw)
        self._stock.apply(write, self._now())
        return Answer(204)

    def variant_delete(self, call: Call) -> Answer:
        """Answer ``inventories.variants.delete``."""
        self._stock.remove(self._cell(call).pair)
        return Answer(204)

    def bulk_get(self, call: Call) -> Answer:
        """Answer ``inventories.bulk.get``: unknown pairs are absent, the order is the mall's own."""
        self._check_migrated()
        found = rows.inventory_rows(call.attributes(), READ_MOST)
        pairs = _pairs(found, lambda row, at: unknown_fields(row, rows.PAIR_FIELDS, at))
        found_cells = {pair: self._stock.readable(self._key(pair)) for pair in sorted(pairs)}
        missing = [pair for pair, cell in found_cells.items() if cell is None]
        if missing and self._settings.unknown_pair == "refused":
            raise self._unknown(missing[0])
        cells = [cell for cell in found_cells.values() if cell]
        return Answer(200, {"inventories": [self._row(cell, call.version) for cell in cells]})

    def bulk_get_range(self, call: Call) -> Answer:
        """Answer ``inventories.bulk.get.range``."""
        self._check_migrated()
        low, high = rows.quantity_query(call.query)
        cells = [cell for cell in self._stock.cells() if low <= cell.quantity <= high]
        if len(cells) > READ_MOST:
            what = "Too many search results, please change the query of search."
            raise refusal(400, Flaw("IE0116", what))
        cells.sort(key=lambda cell: cell.updated, reverse=True)
        return Answer(200, {"inventories": [cell.row(call.version) for cell in cells]})

    def bulk_upsert(self, call: Call) -> Answer:
        """Answer ``inventories.bulk.upsert``: all rows or none, unless told otherwise."""
        self._check_migrated()
        version, found = call.version, rows.inventory_rows(call.attributes(), WRITE_MOST)
        known = rows.PAIR_FIELDS + rows.value_fields(version)
        pairs = _pairs(
            found, lambda row, at: unknown_fields(row, known, at) + rows.value_flaws(row, version, at)
        )
        rows_of = enumerate(zip(pairs, found, strict=True))
        writes = [rows.write_of(self._key(pair), row, version, place) for place, (pair, row) in rows_of]
        self._write_all(writes)
        return Answer(204)

    def variant_list(self, call: Call) -> Answer:
        """Answer ``inventories.variant-lists.get``: what the inventory side holds, orphans included."""
        self._check_migrated()
        number = call.path["manageNumber"].lower()
        cells = [cell for cell in self._stock.cells() if cell.pair[0] == number]
        if not cells:
            raise refusal(404, Flaw("GE0014", f"Not found for inputs; manageNumber={number}"))
        created, updated = min(c.created for c in cells), max(c.updated for c in cells)
        names = [cell.pair[1] for cell in cells]
        stamps = {"created": jst(created), "updated": jst(updated)}
        return Answer(200, {"manageNumber": number, "variantList": names, **stamps})

    def _write_all(self, writes: list[Write]) -> None:
        non_atomic = self._faults.take(("non_atomic",), "bulk_upsert") is not None
        refused = self._refused(writes)
        before = [(write.pair, self._stock.get(write.pair)) for write in writes]
        flaws: list[Flaw] = []
        for write in writes:
            if flaw := refused.get(write.pair) or self._stock.flaw(write):
                flaws.append(flaw)
                if non_atomic:
                    break
            else:
                self._stock.apply(write, self._now())
        if flaws and not non_atomic:
            self._stock.restore(before)
        if flaws:
            raise refusal(400, *flaws)

    def _refused(self, writes: list[Write]) -> dict[Pair, Flaw]:
        places = {write.pair: write.row or 0 for write in writes}
        met = self._faults.take_refusals(lambda code: self._goods.pair(code) in places)
        pairs = [(self._goods.pair(fault.options["code"]), fault) for fault in met]
        return {pair: _refusal_of(fault, places[pair]) for pair, fault in pairs}

    def _cell(self, call: Call) -> Cell:
        self._check_path(call)
        pair = rows.pair_of(call.path)
        if cell := self._stock.readable(self._key(pair)):
            return cell
        raise self._unknown(pair)

    def _unknown(self, pair: Pair) -> Refusal:
        named = f"manageNumber={pair[0]}, variantId={pair[1]}"
        return refusal(404, Flaw("GE0014", f"Not found for inputs; {named}"))

    def _key(self, pair: Pair) -> Pair:
        """Give the pair under which a cell lies: where case is folded, that of the item's own variant."""
        if self._settings.variant_case == "kept":
            return pair
        item, folded = self._goods.get(pair[0]), pair[1].lower()
        own = (name for name in (item.variants if item else ()) if name.lower() == folded)
        return pair[0], next(own, folded)

    def _row(self, cell: Cell, version: str) -> Json:
        row = cell.row(version)
        kept = self._settings.variant_case == "kept"
        return row if kept else {**row, "variantId": str(row["variantId"]).lower()}

    def _check_path(self, call: Call) -> None:
        self._check_migrated()
        if flaws := rows.pair_flaws(call.path):
            raise refusal(400, *flaws)

    def _check_migrated(self) -> None:
        if not self._settings.migrated:
            what = "This endpoint is disabled for the shop not migrated to SKU."
            raise refusal(400, Flaw("IE1105", what))


def _pairs(found: list[Any], more: Callable[[Any, str], list[Flaw]]) -> list[Pair]:
    """Check every row and give the pairs; refuses with all flaws at once."""
    flaws: list[Flaw] = []
    for place, row in enumerate(found):
        at = f"inventories[{place}]"
        if not isinstance(row, dict):
            flaws.append(Flaw("IE0002", f"inventories has an invalid value : {row}.", at))
            continue
        flaws += rows.pair_flaws(row, f"{at}.") + more(row, f"{at}.")
    if flaws:
        raise refusal(400, *flaws)
    pairs = [rows.pair_of(row) for row in found]
    if flaws := rows.duplicates(pairs):
        raise refusal(400, *flaws)
    return pairs


def _refusal_of(fault: ActiveFault, place: int) -> Flaw:
    code = fault.options.get("error", "IE0121")
    at = f"inventories[{place}]" if fault.options.get("named", True) else ""
    return Flaw(code, "Inventory cannot be added because the size has reached the limit.", at)
