"""The operator's settings: ``tanaban.toml`` on the machine of the bot, never in the mapping repository.

A merged pull request must not be able to send keys elsewhere, so every address is set here. No
secret stands in it: those come from the environment or the vault.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from adapters.errors import ConfigError

CONFIG = "tanaban.toml"
SLACK_MODES = ("socket", "http")
_SLIP = 0.85  # so alike are a shop's own timing and a misspelt one; options of adapters are not


@dataclass(frozen=True)
class StateSettings:
    """Where things are kept. ``vault_key_file`` must lie outside the state folder."""

    folder: Path = Path("state")
    vault_key_file: Path = Path("vault.key")


@dataclass(frozen=True)
class SlackSettings:
    """Which Slack to speak to, and the name of the command."""

    api_url: str = "https://slack.com/api/"
    ca_file: Path | None = None
    command: str = "/zaiko"
    mode: str = "socket"  # or "http": Slack posts to ``listen``, through a proxy that speaks TLS
    listen: str = "127.0.0.1:3000"
    renew_in_slack: bool = True  # else credentials are entered in the shell alone

    @property
    def address(self) -> tuple[str, int]:
        """The host and port of ``listen``.

        Raises:
            ValueError: it is not of that form.
        """
        host, _, port = self.listen.rpartition(":")
        number = int(port) if port.isascii() and port.isdigit() else -1
        if not host or not 0 < number < 65536:
            raise ValueError(self.listen)
        return host.strip("[]"), number


@dataclass(frozen=True)
class CredentialSettings:
    """How credentials are watched. ``lead_days``: each is warned of as if it ended so much earlier."""

    lead_days: int = 0


@dataclass(frozen=True)
class MappingSettings:
    """The repository of the mapping. ``allow_file`` permits a local path as URL."""

    url: str = ""
    branch: str = "main"
    ca_file: Path | None = None
    poll_interval_s: float = 60
    allow_file: bool = False


@dataclass(frozen=True)
class ForgeSettings:
    """Where pull requests are opened: GitHub's calls under ``api``. Nothing set: branches only.

    Args:
        repository: ``owner/name``.
        email: what stands beside the author's name in a commit.
    """

    api: str = ""  # https://api.github.com, or https://host/api/v3
    repository: str = ""
    ca_file: Path | None = None
    email: str = "tanaban@noreply.invalid"


@dataclass(frozen=True)
class SyncSettings:
    """How often, for every shop that does not say otherwise. Seconds."""

    poll_interval_s: float = 60
    quick_poll_interval_s: float = 10  # while the last pieces of something are selling
    again_interval_s: float = 300
    trial_interval_s: float = 60  # how often a new credential is tried while it is pending
    overdue_s: float = 900  # a file that a mall has not taken for so long is told
    alert_after: int = 3  # this many failures in a row that may pass by themselves are told


@dataclass(frozen=True)
class GuardSettings:
    """What is held until a person approves it; shares are percents of a shop's codes."""

    changed_percent: int = 10
    changed_codes: int = 20  # more than so many change
    zero_percent: int = 5
    zero_codes: int = 10  # so many become zero
    list_percent: int = 80  # a product list under this share of the last one is not taken in
    alone_after_s: float = 600  # whoever caused a plan waits so long before approving it themselves


_TIMING = (
    "poll_interval_s",
    "quick_poll_interval_s",
    "again_interval_s",
    "min_write_interval_s",
    "order_lag_s",
)
# a zero would call a mall without a rest
_ABOVE_ZERO = ("poll_interval_s", "quick_poll_interval_s", "trial_interval_s")


@dataclass(frozen=True)
class ShopConfig:
    """One shop's own addresses and timing; ``options`` go to its adapter."""

    options: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    poll_interval_s: float | None = None
    quick_poll_interval_s: float | None = None
    again_interval_s: float | None = None
    min_write_interval_s: float | None = None
    order_lag_s: float | None = None  # how late the mall's orders may appear


@dataclass(frozen=True)
class Config:
    """All settings."""

    state: StateSettings = field(default_factory=StateSettings)
    slack: SlackSettings = field(default_factory=SlackSettings)
    credentials: CredentialSettings = field(default_factory=CredentialSettings)
    mapping: MappingSettings = field(default_factory=MappingSettings)
    forge: ForgeSettings = field(default_factory=ForgeSettings)
    sync: SyncSettings = field(default_factory=SyncSettings)
    guard: GuardSettings = field(default_factory=GuardSettings)
    shops: Mapping[str, ShopConfig] = field(default_factory=dict)

    def shop(self, name: str) -> ShopConfig:
        """Give a shop's settings; defaults for one that has none of its own."""
        return self.shops.get(name, ShopConfig())


def load_config(path: Path) -> Config:
    """Read the settings; relative paths are relative to the file.

    Raises:
        ConfigError: names the file, the setting, what is wrong and what was probably meant.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path} does not exist; run 'tanaban init' or give --config") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    reader = _Reader(path)
    reader.known(content, ("state", "slack", "credentials", "mapping", "forge", "sync", "guard", "shops"), "")
    shops = {name: reader.shop(name, table) for name, table in reader.table(content, "shops").items()}
    return Config(
        state=StateSettings(**reader.section(content, "state", StateSettings)),
        slack=reader.slack(content),
        credentials=CredentialSettings(**reader.section(content, "credentials", CredentialSettings)),
        mapping=MappingSettings(**reader.section(content, "mapping", MappingSettings)),
        forge=ForgeSettings(**reader.section(content, "forge", ForgeSettings)),
        sync=SyncSettings(**reader.section(content, "sync", SyncSettings)),
        guard=GuardSettings(**reader.section(content, "guard", GuardSettings)),
        shops=shops,
    )


class _Reader:
    """Checks one file's values against the settings' own types."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def section(self, content: Mapping[str, Any], name: str, kind: type) -> dict[str, Any]:
        table = self.table(content, name)
        types = {item.name: str(item.type) for item in fields(kind)}
        self.known(table, tuple(types), f"{name}.")
        defaults = {item.name: item.default for item in fields(kind)}
        values = {key: self._value(f"{name}.{key}", types[key], value) for key, value in table.items()}
        paths = {
            key: self._path.parent / value
            for key, value in (defaults | values).items()
            if isinstance(value, Path)
        }
        return values | paths

    def slack(self, content: Mapping[str, Any]) -> SlackSettings:
        found = SlackSettings(**self.section(content, "slack", SlackSettings))
        if found.mode not in SLACK_MODES:
            raise self._wrong("slack.mode", " or ".join(f'"{mode}"' for mode in SLACK_MODES))
        try:
            _ = found.address
        except ValueError:
            raise self._wrong("slack.listen", 'host:port, such as "127.0.0.1:3000"') from None
        return found

    def table(self, content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        found = content.get(name, {})
        if not isinstance(found, Mapping):
            raise self._wrong(name, "a table")
        return found

    def shop(self, name: str, table: object) -> ShopConfig:
        if not isinstance(table, Mapping):
            raise self._wrong(f"shops.{name}", "a table")
        timing = {
            key: self._value(f"shops.{name}.{key}", "float", table[key]) for key in _TIMING if key in table
        }
        options = {key: value for key, value in table.items() if key not in _TIMING}
        for key, value in options.items():
            if near := get_close_matches(key, _TIMING, 1, _SLIP):
                raise ConfigError(
                    f"{self._path}: unknown setting shops.{name}.{key}; did you mean {near[0]!r}?"
                )
            if not isinstance(value, str | int | float | bool):
                raise self._wrong(f"shops.{name}.{key}", "a text, a number, true or false")
        if "ca_file" in options:
            options["ca_file"] = str(self._path.parent / str(options["ca_file"]))
        return ShopConfig(options=options, **timing)

    def known(self, table: Mapping[str, Any], names: tuple[str, ...], place: str) -> None:
        for key in table:
            if key not in names:
                near = get_close_matches(key, names, 1)
                meant = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(names)}"
                raise ConfigError(f"{self._path}: unknown setting {place}{key}{meant}")

    def _value(self, place: str, kind: str, value: Any) -> Any:
        if "Path" in kind and isinstance(value, str):
            return Path(value)
        if kind == "float" and isinstance(value, int | float) and not isinstance(value, bool):
            above_zero = place.rpartition(".")[2] in _ABOVE_ZERO
            if not math.isfinite(value) or value < 0 or (above_zero and not value):
                raise self._wrong(place, "above zero" if above_zero else "not below zero")
            return float(value)
        if kind == "int" and isinstance(value, int) and not isinstance(value, bool):
            return value
        if (kind == "str" and isinstance(value, str)) or (kind == "bool" and isinstance(value, bool)):
            return value
        wanted = {"float": "a number of seconds", "int": "a whole number", "bool": "true or false"}
        raise self._wrong(place, wanted.get(kind, "a text"))

    def _wrong(self, place: str, wanted: str) -> ConfigError:
        return ConfigError(f"{self._path}: {place} must be {wanted}")
