"""Outages: what is said when a shop is heard again, and by ``tanaban outages``."""

from __future__ import annotations

OUTAGES: dict[str, dict[str, str]] = {
    "outage_over": {
        "ja": "🕯 {where}の注文を{begin}から{end}まで読めませんでしたが、いま読めるようになりました。"
        "その間の注文 {orders} 件を取り込み、在庫に反映しました。",
        "en": "🕯 Orders of {where} could not be read from {begin} to {end}; they can now. "
        "{orders} orders of that time were taken in.",
    },
    "outage_over_beyond": {
        "ja": "⚠️ {where}の注文を{begin}から{end}まで読めませんでした。"
        "その間の注文 {orders} 件を取り込みましたが、"
        "{beyond_begin}から{beyond_end}まではモールがもう教えてくれません。モールの画面で手で確かめ、"
        "`tanaban stock adjust` か棚卸で直してください。変わったかもしれない古い注文: {uncertain} 件"
        "（`tanaban outages` で一覧）。",
        "en": "⚠️ Orders of {where} could not be read from {begin} to {end}. {orders} orders of that time "
        "were taken in, but the mall no longer tells of {beyond_begin} to {beyond_end}. Check that time by "
        "hand on its screen and put the stock right with `tanaban stock adjust` or a count. Older orders "
        "that may have changed: {uncertain} (listed by `tanaban outages`).",
    },
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
