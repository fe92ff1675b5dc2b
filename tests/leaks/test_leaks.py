"""No credential is found outside the vault, whatever is renewed, refused, logged, crashed or killed.

Eight malls, the real bot with every log at DEBUG, planted values of every kind; searched are the state
folder, the logs, what every command printed, Slack, and the processes that ran. What is planted in one of
these places, in any of the forms that are searched for, is found there.
"""

from __future__ import annotations

import base64
import json
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from adapters.sftp import _WIRE_LOG as WIRE_LOG
from sandbox.demo import Demo, Pace
from sandbox.shops import SHOPS, DemoShop
from sandbox.slack.driver import SlackDriver
from tests.leaks.searching import PLACES, PLANTS, hits, look_at

ROOT = Path(__file__).parent.parent.parent
LOUD = [sys.executable, "-X", "faulthandler", "-m", "tests.leaks.loud"]
NAMED = {"user", "shop_code", "shop_key", "client_id", "public_key_version", "sftp_user"}  # names, no secrets
MORE = (
    DemoShop(
        "ponpare-main",
        "ponpare",
        {"host": "host", "port": "port"},
        {"user": "user", "password": "password"},
        {"i_know_it_runs": True},
    ),
    DemoShop(
        "rakuten-csv",
        "rakuten",
        {"sftp_port": "sftp_port", "host_key": "sftp_host_key"},
        {"sftp_user": "sftp_user", "sftp_password": "sftp_password"},
        {"transport": "csv", "sftp_host": "127.0.0.1"},
    ),
)
CSV_SHOP = "  rakuten-csv: {mall: rakuten, orders: none, orders_reason: 漏れの試験}\n"
DEAD = {  # in the form that each mall's values have, and never issued
    "rakuten-main": {"licence": "SL{number}_plantedDEADlicence"},
    "yahoo-main": {"client_secret": "planted-dead-client-secret-4d1f"},
    "amazon-jp": {"client_secret": "amzn1.oa2-cs.v1.planted-dead-77c0"},
    "futureshop-main": {"client_secret": "planted-dead-futureshop-09ab"},
    "qoo10-main": {"seller_key": "planted-dead-seller-key-5e55"},
    "roomclip-main": {"password": "planted-dead-ftps-c1c1"},
    "ponpare-main": {"password": "planted-dead-ponpare-8a8a"},
    "rakuten-csv": {"sftp_password": "plnt-d34"},
}


class Loud(Demo):
    """The demo with eight malls, whose bot and shell say all they can; keeps what was printed."""

    def __init__(self, folder, mapping):
        settings = {"rakuten": {"sftp": True}}
        yahoo = next(shop for shop in SHOPS if shop.part == "yahoo")
        with_link = DemoShop(
            yahoo.name,
            yahoo.part,
            {**yahoo.settings, "redirect_uri": "redirect_uri"},
            yahoo.credentials,
            yahoo.fixed,
        )
        shops = [with_link if shop is yahoo else shop for shop in SHOPS] + list(MORE)
        super().__init__(folder, mapping, Pace(settings=settings), shops)
        self.printed: list[str] = []
        self.children = set()

    @property
    def slack(self):
        """What Slack was told."""
        return SlackDriver(self.driver)

    def _spawn(self, name, arguments):
        if name != "bot":
            return super()._spawn(name, arguments)
        log = (self.folder / "bot.log").open("ab")
        process = subprocess.Popen(
            [*LOUD, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT
        )
        self._processes.append(process)
        self._logs.append(log)
        return process

    def shell(self, *arguments, typed=""):
        """Run a command of the shell, loud."""
        return self.run([*LOUD, *arguments, "--config", str(self.config)], typed)

    def run(self, command, typed=""):
        """Run a command, and keep all that it printed, whatever came of it."""
        done = subprocess.run(
            command,
            input=typed,
            text=True,
            capture_output=True,
            cwd=ROOT,
            timeout=60,
            check=False,
        )
        self.printed += [done.stdout, done.stderr]
        return done

    def consents(self):
        """Renew Yahoo!'s consent in the shell: the link out, the address back in."""
        process = subprocess.Popen(
            [*LOUD, "renew", "yahoo-main", "--config", str(self.config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        lines = []
        while not (found := re.search(r"https://\S+", line := process.stdout.readline())):
            lines.append(line)
            assert line, process.stderr.read()
        back = self.driver.call("yahoo", "consent", url=found[0])["redirected_url"]
        out, err = process.communicate(back + "\n", 60)
        self.printed += [*lines, out, err]
        return back

    def watch_processes(self, stop):
        """Keep the command line and the environment of every descendant of the bot."""
        while not stop.wait(0.1):
            self.children |= look_at(self.bot.pid)

    def abort_bot(self):
        """Let the bot crash with a dump of all its stacks, as at a fault in a library."""
        self.bot.send_signal(signal.SIGABRT)
        self.bot.wait()


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """The demo after the whole scenario, with the secrets that were ever given, planted or issued."""
    mapping = tmp_path_factory.mktemp("mapping")
    text = (ROOT / "mappings.yaml").read_text("utf-8")
    text = text.replace("    status: archived ", "    status: active ").replace(
        "  roomclip-main:\n    mall", CSV_SHOP + "  roomclip-main:\n    mall"
    )
    (mapping / "mappings.yaml").write_text(text, encoding="utf-8")
    (mapping / "team.yaml").write_text((ROOT / "team.yaml").read_text("utf-8"), encoding="utf-8")
    with Loud(tmp_path_factory.mktemp("leaks"), mapping) as demo:
        stop = threading.Event()
        watcher = threading.Thread(target=demo.watch_processes, args=(stop,))
        watcher.start()
        try:
            secrets = _live(demo)
        finally:
            stop.set()
            watcher.join()
        yield demo, secrets


def _live(demo):
    """Sync, fail, renew with dead, foreign and good values, be killed, start again."""
    secrets = {
        value for kinds in demo.credentials().values() for kind, value in kinds.items() if kind not in NAMED
    }
    alice = SlackDriver(demo.driver).user("alice")
    alice.types("/zaiko on")
    for part in ("rakuten", "yahoo", "qoo10", "futureshop", "amazon"):
        demo.driver.mall(part).order("mug", 1)
    number = demo.addresses["rakuten"]["shop_number"]
    for shop, kinds in DEAD.items():
        for kind, value in kinds.items():
            value = value.format(number=number)
            secrets.add(value)
            done = demo.shell("renew", shop, kind, typed=value + "\n")
            assert done.returncode == 0, (shop, done.stdout, done.stderr[-300:])
    foreign = demo.driver.call("rakuten", "foreign_key")["licence_key"]
    secrets.add(foreign)
    _opens_the_modal(demo, alice)
    assert alice.submits({"ライセンスキー": foreign}).get("errors")
    time.sleep(3)  # every dead value is on trial meanwhile, once a second
    demo.shell("check")
    url = "https://planted.invalid/stock/0a1b2c3d"
    secrets.add(url)
    assert demo.shell("credentials", "set", "roomclip-main", "stock_url", typed=url).returncode == 0
    secrets |= _renewed(demo, alice)
    demo.limits = Path(f"/proc/{demo.bot.pid}/limits").read_text()
    demo.abort_bot()
    demo.kill_bot()
    demo.shell("credentials", "rekey")
    secrets.add((demo.folder / "vault.key").read_text())
    demo.start_bot()
    demo.listed = demo.shell("check", "--list").stdout
    time.sleep(3)
    demo.shell("status")
    return {secret for secret in secrets if len(secret) >= 8}


def _opens_the_modal(demo, alice):
    answers = alice.types("/zaiko renew rakuten-main licence")
    assert answers == [], answers
    demo.driver.call("slack", "wait_modal", user="alice")


def _renewed(demo, alice):
    """Let keys die and be renewed with what the malls issue."""
    call = demo.driver.call
    call("rakuten", "expire_keys")
    key = call("rakuten", "issue_key", activation_s=1)["licence_key"]
    _opens_the_modal(demo, alice)
    alice.submits({"ライセンスキー": key})
    call("yahoo", "change_password")
    back = demo.consents()
    code = re.search(r"code=([^&]+)", back)[1]
    password = call("ponpare", "issue_password")["password"]
    demo.shell("renew", "ponpare-main", "password", typed=password)
    alice.sees("ポンパレモール（ponpare-main）の新しい認証情報が使えるようになりました", within_s=30)
    return {key, code, password}


def test_nothing_is_found_in_the_state_outside_the_vault(lived):  # A16 A24
    demo, secrets = lived
    assert len(secrets) > 20
    assert any(path.name == "config" for path in (demo.folder / "state").rglob("*"))  # git's, too
    assert PLACES["state"](demo, secrets) == set()


def test_nothing_is_found_in_any_log(lived):  # A16
    demo, secrets = lived
    log = (demo.folder / "bot.log").read_bytes()
    for library in (b"slack_bolt", b"urllib3", WIRE_LOG.encode(), b" git", b"DEBUG"):
        assert library in log, f"{library} said nothing: the search proves nothing of it"
    assert b"Fatal Python error: Aborted" in log  # the crash dump stands there, too
    assert PLACES["log"](demo, secrets) == set()


def test_nothing_is_printed_by_any_command(lived):  # A16
    demo, secrets = lived
    assert any("fingerprint" in printed or "指紋" in printed for printed in demo.printed)
    assert PLACES["print"](demo, secrets) == set()


def test_nothing_is_sent_to_slack(lived):  # A16 B20
    demo, secrets = lived
    tokens = {demo.addresses["slack"][name] for name in ("bot_token", "app_token")}
    assert PLACES["slack"](demo, secrets - tokens) == set()


def test_nothing_is_in_the_command_lines(lived):  # A16
    demo, secrets = lived
    assert any(seen.is_git for seen in demo.children)
    assert PLACES["command lines"](demo, secrets) == set()


def test_only_gits_own_environment_holds_the_header_and_its_owner_alone_reads_it(lived):  # A16
    """As a header made for one address; in no file, no argument, and no variable of any other process."""
    demo, secrets = lived
    token = demo.addresses["forge"]["write_token"]
    found = PLACES["environments"](demo, secrets)
    assert {start for _, start in found} == {token[:6]}
    assert all(re.fullmatch(r"GIT_CONFIG_VALUE_\d", name) for name, _ in found)
    holding = [seen for seen in demo.children if hits(repr(seen.environment).encode(), {token})]
    assert {(seen.is_git or seen.words[0] == b"env", seen.mode) for seen in holding} == {(True, 0o400)}


def test_no_file_is_made_of_the_bots_memory(lived):
    demo, _ = lived
    assert re.search(r"Max core file size +0 +0 ", demo.limits)


def test_the_bots_own_tokens_are_listed_as_proved_by_their_use(lived):  # D2
    demo, _ = lived
    for name in ("slack bot_token", "slack app_token", "mapping token"):
        line = next(line for line in demo.listed.splitlines() if line.startswith(name))
        assert re.search(r"\s\s(確認|proved) ", line), line


# ---------------------------------------------------------------------- the search finds

SPELLINGS = {
    "plain": str,
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "basic": lambda value: "Basic " + base64.b64encode(f"robot:{value}".encode()).decode(),
    "address": lambda value: quote(value, safe=""),
    "form": quote_plus,
    "json": json.dumps,
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_what_is_planted_in_a_place_is_found_there(lived, place, spelling):
    demo, _ = lived
    value = f'{place[:3]} {spelling}+control/"9f3c=e1d0'  # another one in each form
    assert not PLACES[place](demo, {value})
    PLANTS[place](demo, SPELLINGS[spelling](value))
    assert PLACES[place](demo, {value})


# ---------------------------------------------------------------------- crashes


def test_what_nobody_caught_is_told_without_the_values_in_it():
    value = 'planted+crash/7b1e=="x'
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-m", "tests.leaks.crashing"],
        input=value,
        text=True,
        capture_output=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    for words in (
        "thread carrier ends",
        "at the end of an object",
        "the program ends",
        "most recent call first",
    ):
        assert words in done.stderr
    assert done.stderr.count("ValueError: refused: '***' Bearer ***") == 3
    assert hits((done.stdout + done.stderr).encode(), {value}) == set()
