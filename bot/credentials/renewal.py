"""How a new credential comes to live: judged by its form, put on trial, promoted when it works.

The old values stay in use until the mall has accepted the new ones; a new key may take an hour
to live (``CredentialKind.activation_s``). The worker of the shop makes the trials, so no request
ever mixes old and new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from adapters.contract import Abilities, Adapter, CredentialKind, CredentialState, CredentialStatus
from adapters.errors import AuthError, TanabanError
from adapters.secret import Secret
from bot.answers import RenewalAnswer, RenewalField, RenewalForm
from bot.credentials.consent import CONSENT, CONSENT_EN, CONSENT_JA, Consent, MakeAdapter
from bot.credentials.vault import Kinds, Vault
from bot.messages import knows
from bot.store import credentials as records
from bot.store.database import reading

JST = ZoneInfo("Asia/Tokyo")
GRACE = timedelta(minutes=10)  # beyond the mall's own figure, before a trial is given up


class Trial(StrEnum):
    """What one try of a new credential came to."""

    NONE = "none"  # nothing is on trial
    PENDING = "pending"
    LIVE = "live"
    FAILED = "failed"


@dataclass(frozen=True)
class TrialResult:
    """The outcome of one try; ``detail`` is for the log and the status, without any value.

    ``near``: what the mall knows in the place of a value that it does not know. ``first``: nothing was in
    use before.
    """

    trial: Trial
    detail: str = ""
    expiries: Mapping[str, datetime] = field(default_factory=dict)  # kind -> end, as the mall says
    near: tuple[str, ...] = ()
    first: bool = False


class Renewals:
    """Renewal of credentials, for every mall alike."""

    def __init__(self, vault: Vault, engine: Engine, make_adapter: MakeAdapter) -> None:
        self._vault = vault
        self._engine = engine
        self._make_adapter = make_adapter
        self._consent = Consent(engine, vault, make_adapter)

    def missing(self, shop: str, abilities: Abilities) -> list[str]:
        """Give the kinds of credential that were never set."""
        return lacking(abilities, self.kinds().in_use.get(shop, ()))

    def kinds(self) -> Kinds:
        """Give which kinds every shop has, in use and on trial."""
        return self._vault.kinds()

    def form(
        self, shop: str, abilities: Abilities, kind: str | None, now: datetime | None = None
    ) -> RenewalForm | None:
        """Give what to ask a person for; None if the mall has no such kind.

        Without a kind: the one with the shortest life, or all where none has a life. Where a value
        comes of a consent, the form has the page for it, and asks for what follows.
        """
        chosen = _chosen(abilities, kind)
        if not chosen:
            return None
        first = chosen[0]
        url = self._consent.page(shop, chosen, now)
        with reading(self._engine) as connection:
            record = records.records(connection, shop).get(first.name)
        return RenewalForm(
            shop=shop,
            mall=abilities.mall,
            mall_ja=abilities.name_ja,
            mall_en=abilities.name_en,
            kind=first.name,
            fields=tuple(_field(item, by_consent=bool(url)) for item in chosen),
            page_url=first.page_url,
            life_days=None if url else first.life_days,
            activation_s=max(item.activation_s for item in chosen),
            expires_at=record.expires_at if record else None,
            version=self._version(shop, [item.name for item in chosen]),
            consent_url=url,
            today=now.astimezone(JST).date() if now else None,
        )

    def _version(self, shop: str, kinds: Iterable[str]) -> str:
        """Tell when these kinds were entered last: what a form was opened upon."""
        with reading(self._engine) as connection:
            known = records.records(connection, shop)
        moments = [known[kind].entered_at for kind in kinds if kind in known]
        return max((moment.isoformat() for moment in moments if moment), default="")

    def submit(
        self,
        shop: str,
        values: Mapping[str, Secret],
        *,
        expires_on: date | None,
        who: str,
        now: datetime,
        version: str | None = None,
        issued_on: date | None = None,
    ) -> RenewalAnswer:
        """Take new values in: refused by their form, or stored and on trial from now on.

        Args:
            version: of the form that was filled in; refused if somebody was quicker.
            issued_on: the day on which the mall issued them; None for now. Without another date their
                usual life is counted from it.
        """
        kinds = {kind.name: kind for kind in self._make_adapter(shop, {}).abilities.credentials}
        names = [name for name in values if name != CONSENT] or [k.name for k in kinds.values() if k.consent]
        if version is not None and version != self._version(shop, names):
            return RenewalAnswer({next(iter(values)): "renew_overtaken"})
        ends, issued = _end_of(expires_on), _begin_of(issued_on) or now
        if issued > now:
            return RenewalAnswer({next(iter(values)): "renew_issued_later"})
        if CONSENT in values:
            granted = self._consent.redeem(shop, values[CONSENT], now)
            if granted is None:
                return RenewalAnswer({CONSENT: "renew_consent_refused"})
            values, ends, issued = granted.values, granted.expires_at, now
        if refused := self._refused_forms(shop, kinds, values):
            return RenewalAnswer(refused)
        entered = {name: entry(kinds[name], ends, who, now, issued) for name in values}
        self._put_on_trial(shop, [kinds[name] for name in values], entered, now)
        # Last, so that a trial never stands there without the moment at which it is given up.
        self._vault.stage(shop, values)
        return RenewalAnswer({}, self._vault.fingerprint(next(iter(values.values()))))

    def _refused_forms(
        self, shop: str, kinds: Mapping[str, CredentialKind], values: Mapping[str, Secret]
    ) -> dict[str, str]:
        """Say of values why their form alone rules them out, by kind."""
        refused = {name: "renew_empty" for name in values if not values[name].reveal().strip()}
        refused |= {
            name: "renew_blank"
            for name in values.keys() - refused
            if not kinds[name].blanks and _has_blank(values[name])
        }
        if refused:
            return refused
        current = self._vault.values(shop)
        candidate = current | self._vault.trial(shop) | dict(values)
        reason = self._make_adapter(shop, candidate).belongs(current, candidate)
        return {next(iter(values)): reason} if reason else {}

    def _put_on_trial(
        self, shop: str, kinds: Sequence[CredentialKind], entered: Mapping[str, dict[str, Any]], now: datetime
    ) -> None:
        activation = timedelta(seconds=max(kind.activation_s for kind in kinds))
        with self._engine.begin() as connection:
            for kind in kinds:
                records.change(
                    connection,
                    shop,
                    kind.name,
                    state=records.PENDING,
                    trial=entered[kind.name],
                    checked_at=None,
                    pending_until=now + activation + GRACE,
                    detail="",
                )

    def on_trial(self, shop: str) -> bool:
        """Tell whether new values of a shop are waiting to be proved."""
        return bool(self._vault.trial(shop))

    def try_now(self, shop: str, now: datetime) -> TrialResult:
        """Make one try with the values on trial; a LIVE result is for the caller to ``promote``."""
        trial, used = self._vault.trial(shop), self._vault.values(shop)
        if not trial:
            return TrialResult(Trial.NONE)
        adapter = self._make_adapter(shop, used | trial)
        try:
            adapter.check()
            return TrialResult(Trial.LIVE, expiries=_expiries(adapter), first=not trial.keys() & used.keys())
        except TanabanError as error:
            return self._refused(shop, trial, error, now)
        finally:
            adapter.close()

    def promote(self, shop: str, expiries: Mapping[str, datetime], now: datetime) -> None:
        """Put proved values into use; what was warned of their end is over.

        The records first and the vault last: after a crash in between the trial still stands,
        and is simply made again.
        """
        with self._engine.begin() as connection:
            known = records.records(connection, shop)
            for name in self._vault.trial(shop):
                entered = (known[name].trial if name in known else None) or {}
                told = {"expires_at": expiries[name], "end_by": records.BY_MALL} if name in expiries else {}
                proved = {"state": records.OK, "checked_at": now, "proved_at": now, "detail": ""}
                over = {"trial": None, "pending_until": None, "told_step": None, "told_end": None}
                records.change(connection, shop, name, **{**entered, **proved, **over, **told})
        self._vault.promote(shop)

    def _refused(
        self, shop: str, trial: Mapping[str, Secret], error: TanabanError, now: datetime
    ) -> TrialResult:
        with reading(self._engine) as connection:
            known = records.records(connection, shop)
        ends = [known[name].pending_until for name in trial if name in known]
        refused = isinstance(error, AuthError)
        near = error.codes if isinstance(error, AuthError) else ()  # a wrong name is not a key too young
        over = refused and (bool(near) or all(end is None or end <= now for end in ends))
        if over:
            self._vault.drop_trial(shop)
        with self._engine.begin() as connection:
            for name in trial:
                state = records.FAILED if over else records.PENDING
                rest = {"trial": None, "pending_until": None} if over else {}
                records.change(connection, shop, name, state=state, checked_at=now, detail=str(error), **rest)
        return TrialResult(Trial.FAILED if over else Trial.PENDING, str(error), near=near)

    def note_status(self, shop: str, adapter: Adapter, now: datetime) -> list[CredentialStatus]:
        """Ask the mall about the credentials in use and keep what it says."""
        on_trial = self._vault.trial(shop)  # their records speak of the new values
        found = adapter.credential_status()
        for status in (status for status in found if status.kind not in on_trial):
            values: dict[str, object] = {"checked_at": now, "detail": status.note}
            if status.state is CredentialState.OK:
                values |= {"proved_at": now, "state": records.OK}
            elif status.state is CredentialState.REFUSED:
                values |= {"state": records.FAILED}
            if status.expires_at is not None:
                values |= {"expires_at": status.expires_at, "end_by": records.BY_MALL}
            with self._engine.begin() as connection:
                records.change(connection, shop, status.kind, **values)
        return found

    def note_proved(self, owner: str, kinds: Iterable[str], now: datetime) -> None:
        """Keep that credentials served just now."""
        with self._engine.begin() as connection:
            for kind in kinds:
                proved = {"state": records.OK, "checked_at": now, "proved_at": now, "detail": ""}
                records.change(connection, owner, kind, **proved)

    def likeliest(self, shop: str, kinds: Sequence[CredentialKind], error: AuthError, now: datetime) -> str:
        """Give the hint that fits best: what ended on its day is told from what died before it."""
        if not error.expired:
            return error.hint
        with reading(self._engine) as connection:
            known = records.records(connection, shop)
        lived = [known[k.name] for k in kinds if k.life_days and not k.optional and k.name in known]
        ends = [record.expires_at for record in lived if record.expires_at]
        when = "due" if any(end <= now for end in ends) else "early"
        own = f"{error.hint}.{when}" if error.hint else ""
        return own if own and knows(f"hint.{own}") else error.hint or f"auth.{when}"

    def refuse(self, shop: str, kinds: tuple[CredentialKind, ...], detail: str, now: datetime) -> None:
        """Keep that the mall refused the credentials in use."""
        with self._engine.begin() as connection:
            for kind in kinds:
                if kind.secret and (kind.life_days or not any(item.life_days for item in kinds)):
                    records.change(
                        connection, shop, kind.name, state=records.FAILED, checked_at=now, detail=detail
                    )


def set_at_once(
    vault: Vault, engine: Engine, owner: str, values: Mapping[str, Secret], who: str, now: datetime
) -> None:
    """Put values into use unproved: at the set-up, where only the mall's answer can tell."""
    with engine.begin() as connection:
        for name in values:
            made = entry(CredentialKind(name, name, name), None, who, now)
            fresh = {"state": records.OK, "proved_at": None, "checked_at": None, "detail": ""}
            over = {"trial": None, "pending_until": None, "told_step": None, "told_end": None}
            records.change(connection, owner, name, **made, **fresh, **over)
    vault.put(owner, values)


def lacking(abilities: Abilities, have: Collection[str]) -> list[str]:
    """Give the kinds of credential that a mall wants and that are not there."""
    return [kind.name for kind in abilities.credentials if not kind.optional and kind.name not in have]


def entry(
    kind: CredentialKind, ends: datetime | None, who: str, now: datetime, issued: datetime | None = None
) -> dict[str, Any]:
    """Give what is kept of a value that was entered now.

    Without an end its usual life is counted from its issue; a mall that tells an end has the last word.

    Args:
        issued: None: as if it were issued now.
    """
    if kind.life_days is None:
        return {"stored_at": now, "stored_by": who, "issued_at": None, "expires_at": None, "end_by": ""}
    begin, end_by = issued or now, records.BY_PERSON if ends else records.BY_LIFE
    expires_at = ends or begin + timedelta(days=kind.life_days)
    dates = {"issued_at": begin, "expires_at": expires_at, "end_by": end_by}
    return {"stored_at": now, "stored_by": who, **dates}


def _field(kind: CredentialKind, *, by_consent: bool) -> RenewalField:
    if kind.consent and by_consent:
        return RenewalField(CONSENT, CONSENT_JA, CONSENT_EN, secret=True)
    return RenewalField(kind.name, kind.label_ja, kind.label_en, kind.secret)


def _chosen(abilities: Abilities, kind: str | None) -> list[CredentialKind]:
    """Give the kinds to ask for: one and its group; without a name the one that ends soonest."""
    kinds = abilities.credentials
    if kind is None:
        lived = sorted((item for item in kinds if item.life_days), key=lambda item: item.life_days or 0)
        if not lived:
            return [item for item in kinds if not item.optional]
        kind = lived[0].name
    named = [item for item in kinds if item.name == kind]
    groups = {item.group for item in named if item.group}
    return [item for item in kinds if item in named or item.group in groups]


def _has_blank(value: Secret) -> bool:
    text = value.reveal()
    return text != text.strip() or any(char.isspace() for char in text)


def _end_of(day: date | None) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(day, time(23, 59, 59), JST).astimezone(UTC)


def _begin_of(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), JST).astimezone(UTC)


def _expiries(adapter: Adapter) -> dict[str, datetime]:
    return {
        status.kind: status.expires_at
        for status in adapter.credential_status()
        if status.expires_at is not None
    }
