"""The ledger: what there is, counts, adjustments, history."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from bot.answers import Counted, HistoryLine, Refused
from bot.cli.say import (
    Commands,
    asked,
    bytes_of,
    config_option,
    moment,
    number,
    open_bot,
    print_problems,
    say,
    who,
)


def add(commands: Commands) -> None:
    """Add the commands of this room."""
    group = commands.add_parser("stock", help="the ledger").add_subparsers(required=True)
    show = config_option(group.add_parser("show", help="what there is of a code, and what each shop shows"))
    show.add_argument("code")
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=_stock_show)
    _add_count(group)
    adjust = config_option(group.add_parser("adjust", help="add pieces to the shelf, or take some away"))
    adjust.add_argument("code")
    adjust.add_argument("pieces", type=_signed, metavar="+N|-N")
    adjust.add_argument("--note", required=True, metavar="TEXT", help="why")
    adjust.add_argument("--receipt", action="store_true", help="they came in (入荷)")
    adjust.add_argument("--dry-run", action="store_true", help="show the numbers and enter nothing")
    adjust.set_defaults(run=_adjust)
    history = config_option(group.add_parser("history", help="all that moved a code, and every write of it"))
    history.add_argument("code")
    history.add_argument("--limit", type=number, default=50, metavar="N", help="so many lines, the latest")
    history.add_argument("--json", action="store_true")
    history.set_defaults(run=_history)
    state = commands.add_parser("state", help="the state folder").add_subparsers(required=True)
    config_option(state.add_parser("check", help="compare balances with the ledger")).set_defaults(
        run=_state_check
    )


def _add_count(group: Commands) -> None:
    count = config_option(
        group.add_parser(
            "count",
            help="enter a stock count: a CSV of code,quantity",
            description="Enter a stock count: a CSV with a header (code,quantity or コード,数量), UTF-8 or "
            "CP932. Count what may be sold: pieces set aside for open orders are not counted.",
        )
    )
    count.add_argument("file", type=Path)
    count.add_argument(
        "--as-of", type=_counted_at, help="when it was counted: 09:00 (of today), or 2026-11-21T09:00+09:00"
    )
    count.add_argument("--dry-run", action="store_true", help="show the numbers and enter nothing")
    count.set_defaults(run=_stock_count)


def _signed(text: str) -> int:
    if not re.fullmatch(r"[+-][1-9][0-9]{0,8}", text):
        raise argparse.ArgumentTypeError("wanted +3 or -2")
    return int(text)


def _counted_at(text: str) -> datetime:
    """Read when a count was made; a time alone is one of today, in Japan."""
    from bot.messages import JST

    try:
        if not re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", text):
            return moment(text)
        hour, _, minute = text.partition(":")
        return datetime.now(JST).replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    except ValueError:
        raise argparse.ArgumentTypeError("wanted 09:00 (of today) or 2026-11-21T09:00+09:00") from None


def _stock_show(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
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
    from bot.countfile import read_counts

    found = read_counts(bytes_of(options.file))
    with open_bot(options) as bot:
        bot.restore_mapping()
        problems = [*found.problems, *bot.actions.stockroom.count_problems(found.rows)]
        if problems:
            print_problems(options.file, problems)
            return 2
        counts = {row.code: row.quantity for row in found.rows}
        as_of = options.as_of or bot.actions.now()
        arguments = {"codes": len(counts), "as_of": as_of.isoformat(), "dry_run": options.dry_run}
        counted = asked(
            bot,
            "count",
            arguments,
            lambda: bot.actions.stockroom.count(counts, as_of, who(), dry_run=options.dry_run),
        )
    _tell_count(counted, dry_run=options.dry_run)
    return 0


def _tell_count(counted: Sequence[Counted], *, dry_run: bool) -> None:
    for line in counted:
        print(say("count.line", code=line.code, before=line.before, after=line.after))
    before, after = (sum(getattr(line, name) for line in counted) for name in ("before", "after"))
    print(say("count.total", before=before, after=after))
    print(say("count.what_counts"))
    changed = sum(1 for line in counted if line.after != line.before)
    print(say("count.dry_run" if dry_run else "count.done", count=len(counted), changed=changed))


def _adjust(options: argparse.Namespace) -> int:
    code, pieces = options.code, options.pieces
    with open_bot(options) as bot:
        bot.restore_mapping()
        made = asked(
            bot,
            "adjust",
            {"code": code, "pieces": pieces, "note": options.note, "dry_run": options.dry_run},
            lambda: bot.actions.stockroom.adjust(
                code, pieces, options.note, who(), receipt=options.receipt, dry_run=options.dry_run
            ),
        )
        found = bot.actions.lookup(code)
    available = found.available if found else made.after
    if options.dry_run:
        available += made.after - made.before
    print(say("adjust.done", code=code, before=made.before, after=made.after, available=available))
    if options.dry_run:
        print(say("dry_run"))
    return 0


# ---------------------------------------------------------------------- history


def _history(options: argparse.Namespace) -> int:
    from bot.lines import history_line

    with open_bot(options) as bot:
        bot.restore_mapping()
        found = bot.actions.stockroom.history(options.code, options.limit)
    if options.json:
        print(json.dumps([_as_json(line) for line in found], ensure_ascii=False))
        return 0
    for line in found:
        print(history_line(line, options.code, say))
    if not found:
        print(say("history.none", code=options.code))
    return 0


def _as_json(line: HistoryLine) -> dict[str, object]:
    values = {"kind": "write" if line.is_write else "entry", **asdict(line)}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()
    }


# ---------------------------------------------------------------------- state


def _state_check(options: argparse.Namespace) -> int:
    from bot.store.database import reading
    from bot.store.ledger import wrong_balances

    with open_bot(options) as bot, reading(bot.engine) as connection:
        wrong = wrong_balances(connection)
    print("\n".join(f"{code}: balance differs from its entries" for code in wrong) or "ok")
    return 1 if wrong else 0
