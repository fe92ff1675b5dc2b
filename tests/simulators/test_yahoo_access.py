"""The simulated Yahoo! store: consents, tokens, signatures, and what breaks on demand."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
import requests
from yahoo_shop import RED_M, RED_S, Shop, code_of, numbers, rows, tree

from sandbox.world import ControlError

DAY_S = 24 * 3600


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path)
    yield running
    running.close()


# ------------------------------------------------------------------------------- tokens


def test_a_refresh_token_gives_an_access_token_for_an_hour_and_no_other_refresh_token(shop: Shop) -> None:
    reply = shop.renew(shop.entry["refresh_token"])
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert reply.headers["Cache-Control"] == "no-store"
    answer = reply.json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)
    assert set(answer) == {"access_token", "token_type", "expires_in"}
    shop.use_token(answer["access_token"])
    shop.world.clock.advance(3400)
    assert shop.set_stock({"mug": 1}).status_code == 200
    shop.world.clock.advance(200)
    late = shop.set_stock({"mug": 1})
    assert late.status_code == 401
    expected = 'Bearer realm="yahooapis.jp", error="invalid_token", error_description="expired token"'
    assert late.headers["WWW-Authenticate"] == expected
    assert (tree(late).findtext("Message") or "").endswith(expected)
    assert code_of(late) is None


def test_the_client_may_stand_in_the_body(shop: Shop) -> None:
    fields = {name: shop.entry[name] for name in ("client_id", "client_secret", "refresh_token")}
    url = shop.entry["token_url"]
    del shop.session.headers["Authorization"]
    reply = shop.session.post(url, data={"grant_type": "refresh_token", **fields}, timeout=10)
    assert reply.status_code == 200
    wrong = {**fields, "client_secret": "FAKE"}
    reply = shop.session.post(url, data={"grant_type": "refresh_token", **wrong}, timeout=10)
    assert (reply.status_code, reply.json()["error"]) == (401, "invalid_client")


def test_a_consent_lasts_28_days_from_its_own_day_whatever_is_renewed(shop: Shop) -> None:
    shop.world.clock.advance(27 * DAY_S)
    assert shop.renew(shop.entry["refresh_token"]).status_code == 200
    shop.world.clock.advance(DAY_S)
    reply = shop.renew(shop.entry["refresh_token"])
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_grant")
    assert isinstance(reply.json()["error_code"], int)


def test_a_new_password_kills_refresh_tokens_and_leaves_access_tokens(shop: Shop) -> None:  # A25
    shop.control("change_password")
    assert shop.renew(shop.entry["refresh_token"]).json()["error"] == "invalid_grant"
    assert shop.set_stock({"mug": 1}).status_code == 200
    fresh = shop.control("issue_refresh_token")
    shop.use_token(shop.access_token(fresh["refresh_token"]))
    shop.control("setting", password_kills_access=True)
    shop.control("change_password")
    assert shop.set_stock({"mug": 1}).status_code == 401


def test_credentials_expire_on_demand(shop: Shop) -> None:
    shop.control("expire_access_tokens")
    assert shop.set_stock({"mug": 1}).status_code == 401
    shop.use_token(shop.access_token(shop.entry["refresh_token"]))
    shop.control("expire_refresh_tokens")
    assert shop.renew(shop.entry["refresh_token"]).json()["error"] == "invalid_grant"
    assert shop.set_stock({"mug": 1}).status_code == 200
    assert [each["over"] for each in shop.control("sessions")] == [True, True]


def test_a_rotating_refresh_token_replaces_the_old_one(shop: Shop) -> None:
    shop.control("setting", refresh_rotates=True)
    second = shop.renew(shop.entry["refresh_token"]).json()["refresh_token"]
    assert shop.renew(shop.entry["refresh_token"]).status_code == 400
    shop.world.clock.advance(28 * DAY_S)
    assert shop.renew(second).json()["error"] == "invalid_grant", "the date is that of the consent"


def test_a_person_consents_in_the_browser_and_the_code_works_once(shop: Shop) -> None:
    url = shop.control("authorization_url", state="FAKE-STATE-7")["url"]
    page = shop.session.get(url, timeout=10)
    assert "同意する" in page.text
    href = page.text.partition("id='agree' href='")[2].partition("'")[0].replace("&amp;", "&")
    back = shop.session.get(shop.entry["auth_url"] + href, timeout=10)
    query = parse_qs(urlsplit(back.url).query)
    assert back.url.startswith(shop.entry["redirect_uri"] + "?")
    assert query["state"] == ["FAKE-STATE-7"]
    answer = shop.exchange(query["code"][0]).json()
    assert {"access_token", "refresh_token", "id_token", "expires_in"} <= set(answer)
    assert shop.exchange(query["code"][0]).json()["error"] == "invalid_grant"
    assert shop.renew(answer["refresh_token"]).status_code == 200
    assert shop.control("violations") == []


def test_a_hand_consents_as_a_browser_would(shop: Shop) -> None:
    url = shop.control("authorization_url", state="s")["url"]
    given = shop.control("consent", url=url)
    assert given["redirected_url"].endswith(f"?code={given['code']}&state=s")
    shop.world.clock.advance(601)
    assert shop.exchange(given["code"]).json()["error"] == "invalid_grant"
    refused = shop.control("consent", url=url, refuse=True)
    assert "error=access_denied" in refused["redirected_url"]
    for wrong in (
        "https://example.invalid/?x=1",
        url.replace("openid", "profile"),
        url.replace("live", "no"),
    ):
        with pytest.raises(ControlError):
            shop.control("consent", url=wrong)


def test_a_code_bound_to_a_verifier_needs_it(shop: Shop) -> None:
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"FAKE-VERIFIER").digest()).rstrip(b"=").decode()
    url = shop.control("authorization_url")["url"]
    url += f"&code_challenge={digest}&code_challenge_method=S256"
    assert shop.exchange(shop.control("consent", url=url)["code"]).status_code == 400
    fields = {"grant_type": "authorization_code", "redirect_uri": shop.entry["redirect_uri"]}
    code = shop.control("consent", url=url)["code"]
    assert shop.token(**fields, code=code, code_verifier="FAKE-VERIFIER").status_code == 200


def test_malformed_token_requests_are_refused_and_noted(shop: Shop) -> None:
    assert shop.token(grant_type="password").json()["error"] == "unsupported_grant_type"
    assert shop.token(grant_type="refresh_token").json()["error"] == "invalid_request"
    assert shop.token(grant_type="authorization_code", code="x").json()["error"] == "invalid_request"
    assert len(shop.control("violations")) == 3


def test_an_id_that_may_not_act_for_the_store_is_refused(shop: Shop) -> None:
    token = shop.control("issue_refresh_token", stranger=True)["refresh_token"]
    shop.use_token(shop.access_token(token))
    reply = shop.set_stock({"mug": 1})
    assert (reply.status_code, code_of(reply)) == (403, "px-14304")


# ------------------------------------------------------------------------------- the public key


def test_a_good_signature_is_told_and_keeps_the_long_session(shop: Shop) -> None:
    assert shop.order_list().headers["X-SWS-Authorize-Status"] == "authorized"
    shop.world.clock.advance(13 * 3600)
    shop.use_token(shop.access_token(shop.entry["refresh_token"]))
    reply = shop.order_list()
    assert (reply.status_code, reply.headers["X-SWS-Authorize-Status"]) == (200, "authorized")
    assert shop.control("sessions")[0]["short_until"] is None


def test_without_a_signature_order_calls_work_for_12_hours_of_the_consent(shop: Shop) -> None:
    reply = shop.order_list(headers={})
    assert (reply.status_code, "X-SWS-Authorize-Status" in reply.headers) == (200, False)
    shop.world.clock.advance(12 * 3600)
    shop.use_token(shop.access_token(shop.entry["refresh_token"]))
    reply = shop.order_list()
    assert (reply.status_code, code_of(reply)) == (401, "px-04102"), "a late signature does not help"
    assert shop.set_stock({"mug": 1}).status_code == 200, "stock calls live on"
    fresh = shop.control("issue_refresh_token")["refresh_token"]
    shop.use_token(shop.access_token(fresh))
    assert shop.order_list().status_code == 200


def test_a_short_session_may_shut_everything(shop: Shop) -> None:
    shop.control("setting", short_session_scope="all")
    shop.order_list(headers={})
    shop.world.clock.advance(12 * 3600 - 60)
    shop.use_token(shop.access_token(shop.entry["refresh_token"]))
    shop.world.clock.advance(60)
    assert code_of(shop.set_stock({"mug": 1})) == "px-04102"
    assert shop.renew(shop.entry["refresh_token"]).json()["error"] == "invalid_grant"


def wrong_signatures(shop: Shop) -> Iterator[dict[str, str]]:
    yield shop.signature(seller_id="other-store")
    yield shop.signature(at=shop.world.clock.now() - timedelta(seconds=400))
    yield shop.signature(public_key_version="7")
    yield shop.signature(public_key=shop.control("foreign_public_key")["public_key"])
    yield {**shop.signature(), "X-sws-signature": "not base64"}


def test_a_bad_signature_fails_nothing_and_is_told_in_the_header(shop: Shop) -> None:
    for headers in wrong_signatures(shop):
        reply = shop.order_list(headers=headers)
        assert (reply.status_code, reply.headers["X-SWS-Authorize-Status"]) == (200, "unauthorized")
    assert shop.control("sessions")[0]["short_until"] is not None
    shop.control("setting", failed_status="")
    assert "X-SWS-Authorize-Status" not in shop.order_list(headers=headers).headers


def test_two_public_keys_at_most_each_with_its_version_and_year(shop: Shop) -> None:
    second = shop.control("issue_public_key")
    assert second["public_key"].startswith("-----BEGIN PUBLIC KEY-----")
    with pytest.raises(ControlError, match="disable one first"):
        shop.control("issue_public_key")
    shop.control("disable_public_key", version=1)
    assert shop.order_list().headers["X-SWS-Authorize-Status"] == "unauthorized"
    ours = shop.signature(public_key=second["public_key"], public_key_version=second["version"])
    assert shop.order_list(headers=ours).headers["X-SWS-Authorize-Status"] == "authorized"
    shop.control("expire_public_keys")
    assert shop.order_list(headers=ours).headers["X-SWS-Authorize-Status"] == "unauthorized"


# ------------------------------------------------------------------------------- faults


def test_a_fault_meets_its_function_as_often_as_told_and_never_the_token_endpoint(shop: Shop) -> None:
    shop.control("fault", name="status", code=500, count=2)
    assert shop.renew(shop.entry["refresh_token"]).status_code == 200
    replies = [shop.set_stock({"mug": 1}) for _turn in range(3)]
    assert [reply.status_code for reply in replies] == [500, 500, 200]
    assert code_of(replies[0]) == "ed-00001"
    shop.control("fault", name="status", code=503, function="token", count=1)
    assert shop.renew(shop.entry["refresh_token"]).status_code == 503


@pytest.mark.parametrize(
    ("form", "function", "code"),
    [("ed-00002", "set", "ed-00002"), ("old", "set", "st-02000"), ("old", "get", "st-01000")],
)
def test_maintenance_has_both_codes(shop: Shop, form: str, function: str, code: str) -> None:
    shop.control("fault", name="maintenance", api="stock", form=form)
    reply = shop.set_stock({"mug": 1}) if function == "set" else shop.form("getStock", item_code="mug")
    assert (reply.status_code, code_of(reply)) == (503, code)
    assert "メンテナンス" in (tree(reply).findtext("Message") or "")
    assert reply.content.count(b'xmlns="urn:yahoo:api"') == 1
    assert shop.order_list().status_code == 200
    shop.control("clear_faults")
    assert shop.set_stock({"mug": 1}).status_code == 200


def test_maintenance_may_be_a_page_and_html_may_stand_in_a_200(shop: Shop) -> None:
    shop.control("fault", name="maintenance", form="html", count=1)
    shop.control("fault", name="html", count=1)
    replies = [shop.set_stock({"mug": 1}) for _turn in range(2)]
    assert [reply.status_code for reply in replies] == [503, 200]
    assert all(reply.headers["Content-Type"].startswith("text/html") for reply in replies)
    assert shop.control("stock")["mug"] == 12


@pytest.mark.parametrize(("name", "shown"), [("cut_before", 12), ("cut_after", 3)])
def test_a_cut_leaves_no_answer(shop: Shop, name: str, shown: int) -> None:
    shop.control("fault", name=name, function="set_stock", count=1)
    with pytest.raises(requests.ConnectionError):
        shop.set_stock({"mug": 3})
    assert shop.control("stock")["mug"] == shown
    assert shop.control("journal")[-1]["status"] == 0
    assert shop.set_stock({"mug": 4}).status_code == 200


def test_a_write_may_be_applied_and_the_answer_spoilt(shop: Shop) -> None:
    shop.control("fault", name="truncated", count=1)
    with pytest.raises(ET.ParseError):
        tree(shop.set_stock({"mug": 3}))
    assert shop.control("stock")["mug"] == 3
    shop.control("fault", name="status_after", code=500, count=1)
    assert shop.set_stock({"mug": 4}).status_code == 500
    assert shop.control("stock")["mug"] == 4


def test_a_row_can_be_refused_or_applied_without_its_number(shop: Shop) -> None:
    shop.control("fault", name="refuse", code="tee-red-m", count=1)
    reply = shop.set_stock({RED_S: 1, RED_M: 1})
    assert (reply.status_code, rows(reply)[RED_M]["ErrorCode"]) == (207, "st-02999")
    shop.control("fault", name="refuse", code=RED_M, error="ed-10002")
    reply = shop.set_stock({RED_M: 6})
    assert (reply.status_code, rows(reply)[RED_M].get("Quantity")) == (207, None)
    assert shop.control("stock")["tee-red-m"] == 6
    assert shop.control("violations") == []


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"name": "publishing"}, 400, "ed-00006"),
        ({"name": "error", "error": "px-14303"}, 403, "px-14303"),
        ({"name": "error", "error": "ed-99999", "status": 418}, 418, "ed-99999"),
        ({"name": "rate_limit"}, 403, None),
        ({"name": "invalid_token"}, 401, None),
        ({"name": "insufficient_scope"}, 403, None),
    ],
)
def test_writes_are_refused_as_told(shop: Shop, fault: dict[str, Any], status: int, code: str | None) -> None:
    shop.control("fault", **fault, count=1)
    reply = shop.set_stock({"mug": 1})
    assert (reply.status_code, code_of(reply)) == (status, code)
    assert shop.set_stock({"mug": 1}).status_code == 200


def test_only_order_calls_ask_for_a_registered_address(shop: Shop) -> None:
    shop.control("fault", name="ip_denied")
    assert shop.set_stock({"mug": 1}).status_code == 200
    assert code_of(shop.order_list()) == "px-04306"


def test_an_order_answer_may_be_not_good(shop: Shop) -> None:
    number = shop.buy()
    shop.control("fault", name="ng")
    assert tree(shop.order_list()).findtext("Status") == "NG"
    assert tree(shop.order_info(number)).findtext("Result/Status") == "NG"


def test_the_token_endpoint_errs_as_told(shop: Shop) -> None:
    shop.control("fault", name="token_error", error="server_error", count=1)
    reply = shop.renew(shop.entry["refresh_token"])
    assert (reply.status_code, reply.json()["error"]) == (500, "server_error")
    assert shop.renew(shop.entry["refresh_token"]).status_code == 200


@pytest.mark.parametrize("verb", ["release", "clear_faults"])
def test_a_held_answer_waits_for_its_release(shop: Shop, verb: str) -> None:
    shop.control("fault", name="hold", function="set_stock", count=1)
    replies: list[requests.Response] = []
    caller = threading.Thread(target=lambda: replies.append(shop.set_stock({"mug": 3})))
    caller.start()
    with shop.world.changed:
        assert shop.world.changed.wait_for(lambda: shop.control("held") == ["set_stock"], timeout=30)
    assert (shop.control("stock")["mug"], replies) == (3, [])
    shop.control(verb)
    caller.join(30)
    assert [reply.status_code for reply in replies] == [200]
    assert shop.control("held") == []


def test_a_slow_answer_is_an_answer(shop: Shop) -> None:
    shop.control("fault", name="slow", seconds=0.05, count=1)
    assert shop.set_stock({"mug": 3}).status_code == 200


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": "gremlins"},
        {"name": "hold", "function": "x"},
        {"name": "hold", "code": 1},
        {"name": "refuse"},
        {"name": "maintenance", "form": "poem"},
    ],
)
def test_faults_that_do_not_exist_are_refused(shop: Shop, arguments: dict[str, Any]) -> None:
    with pytest.raises(ControlError):
        shop.control("fault", **arguments)


# ------------------------------------------------------------------------------- witnesses


def test_the_journal_has_no_secrets_and_seen_finds_them(shop: Shop) -> None:
    shop.order_list()
    secrets = [
        shop.entry["client_secret"],
        shop.entry["refresh_token"],
        shop.session.headers["Authorization"],
    ]
    assert all(shop.control("seen", text=str(secret)) for secret in secrets)
    assert not any(str(secret) in str(shop.control("journal")) for secret in secrets)
    assert not shop.control("seen", text="FAKE-NEVER-SENT")
    assert [row["function"] for row in shop.control("journal")] == ["token", "order_list"]


def test_view_has_what_the_page_shows(shop: Shop) -> None:
    number = shop.buy("mug")
    shop.control("fault", name="hold", function="order_info")
    view = shop.control("view")
    assert set(view) == {"title", "stock", "orders", "faults", "hands", "notes"}
    assert {"code": "mug", "name": "マグカップ", "quantity": 11} in view["stock"]
    assert (view["orders"][0]["order_id"], view["orders"][0]["state"]) == (number, "2 処理中")
    assert not any(shop.entry[name] in str(view) for name in ("refresh_token", "client_secret"))
    for hand in view["hands"]:
        shop.control(hand["verb"], **hand.get("arguments", {}))


def test_a_right_client_leaves_no_violation(shop: Shop) -> None:
    code = shop.control("consent")["code"]
    answer = shop.exchange(code).json()
    shop.use_token(shop.access_token(answer["refresh_token"]))
    number = shop.buy()
    assert numbers(shop.order_list()) == [number]
    shop.order_info(number)
    shop.control("expire_access_tokens")
    shop.set_stock({"mug": 1})
    assert shop.control("violations") == []
