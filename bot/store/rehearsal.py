"""What would be done, done and taken back: for dry runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from bot.store.books import SqlBooks, SqlTransaction


@contextmanager
def changing(engine: Engine, *, dry_run: bool = False) -> Iterator[Connection]:
    """Open a transaction; a dry run is rolled back at its end."""
    with engine.connect() as connection, connection.begin() as work:
        yield connection
        if dry_run:
            work.rollback()


class RehearsedBooks(SqlBooks):
    """Books of which nothing stays: each transaction sees its own changes and is rolled back."""

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        """Open a transaction that leaves no trace."""
        with changing(self._engine, dry_run=True) as connection:
            yield SqlTransaction(connection, self._clock)
