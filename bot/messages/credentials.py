"""The ledger of credentials, connection checks, warnings of what ends, and renewal in the shell."""

from bot.messages.causes import cause


def _both(ja: str, en: str) -> dict[str, str]:
    return {"ja": ja, "en": en}


CREDENTIALS: dict[str, dict[str, str]] = {
    # --- why a renewal is not taken
    "renew_overtaken": _both(
        "この画面を開いたあとに、別の人が先に登録しました。もう一度開いて確かめてください。"
        "何も保存していません。",
        "Somebody else entered a value after this form was opened. Open it again. Nothing was stored.",
    ),
    "renew_consent_refused": _both(
        "同意を確かめられませんでした（同意の取り消し、時間切れ、または一度使ったもの）。"
        "もう一度リンクから同意してください。何も保存していません。",
        "The consent was not accepted: refused, too old, or used already. "
        "Consent again from the link. Nothing was stored.",
    ),
    "renew_in_the_shell": _both(
        "この店では認証情報を Slack で受け付けません。"
        "運用担当者がサーバーで `tanaban renew {shop}{kind}` を実行してください。",
        "Credentials are not taken in Slack here. "
        "The operator should run `tanaban renew {shop}{kind}` on the server.",
    ),
    "renew_archived": _both(
        "{mall}（{shop}）は休止中です（mappings.yaml の status: archived）。"
        "在庫の連携も期限の警告も止めているので、更新は要りません。"
        "再開するときは status を active にしてから登録してください。",
        "{mall} ({shop}) is archived (status: archived in mappings.yaml): nothing is synced and no "
        "end is watched, so nothing needs renewing. To begin again, set it to active first.",
    ),
    "renewal_unknown": _both(
        "⚠️ {where}の新しい値はモールにありませんでした。近いもの：{near}。前の値に戻しています。"
        "`{command} renew {shop}` で登録し直してください。",
        "⚠️ {where} does not know the new value. It has: {near}. The former values are in use again; "
        "register it anew with `{command} renew {shop}`.",
    ),
    "renewal.consent_open": _both("同意の画面を開く", "Open the consent page"),
    # --- connection check
    "check_just_refused": _both(
        "{shop} の認証情報は今しがた断られました。アカウントがロックされないよう、"
        "{seconds}秒たってからもう一度試してください。",
        "{shop} refused the credentials just now. Lest the account be locked, try again in {seconds} s.",
    ),
    "check.ok": _both("{shop}: 接続できました（{took}秒）：{detail}", "{shop}: ok in {took} s: {detail}"),
    "check.failed": _both("{shop}: 失敗（{took}秒）：{detail}", "{shop}: failed after {took} s: {detail}"),
    "check.cause": _both("  原因：{text}", "  cause: {text}"),
    "check.cure": _both("  直し方：{text}", "  cure: {text}"),
    "check.renew": _both("  更新：tanaban renew {shop}", "  renew it: tanaban renew {shop}"),
    "check.none_set": _both("{shop}: 未登録：{kinds}", "{shop}: not set: {kinds}"),
    "check.left_alone": _both("{shop}: 休止中", "{shop}: archived"),
    "check.address": _both(
        "  このモールは接続元 IP アドレスの登録が要ります。この機械の送信元は {address} です"
        "（ルーターを通るときは、外から見えるアドレスは別です）。",
        "  this mall wants the calling IP address registered: this machine calls from {address} "
        "(behind a router, NAT, the mall sees another one)",
    ),
    "check.kind": _both("  {label}：{state} {note}", "  {label}: {state} {note}"),
    "kind_state.ok": _both("有効", "ok"),
    "kind_state.refused": _both("断られました", "refused"),
    "kind_state.unknown": _both("不明", "unknown"),
    "kind_state.pending": _both("確認中", "pending"),
    "kind_state.failed": _both("使えません", "failed"),
    "kind_state.not_set": _both("未登録", "not set"),
    "kind_state.unproved": _both("未確認", "not proved"),
    # --- the bot's own
    **cause(
        "own_refused",
        (
            "ボット自身の認証情報が断られました",
            "{label}（{owner} {kind}）が受け付けられていません。",
            "ほかの認証情報での連携は続いています。",
            "新しい値を発行し、サーバーで `tanaban credentials set {owner} {kind}` を実行してから、"
            "ボットを再起動してください（環境変数 {variable} で渡しているときは、その値を替えます）。",
        ),
        (
            "A credential of the bot's own is refused",
            "The {label} ({owner} {kind}) is not accepted.",
            "What rests on other credentials goes on.",
            "Issue a new one, run `tanaban credentials set {owner} {kind}` on the server and restart the "
            "bot; where the variable {variable} gives it, change that instead.",
        ),
    ),
    # --- the ledger
    "credentials.ends": _both("{day} まで（あと{days}日、{by}）", "ends {day} (in {days} days, {by})"),
    "credentials.ended": _both("{day} まで（{days}日超過、{by}）", "ended {day} ({days} days over, {by})"),
    "credentials.no_end": _both("期限なし", "no end"),
    "credentials.proved": _both("確認 {at}", "proved {at}"),
    "credentials.issued": _both("発行 {day}", "issued {day}"),
    "credentials.entered": _both("登録 {day} {who}", "entered {day} by {who}"),
    "credentials.stops": _both("切れると止まるもの：{text}", "stops with it: {text}"),
    "credentials.takes": _both("新しい値は最大 {span} で有効", "a new value takes up to {span}"),
    "credentials.end_by.mall": _both("モールの返事", "as the mall says"),
    "credentials.end_by.person": _both("入力した日付", "as entered"),
    "credentials.end_by.life": _both("目安", "by its usual life"),
    "stops.any": _both("その店舗の注文の取り込みと在庫の反映", "that shop's orders and stock"),
    "stops.optional": _both("なし（連携は続きます）", "nothing, sync goes on"),
    "stops.slack.bot_token": _both("Slack への通知と操作", "alerts and commands in Slack"),
    "stops.slack.app_token": _both("Slack からの操作", "commands from Slack"),
    "stops.slack.signing_secret": _both("Slack からの操作（HTTP モード）", "commands from Slack (HTTP mode)"),
    "stops.mapping.token": _both("対応表の変更の取り込み", "the taking over of mapping changes"),
    "stops.forge.token": _both("プルリクエストの作成", "the opening of pull requests"),
    "credentials.forgotten": _both(
        "{count}件の認証情報の記録を消しました。`tanaban renew` か `tanaban credentials set` で"
        "入れ直してください。",
        "{count} records were forgotten. Enter the credentials anew: 'tanaban renew' or "
        "'tanaban credentials set'.",
    ),
    "credentials.not_lost": _both(
        "金庫があるので、何も消していません。", "The vault is there, so nothing was forgotten."
    ),
    "credentials.rekeyed": _both(
        "金庫の鍵を替えました。{path} を控え（バックアップ）に取ってください。古い鍵はもう使えません。",
        "The vault has a new key. Back up {path}; the old key opens nothing any more.",
    ),
    # --- warnings
    "expiring.left": _both("あと{days}日", "{days} days left"),
    "expiring.over": _both("{days}日超過", "{days} days over"),
    "expiring.detail": _both("{label}：{day}（{left}）", "{label}: {day} ({left})"),
    "expiring_step": _both(
        "🔑 {where}の{label}の期限：{day}（{left}）。`{command} renew {shop} {kind}` で更新してください。",
        "🔑 The {label} of {where}: {day} ({left}). Renew it with `{command} renew {shop} {kind}`.",
    ),
    # --- renewal in the shell
    "renew.stored": _both("{shop}: 受け取りました（指紋 {mark}）。", "{shop}: received, fingerprint {mark}."),
    "renew.tried_by_bot": _both(
        "動いているボットが確かめます。結果は Slack と tanaban credentials list に出ます。",
        "The running bot tries it; see Slack or 'tanaban credentials list'.",
    ),
    "renew.live": _both("{shop}: 使えることを確かめました。", "{shop}: it works, and is in use now."),
    "renew.pending": _both(
        "{shop}: まだ使えません（{detail}）。ボットが動けば確かめ続けます。",
        "{shop}: it does not work yet ({detail}). The bot goes on trying once it runs.",
    ),
    "renew.failed": _both(
        "{shop}: 使えませんでした（{detail}）。前の値のままです。",
        "{shop}: it does not work ({detail}). The former value stays in use.",
    ),
    "renew.near": _both("近いもの：{near}", "it has: {near}"),
    "renew.consent": _both(
        "次のページを開いて同意し、そのあとに開いたページのアドレスを貼り付けてください：\n{url}",
        "Open this page, consent, and paste the address of the page that follows:\n{url}",
    ),
    "renew.consent_here": _both(
        "次のページを開いて同意してください。答えはここで{minutes}分待ちます（Ctrl-C でやめます）。"
        "ほかの機械のブラウザで開くときは、--paste を付けてやり直してください：\n{url}",
        "Open this page and consent; the answer is waited for here for {minutes} minutes (Ctrl-C ends it). "
        "With a browser on another machine, begin again with --paste:\n{url}",
    ),
    "renew.consent_thanks": _both(
        "受け取りました。このページは閉じてください。", "Received. This page may be closed."
    ),
    "renew_consent_late": _both(
        "同意の答えが届きませんでした。もう一度 `tanaban renew` から始めるか、--paste を付けてください。"
        "何も保存していません。",
        "No answer came in time. Begin again with 'tanaban renew', or with --paste. Nothing was stored.",
    ),
    "renew_port_taken": _both(
        "同意の答えを待つポート {port} は、ほかのプログラムが使っています。"
        "--paste を付けてやり直してください。"
        "何も保存していません。",
        "Port {port}, where the answer would come, is in use by another program. Begin again with "
        "--paste. Nothing was stored.",
    ),
    "renew.date_ask": _both("有効期限（YYYY-MM-DD、空欄可）: ", "valid until (YYYY-MM-DD, may be empty): "),
    "renew.issued_ask": _both(
        "発行日（YYYY-MM-DD、空欄は今日）: ", "day of its issue (YYYY-MM-DD, empty for today): "
    ),
    "renew_date_wrong": _both("日付は YYYY-MM-DD の形で入力してください。", "Give the date as YYYY-MM-DD."),
    "renew_lines": _both(
        "端末以外からは、値を1行に1つずつ、{count}行入力してください（{kinds}）。",
        "Without a terminal give {count} lines, a value each ({kinds}).",
    ),
}
