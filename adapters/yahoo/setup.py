"""The set-up of a Yahoo!ショッピング store.

Source: Yahoo!デベロッパーネットワーク, ストア向けAPI; ストアクリエイターPro, 権限管理設定 and 暗号鍵管理;
EC店長 help, コード合わせのルール.
"""

from __future__ import annotations

from adapters.setup import USUAL, Stage, Step, Ways

WAYS: Ways = {
    USUAL: (
        Stage(
            "アプリケーションと権限",
            "The application and its rights",
            (
                Step(
                    "app.make",
                    "アプリケーションを登録する（サーバーサイド、コールバックURLあり）",
                    "Register the application: server side, with a callback URL",
                    ("サーバーサイド（Yahoo! ID連携 v2）", "本番環境用"),
                ),
                Step(
                    "app.scope",
                    "スコープが表示されているのを見る",
                    "See that it shows the store scope",
                    ("ストア向け操作関連の機能（開示先限定スコープ）",),
                ),
                Step(
                    "app.orders",
                    "注文APIの利用を申請する（送信元IPアドレスを書く。1週間から10日）",
                    "Apply for the order API, naming the outgoing addresses (a week to ten days)",
                    ("注文API",),
                ),
                Step(
                    "app.rights",
                    "ストアクリエイターPro > 設定 > 権限管理設定 で、同意する人に権限を付ける",
                    "Give the person who consents the right",
                    ("権限管理設定", "注文管理権限"),
                ),
                Step(
                    "app.key",
                    "ストアクリエイターPro > 設定 > 暗号鍵管理 で公開鍵を発行し、バージョンを控える",
                    "Issue the public key and note its version",
                    ("暗号鍵管理", "公開鍵発行"),
                ),
            ),
        ),
        Stage(
            "コードを合わせる",
            "Make the codes agree",
            (
                Step(
                    "codes.item",
                    "商品コードと個別商品コードを、ほかのモールと一字一句同じにする（半角英数字とハイフン）",
                    "Make the codes the same letter by letter as on the other malls",
                    ("商品コード", "個別商品コード"),
                ),
            ),
        ),
    )
}
