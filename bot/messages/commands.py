"""Answers to the slash command: what was done, what was not understood, who may do what.

``help.<verb>`` is one line of the help, ``form.<verb>`` the words to type after the command.
"""

COMMANDS: dict[str, dict[str, str]] = {
    # --- help
    "help.title": {"ja": "在庫ボットの使い方", "en": "How to use the stock bot"},
    "help.role": {"ja": "（{role}のみ）", "en": " ({role} only)"},
    "help.lookup": {"ja": "商品コードの在庫を調べます", "en": "look up the stock of a code"},
    "help.status": {"ja": "店舗ごとの連携の状態を見ます", "en": "show the state of each shop"},
    "help.pause": {
        "ja": "在庫の反映を一時停止します（注文の取り込みは続きます）",
        "en": "stop writing stock for a while (orders are still taken in)",
    },
    "help.resume": {"ja": "一時停止を終えて再開します", "en": "end a pause"},
    "help.on": {"ja": "自動連携を始めます", "en": "switch sync on"},
    "help.off": {"ja": "自動連携を止めます", "en": "switch sync off"},
    "help.renew": {"ja": "モールのキーやパスワードを更新します", "en": "renew a mall's key or password"},
    "help.help": {"ja": "この説明を表示します", "en": "show this help"},
    "form.lookup": {"ja": "商品コード [店舗]", "en": "CODE [SHOP]"},
    "form.status": {"ja": "status [店舗]", "en": "status [SHOP]"},
    "form.pause": {
        "ja": "pause 店舗|商品コード|all [2h | until 18:00] [理由]",
        "en": "pause SHOP|CODE|all [2h | until 18:00] [reason]",
    },
    "form.resume": {"ja": "resume 店舗|商品コード|all", "en": "resume SHOP|CODE|all"},
    "form.on": {"ja": "on [店舗]", "en": "on [SHOP]"},
    "form.off": {"ja": "off [店舗]", "en": "off [SHOP]"},
    "form.renew": {"ja": "renew 店舗 [種類]", "en": "renew SHOP [KIND]"},
    "form.help": {"ja": "help [コマンド]", "en": "help [VERB]"},
    "help.words": {"ja": "日本語でも：{words}", "en": "in Japanese too: {words}"},
    # --- not understood
    "usage": {"ja": "使い方：`{command} {form}`", "en": "Usage: `{command} {form}`"},
    "quote_open": {
        "ja": '引用符が閉じていません。最後に " を付けて入力し直してください。',
        "en": "A quote is not closed. Please type it again with the closing quote.",
    },
    "too_long": {"ja": "入力が長すぎます。短くしてください。", "en": "That is too long. Please shorten it."},
    "looks_secret": {
        "ja": "🔒 キーやパスワードのように見えるため、実行しませんでした。ここには入力しないでください。"
        "本物のキーだった場合は Slack の記録に残るおそれがあるので、モールで発行し直し、"
        "`{command} renew 店舗` の画面から登録してください。",
        "en": "🔒 This looks like a key or password, so nothing was done. Please do not type keys here. "
        "If it was a real one, it may now be in Slack's logs: issue a new one at the mall and register it "
        "with `{command} renew SHOP`.",
    },
    "not_understood": {
        "ja": "「{text}」という商品コードもコマンドも見つかりません。",
        "en": "There is no code and no command “{text}”.",
    },
    "did_you_mean": {"ja": "もしかして：", "en": "Did you mean:"},
    "see_help": {"ja": "使い方は `{command} help` で見られます。", "en": "Type `{command} help` for help."},
    "unknown_target": {
        "ja": "「{text}」という店舗も商品コードも見つかりません。店舗：{shops}",
        "en": "There is no shop and no code “{text}”. Shops: {shops}",
    },
    "unknown_shop": {
        "ja": "「{text}」という店舗は見つかりません。店舗：{shops}",
        "en": "There is no shop “{text}”. Shops: {shops}",
    },
    "unknown_shop_unnamed": {
        "ja": "その店舗は見つかりません。店舗：{shops}",
        "en": "There is no such shop. Shops: {shops}",
    },
    "unknown_order": {
        "ja": "{shop} の注文 {order} は取り込まれていません。",
        "en": "Order {order} of {shop} was never taken in.",
    },
    "finding.not_in_file": {
        "ja": "対応表にありますが、このファイルにありません。",
        "en": "stands in the mapping and not in this file",
    },
    "finding.not_mapped": {
        "ja": "このファイルにありますが、対応表にありません。",
        "en": "stands in this file and not in the mapping",
    },
    "finding.code_missing": {
        "ja": "コードがありません。モールの画面で入力してください。",
        "en": "has no code; enter it on the mall's screen",
    },
    "finding.code_on_parent": {
        "ja": "親の行にコードがあります。子の行に入力してください。",
        "en": "is a parent row with a code; it belongs on the child rows",
    },
    "finding.auction_no_code": {"ja": "管理番号がありません。", "en": "has no 管理番号"},
    "finding.auction_code_twice": {
        "ja": "同じ管理番号が2回あります。このまま出品すると二重になります。",
        "en": "stands twice and would be listed twice",
    },
    "finding.auction_line_break": {
        "ja": "セルに改行があります。競りナビは受け付けません。",
        "en": "has a line break in a cell, which 競りナビ refuses",
    },
    "finding.code_twice": {"ja": "同じコードが2回あります。", "en": "stands twice"},
    "finding.stock_not_zero": {
        "ja": "まだ連携していない行の在庫が0ではありません。登録は在庫0で行ってください。",
        "en": "is not linked yet and has stock; register it with stock 0",
    },
    "finding.not_on_sale": {
        "ja": "公開されていません。在庫は連携しますが販売されません。",
        "en": "is not published: its stock is linked and does not sell",
    },
    "unknown_code": {
        "ja": "商品コード「{code}」は見つかりません。近いもの：{near}",
        "en": "There is no code “{code}”. Near it: {near}",
    },
    "count_of_set": {
        "ja": "「{code}」はセット商品なので、棚卸の数は入れられません。構成する商品の数を入れてください。",
        "en": "“{code}” is a set and is not counted. Enter the numbers of its parts.",
    },
    "count_future": {
        "ja": "棚卸の日時が未来になっています。数えた時の日時を入れてください。",
        "en": "The count is dated in the future. Enter the time at which it was made.",
    },
    "listing_not_mapped": {
        "ja": "対応表では {code} は {shop} に出品しないことになっています。何も保留していません。",
        "en": "By the mapping, {code} is not sold on {shop}. Nothing was held.",
    },
    "listing_too_few": {
        "ja": "{code} は {asked} 個出品できません（販売できる数 {available}）。何も保留していません。",
        "en": "There are not {asked} pieces of {code} to list (available: {available}). Nothing was held.",
    },
    "not_listed": {"ja": "{code} は {shop} に出品されていません。", "en": "{code} is not listed on {shop}."},
    "too_many_words": {"ja": "「{text}」の部分がわかりません。", "en": "I do not understand “{text}”."},
    "bad_time": {
        "ja": "時刻「{text}」がわかりません。`until 18:00` のように入力してください。",
        "en": "I do not understand the time “{text}”. Please type it as in `until 18:00`.",
    },
    "bad_length": {
        "ja": "一時停止は 1分以上 31日以内で指定してください。",
        "en": "A pause lasts from 1 minute to 31 days.",
    },
    # --- not allowed
    "need_role": {
        "ja": "この操作には「{role}」の権限が必要です（あなたは「{mine}」）。"
        "権限はマッピングのリポジトリの team.yaml で変更できます。",
        "en": "This needs the role “{role}” (yours is “{mine}”). "
        "Roles are changed in team.yaml of the mapping repository.",
    },
    "outsider": {
        "ja": "このボットは、このワークスペースのメンバーだけが使えます（ゲスト・外部の方は使えません）。",
        "en": "Only full members of this workspace may use this bot, not guests or people from outside.",
    },
    "people_unknown": {
        "ja": "あなたの権限を Slack に確認できませんでした。少し待ってからもう一度お試しください。",
        "en": "Slack could not be asked who you are. Please try again in a moment.",
    },
    "busy": {
        "ja": "いま混み合っています。少し待ってからもう一度お試しください。",
        "en": "The bot is busy. Please try again in a moment.",
    },
    "broken": {
        "ja": "エラーのため実行できませんでした。何度も出るときは運用担当者に知らせてください。",
        "en": "This failed because of an error. If it comes again, please tell the operator.",
    },
    "modal_late": {
        "ja": "画面を開くのが間に合いませんでした。もう一度同じ操作をしてください。",
        "en": "The form could not be opened in time. Please do the same once more.",
    },
    "changed_meanwhile": {
        "ja": "その間に状態が変わりました。いまの状態を確かめてください。",
        "en": "Things have changed meanwhile. Please look at the present state.",
    },
    # --- done
    "pause.done": {"ja": "⏸ {targets}を一時停止しました", "en": "⏸ {targets} paused"},
    "pause.until": {"ja": "{until} まで", "en": "until {until}"},
    "pause.no_end": {"ja": "再開するまで", "en": "until resumed"},
    "pause.reason": {"ja": "理由：{reason}", "en": "reason: {reason}"},
    "pause.by": {"ja": "操作：{who}", "en": "by {who}"},
    "pause.reach": {
        "ja": "{shops}店舗の出品 {listings}件が、今の在庫数のままになります。",
        "en": "{listings} listings on {shops} shops keep the number that they show now.",
    },
    "pause.intake": {
        "ja": "注文の取り込みは続きます。再開すると、その間に売れた分を引いた正しい数を反映します。",
        "en": "Orders are still taken in; on resume the right numbers go out, less what was sold meanwhile.",
    },
    "pause.next": {
        "ja": "再開するには `{command} resume {target}`",
        "en": "To end it: `{command} resume {target}`",
    },
    "pause.changed": {"ja": "⏸ {targets}の一時停止の終わりを変えました", "en": "⏸ {targets}: pause changed"},
    "pause_past": {
        "ja": "一時停止の終わりが過去の時刻です。",
        "en": "The end of the pause lies in the past.",
    },
    "pause_over": {
        "ja": "▶️ {targets}の一時停止（{person}）が時間どおりに終わり、再開しました。操作は要りません。",
        "en": "▶️ The pause of {targets} (by {person}) has ended as planned. Nothing to do.",
    },
    "pauses_over": {
        "ja": "▶️ {targets}ほか計{count}件の一時停止（{person}）が時間どおりに終わり、再開しました。"
        "操作は要りません。",
        "en": "▶️ The pause of {count} targets ({targets} ..., by {person}) has ended as planned. "
        "Nothing to do.",
    },
    "pause_reminder": {
        "ja": "⏸ {targets}の一時停止が続いています（{since} から、{person}、終わりの指定なし）。{reason}\n"
        "再開するには `{command} resume {target}` と入力してください。",
        "en": "⏸ {targets} is still paused (since {since}, by {person}, without an end). {reason}\n"
        "Type `{command} resume {target}` to end it.",
    },
    "pauses_reminder": {
        "ja": "⏸ {targets}ほか計{count}件の一時停止が続いています（{since} から、{person}、終わりの指定"
        "なし）。{reason}\n一覧と再開：`tanaban pauses`、`tanaban resume`",
        "en": "⏸ {count} targets ({targets} ...) are still paused (since {since}, by {person}, without an "
        "end). {reason}\nSee and end them: `tanaban pauses`, `tanaban resume`",
    },
    "pause_owner_left": {
        "ja": "止めた人は team.yaml にもういません。ほかの担当者が再開できます。",
        "en": "Who paused it is no longer in team.yaml; any operator may end it.",
    },
    "resume_all": {
        "ja": "全店舗が一時停止中です。先に all を再開してください。",
        "en": "Everything is paused. End the pause of all first.",
    },
    "resume_product": {
        "ja": "{code} は商品 {product} ごと一時停止中です。{product} を再開してください。",
        "en": "{code} is paused with its product {product}. End the pause of {product}.",
    },
    "resume_maintenance": {
        "ja": "team.yaml のメンテナンス予定（{reason}）で {until} まで停止中です。終わると自動で再開します。",
        "en": "Maintenance by team.yaml ({reason}) until {until}. It ends by itself.",
    },
    "resume.done": {"ja": "▶️ {targets}を再開しました", "en": "▶️ {targets} resumed"},
    "resume.next": {
        "ja": "停止中に変わった在庫を、これから反映します。",
        "en": "Stock that changed meanwhile goes out now.",
    },
    "resume.already": {
        "ja": "{targets}はすでに再開しています（{by}、{at}）。",
        "en": "{targets}: resumed already, by {by} at {at}.",
    },
    "resume.not_paused": {"ja": "{targets}は一時停止していません。", "en": "{targets}: not paused."},
    "on.done": {"ja": "🟢 {targets}の自動連携を始めました", "en": "🟢 Sync of {targets} is on"},
    "on.next": {
        "ja": "注文の取り込みと在庫の反映を自動で行います。",
        "en": "Orders are taken in and stock is written by itself.",
    },
    "on.already": {
        "ja": "{targets}の自動連携はすでにオンです（{by}、{at}）。",
        "en": "Sync of {targets} is on already ({by}, {at}).",
    },
    "off.done": {"ja": "⚪ {targets}の自動連携を止めました", "en": "⚪ Sync of {targets} is off"},
    "off.next": {
        "ja": "在庫は反映されません。始めるには `{command} on` と入力してください。",
        "en": "No stock is written. Type `{command} on` to switch it on again.",
    },
    "off.already": {
        "ja": "{targets}の自動連携はすでにオフです（{by}、{at}）。",
        "en": "Sync of {targets} is off already ({by}, {at}).",
    },
    "button.resume": {"ja": "再開", "en": "Resume"},
    "button.share": {"ja": "チャンネルに表示", "en": "Show in channel"},
    "shared_by": {"ja": "{who} が共有", "en": "shared by {who}"},
    # --- lookup
    "lookup.title": {"ja": "{code}　{name}", "en": "{code}  {name}"},
    "lookup.available": {"ja": "販売できる数 {n}", "en": "available {n}"},
    "lookup.parts": {
        "ja": "実在庫 {on_hand}・引当 {reserved}・保留 {held}",
        "en": "on hand {on_hand}, reserved {reserved}, held {held}",
    },
    "lookup.changed": {"ja": "最終変更 {at}（{ago}）", "en": "changed {at} ({ago})"},
    "lookup.never": {"ja": "在庫はまだ登録されていません", "en": "no stock has been entered yet"},
    "lookup.shop": {"ja": "{mall}（{shop}）", "en": "{mall} ({shop})"},
    "lookup.code": {"ja": "{field}: {code}", "en": "{field}: {code}"},
    "lookup.shown": {"ja": "表示 {n}（{at} 時点、{ago}）", "en": "shows {n} (as of {at}, {ago})"},
    "lookup.shown_undated": {"ja": "表示 {n}（時刻不明）", "en": "shows {n} (age unknown)"},
    "lookup.shown_unknown": {"ja": "表示 不明", "en": "shown number unknown"},
    "lookup.target": {"ja": "目標 {n}", "en": "should show {n}"},
    "lookup.no_target": {"ja": "目標 なし（{state}）", "en": "no target ({state})"},
    "lookup.written": {
        "ja": "最終書込 {n}（{at}、{outcome}）",
        "en": "last written {n} ({at}, {outcome})",
    },
    "note.never_written": {
        "ja": "この店舗には在庫を書き込みません（ほかの店舗の在庫を使うか、手で出品します）。",
        "en": "Stock is never written here: it sells from another shop's, or is listed by hand.",
    },
    "note.not_on_sale": {
        "ja": "在庫は連携していますが、公開されていません（販売されません）。",
        "en": "Linked, not on sale: the mall does not show it to buyers.",
    },
    "note.unlisted": {
        "ja": "⚠️ モールの商品一覧に、このコードが見つかりません",
        "en": "⚠️ the mall's list of goods does not have this code",
    },
    "lookup.waiting": {"ja": "反映待ち", "en": "waiting to be written"},
    "lookup.nowhere": {"ja": "どの店舗にも出品されていません。", "en": "It is listed on no shop."},
    # --- status
    "status.title": {"ja": "在庫連携の状態", "en": "State of the stock sync"},
    "status.on": {"ja": "自動連携：オン", "en": "sync: on"},
    "status.off": {
        "ja": "自動連携：オフ（`{command} on` で開始）",
        "en": "sync: off (`{command} on` switches it on)",
    },
    "status.mapping": {"ja": "対応表 {commit}", "en": "mapping {commit}"},
    "status.mapping_problem": {
        "ja": "⚠️ 新しい対応表に誤りがあり、前回の対応表で動いています",
        "en": "⚠️ the newest mapping has mistakes; the last good one is in use",
    },
    "status.no_shops": {"ja": "店舗がまだ登録されていません。", "en": "There are no shops yet."},
    "status.since": {"ja": "{at} から", "en": "since {at}"},
    "status.orders": {"ja": "注文取込 {ago}", "en": "orders read {ago}"},
    "status.orders_never": {"ja": "注文取込 まだ", "en": "orders not read yet"},
    "status.written": {"ja": "在庫反映 {ago}", "en": "stock written {ago}"},
    "status.written_never": {"ja": "在庫反映 まだ", "en": "stock not written yet"},
    "status.waiting": {"ja": "反映待ち {n}件", "en": "{n} waiting"},
    "status.delay": {"ja": "購入者の画面に出るまで 約{span}", "en": "reaches buyers after about {span}"},
    "status.pause": {
        "ja": "⏸ {target}：{since} から {until}（{who}）{reason}",
        "en": "⏸ {target}: from {since} {until} ({who}) {reason}",
    },
    "status.credential": {"ja": "{label}：{state}", "en": "{label}: {state}"},
    "status.expires": {
        "ja": "{label}：{state}（期限 {day}、あと{span}）",
        "en": "{label}: {state} (until {day}, {span} left)",
    },
    "status.expired": {"ja": "{label}：{state}（期限切れ {day}）", "en": "{label}: {state} (expired {day})"},
}
