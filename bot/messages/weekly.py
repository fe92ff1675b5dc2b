"""The weekly report."""

WEEKLY: dict[str, dict[str, str]] = {
    "weekly.title": {
        "ja": "在庫連携の1週間（{begin}〜{end}）",
        "en": "The week of stock sync ({begin} - {end})",
    },
    "weekly.counts": {
        "ja": "取り込んだ注文 {orders}件、モールに書いた在庫数 {writes}件",
        "en": "{orders} orders taken in, {writes} numbers written to the malls",
    },
    "weekly.trouble": {
        "ja": "売り越し {oversells}件、モールで書き換えられた数 {drifts}件",
        "en": "{oversells} oversells, {drifts} numbers changed at the malls",
    },
    "weekly.fast": {
        "ja": "注文からほかの全店舗に反映されるまで",
        "en": "From an order until every other shop shows it",
    },
    "weekly.nothing": {
        "ja": "この週は、ほかの店舗に反映する注文がありませんでした。",
        "en": "No order of this week had to be passed on to other shops.",
    },
    "weekly.fast_shop": {
        "ja": "{where}の注文 {count}件：半数は {p50} 以内、95%は {p95} 以内",
        "en": "{count} orders of {where}: half within {p50}, 95 % within {p95}",
    },
    "weekly.fast_chart": {
        "ja": "注文から全店舗反映まで（売れた店舗別）",
        "en": "Order to everywhere, by shop",
    },
    "weekly.fresh": {
        "ja": "ほかの店舗で売れた分が表示されるまで",
        "en": "Until a shop shows what the others have sold",
    },
    "weekly.fresh_shop": {
        "ja": "{where}に出た数 {count}件：半数は {p50} 以内、95%は {p95} 以内",
        "en": "{count} numbers shown by {where}: half within {p50}, 95 % within {p95}",
    },
    "weekly.fresh_chart": {"ja": "注文から表示まで（表示する店舗別）", "en": "Order to shown, by shop"},
    "weekly.minutes": {"ja": "分", "en": "minutes"},
    "weekly.due": {"ja": "30日以内に期限が来る認証情報", "en": "Credentials that end within 30 days"},
    "weekly.ending": {"ja": "{where} {kind}：{at}", "en": "{where} {kind}: {at}"},
    "weekly.none_due": {
        "ja": "30日以内に期限が来る認証情報はありません。",
        "en": "No credential ends within 30 days.",
    },
    "weekly.next_due": {
        "ja": "期限の前に `{command} renew 店舗名` で更新してください。",
        "en": "Renew them before that with `{command} renew SHOP`.",
    },
    "weekly.next_none": {"ja": "操作は要りません。", "en": "Nothing to do."},
    "weekly.how": {
        "ja": "注文時刻はモールのもの、反映は各モールの受付に通常の表示までの時間を足したものです。",
        "en": "Order times are the malls' own; shown means acknowledged plus the mall's usual delay.",
    },
}
