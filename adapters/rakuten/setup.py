"""The set-up of a Rakuten shop: the API, or files for a shop without it.

Source: RMS screens 2-1 WEB API and 1-1 商品登録・更新; EC店長 help, 在庫連携を始めるには and
コード合わせのルール.
"""

from __future__ import annotations

from adapters.setup import USUAL, Stage, Step, Ways

_CODES = Stage(
    "コードを合わせる",
    "Make the codes agree",
    (
        Step(
            "codes.sku",
            "各SKUにコードを入れる（半角英数字とハイフンだけ。ほかのモールと一字一句同じ）",
            "Give each SKU its code, the same letter by letter as on the other malls",
            ("システム連携用SKU番号", "商品番号"),
        ),
    ),
)
_API = Stage(
    "RMS WEB API を使えるようにする",
    "Make the RMS API usable",
    (
        Step(
            "api.open",
            "店舗様向け情報・サービス > WEB APIサービス > 2-1 WEB API で利用機能編集を開く",
            "Open 2-1 WEB API in RMS, 利用機能編集",
            ("WEB APIサービス", "2-1 WEB API", "利用機能編集"),
        ),
        Step(
            "api.items",
            "商品の機能に「利用する」を付ける",
            "Tick the functions of items and the licence",
            ("利用する", "license.expiryDate.get", "items.search"),
        ),
        Step(
            "api.stock",
            "在庫の機能に「利用する」を付ける",
            "Tick the functions of stock",
            ("inventories.bulk.get", "inventories.bulk.get.range", "inventories.bulk.upsert"),
        ),
        Step(
            "api.orders",
            "受注の機能に「利用する」を付ける",
            "Tick the functions of orders",
            ("rpay.order.searchOrder", "rpay.order.getOrder"),
        ),
        Step(
            "api.save",
            "確認するを2回押す（確認画面で離れると保存されない）",
            "Press 確認する twice: leaving at the confirmation saves nothing",
            ("確認する",),
        ),
    ),
)
_FILES = Stage(
    "CSV商品一括編集を使えるようにする",
    "Make the CSV upload usable",
    (
        Step(
            "files.apply",
            "CSV商品一括編集を申し込み、SFTPのパスワードを発行する",
            "Apply for CSV商品一括編集 and issue the SFTP password",
            ("CSV商品一括編集",),
        ),
    ),
)

WAYS: Ways = {USUAL: (_API, _CODES), "csv": (_FILES, _CODES)}
