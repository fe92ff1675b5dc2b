"""How soon Slack hears that a command came in, while the bot has its hands full.

``python -m benchmarks.slack`` runs three processes: the strict workspace, a bare Bolt app that answers
with a word, and then the real bot over malls in memory. Sixteen people type at once while every code
of the catalogue is written anew to every mall; then the sockets are refreshed a hundred times with a
command in work; then twenty commands that each take a minute stand before one more. The times are
Slack's own, from sending to the acknowledgement. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import IO, Any

from slack_bolt import App
from slack_sdk import WebClient

from adapters.clock import SystemClock
from adapters.contract import Adapter, LineResult, StockLine
from adapters.memory import MemoryAdapter, MemoryMall
from adapters.secret import Secret
from benchmarks.turn import SHOPS, MemoryBot, catalogue, prepared
from bot import interpreter
from bot.config import GuardSettings
from bot.mapping.model import Role, Shop, Team
from bot.slack.app import SlackFace, SlackSettings
from bot.slack.http import HttpAddress, HttpBridge
from bot.slack.manifest import EVENTS
from bot.slack.socket import STEADY_S, SocketAddress, SocketBridge
from bot.store.database import reading
from bot.store.writes import waiting_count
from bot.sync.values import Why
from sandbox.driver import Driver
from sandbox.server import Sandbox
from sandbox.slack.part import SlackWorkspace
from sandbox.web import WebHost
from sandbox.world import World

PEOPLE = 16
USERS = ("alice", "bob", "carol", "erin")
SOCKET, HTTP = "socket", "http"
REFRESH_GRACE_S = 2.0  # Slack gives ten
IN_WORK_S = 0.15  # a command that is under way while its socket goes
BUSY = 20
REST_S = 0.3
TEAM = Team(users={"U0ALICE01": Role.ADMIN}, channels={"ops": "C0ZAIKO01"})
UNGUARDED = GuardSettings(changed_percent=100, changed_codes=10**9, zero_percent=100, zero_codes=10**9)
_ROOT = Path(__file__).parent.parent
_END_S = 30.0


# --------------------------------------------------------------------------- children


class Child:
    """This module in a process of its own: says a line of JSON when ready, obeys a line at a time."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "benchmarks.slack", "--child", *arguments]
        self._process = subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.told: dict[str, Any] = self._heard()

    def ask(self, word: str) -> dict[str, Any]:
        """Ask for something and wait until it is done."""
        _pipe(self._process.stdin).write(word + "\n")
        _pipe(self._process.stdin).flush()
        return self._heard()

    def _heard(self) -> dict[str, Any]:
        line = _pipe(self._process.stdout).readline()
        if not line:
            raise RuntimeError("a child of the benchmark ended; its words stand above")
        found: dict[str, Any] = json.loads(line)
        return found

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_exc: object) -> None:
        _pipe(self._process.stdin).close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _pipe(self._process.stdout).close()


def _pipe(found: IO[str] | None) -> IO[str]:
    if found is None:
        raise RuntimeError("no pipe")
    return found


def _obey(told: dict[str, Any], acts: dict[str, Callable[[], Any]]) -> None:
    """Be a child: say what is to be told, then do what each line of standard input asks."""
    print(json.dumps(told), flush=True)
    for line in sys.stdin:
        print(json.dumps({"done": acts[line.strip()]()}), flush=True)


def be_workspace() -> None:
    """Be the workspace until standard input ends."""
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        host = WebHost(world)
        part = SlackWorkspace(world, host, rates=0, refresh_grace_s=REFRESH_GRACE_S)
        with Sandbox(world, [part], host) as sandbox:
            told = {"url": sandbox.url, "ca_file": str(world.ca_file), **part.addresses()}
            _obey(told, {})


def be_bare(told: dict[str, Any], mode: str) -> None:
    """Be a Bolt app that answers with a word, behind the same bridges as the bot."""
    settings, stop = _settings(told, mode), Event()
    face_tls = _tls(settings)
    client = WebClient(settings.bot_token.reveal(), base_url=settings.api_url, ssl=face_tls)
    app = App(client=client, signing_secret="unused", request_verification_enabled=False)  # noqa: S106
    app.command(settings.command)(lambda ack: ack("pong"))
    bridge: SocketBridge | HttpBridge
    if settings.http:
        bridge = HttpBridge(app, settings.http, SystemClock(), stop)
    else:
        address = SocketAddress(settings.api_url, settings.app_token or Secret(""), face_tls)
        bridge = SocketBridge(app, address, stop)
    bridge.start()
    bridge.wait_connected(10)
    port = bridge.port if isinstance(bridge, HttpBridge) else 0
    _obey({"url": _url(port)}, {})
    stop.set()
    bridge.join()


class DistantAdapter(MemoryAdapter):
    """A mall in memory that answers a write after a while, as one over a wire does."""

    def __init__(self, mall: MemoryMall, key: Secret, latency_s: float) -> None:
        super().__init__(mall, key)
        self._latency_s = latency_s

    def write_stock(self, lines: Sequence[StockLine]) -> list[LineResult]:
        """Write after the mall's time to answer."""
        time.sleep(self._latency_s)
        return super().write_stock(lines)


class SlackBot(MemoryBot):
    """The bot with its Slack face, whose lookups of some codes take as long as one likes."""

    def __init__(self, folder: Path, codes: int, latency_s: float) -> None:
        self._plain, self._safe, self._latency_s = catalogue(codes), 0, latency_s
        super().__init__(folder, self._plain, TEAM, UNGUARDED)
        self.free = Event()
        self._held, self._slow = (str(code) for code in list(self._plain.codes())[:2])
        self._look = self.actions.lookup
        self.actions.lookup = self._looked  # type: ignore[method-assign]

    @property
    def codes(self) -> dict[str, str]:
        """Give the codes that take their time: until freed, and for a moment."""
        return {"held": self._held, "slow": self._slow}

    def _looked(self, code: str) -> Any:
        if code == self._held:
            self.free.wait(60)
        elif code == self._slow:
            time.sleep(IN_WORK_S)
        return self._look(code)

    def _adapter(self, shop: Shop, credentials: Mapping[str, Secret]) -> Adapter:
        return DistantAdapter(self.markets[shop.name], credentials["key"], self._latency_s)

    def work_for(self, face: SlackFace) -> None:
        """Let every shop have its worker."""
        self._start_workers(self._turns(face))

    def resync(self) -> None:
        """Let every code be written to every mall with another number."""
        self._safe = 1 - self._safe
        defaults = replace(self._plain.defaults, safety_stock=self._safe)
        self.remap(replace(self._plain, defaults=defaults), TEAM)
        for name in SHOPS:
            self.sync.mark_all({name: self.following.mapping().listings(name)}, Why.RESUME)

    def left(self) -> int:
        """Count what waits to be written."""
        with reading(self.engine) as connection:
            return sum(waiting_count(connection, name) for name in SHOPS)


def be_bot(told: dict[str, Any], mode: str, folder: Path, codes: int, latency_s: float) -> None:
    """Be the real bot."""
    interpreter.share()
    bot = SlackBot(folder, codes, latency_s)
    with bot:
        face = SlackFace(bot.actions, bot.engine, _settings(told, mode), bot.clock, bot.stop, retry=bot.hurry)
        face.start()
        face.wait_connected(20)
        bot.work_for(face)
        acts = {"resync": bot.resync, "left": bot.left, "free": bot.free.set}
        _obey({"url": _url(face.port), **bot.codes}, acts)
        bot.stop.set()
        bot.wake(None)
        face.stop()


def _settings(told: dict[str, Any], mode: str) -> SlackSettings:
    settings = SlackSettings(
        Secret(told["bot_token"]),
        Secret(told["app_token"]),
        api_url=told["api_url"],
        ca_file=Path(told["ca_file"]),
    )
    if mode == SOCKET:
        return settings
    return replace(settings, http=HttpAddress("127.0.0.1", 0, Secret(told["signing_secret"])))


def _tls(settings: SlackSettings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(settings.ca_file))


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}{EVENTS}" if port else ""


# --------------------------------------------------------------------------- measuring


class Crowd:
    """Sixteen people at one workspace. ``lost`` counts the commands that Slack gave up."""

    def __init__(self, url: str) -> None:
        self._drivers = [Driver(url) for _ in range(PEOPLE)]
        self.lost = 0

    def ask(self, verb: str, **arguments: Any) -> Any:
        """Ask the workspace."""
        return self._drivers[0].call("slack", verb, **arguments)

    def type_at_once(self, texts: Sequence[str]) -> list[float]:
        """Type all, sixteen at a time with a rest between; gives the milliseconds to each acknowledgement."""
        before = len(self.ask("acks"))
        with ThreadPoolExecutor(PEOPLE) as pool:
            for start in range(0, len(texts), PEOPLE):
                told = list(pool.map(self._type, range(PEOPLE), texts[start : start + PEOPLE]))
                self.note(told)
                time.sleep(REST_S)
        return [ack["ms"] for ack in self.ask("acks")[before:] if ack["kind"] == "slash_commands"]

    def note(self, told: Sequence[Mapping[str, Any]]) -> None:
        """Count what Slack gave up, and say why."""
        for answer in told:
            if "error" in answer:
                self.lost += 1
                print(f"lost: {answer['error']}", file=sys.stderr, flush=True)

    def _type(self, number: int, text: str) -> dict[str, Any]:
        driver, user = self._drivers[number % PEOPLE], USERS[number % len(USERS)]
        answer: dict[str, Any] = driver.call("slack", "type", user=user, text=text)
        return answer


@contextmanager
def _hearing(crowd: Crowd, child: Child) -> Iterator[Child]:
    with child:
        crowd.ask("request_url", url=child.told["url"])
        crowd.ask("wait_connected", timeout_s=20)
        yield child
        crowd.ask("request_url", url="")
    while crowd.ask("connections"):
        time.sleep(0.05)


def commands(codes: Sequence[str], count: int) -> list[str]:
    """Give what people type: mostly codes, now and then the state or help."""
    rare = {3: "/zaiko status", 7: "/zaiko help"}
    return [rare.get(at % 10) or f"/zaiko {codes[at * 7919 % len(codes)]}" for at in range(count)]


@contextmanager
def _resyncing(bot: Child) -> Iterator[None]:
    """Keep everything being written while something else is done."""
    over = Event()

    def keep() -> None:
        while not over.is_set():
            if not bot.ask("left")["done"]:
                bot.ask("resync")
            over.wait(1)

    bot.ask("resync")
    thread = Thread(target=keep, name="resync")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _refreshed(crowd: Crowd, slow: str, times: int) -> list[float]:
    """Refresh every socket while a command is in work, so many times."""
    before = len(crowd.ask("acks"))
    for _ in range(times):
        with ThreadPoolExecutor(1) as pool:
            typed = pool.submit(crowd._type, 1, f"/zaiko {slow}")  # noqa: SLF001 - the crowd's own hand
            time.sleep(IN_WORK_S / 2)
            told = {connection["number"] for connection in crowd.ask("connections")}
            crowd.ask("disconnect", reason="refresh_requested")
            crowd.note([typed.result()])
        while told.issuperset(connection["number"] for connection in crowd.ask("connections")):
            time.sleep(0.02)
        time.sleep(1.5 * STEADY_S)  # Slack's last for hours
    return [ack["ms"] for ack in crowd.ask("acks")[before:]]


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Measure one way to hear Slack; gives the figures."""
    mode, codes, count = chosen.mode, chosen.codes, chosen.commands
    names = [str(code) for code in catalogue(codes).codes()]
    with prepared(codes) as folder, Child("workspace") as workspace:
        crowd = Crowd(workspace.told["url"])
        told = json.dumps(workspace.told)
        with _hearing(crowd, Child("bare", "--told", told, "--mode", mode)):
            bare = crowd.type_at_once(commands(names, count))
        where = ["--told", told, "--mode", mode, "--folder", str(folder), "--codes", str(codes)]
        with _hearing(crowd, Child("bot", *where, "--latency", str(chosen.latency))) as bot:
            with _resyncing(bot):
                acks = crowd.type_at_once(commands(names, count))
            refreshed = _refreshed(crowd, bot.told["slow"], chosen.refreshes) if mode == SOCKET else []
            crowd.type_at_once([f"/zaiko {bot.told['held']}"] * BUSY)
            busy = crowd.type_at_once(["/zaiko status"])
            bot.ask("free")
        lost = crowd.lost + int(crowd.ask("lost_acks"))
        return {
            "mode": mode,
            "codes": codes,
            "commands": len(acks),
            "ack_p50_ms": median(acks),
            "ack_p99_ms": _at(acks, 0.99),
            "ack_max_ms": max(acks),
            "bare_p50_ms": median(bare),
            "bare_p99_ms": _at(bare, 0.99),
            "refreshes": len(refreshed),
            "refresh_max_ms": max(refreshed, default=0.0),
            "behind_busy_ms": max(busy, default=0.0),
            "lost": lost,
        }


def _at(times: Sequence[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def table(found: dict[str, Any]) -> str:
    """Give the figures as Markdown."""
    rows = [["acknowledgement", "p50 ms", "p99 ms", "max ms"], ["--", "--:", "--:", "--:"]]
    rows.append(["bare Bolt app, idle", f"{found['bare_p50_ms']}", f"{found['bare_p99_ms']}", ""])
    times = [f"{found[name]}" for name in ("ack_p50_ms", "ack_p99_ms", "ack_max_ms")]
    rows.append([f"{found['codes']:,} codes being written", *times])
    if found["mode"] == SOCKET:
        rows.append(
            [f"{found['refreshes']} refreshes with a command in work", "", "", f"{found['refresh_max_ms']}"]
        )
    rows.append([f"behind {BUSY} that take a minute", "", "", f"{found['behind_busy_ms']}"])
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([*lines, f"lost: {found['lost']}"])


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.slack", description="acknowledgements under load")
    parser.add_argument("--codes", type=int, default=100_000)
    parser.add_argument("--commands", type=int, default=1600)
    parser.add_argument("--refreshes", type=int, default=100)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds until a mall has taken a write")
    parser.add_argument("--mode", choices=(SOCKET, HTTP), default=SOCKET)
    parser.add_argument("--child", choices=("workspace", "bare", "bot"), help=argparse.SUPPRESS)
    parser.add_argument("--told", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print, or be one of the processes."""
    chosen = _arguments(argv)
    if chosen.child == "workspace":
        be_workspace()
    elif chosen.child == "bare":
        be_bare(chosen.told, chosen.mode)
    elif chosen.child == "bot":
        be_bot(chosen.told, chosen.mode, chosen.folder, chosen.codes, chosen.latency)
    else:
        found = measure(chosen)
        print(table(found))
        print(json.dumps(found))


if __name__ == "__main__":
    main()
