"""The set-up of a Qoo10 shop.

Source: QSM, Qoo10へお問い合わせ, API・FTP・QSM権限; QAPI CertificationAPI.CreateCertificationKey;
EC店長 help, コード合わせのルール.
"""

from __future__ import annotations

from adapters.setup import USUAL, Stage, Step, Ways

WAYS: Ways = {
    USUAL: (
        Stage(
            "APIの利用",
            "The API",
            (
                Step(
                    "api.apply",
                    "QSM > Qoo10へお問い合わせ でAPIの利用を申請する（約5営業日）",
                    "Ask for the use of the API in QSM (about five working days)",
                    ("システム", "API・FTP・QSM権限"),
                ),
                Step(
                    "api.key",
                    "APIの説明サイトのテスト画面で販売者認証キーを作る（ボットはQSMのパスワードを聞かない）",
                    "Make the seller authorization key by the method's test form (the bot wants no password)",
                    ("CertificationAPI.CreateCertificationKey", "販売者認証キー"),
                ),
            ),
        ),
        Stage(
            "コードを合わせる",
            "Make the codes agree",
            (
                Step(
                    "codes.item",
                    "販売者コードと販売者オプションコードを、ほかのモールと一字一句同じにする",
                    "Make the codes the same letter by letter as on the other malls",
                    ("販売者商品コード", "販売者オプションコード"),
                ),
            ),
        ),
    )
}
