"""The set-up of a futureshop shop: APIv2, or files for a shop without it.

Source: futureshop APIv2, application in the admin screen; EC店長 help, コード合わせのルール.
"""

from __future__ import annotations

from adapters.setup import USUAL, Stage, Step, Ways

_CODES = Stage(
    "コードを合わせる",
    "Make the codes agree",
    (
        Step(
            "codes.item",
            "商品番号と枝番号を、ほかのモールと一字一句同じにする",
            "Make the codes the same letter by letter as on the other malls",
            ("商品番号", "枝番号"),
        ),
    ),
)
_API = Stage(
    "APIの利用",
    "The API",
    (
        Step(
            "api.apply",
            "管理画面でAPIをそれぞれ申請する（無料、2から3営業日）",
            "Apply for each API in the admin screen (free, 2 to 3 business days)",
            ("在庫情報の取得", "在庫情報の更新", "受注情報の一覧", "受注情報の取得"),
        ),
        Step(
            "api.domain",
            "届いたAPIドメインを運用担当者に伝える（base_url）",
            "Tell the operator the API domain of the mail (base_url)",
            ("APIドメイン",),
        ),
        Step(
            "api.address",
            "求められたら、ボットの送信元IPアドレスを登録する",
            "Register the bot's outgoing address where it is asked for",
        ),
        Step("api.shop", "画面上部の店舗KEYを控える", "Note the shop key", ("店舗KEY",)),
    ),
)
_FILES = Stage(
    "CSVファイルの更新",
    "The upload of files",
    (
        Step("files.user", "FTPユーザーとパスワードを控える", "Note the FTP user and password"),
        Step(
            "files.forms",
            "在庫数のファイルをダウンロードし、開かずに運用担当者に渡す",
            "Download the stock files and hand them on unopened",
            ("在庫数（バリエーション）",),
        ),
    ),
)

WAYS: Ways = {USUAL: (_API, _CODES), "csv": (_FILES, _CODES)}
