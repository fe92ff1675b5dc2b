"""What the process under test does, step by step; it says on standard output what it has promised.

A step that fails is told by its class, and the next one is done: so do the bot's workers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from adapters.errors import TanabanError
from adapters.memory import Lost
from adapters.secret import Secret
from tests.crash.market import House, say

CLEAR = (TanabanError, DBAPIError, sqlite3.Error, OSError)
"""Failures that a log names by their class; any other is a fault of ours."""
NOT_STARTED, STEP_FAILED = 2, 3
OLD, NEW = Secret("made-up-old"), Secret("made-up-new")

Step = Callable[[], object]


def first(house: House) -> Iterator[tuple[str, Step]]:
    """The first day: a credential, a count, first orders."""
    a, b = house.malls.shops["a"], house.malls.shops["b"]
    yield "vault put", lambda: (house.vault.put("a", {"key": OLD}), say("vault 1"))
    yield "count", house.count
    yield "shoppers", lambda: (a.order({"mug": 2, "tee": 1}), b.order({"gift": 1}))
    yield "turn", lambda: house.turn("a")


def day(house: House) -> Iterator[tuple[str, Step]]:
    """Another day, over the log that a killed process left: all that a turn can meet."""
    a, b = house.malls.shops["a"], house.malls.shops["b"]
    cancelled: list[str] = []
    yield "vault stage", lambda: (house.vault.stage("a", {"key": NEW}), say("vault 2"))
    yield "shoppers", lambda: (a.order({"mug": 1, "tee": 1}), cancelled.append(a.order({"tee": 1})))
    yield "round", house.round
    yield "checkpoint", lambda: house.checkpoint("PASSIVE")  # the log begins anew with the next commit
    yield "vault promote", lambda: _promote(house)
    yield "cancel", lambda: [a.cancel(order_id) for order_id in cancelled if order_id]
    yield "shopper", lambda: b.order({"gift": 1, "mug": 1})
    yield "lost answer", lambda: a.lose_answer("write_stock", Lost.AFTER)
    yield "round", house.round
    yield "checkpoint", lambda: house.checkpoint("TRUNCATE")
    yield "turn", lambda: house.turn("a")  # reads back what became of the lost answer


def _promote(house: House) -> None:
    """Put the new value into use, if it was taken before: a full disk may have refused it."""
    if house.vault.trial("a"):
        house.vault.promote("a")
        say("vault 3")


SCENARIOS = {"first": (first, timedelta(minutes=1)), "day": (day, timedelta(hours=6))}


def play(name: str, work: Path, synchronous: str = "", *, end: bool = True) -> int:
    """Play a scenario over ``work/top/state``; give the process's exit status.

    Args:
        synchronous: a weaker setting of SQLite's, for the proof that the power cuts would find it.
        end: False leaves everything open, as a kill after the last step does.
    """
    steps, started = SCENARIOS[name]
    try:
        house = House(work / "top" / "state", work / "malls", started)
    except TanabanError as error:  # a start tells its failure in our own words, or not at all
        say(f"failed start {type(error).__name__}: {_line(error)}")
        return NOT_STARTED
    if synchronous:
        _weaken(house, synchronous)
    failed = [step for step, act in steps(house) if not _done(step, act)]
    if end:
        failed += [] if _done("close", house.close) else ["close"]
    return STEP_FAILED if failed else 0


def _done(step: str, act: Step) -> bool:
    try:
        act()
    except CLEAR as error:
        say(f"failed {step} {type(error).__name__}: {_line(error)}")
        return False
    return True


def _line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _weaken(house: House, synchronous: str) -> None:
    def set_up(connection: sqlite3.Connection, _entry: object) -> None:
        connection.execute(f"PRAGMA synchronous = {synchronous}")

    house.database.dispose()
    event.listen(house.database, "connect", set_up)  # after the bot's own, so this one stands
