"""The rows of a compiled mapping: how products are written down, and the look-ups among them.

SQLite is used as the standard library gives it: opening, reading and a look-up together cost less
than the making of an engine on top of it. A product is one row of text with a sum over it, so that
a damaged row is never taken for another product; names, components and sizes are rows of their own,
looked up by key.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import Any, NamedTuple

from adapters.errors import StateError
from bot.mapping.model import Axis, LastUnits, Product
from bot.mapping.rules import Rank

SCHEMA = """
CREATE TABLE form (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, mark TEXT NOT NULL, place INTEGER NOT NULL,
    warnings TEXT NOT NULL);
CREATE TABLE layouts (file INTEGER PRIMARY KEY, rows TEXT NOT NULL);
CREATE TABLE products (
    id INTEGER PRIMARY KEY, file INTEGER NOT NULL, code TEXT NOT NULL UNIQUE, body TEXT NOT NULL,
    marks TEXT NOT NULL, sum INTEGER NOT NULL);
CREATE TABLE names (
    shop TEXT, mall_code TEXT, code TEXT NOT NULL, PRIMARY KEY (shop, mall_code)) WITHOUT ROWID;
CREATE TABLE parts (component TEXT, product INTEGER, PRIMARY KEY (component, product)) WITHOUT ROWID;
CREATE TABLE tallies (kind TEXT, name TEXT, number INTEGER NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;
"""
AFTER_ALL = "\U0010ffff"
"""Sorts after whatever a code may hold."""

_RECENT = 128  # products that are kept decoded: one with many exceptions may be large
_RECENT_LAYOUTS = 16
_SEAL = 8  # letters
_COLUMNS = "id, file, code, body, marks, sum"


class Row(NamedTuple):
    """A product as it is kept. ``marks``: its places, counted from its first line."""

    id: int
    file: int
    product: Product
    marks: str


class Laid(NamedTuple):
    """A product's place in its file. ``print`` is the same for the same text."""

    id: int
    line: int
    print: str


class Rows:
    """Reads one connection's rows.

    Raises:
        StateError: from any method: the file cannot be read; it is made anew at the next start.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._lock = RLock()
        # By its whole row: what was read anew and is the same text is the same product.
        self._decoded = lru_cache(_RECENT)(product_of)
        self._laid = lru_cache(_RECENT_LAYOUTS)(_layout_of)

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Give all rows of a question."""
        try:
            with self._lock:
                return self._connection.execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise self.broken(str(error)) from error

    def renew(self, serial: str) -> None:
        """Read the same from the file itself and let go of the log, if nothing was written since."""
        if self.value("serial") == serial:
            with self._lock:
                self._connection.execute("COMMIT")
                self._connection.execute("BEGIN")
            self.value("serial")  # a transaction begins with its first look

    def broken(self, detail: str) -> StateError:
        """Give the error that tells of damage; the file is not opened again."""
        delete(self._path)
        return StateError(f"{self._path} cannot be read ({detail}); it is made anew at the next start")

    def sealed(self, sql: str, *values: object) -> str:
        """Give the text of the first row; "" where there is none."""
        found = self.ask(sql, *values)
        text = str(found[0][0]) if found else seal("")
        if text != seal(text[_SEAL:]):
            raise self.broken(f"{sql} {values}")
        return text[_SEAL:]

    def value(self, key: str) -> str:
        """Give one of the form's values; "" where there is none."""
        return self.sealed("SELECT value FROM form WHERE key = ?", key)

    def files(self) -> dict[str, tuple[int, str]]:
        """Give path -> (file, what tells its content), in order."""
        rows = self.ask("SELECT path, id, mark FROM files ORDER BY place")
        return {path: (file, mark) for path, file, mark in rows}

    def layout(self, file: int) -> Mapping[int, tuple[int, Laid]]:
        """Give the products of a file by their id, in order, each with its place."""
        text = self.sealed("SELECT rows FROM layouts WHERE file = ?", file)
        if not text:
            raise self.broken(f"the layout of file {file}")
        return self._laid(text)

    def in_file(self, file: int) -> list[Row]:
        """Give a file's products, in order."""
        return self.of_ids(list(self.layout(file)))

    def of_ids(self, ids: Sequence[int]) -> list[Row]:
        """Give some products, in the order asked for."""
        wanted = f"SELECT {_COLUMNS} FROM products WHERE id IN (SELECT value FROM json_each(?))"
        found = {row[0]: self._row(row) for row in self.ask(wanted, json.dumps(ids))}
        if len(found) != len(ids):
            raise self.broken("a product is missing")
        return [found[each] for each in ids]

    def starting(self, text: str, lengths: Iterable[int]) -> list[Row]:
        """Give the products whose code is ``text``, or one of its beginnings and has axes."""
        codes = [text[:length] for length in lengths if length < len(text)]
        wanted = f"SELECT {_COLUMNS} FROM products WHERE code IN ({'?, ' * len(codes)}?)"
        rows = [self._row(row) for row in self.ask(f"{wanted} ORDER BY length(code)", *codes, text)]
        return [row for row in rows if row.product.axes or row.product.code == text]

    def codes_after(self, start: str) -> list[str]:
        """Give the codes of products that begin with ``start``."""
        wanted = "SELECT code FROM products WHERE code >= ? AND code < ?"
        return [code for (code,) in self.ask(wanted, start, start + AFTER_ALL)]

    def named(self, shop: str, mall_code: str) -> str | None:
        """Give the code that an exception of a shop calls by a name."""
        rows = self.ask("SELECT code FROM names WHERE shop = ? AND mall_code = ?", shop, mall_code)
        return str(rows[0][0]) if rows else None

    def names_after(self, shop: str, start: str) -> list[str]:
        """Give the names by exception that begin with ``start``."""
        wanted = "SELECT mall_code FROM names WHERE shop = ? AND mall_code >= ? AND mall_code < ?"
        return [name for (name,) in self.ask(wanted, shop, start, start + AFTER_ALL)]

    def holding(self, component: str) -> list[Row]:
        """Give the sets with just this component."""
        return self.of_ids([each for (each,) in self.ask(_HOLDING, component)])

    def holding_after(self, start: str) -> list[Row]:
        """Give the sets with a component that begins with ``start``."""
        wanted = "SELECT DISTINCT product FROM parts WHERE component >= ? AND component < ?"
        return self.of_ids([each for (each,) in self.ask(wanted, start, start + AFTER_ALL)])

    def tallies(self, kind: str) -> dict[str, int]:
        """Give the numbers of one kind, by name."""
        rows = self.ask("SELECT name, number FROM tallies WHERE kind = ? AND number > 0", kind)
        return dict(rows)

    def rank(self, row: Row) -> Rank:
        """Give a product's place in the order of the files."""
        layout = self.layout(row.file)
        places = self.ask("SELECT place FROM files WHERE id = ?", row.file)
        if not places or row.id not in layout:
            raise self.broken("a product is in no file")
        return places[0][0], layout[row.id][0]

    def _row(self, row: tuple[Any, ...]) -> Row:
        each, file, code, body, marks, total = row
        if total != summed(code, body, marks):
            raise self.broken(f"product {each}")
        return Row(each, file, self._decoded(code, body), marks)


_HOLDING = "SELECT product FROM parts WHERE component = ?"


def delete(path: Path) -> None:
    """Take a compiled mapping away; it is made anew. Who has it open keeps what was opened."""
    for end in ("", "-wal", "-shm"):
        with suppress(OSError):  # what cannot be taken away cannot be written either, which is told then
            path.with_name(path.name + end).unlink()


def seal(text: str) -> str:
    """Give a text with a sum over it before it."""
    return f"{zlib.crc32(text.encode('utf-8', 'surrogatepass')):0{_SEAL}x}{text}"


def summed(code: str, body: str, marks: str) -> int:
    """Give the sum over a product's row."""
    return zlib.crc32("\0".join((code, body, marks)).encode("utf-8", "surrogatepass"))


def body_of(product: Product) -> str:
    """Give a product as the text that is kept of it, its code aside."""
    axes = [[axis.name, axis.values] for axis in product.axes]
    kept = [product.name, axes, product.parts, product.listings, product.safety_stock, product.last_units]
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def product_of(code: str, body: str) -> Product:
    """Give the product that ``body_of`` gave as text."""
    name, axes, parts, listings, safety_stock, last_units = json.loads(body)
    own = LastUnits(last_units) if isinstance(last_units, str) else last_units
    made = tuple(Axis(called, tuple(values)) for called, values in axes)
    return Product(code, name, made, parts, listings, safety_stock, own)


def _layout_of(text: str) -> dict[int, tuple[int, Laid]]:
    return {row[0]: (place, Laid(*row)) for place, row in enumerate(json.loads(text))}


def sizes_of(product: Product) -> Iterator[tuple[str, str, int]]:
    """Give what a product adds to the tallies: kind, name, number."""
    yield "codes", "", product.count
    yield "products", "", 1
    if product.axes:
        yield "lengths", str(len(product.code)), 1
    for shop in product.listings:
        if number := product.unlinked(shop):
            yield "unlinked", shop, number
