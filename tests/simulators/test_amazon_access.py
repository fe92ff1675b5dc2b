"""Tokens, secrets and authorizations of the simulated Amazon application live and end as they should."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from amazon_shop import JAPAN, Shop, error, stock

HOUR = 3600
DAY = 24 * HOUR
PARTICIPATIONS = "/sellers/v1/marketplaceParticipations"
ROTATION = "sellingpartnerapi::client_credential:rotation"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path)
    yield running
    running.close()


def test_a_refresh_token_gives_an_access_token_of_an_hour(shop: Shop) -> None:
    given = shop.token()
    assert (given["token_type"], given["expires_in"]) == ("bearer", 3600)
    assert given["access_token"].startswith("Atza|")
    assert given["refresh_token"] == shop.given["refresh_token"]
    assert given["access_token"] != shop.token()["access_token"]


def test_an_access_token_ends_after_its_hour(shop: Shop) -> None:
    assert shop.item("mug").status_code == 200
    shop.advance(HOUR)
    reply = shop.item("mug")
    assert (reply.status_code, error(reply)["code"]) == (403, "Unauthorized")
    assert error(reply)["message"] == "Access to requested resource is denied."
    assert error(reply)["details"] == "The access token you provided has expired."
    shop.use_token(shop.token()["access_token"])
    assert shop.item("mug").status_code == 200
    assert shop.control("tokens") == {"given": 2, "live": 1}


def test_access_tokens_can_be_expired_by_hand(shop: Shop) -> None:
    shop.control("expire_tokens")
    assert (shop.item("mug").status_code, shop.control("tokens")["live"]) == (403, 0)


def test_lives_and_words_are_settings(shop: Shop) -> None:
    shop.control("setting", access_token_s=600.0, secret_days=10, old_secret_days=0, expired_details="ended")
    given = shop.token()
    assert given["expires_in"] == 600
    shop.use_token(given["access_token"])
    shop.advance(600)
    assert error(shop.item("mug"))["details"] == "ended"
    new = shop.control("issue_secret")["client_secret"]
    assert (shop.exchange().status_code, shop.exchange(client_secret=new).status_code) == (401, 200)
    shop.advance(10 * DAY)
    assert shop.exchange(client_secret=new).status_code == 401


def test_a_missing_token_is_told_from_a_wrong_one(shop: Shop) -> None:
    shop.use_token("Atza|made-up")
    wrong = shop.item("mug")
    del shop.session.headers["x-amz-access-token"]
    missing = shop.item("mug")
    assert (missing.status_code, error(missing)["code"]) == (403, "MissingAuthenticationToken")
    assert (wrong.status_code, error(wrong)["code"]) == (403, "Unauthorized")
    assert error(wrong)["details"] == "The access token you provided is revoked, malformed or invalid."


def test_a_malformed_token_may_be_401_at_feeds(shop: Shop) -> None:
    shop.use_token("nonsense")
    assert shop.ask("GET", "/feeds/2021-06-30/feeds/1").status_code == 403
    shop.control("setting", malformed_status=401)
    assert shop.ask("GET", "/feeds/2021-06-30/feeds/1").status_code == 401
    assert shop.item("mug").status_code == 403


def test_a_wrong_secret_is_invalid_client(shop: Shop) -> None:
    for changes in ({"client_secret": "amzn1.oa2-cs.v1.wrong"}, {"client_id": "amzn1.wrong"}):
        reply = shop.exchange(**changes)
        answer = {"error": "invalid_client", "error_description": "Client authentication failed"}
        assert (reply.status_code, reply.json()) == (401, answer)


def test_a_dead_refresh_token_is_invalid_grant(shop: Shop) -> None:
    reply = shop.exchange(refresh_token="Atzr|made-up")
    text = "The request has an invalid grant parameter : refresh_token"
    assert (reply.status_code, reply.json()) == (400, {"error": "invalid_grant", "error_description": text})


def test_a_malformed_token_request_is_noted(shop: Shop) -> None:
    url, verify = shop.given["token_url"], str(shop.world.ca_file)
    as_json = requests.post(url, json={"grant_type": "refresh_token"}, verify=verify, timeout=10)
    assert (as_json.status_code, as_json.json()["error"]) == (400, "invalid_request")
    assert shop.exchange(grant_type="password").json()["error"] == "invalid_request"
    assert shop.exchange(client_id="").json()["error"] == "invalid_request"
    assert len(shop.control("violations")) == 3


def test_a_client_secret_ends_after_180_days_and_access_goes_on(shop: Shop) -> None:
    shop.advance(180 * DAY - 600)
    fresh = shop.token()["access_token"]
    shop.advance(600)
    assert shop.exchange().json()["error"] == "invalid_client"
    shop.use_token(fresh)
    assert shop.item("mug").status_code == 200


def test_a_rotation_leaves_the_old_secret_a_week_and_the_refresh_token_for_good(shop: Shop) -> None:
    new = shop.control("issue_secret")["client_secret"]
    assert (shop.exchange().status_code, shop.exchange(client_secret=new).status_code) == (200, 200)
    shop.advance(7 * DAY + 1)
    assert (shop.exchange().status_code, shop.exchange(client_secret=new).status_code) == (401, 200)


def test_a_secret_can_be_expired_by_hand(shop: Shop) -> None:
    shop.control("expire_secrets")
    assert shop.exchange().status_code == 401
    new = shop.control("issue_secret")["client_secret"]
    assert shop.exchange(client_secret=new).status_code == 200


def test_an_authorization_ends_after_a_year_unless_the_app_is_private(shop: Shop) -> None:
    shop.control("setting", refresh_token_days=0)
    private = shop.control("authorize")["refresh_token"]
    shop.advance(365 * DAY + 1)
    secret = shop.control("issue_secret")["client_secret"]
    assert shop.exchange(client_secret=secret).json()["error"] == "invalid_grant"
    assert shop.exchange(client_secret=secret, refresh_token=private).status_code == 200


@pytest.mark.parametrize(("kills", "status"), [(True, 403), (False, 200)])
def test_a_revoked_authorization_may_kill_its_access_tokens(shop: Shop, kills: bool, status: int) -> None:
    shop.control("setting", revocation_kills_access=kills)
    shop.control("revoke")
    assert shop.item("mug").status_code == status
    assert shop.exchange().json()["error"] == "invalid_grant"
    again = shop.control("authorize")["refresh_token"]
    shop.use_token(shop.token(refresh_token=again)["access_token"])
    assert shop.item("mug").status_code == 200


@pytest.mark.parametrize(("rotation", "old_status"), [("new", 200), ("new_only", 400)])
def test_the_token_answer_may_bring_a_new_refresh_token(shop: Shop, rotation: str, old_status: int) -> None:
    shop.control("setting", refresh_rotation=rotation)
    new = shop.token()["refresh_token"]
    assert new != shop.given["refresh_token"]
    assert shop.exchange().status_code == old_status
    assert shop.exchange(refresh_token=new).status_code == 200


def test_another_sellers_authorization_works_and_opens_another_shop(shop: Shop) -> None:
    shop.buy("mug", ago_s=600)
    foreign = shop.control("foreign_authorization")["refresh_token"]
    shop.use_token(shop.token(refresh_token=foreign)["access_token"])
    assert (shop.item("mug").status_code, error(shop.item("mug"))["details"]) == (403, "")
    assert shop.patch("mug", stock(0)).status_code == 403
    assert shop.search_orders().json()["orders"] == []
    assert shop.ask("GET", PARTICIPATIONS).json()["payload"][0]["storeName"] == "別の店"


def test_a_credential_sent_elsewhere_is_noted(shop: Shop) -> None:
    shop.item("mug")
    assert shop.control("violations") == []
    shop.ask("GET", PARTICIPATIONS, headers={"Authorization": f"Bearer {shop.given['refresh_token']}"})
    assert [row["what"] for row in shop.control("violations")] == [
        "a credential of the token endpoint was sent elsewhere"
    ]


def test_seen_finds_what_was_sent_anywhere(shop: Shop) -> None:
    assert shop.control("seen", text=shop.given["refresh_token"]) is True
    assert shop.control("seen", text="planted-secret") is False
    shop.patch("mug-planted-secret", stock(1))
    assert shop.control("seen", text="planted-secret") is True
    assert "Atz" not in str(shop.control("journal")) + str(shop.control("view"))


# ---------------------------------------------------------------- rotation by a call


def grantless(shop: Shop, scope: str = ROTATION) -> str:
    given = {name: shop.given[name] for name in ("client_id", "client_secret")}
    form = {"grant_type": "client_credentials", "scope": scope, **given}
    verify = str(shop.world.ca_file)
    reply = requests.post(shop.given["token_url"], data=form, verify=verify, timeout=10)
    assert (reply.status_code, "refresh_token" in reply.json()) == (200, False)
    return str(reply.json()["access_token"])


def rotate(shop: Shop) -> requests.Response:
    return shop.ask("POST", "/applications/2023-11-30/clientSecret")


def test_a_secret_rotated_by_a_call_arrives_in_the_queue_only(shop: Shop) -> None:
    assert rotate(shop).status_code == 403
    shop.use_token(grantless(shop))
    assert rotate(shop).status_code == 400
    shop.control("setting", rotation_queue=True)
    reply = rotate(shop)
    assert (reply.status_code, reply.content) == (204, b"")
    notice = shop.control("notices")[0]["payload"]["applicationOAuthClientNewSecret"]
    assert shop.exchange(client_secret=notice["newClientSecret"]).status_code == 200


def test_a_token_without_a_seller_opens_no_shop(shop: Shop) -> None:
    shop.use_token(grantless(shop, "sellingpartnerapi::notifications"))
    assert shop.ask("GET", PARTICIPATIONS).status_code == 403
    assert rotate(shop).status_code == 403
    assert shop.search(marketplaceIds=JAPAN).status_code == 403


# ---------------------------------------------------------------- accidents of the token endpoint


@pytest.mark.parametrize(
    ("fault", "status", "name"),
    [
        ({"name": "token_error", "error": "server_error"}, 500, "server_error"),
        ({"name": "token_error", "error": "unauthorized_client"}, 400, "unauthorized_client"),
        ({"name": "token_error", "error": "access_denied"}, 403, "access_denied"),
        ({"name": "status", "function": "token", "code": 503}, 503, "temporarily_unavailable"),
        ({"name": "maintenance", "api": "lwa"}, 503, "temporarily_unavailable"),
    ],
)
def test_the_token_endpoint_breaks_in_its_own_form(
    shop: Shop, fault: dict[str, str], status: int, name: str
) -> None:
    shop.control("fault", **fault)
    reply = shop.exchange()
    assert (reply.status_code, reply.json()["error"]) == (status, name)
    assert shop.item("mug").status_code == 200


def test_faults_of_the_api_leave_the_token_endpoint_alone(shop: Shop) -> None:
    shop.control("fault", name="status", code=500)
    shop.control("fault", name="maintenance", api="all")
    assert (shop.exchange().status_code, shop.item("mug").status_code) == (200, 503)
