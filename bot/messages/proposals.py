"""Proposals for the mapping: the text of a pull request, what is refused, what the shell says."""

from __future__ import annotations

PROPOSALS: dict[str, dict[str, str]] = {
    "proposal.title.import": {
        "ja": "{shop} の商品一覧から {count} 件を取り込む",
        "en": "Take in {count} codes that {shop} lists",
    },
    "proposal.title.copy": {
        "ja": "{source} の商品を {shop} に紐付ける（{count} 件）",
        "en": "Link what {source} lists on {shop} ({count} codes)",
    },
    "proposal.title.set": {"ja": "{code} を変更する（{count} 件）", "en": "Change {code} ({count} changes)"},
    "proposal.by": {
        "ja": "{who} さんの提案です。マージするまで何も変わりません。",
        "en": "Proposed by {who}. Nothing changes until this is merged.",
    },
    "proposal.read_at": {
        "ja": "商品一覧は {at} に読んだものです。",
        "en": "The product list was read {at}.",
    },
    "proposal.kept": {
        "ja": "すでに正しく紐付いているコード: {count} 件",
        "en": "Codes that are linked right already: {count}",
    },
    "proposal.unlisted": {
        "ja": "次の店舗は商品一覧をまだ読んでいないので、新しい商品は取扱なしにしました: {shops}",
        "en": "The lists of these shops were never read, so the new products are not linked there: {shops}",
    },
    "proposal.changes": {"ja": "変更（{count} 件）", "en": "Changes ({count})"},
    "proposal.head": {
        "ja": "| コード | 店舗・項目 | いま | 提案 |",
        "en": "| code | shop or field | now | proposed |",
    },
    "proposal.not_linked": {"ja": "取扱なし", "en": "not linked"},
    "proposal.more": {"ja": "… ほか {count} 件", "en": "… and {count} more"},
    "proposal.axis": {
        "ja": "選択肢の名前がモールから分からない商品は「{axis}」としました。"
        "正しい名前（色、サイズなど）に直せます。",
        "en": "Where the mall does not name a choice it is called “{axis}”; give it its own name "
        "(colour, size) if you like.",
    },
    "proposal.undecided": {
        "ja": "決められないもの（{count} 件）。コードを推測して作ることはしません。人が決めてください",
        "en": "Cannot be decided ({count}). Codes are never made up: a person decides",
    },
    "proposal.absent.import": {
        "ja": "紐付いているのに {shop} の商品一覧にないコード（{count} 件）。変更していません",
        "en": "Linked, but not in the product list of {shop} ({count}). Left as they are",
    },
    "proposal.absent.copy": {
        "ja": "{shop} の商品一覧にないコード（{count} 件）",
        "en": "Not in the product list of {shop} ({count})",
    },
    "proposal.why.no_code": {
        "ja": "モールでコードが設定されていません {other}",
        "en": "the mall has no code set for it {other}",
    },
    "proposal.why.twice": {
        "ja": "同じコードの商品が2つ以上あります",
        "en": "more than one listing has this code",
    },
    "proposal.why.form": {
        "ja": "コードに使えるのは半角英数字と「-」だけです。似たコード: {other}",
        "en": "a code may hold half-width letters, digits and “-” only; looks like: {other}",
    },
    "proposal.why.called": {
        "ja": "対応表では、このコードのこの店舗での番号は別です: {other}",
        "en": "the mapping says that this shop calls this code otherwise: {other}",
    },
    "proposal.why.unlinked": {
        "ja": "対応表では、この店舗では取扱なしです {other}",
        "en": "the mapping says that this shop does not list it {other}",
    },
    "proposal.why.alike": {
        "ja": "大文字小文字や似た文字だけが違います: {other}",
        "en": "differs by case or look-alike letters only from {other}",
    },
    "proposal.why.parent": {
        "ja": "親コードがもう対応表にあります。選択肢に加えるかを決めてください: {other}",
        "en": "its parent is in the mapping; decide whether it becomes one of its choices: {other}",
    },
    "proposal.nothing": {
        "ja": "変更するものはありません。",
        "en": "There is nothing to change.",
    },
    "proposal.opened": {
        "ja": "プルリクエストを出しました（{count} 件）: {url}",
        "en": "Pull request opened ({count} changes): {url}",
    },
    "proposal.there": {
        "ja": "同じ提案がもうあります: {url}",
        "en": "The same proposal is there already: {url}",
    },
    "proposal.branch": {
        "ja": "ブランチ {branch} に置きました（{count} 件）。"
        "プルリクエストの設定（[forge]）がないので、画面で作ってください。",
        "en": "Pushed as branch {branch} ({count} changes). No forge is set ([forge]), "
        "so open the pull request on its page.",
    },
    "proposal.branch_there": {
        "ja": "同じ提案のブランチがもうあります: {branch}",
        "en": "The branch of the same proposal is there already: {branch}",
    },
    "proposal_no_shop": {
        "ja": "店舗「{shop}」はありません。あるもの: {known}",
        "en": "There is no shop “{shop}”. Known: {known}",
    },
    "proposal_no_list": {
        "ja": "{shop} の商品一覧をまだ読んでいません。先に `tanaban import {shop}` を実行してください。",
        "en": "The product list of {shop} was never read. Run `tanaban import {shop}` first.",
    },
    "proposal_same_shop": {
        "ja": "{shop} から同じ店舗へは紐付けられません。",
        "en": "From {shop} to itself there is nothing to copy.",
    },
    "proposal_set_nothing": {
        "ja": "何を変えるかを指定してください（店舗と番号、取扱なし、名前、予備在庫、残りわずか）。",
        "en": "Say what to change: a shop with its code or --unlink, the name, safety stock, last units.",
    },
    "proposal_set_one": {
        "ja": "店舗での番号か「取扱なし」のどちらか一つを指定してください。",
        "en": "Give either the shop's own code or --unlink.",
    },
    "proposal_set_parent": {
        "ja": "{code} には選択肢があります。番号は選択肢ごとのコードで指定してください。",
        "en": "{code} has choices. Name one of its codes to give it a shop's code.",
    },
    "proposal_taken": {
        "ja": "{shop} の {mall_code} は {code} に紐付いています。",
        "en": "On {shop}, {mall_code} belongs to {code}.",
    },
    "proposal_needs_reason": {
        "ja": "「{mall_code}」は半角英数字と「-」だけではありません。理由（--reason）を添えてください。",
        "en": "“{mall_code}” is not made of half-width letters, digits and “-” only. Give the --reason.",
    },
    "proposal_head_bad": {
        "ja": "対応表のいまの状態（{commit}）に誤りがあるので、先に直してください: {problem}",
        "en": "The mapping as it stands ({commit}) has errors; put it right first: {problem}",
    },
    "proposal_broken": {
        "ja": "この変更をすると対応表に誤りが出るので、提案しませんでした: {problem}",
        "en": "Not proposed, as the mapping would have an error: {problem}",
    },
    "proposal_edit": {
        "ja": "{file} の {line} 行目は書き方が複雑で、安全に書き換えられません。手で直してください: {why}",
        "en": "{file}, line {line} cannot be edited safely; edit it by hand: {why}",
    },
}
