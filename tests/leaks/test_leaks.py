"""No credential is found outside the vault, whatever is renewed, refused, logged or killed.

Eight malls, the real bot with every log at DEBUG, planted values of every kind; searched are the state
folder, the logs, what every command printed, Slack, and the processes that ran.
"""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.sftp import _WIRE_LOG as WIRE_LOG
from sandbox.demo import Demo, Pace
from sandbox.shops import SHOPS, DemoShop
from sandbox.slack.driver import SlackDriver

ROOT = Path(__file__).parent.parent.parent
LOUD = [sys.executable, "-m", "tests.leaks.loud"]
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
        self.children: set[str] = set()

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
        """Run a command of the shell, loud, and keep all that it printed, whatever came of it."""
        done = subprocess.run(
            [*LOUD, *arguments, "--config", str(self.config)],
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
        while not stop.wait(0.05):
            for pid in _descendants(self.bot.pid):
                for name in ("cmdline", "environ"):
                    with suppress(OSError):
                        self.children.add(Path(f"/proc/{pid}/{name}").read_text("utf-8", "replace"))


def _descendants(root):
    """Give a process and all under it, as they are this moment."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, IndexError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = {root}
    for _ in range(4):  # git's helpers are three below
        found |= {pid for pid, parent in parents.items() if parent in found}
    return found


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
    demo.kill_bot()
    demo.shell("credentials", "rekey")
    secrets.add((demo.folder / "vault.key").read_text())
    demo.start_bot()
    demo.shell("credentials", "list")
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


def forms(secret):
    """Give a secret as it might be written: plain, and in base64 at any of its three offsets."""
    raw = secret.encode()
    yield raw
    if len(raw) >= 16:
        for skip in range(3):
            yield base64.b64encode(b"\0" * skip + raw)[4 if skip else 0 : -4]


def test_nothing_is_found_in_the_state_outside_the_vault(lived):  # A16 A24
    demo, secrets = lived
    kept = [path for path in (demo.folder / "state").rglob("*") if path.is_file()]
    assert len(secrets) > 20
    assert any(path.name == "config" for path in kept)  # git's, too
    for path in kept:
        content = path.read_bytes()
        hits = [secret[:4] for secret in secrets for form in forms(secret) if form in content]
        assert hits == [], path.name


def test_nothing_is_found_in_any_log(lived):  # A16
    demo, secrets = lived
    log = (demo.folder / "bot.log").read_bytes()
    for library in (b"slack_sdk", b"slack_bolt", b"urllib3", WIRE_LOG.encode(), b" git", b"DEBUG"):
        assert library in log, f"{library} said nothing: the search proves nothing of it"
    places = {"bot.log": log, "settings": demo.config.read_bytes()}
    for name, content in places.items():
        hits = {secret[:6] for secret in secrets for form in forms(secret) if form in content}
        assert hits == set(), name


def test_nothing_is_printed_by_any_command(lived):  # A16
    demo, secrets = lived
    printed = "\n".join(demo.printed).encode()
    assert b"fingerprint" in printed or "指紋".encode() in printed
    assert {secret[:6] for secret in secrets for form in forms(secret) if form in printed} == set()


def test_nothing_is_sent_to_slack(lived):  # A16 B20
    demo, secrets = lived
    slack = SlackDriver(demo.driver)
    tokens = {demo.addresses["slack"][name] for name in ("bot_token", "app_token")}
    assert [secret[:6] for secret in secrets - tokens if slack.seen(secret)] == []


def test_nothing_is_in_the_processes(lived):  # A16
    demo, secrets = lived
    assert any(re.match(r"(\S*/)?git(-remote-https?)?\0", line) for line in demo.children)
    assert {secret[:6] for secret in secrets for line in demo.children if secret in line} == set()
