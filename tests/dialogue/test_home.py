"""The Home tab: what it shows, to whom, and what its buttons do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import Housed, until

from bot.answers import CredentialView, PauseView, Role, ShopState, ShopStatus, Status
from bot.guarding import tell_of_hold
from bot.messages import moment
from bot.slack import home as home_module
from bot.slack import limits
from bot.slack.alerts import Card
from bot.slack.blocks import button
from bot.slack.home_view import Facts, home_view, pause_end, pause_modal
from bot.slack.voice import Voice
from bot.store import holds
from bot.store.incidents import Severity
from bot.sync.guard import HeldLine, Hold, Reason, Trip
from bot.sync.values import Why

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
PLAN = "0123456789abcdef0123456789abcdef01234567"


def opened(stage: Housed, user: str) -> str:
    return str(stage.control("open_home", user=user, within_s=10)["plain"])


def shown(stage: Housed, user: str, text: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        home = stage.control("home", user=user)
        return dict(home) if home and text in home["plain"] else None

    return dict(until(look))


def labels(stage: Housed, user: str) -> set[str]:
    found: set[str] = set()
    for block in stage.control("home", user=user)["blocks"]:
        for element in [*block.get("elements", ()), block.get("accessory", {})]:
            if element.get("type") == "button":
                found.add(element["text"]["text"])
            found |= {option["text"]["text"] for option in element.get("options", ())}
    return found


def credential(days: float, state: str = "ok") -> CredentialView:
    return CredentialView("licence", "ライセンスキー", "licence key", state, NOW + timedelta(days=days), None)


def shop_status(name: str, *credentials: CredentialView, **changes: Any) -> ShopStatus:
    status = ShopStatus(
        shop=name,
        mall="rakuten",
        mall_ja="楽天市場",
        mall_en="Rakuten",
        state=ShopState.OK,
        since=None,
        on=True,
        orders_read_at=NOW - timedelta(minutes=2),
        written_at=NOW - timedelta(minutes=5),
        waiting=3,
        expected_delay_s=900,
        pauses=(),
        credentials=credentials,
    )
    return replace(status, **changes)


def plain(view: dict[str, Any]) -> str:
    return "\n".join(text for block in view["blocks"] for text in limits.texts(block))


# --- what it shows


def test_home_shows_shops_and_no_more_buttons_than_the_person_may_press(housed: Housed) -> None:
    for user, may, may_not in (
        (
            "alice",
            {"自動連携を止める", "全店舗を一時停止", "自動連携オフ", "認証情報の更新…", "初期設定…"},
            set(),
        ),
        ("bob", {"一時停止…", "接続チェック"}, {"自動連携を止める", "自動連携オフ", "認証情報の更新…"}),
        ("carol", {"更新"}, {"一時停止…", "接続チェック", "自動連携を止める"}),
    ):
        text = opened(housed, user)
        assert "（a）" in text
        assert "（b）" in text
        found = labels(housed, user)
        assert may <= found, (user, found)
        assert not may_not & found, (user, found)


@pytest.mark.parametrize("user", ["guest", "soto"])
def test_home_of_a_person_from_outside_shows_nothing_of_the_shops(housed: Housed, user: str) -> None:
    if user == "soto":
        user = "U0SOTO001"
    text = opened(housed, user)
    assert "ゲスト・外部の方は使えません" in text
    assert "（a）" not in text


def test_home_speaks_the_persons_language(housed: Housed) -> None:
    housed.control("set_user", user="carol", locale="en-US")
    try:
        assert "Open alerts" in opened(housed, "carol")
    finally:
        housed.control("set_user", user="carol", locale="ja-JP")


def test_home_is_refreshed_while_a_person_may_be_looking(
    housed: Housed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home_module, "FRESH_S", 0.2)
    monkeypatch.setattr(home_module, "LOOK_S", 0.1)
    opened(housed, "carol")
    housed.house.incidents.raise_("a", "unreachable", {"detail": "x"}, housed.house.clock.now(), "critical")
    shown(housed, "carol", "🔴 ")


# --- what its buttons do


def test_sync_is_switched_off_and_on_from_home_and_the_channel_hears(housed: Housed) -> None:  # A5
    opened(housed, "alice")
    before = housed.control("revision")
    housed.control("click", user="alice", home=True, action_id="home:off")
    housed.sees("carol", "自動連携を止めました", after=before)
    assert "自動連携を始める" in shown(housed, "alice", "自動連携を止めました")["plain"]
    assert not housed.actions.status().on
    housed.control("click", user="alice", home=True, action_id="home:on")
    until(lambda: housed.actions.status().on)
    audits = [("U0ALICE01", word, end) for word in ("off", "on") for end in ("asked", "done")]
    until(lambda: [line for line in housed.audits() if line[1] in ("on", "off")] == audits)


def test_button_of_a_home_that_is_old_is_refused_to_who_may_not_press_it(housed: Housed) -> None:  # E7
    opened(housed, "alice")
    housed.house.team = replace(housed.house.team, users={"U0ALICE01": Role.READER})
    housed.control("click", user="alice", home=True, action_id="home:off")
    assert "権限が必要です" in shown(housed, "alice", "権限が必要です")["plain"]
    assert housed.actions.status().on


def test_shop_is_paused_by_a_form_with_reason_and_end_and_resumed(housed: Housed) -> None:
    opened(housed, "bob")
    before = housed.control("revision")
    housed.control("click", user="bob", home=True, action_id="home:shop:a", label="一時停止…")
    housed.control("wait_modal", user="bob", text="注文の取り込みは続きます")
    end = said_of(housed.house.clock.now() + timedelta(minutes=30))
    assert housed.control("submit", user="bob", values={"終わり": end, "理由": "棚卸"})["closed"]
    told = housed.sees("carol", "一時停止しました", after=before)
    assert "棚卸" in told["plain"]
    (pause,) = housed.actions.pausing.pauses()
    assert (pause.target, pause.reason, pause.who) == ("a", "棚卸", "U0BOB0001")
    assert pause.until - pause.since == timedelta(minutes=30)
    shown(housed, "bob", "[再開]")
    housed.control("click", user="bob", home=True, action_id="do:resume:0")
    until(lambda: not housed.actions.pausing.pauses())
    shown(housed, "bob", "再開しました")


def test_pausing_everything_needs_an_admin(housed: Housed) -> None:
    opened(housed, "alice")
    housed.control("click", user="alice", home=True, action_id="home:pause")
    housed.control("wait_modal", user="alice", text="全店舗")
    housed.house.team = replace(housed.house.team, users={"U0ALICE01": Role.OPERATOR})
    errors = housed.control("submit", user="alice", values={"終わり": "再開するまで"})["errors"]
    assert any("権限が必要です" in text for text in errors.values())
    assert not housed.actions.pausing.pauses()


def test_credential_is_renewed_from_home(housed: Housed) -> None:
    opened(housed, "alice")
    housed.control("click", user="alice", home=True, action_id="home:shop:a", label="認証情報の更新…")
    housed.control("wait_modal", user="alice", text="キー: [")


def test_connection_check_is_answered_on_home(housed: Housed) -> None:
    opened(housed, "bob")
    housed.control("click", user="bob", home=True, action_id="home:shop:b", label="接続チェック")
    assert "✓ b" in shown(housed, "bob", "接続できました")["plain"]


def test_held_plan_is_approved_from_home_by_the_same_action(housed: Housed) -> None:
    lines = tuple(HeldLine(f"sku-{n:03d}", f"sku-{n:03d}", 9, 0, Why.MAPPING) for n in range(30))
    hold = Hold("a", PLAN, lines, Reason(Trip.ZERO, 30, 30, 40), housed.house.clock.now(), ("U0ALICE01",))
    with housed.engine.begin() as connection:
        holds.ask(connection, hold)
    tell_of_hold(housed.engine, housed.house.incidents, "a", housed.house.clock.now())
    assert "01234567" in opened(housed, "bob")
    opened(housed, "carol")
    assert "承認" not in "".join(labels(housed, "carol"))
    housed.control("click", user="bob", home=True, action_id="guard:approve")
    until(lambda: not housed.actions.guarding.asked())
    shown(housed, "bob", "返事を待っているものはありません")


def test_number_that_is_not_ours_is_decided_from_home(housed: Housed) -> None:
    house = housed.house
    house.clock.advance(3600)
    house.tick()
    house.malls["a"].stock["tee"] = 4
    for _ in range(15):
        house.tick()
    opened(housed, "carol")
    assert "4 を正とする" not in labels(housed, "carol")
    assert "tee" in opened(housed, "bob")
    housed.control("click", user="bob", home=True, label="4 を正とする")
    shown(housed, "bob", "返事を待っているものはありません")
    assert house.available("tee") == 4


def test_rewritten_mapping_waits_for_a_person_on_home(housed: Housed) -> None:
    params = {"commit": "0123456789", "author": "dave", "good": "c0ffee0123"}
    housed.house.incidents.raise_("", "mapping_rewritten", params, housed.house.clock.now(), "warning")
    assert "tanaban mapping accept 0123456789" in opened(housed, "carol")


def test_home_that_slack_does_not_take_is_published_again(
    housed: Housed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home_module, "FRESH_S", 0.2)
    monkeypatch.setattr(home_module, "LOOK_S", 0.1)
    housed.control("fault", name="refuse", method="views.publish", times=1, error="internal_error")
    housed.control("open_home", user="bob", within_s=0.1)
    housed.house.incidents.raise_("a", "unreachable", {"detail": "x"}, housed.house.clock.now(), "critical")
    shown(housed, "bob", "🔴 ")


def test_no_home_holds_a_secret(housed: Housed) -> None:
    for user in ("alice", "bob", "carol"):
        opened(housed, user)
    for mall in housed.house.malls.values():
        assert not housed.control("seen", text=mall.key)


# --- every Home we can build


def homes(voice: Voice) -> dict[str, dict[str, Any]]:
    pause = PauseView("rakuten-0", "棚卸 <二階> & *全部*", "U0BOB0001", NOW, NOW + timedelta(hours=1))
    keys = [credential(days) for days in (0.5, 1, 3, 7, 14, 30)] + [credential(-1), credential(9, "failed")]
    many = tuple(
        shop_status(f"rakuten-{n}", *keys, state=list(ShopState)[n % 8], pauses=(pause,)) for n in range(45)
    )
    cards = [("rakuten-1", Card("長い質問 " * 60, (button("書く", "drift:write", {"drift": 1}),)))] * 12
    status = Status(True, "c0ffee0123", True, many, 7)
    setups = {f"rakuten-{n}": (n, 40) for n in range(9)}
    full = Facts(status, Role.ADMIN, NOW, (), cards, 5, setups, notice="済みました" * 500)
    empty = Facts(Status(False, "", False, ()), Role.READER, NOW)
    found = {
        f"full {role} {page}": replace(full, role=role, page=page) for role in Role for page in (0, 1, 2, 9)
    }
    made = {name: home_view(facts, voice) for name, facts in {**found, "empty": empty}.items()}
    forms = {f"pause {to}": pause_modal(to, (800_000, 8), NOW, voice) for to in ("all", "rakuten-1")}
    return {**made, **forms}


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_home_fits_into_slack(lang: str) -> None:
    for name, view in homes(Voice(lang)).items():
        assert limits.problems(view) == [], name


@pytest.mark.parametrize(
    ("days", "said"),
    [(30, "あと30日"), (14, "あと14日"), (7, "あと7日"), (3, "あと3日"), (1, "あと1日"), (-1, "期限切れ")],
)
def test_credentials_are_told_from_thirty_days_on(days: float, said: str) -> None:
    facts = Facts(Status(True, "", False, (shop_status("r", credential(days)),)), Role.ADMIN, NOW)
    assert said in plain(home_view(facts, Voice("ja")))
    quiet = Facts(Status(True, "", False, (shop_status("r", credential(31)),)), Role.ADMIN, NOW)
    assert "期限が近い" not in plain(home_view(quiet, Voice("ja")))


def test_shops_come_twenty_at_a_time() -> None:
    status = Status(True, "", False, tuple(shop_status(f"shop-{n:02}") for n in range(45)))
    pages = [plain(home_view(Facts(status, Role.READER, NOW, page=page), Voice("ja"))) for page in range(3)]
    assert [sum(f"shop-{n:02}" in page for n in range(45)) for page in pages] == [20, 20, 5]
    assert "次の店舗" in pages[0]
    assert "はじめに戻る" in pages[2]


def test_foreign_text_on_home_pings_nobody() -> None:
    pause = PauseView("r", "<!channel> *x* & <b>", "U0BOB0001", NOW, None)
    status = Status(True, "", False, (shop_status("r", pauses=(pause,)),))
    text = plain(home_view(Facts(status, Role.READER, NOW), Voice("ja")))
    assert "<!channel>" not in text
    assert "&lt;!channel&gt;" in text


def test_every_length_of_the_pause_form_names_the_end_that_it_has() -> None:
    [options] = [
        block["element"]["options"]
        for block in pause_modal("all", (1, 1), NOW, Voice("ja"))["blocks"]
        if block["type"] == "input" and block["element"]["type"] == "static_select"
    ]
    said = {option["value"]: option["text"]["text"] for option in options}
    assert said == {
        "2h": "2時間（11月21日 17:00 まで）",
        "30m": "30分（11月21日 15:30 まで）",
        "24h": "24時間（11月22日 15:00 まで）",
        "tomorrow": "明日の朝（11月22日 09:00 まで）",
        "open": "再開するまで",
    }
    ends = [pause_end(word, NOW) for word in said]
    assert all(end is None or moment(end, "ja") in said[word] for word, end in zip(said, ends, strict=True))
    assert ends.count(None) == 1


def test_form_of_a_pause_says_what_stops_and_what_goes_on(housed: Housed) -> None:  # D9
    opened(housed, "alice")
    for press, said in (
        ({"action_id": "home:shop:a", "label": "一時停止…"}, "1店舗の出品 2件"),
        ({"action_id": "home:pause"}, "2店舗の出品 4件"),
    ):
        housed.control("click", user="alice", home=True, **press)
        housed.control("wait_modal", user="alice", text=said)
        shown_to_her = housed.control("modal", user="alice")["plain"]
        assert "注文の取り込みは続きます" in shown_to_her
        assert "売り越し" in shown_to_her
        housed.control("close_modal", user="alice")


def test_pause_ends_when_the_form_said_however_long_it_stood_open(housed: Housed) -> None:  # D9
    opened(housed, "bob")
    housed.control("click", user="bob", home=True, action_id="home:shop:a", label="一時停止…")
    housed.control("wait_modal", user="bob", text="2時間")
    promised = housed.house.clock.now() + timedelta(minutes=30)
    housed.house.clock.advance(600)
    assert housed.control("submit", user="bob", values={"終わり": said_of(promised)})["closed"]
    (pause,) = housed.actions.pausing.pauses()
    assert pause.until == promised


def said_of(end: datetime) -> str:
    return f"30分（{moment(end, 'ja')} まで）"


def test_the_worst_alert_stands_first(housed: Housed) -> None:
    now = housed.house.clock.now()
    for shop, severity in (("a", Severity.NOTICE), ("b", Severity.CRITICAL)):
        housed.house.incidents.raise_(shop, "unreachable", {"detail": "x"}, now, severity)
    text = opened(housed, "carol")
    assert text.index("🔴") < text.index("🔵")
