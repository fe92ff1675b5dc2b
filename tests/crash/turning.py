"""The engine as these tests drive it: the only module here that knows its steps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta

from adapters.contract import Abilities, Adapter, Clock
from bot.mapping.model import Mapping as CodeMapping
from bot.sync.desk import Desk, Report
from bot.sync.engine import Engine
from bot.sync.marks import mark_code
from bot.sync.ports import Books
from bot.sync.values import Part

__all__ = ["Report", "engine_of", "mark_code", "turn"]

POLL_S = 60.0


def engine_of(books: Books, mapping: CodeMapping, clock: Clock, abilities: Mapping[str, Abilities]) -> Engine:
    """Make the engine over open books; every shop may be written."""
    parts = {
        name: Part(mapping.shop(name), able, True, frozenset(), poll_s=POLL_S, lag_s=able.order_lag_s)
        for name, able in abilities.items()
    }
    return Engine(books, lambda: mapping, clock, threading.Event(), lambda shops: None, lambda: parts)


def turn(
    engine: Engine, mapping: CodeMapping, name: str, adapter: Adapter, orders_are_in: Callable[[], None]
) -> Report:
    """Do one whole turn of a shop; tell when the orders are committed."""
    desk, report = Desk(mapping.shop(name), adapter, timedelta(seconds=30)), Report(name)
    engine.turn(desk, report, tick=True, look_around=orders_are_in)
    return report
