"""A stock batch to its end: what is refused is named, and never holds back the rest."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice

from adapters.contract import Abilities, Address, LineResult, Outcome, StockLine
from adapters.errors import MallError, TemporaryError
from adapters.futureshop import stock, wire
from adapters.futureshop.stock import Answer
from adapters.screening import Screen

CALLS_MAX = 64  # a refused call is cut up with no more calls than this
SCREEN = Screen(
    wire.WRITE.name, stock.is_address, "no 商品番号 and 枝番号 of the right form; import the products"
)

Send = Callable[[Sequence[StockLine]], Answer]
"""Makes one call. Raises ``MallError`` where surely nothing was changed."""

Known = Callable[[Sequence[Address]], Collection[Address]]
"""Reads which of these addresses the mall knows."""


class Batch:
    """Lines on their way, in calls of at most a hundred products, each product whole in one call.

    A product that is refused for one of several cells is read, and the cells that it has are sent
    once more. A call that is refused as one is cut in halves until single products are left. The
    error of the first call is raised; after that, one leaves its lines unknown, as an earlier call
    may have done part.

    Args:
        look_first: read the products before the write, and send no cell that they lack: for a mall
            that would make it. A product without 枝番号 has none to make.
    """

    def __init__(
        self,
        lines: Sequence[StockLine],
        abilities: Abilities,
        send: Send,
        known: Known,
        *,
        look_first: bool = False,
    ) -> None:
        self._lines = lines
        self._results = SCREEN.refused_of(lines, abilities)
        self._send = send
        self._known = known
        self._look_first = look_first
        self._again: set[int] = set()

    def run(self) -> list[LineResult]:
        """Write all and give the results in order."""
        if self._look_first:
            branched = [place for place, line in enumerate(self._lines) if any(line.address[1:])]
            self._there([place for place in branched if place not in self._results])
        good = [place for place in range(len(self._lines)) if place not in self._results]
        waiting = deque(self._calls(good))
        for calls in range(CALLS_MAX):
            if not waiting:
                break
            places = waiting.popleft()
            try:
                answer = self._send([self._lines[place] for place in places])
            except MallError as error:
                if calls == 0:
                    raise
                answer = stock.all_lost(self._by_product(places), error)
            waiting.extend(self._settle(places, answer))
        for places in waiting:
            untried = TemporaryError("refused as one, not tried singly", operation=wire.WRITE.name)
            self._record(places, untried)
        return [self._results[place] for place in range(len(self._lines))]

    def _calls(self, places: Iterable[int]) -> list[list[int]]:
        products = iter(self._by_product(places).values())
        calls = []
        while part := list(islice(products, stock.PRODUCTS_A_CALL)):
            calls.append([place for product in part for place in product])
        return calls

    def _by_product(self, places: Iterable[int]) -> Mapping[str, list[int]]:
        found: dict[str, list[int]] = {}
        for place in places:
            found.setdefault(self._lines[place].address[0], []).append(place)
        return found

    def _settle(self, places: Sequence[int], answer: Answer) -> list[list[int]]:
        """Record what an answer settles; give the calls that are still to be made."""
        products = self._by_product(places)
        if answer.whole and len(products) > 1:
            rows = list(products.values())
            middle = len(rows) // 2
            return [
                [place for product in half for place in product] for half in (rows[:middle], rows[middle:])
            ]
        doubtful: list[int] = []
        for product, own in products.items():
            verdict = answer.verdicts[product]
            if _one_of_several(verdict, own) and not self._again & set(own):
                doubtful += own
            else:
                self._record(own, verdict)
        return self._second_try(doubtful)

    def _second_try(self, places: Sequence[int]) -> list[list[int]]:
        """Give calls for the cells that their product has."""
        if not places:
            return []
        try:
            there = self._there(places)
        except MallError as error:
            self._record(places, error)
            return []
        self._again.update(there)
        return self._calls(there)

    def _there(self, places: Sequence[int]) -> list[int]:
        """Refuse the cells that their product does not have; give those that it has."""
        known = self._known([self._lines[place].address for place in places])
        absent = [place for place in places if self._lines[place].address not in known]
        self._record(absent, wire.Fault(wire.NO_SUCH_CELL, "the product has no such 枝番号"))
        return [place for place in places if self._lines[place].address in known]

    def _record(self, places: Iterable[int], verdict: stock.Verdict) -> None:
        for place in places:
            line = self._lines[place]
            if isinstance(verdict, wire.Fault):
                self._results[place] = SCREEN.refused(line, verdict.message or verdict.code, verdict.code)
            else:
                outcome = Outcome.UNKNOWN if verdict else Outcome.DONE
                self._results[place] = LineResult(line, outcome, verdict)


def _one_of_several(verdict: stock.Verdict, places: Sequence[int]) -> bool:
    return isinstance(verdict, wire.Fault) and verdict.code == wire.NO_SUCH_CELL and len(places) > 1
