"""The set-up of a ポンパレモール shop, which is archived unless somebody sees that the mall runs.

Source: EC店長 help, コード合わせのルール; the mall's own manual was not found.
"""

from __future__ import annotations

from adapters.setup import USUAL, Stage, Step, Ways

WAYS: Ways = {
    USUAL: (
        Stage(
            "ファイルの更新",
            "The upload of files",
            (
                Step(
                    "runs",
                    "モールの管理画面が動いているのを自分で見る",
                    "See the mall's own screen working",
                    ("ポンパレモールManager",),
                ),
                Step("password", "FTPパスワードを発行する", "Issue the FTP password", ("FTPパスワード",)),
                Step(
                    "files",
                    "商品のファイルをダウンロードし、開かずに運用担当者に渡す",
                    "Download the product files and hand them on unopened",
                    ("item.csv", "option.csv"),
                ),
                Step(
                    "codes",
                    "商品IDとSKU項目IDを、ほかのモールと一字一句同じにする",
                    "Make the codes the same letter by letter as on the other malls",
                    ("商品ID", "SKU項目ID"),
                ),
            ),
        ),
    )
}
