"""The demo: the sandbox and the real bot, each in a process of its own, side by side.

The bot is started like any operator would start it: a ``tanaban.toml``, credentials typed into
the vault, a first stock count, ``tanaban run``. Only the addresses point at the sandbox.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self

from sandbox.catalogue import GOODS
from sandbox.driver import Driver
from sandbox.shops import PARTS, SHOPS, DemoShop

CONFIG = """\
[state]
folder = "state"
vault_key_file = "vault.key"

[slack]
api_url = "{slack[api_url]}"
ca_file = "{ca_file}"

[mapping]
url = "{forge[url]}"
branch = "{forge[branch]}"
ca_file = "{ca_file}"
poll_interval_s = {mapping_s}

[forge]
api = "{forge[api]}"
repository = "{forge[repository]}"
ca_file = "{ca_file}"

[sync]
poll_interval_s = {poll_s}
again_interval_s = {again_s}
trial_interval_s = 1

"""


@dataclass(frozen=True)
class Pace:
    """How fast the demo's world turns, in seconds: the real figures, made short."""

    poll_s: float = 2
    again_s: float = 2
    mapping_s: float = 1
    take_up_s: float = 1  # TEMPOSTAR reads its inbound folder; 300 in the contract
    send_interval_s: float = 1  # and sends on; 300
    reader_s: float = 1  # RoomClip reads; 300
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)

    def parts(self) -> dict[str, Mapping[str, Any]]:
        """Give the sandbox's settings by part."""
        roomclip = {
            "take_up_s": self.take_up_s,
            "send_interval_s": self.send_interval_s,
            "poll_s": self.reader_s,
            "settle_s": 0.2,
        }
        return {**PARTS, "roomclip": roomclip, **self.settings}


class Demo:
    """The two processes and the hand in the sandbox. Use as a context manager.

    Args:
        folder: where everything of this demo is kept.
        mapping: folder that holds the ``mappings.yaml`` and ``team.yaml`` to begin with.
        shops: the merchant's, as the operator writes them down.
        more: further sections of the bot's settings.
    """

    command_s = 60.0  # a command of the operator's shell is over by then

    def __init__(
        self,
        folder: Path,
        mapping: Path,
        pace: Pace | None = None,
        shops: Sequence[DemoShop] = SHOPS,
        more: str = "",
    ) -> None:
        self.folder = folder
        self.pace = pace or Pace()
        self._mapping = mapping
        self._shops = shops
        self._more = more
        self._processes: list[subprocess.Popen[bytes]] = []
        self._logs: list[IO[bytes]] = []
        self.addresses: dict[str, Any] = {}
        self.bot: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._start_sandbox()
            self._set_up_bot()
            self.start_bot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        for process in reversed(self._processes):
            _end(process)
        for log in self._logs:
            log.close()

    # ------------------------------------------------------------------ processes

    def _start_sandbox(self) -> None:
        world = self.folder / "world"
        world.mkdir(parents=True)
        files = {name: (self._mapping / name).read_text("utf-8") for name in ("mappings.yaml", "team.yaml")}
        settings = {**self.pace.parts(), "forge": {"files": files}}
        (world / "settings.json").write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
        self._spawn("sandbox", ["sandbox", "serve", str(world)])
        ready = world / "sandbox.json"
        until(lambda: ready.exists() and ready.stat().st_size > 0, "the sandbox to start")
        self.addresses = json.loads(ready.read_text(encoding="utf-8"))
        self.driver = Driver(self.addresses["page"])

    def _set_up_bot(self) -> None:
        """Do what an operator does once: settings, credentials, the first stock count."""
        pace = {name: getattr(self.pace, name) for name in ("mapping_s", "poll_s", "again_s")}
        text = CONFIG.format(**self.addresses, **pace)
        shops = ["\n".join(shop.lines(self.addresses, self.addresses["ca_file"])) for shop in self._shops]
        self.config.write_text("\n\n".join([text, *shops, self._more]) + "\n", encoding="utf-8")
        self.tanaban("init")
        self.tanaban("credentials", "load", typed=json.dumps(self.credentials()))
        self.count(self.on_the_shelf())

    def on_the_shelf(self) -> dict[str, int]:
        """Give the first stock count."""
        return {good.code: good.quantity for good in GOODS if good.code != "cap-navy"}

    def credentials(self) -> dict[str, dict[str, str]]:
        """Give everything the operator types into the vault, by owner and kind."""
        a = self.addresses
        own = {
            "slack": {"bot_token": a["slack"]["bot_token"], "app_token": a["slack"]["app_token"]},
            "mapping": {"token": a["forge"]["write_token"]},  # proposals are pushed with it
        }
        shops = {
            shop.name: {kind: str(a[shop.part][key]) for kind, key in shop.credentials.items()}
            for shop in self._shops
        }
        return own | shops

    def start_bot(self) -> None:
        """Start ``tanaban run`` and wait until it speaks to Slack."""
        self.bot = self._spawn("bot", ["run", "--config", str(self.config)])
        until(self._connected, "the bot to come up", 30)

    def _connected(self) -> bool:
        """Whether the bot holds a socket to Slack."""
        return bool(self.driver.call("slack", "connections"))

    def kill_bot(self) -> None:
        """Pull the plug: SIGKILL, no goodbye."""
        assert self.bot is not None
        self.bot.kill()
        self.bot.wait()
        until(lambda: not self._connected(), "Slack to see it gone")

    def freeze_bot(self) -> None:
        """Stop the bot where it stands, so that it cannot take note of an answer."""
        assert self.bot is not None
        self.bot.send_signal(signal.SIGSTOP)

    def _spawn(self, name: str, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{name}.log").open("ab")
        process = subprocess.Popen(  # noqa: S603
            [*_tanaban(), *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_environment()
        )
        self._processes.append(process)
        self._logs.append(log)
        return process

    # ------------------------------------------------------------------ the operator's shell

    @property
    def config(self) -> Path:
        """The bot's settings."""
        return self.folder / "tanaban.toml"

    def tanaban(self, *arguments: str, typed: str = "") -> str:
        """Run a command of the shell as the operator and give what it prints.

        Raises:
            AssertionError: it failed; holds what it said.
        """
        done = subprocess.run(  # noqa: S603
            [*_tanaban(), *arguments, "--config", str(self.config)],
            input=typed,
            text=True,
            capture_output=True,
            check=False,
            env=_environment(),
            timeout=self.command_s,
        )
        assert done.returncode == 0, f"tanaban {arguments[0]}: {done.stderr or done.stdout}"
        return done.stdout

    def count(self, quantities: dict[str, int]) -> None:
        """Enter a stock count, as ``tanaban stock count`` takes it."""
        file = self.folder / "count.csv"
        rows = "".join(f"{code},{quantity}\n" for code, quantity in quantities.items())
        file.write_text("code,quantity\n" + rows, encoding="utf-8")
        self.tanaban("stock", "count", str(file))

    def ledger(self, code: str) -> dict[str, Any]:
        """Give what the ledger says of a code."""
        found: dict[str, Any] = json.loads(self.tanaban("stock", "show", code, "--json"))
        return found


def until(true: Callable[[], bool], what: str, within_s: float = 20) -> float:
    """Wait until something holds; gives the seconds it took.

    Raises:
        AssertionError: it did not in time.
    """
    started = time.monotonic()
    while not true():
        if time.monotonic() - started > within_s:
            raise AssertionError(f"waited {within_s:.0f} s for {what}")
        time.sleep(0.1)
    return time.monotonic() - started


def run_demo(mapping: Path, folder: Path | None = None) -> int:
    """Start everything, say where the page is, and stay until Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM):  # both end it, however it was started
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="tanaban-demo-") as temporary:
        print("棚番のデモを準備しています… / starting the demo …", flush=True)
        with Demo(folder or Path(temporary), mapping) as demo:
            print(f"\n  {demo.addresses['page']}\n")
            print("ブラウザで開き、/zaiko help、/zaiko on、/zaiko tee-red-s と打ってみてください。")
            print("Open it in a browser and type /zaiko help, /zaiko on, /zaiko tee-red-s.")
            print("終了は Ctrl-C / stop with Ctrl-C", flush=True)
            try:
                while demo.bot is not None and demo.bot.poll() is None:
                    time.sleep(0.5)
            except KeyboardInterrupt:
                print("\n終了します / stopping", flush=True)
                return 0
            print(
                f"the bot ended by itself; its log:\n{(demo.folder / 'bot.log').read_text('utf-8')[-2000:]}"
            )
            return 1


def _tanaban() -> list[str]:
    return [str(Path(sys.executable).with_name("tanaban"))]


def _environment() -> dict[str, str]:
    # What the operator's own shell may hold must not reach the demo's bot.
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "PYTHONWARNINGS")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGCONT)
    process.terminate()
    try:
        process.wait(8)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
