"""The columns of the mall's files, by their exact text, and the mall's answers to rows."""

from __future__ import annotations

CONTROL = "コントロールカラム"
MANAGE_ID = "商品管理ID（商品URL）"
STOCK_TYPE = "在庫タイプ"
STOCK = "在庫数"
ITEM_ID = "商品ID"
ITEM_NAME = "商品名"
OPTION_TYPE = "選択肢タイプ"
HORIZONTAL = "SKU横軸項目ID"
HORIZONTAL_NAME = "SKU横軸項目名"
VERTICAL = "SKU縦軸項目ID"
VERTICAL_NAME = "SKU縦軸項目名"
SKU_STOCK = "SKU在庫数"

ITEM_COLUMNS = tuple(
    """コントロールカラム,商品管理ID（商品URL）,販売ステータス,商品ID,商品名,キャッチコピー,販売価格,表示価格,消費税,送料,
独自送料グループ(1),独自送料グループ(2),個別送料,代引料,のし対応,注文ボタン,商品問い合わせボタン,販売期間指定,注文受付数,
在庫タイプ,在庫数,在庫表示,商品説明(1),商品説明(2),商品説明(テキストのみ),商品画像URL,モールジャンルID,
シークレットセールパスワード,ポイント率,ポイント率適用期間,SKU横軸項目名,SKU縦軸項目名,SKU在庫用残り表示閾値,
商品説明(スマートフォン用),JANコード,ヘッダー・フッター・サイドバー,お知らせ枠,自由告知枠,再入荷リクエストボタン,
二重価格文言タイプ""".replace("\n", "").split(",")
)
"""Spec 2.1."""

OPTION_COLUMNS = (
    CONTROL,
    MANAGE_ID,
    OPTION_TYPE,
    "購入オプション名",
    "オプション項目名",
    HORIZONTAL,
    HORIZONTAL_NAME,
    VERTICAL,
    VERTICAL_NAME,
    SKU_STOCK,
)
"""Spec 2.2."""

ORDER_COLUMNS = (
    "注文番号",
    "注文日時",
    "注文ステータス",
    MANAGE_ID,
    ITEM_ID,
    HORIZONTAL,
    VERTICAL,
    "個数",
)
"""Spec 3."""

PERSONAL_COLUMNS = ("注文者氏名", "注文者住所", "注文者電話番号", "注文者メールアドレス")

OK = "OK"
UNKNOWN_ITEM = "商品管理IDが存在しません。"
UNKNOWN_SKU = "SKU横軸項目ID・SKU縦軸項目IDの組み合わせが存在しません。"
BAD_STOCK = "在庫数は半角数字で入力してください。"
BAD_CONTROL = "コントロールカラムが不正です。"
BAD_FILE = "ファイルの形式が不正です。"
"""The texts of spec 5.3 and 5.4; those below fill what it leaves open."""
BAD_CELLS = "項目数が不正です。"
BAD_STOCK_TYPE = "在庫タイプが不正です。"
BAD_OPTION_TYPE = "選択肢タイプが不正です。"
NAME_MISSING = "SKU横軸項目名・SKU縦軸項目名を入力してください。"
ITEM_EXISTS = "商品管理IDは既に登録されています。"
SKU_EXISTS = "SKU横軸項目ID・SKU縦軸項目IDの組み合わせは既に登録されています。"
