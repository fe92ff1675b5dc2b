"""Yahoo!ショッピング against its simulator: consent, tokens, key, settings, and who must act."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Event
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.clock import SystemClock
from adapters.contract import (
    Adapter,
    CredentialState,
    CredentialStatus,
    Outcome,
    ShopSettings,
)
from adapters.errors import (
    AuthError,
    ConfigError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.secret import Secret
from adapters.yahoo import wire
from adapters.yahoo.adapter import YahooAdapter, create
from adapters.yahoo.store import _is_off
from tests.contract import last_hours, line
from tests.malls.bench import SandboxTime
from tests.malls.yahoo_bench import LOOSE, YahooBench, running


@pytest.fixture
def mall(tmp_path) -> Iterator[YahooBench]:
    with running(tmp_path, rates=LOOSE) as bench:
        yield bench
        assert bench.control("violations") == [], "the adapter keeps to the mall's forms"


@pytest.fixture
def adapter(mall: YahooBench) -> Iterator[YahooAdapter]:
    made = mall.adapter()
    yield made
    made.close()


def status_of(adapter: Adapter, kind: str) -> CredentialStatus:
    return {found.kind: found for found in adapter.credential_status()}[kind]


# --------------------------------------------------------------------------- tokens


def test_access_token_is_renewed_before_its_hour_is_over(mall: YahooBench, adapter: Adapter) -> None:
    adapter.read_stock([mall.address("mug")])
    mall.world.clock.advance(1800)
    adapter.read_stock([mall.address("mug")])
    assert mall.functions().count("token") == 1
    mall.world.clock.advance(1795)
    adapter.read_stock([mall.address("mug")])
    assert mall.functions().count("token") == 2
    assert [entry["status"] for entry in mall.control("journal")] == [200] * 5


def test_refused_access_token_is_renewed_and_the_call_made_once_more(
    mall: YahooBench, adapter: Adapter
) -> None:
    mall.order("mug", 1)
    adapter.read_stock([mall.address("mug")])
    mall.control("expire_access_tokens")
    (result,) = adapter.write_stock([line(mall, "mug", 2)])
    assert result.outcome is Outcome.DONE
    mall.control("expire_access_tokens")
    assert len(adapter.read_orders(last_hours(mall))) == 1
    assert mall.functions().count("token") == 3


def test_token_that_is_refused_again_and_again_is_not_renewed_for_ever(
    mall: YahooBench, adapter: Adapter
) -> None:
    mall.control("fault", name="invalid_token")
    with pytest.raises(AuthError):
        adapter.read_stock([mall.address("mug")])
    assert mall.functions() == ["token", "get_stock", "token", "get_stock"]


@pytest.mark.parametrize("rotates", [True, False])
def test_renewal_works_whether_the_refresh_token_changes_or_stays(tmp_path, rotates: bool) -> None:
    with running(tmp_path, rates=LOOSE, refresh_rotates=rotates) as mall:
        adapter = mall.adapter()
        for _ in range(3):
            assert adapter.check().detail
        adapter.close()


def test_password_change_ends_the_consent_and_nothing_more_is_asked(mall: YahooBench) -> None:  # A25
    adapter = mall.adapter()
    assert adapter.check().detail
    mall.world.clock.advance(3 * 86_400)
    mall.control("change_password")
    with pytest.raises(AuthError) as caught:
        adapter.read_stock([mall.address("mug")])
    assert (caught.value.vendor_code, caught.value.expired) == ("invalid_grant", True)
    assert caught.value.hint == wire.CONSENT
    before = mall.calls()
    for call in (adapter.check, adapter.read_products, lambda: adapter.read_orders(last_hours(mall))):
        with pytest.raises(AuthError):
            call()
    assert status_of(adapter, "refresh_token").state is CredentialState.REFUSED
    assert mall.calls() == before, "a consent that is over is never asked for again"
    adapter.close()


def test_consent_lasts_28_days_with_the_key(mall: YahooBench, adapter: Adapter) -> None:
    adapter.read_orders(last_hours(mall))
    mall.world.clock.advance(27.9 * 86_400)
    assert adapter.read_orders(last_hours(mall)) == []
    mall.world.clock.advance(0.2 * 86_400)
    with pytest.raises(AuthError) as caught:
        adapter.read_orders(last_hours(mall))
    assert caught.value.vendor_code == "invalid_grant"


def test_without_the_key_orders_end_after_12_hours_and_stock_goes_on(tmp_path) -> None:
    with running(tmp_path, rates=LOOSE, short_session_scope="order") as mall:
        adapter = mall.adapter(without=("public_key", "public_key_version"))
        assert adapter.read_orders(last_hours(mall)) == []
        mall.world.clock.advance(12.1 * 3600)
        assert mall.address("mug") in adapter.read_stock([mall.address("mug")])
        with pytest.raises(AuthError) as caught:
            adapter.read_orders(last_hours(mall))
        assert (caught.value.vendor_code, caught.value.hint) == ("px-04102", wire.SHORT_SESSION)
        assert caught.value.expired
        assert mall.address("mug") in adapter.read_stock([mall.address("mug")])
        adapter.close()


def test_bad_key_fails_no_call_but_fails_the_check(mall: YahooBench) -> None:  # C8, D2
    adapter = mall.adapter()
    assert status_of(adapter, "public_key").state is CredentialState.OK
    mall.control("expire_public_keys")
    order_id = mall.order("mug", 1)
    assert [order.order_id for order in adapter.read_orders(last_hours(mall))] == [order_id]
    assert status_of(adapter, "public_key").state is CredentialState.REFUSED
    assert status_of(adapter, "refresh_token").state is CredentialState.OK
    with pytest.raises(AuthError) as caught:
        adapter.check()
    assert caught.value.hint == wire.KEY_REFUSED
    adapter.close()


@pytest.mark.parametrize(("off", "clock"), [(timedelta(minutes=4), False), (timedelta(hours=-1), True)])
def test_clock_that_is_off_is_told_from_a_bad_key(off: timedelta, clock: bool) -> None:  # A25
    """A signature holds the time: with another clock than Yahoo!'s the best key is refused."""
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert _is_off(format_datetime(now + off, usegmt=True), now) is clock
    assert not _is_off("", now)
    assert not _is_off("yesterday", now)


class LateTime(SandboxTime):
    """A machine's clock that nobody sets right."""

    def now(self) -> datetime:
        return super().now() - timedelta(hours=1)


def test_refusal_of_a_good_key_on_a_machine_with_a_wrong_clock_names_the_clock(mall: YahooBench) -> None:
    adapter = mall.adapter(clock=LateTime(mall.world))
    with pytest.raises(AuthError) as caught:
        adapter.check()
    assert caught.value.hint == wire.CLOCK
    adapter.close()


def test_new_key_and_its_version_are_accepted_together(mall: YahooBench) -> None:
    issued = mall.control("issue_public_key")
    mall.values["public_key"] = issued["public_key"].replace("\n", " ")
    adapter = mall.adapter()
    with pytest.raises(AuthError):
        adapter.check()
    adapter.close()
    mall.values["public_key_version"] = str(issued["version"])
    adapter = mall.adapter()
    assert adapter.check().detail
    adapter.close()


def test_consent_gives_a_refresh_token_that_works_from_then_on(mall: YahooBench) -> None:  # A24
    adapter = mall.adapter()
    query = parse_qs(urlsplit(adapter.consent_url("FAKE-STATE")).query)
    assert query["client_id"] == [mall.values["client_id"]]
    back = mall.control("consent")["redirected_url"]
    with pytest.raises(AuthError):
        adapter.redeem(back, "ANOTHER-STATE")
    granted_at = mall.now()
    grant = adapter.redeem(back, "FAKE-STATE")
    assert timedelta(days=28) <= grant.expires_at - granted_at < timedelta(days=28, minutes=1)
    with pytest.raises(AuthError):
        adapter.redeem(back, "FAKE-STATE")
    mall._use(grant.values["refresh_token"].reveal())
    renewed = mall.adapter()
    assert renewed.check().detail
    adapter.close()
    renewed.close()


def test_wrong_client_secret_is_named(mall: YahooBench) -> None:
    mall.values["client_secret"] = "made-up"
    adapter = mall.adapter()
    with pytest.raises(AuthError) as caught:
        adapter.check()
    assert (caught.value.vendor_code, caught.value.hint) == ("invalid_client", wire.CLIENT)
    assert status_of(adapter, "client_secret").state is CredentialState.REFUSED
    adapter.close()


@pytest.mark.parametrize("error", ["server_error", "invalid_request"])
def test_other_trouble_with_the_token_does_not_end_the_consent(
    mall: YahooBench, adapter: Adapter, error: str
) -> None:
    mall.control("fault", name="token_error", error=error)
    with pytest.raises((TemporaryError, UnexpectedReplyError)):
        adapter.check()
    mall.clear_faults()
    assert adapter.check().detail


@pytest.mark.parametrize(
    ("fault", "hint"),
    [
        ({"name": "ip_denied"}, wire.SOURCE_IP),  # C17
        ({"name": "insufficient_scope"}, wire.SCOPE),
        ({"name": "error", "error": "px-04303"}, wire.ORDER_API),
        ({"name": "error", "error": "px-14304"}, wire.PRIVILEGE),
    ],
)
def test_what_only_a_person_can_mend_is_named(
    mall: YahooBench, adapter: Adapter, fault: dict[str, Any], hint: str
) -> None:
    mall.control("fault", **fault)
    with pytest.raises(AuthError) as caught:
        adapter.read_orders(last_hours(mall))
    assert caught.value.hint == hint


def test_store_account_of_somebody_else_is_refused(tmp_path) -> None:
    with running(tmp_path, rates=LOOSE) as mall:
        adapter = mall.adapter(seller_id="another-store")
        with pytest.raises(AuthError):
            adapter.check()
        adapter.close()


def test_refusals_in_a_row_close_the_quota_for_longer_and_longer(mall: YahooBench) -> None:
    """A used-up day is refused in the words of one early call; the mall is not hammered all day."""
    mall.fault("rate_limit", function="get_stock")
    adapter = mall.hasty()
    waits: list[float | None] = []
    while not waits or waits[-1] is None:
        with pytest.raises(RateLimitedError) as caught:
            adapter.read_stock([mall.address("mug")])
        waits.append(caught.value.retry_after_s)
    assert mall.functions().count("get_stock") == 7
    assert waits[:-1] == [None] * 4  # the short ones are waited out within the first call
    assert waits[-1] == pytest.approx(64, abs=4)
    adapter.close()


# --------------------------------------------------------------------------- settings


def test_forms_of_credentials_are_judged(mall: YahooBench) -> None:
    def belongs(**values: str) -> str:
        return YahooAdapter.belongs({}, {kind: Secret(value) for kind, value in values.items()})

    key = mall.values["public_key"]
    assert belongs(**mall.values) == ""
    assert belongs(public_key=key.replace("\n", " ")) == ""
    assert belongs(public_key="".join(key.splitlines()[1:-1])) == ""
    assert belongs(public_key=key.replace("PUBLIC", "PRIVATE")) == "renew_wrong_form"
    assert belongs(public_key=key[:80]) == "renew_wrong_form"
    assert belongs(public_key_version="one") == "renew_wrong_form"
    assert belongs(refresh_token="https://example.com/?code=abc") == "renew_wrong_form"
    assert belongs(refresh_token=key) == "renew_wrong_form"


def test_without_credentials_no_call_is_made(mall: YahooBench) -> None:
    adapter = mall.adapter(without=("refresh_token",))
    before = mall.calls()
    with pytest.raises(AuthError) as caught:
        adapter.check()
    assert caught.value.hint == "credential_missing"
    assert {found.state for found in adapter.credential_status()} == {CredentialState.UNKNOWN}
    assert mall.calls() == before
    adapter.close()


@pytest.mark.parametrize(
    "options",
    [
        {"base_url": "http://127.0.0.1:1"},
        {"auth_url": "http://127.0.0.1:1"},
        {"seller_id": "Store!"},
        {"environment": "elsewhere"},
        {"code_form": "joined"},
        {"ca_file": "/nowhere.pem"},
        {"rates": 0},
    ],
)
def test_wrong_setting_is_named_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        create(ShopSettings("yahoo-main", {"seller_id": "store", **options}), {}, SystemClock(), Event())
