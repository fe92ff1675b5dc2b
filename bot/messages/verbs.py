"""The verbs that ask and the long work: their help, what they answer, how they end."""

VERBS: dict[str, dict[str, str]] = {
    "manifest.name": {"ja": "在庫ボット", "en": "Stock bot"},
    "manifest.description": {
        "ja": "在庫の確認と連携",
        "en": "Looks up stock and keeps it equal on every mall",
    },
    # --- help
    "help.list": {
        "ja": "商品コードの一覧：販売できる数と、いちばん悪い状態",
        "en": "list codes with what may be sold and the worst state",
    },
    "help.why": {
        "ja": "店舗に在庫が反映されない理由と、次にすることを調べます",
        "en": "say why a shop does not show what it should, and what to do",
    },
    "help.sync": {
        "ja": "すべてのコードを見直し、違うものを書き込みます（full：モールの数を読み直す）",
        "en": "compare every code and write what differs (full: read all back first)",
    },
    "help.check": {"ja": "モールにログインできるかを確かめます", "en": "log in to a mall and read"},
    "help.ready": {
        "ja": "連携を始める準備ができているかを見ます",
        "en": "show what each shop still lacks before sync",
    },
    "help.map": {
        "ja": "商品コードが対応表のどこにあるかを見ます。copy と set は変更案を作ります",
        "en": "show where a code stands in the mapping; copy and set propose a change",
    },
    "help.import": {
        "ja": "モールの商品一覧を読み込みます",
        "en": "read what a shop sells into the snapshot",
    },
    "help.orders": {"ja": "モールの注文をいま取り込みます", "en": "take a shop's orders in now"},
    "help.audit": {"ja": "だれが何をしたかの記録を見ます", "en": "show who did what"},
    "form.list": {"ja": "list [絞り込み] [--csv]", "en": "list [FILTER] [--csv]"},
    "form.why": {"ja": "why 商品コード 店舗", "en": "why CODE SHOP"},
    "form.sync": {"ja": "sync [店舗] [full] [--dry-run]", "en": "sync [SHOP] [full] [--dry-run]"},
    "form.check": {"ja": "check [店舗]", "en": "check [SHOP]"},
    "form.ready": {"ja": "ready [店舗]", "en": "ready [SHOP]"},
    "form.map": {
        "ja": "map 商品コード | map copy from:店舗 to:店舗 | map set 商品コード 店舗 モールの商品コード|none",
        "en": "map CODE | map copy from:SHOP to:SHOP | map set CODE SHOP MALL-CODE|none",
    },
    "form.import": {"ja": "import 店舗 [--accept] [--dry-run]", "en": "import SHOP [--accept] [--dry-run]"},
    "form.orders": {"ja": "orders import 店舗", "en": "orders import SHOP"},
    "form.audit": {"ja": "audit [日数]", "en": "audit [DAYS]"},
    # --- lookup
    "lookup.not_listed": {
        "ja": "🚫 {shops}：取扱なし（対応表に出品がないため、在庫は届きません）",
        "en": "🚫 {shops}: not sold there (the mapping lists it not, so no stock gets there)",
    },
    "lookup.target_aged": {
        "ja": "目標 {n}（{at} の在庫から）",
        "en": "should show {n} (by the stock of {at})",
    },
    "button.history": {"ja": "履歴", "en": "History"},
    "button.chart": {"ja": "グラフ", "en": "Chart"},
    "select.why": {"ja": "反映されない理由", "en": "Why not there?"},
    "history.title": {"ja": "{code} の履歴", "en": "History of {code}"},
    "history.older": {
        "ja": "これより前は `tanaban stock history {code}` で見られます。",
        "en": "Older lines: `tanaban stock history {code}`.",
    },
    # --- chart
    "chart.title": {"ja": "{code}：28日間の在庫と販売", "en": "{code}: stock and sales, 28 days"},
    "chart.stock": {"ja": "販売できる数", "en": "available"},
    "chart.sold": {"ja": "販売数", "en": "sold"},
    "chart.pieces": {"ja": "個", "en": "pieces"},
    "chart.total": {
        "ja": "28日間の販売 {sold}個、いま販売できる数 {left}個（{at}）",
        "en": "{sold} sold in 28 days, {left} available now ({at})",
    },
    "chart.day": {"ja": "{day}：在庫 {left}、販売 {sold}", "en": "{day}: available {left}, sold {sold}"},
    "chart.none": {"ja": "{code} の在庫はまだ登録されていません。", "en": "{code} was never counted."},
    # --- list
    "list.title": {"ja": "商品一覧 {count}件", "en": "{count} codes"},
    "list.filtered": {"ja": "「{text}」を含む商品 {count}件", "en": "{count} codes with “{text}”"},
    "list.none": {"ja": "「{text}」を含む商品はありません。", "en": "There is no code with “{text}”."},
    "list.empty": {"ja": "対応表に商品がまだありません。", "en": "The mapping has no codes yet."},
    "list.at": {"ja": "{at} 現在", "en": "as of {at}"},
    "list.code": {"ja": "商品コード", "en": "code"},
    "list.name": {"ja": "商品名", "en": "name"},
    "list.available": {"ja": "販売できる数", "en": "available"},
    "list.state": {"ja": "状態", "en": "state"},
    "list.line": {"ja": "{code}　{available}　{state}　{name}", "en": "{code}  {available}  {state}  {name}"},
    "list.uncounted": {"ja": "未登録", "en": "uncounted"},
    "state.refused": {"ja": "モールが拒否", "en": "refused by the mall"},
    "state.unknown": {"ja": "結果不明", "en": "outcome unknown"},
    "state.drift": {"ja": "返事待ち（書き換え）", "en": "asked about: edited at the mall"},
    "state.waiting": {"ja": "反映待ち", "en": "waiting"},
    "state.nowhere": {"ja": "出品なし", "en": "listed nowhere"},
    "file.sent": {
        "ja": "全{count}行の CSV をダイレクトメッセージで送りました。",
        "en": "All {count} lines were sent to you as CSV, by direct message.",
    },
    "file.not_sent": {
        "ja": "⚠️ ファイルを送れませんでした。あとでもう一度お試しください。",
        "en": "⚠️ The file could not be sent. Please try again later.",
    },
    "file.here": {"ja": "{title} の CSV です。", "en": "{title} as CSV."},
    # --- audit
    "audit.title": {"ja": "直近{days}日の操作 {count}件", "en": "{count} actions in {days} days"},
    "audit.none": {"ja": "直近{days}日の操作はありません。", "en": "Nothing was done in {days} days."},
    "audit.line": {
        "ja": "{at}　{who}　{action} {arguments}　{result}",
        "en": "{at}  {who}  {action} {arguments}  {result}",
    },
    "audit.more": {"ja": "最新の{shown}件です。", "en": "The latest {shown} of them."},
    "audit_days": {"ja": "日数は 1 から 366 で入力してください。", "en": "Give 1 to 366 days."},
    # --- ready, check
    "checked.begun": {"ja": "{shops} の接続を確かめています…", "en": "Checking {shops} …"},
    "checked.good": {"ja": "✓ {shop}：接続できました（{detail}）", "en": "✓ {shop}: connected ({detail})"},
    "checked.bad": {"ja": "✗ {shop}：{detail}", "en": "✗ {shop}: {detail}"},
    "checked.not_set": {
        "ja": "✗ {shop}：認証情報が未登録です → `{command} renew {shop}`",
        "en": "✗ {shop}: credentials not set -> `{command} renew {shop}`",
    },
    "checked.renew": {"ja": "  更新：`{command} renew {shop}`", "en": "  renew it: `{command} renew {shop}`"},
    "checked.archived": {"ja": "－ {shop}：休止中です", "en": "- {shop}: archived"},
    # --- map
    "map.place": {
        "ja": "対応表：{file} の {line}行目（{commit}）",
        "en": "mapping: {file}, line {line} ({commit})",
    },
    "map.no_place": {"ja": "対応表（{commit}）", "en": "mapping ({commit})"},
    "map.product": {"ja": "商品 {product} の1つ", "en": "one of the product {product}"},
    "map.set": {"ja": "セット：{parts}", "en": "set of {parts}"},
    "map.listing": {"ja": "{shop}：{mall_code}", "en": "{shop}: {mall_code}"},
    "map.unlinked": {"ja": "{shop}：取扱なし", "en": "{shop}: not linked"},
    "map.begun": {"ja": "変更案を作っています…", "en": "Making the proposal …"},
    "map.nothing": {"ja": "変更するところがありません。", "en": "There is nothing to change."},
    "map.request": {
        "ja": "📝 {who} が対応表の変更案を作りました：{title}（{count}件）\n{place}\n"
        "確認してマージすると有効になります。",
        "en": "📝 {who} proposed a change of the mapping: {title} ({count} lines)\n{place}\n"
        "It comes into force when it is merged.",
    },
    "map.again": {"ja": "同じ変更案がすでにあります：{place}", "en": "The same was proposed before: {place}"},
    "map_unable": {
        "ja": "ここからは変更案を作れません。サーバーで `tanaban mapping copy` か `tanaban mapping set` を"
        "使ってください。",
        "en": "No proposal can be made from here. Use `tanaban mapping copy` or `tanaban mapping set` "
        "on the server.",
    },
    # --- long work
    "errand.import": {
        "ja": "📥 {shop} の商品一覧を読み込んでいます（{who}）",
        "en": "📥 Reading the products of {shop} ({who})",
    },
    "errand.orders": {
        "ja": "📥 {shop} の注文を取り込んでいます（{who}）",
        "en": "📥 Taking in the orders of {shop} ({who})",
    },
    "errand.sync_look": {
        "ja": "🔄 {shop} の{count}件を見直しています（{who}）",
        "en": "🔄 {shop}: {count} codes are looked at ({who})",
    },
    "errand.sync_read": {
        "ja": "🔄 {shop} の{count}件をモールから読み直しています（{who}）",
        "en": "🔄 {shop}: {count} codes are read back ({who})",
    },
    "errand.sync_write": {
        "ja": "🔄 {shop} の{count}件を書き直しています（{who}）",
        "en": "🔄 {shop}: {count} codes are written anew ({who})",
    },
    "errand.stopped_shop": {
        "ja": "⚠️ {shop} は今「{state}」なので、書き込みはそのあとになります。",
        "en": "⚠️ {shop} is {state} now; numbers go out after that.",
    },
    "errand.begun": {
        "ja": "始めました。経過と結果は {channel} のスレッドに出ます。",
        "en": "Begun. Progress and the end are told in a thread in {channel}.",
    },
    "errand.begun_here": {
        "ja": "始めました。経過と結果はダイレクトメッセージに出ます。",
        "en": "Begun. Progress and the end are told by direct message.",
    },
    "errand.progress": {"ja": "{shop}：{done} / {total}", "en": "{shop}: {done} / {total}"},
    "errand.progress_open": {"ja": "{shop}：{done}件まで", "en": "{shop}: {done} so far"},
    "errand.import_done": {
        "ja": "✅ {shop}：{count}件を読み込みました（追加 {added}、なくなった {removed}、変更 {changed}）",
        "en": "✅ {shop}: {count} products read ({added} new, {removed} gone, {changed} changed)",
    },
    "errand.import_dry": {
        "ja": "{shop}：{count}件（追加 {added}、なくなった {removed}、変更 {changed}）。"
        "試しただけで、取り込んでいません。",
        "en": "{shop}: {count} products ({added} new, {removed} gone, {changed} changed). "
        "A dry run: nothing was kept.",
    },
    "errand.orders_done": {
        "ja": "✅ {shop}：注文 {orders}件を読みました（在庫の動き {moved}件）",
        "en": "✅ {shop}: {orders} orders read, {moved} ledger entries",
    },
    "errand.orders_unmapped": {
        "ja": "⚠️ {shop}：注文 {orders}件を読みました（在庫の動き {moved}件）。対応表にない商品：{codes}。"
        "対応表に足すと、この注文の分も引かれます。",
        "en": "⚠️ {shop}: {orders} orders read, {moved} ledger entries. Not mapped: {codes}. "
        "Add them to the mapping; this order is then taken off as well.",
    },
    "errand.sync_done": {
        "ja": "✅ {shop}：{count}件の見直しが終わりました",
        "en": "✅ {shop}: all {count} codes are done",
    },
    "errand.failed": {
        "ja": "❌ {shop}：失敗しました（{detail}）。"
        "`{command} check {shop}` で接続を確かめ、もう一度実行してください。",
        "en": "❌ {shop}: failed ({detail}). See to the connection with `{command} check {shop}`, "
        "then ask again.",
    },
    "map.failed": {
        "ja": "❌ 変更案を作れませんでした（{detail}）。対応表のリポジトリの場所と権限を確かめてください。",
        "en": "❌ The proposal could not be made ({detail}). Check the mapping's repository and access.",
    },
    "errand.stopped": {
        "ja": "⏹ {shop}：ボットの停止で中断しました。もう一度実行してください。",
        "en": "⏹ {shop}: interrupted, the bot was stopped. Please ask again.",
    },
    "import_by_file": {
        "ja": "{shop} の商品一覧はモールから読めません（{why}）。画面から出力したファイルを、ホームの"
        "「ファイルを取り込む」か、サーバーの `tanaban import {shop} ファイル` で取り込んでください。",
        "en": "The products of {shop} cannot be read from the mall ({why}). Export them on its screen, then "
        "bring the file on Home, or by `tanaban import {shop} FILE` on the server.",
    },
    "orders_by_file": {
        "ja": "{shop} の注文はモールから読みません。画面から出力したファイルを、ホームの"
        "「ファイルを取り込む」か、サーバーの `tanaban orders import {shop} ファイル` で取り込んでください。",
        "en": "The orders of {shop} are not read from the mall. Export them on its screen, then "
        "bring the file on Home, or by `tanaban orders import {shop} FILE` on the server.",
    },
    "orders_via": {
        "ja": "{shop} の注文は {via} に届きます。`{command} orders import {via}` で取り込めます。",
        "en": "The orders of {shop} arrive at {via}: `{command} orders import {via}`.",
    },
    "shop_archived": {"ja": "{shop} は休止中です。", "en": "{shop} is archived."},
    "shop_blocked": {
        "ja": "{shop} は認証情報が使えず、呼び出せません。`{command} renew {shop}` で更新してください。",
        "en": "{shop} cannot be called: its credential is missing or refused. `{command} renew {shop}`.",
    },
    "sync.never_written": {
        "ja": "{shop} には在庫を書き込まないので、同期はありません。",
        "en": "{shop} is never written to, so there is nothing to sync.",
    },
}
