"""Next steps and renewal steps that only one mall knows: data, not decisions.

``hint.<key>`` is chosen by an adapter's error; ``renewal.<mall>.<kind>.<n>`` by mall and kind.
"""


def _both(ja: str, en: str) -> dict[str, str]:
    return {"ja": ja, "en": en}


MALLS: dict[str, dict[str, str]] = {
    # --- futureshop
    # --- what people call a mall besides its own names; between blanks
    "called.rakuten": _both("ラクテン", "rms"),
    "called.yahoo": _both("ヤフー ヤフーショッピング ヤフショ", "yahoo"),
    "called.amazon": _both("アマゾン", "amazon"),
    "called.futureshop": _both("フューチャーショップ", "fs"),
    "called.qoo10": _both("キューテン", "q10"),
    "called.yahuoku": _both("ヤフオク オークション", "auction"),
    "called.ponpare": _both("ポンパレ", "ponpare"),
    "called.roomclip": _both("ルームクリップ", "roomclip"),
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
    "hint.yahoo_consent.early": _both(
        "期限の前にYahoo!の同意が無効になりました。ストアクリエイターProのログインパスワードを"
        "変更したことが原因と思われます。`{command} renew {shop}` でもう一度同意してください。",
        "The consent died before its date, most likely because the login password of ストアクリエイターPro "
        "was changed. Consent again with `{command} renew {shop}`.",
    ),
    "hint.yahoo_consent.due": _both(
        "Yahoo!の同意の期限（28日）が切れました。`{command} renew {shop}` でもう一度同意してください。",
        "The consent's 28 days are over. Consent again with `{command} renew {shop}`.",
    ),
    "hint.yahoo_clock": _both(
        "この機械の時計がYahoo!とずれているため、署名が受け付けられません。"
        "運用担当者が時刻合わせ（NTP）を確かめてください。",
        "This machine's clock differs from Yahoo!'s, so its signature is refused. The operator should see "
        "to its time (NTP).",
    ),
    "stops.yahoo.public_key": _both(
        "同意が12時間で切れるようになります", "each consent ends after 12 hours then"
    ),
    "stops.yahoo.public_key_version": _both(
        "同意が12時間で切れるようになります", "each consent ends after 12 hours then"
    ),
    "renewal.yahoo.consent.1": _both(
        "「同意の画面を開く」から、注文管理権限のあるIDでログインします。",
        "Open the consent page and log in with the ID that has 注文管理権限.",
    ),
    "renewal.yahoo.consent.2": _both("「同意」を押します。", "Press 同意."),
    "renewal.yahoo.consent.3": _both(
        "そのあとに開いたページのアドレスを、ブラウザーからコピーして下の欄に貼り付けます。"
        "古いトークンは、新しいものが確かめられたら消えます。",
        "Copy the address of the page that follows from the browser and paste it below. "
        "The old token is gone once the new one is proved.",
    ),
    "renewal.yahoo.refresh_token.1": _both(
        "同意のリンクを作れないため（運用担当者が redirect_uri を設定すると作れます）、"
        "新しいリフレッシュトークンを用意します。",
        "There is no consent link, as redirect_uri is not set. Have a new refresh token at hand.",
    ),
    "renewal.yahoo.refresh_token.2": _both(
        "下の欄に貼り付けて「更新する」を押します。古いトークンは丸ごと置き換わります。",
        "Paste it below and press Renew. The old token is replaced as a whole.",
    ),
    "renewal.yahoo.public_key.1": _both(
        "ストアクリエイターPro の 設定→暗号鍵管理→公開鍵発行 を開きます。",
        "Open 設定→暗号鍵管理→公開鍵発行 in ストアクリエイターPro.",
    ),
    "renewal.yahoo.public_key.2": _both(
        "鍵（BEGIN と END の行を含む）とバージョンを貼り付けます。",
        "Paste the key (with its BEGIN and END lines) and its version.",
    ),
    # --- Amazon
    "hint.amazon_client_refused": _both(
        "クライアントIDかシークレットが違うか、シークレットの期限(180日)が切れています。"
        "アプリの開発→LWA認証情報で新しいシークレットを発行してください。",
        "The client id or secret is wrong, or the secret is past its 180 days. Issue a new one under "
        "Develop Apps, LWA credentials.",
    ),
    "hint.amazon_authorization_ended": _both(
        "Amazonの認可が取り消されたか、1年の期限が切れました。"
        "アプリの開発→アプリを承認で新しいリフレッシュトークンを発行してください。",
        "The authorization was withdrawn or its year is over. Authorize the app again and enter the new "
        "refresh token.",
    ),
    "hint.amazon_access_denied": _both(
        "鍵は有効ですが、ロール(商品の出品、在庫と注文の管理)が足りないか、"
        "出品者トークンが別の店舗のものです。",
        "The keys are good, but a role is missing or seller_id belongs to another seller.",
    ),
    "hint.amazon_not_selling_in_japan": _both(
        "この認可ではAmazon.co.jpで販売できません。アカウントの状態を確認してください。",
        "This authorization does not sell on Amazon.co.jp. Check the account's state.",
    ),
    "renewal.amazon.client_secret.1": _both(
        "セラーセントラル→アプリとサービス→アプリの開発 を開き、LWA認証情報の「表示」を押します。",
        "Open Apps and Services, Develop Apps in Seller Central and press View under LWA credentials.",
    ),
    "renewal.amazon.client_secret.2": _both(
        "新しいシークレットを発行し、下の欄に貼り付けます。リフレッシュトークンはそのままです。",
        "Issue a new secret and paste it below. The refresh token stays.",
    ),
    "renewal.amazon.refresh_token.1": _both(
        "セラーセントラル→アプリとサービス→アプリの開発 で「アプリを承認」を押し、"
        "一度だけ表示されるリフレッシュトークンを下の欄に貼り付けます。",
        "Press Authorize app under Develop Apps in Seller Central and paste the refresh token, which is "
        "shown once, below.",
    ),
    # --- ポンパレモール
    "hint.slot_busy": _both(
        "前に送ったファイル（item.csv / option.csv）をモールが30分以上取り込んでいません。"
        "ポンパレモールManagerで商品CSVの処理状況を確かめてください。取り込まれるまで次のファイルは送りません。",
        "The mall has not taken the last file (item.csv / option.csv) for over 30 minutes. Look at the CSV "
        "processing on the mall's screen; nothing more is sent until it is taken.",
    ),
    "hint.file_refused": _both(
        "モールがファイル全体を受け付けませんでした。モールの文言を確かめ、"
        "商品CSV（item.csv・option.csv）をダウンロードし直してください。",
        "The mall refused the whole file. Read its words, and download item.csv and option.csv again.",
    ),
    "renewal.ponpare.any.1": _both(
        "ポンパレモールManagerでFTPパスワードを再発行し、新しいパスワードと有効期限を入力してください。"
        "受注API用のパスワードとは別です。",
        "Re-issue the FTP password in ポンパレモールManager and enter it with its end date. "
        "It is not the order API's password.",
    ),
    # --- 楽天, CSV over SFTP
    "hint.host_key_unknown": _both(
        "サーバーのホスト鍵が未登録です。運用担当者が指紋を楽天に確かめ、"
        "店舗設定 host_key に登録してください。パスワードは送っていません。",
        "The server's host key is not set. The operator should confirm its fingerprint with Rakuten and set "
        "host_key of the shop. No password was sent.",
    ),
    "hint.host_key_changed": _both(
        "サーバーのホスト鍵が登録と違います。楽天の告知を確かめるまで接続しません。"
        "本物なら host_key を新しい鍵に替えてください。",
        "The server shows another host key than is set; nothing is sent. If Rakuten announced it, set "
        "host_key to the new one.",
    ),
    "hint.ssh_too_old": _both(
        "サーバーと共通の SSH 方式がありません。運用担当者が店舗設定 legacy_ssh を確かめてください。",
        "No SSH algorithm in common with the server. The operator should check legacy_ssh of the shop.",
    ),
    "hint.rakuten_no_download": _both(
        "RMS の商品一括編集で全商品の CSV ダウンロードを申し込んでください。"
        "できたファイルをボットが読みます。",
        "Ask in RMS (商品一括編集) for a CSV download of all items; the bot then reads it.",
    ),
    "renewal.rakuten.sftp_password.1": _both(
        "RMS の「FTP用パスワード変更」→「SFTP」で新しいパスワード（8文字、英数字と / . @ - =）を設定します。",
        "Set a new password in RMS, FTP用パスワード変更 → SFTP (8 letters, digits or / . @ - =).",
    ),
    "renewal.rakuten.sftp_password.2": _both(
        "同じ値を下の欄に入力し、有効期限を入れて「更新する」を押します。反映まで約5分かかります。",
        "Enter the same value and its end date below and press Renew; it takes about 5 minutes to work.",
    ),
    "renewal.rakuten.sftp_user.1": _both(
        "RMS のパスワード変更画面にある FTP ユーザー名を入力します。",
        "Enter the FTP user name shown on RMS's password page.",
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
