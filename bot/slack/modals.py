"""The renewal modal's submission. The typed values are ``Secret`` from the first line on."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.secret import Secret
from bot.answers import Refused, RenewalAnswer
from bot.slack.desk import Desk, Person
from bot.slack.renewal import (
    EXPIRY_BLOCK,
    ISSUED_BLOCK,
    field_block,
    field_of,
    renewal_pending,
    renewal_refused,
)
from bot.slack.verbs import BY_NAME

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Submission:
    """What came back from the modal: which credential, the values, the dates.

    ``version`` tells whether somebody was quicker; None where the modal did not say.
    """

    shop: str
    kind: str
    values: Mapping[str, Secret]
    expires_on: date | None
    version: str | None = None
    issued_on: date | None = None


def read_submission(view: Mapping[str, Any]) -> Submission:
    """Take the values out of a submitted view; blanks around them are not part of a value."""
    about = json.loads(view["private_metadata"])
    values: dict[str, Secret] = {}
    days: dict[str, date] = {}
    for block_id, actions in view["state"]["values"].items():
        kind = field_of(block_id)
        if kind is not None:
            values[kind] = Secret((actions["value"].get("value") or "").strip())
        elif block_id in (EXPIRY_BLOCK, ISSUED_BLOCK) and actions["value"].get("selected_date"):
            days[block_id] = date.fromisoformat(actions["value"]["selected_date"])
    ends, issued = days.get(EXPIRY_BLOCK), days.get(ISSUED_BLOCK)
    return Submission(about["shop"], about["kind"], values, ends, about.get("version"), issued)


class Modals:
    """Takes submissions. ``run`` gives the message key by field, empty where all was taken."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._actions = desk.actions

    def run(self, person: Person, submission: Submission) -> dict[str, str]:
        """Hand the values over; the channel hears that they are on trial."""
        try:
            return self._run(person, submission)
        except Refused as refused:
            voice = self._desk.voice()
            return self._errors(submission, {"": voice(refused.key, **refused.params)})
        except Exception:  # noqa: BLE001 - the entry point from Slack: the person must hear something
            log.exception("a renewal failed")
            return self._errors(submission, {"": self._desk.voice()("broken")})

    def _run(self, person: Person, submission: Submission) -> dict[str, str]:
        self._desk.allow(person, BY_NAME["renew"])
        voice = self._desk.voice()
        empty = {kind: voice("renew_empty") for kind, value in submission.values.items() if not value}
        if empty:
            return self._errors(submission, empty)
        form = self._actions.renewal_form(submission.shop, submission.kind)
        answer = self._renew(person, submission)
        if answer.refused:
            texts = {kind: voice(key) for kind, key in answer.refused.items()}
            return self._errors(submission, texts)
        self._desk.tell_ops(renewal_pending(form, answer.fingerprint, person.user, voice))
        return {}

    def _renew(self, person: Person, submission: Submission) -> RenewalAnswer:
        arguments = {"shop": submission.shop, "kind": submission.kind}
        self._actions.audit(person.user, "renew", arguments, "asked")
        result = "failed"
        try:
            answer = self._actions.renew(
                submission.shop,
                submission.kind,
                submission.values,
                submission.expires_on,
                person.user,
                version=submission.version,
                issued_on=submission.issued_on,
            )
            result = f"refused: {', '.join(answer.refused.values())}" if answer.refused else "pending"
        finally:
            self._actions.audit(person.user, "renew", arguments, result)
        return answer

    def _errors(self, submission: Submission, texts: Mapping[str, str]) -> dict[str, str]:
        """Give texts by block id; one about the whole form stands under the first field."""
        first = next(iter(submission.values), "")
        return {
            field_block(kind if kind in submission.values else first): text for kind, text in texts.items()
        }

    def tell_late(self, person: Person, submission: Submission, errors: Mapping[str, str]) -> None:
        """Tell in the ops channel what could not be shown under a field any more."""
        reasons = " ".join(dict.fromkeys(errors.values()))
        self._desk.tell_ops(renewal_refused(submission.shop, reasons, person.user, self._desk.voice()))
