"""The queue to Slack: what is put here is sent once Slack takes it, restarts included."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, update

from bot.store.database import reading
from bot.store.schema import outbox

MAX_ATTEMPTS = 5
"""A message that Slack itself refused this often is given up; lost connections do not count."""


class Priority(IntEnum):
    """What leaves first when several messages wait; the smallest first."""

    ANSWER = 10
    NEWS = 20
    THREAD = 30


_ROOT = "#"  # begins a thread that is named by the message it hangs on, which may have no ``ts`` yet


def thread_of(message_id: int) -> str:
    """Give the thread of a queued message, for messages that are queued behind it."""
    return f"{_ROOT}{message_id}"


@dataclass(frozen=True)
class Outgoing:
    """One message that waits. ``body`` has ``text`` and maybe ``blocks``."""

    message_id: int
    channel: str
    thread_ts: str
    body: Mapping[str, Any]
    attempts: int


class Outbox:
    """The messages that wait in the database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def _within(self, connection: Connection | None) -> Iterator[Connection]:
        if connection is not None:
            yield connection
            return
        with self._engine.begin() as own:
            yield own

    def put(
        self,
        channel: str,
        body: Mapping[str, Any],
        priority: int,
        now: datetime,
        thread_ts: str = "",
        *,
        connection: Connection | None = None,
    ) -> int:
        """Queue a message (``{"text": ..., "blocks": [...]}``); gives its id."""
        row = {"channel": channel, "body": dict(body), "priority": int(priority), "thread_ts": thread_ts}
        with self._within(connection) as work:
            put = insert(outbox).values(**row, queued_at=now).returning(outbox.c.message_id)
            return int(work.execute(put).scalar_one())

    def next(self, now: datetime, *, busy: Collection[str] = ()) -> Outgoing | None:
        """Give the message to send now, the most urgent first, then the oldest.

        Args:
            now: messages queued for later than this stay.
            busy: channels that take nothing at the moment.
        """
        c = outbox.c
        waiting = (c.sent_at.is_(None), c.attempts < MAX_ATTEMPTS, c.queued_at <= now, c.channel.not_in(busy))
        order = (c.priority, c.message_id)
        columns = (c.message_id, c.channel, c.thread_ts, c.body, c.attempts)
        with reading(self._engine) as work:
            row = work.execute(select(*columns).where(*waiting).order_by(*order).limit(1)).first()
            if row is None:
                return None
            thread_ts = _thread_ts(work, row.thread_ts)
        return Outgoing(**{**row._mapping, "thread_ts": thread_ts})

    def sent(self, message_id: int, ts: str, now: datetime) -> None:
        """Note that Slack has the message, under ``ts``."""
        self._change(message_id, {"sent_at": now, "ts": ts, "error": ""})

    def failed(self, message_id: int, error: str) -> None:
        """Note that Slack refused the message, and why."""
        self._change(message_id, {"attempts": outbox.c.attempts + 1, "error": error})

    def waiting(self) -> int:
        """Give the number of messages that were neither sent nor given up."""
        left = (outbox.c.sent_at.is_(None), outbox.c.attempts < MAX_ATTEMPTS)
        with reading(self._engine) as work:
            return int(work.execute(select(func.count()).select_from(outbox).where(*left)).scalar_one())

    def _change(self, message_id: int, changes: Mapping[str, Any]) -> None:
        with self._engine.begin() as work:
            work.execute(update(outbox).where(outbox.c.message_id == message_id).values(**changes))


def _thread_ts(connection: Connection, thread: str) -> str:
    """Give the ``ts`` of a thread; "" where the message it hangs on never reached Slack."""
    if not thread.startswith(_ROOT):
        return thread
    root = select(outbox.c.ts).where(outbox.c.message_id == int(thread.removeprefix(_ROOT)))
    return str(connection.execute(root).scalar_one_or_none() or "")
