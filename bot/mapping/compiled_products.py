"""The products of a compiled mapping, looked up where they are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from bot.mapping.compiled_rows import Rows
from bot.mapping.model import Product
from bot.mapping.rules import RECENT, Rank

_RECENT = 512  # answers that are kept: a turn asks for the same codes many times


class CompiledProducts:
    """One commit's products. They stay as they are, whatever is written after they were opened."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        # What is kept holds on to the rows and not to this: nothing outlives its last user.
        self._lengths = sorted(map(int, rows.tallies("lengths")))
        self._starting = lru_cache(_RECENT)(_Starting(rows, self._lengths))
        self._named = lru_cache(_RECENT)(rows.named)
        self._holding = lru_cache(RECENT)(_Holding(rows))

    def __iter__(self) -> Iterator[Product]:
        for file, _ in self.rows.files().values():
            yield from (row.product for row in self.rows.in_file(file))

    def __len__(self) -> int:
        return self.rows.tallies("products").get("", 0)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompiledProducts) and list(self) == list(other)

    def __hash__(self) -> int:
        return id(self)

    def starting(self, text: str) -> Sequence[Product]:
        """Give the products whose code is ``text``, or begins it and has axes."""
        return self._starting(text)

    def listed_as(self, shop: str, mall_code: str) -> str | None:
        """Give the code that an exception of ``shop`` calls by a name."""
        code = self._named(shop, mall_code)
        if code is None:
            return None
        owners = (product.listings.get(shop) or {} for product in self.starting(code))
        if not any(exceptions.get(code) == mall_code for exceptions in owners):
            raise self.rows.broken(f"the name {mall_code}")
        return code

    def holding(self, code: str) -> Sequence[tuple[Rank, str]]:
        """Give the sets that have ``code`` as a component."""
        return self._holding(code)

    def count(self) -> int:
        """Give how many codes there are."""
        return self.rows.tallies("codes").get("", 0)

    def unlinked(self, shop: str) -> int:
        """Give how many of them ``shop`` does not list."""
        return self.rows.tallies("unlinked").get(shop, 0)

    def changed_since(self, before: CompiledProducts) -> tuple[list[Product], list[Product]]:
        """Give the products of ``before`` that are not here as they were, and those here that were not there.

        Both are in order; what stands in another file or at another place is the same if it reads the same.
        """
        ours, theirs = self.rows.files(), before.rows.files()
        changed = [path for path in theirs | ours if _mark(ours, path) != _mark(theirs, path)]
        old = _prints(before.rows, [theirs[path][0] for path in theirs if path in changed])
        new = _prints(self.rows, [ours[path][0] for path in ours if path in changed])
        left = before.rows.of_ids([each for print_, each in old.items() if print_ not in new])
        come = self.rows.of_ids([each for print_, each in new.items() if print_ not in old])
        return [row.product for row in left], [row.product for row in come]


def _mark(files: dict[str, tuple[int, str]], path: str) -> str | None:
    return files[path][1] if path in files else None


def _prints(rows: Rows, files: Sequence[int]) -> dict[str, int]:
    return {laid.print: each for file in files for each, (_, laid) in rows.layout(file).items()}


class _Starting:
    def __init__(self, rows: Rows, lengths: Sequence[int]) -> None:
        self._rows = rows
        self._lengths = lengths

    def __call__(self, text: str) -> tuple[Product, ...]:
        return tuple(row.product for row in self._rows.starting(text, self._lengths))


class _Holding:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def __call__(self, code: str) -> tuple[tuple[Rank, str], ...]:
        rows = self._rows.holding(code)
        if not all(code in row.product.parts for row in rows):
            raise self._rows.broken(f"the sets of {code}")
        return tuple((self._rows.rank(row), row.product.code) for row in rows)
