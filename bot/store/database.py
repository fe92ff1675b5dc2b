"""Opens ``tanaban.sqlite3``: durable, migrated, and refused when it is of a newer version."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from adapters.errors import StateError
from bot.store.turns import Turns

DATABASE = "tanaban.sqlite3"
BUSY_TIMEOUT_S = 30


def prepare_folder(folder: Path) -> None:
    """Make the state folder if absent, durably; only its owner may look in.

    Raises:
        StateError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        _sync_folder(folder.resolve().parent)  # else a power cut may take the whole folder with it
    except OSError as error:
        raise StateError(f"{folder} cannot be made ({error.strerror}); see to the disk") from error


def _sync_folder(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return  # somebody else made the state folder there, long before
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_database(folder: Path) -> Engine:
    """Open the state's database, bringing an older form up to date.

    Raises:
        StateError: it is unreadable, broken, or was written by a newer version; nothing is touched.
    """
    prepare_folder(folder)
    path = folder / DATABASE
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _set_up_connection)
    writers = _Writers()
    event.listen(engine, "begin", writers.begin)
    event.listen(engine, "commit", writers.end)
    event.listen(engine, "rollback", writers.end)
    try:
        _migrate(engine, path)
        path.chmod(0o600)
    except OperationalError as error:  # the disk is full or fails, or another has the file; it is sound
        engine.dispose()
        raise StateError(f"{path} cannot be used now ({error.orig}); nothing was changed") from error
    except DatabaseError as error:
        engine.dispose()
        raise StateError(f"{path} cannot be read ({error.orig}); restore a backup") from error
    except OSError as error:
        engine.dispose()
        raise StateError(f"{path} cannot be used now ({error.strerror}); nothing was changed") from error
    return engine


def _set_up_connection(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # SQLAlchemy's own BEGIN, below, is the only one
    # FULL: an order that was acknowledged survives a power cut.
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


class _Writers:
    """Lets the writers of this process in one by one, as they came.

    SQLite has those who wait look again now and then: among many that write all the time, one may
    look in vain until its time is over.
    """

    def __init__(self) -> None:
        self._turns = Turns()
        self._holder: Connection | None = None

    def begin(self, connection: Connection) -> None:
        """Begin a transaction. A writer takes SQLite's lock at once: later it can fail half-way."""
        if connection.get_execution_options().get("read_only", False):
            connection.exec_driver_sql("BEGIN")
            return
        if self._turns.acquire(BUSY_TIMEOUT_S):
            self._holder = connection
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            self.end(connection)
            raise

    def end(self, connection: Connection) -> None:
        """Let the next one in."""
        if self._holder is connection:
            self._holder = None
            self._turns.release()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection for reads: one snapshot, in nobody's way."""
    with engine.connect().execution_options(read_only=True) as connection:
        yield connection


class ChangeWatch:
    """Tells whether anybody, in this process or another, has committed since the last look."""

    def __init__(self, folder: Path) -> None:
        # SQLite counts commits as seen by one connection, so the watch keeps its own.
        self._connection = sqlite3.connect(folder / DATABASE, check_same_thread=False, isolation_level=None)
        self._last = self._version()

    def changed(self) -> bool:
        """Look once; cheap enough for several looks a second."""
        before, self._last = self._last, self._version()
        return before != self._last

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """End the watch's connection."""
        self._connection.close()


def _migrate(engine: Engine, path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)
    with reading(engine) as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current == script.get_current_head():
        return
    if current is not None and current not in {step.revision for step in script.walk_revisions()}:
        raise StateError(f"{path} is of a newer version ({current}); upgrade tanaban, nothing was changed")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
