"""What people ask and nothing is changed by: why, the list of codes, courses, the audit, the mapping."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from adapters.contract import Clock
from bot.answers import AuditLine, CodeRow, Day, Mapped, PauseView, Refused
from bot.course import begins, course, days_of
from bot.desks import Desks
from bot.following import MappingInForce
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import Shop, ShopStatus
from bot.pausing import windows_now
from bot.shopstate import ShopStates, Standing
from bot.stocklist import StockList
from bot.store import audits, drifts, holds, ledger, outages, products, switches, writes
from bot.store import course as courses
from bot.store.database import reading
from bot.sync.engine import Engine as SyncEngine
from bot.sync.targets import available
from bot.sync.values import Balance, Shown
from bot.why import Facts, Reason, explain

AUDIT_MOST = 50_000

Locate = Callable[[str, str], tuple[str, int] | None]
"""(commit, product) -> the file and line of its entry in the mapping repository."""


class Inquiries:
    """Answers questions from the books; calls no mall.

    Args:
        near: codes that may have been meant by a text, at most so many.
        locate: finds an entry in the mapping's files.
    """

    def __init__(
        self,
        engine: Engine,
        in_force: Callable[[], MappingInForce],
        desks: Desks,
        states: ShopStates,
        sync: SyncEngine,
        clock: Clock,
        near: Callable[[str, int], list[str]],
    ) -> None:
        self._engine = engine
        self._in_force = in_force
        self._desks = desks
        self._states = states
        self._sync = sync
        self._clock = clock
        self._near = near
        self.locate: Locate = lambda _commit, _product: None
        self._list = StockList(engine, in_force, desks, states, clock)

    @property
    def _mapping(self) -> CodeMapping:
        return self._in_force().mapping

    def _refuse_unknown(self, code: str) -> None:
        if self._mapping.product_of(code) is None:
            raise Refused("unknown_code", code=code, near=", ".join(self._near(code, 3)) or "-")

    # ------------------------------------------------------------------ why

    def why(self, code: str, shop: str) -> Reason:
        """Say why a shop does not show what it should of a code: the first thing that is wrong.

        Raises:
            Refused: no such code.
        """
        self._refuse_unknown(code)
        return explain(self._facts(self._mapping.shop(shop), code))

    def _facts(self, shop: Shop, code: str) -> Facts:
        mapping, now = self._mapping, self._clock.now()
        standing = self._states.standing(shop, now)
        product = mapping.product_of(code)
        facts: dict[str, Any] = {
            "code": code,
            "shop": shop.name,
            "product": product.code if product else code,
            "archived": shop.status is ShopStatus.ARCHIVED,
            "missing": standing.missing,
            "on_trial": standing.on_trial,
            "blocked": standing.record.blocked,
            "failing": standing.record.failing_cause,
            "detail": standing.record.detail,
            "code_field": self._desks.abilities(shop).code_field,
            **self._of_listing(shop, code),
            **self._of_numbers(shop, code),
        }
        with reading(self._engine) as connection:
            facts |= self._of_switches(connection, shop, code, now)
        if standing.may_call and facts["linked"] and not facts["unwritable"]:
            facts |= self._of_plan(shop, code, standing)
        return Facts(**facts)

    def _of_switches(self, connection: Connection, shop: Shop, code: str, now: datetime) -> dict[str, Any]:
        everything, own = switches.switch(connection, switches.ALL), switches.switch(connection, shop.name)
        product = self._mapping.product_of(code)
        targets = {switches.ALL, shop.name, code, switches.listing_target(shop.name, code)}
        targets |= {product.code} if product else set()
        paused = [*switches.pauses_in_force(connection, now), *windows_now(self._in_force().team, now)]
        return {
            "all_on": everything is not None and everything.on,
            "shop_on": own is None or own.on,
            "pauses": tuple(
                PauseView(pause.target, pause.reason, pause.who, pause.since, pause.until)
                for pause in paused
                if pause.target in targets
            ),
        }

    def _of_listing(self, shop: Shop, code: str) -> dict[str, Any]:
        mapping, abilities = self._mapping, self._desks.abilities(shop)
        mall_code = mapping.listing(shop.name, code)
        writable = abilities.writable
        with reading(self._engine) as connection:
            balances = ledger.balances_of(connection, mapping.components(code))
            read_at = products.read_at(connection, shop.name)
            wanted = [] if mall_code is None else [mall_code]
            places = len(products.addresses(connection, shop.name, wanted).get(mall_code or "", ()))
            on_sale = products.on_sale(connection, shop.name, mall_code or "")
        needed = not abilities.address_is_code or read_at is not None
        return {
            "linked": mall_code is not None,
            "unwritable": "" if writable is None or writable.able else writable.why,
            "counted": available(mapping.components(code), balances) is not None,
            "list_read": read_at is not None,
            "places": places if needed and mall_code is not None else None,
            "on_sale": on_sale,
        }

    def _of_numbers(self, shop: Shop, code: str) -> dict[str, Any]:
        name, singles = shop.name, self._mapping.components(code)
        with reading(self._engine) as connection:
            shown = writes.shown_of(connection, name, [code]).get(code, Shown())
            waits = bool(writes.waiting_seqs(connection, name, [code]))
            refused = dict(writes.refused_lines(connection, name)) if shown.outcome == "refused" else {}
            open_ = holds.open_holds(connection, name)
            question = drifts.asked(connection, name).get(code)
            risks = outages.all_risks(connection)
        hold = next((h for h in open_ if h.state == "asked" and any(x.code == code for x in h.lines)), None)
        return {
            "hold": hold.short if hold else "",
            "drift": (question.found, question.expected) if question else None,
            "written": shown.written,
            "sent_at": shown.sent_at,
            "outcome": shown.outcome,
            "error": refused.get(code, ""),
            "shown": shown.predicted,
            "waiting": waits,
            "blind": next((at for at, single in sorted(risks) if single in singles and at != name), ""),
        }

    def _of_plan(self, shop: Shop, code: str, standing: Standing) -> dict[str, Any]:
        """Give what a turn would do with the code: what it waits for, and its number."""
        desk = self._desks.desk(shop)
        outlook = self._sync.outlook(desk, standing.paused_codes, also=[code])
        level = self._sync.levels([code]).of(shop.name, code) if standing.may_write else None
        later = {line.code for line in outlook.plan.later}
        others = outlook.plan.after_others - outlook.questioned
        waits = "" if code not in later else "others" if code in others else "orders"
        return {
            "waits": waits,
            "target": level.number if level else None,
            "few": bool(level and (level.divided or level.fading)),
            "rest_until": self._rest_until(shop, standing),
        }

    def _rest_until(self, shop: Shop, standing: Standing) -> datetime | None:
        rest, written_at = self._desks.min_write_interval_s(shop), standing.record.written_at
        if not rest or written_at is None:
            return None
        until = written_at + timedelta(seconds=rest)
        return until if until > self._clock.now() else None

    # ------------------------------------------------------------------ codes

    def is_listed(self, mall_code: str) -> bool:
        """Tell whether some shop's product list has a listing of this mall code."""
        with reading(self._engine) as connection:
            return any(products.addresses(connection, shop, [mall_code]) for shop in self._mapping.shops)

    def codes(self, part: str = "") -> list[CodeRow]:
        """Give the codes whose own text or name has ``part`` in it, with the worst state of each."""
        return self._list.rows(part)

    def course(self, code: str, days: int = 28) -> list[Day]:
        """Give what was sold of a code, and what there was of it, for so many days.

        Raises:
            Refused: no such code.
        """
        self._refuse_unknown(code)
        dates, parts = days_of(self._clock.now(), days), self._mapping.components(code)
        since = begins(dates[0])
        with reading(self._engine) as connection:
            balances = ledger.balances_of(connection, parts)
            moved = courses.moves(connection, parts, since)
            known_from = courses.first_at(connection, parts)
            sold = courses.sales(connection, code, since)
        left = {single: balances.get(single, Balance()).available for single in parts}
        return course(dates, parts, left, moved, sold, known_from)

    # ------------------------------------------------------------------ audit and mapping

    def audit(self, days: int) -> Sequence[AuditLine]:
        """Give what people asked for in the last days, the oldest first."""
        with reading(self._engine) as connection:
            return audits.since(connection, self._clock.now() - timedelta(days=days), AUDIT_MOST)

    def mapped(self, code: str) -> Mapped:
        """Say where a code, or a product with axes, stands in the mapping, and what each shop calls it.

        Raises:
            Refused: no such code.
        """
        in_force = self._in_force()
        mapping = in_force.mapping
        entry = mapping.product_of(code) or mapping.entry(code)
        if entry is None:
            raise Refused("unknown_code", code=code, near=", ".join(self._near(code, 3)) or "-")
        active = [shop for shop in mapping.shops.values() if shop.status is not ShopStatus.ARCHIVED]
        listings = {shop.name: mapping.listing(shop.name, code) for shop in active}
        file, line = self.locate(in_force.commit, entry.code) or ("", 0)
        return Mapped(code, entry.code, file, line, in_force.commit, entry.parts, listings)
