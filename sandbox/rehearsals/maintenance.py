"""Rakuten closes for maintenance while the other malls sell on."""

from __future__ import annotations

from sandbox.rehearsals.model import Rehearsal, Step
from sandbox.rehearsals.stage import PARTS, Stage

OTHERS = tuple(part for part in PARTS if part != "rakuten")


def _close(stage: Stage) -> None:
    stage.rakuten.fault("maintenance")


def _sell(stage: Stage) -> None:
    stage.order("yahoo", "tee-red-s", 2)
    stage.order("qoo10", "tee-red-s", 1)
    stage.order("futureshop", "mug", 1)


def _is_passed_on(stage: Stage) -> bool:
    waits = stage.rakuten.stock("tee-red-s") > 17
    return waits and stage.agree("tee-red-s", 17, OTHERS) and stage.agree("mug", 11, OTHERS)


def _open(stage: Stage) -> None:
    stage.rakuten.clear_faults()


REHEARSAL = Rehearsal(
    "maintenance",
    "楽天がメンテナンスに入り、その間もほかのモールで売れます。",
    "Rakuten closes for maintenance while the other malls sell on.",
    (
        Step(
            "楽天がメンテナンスに入りました。ボットが気づくのを待ちます。",
            "Rakuten has closed for maintenance. Wait until the bot finds out.",
            lambda stage: stage.told("メンテナンス中", "楽天"),
            happens=_close,
            says="メンテナンス中",
            says_en="one alert: the shop is closed, nothing to do",
        ),
        Step(
            "Yahoo!で2点、Qoo10で1点、futureshopで1点売れました。楽天のほかは、すぐ同じ数になります。",
            "Two sold at Yahoo!, one at Qoo10, one at futureshop. All but Rakuten follow at once.",
            _is_passed_on,
            happens=_sell,
        ),
        Step(
            "楽天だけが古い数のままです。なぜかをボットにたずねてください。",
            "Rakuten alone shows the old number. Ask the bot why.",
            lambda stage: stage.told("tee-red-s と", "メンテナンス中"),
            played=lambda stage: stage.types("/zaiko why tee-red-s rakuten"),
            type="/zaiko why tee-red-s rakuten",
            says="モールがメンテナンス中です",
            says_en="the mall is closed; the bot catches up afterwards, nothing to do",
        ),
        Step(
            "メンテナンスが終わりました。操作は要りません。ボットが追いつくのを待ちます。",
            "The maintenance is over. Nothing to do: the bot catches up.",
            lambda stage: stage.told("復旧しました", "メンテナンス中") and stage.agree("tee-red-s", 17),
            happens=_open,
            says="復旧しました",
            says_en="the same alert turns green",
        ),
    ),
)
