"""The desk of each shop: its mapping entry, its adapter with the credentials in use, its timing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from adapters.contract import Abilities, Adapter
from adapters.secret import Secret
from bot.config import Config
from bot.credentials.vault import Vault
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import Shop
from bot.sync.desk import Desk

BuildAdapter = Callable[[Shop, Mapping[str, Secret]], Adapter]
AbilitiesOf = Callable[[Shop], Abilities]


class Desks:
    """Keeps one desk a shop, made anew when its credentials or its mapping entry change.

    Args:
        build: makes an adapter for a shop; passed in by the application.
        abilities: what a shop can do: two shops of one mall may go different ways (API, files).
    """

    def __init__(
        self,
        config: Config,
        vault: Vault,
        mapping: Callable[[], CodeMapping],
        build: BuildAdapter,
        abilities: AbilitiesOf,
    ) -> None:
        self._config = config
        self._vault = vault
        self._mapping = mapping
        self._build = build
        self.abilities = abilities
        self._desks: dict[str, tuple[Shop, int, Desk]] = {}
        self._lock = threading.Lock()

    def adapter(self, shop: str, credentials: Mapping[str, Secret]) -> Adapter:
        """Make an adapter of a shop with credentials of its own: for a trial."""
        return self._build(self._mapping().shop(shop), credentials)

    @contextmanager
    def apart(self, shop: Shop) -> Iterator[Adapter]:
        """Give an adapter with the credentials in use that no worker has: for a look beside its turns."""
        adapter = self._build(shop, self._vault.values(shop.name))
        try:
            yield adapter
        finally:
            adapter.close()

    def desk(self, shop: Shop) -> Desk:
        """Give the shop's desk, with the credentials in use."""
        version = self._vault.version()
        with self._lock:
            kept = self._desks.get(shop.name)
            if kept and kept[:2] == (shop, version):
                return kept[2]
            if kept:
                kept[2].adapter.close()
            adapter = self._build(shop, self._vault.values(shop.name))
            again = timedelta(seconds=self._again_interval_s(shop))
            desk = Desk(shop, adapter, again, self.order_lag_s(shop), self.poll_interval_s(shop))
            self._desks[shop.name] = (shop, version, desk)
            return desk

    def poll_interval_s(self, shop: Shop) -> float:
        """Give how often a shop's orders are read: its own setting, its mall's figure, or the usual one."""
        own = self._config.shop(shop.name).poll_interval_s
        return _first(own, self.abilities(shop).poll_interval_s, self._config.sync.poll_interval_s)

    def quick_poll_interval_s(self, shop: Shop) -> float:
        """Give how often they are read while the last pieces of something are selling; never more seldom."""
        own = self._config.shop(shop.name).quick_poll_interval_s
        of_mall, usual = self.abilities(shop).quick_poll_interval_s, self._config.sync.quick_poll_interval_s
        return min(_first(own, of_mall, usual), self.poll_interval_s(shop))

    def _again_interval_s(self, shop: Shop) -> float:
        own = self._config.shop(shop.name).again_interval_s
        return _first(own, self.abilities(shop).again_interval_s, self._config.sync.again_interval_s)

    def order_lag_s(self, shop: Shop) -> float:
        """Give how late the shop's orders may appear at its mall."""
        own = self._config.shop(shop.name).order_lag_s
        return self.abilities(shop).order_lag_s if own is None else own

    def min_write_interval_s(self, shop: Shop) -> float:
        """Give the least time between two writes to a shop."""
        own = self._config.shop(shop.name).min_write_interval_s
        return self.abilities(shop).min_write_interval_s if own is None else own

    def close(self) -> None:
        """End every adapter."""
        with self._lock:
            for _, _, desk in self._desks.values():
                desk.adapter.close()
            self._desks.clear()


def _first(own: float | None, mall: float | None, usual: float) -> float:
    return next(value for value in (own, mall, usual) if value is not None)
