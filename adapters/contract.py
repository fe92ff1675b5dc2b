"""What every mall can be asked, and the values that cross that border.

A *shop* is one account on a mall. A *mall code* is the listing's code as the merchant knows it
on that mall; the *address* is the mall's own key of one stock cell (Rakuten's pair, Yahoo's
``item:sub`` ...), opaque to everything but that mall's adapter. Quantities are pieces, ints,
>= 0. Times are aware and UTC.

An adapter states its abilities and speaks the wire. It never sleeps, retries, keeps state,
chooses a number, logs a secret or knows about dry runs and pauses: the core does all that.
Pacing waits happen in the session the adapter is given (``adapters.pacer``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from threading import Event
from typing import ClassVar, Protocol, runtime_checkable

from adapters.errors import MallError, UnsupportedError
from adapters.secret import Secret

Address = tuple[str, ...]


class Clock(Protocol):
    """Time as an argument."""

    def now(self) -> datetime:
        """Give the wall-clock time, aware, UTC."""

    def monotonic(self) -> float:
        """Give seconds that never go back."""

    def wait(self, stop: Event, timeout_s: float) -> bool:
        """Wait up to ``timeout_s`` or until ``stop`` is set; True if it is set."""


# --------------------------------------------------------------------------- what a shop is given


@dataclass(frozen=True)
class ShopSettings:
    """One shop as the operator set it up in ``tanaban.toml``: addresses and switches, no secrets.

    ``options`` holds plain values (``base_url``, ``ca_file``, ``host``, ``port``,
    ``tls_verify``, ``timeout_s`` ...); each adapter's README lists its own.
    """

    name: str
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict)


Credentials = Mapping[str, Secret]
"""Credential kind (``licence``, ``password`` ...) -> value. A kind that was never set is absent."""


# --------------------------------------------------------------------------- abilities


class LowersOwnStock(StrEnum):
    """When a mall takes its own sales off the number it shows."""

    AT_ORDER = "at_order"
    AT_PAYMENT = "at_payment"
    NO = "no"


@dataclass(frozen=True)
class CredentialKind:
    """One credential of a mall: what it is, how long it lives, where a person renews it.

    Kinds of the same ``group`` are asked for, tried and swapped together. ``blanks``: a value may
    hold blanks (a key of several lines). ``optional``: the shop works without it. ``consent``: it comes
    of a person's consent on the mall's own page, for which the adapter is a ``Consents``.
    """

    name: str
    label_ja: str
    label_en: str
    life_days: int | None = None
    activation_s: int = 0  # how long a new value may take to live; a renewal is pending meanwhile
    page_url: str = ""
    secret: bool = True
    group: str = ""
    blanks: bool = False
    optional: bool = False
    consent: bool = False


@dataclass(frozen=True)
class Ability:
    """One thing a mall can or cannot do, with the reason and where that was read."""

    able: bool
    why: str
    source: str
    verified: str  # ISO date


@dataclass(frozen=True)
class Quota:
    """A published limit: ``per_s`` calls a second, ``burst`` at once."""

    per_s: float
    burst: int = 1


@dataclass(frozen=True)
class Abilities:
    """What the core must know of a mall; never asked by the mall's name.

    ``write_batch`` None means a whole file. ``late_confirm``: a write is *sent* first and
    confirmed later. ``address_is_code``: the mall code itself is the address, so no product
    import is needed before a write. ``writable`` is None where stock can be written; where it
    cannot, no line is planned for the shop and ``write_stock`` raises ``UnsupportedError``.
    """

    mall: str
    name_ja: str
    name_en: str
    code_field: str  # the native field that holds the mall code, as the mall's screen names it
    code_pattern: str
    code_max_bytes: int
    quantity_max: int
    readable: Ability
    products: Ability
    orders: Ability
    relative_write: Ability
    write_batch: int | None
    read_batch: int | None
    bulk_above: int | None = field(default=None, kw_only=True)  # more lines than this go another way
    bulk_batch: int | None = field(default=None, kw_only=True)  # and so many at once
    quotas: Mapping[str, Quota]
    credentials: tuple[CredentialKind, ...]
    lowers_own_stock: LowersOwnStock
    visible_after_s: float
    look_back_s: float
    order_lag_s: float = 0
    late_confirm: bool = False
    address_is_code: bool = False
    expected_delay_s: float = 0  # from our write to the buyer's page, for people to read
    min_write_interval_s: float = 0
    poll_interval_s: float | None = None  # where the usual one is more than the mall allows
    quick_poll_interval_s: float | None = None  # likewise, while the last pieces of something are selling
    quick_polls: int | None = None  # so many of these at a stretch; None: no limit of their own
    again_interval_s: float | None = None
    code_screen: str = ""  # where on the mall's own screen that field is set
    quality: str = "simulated"  # or documented, or live-checked on a date
    writable: Ability | None = None
    registers_address: bool = False  # calls come from addresses that were registered with the mall


# --------------------------------------------------------------------------- products and stock


@dataclass(frozen=True)
class Product:
    """One sellable unit as the mall lists it. ``on_sale`` None where the mall does not say."""

    mall_code: str
    address: Address
    name: str
    on_sale: bool | None = None
    note: str = ""  # a finding for people: "no stock control", "sells at 0" ...


@dataclass(frozen=True)
class Finding:
    """Something in a file that a person should look at: its row, what it is, and the code it is about.

    ``key`` is a key of ``bot/messages``.
    """

    row: int
    key: str
    code: str = ""


@dataclass(frozen=True)
class ProductFile:
    """What a product file of a mall's own screen says."""

    products: tuple[Product, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class StockLevel:
    """What a mall shows now for one address."""

    address: Address
    quantity: int
    updated_at: datetime | None = None


@dataclass(frozen=True)
class StockLine:
    """One number to write: absolute, in pieces."""

    mall_code: str
    address: Address
    quantity: int


class Outcome(StrEnum):
    """What became of one line."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    SENT = "sent"  # the mall answers later: see ``confirm``


@dataclass(frozen=True)
class LineResult:
    """The outcome of one line; ``error`` says why unless DONE or SENT.

    ``ticket`` names what was sent (a file's name, a feed's id) where the mall answers later.
    """

    line: StockLine
    outcome: Outcome
    error: MallError | None = None
    ticket: str = ""


# --------------------------------------------------------------------------- listing by a file

_JAPAN = timezone(timedelta(hours=9))


@dataclass(frozen=True)
class ListingRun:
    """How long a listing may be up: days of one run, its hour of ending in Japan, automatic relistings."""

    days: int
    hour: int
    relists: int
    extends: bool

    def over_by(self, listed_at: datetime) -> datetime:
        """Give the moment by which it has surely ended, unless a person relists it.

        Each relisting is counted with a day more, as the mall begins it some time after the end; an
        automatic extension with a day. Both margins are ours.
        """
        runs = self.relists + 1
        day = listed_at.astimezone(_JAPAN).replace(hour=0, minute=0, second=0, microsecond=0)
        margin = self.relists + (1 if self.extends else 0)
        end = day + timedelta(days=self.days * runs + margin, hours=self.hour + 1)
        return end.astimezone(listed_at.tzinfo)


@dataclass(frozen=True)
class ListingFile:
    """A file by which a person lists pieces on the mall's screen, once: a second upload lists them again.

    ``results`` has one entry a line, in order: SENT with the ticket of this file, or REFUSED and not in
    it. ``runs`` tells by mall code how long the pieces must be held; a code is absent where that is not
    known, and a person must tell when it ended. No file is made of no lines: ``content`` is b"".
    """

    name: str
    content: bytes
    results: Sequence[LineResult]
    runs: Mapping[str, ListingRun]


# --------------------------------------------------------------------------- orders


class LineState(StrEnum):
    """What an order line means for stock."""

    RESERVED = "reserved"  # seen, unpaid or not yet shippable
    SOLD = "sold"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class OrderLine:
    """One line of an order, without anything personal.

    ``address`` is matched through the product snapshot first, ``mall_code`` after.
    ``revision`` is the mall's own time of the last change; None where it has none.
    ``quantity`` is what stands now: 0 for a line that was taken out.
    """

    line_id: str
    mall_code: str
    address: Address
    quantity: int
    state: LineState
    revision: datetime | None = None
    auction_id: str = ""  # sold at an auction whose orders arrive at this shop


@dataclass(frozen=True)
class Order:
    """An order as stock sees it. No names, addresses, mail or telephone: dropped at the wire."""

    order_id: str
    ordered_at: datetime
    lines: tuple[OrderLine, ...]
    payment: str = ""
    delivery: str = ""
    closed: bool = False  # nothing more can change: not read again


@dataclass(frozen=True)
class Window:
    """A stretch of time, ``since`` <= t <= ``until``."""

    since: datetime
    until: datetime


# --------------------------------------------------------------------------- credentials


class CredentialState(StrEnum):
    """What a mall's own answer says of a credential."""

    OK = "ok"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class CredentialStatus:
    """State of one credential kind; ``expires_at`` where the mall tells it."""

    kind: str
    state: CredentialState
    expires_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True)
class Grant:
    """What a consent gave: values by kind. ``expires_at`` counts from the consent, whatever is done later."""

    values: Credentials
    expires_at: datetime


@runtime_checkable
class Consents(Protocol):
    """An adapter whose credential comes of a person's consent on the mall's own page."""

    def consent_url(self, state: str) -> str:
        """Give the page on which a person consents; ``state`` comes back with it.

        Raises:
            ConfigError, AuthError: something that it is made of is not set.
        """

    def redeem(self, pasted: str, state: str) -> Grant:
        """Turn what the mall sent the person back with, an address or a code, into credentials; once.

        Raises:
            AuthError: it was refused, is used already, or answers another ``state``.
        """


@dataclass(frozen=True)
class KnownError:
    """An error of a mall: how it is recognised, and what is to be said of it.

    Args:
        pattern: the mall's own code; or, with a ``~`` before it, a part of what it says.
        cause: of which class of ``adapters.errors`` it is.
        key: ``error.<key>.cause`` and ``error.<key>.cure`` of ``bot/messages``.
        source: where that was read.
    """

    pattern: str
    cause: str
    key: str
    source: str

    def fits(self, error: MallError) -> bool:
        """Tell whether an error is this one."""
        if error.cause != self.cause:
            return False
        said = self.pattern.removeprefix("~")
        return said in str(error) if said != self.pattern else said == error.vendor_code


@dataclass(frozen=True)
class CheckResult:
    """A connection check that passed: what was asked, and the mall's own words where it has any."""

    detail: str


# --------------------------------------------------------------------------- the contract


Progress = Callable[[int, int | None], None]
"""(rows so far, of how many if known). A row is what the mall's list counts: a unit, or a whole item."""


def _unheard(_done: int, _total: int | None) -> None:
    pass


class Adapter(ABC):
    """One shop on one mall.

    Raises, in every method: ``AuthError``, ``RateLimitedError``, ``MaintenanceError``,
    ``TemporaryError``, ``NotSentError``, ``UnexpectedReplyError`` as ``adapters.errors`` says;
    ``UnsupportedError`` where the abilities deny the method. An empty argument makes no call.
    """

    abilities: ClassVar[Abilities]
    progress: Progress = staticmethod(_unheard)  # set by whoever wants to hear how far a read has come

    @abstractmethod
    def check(self) -> CheckResult:
        """Log in and make the cheapest authenticated read (接続チェック); writes nothing."""

    @abstractmethod
    def read_products(self) -> list[Product]:
        """Read every sellable unit of the shop; hidden ones too. Raises if the list came cut.

        Tells ``progress`` after each page, at the end with all rows of all.
        """

    @abstractmethod
    def read_stock(self, addresses: Sequence[Address]) -> dict[Address, StockLevel]:
        """Read the quantity the mall shows now; addresses that it does not know are absent."""

    @abstractmethod
    def write_stock(self, lines: Sequence[StockLine]) -> list[LineResult]:
        """Write absolute quantities; one result per line, in the order given.

        Lines are at most ``abilities.write_batch``. A failure of the whole call that surely
        had no effect is raised; one that may have had an effect is UNKNOWN on each line.
        A line the mall names as bad is REFUSED and the others are not held back by it.
        """

    @abstractmethod
    def confirm(self, lines: Sequence[LineResult]) -> list[LineResult]:
        """Ask what became of lines that were SENT; still SENT while the mall has not answered."""

    @abstractmethod
    def read_orders(self, window: Window) -> list[Order]:
        """Read the orders placed within the window, oldest first, each whole."""

    @abstractmethod
    def read_orders_again(self, order_ids: Sequence[str]) -> list[Order]:
        """Read known orders as they stand now; ones the mall no longer knows are absent."""

    def parse_orders(self, name: str, content: bytes) -> list[Order]:
        """Read the orders of a file that a person took from the mall's screen; makes no call.

        Args:
            name: the file's name, which may tell its form.
        Raises:
            UnexpectedReplyError: it is no such file; names what is missing, and the row.
        """
        del content
        raise UnsupportedError(f"{self.abilities.mall} has no order file ({name})", operation="parse_orders")

    def parse_products(self, name: str, content: bytes) -> ProductFile:
        """Read a product file that a person took from the mall's screen; makes no call.

        Raises:
            UnexpectedReplyError: it is no such file; names what is missing.
        """
        del content
        raise UnsupportedError(
            f"{self.abilities.mall} has no product file ({name})", operation="parse_products"
        )

    def listing_file(self, lines: Sequence[StockLine]) -> ListingFile:
        """Make a file by which a person lists pieces where no call can; makes no call.

        Raises:
            ConfigError: something it is made from is not set or cannot be used.
            ValueError: more lines than ``abilities.write_batch``.
        """
        del lines
        raise UnsupportedError(f"{self.abilities.mall} has no listing file", operation="listing_file")

    @abstractmethod
    def credential_status(self) -> list[CredentialStatus]:
        """Ask the mall about the credentials in use, one row per kind it can speak of."""

    @abstractmethod
    def normalise(self, line: StockLine) -> StockLine:
        """Give the line as the mall will report it back (its cap, its folding of codes)."""

    @classmethod
    def belongs(cls, current: Credentials, candidate: Credentials) -> str:
        """Say why ``candidate`` cannot be this shop's, or "" if it can.

        The reason is a key of ``bot/messages``; it is judged from the form alone, no call made.
        """
        del current, candidate
        return ""

    def close(self) -> None:  # noqa: B027 - most malls hold nothing open
        """End connections; the adapter is not used afterwards."""


AdapterFactory = Callable[[ShopSettings, Credentials, Clock, Event], Adapter]
"""(settings, credentials, clock, stop) -> adapter. ``stop`` interrupts every wait of the pacer."""
