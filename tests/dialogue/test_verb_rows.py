"""Every verb over the bot's core: each argument is answered once, and each role may just its own."""

from __future__ import annotations

import json

import pytest
from conftest import Housed
from slack_bolt.request import BoltRequest

from bot.messages import say
from bot.slack.verbs import LOOKUP, VERBS

ROWS = [
    # who, says, hears
    ("carol", "list", "商品一覧 2件"),
    ("carol", "一覧 tee", "「tee」を含む商品 1件"),
    ("carol", "list マグ", "mug"),
    ("carol", "list どこにもない", "見つかりません"),
    ("carol", "list tee mug", "「mug」の部分がわかりません"),
    ("carol", "list --what", "「--what」の部分がわかりません"),
    ("carol", "why", "使い方"),
    ("carol", "why tee", "使い方"),
    ("carol", "why tee a", "問題は見つかりません"),
    ("carol", "理由 ｔｅｅ a", "問題は見つかりません"),
    ("carol", "why tea a", "もしかして"),
    ("carol", "why tee どこか", "店舗は見つかりません"),
    ("carol", "why tee a いま", "「いま」の部分がわかりません"),
    ("carol", "a 状態", "status a"),  # the other way round: offered as a button
    ("carol", "在庫 tee", "もしかして： tee"),
    ("carol", "へるぷ", "使い方"),
    ("carol", "ステータス どこか", "店舗は見つかりません"),
    ("bob", "さいかい tee", "一時停止していません"),
    ("carol", "ready", "準備ができています"),
    ("carol", "準備 a", "コード対応"),
    ("carol", "ready どこか", "店舗は見つかりません"),
    ("carol", "sync a", "「担当者」の権限が必要です"),
    ("bob", "sync どこか", "店舗は見つかりません"),
    ("bob", "sync a いま", "「いま」の部分がわかりません"),
    ("bob", "sync a --what", "「--what」の部分がわかりません"),
    ("bob", "sync a --dry-run", "a: すぐ書くのは0件"),
    ("bob", "sync a —dry-run", "試しただけで"),  # a keyboard makes one long dash of two
    ("bob", "同期 a", "始めました"),
    ("bob", "sync a full", "始めました"),
    ("carol", "check a", "「担当者」の権限が必要です"),
    ("bob", "check どこか", "店舗は見つかりません"),
    ("bob", "check a", "接続を確かめています"),
    ("carol", "map tee", "「担当者」の権限が必要です"),
    ("bob", "map", "使い方"),
    ("bob", "map tee", "a：`tee`"),
    ("bob", "map tea", "もしかして"),
    ("bob", "map tee a", "「a」の部分がわかりません"),
    ("bob", "map copy", "使い方"),
    ("bob", "map copy from:a", "使い方"),
    ("bob", "map copy from:a to:どこか", "店舗は見つかりません"),
    ("bob", "map copy from:a to:b", "tanaban mapping copy"),
    ("bob", "map set tee", "使い方"),
    ("bob", "map set tea a x", "もしかして"),
    ("bob", "import", "使い方"),
    ("bob", "import どこか", "店舗は見つかりません"),
    ("bob", "import a b", "「b」の部分がわかりません"),
    ("bob", "取込 a", "始めました"),
    ("carol", "import a", "「担当者」の権限が必要です"),
    ("bob", "orders", "使い方"),
    ("bob", "orders import", "使い方"),
    ("bob", "orders a", "使い方"),
    ("bob", "orders import どこか", "店舗は見つかりません"),
    ("bob", "受注 取込 a", "始めました"),
    ("bob", "audit", "「管理者」の権限が必要です"),
    ("alice", "audit", "直近7日の操作"),
    ("alice", "audit 0", "1 から 366"),
    ("alice", "audit いつも", "1 から 366"),
    ("alice", "audit 3 4", "「4」の部分がわかりません"),
]


@pytest.mark.parametrize(("who", "says", "hears"), ROWS, ids=[f"{who}: {says}" for who, says, _ in ROWS])
def test_every_verb_answers_each_argument_exactly_once(
    shared_house: Housed, who: str, says: str, hears: str
) -> None:
    housed = shared_house
    before = len(housed.control("messages", user=who))
    revision = housed.control("revision")
    housed.control("type", user=who, text=f"/zaiko {says}")
    housed.sees(who, hears, after=revision)
    mine = housed.control("messages", user=who)[before:]
    assert len([m for m in mine if hears in m["text"] + m["plain"]]) == 1


# ---------------------------------------------------------------------- who may do what

LINES = {
    "lookup": "tee",
    "why": "why tee a",
    "pause": "pause tee",
    "resume": "resume tee",
    "check": "check a",
    "map": "map set tee a none",
    "import": "import a",
    "orders": "orders import a",
    "renew": "renew a",
}


@pytest.mark.parametrize("who", ["guest", "stranger", "gone"])
def test_nobody_from_outside_reads_or_writes_whatever_the_team_file_says(  # E8
    shared_house: Housed, who: str
) -> None:
    housed = shared_house
    before = housed.audits()
    for verb in VERBS:
        [answer] = housed.types(who, f"/zaiko {LINES.get(verb.name, verb.name)}")
        assert "メンバーだけが使えます" in answer["text"] or "Only full members" in answer["text"], verb.name
    assert housed.audits() == before


def test_nobody_of_another_workspace_reads_or_writes(shared_house: Housed) -> None:  # E8
    before = shared_house.audits()
    place = {"channel_id": "C0ZAIKO01", "response_url": "https://127.0.0.1:9/", "trigger_id": "1.2"}
    admin = {"command": "/zaiko", "user_id": "U0ALICE01", "team_id": "T0OTHER01", **place}
    for verb in VERBS:
        text = LINES.get(verb.name, verb.name)
        app = shared_house.face.app
        assert app is not None
        response = app.dispatch(BoltRequest(mode="socket_mode", body={**admin, "text": text}))
        assert "メンバーだけが使えます" in json.loads(response.body)["text"], verb.name
    assert shared_house.audits() == before


@pytest.mark.parametrize("who", ["carol", "bob", "alice"])
def test_each_role_may_just_what_the_registry_says(shared_house: Housed, who: str) -> None:  # E8
    housed = shared_house
    role = housed.actions.role_of(housed.control("view", user=who)["user"])
    for verb in VERBS:
        if verb.name == "renew" and role.covers(verb.role):
            continue  # opens a form
        answers = housed.types(who, f"/zaiko {LINES.get(verb.name, verb.name)}")
        refused = "権限が必要です" in answers[0]["text"]
        assert refused is not role.covers(verb.role), verb.name


def test_every_verb_has_a_line_here_or_stands_alone() -> None:
    needs = {verb.name for verb in VERBS if "商品コード" in say(f"form.{verb.name}", "ja").split("[")[0]}
    assert needs <= LINES.keys()
    assert LOOKUP in VERBS
