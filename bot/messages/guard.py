"""What people read of the guard, of product lists cut short, and of dry runs."""

from bot.messages.causes import cause

GUARD: dict[str, dict[str, str]] = {
    **cause(
        "guard",
        (
            "変更が大きすぎるため確認待ち",
            "{where}の在庫を一度に大きく変える計画（{of}件のうち{changed}件、"
            "0になるのは{zero}件）を止めています。",
            "注文の取り込みと、売れた分の反映は続いています。",
            "数字を確かめ、正しければ計画を起こした人とは別の人が下の「承認する」、誤りなら「取り消す」を"
            "押してください。行が多いときは全部をスレッドの CSV に置きます。"
            "（シェルでは `tanaban guard approve {hash}`・`drop {hash}`）",
        ),
        (
            "Held: a large change",
            "A plan that would change much of {where} at once is held: {changed} of {of} codes, {zero} to 0.",
            "Orders are taken in, and sales are still passed on.",
            "Look at the numbers. If they are right, a second person presses Approve below; if not, Drop. "
            "Where they are many, the thread has all lines as CSV. (In a shell: `tanaban guard approve "
            "{hash}` or `drop {hash}`.)",
        ),
    ),
    **cause(
        "shrunk",
        (
            "商品一覧が急に減りました",
            "{where}の商品一覧が前回の{before}件から{count}件に減ったため、取り込みませんでした。",
            "前回の商品一覧で連携を続けています。",
            "モールの画面で商品の数を確かめ、正しければ "
            "`tanaban import {shop} --accept` で取り込んでください。",
        ),
        (
            "Product list cut short",
            "{where} listed {count} products where there were {before}, so the list was not taken in.",
            "Sync goes on with the last list.",
            "Look at the mall how many there are. If it is right: `tanaban import {shop} --accept`.",
        ),
    ),
    # --- answers
    "guard_other_plan": {
        "ja": "その計画は今の確認待ちにありません（変わったか、もう決まっています）。"
        "今の計画を確かめてください。",
        "en": "No such plan is held now: it has changed, or was decided. Look at the present one.",
    },
    "guard_own_wait": {
        "ja": "この計画を起こした本人は {at} まで承認できません。別の人に承認してもらってください。",
        "en": "You caused this plan and cannot approve it before {at}. Ask a second person.",
    },
    "guard_own_full": {
        "ja": "この計画を起こした本人が承認するには、計画の番号を最後まで入力してください。",
        "en": "You caused this plan: to approve it yourself, type its hash in full.",
    },
    "guard.none": {"ja": "確認待ちの計画はありません。", "en": "Nothing is held."},
    "guard.head": {
        "ja": "{shop}　計画 {hash}　{asked} から確認待ち",
        "en": "{shop}  plan {hash}  held since {asked}",
    },
    "guard.full": {"ja": "  番号（全体）：{hash}", "en": "  in full: {hash}"},
    "guard.reason.changed": {
        "ja": "  {of}件のうち{changed}件が変わります（0になるのは{zero}件）",
        "en": "  {changed} of {of} codes would change ({zero} to 0)",
    },
    "guard.reason.zero": {
        "ja": "  {of}件のうち{zero}件が新しく0になります（変わるのは{changed}件）",
        "en": "  {zero} of {of} codes would become 0 ({changed} would change)",
    },
    "guard.reason.empty": {
        "ja": "  コード対応表にこの店舗の商品が1件もありません（{changed}件が0になります）",
        "en": "  the mapping links nothing of this shop any more ({changed} codes would become 0)",
    },
    "guard.caused_by": {"ja": "  起こした人：{who}", "en": "  caused by: {who}"},
    "guard.more": {
        "ja": "  … ほか{count}件（tanaban guard --csv FILE）",
        "en": "  … {count} more (--csv FILE)",
    },
    "guard.next": {
        "ja": "  承認：tanaban guard approve {hash}　取消：tanaban guard drop {hash}",
        "en": "  to approve: tanaban guard approve {hash}   to drop: tanaban guard drop {hash}",
    },
    "guard.approved": {
        "ja": "{shop}: {count}件を承認しました。今の計画のとおりに書き込みます。",
        "en": "{shop}: {count} lines approved. They are written as they stand.",
    },
    "guard.dropped": {
        "ja": "{shop}: {count}件を取り消しました。次に数が変わるまで書き込みません。",
        "en": "{shop}: {count} lines dropped. They are not written before they change again.",
    },
    "guard.wrote": {"ja": "{count}行を {file} に書きました。", "en": "{count} lines written to {file}"},
    "import_shrunk": {
        "ja": "{shop}: 前回の{before}件に対し{count}件しかないため、取り込みませんでした。"
        "正しければ --accept を付けてください。",
        "en": "{shop}: {count} products where there were {before}: not taken in. "
        "If that is right, give --accept.",
    },
    # --- dry runs
    "dry_run": {
        "ja": "試しただけで、何も変更していません。",
        "en": "A dry run: nothing was changed.",
    },
    "dry.line": {
        "ja": "{code}（{mall_code}）: {before} → {after}　{why}",
        "en": "{code} ({mall_code}): {before} -> {after}  {why}",
    },
    "dry.waits": {"ja": "　保留：{waits}", "en": "  waits: {waits}"},
    "dry.waiting": {"ja": "{code}: {waits}", "en": "{code}: {waits}"},
    "dry.count": {
        "ja": "{shop}: すぐ書くのは{now}件、あとで書くのは{later}件、確認待ち{held}件",
        "en": "{shop}: {now} to write now, {later} later, {held} held",
    },
    "dry.stopped": {"ja": "{shop} には今書き込みません：{state}", "en": "{shop} is not written now: {state}"},
    "dry.waits.orders": {
        "ja": "この店舗の注文を先に取り込みます",
        "en": "this shop's orders are taken in first",
    },
    "dry.waits.others": {"ja": "ほかの店舗が先に下がります", "en": "other shops come down first"},
    "dry.waits.drift": {
        "ja": "モールで直された数との確認待ち（tanaban drift）",
        "en": "edited at the mall: see tanaban drift",
    },
    "dry.waits.guard": {"ja": "大きな変更の確認待ち", "en": "held by the guard"},
    "dry.waits.paused": {"ja": "一時停止中", "en": "paused"},
    "dry.waits.unlinked": {"ja": "この店舗では取扱なし", "en": "not linked there"},
    "dry.waits.uncounted": {"ja": "在庫が未登録", "en": "never counted"},
    "dry.waits.unlisted": {
        "ja": "商品一覧にない（または2つ以上ある）",
        "en": "not in the product list, or twice",
    },
    "why.sale": {"ja": "販売", "en": "sale"},
    "why.balance": {"ja": "最後の数点の配分", "en": "last units"},
    "why.repair": {"ja": "確かめ直し", "en": "repair"},
    "why.stock": {"ja": "在庫の変更", "en": "stock"},
    "why.unlink": {"ja": "対応表から外れた", "en": "left the mapping"},
    "why.mapping": {"ja": "対応表の変更", "en": "mapping"},
    "why.resume": {"ja": "再開", "en": "resume"},
}
