"""The set-up check-lists. What is done at a mall stands in ``adapters/<mall>/setup.py``."""

SETUP: dict[str, dict[str, str]] = {
    "help.setup": {
        "ja": "店舗の初期設定のチェックリストを開きます",
        "en": "open the check-list of a shop's set-up",
    },
    "form.setup": {"ja": "setup 店舗", "en": "setup SHOP"},
    "setup.title": {"ja": "初期設定のチェックリスト", "en": "Set-up check-list"},
    "setup.submit": {"ja": "保存する", "en": "Save"},
    "setup.head": {
        "ja": "{mall}（{shop}）：{done} / {count} 済み",
        "en": "{mall} ({shop}): {done} of {count} done",
    },
    "setup.secret": {
        "ja": "🔒 パスワードやキーはここに書かず、`{command} renew {shop}` の画面から登録してください。",
        "en": "🔒 No password and no key is written here: register them with `{command} renew {shop}`.",
    },
    "setup.ticked": {"ja": "✓ {who}、{at}", "en": "✓ {who}, {at}"},
    "setup.group": {"ja": "済んだもの", "en": "Done"},
    "setup.saved": {
        "ja": "📋 {who} が {shop} の初期設定を更新しました：{done} / {count} 済み"
        "（続き：`{command} setup {shop}`）",
        "en": "📋 {who} updated the set-up of {shop}: {done} of {count} done "
        "(go on: `{command} setup {shop}`)",
    },
    "setup_no_such_step": {
        "ja": "「{text}」という手順はありません（1 から {count}）。",
        "en": "There is no step “{text}” (1 to {count}).",
    },
    "setup.own": {"ja": "ボットで連携を始める", "en": "Begin with the bot"},
    "setup.own_renew": {"ja": "認証情報を登録する", "en": "Register the credentials"},
    "setup.own_check": {"ja": "接続を確かめる", "en": "Check the connection"},
    "setup.own_import": {"ja": "商品一覧を取り込む", "en": "Import the product list"},
    "setup.own_ready": {"ja": "準備ができたか見る", "en": "See whether it is ready"},
    "setup.own_on": {"ja": "自動連携を始める", "en": "Switch sync on"},
}
