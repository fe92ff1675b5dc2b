"""Pull requests of the mapping: the bot's comment, its status, and what is said at a merge."""

from __future__ import annotations

from bot.messages.causes import cause

REVIEW: dict[str, dict[str, str]] = {
    "review.good": {
        "ja": "✅ マージできます（注意 {warnings} 件）",
        "en": "✅ Good to merge ({warnings} warnings)",
    },
    "review.bad": {
        "ja": "❌ まだマージしないでください（エラー {errors} 件、注意 {warnings} 件）",
        "en": "❌ Not to be merged yet ({errors} errors, {warnings} warnings)",
    },
    "review.checked": {
        "ja": "{head} を {branch}（{base}）と合わせた結果を調べました。",
        "en": "Checked: {head} merged with {branch} ({base}).",
    },
    "review.conflict": {
        "ja": "⚠️ {branch}（{base}）と衝突しているため、{head} だけを調べました。先に衝突を解消してください。",
        "en": "⚠️ In conflict with {branch} ({base}), so {head} was checked by itself. Solve that first.",
    },
    "review.problems": {"ja": "問題（{count} 件）", "en": "Problems ({count})"},
    "review.lists": {"ja": "モールの出品", "en": "Listings on the malls"},
    "review.lists_head": {
        "ja": "| 店舗 | 見つかった | ない | 対応表にない出品 | 商品一覧 |",
        "en": "| shop | found | missing | not in the mapping | product list |",
    },
    "review.no_list": {
        "ja": "まだ読んでいません（`tanaban import {shop}`）",
        "en": "no list yet (`tanaban import {shop}`)",
    },
    "review.read_at": {"ja": "{at}（{days} 日前）", "en": "{at} ({days} days old)"},
    "review.read_today": {"ja": "{at}", "en": "{at}"},
    "review.missing": {
        "ja": "{shop} にないコード: {codes}",
        "en": "Missing on {shop}: {codes}",
    },
    "review.read_anew": {
        "ja": "いまモールに登録したばかりなら、`tanaban import {shop}` で一覧を読み直してください。",
        "en": "If they were put there just now, read the list anew with `tanaban import {shop}`.",
    },
    "review.left": {
        "ja": "対応表から外れる出品（{count} 件）",
        "en": "Listings that leave the mapping ({count})",
    },
    "review.left_zero": {
        "ja": "{shop} の {listing}（{code}）: 0 にします。",
        "en": "{listing} on {shop} ({code}): set to 0.",
    },
    "review.left_stays": {
        "ja": "{shop} の {listing}（{code}）: いまの数のまま残ります。",
        "en": "{listing} on {shop} ({code}): stays as it is.",
    },
    "review.moved_zero": {
        "ja": "{shop} の {listing}（{code}、これからは {after}）: 0 にします。",
        "en": "{listing} on {shop} ({code}, from now on {after}): set to 0.",
    },
    "review.moved_stays": {
        "ja": "{shop} の {listing}（{code}、これからは {after}）: いまの数のまま残ります。",
        "en": "{listing} on {shop} ({code}, from now on {after}): stays as it is.",
    },
    "review.numbers": {
        "ja": "マージすると変わる数（{count} 件）",
        "en": "Numbers that the merge would change ({count})",
    },
    "review.numbers_head": {
        "ja": "| 店舗 | コード | 出品 | いま | マージ後 | 理由 |",
        "en": "| shop | code | listing | shows | should then | why |",
    },
    "review.no_numbers": {
        "ja": "マージしても、モールに出ている数は変わりません。",
        "en": "The merge changes no number on any mall.",
    },
    "review.not_foreseen": {
        "ja": "エラーを直すと、変わる数をここに出します。",
        "en": "Once the errors are gone, the numbers that would change stand here.",
    },
    "review.why.new": {"ja": "新しい紐付け", "en": "newly linked"},
    "review.why.moved": {"ja": "出品が変わる", "en": "another listing"},
    "review.why.unlinked": {"ja": "紐付けがなくなる", "en": "no longer linked"},
    "review.why.changed": {"ja": "設定の変更", "en": "other settings"},
    "review.uncounted": {
        "ja": "在庫をまだ数えていないので数を送らない紐付け: {count} 件",
        "en": "Links whose stock was never counted, so no number goes out: {count}",
    },
    "review.held": {
        "ja": "商品一覧に見つかるまで数を送らない紐付け: {count} 件",
        "en": "Links that get no number until the product list has them: {count}",
    },
    "review.still": {
        "ja": "いま数を送っていない店舗（停止・オフなど。再開すると送ります）: {shops}",
        "en": "No number goes out now, only after they resume (paused, off, ...): {shops}",
    },
    "review.more": {"ja": "… ほか {count} 件", "en": "… and {count} more"},
    "review.foot": {
        "ja": "{at} 現在の在庫で計算。プッシュすると、このコメントを書き換えます。",
        "en": "Computed from the stock of {at}. This comment is edited on each push.",
    },
    "review.status.pending": {"ja": "調べています", "en": "checking"},
    "review.status.success": {"ja": "エラーなし、注意 {warnings} 件", "en": "no errors, {warnings} warnings"},
    "review.status.failure": {
        "ja": "エラー {errors} 件、注意 {warnings} 件",
        "en": "{errors} errors, {warnings} warnings",
    },
    "review.status.error": {
        "ja": "調べられませんでした: {detail}",
        "en": "could not be checked: {detail}",
    },
    "mapping_merged": {
        "ja": "🔀 {author} さんの変更で対応表が新しくなりました（{commit}）{request}：コードの追加 {added}、"
        "削除 {removed}、出品の変更 {listings}、設定の変更 {settings}。操作は要りません。",
        "en": "🔀 The mapping was changed by {author} ({commit}){request}: {added} codes added, "
        "{removed} removed, {listings} listings changed, {settings} settings changed. Nothing to do.",
    },
    "mapping_left_zero": {
        "ja": "🔀 対応表から外れた出品 {count} 件は 0 になります（多い時は、確認の後で）。"
        "売り続けるなら、対応表に戻してください：{lines}",
        "en": "🔀 {count} listings have left the mapping and go to 0 (if many, after a question). "
        "Put them back into it if they are to sell: {lines}",
    },
    "mapping_left_stays": {
        "ja": "🔀 対応表から外れた出品 {count} 件は、いまの数のまま残ります。"
        "売らないなら、モールの画面で止めてください：{lines}",
        "en": "🔀 {count} listings have left the mapping and stay as they are. "
        "Stop them on the mall's own screen if they are not to sell: {lines}",
    },
    **cause(
        "forge",
        (
            "プルリクエストを確認できません",
            "対応表のプルリクエストを調べられません。",
            "対応表の取り込みと在庫連携は続いています。",
            "フォージ（GitHub など）の状態と、トークンの権限を確かめてください。",
        ),
        (
            "Pull requests out of reach",
            "The pull requests of the mapping cannot be checked.",
            "The mapping is followed and stock is kept in step as usual.",
            "Check whether the forge works and what its token may do.",
        ),
    ),
}
