"""An oversell: the alert, which race it was, what to do, and the lines of its timeline."""

from __future__ import annotations

from bot.messages.causes import cause


def race(name: str, ja: tuple[str, str], en: tuple[str, str]) -> dict[str, dict[str, str]]:
    """Give the sentences of a race: what happened, and how it does not happen again."""
    return {f"race.{name}.{part}": {"ja": ja[i], "en": en[i]} for i, part in enumerate(("what", "next"))}


OVERSELLS: dict[str, dict[str, str]] = {
    **cause(
        "oversold",
        (
            "売り越し {code}",
            "{code} が在庫より {pieces}個 多く売れました。最後の注文は {sold_on} の {order}（{sold_at}）"
            "です。",
            "この商品はどの店舗でも 0 と表示しています。ほかの商品の連携は続いています。",
            "{sold_on} の注文 {order} の購入者に連絡してください。入荷するかキャンセルになれば、"
            "この警告は自動で"
            "閉じます。経過はスレッドにあります。",
        ),
        (
            "Oversold: {code}",
            "{pieces} more of {code} were sold than there were. The last order is {order} of {sold_on} "
            "({sold_at}).",
            "Every shop shows 0 of it. All other goods are kept in step.",
            "Write to the buyer of order {order} at {sold_on}. When stock comes in or an order is "
            "cancelled, this "
            "alert closes by itself. The timeline is in the thread.",
        ),
    ),
    "race.unsure": {
        "ja": "（最初の見立てです。モールの数を読み直して確かめます）",
        "en": "(A first guess: the number at the mall is being read.)",
    },
    **race(
        "poll_delay",
        (
            "原因：ほぼ同時の注文。{other_shop} の {other_order} が {sold_on} に伝わる前に売れました。",
            "防ぐには：最後の数点の配分（last_units）か安全在庫を増やしてください。",
        ),
        (
            "Cause: two orders at nearly the same time; {other_order} of {other_shop} had not reached "
            "{sold_on} yet.",
            "To prevent it: more last_units, or some safety stock.",
        ),
    ),
    **race(
        "lost_write",
        (
            "原因：書き込みの消失。{sold_on} は「反映した」と答えましたが、前の数のままでした。",
            "防ぐには：{sold_on} の商品の反映設定を確かめ、続くならモールに問い合わせてください。",
        ),
        (
            "Cause: a lost write. {sold_on} said it was done and went on showing the number before.",
            "To prevent it: check the listing at {sold_on}; if it happens again, ask the mall.",
        ),
    ),
    **race(
        "unknown_outcome",
        (
            "原因：返事のない書き込み。{sold_on} に送った数の結果が分からないうちに売れました。",
            "防ぐには：回線とモールの障害情報を確かめてください。",
        ),
        (
            "Cause: a write without an answer. {sold_on} sold before it was known what had become of the "
            "number.",
            "To prevent it: look at the connection, and at the mall's own notices.",
        ),
    ),
    **race(
        "edit",
        (
            "原因：モールでの書き換え。{sold_on} の在庫数が、こちらの書いた数より多くなっていました。",
            "防ぐには：モールの画面や別のシステムで在庫数を直さないでください。",
        ),
        (
            "Cause: an edit at the mall. {sold_on} showed more than we had written.",
            "To prevent it: change no stock on the mall's screen or with another system.",
        ),
    ),
    **race(
        "wrong_code",
        (
            "原因：コードの取り違え。{other_shop} の {other_order} は、"
            "売れたときに別のコードか対応表なしでした。",
            "防ぐには：対応表の {code} の行と、モールの商品コードを見比べてください。",
        ),
        (
            "Cause: a wrong code. {other_order} of {other_shop} stood under another code, or none, when it "
            "was sold.",
            "To prevent it: compare the lines of {code} in the mapping with the codes at the mall.",
        ),
    ),
    **race(
        "set_miscount",
        (
            "原因：セットの数の誤り。{sold_on} で売れたセットは、対応表に書かれていた数より多く {code} "
            "を使います。",
            "防ぐには：対応表の set の個数を確かめてください。",
        ),
        (
            "Cause: a miscounted set. The set that {sold_on} sold takes more of {code} than the mapping "
            "said.",
            "To prevent it: check the numbers of the set in the mapping.",
        ),
    ),
    **race(
        "expired_key",
        (
            "原因：認証切れ。{stop_shop} のキーが使えず、{other_order} の分が {sold_on} "
            "に伝わりませんでした。",
            "防ぐには：{stop_shop} のキーを期限の前に更新してください。",
        ),
        (
            "Cause: an expired key. {stop_shop} refused ours, so {other_order} did not reach {sold_on}.",
            "To prevent it: renew the key of {stop_shop} before it ends.",
        ),
    ),
    **race(
        "maintenance",
        (
            "原因：モールのメンテナンス。{stop_shop} が閉じている間、{other_order} "
            "の分を伝えられませんでした。",
            "防ぐには：メンテナンスの前に残りの少ない商品を止めるか、team.yaml に予定を書いてください。",
        ),
        (
            "Cause: maintenance at {stop_shop}: {other_order} could not be passed on meanwhile.",
            "To prevent it: stop what is nearly sold out beforehand, and write the window into team.yaml.",
        ),
    ),
    **race(
        "overwritten",
        (
            "原因：販売と書き込みの行き違い。{sold_on} で {other_order} が売れた瞬間に、"
            "こちらの数を上書きしました。",
            "防ぐには：売れている最中の手作業の在庫調整を避け、安全在庫を増やしてください。",
        ),
        (
            "Cause: a write over a sale in flight. {sold_on} sold {other_order} just as our number arrived "
            "there.",
            "To prevent it: no adjustments by hand while it sells, and some safety stock.",
        ),
    ),
    **race(
        "paused",
        (
            "原因：一時停止中の販売。{sold_on} への書き込みが止まっていて、{other_order} "
            "の分が下がりませんでした。",
            "防ぐには：停止するときは、モールの画面でも残りの少ない商品を止めてください。",
        ),
        (
            "Cause: a sale on a paused shop. Nothing was written to {sold_on}, so {other_order} did not "
            "lower it.",
            "To prevent it: when pausing, stop what is nearly sold out on the mall's screen as well.",
        ),
    ),
    **race(
        "outage",
        (
            "原因：通信の障害。{stop_shop} に接続できず、{other_order} の分が {sold_on} "
            "に伝わりませんでした。",
            "防ぐには：回線とモールの障害情報を確かめてください。",
        ),
        (
            "Cause: an outage. {stop_shop} could not be reached, so {other_order} did not reach {sold_on}.",
            "To prevent it: look at the connection, and at the mall's own notices.",
        ),
    ),
    **race(
        "refused",
        (
            "原因：書き込みの拒否。{sold_on} が新しい数を受け付けず、前の数のまま売れました。",
            "防ぐには：{sold_on} の商品コードと公開設定を確かめてください。",
        ),
        (
            "Cause: a refused write. {sold_on} did not take the new number and sold by the old one.",
            "To prevent it: check the code and the listing at {sold_on}.",
        ),
    ),
    **race(
        "counted",
        (
            "原因：在庫の訂正。{sold_on} に表示したあとで、在庫の数が下に直されました。",
            "防ぐには：棚卸や調整は、売れ行きの少ない時間に行ってください。",
        ),
        (
            "Cause: a correction. The stock was put down after {sold_on} had shown it.",
            "To prevent it: count and adjust at quiet hours.",
        ),
    ),
    # --- the timeline
    "autopsy.sold": {
        "ja": "{shop} 注文 {order}：{listed} ×{n}個",
        "en": "{shop} order {order}: {listed}, {n} pcs",
    },
    "autopsy.seen": {"ja": "{shop} 注文 {order} を把握", "en": "{shop} order {order} seen by the bot"},
    "autopsy.counted": {
        "ja": "{shop} 注文 {order} を在庫に反映（それまで対応するコードなし）",
        "en": "{shop} order {order} counted (no code until then)",
    },
    "autopsy.sent": {
        "ja": "{shop} {listed} に {before} → {n} を送信",
        "en": "{shop} {listed}: {before} -> {n} sent",
    },
    "autopsy.done": {"ja": "{shop} {listed} が {n} を受け付け", "en": "{shop} {listed}: {n} acknowledged"},
    "autopsy.refused": {"ja": "{shop} {listed} が {n} を拒否", "en": "{shop} {listed}: {n} refused"},
    "autopsy.unknown": {
        "ja": "{shop} {listed} の {n} は返事なし",
        "en": "{shop} {listed}: no answer for {n}",
    },
    "autopsy.reading": {"ja": "{shop} {listed} は {n} と表示", "en": "{shop} {listed} showed {n}"},
    "autopsy.move": {"ja": "在庫 {n:+d}（{cause} {who}）", "en": "stock {n:+d} ({cause} {who})"},
    "autopsy.detected": {"ja": "売り越しを検出（残り {n}）", "en": "oversell found ({n} left)"},
    "autopsy.begin.paused": {"ja": "{shop} 停止（{who}）", "en": "{shop} paused ({who})"},
    "autopsy.end.paused": {"ja": "{shop} 再開", "en": "{shop} resumed"},
    "autopsy.begin.expired_key": {"ja": "{shop} 認証エラー", "en": "{shop} refused the key"},
    "autopsy.end.expired_key": {"ja": "{shop} 認証が復旧", "en": "{shop} took the key again"},
    "autopsy.begin.maintenance": {"ja": "{shop} メンテナンス開始", "en": "{shop} closed for maintenance"},
    "autopsy.end.maintenance": {"ja": "{shop} メンテナンス終了", "en": "{shop} open again"},
    "autopsy.begin.outage": {"ja": "{shop} 障害", "en": "{shop} out of reach"},
    "autopsy.end.outage": {"ja": "{shop} 復旧", "en": "{shop} in reach again"},
}
