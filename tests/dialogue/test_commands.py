"""What people type, and what they hear: (who, says, hears)."""

from __future__ import annotations

import pytest
from conftest import Stage, until

from bot.answers import Role

ROWS = [
    # who, says, hears, and whether the channel hears it too
    ("carol", "/zaiko", "使い方", False),
    ("carol", "/zaiko help", "pause", False),
    ("carol", "/zaiko ヘルプ", "使い方", False),
    ("carol", "/zaiko help pause", "一時停止", False),
    ("carol", "/zaiko tee-red-m", "tee_red_m", False),  # A7
    ("carol", "/zaiko ｔｅｅ‐ｒｅｄ‐ｍ", "販売できる数 17", False),
    ("carol", "/zaiko tee-red-m 楽天", "楽天市場", False),
    ("carol", "/zaiko tee-red-m どこか", "店舗は見つかりません", False),
    ("carol", "/zaiko tee-red-m 楽天 そのほか", "「そのほか」の部分がわかりません", False),
    ("carol", "/zaiko outer-garment-long-sleeve-navy-xl", "販売できる数", False),
    ("carol", "/zaiko tee-rde-m", "もしかして", False),
    ("carol", "/zaiko 楽天", "在庫連携の状態", False),
    ("carol", "/zaiko status", "roomclip-main", False),
    ("carol", "/zaiko 状態 楽天", "rakuten-main", False),
    ("carol", "/zaiko status どこか", "店舗は見つかりません", False),
    ("carol", "/zaiko pause 楽天", "「担当者」の権限が必要です", False),
    ("bob", "/zaiko pause", "使い方", False),
    ("bob", "/zaiko pause どこか", "店舗も商品コードも見つかりません", False),
    ("bob", "/zaiko pause 楽天 until 25:99", "時刻「25:99」がわかりません", False),
    ("bob", "/zaiko pause 楽天 99日", "31日以内", False),
    ("bob", "/zaiko pause all", "「管理者」の権限が必要です", False),
    ("bob", '/zaiko pause 楽天 2h "棚卸', "引用符が閉じていません", False),
    ("bob", "/zaiko pause rakuten 2h 棚卸", "一時停止しました", True),
    ("bob", "/zaiko 一時停止 mug", "再開するまで", True),
    ("alice", "/zaiko 停止 全部 30分", "全店舗を一時停止しました", True),
    ("bob", "/zaiko resume", "使い方", False),
    ("bob", "/zaiko resume どこか", "見つかりません", False),
    ("bob", "/zaiko resume 楽天", "一時停止していません", False),
    ("bob", "/zaiko resume 楽天 今", "「今」の部分がわかりません", False),
    ("bob", "/zaiko on", "「管理者」の権限が必要です", False),  # A5
    ("bob", "/zaiko off", "「管理者」の権限が必要です", False),
    ("alice", "/zaiko on", "自動連携を始めました", True),  # A5
    ("alice", "/zaiko on どこか", "店舗は見つかりません", False),
    ("alice", "/zaiko off どこか", "店舗は見つかりません", False),
    ("alice", "/zaiko off", "すでにオフ", False),
    ("bob", "/zaiko renew 楽天", "「管理者」の権限が必要です", False),
    ("alice", "/zaiko renew", "使い方", False),
    ("alice", "/zaiko renew どこか", "その店舗は見つかりません", False),
    ("alice", "/zaiko renew 楽天 パスワードA", "その種類の認証情報はありません", False),
    ("guest", "/zaiko status", "ゲスト", False),  # E8
    ("guest", "/zaiko on", "ゲスト", False),
]


@pytest.mark.parametrize(("who", "says", "hears", "is_public"), ROWS, ids=[f"{r[0]}: {r[1]}" for r in ROWS])
def test_every_command_answers_exactly_once(
    stage: Stage, who: str, says: str, hears: str, is_public: bool
) -> None:
    other = "carol" if who != "carol" else "bob"
    before = len(stage.control("messages", user=other))
    before_mine = len(stage.control("messages", user=who))
    answers = stage.types(who, says)
    assert len(answers) == 1
    assert hears in answers[0]["text"], answers[0]["text"]
    assert hears in answers[0]["plain"]
    assert (len(stage.control("messages", user=other)) > before) == is_public
    mine = [m for m in stage.control("messages", user=who)[before_mine:] if hears in m["text"]]
    assert len(mine) == 1


def test_pause_can_be_ended_by_its_button_once_and_the_second_is_told_by_whom(stage: Stage) -> None:
    [answer] = stage.types("bob", "/zaiko pause rakuten 2h 棚卸")
    assert stage.actions.pauses["rakuten-main"].reason == "棚卸"
    stage.control("click", user="bob", label="再開")
    stage.sees("carol", "再開しました", after=answer["revision"])
    assert stage.actions.pauses == {}
    [answer] = stage.types("alice", "/zaiko resume rakuten")
    assert "<@U0BOB0001>" in answer["text"]


def test_old_button_does_not_end_a_later_pause(stage: Stage) -> None:
    [first] = stage.types("bob", "/zaiko pause rakuten 2h")
    stage.types("alice", "/zaiko resume rakuten")
    stage.types("alice", "/zaiko pause rakuten 3h 点検")
    stage.control("click", user="bob", label="再開", message_ts=first["ts"])
    stage.sees("bob", "その間に状態が変わりました")
    assert "rakuten-main" in stage.actions.pauses


def test_button_checks_the_role_of_the_one_who_presses_it(stage: Stage) -> None:
    stage.types("bob", "/zaiko pause rakuten 2h")
    stage.control("click", user="carol", label="再開")
    stage.sees("carol", "「担当者」の権限が必要です")
    assert "rakuten-main" in stage.actions.pauses


def test_slip_of_the_keys_is_offered_as_a_button_that_does_it(stage: Stage) -> None:
    [answer] = stage.types("bob", "/zaiko pasue rakuten 2h")
    assert "pause rakuten 2h" in answer["plain"]
    stage.control("click", user="bob", label="pause rakuten 2h")
    stage.sees("carol", "一時停止しました")
    until(lambda: "rakuten-main" in stage.actions.pauses)


def test_lookup_can_be_shown_to_the_channel(stage: Stage) -> None:
    stage.types("bob", "/zaiko mug")
    before = stage.control("revision")
    stage.control("click", user="bob", label="チャンネルに表示")
    shown = stage.sees("carol", "販売できる数 17", after=before)
    assert "<@U0BOB0001> が共有" in shown["text"]


def test_change_made_outside_the_ops_channel_is_told_there_and_waits_until_it_can(stage: Stage) -> None:
    stage.actions.channel = "C0NOTYET1"
    stage.types("bob", "/zaiko pause mug")
    waiting = until(lambda: stage.outbox().next(stage.now()))
    assert waiting.channel == "C0NOTYET1"
    assert "mug" in waiting.body["text"]


def test_refused_change_and_done_change_are_recorded(stage: Stage) -> None:  # E7
    stage.types("carol", "/zaiko pause rakuten")
    stage.types("bob", "/zaiko pause rakuten 2h 棚卸")
    lines = [(who, action, result) for who, action, _, result in stage.actions.audits]
    assert lines == [
        ("U0CAROL01", "pause", "refused: needs operator"),
        ("U0BOB0001", "pause", "asked"),
        ("U0BOB0001", "pause", "done"),
    ]


def test_foreign_title_pings_nobody_and_shows_as_typed(stage: Stage) -> None:
    stage.actions.names["mug"] = "<!channel> *x* & <b>"
    [answer] = stage.types("bob", "/zaiko mug")
    assert "<!channel>" not in answer["text"]
    assert "&lt;!channel&gt;" in answer["text"]
    assert "<!channel> *x* & <b>" in answer["plain"].replace("\u2060", "")


def test_slow_command_is_acknowledged_at_once_and_answered_once_later(stage: Stage) -> None:
    stage.actions.hold.clear()
    before = stage.control("revision")
    reply = stage.control("type", user="bob", text="/zaiko mug")
    assert reply["answers"] == []
    assert not reply.get("error")
    stage.actions.hold.set()
    stage.sees("bob", "販売できる数", after=before)


def test_busy_workers_do_not_hold_up_an_acknowledgement(stage: Stage) -> None:
    stage.actions.hold.clear()
    for _ in range(8):
        stage.control("type", user="bob", text="/zaiko mug")
    assert not stage.control("type", user="bob", text="/zaiko status").get("error")
    assert max(ack["ms"] for ack in stage.control("acks")[-9:]) < 1000
    stage.actions.hold.set()


def test_failure_inside_is_told_and_nothing_leaks(stage: Stage) -> None:
    stage.actions.fails = True
    [answer] = stage.types("bob", "/zaiko mug")
    assert "エラーのため実行できませんでした" in answer["text"]
    assert "planted failure" not in answer["text"]


def test_person_is_answered_in_their_own_language_and_the_channel_in_the_teams(stage: Stage) -> None:
    stage.actions.group_roles = {"S0OPS0001": Role.OPERATOR}
    stage.control("set_group", users=["erin", "bob"])
    [own] = stage.types("erin", "/zaiko status")
    assert "State of the stock sync" in own["text"]
    [public] = stage.types("erin", "/zaiko pause rakuten 2h")
    assert "一時停止しました" in public["text"]
    stage.actions.lang = "en"
    [own] = stage.types("bob", "/zaiko status")
    assert "在庫連携の状態" in own["text"]
    [public] = stage.types("bob", "/zaiko resume rakuten")
    assert "resumed" in public["text"]


def test_role_of_a_group_is_taken_and_lost_where_slack_has_no_groups(stage: Stage) -> None:  # E8
    stage.actions.group_roles = {"S0OPS0001": Role.OPERATOR}
    stage.control("set_group", users=["erin"])
    stage.control("fault", name="free_plan")
    [refused] = stage.types("erin", "/zaiko pause rakuten 2h")
    assert "needs the role" in refused["text"]
    stage.control("clear_faults")
    [done] = stage.types("erin", "/zaiko pause rakuten 2h")
    assert "一時停止しました" in done["text"]
