"""What went wrong, by cause: a title, what happened, what still works, what to do next.

The causes are those of ``adapters.errors`` and the core's own. ``{where}`` is the shop as
people call it, ``{since}`` a time. ``hint.*`` are next steps more exact than a cause's own.
"""


def cause(
    name: str, ja: tuple[str, str, str, str], en: tuple[str, str, str, str]
) -> dict[str, dict[str, str]]:
    """Give the sentences of a cause: title, what, works, next."""
    parts = ("title", "what", "works", "next")
    return {f"cause.{name}.{part}": {"ja": ja[i], "en": en[i]} for i, part in enumerate(parts)}


_OTHERS_JA = "ほかの店舗の在庫連携は続いています。"
_OTHERS_EN = "The other shops are kept in step as usual."
_RETRY_JA = "ボットが自動でやり直します。操作は要りません。"
_RETRY_EN = "The bot tries again by itself. Nothing to do."

CAUSES: dict[str, dict[str, str]] = {
    **cause(
        "unknown",
        (
            "原因不明のエラー",
            "{where}で想定外のエラーが起きました。",
            _OTHERS_JA,
            "続くときは運用担当者に知らせてください。",
        ),
        (
            "Unknown error",
            "Something unforeseen went wrong at {where}.",
            _OTHERS_EN,
            "If it lasts, tell the operator.",
        ),
    ),
    **cause(
        "mall",
        (
            "モールのエラー",
            "{where}がエラーを返しました。",
            _OTHERS_JA,
            "続くときは運用担当者に知らせてください。",
        ),
        (
            "Error at the mall",
            "{where} answered with an error.",
            _OTHERS_EN,
            "If it lasts, tell the operator.",
        ),
    ),
    **cause(
        "not_sent",
        (
            "接続できません",
            "{where}に接続できません。在庫の読み書きは行われていません。",
            _OTHERS_JA,
            _RETRY_JA,
        ),
        ("No connection", "{where} cannot be reached; nothing was read or written.", _OTHERS_EN, _RETRY_EN),
    ),
    **cause(
        "outcome_unknown",
        (
            "書き込みの結果が不明",
            "{where}に在庫を送りましたが、返事が届きませんでした。",
            _OTHERS_JA,
            "ボットが今の在庫数を読み直して確かめます。操作は要りません。",
        ),
        (
            "Write without an answer",
            "Stock was sent to {where}, but no answer came.",
            _OTHERS_EN,
            "The bot reads the numbers back to be sure. Nothing to do.",
        ),
    ),
    **cause(
        "rate_limited",
        (
            "アクセス制限中",
            "{where}の呼び出し回数の上限に達しています。",
            "注文の取り込みは遅れて続きます。",
            _RETRY_JA,
        ),
        (
            "Rate limited",
            "The call limit of {where} is used up.",
            "Orders are still taken in, later.",
            _RETRY_EN,
        ),
    ),
    **cause(
        "maintenance",
        (
            "メンテナンス中",
            "{where}がメンテナンス中です。",
            _OTHERS_JA,
            "終わりしだい自動で追いつきます。操作は要りません。",
        ),
        (
            "Maintenance",
            "{where} is closed for maintenance.",
            _OTHERS_EN,
            "The bot catches up afterwards. Nothing to do.",
        ),
    ),
    **cause(
        "temporary",
        ("一時的なエラー", "{where}が一時的なエラーを返しています。", _OTHERS_JA, _RETRY_JA),
        ("Temporary error", "{where} answers with a temporary error.", _OTHERS_EN, _RETRY_EN),
    ),
    **cause(
        "auth",
        (
            "認証エラー（キーの期限切れなど）",
            "{where}が認証情報を受け付けません。注文の取り込みと在庫の反映が止まっています。",
            _OTHERS_JA,
            "新しいキーを発行し、下の「更新する」または `{command} renew {shop}` で登録してください。",
        ),
        (
            "Credentials refused (a key may have expired)",
            "{where} does not accept the credentials. Taking in orders and writing stock have stopped there.",
            _OTHERS_EN,
            "Issue a new key, then press Renew below or type `{command} renew {shop}`.",
        ),
    ),
    **cause(
        "line_rejected",
        (
            "一部の商品が反映されません",
            "{where}が一部の商品の在庫を受け付けません。",
            "ほかの商品は反映されています。",
            "モールの商品コードと公開設定を確かめてください。",
        ),
        (
            "Some goods are not updated",
            "{where} refuses the stock of some goods.",
            "All other goods are updated.",
            "Check the code and the listing of these goods at the mall.",
        ),
    ),
    **cause(
        "unexpected_reply",
        (
            "想定外の返事",
            "{where}の返事がいつもの形と違うため、安全のため書き込みを止めました。",
            _OTHERS_JA,
            "運用担当者に知らせてください。返事の記録が残っています。",
        ),
        (
            "Unexpected reply",
            "{where} answered in an unknown form, so nothing is written there for now.",
            _OTHERS_EN,
            "Tell the operator. A record of the reply was kept.",
        ),
    ),
    **cause(
        "unsupported",
        ("対応していない操作", "{where}ではできない操作です。", _OTHERS_JA, "運用担当者に知らせてください。"),
        ("Not supported", "{where} cannot do this.", _OTHERS_EN, "Tell the operator."),
    ),
    **cause(
        "config",
        (
            "設定の誤り",
            "{where}の設定に誤りがあります。",
            _OTHERS_JA,
            "運用担当者が設定ファイルを直してください。",
        ),
        (
            "Wrong setting",
            "A setting of {where} is wrong.",
            _OTHERS_EN,
            "The operator should correct the settings file.",
        ),
    ),
    **cause(
        "mapping",
        (
            "コード対応表を読めません",
            "コード対応表（mappings.yaml）のリポジトリを読めません。",
            "前回の正しい対応表で連携を続けています。",
            "リポジトリの場所と権限を確かめてください。",
        ),
        (
            "Mapping out of reach",
            "The repository of mappings.yaml cannot be read.",
            "Sync goes on with the last good mapping.",
            "Check the repository's address and access.",
        ),
    ),
    **cause(
        "mapping_rejected",
        (
            "コード対応表に誤り",
            "新しい対応表（{commit} {author}）に誤りがあり、採用しませんでした。",
            "前回の正しい対応表で連携を続けています。",
            "下の行を直して、もう一度取り込んでください。",
        ),
        (
            "Mistakes in the mapping",
            "The new mapping ({commit} {author}) has mistakes and was not taken over.",
            "Sync goes on with the last good mapping.",
            "Correct the lines below and merge again.",
        ),
    ),
    **cause(
        "mapping_rewritten",
        (
            "対応表の履歴が書き換えられました",
            "ブランチの履歴が書き換えられたため、新しい内容（{commit} {author}）を採用しませんでした。",
            "前回の正しい対応表（{good}）で連携を続けています。",
            "意図した変更か確かめてください。",
        ),
        (
            "History of the mapping rewritten",
            "The branch's history was rewritten, so its new state ({commit} {author}) was not taken over.",
            "Sync goes on with the last good mapping ({good}).",
            "Check whether that was meant.",
        ),
    ),
    **cause(
        "unlisted",
        (
            "モールに見つからない商品",
            "対応表にある商品が、{where}の商品一覧に見つかりません。",
            "ほかの商品の連携は続いています。",
            "モールの商品コードと、対応表のコードを見比べてください。一字でも違うと連携できません。",
        ),
        (
            "Not found at the mall",
            "{where} does not list some goods of the mapping.",
            "All other goods are kept in step.",
            "Compare the code at the mall with the mapping: every letter counts.",
        ),
    ),
    **cause(
        "overdue",
        (
            "反映が遅れています",
            "{where}に送った在庫の結果が、予定の時間を過ぎても届いていません。",
            _OTHERS_JA,
            "モール側の取り込みが止まっていないか確かめてください。",
        ),
        (
            "Late results",
            "{where} has not answered for stock that was sent, longer than it should take.",
            _OTHERS_EN,
            "Check whether the mall still takes its files.",
        ),
    ),
    **cause(
        "unsafe_plan",
        (
            "変更が大きすぎるため停止",
            "{where}の在庫を一度に大きく変える計画になったため、書き込みを止めました。",
            "注文の取り込みと、売れた分の反映は続いています。",
            "計画の内容を確かめてください。",
        ),
        (
            "Stopped: too large a change",
            "The plan would change too much of {where} at once, so nothing was written.",
            "Orders are taken in, and sales are still passed on.",
            "Check the plan.",
        ),
    ),
    **cause(
        "state",
        (
            "記録を読めません",
            "ボットの記録（state フォルダー）を読めません。何も変更していません。",
            "モールの在庫は今のままです。",
            "運用担当者に知らせてください。",
        ),
        (
            "State unreadable",
            "The bot's own records cannot be read; nothing was changed.",
            "The malls keep their present numbers.",
            "Tell the operator.",
        ),
    ),
    **cause(
        "lock_held",
        (
            "二重起動",
            "別のボットが動いています。",
            "動いているほうが連携を続けています。",
            "片方を止めてください。",
        ),
        (
            "Started twice",
            "Another bot is running.",
            "The running one keeps the shops in step.",
            "Stop one of the two.",
        ),
    ),
    **cause(
        "unmapped",
        (
            "対応表にない商品の注文",
            "{where}で、コード対応表にない商品が売れました。",
            "ほかの商品の連携は続いています。",
            "対応表に追加してください。追加すると、この注文の分も在庫から引かれます。",
        ),
        (
            "Order of an unmapped item",
            "{where} sold an item that the mapping does not know.",
            "All other goods are kept in step.",
            "Add it to the mapping; this order is then taken off the stock as well.",
        ),
    ),
    **cause(
        "at_risk",
        (
            "売り切れたかもしれない商品",
            "{where}の注文を読めない間に売り切れたかもしれない商品があり、"
            "ほかの店舗では 0 と表示しています。",
            "ほかの商品の連携は続いています。",
            "{where}を読めるようになれば自動で戻ります。モールの画面で在庫を確かめたときは、"
            "下の「確かめたので売る」で戻せます（シェルでは `tanaban outages --clear {shop}`）。",
        ),
        (
            "Codes that may be sold out",
            "While orders of {where} cannot be read it may have sold the last pieces of some codes; "
            "the other shops show 0 of them.",
            "All other goods are kept in step.",
            "They come back by themselves when {where} can be read. After a look at the mall's own screen "
            "press Checked below (in a shell: `tanaban outages --clear {shop}`).",
        ),
    ),
    **cause(
        "unknown_name",
        (
            "知らない支払い・配送方法",
            "{where}の注文に、対応表にない支払い方法か配送方法の名前がありました。",
            "在庫の連携は続いています。",
            "mappings.yaml の payments か deliveries に、この名前を書き足してください。",
        ),
        (
            "Unknown payment or delivery name",
            "An order of {where} has a payment or delivery name that the mapping does not know.",
            "Stock is kept in step.",
            "Add the name to payments or deliveries in mappings.yaml.",
        ),
    ),
    **cause(
        "expiring",
        (
            "有効期限が近づいています",
            "{where}の認証情報の期限が近づいています。",
            "今は正常に連携しています。",
            "期限までに `{command} renew {shop}` で更新してください。",
        ),
        (
            "Expiring soon",
            "A credential of {where} expires soon.",
            "Sync works for now.",
            "Renew it before that with `{command} renew {shop}`.",
        ),
    ),
    **cause(
        "renewal_failed",
        (
            "新しい認証情報が使えません",
            "{where}の新しい認証情報が、有効になる時間を過ぎても受け付けられません。",
            _OTHERS_JA,
            "モールの画面で発行し直し、`{command} renew {shop}` で登録してください。",
        ),
        (
            "The new credential does not work",
            "{where} still refuses the new credential after the time a new one needs.",
            _OTHERS_EN,
            "Issue it again at the mall and register it with `{command} renew {shop}`.",
        ),
    ),
    **cause(
        "key_refused",
        (
            "受け付けられない認証情報",
            "{where}は動いていますが、認証情報の一つが受け付けられていません。",
            "今は在庫の連携は続いています。",
            "`{command} renew {shop}` で登録し直してください。",
        ),
        (
            "A credential is refused",
            "{where} works, but refuses one of its credentials.",
            "Stock is kept in step for now.",
            "Register it again with `{command} renew {shop}`.",
        ),
    ),
    "hint.auth.early": {
        "ja": "期限の前に無効になりました。モールの画面でのパスワード変更や再発行が原因と思われます。"
        "`{command} renew {shop}` で登録し直してください。",
        "en": "It died before its date: most likely it was issued anew, or a password changed, at the mall. "
        "Register it again with `{command} renew {shop}`.",
    },
    "hint.auth.due": {
        "ja": "有効期限が切れました。新しく発行し、`{command} renew {shop}` で登録してください。",
        "en": "It is past its end. Issue a new one and register it with `{command} renew {shop}`.",
    },
    "hint.tls_untrusted": {
        "ja": "サーバー証明書を確認できません。運用担当者が接続先と CA ファイルを確かめてください。",
        "en": "The server's certificate is not trusted. The operator should check the host and the CA file.",
    },
    "hint.area_full": {
        "ja": "ファイル領域がいっぱいです。TEMPOSTAR の取り込みが止まっていないか確かめてください。",
        "en": "The file area is full. Check that TEMPOSTAR still takes its files.",
    },
    "hint.tls_version": {
        "ja": "サーバーの暗号化（TLS）が古すぎます。運用担当者が接続先を確かめてください。",
        "en": "The server's TLS is too old. The operator should check the host.",
    },
    "hint.tls_session_reuse": {
        "ja": "サーバーの暗号化の設定が合いません。運用担当者が tls_session_reuse を確かめてください。",
        "en": "The server's TLS sessions do not fit. The operator should check tls_session_reuse.",
    },
    "hint.no_clear_text": {
        "ja": "サーバーが暗号化（TLS）に応じません。パスワードは送っていません。接続先を確かめてください。",
        "en": "The server offers no TLS. No password was sent. Check the host.",
    },
    "hint.credential_missing": {
        "ja": "認証情報が未登録です。`{command} renew {shop}` で登録してください。",
        "en": "A credential is not set. Register it with `{command} renew {shop}`.",
    },
    "hint.credential_not_set": {
        "ja": "認証情報が未登録です。`{command} renew {shop}` で登録してください。",
        "en": "A credential is not set. Register it with `{command} renew {shop}`.",
    },
    "hint.function_not_ticked": {
        "ja": "RMS の「利用機能編集」で必要な機能に「利用する」を付け、「確認する」を2回押してください。",
        "en": "Open 利用機能編集 in RMS, tick 利用する for the functions needed and press 確認する twice.",
    },
    "hint.shop_code_unknown": {
        "ja": "ショップコードのフォルダーが見つかりません。`{command} renew {shop}` で登録し直してください。",
        "en": "There is no folder of this shop code. Register it again with `{command} renew {shop}`.",
    },
    "alert.detail": {"ja": "詳細：{detail}", "en": "Details: {detail}"},
    "alert.new": {"ja": "{title}：{where}", "en": "{title}: {where}"},
    "alert.recovered": {"ja": "復旧しました：{where}（{title}）", "en": "Recovered: {where} ({title})"},
    "alert.since": {"ja": "発生 {since}", "en": "since {since}"},
    "alert.count": {"ja": "{count}回", "en": "{count} times"},
    "alert.last": {"ja": "最終 {last}", "en": "last {last}"},
    "alert.times": {"ja": "{times}回目の発生", "en": "occurrence no. {times}"},
    "alert.lasted": {
        "ja": "{since} から {span}続きました。連携を再開しています。",
        "en": "It lasted {span}, from {since}. Sync goes on.",
    },
    "alert.recovery_line": {
        "ja": "✅ {where}の「{title}」は {at} に復旧しました（{span}）。操作は要りません。",
        "en": "✅ {where}, {title}: recovered at {at} (after {span}). Nothing to do.",
    },
    "alert.works": {"ja": "いま動いているもの", "en": "What still works"},
    "alert.next": {"ja": "次にすること", "en": "What to do next"},
    "alert.acked": {"ja": "確認済み {who}（{at}）", "en": "seen by {who} ({at})"},
    "alert.snoozed": {"ja": "{until} まで通知なし（{who}）", "en": "silent until {until} ({who})"},
    "alert.moved": {
        "ja": "この警告は新しいメッセージに移りました：{title}（{where}）",
        "en": "This alert moved to a newer message: {title} ({where})",
    },
    "alert.bot": {"ja": "在庫ボット", "en": "the stock bot"},
    "alert.shop": {"ja": "{mall}（{shop}）", "en": "{mall} ({shop})"},
    "button.ack": {"ja": "確認した", "en": "Seen"},
    "button.snooze": {"ja": "1時間知らせない", "en": "Silent for 1 hour"},
    "button.renew": {"ja": "更新する", "en": "Renew"},
    "alert.ack_already": {
        "ja": "{who} さんが {at} に確認済みです。",
        "en": "{who} has already seen it, at {at}.",
    },
    "alert.snooze_already": {
        "ja": "{who} さんの操作で {until} まで通知しません。",
        "en": "It is already silent until {until}, by {who}.",
    },
    "alert.over": {"ja": "この警告はすでに復旧しています。", "en": "This alert is over already."},
    "alert.ack_done": {"ja": "確認済みにしました。", "en": "Marked as seen."},
    "alert.snooze_done": {
        "ja": "{until} まで知らせません。悪化したときは知らせます。",
        "en": "Silent until {until}, unless it gets worse.",
    },
}
