"""What the actions answer: values that Slack and the shell turn into words.

Quantities are pieces; times are aware and UTC; shops are named as in the mapping.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from adapters.contract import Product
from bot.mapping.model import Role

__all__ = ["Role"]


class ShopState(StrEnum):
    """The one word that says how a shop is (A21); the first that holds, in this order."""

    ARCHIVED = "archived"
    NOT_SET = "not_set"  # a credential is missing
    BLOCKED = "blocked"  # the mall refused the credential: no calls at all
    PENDING = "pending"  # a new credential is being tried
    PAUSED = "paused"
    OFF = "off"  # not switched on yet
    FAILING = "failing"  # the last turn failed for another reason
    OK = "ok"


@dataclass(frozen=True)
class PauseView:
    """A pause that is in force. ``target`` is a shop's name, a code, or ``all``."""

    target: str
    reason: str
    who: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class CredentialView:
    """One credential by its dates; never its value."""

    kind: str
    label_ja: str
    label_en: str
    state: str  # not_set | pending | ok | failed
    expires_at: datetime | None
    checked_at: datetime | None


@dataclass(frozen=True)
class ShopStatus:
    """One shop's line in ``status``."""

    shop: str
    mall: str
    mall_ja: str
    mall_en: str
    state: ShopState
    since: datetime | None
    on: bool
    orders_read_at: datetime | None
    written_at: datetime | None
    waiting: int  # codes whose number has still to go out
    expected_delay_s: float
    pauses: tuple[PauseView, ...]
    credentials: tuple[CredentialView, ...]
    cause: str = ""  # key of the open failure, if any
    detail: str = ""


@dataclass(frozen=True)
class Status:
    """The whole of ``status``."""

    on: bool
    mapping_commit: str
    mapping_problem: bool
    shops: tuple[ShopStatus, ...]


@dataclass(frozen=True)
class ShopLevel:
    """What one shop shows of one code, and should."""

    shop: str
    mall_ja: str
    mall_en: str
    code_field: str  # native field name on that mall (A7)
    mall_code: str
    target: int | None  # None: not written there (paused, blocked, archived, off)
    shown: int | None  # what we last wrote less that shop's own orders since; None if unknown
    shown_at: datetime | None  # when the mall acknowledged it
    state: ShopState
    last_written: int | None
    last_written_at: datetime | None
    last_outcome: str  # "" | done | sent | refused | unknown
    waiting: bool
    note: str = ""


@dataclass(frozen=True)
class Lookup:
    """The answer to a bare code."""

    code: str
    name: str
    available: int
    on_hand: int
    reserved: int
    held: int
    changed_at: datetime | None
    shops: tuple[ShopLevel, ...]


@dataclass(frozen=True)
class RenewalField:
    """One input of a renewal form."""

    kind: str
    label_ja: str
    label_en: str
    secret: bool


@dataclass(frozen=True)
class RenewalForm:
    """What ``renew`` asks for. ``steps`` are message keys, in order."""

    shop: str
    mall: str
    mall_ja: str
    mall_en: str
    kind: str
    fields: tuple[RenewalField, ...]
    page_url: str
    life_days: int | None
    activation_s: int
    expires_at: datetime | None


@dataclass(frozen=True)
class RenewalAnswer:
    """What became of a submitted renewal.

    ``refused``: message key by field kind ("" for the form as a whole): nothing was stored.
    Otherwise the values are in the vault and on trial; ``fingerprint`` tells two values apart
    and reveals neither.
    """

    refused: dict[str, str]
    fingerprint: str = ""


@dataclass(frozen=True)
class Changed:
    """What a switch, pause or resume did. ``already``: nothing changed, it was so before."""

    targets: tuple[str, ...]
    already: bool = False
    by: str = ""
    at: datetime | None = None
    until: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class StaleAuction:
    """An order line that was sold at another auction than the one that the product list has."""

    order_id: str
    mall_code: str
    sold_at: str  # auction ids
    listed_at: str


@dataclass(frozen=True)
class ProductChange:
    """What a reading of a shop's products found other than the one before."""

    count: int
    added: tuple[Product, ...] = ()
    removed: tuple[Product, ...] = ()
    changed: tuple[Product, ...] = ()


class Refused(Exception):  # noqa: N818 - an answer, not an error of ours
    """The action was not done; ``key`` and ``params`` make the sentence (``bot.messages``)."""

    def __init__(self, key: str, **params: str) -> None:
        super().__init__(key)
        self.key = key
        self.params = params
