"""The bot's core in one house: shops in memory, real state, real vault, a clock moved by hand."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters import registry
from adapters.clock import ManualClock
from adapters.contract import CredentialKind
from adapters.memory import MEMORY_ABILITIES, MemoryAdapter, MemoryMall
from adapters.secret import Secret
from bot.actions import Actions
from bot.config import Config, ShopConfig, SyncSettings
from bot.credentials.keys import make_key_file, read_key
from bot.credentials.renewal import Renewals
from bot.credentials.vault import Vault
from bot.desks import Desks
from bot.following import MappingInForce
from bot.health import Health
from bot.mapping.model import Defaults, LastUnits, Mapping, Product, Shop, ShopStatus, Team
from bot.shopstate import ShopStates
from bot.store import credentials as records
from bot.store import ledger, orders, switches, writes
from bot.store.books import SqlBooks
from bot.store.database import DATABASE, ChangeWatch, open_database, reading
from bot.store.incidents import Incidents
from bot.sync.engine import Engine
from bot.turns import Turns

ADMIN = "U0ALICE01"
KEYS = (CredentialKind("key", "キー", "key", life_days=90, activation_s=600),)
TICK_S = 60


@cache
def _empty_state():
    with TemporaryDirectory() as folder:
        open_database(Path(folder)).dispose()
        return (Path(folder) / DATABASE).read_bytes()


def make_state(folder):
    """Make a fresh state folder from a migrated database: much quicker than migrating each time."""
    folder.mkdir()
    (folder / DATABASE).write_bytes(_empty_state())


class HouseAdapter(MemoryAdapter):
    """A memory mall whose keys begin with the shop's number, as Rakuten's do."""

    abilities = replace(MEMORY_ABILITIES, credentials=KEYS)

    @classmethod
    def belongs(cls, current, candidate):
        numbers = {values["key"].reveal().split("_")[0] for values in (current, candidate) if "key" in values}
        return "renew_other_shop" if len(numbers) > 1 else ""


class House:
    """Shops ``a`` and ``b`` (and more); ``turn`` is what a shop's worker does.

    Args:
        on: whether an admin has switched sync on.
        keys: whether every shop has its credential.
        abilities: what the mall can do otherwise than ``HouseAdapter``.
    """

    def __init__(
        self,
        folder,
        shops=("a", "b"),
        *,
        on=True,
        keys=True,
        shop=None,
        settings=None,
        quantity=10,
        **abilities,
    ):
        self.clock, self.folder = ManualClock(), folder / "state"
        self.config = Config(sync=settings or SyncSettings(), shops={"a": shop or ShopConfig()})
        self.adapter_class = type(
            "Adapter", (HouseAdapter,), {"abilities": replace(HouseAdapter.abilities, **abilities)}
        )
        self.mapping = Mapping(
            {name: Shop(name, "memory") for name in shops},
            (Product("mug", "マグカップ"), Product("tee")),
            defaults=Defaults(last_units=LastUnits.OFF),
        )
        self.team = Team(users={})
        self.malls = {name: self._mall(quantity) for name in shops}
        self.said, self.built, self.key_file = [], [], folder / "vault.key"
        make_key_file(self.key_file)
        make_state(self.folder)
        self.open()
        if keys:
            for name in shops:
                self.vault.put(name, {"key": Secret(self.malls[name].key)})
        self.actions.count_stock({"mug": quantity, "tee": quantity}, self.clock.now(), "clerk")
        self.clock.advance(1)
        if on:
            self._switch_on(keys)
        self.watch.changed()

    def _switch_on(self, keys):
        if keys and self.adapter_class.abilities.credentials == KEYS:
            self.actions.switch(True, None, ADMIN)
            return
        with self.engine.begin() as connection:  # as if it was on before: without all keys it is refused
            switches.turn(connection, switches.ALL, True, ADMIN, self.clock.now())

    def _mall(self, quantity):
        return MemoryMall(self.clock, {"mug": quantity, "tee": quantity}, key="100001_in-use")

    def open(self):
        """Start the bot's process: all it knows is in the state folder."""
        self.engine = open_database(self.folder)
        self.vault = Vault(self.folder, read_key(self.key_file, {}))
        self.incidents = Incidents(self.engine)
        self.desks = Desks(self.config, self.vault, lambda: self.mapping, self._build, self._abilities)
        self.renewals = Renewals(self.vault, self.engine, self.desks.adapter)
        self.states = ShopStates(self.engine, self.renewals, self.desks, self.in_force)
        self.health = Health(self.engine, self.incidents, self.config.sync.alert_after)
        books = SqlBooks(self.engine, self.clock)
        self.woken = []
        self.sync = Engine(
            books,
            lambda: self.mapping,
            self.clock,
            threading.Event(),
            lambda shops: self.woken.extend(shops),
            lambda: self.states.parts(self.clock.now()),
        )
        self.turns = Turns(
            self.engine,
            self.sync,
            lambda: self.mapping,
            self.desks,
            self.states,
            self.renewals,
            self.health,
            self.clock,
            self.config.sync,
            lambda key, params: self.said.append((key, params)),
            errands=lambda desk: self.actions.errands.work(desk),
        )
        self.actions = Actions(
            self.engine,
            self.in_force,
            self.desks,
            self.states,
            self.renewals,
            self.sync,
            self.clock,
            lambda shops: self.woken.extend(shops or ["all"]),
        )
        self.watch = ChangeWatch(self.folder)

    def in_force(self):
        return MappingInForce(self.mapping, self.team, "c0ffee0123", rejected=False)

    def _build(self, shop, credentials):
        if shop.mall != "memory":
            raise AssertionError(f"no adapter of {shop.mall} is needed here")
        self.built.append({kind: value.reveal() for kind, value in credentials.items()})
        return self.adapter_class(self.malls[shop.name], credentials.get("key", Secret("")))

    def _abilities(self, shop):
        return self.adapter_class.abilities if shop.mall == "memory" else registry.abilities(shop.mall)

    def close(self):
        self.desks.close()
        self.watch.close()
        self.engine.dispose()

    def restart(self):
        """Lose everything but the state folder, and start again."""
        self.close()
        self.open()

    # ------------------------------------------------------------------ time

    def tick(self, *names):
        """Let the poll interval come round, once, for these shops or for all."""
        self.clock.advance(TICK_S)
        for name in names or tuple(self.malls):
            self.turns.turn(name, tick=True)

    def look(self, name="a", seconds=1):
        """Wake a shop's worker between two ticks."""
        self.clock.advance(seconds)
        return self.turns.turn(name, tick=False)

    def quiet(self):
        """Let two ticks go by, so that all numbers are out."""
        self.tick()
        self.tick()
        assert self.waiting("a") == self.waiting("b") == []
        return self

    # ------------------------------------------------------------------ what can be seen

    def archive(self, name):
        self.change_shop(name, status=ShopStatus.ARCHIVED)

    def change_shop(self, name, **changes):
        shops = {**self.mapping.shops, name: replace(self.mapping.shop(name), **changes)}
        self.mapping = replace(self.mapping, shops=shops)

    def state(self, name="a"):
        return self.actions.status().shops[list(self.mapping.shops).index(name)].state.value

    def calls(self, method=None, name="a"):
        calls = self.malls[name].calls
        return len(calls) if method is None else calls.count(method)

    def shown(self, code="tee", name="a"):
        return self.malls[name].stock[code]

    def available(self, code="tee"):
        with reading(self.engine) as connection:
            return ledger.balance_of(connection, code).available

    def waiting(self, name="a"):
        with reading(self.engine) as connection:
            return [item.code for item in writes.waiting(connection, name, 100)]

    def unmapped(self, name="a"):
        with reading(self.engine) as connection:
            return [line.mall_code for line in orders.unmapped_lines(connection, name)]

    def record(self, name="a", kind="key"):
        with reading(self.engine) as connection:
            return records.records(connection, name).get(kind)

    def open_causes(self, name="a"):
        return [item.cause for item in self.incidents.open() if item.shop == name]

    def told(self, cause, name="a"):
        """Every time that people would have heard anew of a cause: (times it opened, is it open)."""
        found = [item for item in self.incidents.untold() if (item.shop, item.cause) == (name, cause)]
        return [(item.times, item.closed_at is None) for item in found]
