"""What a run needs of one shop, and what it reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.contract import Abilities, Adapter, LineResult, Outcome
from adapters.errors import LineRejectedError, MallError
from bot.mapping.model import Shop
from bot.sync.outage import Account


@dataclass(frozen=True)
class Desk:
    """All that a run needs of one shop: its mapping entry, its adapter and its timing."""

    shop: Shop
    adapter: Adapter
    again_interval: timedelta = timedelta(minutes=5)
    order_lag_s: float | None = None  # None: what the abilities say
    poll_s: float = 60

    @property
    def abilities(self) -> Abilities:
        """The shop's abilities, as its adapter states them."""
        return self.adapter.abilities

    @property
    def has_orders(self) -> bool:
        """Whether this shop's orders are read from the mall."""
        return self.shop.orders == "api" and self.abilities.orders.able

    @property
    def lag(self) -> timedelta:
        """How late the mall's orders may appear."""
        own = self.order_lag_s
        return timedelta(seconds=self.abilities.order_lag_s if own is None else own)


@dataclass
class Report:
    """What a run did, for people and for the alerts."""

    shop: str
    orders: int = 0
    moved: int = 0  # ledger entries made
    unmapped: list[str] = field(default_factory=list)  # mall codes that the mapping does not know
    written: int = 0
    refused: dict[str, str] = field(default_factory=dict)  # code -> reason
    unknown: list[str] = field(default_factory=list)  # codes whose outcome is not known
    unlisted: list[str] = field(default_factory=list)  # mapped codes that the mall does not list
    touched: set[str] = field(default_factory=set)  # shops with something to write now
    overdue: list[str] = field(default_factory=list)  # files sent and not taken in time
    outages: list[Account] = field(default_factory=list)  # that ended with this reading
    again_at: datetime | None = None  # when something that waits may go out

    def call_again(self, at: datetime) -> None:
        """Ask to be called again at a moment, if nobody asked for an earlier one."""
        self.again_at = at if self.again_at is None else min(at, self.again_at)

    def count(self, code: str, result: LineResult) -> None:
        """Count the outcome of one line."""
        if result.outcome is Outcome.REFUSED:
            self.refused[code] = reason_of(result)
        elif result.outcome is Outcome.UNKNOWN:
            self.unknown.append(code)
        else:
            self.written += 1


@dataclass(frozen=True)
class Orders:
    """What a turn may do.

    Args:
        write: whether numbers may go out.
        held_back: gives the codes that keep waiting. Like ``go_on`` asked before each batch, so
            that a pause ends a long write at once.
        go_on: gives whether numbers may still go out.
        between: done between two batches of a long write, so that it keeps no orders out.
    """

    write: bool = True
    held_back: Callable[[], frozenset[str]] = frozenset
    go_on: Callable[[], bool] = lambda: True
    between: Callable[[], None] = lambda: None


def reason_of(result: LineResult) -> str:
    """Give why a line was refused, in the mall's words."""
    error: MallError | None = result.error
    return error.reason if isinstance(error, LineRejectedError) else str(error or "")
