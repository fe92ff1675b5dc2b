"""TEMPOSTAR's order file is read while it is being written: half of it, then the rest."""

from __future__ import annotations

from sandbox.demo import until
from sandbox.rehearsals.model import Rehearsal, Step
from sandbox.rehearsals.stage import PARTS, Stage

OTHERS = tuple(part for part in PARTS if part != "roomclip")
IN_ROW = ("tee-red-s", "tee-blue-s", "mug")
BETWEEN = ("tee-red-l", "tee-blue-l")


def _sell(stage: Stage, fault: str, codes: tuple[str, ...]) -> None:
    """Let RoomClip's orders of some goods come in one file that is cut in the middle."""
    stage.roomclip.call("order_import", on=False)
    for code in codes:
        stage.order("roomclip", code)
    stage.roomclip.fault(fault)
    before = _files(stage)
    stage.roomclip.call("order_import", on=True)
    until(lambda: _files(stage) > before, "the half of the order file")


def _files(stage: Stage) -> int:
    return sum("/order/export/" in path for path in stage.roomclip.call("area"))


def _sell_cut_in_row(stage: Stage) -> None:
    _sell(stage, "orders_cut_in_row", IN_ROW)


def _sell_cut_between_rows(stage: Stage) -> None:
    _sell(stage, "orders_cut_between_rows", BETWEEN)


def _complete(stage: Stage) -> None:
    stage.roomclip.clear_faults()


def _nothing_is_taken(stage: Stage) -> bool:
    expected = {"tee-red-s": 20, "tee-blue-s": 20, "mug": 12}
    return stage.told("一時的なエラー") and all(stage.shows(code, n, OTHERS) for code, n in expected.items())


def _all_is_taken(stage: Stage) -> bool:
    sold = stage.agree("tee-red-s", 19) and stage.agree("tee-blue-s", 19) and stage.agree("mug", 11)
    return sold and stage.told("復旧しました", "一時的なエラー")


REHEARSAL = Rehearsal(
    "csv-half-written",
    "TEMPOSTAR の受注ファイルが、書きかけのまま止まります。",
    "TEMPOSTAR stops in the middle of writing its order file.",
    (
        Step(
            "RoomClip で3件売れましたが、受注ファイルが行の途中で切れています。ボットは何も取り込まず、"
            "3回読んでも同じなら知らせます。",
            "Three orders at RoomClip, but their file ends in the middle of a row. The bot takes in none of "
            "it, and tells of it once it was so three times.",
            _nothing_is_taken,
            happens=_sell_cut_in_row,
            says="一時的なエラー",
            says_en="the file is still being written; it is read again by itself",
        ),
        Step(
            "いまの数を見てください。まだ引かれていません（実在庫 20）。",
            "Look at the number: nothing is taken off yet (20 on hand).",
            lambda stage: stage.told("実在庫 20"),
            played=lambda stage: stage.types("/zaiko tee-red-s"),
            type="/zaiko tee-red-s",
            says="実在庫 20",
            says_en="20 on hand",
        ),
        Step(
            "TEMPOSTAR がファイルを書き終えました。操作は要りません。3件とも1回ずつ引かれます。",
            "TEMPOSTAR has written the rest. Nothing to do: all three are taken off, once.",
            _all_is_taken,
            happens=_complete,
            says="復旧しました",
            says_en="the same alert turns green",
        ),
        Step(
            "次の2件のファイルは、ちょうど行の終わりで切れています。読めた1件だけを先に引きます。",
            "The file of the next two ends just where a row ends. The one that can be read is "
            "taken off first.",
            lambda stage: stage.agree("tee-red-l", 19) and stage.shows("tee-blue-l", 20, OTHERS),
            happens=_sell_cut_between_rows,
        ),
        Step(
            "続きが書かれました。残りの1件も引かれ、先の1件が二度引かれることはありません。",
            "The rest was written: the other one is taken off too, and the first one not twice.",
            lambda stage: stage.agree("tee-red-l", 19) and stage.agree("tee-blue-l", 19),
            happens=_complete,
        ),
    ),
)
