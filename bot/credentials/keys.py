"""The key of the vault: where it comes from, and who else could read it.

From ``TANABAN_VAULT_KEY``, from a service manager (systemd's ``LoadCredential=vault.key:...``), or
from a key file outside the state folder.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet

from adapters.errors import ConfigError, StateError
from adapters.secret import Secret

VARIABLE = "TANABAN_VAULT_KEY"
_SERVICE = "CREDENTIALS_DIRECTORY"
_SERVICE_NAME = "vault.key"
_OTHERS = 0o077


def read_key(path: Path, environment: Mapping[str, str]) -> Secret:
    """Give the vault's key: from the environment, the service manager, or the key file.

    Raises:
        ConfigError: there is none, it cannot be read, or others may read the file.
    """
    if value := environment.get(VARIABLE):
        return Secret(value)
    given = _of_service(environment)
    if given is None and not path.is_file():
        raise ConfigError(f"no vault key: {path} does not exist; run 'tanaban init'")
    if given is None:
        _refuse_open(path)
    return _text_of(given or path)


def is_file(environment: Mapping[str, str]) -> bool:
    """Tell whether the key is that of the key file, and so ours to change."""
    return not environment.get(VARIABLE) and _of_service(environment) is None


def make_key_file(path: Path) -> None:
    """Make a new vault key, readable by its owner only; an existing one is left as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_key(path, Secret(Fernet.generate_key().decode()))
    except FileExistsError:
        return


def write_key(path: Path, key: Secret) -> None:
    """Write a key durably to a file that is not there yet, readable by its owner only."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.reveal().encode())
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def refuse_open_folder(folder: Path) -> None:
    """Refuse a state folder or a vault in it that others may look into.

    Raises:
        StateError: with the line that closes it.
    """
    for path, mode in ((folder, "700"), (folder / "vault", "600")):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & _OTHERS:
            raise StateError(f"{path} may be read by others; run: chmod {mode} {path}")


def _of_service(environment: Mapping[str, str]) -> Path | None:
    """Give the service manager's file; it guards that itself, so its mode is not judged."""
    folder = environment.get(_SERVICE)
    path = Path(folder, _SERVICE_NAME) if folder else None
    return path if path is not None and path.is_file() else None


def _refuse_open(path: Path) -> None:
    if stat.S_IMODE(path.stat().st_mode) & _OTHERS:
        raise ConfigError(f"{path} may be read by others; run: chmod 600 {path}")


def _text_of(path: Path) -> Secret:
    try:
        return Secret(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise ConfigError(f"the vault key {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise ConfigError(f"{path} holds no vault key") from None
