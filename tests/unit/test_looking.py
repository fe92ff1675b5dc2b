"""What a look costs: people wait for it, and the shops' turns take the same looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import event

from bot.credentials.vault import Vault
from tests.unit.house import House


class Meter:
    """Counts statements, transactions and openings of the vault."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = self.opened = self.asked = 0
        event.listen(house.engine, "begin", lambda _connection: self._begin())
        event.listen(house.engine, "before_cursor_execute", lambda *_: self._ask())
        load = Vault._load
        monkeypatch.setattr(Vault, "_load", lambda vault: self._open() or load(vault))

    def _begin(self) -> None:
        self.begun += 1

    def _ask(self) -> None:
        self.asked += 1

    def _open(self) -> None:
        self.opened += 1

    def of(self, look: Callable[[], object]) -> tuple[int, int]:
        """Give the transactions and the openings of a look."""
        self.begun = self.opened = self.asked = 0
        assert look() is not None
        return self.begun, self.opened


@pytest.fixture
def house(tmp_path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


def test_look_costs_the_same_for_few_shops_and_many(house, monkeypatch):
    meter = Meter(house, monkeypatch)
    shops = list(house.mapping.shops.values())
    states = house.actions._looking._states
    one = meter.of(lambda: states.standings(shops[:1], house.clock.now()))
    assert meter.of(lambda: states.standings(shops, house.clock.now())) == one == (1, 1)
    assert meter.of(house.actions.status)[1] == 1
    assert meter.of(lambda: house.actions.lookup("mug"))[1] == 2  # the survey's, and its own


def test_code_is_looked_up_on_all_shops_at_once(house, monkeypatch):
    meter = Meter(house, monkeypatch)
    house.actions.lookup("mug")  # what is usual is kept for an hour
    meter.of(lambda: house.actions.lookup("mug"))
    assert meter.asked - meter.begun <= 14  # a transaction's BEGIN is a statement too
