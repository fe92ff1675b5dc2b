"""Outages: what is said when a shop is heard again, and by ``tanaban outages``."""

from __future__ import annotations

from bot.messages.causes import cause

OUTAGES: dict[str, dict[str, str]] = {
    "outage_over": {
        "ja": "🕯 {where}の注文を{begin}から{end}まで読めませんでしたが、いま読めるようになりました。"
        "その間の注文 {orders} 件を取り込み、在庫に反映しました。操作は要りません。",
        "en": "🕯 Orders of {where} could not be read from {begin} to {end}; they can now. "
        "{orders} orders of that time were taken in. Nothing to do.",
    },
    **cause(
        "beyond",
        (
            "手で確かめる期間があります",
            "{where}の注文を{begin}から{end}まで読めず、{beyond_begin}から{beyond_end}まではモールがもう"
            "教えてくれません（取り込めた注文 {orders}件、その間に変わったかもしれない古い注文 "
            "{uncertain}件）。",
            "いまの注文の取り込みと在庫の反映は続いています。",
            "モールの画面でその期間の注文を確かめ、在庫を `tanaban stock adjust` か棚卸で直してから、"
            "「対応済みにする」を押してください。",
        ),
        (
            "A time to be checked by hand",
            "Orders of {where} could not be read from {begin} to {end}, and the mall no longer tells of "
            "{beyond_begin} to {beyond_end} ({orders} orders taken in; {uncertain} older ones may have "
            "changed).",
            "Orders of now are taken in, and stock is kept in step.",
            "Look at the orders of that time on the mall's screen, put the stock right with "
            "`tanaban stock adjust` or a count, then press Dealt with.",
        ),
    ),
    "outages.none": {"ja": "停止の記録はありません。", "en": "No outage was ever recorded."},
    "outages.line": {
        "ja": "{shop}  {begin} 〜 {end}  取り込んだ注文 {orders} 件",
        "en": "{shop}  {begin} - {end}  {orders} orders taken in",
    },
    "outages.beyond": {
        "ja": "  手で確かめる期間: {begin} 〜 {end}",
        "en": "  to be checked by hand: {begin} - {end}",
    },
    "outages.uncertain": {
        "ja": "  変わったかもしれない注文: {orders}",
        "en": "  orders that may have changed: {orders}",
    },
    "outages.risk": {
        "ja": "{shop} を読めない間、ほかの店舗では 0 と表示している商品: {codes}",
        "en": "while {shop} cannot be read, the other shops show 0 of: {codes}",
    },
    "outages.cleared": {
        "ja": "{shop}: {count} 商品をほかの店舗でまた売れるようにしました。",
        "en": "{shop}: {count} codes are on sale at the other shops again.",
    },
    "outages.not_blind": {
        "ja": "{shop} のために止めている商品はありません。",
        "en": "Nothing is held back because of {shop}.",
    },
}
