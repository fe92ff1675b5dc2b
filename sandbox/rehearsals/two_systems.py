"""Another service goes on writing its own number of one code at Rakuten."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sandbox.rehearsals.model import Rehearsal, Step
from sandbox.rehearsals.stage import PARTS, Stage

CODE = "tee-blue-m"
LISTING = f"rakuten-main/{CODE}"
THEIRS = 60
WRITES_EVERY_S = 0.3
BUYS_EVERY_S, MOST_BOUGHT = 20.0, 15


class Habit:
    """Somebody who does the same again and again, until stopped."""

    def __init__(self, act: Callable[[], None], every_s: float) -> None:
        self._act = act
        self._every_s = every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="habit", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            self._act()


def _begin(stage: Stage) -> None:
    """Let the other service write, and shoppers buy now and then."""
    bought: list[str] = []

    def write() -> None:
        if stage.rakuten.stock(CODE) != THEIRS:
            stage.rakuten.call("set_stock", code=CODE, quantity=THEIRS)

    def buy() -> None:
        if len(bought) < MOST_BOUGHT:
            bought.append(stage.order("rakuten", CODE))

    buy()
    stage.kept["habits"] = [Habit(write, WRITES_EVERY_S), Habit(buy, BUYS_EVERY_S)]
    stage.closing.callback(_end, stage)


def _end(stage: Stage) -> None:
    for habit in stage.kept["habits"]:
        habit.stop()


def _is_resumed(stage: Stage) -> bool:
    return stage.told("再開しました", CODE) and len({stage.mall(part).stock(CODE) for part in PARTS}) == 1


REHEARSAL = Rehearsal(
    "two-systems",
    f"前に使っていた在庫連携サービスが止まっておらず、楽天の {CODE} に自分の数を書き続けます。",
    f"A stock service of former days was never stopped: it keeps writing its number of {CODE} at Rakuten.",
    (
        Step(
            f"別のサービスが楽天の {CODE} を {THEIRS} に書き換えました。棚番の数は20より少ないはずです。"
            "楽天ではこの商品がときどき売れています。",
            f"Another service sets {CODE} at Rakuten to {THEIRS}; ours is below 20. "
            "It sells there now and then.",
            lambda stage: stage.rakuten.stock(CODE) == THEIRS,
            happens=_begin,
        ),
        Step(
            "ボットは一日中少しずつ読み直していますが、いま読ませることもできます。",
            "The bot reads all numbers back over the day; it can also be told to read now.",
            lambda stage: stage.told("モールの在庫数が書き換えられています"),
            played=lambda stage: stage.types("/zaiko sync rakuten full"),
            type="/zaiko sync rakuten full",
            says="モールの在庫数が書き換えられています",
            says_en="the number was changed at the mall; ours is lower, so it was put back",
        ),
        Step(
            "直しても、別のサービスがすぐ書き戻します。売れている商品なのでボットはすぐ読み直し、3回目で"
            "止めます。見ているだけです（20秒から1分）。",
            "It is put back, and the other service writes again. As it sells, the bot reads it again soon, "
            "and stops at the third time. Just watch, for half a minute or so.",
            lambda stage: stage.told("別のシステムが在庫を書いています"),
            says="別のシステムが在庫を書いています",
            says_en="changed three times in a day: nothing more is written to that listing",
        ),
        Step(
            "別のサービスの担当者が、書き込みを止めました。楽天のこの商品の反映を再開してください。",
            "The other service has been stopped by those who run it. Resume the code at Rakuten.",
            _is_resumed,
            happens=_end,
            played=lambda stage: stage.types(f"/zaiko resume {LISTING}"),
            type=f"/zaiko resume {LISTING}",
            says="再開しました",
            says_en="resumed, and our number goes out",
        ),
    ),
)
