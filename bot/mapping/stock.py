"""The products that one check compares: those that were read now, beside those that stand as they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.mapping.codes import CodeRule
from bot.mapping.load import Table
from bot.mapping.model import Shop
from bot.mapping.problem import Problem
from bot.mapping.products import Entry

Named = tuple[Entry, str]
"""An entry, with the code of it that an exception names."""


class Standing:
    """What an earlier good commit left that is in this one too: here nothing, all has to be read.

    What it knows need not be read again, and its products are compared with new ones only.
    """

    def head(self) -> Table | None:
        """Give the first file but for its products, if it is as it was."""
        return None

    def begin(
        self, shops: Mapping[str, Shop], rules: Mapping[str, CodeRule], problems: list[Problem]
    ) -> None:
        """Hear by which shops and which malls' rules the files are read, and where findings go."""

    def keeps(self, path: str) -> Iterable[Problem] | None:
        """Hear of the next file; give what is to be told of it if it is as it was."""

    def known(self, path: str, place: int, table: Table) -> bool:  # noqa: ARG002
        """Hear of a file's product at a place; tell whether it is as it was."""
        return False

    def told(self, path: str, problems: Iterable[Problem]) -> None:
        """Hear what was found in a file's products."""

    def take(self, root: Table, entries: Sequence[Entry]) -> None:
        """Hear what was read, when all was."""

    def entries(self) -> Iterator[Entry]:
        """Give all standing products."""
        return iter(())

    def starting(self, text: str) -> Sequence[Entry]:  # noqa: ARG002
        """Give those whose code is ``text``, or begins it and has axes."""
        return ()

    def codes_after(self, start: str) -> Sequence[str]:  # noqa: ARG002
        """Give their codes that begin with ``start``."""
        return ()

    def named(self, shop: str, mall_code: str) -> Sequence[Named]:  # noqa: ARG002
        """Give what an exception of ``shop`` calls by a name."""
        return ()

    def names_after(self, shop: str, start: str) -> Sequence[str]:  # noqa: ARG002
        """Give the names that exceptions of ``shop`` give and that begin with ``start``."""
        return ()

    def holding(self, code: str) -> Sequence[Entry]:  # noqa: ARG002
        """Give the sets with a component that is ``code``, or a code of the product with that code."""
        return ()

    def gone(self) -> Iterable[str]:
        """Give the codes of the products that were there and are not, or not as they were."""
        return ()

    def count(self) -> int:
        """Give how many codes the standing products have."""
        return 0


class Stock:
    """All products of the commit under check.

    Args:
        fresh: those that were read now, in order.
    """

    def __init__(self, fresh: Sequence[Entry], standing: Standing) -> None:
        self.fresh = fresh
        self.standing = standing
        self._coded: dict[str, list[Entry]] = {}
        for entry in fresh:
            self._coded.setdefault(entry.product.code, []).append(entry)
        self._lengths = sorted({len(entry.product.code) for entry in fresh if entry.product.axes})
        self._named: dict[str, dict[str, Entry | list[Entry]]] = {}
        for entry in fresh:
            for shop, mall_code, _ in entry.product.names():
                names = self._named.setdefault(shop, {})
                first = names.get(mall_code)
                if first is None:
                    names[mall_code] = entry
                elif isinstance(first, list):
                    first += [entry] if first[-1] is not entry else []
                else:
                    names[mall_code] = [first, entry] if first is not entry else [entry]

    def entries(self) -> list[Entry]:
        """Give all products, in order."""
        return _in_order([*self.fresh, *self.standing.entries()])

    def count(self) -> int:
        """Give how many codes all of them have."""
        return sum(entry.product.count for entry in self.fresh) + self.standing.count()

    def coded(self, code: str) -> list[Entry]:
        """Give those with just this code, in order: more than one is an error."""
        standing = [entry for entry in self.standing.starting(code) if entry.product.code == code]
        return _in_order([*self._coded.get(code, ()), *standing])

    def starting(self, text: str) -> list[Entry]:
        """Give those whose code is ``text``, or begins it and has axes; in order."""
        found = [*self._coded.get(text, ()), *self.standing.starting(text)]
        for length in self._lengths:
            if length >= len(text):
                break
            found += [entry for entry in self._coded.get(text[:length], ()) if entry.product.axes]
        return _in_order(found)

    def doubtful_names(self, shop: str) -> Iterator[str]:
        """Give the names by fresh exceptions of ``shop`` that another exception or a rule may give too."""
        names = self._named.get(shop, {})
        yield from (name for name, entry in names.items() if isinstance(entry, list))
        for name in names.keys() & self._coded.keys():
            if self._coded[name] != [names[name]]:
                yield name
        for name in names if self._lengths else ():
            if any(entry.product.axes for entry in self.starting(name)):
                yield name
        for name in names if self.standing.count() else ():
            if self.standing.named(shop, name) or self.standing.starting(name):
                yield name

    def named(self, shop: str, mall_code: str) -> list[Named]:
        """Give what exceptions of ``shop`` call by a name."""
        found = self._named.get(shop, {}).get(mall_code, [])
        own = [
            (entry, code)
            for entry in (found if isinstance(found, list) else [found])
            for code, name in (entry.product.listings[shop] or {}).items()
            if name == mall_code
        ]
        return [*own, *self.standing.named(shop, mall_code)]


def _in_order(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.rank) if len(entries) > 1 else entries
