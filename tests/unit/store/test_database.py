"""The database file: migrated, locked, refused when it is of a newer version."""

import sqlite3
import stat
from datetime import UTC, datetime
from threading import Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from adapters.errors import LockHeldError, StateError
from bot.store.database import DATABASE, ChangeWatch, open_database, reading
from bot.store.lock import StateLock
from bot.store.notes import Remembered
from bot.store.schema import metadata

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def test_migrations_make_what_the_schema_says(tmp_path):
    engine = open_database(tmp_path / "state")
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_state_is_for_its_owner_only(tmp_path):
    open_database(tmp_path / "state").dispose()
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "state" / DATABASE).stat().st_mode) == 0o600


def test_every_commit_is_durable(tmp_path):
    engine = open_database(tmp_path)
    with reading(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
    engine.dispose()


def test_newer_state_is_refused_untouched(tmp_path):  # E10
    open_database(tmp_path).dispose()
    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    before = (tmp_path / DATABASE).read_bytes()
    with pytest.raises(StateError, match="newer version"):
        open_database(tmp_path)
    assert (tmp_path / DATABASE).read_bytes() == before


def test_broken_state_is_refused_and_never_replaced(tmp_path):
    (tmp_path / DATABASE).write_bytes(b"this is no database" * 1000)
    with pytest.raises(StateError, match="restore a backup"):
        open_database(tmp_path)
    assert (tmp_path / DATABASE).read_bytes().startswith(b"this is no database")


def test_a_database_that_cannot_be_used_now_is_not_called_broken(tmp_path):
    (tmp_path / DATABASE).mkdir()
    with pytest.raises(StateError, match="cannot be used now"):
        open_database(tmp_path)


def test_a_state_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match="cannot be made"):
        open_database(tmp_path / "file" / "state")


def test_a_lock_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "lock").mkdir()
    with pytest.raises(StateError, match="lock cannot be written"):
        StateLock(tmp_path).acquire(NOW)


def test_second_bot_is_refused_and_told_who_runs(tmp_path):
    with StateLock(tmp_path) as first:
        first.acquire(NOW)
        with pytest.raises(LockHeldError, match="pid .* since 2026-11-22"):
            StateLock(tmp_path).acquire(NOW)
    with StateLock(tmp_path) as next_one:
        next_one.acquire(NOW)


def test_watch_sees_commits_of_others_and_only_those(tmp_path):
    engine = open_database(tmp_path)
    watch = ChangeWatch(tmp_path)
    assert not watch.changed()
    Remembered(engine).set("a", "1")
    assert watch.changed()
    assert not watch.changed()
    watch.close()
    engine.dispose()


def test_a_failed_transaction_leaves_nothing(tmp_path):
    engine = open_database(tmp_path)
    with pytest.raises(RuntimeError), engine.begin() as connection:
        connection.execute(text("INSERT INTO remembered VALUES ('a', '1')"))
        raise RuntimeError("pulled plug")
    assert Remembered(engine).get("a") is None
    engine.dispose()


def test_a_writer_that_failed_keeps_nobody_out(tmp_path):
    engine = open_database(tmp_path / "state")
    with pytest.raises(OperationalError, match="no such table"), engine.begin() as connection:
        connection.execute(text("DELETE FROM none_such"))
    other = sqlite3.connect(tmp_path / "state" / DATABASE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with engine.connect() as connection:
        connection.connection.execute("PRAGMA busy_timeout = 1")
        with pytest.raises(OperationalError, match="locked"), connection.begin():
            pass
    other.close()
    done = Thread(target=lambda: Remembered(engine).set("other", "in"))
    done.start()
    done.join(10)
    assert Remembered(engine).get("other") == "in"
    engine.dispose()
