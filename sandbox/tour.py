"""Six scenes that a merchant lives through, played against the real bot.

Each scene does what people do (types, clicks, buys, cancels, pulls the plug), checks what must
hold, and gives the lines that a person would see. ``tests/scenes`` plays the same scenes.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.demo import Demo, until
from sandbox.driver import MallDriver
from sandbox.shops import SHOPS
from sandbox.slack.driver import Json, Person, SlackDriver

Lines = list[str]


@dataclass
class Stage:
    """What a scene plays on."""

    demo: Demo

    @property
    def rakuten(self) -> MallDriver:
        """The 楽天 shop's mall."""
        return self.demo.driver.mall("rakuten")

    @property
    def roomclip(self) -> MallDriver:
        """RoomClip behind TEMPOSTAR."""
        return self.demo.driver.mall("roomclip")

    def asks(self, text: str) -> Json:
        """Let alice type a command; gives the one answer."""
        before = self.slack.revision()
        answers = self.alice.types(text)
        assert len(answers) <= 1, f"{len(answers)} answers to {text}"
        return answers[0] if answers else self.alice.sees("", after=before)

    @property
    def slack(self) -> SlackDriver:
        """The workspace."""
        return SlackDriver(self.demo.driver)

    @property
    def alice(self) -> Person:
        """The one who may everything."""
        return self.slack.user("alice")

    def on_hand(self, code: str) -> int:
        """What the ledger holds of a code, as carol is told who looks it up; -1 for an unknown code."""
        carol, before = self.slack.user("carol"), self.slack.revision()
        answers = carol.types(f"/zaiko {code}") or [carol.sees("", after=before)]
        found = [match for answer in answers if (match := re.search(r"実在庫 (-?\d+)", answer["plain"]))]
        return int(found[0][1]) if found else -1

    def files_with(self, row: str) -> int:
        """How many stock files TEMPOSTAR was given that hold a row."""
        return sum(row in file["text"] for file in self.roomclip.call("area_history"))

    def files(self) -> int:
        """How many stock files TEMPOSTAR was given."""
        return len(self.roomclip.call("area_history"))

    def becomes(self, code: str, quantity: int, within_s: float = 30) -> float:
        """Wait until the ledger holds a number."""
        return until(
            lambda: self.on_hand(code) == quantity, f"the ledger to hold {quantity} of {code}", within_s
        )

    def equal(self, code: str, quantity: int) -> None:
        """Check that the ledger and what buyers see on every mall are one number."""
        held = int(self.demo.ledger(code)["on_hand"])
        assert held == quantity, f"ledger: {held} of {code}, not {quantity}"
        for shop in SHOPS:
            self.demo.driver.mall(shop.part).shows(code, quantity)

    def polls(self, count: int) -> None:
        """Let the bot ask 楽天 for orders some more times."""
        before = self._searches()
        until(lambda: self._searches() >= before + count, f"{count} more polls", 15 * count)

    def _searches(self) -> int:
        return sum(entry["function"] == "search_order" for entry in self.rakuten.call("journal"))


def row(code: str, quantity: int) -> str:
    """A row of TEMPOSTAR's inbound stock file."""
    return f'"{code}","{quantity}","1","1"'


# ---------------------------------------------------------------------- the scenes


def an_order_travels(stage: Stage) -> Lines:
    """Two pieces sold on 楽天 leave the ledger once and reach TEMPOSTAR's area."""
    stage.asks("/zaiko on")
    stage.roomclip.shows("tee-red-s", 20)
    until(lambda: stage.files_with(row("tee-red-s", 20)) > 0, "the first stock file")
    stage.rakuten.order("tee-red-s", 2)
    lowered = row("tee-red-s", 18)
    took = until(lambda: stage.files_with(lowered) > 0, "a stock file with the lower number", 30)
    stage.polls(2)
    assert stage.files_with(lowered) == 1, "the lower number was sent more than once"
    stage.equal("tee-red-s", 18)
    return [
        f"楽天で2点売れてから {took:.1f} 秒で TEMPOSTAR に届いた在庫の行",
        f"（注文を見に行く間隔は {stage.demo.pace.poll_s:.0f} 秒）:",
        f"  {lowered}",
        *_said(stage.asks("/zaiko tee-red-s")),
    ]


def a_cancellation_comes_back(stage: Stage) -> Lines:
    """A cancelled order comes back once, though the mall reports it three times."""
    order_id = stage.rakuten.order("tee-red-l", 3)
    stage.becomes("tee-red-l", 17)
    stage.rakuten.cancel(order_id)
    stage.becomes("tee-red-l", 20)
    until(lambda: _reported(stage, order_id) >= 3, "three reports of the cancellation", 40)
    stage.equal("tee-red-l", 20)
    return [f"キャンセルは {_reported(stage, order_id)} 回届き、在庫は1回だけ戻りました: tee-red-l 17 → 20"]


def _reported(stage: Stage, order_id: str) -> int:
    return int(stage.rakuten.call("reported", order_id=order_id)["cancelled_times"])


def the_key_dies_on_a_sunday(stage: Stage) -> Lines:
    """The licence expires: one alert, the other shop goes on, a renewal, and all is equal again."""
    alice = stage.alice
    stage.rakuten.call("expire_keys")
    alert = alice.sees("認証エラー", within_s=30)
    missed = stage.rakuten.order("tee-blue-m", 2)
    stage.roomclip.order("mug", 1)
    stage.becomes("mug", 11)
    stage.roomclip.shows("mug", 11)
    foreign = stage.rakuten.call("foreign_key")["licence_key"]
    alice.types("/zaiko renew rakuten")
    refused = alice.submits({"ライセンスキー": foreign})
    assert refused.get("errors"), f"the key of another shop was not refused: {refused}"
    key = stage.rakuten.call("issue_key", activation_s=4)["licence_key"]
    accepted = alice.submits({"ライセンスキー": key})
    assert not accepted.get("errors"), f"the right key was refused: {accepted}"
    pending = alice.sees("確認中", within_s=10)
    live = alice.sees("使えるようになりました", within_s=30)
    stage.becomes("tee-blue-m", 18)
    stage.equal("mug", 11)
    stage.equal("tee-blue-m", 18)
    green = _recovered(stage, alert["ts"])
    _found_nowhere(stage, key)
    return [
        *_said(alert),
        f"  別の店舗のキー → {next(iter(refused['errors'].values()))}",
        *_said(pending),
        *_said(live),
        f"止まっていた間の注文 {missed} も取り込み済み: tee-blue-m 20 → 18",
        *_said(green),
    ]


def _recovered(stage: Stage, ts: str) -> Json:
    """Wait until an alert's one message says that it is over."""

    def root() -> Json:
        return next(message for message in stage.alice.messages() if message["ts"] == ts)

    until(lambda: "✅" in str(root()["text"]) or "復旧" in str(root()["text"]), "the alert to turn green")
    roots = [m for m in stage.alice.messages() if "認証エラー" in str(m["text"]) and not m.get("thread_ts")]
    assert len(roots) == 1, f"{len(roots)} alerts instead of one"
    return root()


def _found_nowhere(stage: Stage, secret: str) -> None:
    """Search everything the bot left behind and sent for a secret."""
    needle = secret.encode()
    for file in [*(stage.demo.folder / "state").rglob("*"), stage.demo.folder / "bot.log"]:
        if file.is_file() and needle in file.read_bytes():
            raise AssertionError(f"a secret stands in {file.name}")
    assert not stage.slack.seen(secret), "a secret was sent to Slack"


def a_pause(stage: Stage) -> Lines:
    """While RoomClip is paused nothing is written to it; resume sends the right number, once."""
    paused = stage.asks("/zaiko pause roomclip 2h 棚卸")
    _quiet(stage)
    files = stage.files()
    stage.rakuten.order("tee-blue-s", 1)
    stage.rakuten.order("tee-blue-s", 1)
    stage.becomes("tee-blue-s", 18)
    stage.polls(2)
    assert stage.files() == files, "something was written to a paused shop"
    resumed = stage.asks("/zaiko resume roomclip")
    right = row("tee-blue-s", 18)
    until(lambda: stage.files_with(right) > 0, "the right number after the pause")
    stage.polls(1)
    assert stage.files_with(right) == 1, "the number was sent more than once"
    assert stage.files_with(row("tee-blue-s", 19)) == 0, "a number on the way was sent"
    stage.equal("tee-blue-s", 18)
    return [
        *_said(paused),
        "  その間に楽天で2点売れても、RoomClipには何も送られません",
        *_said(resumed),
        f"  {right}",
    ]


def _quiet(stage: Stage) -> None:
    """Let a file that was on its way arrive before files are counted."""
    time.sleep(1.5)
    until(lambda: not any("/stock/stock" in path for path in stage.roomclip.call("area")), "an empty inbox")


CAP = """\
  - code: cap-navy
    name: キャップ ネイビー
"""


def a_mapping_change(stage: Stage) -> Lines:
    """A merged product is synced; a broken commit changes nothing and is told with its lines."""
    alice, forge = stage.alice, stage.demo.driver
    good = forge.call("forge", "file", path="mappings.yaml")
    added = good.replace("products:\n", "products:\n" + CAP, 1)
    _commit(stage, added, "キャップを追加")
    until(lambda: stage.on_hand("cap-navy") >= 0, "the bot to know the new product")
    stage.demo.count({"cap-navy": 5})
    stage.equal("cap-navy", 5)
    broken = added.replace("- code: cap-navy", "- code: cap_navy", 1)
    bad = _commit(stage, broken, "コードを打ち間違えた")
    told = alice.sees("mappings.yaml:", within_s=20)
    stage.rakuten.order("cap-navy", 1)
    stage.becomes("cap-navy", 4)
    stage.equal("cap-navy", 4)
    _commit(stage, added, "元に戻す")
    return ["新しい商品 cap-navy: 両モールとも 5", f"壊れたコミット {bad[:10]} は使われません:", *_said(told)]


def _commit(stage: Stage, text: str, message: str) -> str:
    done = stage.demo.driver.call("forge", "commit", files={"mappings.yaml": text}, message=message)
    return str(done["commit"])


def the_plug_is_pulled(stage: Stage) -> Lines:
    """SIGKILL between a mall's answer and its record, and in mid-intake: nothing lost or doubled."""
    with _killed_while_held(stage, "bulk_upsert"):
        stage.roomclip.order("tee-blue-l", 1)
    stage.equal("tee-blue-l", 19)
    with _killed_while_held(stage, "get_order"):
        orders = [stage.rakuten.order("tee-red-m", 1) for _ in range(3)]
    stage.becomes("tee-red-m", 17)
    stage.polls(2)
    stage.equal("tee-red-m", 17)
    assert stage.demo.tanaban("state", "check").strip() == "ok"
    return [
        "楽天が答えた直後（記録の前）に電源断 → 再起動後 tee-blue-l は全モール 19",
        f"注文{len(orders)}件の取り込みの途中で電源断 → 再起動後 tee-red-m は全モール 17",
    ]


@contextmanager
def _killed_while_held(stage: Stage, function: str) -> Iterator[None]:
    """Let 楽天 answer a call that the bot never gets to note down.

    The mall does what was asked and holds its answer back. The bot is frozen, the answer is let
    go, so that it lies at the frozen bot's door, and the bot is killed.
    """
    stage.rakuten.fault("hold", function=function, count=1)
    yield
    until(lambda: function in stage.rakuten.call("held"), f"{function} to be under way", 30)
    stage.demo.freeze_bot()
    stage.rakuten.call("release")
    stage.rakuten.clear_faults()
    time.sleep(0.3)
    stage.demo.kill_bot()
    stage.demo.start_bot()


SCENES: tuple[tuple[str, Callable[[Stage], Lines]], ...] = (
    ("注文が届く / an order travels", an_order_travels),
    ("キャンセルが戻る / a cancellation comes back", a_cancellation_comes_back),
    ("日曜にキーが切れる / the key dies on a Sunday", the_key_dies_on_a_sunday),
    ("一時停止 / pause", a_pause),
    ("対応表の変更 / a mapping change", a_mapping_change),
    ("電源断 / the plug is pulled", the_plug_is_pulled),
)


# ---------------------------------------------------------------------- playing them


def run_tour(mapping: Path, folder: Path | None = None) -> int:
    """Play the scenes in the terminal; gives 0 if all passed, else 1. The last line is JSON."""
    began = time.monotonic()
    passed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="tanaban-tour-") as temporary:
        print("棚番のツアー: サンドボックスとボットを起動しています…", flush=True)
        with Demo(folder or Path(temporary), mapping) as demo:
            print(f"ページ / page: {demo.addresses['page']}\n", flush=True)
            for number, (title, scene) in enumerate(SCENES, 1):
                passed += _play(number, title, scene, Stage(demo))
    summary = {"scenes": len(SCENES), "passed": len(passed), "seconds": round(time.monotonic() - began, 1)}
    print(json.dumps(summary))
    return 0 if len(passed) == len(SCENES) else 1


def _play(number: int, title: str, scene: Callable[[Stage], Lines], stage: Stage) -> Lines:
    print(f"[{number}/{len(SCENES)}] {title} …", flush=True)
    began = time.monotonic()
    try:
        lines = scene(stage)
    except Exception as error:  # noqa: BLE001 - a failed scene is told and the next one is played
        print(f"      ✗ {type(error).__name__}: {error}\n", flush=True)
        return []
    for line in lines:
        print(f"      {line}")
    print(f"      ✓ {time.monotonic() - began:.1f} s\n", flush=True)
    return [title]


def _said(message: Json) -> Lines:
    """Give what a person reads of a message, as a quotation."""
    text = message["plain"] or message["text"]
    return [f"  │ {line}" for line in str(text).splitlines() if line.strip()]
