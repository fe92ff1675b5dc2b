"""One bot at a time on a state folder."""

from __future__ import annotations

import fcntl
import os
import socket
from datetime import datetime
from pathlib import Path
from types import TracebackType

from adapters.errors import LockHeldError, StateError


class StateLock:
    """Holds ``state/lock`` while the bot runs; the kernel lets go when the process dies."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._descriptor = -1

    def acquire(self, now: datetime) -> None:
        """Take the lock.

        Raises:
            LockHeldError: another bot has it; names its pid, host and start.
            StateError: the disk is full or fails.
        """
        try:
            self._descriptor = self._take(now)
        except OSError as error:
            raise StateError(f"{self._path} cannot be written ({error.strerror}); see to the disk") from error

    def _take(self, now: datetime) -> int:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 200).decode(errors="replace").strip()
            os.close(descriptor)
            raise LockHeldError(f"another bot holds {self._path}: {holder}") from None
        holder = f"pid {os.getpid()} on {socket.gethostname()} since {now.isoformat()}"
        try:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, holder.encode())
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.release()

    def __enter__(self) -> StateLock:
        return self
