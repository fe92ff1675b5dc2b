"""Long work that a person asks for, done by the worker of the shop: one thread alone speaks to a mall.

An errand is asked for, waits for the shop's next turn, tells how far it is, and tells once how it ended.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from adapters.errors import MallError, TanabanError, UnsupportedError
from bot.answers import ProductChange, Refused
from bot.desks import Desks
from bot.following import MappingInForce
from bot.mapping.model import OrderSource, Shop, ShopStatus
from bot.sync.desk import Desk, Report

log = logging.getLogger(__name__)


class Telling(Protocol):
    """Whoever asked, as an errand sees them."""

    def progress(self, done: int, total: int | None) -> None:
        """Hear how far it is; often."""

    def ended(self, key: str, **params: str) -> None:
        """Hear how it ended, once: a key of ``bot.messages`` and its parameters."""


ImportProducts = Callable[[Desk, Callable[[int, int | None], None], bool, bool], ProductChange]
"""(desk, progress, accept, dry_run) -> what is other than at the last reading."""


@dataclass(frozen=True)
class Errand:
    """One piece of long work. ``work`` tells whether it is over; if not it is called at the next turn."""

    telling: Telling
    work: Callable[[Desk], bool]


class Errands:
    """The errands that wait, by shop.

    Args:
        orders_in: takes the orders of a shop in now.
        left: gives how many codes of a shop a sync has still to look at.
    """

    def __init__(
        self,
        in_force: Callable[[], MappingInForce],
        desks: Desks,
        may_call: Callable[[Shop], bool],
        wake: Callable[[Iterable[str] | None], None],
        import_products: ImportProducts,
        orders_in: Callable[[Desk, Report], None],
        left: Callable[[str], int],
    ) -> None:
        self._in_force = in_force
        self._desks = desks
        self._may_call = may_call
        self._wake = wake
        self._import_products = import_products
        self._orders_in = orders_in
        self._left = left
        self._waiting: dict[str, deque[Errand]] = {}
        self._lock = threading.Lock()

    # ------------------------------------------------------------------ asking

    def refuse_import(self, shop: str) -> None:
        """Refuse to read the products of a shop where that cannot be done.

        Raises:
            Refused: the shop cannot be called, or its mall has no such reading.
        """
        found = self._callable(shop)
        able = self._desks.abilities(found).products
        if not able.able:
            raise Refused("import_by_file", shop=shop, why=able.why)

    def refuse_orders(self, shop: str) -> None:
        """Refuse to take the orders of a shop in where they are not read from its mall.

        Raises:
            Refused: the shop cannot be called, or its orders come another way.
        """
        found = self._in_force().mapping.shop(shop)
        if found.orders is OrderSource.VIA:
            raise Refused("orders_via", shop=shop, via=found.via)
        if found.orders is not OrderSource.API or not self._desks.abilities(found).orders.able:
            raise Refused("orders_by_file", shop=shop)
        self._callable(shop)

    def _callable(self, shop: str) -> Shop:
        found = self._in_force().mapping.shop(shop)
        if found.status is ShopStatus.ARCHIVED:
            raise Refused("shop_archived", shop=shop)
        if not self._may_call(found):
            raise Refused("shop_blocked", shop=shop)
        return found

    def read_products(self, shop: str, telling: Telling, *, accept: bool, dry_run: bool) -> None:
        """Let a shop's product list be read into the snapshot."""

        def work(desk: Desk) -> bool:
            found = self._import_products(desk, telling.progress, accept, dry_run)
            numbers = {"added": found.added, "removed": found.removed, "changed": found.changed}
            params = {name: f"{len(rows):,}" for name, rows in numbers.items()}
            key = "errand.import_dry" if dry_run else "errand.import_done"
            telling.ended(key, shop=shop, count=f"{found.count:,}", **params)
            return True

        self._ask(shop, Errand(telling, work))

    def take_orders(self, shop: str, telling: Telling) -> None:
        """Let a shop's orders be taken in now."""

        def work(desk: Desk) -> bool:
            report = Report(shop)
            self._orders_in(desk, report)
            unmapped = sorted(set(report.unmapped))
            key = "errand.orders_unmapped" if unmapped else "errand.orders_done"
            numbers = {"orders": f"{report.orders:,}", "moved": f"{report.moved:,}"}
            telling.ended(key, shop=shop, codes=", ".join(unmapped[:20]), **numbers)
            return True

        self._ask(shop, Errand(telling, work))

    def follow_sync(self, shop: str, telling: Telling) -> None:
        """Tell how far a sync of a shop has come, until nothing of it is left."""
        total = self._left(shop)

        def work(_desk: Desk) -> bool:
            left = self._left(shop)
            if not left:
                telling.ended("errand.sync_done", shop=shop, count=f"{total:,}")
                return True
            telling.progress(max(0, total - left), total)
            return False

        self._ask(shop, Errand(telling, work))

    def _ask(self, shop: str, errand: Errand) -> None:
        with self._lock:
            self._waiting.setdefault(shop, deque()).append(errand)
        self._wake([shop])

    # ------------------------------------------------------------------ doing

    def work(self, desk: Desk) -> None:
        """Do what waits for a shop. Only its own worker calls this.

        Raises:
            MallError: the mall failed; whoever asked was told, and the rest waits.
        """
        name = desk.shop.name
        for _ in range(len(self._waiting.get(name, ()))):
            with self._lock:
                errand = self._waiting[name].popleft()
            if not self._done(desk, errand):
                with self._lock:
                    self._waiting[name].append(errand)

    def _done(self, desk: Desk, errand: Errand) -> bool:
        try:
            return errand.work(desk)
        except Refused as refused:
            errand.telling.ended(refused.key, **refused.params)
        except TanabanError as error:
            errand.telling.ended("errand.failed", shop=desk.shop.name, detail=str(error))
            if isinstance(error, MallError) and not isinstance(error, UnsupportedError):
                raise  # the turn knows what that means for the shop
        except Exception:
            errand.telling.ended("errand.failed", shop=desk.shop.name, detail="-")
            raise
        return True

    def close(self) -> None:
        """Tell everybody who still waits that the bot stops."""
        with self._lock:
            left = [(shop, errand) for shop, errands in self._waiting.items() for errand in errands]
            self._waiting.clear()
        for shop, errand in left:
            errand.telling.ended("errand.stopped", shop=shop)
