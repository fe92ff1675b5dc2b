"""The settings that the shops of several malls have, checked before anything is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event
from typing import TypeVar

from adapters.contract import Clock, Quota, ShopSettings
from adapters.errors import ConfigError
from adapters.http import HttpSession
from adapters.pacer import Pacer

T = TypeVar("T", str, int, float, bool)


def wrong(settings: ShopSettings, name: str, why: str) -> ConfigError:
    """Name a setting that is wrong."""
    return ConfigError(f"tanaban.toml: shop {settings.name}: {name}: {why}")


def https_url(settings: ShopSettings, name: str, usual: str) -> str:
    """Give the address of a host, without a slash at its end.

    Raises:
        ConfigError: it is not https.
    """
    value = str(settings.options.get(name, usual)).rstrip("/")
    if not value.startswith("https://"):
        raise wrong(settings, name, "must begin with https://")
    return value


@dataclass(frozen=True)
class Line:
    """How the line to a mall's API is used: at which multiple of the published rates, and over what."""

    rates: float
    margin: float | None
    ca_file: str
    timeout_s: float
    env_proxies: bool

    def quotas(self, published: Mapping[str, Quota]) -> dict[str, Quota]:
        """Give the quotas at this line's rates."""
        return {name: Quota(quota.per_s * self.rates, quota.burst) for name, quota in published.items()}

    def pacer(self, published: Mapping[str, Quota], clock: Clock, stop: Event) -> Pacer:
        """Make what keeps the pace."""
        return Pacer(self.quotas(published), clock, stop, share=self.margin)

    def session(self, clock: Clock, *, total_s: float = 120, max_bytes: int = 32 * 2**20) -> HttpSession:
        """Make what sends requests.

        Raises:
            ConfigError: the CA file is not there.
        """
        return HttpSession(
            clock,
            ca_file=self.ca_file,
            read_s=self.timeout_s,
            total_s=total_s,
            max_bytes=max_bytes,
            env_proxies=self.env_proxies,
        )


def line_of(settings: ShopSettings, *, timeout_s: float = 30) -> Line:
    """Read the options of a line.

    Raises:
        ConfigError: ``rates`` is not above 0.
    """
    options = settings.options
    rates = float(options.get("rates", 1.0))
    if rates <= 0:
        raise wrong(settings, "rates", "must be above 0")
    return Line(
        rates=rates,
        margin=float(options["margin"]) if "margin" in options else None,
        ca_file=str(options.get("ca_file", "")),
        timeout_s=float(options.get("timeout_s", timeout_s)),
        env_proxies=bool(options.get("env_proxies", False)),
    )


class Reader:
    """Takes options with their type checked."""

    def __init__(self, settings: ShopSettings) -> None:
        self._settings = settings

    def get(self, name: str, default: T) -> T:
        """Give an option of the default's type; a whole number may stand for one with a point."""
        value = self._settings.options.get(name, default)
        if isinstance(default, float) and type(value) is int:
            return type(default)(value)
        if type(value) is not type(default):
            raise self.wrong(name, f"must be of type {type(default).__name__}")
        return value

    def one_of(self, name: str, choices: tuple[str, ...]) -> str:
        """Give one of several words; the first is the default."""
        value = self.get(name, choices[0])
        if value not in choices:
            raise self.wrong(name, f"must be one of {', '.join(choices)}")
        return value

    def words(self, name: str, default: str) -> list[str]:
        """Give the words between commas."""
        return [word.strip() for word in self.get(name, default).split(",") if word.strip()]

    def folder(self, name: str, default: str) -> str:
        """Give a folder's absolute path, without a slash at its end."""
        path = self.get(name, default)
        if not (path.startswith("/") and path.isascii() and path.isprintable()) or ".." in path.split("/"):
            raise self.wrong(name, "must be an absolute path in plain ASCII without ..")
        return path.rstrip("/")

    def wrong(self, name: str, why: str) -> ConfigError:
        """Name a setting that is wrong."""
        return wrong(self._settings, name, why)
