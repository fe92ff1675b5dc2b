"""Numbers at a mall that are not ours: the alert, what is listed, what an answer did; a look at a shop."""

from __future__ import annotations

DRIFT: dict[str, dict[str, str]] = {
    "cause.drift.title": {
        "ja": "モールの在庫数が書き換えられています",
        "en": "Numbers were changed at the mall",
    },
    "cause.drift.what": {
        "ja": "{where}の{count}商品の在庫数が、こちらが書いた数でも注文による数でもありません。"
        "こちらの数のほうが少ないものは直しました。多いものは答えを待っています。",
        "en": "The numbers of {count} codes at {where} are neither ours nor what orders made of them. "
        "Where ours is lower it was put back; where it is higher it waits for an answer.",
    },
    "cause.drift.works": {
        "ja": "ほかの商品の連携は続いています。答えを待つ商品も、売れたら数を下げます。",
        "en": "All other goods are kept in step, and these are still lowered when they sell.",
    },
    "cause.drift.next": {
        "ja": "商品ごとに下のボタンで選んでください：こちらの数を書く、モールの数を正しい在庫とする、"
        "そのままにする。（シェルでは `tanaban drift {shop} コード write`・`take`・`leave`）",
        "en": "Choose for each with the buttons below: our number is written, the mall's becomes the stock, "
        "or it is left. (In a shell: `tanaban drift {shop} CODE write`, `take` or `leave`.)",
    },
    "cause.drift_stopped.title": {
        "ja": "別のシステムが在庫を書いています",
        "en": "Another system writes here",
    },
    "cause.drift_stopped.what": {
        "ja": "{where}で同じ商品の在庫数が24時間に3回書き換えられました。"
        "別のシステムが書いているとみて、この店舗へのこの商品の反映を止めました。",
        "en": "Numbers of the same listing at {where} were changed three times in 24 hours. "
        "Another system seems to write there, so nothing of ours is written to that listing any more.",
    },
    "cause.drift_stopped.works": {
        "ja": "ほかの店舗とほかの商品の連携は続いています。",
        "en": "The other shops and all other goods are kept in step.",
    },
    "cause.drift_stopped.next": {
        "ja": "書いているシステムを止めてから、`tanaban resume {shop}/コード` で再開してください。",
        "en": "Stop that system, then resume with `tanaban resume {shop}/CODE`.",
    },
    "drift.none": {"ja": "書き換えられた在庫数はありません。", "en": "No number was changed at a mall."},
    "drift.line": {
        "ja": "{at}  {shop}  {code}  モール {found}、本来 {expected}  {state}",
        "en": "{at}  {shop}  {code}  found {found}, expected {expected}  {state}",
    },
    "drift.state.repaired": {"ja": "こちらの数に直しました", "en": "put back to ours"},
    "drift.state.asked": {"ja": "答えを待っています（write / take / leave）", "en": "write / take / leave?"},
    "drift.state.written": {"ja": "こちらの数を書きました（{who}）", "en": "written ({who})"},
    "drift.state.taken": {"ja": "モールの数を在庫にしました（{who}）", "en": "taken as stock ({who})"},
    "drift.state.left": {"ja": "そのままです（{who}、{until}）", "en": "left ({who}, {until})"},
    "drift.state.stopped": {"ja": "3回目なので止めました", "en": "the third time: stopped"},
    "drift.state.overtaken": {"ja": "済み", "en": "over"},
    "drift.write": {
        "ja": "{shop} の {code} にこちらの数を書きます（モールの数は {found}）。操作は要りません。",
        "en": "Our number goes out to {shop}, {code} (the mall had {found}). Nothing to do.",
    },
    "drift.take": {
        "ja": "{shop} にあった {found} を正しい数とします。{code} の実在庫 {before} → {after}",
        "en": "The {found} found at {shop} is right: {code} on hand {before} -> {after}",
    },
    "drift.leave": {
        "ja": "{shop} の {code} はモールの {found} のままにします（{until}）。",
        "en": "{shop}, {code}: the {found} found there is left ({until}).",
    },
    "drift_none": {
        "ja": "{shop} の {code} に書き換えの記録はありません。",
        "en": "No change at the mall is known of {code} on {shop}.",
    },
    "drift_answered": {
        "ja": "{shop} の {code} には {who} がもう答えています。",
        "en": "{who} has already answered about {code} on {shop}.",
    },
    "drift_take_set": {
        "ja": "「{code}」はセット商品なので在庫にできません。構成する商品の数を調整してください。",
        "en": "“{code}” is a set and has no stock of its own. Adjust the numbers of its parts.",
    },
    "drift_take_cap": {
        "ja": "{code} の {found} はこの店舗の上限 {cap} より多いので在庫にできません。",
        "en": "{found} of {code} is more than this shop's cap of {cap}; it cannot be taken.",
    },
    "drift_words": {
        "ja": "店舗、コード、答え（write / take / leave）を続けて入力してください。",
        "en": "Give the shop, the code and the answer: write, take or leave.",
    },
    "drift_until": {"ja": "--until は leave だけで使えます。", "en": "Only leave takes --until."},
    "resync.look": {
        "ja": "{shop}: {count} 件を比べます。違うものだけ書きます。",
        "en": "{shop}: {count} codes are compared; only differences are written.",
    },
    "resync.read": {
        "ja": "{shop}: {count} 件をモールから読み直します。違うものだけ書きます。",
        "en": "{shop}: {count} codes are read back from the mall; only differences are written.",
    },
    "resync.write": {
        "ja": "{shop}: モールの数は読めないので、{count} 件すべてを書き直します。",
        "en": "{shop}: its numbers cannot be read, so all {count} are written anew.",
    },
    "resync.left": {"ja": "残り {left} 件", "en": "{left} to go"},
    "resync.done": {"ja": "終わりました。", "en": "Done."},
    "resync.stuck": {
        "ja": "2分間進んでいません。ボットが動いているか（tanaban run）、"
        "答えを待つものがないか（tanaban drift、tanaban guard）を確かめてください。",
        "en": "Nothing moved for two minutes. Is the bot running (tanaban run)? "
        "Does anything wait for an answer (tanaban drift, tanaban guard)?",
    },
}
