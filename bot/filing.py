"""Files that people bring: what one would do, and doing it, by the same actions as the shell's.

A stock count, the orders of a mall's own screen, or its products.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from adapters.contract import Finding, Order, ProductFile
from adapters.errors import TanabanError
from bot.answers import FileProblem, Refused, StaleAuction
from bot.countfile import read_counts
from bot.desks import Desks
from bot.following import MappingInForce
from bot.stockroom import Stockroom
from bot.sync.desk import Desk, Report


class FileKind(StrEnum):
    """What a file holds."""

    COUNT = "count"
    ORDERS = "orders"
    PRODUCTS = "products"


@dataclass(frozen=True)
class Brought:
    """A file as a person brought it. ``shop`` is "" for a count; ``as_of`` is when that was made."""

    kind: FileKind
    name: str
    content: bytes
    as_of: datetime
    shop: str = ""


@dataclass(frozen=True)
class Filed:
    """What a file would do, or did.

    Args:
        numbers: for the sentence ``upload.plan_<kind>`` or ``upload.done_<kind>``.
        problems: with any of these nothing is done.
        findings: what a person should look at; the rest is done all the same.
        lines: some of what changes, by key and parameters.
    """

    numbers: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[FileProblem] = ()
    findings: Sequence[FileProblem] = ()
    lines: Sequence[tuple[str, Mapping[str, str]]] = ()


class Doing(Protocol):
    """The actions that a file ends in."""

    stockroom: Stockroom

    def take_products(
        self, desk: Desk, found: ProductFile, *, accept: bool = False, dry_run: bool = False
    ) -> list[Finding]:
        """Keep the products of a file."""

    def import_orders(self, desk: Desk, found: Sequence[Order], *, dry_run: bool = False) -> Report:
        """Take in the orders of a file."""

    def stale_auctions(self, shop: str, found: Iterable[Order]) -> list[StaleAuction]:
        """Find order lines of another auction than the listed one."""


class Filing:
    """Takes files."""

    def __init__(self, actions: Doing, desks: Desks, in_force: Callable[[], MappingInForce]) -> None:
        self._actions = actions
        self._desks = desks
        self._in_force = in_force

    def take(self, file: Brought, who: str, *, dry_run: bool) -> Filed:
        """Say what a file would do, or do it.

        Raises:
            Refused: it is not taken at all; nothing is done.
        """
        if file.kind is FileKind.COUNT:
            return self._count(file, who, dry_run=dry_run)
        take = self._orders if file.kind is FileKind.ORDERS else self._products
        try:
            desk = self._desks.desk(self._in_force().mapping.shop(file.shop))
            return take(desk, file, dry_run=dry_run)
        except TanabanError as error:  # the file is of another form, or the mall has none such
            raise Refused("upload_unreadable", shop=file.shop, detail=str(error)) from None

    def _count(self, file: Brought, who: str, *, dry_run: bool) -> Filed:
        found, stockroom = read_counts(file.content), self._actions.stockroom
        problems = [*found.problems, *stockroom.count_problems(found.rows)]
        if problems:
            return Filed(problems=sorted(problems, key=lambda problem: problem.line))
        counted = stockroom.count(
            {row.code: row.quantity for row in found.rows}, file.as_of, who, dry_run=dry_run
        )
        changed = [line for line in counted if line.after != line.before]
        numbers = {"count": f"{len(counted):,}", "changed": f"{len(changed):,}"}
        numbers |= {name: f"{sum(getattr(line, name) for line in counted):,}" for name in ("before", "after")}
        lines = [
            ("count.line", {"code": line.code, "before": str(line.before), "after": str(line.after)})
            for line in changed
        ]
        return Filed(numbers, lines=lines)

    def _orders(self, desk: Desk, file: Brought, *, dry_run: bool) -> Filed:
        orders = desk.adapter.parse_orders(file.name, file.content)
        report = self._actions.import_orders(desk, orders, dry_run=dry_run)
        findings = [
            FileProblem(0, "upload.unmapped", {"code": code}) for code in sorted(set(report.unmapped))
        ]
        findings += [
            FileProblem(0, "upload.stale", {"code": one.mall_code, "order": one.order_id})
            for one in self._actions.stale_auctions(file.shop, orders)
        ]
        return Filed({"count": f"{len(orders):,}", "moved": f"{report.moved:,}"}, findings=findings)

    def _products(self, desk: Desk, file: Brought, *, dry_run: bool) -> Filed:
        found = desk.adapter.parse_products(file.name, file.content)
        findings = [
            FileProblem(finding.row, f"finding.{finding.key}", {"code": finding.code})
            for finding in self._actions.take_products(desk, found, dry_run=dry_run)
        ]
        return Filed({"count": f"{len(found.products):,}"}, findings=findings)
