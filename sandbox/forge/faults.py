"""What can go wrong with a forge, switched on and off by a person or a test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.world import ControlError, WorldClock

API = "/api/v3"
KINDS = {
    "down": "each connection is cut before anything is done",
    "hang": "no answer until the fault ends",
    "outage": "503 with a page for people",
    "lost": "the request is done, its answer is cut",
    "bad_credentials": "every token is refused",
    "limit": "the hour's requests are used up (API only)",
    "secondary_limit": "too many requests at once (API only)",
}
_LIMITS = ("limit", "secondary_limit")
_LIMIT_S = 60.0


@dataclass
class Fault:
    """One fault; see ``Faults.switch_on``."""

    name: str
    where: str = ""
    times: int | None = None
    until: datetime | None = None
    status: int = 403
    says_when: bool = True


class Faults:
    """The faults that are on."""

    def __init__(self, clock: WorldClock) -> None:
        self._clock = clock
        self._active: dict[str, Fault] = {}

    def switch_on(
        self,
        name: str,
        *,
        where: str = "",
        times: int | None = None,
        seconds: float | None = None,
        status: int = 403,
        says_when: bool = True,
    ) -> None:
        """Begin a fault, for all requests or some, until it is cleared or over.

        Args:
            where: only for requests whose "METHOD path" holds this text.
            times: only for so many requests.
            seconds: how long it lasts; a limit ends by itself after a minute.
            status: what the secondary limit answers with: 403 or 429.
            says_when: whether the secondary limit tells how long to wait.
        """
        if name not in KINDS:
            raise ControlError(f"unknown fault {name!r}; known: {', '.join(KINDS)}")
        lasts = _LIMIT_S if seconds is None and name in _LIMITS else seconds
        until = None if lasts is None else self._clock.now() + timedelta(seconds=lasts)
        self._active[name] = Fault(name, where, times, until, status, says_when)

    def clear(self) -> None:
        """End all."""
        self._active = {}

    def names(self) -> list[str]:
        """Give those that are on."""
        return [name for name in list(self._active) if self._is_on(name)]

    def meet(self, method: str, path: str) -> Fault | None:
        """Give the fault that this request meets, and count it."""
        for name in self.names():
            fault = self._active[name]
            elsewhere = fault.where not in f"{method} {path}"
            if fault.times == 0 or elsewhere or (name in _LIMITS and not path.startswith(API)):
                continue
            if fault.times is not None:
                fault.times -= 1
            return fault
        return None

    def holds(self, fault: Fault) -> bool:
        """Say whether a request that hangs in this fault has still to wait."""
        return self._is_on(fault.name) and self._active[fault.name] is fault

    def _is_on(self, name: str) -> bool:
        fault = self._active.get(name)
        if fault is None or (fault.times == 0 and name != "hang"):
            return False
        return fault.until is None or self._clock.now() < fault.until
