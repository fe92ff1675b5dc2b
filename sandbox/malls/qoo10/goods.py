"""Items, their option tables, and stock on two clocks (spec 6, 7.5, 11.3, 11.8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sandbox.catalogue import Good

AXES_MOST = 5
JOINT = "||*"
STATUSES = ("S0", "S1", "S2", "S3", "S5", "S8")
OPEN = ("S1", "S2")
LAST_DAY = date(2030, 12, 31)
OWN_EXPIRE_DATE = ("mug",)  # listings that a client's fixed date would change unnoticed
OWN_LIFE = timedelta(days=500)
REMEMBERED_S = 3600.0


class Level:
    """A quantity that others see later than the mall itself."""

    def __init__(self, quantity: int) -> None:
        self._changes: list[tuple[float, int]] = [(float("-inf"), quantity)]

    @property
    def now(self) -> int:
        """What the mall itself counts with."""
        return self._changes[-1][1]

    def set(self, quantity: int, now_s: float) -> None:
        """Change it now."""
        while len(self._changes) > 1 and self._changes[1][0] < now_s - REMEMBERED_S:
            del self._changes[0]
        self._changes.append((now_s, quantity))

    def changes(self) -> list[tuple[float, int]]:
        """Give when it changed, as far as is remembered, and to what."""
        return self._changes[1:]

    def seen(self, now_s: float, delay_s: float) -> int:
        """Give what somebody sees who sees changes only after a delay."""
        known = [quantity for at_s, quantity in self._changes if at_s + delay_s <= now_s]
        return known[-1] if known else self._changes[0][1]


@dataclass
class OptionRow:
    """One row of a combination table (組合せ型); ``code`` is 販売者オプションコード."""

    choices: list[tuple[str, str]]  # (name, value) of each axis
    code: str
    level: Level
    price: int = 0  # difference to the item's price

    @property
    def names(self) -> str:
        """The axis names as a write addresses them."""
        return JOINT.join(name for name, _value in self.choices)

    @property
    def values(self) -> str:
        """The chosen values as a write addresses them."""
        return JOINT.join(value for _name, value in self.choices)


@dataclass
class Item:
    """One listing. ``level`` counts for plain items only; others have rows."""

    item_code: str
    seller_code: str
    title: str
    listed: datetime
    changed: datetime
    level: Level
    price: int = 1980
    status: str = "S2"
    expires: date = LAST_DAY
    rows: list[OptionRow] = field(default_factory=list)
    has_options: bool = False
    shipping_no: int = 0

    def levels(self) -> list[Level]:
        """Give every quantity of the item."""
        return [row.level for row in self.rows] if self.has_options else [self.level]


@dataclass(frozen=True)
class Unit:
    """One sellable unit: a plain item, or one row of an item with options."""

    item: Item
    row: OptionRow | None

    @property
    def level(self) -> Level:
        """Its quantity."""
        return self.row.level if self.row else self.item.level

    @property
    def code(self) -> str:
        """The merchant's code at this mall."""
        return self.row.code if self.row else self.item.seller_code

    @property
    def place(self) -> str:
        """What tells it apart whatever its code: the item code, or ``<SellerCode>#<place from 0>``."""
        if self.row is None:
            return self.item.item_code
        places = [place for place, row in enumerate(self.item.rows) if row is self.row]
        return f"{self.item.seller_code}#{places[0]}"

    @property
    def name(self) -> str:
        """The title with the chosen values, as a person tells units apart."""
        values = [value for _name, value in self.row.choices] if self.row else []
        return " ".join((self.item.title, *values))


class Goods:
    """All items of the shop."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self._listed_as: dict[str, Unit] = {}
        self._numbered = 0

    def units(self) -> Iterator[Unit]:
        """Give every sellable unit."""
        for item in self.items.values():
            if item.has_options:
                yield from (Unit(item, row) for row in item.rows)
            else:
                yield Unit(item, None)

    def codes(self) -> dict[str, Unit]:
        """Give every unit by its code, by its place, and by what it was listed as.

        A code that several units share means the first of them.
        """
        own: dict[str, Unit] = {}
        for unit in self.units():
            own.setdefault(unit.code, unit)
        own.pop("", None)
        return {**{unit.place: unit for unit in self.units()}, **self._listed_as, **own}

    def stocked(self) -> dict[str, Unit]:
        """Give every unit by its code, or its place where the code is not its own alone.

        A code that it was listed as comes besides.
        """
        times = Counter(unit.code for unit in self.units())
        own = {
            (unit.code if times[unit.code] == 1 and unit.code else unit.place): unit for unit in self.units()
        }
        return {**self._listed_as, **own}

    def find(self, code: str) -> Unit:
        """Find a unit.

        Raises:
            ValueError: nobody sells it.
        """
        own = (unit for unit in self.units() if code and unit.code == code)
        if unit := next(own, None) or self._listed_as.get(code) or self._at(code):
            return unit
        raise ValueError(f"no listing has the code {code!r}")

    def _at(self, place: str) -> Unit | None:
        """Find a unit by its place. To name the place of each would take long where there are many."""
        seller_code, _, _number = place.rpartition("#")
        near = (unit for unit in self.units() if unit.item.seller_code == seller_code or not unit.row)
        return next((unit for unit in near if unit.place == place), None)

    def address(self, item_code: str, seller_code: str) -> Item | None:
        """Find an item as the API does: by either code, or by both if they agree.

        Several items of one seller code: the oldest answers, which is a guess.
        """
        known = self.items.get(item_code)
        candidates = ([known] if known else []) if item_code else self.items.values()
        return next((item for item in candidates if not seller_code or item.seller_code == seller_code), None)

    def item_of(self, seller_code: str) -> Item:
        """Find an item by its seller code, or by the code of one of its rows.

        Raises:
            ValueError: there is none.
        """
        for item in self.items.values():
            if item.seller_code == seller_code:
                return item
        return self.find(seller_code).item

    def list_good(self, good: Good, now: datetime) -> Unit:
        """Register one unit of the catalogue, with its item where that is not there yet."""
        parent = good.parent if good.choices else good.code
        item = next((i for i in self.items.values() if i.seller_code == parent and i.has_options), None)
        if item is None or not good.choices:
            item = self._open(parent, good, now)
        row = None
        if good.choices:
            row = OptionRow(list(good.choices[:AXES_MOST]), good.code, Level(good.quantity))
            item.rows.append(row)
        unit = Unit(item, row)
        self._listed_as.setdefault(good.code, unit)
        return unit

    def remove(self, item: Item) -> None:
        """Delete an item for good."""
        del self.items[item.item_code]
        self._listed_as = {code: unit for code, unit in self._listed_as.items() if unit.item is not item}

    def _open(self, seller_code: str, good: Good, now: datetime) -> Item:
        self._numbered += 1
        item_code = str(1_000_000_000 + self._numbered)
        item = Item(item_code, seller_code, good.name, now, now, Level(good.quantity))
        item.has_options = bool(good.choices)
        if good.code in OWN_EXPIRE_DATE:
            item.expires = min((now + OWN_LIFE).date(), LAST_DAY)
        self.items[item_code] = item
        return item
