"""Long work as people follow it: a message in the ops channel, its progress and its end in the thread."""

from __future__ import annotations

from collections.abc import Callable

from bot.slack.blocks import Message, escape, plain
from bot.slack.crowd import is_crowded
from bot.slack.desk import Desk, Person
from bot.store.outbox import Priority, thread_of

EVERY_S = 10.0


class Report:
    """Tells of one errand; implements ``bot.errands.Telling``.

    Args:
        over: told the key of the end, once.
    """

    def __init__(
        self, desk: Desk, person: Person, root: Message, over: Callable[[str], None] = lambda _key: None
    ) -> None:
        self._desk = desk
        self._over = over
        self._next = float("-inf")
        self.channel = desk.actions.ops_channel() or person.user
        self._root = desk.outbox.put(self.channel, root.body(), Priority.NEWS, desk.actions.now())
        self._shop = ""
        desk.wake()

    def about(self, shop: str) -> Report:
        """Name the shop in each line of progress."""
        self._shop = shop
        return self

    def progress(self, done: int, total: int | None) -> None:
        """Put a line into the thread, at most one in ten seconds, and none while too much waits."""
        now = self._desk.clock.monotonic()
        if now < self._next or is_crowded(self._desk.incidents):
            return
        self._next = now + EVERY_S
        voice, shop = self._desk.voice(), escape(self._shop)
        if total is None:
            self._put(plain([voice("errand.progress_open", shop=shop, done=f"{done:,}")]))
        else:
            self._put(plain([voice("errand.progress", shop=shop, done=f"{done:,}", total=f"{total:,}")]))

    def ended(self, key: str, **params: str) -> None:
        """Put the end into the thread."""
        self._over(key)
        ready = {name: escape(value) for name, value in params.items()}
        self._put(plain([self._desk.voice()(key, **ready)]))

    def _put(self, line: Message) -> None:
        now, root = self._desk.actions.now(), thread_of(self._root)
        self._desk.outbox.put(self.channel, line.body(), Priority.THREAD, now, root)
        self._desk.wake()
