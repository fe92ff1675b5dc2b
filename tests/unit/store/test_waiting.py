"""What waits to be written, and what takes it off the list."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.store import writes
from bot.store.database import open_database, reading
from bot.sync.values import Why

NOW = datetime(2026, 4, 1, tzinfo=UTC)


def test_a_reason_is_not_taken_for_an_earlier_one_that_was_settled(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "state")
    planned = []
    for _ in range(2):  # a sale goes out amid a long write whose plan knows it too; then comes another
        with engine.begin() as work:
            writes.mark(work, "a", ["tee"], Why.SALE, NOW)
            planned.append(writes.waiting(work, "a", 10))
            writes.settle_waiting(work, "a", planned[0])
    with reading(engine) as connection:
        assert writes.waiting(connection, "a", 10) == planned[1]
        assert writes.waiting_seqs(connection, "a", ["tee"]) != {"tee": planned[0][0].seq}
    engine.dispose()
