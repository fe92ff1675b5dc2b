"""The one place where credentials are kept: one encrypted file, replaced whole.

Each *owner* (a shop, or ``slack``, ``mapping``) has a set of values by kind, and may have a
second set *on trial*. A set is written whole or not at all; promoting the trial removes the old
values from the file in the same replacement.
"""

from __future__ import annotations

import fcntl
import hmac
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from adapters.errors import ConfigError, StateError
from adapters.secret import Secret
from bot.credentials.keys import sync_folder

VAULT = "vault"
_VERSION = 1
_FINGERPRINT_DIGITS = 8

Values = Mapping[str, Secret]


@dataclass(frozen=True)
class Kinds:
    """Which kinds of value each owner has; no value."""

    in_use: Mapping[str, frozenset[str]]
    on_trial: Mapping[str, frozenset[str]]


class Vault:
    """The encrypted file ``vault`` in the state folder.

    Args:
        reread: gives the key anew: another process may have changed it (``opening.rekey``).
    """

    def __init__(self, folder: Path, key: Secret, reread: Callable[[], Secret] | None = None) -> None:
        self._path = folder / VAULT
        self._thread_lock = threading.Lock()
        self._reread = reread
        self._use(key)

    def _use(self, key: Secret) -> None:
        try:
            self._fernet = Fernet(key.reveal().encode())
        except ValueError:
            raise ConfigError("the vault key is not a key of 32 bytes in URL-safe base64") from None
        self._key = key

    def exists(self) -> bool:
        """Tell whether anything was ever put in."""
        return self._path.exists()

    def prove(self) -> None:
        """Open it.

        Raises:
            StateError: it cannot be opened with this key.
        """
        self._load()

    def opens(self) -> bool:
        """Tell whether this key opens it; a vault that does not exist yet is opened by any."""
        try:
            return not self.exists() or bool(self._fernet.decrypt(self._path.read_bytes()))
        except InvalidToken:
            return False

    def reseal(self, key: Secret) -> None:
        """Put everything under another key, in one replacement; the caller holds the ``file_lock``."""
        content = self._load() if self.exists() else None
        self._use(key)
        if content is not None:
            self._save(content)

    def kinds(self) -> Kinds:
        """Give what everybody has, in one look."""
        content = self._load()
        return Kinds(_names(content["values"]), _names(content["trials"]))

    def values(self, owner: str) -> dict[str, Secret]:
        """Give the values in use."""
        return _secrets(self._load()["values"].get(owner, {}))

    def trial(self, owner: str) -> dict[str, Secret]:
        """Give the values on trial; empty if there are none."""
        return _secrets(self._load()["trials"].get(owner, {}))

    def put(self, owner: str, values: Values) -> None:
        """Set some of the values in use."""
        with self._changing() as content:
            content["values"].setdefault(owner, {}).update(_texts(values))

    def stage(self, owner: str, values: Values) -> None:
        """Set values on trial; other kinds that are on trial already stay so."""
        with self._changing() as content:
            content["trials"].setdefault(owner, {}).update(_texts(values))

    def promote(self, owner: str) -> None:
        """Put the values on trial into use; the ones they replace are gone."""
        with self._changing() as content:
            content["values"].setdefault(owner, {}).update(content["trials"].pop(owner, {}))

    def drop_trial(self, owner: str) -> None:
        """Forget the values on trial."""
        with self._changing() as content:
            content["trials"].pop(owner, None)

    def fingerprint(self, value: Secret) -> str:
        """Tell two values apart without a character of either: 8 hex digits, keyed."""
        digest = hmac.digest(self._key.reveal().encode(), value.reveal().encode(), "sha256")
        return digest.hex()[:_FINGERPRINT_DIGITS]

    def version(self) -> int:
        """Give a number that changes with each replacement of the file."""
        try:
            return self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def _load(self) -> dict[str, dict[str, dict[str, str]]]:
        try:
            opened = self._opened()
        except FileNotFoundError:
            return {"values": {}, "trials": {}}
        except OSError as error:
            raise StateError(f"{self._path} cannot be read ({error.strerror}); see to the disk") from error
        except InvalidToken:
            raise StateError(f"{self._path} cannot be opened with this key; nothing was changed") from None
        content = json.loads(opened)
        if content.pop("version") != _VERSION:
            raise StateError(f"{self._path} is of another version; nothing was changed")
        found: dict[str, dict[str, dict[str, str]]] = content
        return found

    def _opened(self) -> bytes:
        try:
            return self._fernet.decrypt(self._path.read_bytes())
        except InvalidToken:
            if self._reread is None:
                raise
        self._use(self._reread())
        return self._fernet.decrypt(self._path.read_bytes())

    @contextmanager
    def _changing(self) -> Iterator[dict[str, dict[str, dict[str, str]]]]:
        try:
            with self._thread_lock, file_lock(self._path.parent):
                content = self._load()
                yield content
                self._save(content)
        except OSError as error:  # the old file or the new one stands, whole
            raise StateError(f"{self._path} cannot be written ({error.strerror}); see to the disk") from error

    def _save(self, content: dict[str, dict[str, dict[str, str]]]) -> None:
        sealed = self._fernet.encrypt(json.dumps({"version": _VERSION, **content}).encode())
        new = self._path.with_name("vault.new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        sync_folder(self._path.parent)  # the new name is durable before anybody is told


@contextmanager
def file_lock(folder: Path) -> Iterator[None]:
    """Keep every other change of the vault away, in this process and in others."""
    descriptor = os.open(folder / "vault.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _names(owners: Mapping[str, Mapping[str, str]]) -> dict[str, frozenset[str]]:
    return {owner: frozenset(kind for kind in texts if texts[kind]) for owner, texts in owners.items()}


def _secrets(texts: Mapping[str, str]) -> dict[str, Secret]:
    return {kind: Secret(text) for kind, text in texts.items()}


def _texts(values: Values) -> dict[str, str]:
    return {kind: value.reveal() for kind, value in values.items()}
