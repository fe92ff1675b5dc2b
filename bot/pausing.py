"""Pauses: of everything, of a shop, of a product with all its codes, of a code; and maintenance.

A pause stops what is written at once, never what is taken in. A known maintenance window of
``team.yaml`` is a pause by the team: nobody begins it, and nobody can end it here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine

from adapters.contract import Clock
from bot.answers import Changed, FileProblem, PauseView, Reach, Refused
from bot.countfile import CountRow
from bot.following import MappingInForce
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import Shop, ShopStatus, Team, WindowKind
from bot.messages import JST
from bot.store import switches
from bot.store.database import reading
from bot.store.rehearsal import changing
from bot.store.switches import Pause

TEAM = "team.yaml"
"""Who paused, where a maintenance window did."""


class Families:
    """The codes of products that have axes, found anew when the mapping changes."""

    def __init__(self) -> None:
        self._known: tuple[CodeMapping | None, dict[str, tuple[str, ...]]] = (None, {})

    def codes(self, mapping: CodeMapping, product: str) -> tuple[str, ...]:
        """Give the codes of a product with axes; none for any other word."""
        if self._known[0] is not mapping:
            self._known = (mapping, {})
        found = self._known[1]
        if product not in found:
            parents = (item for item in mapping.products if item.code == product and item.axes)
            found[product] = tuple(variant.code for parent in parents for variant in parent.variants())
        return found[product]


def windows_now(team: Team, now: datetime) -> list[Pause]:
    """Give the maintenance windows that are open, as pauses by the team."""
    return [
        Pause(0, target, window.reason, TEAM, window.starts_at, window.ends_at)
        for window in team.windows
        if window.kind is WindowKind.MAINTENANCE and window.starts_at <= now < window.ends_at
        for target in window.shops or (switches.ALL,)
    ]


class Pausing:
    """Begins and ends pauses, many at once in one transaction."""

    def __init__(
        self,
        engine: Engine,
        in_force: Callable[[], MappingInForce],
        clock: Clock,
        wake: Callable[[Iterable[str] | None], None],
        is_written: Callable[[Shop], bool] = lambda _shop: True,
    ) -> None:
        """Make it.

        Args:
            is_written: whether numbers ever go out to a shop.
        """
        self._is_written = is_written
        self._engine = engine
        self._in_force = in_force
        self._clock = clock
        self._wake = wake
        self._families = Families()

    def is_product(self, text: str) -> bool:
        """Tell whether ``text`` is a product whose codes are paused together."""
        return bool(self._families.codes(self._in_force().mapping, text))

    def reach(self, targets: Iterable[str]) -> Reach:
        """Give how far a pause of these targets goes: so many codes, on so many shops.

        Shops named as such are no codes; nobody has to count them.
        """
        mapping = self._in_force().mapping
        codes = {code for target in targets for code in self._codes(mapping, target)}
        active = [shop.name for shop in mapping.shops.values() if shop.status is not ShopStatus.ARCHIVED]
        linked = [name for name in active if any(mapping.listing(name, code) for code in codes)]
        return Reach(len(codes), len(linked))

    def stops(self, target: str) -> tuple[int, int]:
        """Give how many listings, on how many shops, are not written while a target is paused."""
        mapping, codes = self._in_force().mapping, self._codes(self._in_force().mapping, target)
        counts = [
            len(mapping.listings(shop.name))
            if target in (shop.name, switches.ALL)
            else sum(mapping.listing(shop.name, code) is not None for code in codes)
            for shop in mapping.shops.values()
            if shop.status is not ShopStatus.ARCHIVED and self._is_written(shop)
        ]
        return sum(counts), sum(count > 0 for count in counts)

    def unknown(self, rows: Iterable[CountRow]) -> list[FileProblem]:
        """Give every line of a list whose word is neither a code nor a product."""
        mapping = self._in_force().mapping
        return [
            FileProblem(row.line, "file.unknown_code", {"code": row.code})
            for row in rows
            if not self._codes(mapping, row.code)
        ]

    def _codes(self, mapping: CodeMapping, target: str) -> Collection[str]:
        if mapping.product_of(target) is not None:
            return (target,)
        return self._families.codes(mapping, target)

    def pauses(self) -> list[PauseView]:
        """Give every pause in force, the oldest first, maintenance included."""
        now = self._clock.now()
        with reading(self._engine) as connection:
            found = list(switches.pauses_in_force(connection, now))
        found += windows_now(self._in_force().team, now)
        return [PauseView(p.target, p.reason, p.who, p.since, p.until) for p in found]

    def pause(
        self,
        targets: Sequence[str],
        until: datetime | None,
        reason: str,
        who: str,
        *,
        dry_run: bool = False,
    ) -> Changed:
        """Stop writing to shops, of codes, or everything; a second pause stands in the first one's place.

        Raises:
            Refused: the end lies in the past.
        """
        now, wanted = self._clock.now(), tuple(dict.fromkeys(targets))
        if until is not None and until <= now:
            raise Refused("pause_past", target=wanted[0])
        with changing(self._engine, dry_run=dry_run) as connection:
            before = _mine(connection, wanted, now)
            switches.end_pauses(connection, wanted, who, now)
            switches.begin_pauses(connection, wanted, reason, who, now, until)
        return Changed(wanted, bool(before), before[0].who if before else who, now, until, reason)

    def resume(self, targets: Sequence[str], who: str, *, dry_run: bool = False) -> Changed:
        """End the pauses of targets, of a product those of its codes too; what waits goes out.

        Raises:
            Refused: what holds a target is a pause of its product, or maintenance.
        """
        mapping, now = self._in_force().mapping, self._clock.now()
        asked = tuple(dict.fromkeys(targets))
        wanted = tuple(
            dict.fromkeys(name for word in asked for name in (word, *self._families.codes(mapping, word)))
        )
        with changing(self._engine, dry_run=dry_run) as connection:
            paused = _mine(connection, wanted, now)
            if not paused:
                self._refuse_held(connection, asked, now)
            by, at = (who, now) if paused else switches.last_ended(connection, asked[0]) or ("", now)
            switches.end_pauses(connection, wanted, who, now)
        if not dry_run:
            self._wake(None)
        return Changed(asked, not paused, by, at)

    def _refuse_held(self, connection: Connection, asked: Sequence[str], now: datetime) -> None:
        """Say what else holds a single target that has no pause of its own."""
        if len(asked) > 1:
            return
        in_force = self._in_force()
        if asked[0] != switches.ALL and _mine(connection, (switches.ALL,), now):
            raise Refused("resume_all")
        product = in_force.mapping.product_of(asked[0])
        if product and product.code != asked[0] and _mine(connection, (product.code,), now):
            raise Refused("resume_product", code=asked[0], product=product.code)
        for window in windows_now(in_force.team, now):
            if window.target in (asked[0], switches.ALL) and window.until:
                end = f"{window.until.astimezone(JST):%Y-%m-%d %H:%M} JST"
                raise Refused("resume_maintenance", reason=window.reason or "-", until=end)


def _mine(connection: Connection, targets: Collection[str], now: datetime) -> list[Pause]:
    wanted = set(targets)
    return [pause for pause in switches.pauses_in_force(connection, now) if pause.target in wanted]
