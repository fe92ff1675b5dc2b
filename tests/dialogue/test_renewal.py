"""Renewing a credential in Slack: the modal, its errors, and where the value must not be."""

from __future__ import annotations

import logging
from datetime import date

import pytest
from conftest import Stage, until

PLANTED = "planted-key-for-the-search-8f2c"
FIELD = "ライセンスキー"


def open_modal(stage: Stage, text: str = "/zaiko renew 楽天") -> str:
    assert stage.control("type", user="alice", text=text)["answers"] == []
    return str(stage.control("wait_modal", user="alice")["plain"])


def test_modal_shows_the_steps_the_page_and_that_typing_is_visible(stage: Stage) -> None:  # A16, A22
    shown = open_modal(stage, "/zaiko 更新 楽天 ライセンスキー")
    for words in (
        "新しいライセンスキーを発行",
        "モールの画面を開く",
        "入力を隠す欄がありません",
        FIELD,
        "有効期限",
    ):
        assert words in shown


def test_accepted_value_closes_the_modal_and_is_told_to_be_on_trial(stage: Stage) -> None:
    open_modal(stage)
    before = stage.control("revision")
    assert stage.control("submit", user="alice", values={FIELD: PLANTED, "有効期限": "2027-02-19"}).get(
        "closed"
    )
    told = stage.sees("carol", "確認中です", after=before)
    assert "ab12cd34" in told["text"]
    assert stage.actions.vault["rakuten-main"]["licence"].reveal() == PLANTED
    assert stage.actions.expiries == [date(2027, 2, 19)]
    assert stage.actions.issues == [stage.actions.now().date()]  # today stands there from the beginning


def test_day_of_the_issue_may_be_another_than_today(stage: Stage) -> None:
    open_modal(stage)
    values = {FIELD: PLANTED, "発行日": "2026-11-01"}
    assert stage.control("submit", user="alice", values=values).get("closed")
    assert (stage.actions.issues, stage.actions.expiries) == ([date(2026, 11, 1)], [None])


def test_refused_value_is_told_under_its_field(stage: Stage) -> None:  # A22
    open_modal(stage)
    reply = stage.control("submit", user="alice", values={FIELD: "other-shop-key"})
    assert any("別の店舗のキー" in text for text in reply["errors"].values())
    assert stage.actions.vault == {}
    assert stage.control("modal", user="alice")
    assert stage.control("submit", user="alice", values={FIELD: "right-key"}).get("closed")


def test_planted_secret_is_found_nowhere_but_in_the_vault(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:  # A16
    caplog.set_level(logging.DEBUG)
    open_modal(stage)
    stage.control("submit", user="alice", values={FIELD: f"other {PLANTED}"})
    stage.control("submit", user="alice", values={FIELD: f"  {PLANTED} "})
    stage.sees("carol", "確認中です")
    until(lambda: not stage.outbox().waiting())
    assert not stage.control("seen", text=PLANTED)
    assert PLANTED not in caplog.text
    assert PLANTED not in repr(stage.actions.audits)
    kept = [path for path in stage.folder.iterdir() if PLANTED.encode() in path.read_bytes()]
    assert kept == []
    assert stage.actions.vault["rakuten-main"]["licence"].reveal() == PLANTED


@pytest.mark.parametrize(
    "typed",
    [
        f"/zaiko renew 楽天 licence {PLANTED}",
        "/zaiko renew 楽天 licence s3cr3t-8",
        f"/zaiko renew 楽天 {PLANTED}",
        "/zaiko renew 楽天 s3cr3t-8",
        "/zaiko renew s3cr3t-8",
        f"/zaiko {PLANTED}",
        f"/zaiko pause 楽天 2h {PLANTED}",
    ],
)
def test_credential_typed_into_a_command_is_refused_and_not_repeated(stage: Stage, typed: str) -> None:
    [answer] = stage.types("alice", typed)
    for secret in (PLANTED, "s3cr3t-8"):
        assert secret not in answer["text"] + answer["plain"]
        assert secret not in repr(stage.actions.audits)
    assert stage.actions.pauses == {}
    assert stage.control("modal", user="alice") is None


def test_submission_checks_the_role_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    open_modal(stage)
    monkeypatch.setattr(
        stage.actions,
        "role_of",
        lambda _user, _groups=(): type(stage.actions).role_of(stage.actions, "U0BOB0001"),
    )
    reply = stage.control("submit", user="alice", values={FIELD: "right-key"})
    assert any("「管理者」の権限が必要" in text for text in reply["errors"].values())
    assert stage.actions.vault == {}
