"""The ledger of credentials: every one that there is or should be, with its dates; no value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import Engine

from adapters.contract import Abilities, CredentialKind
from bot.answers import CredentialRow
from bot.credentials.vault import Vault
from bot.messages import JST, knows
from bot.store import credentials as records
from bot.store import shops
from bot.store.credentials import CredentialRecord
from bot.store.database import reading

OWN_KINDS: Mapping[str, tuple[CredentialKind, ...]] = {
    "slack": (
        CredentialKind("bot_token", "ボットのトークン", "bot token"),
        CredentialKind("app_token", "アプリのトークン", "app token"),
        CredentialKind("signing_secret", "署名シークレット", "signing secret", optional=True),
    ),
    "mapping": (
        CredentialKind("token", "対応表リポジトリのトークン", "mapping repository's token", optional=True),
    ),
    "forge": (CredentialKind("token", "プルリクエスト用のトークン", "forge's token", optional=True),),
}
"""The bot's own, beside the shops'."""

VARIABLES: Mapping[tuple[str, str], str] = {
    ("slack", "bot_token"): "SLACK_BOT_TOKEN",
    ("slack", "app_token"): "SLACK_APP_TOKEN",
    ("slack", "signing_secret"): "SLACK_SIGNING_SECRET",
    ("mapping", "token"): "TANABAN_MAPPING_TOKEN",
    ("forge", "token"): "TANABAN_FORGE_TOKEN",
}
"""From where in the environment they come, if not from the vault."""


def rows(
    engine: Engine,
    vault: Vault,
    malls: Mapping[str, Abilities],
    environment: Mapping[str, str],
    now: datetime,
) -> list[CredentialRow]:
    """Give the ledger, what ends first first.

    Args:
        malls: shop -> what its mall can do.
    """
    owners = [*((name, can.mall, can.credentials) for name, can in malls.items())]
    owners += [(owner, owner, kinds) for owner, kinds in OWN_KINDS.items()]
    found = [row for owner in owners for row in _of(engine, vault, owner, environment, now)]
    return sorted(found, key=lambda row: (row.days is None, row.days or 0))


def _of(
    engine: Engine,
    vault: Vault,
    owner: tuple[str, str, tuple[CredentialKind, ...]],
    environment: Mapping[str, str],
    now: datetime,
) -> Iterator[CredentialRow]:
    name, mall, kinds = owner
    with reading(engine) as connection:
        known, served_at = records.records(connection, name), shops.record(connection, name).orders_read_at
    have, trial = vault.values(name), vault.trial(name)
    for kind in kinds:
        given = kind.name in have or kind.name in trial or _in_environment(name, kind.name, environment)
        record = known.get(kind.name)
        # A kind that the shop needs was proved by each reading of its orders too.
        moments = [record.proved_at if record else None, None if kind.optional else served_at]
        proved_at = max((at for at in moments if at), default=None) if given else None
        yield _row(name, mall, kind, record, proved_at=proved_at, given=given, now=now)


def _row(
    owner: str,
    mall: str,
    kind: CredentialKind,
    record: CredentialRecord | None,
    *,
    proved_at: datetime | None,
    given: bool,
    now: datetime,
) -> CredentialRow:
    state = "not_set" if not given else record.state if record else records.OK
    if state == records.OK and proved_at is None:
        state = "unproved"
    stops = [f"stops.{mall}.{kind.name}", "stops.optional" if kind.optional else "stops.any"]
    expires_at = record.expires_at if record else None
    return CredentialRow(
        owner=owner,
        kind=kind.name,
        label_ja=kind.label_ja,
        label_en=kind.label_en,
        state=state,
        stops=next(key for key in stops if knows(key)),
        expires_at=expires_at,
        end_by=record.end_by if record else "",
        days=(expires_at.astimezone(JST).date() - now.astimezone(JST).date()).days if expires_at else None,
        proved_at=proved_at,
        stored_at=record.stored_at if record else None,
        stored_by=record.stored_by if record else "",
        issued_at=record.issued_at if record else None,
        activation_s=kind.activation_s,
        detail=record.detail if record else "",
    )


def _in_environment(owner: str, kind: str, environment: Mapping[str, str]) -> bool:
    return bool(environment.get(VARIABLES.get((owner, kind), ""), ""))


def kinds_of(owner: str, malls: Mapping[str, Abilities]) -> Iterable[CredentialKind]:
    """Give the kinds of an owner; none for one that is not known yet."""
    return malls[owner].credentials if owner in malls else OWN_KINDS.get(owner, ())
