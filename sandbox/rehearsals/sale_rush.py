"""A sale begins: many buyers on every mall at once, down to the last piece and one too many."""

from __future__ import annotations

from sandbox.rehearsals.model import Rehearsal, Step
from sandbox.rehearsals.stage import PARTS, Stage

CODE = "tee-red-l"
RUSH = ("tee-red-s", "tee-blue-s", "tee-blue-l")
LEFT = 2


def _rush(stage: Stage) -> None:
    """Let the buyers of every mall take a piece of three goods."""
    for code in RUSH:
        for part in PARTS:
            stage.order(part, code)


def _is_taken_in(stage: Stage) -> bool:
    return all(stage.agree(code, 20 - len(PARTS)) for code in RUSH)


def _sell_down(stage: Stage) -> None:
    stage.order("yahoo", CODE, 20 - LEFT)


def _sell_twice(stage: Stage) -> None:
    """Let two buyers on two malls take the last pieces in the same moment."""
    stage.order("rakuten", CODE, LEFT)
    stage.kept["late"] = stage.order("qoo10", CODE, LEFT)


def _cancel(stage: Stage) -> None:
    stage.mall("qoo10").cancel(stage.kept["late"])


REHEARSAL = Rehearsal(
    "sale-rush",
    "セールが始まり、すべてのモールで同時に売れます。最後の2点は、ほぼ同時に2回売れてしまいます。",
    "A sale: every mall sells at once, and the last two pieces are sold twice in the same moment.",
    (
        Step(
            "セールが始まりました。6つのモールで3つの商品が同時に1点ずつ売れました（18件の注文）。",
            "The sale has begun: one piece of each of three goods on each of six malls, 18 orders at once.",
            _is_taken_in,
            happens=_rush,
        ),
        Step(
            f"{CODE} が Yahoo! で18点売れ、残り{LEFT}点になります。",
            f"18 pieces of {CODE} sell at Yahoo!; {LEFT} are left.",
            lambda stage: stage.agree(CODE, LEFT),
            happens=_sell_down,
        ),
        Step(
            f"残りの{LEFT}点が、楽天と Qoo10 でほぼ同時に売れました。売り越しです。",
            f"The last {LEFT} pieces were bought at Rakuten and at Qoo10 in the same moment: oversold.",
            lambda stage: stage.told("売り越し", CODE) and stage.shows(CODE, 0),
            happens=_sell_twice,
            says="売り越し tee-red-l",
            says_en="which order was one too many, why, and what to do; every shop shows 0",
        ),
        Step(
            "どの注文が多すぎたかを、ボットにたずねてください。",
            "Ask the bot about the code.",
            lambda stage: stage.told("実在庫 -2") or stage.told("復旧しました", "売り越し"),
            played=lambda stage: stage.types(f"/zaiko {CODE}"),
            type=f"/zaiko {CODE}",
            says="実在庫 -2",
            says_en="two more were sold than there were",
        ),
        Step(
            "お客様に連絡しました。Qoo10 の注文の「キャンセル」を押してください（まちがえて楽天の注文を"
            "取り消しても、在庫は合います）。",
            "The buyer was written to. Press キャンセル at the order of Qoo10 (cancelling the one at Rakuten "
            "makes the stock right as well).",
            lambda stage: stage.told("復旧しました", "売り越し"),
            played=_cancel,
            says="復旧しました",
            says_en="the alert closes by itself",
        ),
    ),
)
