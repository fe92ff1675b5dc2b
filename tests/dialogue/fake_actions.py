"""A small real bot behind the Slack face: shops, pauses, switches and a vault, in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from types import SimpleNamespace
from typing import Any

from adapters.secret import Secret
from bot.answers import (
    Changed,
    CredentialRow,
    CredentialView,
    Lookup,
    PauseView,
    RenewalAnswer,
    RenewalField,
    RenewalForm,
    Role,
    ShopLevel,
    ShopState,
    ShopStatus,
    Status,
)

ROLES = {
    "U0ALICE01": Role.ADMIN,
    "U0BOB0001": Role.OPERATOR,
    "U0CAROL01": Role.READER,
    "U0GUEST01": Role.ADMIN,  # a slip in team.yaml: a guest stays a guest
}
NAMES = {
    "rakuten-main": ("rakuten-main", "rakuten", "楽天", "楽天市場"),
    "roomclip-main": ("roomclip-main", "roomclip", "ルームクリップ"),
}
MALLS = {"rakuten-main": ("楽天市場", "Rakuten Ichiba"), "roomclip-main": ("RoomClip", "RoomClip")}
CODES = ("tee-red-m", "tee-red-s", "mug", "outer-garment-long-sleeve-navy-xl")


class FakeActions:
    """Implements ``bot.slack.ports.Actions``."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.lang = "ja"
        self.vault: dict[str, dict[str, Secret]] = {}
        self.expiries: list[date | None] = []
        self.issues: list[date | None] = []
        self.audits: list[tuple[str, str, dict[str, Any], str]] = []
        self.pauses: dict[str, PauseView] = {}
        self.ended: dict[str, tuple[str, datetime]] = {}
        self.switches: dict[str, tuple[bool, str, datetime]] = {}
        self.names: dict[str, str] = {}
        self.hold = threading.Event()  # cleared: reading takes until it is set
        self.hold.set()
        self.fails = False
        self.group_roles: dict[str, Role] = {}
        self.inquiries = SimpleNamespace(is_listed=lambda _text: False)
        self.guarding = SimpleNamespace(asked=list)
        self.drifting = SimpleNamespace(drifts=list)
        self.setting_up = SimpleNamespace(progress=dict)
        self.pausing = SimpleNamespace(stops=lambda target: (8, 2) if target == "all" else (4, 1))
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def role_of(self, user_id: str, groups: Iterable[str] = ()) -> Role:
        if user_id in ROLES:
            return ROLES[user_id]
        return max(
            (self.group_roles[group] for group in groups), key=lambda role: role.rank, default=Role.NONE
        )

    def groups(self) -> Mapping[str, Role]:
        return self.group_roles

    def language(self) -> str:
        return self.lang

    def ops_channel(self) -> str:
        return self.channel

    def audit(self, who: str, action: str, arguments: Mapping[str, Any], result: str) -> None:
        self.audits.append((who, action, dict(arguments), result))

    # --- names

    def shops(self) -> list[str]:
        return list(NAMES)

    def resolve_target(self, text: str) -> str | None:
        if text in CODES:
            return text
        if text.lower() in ("all", "全部"):
            return "all"
        return next((shop for shop, names in NAMES.items() if text.lower() in names), None)

    def nearest_codes(self, text: str, limit: int = 5) -> list[str]:
        return get_close_matches(text, CODES, limit, 0.6)

    # --- reading

    def outages(self) -> tuple[list[Any], set[tuple[str, str]]]:
        return [], set()

    def targets(self, listings: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        return dict.fromkeys(listings, 17)

    def lookup(self, code: str) -> Lookup | None:
        self.hold.wait(30)
        if self.fails:
            raise RuntimeError("planted failure")
        if code not in CODES:
            return None
        level = ShopLevel(
            shop="rakuten-main",
            mall_ja="楽天市場",
            mall_en="Rakuten Ichiba",
            code_field="システム連携用SKU番号",
            mall_code=code.replace("-", "_"),
            target=17,
            shown=17,
            shown_at=self.now() - timedelta(minutes=2),
            state=ShopState.OK,
            last_written=17,
            last_written_at=self.now() - timedelta(minutes=2),
            last_outcome="done",
            waiting=False,
        )
        other = replace(level, shop="roomclip-main", mall_ja="RoomClip", mall_en="RoomClip", mall_code=code)
        name = self.names.get(code, "ロゴTシャツ")
        return Lookup(code, name, 17, 20, 3, 0, self.now() - timedelta(minutes=3), (level, other))

    def status(self) -> Status:
        on = self.switches.get("all", (False, "", self.now()))[0]
        return Status(on, "0123456789abcdef", False, tuple(self._shop(name) for name in NAMES))

    def _shop(self, name: str) -> ShopStatus:
        mine = tuple(view for target, view in self.pauses.items() if target in (name, "all"))
        mall_ja, mall_en = MALLS[name]
        licence = CredentialView(
            "licence", "ライセンスキー", "licence key", "ok", self.now() + timedelta(days=40), self.now()
        )
        return ShopStatus(
            shop=name,
            mall=name.split("-")[0],
            mall_ja=mall_ja,
            mall_en=mall_en,
            state=ShopState.PAUSED if mine else ShopState.OK,
            since=mine[0].since if mine else None,
            on=True,
            orders_read_at=self.now() - timedelta(seconds=30),
            written_at=None,
            waiting=2,
            expected_delay_s=900,
            pauses=mine,
            credentials=(licence,) if name == "rakuten-main" else (),
        )

    # --- changing

    def pause(self, target: str, until: datetime | None, reason: str, who: str) -> Changed:
        with self._lock:
            before = self.pauses.get(target)
            self.pauses[target] = PauseView(target, reason, who, self.now(), until)
        return Changed(
            (target,), before is not None, before.who if before else who, self.now(), until, reason
        )

    def resume(self, target: str, who: str) -> Changed:
        with self._lock:
            if target not in self.pauses:
                by, at = self.ended.get(target, ("", None))
                return Changed((target,), True, by, at)
            del self.pauses[target]
            self.ended[target] = (who, self.now())
        return Changed((target,), False, who, self.now())

    def switch(self, on: bool, shop: str | None, who: str) -> Changed:
        target = shop or "all"
        before = self.switches.get(target, (False, "", self.now()))
        if before[0] == on:
            return Changed((target,), True, before[1], before[2])
        self.switches[target] = (on, who, self.now())
        return Changed((target,), False, who, self.now())

    def own_credentials(self) -> Sequence[CredentialRow]:
        return ()

    def renewal_form(self, shop: str, kind: str | None) -> RenewalForm:
        mall_ja, mall_en = MALLS[shop]
        return RenewalForm(
            shop=shop,
            mall=shop.split("-")[0],
            mall_ja=mall_ja,
            mall_en=mall_en,
            kind=kind or "licence",
            fields=(RenewalField("licence", "ライセンスキー", "licence key", True),),
            page_url="https://mall.example/keys",
            life_days=90,
            activation_s=5400,
            expires_at=self.now() + timedelta(days=3),
            today=self.now().date(),
        )

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
        if any(value.reveal().startswith("other") for value in values.values()):
            return RenewalAnswer({"licence": "renew_other_shop"})
        self.vault[shop] = dict(values)
        self.expiries.append(expires_on)
        self.issues.append(issued_on)
        return RenewalAnswer({}, "ab12cd34")
