"""A stock batch to its end: what is refused is named, and never holds back the rest."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from adapters.contract import Abilities, Address, LineResult, Outcome, StockLine
from adapters.errors import (
    LineRejectedError,
    MallError,
    OutcomeUnknownError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.qoo10 import products, wire
from adapters.qoo10.qapi import Qapi
from adapters.screening import Screen

FEW = 4  # rows that go one by one as fast as in a bulk call
BULK_CALLS_MAX = 32  # a batch that fails is cut up with no more bulk calls than this
TROUBLE_MAX = 3  # lost answers after which the rest is left for the next turn

Rows = Callable[[Sequence[int]], list[dict[str, str]]]
_LOST = (OutcomeUnknownError, TemporaryError, UnexpectedReplyError)


def _cell(address: Address) -> Address:
    return address[:1] if wire.is_plain(address) else address


SCREEN = Screen(
    wire.SET_ITEMS.name,
    wire.is_address,
    "no item number of Qoo10's in its address; import the products",
    twice="the same listing is in the batch twice",
    place_of=_cell,
)


class Batch:
    """One batch on its way.

    Items without options go 500 a call, option rows one by one, or in bulk calls where there are
    more of them than ``option_bulk_above``. A bulk call that fails names no row: it is sent again in
    halves, and what is left of it one by one, which is harmless as the numbers are absolute.
    """

    def __init__(
        self, lines: Sequence[StockLine], abilities: Abilities, qapi: Qapi, option_bulk_above: int
    ) -> None:
        self._lines = lines
        self._qapi = qapi
        self._option_bulk_above = option_bulk_above
        self._results = SCREEN.refused_of(lines, abilities)
        self._good = [place for place in range(len(lines)) if place not in self._results]
        self._bulk_calls = 0
        self._troubles = 0
        self._sent = False  # something may have changed at the mall

    def run(self) -> list[LineResult]:
        """Write the lines and give their results in order.

        An error is raised while surely nothing was changed; after that, one that stops the work
        leaves the lines that are not settled unknown.
        """
        stopped: MallError | None = None
        try:
            self._write()
        except MallError as error:
            if not self._sent:
                raise
            stopped = error
        for place in self._good:
            if place not in self._results:
                self._results[place] = LineResult(self._lines[place], Outcome.UNKNOWN, stopped)
        return [self._results[place] for place in range(len(self._lines))]

    def _write(self) -> None:
        plain = [place for place in self._good if wire.is_plain(self._lines[place].address)]
        options = [place for place in self._good if not wire.is_plain(self._lines[place].address)]
        singly = self._in_bulk(wire.SET_ITEMS, plain, self._item_rows)
        items = {self._lines[place].address[0] for place in options}
        # A bulk call needs a read of each item first: worth it where it spares half of the calls.
        if len(options) > self._option_bulk_above and 2 * len(items) <= len(options):
            options = self._options_in_bulk(options, sorted(items))
        self._one_by_one([*singly, *options])

    # ------------------------------------------------------------------- many at once

    def _in_bulk(self, method: wire.Method, places: Sequence[int], rows: Rows) -> list[int]:
        """Send rows by bulk calls; give those that are to go one by one."""
        waiting, singly = deque([list(places)]), []
        while waiting:
            chunk = waiting.popleft()
            if len(chunk) <= FEW or self._bulk_calls == BULK_CALLS_MAX:
                singly += chunk
            elif self._refused_in_bulk(method, chunk, rows):
                middle = len(chunk) // 2
                waiting.extend([chunk[:middle], chunk[middle:]])
        return singly

    def _refused_in_bulk(self, method: wire.Method, chunk: Sequence[int], rows: Rows) -> bool:
        self._may_go_on()
        self._bulk_calls += 1
        try:
            answer = self._qapi.call(method, wire.bulk_form(rows(chunk)), lambda answer: answer)
        except _LOST as error:
            self._sent = True
            if _answered(error):
                return True
            self._lost(chunk, error)
            return False
        self._sent = True
        if answer.code == 0:
            self._done(chunk)
        return answer.code != 0

    def _item_rows(self, chunk: Sequence[int]) -> list[dict[str, str]]:
        return [wire.item_row(self._lines[place]) for place in chunk]

    def _options_in_bulk(self, places: Sequence[int], items: Sequence[str]) -> list[int]:
        """Send option rows with the price that each has now, as the call cannot leave it out.

        Source: page UpdateInventoryDataBulk (15237).
        """
        forms = [products.item_form(item) for item in items]
        tables = dict(zip(items, self._qapi.map(wire.OPTIONS, forms, products.options_of), strict=True))
        rows: dict[int, dict[str, str]] = {}
        for place in places:
            line = self._lines[place]
            try:
                option = _option_of(line, tables[line.address[0]])
            except LineRejectedError as error:
                self._results[place] = LineResult(line, Outcome.REFUSED, error)
            else:
                rows[place] = wire.option_row(_moved(line, option)) | {"Price": option.price}
        return self._in_bulk(wire.SET_OPTIONS, list(rows), lambda chunk: [rows[place] for place in chunk])

    # ------------------------------------------------------------------- one by one

    def _one_by_one(self, places: Iterable[int]) -> None:
        self._qapi.each(wire.SET_ITEM.quota, [partial(self._one, place) for place in places])

    def _one(self, place: int) -> None:
        self._may_go_on()
        line = self._lines[place]
        plain = wire.is_plain(line.address)
        form = wire.item_row(line) if plain else wire.option_row(line)
        try:
            answer = self._qapi.ask(wire.SET_ITEM if plain else wire.SET_OPTION, form)
            self._sent = True
            if answer.code and not plain:
                answer = self._option_again(line, answer)
            self._settle(place, answer)
        except LineRejectedError as error:
            self._results[place] = LineResult(line, Outcome.REFUSED, error)
        except _LOST as error:
            self._lost([place], error)

    def _option_again(self, line: StockLine, refused: wire.Answer) -> wire.Answer:
        """Look where a refused option row is now, and write once more if it was renamed."""
        form = products.item_form(line.address[0])
        table = self._qapi.call(wire.OPTIONS, form, products.options_of)
        moved = _moved(line, _option_of(line, table))
        if moved.address == line.address:
            return refused
        return self._qapi.call(wire.SET_OPTION, wire.option_row(moved), lambda answer: answer)

    # ------------------------------------------------------------------- what became of it

    def _settle(self, place: int, answer: wire.Answer) -> None:
        line = self._lines[place]
        if answer.code == 0:
            self._done([place])
        elif answer.code == wire.PROCESSING:
            self._lost([place], self._qapi.failure(wire.SET_OPTION, answer))
        else:
            self._results[place] = SCREEN.refused(line, self._qapi.words(answer), str(answer.code))

    def _done(self, places: Iterable[int]) -> None:
        self._results.update({place: LineResult(self._lines[place], Outcome.DONE) for place in places})

    def _lost(self, places: Iterable[int], error: MallError) -> None:
        unknown = {place: LineResult(self._lines[place], Outcome.UNKNOWN, error) for place in places}
        self._results.update(unknown)
        self._sent = True
        self._troubles += not _answered(error)

    def _may_go_on(self) -> None:
        if self._troubles >= TROUBLE_MAX:
            raise TemporaryError("not tried: several answers before it were lost", operation="write_stock")


def _answered(error: MallError) -> bool:
    """Tell whether QAPI itself answered, with a code of its own: it may have done so for one row."""
    return error.vendor_code.startswith("-")


def _option_of(line: StockLine, table: Sequence[products.Option] | None) -> products.Option:
    """Find the option row of a line by its code.

    Raises:
        LineRejectedError: there is none, or there are several.
    """
    found = [option for option in table or () if option.code == line.mall_code]
    if len(found) == 1:
        return found[0]
    why = "several options of the item have" if found else "no option of the item has"
    raise LineRejectedError(
        line.mall_code, f"{why} this code as 販売者オプションコード", operation=wire.SET_OPTION.name
    )


def _moved(line: StockLine, option: products.Option) -> StockLine:
    """Give a line for where its option row is now."""
    return replace(line, address=(line.address[0], option.names, option.values))
