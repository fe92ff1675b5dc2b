"""What people can ask of the bot, from Slack or from the shell: one method an action.

Every answer is a value of ``bot.answers``; a "no" is ``Refused``. Permissions are checked by
the face that knows who asks; what was done is written into the audit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from threading import Event
from typing import Any

from sqlalchemy import Connection, Engine

from adapters.contract import (
    Clock,
    Finding,
    ListingFile,
    Order,
    Outcome,
    Product,
    ProductFile,
    Progress,
    StockLine,
)
from adapters.errors import UnsupportedError
from adapters.secret import Secret
from bot.answers import (
    Changed,
    CredentialRow,
    CredentialView,
    Forecast,
    Lookup,
    PauseView,
    ProductChange,
    Refused,
    RenewalAnswer,
    RenewalForm,
    Role,
    ShopState,
    ShopStatus,
    StaleAuction,
    Status,
)
from bot.checking import Checking, KnownErrors, no_errors
from bot.credentials.renewal import Renewals
from bot.desks import Desks
from bot.drifting import Drifting
from bot.dryrun import DryRun
from bot.errands import Errands
from bot.filing import Filing
from bot.following import MappingInForce
from bot.guarding import ALONE_AFTER, Guarding
from bot.inquiries import Inquiries
from bot.looking import Looking
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import Shop
from bot.mapping.model import ShopStatus as ShopStatusInMapping
from bot.messages import called, katakana
from bot.pausing import Pausing
from bot.proposing import Proposing
from bot.readiness import Readiness
from bot.setting_up import SettingUp, StagesOf, no_stages
from bot.shopstate import ShopStates, Standing
from bot.stockroom import Stockroom
from bot.store import credentials, ledger, orders, outages, products, switches, writes
from bot.store.books import SqlTransaction
from bot.store.database import reading
from bot.store.incidents import Incidents
from bot.store.notes import write_audit
from bot.store.rehearsal import RehearsedBooks, changing
from bot.sync.desk import Desk, Report
from bot.sync.engine import Engine as SyncEngine
from bot.sync.intake import Intake
from bot.sync.ledger import still_held
from bot.sync.marks import mark_code
from bot.sync.outage import Account
from bot.sync.targets import available
from bot.sync.values import Cause, Change, Entry, LineKey, Why

Wake = Callable[[Iterable[str] | None], None]
"""Wakes the workers of some shops, or (None) of all."""

_AUCTION = "auction "  # how the note of a product that is at auction begins; its id follows


class Actions:
    """The bot's actions over its state."""

    def __init__(
        self,
        engine: Engine,
        in_force: Callable[[], MappingInForce],
        desks: Desks,
        states: ShopStates,
        renewals: Renewals,
        sync: SyncEngine,
        clock: Clock,
        wake: Wake,
        alone_after: timedelta = ALONE_AFTER,
        *,
        known_errors: KnownErrors = no_errors,
        setup_stages: StagesOf = no_stages,
        renew_in_slack: bool = True,
        own_credentials: Callable[[], Sequence[CredentialRow]] = tuple,
    ) -> None:
        self._engine = engine
        self._in_force = in_force
        self._desks = desks
        self._states = states
        self._renewals = renewals
        self._sync = sync
        self._clock = clock
        self._wake = wake
        self._renew_in_slack = renew_in_slack
        self._own_credentials = own_credentials
        self.pausing = Pausing(engine, in_force, clock, wake, self._is_written)
        self.drifting = Drifting(engine, in_force, desks, clock, wake)
        self.stockroom = Stockroom(engine, in_force, clock, wake, self.nearest_codes)
        self.readiness = Readiness(engine, in_force, desks, states, clock)
        self.setting_up = SettingUp(engine, in_force, desks, clock, setup_stages)
        self.filing = Filing(self, desks, in_force)
        self.guarding = Guarding(engine, clock, wake, alone_after)
        self.dry_run = DryRun(sync, in_force, states, clock)
        self.checking = Checking(engine, in_force, desks, renewals, self.readiness, clock, known_errors)
        self._looking = Looking(engine, in_force, desks, states, sync, clock)
        self.inquiries = Inquiries(engine, in_force, desks, states, sync, clock, self.nearest_codes)
        self.errands = Errands(
            in_force,
            desks,
            lambda shop: states.standing(shop, clock.now()).may_call,
            wake,
            lambda desk, tell, accept, dry: self.import_products(desk, tell, accept=accept, dry_run=dry),
            sync.orders_in,
            self.drifting.resync_left,
        )
        self.proposing: Proposing | None = None

    def now(self) -> datetime:
        """Give the time, aware, UTC."""
        return self._clock.now()

    @property
    def _mapping(self) -> CodeMapping:
        return self._in_force().mapping

    # ------------------------------------------------------------------ people

    def role_of(self, user_id: str, groups: Iterable[str] = ()) -> Role:
        """Give the person's role by ``team.yaml``; ``groups`` are those they are a member of."""
        return self._in_force().team.role_of(user_id, groups)

    def groups(self) -> Mapping[str, Role]:
        """Give the user groups of ``team.yaml`` with their roles; none for people named there themselves."""
        return self._in_force().team.groups

    def language(self) -> str:
        """Give the language of the team."""
        return self._in_force().team.language

    def ops_channel(self) -> str:
        """Give the channel that hears alerts."""
        return self._in_force().team.ops_channel

    def audit(self, who: str, action: str, arguments: Mapping[str, Any], result: str) -> None:
        """Record what a person asked for."""
        with self._engine.begin() as connection:
            write_audit(connection, self.now(), who, action, dict(arguments), result)

    # ------------------------------------------------------------------ names

    def shops(self) -> list[str]:
        """Give the shops' names."""
        return list(self._mapping.shops)

    def resolve_target(self, text: str) -> str | None:
        """Give the shop, code, product with axes, ``SHOP/CODE`` or ``all`` that ``text`` names."""
        mapping = self._mapping
        if text in mapping.shops or mapping.product_of(text) is not None:
            return text
        if pair := switches.listing_of(text):  # one code on one shop alone
            shop = self.resolve_target(pair[0])
            if shop is None or shop not in mapping.shops or mapping.listing(shop, pair[1]) is None:
                return None
            return switches.listing_target(shop, pair[1])
        if text.lower() in (switches.ALL, "全部", "すべて", "全て"):
            return switches.ALL
        called = [name for name, shop in mapping.shops.items() if self._goes_by(shop, text)]
        if len(called) == 1:
            return called[0]
        return text if not called and self.pausing.is_product(text) else None

    def _is_written(self, shop: Shop) -> bool:
        writable = self._desks.abilities(shop).writable
        return writable is None or writable.able

    def _goes_by(self, shop: Shop, text: str) -> bool:
        abilities = self._desks.abilities(shop)
        names = (shop.name, shop.mall, abilities.name_en, abilities.name_ja, *called(shop.mall))
        if text.lower() in (spoken := {name.lower() for name in names}) or katakana(text) in spoken:
            return True
        # 楽天 for 楽天市場: enough of the name that no other mall begins like it
        return len(text) >= 2 and abilities.name_ja.startswith(text)

    def nearest_codes(self, text: str, limit: int = 5) -> list[str]:
        """Give codes that may have been meant."""
        codes = list(self._mapping.codes())
        inside = [code for code in codes if text.lower() in code.lower()] if text else []
        near = get_close_matches(text.lower(), codes, limit, 0.6)
        return list(dict.fromkeys([*near, *inside]))[:limit]

    # ------------------------------------------------------------------ reading

    def lookup(self, code: str) -> Lookup | None:
        """Give the stock of a code, here and on every shop."""
        return self._looking.lookup(code)

    def targets(self, listings: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Give what would be written now for each (shop, code); none where nothing would be."""
        return self._looking.targets(listings)

    def forecast(self, shop: str) -> Forecast:
        """Give what a sync of a shop would write; reaches no mall."""
        return self.dry_run.of(self._desks.desk(self._mapping.shop(shop)))

    def status(self) -> Status:
        """Give the state of everything."""
        in_force, now = self._in_force(), self.now()
        shops = in_force.mapping.shops.values()
        standings = self._states.standings(shops, now)
        with reading(self._engine) as connection:
            everything = switches.switch(connection, switches.ALL)
            found = [self._status_of(connection, shop, standings[shop.name]) for shop in shops]
        return Status(
            on=everything is not None and everything.on,
            mapping_commit=in_force.commit,
            mapping_problem=in_force.rejected,
            shops=tuple(found),
            paused_codes=len(self._states.paused_codes(now)),
        )

    def _status_of(self, connection: Connection, shop: Shop, standing: Standing) -> ShopStatus:
        abilities, asleep = self._desks.abilities(shop), standing.state is ShopState.ARCHIVED
        return ShopStatus(
            shop=shop.name,
            mall=shop.mall,
            mall_ja=abilities.name_ja,
            mall_en=abilities.name_en,
            state=standing.state,
            since=standing.since,
            on=standing.on,
            orders_read_at=standing.record.orders_read_at,
            written_at=standing.record.written_at,
            waiting=0 if asleep else writes.waiting_count(connection, shop.name),
            expected_delay_s=abilities.expected_delay_s,
            pauses=tuple(PauseView(p.target, p.reason, p.who, p.since, p.until) for p in standing.pauses),
            credentials=self._credential_views(connection, shop, standing),
            cause=standing.record.failing_cause,
            detail=standing.record.detail,
        )

    def _credential_views(
        self, connection: Connection, shop: Shop, standing: Standing
    ) -> tuple[CredentialView, ...]:
        known = credentials.records(connection, shop.name)
        views = []
        for kind in self._desks.abilities(shop).credentials:
            record = known.get(kind.name)
            state = "not_set" if kind.name in standing.missing else record.state if record else "ok"
            views.append(
                CredentialView(
                    kind=kind.name,
                    label_ja=kind.label_ja,
                    label_en=kind.label_en,
                    state=state,
                    expires_at=record.expires_at if record else None,
                    checked_at=record.checked_at if record else None,
                )
            )
        return tuple(views)

    # ------------------------------------------------------------------ pausing and switching

    def pause(self, target: str, until: datetime | None, reason: str, who: str) -> Changed:
        """Stop writing to a shop, of a product or a code, or everything; orders are still taken in."""
        return self.pausing.pause([target], until, reason, who)

    def resume(self, target: str, who: str) -> Changed:
        """End the pauses of a target; what waits goes out."""
        return self.pausing.resume([target], who)

    def switch(self, on: bool, shop: str | None, who: str) -> Changed:  # noqa: FBT001
        """Switch sync on or off; switching on lets every code be looked at again.

        Raises:
            Refused: a shop that would be written to has no source of orders.
        """
        if on:
            self.readiness.refuse_without_orders(shop)
        now, target = self.now(), shop or switches.ALL
        names = [shop] if shop else list(self._mapping.shops)
        with reading(self._engine) as connection:
            before = switches.switch(connection, target)
        if on and not (before and before.on):
            # First: a crash in between leaves it off, and whoever turned it on does so again.
            self.look_again(names, Why.RESUME, who)
        with self._engine.begin() as connection:
            before = switches.switch(connection, target)
            if before is not None and before.on == on:
                return Changed((target,), True, before.who, before.at)
            switches.turn(connection, target, on, who, now)
        self._wake(names)
        return Changed((target,), False, who, now)

    def look_again(self, shops: Iterable[str], why: Why, who: str = "") -> None:
        """Let every code of some shops be compared with what they show."""
        mapping = self._mapping
        self._sync.mark_all({name: list(mapping.listings(name)) for name in shops}, why, who)

    # ------------------------------------------------------------------ credentials

    def own_credentials(self) -> Sequence[CredentialRow]:
        """Give the ledger's rows of the bot's own credentials."""
        return self._own_credentials()

    def renewal_form(self, shop: str, kind: str | None, *, in_shell: bool = False) -> RenewalForm:
        """Give what a renewal asks for.

        Raises:
            Refused: credentials are not entered in Slack here, the shop is archived, or has no such kind.
        """
        if not in_shell and not self._renew_in_slack:
            raise Refused("renew_in_the_shell", shop=shop, kind=f" {kind}" if kind else "")
        abilities = self._desks.abilities(self._mapping.shop(shop))
        if self._mapping.shop(shop).status is ShopStatusInMapping.ARCHIVED:
            mall = abilities.name_ja if self.language() == "ja" else abilities.name_en
            raise Refused("renew_archived", shop=shop, mall=mall)
        form = self._renewals.form(shop, abilities, kind, self.now())
        if form is None:
            kinds = ", ".join(item.name for item in abilities.credentials)
            raise Refused("renew_no_such_kind", shop=shop, kind=kind or "", kinds=kinds)
        return form

    def renew(
        self,
        shop: str,
        kind: str,
        values: Mapping[str, Secret],
        expires_on: date | None,
        who: str,
        *,
        version: str | None = None,
        issued_on: date | None = None,
    ) -> RenewalAnswer:
        """Take new credentials in: refused by their form, or on trial from now on.

        Args:
            version: of the form that was filled in.
            issued_on: the day on which the mall issued them; None for now.
        """
        del kind  # the values name their own kinds
        days = {"expires_on": expires_on, "issued_on": issued_on}
        answer = self._renewals.submit(shop, values, who=who, now=self.now(), version=version, **days)
        if not answer.refused:
            self._wake([shop])
        return answer

    # ------------------------------------------------------------------ stock

    def count_stock(self, counts: Mapping[str, int], as_of: datetime, who: str) -> dict[str, int]:
        """Enter a stock count (棚卸); give the change of each code. See ``Stockroom.count``."""
        found = self.stockroom.count(counts, as_of, who)
        return {line.code: line.after - line.before for line in found}

    # ------------------------------------------------------------------ outages

    def outages(self) -> tuple[list[Account], set[tuple[str, str]]]:
        """Give the latest outages, and (blind shop, code) of what is held back now."""
        with reading(self._engine) as connection:
            return outages.latest(connection, 20), outages.all_risks(connection)

    def clear_risks(self, shop: str, who: str) -> int:
        """Let the other shops sell again what a blind shop may have sold out: a person has looked."""
        del who  # the face that asks writes the audit
        return self._sync.clear_risks(shop)

    # ------------------------------------------------------------------ listing by a file

    def list_by_file(
        self, desk: Desk, quantities: Mapping[str, int], who: str, *, dry_run: bool = False
    ) -> ListingFile:
        """Make the file by which a person lists pieces, and take those out of the pool.

        What the file cannot hold is refused in its results and not held. The same file made again
        holds nothing more.

        Raises:
            Refused: a code is not known, not linked there, or has fewer pieces; nothing is held.
            UnsupportedError: the mall takes no such file.
        """
        mapping, shop = self._mapping, desk.shop.name
        lines = [self._listing_line(mapping, shop, code, pieces) for code, pieces in quantities.items()]
        made = desk.adapter.listing_file(lines)
        touched: set[str] = set()
        with changing(self._engine, dry_run=dry_run) as connection:
            for code, result in zip(quantities, made.results, strict=True):
                if result.outcome is Outcome.SENT:
                    key = LineKey(shop, result.ticket, code)
                    touched |= self._hold(connection, mapping, key, result.line.quantity, who)
        if not dry_run:
            self._wake(touched)
        return made

    def _listing_line(self, mapping: CodeMapping, shop: str, code: str, pieces: int) -> StockLine:
        if mapping.product_of(code) is None:
            raise Refused("unknown_code", code=code, near=", ".join(self.nearest_codes(code, 3)))
        mall_code = mapping.listing(shop, code)
        if mall_code is None:
            raise Refused("listing_not_mapped", code=code, shop=shop)
        return StockLine(mall_code, (mall_code,), pieces)

    def _hold(
        self, connection: Connection, mapping: CodeMapping, key: LineKey, pieces: int, who: str
    ) -> set[str]:
        """Hold what the ticket does not hold yet; give the shops that have something to write."""
        code, now, touched = key.line_id, self.now(), set()
        books, parts = SqlTransaction(connection, self._clock), mapping.components(code)
        balances = ledger.balances_of(connection, parts)
        pool = available(parts, balances)
        for part, count in parts.items():
            movements = ledger.held_movements(connection, key.shop, code, part)
            more = pieces * count - still_held(movements, key.order_id)
            if more <= 0:
                continue
            if pool is None or balances[part].available < more:
                left = str(max(0, pool or 0))
                raise Refused("listing_too_few", code=code, asked=str(pieces), available=left)
            at = now.replace(microsecond=0)  # malls date their orders by the second
            books.enter(Entry(at, part, Change(held=more), Cause.HELD, key, who=who))
            touched |= mark_code(books, mapping, part, Why.SALE, now)
        return touched

    def release_listing(
        self, desk: Desk, code: str, pieces: int | None, who: str, *, dry_run: bool = False
    ) -> dict[str, int]:
        """Put held pieces of a code back on sale, all or so many; give what came back, by single code."""
        mapping, shop, now = self._mapping, desk.shop.name, self.now()
        parts = mapping.components(code) if mapping.product_of(code) else {code: 1}
        given: dict[str, int] = {}
        touched: set[str] = set()
        with changing(self._engine, dry_run=dry_run) as connection:
            books = SqlTransaction(connection, self._clock)
            for part, count in parts.items():
                held = books.held(shop, code, part, now)
                back = held if pieces is None else min(held, max(0, pieces) * count)
                if back:
                    given[part] = back
                    key = LineKey(shop, "", code)
                    books.enter(Entry(now, part, Change(held=-back), Cause.RELEASED, key, who=who))
                    touched |= mark_code(books, mapping, part, Why.STOCK, now, who=who)
        if not dry_run:
            self._wake(touched)
        return given

    def stale_auctions(self, shop: str, found: Iterable[Order]) -> list[StaleAuction]:
        """Find order lines of another auction than the product list has for their code."""
        listed = {
            product.mall_code: product.note.removeprefix(_AUCTION)
            for product in self.products(shop)[0]
            if product.note.startswith(_AUCTION)
        }
        return [
            StaleAuction(order.order_id, line.mall_code, line.auction_id, listed[line.mall_code])
            for order in found
            for line in order.lines
            if line.auction_id and listed.get(line.mall_code, line.auction_id) != line.auction_id
        ]

    # ------------------------------------------------------------------ products and orders

    def import_products(
        self, desk: Desk, progress: Progress | None = None, *, accept: bool = False, dry_run: bool = False
    ) -> ProductChange:
        """Read what a shop sells from the mall; give what is other than at the last reading.

        Args:
            progress: hears how far the reading has come.
            accept: take a list that seems cut short all the same.
            dry_run: read and compare, and keep nothing.
        Raises:
            UnsupportedError: the mall has no such reading; says why.
            Refused: the list seems cut short; the last one stays.
        """
        if not desk.abilities.products.able:
            raise UnsupportedError(f"{desk.shop.name}: no product list: {desk.abilities.products.why}")
        silent, (before, _) = desk.adapter.progress, self.products(desk.shop.name)
        desk.adapter.progress = progress or silent
        try:
            if dry_run:
                return _compared(before, desk.adapter.read_products())
            listed = self._sync.import_products(desk, accept=accept)
        finally:
            desk.adapter.progress = silent
        if not listed.taken:
            raise _cut_short(desk.shop.name, listed.count, listed.before)
        Incidents(self._engine).recover(desk.shop.name, "shrunk", self.now())
        return _compared(before, self.products(desk.shop.name)[0])

    def take_products(
        self, desk: Desk, found: ProductFile, *, accept: bool = False, dry_run: bool = False
    ) -> list[Finding]:
        """Keep the products of a file, and say what a person should look at, the mapping's side too.

        Raises:
            Refused: the file seems cut short; what was kept before stays.
        """
        count, before = len(found.products), len(self.products(desk.shop.name)[0])
        if not accept and self._sync.is_cut_short(count, before):
            raise _cut_short(desk.shop.name, count, before)
        with changing(self._engine, dry_run=dry_run) as connection:
            products.replace(connection, desk.shop.name, found.products, self.now())
        listings = self._mapping.listings(desk.shop.name)
        codes = {product.mall_code for product in found.products if product.mall_code}
        with reading(self._engine) as connection:
            linked = set(writes.shown_of(connection, desk.shop.name, listings))
        linked_listings = {listings[code] for code in linked}
        own = [
            finding
            for finding in found.findings  # stock of a row that is linked already is as it should be
            if finding.key != "stock_not_zero" or finding.code not in linked_listings
        ]
        missing = [Finding(0, "not_in_file", code) for code in sorted(set(listings.values()) - codes)]
        unmapped = [Finding(0, "not_mapped", code) for code in sorted(codes - set(listings.values()))]
        return [*own, *missing, *unmapped]

    def products(self, shop: str) -> tuple[list[Product], datetime | None]:
        """Give a shop's product snapshot, and when it was read."""
        with reading(self._engine) as connection:
            return products.all_of(connection, shop), products.read_at(connection, shop)

    def import_orders(self, desk: Desk, found: Sequence[Order], *, dry_run: bool = False) -> Report:
        """Take in the orders of a file; one that was taken in before changes nothing."""
        report = Report(desk.shop.name)
        if dry_run:
            self._rehearsal().take_in_file(desk, found, report)
            return report
        self._sync.orders_of_file(desk, found, report)
        self._wake(report.touched)
        return report

    def _rehearsal(self) -> Intake:
        books = RehearsedBooks(self._engine, self._clock)
        return Intake(books, lambda: self._mapping, self._clock, Event(), lambda _shops: None)

    def order(self, shop: str, order_id: str) -> list[str]:
        """Give what is known of an order, a line each; names are the merchant's own."""
        mapping = self._mapping
        with reading(self._engine) as connection:
            facts = orders.order_facts(connection, shop, order_id)
            lines = orders.lines_of(connection, shop, order_id)
        if facts is None:
            raise Refused("unknown_order", shop=shop, order=order_id)
        payment = mapping.payment_name(facts["payment"]) or facts["payment"] or "-"
        delivery = mapping.delivery_name(facts["delivery"]) or facts["delivery"] or "-"
        head = f"{order_id}  {facts['ordered_at'].isoformat(timespec='seconds')}  {payment}  {delivery}"
        return [
            head,
            *(f"  {line.key.line_id}: {line.mall_code} x {line.quantity} {line.state}" for line in lines),
        ]


def _compared(before: Sequence[Product], after: Sequence[Product]) -> ProductChange:
    """Compare two snapshots by address; a first one has nothing to differ from."""
    old, new = ({product.address: product for product in found} for found in (before, after))
    return ProductChange(
        count=len(after),
        added=tuple(product for product in after if before and product.address not in old),
        removed=tuple(product for product in before if product.address not in new),
        changed=tuple(p for p in after if p.address in old and p != old[p.address]),
    )


def _cut_short(shop: str, count: int, before: int) -> Refused:
    return Refused("import_shrunk", shop=shop, count=f"{count:,}", before=f"{before:,}")
