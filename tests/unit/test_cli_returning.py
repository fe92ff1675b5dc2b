"""The way back from a consent: one answer to the question that was asked, on this machine alone."""

import os
import signal
import socket
import threading
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import requests

from adapters.clock import SystemClock
from adapters.errors import AuthError
from bot.answers import Refused, RenewalField, RenewalForm
from bot.cli import renewing
from bot.cli.returning import Return, leads_here
from bot.credentials.consent import CONSENT
from tests.malls.yahoo_bench import running

CODE = "planted-code-2b90"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def consent_url(back, word="asked-word"):
    return f"https://auth.invalid/authorize?{urlencode({'redirect_uri': back, 'state': word})}"


@pytest.fixture
def back():
    return f"http://127.0.0.1:{free_port()}/consented"


@pytest.fixture
def heard(back):
    """One that waits for an answer; ``calls`` is what browsers do meanwhile."""

    def wait(*calls, timeout_s=10):
        with Return(consent_url(back), "Received.") as desk:
            statuses = []
            browser = threading.Thread(target=lambda: statuses.extend(map(_call, calls)))
            browser.start()
            try:
                return desk.wait(SystemClock(), timeout_s), statuses
            finally:
                browser.join()

    return wait


def _call(call):
    method, url = call if isinstance(call, tuple) else ("GET", call)
    reply = requests.request(method, url, timeout=10)
    assert CODE not in reply.text
    return reply.status_code


def test_answer_is_taken_once_and_the_door_is_shut(heard, back):
    answer = f"{back}?code={CODE}&state=asked-word"
    assert heard(answer) == (answer, [200])
    with pytest.raises(requests.ConnectionError):
        _call(answer)


def test_refusal_is_an_answer_too(heard, back):
    answer = f"{back}?error=access_denied&state=asked-word"
    assert heard(answer)[0] == answer


def test_what_answers_another_question_is_sent_away_and_the_wait_goes_on(heard, back):
    good = f"{back}?code={CODE}&state=asked-word"
    strangers = (
        f"{back}?code={CODE}&state=of-nobody",
        f"{back}?code={CODE}",
        f"{back}?code={CODE}&state=asked-word&state=of-nobody",
        f"{back}?state=asked-word",
        good.replace("/consented", "/favicon.ico"),
        ("POST", good),
    )
    assert heard(*strangers, good) == (good, [404, 404, 404, 404, 404, 501, 200])


def test_caller_who_breaks_off_does_not_stay_in_the_way(back):
    port = int(back.split(":")[2].split("/")[0])
    answer = f"{back}?code={CODE}&state=asked-word"
    browser = threading.Thread(target=_call, args=(answer,))
    with Return(consent_url(back), "Received.") as desk:
        socket.create_connection(("127.0.0.1", port)).close()
        browser.start()
        assert desk.wait(SystemClock(), 10) == answer
    browser.join()


def test_nobody_answers_in_time(heard):
    with pytest.raises(Refused, match="renew_consent_late"):
        heard(timeout_s=0.1)


@pytest.fixture
def interruptible():
    """Where the tests run in the background, Ctrl-C may have been switched off for them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_the_wait(back):
    with Return(consent_url(back), "Received.") as desk:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            desk.wait(SystemClock(), 10)


def test_port_of_another_program_is_named(back):
    with Return(consent_url(back), "") as taken, pytest.raises(Refused) as refused:
        Return(consent_url(back), "")
    assert refused.value.params == {"port": str(taken.server_address[1])}


@pytest.mark.parametrize(
    ("back", "here"),
    [
        ("http://127.0.0.1:8631/", True),
        ("http://localhost:8631/consented", True),
        ("https://127.0.0.1:8631/", False),
        ("http://127.0.0.1.example.com/", False),
        ("http://localhost@example.com/", False),
        ("https://merchant.example/callback", False),
        ("", False),
    ],
)
def test_only_an_address_of_this_machine_without_tls_is_waited_at(back, here):
    assert leads_here(consent_url(back)) is here


def test_nothing_of_the_answer_is_printed(heard, back, capfd):
    heard(f"{back}?code={CODE}&state=of-nobody", f"{back}?code={CODE}&state=asked-word")
    assert CODE not in "".join(capfd.readouterr())


# ---------------------------------------------------------------------- with Yahoo!


def form(url):
    field = RenewalField(CONSENT, "", "address", secret=True)
    return RenewalForm(
        shop="yahoo-main",
        mall="yahoo",
        mall_ja="",
        mall_en="",
        kind="refresh_token",
        fields=(field,),
        page_url="",
        life_days=None,
        activation_s=0,
        expires_at=None,
        consent_url=url,
    )


def test_consent_at_yahoo_comes_back_by_itself_and_is_redeemed(tmp_path, back, capfd):  # A24 A25
    with running(tmp_path) as mall:
        mall.control("register_callback", url=back)
        mall.control("change_password")
        adapter = mall.adapter(redirect_uri=back)
        url, browser = adapter.consent_url("asked-word"), threading.Event()

        def consent():
            browser.wait(10)
            requests.get(mall.control("consent", url=url)["redirected_url"], timeout=10)

        person = threading.Thread(target=consent)
        person.start()
        threading.Timer(0.2, browser.set).start()
        found = renewing._consented(form(url), SystemClock(), paste=False)
        person.join()
        grant = adapter.redeem(found[CONSENT].reveal(), "asked-word")
        assert grant.expires_at - mall.now() > timedelta(days=27)
        with pytest.raises(AuthError):
            adapter.redeem(found[CONSENT].reveal(), "asked-word")  # a code serves once
        assert url in capfd.readouterr().out
        adapter.close()


def test_answer_is_pasted_where_a_person_wants_it_or_it_leads_elsewhere(back, capsys):
    for url, paste in ((consent_url(back), True), (consent_url("https://merchant.example/back"), False)):
        assert renewing._consented(form(url), SystemClock(), paste=paste) == {}
        assert url in capsys.readouterr().out
