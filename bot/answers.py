"""What the actions answer: values that Slack and the shell turn into words.

Quantities are pieces; times are aware and UTC; shops are named as in the mapping.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from adapters.contract import CredentialState, Product
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
    paused_codes: int = 0  # paused by themselves or with their product


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
class ShopName:
    """A shop as people call it."""

    shop: str
    mall_ja: str
    mall_en: str


@dataclass(frozen=True)
class Lookup:
    """The answer to a bare code. ``not_listed``: the active shops that do not list it."""

    code: str
    name: str
    available: int
    on_hand: int
    reserved: int
    held: int
    changed_at: datetime | None
    shops: tuple[ShopLevel, ...]
    not_listed: tuple[ShopName, ...] = ()


@dataclass(frozen=True)
class CodeRow:
    """One line of ``list``: ``state`` is the worst that a shop has of it. ``available`` None: uncounted."""

    code: str
    name: str
    available: int | None
    state: str


@dataclass(frozen=True)
class Day:
    """One day of a code, in Japan: pieces sold, and those that could be sold at its end (None: unknown)."""

    day: date
    sold: int
    available: int | None


@dataclass(frozen=True)
class Mapped:
    """Where a code stands in the mapping. ``listings``: shop -> mall code, None where it is not linked."""

    code: str
    product: str
    file: str
    line: int
    commit: str
    parts: Mapping[str, int]
    listings: Mapping[str, str | None]


@dataclass(frozen=True)
class AuditLine:
    """One line of the audit."""

    at: datetime
    who: str
    action: str
    arguments: Mapping[str, object]
    result: str


@dataclass(frozen=True)
class RenewalField:
    """One input of a renewal form."""

    kind: str
    label_ja: str
    label_en: str
    secret: bool


@dataclass(frozen=True)
class RenewalForm:
    """What ``renew`` asks for.

    ``version`` tells whether somebody entered a value since the form was opened. ``consent_url``: the page
    on which a person consents; what follows is what the form asks for.
    """

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
    version: str = ""
    consent_url: str = ""
    today: date | None = None


@dataclass(frozen=True)
class CheckedKind:
    """What a mall said of one kind of credential at a check; ``note`` is its own words."""

    kind: str
    label_ja: str
    label_en: str
    state: CredentialState
    note: str = ""


@dataclass(frozen=True)
class Checked:
    """What a connection check found. ``detail``: the mall's own words.

    Of a failure: ``cause`` is the error's, ``key`` its entry in the catalogue of errors (``error.<key>``)
    or "", ``hint`` the next step where there is a more exact one, ``address`` the machine's own where the
    mall wants it registered.
    """

    shop: str
    ok: bool
    detail: str
    took_s: float
    cause: str = ""
    key: str = ""
    hint: str = ""
    address: str = ""
    kinds: tuple[CheckedKind, ...] = ()


@dataclass(frozen=True)
class CredentialRow:
    """One line of the ledger of credentials, without any value.

    ``state``: ok | pending | failed | not_set | unproved. ``stops``: what stops when it dies, a key of
    ``bot/messages``. ``end_by``: who says when it ends (mall, person, life).
    """

    owner: str
    kind: str
    label_ja: str
    label_en: str
    state: str
    stops: str
    expires_at: datetime | None = None
    end_by: str = ""
    days: int | None = None
    proved_at: datetime | None = None
    stored_at: datetime | None = None
    stored_by: str = ""
    issued_at: datetime | None = None
    activation_s: int = 0
    detail: str = ""


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
class Reach:
    """How far something goes that is asked for many at once."""

    codes: int
    shops: int


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


@dataclass(frozen=True)
class FileProblem:
    """Something wrong with a line of a file that a person brought; key and params of ``bot.messages``."""

    line: int
    key: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Counted:
    """What a count or an adjustment made of the pieces on hand of a code."""

    code: str
    before: int
    after: int


@dataclass(frozen=True)
class HistoryLine:
    """One line in the history of a code: an entry of the ledger, or a number written to a shop."""

    at: datetime  # when we took it in, or sent it
    what: str  # an entry's cause, or why a number was written
    code: str
    shop: str = ""
    order_id: str = ""
    who: str = ""
    note: str = ""
    happened_at: datetime | None = None  # at the mall; of a write: when its outcome was known
    on_hand: int = 0  # of an entry: the changes
    reserved: int = 0
    held: int = 0
    on_hand_after: int | None = None
    mall_code: str = ""
    quantity: int | None = None  # of a write: the number
    before: int | None = None  # and what the shop was predicted to show
    outcome: str = ""

    @property
    def is_write(self) -> bool:
        """Whether it was written to a shop; else it is an entry."""
        return self.quantity is not None


@dataclass(frozen=True)
class ForecastLine:
    """What a sync would do with one code. ``before`` None: nobody knows what is there.

    ``waits``: why it would not go out at once: ``orders`` of the shop are to be read first,
    ``others`` have to come down first, ``drift`` asks which number stands, ``guard``, ``paused``,
    ``unlinked``, ``uncounted``, ``unlisted``.
    """

    code: str
    mall_code: str = ""
    before: int | None = None
    after: int | None = None
    why: str = ""
    waits: str = ""


@dataclass(frozen=True)
class Forecast:
    """What a sync of a shop would do. ``stopped``: the state that keeps the whole shop from being written.

    ``trip``: why the guard would hold lines that nobody was asked about yet: ``changed`` codes of
    ``of`` that the shop lists, ``zero`` of them to nothing; "" where it would hold none.
    """

    shop: str
    lines: tuple[ForecastLine, ...]
    stopped: str = ""
    trip: str = ""
    changed: int = 0
    zero: int = 0
    of: int = 0


class Ready(StrEnum):
    """How one condition of readiness stands."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True)
class Condition:
    """One condition of a shop's readiness; key and params make its sentence, the next step in it."""

    name: str  # orders | mapping | products | credentials
    ready: Ready
    key: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ShopReadiness:
    """Whether a shop can be synced, condition by condition."""

    shop: str
    mall_ja: str
    mall_en: str
    conditions: tuple[Condition, ...]

    @property
    def ready(self) -> bool:
        """Whether no condition is bad."""
        return all(condition.ready is not Ready.BAD for condition in self.conditions)


class Answer(StrEnum):
    """What a person decides about a number at a mall that is not ours."""

    WRITE = "write"  # our number goes out
    TAKE = "take"  # the mall's number becomes ours
    LEAVE = "leave"  # the mall's number stands for now


@dataclass(frozen=True)
class DriftView:
    """A number at a shop that was not ours, and what became of it."""

    shop: str
    code: str
    found: int
    expected: int
    read_at: datetime
    state: str  # repaired | asked | written | taken | left | stopped | overtaken
    who: str = ""
    decided_at: datetime | None = None
    until: datetime | None = None
    drift_id: int = 0


@dataclass(frozen=True)
class Answered:
    """What an answer did. ``before``, ``after``: pieces on hand, where the mall's number was taken."""

    shop: str
    code: str
    answer: Answer
    found: int
    before: int = 0
    after: int = 0
    until: datetime | None = None


@dataclass(frozen=True)
class Resync:
    """How many codes of a shop are looked at again; ``reads``: at the mall itself."""

    shop: str
    codes: int
    reads: bool


class Refused(Exception):  # noqa: N818 - an answer, not an error of ours
    """The action was not done; ``key`` and ``params`` make the sentence (``bot.messages``)."""

    def __init__(self, key: str, **params: str) -> None:
        super().__init__(key)
        self.key = key
        self.params = params
