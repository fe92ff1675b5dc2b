"""The verbs that the malls' parts have in common: accidents, witnesses and the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Protocol

from sandbox.malls.common.faults import Faults
from sandbox.malls.common.gateway import Counter
from sandbox.malls.common.settings import Switches
from sandbox.web import WebHost
from sandbox.world import World, call_verb


class Witness(Protocol):
    """What remembers everything that reached a mall."""

    violations: list[dict[str, str]]

    def rows(self) -> list[dict[str, object]]:
        """Give the journal."""

    def seen(self, text: str) -> bool:
        """Say whether this exact string was ever received."""


class MallPart:
    """A mall of the sandbox. Whoever inherits sets what is declared here and adds the mall's own verbs."""

    title: ClassVar[str]
    violation_name: ClassVar[str] = "仕様違反のリクエスト"

    _world: World
    _settings: Switches
    _faults: Faults
    _log: Witness

    @property
    def _now(self) -> datetime:
        return self._world.clock.now()

    def control(self, verb: str, arguments: dict[str, Any]) -> Any:
        """Do what a shopper, the shop's staff or a test asks."""
        with self._world.lock:
            self._catch_up()
            result = call_verb(self, verb, arguments)
            self._world.notify()
        return result

    def _catch_up(self) -> None:
        """Let happen what was due before now."""

    def do_fault(self, name: str, function: str = "", count: int | None = None, **options: Any) -> None:
        """Switch a fault on, until cleared or for ``count`` times; see the mall's ``Faults``."""
        self._faults.add(name, function, count, options)

    def do_clear_faults(self) -> None:
        """Switch every fault off and let held answers go."""
        self._faults.clear()

    def do_setting(self, **changes: Any) -> None:
        """Change switches of ``Settings`` while the mall runs."""
        for name, value in changes.items():
            self._settings.change(name, value)

    def do_journal(self) -> list[dict[str, object]]:
        """Give everything that was received, without bodies and queries."""
        return self._log.rows()

    def do_violations(self) -> list[dict[str, str]]:
        """Give everything that no right client does or writes."""
        return list(self._log.violations)

    def do_seen(self, text: str) -> bool:
        """Say whether this exact string was ever received."""
        return self._log.seen(text)

    def do_orders(self) -> list[dict[str, Any]]:
        """Give all orders, oldest first."""
        raise NotImplementedError

    def do_view(self) -> dict[str, Any]:
        """Give what the sandbox's page shows."""
        return {
            "title": self.title,
            "stock": self._stock_rows(),
            "orders": self.do_orders(),
            "faults": self._faults.texts(),
            "hands": self._hands(),
            "notes": self._notes(),
        }

    def _stock_rows(self) -> list[dict[str, Any]]:
        """Give what buyers see, for the page."""
        raise NotImplementedError

    def _hands(self) -> list[dict[str, Any]]:
        """Give what the page offers a person to try at this mall."""
        raise NotImplementedError

    def _notes(self) -> list[str]:
        broken = len(self._log.violations)
        return [f"{self.violation_name}: {broken}件"] if broken else []


class ApiPart(MallPart):
    """A mall with an API, whose answers can be held back."""

    _web: WebHost
    _counter: Counter[Any]

    def stop(self) -> None:
        """Let held answers go; the ports close with their host."""
        self.do_release()

    def do_clear_faults(self) -> None:
        """Switch every fault off and let held answers go."""
        super().do_clear_faults()
        self.do_release()

    def do_held(self) -> list[str]:
        """Give the functions whose answers are held back."""
        return self._counter.held()

    def do_release(self) -> int:
        """Let held answers go; gives their number."""
        return self._counter.release(self._web.loop)

    def _notes(self) -> list[str]:
        return [*(f"返事を保留中: {function}" for function in self.do_held()), *super()._notes()]
