"""The five malls with a wire of their own and the real bot beside them, at the malls' real pace."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.store.database import DATABASE
from sandbox.demo import Demo, Pace, until
from sandbox.shops import SHOPS, DemoShop

PROMPT = ("rakuten", "yahoo", "futureshop", "qoo10")
AMAZON = "amazon"
COUNTED = 60  # pieces of each code that is sold
BACKGROUND = 90  # and of the others: more, so that what is sold is written before them
COUNT_ROWS = 5000
_ACROSS = tuple(f"a{number:02d}" for number in range(20))
_DOWN = tuple(f"b{number:02d}" for number in range(20))
_A_PRODUCT = len(_ACROSS) * len(_DOWN)  # as many as one item of Rakuten may have
_START_S = 1800.0

Call = tuple[str, str, dict[str, Any]]


def shops(names: tuple[str, ...]) -> tuple[DemoShop, ...]:
    """Give the demo's shops on some malls, without what makes them quick to watch."""
    return tuple(replace(shop, fixed={}) for shop in SHOPS if shop.part in names)


class Street(Demo):
    """The demo with other goods. Use as a context manager; it is ready once all malls are equal.

    Args:
        malls: where the merchant sells.
        sold: codes that shoppers buy.
        background: so many further codes, not on Amazon, wait to be written from the start. Of codes that
            wait alike those go first whose names do: theirs come after what is sold, or shoppers would
            come when the last of them is written.
    """

    command_s = 3600.0  # a first count of a hundred thousand codes takes its time

    def __init__(
        self, folder: Path, malls: tuple[str, ...], sold: tuple[str, ...], background: int, poll_s: float
    ) -> None:
        self.malls, self.sold = malls, sold
        self._parents = tuple(f"later{number:04d}" for number in range(-(-background // _A_PRODUCT)))
        pace = Pace(poll_s=poll_s, again_s=300, mapping_s=60)
        pace.settings.update(amazon={}, futureshop={"samples": False})
        super().__init__(folder, _mapping(folder, malls, sold, self._parents), pace, shops(malls))

    def _set_up_bot(self) -> None:
        calls = (call for name in self.malls for call in self._listed(name))
        while some := list(islice(calls, COUNT_ROWS)):
            self.driver.batch(some)
        super()._set_up_bot()
        waiting = iter([f"{parent}-{a}-{b}" for parent in self._parents for a in _ACROSS for b in _DOWN])
        while codes := list(islice(waiting, COUNT_ROWS)):
            self.count(dict.fromkeys(codes, BACKGROUND))

    def on_the_shelf(self) -> dict[str, int]:
        """Give the first stock count: what is sold alone, so that it goes out before the others."""
        return dict.fromkeys(self.sold, COUNTED)

    def _listed(self, name: str) -> Iterator[Call]:
        for code in self.sold:
            yield name, "add_product", {"code": code, "name": "計測"}
        for parent in self._parents if name != AMAZON else ():
            for across in _ACROSS:
                for down in _DOWN:
                    yield name, "add_product", _variant(name, parent, across, down)

    def open(self) -> None:
        """Switch sync on once every product list is read, and wait until the malls are equal."""
        until(self._listed_everywhere, "the product lists", _START_S)
        self.driver.slack.user("alice").types("/zaiko on")
        until(lambda: not self.wrong(self.on_the_shelf()), "equal numbers on all malls", _START_S)

    def _listed_everywhere(self) -> bool:
        path = self.folder / "state" / DATABASE
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            found = connection.execute("select count(distinct shop) from products").fetchone()[0]
        return int(found) == len(self.malls)

    def wrong(self, wanted: Mapping[str, int]) -> list[tuple[str, str, int]]:
        """Give (mall, code, what buyers see) wherever they see another number than wanted."""
        shown = {name: self.driver.mall(name).call("stock") for name in self.malls}
        return [
            (name, code, shown[name][code])
            for name in self.malls
            for code, quantity in wanted.items()
            if shown[name][code] != quantity
        ]


@contextmanager
def street(malls: tuple[str, ...], sold: tuple[str, ...], background: int, poll_s: float) -> Iterator[Street]:
    """Run the malls and the bot in a folder of their own."""
    with (
        TemporaryDirectory(prefix="tanaban-street-") as name,
        Street(Path(name), malls, sold, background, poll_s) as found,
    ):
        found.open()
        yield found


def _variant(mall: str, parent: str, across: str, down: str) -> dict[str, Any]:
    own: Mapping[str, dict[str, Any]] = {
        "futureshop": {"horizontal_no": f"-{across}", "vertical_no": f"-{down}"},
        "qoo10": {"choices": {"横": across, "縦": down}},
    }
    code = f"{parent}-{across}-{down}"
    return {"code": code, "name": "その他", "parent": parent, **own.get(mall, {})}


def _mapping(folder: Path, malls: tuple[str, ...], sold: tuple[str, ...], parents: tuple[str, ...]) -> Path:
    """Write the mapping repository's files; gives their folder."""
    files = folder / "mapping"
    files.mkdir()
    rows = [f"  {shop.name}: {{mall: {shop.part}, orders: api}}" for shop in shops(malls)]
    axes = f"[{_axis('横', _ACROSS)}, {_axis('縦', _DOWN)}]"
    amazon = [shop.name for shop in shops(malls) if shop.part == AMAZON]
    nowhere = f", listings: {{{amazon[0]}: false}}" if amazon else ""
    goods = [f"  - {{code: {code}}}" for code in sold]
    goods += [f"  - {{code: {parent}, axes: {axes}{nowhere}}}" for parent in parents]
    head = ["version: 1", "defaults: {last_units: off}", "shops:", *rows, "products:", *goods]
    (files / "mappings.yaml").write_text("\n".join(head) + "\n", encoding="utf-8")
    roles = ["version: 1", "roles: {admin: [U0ALICE01]}", "channels: {ops: C0ZAIKO01}"]
    (files / "team.yaml").write_text("\n".join(roles) + "\n", encoding="utf-8")
    return files


def _axis(name: str, values: tuple[str, ...]) -> str:
    return f"{{name: {name}, values: [{', '.join(values)}]}}"
