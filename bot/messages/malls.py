"""Next steps and renewal steps that only one mall knows: data, not decisions.

``hint.<key>`` is chosen by an adapter's error; ``renewal.<mall>.<kind>.<n>`` by mall and kind.
"""


def _both(ja: str, en: str) -> dict[str, str]:
    return {"ja": ja, "en": en}


MALLS: dict[str, dict[str, str]] = {
    # --- futureshop
    "hint.api_not_granted": _both(
        "futureshop の管理画面で、必要な API（在庫情報の取得・更新、受注情報の一覧・取得）の利用申請と、"
        "接続元 IP アドレスの登録を確かめてください。",
        "Check in futureshop's admin screen that each API (stock read and write, order list and detail) "
        "was granted, and that the bot's outgoing IP address is registered.",
    ),
    "renewal.futureshop.any.1": _both(
        "futureshop の管理画面で API の利用を申請します（無料）。画面上部の店舗KEYを控えます。",
        "Apply for the APIs in futureshop's admin screen (free of charge) and copy the 店舗KEY at its top.",
    ),
    "renewal.futureshop.any.2": _both(
        "届いたメールの APIキー と APIパスワード を控えます。"
        "APIドメインが変わったときは運用担当者に伝えます。",
        "Copy APIキー and APIパスワード from the mail. If the API domain changed, tell the operator.",
    ),
    "renewal.futureshop.any.3": _both(
        "三つとも下の欄に入力して「更新する」を押します。", "Enter all three below and press Renew."
    ),
    # --- Yahoo!ショッピング
    "hint.yahoo_consent": _both(
        "Yahoo!の同意が切れています。ログインパスワードの変更が主な原因です。もう一度同意してください。",
        "The consent has ended, most likely by a password change. Consent again.",
    ),
    "hint.yahoo_short_session": _both(
        "公開鍵なしで注文を読んだため、同意は12時間で切れました。公開鍵を登録し、同意し直してください。",
        "Orders were read without a valid key, so the consent ended after 12 hours. "
        "Register the key and consent again.",
    ),
    "hint.yahoo_key_refused": _both(
        "公開鍵かバージョンが合いません。ストアクリエイターPro の 設定→暗号鍵管理 で確かめてください。",
        "The public key or its version does not match. See 設定→暗号鍵管理 in ストアクリエイターPro.",
    ),
    "hint.yahoo_client": _both(
        "Client ID かシークレットが違います。", "The Client ID or its secret is wrong."
    ),
    "hint.yahoo_scope": _both(
        "アプリケーションに「ストア向け操作関連の機能」がありません。",
        "The application lacks the store scope.",
    ),
    "hint.yahoo_order_api": _both(
        "注文APIの利用申請が済んでいません。", "The order API has not been applied for."
    ),
    "hint.yahoo_source_ip": _both(
        "ボットの送信元IPアドレスがYahoo!に登録されていません。",
        "The bot's outgoing IP address is not registered at Yahoo!.",
    ),
    "hint.yahoo_privilege": _both(
        "同意したIDに権限がありません（設定→権限管理設定、注文管理権限）。",
        "The ID that consented lacks the privilege (設定→権限管理設定, 注文管理権限).",
    ),
    "hint.yahoo_store_account": _both(
        "ストアアカウントが違います。tanaban.toml の seller_id を確かめてください。",
        "The store account is wrong; check seller_id in tanaban.toml.",
    ),
    "renewal.yahoo.refresh_token.1": _both(
        "運用担当者から受け取ったリンクを開き、注文管理権限のあるIDでログインします。",
        "Open the link from your operator and log in with the ID that has 注文管理権限.",
    ),
    "renewal.yahoo.refresh_token.2": _both("「同意」を押します。", "Press 同意."),
    "renewal.yahoo.refresh_token.3": _both(
        "発行されたリフレッシュトークンを下の欄に貼り付けます。",
        "Paste the refresh token that was issued below.",
    ),
    "renewal.yahoo.public_key.1": _both(
        "ストアクリエイターPro の 設定→暗号鍵管理→公開鍵発行 を開きます。",
        "Open 設定→暗号鍵管理→公開鍵発行 in ストアクリエイターPro.",
    ),
    "renewal.yahoo.public_key.2": _both(
        "鍵（BEGIN と END の行を含む）とバージョンを貼り付けます。",
        "Paste the key (with its BEGIN and END lines) and its version.",
    ),
    # --- Qoo10
    "hint.key_or_method": _both(
        "Qoo10 が「存在しないAPI」と答えました。販売者認証キーが違うか無効（QSMのパスワード変更など）の場合も"
        "この答えになります。キーを作り直し、`{command} renew {shop}` で登録してください。"
        "直らなければ運用担当者が接続先を確かめてください。",
        "Qoo10 says that the API does not exist, which is also its answer to a wrong or dead key (after a "
        "change of the QSM password, for one). Make a new key and register it with "
        "`{command} renew {shop}`; if that does not help, the operator should check the host.",
    ),
    "hint.method_not_granted": _both(
        "この機能の利用がQoo10で許可されていません。QSMの「Qoo10へお問い合わせ」→ システム → "
        "API・FTP・QSM権限 から申請してください。キーはそのまま使えます。",
        "Qoo10 has not granted this function to the shop. Ask through Qoo10へお問い合わせ → システム → "
        "API・FTP・QSM権限 in QSM. The key itself is good.",
    ),
    "renewal.qoo10.seller_key.1": _both(
        "Qoo10 のAPIドキュメントサイト（developer.qoo10.jp）にログインします。",
        "Log in to Qoo10's API documentation site (developer.qoo10.jp).",
    ),
    "renewal.qoo10.seller_key.2": _both(
        "CertificationAPI.CreateCertificationKey のテスト画面に、"
        "APIキー・QSMのID・パスワードを入れて実行します。"
        "APIキーが期限切れ（1年）なら、先にQoo10へ再発行を依頼します。",
        "On the test form of CertificationAPI.CreateCertificationKey enter the API key, the QSM id and its "
        "password. If the API key (one year) has ended, ask Qoo10 for a new one first.",
    ),
    "renewal.qoo10.seller_key.3": _both(
        "ResultObject の値（販売者認証キー）を下の欄に貼り付け、有効期限に今日から365日後を入れて"
        "「更新する」を押します。APIキーやパスワードは入力しないでください。",
        "Paste the value of ResultObject below, enter the day 365 days ahead as its end, and press Renew. "
        "Do not enter the API key or the password.",
    ),
}
