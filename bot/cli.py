"""The shell: ``tanaban COMMAND``. The only place that prints."""

from __future__ import annotations

import argparse
import csv
import getpass
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from adapters.errors import ConfigError, TanabanError
from adapters.secret import Secret
from bot.answers import Refused
from bot.config import CONFIG, load_config

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from adapters.contract import LineResult, ListingFile, ListingRun, Progress
    from bot.app import Bot
    from bot.sync.engine import Desk

PROGRESS_ROWS = 1_000  # between two lines of progress where nobody watches a terminal

SETTINGS = """\
# tanaban: the settings of this machine. No secret stands here: see 'tanaban credentials set'.
[state]
folder = "state"
vault_key_file = "vault.key"          # keep it outside the state folder, and back it up

[mapping]
url = ""                              # https://... or ssh://... of the mapping repository
branch = "main"

# [shops.rakuten-main]                # addresses and timing of one shop, where they are not the usual ones
# poll_interval_s = 60
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit status: 0 done, 1 problems found, 2 not understood or failed."""
    options = parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except Refused as refused:
        from bot.messages import say

        print(say(refused.key, _language(), **refused.params), file=sys.stderr)
    except TanabanError as error:
        print(f"tanaban: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        pass
    return 2


def parser() -> argparse.ArgumentParser:
    """Give the grammar of the shell."""
    parser = argparse.ArgumentParser(
        prog="tanaban", description="Keeps one merchant's stock equal on every mall."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, summary, run in (
        ("init", "make the settings file, the state folder and the vault key", _init),
        ("run", "run the bot until SIGTERM", _run),
        ("status", "show the state of every shop", _status),
    ):
        _config_option(commands.add_parser(name, help=summary, description=summary)).set_defaults(run=run)
    _add_shops(commands)
    _add_stock(commands)
    _add_listing(commands)
    _add_mapping(commands)
    _add_sandbox(commands)
    return parser


Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _add_shops(commands: Commands) -> None:
    check = _config_option(commands.add_parser("check", help="log in to a shop and read; writes nothing"))
    check.add_argument("shop")
    check.set_defaults(run=_check)
    malls = commands.add_parser("malls", help="what each mall can and cannot do, and why")
    malls.set_defaults(run=_malls)
    take = _config_option(commands.add_parser("import", help="read what a shop sells into the snapshot"))
    take.add_argument("shop")
    take.add_argument("file", type=Path, nargs="?", help="a product file of the mall's own screen")
    take.set_defaults(run=_import)
    products = _config_option(
        commands.add_parser("products", help="show what a shop sells, and how old that is")
    )
    products.add_argument("shop")
    products.set_defaults(run=_products)
    orders = commands.add_parser("orders", help="orders").add_subparsers(required=True)
    read = _config_option(orders.add_parser("import", help="take in an order file of the mall's own screen"))
    read.add_argument("shop")
    read.add_argument("file", type=Path)
    read.set_defaults(run=_orders_import)
    order = _config_option(orders.add_parser("show", help="what is known of one order"))
    order.add_argument("shop")
    order.add_argument("order_id")
    order.set_defaults(run=_orders_show)
    group = commands.add_parser("credentials", help="the vault").add_subparsers(required=True)
    put = _config_option(
        group.add_parser("set", help="store a credential; asked for, or read from standard input")
    )
    put.add_argument("owner", help="a shop's name, or slack, or mapping")
    put.add_argument("kind", help="licence, password, bot_token ...")
    put.set_defaults(run=_set_credential)
    load = _config_option(
        group.add_parser("load", help="store several: JSON by owner and kind on standard input")
    )
    load.set_defaults(run=_load_credentials)


def _add_stock(commands: Commands) -> None:
    group = commands.add_parser("stock", help="the ledger").add_subparsers(required=True)
    show = _config_option(group.add_parser("show", help="what there is of a code, and what each shop shows"))
    show.add_argument("code")
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=_stock_show)
    count = _config_option(group.add_parser("count", help="enter a stock count: a CSV of code,quantity"))
    count.add_argument("file", type=Path)
    count.add_argument("--as-of", type=_moment, help="when it was counted, e.g. 2026-11-21T09:00+09:00")
    count.set_defaults(run=_stock_count)
    state = commands.add_parser("state", help="the state folder").add_subparsers(required=True)
    _config_option(state.add_parser("check", help="compare balances with the ledger")).set_defaults(
        run=_state_check
    )


def _add_listing(commands: Commands) -> None:
    group = commands.add_parser("listing", help="pieces that a person lists by a file").add_subparsers(
        required=True
    )
    make = _config_option(
        group.add_parser("make", help="write the file to upload, and hold its pieces for that shop")
    )
    make.add_argument("shop")
    make.add_argument("out", type=Path, help="the file to write, or the folder to write it into")
    make.add_argument("pieces", type=_pieces, nargs="+", metavar="CODE=N")
    make.set_defaults(run=_listing_make)
    release = _config_option(
        group.add_parser("release", help="give held pieces back when a listing is over and unsold")
    )
    release.add_argument("shop")
    release.add_argument("code")
    release.add_argument("pieces", type=_number, nargs="?", metavar="N", help="so many; else all")
    release.set_defaults(run=_listing_release)


def _add_mapping(commands: Commands) -> None:
    group = commands.add_parser("mapping", help="the mapping files").add_subparsers(required=True)
    check = group.add_parser("check", help="print every problem of a mapping folder")
    check.add_argument("path", type=Path, nargs="?", default=Path())
    check.set_defaults(run=_mapping_check)
    accept = _config_option(group.add_parser("accept", help="follow a branch whose history was rewritten"))
    accept.add_argument("commit", type=_commit, help="its head, as the alert names it")
    accept.set_defaults(run=_mapping_accept)


def _add_sandbox(commands: Commands) -> None:
    demo = commands.add_parser("demo", help="the bot beside a whole small world on this machine")
    demo.add_argument("--tour", action="store_true", help="play six scenes in the terminal and end")
    demo.add_argument("--mapping", type=Path, default=Path(), help="folder of mappings.yaml and team.yaml")
    demo.add_argument("--folder", type=Path, help="keep what it leaves behind here")
    demo.set_defaults(run=_demo)
    group = commands.add_parser("sandbox", help="the small world alone").add_subparsers(required=True)
    serve = group.add_parser("serve", help="serve it until stopped")
    serve.add_argument("folder", type=Path)
    serve.set_defaults(run=_sandbox_serve)


def _config_option(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--config", type=Path, default=Path(CONFIG), help="settings file (tanaban.toml)")
    return parser


def _commit(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{10,64}", text):
        raise argparse.ArgumentTypeError("a commit is at least ten characters of 0-9 and a-f")
    return text


def _pieces(text: str) -> tuple[str, int]:
    code, _, pieces = text.rpartition("=")
    if not code:
        raise argparse.ArgumentTypeError("wanted CODE=N, e.g. mug=1")
    return code, _number(pieces)


def _number(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise argparse.ArgumentTypeError("wanted a whole number of pieces, from 1")
    return int(text)


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError("give the zone too, e.g. +09:00")
    return found


def _language() -> str:
    return "en" if os.environ.get("LANG", "ja").startswith("en") else "ja"


def _say(key: str) -> str:
    from bot.messages import say

    return say(key, _language())


def _who() -> str:
    return f"shell:{getpass.getuser()}"


# ---------------------------------------------------------------------- the bot


def _init(options: argparse.Namespace) -> int:
    from bot.credentials.vault import make_key_file
    from bot.store.database import open_database

    if not options.config.exists():
        options.config.write_text(SETTINGS, encoding="utf-8")
        print(f"wrote {options.config}")
    config = load_config(options.config)
    make_key_file(config.state.vault_key_file)
    open_database(config.state.folder).dispose()
    print(f"vault key: {config.state.vault_key_file}\nstate: {config.state.folder}")
    return 0


def _run(options: argparse.Namespace) -> int:
    with _bot(options) as bot:
        bot.run()
    return 0


def _bot(options: argparse.Namespace) -> Bot:
    from bot.app import Bot

    return Bot(load_config(options.config), os.environ)


def _status(options: argparse.Namespace) -> int:
    with _bot(options) as bot:
        bot.following.restore()
        status = bot.actions.status()
    print(f"sync: {'on' if status.on else 'off'}   mapping: {status.mapping_commit[:10] or '-'}")
    for shop in status.shops:
        read = shop.orders_read_at.isoformat(timespec="seconds") if shop.orders_read_at else "-"
        print(f"{shop.shop:20} {shop.state:10} orders read {read}  waiting {shop.waiting}  {shop.detail}")
    return 0


def _check(options: argparse.Namespace) -> int:
    with _bot(options) as bot:
        bot.restore_mapping()
        shop = bot.following.mapping().shops.get(options.shop)
        if shop is None:
            raise ConfigError(f"no shop {options.shop!r}; known: {', '.join(bot.following.mapping().shops)}")
        if missing := bot.renewals.missing(shop.name, bot.desks.abilities(shop)):
            raise ConfigError(f"{shop.name}: not set: {', '.join(missing)}; see 'tanaban credentials set'")
        print(bot.desks.desk(shop).adapter.check().detail)
    return 0


def _malls(_options: argparse.Namespace) -> int:
    from bot.app import mall_table

    print(mall_table())
    return 0


def _desk(bot: Bot, name: str) -> Desk:
    """Give a shop's desk, or say which shops there are."""
    bot.restore_mapping()
    shops = bot.following.mapping().shops
    if name not in shops:
        raise ConfigError(f"no shop {name!r}; known: {', '.join(shops)}")
    return bot.desks.desk(shops[name])


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
    with _bot(options) as bot:
        desk = _desk(bot, options.shop)
        if options.file is None:
            with _counting(options.shop) as progress:
                change = bot.actions.import_products(desk, progress)
            for sign, rows in (("+", change.added), ("-", change.removed), ("~", change.changed)):
                for product in rows:
                    print(f"{sign} {product.mall_code or '-'} {product.name}")
            print(f"{options.shop}: {change.count} products")
            return 0
        found = desk.adapter.parse_products(options.file.name, options.file.read_bytes())
        findings = bot.actions.take_products(desk, found)
    for finding in findings:
        print(f"{options.file}:{finding.row}: {finding.code}: {_say('finding.' + finding.key)}")
    print(f"{options.shop}: {len(found.products)} products, {len(findings)} findings")
    return 1 if findings else 0


def _products(options: argparse.Namespace) -> int:
    with _bot(options) as bot:
        _desk(bot, options.shop)
        rows, read_at = bot.actions.products(options.shop)
    for product in rows:
        sale = {True: "on sale", False: "not on sale", None: ""}[product.on_sale]
        print(f"{product.mall_code or '-':30} {'/'.join(product.address):40} {sale:12} {product.name}")
    print(f"{len(rows)} products, read {read_at.isoformat(timespec='seconds') if read_at else 'never'}")
    return 0


def _orders_import(options: argparse.Namespace) -> int:
    with _bot(options) as bot:
        desk = _desk(bot, options.shop)
        orders = desk.adapter.parse_orders(options.file.name, options.file.read_bytes())
        report = bot.actions.import_orders(desk, orders)
        stale = bot.actions.stale_auctions(options.shop, orders)
    print(f"{options.shop}: {len(orders)} orders read, {report.moved} ledger entries")
    for line in stale:
        ids = f"stale auction id {line.sold_at}, the product list has {line.listed_at}"
        print(f"{line.mall_code}: order {line.order_id}: {ids}")
    if report.unmapped:
        print(f"not mapped: {', '.join(sorted(set(report.unmapped)))}", file=sys.stderr)
    return 1 if report.unmapped else 0


def _orders_show(options: argparse.Namespace) -> int:
    with _bot(options) as bot:
        bot.restore_mapping()
        found = bot.actions.order(options.shop, options.order_id)
    for line in found:
        print(line)
    return 0


def _set_credential(options: argparse.Namespace) -> int:
    typed = getpass.getpass(f"{options.owner} {options.kind}: ") if sys.stdin.isatty() else sys.stdin.read()
    return _store(options, {options.owner: {options.kind: typed.strip()}})


def _load_credentials(options: argparse.Namespace) -> int:
    try:
        found = json.load(sys.stdin)
    except ValueError:
        raise ConfigError("standard input holds no JSON; nothing was changed") from None
    texts = isinstance(found, dict) and all(
        isinstance(kinds, dict) and all(isinstance(value, str) for value in kinds.values())
        for kinds in found.values()
    )
    if not texts:
        raise ConfigError('wanted {"owner": {"kind": "value"}}; nothing was changed')
    return _store(options, found)


def _store(options: argparse.Namespace, typed: Mapping[str, Mapping[str, str]]) -> int:
    """Put values into the vault; only fingerprints are printed."""
    from bot.credentials.vault import Vault, read_key
    from bot.store.database import open_database

    values = {owner: {kind: Secret(text) for kind, text in kinds.items()} for owner, kinds in typed.items()}
    if not values or not all(value for kinds in values.values() for value in kinds.values()):
        raise ConfigError("nothing was typed; nothing was changed")
    config = load_config(options.config)
    vault = Vault(config.state.folder, read_key(config.state.vault_key_file, os.environ))
    database = open_database(config.state.folder)
    for owner, kinds in values.items():
        vault.put(owner, kinds)
        _let_try_again(database, owner)
        for kind, value in kinds.items():
            print(f"{owner} {kind}: stored, fingerprint {vault.fingerprint(value)}")
    database.dispose()
    return 0


def _let_try_again(database: Engine, shop: str) -> None:
    """Let a shop whose old value was refused be called with the new one; the mall's answer decides."""
    from bot.store import shops

    with database.begin() as connection:
        if shops.record(connection, shop).blocked:
            shops.change(connection, shop, blocked=False)


# ---------------------------------------------------------------------- stock


def _stock_show(options: argparse.Namespace) -> int:
    with _bot(options) as bot:
        bot.restore_mapping()
        found = bot.actions.lookup(options.code)
        if found is None:
            near = ", ".join(bot.actions.nearest_codes(options.code, 3))
            raise Refused("unknown_code", code=options.code, near=near or "-")
    shops = {level.shop: {"shown": level.shown, "target": level.target} for level in found.shops}
    if options.json:
        numbers = {"available": found.available, "on_hand": found.on_hand, "reserved": found.reserved}
        print(json.dumps({"code": found.code, **numbers, "shops": shops}))
        return 0
    print(f"{found.code}  {found.name}  available {found.available}  on hand {found.on_hand}")
    for level in found.shops:
        print(f"  {level.shop:20} shows {level.shown}  should show {level.target}  ({level.mall_code})")
    return 0


def _stock_count(options: argparse.Namespace) -> int:
    counts = read_counts(options.file)
    with _bot(options) as bot:
        bot.restore_mapping()
        changes = bot.actions.count_stock(counts, options.as_of or datetime.now(UTC), _who())
    print(f"{len(changes)} codes counted, {sum(1 for change in changes.values() if change)} changed")
    return 0


def read_counts(path: Path) -> dict[str, int]:
    """Read a count: CSV with a header ``code,quantity``, UTF-8 or CP932.

    Raises:
        ConfigError: names the file and the line.
    """
    rows = csv.reader(_text_of(path).splitlines())
    if next(rows, None) != ["code", "quantity"]:
        raise ConfigError(f"{path}:1: the first line must be: code,quantity")
    counts: dict[str, int] = {}
    for number, row in enumerate(rows, 2):
        if len(row) != 2 or not re.fullmatch(r"[0-9]{1,9}", row[1]):
            raise ConfigError(f"{path}:{number}: wanted a code and a whole number of pieces")
        if row[0] in counts:
            raise ConfigError(f"{path}:{number}: {row[0]} stands here twice")
        counts[row[0]] = int(row[1])
    return counts


def _text_of(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    for encoding in ("utf-8-sig", "cp932"):
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    raise ConfigError(f"{path}:1: the file is neither UTF-8 nor CP932")


def _state_check(options: argparse.Namespace) -> int:
    from bot.store.database import reading
    from bot.store.ledger import wrong_balances

    with _bot(options) as bot, reading(bot.engine) as connection:
        wrong = wrong_balances(connection)
    print("\n".join(f"{code}: balance differs from its entries" for code in wrong) or "ok")
    return 1 if wrong else 0


# ---------------------------------------------------------------------- listing by a file


def _listing_make(options: argparse.Namespace) -> int:
    quantities = dict(options.pieces)
    if len(quantities) < len(options.pieces):
        raise ConfigError("a code stands there twice; nothing was held")
    with _bot(options) as bot:
        made = bot.actions.list_by_file(_desk(bot, options.shop), quantities, _who())
        now = bot.actions.now()
    for code, result in zip(quantities, made.results, strict=True):
        print(f"{code}: {_listed(result, made.runs.get(result.line.mall_code), now)}")
    if made.content:
        print(f"wrote {_write_listing(options.out, made)}: upload it once")
    return 1 if any(result.error for result in made.results) else 0


def _listed(result: LineResult, run: ListingRun | None, now: datetime) -> str:
    from bot.messages import moment

    if result.error:
        return f"not in the file: {result.error}"
    end = "its end is not known: release it when it is over"
    if run is not None:
        end = f"listed now and unsold, release it from {moment(run.over_by(now), _language())} on"
    return f"{result.line.quantity} held; {end}"


def _write_listing(out: Path, made: ListingFile) -> Path:
    path = out / made.name if out.is_dir() else out
    try:
        path.write_bytes(made.content)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}; the pieces are held, so run this again today"
        ) from error
    return path


def _listing_release(options: argparse.Namespace) -> int:
    with _bot(options) as bot:
        desk = _desk(bot, options.shop)
        given = bot.actions.release_listing(desk, options.code, options.pieces, _who())
    for code, pieces in given.items():
        print(f"{code}: {pieces} released")
    if not given:
        print(f"{options.code}: nothing is held for {options.shop}")
    return 0


# ---------------------------------------------------------------------- mapping, sandbox


def _mapping_check(options: argparse.Namespace) -> int:
    from bot.app import CodeRules
    from bot.mapping.check import check
    from bot.mapping.problem import has_errors
    from bot.mapping.source import FolderSource

    checked = check(FolderSource(options.path), CodeRules())
    for problem in checked.problems:
        print(problem.render(_language()))
    return 1 if has_errors(checked.problems) else 0


def _mapping_accept(options: argparse.Namespace) -> int:
    with _bot(options) as bot:
        bot.following.accept(options.commit)
    print(f"{options.commit} comes into force when the bot looks next")
    return 0


def _demo(options: argparse.Namespace) -> int:
    try:
        from sandbox.demo import run_demo
        from sandbox.tour import run_tour
    except ImportError as error:
        raise ConfigError(
            f"the sandbox is not installed ({error.name}): pip install tanaban[sandbox]"
        ) from error
    return (run_tour if options.tour else run_demo)(options.mapping, options.folder)


def _sandbox_serve(options: argparse.Namespace) -> int:
    from sandbox.__main__ import serve

    return serve(options.folder)


if __name__ == "__main__":
    sys.exit(main())
