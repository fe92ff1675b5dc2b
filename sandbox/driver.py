"""Speaks to a running sandbox over its control port: for the tour, the tests and scripts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from sandbox.slack.driver import SlackDriver


class SandboxError(Exception):
    """The sandbox refused what it was asked."""


class Driver:
    """A hand in the sandbox, from any process.

    ``part("rakuten").call("order", lines=[...])`` is the general form; ``mall`` and ``slack``
    give the parts by the words a person would use.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()

    def call(self, part: str, verb: str, **arguments: Any) -> Any:
        """Ask ``part`` for ``verb`` and give its JSON result."""
        reply = self._session.post(f"{self._url}/control/{part}/{verb}", json=arguments, timeout=60)
        answer = reply.json()
        if not answer["ok"]:
            raise SandboxError(f"{part}/{verb}: {answer['error']}")
        return answer["result"]

    def mall(self, name: str) -> MallDriver:
        """Give a mall by its part name (``rakuten``, ``roomclip``)."""
        return MallDriver(self, name)

    @property
    def slack(self) -> SlackDriver:
        """Give the Slack workspace and its people."""
        from sandbox.slack.driver import SlackDriver

        return SlackDriver(self)

    def batch(self, calls: Sequence[tuple[str, str, dict[str, Any]]]) -> list[Any]:
        """Ask for many things, (part, verb, arguments) each, in one call."""
        rows = [{"part": part, "verb": verb, "arguments": arguments} for part, verb, arguments in calls]
        return list(self.call("world", "batch", calls=rows))

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock forward."""
        self.call("world", "advance", seconds=seconds)


class MallDriver:
    """What shoppers and a merchant's hands can do on any mall of the sandbox."""

    def __init__(self, driver: Driver, name: str) -> None:
        self._driver = driver
        self.name = name

    def call(self, verb: str, **arguments: Any) -> Any:
        """Ask this mall for ``verb``."""
        return self._driver.call(self.name, verb, **arguments)

    def order(self, code: str, quantity: int = 1) -> str:
        """Buy; gives the order id. The mall takes its own stock off as its contract says."""
        answer = self.call("order", lines=[{"code": code, "quantity": quantity}])
        return str(answer["order_id"])

    def cancel(self, order_id: str) -> None:
        """Cancel an order at the mall."""
        self.call("cancel", order_id=order_id)

    def stock(self, code: str) -> int:
        """The number that buyers of this mall see now."""
        return int(self.call("stock")[code])

    def fault(self, name: str, **arguments: Any) -> None:
        """Switch a fault on; see the mall's part for its list."""
        self.call("fault", name=name, **arguments)

    def clear_faults(self) -> None:
        """Switch every fault off and let held answers go."""
        self.call("clear_faults")

    def shows(self, code: str, quantity: int, within_s: float = 30) -> float:
        """Wait until buyers see ``quantity``; gives the seconds it took.

        Raises:
            AssertionError: it did not happen in time; says what is shown instead.
        """
        started = time.monotonic()
        while (seen := self.stock(code)) != quantity:
            if time.monotonic() - started > within_s:
                raise AssertionError(f"{self.name} shows {seen} of {code}, not {quantity}")
            time.sleep(0.1)
        return time.monotonic() - started
