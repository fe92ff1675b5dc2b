"""A fresh process over what is left: what was promised is there, and it converges without a hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from adapters.contract import LineState
from adapters.errors import MallError
from adapters.secret import Secret
from bot.store import ledger
from bot.store.database import reading
from bot.store.schema import entries, order_lines
from tests.crash.market import CODES, COUNTED, GIFT, House
from tests.crash.scenarios import NEW, OLD

STARTED = timedelta(hours=24)
ROUNDS = 20
LOST = "lost:"
Held = tuple[dict[str, Secret], dict[str, Secret]]
_VAULTS: tuple[Held, ...] = (({}, {}), ({"key": OLD}, {}), ({"key": OLD}, {"key": NEW}), ({"key": NEW}, {}))


@dataclass(frozen=True)
class Promised:
    """What the process said before it died."""

    orders: tuple[tuple[str, str], ...] = ()
    counted: bool = False
    vault: int = 0

    @staticmethod
    def read(said: str) -> Promised:
        """Read it from its output; a last line that was cut is no promise."""
        rows = [line.split() for line in said.splitlines()]
        orders = dict.fromkeys((row[1], row[2]) for row in rows if row[0] == "acknowledged")
        vault = max((int(row[1]) for row in rows if row[0] == "vault"), default=0)
        return Promised(tuple(orders), ["counted"] in rows, vault)


def check(work: Path, said: str) -> list[str]:
    """Open the state, judge what is there, run until quiet, judge again; give what is wrong."""
    promised = Promised.read(said)
    house = House(work / "top" / "state", work / "malls", STARTED, lambda text: None)
    try:
        wrong = [*_broken(house), *_promises(house, promised), *_vault(house, promised.vault)]
        if not house.is_counted():
            house.count()  # the clerk was told of no count, and enters it again
        return [*wrong, *_converged(house)]
    finally:
        house.close()


def _broken(house: House) -> Iterator[str]:
    with reading(house.database) as connection:
        found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        wrong = ledger.wrong_balances(connection)
    if found != ["ok"]:
        yield f"integrity: {found[:3]}"
    if wrong:
        yield f"balances are not the sums of their entries: {wrong}"


def _promises(house: House, promised: Promised) -> Iterator[str]:
    known = {key[:2] for key in _lines(house)}
    for order in promised.orders:
        if order not in known:
            yield f"{LOST} acknowledged order {order} is not in the books"
    if promised.counted and not house.is_counted():
        yield f"{LOST} the count that was told as entered"


def _vault(house: House, promised: int) -> Iterator[str]:
    """What was told as kept stands, or the step after it, whole; a new change is taken."""
    found = (house.vault.values("a"), house.vault.trial("a"))
    if found not in _VAULTS[promised : promised + 2]:
        yield f"{LOST} vault {promised}: has {[sorted(kinds) for kinds in found]}"
    house.vault.stage("a", {"key": NEW})
    house.vault.promote("a")
    if (house.vault.values("a"), house.vault.trial("a")) != _VAULTS[-1]:
        yield "vault: a renewal does not hold"


def _converged(house: House) -> Iterator[str]:
    quiet = 0
    for _ in range(ROUNDS):
        try:
            quiet = quiet + 1 if not any(r.moved or r.written or r.unknown for r in house.round()) else 0
        except MallError as error:
            yield f"a turn failed: {error}"
        if quiet >= 2 and not _unsettled(house):
            break
    else:
        yield f"not quiet after {ROUNDS} rounds: {_unsettled(house)}"
    yield from _broken(house)
    yield from _ledger_is_truth(house)
    yield from _shows_targets(house)


def _unsettled(house: House) -> list[str]:
    books = house.books
    found = [
        f"{name} waits for {item.code}" for name in house.malls.shops for item in books.waiting(name, 99)
    ]
    found += [f"{name} unknown {planned.code}" for name in house.malls.shops
              for _, planned in books.unknown_lines(name)]  # fmt: skip
    return found + [f"{name} sent" for name in house.malls.shops if books.sent_lines(name)]


def _lines(house: House) -> dict[tuple[str, str, str], tuple[str, str, int]]:
    c = order_lines.c
    query = select(c.shop, c.order_id, c.line_id, c.mall_code, c.state, c.quantity)
    with reading(house.database) as connection:
        rows = [tuple(row) for row in connection.execute(query)]
    return {row[:3]: (row[3], LineState(row[4]), row[5]) for row in rows}


def _ledger_is_truth(house: House) -> Iterator[str]:
    """Each line of each order stands in the books once, and counts for what it is, once."""
    wanted, counts = {}, {}
    for name, mall in house.malls.shops.items():
        for order in mall.orders():
            for line in order.lines:
                key = (name, order.order_id, line.line_id)
                wanted[key] = (line.mall_code, line.state, line.quantity)
                pieces = 0 if line.state is LineState.CANCELLED else line.quantity
                for code, each in (GIFT if line.mall_code == "gift" else {line.mall_code: 1}).items():
                    counts |= {(*key, code): -pieces * each} if pieces else {}
    if (found := _lines(house)) != wanted:
        yield f"lines: the books have {found}, the malls {wanted}"
    if (counted := _counts(house)) != counts:
        yield f"doubled or lost: the books count {counted}, the malls sold {counts}"


def _counts(house: House) -> dict[tuple[str, str, str, str], int]:
    c, found = entries.c, {}
    with reading(house.database) as connection:
        for row in connection.execute(select(entries).where(c.order_id != "")):
            key = (row.shop, row.order_id, row.line_id, row.code)
            found[key] = found.get(key, 0) + row.on_hand - row.reserved
    return {key: count for key, count in found.items() if count}


def _shows_targets(house: House) -> Iterator[str]:
    sold = dict.fromkeys(COUNTED, 0)
    for mall in house.malls.shops.values():
        for code, pieces in mall.sold().items():
            for part, each in (GIFT if code == "gift" else {code: 1}).items():
                sold[part] += pieces * each
    left = {code: COUNTED[code] - sold[code] for code in COUNTED}
    left["gift"] = min(left[part] // each for part, each in GIFT.items())
    for name, mall in house.malls.shops.items():
        shown = {code: mall.stock[code] for code in CODES}
        if shown != left:
            yield f"{name} shows {shown}, there is {left}"
