"""The Rakuten licence key expires while the shop sells on."""

from __future__ import annotations

from sandbox.rehearsals.model import Rehearsal, Step
from sandbox.rehearsals.stage import Stage


def _expire(stage: Stage) -> None:
    stage.rakuten.call("expire_keys")


def _sell(stage: Stage) -> None:
    stage.order("rakuten", "tee-blue-m", 2)
    stage.order("roomclip", "mug", 1)


def _try_foreign_key(stage: Stage) -> None:
    foreign = stage.rakuten.call("foreign_key")["licence_key"]
    _renew(stage, foreign)


def _renew_rightly(stage: Stage) -> None:
    _renew(stage, stage.rakuten.call("issue_key", activation_s=4)["licence_key"])


def _renew(stage: Stage, key: str) -> None:
    if stage.slack.call("modal", user="alice") is None:
        stage.types("/zaiko renew rakuten")
        stage.alice.modal("ライセンスキー")
    stage.alice.submits({"ライセンスキー": key})


def _is_refused(stage: Stage) -> bool:
    open_ = [stage.slack.call("modal", user=name) for name in ("alice", "bob")]
    return any("別の店舗のキーのようです" in form["plain"] for form in open_ if form) or _is_received(stage)


def _is_received(stage: Stage) -> bool:
    return stage.told("確認中") or stage.told("使えるようになりました")


REHEARSAL = Rehearsal(
    "expired-key",
    "楽天のライセンスキーが、営業中に切れます。",
    "The Rakuten licence key expires while the shop sells on.",
    (
        Step(
            "楽天のキーが、たったいま切れました。ボットが気づくのを待ちます。",
            "The key at Rakuten has just expired. Wait until the bot finds out.",
            lambda stage: stage.told("認証エラー"),
            happens=_expire,
            says="認証エラー（キーの期限切れなど）",
            says_en="one alert for the shop, with a Renew button",
        ),
        Step(
            "切れている間も売れます。楽天で2点、RoomClip で1点売れました。ほかの店舗の連携は続いています。",
            "Sales go on: two pieces at Rakuten, one at RoomClip. The other shops are kept in step.",
            lambda stage: stage.agree("mug", 11, ("yahoo", "amazon", "futureshop", "qoo10", "roomclip")),
            happens=_sell,
        ),
        Step(
            "キーを登録し直します。まず取り違えから。楽天の「別の店舗のキーを見る」を押し、出た文字を入れて"
            "ください。（飛ばして次の正しいキーを入れても進みます）",
            "Register a key; first a mistake. Press 別の店舗のキーを見る at Rakuten and enter what it shows. "
            "(You may go straight to the right one.)",
            _is_refused,
            played=_try_foreign_key,
            type="/zaiko renew rakuten",
            says="別の店舗のキーのようです",
            says_en="the key of another shop is not taken",
        ),
        Step(
            "楽天の「新しいキーを発行（10秒後に有効）」を押し、出たキーを同じ画面に入れて「更新する」を押します。",
            "Press 新しいキーを発行 at Rakuten, enter the new key in the same form and press 更新する.",
            _is_received,
            played=_renew_rightly,
            says="確認中",
            says_en="received; it is tried until the mall accepts it",
        ),
        Step(
            "新しいキーが有効になるのを待ちます。止まっていた間の楽天の注文も取り込みます。",
            "Wait until the key is active. The orders of the time between are taken in.",
            lambda stage: stage.told("使えるようになりました") and stage.told("復旧しました", "認証エラー"),
            says="使えるようになりました",
            says_en="it works now, and the alert turns green",
        ),
    ),
)
