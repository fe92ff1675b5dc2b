"""What the Slack face asks of the rest of the bot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from adapters.secret import Secret
from bot.answers import Changed, CredentialRow, Forecast, Lookup, RenewalAnswer, RenewalForm, Role, Status
from bot.checking import Checking
from bot.drifting import Drifting
from bot.errands import Errands
from bot.filing import Filing
from bot.guarding import Guarding
from bot.inquiries import Inquiries
from bot.pausing import Pausing
from bot.proposing import Proposing
from bot.readiness import Readiness
from bot.setting_up import SettingUp
from bot.stockroom import Stockroom
from bot.sync.outage import Account


class Actions(Protocol):
    """The actions of the bot, as a person may ask for them.

    ``who`` is a Slack user id. Methods that change something raise ``bot.answers.Refused``
    where the answer is no.
    """

    inquiries: Inquiries
    errands: Errands
    readiness: Readiness
    filing: Filing
    pausing: Pausing
    setting_up: SettingUp
    stockroom: Stockroom
    drifting: Drifting
    guarding: Guarding
    checking: Checking
    proposing: Proposing | None

    def role_of(self, user_id: str, groups: Iterable[str] = ()) -> Role:
        """Give the person's role, with the user groups they are in; NONE for a person who has none."""

    def groups(self) -> Mapping[str, Role]:
        """Give the user groups that give a role, with the role of each."""

    def forecast(self, shop: str) -> Forecast:
        """Give what a sync of a shop would write; reaches no mall."""

    def language(self) -> str:
        """Give the language of the team: ``ja`` or ``en``."""

    def ops_channel(self) -> str:
        """Give the id of the channel that hears alerts and what people did."""

    def lookup(self, code: str) -> Lookup | None:
        """Give the stock of a code, None if the mapping has no such code."""

    def targets(self, listings: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Give what would be written now for each (shop, code); none where nothing would be."""

    def nearest_codes(self, text: str, limit: int = 5) -> list[str]:
        """Give codes that the person may have meant, the likeliest first."""

    def resolve_target(self, text: str) -> str | None:
        """Give the shop's name, the code, or ``all`` that a person calls ``text``; None if none.

        A shop goes by its name, and by its mall's name where that mall has one shop.
        """

    def shops(self) -> list[str]:
        """Give the shops' names, in the order of the mapping."""

    def status(self) -> Status:
        """Give the state of everything."""

    def pause(self, target: str, until: datetime | None, reason: str, who: str) -> Changed:
        """Stop writing to a shop, a code or all; orders are still taken in."""

    def resume(self, target: str, who: str) -> Changed:
        """End a pause."""

    def switch(self, on: bool, shop: str | None, who: str) -> Changed:
        """Switch sync on or off, of one shop or (None) of all."""

    def own_credentials(self) -> Sequence[CredentialRow]:
        """Give the ledger's rows of the bot's own credentials."""

    def renewal_form(self, shop: str, kind: str | None) -> RenewalForm:
        """Give what a renewal asks for; ``kind`` None is the shop's usual one."""

    def renew(
        self,
        shop: str,
        kind: str,
        values: Mapping[str, Secret],
        expires_on: date | None,
        who: str,
        *,
        version: str | None = None,
        issued_on: date | None = None,
    ) -> RenewalAnswer:
        """Store new credentials on trial, or say by field why not; ``version`` is that of the form."""

    def outages(self) -> tuple[list[Account], set[tuple[str, str]]]:
        """Give the latest outages, and (blind shop, code) of what is held back now."""

    def clear_risks(self, shop: str, who: str) -> int:
        """Let the other shops sell again what a blind shop may have sold out."""

    def audit(self, who: str, action: str, arguments: Mapping[str, Any], result: str) -> None:
        """Record what a person asked for; ``arguments`` hold no secret."""

    def now(self) -> datetime:
        """Give the time, aware, UTC."""
