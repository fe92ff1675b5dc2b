"""``mapping.sqlite3``: the mapping of one commit, compiled; a start opens it and parses nothing.

It may be deleted at any time: it is made again from the repository. One transaction takes it from a
commit to the next, so that a crash leaves one of the two. A mapping that was opened is a snapshot: it
stays as it is while the next commit is written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock
from weakref import WeakSet, finalize

from adapters.errors import StateError
from bot.mapping.check import TEAM_FILE, Checked, check, check_kept
from bot.mapping.codes import CodeRule
from bot.mapping.compiled_products import CompiledProducts
from bot.mapping.compiled_rows import SCHEMA, Rows, delete
from bot.mapping.compiled_update import MarkedSource, Stale, Update, ground_of, warnings_of
from bot.mapping.load import Table, load_table

COMPILED = "mapping.sqlite3"
# Of the rows, and of the check that found them good: raised with every change to either.
FORM = 1
_APPLICATION = 0x74616E61
_BUSY_TIMEOUT_S = 30
_TABLES = ("form", "files", "layouts", "products", "names", "parts", "tallies")
_BROKEN = (StateError, sqlite3.DatabaseError, LookupError, TypeError, ValueError)


class CompiledMapping:
    """The file with one commit's mapping.

    Args:
        malls: as ``check`` takes them; what was compiled by other rules is made again.
    """

    def __init__(self, path: Path, malls: Mapping[str, CodeRule] | None = None) -> None:
        self._path = path
        self._malls = malls
        self._lock = Lock()
        self._snapshots: WeakSet[Rows] = WeakSet()

    def read(self, commit: str) -> Checked | None:
        """Open the mapping of a commit; None if the file holds no such, or none that may be trusted."""
        with self._lock:
            if not self._path.exists():
                return None
            try:
                return self._read(commit)
            except _BROKEN:
                delete(self._path)
                return None

    def update(self, commit: str, source: MarkedSource) -> Checked:
        """Check a commit, reading only what changed since the one that is here; keep it if it is good.

        Raises:
            StateError: the file cannot be written.
        """
        with self._lock:
            try:
                checked = self._update(commit, source)
            except _BROKEN:
                delete(self._path)
                self._snapshots.clear()  # they are of the file that is gone
                checked = self._made_anew(commit, source)
            if checked.mapping is None:
                return checked
            return replace(checked, mapping=replace(checked.mapping, products=self._products(commit)))

    def _made_anew(self, commit: str, source: MarkedSource) -> Checked:
        try:
            return self._update(commit, source)
        except sqlite3.Error as error:
            raise StateError(f"{self._path} cannot be written ({error})") from error

    # ----------------------------------------------------------------- reading

    def _read(self, commit: str) -> Checked | None:
        rows = self._snapshot()
        if rows.value("commit") != commit:
            return None
        head, team = load_table(rows.value("head")), rows.value("team")
        kept_team = load_table(team) if team else None
        checked = check_kept(head, kept_team, self._malls, warnings_of(rows))
        mapping = checked.mapping
        if mapping is None or ground_of(mapping.shops, self._malls or {}) != rows.value("ground"):
            return None
        return replace(checked, mapping=replace(mapping, products=CompiledProducts(rows)))

    def _products(self, commit: str) -> CompiledProducts:
        rows = self._snapshot()
        if rows.value("commit") != commit:
            raise StateError(f"{self._path} was written by another process meanwhile")
        return CompiledProducts(rows)

    def _snapshot(self) -> Rows:
        """Open the file as it is now: it is a transaction that reads, and ends with its last user."""
        connection = _connect(self._path)
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        rows = Rows(connection, self._path)
        finalize(rows, connection.close)
        if not _is_sound(connection, rows):
            raise rows.broken("it has another form")
        self._snapshots.add(rows)
        return rows

    # ----------------------------------------------------------------- writing

    def _update(self, commit: str, source: MarkedSource) -> Checked:
        with closing(self._writer()) as connection:  # what is not committed is taken back
            rows = Rows(connection, self._path)
            # Copies the log into the file and begins it anew, as far as no snapshot needs it as it is.
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            connection.execute("BEGIN IMMEDIATE")
            for snapshot in self._snapshots:
                snapshot.renew(rows.value("serial"))
            checked = self._checked(connection, rows, commit, source)
            if checked.mapping is not None:
                connection.execute("COMMIT")
            return checked

    def _checked(
        self, connection: sqlite3.Connection, rows: Rows, commit: str, source: MarkedSource
    ) -> Checked:
        update = Update(connection, rows, source)
        try:
            checked = check(source, self._malls, update)
        except Stale:
            for table in _TABLES:
                connection.execute(f"DELETE FROM {table}")
            update = Update(connection, rows, source)
            checked = check(source, self._malls, update)
        if checked.mapping is not None:
            team = source.parsed(TEAM_FILE)
            root = team.root if team else None
            update.write(commit, root.dump() if isinstance(root, Table) else "")
        return checked

    def _writer(self) -> sqlite3.Connection:
        connection = _connect(self._path)
        try:
            if _version(connection) != (0, 0) and not _is_sound(connection, Rows(connection, self._path)):
                raise StateError(f"{self._path} has another form")
            with suppress(OSError):
                self._path.chmod(0o600)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")  # what a power cut undoes is made again
            if _version(connection) == (0, 0):
                _lay_out(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)


def _lay_out(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement in SCHEMA.split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {_APPLICATION}")
    connection.execute(f"PRAGMA user_version = {FORM}")
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> tuple[int, int]:
    names = ("application_id", "user_version")
    application, form = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
    return application, form


def _is_sound(connection: sqlite3.Connection, rows: Rows) -> bool:
    """Tell whether the file is ours, of this form, and its first and last products read well."""
    if _version(connection) != (_APPLICATION, FORM):
        return False
    ends = rows.ask("SELECT min(id) FROM products UNION SELECT max(id) FROM products")
    return len(rows.of_ids([each for (each,) in ends if each is not None])) <= 2
