"""The set-up of a RoomClip shop through TEMPOSTAR, with every value of RoomClip's guide.

Source: RoomClip guide, RoomClipショッピングへのTEMPOSTAR導入手順, chapters 1 to 5; verified 2026-11-21.
"""

from __future__ import annotations

from adapters.setup import USUAL, Stage, Step, Ways

_SHOP = Stage(
    "1. TEMPOSTARにRoomClipショッピングを登録",
    "1. Register RoomClip at TEMPOSTAR",
    (
        Step(
            "shop.add",
            "設定(歯車マーク) > 共通設定 > 連携ショップ基本設定 を開き、連携ショップ新規追加を押す",
            "Open the settings, 連携ショップ基本設定, and add a shop",
            ("設定(歯車マーク)", "共通設定", "連携ショップ基本設定", "連携ショップ新規追加"),
        ),
        Step(
            "shop.type",
            "モール種別を選ぶ",
            "Choose the type of mall",
            ("モール種別", "roomclip(受注・在庫連携のみ)"),
        ),
        Step(
            "shop.name",
            "ショップ名(正式名称)を入れる（店舗とわかる名前なら別でもよい）",
            "Enter the shop's full name (another is fine where people know it by that)",
            ("ショップ名(正式名称)", "RoomClipShopping"),
        ),
        Step(
            "shop.short",
            "ショップ名(略称)を入れる（店舗とわかる略称なら別でもよい）",
            "Enter its short name (another is fine where people know it by that)",
            ("ショップ名(略称)", "RCs"),
        ),
        Step(
            "shop.empty",
            "FTP設定とメール設定は空欄のままにする",
            "Leave the settings of FTP and mail empty",
            ("FTP設定/メール設定", "空欄"),
        ),
        Step("shop.save", "登録を押す", "Save", ("登録",)),
    ),
)
_STOCK = Stage(
    "2-1. 在庫管理設定",
    "2-1. Stock settings",
    (
        Step(
            "stock.open",
            "在庫管理設定 > 在庫管理設定 ショップ一覧 からRoomClipの店舗を選ぶ",
            "Open 在庫管理設定 and choose the RoomClip shop in its list",
            ("在庫管理設定", "在庫管理設定 ショップ一覧"),
        ),
        Step("stock.orders", "受注取込を起動にする", "Start the intake of orders", ("受注取込", "起動")),
        Step("stock.reflect", "在庫反映を起動にする", "Start the sending of stock", ("在庫反映", "起動")),
        Step("stock.interval", "送信間隔を5にする", "Set the interval to 5", ("在庫反映(送信間隔)", "5")),
        Step(
            "stock.type",
            "送信タイプはFTPS領域を選ぶ",
            "Choose the FTPS area",
            ("在庫反映・送信タイプ", "FTPS領域"),
        ),
        Step(
            "stock.file",
            "ファイル名を変える",
            "Change the file name",
            ("ファイル名", "[stock] [なし].csv"),
        ),
        Step(
            "stock.columns",
            "ファイル出力項目を選ぶ",
            "Choose the columns",
            ("ファイル出力項目", "全項目と在庫"),
        ),
        Step(
            "stock.others",
            "RoomClip以外のすべての店舗で在庫反映と受注取込を停止にする（想定在庫数はTEMPOSTAR全体で1つ）",
            "Stop both for every other shop of this TEMPOSTAR: the expected stock is one for all of them",
            ("停止",),
        ),
    ),
)
_DELIVERY = Stage(
    "2-2. 配送、2-3. 支払方法",
    "2-2. Delivery, 2-3. payment",
    (
        Step(
            "delivery.open",
            "受注管理設定(基本) > 配送業者設定 で新規登録を押す",
            "Open 配送業者設定 and add an entry",
            ("受注管理設定(基本)", "配送業者設定", "新規登録"),
        ),
        Step(
            "delivery.other",
            "配送業者・管理画面・RoomClipの店舗の3か所を「その他」にして登録する",
            "Set the carrier, the admin screen and the shop's column to その他",
            ("配送業者", "管理画面", "ショップ名略称表示", "その他"),
        ),
        Step(
            "payment.open",
            "受注管理設定(基本) > 支払方法設定 で新規登録を押す",
            "Open 支払方法設定 and add an entry",
            ("支払方法設定", "新規登録"),
        ),
        Step(
            "payment.card",
            "クレジットカードの行の、RoomClipの列に入れて登録する",
            "Enter it in the row of cards, in the shop's column",
            ("クレジットカード",),
        ),
        Step(
            "payment.amazon",
            "Amazon決済の行の、RoomClipの列に入れて登録する",
            "Enter it in the row of Amazon Pay, in the shop's column",
            ("Amazon決済",),
        ),
    ),
)
_GOODS = Stage(
    "3. TEMPOSTARの商品を店舗へ連携",
    "3. Link the products at TEMPOSTAR",
    (
        Step(
            "goods.register",
            "商品をTEMPOSTARに登録する（登録済みなら不要）",
            "Register the products (skip those that are there)",
            ("商品登録",),
        ),
        Step(
            "goods.one",
            "個別：商品一覧から編集を開き、登録店舗でRoomClipを選んで登録。「取扱/反映編集」で□取扱に"
            "チェックがあるのを見て更新（列は「ETC数字」）",
            "One by one: choose the shop in the product's form; see in 取扱/反映編集 that 取扱 is ticked",
            ("商品管理", "商品情報管理", "商品一覧", "取扱/反映編集", "取扱", "ETC数字", "更新"),
        ),
        Step(
            "goods.one_stock",
            "個別：この商品の在庫管理へ > 在庫連動設定 > 在庫連携先 のRoomClipを連携するにして更新",
            "One by one: set the shop to be linked in the product's stock settings",
            ("この商品の在庫管理へ", "在庫連動設定", "在庫連携先", "連携する", "在庫連動設定更新"),
        ),
        Step(
            "goods.all",
            "一括：商品一覧でチェックし、取扱ショップの一括更新でRoomClipの追加を選んで更新（時間がかかる）",
            "All at once: tick them in the product list and add the shop (takes a while)",
            ("一括更新:取扱ショップ", "追加", "更新"),
        ),
        Step(
            "goods.all_stock",
            "一括：在庫管理 > 在庫一覧 でチェックし、在庫連動一括設定でRoomClipを連動するにして実行",
            "All at once: tick them in the stock list and link the shop",
            ("在庫管理", "在庫一覧", "在庫連動一括設定", "想定在庫連動設定", "連動する", "実行"),
        ),
    ),
)
_LISTINGS = Stage(
    "4. RoomClipに商品を登録",
    "4. Register the products at RoomClip",
    (
        Step(
            "listings.code",
            "種類別の自社管理コードにTEMPOSTARのSKUコードと同じものを入れる",
            "Enter TEMPOSTAR's SKU code, letter by letter, as 種類別の自社管理コード",
            ("商品詳細設定", "2.詳細設定", "種類別の自社管理コード", "SKUコード"),
        ),
        Step(
            "listings.single",
            "CSV・単品：親子・単品フラグは0、その行にコード",
            "CSV, single products: flag 0, the code in that row",
            ("親子・単品フラグ", "0"),
        ),
        Step(
            "listings.kinds",
            "CSV・種類あり：親商品は1、子商品は2。コードは子商品の行に入れる",
            "CSV, with variations: 1 for the parent, 2 for the children; the code in the children's rows",
            ("親子・単品フラグ", "1", "2"),
        ),
        Step("listings.zero", "在庫数は0で登録する", "Register them with stock 0", ("在庫数", "0")),
        Step(
            "listings.public",
            "販売を始める商品の出品ステータスを公開にする（下書き・非公開では売れない）",
            "Publish what is to sell: a draft, or one that is not public, does not",
            ("出品ステータス", "公開", "下書き", "非公開"),
        ),
    ),
)
_APPLY = Stage(
    "5. RoomClipビジネスで在庫連携を申請",
    "5. Apply for the link at RoomClip Business",
    (
        Step(
            "apply.service",
            "ショップ管理 > 在庫連携設定 > 連携サービス でTEMPOSTARを選び、申請内容を確認して登録する",
            "Choose TEMPOSTAR as the service and apply",
            ("ショップ管理", "在庫連携設定", "連携サービス", "TEMPOSTAR", "申請内容を確認する"),
        ),
        Step(
            "apply.user",
            "TEMPOSTARのFTPユーザーIDを入れる",
            "Enter TEMPOSTAR's FTP user",
            ("FTPユーザーID",),
        ),
        Step(
            "apply.password",
            "TEMPOSTARのFTPユーザーパスワードを入れる（この一覧にもチャンネルにも書かない）",
            "Enter its password (never here, nor in a channel)",
            ("FTPユーザーパスワード",),
        ),
        Step(
            "apply.shop_code",
            "ショップコード（店舗共通設定 > 連携ショップ基本設定 > ショップ一覧 にある）を入れる",
            "Enter the shop code, which stands in TEMPOSTAR's list of shops",
            ("ショップコード", "店舗共通設定", "ショップ一覧"),
        ),
        Step("apply.save", "保存する。すぐに連携が始まる", "Save: the link begins at once", ("保存する",)),
        Step(
            "apply.linked",
            "連携中のサービスと在庫更新用URLが表示されたのを見る（止めるときは一時停止、失敗はメールで届く）",
            "See the linked service and the stock update URL (一時停止 stops it; failures come by mail)",
            ("在庫連携設定", "在庫更新用URL", "連携設定", "一時停止", "メールで通知"),
        ),
    ),
)

WAYS: Ways = {USUAL: (_SHOP, _STOCK, _DELIVERY, _GOODS, _LISTINGS, _APPLY)}
