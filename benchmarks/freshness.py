"""How long after an order on one mall the buyers of every other see the lower number.

``python -m benchmarks.freshness`` starts the simulators and the bot as the demo does, at the malls'
real quotas, and places orders as a Poisson process. The malls note when what buyers see changes, and
are asked for it at the end alone. Orders on Amazon have a row of their own: it lets its orders be
searched once in 179 s. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters import registry
from benchmarks.street import AMAZON, COUNTED, PROMPT, Street, street

AMAZON_FLOOR_S = 179.0  # Source: models ordersApiModel, searchOrders: 0.0056 calls a second
GRACE_S = 60.0
_MARGIN = timedelta(seconds=1)


@dataclass(frozen=True)
class Terms:
    """What is asked for. Orders are a minute."""

    poll_s: float
    orders: float
    amazon: float
    minutes: float
    background: int
    latency_s: float
    seed: int
    codes: int

    @property
    def malls(self) -> tuple[str, ...]:
        """Where the merchant sells."""
        return (*PROMPT, AMAZON) if self.amazon else PROMPT

    @property
    def last_wait_s(self) -> float:
        """How long after the last order all must be equal; a waiting background may need longer."""
        return GRACE_S + 2 * max(self.poll_s, AMAZON_FLOOR_S + 180 if self.amazon else 0)


@dataclass(frozen=True)
class Placed:
    """An order of one piece. ``left``: what every mall should show of the code since."""

    mall: str
    code: str
    left: int
    at: datetime


@dataclass(frozen=True)
class Seen:
    """How long it took one order to be seen on one other mall; None: it never was."""

    placed: Placed
    where: str
    after_s: float | None


# --------------------------------------------------------------------------- shoppers


def shop(ground: Street, terms: Terms) -> list[Placed]:
    """Buy until the time is over; give all orders."""
    chance = random.Random(terms.seed)
    left = dict.fromkeys(ground.sold, COUNTED)
    started, found = time.monotonic(), []
    for number, (due_s, name) in enumerate(_arrivals(chance, terms)):
        time.sleep(max(0.0, started + due_s - time.monotonic()))
        code = ground.sold[number % len(ground.sold)]
        left[code] -= 1
        at = datetime.now(UTC)
        ground.driver.mall(name).order(code)
        found.append(Placed(name, code, left[code], at))
    return found


def _arrivals(chance: random.Random, terms: Terms) -> Iterator[tuple[float, str]]:
    """Give when an order comes, in seconds, and where."""
    together, due_s = terms.orders + terms.amazon, 0.0
    while (due_s := due_s + chance.expovariate(together / 60)) < terms.minutes * 60:
        yield due_s, AMAZON if chance.random() < terms.amazon / together else chance.choice(PROMPT)


def settle(ground: Street, placed: Sequence[Placed], within_s: float) -> list[tuple[str, str, int]]:
    """Wait until all malls are equal again; give what is still wrong when the time is over."""
    wanted = dict.fromkeys(ground.sold, COUNTED) | {order.code: order.left for order in placed}
    started = time.monotonic()
    while (wrong := ground.wrong(wanted)) and time.monotonic() - started < within_s:
        time.sleep(2)
    return wrong


def observed(ground: Street, placed: Sequence[Placed]) -> list[Seen]:
    """Ask the malls when each order's number came to be shown."""
    if not placed:
        return []
    since = (placed[0].at - _MARGIN).isoformat()
    found: list[Seen] = []
    for name in PROMPT:
        rows = ground.driver.mall(name).call("changes", codes=list(ground.sold), since=since)
        shown = [(datetime.fromisoformat(row["at"]), row["code"], row["quantity"]) for row in rows]
        found += [Seen(order, name, _after_s(order, shown)) for order in placed if order.mall != name]
    return found


def _after_s(order: Placed, shown: Sequence[tuple[datetime, str, int]]) -> float | None:
    hits = (at for at, code, quantity in shown if code == order.code and quantity <= order.left)
    return next(((at - order.at).total_seconds() for at in hits if at >= order.at), None)


# --------------------------------------------------------------------------- figures


def figures(seen: Sequence[Seen], wrong: int) -> dict[str, Any]:
    """Give what stands in the JSON line."""
    prompt = [each for each in seen if each.placed.mall != AMAZON]
    slow = [each for each in seen if each.placed.mall == AMAZON]
    malls = {
        name: {**_row([each for each in prompt if each.where == name]), "delay_s": _own_delay_s(name)}
        for name in PROMPT
    }
    sources = {name: _row([each for each in prompt if each.placed.mall == name]) for name in PROMPT}
    amazon = {**_row(slow), "floor_s": AMAZON_FLOOR_S} if slow else None
    return {**_row(prompt), "malls": malls, "sources": sources, "amazon": amazon, "wrong": wrong}


def _row(seen: Sequence[Seen]) -> dict[str, Any]:
    times = sorted(each.after_s for each in seen if each.after_s is not None)
    never = len(seen) - len(times)
    return {
        "p50_s": _share(times, 0.5),
        "p99_s": _share(times, 0.99),
        "most_s": _share(times, 1.0),
        "seen": len(times),
        "never": never,
    }


def _share(times: Sequence[float], share: float) -> float | None:
    """Give the time within which this share was seen."""
    return round(times[max(0, math.ceil(share * len(times)) - 1)], 2) if times else None


def _own_delay_s(name: str) -> float:
    """Give how long the mall itself may take to show an accepted number; the simulators take none."""
    return registry.abilities(name).visible_after_s


def table(found: Mapping[str, Any]) -> str:
    """Give the figures as Markdown."""
    heads = ["seen on", "numbers", "p50 s", "p99 s", "most s", "never", "mall's own delay s"]
    rows = [_cells(name, row, f"{row['delay_s']:g}") for name, row in found["malls"].items()]
    rows.append(_cells("all four", found, "-"))
    rows += [_cells(f"orders on {name}", row, "-") for name, row in found["sources"].items()]
    if found["amazon"]:
        rows.append(_cells("orders on Amazon", found["amazon"], f"floor {AMAZON_FLOOR_S:g}"))
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cells(name: str, row: Mapping[str, Any], last: str) -> list[str]:
    times = ["-" if row[key] is None else f"{row[key]:.1f}" for key in ("p50_s", "p99_s", "most_s")]
    return [name, str(row["seen"]), *times, str(row["never"]), last]


# --------------------------------------------------------------------------- the command


def measure(terms: Terms) -> dict[str, Any]:
    """Run the street, shop, and look."""
    sold = tuple(f"fresh-{number:02d}" for number in range(terms.codes))
    with street(terms.malls, sold, terms.background, terms.poll_s) as ground:
        for name in terms.malls:
            ground.driver.mall(name).fault("slow", seconds=terms.latency_s)
        print("the malls are equal, shoppers come", file=sys.stderr, flush=True)
        placed = shop(ground, terms)
        wrong = settle(ground, placed, terms.last_wait_s)
        for name, code, shown in wrong:
            print(f"{name} shows {shown} of {code}", file=sys.stderr)
        return figures(observed(ground, placed), len(wrong))


def _a_minute(text: str) -> float:
    """Read ``10/min``.

    Raises:
        ArgumentTypeError: it has another form.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)/min", text)
    if found is None:
        raise argparse.ArgumentTypeError("write it as 10/min")
    return float(found[1])


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.freshness", description="from an order to other malls")
    parser.add_argument("--poll", type=float, default=15, help="seconds between two looks at orders")
    parser.add_argument("--orders", type=_a_minute, default=10.0, help="on the four malls, as 10/min")
    parser.add_argument("--amazon", type=_a_minute, default=1.0, help="on Amazon; 0/min leaves it out")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--background", type=int, default=0, help="codes that wait to be written meanwhile")
    parser.add_argument("--latency", type=float, default=0.3, help="seconds that every answer takes")
    parser.add_argument("--seed", type=int, default=1)
    # A code comes up again long after its last order is seen everywhere.
    parser.add_argument("--codes", type=int, default=60, help="so many are sold, in turn")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, and print the table and the JSON line."""
    chosen = _arguments(argv)
    terms = Terms(
        chosen.poll,
        chosen.orders,
        chosen.amazon,
        chosen.minutes,
        chosen.background,
        chosen.latency,
        chosen.seed,
        chosen.codes,
    )
    print(f"{datetime.now(UTC):%Y-%m-%d}: {terms}", flush=True)
    found = measure(terms)
    print(table(found))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
