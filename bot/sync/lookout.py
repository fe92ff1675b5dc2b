"""The lookout: which shops are blind, and which codes they may have sold out meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from adapters.contract import Clock
from bot.mapping.model import Mapping as CodeMapping
from bot.sync.marks import mark_code
from bot.sync.outage import is_at_risk, is_blind, may_be_blind, rate_at
from bot.sync.ports import Books
from bot.sync.survey import MONTH
from bot.sync.values import Part, Why


class Lookout:
    """Keeps the list of codes at risk; holds no state of its own."""

    def __init__(
        self,
        books: Books,
        mapping: Callable[[], CodeMapping],
        clock: Clock,
        on_touched: Callable[[Iterable[str]], None],
        parts: Callable[[], Mapping[str, Part]],
    ) -> None:
        self._books = books
        self._mapping = mapping
        self._clock = clock
        self._on_touched = on_touched
        self._parts = parts

    def look(self) -> None:
        """Put codes on the list that a blind shop may have sold out, and take others off."""
        now, read, known = self._clock.now(), self._books.cursors(), self._books.risks()
        if not known and not any(may_be_blind(at, now) for at in read.values()):
            return  # as nearly always: how the shops stand costs more to ask
        parts = self._parts()
        blind = {
            name: read[name]
            for name, part in parts.items()
            if is_blind(part, read.get(name), now) and self._books.cleared(name) != read.get(name)
        }
        if not blind and not known:
            return
        found = {(name, code) for name, since in blind.items() for code in self._at_risk(name, since, now)}
        if found != known:
            self._change(found - known, known - found)

    def clear(self, shop: str) -> int:
        """Let the other shops sell again what this one may have sold: a person has looked.

        Returns:
            How many codes are free again. It holds for this outage alone.
        """
        read = self._books.cursors().get(shop)
        if read is not None:
            with self._books.transaction() as books:
                books.clear_risks(shop, read)
        before = self._books.risks()
        self.look()
        return len(before - self._books.risks())

    def _at_risk(self, shop: str, since: datetime, now: datetime) -> set[str]:
        mapping = self._mapping()
        sold = [code for code in self._books.sold_on(shop, now - MONTH) if mapping.product_of(code)]
        balances, demand = self._books.balances(sold), self._books.demand(sold, now)
        return {
            code
            for code in sold
            if code in balances
            and code in demand
            and is_at_risk(balances[code].available, rate_at(demand[code], shop), now - since)
        }

    def _change(self, more: set[tuple[str, str]], fewer: set[tuple[str, str]]) -> None:
        mapping, now, touched = self._mapping(), self._clock.now(), set[str]()
        with self._books.transaction() as books:
            for shop, code in sorted(more):
                books.put_risk(shop, code, now)
            for shop, code in sorted(fewer):
                books.drop_risk(shop, code)
            for _, code in sorted(more | fewer):
                if mapping.product_of(code):
                    touched |= mark_code(books, mapping, code, Why.BALANCE, now)
        self._on_touched(touched)
