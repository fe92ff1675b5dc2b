"""What waits for a person's decision in an alert: the questions, their buttons, who decided."""

DECISIONS: dict[str, dict[str, str]] = {
    "decide.by": {"ja": "— {who}（{at}）", "en": "— {who} ({at})"},
    "decide.already": {
        "ja": "{who}さんが{at}にもう決めています。",
        "en": "{who} has already decided, at {at}.",
    },
    "decide.more": {
        "ja": "ほか{count}件は、上のものを決めると順に出ます（一覧は `tanaban drift`）。",
        "en": "{count} more come up as these are decided (`tanaban drift` lists them).",
    },
    # --- numbers at a mall that are not ours
    "decide.drift_asked": {
        "ja": "*{code}* ：モールは {found}、こちらは {ours}（{at} に読み取り）。どちらにしますか。",
        "en": "*{code}* : {found} at the mall, {ours} with us (read {at}). Which one stands?",
    },
    "decide.drift_repaired": {
        "ja": "*{code}* ：モールの {found} をこちらの {ours} に直しました（{at} に読み取り）。"
        "モールの数が正しければ選んでください。",
        "en": "*{code}* : {found} at the mall was put back to our {ours} (read {at}). "
        "If the mall was right, say so.",
    },
    "decide.drift_written": {"ja": "{code}：こちらの数を書きます", "en": "{code}: our number goes out"},
    "decide.drift_taken": {
        "ja": "{code}：モールの {found} を正しい在庫にしました",
        "en": "{code}: the mall's {found} became the stock",
    },
    "decide.drift_left": {
        "ja": "{code}：モールの {found} のままにします（{until}）",
        "en": "{code}: the mall's {found} is left ({until})",
    },
    "decide.write": {"ja": "{n} を書く", "en": "Write {n}"},
    "decide.write_ours": {"ja": "こちらの数を書く", "en": "Write our number"},
    "decide.take": {"ja": "{n} を正とする", "en": "Take {n}"},
    "decide.leave_1h": {"ja": "1時間そのままにする", "en": "Leave it for 1 hour"},
    "decide.leave_9am": {"ja": "明日9:00までそのままにする", "en": "Leave it until 9:00 tomorrow"},
    "decide.leave_open": {"ja": "再開するまでそのままにする", "en": "Leave it until it is resumed"},
    # --- plans that are held
    "decide.plan": {"ja": "*計画 {hash}* （{count}行）", "en": "*Plan {hash}* ({count} lines)"},
    "decide.approve": {"ja": "承認する", "en": "Approve"},
    "decide.drop": {"ja": "取り消す", "en": "Drop"},
    "decide.approve_text": {
        "ja": "{shop} に{count}行をこのとおり書き込みます。",
        "en": "{count} lines are written to {shop} as they stand.",
    },
    "decide.drop_text": {
        "ja": "{shop} への{count}行を取り消します。次に数が変わるまで書き込みません。",
        "en": "{count} lines for {shop} are dropped. They are not written before they change again.",
    },
    "decide.plan_approved": {
        "ja": "計画 {hash}（{count}行）は承認されました",
        "en": "Plan {hash} ({count} lines) was approved",
    },
    "decide.plan_dropped": {
        "ja": "計画 {hash}（{count}行）は取り消されました",
        "en": "Plan {hash} ({count} lines) was dropped",
    },
    "decide.own_title": {"ja": "自分の計画の承認", "en": "Your own plan"},
    "decide.own_plan": {
        "ja": "{shop} の計画（{count}行）を起こしたのはあなたです。"
        "数字をもう一度確かめ、下の番号を最後まで入力すると承認できます。",
        "en": "You caused this plan for {shop} ({count} lines). "
        "Look at the numbers again; to approve it, type this hash in full.",
    },
    "decide.own_hash": {"ja": "計画の番号", "en": "Hash of the plan"},
    # --- codes at risk
    "decide.risk": {
        "ja": "ほかの店舗で 0 と表示している商品：{count}件。モールの画面で在庫を確かめたら戻せます。",
        "en": "{count} codes are shown as 0 elsewhere. After a look at the mall's screen they can be sold.",
    },
    "decide.clear": {"ja": "確かめたので売る", "en": "Checked: sell them"},
    "decide.clear_text": {
        "ja": "{count}商品をほかの店舗でまた売れるようにします。",
        "en": "{count} codes are on sale at the other shops again.",
    },
}
