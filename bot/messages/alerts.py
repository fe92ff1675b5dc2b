"""The words around an alert: its buttons, its thread, many alerts at once, what stands still."""

from bot.messages.causes import cause

ALERTS: dict[str, dict[str, str]] = {
    "button.pause": {"ja": "一時停止", "en": "Pause"},
    "button.retry": {"ja": "今すぐ再実行", "en": "Try again now"},
    "button.log": {"ja": "ログ", "en": "Log"},
    "button.close": {"ja": "対応済みにする", "en": "Dealt with"},
    "button.snooze_30m": {"ja": "30分知らせない", "en": "Silent for 30 min"},
    "button.snooze_2h": {"ja": "2時間知らせない", "en": "Silent for 2 hours"},
    "button.snooze_9am": {"ja": "明日9:00まで知らせない", "en": "Silent until 9:00 tomorrow"},
    "alert.yes": {"ja": "実行する", "en": "Yes"},
    "alert.no": {"ja": "やめる", "en": "No"},
    "alert.pause_text": {
        "ja": "{shop} への在庫の書き込みを2時間止めます。注文の取り込みは続きます。",
        "en": "Nothing is written to {shop} for 2 hours. Orders are still taken in.",
    },
    "alert.pause_reason": {"ja": "警告から", "en": "from an alert"},
    "alert.close": {"ja": "対応済みにする", "en": "Dealt with"},
    "alert.close_text": {
        "ja": "確認が済んだものとして、この警告を閉じます。",
        "en": "This alert is closed: everything in it was seen to.",
    },
    "alert.closed": {
        "ja": "{where}の「{title}」：{who}さんが対応済みにしました。操作は要りません。",
        "en": "{where}, {title}: {who} has dealt with it. Nothing to do.",
    },
    "alert.retried": {"ja": "{shop} を今すぐやり直します。", "en": "{shop} is tried again now."},
    "alert.retry_soon": {
        "ja": "{shop} は次の周期にやり直します。",
        "en": "{shop} is tried again at its next turn.",
    },
    "alert.before": {"ja": "前のメッセージ", "en": "the message before"},
    "alert.there": {"ja": "開く", "en": "open"},
    "alert.file": {
        "ja": "{shop}「{title}」：全{count}件の一覧です。",
        "en": "{shop}, {title}: all {count} of them.",
    },
    "alert.logged": {"ja": "{shop}「{title}」の記録", "en": "What was recorded of {shop}, {title}"},
    "alert.log_head": {
        "ja": "{title}：{where}　発生 {since}、{count}回、最終 {last}",
        "en": "{title}: {where}  since {since}, {count} times, last {last}",
    },
    "alert.log_none": {"ja": "詳しい記録はありません。", "en": "Nothing more was recorded."},
    "storm.title": {
        "ja": "{shops}か所で{count}件の異常が同時に起きました（未復旧 {open}件）",
        "en": "{count} things went wrong at once at {shops} places ({open} still open)",
    },
    "storm.over": {
        "ja": "同時に起きた{count}件の異常はすべて復旧しました",
        "en": "All {count} things that went wrong at once are over",
    },
    "storm.what": {
        "ja": "短い間に多くの異常が起きたため、ここにまとめて知らせます。",
        "en": "Many things went wrong within a minute, so they are told together here.",
    },
    "storm.next": {
        "ja": "まずサーバーの通信を確かめ、店舗ごとの内容はスレッドを見てください。",
        "en": "See to the server's connection first; each shop is in the thread.",
    },
    **cause(
        "crowded",
        (
            "知らせが溜まっています",
            "Slack にまだ出せていない知らせが{waiting}件あります。",
            "在庫の連携は、この遅れの影響を受けません。新しい警告、悪化、復旧は順に出しています。",
            "操作は要りません。今の状態はボットのホームか `{command} status` で見られます。"
            "回数と進み具合は、落ち着くまで更新しません。",
        ),
        (
            "Many messages wait",
            "{waiting} messages are still to be posted to Slack.",
            "Stock is kept in step regardless. New alerts, worse ones and recoveries are posted one by one.",
            "Nothing to do. The present state is on the bot's Home and in `{command} status`. "
            "Counts and progress stand still until it is calm.",
        ),
    ),
    **cause(
        "stuck",
        (
            "店舗の処理が止まっています",
            "{where}の処理が{since}から返ってきません。注文の取り込みと在庫の反映が止まっています。",
            "ほかの店舗の在庫連携は続いています。",
            "続くときは運用担当者がボットを再起動してください（記録は失われません）。",
        ),
        (
            "A shop's work hangs",
            "The work for {where} has not come back since {since}: no orders in, no numbers out.",
            "The other shops are kept in step as usual.",
            "If it lasts, the operator should restart the bot; nothing is lost.",
        ),
    ),
    # --- the dead man's switch
    "deadman.alarm": {
        "ja": "🔴 在庫ボットの反応がありません（最後の確認 {at}）。全店舗で注文の取り込みと在庫の反映が"
        "止まっているおそれがあります。モールの数は今のままです。"
        "次にすること：運用担当者はサーバーと `tanaban run` を確かめて起動し直してください。"
        "すぐに戻らないときは、残りの少ない商品をモールの画面で止めてください。",
        "en": "🔴 The stock bot does not answer (last heard {at}). Orders and stock of all shops may stand "
        "still; the malls keep their present numbers. What to do next: the operator should look at the "
        "server and start `tanaban run` again. If that takes long, stop the goods that are nearly sold "
        "out on the malls' own screens.",
    },
    "deadman.back": {
        "ja": "✅ 在庫ボットが動き出しました（{at} の「反応がありません」は復旧）。"
        "止まっていた間の注文を取り込みます。",
        "en": "✅ The stock bot is back (the alarm of {at} is over). It takes in the orders of that time.",
    },
    "deadman.started": {
        "ja": "▶ 在庫ボットを起動しました。止まっていた間の注文を取り込みます。",
        "en": "▶ The stock bot was started. It takes in the orders of the time between.",
    },
    "deadman.stopped": {
        "ja": "⏹ 在庫ボットを停止しました。動かすまで、どの店舗の注文も在庫も更新されません。"
        "停止の警報は出ません。動かすには：`tanaban run`",
        "en": "⏹ The stock bot was stopped. No orders and no stock are passed on until it is started, "
        "and no alarm is raised. To start it: `tanaban run`",
    },
    "deadman.stopped_alarm": {
        "ja": "⏹ 在庫ボットを停止しました。動かすまで、どの店舗の注文も在庫も更新されません。"
        "{at} に「反応がありません」という警報が出ますが、停止によるものです。動かすには：`tanaban run`",
        "en": "⏹ The stock bot was stopped. No orders and no stock are passed on until it is started. "
        "An alarm comes at {at} because of it. To start it: `tanaban run`",
    },
}
