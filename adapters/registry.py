"""From a mall's name to its adapter; a mall is imported on first use."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from threading import Event
from typing import Any

from adapters.contract import Abilities, Adapter, AdapterFactory, Clock, Credentials, KnownError, ShopSettings
from adapters.errors import ConfigError
from adapters.setup import Stages, Ways, of_way

MALLS: Mapping[str, str] = {
    "amazon": "adapters.amazon.adapter.AmazonAdapter",
    "futureshop": "adapters.futureshop.adapter.FutureshopAdapter",
    "ponpare": "adapters.ponpare.adapter.PonpareAdapter",
    "qoo10": "adapters.qoo10.adapter.Qoo10Adapter",
    "rakuten": "adapters.rakuten.adapter.RakutenAdapter",
    "roomclip": "adapters.roomclip.adapter.RoomclipAdapter",
    "yahoo": "adapters.yahoo.adapter.YahooAdapter",
    "yahuoku": "adapters.yahuoku.adapter.YahuokuAdapter",
    "memory": "adapters.memory.MemoryAdapter",
}
"""Mall name -> its adapter class. The class's module has ``create`` beside it."""


def adapter_class(mall: str) -> type[Adapter]:
    """Give a mall's adapter class: its abilities, and whether credentials belong to a shop.

    Raises:
        ConfigError: there is no such mall.
    """
    module, name = _module(mall)
    found: type[Adapter] = getattr(module, name)
    return found


def abilities(mall: str, settings: ShopSettings | None = None) -> Abilities:
    """Give a mall's abilities; with a shop's settings, those of the way that this shop goes.

    A mall with several ways has ``abilities_for(settings)`` beside its class.
    """
    chosen = getattr(_module(mall)[0], "abilities_for", None)
    if settings is None or chosen is None:
        return adapter_class(mall).abilities
    found: Abilities = chosen(settings)
    return found


def known_errors(mall: str) -> tuple[KnownError, ...]:
    """Give a mall's catalogue of errors, the most exact first; the memory mall has none."""
    if mall == "memory":
        return ()
    _module(mall)  # that there is such a mall
    found: tuple[KnownError, ...] = import_module(f"adapters.{mall}.errors").ERRORS
    return found


def setup_stages(mall: str, settings: ShopSettings) -> Stages:
    """Give what a person sets up at a mall, by the way that the shop goes; the memory mall has nothing."""
    if mall == "memory":
        return ()
    _module(mall)  # that there is such a mall
    ways: Ways = import_module(f"adapters.{mall}.setup").WAYS
    chosen = (settings.options.get(option) for option in ("transport", "mode"))
    return of_way(ways, [way for way in chosen if isinstance(way, str)])


def all_abilities() -> list[Abilities]:
    """Give the abilities of every real mall, in the registry's order."""
    return [abilities(mall) for mall in MALLS if mall != "memory"]


def create(mall: str, settings: ShopSettings, credentials: Credentials, clock: Clock, stop: Event) -> Adapter:
    """Make the adapter of one shop on a mall; ``stop`` ends its waits."""
    factory: AdapterFactory = _module(mall)[0].create
    return factory(settings, credentials, clock, stop)


def _module(mall: str) -> tuple[Any, str]:
    if mall not in MALLS:
        raise ConfigError(f"no mall is called {mall!r}; known: {', '.join(MALLS)}")
    path, name = MALLS[mall].rsplit(".", 1)
    return import_module(path), name
