"""A commit with a bad code, then a merge that takes much of a shop out of the mapping."""

from __future__ import annotations

from sandbox.rehearsals.model import Rehearsal, Step
from sandbox.rehearsals.stage import Stage

FILE = "mappings.yaml"
GONE = ("tee-red-l", "tee-blue-l")
ANCHOR = "      rakuten-main:\n        tee-red-m:"
LEFT_OUT = "".join(f"        {code}: false\n" for code in GONE)
TITLE = "赤のLサイズを楽天から外す"
HELD = "変更が大きすぎるため確認待ち"
# A shop of seven goods: two of them are as many as hundreds of thousands.
SETTINGS = "[guard]\nzero_codes = 2\n"


def _commit_mistake(stage: Stage) -> None:
    good = _file(stage)
    stage.kept["good"] = good
    _commit(stage, good.replace("- code: mug", "- code: mug_", 1), "コードを打ち間違えた")


def _put_right(stage: Stage) -> None:
    """Put the bad code right, and open the pull request that takes too much."""
    good = stage.kept["good"]
    _commit(stage, good, "元に戻す")
    mistaken = good.replace(ANCHOR, ANCHOR.replace("        tee-red-m:", LEFT_OUT + "        tee-red-m:"), 1)
    assert mistaken != good, f"{FILE} has no line {ANCHOR!r}"
    _forge(stage, "push", branch="less", files={FILE: mistaken}, message=TITLE)
    stage.kept["pull"] = _forge(stage, "open_pull", title=TITLE, head="less")["number"]


def _merge(stage: Stage) -> None:
    _forge(stage, "merge", number=stage.kept["pull"])


def _revert(stage: Stage) -> None:
    _forge(stage, "revert", number=stage.kept["pull"])


def _commit(stage: Stage, text: str, message: str) -> None:
    _forge(stage, "commit", files={FILE: text}, message=message)


def _file(stage: Stage) -> str:
    return str(_forge(stage, "file", path=FILE))


def _forge(stage: Stage, verb: str, **arguments: object) -> dict[str, int]:
    found: dict[str, int] = stage.demo.driver.call("forge", verb, **arguments)
    return found


def _is_reviewed(stage: Stage) -> bool:
    pull = stage.demo.driver.call("forge", "pull", number=stage.kept["pull"])
    says = " ".join(comment["body"] for comment in pull["comments"])
    return bool(all(code in says for code in GONE) or pull["state"] == "merged")


def _is_held(stage: Stage) -> bool:
    return stage.told(HELD) and stage.shows(GONE[0], 20, ("rakuten",))


def _is_reverted(stage: Stage) -> bool:
    newest = stage.demo.driver.call("forge", "log")[0]
    in_force = str(newest["commit"])[:7] in stage.status()
    return in_force and _file(stage) == stage.kept["good"]


REHEARSAL = Rehearsal(
    "mapping-mistake",
    "コード対応表のまちがいが2つ続きます。打ち間違いと、外しすぎです。",
    "Two mistakes in the mapping: a mistyped code, and a merge that takes out too much.",
    (
        Step(
            "打ち間違いのあるコミットが入りました。ボットはそれを使わず、行を示して知らせます。",
            "A commit with a mistyped code was merged. The bot does not use it, and names the line.",
            lambda stage: stage.told("コード対応表に誤り"),
            happens=_commit_mistake,
            says="コード対応表に誤り",
            says_en="the commit, its line, and what is wrong with it",
        ),
        Step(
            f"打ち間違いは直りました。次に「{TITLE}」というプルリクエストが開きましたが、青のLまで外れています。"
            "ボットのコメントを右のパネルで読んでください。",
            "The typing was put right. Now a pull request that should take one code off Rakuten takes two. "
            "Read the bot's comment in the panel of the forge.",
            _is_reviewed,
            happens=_put_right,
            says="対応表から外れる出品",
            says_en="the comment lists what leaves the mapping, and the numbers that would change",
        ),
        Step(
            "気づかずに「マージ」を押してください。楽天の7つのうち2つ（29%）が 0 になるはずですが、ボットは"
            "書かずに、別の人にたずねます。",
            "Press マージ as if nobody had noticed. Two of seven codes at Rakuten (29 %) would become 0, but "
            "the bot writes nothing and asks a second person.",
            _is_held,
            played=_merge,
            says=HELD,
            says_en="a large change is held, with Approve and Drop",
        ),
        Step(
            "「操作する人」を bob に替え、その警告の「取り消す」を押してください。",
            "Become bob (操作する人) and press 取り消す in that alert.",
            lambda stage: stage.told("取り消されました") and stage.told("復旧しました", HELD),
            played=lambda stage: stage.presses("取り消す", HELD, user="bob"),
            says="取り消されました",
            says_en="the plan was dropped: nothing of it is written",
        ),
        Step(
            "対応表も戻します。右のパネルの、マージ済みのプルリクエストの「元に戻す」を押してください。",
            "Put the mapping back too: press 元に戻す at the merged pull request in the panel of the forge.",
            _is_reverted,
            played=_revert,
        ),
    ),
    SETTINGS,
)
