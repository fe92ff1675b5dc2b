"""Renewing a credential: the modal's words, the steps at each mall, why a value was refused.

Steps are found by mall and kind: ``renewal.<mall>.<kind>.1`` and on, else
``renewal.<mall>.any.*``, else ``renewal.any.*``.
"""

RENEWAL: dict[str, dict[str, str]] = {
    "renewal.title": {"ja": "認証情報の更新", "en": "Renew a credential"},
    "renewal.submit": {"ja": "更新する", "en": "Renew"},
    "renewal.close": {"ja": "やめる", "en": "Cancel"},
    "renewal.shop": {"ja": "{mall}（{shop}）", "en": "{mall} ({shop})"},
    "renewal.expires_now": {"ja": "今の期限：{at}", "en": "Expires at present: {at}"},
    "renewal.open_page": {"ja": "モールの画面を開く", "en": "Open the mall's page"},
    "renewal.steps": {"ja": "手順", "en": "Steps"},
    "renewal.expiry": {"ja": "有効期限", "en": "Valid until"},
    "renewal.expiry_hint": {
        "ja": "モールの画面に出ている日付です。わからないときは空欄で構いません。",
        "en": "The date on the mall's page. Leave it empty if you do not know it.",
    },
    "renewal.issued": {"ja": "発行日", "en": "Issued on"},
    "renewal.issued_hint": {
        "ja": "モールで発行した日です。有効期限が空欄でモールにも聞けないときは、"
        "この日から{days}日を期限とします。",
        "en": "The day on which the mall issued it. Where no end is entered and the mall tells none, "
        "it is taken to end {days} days later.",
    },
    "renew_issued_later": {
        "ja": "発行日が今日より後です。発行した日を確かめてください。何も保存していません。",
        "en": "The day of its issue is still to come. Check the date. Nothing was stored.",
    },
    "renewal.visible": {
        "ja": "⚠️ Slack には入力を隠す欄がありません。周りから画面が見えないところで入力してください。"
        "値はボットの金庫だけに保存し、メッセージや記録には残しません。",
        "en": "⚠️ Slack cannot hide what is typed. Make sure that nobody watches your screen. "
        "The value is kept in the bot's vault only, never in a message or a log.",
    },
    "renewal.activation": {
        "ja": "新しい値が使えるようになるまで、最大 {span} かかります。",
        "en": "A new value takes up to {span} to work.",
    },
    "renew_empty": {"ja": "入力してください。", "en": "Please fill this in."},
    "renew_blank": {
        "ja": "空白が混じっています。空白のない値を入力してください。",
        "en": "There is a blank in it. Please enter the value without blanks.",
    },
    "renew_no_such_kind": {
        "ja": "{shop} にその種類の認証情報はありません。種類：{kinds}",
        "en": "{shop} has no such kind of credential. Kinds: {kinds}",
    },
    "renewal.pending": {
        "ja": "🔑 {where}の新しい{label}を受け取りました（指紋 {fingerprint}、{who}）。いま確認中です。"
        "使えることが確かめられたら、ここでお知らせします。",
        "en": "🔑 The new {label} of {where} was received (fingerprint {fingerprint}, {who}). It is being "
        "tried; you will hear here once it works.",
    },
    "renewal.pending_wait": {
        "ja": "有効になるまで最大 {span} かかります。",
        "en": "It may take up to {span} to become valid.",
    },
    "renewal_live": {
        "ja": "✅ {where}の新しい認証情報が使えるようになりました。連携を再開しています。操作は要りません。",
        "en": "✅ The new credentials of {where} work now. Sync goes on. Nothing to do.",
    },
    "renewal_failed": {
        "ja": "⚠️ {where}の新しい認証情報は使えませんでした。前の値に戻しています。"
        "モールの画面でもう一度確かめ、`{command} renew {shop}` で登録し直してください。",
        "en": "⚠️ The new credentials of {where} do not work; the former ones are in use again. "
        "Check them at the mall, then register them again with `{command} renew {shop}`.",
    },
    "renewal.refused_here": {
        "ja": "{where}の更新は受け付けられませんでした（{who}）。{reason}",
        "en": "The renewal of {where} was not accepted ({who}). {reason}",
    },
    "renew_other_shop": {
        "ja": "別の店舗のキーのようです。この店舗のキーか確かめてください。何も保存していません。",
        "en": "This looks like another shop's key. Check where it was issued. Nothing was stored.",
    },
    "renew_wrong_form": {
        "ja": "キーの形が違います。前後の空白や取り違えがないか確かめてください。何も保存していません。",
        "en": "This does not have a key's form. Check for blanks or a mix-up. Nothing was stored.",
    },
    "renew_same": {
        "ja": "今使っている値と同じです。新しく発行した値を入力してください。",
        "en": "This is the value in use. Please enter the newly issued one.",
    },
    "renewal.rakuten.licence.1": {
        "ja": "RMS にログインし、店舗様向け情報・サービス → WEB APIサービス → 2-1 WEB API を開きます"
        "（新しい画面では アプリ一覧 → WEB APIアクセス許可設定）。",
        "en": "Log in to RMS and open 店舗様向け情報・サービス → WEB APIサービス → 2-1 WEB API "
        "(newer screen: アプリ一覧 → WEB APIアクセス許可設定).",
    },
    "renewal.rakuten.licence.2": {
        "ja": "「ライセンスキーの確認・変更」を開き、ロボット確認を済ませます。",
        "en": "Open ライセンスキーの確認・変更 and pass the robot check.",
    },
    "renewal.rakuten.licence.3": {
        "ja": "「新しいライセンスキーを発行」を押し、キーと有効期限を控えます。",
        "en": "Press 新しいライセンスキーを発行 and copy the key and its expiry.",
    },
    "renewal.rakuten.licence.4": {
        "ja": "下の欄に貼り付けて「更新する」を押します。"
        "発行直後は使えないことがあるので、ボットが確認を繰り返します。",
        "en": "Paste it below and press Renew. A key just issued may not work yet; the bot keeps trying it.",
    },
    "renewal.rakuten.service_secret.1": {
        "ja": "RMS の 2-1 WEB API の画面で serviceSecret を表示し、下の欄に貼り付けます。期限はありません。",
        "en": "Show the serviceSecret on the page 2-1 WEB API of RMS and paste it below. It does not expire.",
    },
    "renewal.roomclip.any.1": {
        "ja": "TEMPOSTAR の FTPS 領域の設定画面で、ユーザー・パスワード・ショップコードを確かめます。",
        "en": "Look up user, password and shop code on TEMPOSTAR's page for the FTPS area.",
    },
    "renewal.roomclip.any.2": {
        "ja": "三つとも下の欄に入力して「更新する」を押します。",
        "en": "Enter all three below and press Renew.",
    },
    "renewal.any.1": {
        "ja": "モールの画面で新しい値を発行し、控えます。",
        "en": "Issue a new value on the mall's page and copy it.",
    },
    "renewal.any.2": {
        "ja": "下の欄に貼り付けて「更新する」を押します。",
        "en": "Paste it below and press Renew.",
    },
}
