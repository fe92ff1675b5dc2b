"""Shops: connection, products and orders."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.say import Commands, config_option, open_bot, open_desk, say

if TYPE_CHECKING:
    from adapters.contract import Progress

PROGRESS_ROWS = 1_000  # between two lines of progress where nobody watches a terminal


def add(commands: Commands) -> None:
    """Add the commands of this room."""
    malls = commands.add_parser("malls", help="what each mall can and cannot do, and why")
    malls.set_defaults(run=_malls)
    take = config_option(commands.add_parser("import", help="read what a shop sells into the snapshot"))
    take.add_argument("shop")
    take.add_argument("file", type=Path, nargs="?", help="a product file of the mall's own screen")
    take.add_argument("--accept", action="store_true", help="take a list that is much shorter than the last")
    take.add_argument("--dry-run", action="store_true", help="read and compare, and keep nothing")
    take.set_defaults(run=_import)
    orders = commands.add_parser("orders", help="orders").add_subparsers(required=True)
    read = config_option(orders.add_parser("import", help="take in an order file of the mall's own screen"))
    read.add_argument("shop")
    read.add_argument("file", type=Path)
    read.add_argument("--dry-run", action="store_true", help="say what it would enter, and enter nothing")
    read.set_defaults(run=_orders_import)
    order = config_option(orders.add_parser("show", help="what is known of one order"))
    order.add_argument("shop")
    order.add_argument("order_id")
    order.set_defaults(run=_orders_show)


def _malls(_options: argparse.Namespace) -> int:
    from bot.app import mall_table

    print(mall_table())
    return 0


@contextmanager
def _counting(shop: str) -> Iterator[Progress]:
    """Tell on standard error how far a long read is: in one line on a terminal, else each 1,000 rows.

    Whatever ends the read, what was heard last stands there.
    """
    terminal, told, last = sys.stderr.isatty(), 0, (0, "")

    def tell(done: int, total: int | None) -> None:
        nonlocal told, last
        last = done, f"{shop}: {done:,}" + ("" if total is None else f" / {total:,}")
        if terminal:
            print(f"\r{last[1]:<60}", end="", file=sys.stderr, flush=True)
        elif done >= told + PROGRESS_ROWS:
            print(last[1], file=sys.stderr, flush=True)
            told = done

    try:
        yield tell
    finally:
        if terminal and last[1]:
            print(file=sys.stderr)
        elif told and last[0] != told:
            print(last[1], file=sys.stderr)


def _import(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
        desk = open_desk(bot, options.shop)
        if options.file is None:
            with _counting(options.shop) as progress:
                change = bot.actions.import_products(
                    desk, progress, accept=options.accept, dry_run=options.dry_run
                )
            for sign, rows in (("+", change.added), ("-", change.removed), ("~", change.changed)):
                for product in rows:
                    print(f"{sign} {product.mall_code or '-'} {product.name}")
            print(f"{options.shop}: {change.count} products")
            if options.dry_run:
                print(say("dry_run"))
            return 0
        found = desk.adapter.parse_products(options.file.name, options.file.read_bytes())
        findings = bot.actions.take_products(desk, found, accept=options.accept, dry_run=options.dry_run)
    for finding in findings:
        print(f"{options.file}:{finding.row}: {finding.code}: {say('finding.' + finding.key)}")
    print(f"{options.shop}: {len(found.products)} products, {len(findings)} findings")
    if options.dry_run:
        print(say("dry_run"))
    return 1 if findings else 0


def _orders_import(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
        desk = open_desk(bot, options.shop)
        orders = desk.adapter.parse_orders(options.file.name, options.file.read_bytes())
        report = bot.actions.import_orders(desk, orders, dry_run=options.dry_run)
        stale = bot.actions.stale_auctions(options.shop, orders)
    print(f"{options.shop}: {len(orders)} orders read, {report.moved} ledger entries")
    if options.dry_run:
        print(say("dry_run"))
    for line in stale:
        ids = f"stale auction id {line.sold_at}, the product list has {line.listed_at}"
        print(f"{line.mall_code}: order {line.order_id}: {ids}")
    if report.unmapped:
        print(f"not mapped: {', '.join(sorted(set(report.unmapped)))}", file=sys.stderr)
    return 1 if report.unmapped else 0


def _orders_show(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
        bot.restore_mapping()
        found = bot.actions.order(options.shop, options.order_id)
    for line in found:
        print(line)
    return 0
