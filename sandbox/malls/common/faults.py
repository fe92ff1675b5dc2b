"""What a test or a person lets go wrong at a mall, on demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass
class ActiveFault:
    """A fault that is on; ``left`` None lasts until cleared, an empty ``function`` means any."""

    name: str
    function: str = ""
    left: int | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """Give what a person reads."""
        return {"name": self.name, "function": self.function or "any", "left": self.left, **self.options}


class Faults:
    """The faults that are on now. A mall names its kinds, and overrides ``check`` and ``befalls``."""

    kinds: ClassVar[Mapping[str, tuple[str, ...]]]
    """Fault name -> its own arguments; every fault also takes ``function`` and ``count``."""

    functions: ClassVar[tuple[str, ...]]
    """The functions of the mall that a fault may name."""

    def __init__(self) -> None:
        self._active: list[ActiveFault] = []

    def add(self, name: str, function: str, count: int | None, options: dict[str, Any]) -> None:
        """Switch a fault on.

        Raises:
            ValueError: the fault or one of its arguments is unknown.
        """
        if function and function not in self.functions:
            raise ValueError(f"no function {function!r}; known: {', '.join(self.functions)}")
        if name not in self.kinds:
            raise ValueError(f"no fault {name!r}; known: {', '.join(self.kinds)}")
        if stray := set(options) - set(self.kinds[name]):
            raise ValueError(f"fault {name} takes no {', '.join(sorted(stray))}")
        self.check(name, function, options)
        self._active.append(ActiveFault(name, function, count, options))

    def check(self, name: str, function: str, options: Mapping[str, Any]) -> None:
        """Raise ValueError where a fault is not one that this mall can have."""

    def befalls(self, fault: ActiveFault, function: str) -> bool:
        """Say whether a fault meets a call of this function."""
        return fault.function in ("", function)

    def clear(self) -> None:
        """Switch every fault off."""
        self._active.clear()

    def rows(self) -> list[dict[str, Any]]:
        """Give every fault that is on."""
        return [fault.row() for fault in self._active]

    def texts(self) -> list[str]:
        """Give every fault that is on, a line each."""
        return [" ".join(f"{name}={value}" for name, value in row.items()) for row in self.rows()]

    def on(self, name: str) -> bool:
        """Say whether a fault is on; it is not used up."""
        return any(fault.name == name for fault in self._active)

    def take(self, names: tuple[str, ...], function: str) -> ActiveFault | None:
        """Give the oldest fault of these names that meets the function, and use it up by one."""
        return self.take_first(lambda fault: fault.name in names and self.befalls(fault, function))

    def take_refusals(self, meets: Callable[[str], bool]) -> list[ActiveFault]:
        """Give the ``refuse`` faults whose listing is met, and use each up by one."""
        found = [f for f in self._active if f.name == "refuse" and meets(f.options["code"])]
        for fault in found:
            self._use(fault)
        return found

    def take_first(self, meets: Callable[[ActiveFault], bool]) -> ActiveFault | None:
        """Give the oldest fault that is met, and use it up by one."""
        fault = next((fault for fault in self._active if meets(fault)), None)
        if fault is not None:
            self._use(fault)
        return fault

    def _use(self, fault: ActiveFault) -> None:
        if fault.left is None:
            return
        fault.left -= 1
        if fault.left <= 0:
            self._active.remove(fault)


def refuse_unknown(options: Mapping[str, Any], known: Mapping[str, tuple[str, ...]]) -> None:
    """Check that options with a list of values have one of it; the first stands where none is given.

    Raises:
        ValueError: one has another value.
    """
    for option, values in known.items():
        if options.get(option, values[0]) not in values:
            raise ValueError(f"{option} is one of {', '.join(values)}")


def require(name: str, options: Mapping[str, Any], needed: Mapping[str, str]) -> None:
    """Check that a fault has the one argument that it cannot do without.

    Raises:
        ValueError: it was not given.
    """
    if name in needed and needed[name] not in options:
        raise ValueError(f"fault {name} needs {needed[name]}")
