"""The product lists that the bot keeps: what a shop sells, and all of them as text."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from adapters.errors import ConfigError
from bot.cli.say import Commands, config_option, open_bot, open_desk

EXPORT = "export"


def add(commands: Commands) -> None:
    """Add the commands of this room."""
    summary = "show what a shop sells, and how old that is; 'export' writes the lists of all shops"
    products = config_option(commands.add_parser("products", help=summary, description=summary))
    products.add_argument("shop", help=f"a shop, or '{EXPORT}'")
    products.add_argument("file", type=Path, nargs="?", help=f"with '{EXPORT}': where to, else it is printed")
    products.set_defaults(run=_products)


def _products(options: argparse.Namespace) -> int:
    if options.shop == EXPORT:
        return _export(options)
    if options.file is not None:
        raise ConfigError(f"only 'products {EXPORT}' writes a file")
    with open_bot(options) as bot:
        open_desk(bot, options.shop)
        rows, read_at = bot.actions.products(options.shop)
    for product in rows:
        sale = {True: "on sale", False: "not on sale", None: ""}[product.on_sale]
        print(f"{product.mall_code or '-':30} {'/'.join(product.address):40} {sale:12} {product.name}")
    print(f"{len(rows)} products, read {read_at.isoformat(timespec='seconds') if read_at else 'never'}")
    return 0


def _export(options: argparse.Namespace) -> int:
    from bot.mapping.snapshot import ShopSnapshot, snapshot_lines

    found, never = [], []
    with open_bot(options) as bot:
        bot.restore_mapping()
        for shop in bot.following.mapping().shops:
            rows, read_at = bot.actions.products(shop)
            if read_at is None:
                never.append(shop)
            else:
                found.append(ShopSnapshot(shop, read_at, rows))
        now = bot.actions.now()
    text = "".join(line + "\n" for line in snapshot_lines(found, now))
    if options.file is None:
        print(text, end="")
    else:
        _write(options.file, text)
        print(f"{sum(len(shop.products) for shop in found)} products of {len(found)} shops: {options.file}")
    if never:
        print(f"no list yet: {', '.join(never)}", file=sys.stderr)
    return 0


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
