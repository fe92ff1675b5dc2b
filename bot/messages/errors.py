"""What the errors of the malls mean, and what cures them: see ``adapters/<mall>/errors.py``."""


def _known(key: str, cause: tuple[str, str], cure: tuple[str, str]) -> dict[str, dict[str, str]]:
    """Give the two sentences of an entry, each in Japanese and in English."""
    parts = {"cause": cause, "cure": cure}
    return {f"error.{key}.{part}": {"ja": texts[0], "en": texts[1]} for part, texts in parts.items()}


ERRORS: dict[str, dict[str, str]] = {
    **_known(
        "temporary",
        (
            "モールの一時的な不調です。",
            "The mall is in trouble for a while.",
        ),
        (
            "ボットが自動でやり直します。操作は要りません。",
            "The bot tries again by itself. Nothing to do.",
        ),
    ),
    **_known(
        "maintenance",
        (
            "モールがメンテナンス中です。",
            "The mall is closed for maintenance.",
        ),
        (
            "終わりしだい自動で追いつきます。操作は要りません。",
            "The bot catches up afterwards. Nothing to do.",
        ),
    ),
    **_known(
        "busy",
        (
            "モール側で別の処理が動いていて、今は更新できません。",
            "Another process at the mall keeps it from being changed now.",
        ),
        (
            "ボットが自動でやり直します。操作は要りません。",
            "The bot tries again by itself. Nothing to do.",
        ),
    ),
    **_known(
        "quota",
        (
            "呼び出し回数の上限に達しました。",
            "The number of calls allowed is used up.",
        ),
        (
            "ボットが待ってからやり直します。続くときは、同じキーを使う別のツールを止めてください。",
            "The bot waits and tries again. If it lasts, stop other tools that use the same key.",
        ),
    ),
    **_known(
        "request_form",
        (
            "送った内容の形がモールに受け付けられませんでした。",
            "The mall did not accept the form of what was sent.",
        ),
        (
            "ボットの不具合か、モールの変更です。運用担当者に知らせてください。",
            "A fault of the bot, or a change at the mall. Tell the operator.",
        ),
    ),
    **_known(
        "code_form",
        (
            "商品コードの形か長さがモールの決まりに合いません。",
            "The code's form or length is not what the mall takes.",
        ),
        (
            "mappings.yaml のコードをモールの画面のコードと一字ずつ見比べて直してください。",
            "Compare the code in mappings.yaml with the mall's screen, letter by letter, and mend it.",
        ),
    ),
    **_known(
        "code_unknown",
        (
            "その商品コードはモールにありません。",
            "The mall has no such code.",
        ),
        (
            "mappings.yaml のコードをモールの画面のコードと一字ずつ見比べて直してください。",
            "Compare the code in mappings.yaml with the mall's screen, letter by letter, and mend it.",
        ),
    ),
    **_known(
        "quantity",
        (
            "在庫数がモールの範囲を外れています。",
            "The quantity is outside what the mall takes.",
        ),
        (
            "在庫数（棚卸）を確かめてください。上限を超える数は mappings.yaml の cap で抑えられます。",
            "Check the count of the code; a cap in mappings.yaml keeps large numbers down.",
        ),
    ),
    **_known(
        "password",
        (
            "ユーザー名かパスワードが違うか、パスワードの期限が切れています。",
            "The user or password is wrong, or the password is past its end.",
        ),
        (
            "モールの画面で新しいパスワードを設定し、`{command} renew {shop}` で同じ値を登録してください。",
            "Set a new password on the mall's page and register the same with `{command} renew {shop}`.",
        ),
    ),
    **_known(
        "area_full",
        (
            "ファイル領域がいっぱいです。",
            "The file area is full.",
        ),
        (
            "モール側の取り込みが止まっていないか確かめ、要らないファイルを消してください。",
            "See whether the mall still takes its files, and delete what is not needed.",
        ),
    ),
    **_known(
        "folder_missing",
        (
            "ファイル領域に、あるはずのフォルダーがありません。",
            "A folder that should be there is missing in the file area.",
        ),
        (
            "運用担当者が店舗設定のフォルダー名を確かめてください。",
            "The operator should check the folder's name in the shop's settings.",
        ),
    ),
    **_known(
        "no_tls",
        (
            "サーバーが暗号化（TLS）に応じません。パスワードは送っていません。",
            "The server offers no TLS. No password was sent.",
        ),
        (
            "運用担当者が接続先（host、port）を確かめてください。",
            "The operator should check host and port.",
        ),
    ),
    **_known(
        "certificate",
        (
            "サーバー証明書を確かめられません。",
            "The server's certificate is not trusted.",
        ),
        (
            "運用担当者が接続先と ca_file を確かめてください。期限切れならモールに知らせてください。",
            "The operator should check the host and ca_file. If it has expired, tell the mall.",
        ),
    ),
    **_known(
        "rakuten_key",
        (
            "ライセンスキーが違うか期限切れ、または発行直後でまだ有効でないか、使う機能に「利用する」"
            "が付いていません。",
            "The licence key is wrong, past its 90 days, or too new to be valid; or the function is n"
            "ot ticked.",
        ),
        (
            "RMS の 2-1 WEB API で期限と「利用機能編集」を確かめ、必要なら新しいキーを `{command} ren"
            "ew {shop}` で登録してください。",
            "See its end and 利用機能編集 on RMS's page 2-1 WEB API; if need be, register a new key w"
            "ith `{command} renew {shop}`.",
        ),
    ),
    **_known(
        "rakuten_not_ticked",
        (
            "RMS で、使う機能に「利用する」が付いていません。",
            "The function is not ticked in RMS.",
        ),
        (
            "RMS の「利用機能編集」で「利用する」を付け、「確認する」を2回押してから、接続チェックを"
            "してください。",
            "Tick 利用する in 利用機能編集 of RMS, press 確認する twice, then check the connection.",
        ),
    ),
    **_known(
        "rakuten_cells",
        (
            "1つの商品に登録できる在庫の数（400）を超えています。",
            "One item holds at most 400 stock cells.",
        ),
        (
            "その商品の SKU を減らすか、商品を分けてください。消した SKU の分も数えられます。",
            "Take SKUs off the item, or split it. Deleted ones still count.",
        ),
    ),
    **_known(
        "rakuten_lead_time",
        (
            "納期情報の番号が RMS の設定にありません。",
            "A lead-time number is not defined in RMS.",
        ),
        (
            "RMS の納期情報の設定を確かめてください。",
            "Check the lead times in RMS.",
        ),
    ),
    **_known(
        "rakuten_download",
        (
            "全商品の CSV がまだ作られていません。",
            "There is no CSV of all items yet.",
        ),
        (
            "RMS の商品一括編集で全商品の CSV ダウンロードを申し込んでください。",
            "Ask in RMS (商品一括編集) for a CSV download of all items.",
        ),
    ),
    **_known(
        "host_key",
        (
            "サーバーのホスト鍵が未登録か、登録と違います。パスワードは送っていません。",
            "The server's host key is not set, or is another one. No password was sent.",
        ),
        (
            "運用担当者が楽天の告知で指紋を確かめ、店舗設定 host_key に登録してください。",
            "The operator should confirm its fingerprint with Rakuten and set host_key of the shop.",
        ),
    ),
    **_known(
        "yahoo_consent",
        (
            "Yahoo!の同意が無効です。期限（28日）切れか、ストアクリエイターProのログインパスワードの"
            "変更、同意の取り消しが原因です。",
            "The consent is dead: its 28 days are over, the login password of ストアクリエイターPro w"
            "as changed, or it was withdrawn.",
        ),
        (
            "`{command} renew {shop}` を開き、リンクから同意し直してください。",
            "Open `{command} renew {shop}` and consent again from the link.",
        ),
    ),
    **_known(
        "yahoo_short",
        (
            "公開鍵なしで注文を読んだため、同意が12時間で切れました。",
            "Orders were read without a valid public key, so the consent ended after 12 hours.",
        ),
        (
            "`{command} renew {shop} public_key` で公開鍵を登録してから、`{command} renew {shop}` で"
            "同意し直してください。",
            "Register the public key with `{command} renew {shop} public_key`, then consent with `{co"
            "mmand} renew {shop}`.",
        ),
    ),
    **_known(
        "yahoo_order_api",
        (
            "注文 API の利用申請が済んでいません。",
            "The order API has not been applied for.",
        ),
        (
            "Yahoo!に注文 API の利用を申請してください（1週間ほどかかります）。",
            "Apply to Yahoo! for the order API; it takes about a week.",
        ),
    ),
    **_known(
        "yahoo_source_ip",
        (
            "ボットの送信元 IP アドレスが Yahoo! に登録されていません。",
            "The bot's outgoing IP address is not registered with Yahoo!.",
        ),
        (
            "`{command} check {shop}` に出る送信元アドレスを確かめ、Yahoo! に登録を申請してください。",
            "Find the outgoing address with `{command} check {shop}` and have Yahoo! register it.",
        ),
    ),
    **_known(
        "yahoo_privilege",
        (
            "同意した ID に、このストアの権限がありません。",
            "The ID that consented lacks the privilege for this store.",
        ),
        (
            "ストアクリエイターProの 設定→権限管理設定 で注文管理権限を付けるか、権限のある ID で同意"
            "し直してください。",
            "Give it 注文管理権限 in ストアクリエイターPro (設定→権限管理設定), or consent with an ID"
            " that has it.",
        ),
    ),
    **_known(
        "yahoo_store_account",
        (
            "ストアアカウントが違います（別の店舗のものかもしれません）。",
            "The store account is wrong, perhaps another shop's.",
        ),
        (
            "運用担当者が tanaban.toml の seller_id を確かめてください。",
            "The operator should check seller_id in tanaban.toml.",
        ),
    ),
    **_known(
        "yahoo_client",
        (
            "Client ID かシークレットが違います。",
            "The Client ID or its secret is wrong.",
        ),
        (
            "アプリケーション管理の画面で確かめ、`{command} renew {shop} client_secret` で登録してください。",
            "Look them up on the application page and register them with `{command} renew {shop} clie"
            "nt_secret`.",
        ),
    ),
    **_known(
        "yahoo_scope",
        (
            "アプリケーションに「ストア向け操作関連の機能」がありません。",
            "The application lacks the store scope.",
        ),
        (
            "アプリケーションの設定を直してから、同意し直してください。",
            "Mend the application's settings and consent again.",
        ),
    ),
    **_known(
        "yahoo_key",
        (
            "公開鍵かそのバージョンが合わないか、この機械の時計がずれています（X-SWS-Authorize-Status）。",
            "The public key or its version does not match, or this machine's clock is wrong (X-SWS-Au"
            "thorize-Status).",
        ),
        (
            "時刻を確かめ、ストアクリエイターProの 設定→暗号鍵管理 の鍵を `{command} renew {shop} pub"
            "lic_key` で登録してください。",
            "Check the clock, then register the key of 設定→暗号鍵管理 with `{command} renew {shop} p"
            "ublic_key`.",
        ),
    ),
    **_known(
        "yahoo_reread",
        (
            "在庫は反映されましたが、Yahoo!が読み直せませんでした。",
            "The stock was set, but Yahoo! could not read it again.",
        ),
        (
            "ボットが読み直して確かめます。操作は要りません。",
            "The bot reads it back. Nothing to do.",
        ),
    ),
    **_known(
        "amazon_client",
        (
            "クライアント ID かシークレットが違うか、シークレットの期限（180日）が切れています。",
            "The client id or secret is wrong, or the secret is past its 180 days.",
        ),
        (
            "アプリの開発→LWA認証情報で新しいシークレットを発行し、`{command} renew {shop} client_sec"
            "ret` で登録してください。",
            "Issue a new secret under Develop Apps, LWA credentials, and register it with `{command} "
            "renew {shop} client_secret`.",
        ),
    ),
    **_known(
        "amazon_authorization",
        (
            "Amazonの認可が取り消されたか、1年の期限が切れました。",
            "The authorization was withdrawn or its year is over.",
        ),
        (
            "アプリの開発で「アプリを承認」を押し、新しいリフレッシュトークンを `{command} renew {sho"
            "p} refresh_token` で登録してください。",
            "Authorize the app again and register the new token with `{command} renew {shop} refresh_token`.",
        ),
    ),
    **_known(
        "amazon_denied",
        (
            "ロール（商品の出品、在庫と注文の管理）が足りないか、出品者トークンが別の店舗のものです。",
            "A role is missing, or seller_id belongs to another seller.",
        ),
        (
            "アプリのロールを確かめて認可し直し、運用担当者が seller_id を確かめてください。",
            "Check the app's roles and authorize it again; the operator should check seller_id.",
        ),
    ),
    **_known(
        "amazon_not_in_japan",
        (
            "この認可では Amazon.co.jp で販売できません。",
            "This authorization does not sell on Amazon.co.jp.",
        ),
        (
            "セラーセントラルでアカウントの状態を確かめてください。",
            "Check the account's state in Seller Central.",
        ),
    ),
    **_known(
        "futureshop_keys",
        (
            "API の利用が許可されていないか、店舗KEY・APIキー・APIパスワードが違うか、接続元 IP アド"
            "レスが登録されていません。",
            "The API is not granted, a key or password is wrong, or the calling IP address is not reg"
            "istered.",
        ),
        (
            "futureshop の管理画面で利用申請と接続元 IP アドレスを確かめ、値は `{command} renew {shop"
            "}` で登録し直してください。",
            "Check the grants and the registered address in futureshop's admin screen; register the v"
            "alues again with `{command} renew {shop}`.",
        ),
    ),
    **_known(
        "futureshop_unmanaged",
        (
            "その商品は在庫管理をしない設定です。",
            "That product is set not to manage stock.",
        ),
        (
            "futureshop の商品の在庫設定を「管理する」にするか、対応表から外してください。",
            "Let futureshop manage its stock, or take it out of the mapping.",
        ),
    ),
    **_known(
        "qoo10_key",
        (
            "販売者認証キーが違います。",
            "The seller authorization key is wrong.",
        ),
        (
            "新しく発行し、`{command} renew {shop}` で登録してください。",
            "Issue a new one and register it with `{command} renew {shop}`.",
        ),
    ),
    **_known(
        "qoo10_key_or_method",
        (
            "販売者認証キーが違うか無効です（QSM のパスワード変更でも無効になります）。接続先が違うと"
            "きも同じ答えです。",
            "The key is wrong or dead (a change of the QSM password kills it); a wrong host gets the "
            "same answer.",
        ),
        (
            "キーを作り直し、`{command} renew {shop}` で登録してください。直らなければ運用担当者が接"
            "続先を確かめてください。",
            "Make a new key and register it with `{command} renew {shop}`. If that does not help, the"
            " operator should check the host.",
        ),
    ),
    **_known(
        "qoo10_not_granted",
        (
            "この機能の利用が Qoo10 で許可されていません。",
            "Qoo10 has not granted this function to the shop.",
        ),
        (
            "QSM の「Qoo10へお問い合わせ」→ システム → API・FTP・QSM権限 から申請してください。キーは"
            "そのままで構いません。",
            "Ask through Qoo10へお問い合わせ → システム → API・FTP・QSM権限 in QSM. The key is good.",
        ),
    ),
    **_known(
        "qoo10_expired",
        (
            "販売者認証キーの期限（1年）が切れました。",
            "The seller authorization key is past its year.",
        ),
        (
            "新しく発行し、`{command} renew {shop}` で登録してください。",
            "Issue a new one and register it with `{command} renew {shop}`.",
        ),
    ),
    **_known(
        "qoo10_inactive",
        (
            "その商品は取引待機・取引可能のどちらでもありません。",
            "The item is neither on standby nor on sale.",
        ),
        (
            "QSM で商品の状態を確かめ、販売しないなら対応表から外してください。",
            "See to the item's state in QSM, or take it out of the mapping.",
        ),
    ),
    **_known(
        "ponpare_slot",
        (
            "前に送ったファイルをモールがまだ取り込んでいません。",
            "The mall has not taken the last file yet.",
        ),
        (
            "ポンパレモールManagerで商品CSVの処理状況を確かめてください。取り込まれるまで次のファイル"
            "は送りません。",
            "Look at the CSV processing on the mall's screen; nothing more is sent until it is taken.",
        ),
    ),
    **_known(
        "ponpare_file",
        (
            "モールがファイル全体を受け付けませんでした。",
            "The mall refused the whole file.",
        ),
        (
            "モールの文言を確かめ、item.csv・option.csv をダウンロードし直してください。",
            "Read its words, and download item.csv and option.csv again.",
        ),
    ),
    **_known(
        "ponpare_row",
        (
            "モールがその行を受け付けませんでした。",
            "The mall did not take that row.",
        ),
        (
            "モールの文言を読み、モールの画面の商品ID・選択肢と対応表のコードを見比べてください。",
            "Read the mall's words, and compare the code in the mapping with the item and its options"
            " on the mall's screen.",
        ),
    ),
    **_known(
        "roomclip_shop_code",
        (
            "そのショップコードのフォルダーが TEMPOSTAR にありません。",
            "TEMPOSTAR has no folder of this shop code.",
        ),
        (
            "候補の中から正しいショップコードを選び、`{command} renew {shop} shop_code` で登録してください。",
            "Pick the right one of those it has and register it with `{command} renew {shop} shop_code`.",
        ),
    ),
    **_known(
        "file_form",
        (
            "ファイルの形が違います（列が足りない、途中で切れている、文字コードが違うなど）。",
            "The file has another form: a column is missing, it is cut, or has another encoding.",
        ),
        (
            "モールの画面から書き出したままのファイルを、表計算ソフトで保存し直さずに渡してください。",
            "Give the file as the mall's screen exports it, not saved anew by a spreadsheet.",
        ),
    ),
    **_known(
        "listing_refused",
        (
            "その行は出品ファイルに入れられません。",
            "That line cannot be put into the listing file.",
        ),
        (
            "雛形ファイルにその管理番号の行を1つだけ用意してください。",
            "The template needs just one row of that 管理番号.",
        ),
    ),
}
