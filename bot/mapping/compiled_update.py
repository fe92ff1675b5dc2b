"""Brings a compiled mapping to another commit: what is as it was stands, the rest is read and written."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from bot.mapping.check import MAPPING_FILE
from bot.mapping.codes import CodeRule
from bot.mapping.compiled_rows import Laid, Row, Rows, body_of, seal, sizes_of, summed
from bot.mapping.fields import Notes
from bot.mapping.load import Table, Text, load_table
from bot.mapping.model import Product, Shop
from bot.mapping.problem import Level, Problem
from bot.mapping.products import MAX_CODES, Entry
from bot.mapping.rules import JOINER, Rank, spelling
from bot.mapping.source import Source
from bot.mapping.stock import Named, Standing


class MarkedSource(Source, Protocol):
    """Files that tell one content from another before they are read."""

    def mark(self, path: str) -> str:
        """Give what tells a file's content from any other; "" for none that may be read."""


class Stale(Exception):
    """What is kept was checked by other rules, or cannot be added to: all has to be read."""


def ground_of(shops: Mapping[str, Shop], rules: Mapping[str, CodeRule]) -> str:
    """Give all beside a file itself that its check depends on, as text."""
    named = sorted((shop.name, shop.mall, shop.joiner) for shop in shops.values())
    used = sorted({shop.mall for shop in shops.values()})
    malls = [(mall, rules[mall].pattern, rules[mall].max_bytes) for mall in used if mall in rules]
    return json.dumps([named, malls])


@dataclasses.dataclass
class _File:
    """A file of the new commit.

    Args:
        laid: its products by place, if it has changed; without an id those that were read.
        old: the products it had, by their print, that were not met again yet.
    """

    path: str
    mark: str
    place: int
    id: int | None
    laid: dict[int, Laid] | None = None
    old: dict[str, Laid] = dataclasses.field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()


class Update(Standing):
    """What stands of the commit that is kept, seen from another one; and the way there.

    Args:
        rows: of a connection in whose transaction all is read and written.
    """

    def __init__(self, connection: sqlite3.Connection, rows: Rows, source: MarkedSource) -> None:
        self._connection = connection
        self._rows = rows
        self._source = source
        self._kept = rows.files()
        self._lengths = [int(length) for length in rows.tallies("lengths")]
        self._files: dict[str, _File] = {}
        self._by_id: dict[int, _File] = {}
        self._gone: dict[int, Row] = {}
        self._fresh: Sequence[Entry] = ()
        self._problems: list[Problem] = []
        self._layouts: dict[str, dict[int, tuple[int, Laid]]] = {}
        self._ground = ""
        self._head: str | None = None

    # ----------------------------------------------------------------- what the check says

    def head(self) -> Table | None:
        """Give the first file but for its products, if it is as it was."""
        kept = self._kept.get(MAPPING_FILE)
        if kept is None or kept[1] != self._source.mark(MAPPING_FILE):
            return None
        self._head = self._rows.value("head")
        return load_table(self._head)

    def begin(
        self, shops: Mapping[str, Shop], rules: Mapping[str, CodeRule], problems: list[Problem]
    ) -> None:
        """Hear by which shops and which malls' rules the files are read, and where findings go.

        Raises:
            Stale: what is kept was read by others.
        """
        self._problems = problems
        self._ground = ground_of(shops, rules)
        if self._kept and self._ground != self._rows.value("ground"):
            raise Stale

    def keeps(self, path: str) -> Iterable[Problem] | None:
        """Hear of the next file; give what is to be told of it if it is as it was."""
        each, was = self._kept.get(path, (None, ""))
        file = _File(path, self._source.mark(path), len(self._files), each)
        self._files[path] = file
        if each is not None:
            self._by_id[each] = file
            if file.mark == was:
                return _warnings(self._rows, each, path)
            file.old = {laid.print: laid for _, laid in self._rows.layout(each).values()}
        file.laid = {}
        return None

    def known(self, path: str, place: int, table: Table) -> bool:
        """Hear of a file's product at a place; tell whether it is as it was."""
        file = self._files[path]
        assert file.laid is not None
        print_ = hashlib.blake2b(table.print(), digest_size=12).hexdigest()
        was = file.old.pop(print_, None)
        file.laid[place] = Laid(was.id if was else 0, table.line, print_)
        return was is not None

    def told(self, path: str, problems: Iterable[Problem]) -> None:
        """Hear what was found in a file's products."""
        self._files[path].warnings = tuple(problems)

    def take(self, root: Table, entries: Sequence[Entry]) -> None:
        """Hear what was read, when all was.

        Raises:
            Stale: together there are too many codes: it takes all files to tell where.
        """
        self._fresh = entries
        if self._head is None:
            self._head = root.dump(but="products")
        removed = [each for path, (each, _) in self._kept.items() if path not in self._files]
        ids = [product for each in removed for product in self._rows.layout(each)]
        ids += [laid.id for file in self._files.values() for laid in file.old.values()]
        self._gone = {row.id: row for row in self._rows.of_ids(ids)}
        if self._kept and sum(entry.product.count for entry in entries) + self.count() > MAX_CODES:
            raise Stale

    # ----------------------------------------------------------------- what stands

    def gone(self) -> Iterable[str]:
        """Give the codes of the products that were there and are not, or not as they were."""
        return [row.product.code for row in self._gone.values()]

    def count(self) -> int:
        """Give how many codes the standing products have."""
        gone = sum(row.product.count for row in self._gone.values())
        return self._rows.tallies("codes").get("", 0) - gone

    def entries(self) -> Iterator[Entry]:
        """Give all standing products."""
        for each, _ in self._kept.values():
            if each in self._by_id:
                yield from self._entries(self._rows.in_file(each))

    def starting(self, text: str) -> Sequence[Entry]:
        """Give those whose code is ``text``, or begins it and has axes."""
        return self._entries(self._rows.starting(text, self._lengths)) if self._kept else ()

    def codes_after(self, start: str) -> Sequence[str]:
        """Give their codes that begin with ``start``."""
        return self._rows.codes_after(start) if self._kept else ()

    def named(self, shop: str, mall_code: str) -> Sequence[Named]:
        """Give what an exception of ``shop`` calls by a name."""
        code = self._rows.named(shop, mall_code) if self._kept else None
        if code is None:
            return ()
        owners = (entry for entry in self.starting(code) if any(spelling(entry.product, code, JOINER)))
        return [(entry, code) for entry in owners]

    def names_after(self, shop: str, start: str) -> Sequence[str]:
        """Give the names that exceptions of ``shop`` give and that begin with ``start``."""
        return self._rows.names_after(shop, start) if self._kept else ()

    def holding(self, code: str) -> Sequence[Entry]:
        """Give the sets with a component that is ``code``, or a code of the product with that code."""
        if not self._kept:
            return ()
        rows = {row.id: row for row in self._rows.holding(code) + self._rows.holding_after(code + JOINER)}
        return self._entries(rows.values())

    def _entries(self, rows: Iterable[Row]) -> list[Entry]:
        return [self._entry(row) for row in rows if row.id not in self._gone and row.file in self._by_id]

    def _entry(self, row: Row) -> Entry:
        file = self._by_id[row.file]
        place, laid = self._layout(file)[row.id]
        return marked(row, Notes(file.path, self._problems), (file.place, place), laid.line)

    def _layout(self, file: _File) -> Mapping[int, tuple[int, Laid]]:
        if file.laid is None:
            return self._rows.layout(file.id or 0)
        if file.path not in self._layouts:
            self._layouts[file.path] = {laid.id: (place, laid) for place, laid in file.laid.items()}
        return self._layouts[file.path]

    # ----------------------------------------------------------------- writing

    def write(self, commit: str, team: str) -> None:
        """Write what has changed; the transaction is ended by who began it."""
        self._drop()
        changed = [file for file in self._files.values() if file.laid is not None]
        self._write_files()
        self._write_products({file.place: file for file in changed})
        for file in changed:
            laid = [(each.id, each.line, each.print) for each in (file.laid or {}).values()]
            self._set("REPLACE INTO layouts VALUES (?, ?)", file.id, seal(json.dumps(laid)))
        serial = str(int(self._rows.value("serial") or 0) + 1)
        form = {"commit": commit, "serial": serial, "ground": self._ground, "team": team}
        form["head"] = self._head or ""
        self._set_many("REPLACE INTO form VALUES (?, ?)", ((key, seal(text)) for key, text in form.items()))

    def _set(self, sql: str, *values: object) -> int | None:
        return self._connection.execute(sql, values).lastrowid

    def _set_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        self._connection.executemany(sql, rows)

    def _drop(self) -> None:
        gone = [(row.id, row.product) for row in self._gone.values()]
        for path, (each, _) in self._kept.items():
            if path not in self._files:
                self._set("DELETE FROM files WHERE id = ?", each)
                self._set("DELETE FROM layouts WHERE file = ?", each)
        self._set_many("DELETE FROM products WHERE id = ?", ((each,) for each, _ in gone))
        names = ((shop, name) for _, product in gone for shop, name, _ in product.names())
        self._set_many("DELETE FROM names WHERE shop = ? AND mall_code = ?", names)
        parts = ((part, each) for each, product in gone for part in product.parts)
        self._set_many("DELETE FROM parts WHERE component = ? AND product = ?", parts)
        self._tally((product for _, product in gone), -1)

    def _write_files(self) -> None:
        for file in self._files.values():
            warnings = seal(json.dumps([dataclasses.astuple(each)[1:] for each in file.warnings]))
            if file.id is None:
                row = (file.path, file.mark, file.place, warnings)
                wanted = "INSERT INTO files (path, mark, place, warnings) VALUES (?, ?, ?, ?)"
                file.id = self._set(wanted, *row)
            elif file.laid is not None:
                wanted = "UPDATE files SET mark = ?, place = ?, warnings = ? WHERE id = ?"
                self._set(wanted, file.mark, file.place, warnings, file.id)
            else:
                wanted = "UPDATE files SET place = ? WHERE id = ? AND place <> ?"
                self._set(wanted, file.place, file.id, file.place)

    def _write_products(self, files: Mapping[int, _File]) -> None:
        (last,) = self._connection.execute("SELECT ifnull(max(id), 0) FROM products").fetchone()
        numbered = list(zip(itertools.count(last + 1), self._fresh))
        self._set_many("INSERT INTO products VALUES (?, ?, ?, ?, ?, ?)", self._rows_of(numbered, files))
        names = (name for _, entry in numbered for name in entry.product.names())
        self._set_many("INSERT INTO names VALUES (?, ?, ?)", names)
        parts = ((part, each) for each, entry in numbered for part in entry.product.parts)
        self._set_many("INSERT INTO parts VALUES (?, ?)", parts)
        self._tally((entry.product for entry in self._fresh), 1)

    @staticmethod
    def _rows_of(
        numbered: Iterable[tuple[int, Entry]], files: Mapping[int, _File]
    ) -> Iterator[tuple[object, ...]]:
        for each, entry in numbered:
            number, place = entry.rank
            file = files[number]
            assert file.laid is not None
            laid = file.laid[place] = file.laid[place]._replace(id=each)
            code, body, marks = entry.product.code, body_of(entry.product), marks_of(entry, laid.line)
            yield each, file.id, code, body, marks, summed(code, body, marks)

    def _tally(self, products: Iterable[Product], sign: int) -> None:
        sizes: Counter[tuple[str, str]] = Counter()
        for product in products:
            for kind, name, number in sizes_of(product):
                sizes[kind, name] += sign * number
        added = (
            "INSERT INTO tallies VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET number = number + excluded.number"
        )
        self._set_many(added, ((*key, number) for key, number in sizes.items()))


def marks_of(entry: Entry, first_line: int) -> str:
    """Give the places of a product as text, lines counted from its first."""
    texts = (entry.code, *(entry.parts[part] for part in entry.product.parts))
    places = ((text.line, text.column) for text in texts)
    return " ".join(f"{line - first_line}:{column}" for line, column in (*places, *entry.places))


def marked(row: Row, notes: Notes, rank: Rank, first_line: int) -> Entry:
    """Give a product with its places again."""
    product = row.product
    marks = [mark.partition(":") for mark in row.marks.split(" ")]
    own, *places = [(int(line) + first_line, int(column)) for line, _, column in marks]
    parts = {part: Text(*place, part) for part, place in zip(product.parts, places, strict=False)}
    return Entry(product, notes, Text(*own, product.code), rank, tuple(places[len(parts) :]), parts)


def warnings_of(rows: Rows) -> Iterator[Problem]:
    """Give what is to be told of all files."""
    for each, path in rows.ask("SELECT id, path FROM files WHERE warnings <> ? ORDER BY place", seal("[]")):
        yield from _warnings(rows, each, path)


def _warnings(rows: Rows, file: int, path: str) -> list[Problem]:
    kept = json.loads(rows.sealed("SELECT warnings FROM files WHERE id = ?", file))
    return [
        Problem(path, line, column, Level(level), key, params) for line, column, level, key, params in kept
    ]
