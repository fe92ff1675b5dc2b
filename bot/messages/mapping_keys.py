"""What each key of the mapping files means: for the schema that editors read, and for the pages."""

from __future__ import annotations


def _both(ja: str, en: str) -> dict[str, str]:
    return {"ja": ja, "en": en}


_LAST_UNITS = _both(
    "残りわずかの時の配分。auto は売れ方から、off は配分なし、数はその個数以下になったら。",
    "How the last pieces are divided: auto by how it sells, off not at all, a number from so many on.",
)

KEYS: dict[str, dict[str, str]] = {
    # mappings.yaml
    "version": _both("このファイルの形式。いつも 1。", "The form of this file: always 1."),
    "shops": _both(
        "店舗。名前は半角の英小文字・数字・「-」で40文字まで。",
        "The shops, by name: lower-case letters, digits and -, up to 40.",
    ),
    "defaults": _both("どこにも書いていない時の値。", "What holds where nothing else is written."),
    "products": _both("商品。", "The products."),
    "include": _both(
        "商品を分けて書いたファイル。products/*.yaml の形。",
        "Files that hold more products, like products/*.yaml.",
    ),
    "payments": _both(
        "支払方法。そろえた呼び方と、モールごとの呼び方。", "Payment names: ours, then what the malls say."
    ),
    "deliveries": _both(
        "配送方法。そろえた呼び方と、モールごとの呼び方。", "Delivery names: ours, then what the malls say."
    ),
    # a shop
    "shop.mall": _both("モールの名前。", "The mall, by the name of its adapter."),
    "shop.orders": _both(
        "受注の取り込み方。api・file（手で取り込む）・none・「via 店舗名」（その店舗に届く）。",
        "Where its orders come from: api, file (by hand), none, or 'via SHOP' where they arrive there.",
    ),
    "shop.orders_reason": _both("orders: none の理由。", "Why there are none, with orders: none."),
    "shop.code_field": _both("コードを持つモールの項目名。", "The mall's field that holds the code."),
    "shop.on_cancel": _both("キャンセルの時の在庫。", "What a cancelled order does to stock."),
    "shop.safety_stock": _both("この店舗だけの予備在庫。", "Pieces kept back on this shop only."),
    "shop.cap": _both("この店舗に出す在庫の上限。", "The most pieces this shop ever shows."),
    "shop.share": _both(
        "残りわずかの時の取り分。auto か、0 より大きい数。",
        "Its weight when the last pieces are divided: auto, or a number above 0.",
    ),
    "shop.joiner": _both(
        'この店舗でコードと選択肢をつなぐ文字。"-" か ""。', 'What joins code and choices there: "-" or "".'
    ),
    "shop.on_unlink": _both(
        "対応表から外れた商品の在庫。zero は 0 にする、leave はそのまま。",
        "What a listing that leaves the mapping shows: zero, or what it shows now (leave).",
    ),
    "shop.status": _both(
        "active（使う）か archived（使わない）。", "active, or archived: kept and checked, nothing more."
    ),
    "shop.mode": _both("そのモールでのつなぎ方。", "A way of working that the mall's adapter offers."),
    "shop.last_units": _both(
        "この店舗だけの残りわずか。数はその個数以下で 0 を出す、off はあるだけ出す。",
        "For this shop only: a number shows none from so many on, off shows all there are.",
    ),
    "on_cancel.return_stock": _both(
        "キャンセルされた分を在庫に戻すか。", "Whether the pieces come back to our stock."
    ),
    "on_cancel.mall_returns_stock": _both(
        "モールが自分で在庫を戻すか。", "Whether the mall raises its own number."
    ),
    "defaults.safety_stock": _both("予備在庫。", "Pieces of each code kept back everywhere."),
    "defaults.last_units": _LAST_UNITS,
    # a product
    "product.code": _both(
        "コード。半角の英数字と「-」だけ。", "The code: half-width letters, digits and - only."
    ),
    "product.name": _both("人が読む名前。", "A name for people."),
    "product.axes": _both(
        "選択肢の軸。書いた順に「-」でつないでコードになります。6つまで。",
        "The choices; codes are joined with - in this order. Up to six.",
    ),
    "product.listings": _both(
        "店舗ごとの例外。書かない店舗では同じコードです。",
        "Exceptions by shop; a shop that is absent uses the same code.",
    ),
    "product.safety_stock": _both("この商品の予備在庫。", "Pieces of each of its codes kept back."),
    "product.last_units": _LAST_UNITS,
    "product.set": _both("セットの中身。コードと個数。", "What a set is made of: codes, and pieces of each."),
    "axis.name": _both("軸の名前（色、サイズ）。", "The name of the choice: colour, size."),
    "axis.values": _both(
        "値。半角の英数字と「-」だけ。", "Its values: half-width letters, digits and - only."
    ),
    "listing": _both(
        "false（取扱なし）、モールのコード、または「コード: モールのコード」。",
        "false (not linked), the mall's code, or 'code: mall code' for each variation.",
    ),
    "legacy.legacy_code": _both(
        "きまりの外にある昔のコード。1文字ずつそのまま。", "A code outside the rule, letter by letter."
    ),
    "legacy.reason": _both("そのコードを残す理由。", "Why it stays as it is."),
    # team.yaml
    "team.version": _both("このファイルの形式。いつも 1。", "The form of this file: always 1."),
    "team.roles": _both("だれが何をしてよいか。", "Who may do what."),
    "team.default_role": _both("書いていない人。reader か none。", "Everybody else: reader or none."),
    "team.channels": _both("チャンネルのID。", "Channels, by id."),
    "team.language": _both("ボットの言葉。", "What the bot speaks."),
    "team.windows": _both("メンテナンスやセールの予定。", "Known maintenance and sale days."),
    "roles.reader": _both("見るだけ。", "Looks only."),
    "roles.operator": _both("一時停止、在庫の調整。", "Pauses shops, adjusts stock."),
    "roles.admin": _both("同期の開始、鍵の更新、承認。", "Switches sync, renews keys, approves."),
    "channels.ops": _both("通知先。", "Where alerts go."),
    "window.kind": _both("maintenance か sale。", "maintenance or sale."),
    "window.from": _both("始まり。2027-01-12T01:00+09:00 の形。", "Its beginning, with the zone."),
    "window.until": _both("終わり。", "Its end, with the zone."),
    "window.shops": _both("店舗。書かなければすべて。", "The shops; all where none is named."),
    "window.reason": _both("人が読む説明。", "A sentence for people."),
}
"""``part.key`` -> what it means; the top of ``mappings.yaml`` has no part."""
