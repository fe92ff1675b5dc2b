"""The set-up of an Amazon seller: a private application that the seller authorizes.

Source: Selling Partner API developer documents, private seller applications; EC店長 help, Amazon 在庫連携.
"""

from __future__ import annotations

from adapters.setup import USUAL, Stage, Step, Ways

WAYS: Ways = {
    USUAL: (
        Stage(
            "アプリケーション",
            "The application",
            (
                Step(
                    "app.make",
                    "セラーセントラル > アプリとサービス > アプリの開発 でアプリを作り、ロールを付ける",
                    "Make an application in Seller Central, with its roles",
                    ("アプリの開発", "Product Listing", "Inventory and Order Tracking"),
                ),
                Step(
                    "app.keys",
                    "クライアントIDとシークレットを表示する",
                    "Show the client id and secret",
                    ("LWA認証情報",),
                ),
                Step(
                    "app.authorize",
                    "アプリを承認し、一度だけ表示されるリフレッシュトークンを控える",
                    "Authorize it; the refresh token is shown once",
                    ("アプリを承認",),
                ),
                Step(
                    "app.seller",
                    "出品者トークンを控え、運用担当者に伝える（seller_id）",
                    "Note the merchant token for the operator (seller_id)",
                    ("出品用アカウント情報", "出品者トークン"),
                ),
            ),
        ),
        Stage(
            "コードを合わせる",
            "Make the codes agree",
            (
                Step(
                    "codes.sku",
                    "出品者SKUを、ほかのモールのコードと一字一句同じにする",
                    "Make the seller SKU the same as the codes of the other malls",
                    ("出品者SKU",),
                ),
            ),
        ),
    )
}
