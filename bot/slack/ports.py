"""What the Slack face asks of the rest of the bot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol

from adapters.secret import Secret
from bot.answers import Changed, Lookup, RenewalAnswer, RenewalForm, Role, Status


class Actions(Protocol):
    """The actions of the bot, as a person may ask for them.

    ``who`` is a Slack user id. Methods that change something raise ``bot.answers.Refused``
    where the answer is no.
    """

    def role_of(self, user_id: str) -> Role:
        """Give the person's role; NONE for a person who has none."""

    def language(self) -> str:
        """Give the language of the team: ``ja`` or ``en``."""

    def ops_channel(self) -> str:
        """Give the id of the channel that hears alerts and what people did."""

    def lookup(self, code: str) -> Lookup | None:
        """Give the stock of a code, None if the mapping has no such code."""

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

    def renewal_form(self, shop: str, kind: str | None) -> RenewalForm:
        """Give what a renewal asks for; ``kind`` None is the shop's usual one."""

    def renew(
        self, shop: str, kind: str, values: Mapping[str, Secret], expires_on: date | None, who: str
    ) -> RenewalAnswer:
        """Store new credentials on trial, or say by field why not."""

    def audit(self, who: str, action: str, arguments: Mapping[str, Any], result: str) -> None:
        """Record what a person asked for; ``arguments`` hold no secret."""

    def now(self) -> datetime:
        """Give the time, aware, UTC."""
