"""The mapping and the team as values: what the rest of the bot knows of the mapping repository."""

from __future__ import annotations

import itertools
import math
from collections import abc
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from bot.mapping.rules import JOINER, Codes, KeptProducts, Listings, Products, Rank, Rules


class OrderSource(StrEnum):
    """Where a shop's orders come from."""

    API = "api"
    FILE = "file"
    NONE = "none"  # on purpose, with a reason
    VIA = "via"  # they arrive at another shop


class OnUnlink(StrEnum):
    """What a listing that leaves the mapping shows from then on."""

    ZERO = "zero"
    LEAVE = "leave"


class ShopStatus(StrEnum):
    """Whether a shop takes part; an archived one is checked and kept, nothing more."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class LastUnits(StrEnum):
    """How the last pieces are divided when no fixed number says so."""

    AUTO = "auto"
    OFF = "off"


@dataclass(frozen=True)
class OnCancel:
    """What a cancelled order does to stock: ours comes back, the mall raises its own number."""

    return_stock: bool = True
    mall_returns_stock: bool = False


@dataclass(frozen=True)
class Shop:
    """One account on a mall.

    Args:
        mall: the kind of marketplace, a name the adapters know.
        via: the shop that its orders arrive at, if ``orders`` is VIA.
        orders_reason: why there are none, if ``orders`` is NONE.
        cap: most pieces it ever shows; None for no limit but the mall's own.
        share: weight for the last units; None lets sales decide.
        joiner: stands between code and axis values in this shop's own codes.
        mode: a way of working that the mall's adapter offers, "" for its default.
        last_units: a number: it shows none of a code that is down to so many; OFF: it shows all
            there are, however few; else it shares them as the product says.
    """

    name: str
    mall: str
    orders: OrderSource = OrderSource.API
    via: str = ""
    orders_reason: str = ""
    code_field: str = ""
    on_cancel: OnCancel = OnCancel()
    safety_stock: int = 0
    cap: int | None = None
    share: float | None = None
    joiner: str = "-"
    on_unlink: OnUnlink = OnUnlink.ZERO
    status: ShopStatus = ShopStatus.ACTIVE
    mode: str = ""
    last_units: LastUnits | int | None = None


@dataclass(frozen=True)
class Axis:
    """One choice a buyer makes: 色, サイズ."""

    name: str
    values: tuple[str, ...]

    def __contains__(self, value: object) -> bool:
        return value in self._known

    def standing_at(self, text: str, start: int) -> abc.Iterator[str]:
        """Give the values that stand in ``text`` from ``start`` on: several, where one begins another."""
        for length in self._lengths:
            value = text[start : start + length]
            if len(value) == length and value in self._known:
                yield value

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.values)

    @cached_property
    def _lengths(self) -> tuple[int, ...]:
        return tuple(sorted({len(value) for value in self.values}))


class Variant(NamedTuple):
    """One sellable unit of a product; ``values`` are its choices, empty without axes."""

    code: str
    values: tuple[str, ...] = ()


UNLINKED: abc.Mapping[str, str | None] | None = None
"""In ``Product.listings``: this shop does not list the product (取扱なし)."""


@dataclass(frozen=True)
class Product:
    """One entry of the file: a single code, a parent with axes, or a set.

    Args:
        parts: component code -> pieces, for a set; empty otherwise.
        listings: shop -> exceptions, code -> mall code (None: not linked); ``UNLINKED`` for a
            shop that does not list the product at all. A shop that is absent lists every code
            under the same name.
    """

    code: str
    name: str = ""
    axes: tuple[Axis, ...] = ()
    parts: abc.Mapping[str, int] = field(default_factory=dict)
    listings: abc.Mapping[str, abc.Mapping[str, str | None] | None] = field(default_factory=dict)
    safety_stock: int | None = None
    last_units: LastUnits | int | None = None

    def variants(self) -> abc.Iterator[Variant]:
        """Give the sellable units, in the order of the axes."""
        return map(self.variant, itertools.product(*(axis.values for axis in self.axes)))

    def variant(self, values: tuple[str, ...]) -> Variant:
        """Give the sellable unit with these choices, one of each axis."""
        return Variant(JOINER.join((self.code, *values)), values)

    @property
    def count(self) -> int:
        """Give how many sellable units there are."""
        return math.prod(len(axis.values) for axis in self.axes)

    def unlinked(self, shop: str) -> int:
        """Give how many of them a shop does not list."""
        exceptions = self.listings.get(shop, {})
        if exceptions is None:
            return self.count
        return sum(mall_code is None for mall_code in exceptions.values())

    def linked(self, shop: Shop) -> abc.Iterator[tuple[str, str]]:
        """Give code and mall code of each unit that a shop lists."""
        if self.listed_on(shop.name):
            for variant in self.variants():
                if (mall_code := self.mall_code(variant, shop)) is not None:
                    yield variant.code, mall_code

    def names(self) -> abc.Iterator[tuple[str, str, str]]:
        """Give shop, mall code and code of each exception that is linked."""
        for shop, exceptions in self.listings.items():
            for code, mall_code in (exceptions or {}).items():
                if mall_code is not None:
                    yield shop, mall_code, code

    def listed_on(self, shop: str) -> bool:
        """Tell whether a shop lists the product at all."""
        return self.listings.get(shop, {}) is not None

    def mall_code(self, variant: Variant, shop: Shop) -> str | None:
        """Give what ``shop`` calls the variant; None if it does not list it."""
        exceptions = self.listings.get(shop.name, {})
        if exceptions is None:
            return None
        if variant.code in exceptions:
            return exceptions[variant.code]
        return shop.joiner.join((self.code, *variant.values))


@dataclass(frozen=True)
class Defaults:
    """What holds where nothing else is written; an int for ``last_units`` is a fixed number."""

    safety_stock: int = 0
    last_units: LastUnits | int = LastUnits.AUTO


@dataclass(frozen=True)
class Mapping:
    """The checked mapping of one commit, with the views that the sync core asks for.

    Args:
        products: in the files' order; such as can look themselves up are asked to.
    """

    shops: abc.Mapping[str, Shop]
    products: abc.Collection[Product] | Products
    payments: abc.Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    deliveries: abc.Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    defaults: Defaults = Defaults()

    def codes(self) -> abc.Collection[str]:
        """Give every sellable code: singles, joined variations and sets, in the file's order."""
        return Codes(self._products, self._rules)

    def shop(self, name: str) -> Shop:
        """Give a shop by its name.

        Raises:
            KeyError: there is no such shop.
        """
        return self.shops[name]

    def listing(self, shop: str, code: str) -> str | None:
        """Give what ``shop`` calls ``code``; None if it is not linked there or not known."""
        return self._listings[shop].get(code) if shop in self.shops else None

    def listings(self, shop: str) -> abc.Mapping[str, str]:
        """Give code -> mall code of everything linked on ``shop``."""
        return self._listings[shop]

    def code_of(self, shop: str, mall_code: str) -> str | None:
        """Give the merchant's code behind a listing, by looking it up, never by cutting it."""
        return self._rules.find_listed(self.shops[shop], mall_code)

    def components(self, code: str) -> abc.Mapping[str, int]:
        """Give the single codes, with pieces, that one of ``code`` is made of.

        Raises:
            KeyError: the code is not in the mapping.
        """
        if code in self._made_of:
            return self._made_of[code]
        product = self.product_of(code)
        if product is None:
            raise KeyError(code)
        return self._parts_of(product) if product.parts else {code: 1}

    def _parts_of(self, product: Product) -> dict[str, int]:
        found: dict[str, int] = {}
        for part, count in product.parts.items():
            for single, pieces in self.components(part).items():
                found[single] = found.get(single, 0) + pieces * count
        self._made_of[product.code] = found
        return found

    def sets_using(self, code: str) -> tuple[str, ...]:
        """Give the sets that hold the single ``code``, directly or through another set."""
        if not self._products.holding(code) or self._is_set(code):
            return ()
        found: dict[str, Rank] = {}
        waiting = [code]
        while waiting:
            for rank, name in self._products.holding(waiting.pop()):
                if name not in found:
                    found[name] = rank
                    waiting.append(name)
        return tuple(sorted(found, key=found.__getitem__))

    def _is_set(self, code: str) -> bool:
        product = self.product_of(code)
        return bool(product and product.parts)

    def product_of(self, code: str) -> Product | None:
        """Give the entry that a sellable code belongs to: the way back from a joined code."""
        found = self._rules.find(code)
        return found[0] if found else None

    def payment_name(self, name: str) -> str | None:
        """Give the merchant's name for a mall's payment name; None if the table has it not."""
        return _normalised(name, self.payments)

    def delivery_name(self, name: str) -> str | None:
        """Give the merchant's name for a mall's delivery name; None if the table has it not."""
        return _normalised(name, self.deliveries)

    def name_of(self, code: str) -> str:
        """Give a name for people: the product's, with its choices; the code where there is none."""
        found = self._rules.find(code)
        if found is None or not found[0].name:
            return code
        product, variant = found
        return " ".join((product.name, "/".join(variant.values))).rstrip()

    def safety_stock(self, code: str) -> int:
        """Give the pieces of ``code`` that are kept back everywhere."""
        product = self.product_of(code)
        own = product.safety_stock if product else None
        return self.defaults.safety_stock if own is None else own

    def last_units(self, code: str) -> LastUnits | int:
        """Give how the last pieces of ``code`` are divided: at so many, by measure, or not at all."""
        product = self.product_of(code)
        own = product.last_units if product else None
        return self.defaults.last_units if own is None else own

    def entry(self, code: str) -> Product | None:
        """Give the entry with just this code: a parent with axes too."""
        return next((product for product in self._products.starting(code) if product.code == code), None)

    @cached_property
    def _products(self) -> Products:
        return self.products if isinstance(self.products, Products) else KeptProducts(self.products)

    @cached_property
    def _rules(self) -> Rules:
        return Rules(self._products)

    @cached_property
    def _listings(self) -> dict[str, Listings]:
        return {name: Listings(self._products, self._rules, shop) for name, shop in self.shops.items()}

    @cached_property
    def _made_of(self) -> dict[str, dict[str, int]]:
        return {}


def _normalised(name: str, table: abc.Mapping[str, tuple[str, ...]]) -> str | None:
    return next((ours for ours, theirs in table.items() if name == ours or name in theirs), None)


class Role(StrEnum):
    """What a person may do; each may all that the one before may."""

    NONE = "none"
    READER = "reader"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Give the place in the order none < reader < operator < admin."""
        return list(Role).index(self)

    def covers(self, needed: Role) -> bool:
        """Tell whether this role includes ``needed``."""
        return self.rank >= needed.rank


class WindowKind(StrEnum):
    """What a stretch of the calendar means."""

    MAINTENANCE = "maintenance"
    SALE = "sale"


@dataclass(frozen=True)
class CalendarWindow:
    """A known stretch of time; ``shops`` is empty where it means all of them."""

    kind: WindowKind
    starts_at: datetime
    ends_at: datetime
    shops: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Team:
    """Who may do what, and where the bot speaks.

    Args:
        users: user id -> role.
        groups: user-group id -> role.
        channels: purpose -> channel id.
    """

    users: abc.Mapping[str, Role] = field(default_factory=dict)
    groups: abc.Mapping[str, Role] = field(default_factory=dict)
    default_role: Role = Role.READER
    channels: abc.Mapping[str, str] = field(default_factory=dict)
    language: str = "ja"
    windows: tuple[CalendarWindow, ...] = ()

    @property
    def ops_channel(self) -> str:
        """Give the id of the channel where the bot speaks; "" if none is written down."""
        return self.channels.get("ops", "")

    def role_of(self, user: str, groups: abc.Iterable[str] = ()) -> Role:
        """Give a person's role: their own entry first, then the highest of their groups."""
        if user in self.users:
            return self.users[user]
        held = [self.groups[group] for group in groups if group in self.groups]
        return max(held, key=lambda role: role.rank, default=self.default_role)
