"""The renewal modal of a credential that comes of a consent; what a modal keeps to itself."""

from __future__ import annotations

import json

from bot.answers import RenewalField, RenewalForm
from bot.slack.modals import read_submission
from bot.slack.renewal import renewal_modal
from bot.slack.voice import Voice

URL = "https://auth.invalid/consent?state=made-up"


def form(url: str = URL, kind: str = "refresh_token") -> RenewalForm:
    field = RenewalField("consent", "同意のあとに開いたページのアドレス", "address", secret=True)
    return RenewalForm(
        shop="yahoo-main",
        mall="yahoo",
        mall_ja="Yahoo!ショッピング",
        mall_en="Yahoo! Shopping",
        kind=kind,
        fields=(field,),
        page_url="",
        life_days=None,
        activation_s=0,
        expires_at=None,
        version="2026-01-02T03:04:05+00:00",
        consent_url=url,
    )


def test_consent_has_its_link_its_steps_and_one_field() -> None:  # A24 A25 A30
    modal = renewal_modal(form(), Voice("ja", "/zaiko"))
    text = json.dumps(modal, ensure_ascii=False)
    assert URL in text
    assert "注文管理権限のあるIDでログイン" in text
    assert [b["block_id"] for b in modal["blocks"] if b["type"] == "input"] == ["value:consent"]


def test_without_a_link_the_token_itself_is_asked_for() -> None:
    text = json.dumps(renewal_modal(form(url=""), Voice("ja", "/zaiko")), ensure_ascii=False)
    assert "redirect_uri" in text


def test_modal_keeps_what_it_was_opened_upon_and_no_value() -> None:
    modal = renewal_modal(form(), Voice("ja", "/zaiko"))
    kept = json.loads(modal["private_metadata"])
    assert kept == {"shop": "yahoo-main", "kind": "refresh_token", "version": "2026-01-02T03:04:05+00:00"}
    typed = {"value:consent": {"value": {"value": " https://back.invalid/?code=planted "}}}
    found = read_submission({"private_metadata": modal["private_metadata"], "state": {"values": typed}})
    assert found.version == kept["version"]
    assert "planted" not in repr(found)
    assert found.values["consent"].reveal() == "https://back.invalid/?code=planted"
