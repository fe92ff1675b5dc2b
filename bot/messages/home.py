"""The Home tab."""

HOME: dict[str, dict[str, str]] = {
    "home.title": {"ja": "在庫連携", "en": "Stock on every mall"},
    "home.at": {"ja": "{at} 現在", "en": "as of {at}"},
    "home.decide": {"ja": "決めてください", "en": "Waits for a decision"},
    "home.decide_none": {"ja": "返事を待っているものはありません。", "en": "Nothing waits for a decision."},
    "home.decide_more": {
        "ja": "ほか {count}件：チャンネルの警告で答えられます",
        "en": "{count} more: see the alerts in the channel",
    },
    "home.decide_shop": {"ja": "*{shop}*　{text}", "en": "*{shop}*  {text}"},
    "home.rewritten": {
        "ja": "対応表の履歴が書き換えられています。確かめて `tanaban mapping accept {commit}`",
        "en": "The history of the mapping was rewritten. Look, then `tanaban mapping accept {commit}`",
    },
    "home.outage": {
        "ja": "{shop} と {begin} から {end} まで連絡できませんでした。確認が必要な期間があります："
        "`tanaban outages`",
        "en": "{shop} was not heard from {begin} to {end}, part of it is to be checked by hand: "
        "`tanaban outages`",
    },
    "home.alerts": {"ja": "開いている警告", "en": "Open alerts"},
    "home.alerts_none": {"ja": "開いている警告はありません。", "en": "No alert is open."},
    "home.alert": {
        "ja": "{mark} {where}：{title}（{at} から）",
        "en": "{mark} {where}: {title} (since {at})",
    },
    "home.more": {"ja": "ほか {count}件", "en": "{count} more"},
    "home.keys": {"ja": "期限が近い認証情報", "en": "Credentials that end soon"},
    "home.key_left": {
        "ja": "{mark} {shop}　{label}：あと{days}日（{day}）",
        "en": "{mark} {shop}  {label}: {days} days left ({day})",
    },
    "home.key_over": {
        "ja": "🔴 {shop}　{label}：期限切れ（{day}）",
        "en": "🔴 {shop}  {label}: past its end ({day})",
    },
    "home.key_bad": {"ja": "🔴 {shop}　{label}：{state}", "en": "🔴 {shop}  {label}: {state}"},
    "home.own": {"ja": "ボット自身の認証情報：{rows}", "en": "The bot's own credentials: {rows}"},
    "home.own_proved": {"ja": "{mark} {label}（確認 {at}）", "en": "{mark} {label} (proved {at})"},
    "home.own_row": {"ja": "{mark} {label}（{state}）", "en": "{mark} {label} ({state})"},
    "home.pauses": {"ja": "一時停止", "en": "Pauses"},
    "home.setup": {"ja": "初期設定の途中", "en": "Set-up under way"},
    "home.setup_line": {"ja": "📋 {shop}：{done} / {count} 済み", "en": "📋 {shop}: {done} of {count} done"},
    "home.shops": {"ja": "店舗", "en": "Shops"},
    "home.shops_page": {"ja": "店舗 {first}～{last} / {count}", "en": "Shops {first}-{last} of {count}"},
    "home.paused_codes": {
        "ja": "商品コードの一時停止：{count}件",
        "en": "Codes that are paused: {count}",
    },
    "home.next": {"ja": "次の店舗", "en": "More shops"},
    "home.first": {"ja": "はじめに戻る", "en": "First shops"},
    "home.on": {"ja": "自動連携を始める", "en": "Switch sync on"},
    "home.off": {"ja": "自動連携を止める", "en": "Switch sync off"},
    "home.on_text": {
        "ja": "すべての店舗で、注文の取り込みと在庫の反映を始めます。",
        "en": "Orders are taken in and stock is written on all shops.",
    },
    "home.off_text": {
        "ja": "どの店舗にも在庫を反映しなくなります。",
        "en": "No stock is written to any shop.",
    },
    "home.pause_all": {"ja": "全店舗を一時停止", "en": "Pause all"},
    "home.look": {"ja": "更新", "en": "Refresh"},
    "home.help": {"ja": "使い方", "en": "Help"},
    "home.do_pause": {"ja": "一時停止…", "en": "Pause …"},
    "home.do_on": {"ja": "自動連携オン", "en": "Sync on"},
    "home.do_off": {"ja": "自動連携オフ", "en": "Sync off"},
    "home.do_check": {"ja": "接続チェック", "en": "Check"},
    "home.do_renew": {"ja": "認証情報の更新…", "en": "Renew …"},
    "home.do_setup": {"ja": "初期設定…", "en": "Set-up …"},
    "home.cut": {
        "ja": "ここに入りきらないものがあります：`{command} status`",
        "en": "Not all fits here: `{command} status`",
    },
    # --- files
    "upload.open": {"ja": "ファイルを取り込む", "en": "Take in a file"},
    "upload.title": {"ja": "ファイルを取り込む", "en": "Take in a file"},
    "upload.submit": {"ja": "内容を確かめる", "en": "Check it"},
    "upload.kind": {"ja": "種類", "en": "What it is"},
    "upload.count": {"ja": "棚卸", "en": "Stock count"},
    "upload.orders": {"ja": "受注", "en": "Orders"},
    "upload.products": {"ja": "商品", "en": "Products"},
    "upload.shop": {"ja": "店舗（棚卸では使いません）", "en": "Shop (not for a count)"},
    "upload.as_of": {
        "ja": "数えた時刻（棚卸。09:00 のように。空欄なら今）",
        "en": "Counted at (as 09:00; empty: now)",
    },
    "upload.file": {"ja": "ファイル（CSV、10MBまで）", "en": "File (CSV, up to 10 MB)"},
    "upload.note": {
        "ja": "まだ何も変わりません。内容をダイレクトメッセージで確かめてから取り込みます。",
        "en": "Nothing changes yet: what it would do comes by direct message, to be confirmed there.",
    },
    "upload.plan_count": {
        "ja": "棚卸 {name}（{at} 時点）：{count}件のうち {changed}件が変わります（合計 {before} → {after}）",
        "en": "Count {name} (as of {at}): {changed} of {count} codes change (total {before} -> {after})",
    },
    "upload.plan_orders": {
        "ja": "{shop} の受注 {name}：注文 {count}件、在庫の動き {moved}件",
        "en": "Orders of {shop}, {name}: {count} orders, {moved} ledger entries",
    },
    "upload.plan_products": {
        "ja": "{shop} の商品 {name}：{count}件",
        "en": "Products of {shop}, {name}: {count}",
    },
    "upload.done_count": {
        "ja": "✅ 棚卸 {name}（{at} 時点）を取り込みました：{count}件のうち {changed}件を変更"
        "（合計 {before} → {after}）",
        "en": "✅ Count {name} (as of {at}) entered: {changed} of {count} codes changed (total {before} -> "
        "{after})",
    },
    "upload.done_orders": {
        "ja": "✅ {shop} の受注 {name} を取り込みました：注文 {count}件、在庫の動き {moved}件",
        "en": "✅ Orders of {shop}, {name}, taken in: {count} orders, {moved} ledger entries",
    },
    "upload.done_products": {
        "ja": "✅ {shop} の商品 {name} を取り込みました：{count}件",
        "en": "✅ Products of {shop}, {name}, taken in: {count}",
    },
    "upload.apply": {"ja": "取り込む", "en": "Take it in"},
    "upload.drop": {"ja": "やめる", "en": "Do not"},
    "upload.dropped": {"ja": "取り込みませんでした。", "en": "It was not taken in."},
    "upload.row": {"ja": "{row}行目：", "en": "row {row}:"},
    "upload.unmapped": {"ja": "⚠️ {code} は対応表にありません", "en": "⚠️ {code} is not mapped"},
    "upload.stale": {
        "ja": "⚠️ {code}：注文 {order} は前の出品のものです",
        "en": "⚠️ {code}: order {order} is of an earlier listing",
    },
    "upload_type": {"ja": "ファイルの種類は {types} です。", "en": "The file must be one of {types}."},
    "upload_size": {"ja": "ファイルは 10MB までです。", "en": "A file may have 10 MB."},
    "upload_not_fetched": {
        "ja": "ファイルを Slack から受け取れませんでした。もう一度お試しください"
        "（権限 files:read が必要です）。",
        "en": "The file could not be fetched from Slack. Please try again (it takes the scope files:read).",
    },
    "upload_unreadable": {
        "ja": "{shop} のファイルとして読めません：{detail}",
        "en": "This cannot be read as a file of {shop}: {detail}",
    },
    "upload_gone": {
        "ja": "このファイルはもうありません（済んだか、1時間が過ぎました）。必要ならもう一度選んでください。",
        "en": "This file is gone: it was done, or an hour is over. Please bring it again if it is needed.",
    },
    # --- the form of a pause
    "pausing.title": {"ja": "一時停止", "en": "Pause"},
    "pausing.submit": {"ja": "一時停止する", "en": "Pause"},
    "pausing.what": {
        "ja": "*{targets}* への在庫の反映を止めます。",
        "en": "Stock is no longer written to *{targets}* .",
    },
    "pausing.risk": {
        "ja": "⚠️ 止めている間は、ほかで売れても数が下がりません。"
        "残りの少ない商品の売り越しに気をつけてください。",
        "en": "⚠️ Until then no number goes down when a piece sells elsewhere: mind what is nearly sold out.",
    },
    "pausing.until": {"ja": "終わり", "en": "Until"},
    "pausing.reason": {"ja": "理由", "en": "Reason"},
    "pausing.for_30m": {"ja": "30分（{end} まで）", "en": "30 minutes (until {end})"},
    "pausing.for_2h": {"ja": "2時間（{end} まで）", "en": "2 hours (until {end})"},
    "pausing.for_24h": {"ja": "24時間（{end} まで）", "en": "24 hours (until {end})"},
    "pausing.for_tomorrow": {"ja": "明日の朝（{end} まで）", "en": "Tomorrow morning (until {end})"},
    "pausing.for_open": {"ja": "再開するまで", "en": "Until resumed"},
}
