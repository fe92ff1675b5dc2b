"""Why a shop does not show what it should: ``reason.<key>`` says what is wrong, ``.next`` what to do."""

from __future__ import annotations


def _reason(key: str, ja: tuple[str, str], en: tuple[str, str]) -> dict[str, dict[str, str]]:
    return {
        f"reason.{key}": {"ja": ja[0], "en": en[0]},
        f"reason.{key}.next": {"ja": ja[1], "en": en[1]},
    }


_RESUME = ("`{command} resume {target}` で再開します。", "`{command} resume {target}` ends it.")


def _paused(key: str, ja: str, en: str) -> dict[str, dict[str, str]]:
    by_ja = "（{who}、{since} から、理由：{reason}）"
    by_en = " ({who}, since {since}, reason: {reason})"
    return _reason(key, (ja + by_ja, _RESUME[0]), (en + by_en, _RESUME[1]))


WHY: dict[str, dict[str, str]] = {
    "reason.title": {"ja": "{code} と {shop}", "en": "{code} on {shop}"},
    "reason.wrong": {"ja": "✗ {step}：{what}", "en": "✗ {step}: {what}"},
    "reason.passed": {"ja": "✓ {steps}", "en": "✓ {steps}"},
    "reason.step": {"ja": "→ {next}", "en": "→ {next}"},
    "button.why": {"ja": "理由を調べる", "en": "Why?"},
    "button.step": {"ja": "{step} を実行", "en": "Do: {step}"},
    "button.renewal": {"ja": "認証情報を更新", "en": "Renew the credential"},
    "step.switch": {"ja": "自動連携", "en": "sync"},
    "step.shop": {"ja": "店舗の設定", "en": "shop"},
    "step.pause": {"ja": "一時停止", "en": "pauses"},
    "step.credential": {"ja": "認証と接続", "en": "credential"},
    "step.mapping": {"ja": "コード対応", "en": "mapping"},
    "step.listing": {"ja": "モールの商品", "en": "listing"},
    "step.guard": {"ja": "大きな変更の確認", "en": "guard"},
    "step.drift": {"ja": "モールでの書き換え", "en": "drift"},
    "step.write": {"ja": "書き込み", "en": "write"},
    "step.answer": {"ja": "モールの返事", "en": "the mall's answer"},
    "step.waiting": {"ja": "反映待ち", "en": "waiting"},
    **_reason(
        "all_off",
        ("自動連携がオフです。", "`{command} on` で始めます。"),
        ("Sync is off.", "`{command} on` switches it on."),
    ),
    **_reason(
        "archived",
        ("{shop} は休止中です。", "使うときは mappings.yaml の status を active にします。"),
        ("{shop} is archived.", "To use it, set its status to active in mappings.yaml."),
    ),
    **_reason(
        "shop_off",
        ("{shop} の自動連携がオフです。", "`{command} on {shop}` で始めます。"),
        ("Sync of {shop} is off.", "`{command} on {shop}` switches it on."),
    ),
    **_paused("paused_all", "全店舗が一時停止中です", "Everything is paused"),
    **_paused("paused_shop", "{shop} が一時停止中です", "{shop} is paused"),
    **_paused("paused_product", "商品 {target} が一時停止中です", "The product {target} is paused"),
    **_paused("paused_code", "{code} が一時停止中です", "{code} is paused"),
    **_paused("paused_listing", "{shop} の {code} だけが一時停止中です", "{code} is paused on {shop} alone"),
    **_reason(
        "maintenance",
        ("メンテナンス中です（{reason}、{until} まで）。", "終わると自動で再開します。"),
        ("Maintenance ({reason}, until {until}).", "It ends by itself."),
    ),
    **_reason(
        "not_set",
        ("認証情報が未登録です：{kinds}", "`{command} renew {shop}` で登録します。"),
        ("Credentials were never set: {kinds}", "Set them with `{command} renew {shop}`."),
    ),
    **_reason(
        "refused_key",
        ("モールに認証情報を拒否され、停止しています：{detail}", "`{command} renew {shop}` で更新します。"),
        ("The mall refused the credential, so the shop is stopped: {detail}", "`{command} renew {shop}`."),
    ),
    **_reason(
        "on_trial",
        ("新しい認証情報を確認中です。", "有効になると自動で再開します。"),
        ("The new credential is being tried.", "The shop goes on by itself once it works."),
    ),
    **_reason(
        "mall_closed",
        ("モールがメンテナンス中です。", "終わりしだい自動で追いつきます。操作は要りません。"),
        ("The mall is closed for maintenance.", "The bot catches up afterwards. Nothing to do."),
    ),
    **_reason(
        "failing",
        (
            "モールとの通信に失敗しています：{detail}",
            "自動でやり直しています。`{command} check {shop}` で確かめられます。",
        ),
        ("The mall fails: {detail}", "It is tried again by itself; `{command} check {shop}` looks now."),
    ),
    **_reason(
        "unwritable",
        (
            "このモールには在庫を書き込みません（{why}）。",
            "在庫はほかの店舗から出すか、手で出品します。",
        ),
        ("Stock is never written to this mall ({why}).", "It sells another shop's stock, or by hand."),
    ),
    **_reason(
        "unlinked",
        (
            "対応表では {code} は {shop} で取扱なしです。在庫は届きません。",
            "取り扱うときは対応表に書き足します。今の場所は `{command} map {code}`。",
        ),
        (
            "By the mapping {code} is not sold on {shop}, so no stock gets there.",
            "To sell it there, add it to the mapping: `{command} map {code}` shows where.",
        ),
    ),
    **_reason(
        "uncounted",
        ("在庫がまだ登録されていません。", "棚卸を登録します：`tanaban stock count ファイル`"),
        ("The stock was never counted.", "Enter a count: `tanaban stock count FILE`."),
    ),
    **_reason(
        "no_list",
        ("{shop} の商品一覧をまだ取り込んでいません。", "`{command} import {shop}` で取り込みます。"),
        ("The product list of {shop} was never read.", "`{command} import {shop}` reads it."),
    ),
    **_reason(
        "unlisted",
        (
            "{shop} の商品一覧に、このコードがありません（{field}）。",
            "モールで商品とコードを確かめ、`{command} import {shop}` で取り込み直します。",
        ),
        (
            "The product list of {shop} does not have this code ({field}).",
            "Look at the listing and its code at the mall, then `{command} import {shop}`.",
        ),
    ),
    **_reason(
        "double",
        ("{shop} の{count}か所に同じコードがあります。", "モールで1か所だけにします。"),
        ("The same code stands at {count} places on {shop}.", "Leave it at one, on the mall's screen."),
    ),
    **_reason(
        "not_on_sale",
        ("連携していますが、公開されていません（販売されません）。", "モールで公開します。"),
        ("Linked, not on sale: the mall does not show it to buyers.", "Publish it at the mall."),
    ),
    **_reason(
        "held",
        (
            "変更が大きいため確認待ちです（計画 {hash}）。",
            "ops チャンネルの警告で決めるか、`tanaban guard` で承認・取り消しをします。",
        ),
        (
            "Held by the guard: a large change (plan {hash}).",
            "Decide at the alert in the ops channel, or with `tanaban guard`.",
        ),
    ),
    **_reason(
        "drift",
        (
            "モールの数が {found} に書き換えられ（こちらは {expected}）、どちらを使うかの返事待ちです。",
            "ops チャンネルの警告で決めるか、`tanaban drift {shop} {code} write`（take、leave）とします。",
        ),
        (
            "The mall shows {found} where ours is {expected}, and nobody has said which one stands.",
            "Decide at the alert in the ops channel, or `tanaban drift {shop} {code} write`, take or leave.",
        ),
    ),
    **_reason(
        "unwritten",
        ("まだ一度も書き込んでいません。", "`{command} sync {shop}` で見直します。"),
        ("Nothing was ever written there.", "`{command} sync {shop}` looks at every code again."),
    ),
    **_reason(
        "refused_line",
        (
            "モールが {n} の書き込みを拒否しました（{at}）：{error}",
            "モールの商品とコードを確かめます：`{command} map {code}`",
        ),
        ("The mall refused {n} ({at}): {error}", "Look at the listing and its code: `{command} map {code}`."),
    ),
    **_reason(
        "unknown",
        ("{n} の書き込み（{at}）の返事がありません。", "モールの数を読み直して自動で決めます。"),
        ("There was no answer to the writing of {n} ({at}).", "The mall's number is read back by itself."),
    ),
    **_reason(
        "on_its_way",
        ("{n} を送り（{at}）、モールの取り込みを待っています。", "取り込まれると自動で反映されます。"),
        ("{n} was sent ({at}); the mall has not taken it up yet.", "It goes on by itself."),
    ),
    **_reason(
        "at_risk",
        (
            "{blind} の注文が読めず、売り越しを防ぐためここでは 0 にしています。",
            "{blind} を直すと戻ります。売れていないと確かめたら `tanaban outages --clear {blind}`。",
        ),
        (
            "The orders of {blind} cannot be read; this shop shows none, so as not to oversell.",
            "It comes back with {blind}. If nothing was sold there: `tanaban outages --clear {blind}`.",
        ),
    ),
    **_reason(
        "waits_orders",
        ("数を増やす前に、{shop} の注文の取り込みを待っています。", "次の取り込みのあと自動で反映します。"),
        ("The orders of {shop} are read before its number rises.", "It goes out after the next reading."),
    ),
    **_reason(
        "waits_others",
        ("最後の数点なので、ほかの店舗が先に下がるのを待っています。", "下がると自動で反映します。"),
        ("The last pieces: other shops have to come down first.", "It goes out by itself."),
    ),
    **_reason(
        "rests",
        ("モールが決めた間隔を空けています（{until} まで）。", "時間が来ると自動で反映します。"),
        ("The mall wants a pause between two writes (until {until}).", "It goes out by itself."),
    ),
    **_reason(
        "queued",
        ("書き込みの順番を待っています。", "まもなく反映します。"),
        ("It is in the queue to be written.", "It goes out shortly."),
    ),
    **_reason(
        "fine",
        ("問題は見つかりません。{shop} の表示は {n} です。", "購入者に見えるまでの時間はモールによります。"),
        ("Nothing is wrong: {shop} shows {n}.", "How soon buyers see it is the mall's own."),
    ),
    **_reason(
        "fine_few",
        (
            "問題は見つかりません。最後の数点を店舗で分けていて、{shop} の表示は {n} です。",
            "分け方は対応表の last_units で変えられます。",
        ),
        (
            "Nothing is wrong: the last pieces are divided among the shops, and {shop} shows {n}.",
            "How they are divided is set by last_units in the mapping.",
        ),
    ),
}
